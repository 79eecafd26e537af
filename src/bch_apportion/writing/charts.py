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
from math import ceil, radians, sin
from typing import Any
from xml.etree import ElementTree

logging.getLogger("matplotlib").setLevel(logging.CRITICAL)  # what it has to say about fonts is no concern of the reader

import matplotlib as mpl  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from bch_apportion.writing.lettering import SIZE, shortened, widest  # noqa: E402
from bch_apportion.writing.report import Chart, Report  # noqa: E402
from bch_apportion.writing.text import printable, shown  # noqa: E402

INK, GRID, TOTAL, RISE, FALL, PAPER = "#010101", "#020202", "#030303", "#040404", "#050505", "#060606"
LINES = tuple(f"#1010{number:02x}" for number in range(6))
CLASSES = {INK: "ink", GRID: "grid", TOTAL: "total", RISE: "rise", FALL: "fall", PAPER: "paper"}
CLASSES |= {colour: f"s{number}" for number, colour in enumerate(LINES)}
"""Colours that stand for a class of the page's style sheet."""
DASHES = ("-", (0, (6, 2)), (0, (2, 2)), (0, (6, 2, 2, 2)), (0, (1, 1)), (0, (8, 2, 2, 2, 2, 2)))
MARKS = ("o", "s", "^", "D", "v", "P")
HATCHES = ("//", "\\\\", "--", "||", "xx", "++", "..")
STYLE: dict[Any, Any] = {  # Any: the names of matplotlib's settings differ between its releases
    "svg.hashsalt": "bch-apportion",
    "svg.fonttype": "none",
    "svg.image_inline": True,
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": SIZE,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": GRID,
    "hatch.color": PAPER,
    "hatch.linewidth": 1.5,
    "axes.formatter.use_locale": False,
}
# The drawing, in points. It is as wide as ever, and as high as its rows and its legend need.
WIDE, EDGE = 417.6, 8.0  # the edge is free on every side
PLOT, ROW = 170.0, 15.0  # the height of the axes, and that of a line of text
HANDLE, BETWEEN = 26.0, 18.0  # a sign of the legend with its gap, and the gap between two columns of it
COLUMNS = 4  # of the legend, at most
WHOLE = 6  # names that may have a line each; more stand two abreast at least
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
SHAPES = {"g", "path", "use", "defs", "clipPath", "pattern", "rect", "text", "tspan"}
PLAIN = {"d", "x", "y", "width", "height", "transform", "clip-path", "patternUnits"}
STYLED = {"stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "text-anchor"}


def svg(report: Report, chart: Chart, key: str, thousands: bool = False) -> ElementTree.Element:
    """A chart of these rows as an <svg> element without words about it; its ids begin with `key`."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that the measuring font lacks is in the reader's
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        figure = Figure(figsize=(WIDE / 72, PLOT / 72))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))  # until it is laid out
        if chart.kind == "tornado":
            signs = _tornado(axes, report, chart, thousands)
        else:
            draw = {"waterfall": _waterfall, "column": _columns, "stacked": _stacked}.get(chart.kind, _lines)
            signs = draw(axes, report, chart)
            _frame(axes, report, chart, thousands, signs)
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


Signs = list[tuple[str, Any]]
"""The legend: each name with what is drawn for it."""


def _look(number: int) -> dict[str, Any]:
    """The colour of a bar and, from the seventh series on, its hatching."""
    turn, colour = divmod(number, len(LINES))
    closer, lines = divmod(turn - 1, len(HATCHES))
    return {"color": LINES[colour], "hatch": HATCHES[lines] * (1 + closer) if turn else "", "linewidth": 0}


def _waterfall(axes: Axes, report: Report, chart: Chart) -> Signs:
    """Stacked columns on an unseen base: a total, a rise or a fall, in parts above and below zero."""
    base, total, *moves = ([pence or 0 for pence in values_of(report, chart, name)] for name in chart.series)
    signs: dict[str, Any] = {}
    kinds = (0, 1, 2, 1, 2)  # a part below zero is of the same kind
    for heights, kind in zip((total, *moves), kinds, strict=True):
        places = [i for i, height in enumerate(heights) if height]
        if places:
            bars = axes.bar(
                places,
                [heights[i] for i in places],
                bottom=[base[i] for i in places],
                width=0.66,
                color=(TOTAL, RISE, FALL)[kind],
                linewidth=0,
            )
            signs.setdefault(chart.series[1 + kind], bars)
    return [(name, signs[name]) for name in chart.series if name in signs]


def _lines(axes: Axes, report: Report, chart: Chart) -> Signs:
    """A line for each series, told apart by colour, dash and mark; a gap where there is no figure."""
    signs = []
    for number, name in enumerate(chart.series):
        values = values_of(report, chart, name)
        if all(pence is None for pence in values):
            continue
        turn = number // len(LINES)
        (line,) = axes.plot(
            range(len(values)),
            [float("nan") if pence is None else pence for pence in values],
            color=LINES[number % len(LINES)],
            linestyle=DASHES[(number + turn) % len(DASHES)],
            marker=MARKS[(number + turn + turn // len(DASHES)) % len(MARKS)],
            markersize=5,
            linewidth=1.8,
        )
        signs.append((name, line))
    return signs


def _columns(axes: Axes, report: Report, chart: Chart) -> Signs:
    """Columns side by side, one for each series."""
    width = 0.8 / len(chart.series)
    signs: Signs = []
    for number, name in enumerate(chart.series):
        values = values_of(report, chart, name)
        places = [i for i, pence in enumerate(values) if pence is not None]
        middles = [i - 0.4 + width * (number + 0.5) for i in places]
        if places:
            signs.append((name, axes.bar(middles, [values[i] for i in places], width=width * 0.94, **_look(number))))
    return signs


def _stacked(axes: Axes, report: Report, chart: Chart) -> Signs:
    """Columns on top of one another; what is below zero hangs below it."""
    above, below = [[0] * (chart.last - chart.first + 1) for _ in range(2)]
    signs: Signs = []
    for number, name in enumerate(chart.series):
        values = [pence or 0 for pence in values_of(report, chart, name)]
        ends = [above if pence >= 0 else below for pence in values]
        starts = [end[i] for i, end in enumerate(ends)]
        signs.append((name, axes.bar(range(len(values)), values, bottom=starts, width=0.66, **_look(number))))
        for i, pence in enumerate(values):
            ends[i][i] += pence
    return signs


def _tornado(axes: Axes, report: Report, chart: Chart, thousands: bool) -> Signs:
    """Bars to both sides of zero, the first category on top."""
    signs: Signs = []
    for colour, name in zip((FALL, RISE), chart.series, strict=True):
        values = [pence or 0 for pence in values_of(report, chart, name)]
        signs.append((name, axes.barh(range(len(values)), values, height=0.66, color=colour, linewidth=0)))
    words = [shortened(word, 0.46 * WIDE) for word in _categories(report, chart)]
    axes.set_yticks(range(len(words)), words)
    axes.set_ylim(len(words) - 0.4, -0.6)
    ticks = axis_of(report, chart)
    left = EDGE + widest(words) + 8
    names = [_tick(pence, thousands) for pence in ticks]
    every = max(1, ceil(len(ticks) * (widest(names) + 8) / (WIDE - left)))
    first = ticks.index(0) % every  # zero is always marked
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_xticks(ticks[first::every], names[first::every])
    axes.grid(axis="x", linewidth=0.6)
    axes.axvline(0, color=INK, linewidth=0.8)
    ends = widest([names[0], names[-1]]) / 2  # they reach beyond the axes
    _lay_out(axes, signs, max(left, ends), ends, max(PLOT, ROW * len(words)), 20.0)
    return signs


TILT = 20  # degrees, where the names of the categories are too wide to stand beside one another


def _frame(axes: Axes, report: Report, chart: Chart, thousands: bool, signs: Signs) -> None:
    """Axes with whole amounts, names of the categories, a legend below."""
    ticks = axis_of(report, chart)
    names = [_tick(pence, thousands) for pence in ticks]
    axes.set_ylim(ticks[0], ticks[-1])
    axes.set_yticks(ticks, names)
    axes.grid(axis="y", linewidth=0.6)
    if ticks[0] < 0 < ticks[-1]:
        axes.axhline(0, color=INK, linewidth=0.8)
    left = max(0.15 * WIDE, EDGE + widest(names) + 8)
    words = _categories(report, chart)
    axes.set_xlim(-0.6, len(words) - 0.4)
    step = max(1, -(-len(words) // 12))
    each = (WIDE - left - EDGE) / (len(words) + 0.2)  # the width of a category
    tilted = widest(words[::step]) + 4 > each * step
    words = [shortened(word, left + 0.6 * each if tilted else each * step) for word in words]
    axes.set_xticks(range(0, len(words), step), words[::step])
    if tilted:
        axes.tick_params(axis="x", labelrotation=TILT)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.tick_params(length=3)
    below = widest(words[::step]) * sin(radians(TILT)) + ROW if tilted else ROW
    _lay_out(axes, signs, left, EDGE, PLOT, below + 5)


def _lay_out(axes: Axes, signs: Signs, left: float, right: float, plot: float, below: float) -> None:
    """Place the axes and the legend, and make the drawing as high as both need; all in points."""
    names = [printable(name) for name, _ in signs]
    room = WIDE - 2 * EDGE
    half = (room - BETWEEN) / 2
    labels = [shortened(name, (room if len(names) <= WHOLE else half) - HANDLE) for name in names]
    across = int((room + BETWEEN) // (widest(labels) + HANDLE + BETWEEN))
    columns = max(1, min(across, COLUMNS, len(labels)))
    high = EDGE + plot + below + ROW * -(-len(labels) // columns) + EDGE
    figure = axes.figure
    figure.set_size_inches(WIDE / 72, high / 72)  # type: ignore[union-attr]
    axes.set_position((left / WIDE, 1 - (EDGE + plot) / high, (WIDE - left - right) / WIDE, plot / high))
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if labels:
        axes.legend(
            [sign for _, sign in signs],
            labels,
            loc="upper center",
            bbox_to_anchor=(0.5, 1 - (EDGE + plot + below) / high),
            bbox_transform=figure.transFigure,
            ncols=columns,
            frameon=False,
            borderaxespad=0.0,
            borderpad=0.0,
            handleheight=1.2,
            labelspacing=0.45,  # with the height of the signs a pitch below ROW, whatever the letters
        )


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
    own = "".join(f"{name}: {source.attrib[name]};" for name in ("fill", "stroke") if name in source.attrib)
    attributes |= _styled(own + source.get("style", ""), names)
    made = ElementTree.SubElement(parent, tag, attributes)
    made.text = source.text if tag in ("text", "tspan") else None
    for child in source:
        _copy(child, made, names)


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"#([^)]+)", lambda found: "#" + names[found[1]], text)


def _styled(style: str, names: dict[str, str]) -> dict[str, str]:
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
            elif value.startswith("url("):
                found[name] = _renamed(value, names)
        elif name == "font":
            found["font-size"] = next((word[:-2] for word in value.split() if word.endswith("px")), "9.5")
        elif name == "font-size":
            found[name] = value.removesuffix("px")
        elif name in STYLED:
            found[name] = value
    if classes:
        found["class"] = " ".join(classes)
    return found
