"""How a figure came about: a page of plain words for one unit and year, for one force or for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

from bch_apportion.answers import headings, table
from bch_apportion.groups import groups, sums
from bch_apportion.ledger import Ledger
from bch_apportion.model import ForceCode, RobustnessTest
from bch_apportion.money import Exact, Pence, Quota, decimal_text, percent, plain, pounds_words, quotas
from bch_apportion.principles import robust_demand
from bch_apportion.principles.nre_default import nre_shares
from bch_apportion.questions.explanation import rows
from bch_apportion.questions.explanation.rows import Explain
from bch_apportion.questions.explanation.rule import explain, first_sentence
from bch_apportion.questions.first_page import by_force, summed
from bch_apportion.questions.split.page import LINE
from bch_apportion.questions.split.rows import IfPooled, Parameter, Shadow
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import Terms
from bch_apportion.words import BASIS_WORDS, COMPONENT_WORDS, standing
from bch_apportion.writing.report import Page, Report, columns, plain_table

Blocks: TypeAlias = Iterator[str | Report | tuple[str]]


def page(answer: Explain, result: UnitYear) -> Page:
    """The page for a unit and year: the answer of `explain` in words, with the terms of its `result`."""
    parts = _parts(answer, result).items()
    told = chain.from_iterable(chain([(PARTS[name],)], blocks) for name, blocks in parts)
    return Page(title=_title(answer, result), blocks=(_lines_table(answer), *told), group=result.unit.code)


def _title(answer: Explain, result: UnitYear) -> str:
    unit = result.unit
    name = f" ({unit.name})" if unit.name and unit.name != unit.code else ""
    who = "all forces pay" if answer.force is None else f"{answer.force} pays"
    return f"{unit.code}{name} {answer.year}: {who} {pounds_words(answer.amount)}"


def first_page(answer: Explain, result: UnitYear) -> Page:
    """What each force pays of each component, each with its rule, and why the unit stands on its basis."""
    paid = groups((line.component, (line.force, line.amount)) for line in answer.lines)
    rows = [summed(COMPONENT_WORDS[component], sums(amounts)) for component, amounts in paid.items()]
    forces = answer.members if answer.force is None else [answer.force]
    total = summed("in all", dict.fromkeys(forces, 0) | sums((line.force, line.amount) for line in answer.lines))
    rules = {COMPONENT_WORDS[line.component]: line.rule for line in answer.lines}
    return Page(
        title=_title(answer, result),
        blocks=(
            replace(by_force("Components", [*rows, total], forces), units="£"),
            _why(answer, result),
            Report("Rules", "", columns("component", ("rule", "wide")), tuple(rules.items()), headed=False),
        ),
    )


def _why(answer: Explain, result: UnitYear) -> str:
    """Why it stands on its basis; where nothing of it is pooled, that it is held."""
    words, reason = BASIS_WORDS[answer.basis.basis], answer.basis.reason
    if standing(result) == "held":
        return f"Held: each force bears the lines it holds. Pooled it would stand on {words}: {reason}."
    return f"Why on {words}: {reason}."


def tables(answer: Explain, result: UnitYear) -> dict[str, Callable[[], Sequence[Report | Page]]]:
    """How each component came about, and the lines and parameters, by the names that `--show` knows."""
    parts = _parts(answer, result)

    def section(name: str) -> list[Page]:
        return [Page(PARTS[name], tuple(parts[name]))] if name in parts else []

    return {"lines": lambda: [_lines_table(answer)], **{name: partial(section, name) for name in PARTS}}


def pages(ledger: Ledger) -> list[Page]:
    """A page for every unit and year shown, for all forces."""
    return [page(explain(ledger, result), result) for result in ledger.results]


PARTS = {component.replace("_", "-"): words.capitalize() for component, words in COMPONENT_WORDS.items()}
PARTS["parameters"] = "The parameters in force"


def _parts(answer: Explain, result: UnitYear) -> dict[str, Blocks]:
    """What there is to say of each component, and of the parameters."""
    makers = {
        "pooled": _pooled,
        "held": _held,
        "direct": _direct,
        "implementation": _implementation,
        "no_loser": _no_loser,
    }
    lines = groups((line.component, line) for line in answer.lines)
    parts: dict[str, Blocks] = {
        component.replace("_", "-"): chain(_rule(own[0]), makers[component](answer, result))
        for component, own in lines.items()
    }
    return {**parts, "parameters": _parameters(answer)}


def _parameters(answer: Explain) -> Blocks:
    shown = table(answer.basis.parameters, Parameter, ("parameter", "value", "origin"))
    title = "Each parameter, and where it comes from"
    yield plain_table("Parameters", title, shown, kinds={"origin": "wide"}, units="")


def _lines_table(answer: Explain) -> Report:
    names = {name: LINE[name] for name in ("force", "component", "basis", "share", "amount", "reference")}
    lines = table(answer.lines, rows.ExplainedLine, names)
    report = plain_table("Lines", "Its lines", lines, kinds={"reference": "wide"})
    return _with_total(report, {"amount": answer.amount})


def _with_total(report: Report, total: Mapping[str, Any]) -> Report:
    """A report with a last row that holds the sums of some of its columns."""
    _, *names = (column.name for column in report.columns)
    return replace(report, rows=(*report.rows, ("Total", *map(total.get, names))), totals=1)


def _rule(line: rows.ExplainedLine) -> Blocks:
    yield line.rule
    if line.principle is not None:
        yield f"Principle {line.principle}: “{line.principle_text}”  Reference: {line.reference}."


def _budget(lines: Sequence[rows.BudgetLine], title: str) -> Report:
    """Budget lines with their total; a column that none of them fills is left out."""
    names = headings("line | subjective | type | held by: held_by | direct to: direct_to")
    filled = {heading: name for heading, name in names.items() if any(getattr(line, name) for line in lines)}
    shown = table(lines, rows.BudgetLine, {"cell": "cell", **filled, "amount": "amount"})
    return _with_total(plain_table("Budget", title, shown), {"amount": sum(line.amount for line in lines)})


# The pooled cost


def _pooled(answer: Explain, result: UnitYear) -> Blocks:
    pooled, revenue = answer.pooled, [row for row in answer.budget if row.part == "revenue"]
    yield f"Why on {BASIS_WORDS[answer.basis.basis]}: {answer.basis.reason}."
    if revenue:
        yield _budget(revenue, "The revenue lines behind the pooled cost")
    if pooled.fraction < 1 and any(row.held_by for row in revenue):
        yield (
            f"The budget is pooled for {_days(answer)} of the year, so {pounds_words(sum(pooled.held.values()))} of "
            "the lines with a holder stays with the holders."
        )
    yield f"The pooled cost is {pounds_words(pooled.amount)}."
    if answer.nre is not None:
        yield _nre(answer.nre)
    if answer.agreed is not None:
        shares, cells = answer.agreed.shares, answer.agreed.cells
        agreed = tuple((force, shares[force], cells.get(force)) for force in answer.members)
        title = f"Agreed shares from {answer.agreed.from_year}"
        yield Report("Agreed shares", title, columns("force", ("share", "share"), "cell"), agreed)
    if answer.drivers:
        yield from _demand(answer, result)
    yield from _tests(answer.basis.tests)
    yield from _decimals(result)
    yield _rounding(pooled.amount, answer.shares.applied, "pooled cost")
    shadow = answer.basis.shadow
    if shadow and [row.share for row in shadow] != list(answer.shares.applied.values()):
        names = headings("force | demand share: share | amount")
        yield plain_table("Shadow split", "The demand split would have been", table(shadow, Shadow, names))
    if answer.basis.if_pooled:
        names = headings("force | if pooled: amount")
        title = "More (+) or less (−) if all that is held were pooled"
        yield plain_table("If pooled", title, table(answer.basis.if_pooled, IfPooled, names))


def _days(answer: Explain) -> str:
    days = answer.year.days()
    return f"{days * answer.pooled.fraction} of {days} days"


def _nre(nre: Sequence[rows.NreEvidence]) -> Report:
    amounts = [row.nre for row in nre]
    heads = columns("force", "year", ("NRE", "money"), ("share", "share"), "cell", ("source", "wide"))
    shown = tuple(
        (row.force, str(row.year), row.nre, share, row.cell, row.source)
        for row, share in zip(nre, nre_shares(amounts), strict=True)
    )
    report = Report("NRE", f"Net revenue expenditure of {nre[0].wanted}", heads, shown, units="£")
    return _with_total(report, {"NRE": sum(amounts), "share": Fraction(1)})


def _tests(tests: Sequence[RobustnessTest]) -> Blocks:
    if tests:
        yield first_sentence(robust_demand)
        shown = table(tests, RobustnessTest, headings("driver | test | outcome | figures: detail"))
        yield plain_table("Tests", "Robustness of the demand data", shown, kinds={"figures": "wide"}, units="")


def _decimals(result: UnitYear) -> Blocks:
    terms, decision = result.terms, result.decision
    if terms.share_decimals is not None and decision.basis != "agreed" and decision.stays is None:
        decimals = "whole percents" if not terms.share_decimals else f"{terms.share_decimals} decimals of a percent"
        yield f"The shares are brought to {decimals}, summing to 100, before the cost is split."


def _rounding(total: Pence, shares: Mapping[ForceCode, Exact], what: str) -> Report:
    """The exact quota of each member, its floor, and who got the odd penny."""
    parts = quotas(total, list(shares.values()))
    odd = sum(quota.odd for quota in parts)
    pennies = "no penny is" if not odd else "one penny is" if odd == 1 else f"{odd} pennies are"
    title = f"The rounding of the {what}: {pounds_words(total)} by share, the pennies left to the largest remainders"
    heads = columns("force", "exact share", ("exact quota", "number"), ("floor", "money"), "remainder, pence")
    heads += columns("odd penny", ("amount", "money"))
    sign = -1 if total < 0 else 1
    shown = tuple(_rounded(*member, quota, sign) for member, quota in zip(shares.items(), parts, strict=True))
    return Report("Rounding", title, heads, shown, notes=(f"After the floors {pennies} left over.",), units="£")


def _rounded(force: ForceCode, share: Exact, quota: Quota, sign: int) -> tuple[Any, ...]:
    rest, short = Fraction(quota.remainder, quota.divisor), quota.divisor < 10**12
    return (
        force,
        str(share) if len(str(share)) <= 24 else f"≈{percent(share, 6)}",
        ("-" if sign < 0 else "") + decimal_text((quota.floor + rest) / 100, 6),
        sign * quota.floor,
        f"{quota.remainder}/{quota.divisor}" if short else decimal_text(rest, 12),
        "odd penny" if quota.odd else "",
        sign * (quota.floor + quota.odd),
    )


# Demand


def _demand(answer: Explain, result: UnitYear) -> Blocks:
    terms, length = result.terms, result.decision.window.length
    side = "before" if terms.lag_months >= 0 else "after"
    true_up = "" if terms.lag_months >= 0 else " (a true-up on the year's own data)"
    yield (
        f"The demand window is {answer.window.first_day} to {answer.window.last_day}: {terms.window_months} months, "
        f"ending {abs(terms.lag_months)} months {side} 1 April {answer.year.start}{true_up}."
    )
    weights = sum(driver.weight for driver in answer.drivers)
    for driver in answer.drivers:
        weight = f", weight {plain(driver.weight)} of {plain(weights)}" if len(answer.drivers) > 1 else ""
        left = f"left out: {driver.months_left_out}" if driver.months_left_out else "none is left out"
        yield (
            f"Driver “{driver.driver}”{weight}: {driver.months_counted} of {length} months count for every member; "
            f"{left}."
        )
        yield from _volumes(driver, answer.members, terms.demand_method == "mean")
    if answer.shares.demand is not None and (answer.shares.fixed_base is not None or len(answer.drivers) > 1):
        yield _blended(answer, terms)
        if answer.fixed_base_nre is not None:
            yield _nre(answer.fixed_base_nre)


def _volumes(driver: rows.DriverEvidence, members: Sequence[ForceCode], mean: bool) -> Blocks:
    """A driver's volumes and shares; where these are the `mean` of its blocks', the shares of each."""
    shares = driver.shares or {}
    method = "mean of the shares of the 12-month blocks" if mean else "share of the volume"
    notes = (f"Share: {method}. Cells: {', '.join(driver.cells)}.",) if driver.cells else ()
    heads = columns("force", ("volume", "number"), ("share", "share"))
    shown = tuple((force, volume, shares.get(force)) for force, volume in driver.volumes.items())
    report = Report("Volumes", f"Volumes of {driver.driver}", heads, shown, notes=notes)
    yield _with_total(report, {"volume": sum(driver.volumes.values()), "share": Fraction(1) if shares else None})
    if mean and shares:
        blocks = tuple((block.block, *block.shares()) for block in driver.blocks)
        heads = columns("block", *((force, "share") for force in members))
        yield Report("Blocks", f"Shares of the blocks of {driver.driver}", heads, blocks)


def _blended(answer: Explain, terms: Terms) -> Report:
    """The shares of the drivers together, with the fixed base where there is one."""
    shares, based = answer.shares, bool(terms.fixed_base)
    steps = {"demand": shares.demand, **({"fixed base": shares.fixed_base, "together": shares.new} if based else {})}
    on = "equal shares" if terms.fixed_base_on == "equal" else "NRE"
    title = f"Demand with a fixed base of {plain(terms.fixed_base)}%" if based else "The drivers together"
    heads = columns("force", *((name, "share") for name in steps))
    shown = tuple((force, *((step or {}).get(force) for step in steps.values())) for force in answer.members)
    return Report("Shares", title, heads, shown, notes=(f"The fixed base stands on {on}.",) if based else ())


# What is not pooled


def _held(answer: Explain, result: UnitYear) -> Blocks:
    start = result.unit.pooled_from
    when = f"pooled from {start.isoformat()}" if start else "not pooled (no date)"
    yield (
        f"The budget is {when}: for {_days(answer)} of {answer.year}. Of each holder's lines the part for the other "
        "days stays with it, rounded half up once."
    )
    lines = [row for row in answer.budget if row.part == "revenue" and row.held_by]
    part = decimal_text(1 - answer.pooled.fraction, 6)
    own = sums((row.held_by, row.amount) for row in lines)
    heads = columns("holder", ("its lines", "money"), ("part held", "number"), ("held", "money"), ("pooled", "money"))
    held = tuple(
        (holder, own[holder], part, stays, own[holder] - stays) for holder, stays in answer.pooled.held.items()
    )
    yield Report("Held", "What stays with the holders", heads, held, units="£")
    yield _budget(lines, "The lines with a holder")


def _direct(answer: Explain, result: UnitYear) -> Blocks:
    direct = [row for row in answer.budget if row.part == "direct"]
    yield _budget(direct, "The budget lines that are direct to a force")


def _implementation(answer: Explain, result: UnitYear) -> Blocks:
    nre = answer.implementation_nre
    if nre is None:
        return
    lines = [row for row in answer.budget if row.part == "implementation"]
    yield _budget(lines, "The implementation lines")
    yield _nre(nre)
    shares = dict(zip(answer.members, nre_shares([row.nre for row in nre]), strict=True))
    yield _rounding(sum(row.amount for row in lines), shares, "implementation cost")


# No loser


def _no_loser(answer: Explain, result: UnitYear) -> Blocks:
    steps, tested = answer.no_loser, answer.basis.no_loser
    if steps is None or tested is None:
        return
    yield _baselines(steps.forces, answer.baselines)
    if result.parts.partly_held:
        yield f"Compared with {_days(answer)} of the baselines: the part of the year that is pooled."
    if steps.index and any(row.baseline != row.paid_before for row in answer.baselines):
        index = ", ".join(f"{row.year} {plain(row.index)} ({row.cell})" for row in steps.index)
        yield f"The baselines are brought to {answer.year} prices with the index: {index}."
    yield (
        f"Above their baselines: {pounds_words(tested.excess)} in all (excess). Below: "
        f"{pounds_words(tested.headroom)} (headroom). {plain(tested.applied)}% of the adjustment is applied."
    )
    yield _relief(steps)
    if not tested.achievable:
        made = "Gainers give up all their gain and no more."
        if result.no_loser is not None and result.no_loser.left_alone:
            made = "No adjustment is made, as “if not achievable” says."
        yield f"No loser is not achievable: the losses exceed the gains by {pounds_words(steps.short)}. {made}"


def _baselines(forces: Sequence[rows.Relief], baselines: Sequence[rows.BaselineEvidence]) -> Report:
    heads = columns("force", ("pooled", "money"), ("paid before", "money"), "prices of", ("baseline", "money"))
    heads += columns(("over baseline", "money"), ("adjustment", "money"), "cell")
    shown = tuple(
        (r.force, r.pooled, b.paid_before, str(b.prices_of or ""), r.baseline, r.over, r.adjustment, b.cell)
        for r, b in zip(forces, baselines, strict=True)
    )
    return Report("No loser", "The pooled split against the baselines", heads, shown, units="£")


def _relief(steps: rows.NoLoserSteps) -> Report:
    heads = columns("force", ("loss", "money"), ("gain", "money"), ("full adjustment", "money"))
    heads += columns(("exact target", "number"), ("pays", "money"))
    targets = [decimal_text(row.exact_target_pence / 100, 6) for row in steps.forces]
    shown = tuple(
        (row.force, max(0, row.over), max(0, -row.over), row.full_adjustment, target, row.pooled + row.adjustment)
        for row, target in zip(steps.forces, targets, strict=True)
    )
    note = (
        "Losers are relieved in proportion to their losses, gainers bear it in proportion to their gains, each by "
        f"largest remainder; the exact target is the pooled amount and {plain(steps.applied)}% of the full adjustment; "
        "pennies left after the floors go to the largest remainders."
    )
    title = f"The relief of {pounds_words(steps.relief)}, brought to whole pence"
    return Report("Relief", title, heads, shown, notes=(note,), units="£")


# A page as sheets


def sheets(shown: Page) -> list[Report]:
    """A page as sheets: its words in one, each of its tables in one of its own."""
    words: list[tuple[str]] = [(shown.title,)]
    tables: list[Report] = []
    for block in shown.blocks:
        if isinstance(block, Report):
            number = 1 + sum(report.name.rstrip(" 0123456789") == block.name for report in tables)
            name = block.name if number == 1 else f"{block.name} {number}"
            tables.append(replace(block, name=name))
            words.append((f"{block.title}: see the sheet {name}.",))
        else:
            words.append((block[0].upper() if isinstance(block, tuple) else block,))
    in_words = Report(name="Explanation", title=shown.title, columns=columns(("in words", "wide")), rows=tuple(words))
    return [in_words, *tables]
