"""The sheet that opens a workbook: a page on a grid of columns, printed on A4, and the contents under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from textwrap import shorten
from typing import Any, NamedTuple

from bch_apportion.writing import workbook
from bch_apportion.writing.native_charts import Span, drawn
from bch_apportion.writing.paper import DRAWN, breaks, fit_page, headed, pixels
from bch_apportion.writing.report import CALCULATION, FIRST, THOUSANDS, Cell, Chart, Page, Report
from bch_apportion.writing.sheets import Sheets, heading, width_of
from bch_apportion.writing.text import is_number, rounding_note, titled, without_show
from bch_apportion.writing.workbook import LINE, row_height, side, write_text

MOST_ACROSS = 7  # columns of figures: a wider table gives way to what stands for it
WIDEST, NARROW = 34, 24  # characters of a column of texts, and of one at the edge of the grid that fills the rest
PAGE = 96  # characters that a page is wide at least
CHART = 240  # pixels that its charts are high
CHART_ROWS = 13
MOST_LEAD = 2  # columns of texts beyond which the figures of a table do not stand under those of others
KEPT = 6  # rows that a heading stands on a page with
MERGED = 1.1  # by how much more a text fits in merged columns, which are as wide as figures need
ABOUT = 110  # characters that the contents say of a sheet


class _Table(NamedTuple):
    """A table on the grid: where each column stands, and whether its charts' series are rows."""

    report: Report
    places: tuple[int, ...]
    across: bool


class Front:
    """The page as it is written; `row` is the next to be filled, `high` how many points stand above it."""

    def __init__(self, sheets: Sheets) -> None:
        self.sheets, self.book, self.sheet = sheets, sheets.book, sheets.add(FIRST)
        self.row, self.high = 0, 0.0
        self.thousands = False
        self.widths: list[float] = []
        self.charts: list[tuple[int, float, float]] = []  # where they stand, and how high they are
        self.headings: list[tuple[int, float]] = []

    def write(self, page: Page, contents: Sequence[Report]) -> None:
        """Write the page, then the contents, which are not printed with it."""
        self.thousands = page.units == THOUSANDS
        shaped = [part for block in page.blocks for part in (_shaped(block) if isinstance(block, Report) else [block])]
        tables = _on_grid([block for block in shaped if isinstance(block, Report)])
        self._columns(tables)
        self._line(titled(page), workbook.TITLE)
        for text in (page.lead, self.sheets.stamp):
            if text:
                self._text(text)
        placed, styles = iter(tables), self.sheets.cells
        if self.thousands:
            self.sheets.cells = self.sheets.in_thousands()
        for block in shaped:
            self._block(next(placed) if isinstance(block, Report) else block)
        if self.thousands:
            self._text(rounding_note(page, self.thousands))
        self.sheets.cells = styles
        self._printed()
        self._contents(contents)

    def _printed(self) -> None:
        self.sheet.print_area(0, 0, self.row - 1, len(self.widths) - 1)
        holds = fit_page(self.sheet, self.widths, self.high)
        headings = ((row, top, KEPT * LINE) for row, top in self.headings)
        self.sheet.set_h_pagebreaks(breaks([*headings, *self.charts], holds))
        self.sheet.hide_gridlines(2)
        headed(self.sheet, "", self.sheets.stamp)

    def _columns(self, tables: Sequence[_Table]) -> None:
        """The columns of the grid, as wide as what stands in them; the last widened to fill a page."""
        count = max((max(table.places) + 1 for table in tables), default=1)
        self.widths = [10.0] * count
        for table in tables:
            for place, (column, at) in enumerate(zip(table.report.columns, table.places, strict=True)):
                fills = column.kind == "wide" and at == max(table.places) and at
                if not fills or at == count - 1:  # where nothing is left to fill, it needs a width of its own
                    width = min(width_of(table.report, place, column.name), NARROW if fills else WIDEST)
                    self.widths[at] = max(self.widths[at], width)
        spare = max(0, PAGE - sum(self.widths)) / max(1, count - 1)
        self.widths = [width + spare if at or count == 1 else width for at, width in enumerate(self.widths)]
        for at, width in enumerate(self.widths):
            self.sheet.set_column(at, at, width)

    def _block(self, block: str | tuple[str] | Cell | _Table) -> None:
        if isinstance(block, Cell):
            self._status(block)
        elif isinstance(block, _Table):
            self._table(block)
        elif isinstance(block, tuple):
            self.headings.append((self.row, self.high))
            self._next()
            self._line(block[0], workbook.BOLD)
        else:
            self._next()
            self._text(block)

    def _next(self, high: float = LINE) -> None:
        """Go on to the next row."""
        if high > LINE:
            self.sheet.set_row(self.row, high)
        self.row, self.high = self.row + 1, self.high + high

    def _line(self, text: str, style: dict[str, Any]) -> None:
        large = style["font_size"] / 11 if "font_size" in style else 1
        self._merged()
        write_text(self.sheet, self.row, 0, text, self.book.style(**style, text_wrap=True))
        self._next(row_height([(text, sum(self.widths) / large)]) * large)

    def _text(self, text: str) -> None:
        self._line(without_show(text), {"valign": "top"})

    def _merged(self, first: int = 0) -> None:
        """The cells of the row from a column on to the last as a single cell."""
        last = len(self.widths) - 1
        if first < last:
            self.sheet.merge_range(self.row, first, self.row, last, "", self.book.style(**workbook.WRAPPED))

    def _status(self, cell: Cell) -> None:
        """A line that says how the figures stand; a formula may make it longer."""
        self._merged()
        style = self.book.style(text_wrap=True, valign="vcenter")
        self.sheet.write_formula(self.row, 0, cell.formula, style, cell.value)
        self.sheets.coloured(self.sheet, self.row, self.row, 0)
        self._next(2 * LINE if cell.value else LINE)

    def _table(self, table: _Table) -> None:
        report = table.report
        self._next()
        if report.title:
            self._line(titled(report, self.thousands), workbook.BOLD)
        if not report.rows:
            self._text(report.empty or "None.")
            return
        first = self.row
        if report.headed:
            self._heads(table)
        for number, values in enumerate(report.rows):
            self._values(table, values, strong=number >= len(report.rows) - report.totals or number in report.strong)
        for note in report.notes:
            self._text(note)
        self._charts(table, first)

    def _heads(self, table: _Table) -> None:
        for at in range(max(table.places) + 1):
            write_text(self.sheet, self.row, at, "", self.book.style(**workbook.HEADER))
        texts = []
        for column, at in zip(table.report.columns, table.places, strict=True):
            text = heading(table.report, column, self.thousands)
            style = self.book.style(**workbook.HEADER, **side(is_number(column.kind)))
            write_text(self.sheet, self.row, at, text, style)
            texts.append((text, self.widths[at]))
        self._next(row_height(texts))

    def _values(self, table: _Table, values: Sequence[Any], strong: bool) -> None:
        texts, last = [], max(table.places)
        for at in sorted(set(range(last)) - set(table.places)) if strong else ():
            self.sheets.cell(self.sheet, (self.row, at), None, "text", strong)
        for value, column, at in zip(values, table.report.columns, table.places, strict=True):
            fills = column.kind == "wide" and at == last
            if fills:
                self._merged(at)
            if isinstance(value, Cell) and value.formula and column.kind == "wide":
                self.sheet.write_formula(self.row, at, value.formula, self.sheets.cells["wide", False], value.value)
                self.sheets.coloured(self.sheet, self.row, self.row, at)
            else:
                self.sheets.cell(self.sheet, (self.row, at), value, column.kind, strong)
            if column.kind == "wide":
                texts.append((str(value), MERGED * sum(self.widths[at:]) if fills else self.widths[at]))
        self._next(row_height(texts) if texts else LINE)

    def _charts(self, table: _Table, first: int) -> None:
        for chart in table.report.charts:
            self._next()
            self.charts.append((self.row, self.high, CHART * DRAWN))
            size = (min(pixels(self.widths), 1000) - 10, CHART)
            span = partial(self._span, table, chart, first)
            self.sheet.insert_chart(self.row, 0, *drawn(self.book, chart, span, size, self.thousands))
            for _ in range(CHART_ROWS - 1):
                self._next()

    def _span(self, table: _Table, chart: Chart, first: int, name: str) -> Span:
        """The cells of a chart's categories or of a series, below the headings in row `first`."""
        low, high, report = chart.first + 1, chart.last + 1, table.report
        if table.across:
            names = [chart.categories, *(str(row[0]) for row in report.rows)]
            row = first + names.index(name)
            return [FIRST, row, table.places[low], row, table.places[high]]
        at = table.places[[column.name for column in report.columns].index(name)]
        return [FIRST, first + low, at, first + high, at]

    def _contents(self, sheets: Sequence[Report]) -> None:
        """The sheets with what each holds, those of a group under its name; of the calculation a single line."""
        link = self.book.style(**workbook.LINK)
        self.row += 1
        place = f"internal:'{FIRST}'!A{self.row + 1}"
        self.sheet.write_url(0, len(self.widths), place, link, string="Contents")
        write_text(self.sheet, self.row, 0, "Contents", self.book.style(**workbook.BOLD))
        self.row += 1
        for group, members in groupby(sheets, lambda sheet: sheet.group):
            own = list(members)
            if group == CALCULATION:
                ends = f"{len(own)} grey sheets, {own[0].name} to {own[-1].name}: what the formulas need"
                self._listed(own[0].name, ends, 0, CALCULATION)
                continue
            if group:
                write_text(self.sheet, self.row, 0, group, self.book.style(**workbook.BOLD))
                self.row += 1
            for sheet in own:
                about = " ".join((f"{titled(sheet)}.", *sheet.notes))
                self._listed(sheet.name, about, 1 if group else 0)

    def _listed(self, name: str, about: str, level: int, shown: str = "") -> None:
        style = self.book.style(**workbook.LINK, **({"indent": 2 * level} if level else {}))
        place = name.replace("'", "''")
        self.sheet.write_url(self.row, 0, f"internal:'{place}'!A1", style, string=shown or name)
        text = shorten(about, ABOUT, placeholder=" …")
        write_text(self.sheet, self.row, 1 if len(self.widths) > 1 else 2, text, self.book.style(valign="top"))
        self.row += 1


def _shaped(report: Report) -> list[Report]:
    """A table with the charts of what stands for it where it is too wide, or that."""
    if report.charts or not report.turned:
        return [replace(report, turned=())]
    if sum(is_number(column.kind) for column in report.columns) <= MOST_ACROSS:
        return [replace(report, charts=report.turned[0].charts)]
    return [replace(part, turned=()) for part in report.turned]


def _on_grid(reports: Sequence[Report]) -> list[_Table]:
    """Where the columns of tables stand: figures under figures, texts that end in a wide one side by side."""
    leads = [lead for lead in map(_lead, reports) if lead]
    figures = max(leads, default=1)
    tables = []
    for report in reports:
        lead, columns = _lead(report), range(len(report.columns))
        places = tuple(at if at < lead else figures + at - lead for at in columns) if lead else tuple(columns)
        tables.append(_Table(report, places, bool(report.turned)))
    return tables


def _lead(report: Report) -> int:
    """How many columns of texts stand before figures; none where they are many, or where a table ends in texts."""
    kinds: Iterator[bool] = (is_number(column.kind) for column in report.columns)
    lead = 0 if not is_number(report.columns[-1].kind) else next(place for place, figure in enumerate(kinds) if figure)
    return lead if lead <= MOST_LEAD else 0
