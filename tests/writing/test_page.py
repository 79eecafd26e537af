"""The page as bytes: one file, its own policy, everything of a workbook inert, charts with words and figures."""

from __future__ import annotations

import functools
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bch_apportion.writing.page import document
from bch_apportion.writing.report import Chart, Cover, Group, Page, Report, columns
from bch_apportion.writing.text import printable
from tests.books import HOSTILE_TEXTS, Table, two_forces, with_hostile_texts, write_book
from tests.program import ALLIANCE, COUNCILS, EXAMPLES, run

ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "tabindex", "role", "scope"),
    *(
        "aria-labelledby",
        "aria-label",
        "open",
        "data-name",
        "viewbox",
        "d",
        "x",
        "y",
        "width",
        "height",
        "transform",
        "fill",
        "patternunits",
        "patterntransform",
        "text-anchor",
    ),
    "stroke-dasharray",
}
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "script", "body", "a", "header", "h1", "h2", "h3", "h4", "h5", "dl"),
    *("div", "dt", "dd", "nav", "ul", "li", "main", "section", "table", "caption", "thead", "tbody", "tfoot", "tr"),
    *("th", "td", "p", "figure", "figcaption", "span", "details", "summary"),
    *("svg", "desc", "path", "pattern", "rect", "text"),
}
VOID = {"meta"}


def made(*parts: Report | Page, first: Page = Page("A title", ()), thousands: bool = False) -> str:  # noqa: B008
    """A page with each part under a heading of its own."""
    return document(COVER, first, [Group(part.title, [part]) for part in parts], thousands)


class Read(HTMLParser):
    """Elements and attributes of a page, its cells, and whether every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = {name: value or "" for name, value in attrs}
        self.attributes |= given.keys()
        if "id" in given:
            self.ids.append(given["id"])
        if "href" in given:
            self.links.append(given["href"])
        self.labels += given.get("aria-labelledby", "").split()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def checked(text: str) -> Read:
    """A page of our elements and attributes alone, whose ids are its own and whose links stay in it."""
    page_ = Read(text)
    assert page_.tags <= ELEMENTS, page_.tags - ELEMENTS
    assert page_.attributes <= ATTRIBUTES, page_.attributes - ATTRIBUTES
    assert len(page_.ids) == len(set(page_.ids))
    assert {link.removeprefix("#") for link in page_.links} <= set(page_.ids)
    assert all(link.startswith("#") for link in page_.links)
    assert set(page_.labels) <= set(page_.ids)
    return page_


COVER = Cover("A title", (("Input", "book.xlsx"),))
YEARS = Report(
    "Costs",
    "Costs over the years",
    columns(("year", "year"), ("cash", "money"), ("plan", "money"), ("real", "money")),
    (("2017/18", 100_00, None, None), ("2018/19", -50_00, 70_00, None), ("2019/20", 250_00, None, None)),
    units="£",
    charts=(Chart("line", "Cost of ICT", "year", ("cash", "plan", "real"), 0, 2),),
)
BRIDGE = Report(
    "Bridge",
    "From plan to actual",
    columns(
        "step",
        ("effect", "money"),
        *((name, "money") for name in ("base", "total", "rise", "fall", "rise below 0", "fall below 0")),
        ("BEDS", "money"),
        ("HERTS", "money"),
    ),
    (
        ("plan", 1_000_00, 0, 1_000_00, 0, 0, 0, 0, 400_00, None),
        ("prices", 250_00, 1_000_00, 0, 250_00, 0, 0, 0, 250_00, None),
        ("cost", -50_00, 1_200_00, 0, 0, 50_00, 0, 0, -50_00, None),
        ("actual", 1_200_00, 0, 1_200_00, 0, 0, 0, 0, 600_00, None),
    ),
    units="£",
    charts=(
        Chart(
            "waterfall",
            "ICT 2018/19",
            "step",
            ("base", "total", "rise", "fall", "rise below 0", "fall below 0"),
            0,
            3,
            500_00,
        ),
    ),
)


def test_its_policy_names_its_style_and_script_by_their_hashes() -> None:
    text = made(YEARS)
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', text)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name in ("style", "script"):
        (own,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        assert rules[f"{name}-src"] == f"'sha256-{b64encode(sha256(own.encode()).digest()).decode()}'"
        assert len(own) > 1_000
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert text.index("Content-Security-Policy") < text.index("<style>")
    assert "\r" not in text


def test_nothing_leads_out_of_the_file() -> None:
    text = made(YEARS, BRIDGE)
    checked(text)
    text = re.sub(r"'sha256-[\w+/=]+'", "", text)  # whose letters are any
    assert not re.search(r"https?:|//\w|url\((?!#)|@import|<link|<img|<iframe", text)


def test_a_table_with_its_caption_heads_and_totals() -> None:
    heads = columns("unit", ("BEDS", "money"), ("why", "wide"))
    report = Report("Splits", "What each pays", heads, (("ICT", -123_45, "so"), ("All", 5, "")), ("A note.",), "£", 1)
    text = made(report)
    checked(text)
    assert '<caption id="r1t">What each pays (£)</caption>' in text
    assert '<th scope="col">unit</th><th scope="col" class="n">BEDS</th><th scope="col">why</th>' in text
    assert '<tr><th scope="row">ICT</th><td class="n">-123.45</td><td class="w">so</td></tr>\n</tbody>' in text
    assert '<tfoot>\n<tr><th scope="row">All</th><td class="n">0.05</td><td class="w"></td></tr>\n</tfoot>' in text
    assert '<p class="note">A note.</p>' in text


def test_a_row_name_that_wraps_keeps_the_blanks_it_begins_with() -> None:
    text = made(Report("Splits", "", columns(("", "wide"), ("BEDS", "money")), (("change", 5), ("  cost", 5)), (), "£"))
    assert '<th scope="row" class="w">change</th>' in text and '<th scope="row" class="w i">  cost</th>' in text
    assert "tbody .i { padding-left: 1.8em; }" in text


def test_a_line_chart_has_words_figures_and_only_lines_that_have_any() -> None:
    text = made(YEARS)
    (drawing,) = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert 'role="img" aria-labelledby="r1c1n r1c1d"><title id="r1c1n">Cost of ICT</title>' in drawing
    assert (
        '<desc id="r1c1d">Lines: cash from 100 in 2017/18 to 250 in 2019/20; plan from 70 in 2018/19 to '
        "70 in 2018/19.</desc>"
    ) in drawing
    assert {"s-s0", "s-s1"} <= set(re.findall(r"s-s\d", drawing))
    assert "s-s2" not in drawing and ">real<" not in drawing
    assert not re.search("style=|#[0-9a-f]{6}", drawing)
    for amount in (-50, 0, 50, 100, 150, 200, 250):  # the axis, in pounds
        assert f">{amount}<" in drawing


def test_a_waterfall_is_drawn_to_scale() -> None:
    """Its bars in places of the axis, which begins at 400: a total of 1,000 is 600 high, a rise of 250 is 250 high."""
    text = made(BRIDGE)
    (drawing,) = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    bars = re.findall(
        r'<rect x="[^"]+" y="([^"]+)" width="[^"]+" height="([^"]+)" class="f-(total|rise|fall)"', drawing
    )
    assert [kind for *_, kind in bars[:4]] == ["total", "total", "rise", "fall"]  # then the legend
    ends = [(float(top), float(top) + float(height)) for top, height, _ in bars[:4]]
    (plan_top, bottom), (actual_top, actual_end), (rise_top, rise_end), (fall_top, fall_end) = ends
    assert bottom == pytest.approx(actual_end, abs=0.01)  # cut off where the axis begins
    assert bottom - plan_top == pytest.approx((rise_end - rise_top) / 250 * 600, abs=0.01)
    assert rise_end == pytest.approx(plan_top, abs=0.01)  # it stands on the plan
    assert fall_top == pytest.approx(rise_top, abs=0.01)  # it hangs from the rise
    assert fall_end == pytest.approx(actual_top, abs=0.01)  # and ends at the actual
    pound = (rise_end - rise_top) / 250
    assert fall_end - fall_top == pytest.approx(50 * pound, abs=0.01)
    assert plan_top - actual_top == pytest.approx(200 * pound, abs=0.01)
    assert "<span>The axis begins at 400, not at zero.</span>" in text
    assert "from plan 1,000 to actual 1,200, step by step: prices, cost." in drawing


def test_the_steps_of_a_force_are_drawn_to_scale() -> None:
    """BEDS, £400, +250, −50: the totals stand on the axis, the rise on the first of them, the fall hangs from it."""
    chart = Chart("steps", "ICT 2018/19, BEDS", "step", ("BEDS",), 0, 3)
    text = made(replace(BRIDGE, charts=(chart,)))
    bars = re.findall(r'y="([^"]+)" width="[^"]+" height="([^"]+)" class="f-(total|rise|fall)"', text)[:4]
    assert [kind for *_, kind in bars] == ["total", "total", "rise", "fall"]
    (plan_top, plan_high), (actual_top, actual_high), (rise_top, rise_high), (fall_top, fall_high) = (
        (float(top), float(high)) for top, high, _ in bars
    )
    pound = plan_high / 400
    assert [actual_high, rise_high, fall_high] == pytest.approx([600 * pound, 250 * pound, 50 * pound], abs=0.01)
    assert plan_top + plan_high == pytest.approx(actual_top + actual_high, abs=0.01)
    assert [rise_top + rise_high, fall_top, fall_top + fall_high] == pytest.approx(
        [plan_top, rise_top, actual_top], abs=0.01
    )
    assert "Waterfall from plan 400 to actual 600, step by step: prices, cost." in text


FIRST = Page(
    "What each pays", ("7 controls passed.", replace(YEARS, turned=(BRIDGE,))), units="£", lead="--show queries"
)


def test_the_first_page_is_open_and_the_rest_folded() -> None:
    """What a terminal shows when asked stands below; a table with more than seven columns of figures is turned."""
    text = made(YEARS, BRIDGE, first=FIRST)
    checked(text)
    first, rest = text.split("</section>")[:2]
    assert '<h1 id="title">What each pays (£)</h1>\n<p>see queries</p>' in first
    assert '<caption id="fb2-0t">Costs over the years' in first and "From plan" not in first
    assert rest.count("<details>") == 2 and "<details" not in first
    wide = replace(BRIDGE, turned=(YEARS,))  # nine columns of figures
    assert "Costs over the years" in made(first=replace(FIRST, blocks=(wide,)))


def test_thousands() -> None:
    text = made(YEARS, thousands=True)
    assert "Costs over the years (£k)" in text
    assert "<figcaption>Cost of ICT (£k)</figcaption>" in text
    assert "In thousands of pounds; rounded figures may not cast." in text


def test_pages_unfold_by_their_groups_and_one_alone_at_once() -> None:
    pages = [Page(f"{unit} {year}", (("Pooled",), "Because.", YEARS), unit) for unit in "AB" for year in (1, 2)]
    text = document(COVER, FIRST, [Group("Explanations", pages)])
    checked(text)
    assert re.findall(r"<summary><h(\d)>([^<]+)<", text) == [
        ("2", "Explanations"),
        *(("3", "A"), ("4", "A 1"), ("4", "A 2")),
        *(("3", "B"), ("4", "B 1"), ("4", "B 2")),
    ]
    assert text.count("<h5>Pooled</h5>") == 4
    alone = made(pages[0])
    assert re.findall("<details.*\n.*", alone) == ["<details>\n<summary><h2>A 1</h2></summary>"]
    assert "<h3>Pooled</h3>" in alone


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, "nul \0 bell \a escape \x1b[2J delete \x7f", "\ud800 half"])
def test_a_hostile_text_is_text_everywhere(text: str) -> None:
    """In headings, captions, cells, names, notes, drawings and their words."""
    heads = columns(text, (text + "1", "money"), (text + "2", "money"))
    chart = Chart("line", text, text, (text + "1", text + "2"), 0, 1)
    report = Report(text, text, heads, ((text, 1, 2), (text, 3, 4)), (text,), text, charts=(chart,))
    page = Page(text, ((text,), text, report), text)
    parts: list[Report | Page] = [report, report, page, page]
    written = document(Cover(text, ((text, text),), text, text), page, [Group(text, parts), Group(text, parts[:1])])
    read = checked(written)
    assert read.texts.count(printable(text)) > 25
    assert written.count("<script") == written.count("</script") == 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]", written)
    written.encode("utf-8")


def test_a_hostile_workbook(tmp_path: Path) -> None:
    book = with_hostile_texts(tmp_path / "book.xlsx")
    for command in ("compute", "variance", "track"):
        target = tmp_path / f"{command}.html"
        ran = run(command, book, "-o", target)
        assert ran.code == 0, ran.err
        read = checked(target.read_text("utf-8"))
        assert {printable(text) for text in HOSTILE_TEXTS} <= set(read.texts)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """The page of the example for a command and its options, written once for the same words."""
    folder = tmp_path_factory.mktemp("pages")

    @functools.cache
    def written(*words: str) -> str:
        command, *options = words
        target = folder / f"{' '.join(words).replace('/', '-')}.html"
        ran = run(command, ALLIANCE, *options, "-o", target)
        assert (ran.code, ran.out) == (0, ""), ran.err
        return target.read_text("utf-8")

    return written


WHOLE = ("compute", "--detail", "line")


@pytest.mark.parametrize(
    "words",
    [
        WHOLE,
        ("check",),
        ("explain", "--unit", "HR", "--year", "2016/17"),
        ("variance",),
        ("track", "--base", "2012/13"),
        ("settle",),
        ("status",),
        ("benchmark",),
        ("monitor", "--as-at", "2019-08-31"),
    ],
    ids=lambda words: str(words[0]),
)
def test_every_command_gives_it(words: tuple[str, ...], page: Callable[..., str]) -> None:
    read = checked(page(*words))
    assert "table" in read.tags
    assert ("svg" in read.tags) is (words[0] in ("compute", "variance", "track", "status", "benchmark", "monitor"))


@pytest.mark.parametrize(
    ("words", "units"), [(WHOLE, "£"), (("compute", "--in", "thousands", "--unit", "ICT"), "£k")], ids=["£", "£k"]
)
def test_the_units_of_a_chart_are_said_once(words: tuple[str, ...], units: str, page: Callable[..., str]) -> None:
    text = page(*words)
    assert f"<figcaption>What each force pays for all units shown ({units})</figcaption>" in text
    assert f"<figcaption>What each force pays, 2018/19 to 2019/20: budget, in cash ({units})</figcaption>" in text
    assert "(£) (£" not in text and set(re.findall(r"\(£k?\)", text)) == {f"({units})"}


def test_the_title_names_the_workbook_and_the_scenario(page: Callable[..., str]) -> None:
    """So that two pages side by side are told apart."""
    assert "<title>What each force pays: alliance.xlsx</title>" in page(*WHOLE)
    other = page("compute", "--unit", "HR", "--scenario", str(EXAMPLES / "high_pay.toml"))
    assert "<title>What each force pays: alliance.xlsx, high_pay.toml</title>" in other


def test_every_unit_and_year_unfolds_to_its_explanation(page: Callable[..., str]) -> None:
    text = page(*WHOLE)
    assert len(re.findall(r"<summary><h4>", text)) == 87  # the unit-years of the workbook, as its controls say
    assert "HR (Human Resources) 2018/19: all forces pay £10,700,000.03" in text


def headings(path: Path) -> list[str]:
    return re.findall(r"<h[23]>([^<]*)", path.read_text("utf-8"))


def test_what_stands_below_the_first_page_in_which_order(page: Callable[..., str]) -> None:
    """The queries right after it, the lines and explanations last, then what all was worked out from."""
    text = page(*WHOLE)
    assert re.findall(r"<h2>([^<]*)", text) == [
        *("Queries", "Notes", "Splits", "Bases", "Demand", "No loser", "Pooling", "Business cases", "Unit costs"),
        *("Controls", "Lines", "Explanations", "Worked out from"),
    ]
    assert "sha256" not in text.partition("<main>")[2].partition("Worked out from")[0].casefold()


def test_a_bridge_of_a_unit_hides_no_force(page: Callable[..., str]) -> None:
    """Major Crime 2018/19 is £350,000 below its business case in all, and above it for BEDS."""
    text = page(*WHOLE)
    for finding in (
        "Major Crime 2018/19: budget £350,000 below the business case, by cause (£)",
        "Major Crime 2018/19, BEDS: budget £582,988 above the business case, by cause (£)",
        "Major Crime 2018/19, HERTS: budget £609,569 below the business case, by cause (£)",
    ):
        assert f"<figcaption>{finding}" in text


def test_the_page_of_compute_holds_variances_and_unit_costs_too(tmp_path: Path) -> None:
    """The same figures as `variance` and `track` have; nothing of them where the workbook has neither."""
    whole, cases, costs = (tmp_path / f"{name}.html" for name in ("whole", "cases", "costs"))
    narrowed = ["--unit", "ICT", "--year", "2017/18..2018/19"]
    for command, path in (("compute", whole), ("variance", cases), ("track", costs)):
        assert run(command, ALLIANCE, *narrowed, "-o", path).code == 0
    assert {"Splits", "Variance", "Bridge", "Unit costs", "Explanations"} <= set(headings(whole))

    def table(path: Path, start: str) -> str:
        text = path.read_text("utf-8").partition(f">{start}")[2]
        return text.partition("<tbody>")[2].partition("</tbody>")[0]

    for path, start in ((cases, "Variance: variance = "), (costs, "Unit costs, in cash")):
        assert table(path, start).count("<tr>") > 1
        assert table(whole, start) == table(path, start)
    councils = tmp_path / "councils.html"
    assert run("compute", COUNCILS, "-o", councils).code == 0
    assert not {"Variance", "Bridge", "Unit costs"} & set(headings(councils))


def test_what_the_workbook_does_not_carry_is_said_in_its_place(tmp_path: Path) -> None:
    """The business case is in prices of a year without an index: compute stands, the variance does not."""
    cases: Table = [["unit", "year", "amount", "price year"], ["ICT", "2018/19", 100, "2015/16"]]
    index: Table = [["year", "index"], ["2018/19", 104.5]]
    path = write_book(tmp_path / "book.xlsx", two_forces(Business_cases=cases, Deflators=index))
    assert run("compute", path, "-o", tmp_path / "page.html").code == 0
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "Business cases" in headings(tmp_path / "page.html")
    assert re.search(r"<p>Not worked out: .*2015/16.*</p>", text)
