"""Charts of a report as inline SVG: drawn by matplotlib, then taken over element by element.

What comes out has classes where matplotlib writes colours and styles, so that the page's own style sheet colours it in
light and dark and its policy can refuse inline styles; real text in the page's font; no clock and no ids but ours.
Amounts become floats only to be places on the paper: every figure that is written is an int in pence until it is text.
"""

from __future__ import annotations

import logging
import re
import warnings
from io import StringIO
from typing import Any
from xml.etree import ElementTree

logging.getLogger("matplotlib").setLevel(logging.CRITICAL)  # what it has to say about fonts is no concern of the reader

import matplotlib as mpl  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from bch_apportion.reports.report import Chart, Report  # noqa: E402
from bch_apportion.writing.text import printable, shown  # noqa: E402

INK, GRID, TOTAL, RISE, FALL = "#010101", "#020202", "#030303", "#040404", "#050505"
LINES = tuple(f"#1010{number:02x}" for number in range(6))
CLASSES = {INK: "ink", GRID: "grid", TOTAL: "total", RISE: "rise", FALL: "fall"}
CLASSES |= {colour: f"s{number}" for number, colour in enumerate(LINES)}
"""Colours that stand for a class of the page's style sheet."""
DASHES = ("-", (0, (6, 2)), (0, (2, 2)), (0, (6, 2, 2, 2)), (0, (1, 1)), (0, (8, 2, 2, 2, 2, 2)))
MARKS = ("o", "s", "^", "D", "v", "P")
SIZE = (5.8, 3.2)  # inches
PLACE = (0.15, 0.22, 0.83, 0.74)  # left, bottom, width and height of the axes, as parts of the figure
STYLE: dict[Any, Any] = {  # Any: the names of matplotlib's settings differ between its releases
    "svg.hashsalt": "bch-apportion",
    "svg.fonttype": "none",
    "svg.image_inline": True,
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": GRID,
    "axes.formatter.use_locale": False,
}
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
SHAPES = {"g", "path", "use", "defs", "clipPath", "rect", "text", "tspan"}
PLAIN = {"d", "x", "y", "width", "height", "transform", "clip-path"}
STYLED = {"stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "text-anchor"}


def svg(report: Report, chart: Chart, key: str, thousands: bool = False) -> ElementTree.Element:
    """A chart of these rows as an <svg> element without words about it; its ids begin with `key`."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that the measuring font lacks is in the reader's
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        figure = Figure(figsize=SIZE)
        FigureCanvasSVG(figure)
        axes = figure.add_axes(PLACE)
        if chart.kind == "tornado":
            _tornado(axes, report, chart, thousands)
        else:
            draw = {"waterfall": _waterfall, "column": _columns, "stacked": _stacked}.get(chart.kind, _lines)
            draw(axes, report, chart)
            _frame(axes, report, chart, thousands)
        drawn = StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
    root = ElementTree.fromstring(drawn.getvalue())  # noqa: S314  # matplotlib's own, not the reader's
    return _taken_over(root, key)


def values_of(report: Report, chart: Chart, name: str) -> list[Any]:
    """The values of a column over the rows of a chart."""
    place = next(i for i, column in enumerate(report.columns) if column.name == name)
    return [row[place] for row in report.rows[chart.first : chart.last + 1]]


def _categories(report: Report, chart: Chart) -> list[str]:
    return [printable(str(value)) for value in values_of(report, chart, chart.categories)]


def _waterfall(axes: Axes, report: Report, chart: Chart) -> None:
    """Stacked columns on an unseen base: a total, a rise or a fall, in parts above and below zero."""
    base, total, *moves = ([pence or 0 for pence in values_of(report, chart, name)] for name in chart.series)
    colours = (TOTAL, RISE, FALL, RISE, FALL)
    labels = (*chart.series[1:4], None, None)
    for heights, colour, label in zip((total, *moves), colours, labels, strict=True):
        places = [i for i, height in enumerate(heights) if height]
        axes.bar(
            places,
            [heights[i] for i in places],
            bottom=[base[i] for i in places],
            width=0.66,
            color=colour,
            label=None if label is None else printable(label),
            linewidth=0,
        )


def _lines(axes: Axes, report: Report, chart: Chart) -> None:
    """A line for each series, told apart by colour, dash and mark; a gap where there is no figure."""
    for number, name in enumerate(chart.series):
        values = values_of(report, chart, name)
        if all(pence is None for pence in values):
            continue
        axes.plot(
            range(len(values)),
            [float("nan") if pence is None else pence for pence in values],
            color=LINES[number % len(LINES)],
            linestyle=DASHES[number % len(DASHES)],
            marker=MARKS[number % len(MARKS)],
            markersize=5,
            linewidth=1.8,
            label=printable(name),
        )


def _columns(axes: Axes, report: Report, chart: Chart) -> None:
    """Columns side by side, one for each series."""
    width = 0.8 / len(chart.series)
    for number, name in enumerate(chart.series):
        values = values_of(report, chart, name)
        places = [i for i, pence in enumerate(values) if pence is not None]
        axes.bar(
            [i - 0.4 + width * (number + 0.5) for i in places],
            [values[i] for i in places],
            width=width * 0.94,
            color=LINES[number % len(LINES)],
            label=printable(name),
            linewidth=0,
        )


def _stacked(axes: Axes, report: Report, chart: Chart) -> None:
    """Columns on top of one another; what is below zero hangs below it."""
    above, below = [[0] * (chart.last - chart.first + 1) for _ in range(2)]
    for number, name in enumerate(chart.series):
        values = [pence or 0 for pence in values_of(report, chart, name)]
        ends = [above if pence >= 0 else below for pence in values]
        axes.bar(
            range(len(values)),
            values,
            bottom=[end[i] for i, end in enumerate(ends)],
            width=0.66,
            color=LINES[number % len(LINES)],
            label=printable(name),
            linewidth=0,
        )
        for i, pence in enumerate(values):
            ends[i][i] += pence


NAME = 34  # letters of a category beside a bar; the figures beside the chart have it whole


def _tornado(axes: Axes, report: Report, chart: Chart, thousands: bool) -> None:
    """Bars to both sides of zero, the first category on top."""
    axes.set_position((0.42, 0.16, 0.56, 0.8))
    for colour, name in zip((FALL, RISE), chart.series, strict=True):
        values = [pence or 0 for pence in values_of(report, chart, name)]
        axes.barh(range(len(values)), values, height=0.66, color=colour, label=printable(name), linewidth=0)
    words = [word if len(word) <= NAME else word[: NAME - 1] + "…" for word in _categories(report, chart)]
    axes.set_yticks(range(len(words)), words)
    axes.set_ylim(len(words) - 0.4, -0.6)
    ticks = axis_of(report, chart)
    axes.set_xlim(ticks[0], ticks[-1])
    every = max(1, -(-len(ticks) // 4))
    axes.set_xticks(ticks[::every], [_tick(pence, thousands) for pence in ticks[::every]])
    axes.set_axisbelow(True)
    axes.grid(axis="x", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.legend(loc="upper center", bbox_to_anchor=(0.3, -0.09), ncols=2, frameon=False, borderaxespad=0.2)


def _frame(axes: Axes, report: Report, chart: Chart, thousands: bool) -> None:
    """Axes with whole amounts, names of the categories, a legend below."""
    words = _categories(report, chart)
    axes.set_xlim(-0.6, len(words) - 0.4)
    step = max(1, -(-len(words) // 12))
    long = sum(len(word) + 2 for word in words[::step]) > 74
    axes.set_xticks(
        range(0, len(words), step), words[::step], rotation=20 if long else 0, ha="right" if long else "center"
    )
    ticks = axis_of(report, chart)
    axes.set_ylim(ticks[0], ticks[-1])
    axes.set_yticks(ticks, [_tick(pence, thousands) for pence in ticks])
    axes.set_axisbelow(True)
    axes.grid(axis="y", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3)
    if ticks[0] < 0 < ticks[-1]:
        axes.axhline(0, color=INK, linewidth=0.8)
    legend_at = (0.5, -0.3 if long else -0.13)
    count = min(4, len(chart.series))
    axes.legend(loc="upper center", bbox_to_anchor=legend_at, ncols=count, frameon=False, borderaxespad=0.2)


def _tick(pence: int, thousands: bool) -> str:
    return shown(pence, "money", True) + "k" if thousands else shown(pence, "money").removesuffix(".00")


def axis_of(report: Report, chart: Chart) -> list[int]:
    """The amounts that the axis marks, in pence: round ones that reach from the lowest to the highest."""
    if chart.kind == "waterfall":
        base, *rest = (values_of(report, chart, name) for name in chart.series)
        ends = [(start or 0) + (pence or 0) for one in rest for start, pence in zip(base, one, strict=True)]
        low = min(0, *ends) if chart.start is None else chart.start
        high = max(0, *ends)
    elif chart.kind == "stacked":
        columns = list(zip(*(values_of(report, chart, name) for name in chart.series), strict=True))
        low = min([0, *(sum(p for p in one if p and p < 0) for one in columns)])
        high = max([0, *(sum(p for p in one if p and p > 0) for one in columns)])
    else:
        amounts = [pence for name in chart.series for pence in values_of(report, chart, name) if pence is not None]
        low, high = min([0, *amounts]), max([0, *amounts])
    return round_ticks(low, high)


def round_ticks(low: int, high: int) -> list[int]:
    """Multiples of 1, 2 or 5 times a power of ten (pounds or more) that span low to high.

    >>> round_ticks(0, 1_050_000)
    [0, 200000, 400000, 600000, 800000, 1000000, 1200000]
    >>> round_ticks(-30, 20)
    [-100, 0, 100]
    """
    unit = 100
    while unit * 30 < high - low:
        unit *= 10
    step = next(step for step in (unit, unit * 2, unit * 5) if step * 6 >= high - low or step == unit * 5)
    first, last = low // step, -(-high // step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


# From matplotlib's SVG to the page's


def _taken_over(root: ElementTree.Element, key: str) -> ElementTree.Element:
    """The drawing alone: known elements and attributes, classes for colours, ids of our own."""
    names: dict[str, str] = {}
    used = {one.get(LINK, "").removeprefix("#") for one in root.iter()}
    used |= set(re.findall(r"url\(#([^)]+)\)", " ".join(v for one in root.iter() for v in one.attrib.values())))
    for one in root.iter():
        old = one.get("id")
        if old in used:
            names[old] = f"{key}-{len(names) + 1}"
    target = ElementTree.Element("svg", {"viewBox": root.get("viewBox", ""), "role": "img"})
    for child in root:
        _copy(child, target, names)
    return target


def _copy(source: ElementTree.Element, parent: ElementTree.Element, names: dict[str, str]) -> None:
    tag = source.tag.removeprefix(SVG) if isinstance(source.tag, str) else ""
    if tag not in SHAPES:
        return
    attributes = {name: source.attrib[name] for name in source.attrib if name in PLAIN}
    if "clip-path" in attributes:
        attributes["clip-path"] = _renamed(attributes["clip-path"], names)
    if source.get("id") in names:
        attributes["id"] = names[source.attrib["id"]]
    if LINK in source.attrib:
        attributes["href"] = "#" + names[source.attrib[LINK].removeprefix("#")]
    attributes |= _styled(source.get("style", ""))
    made = ElementTree.SubElement(parent, tag, attributes)
    made.text = source.text if tag in ("text", "tspan") else None
    for child in source:
        _copy(child, made, names)


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"#([^)]+)", lambda found: "#" + names[found[1]], text)


def _styled(style: str) -> dict[str, str]:
    """A style as a class and presentation attributes; the font is the page's, in the size that was asked for."""
    found: dict[str, str] = {}
    classes = []
    for part in filter(None, (one.strip() for one in style.split(";"))):
        name, _, value = (word.strip() for word in part.partition(":"))
        if name in ("fill", "stroke"):
            if value in CLASSES:
                classes.append(f"{name[0]}-{CLASSES[value]}")
            elif value == "none":
                found[name] = value
        elif name == "font":
            found["font-size"] = next((word[:-2] for word in value.split() if word.endswith("px")), "9.5")
        elif name == "font-size":
            found[name] = value.removesuffix("px")
        elif name in STYLED:
            found[name] = value
    if classes:
        found["class"] = " ".join(classes)
    return found
