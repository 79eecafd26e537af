"""The projection, scenarios and comparisons of a program beside the independent calculation.

python -m tests.independent.against projection bch-apportion 1 60
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from .against import ask, compare, money
from .analysis import Key, Side
from .calculation import Problem, calculate, half_up, year_text
from .futures import NAMES, Case, random_case, write_case
from .projection import (
    Comparison,
    FutureBook,
    Row,
    Tipping,
    causes,
    changes,
    comparison_of,
    contributions,
    extended,
    sensitivity,
    sides_of,
    tipping_points,
    uncovered,
    where_possible,
    with_set,
    with_window_placed,
    without,
)

SIZES = (2, 3, 5)
LEDGER_EFFECTS = ("nre", "demand", "basis", "terms", "no_loser")
OTHER_EFFECTS = ("uplift", "growth", "saving", "one_off", "implementation", "direct")
Differences = list[str]


def pence_of(text: str) -> int:
    value = Fraction(text) * 100
    assert value.denominator == 1, text
    return int(value)


def differing(what: str, program: dict[Any, int], here: dict[Any, int]) -> Differences:
    """A row of nothing and no row at all are the same."""
    differences: Differences = []
    for key in [*here, *(key for key in program if key not in here)]:
        if program.get(key, 0) != here.get(key, 0):
            shown = " ".join(str(part) for part in key)
            said = money(program[key]) if key in program else "no row"
            ours = money(here[key]) if key in here else "no row"
            differences.append(f"{what} {shown}: program {said}, here {ours}")
    return differences


def keyed(
    rows: Iterable[dict[str, Any]], names: Sequence[str], value: str, what: str
) -> tuple[dict[Any, int], Differences]:
    counted = Counter(tuple(row[name] for name in names) for row in rows)
    repeated = [f"{what} {key}: {count} times" for key, count in counted.items() if count > 1]
    return {tuple(row[name] for name in names): pence_of(row[value]) for row in rows}, repeated


def totals_too(amounts: dict[Any, int], unit_at: int, force_at: int) -> dict[Any, int]:
    """With the rows for all units and for all forces, which a program may add as null."""
    sums = dict(amounts)
    for at in ((unit_at,), (force_at,), (unit_at, force_at)):
        for key, pence in amounts.items():
            total = tuple(None if place in at else part for place, part in enumerate(key))
            sums[total] = sums.get(total, 0) + pence
    return sums


def only_asked(amounts: dict[Any, int], program: dict[Any, int]) -> dict[Any, int]:
    """Totals count where the program shows them; single rows always."""
    return {key: pence for key, pence in amounts.items() if key in program or None not in key}


# --- mtfs --------------------------------------------------------------------------------------------------


@dataclass
class Projected:
    """The independent answer to one `mtfs`."""

    case: Case
    books: dict[str, FutureBook]
    sides: dict[str, dict[Key, Side]]
    moved: dict[str, dict[tuple[int, str, str, int | None], int]]


def projected(case: Case, names: Sequence[str], sets: bool, moved: bool) -> Projected:
    books = {"base": case.under(sets=sets)} | {name: case.under(name, sets=sets) for name in names}
    return Projected(
        case,
        books,
        {name: sides_of(extended(book, case.base, case.years, book.assumptions)) for name, book in books.items()},
        {
            name: sensitivity(book, case.base, case.years, book.assumptions) if moved else {}
            for name, book in books.items()
        },
    )


def compare_mtfs(program: dict[str, Any], ours: Projected) -> Differences:
    case = ours.case
    differences: Differences = []
    years = [year_text(year) for year in range(case.base, case.base + case.years + 1)]
    for name, here in (("base_year", years[0]), ("years", years), ("scenarios", list(ours.books))):
        if program.get(name) != here:
            differences.append(f"{name}: program {program.get(name)}, here {here}")

    amounts = {
        (name, unit, year_text(year), force): pence
        for name, sides in ours.sides.items()
        for (unit, year, force), pence in contributions(sides, case.base).items()
    }
    said, doubled = keyed(program["contributions"], ("scenario", "unit", "year", "force"), "amount", "contribution")
    differences += doubled + differing("contribution", said, only_asked(totals_too(amounts, 1, 3), said))
    differences += [
        f"contribution {key}: no row, here {money(pence)}" for key, pence in amounts.items() if key not in said
    ]

    differences += compare_since_base(program["since_base"], years, amounts)
    base = {key[1:]: pence for key, pence in amounts.items() if key[0] == "base"}
    apart: dict[Any, int] = {}
    for name in list(ours.books)[1:]:
        own = {key[1:]: pence for key, pence in amounts.items() if key[0] == name}
        apart |= {(name, *key): own.get(key, 0) - base.get(key, 0) for key in own.keys() | base.keys()}
    said, doubled = keyed(program["differences"], ("scenario", "unit", "year", "force"), "amount", "difference")
    differences += doubled + differing("difference", said, only_asked(totals_too(apart, 1, 3), said))

    differences += compare_changes(program["changes"], ours, amounts)
    if any(ours.moved.values()):
        differences += compare_sensitivity(program["sensitivity"], ours)
    return differences


def compare_since_base(rows: list[dict[str, Any]], years: list[str], amounts: dict[Any, int]) -> Differences:
    """Every projected year beside the base year; the books have no programmes, so that of "" is of all units."""
    sums = totals_too(amounts, 1, 3)
    here: dict[Any, tuple[str, str, str, str | None]] = {}
    for scenario, unit, force in dict.fromkeys((key[0], key[1], key[3]) for key in sums):
        before = sums.get((scenario, unit, years[0], force))
        for year in years[1:]:
            now = sums.get((scenario, unit, year, force))
            if before is None and now is None:
                continue
            change = (now or 0) - (before or 0)
            tenths = half_up(Fraction(1000 * change, abs(before))) if before else 0
            part = f"{'-' * (tenths < 0)}{abs(tenths) // 10}.{abs(tenths) % 10}" if before else None
            figures = money(before or 0), money(now or 0), money(change), part
            here[scenario, "", unit, year, force] = figures
            if unit is None:
                here[scenario, None, unit, year, force] = figures
    names = ("scenario", "programme", "unit", "year", "force")
    said = {tuple(row[name] for name in names): row for row in rows}
    differences = [f"since base: {len(rows)} rows for {len(said)}"] if len(rows) > len(said) else []
    for key in here.keys() | said.keys():
        row = said.get(key)
        figures_said = tuple(row[name] for name in ("base", "amount", "change", "percent")) if row else None
        if figures_said != here.get(key):
            differences.append(f"since base {key}: program {figures_said}, here {here.get(key)}")
    return differences


def compare_changes(rows: list[dict[str, Any]], ours: Projected, amounts: dict[Any, int]) -> Differences:
    differences: Differences = []
    here = {
        (name, row.unit, year_text(row.year), row.force): row
        for name, sides in ours.sides.items()
        for row in changes(sides, ours.case.base)
    }
    seen: set[Any] = set()
    for row in rows:
        key = row["scenario"], row["unit"], row["year"], row["force"]
        effects = {name: pence_of(text) for name, text in row["effects"].items()}
        change = pence_of(row["change"])
        if change != pence_of(row["to"]) - pence_of(row["from"]) or change != sum(effects.values()):
            differences.append(f"change {key}: {row} does not add up")
        if row["unit"] is None or row["force"] is None:
            continue
        if key in seen:
            differences.append(f"change {key}: twice")
        seen.add(key)
        year = int(row["year"][:4])
        before = amounts.get((key[0], key[1], year_text(year - 1), key[3]), 0)
        after = amounts.get(key, 0)
        if (pence_of(row["from"]), pence_of(row["to"])) != (before, after):
            differences.append(
                f"change {key}: from {row['from']} to {row['to']}, here {money(before)} to {money(after)}"
            )
        if key in here:
            differences += compare_effects(key, effects, here[key])
        strange = set(effects) - {*LEDGER_EFFECTS, *OTHER_EFFECTS}
        differences += [f"change {key}: an effect {name}" for name in sorted(strange)]
    differences += compare_causes(rows, ours)
    for key, mine in here.items():
        if key not in seen and (mine.a or mine.b):
            differences.append(f"change {key}: no row, here {money(mine.a)} to {money(mine.b)}")
    return differences


def compare_causes(rows: list[dict[str, Any]], ours: Projected) -> Differences:
    """What was split from the cost, all forces of a unit together."""
    said: dict[Any, int] = {}
    for row in rows:
        if row["unit"] is not None and row["force"] is not None:
            for name in OTHER_EFFECTS:
                key = row["scenario"], row["unit"], row["year"], name
                said[key] = said.get(key, 0) + pence_of(row["effects"].get(name, "0"))
    here: dict[Any, int] = {}
    case = ours.case
    for name, book in ours.books.items():
        longer = extended(book, case.base, case.years, book.assumptions)
        for unit in book.units:
            for year in longer.projected:
                moved = causes(longer, case.base, unit.code, year)
                if moved is not None:
                    here |= {(name, unit.code, year_text(year), cause): pence for cause, pence in moved.items()}
    return differing("cause", {key: pence for key, pence in said.items() if key in here}, here)


def compare_effects(key: Any, effects: dict[str, int], ours: Row) -> Differences:
    differences: Differences = []
    for name in LEDGER_EFFECTS:
        if effects.get(name, 0) != ours.effects[name]:
            said, here = money(effects.get(name, 0)), money(ours.effects[name])
            differences.append(f"change {key}: effect {name} {said}, here {here}")
    rest = sum(effects.get(name, 0) for name in OTHER_EFFECTS)
    here_rest = ours.effects["cost"] + ours.effects["direct"]
    if rest != here_rest:
        differences.append(f"change {key}: all other effects {money(rest)}, here {money(here_rest)}")
    return differences


def compare_sensitivity(rows: list[dict[str, Any]], ours: Projected) -> Differences:
    """An assumption of the workbook goes by its cell; those of a scenario in their order."""
    differences: Differences = []
    here: dict[Any, int] = {}
    for name, effects in ours.moved.items():
        origins = [row.origin for row in ours.books[name].assumptions]
        for (number, side, force, year), pence in effects.items():
            when = None if year is None else year_text(year)
            here[name, origins[number], side, force, when] = pence
    shown = {row["scenario"] for row in rows}
    wanted = {key[0] for key in here}
    if shown != wanted and shown != {"base"} & wanted:
        differences.append(f"sensitivity: scenarios {sorted(shown)}, here {sorted(wanted)}")
    names = ("scenario", "assumption", "side", "force", "year")
    said, doubled = keyed(rows, names, "effect", "sensitivity")
    labels: dict[Any, str] = {}
    for scenario in shown:
        labels |= matched(scenario, [row["assumption"] for row in rows if row["scenario"] == scenario], ours)
    said = {(key[0], labels.get((key[0], key[1]), key[1]), *key[2:]): pence for key, pence in said.items()}
    kept = {key: pence for key, pence in here.items() if key[0] in shown}
    return differences + doubled + differing("sensitivity", {k: v for k, v in said.items() if None not in k[:4]}, kept)


def matched(scenario: str, labels: list[str], ours: Projected) -> dict[Any, str]:
    """What the program calls an assumption of a scenario file: the figure at its end counts its rows."""
    matches: dict[Any, str] = {}
    for label in dict.fromkeys(labels):
        if label.startswith("Assumptions!"):
            continue
        digits = "".join(letter if letter.isdigit() else " " for letter in label).split()
        if digits:
            matches[scenario, label] = f"{scenario} {int(digits[-1])}"
    return matches


# --- compare -----------------------------------------------------------------------------------------------


def compare_comparison(program: dict[str, Any], ours: Comparison) -> Differences:
    differences: Differences = []
    for name, keys in (("without_a", ours.without_a), ("without_b", ours.without_b)):
        said = sorted((row["unit"], row["year"]) for row in program[name])
        ours_there = sorted((unit, year_text(year)) for unit, year in keys)
        if said != ours_there:
            differences.append(f"{name}: program {said}, here {ours_there}")
    here_rows = {(row.unit, year_text(row.year), row.force): row for row in [*ours.rows, *ours.totals]}
    seen: set[Any] = set()
    for row in program["rows"]:
        key = row["unit"], row["year"], row["force"]
        if key in seen:
            differences.append(f"row {key}: twice")
        seen.add(key)
        a, b, difference = (pence_of(row[name]) for name in ("a", "b", "difference"))
        effects = {name: pence_of(text) for name, text in row["effects"].items()}
        if difference != b - a or difference != sum(effects.values()):
            differences.append(f"row {key}: {row} does not add up")
        mine = here_rows.get(key)
        if mine is None:
            if row["force"] is not None and (a or b):
                differences.append(f"row {key}: only the program has it ({row['a']}, {row['b']})")
            continue
        if (a, b) != (mine.a, mine.b):
            differences.append(f"row {key}: {row['a']} and {row['b']}, here {money(mine.a)} and {money(mine.b)}")
        for name in sorted(effects.keys() | mine.effects.keys()):
            if effects.get(name, 0) != mine.effects.get(name, 0):
                moved, here = money(effects.get(name, 0)), money(mine.effects.get(name, 0))
                differences.append(f"row {key}: effect {name} {moved}, here {here}")
    differences += [
        f"row {key}: the program lacks it ({money(row.a)}, {money(row.b)})"
        for key, row in here_rows.items()
        if key not in seen and (row.a or row.b)
    ]
    return differences


def six_decimals(value: Fraction | None) -> Fraction | None:
    return None if value is None else Fraction(half_up(value * 1_000_000), 1_000_000)


def compare_tipping(rows: list[dict[str, Any]], ours: list[Tipping]) -> Differences:
    differences: Differences = []
    here = {(row.unit, year_text(row.year), row.force): row for row in ours}
    said = {(row["unit"], row["year"], row["force"]): row for row in rows}
    differences += [f"tipping {key}: only the program has it" for key in said if key not in here]
    differences += [f"tipping {key}: the program lacks it" for key in here if key not in said]
    for key, row in said.items():
        if key not in here:
            continue
        mine = here[key]
        for name, value in (
            ("demand_share", six_decimals(mine.demand_share)),
            ("tipping_share", six_decimals(mine.tipping_share)),
            ("movement", six_decimals(mine.movement)),
        ):
            if (None if row[name] is None else Fraction(row[name])) != value:
                differences.append(f"tipping {key}: {name} {row[name]}, here {None if value is None else float(value)}")
        if row["reachable"] is not mine.reachable:
            differences.append(f"tipping {key}: reachable {row['reachable']}, here {mine.reachable}")
    return differences


def compare_uncovered(rows: list[dict[str, Any]], ours: dict[Key, tuple[int, int]], leaver: str) -> Differences:
    here = {(unit, year_text(year), leaver): both for (unit, year), both in ours.items()}
    differences: Differences = []
    single = [row for row in rows if row["unit"] is not None]
    for at, name in enumerate(("amount", "own")):
        said, doubled = keyed(single, ("unit", "year", "force"), name, "uncovered")
        differences += doubled + differing(f"uncovered {name}", said, {key: both[at] for key, both in here.items()})
    return differences


# --- asking ------------------------------------------------------------------------------------------------


@dataclass
class Question:
    words: list[str]
    check: Callable[[dict[str, Any]], Differences] | Problem
    """What finds differences; or the problem that the program must have too."""


def expecting(words: list[str], make: Callable[[], Callable[[dict[str, Any]], Differences]]) -> Question:
    try:
        return Question(words, make())
    except Problem as problem:
        return Question(words, problem)


def given_sets(case: Case) -> list[str]:
    return [word for words in case.sets for word in ("--set", words)]


def kept_units(sides: dict[Key, Side], units: Sequence[str]) -> dict[Key, Side]:
    return {key: side for key, side in sides.items() if not units or key[0] in units}


def questions(case: Case, path: Path, files: dict[str, Path], other: Path) -> list[Question]:
    book = str(path)
    scenario_words = [word for file in files.values() for word in ("--scenario", str(file))]
    span = ["--years", str(case.years)] + (["--base-year", year_text(case.base)] if case.base_given else [])
    first, second = (str(files[name]) for name in NAMES)

    def mtfs(names: Sequence[str], sets: bool, moved: bool) -> Callable[[], Callable[[dict[str, Any]], Differences]]:
        def make() -> Callable[[dict[str, Any]], Differences]:
            ours = projected(case, names, sets, moved)
            return lambda answer: compare_mtfs(answer, ours)

        return make

    def computed(names: Sequence[str]) -> Callable[[], Callable[[dict[str, Any]], Differences]]:
        def make() -> Callable[[dict[str, Any]], Differences]:
            ours = calculate(case.under(*names))
            return lambda answer: compare(answer, ours)

        return make

    def compared(
        a: Callable[[], FutureBook], b: Callable[[], FutureBook]
    ) -> Callable[[], Callable[[dict[str, Any]], Differences]]:
        def make() -> Callable[[dict[str, Any]], Differences]:
            ours = comparison_of(sides_of(a()), sides_of(b()))
            return lambda answer: compare_comparison(answer, ours)

        return make

    asked = [
        expecting(
            ["mtfs", book, *span, *scenario_words, *given_sets(case), "--sensitivity", "--json"],
            mtfs(NAMES, sets=True, moved=True),
        ),
        expecting(["mtfs", book, *span, "--json"], mtfs([], sets=False, moved=False)),
        expecting(["compute", book, *scenario_words, *given_sets(case), "--json"], computed(NAMES)),
        expecting(["compute", book, *scenario_words[:2], *given_sets(case), "--json"], computed(NAMES[:1])),
        expecting(
            ["compare", book, first, "--json"], compared(lambda: case.book, lambda: case.under(NAMES[0], sets=False))
        ),
        expecting(
            ["compare", book, first, second, "--json"],
            compared(lambda: case.under(NAMES[0], sets=False), lambda: case.under(NAMES[1], sets=False)),
        ),
    ]
    unit = case.book.units[0].code
    year = max(row.year for row in case.book.budgets if row.unit == unit)

    def filtered() -> Callable[[dict[str, Any]], Differences]:
        a, b = (
            {key: side for key, side in sides_of(case.under(*names)).items() if key == (unit, year)}
            for names in ((), NAMES[:1])
        )
        ours = comparison_of(a, b)
        return lambda answer: compare_comparison(answer, ours)

    narrowed = ["--unit", unit, "--year", year_text(year)]
    asked.append(expecting(["compare", book, first, *given_sets(case), *narrowed, "--json"], filtered))
    if case.other is not None:
        another = case.other
        asked.append(expecting(["compare", str(other), book, "--json"], compared(lambda: another, lambda: case.book)))
    return asked + basis_questions(case, book) + leaving_questions(case, book)


def basis_questions(case: Case, book: str) -> list[Question]:
    asked: list[Question] = []
    for first, second in (("nre", "demand"), ("auto", "demand"), ("nre", "agreed")):

        def make(first: str = first, second: str = second) -> Callable[[dict[str, Any]], Differences]:
            (a, b), failed = where_possible([with_set(case.book, [f"basis={basis}"]) for basis in (first, second)])
            ours = comparison_of(a, b)
            tips = tipping_points(a, b) if second == "demand" else []

            def check(answer: dict[str, Any]) -> Differences:
                differences = compare_comparison(answer, ours)
                said = sorted(row["unit"] for row in answer["not_comparable"])
                if said != sorted(failed):
                    differences.append(f"not comparable: program {said}, here {sorted(failed)}")
                return differences + (compare_tipping(answer["tipping"], tips) if second == "demand" else [])

            return check

        asked.append(expecting(["compare", book, "--basis", first, "--basis", second, "--json"], make))
    return asked


def leaving_questions(case: Case, book: str) -> list[Question]:
    units = case.left or None

    def make() -> Callable[[dict[str, Any]], Differences]:
        a = sides_of(case.book)
        b = sides_of(without(case.book, case.leaver, units))
        ours = comparison_of(kept_units(a, case.left), kept_units(b, case.left))
        left = uncovered(kept_units(a, case.left), case.leaver)

        def check(answer: dict[str, Any]) -> Differences:
            return compare_comparison(answer, ours) + compare_uncovered(answer["uncovered"], left, case.leaver)

        return check

    words = [word for unit in case.left for word in ("--unit", unit)]
    return [expecting(["compare", book, "--without", case.leaver, *words, "--json"], make)]


def judged(answer: dict[str, Any] | str, question: Question) -> Differences:
    if isinstance(question.check, Problem):
        if isinstance(answer, str) and answer.startswith("exit 3"):
            return []
        said = answer[:600] if isinstance(answer, str) else "figures"
        return [f"a problem here ({question.check}), the program gives {said}"]
    return [answer] if isinstance(answer, str) else question.check(answer)


def try_projection(command: Sequence[str], seed: int, folder: Path) -> list[str]:
    """The differences of one seed's questions; its files are kept where there are any."""
    case = random_case(seed, SIZES[seed % len(SIZES)])
    own = folder / f"projection-{seed}"
    own.mkdir(parents=True, exist_ok=True)
    path, other = own / "book.xlsx", own / "other.xlsx"
    write_case(case.book, path, Random(f"writing {seed}"))
    if case.other is not None:
        write_case(case.other, other, Random(f"writing {seed}"))
    files = {name: own / f"{name}.toml" for name in NAMES}
    for name, file in files.items():
        file.write_text(case.scenarios[name], encoding="utf-8")
    report: list[str] = []
    for question in questions(case, path, files, other):
        differences = judged(ask(command, question.words), question)
        if differences:
            report += [f"seed {seed} {shlex.join(question.words)}"] + [f"    {text}" for text in differences]
    if not report:
        for file in [path, other, *files.values()]:
            file.unlink(missing_ok=True)
        own.rmdir()
    return report


def projection_census(first: int, last: int) -> Counter[str]:
    """What the cases of these seeds exercise, to see that no paragraph goes untried."""
    seen: Counter[str] = Counter()
    for seed in range(first, last + 1):
        case = random_case(seed, SIZES[seed % len(SIZES)])
        seen["cases"] += 1
        seen["base year given"] += case.base_given
        seen["base year before the last of Budgets"] += case.base < max(row.year for row in case.book.budgets)
        seen.update(f"set {words.split('=')[0].split('.')[-1]}" for words in case.sets)
        for text in case.scenarios.values():
            seen.update({f"scenario {line}" for line in text.splitlines() if line.startswith("[[")})
        seen.update(f"assumption {row.kind} {row.type}" for row in case.book.assumptions)
        ours = projected(case, NAMES, sets=True, moved=True)
        for sides in ours.sides.values():
            count_sides(seen, sides, case.base)
        seen["sensitivities other than zero"] += sum(bool(p) for each in ours.moved.values() for p in each.values())
        for question in questions(case, Path("book"), {name: Path(name) for name in NAMES}, Path("other")):
            asked = " ".join(word for word in question.words if word.isalpha() or word.startswith("--"))
            seen[f"{asked[:60]}: {'a problem' if isinstance(question.check, Problem) else 'figures'}"] += 1
    return seen


def count_sides(seen: Counter[str], sides: dict[Key, Side], base: int) -> None:
    for (_, year), side in sides.items():
        if year > base:
            seen["projected unit-years"] += 1
            seen["window moved back"] += with_window_placed(side.book, side.unit, year) is not side.book
            seen.update({f"projected {line.component} on {line.basis}" for line in side.lines if line.pence})
    for row in changes(sides, base):
        seen.update(f"effect {name}" for name, pence in row.effects.items() if pence)
