"""Charts as drawings: everything in them has a colour of the page, a place on it and a look of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise
from math import cos, radians, sin
from xml.etree import ElementTree

import pytest

from bch_apportion.writing.charts import svg
from bch_apportion.writing.lettering import shortened, width
from bch_apportion.writing.report import Chart, Report, columns

Element = ElementTree.Element
BRIDGE = ("base", "total", "rise", "fall", "rise below 0", "fall below 0")
LONG = "Constabulary of the County of Somewhere No {:02}"  # 45 letters


def series(kind: str, names: Sequence[str], categories: Sequence[str], amounts: Sequence[int] = (1_000_00,)) -> Element:
    """A chart with a series for each name; the amounts are gone through again and again."""
    rows = tuple(
        (word, *(amounts[(place + number) % len(amounts)] for number in range(len(names))))
        for place, word in enumerate(categories)
    )
    heads = columns("category", *((name, "money") for name in names))
    chart = Chart(kind, "A chart", "category", tuple(names), 0, len(rows) - 1)  # type: ignore[arg-type]
    return svg(Report("R", "R", heads, rows, charts=(chart,)), chart, "k")


def waterfall(*steps: tuple[str, int, int, int, int]) -> Element:
    """A bridge: each step with its base, its total, its rise and its fall."""
    heads = columns("step", *((name, "money") for name in BRIDGE))
    chart = Chart("waterfall", "A bridge", "step", BRIDGE, 0, len(steps) - 1)
    return svg(Report("R", "R", heads, tuple((*step, 0, 0) for step in steps), charts=(chart,)), chart, "k")


DRAWN = {
    "rise alone": waterfall(
        ("plan", 0, 1_000_00, 0, 0), ("cost", 1_000_00, 0, 50_00, 0), ("actual", 0, 1_050_00, 0, 0)
    ),
    "fall alone": waterfall(("plan", 0, 1_000_00, 0, 0), ("cost", 950_00, 0, 0, 50_00), ("actual", 0, 950_00, 0, 0)),
    "nothing": waterfall(("plan", 0, 0, 0, 0), ("actual", 0, 0, 0, 0)),
    "lines": series("line", ["cash", "plan"], ["2018/19", "2019/20"]),
    "columns": series("column", ["BEDS", "HERTS"], ["2018/19", "2019/20"], [-5_00, 9_00, 4_00]),
    "stacked": series("stacked", ["BEDS", "HERTS"], ["2018/19", "2019/20"], [-5_00, 9_00, 4_00]),
    "of many": series("stacked", [LONG.format(n) for n in range(60)], ["2018/19", "2019/20"]),
    "tornado": series("tornado", ["at low", "at high"], ["uplift", "growth"], [-5_00, 9_00, 4_00]),
}


def words(drawing: Element) -> list[Element]:
    return list(drawing.iter("text"))


@pytest.mark.parametrize("drawing", DRAWN.values(), ids=DRAWN)
def test_nothing_is_drawn_in_a_colour_that_is_not_of_the_page(drawing: Element) -> None:
    """Without a class a shape would be black, in the dark as well; the style sheet has every class."""
    sheet = (files("bch_apportion.writing") / "page.css").read_text("utf-8")
    patterns = {f"url(#{pattern.get('id')})" for pattern in drawing.iter("pattern")}
    shapes = [shape for shape in drawing.iter() if shape.tag in ("path", "rect")]
    assert len(shapes) >= 2  # the grid and the axes at least
    for shape in shapes:
        look = shape.get("class", "")
        assert (
            f".{look} {{ {'fill' if look[0] == 'f' else 'stroke'}: var(" in sheet
            if look
            else shape.get("fill") in patterns
        )
    assert "svg path { fill: none;" in sheet  # a line has no inside


def test_the_legend_of_a_bridge_has_what_occurs_in_it() -> None:
    assert [word.text for word in words(DRAWN["rise alone"])][-2:] == ["total", "rise"]
    assert [word.text for word in words(DRAWN["fall alone"])][-2:] == ["total", "fall"]
    assert [word.text for word in words(DRAWN["nothing"])][-2:] == ["plan", "actual"]
    assert "total" not in [word.text for word in words(DRAWN["nothing"])]


def looks(drawing: Element) -> list[str]:
    """How each bar of the axes or sign of the legend is filled: with a colour, or a colour and lines over it."""
    patterns = {f"url(#{pattern.get('id')})": pattern for pattern in drawing.iter("pattern")}
    inner = {rect for pattern in drawing.iter("pattern") for rect in pattern}
    seen = []
    for bar in drawing.iter("rect"):
        fill = bar.get("fill", "")
        if fill in patterns:
            rect, lines = patterns[fill]
            assert lines.get("class") == "s-paper"
            seen.append(f"{rect.get('class')} {lines.get('d')} {patterns[fill].get('patternTransform')}")
        elif bar not in inner:
            seen.append(bar.get("class", ""))
    return seen


@pytest.mark.parametrize("kind", ["stacked", "column"])
@pytest.mark.parametrize("count", [2, 6, 7, 10, 13, 25, 43, 60])
def test_however_many_forces_each_has_a_look_of_its_own(kind: str, count: int) -> None:
    """A bar for each force and year, then a sign for each in the legend, in the same order and looks."""
    names = [LONG.format(number) for number in range(count)]
    drawing = series(kind, names, ["2018/19", "2019/20"])
    seen = looks(drawing)
    assert len(seen) == 3 * count
    signs = seen[2 * count :]
    assert len(set(signs)) == count
    assert seen[: 2 * count : 2] == seen[1 : 2 * count : 2] == signs
    assert all(sign.split()[0] != other.split()[0] for sign, other in pairwise(signs))


def test_however_many_lines_each_has_a_look_of_its_own() -> None:
    """By its colour, its dashes and its mark."""
    count = 43
    drawing = series("line", [f"line {number}" for number in range(count)], ["2018/19", "2019/20"])
    lines = [path for path in drawing.iter("path") if re.fullmatch(r"s-s\d", path.get("class", ""))]
    marks = [path for path in drawing.iter("path") if re.fullmatch(r"f-s\d", path.get("class", ""))]
    shapes = [path.attrib["d"].partition("m")[2] for path in marks[-count:]]  # after its place
    own = [(path.get("class"), path.get("stroke-dasharray")) for path in lines[-count:]]
    assert len(lines) == len(marks) == 2 * count
    assert len(set(zip(own, shapes, strict=True))) == count


def test_a_line_has_a_gap_where_there_is_no_figure_and_a_mark_where_there_is() -> None:
    heads = columns("year", ("cash", "money"))
    rows = tuple((str(year), pence) for year, pence in enumerate([5_00, 3_00, None, 4_00, None, -1_00, -2_00]))
    drawing = svg(Report("R", "R", heads, rows), Chart("line", "L", "year", ("cash",), 0, 6, starred=(3,)), "k")
    line, marks, *_ = (path.attrib["d"] for path in drawing.iter("path") if "s0" in path.get("class", ""))
    assert re.sub(r"[-\d. ]+", "", line) == "MLMML"
    assert marks.count("M") == 5
    assert [word.text for word in words(drawing) if (word.text or "").endswith("*")] == ["3*"]


@pytest.mark.parametrize("kind", ["line", "column", "stacked", "tornado"])
def test_without_rows_there_are_axes_alone(kind: str) -> None:
    drawing = series(kind, ["at low", "at high"], [])
    assert [shape.get("class") for shape in drawing.iter("path")][:2] == ["s-grid", "s-ink"]
    assert "0" in [text.text for text in words(drawing)]


def test_both_ends_of_a_tornado_are_seen() -> None:
    """Where both lie on one side of zero the second is thinner, so that neither hides the other."""
    drawing = series("tornado", ["at low", "at high"], ["uplift", "growth"], [5_00, 9_00, -4_00])
    bars = [(bar.get("class"), float(bar.attrib["height"])) for bar in drawing.iter("rect")][:4]
    assert [look for look, _ in bars] == ["f-fall", "f-fall", "f-rise", "f-rise"]
    assert bars[2][1] == pytest.approx(bars[0][1] / 2, abs=0.01)
    assert bars[3][1] == pytest.approx(bars[1][1], abs=0.01)


def ends(drawing: Element) -> Iterator[tuple[str, float, float, float]]:
    """Each text with where it begins and ends across, and how far down it reaches; a tilted one ends at its place."""
    for word in words(drawing):
        x, y, across = float(word.attrib["x"]), float(word.attrib["y"]), width(word.text or "")
        tilt = float((re.findall(r"rotate\((\S+) ", word.get("transform", "")) or ["0"])[0])
        if tilt:
            assert word.get("text-anchor") == "end"
            yield word.text or "", x - across * cos(radians(tilt)), x, y - across * sin(radians(tilt))
        else:
            start = x - {"start": 0, "middle": across / 2, "end": across}[word.attrib["text-anchor"]]
            yield word.text or "", start, start + across, y


@pytest.mark.parametrize("kind", ["stacked", "line"])
@pytest.mark.parametrize("count", [1, 6, 7, 25])
@pytest.mark.parametrize("name", ["F{}", LONG, "W" * 60 + "{}"])
@pytest.mark.parametrize("category", ["20{0}/{0}", "implementation of {}", "W" * 60 + "{}"])
def test_every_text_has_room(kind: str, count: int, name: str, category: str) -> None:
    """Within the drawing, and the legend not on top of anything."""
    names = [name.format(number) for number in range(count)]
    drawing = series(kind, names, [category.format(number) for number in range(10, 30)])
    _, _, wide, high = map(float, drawing.attrib["viewBox"].split())
    placed = list(ends(drawing))
    for text, start, end, down in placed:
        assert start >= 0 and end <= wide and 0 < down < high - 2, text
    legend = placed[-count:]
    for number, (_, start, end, down) in enumerate(legend):
        for _, other_start, other_end, other_down in placed[: len(placed) - count + number]:
            assert end < other_start or other_end < start or abs(down - other_down) > 9


def test_a_name_that_is_shortened_keeps_its_beginning_and_its_end() -> None:
    """Six names have a line each and are whole; of seven or more each has half the width."""
    six = [word.text for word in words(series("stacked", [LONG.format(n) for n in range(6)], ["2018/19"]))][-6:]
    assert six == [LONG.format(n) for n in range(6)]
    seven = [str(word.text) for word in words(series("stacked", [LONG.format(n) for n in range(7)], ["2018/19"]))][-7:]
    assert [re.sub("….*e", "…e", name) for name in seven] == [f"Constabulary of…e No {n:02}" for n in range(7)]
    assert all(len(name) > 28 for name in seven)


def test_the_names_beside_a_tornado() -> None:
    """Of as many letters, wide ones are shortened and narrow ones are not; the end, which tells them apart, stays."""
    wide, narrow = "W" * 38 + " from 2020/21", "i" * 38 + " from 2020/21"
    drawing = series("tornado", ["at low", "at high"], [wide, narrow], [-5_00, 9_00])
    first, second = (word for word in words(drawing) if "2020/21" in (word.text or ""))
    assert second.text == narrow
    assert re.fullmatch(r"W{9,}….*2020/21", first.text or "")
    assert all(start >= 0 for _, start, *_ in ends(drawing))


def test_a_slope_marks_what_is_starred_without_colour_alone() -> None:
    """Its bar is hatched and its name has a star; rates in pounds, so that 0.45 is 45 pence along an axis of pence."""
    rows = (("Kent", Fraction(1, 2)), ("ours", Fraction(9, 20)), ("Essex", Fraction(-1, 10)))
    heads = columns("service", ("£ per head", "rate"))
    chart = Chart("slope", "A slope", "service", ("£ per head",), 0, 2, starred=(1,))
    drawing = svg(Report("R", "R", heads, rows, charts=(chart,)), chart, "k", thousands=True)
    bars = drawing.findall("rect")[:3]
    assert [bar.get("class") or bar.get("fill") for bar in bars] == ["f-s0", "f-s0", "url(#k-s1-1)"]
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert [width / widths[0] for width in widths] == pytest.approx([1, 0.2, 0.9], abs=0.01)
    texts = [word.text for word in words(drawing)]
    assert {"Kent", "ours*", "Essex", "-0.10", "0", "0.40", "£ per head", "£ per head *"} <= {*texts}


def test_a_tornado_is_as_high_as_its_names_need() -> None:
    heights = [
        float(series("tornado", ["low", "high"], [f"no {n}" for n in range(count)]).attrib["viewBox"].split()[3])
        for count in (3, 40)
    ]
    assert heights[1] - heights[0] == pytest.approx(
        40 * 15 - 170
    )  # 15 points each; three stand in the 170 of any chart


def test_amounts_of_many_digits_have_room() -> None:
    """Thirteen places and their commas."""
    for kind in ("stacked", "tornado"):
        drawing = series(kind, ["low", "high"], ["a", "b"], [-(10**15), 9 * 10**14])
        _, _, wide, _ = map(float, drawing.attrib["viewBox"].split())
        placed = list(ends(drawing))
        assert any(
            text.replace("-", "").startswith("1,000,000,000,000") or "000,000,000" in text for text, *_ in placed
        )
        assert all(start >= 0 and end <= wide for _, start, end, _ in placed)


@pytest.mark.parametrize("text", ["", "i", "W" * 500, "w " * 300, "…"])
@pytest.mark.parametrize("room", [9.0, 40.0, 200.0])
def test_what_is_shortened_fits(text: str, room: float) -> None:
    short = shortened(text, room)
    assert width(short) <= room
    assert short == text or "…" in short


def test_it_is_not_shortened_more_than_it_must() -> None:
    """One more letter would be too wide."""
    text = "".join(map(chr, range(ord("A"), ord("z"))))
    for room in range(20, 300, 7):
        kept = len(shortened(text, room)) - 1
        assert width(text[: kept + 1 - (kept + 1) // 2] + "…" + text[-((kept + 1) // 2) :]) > room
