"""Charts of a report as inline SVG.

First come the series of a chart in pence, then the axes that hold them, then the shapes. Shapes have classes that the
page's style sheet colours, in light and dark; text is text in the page's font; ids are ours. Amounts become floats
only to be places on the paper: every figure that is written is an int in pence until it is text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, radians, sin
from typing import Any, NamedTuple, TypeAlias
from xml.etree.ElementTree import Element

from bch_apportion.money import Exact
from bch_apportion.writing.lettering import shortened, widest
from bch_apportion.writing.report import Cell, Chart, Report
from bch_apportion.writing.text import printable, shown

# The drawing, in points: always as wide, and as high as its rows and its legend need.
WIDE, EDGE = 418.0, 8.0  # the edge is free on every side
PLOT, ROW = 170.0, 15.0  # the height of the axes, and that of a line of text
GAP, DROP = 6.5, 3.4  # from an axis to the texts beside it, and from the middle of a text to its base line
SIGN, HANDLE, BETWEEN = 18.0, 25.0, 14.0  # a sign of the legend, the same with its gap, and between two columns
COLUMNS = 4  # of the legend, at most
WHOLE = 6  # names that may have a line each; more stand two abreast at least
NAMED = 12  # categories that are named; of more, every second or third
TILT = 20  # degrees, where the names of the categories are too wide to stand beside one another
BAR, GROUP = 0.66, 0.8  # the thickness of a bar, and that of a group of columns, in widths of a category

COLOURS = 6  # of series, in the style sheet
DASHES = ("", "11 4", "4 4", "11 4 4 4", "2 2", "14 4 4 4 4 4")
MARKS = (  # circle, square, triangle, diamond, triangle downwards, plus
    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
    "m-2.8-2.8h5.6v5.6h-5.6z",
    "m0-3.4l3.4 6.2h-6.8z",
    "m0-4l4 4-4 4-4-4z",
    "m0 3.4l3.4-6.2h-6.8z",
    "m-1.2-3.4h2.4v2.2h2.2v2.4h-2.2v2.2h-2.4v-2.2h-2.2v-2.4h2.2z",
)
LINES, CROSSES, DOTS = "M0 3H6", "M0 3H6M3 0V6", "M2 3H4"
HATCHES = ((-45, LINES), (45, LINES), (0, LINES), (90, LINES), (45, CROSSES), (0, CROSSES), (0, DOTS))  # degrees

Point: TypeAlias = tuple[float, float]  # across and down, in points


class Look(NamedTuple):
    """A class of the style sheet, and what tells series apart where the colours come round again."""

    colour: str
    turn: int = 0  # how often the colours were used up before
    dash: str = ""
    mark: str = ""

    def fill(self, key: str) -> str:
        """The id of its pattern, blank where the colour alone fills a bar."""
        return f"{key}-{self.colour}-{self.turn}" if self.turn else ""


class Bar(NamedTuple):
    """A bar between two amounts in pence; its middle and thickness in widths of a category."""

    middle: float
    thick: float
    start: Exact
    end: Exact


class Series(NamedTuple):
    """What is drawn for a name in the legend: bars, or a line through points in pence (None: a gap)."""

    name: str
    look: Look
    bars: Sequence[Bar] = ()
    points: Sequence[int | None] = ()


def svg(report: Report, chart: Chart, key: str, thousands: bool = False) -> Element:
    """A chart of these rows as an <svg> element without words about it; its ids begin with `key`."""
    drawn = DRAWN[chart.kind](report, chart)
    ticks = axis_of(report, chart)
    names = [_tick(pence, thousands and chart.kind != "slope") for pence in ticks]
    named = enumerate(values_of(report, chart, chart.categories))
    words = [printable(str(value)) + "*" * (place in chart.starred) for place, value in named]
    lies = chart.kind in ("tornado", "slope") or (chart.kind == "column" and len(words) > NAMED)
    axes = (_lying if lies else _upright)(ticks, names, words)
    legend, high = _legend(drawn, key, axes.below)
    drawing = Element("svg", {"viewBox": f"0 0 {WIDE:g} {axes.below + high + EDGE:g}", "role": "img"})
    drawing.extend(_pattern(series.look, key) for series in drawn if series.bars and series.look.turn)
    drawing.append(_path("s-grid", "".join(map(axes.across, ticks))))
    for series in drawn:
        drawing.extend(_bar(axes, bar, series.look, key) for bar in series.bars)
        points = [None if pence is None else axes.point(place, pence) for place, pence in enumerate(series.points)]
        drawing.extend(_marked(points, points, series.look) if points else ())
    drawing.extend(_frame(axes))
    drawing.extend(legend)
    return drawing


def values_of(report: Report, chart: Chart, name: str) -> list[Any]:
    """The values of a column over the rows of a chart."""
    place = next(i for i, column in enumerate(report.columns) if column.name == name)
    values = (row[place] for row in report.rows[chart.first : chart.last + 1])
    return [value.value if isinstance(value, Cell) else value for value in values]


# What is drawn, in pence


def _figures(report: Report, chart: Chart) -> Iterator[tuple[str, Look, list[int | None]]]:
    """Every series that has a figure, with its look: its number tells its colour, and the rest from the seventh on."""
    for number, name in enumerate(chart.series):
        values = values_of(report, chart, name)
        turn, colour = divmod(number, COLOURS)
        dash, mark = DASHES[(colour + turn) % COLOURS], MARKS[(colour + turn + turn // COLOURS) % COLOURS]
        if any(pence is not None for pence in values):
            yield name, Look(f"s{colour}", turn, dash, mark), values


def _waterfall(report: Report, chart: Chart) -> list[Series]:
    """Bars on an unseen base: totals, rises and falls, these in parts above and below zero."""
    base, *parts = ([pence or 0 for pence in values_of(report, chart, name)] for name in chart.series)
    bars: dict[str, list[Bar]] = {"total": [], "rise": [], "fall": []}
    for kind, heights in zip(("total", "rise", "fall", "rise", "fall"), parts, strict=True):
        steps = enumerate(zip(base, heights, strict=True))
        bars[kind] += [Bar(place, BAR, start, start + pence) for place, (start, pence) in steps if pence]
    return [
        Series(name, Look(kind), bars[kind]) for name, kind in zip(chart.series[1:4], bars, strict=True) if bars[kind]
    ]


def _steps(report: Report, chart: Chart) -> list[Series]:
    """A total at either end, and between them what each step moves."""
    amounts = [pence or 0 for pence in values_of(report, chart, chart.series[0])]
    last = len(amounts) - 1
    ends = [*accumulate(amounts[:-1]), amounts[-1]]
    starts = [0, *ends[: last - 1], 0]
    bars = [Bar(place, BAR, start, end) for place, (start, end) in enumerate(zip(starts, ends, strict=True))]
    drawn = {
        "total": [bars[0], bars[last]],
        "rise": [bar for bar in bars[1:last] if bar.end > bar.start],
        "fall": [bar for bar in bars[1:last] if bar.end < bar.start],
    }
    return [Series(kind, Look(kind), own) for kind, own in drawn.items() if own]


def _lines(report: Report, chart: Chart) -> list[Series]:
    return [Series(name, look, points=values) for name, look, values in _figures(report, chart)]


def _columns(report: Report, chart: Chart) -> list[Series]:
    """Columns side by side, in the place of their series."""
    thick = GROUP / len(chart.series)
    asides = {name: thick * (number + 0.5) - GROUP / 2 for number, name in enumerate(chart.series)}
    return [
        Series(name, look, [Bar(i + asides[name], thick * 0.94, 0, p) for i, p in enumerate(values) if p is not None])
        for name, look, values in _figures(report, chart)
    ]


def _stacked(report: Report, chart: Chart) -> list[Series]:
    """Columns on top of one another; what is below zero hangs below it."""
    above, below = ([0] * (chart.last - chart.first + 1) for _ in range(2))
    drawn = []
    for name, look, values in _figures(report, chart):
        bars = []
        for place, pence in enumerate(value or 0 for value in values):
            ends = above if pence >= 0 else below
            bars.append(Bar(place, BAR, ends[place], ends[place] + pence))
            ends[place] += pence
        drawn.append(Series(name, look, bars))
    return drawn


def _tornado(report: Report, chart: Chart) -> list[Series]:
    """Bars from zero to what is low and to what is high; where both lie on one side the second is thinner."""
    low, high = ([pence or 0 for pence in values_of(report, chart, name)] for name in chart.series)
    thick = [BAR / 2 if first * second > 0 else BAR for first, second in zip(low, high, strict=True)]
    lows = [Bar(place, BAR, 0, pence) for place, pence in enumerate(low)]
    highs = [Bar(place, thick[place], 0, pence) for place, pence in enumerate(high)]
    return [Series(chart.series[0], Look("fall"), lows), Series(chart.series[1], Look("rise"), highs)]


def _slope(report: Report, chart: Chart) -> list[Series]:
    """A bar for each rate; the starred are hatched besides, so that no colour is needed to tell them."""
    (name,) = chart.series
    bars = [Bar(i, BAR, 0, 100 * rate) for i, rate in enumerate(values_of(report, chart, name))]
    starred = [bar for bar in bars if bar.middle in chart.starred]
    others = [bar for bar in bars if bar not in starred]
    drawn = [Series(name, Look("s0"), others), Series(f"{name} *", Look("s1", turn=1), starred)]
    return [series for series in drawn if series.bars]


DRAWN: dict[str, Callable[[Report, Chart], list[Series]]] = {
    "waterfall": _waterfall,
    "steps": _steps,
    "line": _lines,
    "column": _columns,
    "stacked": _stacked,
    "tornado": _tornado,
    "slope": _slope,
}


# The axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Where a chart lies, in points, and what is written at its sides (blank: not named); bars of a tornado lie."""

    ticks: Sequence[int]
    names: Sequence[str]  # of the ticks
    words: Sequence[str]  # of the categories
    left: float
    right: float
    lies: bool = False
    tilt: int = 0

    @property
    def high(self) -> float:
        return max(PLOT, ROW * len(self.words)) if self.lies else PLOT

    @property
    def below(self) -> float:
        """Where the legend begins."""
        return EDGE + self.high + ROW + 2 + widest(self.words) * sin(radians(self.tilt))

    def point(self, middle: float, pence: Exact) -> Point:
        """The place of an amount in a category, these counted from 0."""
        along = (middle + 0.6) / (len(self.words) + 0.2)
        part = (pence - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        across, down = (part, along) if self.lies else (along, 1 - part)
        return self.left + across * (self.right - self.left), EDGE + down * self.high

    def across(self, pence: int) -> str:
        """A line through all categories at an amount, as a path."""
        (x, y), (to_x, to_y) = self.point(-0.6, pence), self.point(len(self.words) - 0.4, pence)
        return f"M{x:g} {y:g}L{to_x:g} {to_y:g}"


def axis_of(report: Report, chart: Chart) -> list[int]:
    """The amounts that the axis marks, in pence: round amounts that reach from the lowest to the highest."""
    drawn = DRAWN[chart.kind](report, chart)
    amounts: list[Exact] = [pence for series in drawn for bar in series.bars for pence in (bar.start, bar.end)]
    amounts += [pence for series in drawn for pence in series.points if pence is not None]
    low = min([0, *amounts]) if chart.start is None else chart.start
    return round_ticks(low, max([0, *amounts]), 1 if chart.kind == "slope" else 100)


def round_ticks(low: Exact, high: Exact, least: int = 100) -> list[int]:
    """Multiples of 1, 2 or 5 times a power of ten (the least pence or more) that span low to high.

    >>> round_ticks(0, 1_050_000)
    [0, 200000, 400000, 600000, 800000, 1000000, 1200000]
    >>> round_ticks(-30, 20)
    [-100, 0, 100]
    """
    unit = least
    while unit * 30 < high - low:
        unit *= 10
    step = next(step for step in (unit, unit * 2, unit * 5) if step * 6 >= high - low or step == unit * 5)
    first, last = low // step, -(-high // step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _tick(pence: int, thousands: bool) -> str:
    return shown(pence, "money", True) + "k" if thousands else shown(pence, "money").removesuffix(".00")


def _upright(ticks: Sequence[int], names: Sequence[str], words: Sequence[str]) -> Axes:
    """Axes with amounts at the left and categories below, tilted where they need more room than they have."""
    left = max(0.15 * WIDE, EDGE + widest(names) + GAP + 2)
    each = (WIDE - EDGE - left) / (len(words) + 0.2)
    step = ceil(len(words) / NAMED) or 1
    tilted = widest(words[::step]) + 3 > each * step
    room = left + 0.6 * each if tilted else each * step
    labels = [shortened(word, room) if place % step == 0 else "" for place, word in enumerate(words)]
    tilt = TILT if tilted else 0
    return Axes(ticks=ticks, names=names, words=labels, left=left, right=WIDE - EDGE, tilt=tilt)


def _lying(ticks: Sequence[int], names: Sequence[str], words: Sequence[str]) -> Axes:
    """Axes with categories at the left, the first on top, and amounts below, zero always among those named."""
    labels = [shortened(word, 0.46 * WIDE) for word in words]
    left = EDGE + widest(labels) + GAP + 2
    step = ceil(len(ticks) * (widest(names) + 8) / (WIDE - left))
    marked = [name if (place - ticks.index(0)) % step == 0 else "" for place, name in enumerate(names)]
    ends = max(EDGE, widest([marked[0], marked[-1]]) / 2)  # they reach beyond the axes
    return Axes(ticks=ticks, names=marked, words=labels, left=max(left, ends), right=WIDE - ends, lies=True)


# The shapes


def _path(look: str, course: str) -> Element:
    return Element("path", {"class": look, "d": course})


def _text(text: str, x: float, y: float, anchor: str = "start", tilt: int = 0) -> Element:
    turned = {"transform": f"rotate({-tilt} {x:g} {y:g})"} if tilt else {}
    made = Element("text", {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor, **turned})
    made.text = text
    return made


def _rect(corner: Point, other: Point, look: Look, key: str) -> Element:
    """A rectangle between two corners, in its colour or its pattern."""
    (left, right), (top, bottom) = (sorted(ends) for ends in zip(corner, other, strict=True))
    fill = {"fill": f"url(#{look.fill(key)})"} if look.turn else {"class": f"f-{look.colour}"}
    places = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return Element("rect", {name: f"{place:g}" for name, place in places.items()} | fill)


def _bar(axes: Axes, bar: Bar, look: Look, key: str) -> Element:
    """A bar, cut off where the axis begins."""
    start, end = (max(pence, axes.ticks[0]) for pence in (bar.start, bar.end))
    half = bar.thick / 2
    return _rect(axes.point(bar.middle - half, start), axes.point(bar.middle + half, end), look, key)


def _pattern(look: Look, key: str) -> Element:
    """The colour with lines of the paper over it, closer in every round of the hatches."""
    closer, number = divmod(look.turn - 1, len(HATCHES))
    degrees, lines = HATCHES[number]
    turned = f"rotate({degrees}) scale({1 / (1 + closer):g})"
    size = {"width": "6", "height": "6"}
    made = Element(
        "pattern", {"id": look.fill(key), "patternUnits": "userSpaceOnUse", "patternTransform": turned, **size}
    )
    made.append(Element("rect", {"class": f"f-{look.colour}", **size}))
    made.append(_path("s-paper", lines))
    return made


def _marked(points: Sequence[Point | None], marks: Sequence[Point | None], look: Look) -> Iterator[Element]:
    """A line, and its marks; a gap where there is no figure."""
    before = [None, *points[:-1]]
    course = (f"{'L' if b else 'M'}{p[0]:g} {p[1]:g}" for b, p in zip(before, points, strict=True) if p)
    line = _path(f"s-{look.colour}", "".join(course))
    if look.dash:
        line.set("stroke-dasharray", look.dash)
    yield line
    yield _path(f"f-{look.colour}", "".join(f"M{mark[0]:g} {mark[1]:g}{look.mark}" for mark in marks if mark))


def _frame(axes: Axes) -> Iterator[Element]:
    """The lines of the axes and of zero, and what is written at them."""
    bottom, anchor = EDGE + axes.high, "end" if axes.tilt else "middle"
    amounts = [(axes.point(0, pence), name) for pence, name in zip(axes.ticks, axes.names, strict=True) if name]
    categories = [(axes.point(place, axes.ticks[0]), word) for place, word in enumerate(axes.words) if word]
    beside, under = (categories, amounts) if axes.lies else (amounts, categories)
    lines = [f"M{axes.left:g} {EDGE:g}V{bottom:g}H{axes.right:g}"]
    lines += [axes.across(0)] if axes.ticks[0] < 0 < axes.ticks[-1] else []
    lines += [f"M{axes.left:g} {y:g}h-3" for (_, y), _ in beside] + [f"M{x:g} {bottom:g}v3" for (x, _), _ in under]
    yield _path("s-ink", "".join(lines))
    yield from (_text(text, axes.left - GAP, y + DROP, "end") for (_, y), text in beside)
    yield from (_text(text, x, bottom + ROW - 2, anchor, axes.tilt) for (x, _), text in under)


def _legend(drawn: Sequence[Series], key: str, top: float) -> tuple[list[Element], float]:
    """The names of the series with their signs, in as many columns as have room, and the height of all."""
    room = WIDE - 2 * EDGE
    most = (room if len(drawn) <= WHOLE else (room - BETWEEN) / 2) - HANDLE
    labels = [shortened(printable(series.name), most) for series in drawn]
    pitch = widest(labels) + HANDLE + BETWEEN
    columns = max(1, min(int((room + BETWEEN) // pitch), COLUMNS, len(labels)))
    rows = ceil(len(labels) / columns)
    left = (WIDE - columns * pitch + BETWEEN) / 2
    shapes: list[Element] = []
    for number, (series, label) in enumerate(zip(drawn, labels, strict=True)):
        x, y = left + number // rows * pitch, top + (number % rows + 0.5) * ROW
        shapes += _sign(series, x, y, key)
        shapes.append(_text(label, x + HANDLE, y + DROP))
    return shapes, rows * ROW


def _sign(series: Series, x: float, y: float, key: str) -> Iterator[Element]:
    if series.points:
        yield from _marked([(x, y), (x + SIGN, y)], [(x + SIGN / 2, y)], series.look)
    else:
        yield _rect((x, y - 4.5), (x + SIGN, y + 4.5), series.look, key)
