"""Rows that may be counted once too often: the same line twice, and a total read as a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from bch_apportion.model import Assumption, BudgetRow, Inputs, Payment, name_key
from bch_apportion.money import plain, pounds, pounds_words
from bch_apportion.places import Place, column_number
from bch_apportion.problems import Query
from bch_apportion.queries.suspicion import Alternative, Suspicion
from bch_apportion.years import FinancialYear

Posted: TypeAlias = BudgetRow | Payment | Assumption


class SheetRow(NamedTuple):
    """A row of a sheet: what is read of it (several, where it is wide), and its filled cells in their order."""

    rows: tuple[Posted, ...]
    cells: tuple[tuple[str, str], ...]  # the column, and what it says

    def texts(self) -> tuple[str, ...]:
        """What its cells say; the heading of a wide column is none of them."""
        return tuple(text for column, text in self.cells if not column.startswith("heading"))

    def words(self) -> list[str]:
        """The same as a sentence says it."""
        spoken = ((column, text) for column, text in self.cells if text and not column.startswith("heading"))
        return [pounds_words(int(text.replace(".", ""))) if column == "amount" else text for column, text in spoken]


def duplicates(inputs: Inputs) -> Iterator[Suspicion]:
    """*duplicate-line*: rows alike in every cell that is read, with an amount; three alike are one query."""
    sheets: dict[str, Sequence[Posted]] = {
        "Budgets": inputs.budgets,
        "Actuals": inputs.actuals,
        "Payments": inputs.payments,
        "Assumptions": inputs.assumptions,
    }
    for sheet, rows in sheets.items():
        alike: dict[object, list[SheetRow]] = {}
        for row in _sheet_rows(rows):
            alike.setdefault(tuple((column, name_key(text)) for column, text in row.cells), []).append(row)
        yield from (_duplicate(inputs, sheet, same) for same in alike.values() if len(same) > 1 and _amounts(same[0]))


def _amounts(row: SheetRow) -> bool:
    return any(posted.value if isinstance(posted, Assumption) else posted.pence for posted in row.rows)


def _duplicate(inputs: Inputs, sheet: str, same: Sequence[SheetRow]) -> Suspicion:
    first, times = same[0], {2: "twice", 3: "three times"}.get(len(same), f"{len(same)} times")
    query = Query(
        "duplicate-line",
        (sheet, *first.texts()),
        cells=tuple(posted.cell for row in same for posted in row.rows),
        message=f"{sheet} has the same row {times}: {', '.join(first.words())}. All of them are counted",
        units=tuple({posted.unit: None for posted in first.rows if posted.unit}),
        years=tuple(dict.fromkeys(_year(posted) for posted in first.rows)),
    )
    further = {id(posted) for row in same[1:] for posted in row.rows}
    units = frozenset(posted.unit for posted in first.rows if isinstance(posted, BudgetRow))
    if sheet == "Budgets":
        rest = tuple(row for row in inputs.budgets if id(row) not in further)
        return Suspicion(query, (Alternative(replace(inputs, budgets=rest), units),))
    if sheet == "Actuals":
        rest = tuple(row for row in inputs.actuals if id(row) not in further)
        return Suspicion(query, (Alternative(replace(inputs, actuals=rest), units, of_actuals=True),))
    return Suspicion(query)


def _year(row: Posted) -> FinancialYear:
    return row.from_year if isinstance(row, Assumption) else row.year


def _sheet_rows(rows: Sequence[Posted]) -> Iterator[SheetRow]:
    """The rows as they stand on the sheet: what is read of a wide row is together again."""
    by_row: dict[tuple[str, str, str], list[Posted]] = {}
    for row in rows:
        by_row.setdefault((row.cell.file, row.cell.sheet, _number(row.cell)), []).append(row)
    for same in by_row.values():
        cells: dict[Place, tuple[str, str]] = {}
        headings: list[tuple[str, str]] = []
        for row in same:
            texts = _texts(row)
            for column, place in row.cells.items():
                if column == "year" and place == row.cell:  # the heading of a wide column
                    headings.append((f"heading {texts[column]}", ""))
                else:
                    cells[place] = (column, texts[column])
        yield SheetRow(tuple(same), (*(cells[place] for place in sorted(cells, key=_column)), *headings))


def _number(place: Place) -> str:
    return place.cell[len(place.cell.rstrip("0123456789")) :]


def _column(place: Place) -> int:
    """Where a cell stands in its row; the keys of a scenario stay in the order they are given."""
    letters = place.cell.rstrip("0123456789")
    return column_number(letters) if letters.isalpha() and letters.isupper() else 0


def _texts(row: Posted) -> Mapping[str, str]:
    """What a row says, by column: amounts with two decimals, percentages as they stand."""
    if isinstance(row, BudgetRow):
        return {
            "unit": row.unit,
            "year": str(row.year),
            "amount": pounds(row.pence),
            "line": row.line,
            "subjective": row.subjective,
            "type": row.type,
            "held by": row.held_by,
            "direct to": row.direct_to,
            "paid by": row.paid_by,
            "period": "" if row.period is None else str(row.period),
        }
    if isinstance(row, Payment):
        return {
            "year": str(row.year),
            "from": row.payer,
            "to": row.payee,
            "amount": pounds(row.pence),
            "unit": row.unit or "",
            "date": row.day.isoformat() if row.day else "",
        }
    figures = {"value": row.value, "low": row.low, "high": row.high}
    return {
        "unit": row.unit,
        "line": row.line,
        "subjective": row.subjective,
        "type": row.type,
        "force": row.force,
        "from year": str(row.from_year),
        "kind": row.kind,
        "reference": row.reference,
    } | {
        name: "" if figure is None else plain(figure) if row.is_percentage else pounds(int(figure))
        for name, figure in figures.items()
    }


def called_totals(inputs: Inputs) -> Iterator[Suspicion]:
    """*looks-like-total*: a line that calls itself a total, and is not the sum of lines above it."""
    texts = {total.cell: total.text for total in inputs.called_totals}
    for sheet, rows in (("Budgets", inputs.budgets), ("Actuals", inputs.actuals)):
        for row in rows:
            if row.cell in texts:
                yield _called_total(inputs, sheet, row, texts[row.cell])


def _called_total(inputs: Inputs, sheet: str, row: BudgetRow, text: str) -> Suspicion:
    query = Query(
        "looks-like-total",
        (sheet, row.unit, str(row.year), text, pounds(row.pence)),
        cells=(row.cell,),
        message=f"“{text}” of {row.unit} {row.year}, {pounds_words(row.pence)}, calls itself a total; it is counted as "
        "a line, since it is not the sum of lines above it",
        units=(row.unit,),
        years=(row.year,),
    )
    if sheet == "Budgets":
        without = replace(inputs, budgets=tuple(other for other in inputs.budgets if other is not row))
    else:
        without = replace(inputs, actuals=tuple(other for other in inputs.actuals if other is not row))
    return Suspicion(query, (Alternative(without, frozenset({row.unit}), of_actuals=sheet == "Actuals"),))
