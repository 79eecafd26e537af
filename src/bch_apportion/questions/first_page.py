"""What first pages share: amounts by force, their change and its causes, the largest movements, amounts in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from bch_apportion.ledger import Ledger
from bch_apportion.model import ForceCode, UnitCode
from bch_apportion.money import Pence, decimal_text, half_up, pounds_whole
from bch_apportion.problems import AGREE
from bch_apportion.questions.bridge import Bridge
from bch_apportion.questions.bridge_page import CAUSES
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import basis_words, many
from bch_apportion.writing.report import Cell, Chart, Column, Kind, Report, columns, force_columns, spans
from bch_apportion.years import FinancialYear, day_text

MOVEMENTS = 3  # the largest, in words
NAMED = 4  # forces whose amounts a sentence gives
MOST_UNITS, MOST_NAMED = 40, 8  # units of a table, and names in a sentence; where there are more, it says so


class AmountRow(NamedTuple):
    """A row of a table by force: an amount for each force and one in all.

    In a live workbook `refs` are the formulas of its amounts, by force, that in all by "".
    """

    name: str
    amounts: Mapping[ForceCode, Any]
    total: Any
    kind: Kind = "pounds"
    refs: Mapping[str, str] = MappingProxyType({})

    def ref(self, force: str) -> str:
        """An amount as a formula names it, in pounds; a number where no cell has it."""
        pence = self.amounts.get(force, 0) if force else self.total
        return self.refs.get(force) or decimal_text(Fraction(pence, 100), 2)

    def value(self, force: str) -> Any:
        """An amount, that in all by "", as a column of its kind has it."""
        return self.cell(force) if force in self.refs else self.amounts.get(force) if force else self.total

    def cell(self, force: str) -> Cell:
        """The same as a column of another kind has it."""
        amount = self.amounts.get(force) if force else self.total
        return Cell(amount, f"={self.refs[force]}" if amount is not None and force in self.refs else "", self.kind)


def summed(name: str, amounts: Mapping[ForceCode, Pence], refs: Mapping[str, str] = MappingProxyType({})) -> AmountRow:
    """Amounts by force and their sum."""
    return AmountRow(name, amounts, sum(amounts.values()), refs=refs)


def amount_row(name: str, field: str, rows: Iterable[Any]) -> AmountRow:
    """A figure of rows by force; in all that of the row without a force, where there is one, else the sum."""
    amounts = {row.force: getattr(row, field) for row in rows}
    in_all = amounts.pop(None, None)
    return summed(name, amounts) if in_all is None else AmountRow(name, amounts, in_all)


def less_refs(row: AmountRow, base: AmountRow) -> dict[str, str]:
    """The formulas of how much a row is above its base."""
    return {force: f"ROUND({row.ref(force)}-{base.ref(force)},2)" for force in row.refs or base.refs}


def percents(name: str, change: AmountRow, base: AmountRow) -> AmountRow:
    """A change as percent of its base, one decimal; n/a where the base is zero."""

    def part(moved: Pence, start: Pence) -> Fraction | str:
        return Fraction(moved, abs(start)) if start else "n/a"

    by_force = {force: part(moved, base.amounts.get(force, 0)) for force, moved in change.amounts.items()}
    refs = {force: f'IF({base.ref(force)}=0,"n/a",{change.ref(force)}/ABS({base.ref(force)}))' for force in change.refs}
    return AmountRow(name, by_force, part(change.total, base.total), "tenths", refs)


def percent_of(moved: Pence, start: Pence) -> str:
    """A change as percent of where it started, without that one's sign.

    >>> percent_of(1, 3), percent_of(5, 0)
    ('33.3%', 'n/a')
    """
    return decimal_text(Fraction(100 * moved, abs(start)), 1) + "%" if start else "n/a"


def by_force(name: str, rows: Sequence[AmountRow], forces: Sequence[ForceCode], apart: int = 0) -> Report:
    """A table with a column for each force; too wide, it has a row for each, the rows from `apart` on beside."""
    shown = forces if len(forces) == 1 else (*forces, "")  # a force alone is not all
    names = [*force_columns(forces, ("all",)), "all"][: len(shown)]
    heads = columns(("", "wide"), *((head, "pounds") for head in names))
    cells = tuple((row.name, *map(row.cell, shown)) for row in rows)
    parts = [part for part in (rows[:apart], rows[apart:]) if part] if apart else []
    turned = replace(_turned(name, rows, forces), turned=tuple(_turned(name, part, forces) for part in parts))
    return Report(name, "", heads, cells, turned=(turned,))


def by_cause(
    name: str,
    rows: Sequence[AmountRow],
    change: AmountRow,
    effects: Mapping[Any, Mapping[ForceCode, Pence]],
    forces: Sequence[ForceCode],
    more: Sequence[AmountRow] = (),
) -> Report:
    """A table by force of a change between its first row and its last: in pounds, in percent of the first, by cause."""
    ends = [*rows, change, percents("%", change, rows[0])]
    return by_force(name, [*ends, *cause_rows(effects), *more], forces, apart=len(ends))


def charted(table: Report, title: str, years: Sequence[str]) -> Report:
    """A table by force with a chart: the rows of these years as columns beside one another, force by force."""
    (turned,) = table.turned
    last = len(turned.rows) - turned.totals - 1
    cells = [row[year] for row in turned.records()[: last + 1] for year in years]
    amounts = (cell.value if isinstance(cell, Cell) else cell for cell in cells)
    start = None if any(pence is not None and pence < 0 for pence in amounts) else 0
    chart = Chart(kind="column", title=title, categories="force", series=tuple(years), first=0, last=last, start=start)
    return replace(table, turned=(replace(turned, charts=(chart,)),))


def _turned(name: str, rows: Sequence[AmountRow], forces: Sequence[ForceCode]) -> Report:
    heads = (Column("force"), *(Column(row.name.strip(), row.kind) for row in rows))
    own = [(force, *(row.value(force) for row in rows)) for force in forces]
    in_all = ("all", *(row.value("") for row in rows))
    return Report(name, "", heads, (*own, in_all), totals=1)


Row = TypeVar("Row")


def foremost(
    rows: Sequence[Row], change: Callable[[Row], Pence], show: str, which: str = ", which changed less"
) -> tuple[Sequence[Row], list[str]]:
    """The rows of units for a table; too many, those that changed most, and a note that names the table of --show.

    >>> foremost([-9, 1], int, "units"), foremost(range(42), int, "units")[1]
    (([-9, 1], []), ['and 2 units more, which changed less: --show units'])
    """
    left = len(rows) - MOST_UNITS
    if left <= 0:
        return rows, []
    largest = sorted(rows, key=lambda row: -abs(change(row)))[:MOST_UNITS]
    return largest, [f"and {many(left, 'unit')} more{which}: --show {show}"]


def narrowing(report: Report, *left_out: Collection[str]) -> Report:
    """A table that, where it is too wide, is without some columns, and still too wide, without others."""
    turned: tuple[Report, ...] = ()
    for names in reversed(left_out):
        turned = (replace(without(report, names), turned=turned),)
    return replace(report, turned=turned)


def without(report: Report, names: Collection[str]) -> Report:
    """A table without some columns."""
    kept = [place for place, column in enumerate(report.columns) if column.name not in names]
    rows = tuple(tuple(row[place] for place in kept) for row in report.rows)
    return replace(report, columns=tuple(report.columns[place] for place in kept), rows=rows)


def cause_rows(effects: Mapping[Any, Mapping[ForceCode, Pence]], names: Mapping[Any, str] = CAUSES) -> list[AmountRow]:
    """What each cause moved, those that moved nothing left out."""
    return [summed(f"  {names[cause]}", moved) for cause, moved in effects.items() if any(moved.values())]


class Movement(NamedTuple):
    """What a cause moved for a force on a unit, and for all forces together; `why` where its name does not say it."""

    unit: UnitCode
    cause: str
    force: ForceCode
    pence: Pence
    whole: Pence
    why: str = ""


def moves_of(bridges: Iterable[Bridge]) -> Iterator[Movement]:
    """Every effect of the bridges of units."""
    for bridge in bridges:
        for cause, amounts in bridge.effects.items():
            for force, pence in amounts.items():
                yield Movement(
                    unit=bridge.unit or "", cause=cause, force=force, pence=pence, whole=sum(amounts.values())
                )


def movements(moves: Iterable[Movement], moved: Mapping[UnitCode, UnitYear] = MappingProxyType({})) -> Report:
    """The largest movements in words, whatever their sign; `moved` are the results on the new side, by unit."""
    largest = sorted(filter(attrgetter("pence"), moves), key=lambda move: -abs(move.pence))[:MOVEMENTS]
    rows = [(move.force, signed(move.pence), _why(move, moved.get(move.unit))) for move in largest]
    heads = columns("force", ("moves", "figure"), ("because", "wide"))
    return Report("Movements", "Largest movements", heads, tuple(rows), empty="Nothing moved.", headed=False)


def _why(move: Movement, result: UnitYear | None) -> str:
    cause, more = move.cause, f"{money(abs(move.whole))} {'more' if move.whole > 0 else 'less'}"
    words = {
        "prices": "restated in the prices of the year",
        "cost": f"costs {more} to share",
        "direct": "what is not pooled changes",
        "nre": "its share of NRE changes",
        "demand": "its share of demand changes",
        "basis": "what it stands on changes",
        "terms": "members, parameters or agreed shares change",
        "no_loser": "its no-loser adjustment changes",
        "started": "starts",
        "ended": "ends",
        "uplift": f"uplifts add {money(move.whole)}",
        "growth": f"growth of {money(move.whole)}",
        "saving": f"savings of {money(-move.whole)}",
        "one_off": "one-offs",
        "implementation": "implementation costs",
    }[cause]
    words = move.why or words
    if cause in ("cost", "direct") and result is not None and _begins_pooled(result):
        since = f"pooled from {day_text(result.unit.pooled_from)}" if result.unit.pooled_from else ""
        words = f"{since}, {more} is {'shared' if cause == 'cost' else 'held or borne directly'}"
    if cause == "basis" and result is not None and result.changed_from is not None:
        words = f"moves from {basis_words(result.changed_from)} to {basis_words(result.decision.basis)}"
    labels: Mapping[Any, str] = CAUSES
    return f"{move.unit}: {words}" + (f" ({labels[cause]})" if cause in labels else "")


IN_THOUSANDS: ContextVar[bool] = ContextVar("whether sentences give money in thousands", default=False)


def money(pence: Pence) -> str:
    """Money in a sentence of a first page: whole pounds, or thousands where the page shows those."""
    return f"{pounds_whole(half_up(Fraction(pence, 100_000)) * 100)}k" if IN_THOUSANDS.get() else pounds_whole(pence)


def _begins_pooled(result: UnitYear) -> bool:
    """Whether the pooling of a unit with held lines begins in its year, or began within the year before."""
    pooled = result.unit.pooled_from
    return bool(result.parts.held and pooled and result.year.plus(-1).first_day() < pooled <= result.year.last_day())


def signed(pence: Pence) -> str:
    """The same with its sign, without £.

    >>> signed(58969700), signed(-50)
    ('+589,697', '-1')
    """
    whole = money(pence).replace("£", "").replace("−", "-")
    return whole if pence <= 0 else f"+{whole}"


def in_words(amounts: Mapping[ForceCode, Pence]) -> str:
    """Who moves by how much, the largest where there are many forces.

    >>> in_words({"BEDS": 6_900_000, "HERTS": -6_900_000})
    'BEDS +69,000, HERTS -69,000'
    """
    order = sorted(amounts, key=lambda force: -abs(amounts[force]))[:NAMED]
    named = [f"{force} {signed(pence)}" for force, pence in amounts.items() if force in order]
    more = len(amounts) - len(named)
    return ", ".join(named) + (f" and {more} more forces" if more else "")


def listed(names: Sequence[str], show: str) -> str:
    """Names in a sentence; where they are too many, the table of --show that has all.

    >>> listed(["ICT", "HR"], "units"), listed([*"abcdefghij"], "units")
    ('ICT, HR', 'a, b, c, d, e, f, g, h and 2 more: --show units')
    """
    more = f" and {len(names) - MOST_NAMED} more: --show {show}" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def standing_line(ledger: Ledger, year: FinancialYear | None = None, notes: Sequence[str] | None = None) -> str:
    """The controls in a line, which control totals there are (any of the `year`?), how many notes (the ledger's)."""
    totals = ledger.inputs.control_totals
    years = sorted({total.year for total in totals})
    agree = f"budgets agree with {many(len(totals), 'control total')} ({spans(years)})"
    if not totals:
        agree = "no control totals are given"
    elif not any(control.control == AGREE for control in ledger.controls):
        agree = "the control totals are of the budgets"
    elif year is not None and year not in years:
        agree += f", none of {year}"
    count = len(ledger.notes if notes is None else notes)
    return f"{many(len(ledger.controls), 'control')} passed; {agree}." + (f" {many(count, 'note')}." if count else "")
