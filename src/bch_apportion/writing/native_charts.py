"""Charts that a spreadsheet draws from its own cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from bch_apportion.writing.report import Chart
from bch_apportion.writing.workbook import Book

WIDE, HIGH = 620, 300  # pixels
LOOKS: dict[str, dict[str, Any]] = {
    "waterfall": {"border": {"none": True}, "gap": 40},
    "stacked": {"gap": 60},
    "line": {"marker": {"type": "automatic"}},
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
}
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
        native.add_series({"name": name, "categories": span(chart.categories), "values": span(name), **look})
    native.set_legend({"position": "bottom", **({"delete_series": [0, 4, 5]} if chart.kind == "waterfall" else {})})
    native.set_title({"name": chart.title, "name_font": {"size": 12}})
    start = {"min": chart.start // 100} if chart.start is not None else {}
    axis = {
        "num_format": "#,##0," if thousands else "#,##0",
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        **start,
    }
    if chart.kind == "tornado":  # the largest effect on top, the names beside the bars
        native.set_y_axis({"reverse": True, "label_position": "low"})
        native.set_x_axis({**axis, "crossing": "max"})
    else:
        native.set_y_axis(axis)
    native.set_size({"width": size[0], "height": size[1]})
    return native, {"description": chart.title}


def _stars(chart: Chart) -> dict[str, Any]:
    """Labels of a series: a star above the categories that have it, nothing at the others."""
    places = range(chart.last - chart.first + 1)
    labels = [{"value": "*"} if place in chart.starred else {"delete": True} for place in places]
    return {"value": True, "position": "above", "custom": labels}
