"""Run a program over random books and print where its figures differ from the independent calculation.

python -m tests.independent.against bch-apportion 1 200
python -m tests.independent.against analysis bch-apportion 1 60
python -m tests.independent.against projection bch-apportion 1 60
python -m tests.independent.against review bch-apportion 1 60
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any

from .analysis import (
    Balance,
    FullBook,
    Settlement,
    Track,
    Variance,
    VarianceRow,
    settle,
    track,
    variance_from_book,
    variance_from_budget,
    variance_from_case,
    variance_from_year,
)
from .books import another, random_book, with_analysis, with_periods, write_tidy, write_untidy
from .calculation import Result, UnitYear, calculate, parameter, year_text

SIZES = (2, 3, 7)
A_MILLIONTH = Fraction(1, 1_000_000)


def money(pence: int) -> str:
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def compare(program: dict[str, Any], result: Result) -> list[str]:
    """Every difference between `compute --json` and the independent calculation, one line of text each."""
    differences: list[str] = []
    if program.get("forces") != result.forces:
        differences.append(f"forces: program {program.get('forces')}, here {result.forces}")
    differences += compare_lines(program["lines"], result)
    differences += compare_totals(program["totals"], result)
    differences += compare_bases(program["bases"], result)
    return differences


def compare_lines(lines: list[dict[str, Any]], result: Result) -> list[str]:
    def key(line: dict[str, Any]) -> tuple[str, str, str, str]:
        return line["unit"], line["year"], line["component"], line["force"]

    differences: list[str] = []
    ours = {(line.unit, line.year, line.component, line.force): line for line in result.lines}
    theirs = {key(line): line for line in lines}
    differences += [f"line {name}: {count} times" for name, count in Counter(map(key, lines)).items() if count > 1]
    differences += [
        f"line {name}: only the program has it ({theirs[name]['amount']})" for name in theirs if name not in ours
    ]
    for name, line in ours.items():
        if name not in theirs:
            differences.append(f"line {name}: the program lacks it ({money(line.pence)})")
            continue
        other = theirs[name]
        if other["amount"] != money(line.pence):
            differences.append(f"line {name}: amount {other['amount']}, here {money(line.pence)}")
        if other["basis"] != line.basis:
            differences.append(f"line {name}: basis {other['basis']}, here {line.basis}")
        if line.rests_on not in other["reference"]:
            differences.append(f"line {name}: rests on {other['reference']}, here {line.rests_on}")
        if line.share is not None:
            exact = other["share_exact"]
            if exact is None or Fraction(exact) != line.share:
                differences.append(f"line {name}: share {exact}, here {line.share}")
            elif abs(Fraction(Decimal(other["share"])) - line.share) > A_MILLIONTH:
                differences.append(f"line {name}: share printed as {other['share']}, here {float(line.share)}")
        elif other["share_exact"] is not None and Fraction(other["share_exact"]) != 1:
            differences.append(f"line {name}: share {other['share_exact']}, here none")
    if not differences and [key(line) for line in lines] != list(ours):
        differences.append("lines: same lines, another order")
    return differences


def compare_totals(totals: list[dict[str, Any]], result: Result) -> list[str]:
    theirs = {(row["unit"], row["year"], row["force"]): row["amount"] for row in totals}
    ours = {(unit, year, force): money(pence) for unit, year, force, pence in result.totals}
    return [
        f"total {name}: {theirs.get(name)}, here {ours.get(name)}"
        for name in sorted(theirs.keys() | ours.keys())
        if theirs.get(name) != ours.get(name)
    ]


def compare_bases(bases: list[dict[str, Any]], result: Result) -> list[str]:
    differences: list[str] = []
    names = [(basis["unit"], basis["year"]) for basis in bases]
    expected = [(record.unit, record.year) for record in result.bases]
    if names != expected:
        differences.append(f"bases: {names}, here {expected}")
    theirs = dict(zip(names, bases, strict=True))
    for record in result.bases:
        if (record.unit, record.year) in theirs:
            differing = compare_basis(theirs[record.unit, record.year], record)
            differences += [f"basis {record.unit} {record.year}: {difference}" for difference in differing]
    return differences


def compare_basis(basis: dict[str, Any], record: UnitYear) -> list[str]:
    differences: list[str] = []

    def check(what: str, program: object, here: object) -> None:
        if program != here:
            differences.append(f"{what} {program}, here {here}")

    check("basis", basis["basis"], record.basis)
    for name, year in (("kept_from", record.kept_from), ("settled_from", record.settled_from)):
        check(name, basis[name], None if year is None else year_text(year))
    check("robust", basis["robust"], record.robust)
    check("window", basis["window"], list(record.window))
    if basis.get("fixed_base") is not None:
        check("fixed base", Fraction(basis["fixed_base"]), record.fixed_base)
    # The driver test is about the unit; which driver it is written against says nothing.
    check(
        "tests",
        sorted({(t["test"], "" if t["test"] == "driver" else t["driver"], t["passed"]) for t in basis["tests"]}),
        sorted({(test.name, test.driver or "", test.passed) for test in record.tests}),
    )
    shadow = [(row["force"], row["amount"]) for row in basis["shadow"]]
    check("shadow", shadow, [(row.force, money(row.pence)) for row in record.shadow])
    if_pooled = [(row["force"], row["amount"]) for row in basis["if_pooled"]]
    check("if pooled", if_pooled, [(force, money(pence)) for force, pence in record.if_pooled.items()])
    for row, ours in zip(basis["shadow"], record.shadow, strict=False):
        check("exact shadow share", Fraction(row["share_exact"]), ours.share)
        if abs(Fraction(Decimal(row["share"])) - ours.share) > A_MILLIONTH:
            differences.append(f"shadow share of {ours.force} {row['share']}, here {ours.share}")
    outcome, here = basis["no_loser"], record.no_loser
    if outcome is None or here is None:
        check("no loser", outcome, here)
    else:
        check("excess", outcome["excess"], money(here.excess))
        check("headroom", outcome["headroom"], money(here.headroom))
        check("achievable", outcome["achievable"], here.achievable)
        check("applied", Fraction(outcome["applied"]), here.applied)
    return differences


# --- variance and tracking ---------------------------------------------------------------------------------


def compare_variance(program: dict[str, Any], result: Variance) -> list[str]:
    """Every difference between `variance --json` and the independent calculation."""
    differences: list[str] = []
    for missing, keys in (("without_plan", result.without_plan), ("without_actual", result.without_actual)):
        # In any order: none is laid down for these.
        theirs = sorted((entry["unit"], entry["year"]) for entry in program[missing])
        ours = sorted((unit, year_text(year)) for unit, year in keys)
        if theirs != ours:
            differences.append(f"{missing}: program {theirs}, here {ours}")
    expected = {(said.unit, year_text(said.year), said.cause, said.text) for said in result.explanations}
    shown = {(said["unit"], said["year"], said["cause"], said["text"]) for said in program["explanations"]}
    compared = {(row.unit, year_text(row.year)) for row in result.rows}
    needed = {said for said in expected if said[:2] in compared}
    if not needed <= shown <= expected:
        differences.append(f"explanations: program {sorted(shown - expected)}, here {sorted(needed - shown)}")

    names = [(row["unit"], row["year"], row["force"]) for row in program["rows"]]
    rows = {(row.unit, year_text(row.year), row.force): row for row in result.rows}
    differences += [f"row {name}: {count} times" for name, count in Counter(names).items() if count > 1]
    differences += [f"row {name}: only the program has it" for name in names if name not in rows]
    differences += [f"row {name}: the program lacks it" for name in rows if name not in names]
    for name, row in zip(names, program["rows"], strict=True):
        if name in rows:
            differences += [f"row {name}: {difference}" for difference in compare_variance_row(row, rows[name])]
    forces = [name for name in names if name[2] is not None]
    if not differences and forces != [name for name in rows if name[2] is not None]:
        differences.append("rows: same rows, another order")
    return differences


def compare_variance_row(row: dict[str, Any], ours: VarianceRow) -> list[str]:
    effects = {name: money(pence) for name, pence in ours.effects.items()}
    theirs = dict(row["effects"])
    here = {
        "version": ours.version or None,
        "plan": money(ours.plan),
        "actual": money(ours.actual),
        "variance": money(ours.variance),
        "percent": ours.percent,
        "status": ours.status,
        "significant": ours.significant,
        "explained": ours.explained,
        "explained_amount": money(ours.explained_amount),
        "unexplained_amount": money(ours.unexplained_amount),
    }
    said = {**row, "version": row.get("version") or None}
    differences = [f"{name} {said[name]}, here {value}" for name, value in here.items() if said[name] != value]
    for name in sorted(theirs.keys() | effects.keys()):
        if theirs.get(name, "0.00") != effects.get(name, "0.00"):
            differences.append(f"effect {name} {theirs.get(name)}, here {effects.get(name)}")
    return differences


def compare_track(program: dict[str, Any], result: Track) -> list[str]:
    """Every difference between `track --json` and the independent calculation."""

    def amount(pence: int | None) -> str | None:
        return None if pence is None else money(pence)

    differences: list[str] = []
    ours = {
        (row.unit, year_text(row.year)): {
            "source": row.source,
            "cash": money(row.cash),
            "real": amount(row.real),
            "recurring": money(row.recurring),
            "recurring_real": amount(row.recurring_real),
            "plan": amount(row.plan),
            "saving_cash": amount(row.saving_cash),
            "saving_real": amount(row.saving_real),
            "break": row.breaks,
        }
        for row in result.rows
    }
    names = [(row["unit"], row["year"]) for row in program["rows"]]
    if names != list(ours):
        differences.append(f"rows: program {names}, here {list(ours)}")
    for name, row in zip(names, program["rows"], strict=True):
        for what, value in ours.get(name, {}).items():
            if row[what] != value:
                differences.append(f"row {name}: {what} {row[what]}, here {value}")
    sums = [
        {
            "year": year_text(total.year),
            "units": total.units,
            "units_with_base": total.units_with_base,
            "cash": money(total.cash),
            "recurring": money(total.recurring),
            "saving_cash": amount(total.saving_cash),
            "saving_real": amount(total.saving_real),
            "breaks": [{"unit": unit, "change": money(change)} for unit, change in total.breaks],
        }
        for total in result.totals
    ]
    shown = [{name: total[name] for name in sums[0]} for total in program["totals"] if total["programme"] is None]
    differences += [f"total {theirs}, here {own}" for theirs, own in zip_longest(shown, sums) if theirs != own]
    return differences


def compare_settlement(program: dict[str, Any], result: Settlement) -> list[str]:
    """Every difference between `settle --json` and the independent calculation; no row and one of nothing are alike."""
    nothing = Balance()
    theirs = {(row["unit"], row["force"]): (row["paid"], row["borne"], row["balance"]) for row in program["balances"]}
    differences: list[str] = []
    for key in [*result.balances, *(key for key in theirs if key not in result.balances)]:
        own = result.balances.get(key, nothing)
        here = (money(own.paid), money(own.borne), money(own.balance))
        if theirs.get(key, ("0.00",) * 3) != here:
            differences.append(f"balance {key}: program {theirs.get(key)}, here {here}")
    shown = [(row["from"], row["to"], row["amount"]) for row in program["payments"]]
    transfers = [(payer, payee, money(pence)) for payer, payee, pence in result.transfers]
    return differences + ([f"payments: program {shown}, here {transfers}"] if shown != transfers else [])


Answer = Variance | Track | Settlement


def compare_analysis(program: dict[str, Any], result: Answer) -> list[str]:
    if isinstance(result, Variance):
        return compare_variance(program, result)
    return compare_track(program, result) if isinstance(result, Track) else compare_settlement(program, result)


def analysis_books(seed: int) -> tuple[FullBook, FullBook]:
    """A book with outturns, some of them part-year, and another to compare it with."""
    book = with_periods(with_analysis(random_book(seed, SIZES[seed % len(SIZES)]), seed), seed)
    return book, another(book, seed)


def questions(book: FullBook, other: FullBook, path: Path, other_path: Path) -> list[tuple[list[str], Answer]]:
    """What is asked of the program, and the answer."""
    first = min(row.year for row in book.budgets)
    last = max(row.year for row in book.budgets)
    variance = ["variance", str(path), "--json"]
    tracking = ["track", str(path), "--json"]
    settling = ["settle", str(path), "--json"]
    return [
        (variance, variance_from_case(book)),
        ([*variance, "--actuals", "--version", "latest"], variance_from_case(book, "outturn", "latest")),
        ([*variance, "--version", "v1"], variance_from_case(book, "budgets", "v1")),
        ([*variance, "--against", "budget"], variance_from_budget(book)),
        ([*variance, "--against", year_text(first)], variance_from_year(book, first)),
        ([*variance, "--against", year_text(last)], variance_from_year(book, last)),
        ([*variance, "--against", year_text(first), "--real"], variance_from_year(book, first, real=True)),
        ([*variance, "--actuals", "--against", year_text(first)], variance_from_year(book, first, "outturn")),
        ([*variance, "--against", str(other_path)], variance_from_book(book, other, name=other_path.name)),
        (tracking, track(book)),
        ([*tracking, "--base", year_text(first)], track(book, first)),
        ([*tracking, "--base", year_text(last), "--version", "latest"], track(book, last, "latest")),
        (settling, settle(book)),
        ([*settling, "--year", year_text(last)], settle(book, [last])),
    ]


def try_analysis(command: Sequence[str], seed: int, folder: Path) -> list[str]:
    """The differences of one seed's variance, tracking and settlement; its workbooks are kept where there are any."""
    book, other = analysis_books(seed)
    path, other_path = folder / f"analysis-{seed}.xlsx", folder / f"analysis-{seed}-other.xlsx"
    write_tidy(book, path)
    write_tidy(other, other_path)
    report: list[str] = []
    for words, result in questions(book, other, path, other_path):
        answer = ask(command, words)
        differences = [answer] if isinstance(answer, str) else compare_analysis(answer, result)
        if differences:
            report += [f"seed {seed} {shlex.join(words)}"] + [f"    {difference}" for difference in differences]
    if not report:
        path.unlink()
        other_path.unlink()
    return report


def analysis_census(first: int, last: int) -> Counter[str]:
    """How often each effect moved something, and each status was given."""
    seen: Counter[str] = Counter()
    for seed in range(first, last + 1):
        book, other = analysis_books(seed)
        seen["books"] += 1
        seen["books with another"] += other is not book
        for number, (words, result) in enumerate(questions(book, other, Path("book"), Path("other"))):
            name = f"{number} {shlex.join(word for word in words if word[:2] != '20')}"
            if isinstance(result, Settlement):
                seen[f"{name}: transfers"] += len(result.transfers)
                continue
            if isinstance(result, Track):
                seen[f"{name}: rows"] += len(result.rows)
                seen[f"{name}: no saving"] += sum(row.saving_cash is None for row in result.rows)
                seen[f"{name}: plan"] += sum(row.plan is not None for row in result.rows)
                seen[f"{name}: breaks"] += sum(row.breaks for row in result.rows)
                continue
            seen[f"{name}: without plan"] += len(result.without_plan)
            seen[f"{name}: without actual"] += len(result.without_actual)
            for row in result.rows:
                seen[f"{name}: rows"] += 1
                seen[f"{name}: {row.status}"] += 1
                seen[f"{name}: unexplained"] += row.significant and not row.explained
                seen[f"{name}: no percent"] += row.percent is None
                seen.update(f"{name}: effect {effect}" for effect, pence in row.effects.items() if pence)
    return seen


# --- running -----------------------------------------------------------------------------------------------


def run(command: Sequence[str], path: Path) -> dict[str, Any] | str:
    """What the program says of a workbook: its result, or what went wrong."""
    return ask(command, ["compute", str(path), "--json"])


def ask(command: Sequence[str], words: Sequence[str]) -> dict[str, Any] | str:
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        answer = None
    if done.returncode == 0 and isinstance(answer, dict):
        return answer
    if isinstance(answer, dict) and "problems" in answer:
        said = [f"{p['code']} at {p['sheet']}!{p['cell']}: {p['message']}" for p in answer["problems"][:12]]
        return f"exit {done.returncode}: " + "\n      ".join(said)
    return f"exit {done.returncode}: " + (done.stderr.strip() or done.stdout.strip())[-1500:]


def try_seed(command: Sequence[str], seed: int, folder: Path) -> list[str]:
    """The differences of one seed's two workbooks; the workbook of each is kept where there are any."""
    book = random_book(seed, SIZES[seed % len(SIZES)])
    result = calculate(book)
    report: list[str] = []
    for kind in ("tidy", "untidy"):
        path = folder / f"seed-{seed}-{kind}.xlsx"
        if kind == "tidy":
            write_tidy(book, path)
        else:
            write_untidy(book, path, seed)
        answer = run(command, path)
        differences = [answer] if isinstance(answer, str) else compare(answer, result)
        if differences:
            report += [f"seed {seed} {kind} {path}"] + [f"    {difference}" for difference in differences]
        else:
            path.unlink()
    return report


def census(first: int, last: int) -> Counter[str]:
    """What the books of these seeds exercise, to see that no paragraph goes untried."""
    seen: Counter[str] = Counter()
    for seed in range(first, last + 1):
        book = random_book(seed, SIZES[seed % len(SIZES)])
        result = calculate(book)
        seen["books"] += 1
        seen.update(f"component {line.component} on {line.basis}" for line in result.lines)
        for record in result.bases:
            seen["unit-years"] += 1
            seen[f"basis {record.basis}"] += 1
            seen["robust"] += record.robust
            seen["shadow"] += bool(record.shadow)
            limit = parameter(book, record.unit, record.start, "max share movement")
            seen["stable exactly on the limit"] += bool(record.unsteady) and record.unsteady == limit
            tolerance = parameter(book, record.unit, record.start, "rebase tolerance")
            if record.moved is not None and isinstance(tolerance, int | Fraction):
                where = (
                    "on the limit" if record.moved == tolerance else "within" if record.moved < tolerance else "beyond"
                )
                seen[f"settled shares {where}"] += 1
            seen.update(
                f"test {test.name} {'passed' if test.passed else 'not tested' if test.passed is None else 'failed'}"
                for test in record.tests
            )
            if record.no_loser is not None:
                outcome = "no excess" if record.no_loser.excess == 0 else "achievable"
                seen[f"no loser {outcome if record.no_loser.achievable else 'not achievable'}"] += 1
                seen["no loser below 100"] += record.no_loser.applied < 100
        for row in book.principles:
            seen.update(f"parameter {name}" for name in row.values)
            seen.update(f"{name} {value}" for name, value in row.values.items() if isinstance(value, str))
        seen.update(f"setting {name} {value}" for name, value in book.settings.items())
        seen.update(f"pooling date in {year_text(u.pooled_from.year)[:3]}x" for u in book.units if u.pooled_from)
    return seen


Attempt = Callable[[Sequence[str], int, Path], list[str]]
Census = Callable[[int, int], Counter[str]]


def kinds() -> dict[str, tuple[Attempt, Census]]:
    """What there is to try, by the first word; books alone without one."""
    from .against_projection import projection_census, try_projection
    from .review import review_census, try_review

    return {
        "": (try_seed, census),
        "analysis": (try_analysis, analysis_census),
        "projection": (try_projection, projection_census),
        "review": (try_review, review_census),
    }


def main(command: str, seeds: Sequence[int], folder: Path | None = None, jobs: int = 4, kind: str = "") -> int:
    """Print every difference; the number of seeds that had any."""
    attempt, _ = kinds()[kind]
    kept = folder or Path(tempfile.mkdtemp(prefix="against-"))
    kept.mkdir(parents=True, exist_ok=True)
    words = shlex.split(command)
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for report in pool.map(lambda seed: attempt(words, seed, kept), seeds):
            failed += bool(report)
            for text in report:
                print(text, flush=True)
    print(f"{len(seeds)} seeds, {failed} with differences" + (f"; workbooks in {kept}" if failed else ""))
    return failed


def command_line() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", help="the program, or `census` to count what the books exercise")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--keep", type=Path, help="folder for the workbooks that differ")
    parser.add_argument("--jobs", type=int, default=4)
    words = sys.argv[1:]
    kind = words[0] if words and words[0] in kinds() else ""
    given = parser.parse_args(words[1:] if kind else words)
    if given.command == "census":
        _, count_all = kinds()[kind]
        for what, count in sorted(count_all(given.first, given.last).items()):
            print(f"{count:7d}  {what}")
        return 0
    return 1 if main(given.command, range(given.first, given.last + 1), given.keep, given.jobs, kind) else 0


if __name__ == "__main__":
    sys.exit(command_line())
