"""Charts that a spreadsheet draws from its own cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from bch_apportion.writing.report import THOUSANDS, Chart
from bch_apportion.writing.workbook import Book

WIDE, HIGH = 620, 300  # pixels
LOOKS: dict[str, dict[str, Any]] = {
    "waterfall": {"border": {"none": True}, "gap": 40},
    "stacked": {"gap": 60},
    "line": {"marker": {"type": "automatic"}},
    "slope": {"gap": 40},
}
WATERFALL = {  # the colours of its series; its base is not seen
    "total": "#7F7F7F",
    "rise": "#C55A11",
    "fall": "#2E75B6",
    "rise below 0": "#C55A11",
    "fall below 0": "#2E75B6",
}
CHARTS = {
    "waterfall": {"type": "column", "subtype": "stacked"},
    "line": {"type": "line"},
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "tornado": {"type": "bar", "subtype": "stacked"},
    "slope": {"type": "bar"},
}
HATCHED = {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#C55A11", "bg_color": "#FFFFFF"}}
Span: TypeAlias = list[Any]
"""Cells of a sheet: its name, first row and column, last row and column, from 0."""


def drawn(
    book: Book,
    chart: Chart,
    span: Callable[[str], Span],
    size: tuple[float, float] = (WIDE, HIGH),
    thousands: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """A native chart and its options; `span` gives the cells of its categories and of each series by their names."""
    native = book.file.add_chart(CHARTS[chart.kind])
    for name in chart.series:
        look = LOOKS.get(chart.kind, {})
        if chart.kind == "waterfall":
            look = {**look, "fill": {"color": WATERFALL[name]} if name in WATERFALL else {"none": True}}
        if chart.starred and name == chart.series[0]:
            look = {**look, "data_labels": _stars(chart)}
        if chart.kind == "slope":
            look = {**look, "points": [HATCHED if place in chart.starred else None for place in _places(chart)]}
        native.add_series({"name": name, "categories": span(chart.categories), "values": span(name), **look})
    native.set_legend({"position": "bottom", **({"delete_series": [0, 4, 5]} if chart.kind == "waterfall" else {})})
    title = f"{chart.title} ({THOUSANDS})" if thousands and chart.kind != "slope" else chart.title
    native.set_title({"name": title, "name_font": {"size": 12}})
    start = {"min": chart.start // 100} if chart.start is not None else {}
    digits = "#,##0.00" if chart.kind == "slope" else "#,##0," if thousands else "#,##0"
    axis = {"num_format": digits, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}, **start}
    if chart.kind == "slope":  # the largest on top
        native.set_y_axis({"reverse": True, "crossing": "max"})
        native.set_x_axis(axis)
    elif chart.kind == "tornado":  # the largest effect on top, the names beside the bars
        native.set_y_axis({"reverse": True, "label_position": "low"})
        native.set_x_axis({**axis, "crossing": "max"})
    else:
        native.set_y_axis(axis)
    native.set_size({"width": size[0], "height": size[1]})
    return native, {"description": title, "y_offset": 4}  # off the edge of a page


def _stars(chart: Chart) -> dict[str, Any]:
    """Labels of a series: a star at the categories that have it, nothing at the others."""
    labels = [{"value": "*"} if place in chart.starred else {"delete": True} for place in _places(chart)]
    return {"value": True, "position": "outside_end" if chart.kind == "slope" else "above", "custom": labels}


def _places(chart: Chart) -> range:
    return range(chart.last - chart.first + 1)
