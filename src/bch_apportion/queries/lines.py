"""Rows that may be counted once too often: the same line twice, and a total read as a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from bch_apportion.groups import groups
from bch_apportion.model import Assumption, BudgetRow, Inputs, Payment, name_key
from bch_apportion.money import plain, pounds, pounds_words
from bch_apportion.places import Place, column_number
from bch_apportion.problems import Query
from bch_apportion.queries.suspicion import Alternative, Suspicion
from bch_apportion.years import FinancialYear

Posted: TypeAlias = BudgetRow | Payment | Assumption
ATTRIBUTES = {"amount": "pence", "from": "payer", "to": "payee", "date": "day"}  # of columns that are called otherwise


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
        alike = groups(
            (tuple((column, name_key(text)) for column, text in row.cells), row) for row in _sheet_rows(rows)
        )
        yield from (_duplicate(inputs, sheet, same) for same in alike.values() if len(same) > 1 and _amounts(same[0]))


def _amounts(row: SheetRow) -> bool:
    return any(posted.value if isinstance(posted, Assumption) else posted.pence for posted in row.rows)


def _duplicate(inputs: Inputs, sheet: str, same: Sequence[SheetRow]) -> Suspicion:
    first, times = same[0], {2: "twice", 3: "three times"}.get(len(same), f"{len(same)} times")
    cells = tuple(posted.cell for row in same for posted in row.rows)
    message = f"{sheet} has the same row {times}: {', '.join(first.words())}. All of them are counted"
    units = tuple({posted.unit: None for posted in first.rows if posted.unit})
    years = tuple(dict.fromkeys(map(_year, first.rows)))
    query = Query("duplicate-line", (sheet, *first.texts()), cells, message, units=units, years=years)
    further = [posted for row in same[1:] for posted in row.rows if isinstance(posted, BudgetRow)]
    return Suspicion(query, (_without(inputs, sheet, further),) if further else ())


def _without(inputs: Inputs, sheet: str, rows: Sequence[BudgetRow]) -> Alternative:
    """The inputs without some rows of Budgets or Actuals: these themselves, not others that are equal to them."""
    field, left_out = sheet.lower(), set(map(id, rows))
    rest: dict[str, Any] = {field: tuple(row for row in getattr(inputs, field) if id(row) not in left_out)}
    return Alternative(replace(inputs, **rest), frozenset(row.unit for row in rows), of_actuals=sheet == "Actuals")


def _year(row: Posted) -> FinancialYear:
    return row.from_year if isinstance(row, Assumption) else row.year


def _sheet_rows(rows: Sequence[Posted]) -> Iterator[SheetRow]:
    """The rows as they stand on the sheet: what is read of a wide row is together again."""
    by_row = groups(((row.cell.file, row.cell.sheet, _number(row.cell)), row) for row in rows)
    for same in by_row.values():
        cells: dict[Place, tuple[str, str]] = {}
        headings: list[tuple[str, str]] = []
        for row in same:
            for column, place in row.cells.items():
                if column == "year" and place == row.cell:  # the heading of a wide column
                    headings.append((f"heading {_text(row, column)}", ""))
                else:
                    cells[place] = (column, _text(row, column))
        yield SheetRow(tuple(same), (*(cells[place] for place in sorted(cells, key=_column)), *headings))


def _number(place: Place) -> str:
    return place.cell[len(place.cell.rstrip("0123456789")) :]


def _column(place: Place) -> int:
    """Where a cell stands in its row; the keys of a scenario stay in the order they are given."""
    letters = place.cell.rstrip("0123456789")
    return column_number(letters) if letters.isalpha() and letters.isupper() else 0


def _text(row: Posted, column: str) -> str:
    """What a row says in a column: amounts with two decimals, percentages as they stand."""
    value = getattr(row, ATTRIBUTES.get(column, column.replace(" ", "_")))
    if value is None:
        return ""
    if isinstance(row, Assumption) and column in ("value", "low", "high"):
        return plain(value) if row.is_percentage else pounds(int(value))
    return pounds(value) if column == "amount" else str(value)


def called_totals(inputs: Inputs) -> Iterator[Suspicion]:
    """*looks-like-total*: a line that calls itself a total, and is not the sum of lines above it."""
    texts = {total.cell: total.text for total in inputs.called_totals}
    for sheet, rows in (("Budgets", inputs.budgets), ("Actuals", inputs.actuals)):
        for row in rows:
            if row.cell in texts:
                yield _called_total(inputs, sheet, row, texts[row.cell])


def _called_total(inputs: Inputs, sheet: str, row: BudgetRow, text: str) -> Suspicion:
    message = (
        f"“{text}” of {row.unit} {row.year}, {pounds_words(row.pence)}, calls itself a total; it is counted as a line, "
        "since it is not the sum of lines above it"
    )
    key = (sheet, row.unit, str(row.year), text, pounds(row.pence))
    query = Query("looks-like-total", key, (row.cell,), message, units=(row.unit,), years=(row.year,))
    return Suspicion(query, (_without(inputs, sheet, [row]),))
