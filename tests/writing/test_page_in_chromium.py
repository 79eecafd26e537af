"""The page as a reader has it, in headless Chromium: it opens, sorts, filters, unfolds, prints, asks for nothing."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from bch_apportion.writing.lettering import WIDTHS
from bch_apportion.writing.page import document
from bch_apportion.writing.report import Cover, Group, Page, Report, columns
from tests.books import with_hostile_texts, with_many_forces
from tests.browser import Refused, Tab
from tests.program import ALLIANCE, EXAMPLES, run

ASKED = {
    "compute": ["compute", "--year", "2018/19"],
    "variance": ["variance", "--year", "2018/19"],
    "track": ["track"],
    "settle": ["settle"],
    "check": ["check", "--unit", "ICT"],
    "explain": ["explain", "--unit", "HR", "--year", "2016/17"],
    "mtfs": [
        *("mtfs", "--scenario", str(EXAMPLES / "high_pay.toml"), "--years", "2", "--as-at", "2019-11-25", "--fms"),
        *("--sensitivity", "--runs", "200", "--seed", "1"),
    ],
    "compare": ["compare", str(EXAMPLES / "wider_base.toml"), "--year", "2019/20"],
    "pack": ["pack", "--as-at", "2019-08-31"],
}
AMOUNT = re.compile(r"-?\d{1,3}(?:,\d{3})*\.\d\d(?!\d)")


def unfolded(*reports: Report) -> str:
    """A page of these tables, each unfolded."""
    groups = [Group(report.title, [report]) for report in reports]
    first = Page("Tables", (), lead="They stand below.")
    return document(Cover("Tables", ()), first, groups).replace("<details>", "<details open>")


class Pages:
    """Pages of every command, of a hostile workbook and of many forces, each written when it is first looked at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> Path:
        page = self._folder / f"{name}.html"
        if not page.exists():
            command, book, *options = self._question(name)
            assert run(command, book, *options, "-o", page).code == 0
        return page

    def _question(self, name: str) -> list[str | Path]:
        """What the program is asked for a page."""
        if name == "many forces":
            return ["compute", with_many_forces(self._folder / "many.xlsx")]
        if name == "43 forces":
            code = "ConstabularyOfTheCountyOfSomewhereInEngland{:02}"
            return ["compute", with_many_forces(self._folder / "most.xlsx", 43, code, 500), "--year", "2018/19"]
        if name == "three units":
            return ["compute", ALLIANCE, "--year", "2018/19", "--unit", "ICT", "--unit", "HR", "--unit", "Procurement"]
        if name.startswith("hostile "):
            return [name.removeprefix("hostile "), with_hostile_texts(self._folder / "hostile.xlsx")]
        command, *options = ASKED[name]
        return [command, ALLIANCE, *options]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return Pages(tmp_path_factory.mktemp("pages"))


OPEN = "document.querySelectorAll('details').forEach(block => { block.open = true; })"


def column(tab: Tab, number: int, name: str = "") -> list[str]:
    """The texts that are shown in a column of the table of this name, or the first."""
    region = f'[data-name="{name}"]' if name else "[data-name]"
    script = f"""[...document.querySelector('{region} tbody').rows].filter(row => !row.hidden)
        .map(row => row.cells[{number}].textContent)"""
    return list(tab.run(script))


def complaints(tab: Tab) -> list[Any]:
    """What the console has heard: errors, warnings, refusals of the policy, exceptions."""
    said = [event["entry"]["text"] for event in tab.told("Log.entryAdded")]
    return said + tab.told("Runtime.exceptionThrown") + tab.told("Runtime.consoleAPICalled")


def use(tab: Tab) -> None:
    """Everything a reader can press: every button of a header twice, every filter, every fold."""
    tab.run("document.querySelectorAll('th button').forEach(button => { button.click(); button.click(); })")
    tab.run(
        """document.querySelectorAll('input').forEach(box => {
            box.value = '<img src=x> a'; box.dispatchEvent(new Event('input'));
            box.value = ''; box.dispatchEvent(new Event('input'));
        })"""
    )
    tab.run(OPEN)


@pytest.mark.parametrize("name", [*ASKED, "hostile compute", "hostile variance", "hostile track", "many forces"])
def test_it_opens_and_asks_for_nothing_that_is_not_in_the_file(tab: Tab, pages: Pages, name: str) -> None:
    """No complaint, no request but for the file itself, no code of a workbook run, nothing wider than the screen."""
    tab.open(pages[name])
    title = tab.run("document.title")
    use(tab)
    tab.printed()
    assert tab.run("document.title") == title != "run"
    assert complaints(tab) == []
    assert {event["request"]["url"] for event in tab.told("Network.requestWillBeSent")} == {pages[name].as_uri()}
    assert tab.run("document.querySelectorAll('img, iframe, object, [onerror], [onload], [onclick]').length") == 0
    assert tab.run("document.querySelectorAll('script').length") == 1
    tab.width(400)
    assert tab.run("document.documentElement.scrollWidth <= innerWidth")
    tab.width(1280)


def test_the_policy_refuses_what_is_not_ours(tab: Tab, pages: Pages, tmp_path: Path) -> None:
    """The guard can fail: a script, a style and a picture put into the page are refused, and the console says so."""
    text = pages["settle"].read_text("utf-8")
    live = "<script>document.title='run'</script><p style='color:red'>x</p><img src='http://127.0.0.1:9/x.png'>"
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(text.replace("<main", live + "<main"), "utf-8")
    tab.open(spoilt)
    assert tab.run("document.title") != "run"
    assert tab.run("getComputedStyle(document.querySelector('p[style]')).color") != "rgb(255, 0, 0)"
    assert len([complaint for complaint in complaints(tab) if "Content Security Policy" in str(complaint)]) >= 3


def test_a_column_of_figures_sorts_as_figures(tab: Tab, pages: Pages) -> None:
    tab.open(pages["compute"])
    given = column(tab, 3)
    heads = tab.run(
        "[...document.querySelectorAll('[data-name] thead')[0].rows[0].cells].map(cell => cell.textContent)"
    )
    assert heads == ["unit", "year", "basis", "BEDS", "CAMBS", "HERTS", "total"]
    figures = [float(text.replace(",", "")) for text in given]
    assert figures != sorted(figures)
    press = "document.querySelectorAll('[data-name] th button')[3].click()"
    state = "document.querySelectorAll('[data-name] th')[3].getAttribute('aria-sort')"
    for expected, said in (
        (sorted(figures), "ascending"),
        (sorted(figures, reverse=True), "descending"),
        (figures, None),
    ):
        tab.run(press)
        assert [float(text.replace(",", "")) for text in column(tab, 3)] == expected
        assert tab.run(state) == said
    total = tab.run("document.querySelector('[data-name] tfoot').textContent.trim()")
    assert total.startswith("All units2018/19")


def test_texts_sort_as_texts_and_one_column_at_a_time(tab: Tab, pages: Pages) -> None:
    tab.open(pages["compute"])
    tab.run("document.querySelectorAll('[data-name] th button')[6].click()")
    tab.run("document.querySelectorAll('[data-name] th button')[0].click()")
    assert column(tab, 0) == sorted(column(tab, 0), key=str.casefold)
    assert tab.run("document.querySelectorAll('[data-name] table')[0].querySelectorAll('[aria-sort]').length") == 1


def test_figures_that_are_not_there_stand_last(tab: Tab, pages: Pages) -> None:
    """The business case of a unit cost is blank where there is none; percentages and negatives are figures."""
    tab.open(pages["track"])
    for clicks in (1, 2):
        tab.run("document.querySelectorAll('[data-name=\"Unit costs\"] th button')[8].click()")
        texts = column(tab, 8, "Unit costs")
        filled = [float(text.replace(",", "")) for text in texts if text]
        assert "" in texts and texts[len(filled) :] == [""] * (len(texts) - len(filled))
        assert filled == sorted(filled, reverse=clicks == 2)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a table of figures with their units and of texts, both with blanks."""
    rows = (("b", "10%"), ("", "−£5.00"), ("a", ""), ("", "n/a"), ("B10", "£1,000.00"), ("b9", "2%"))
    path = tmp_path_factory.mktemp("odd") / "page.html"
    report = Report("Odd", "Odd", columns("word", ("value", "number")), rows)
    path.write_text(unfolded(report), "utf-8")
    return path


@pytest.mark.parametrize(
    ("place", "clicks", "expected"),
    [
        (0, 1, ["a", "b", "b9", "B10", "", ""]),
        (0, 2, ["B10", "b9", "b", "a", "", ""]),
        (1, 1, ["−£5.00", "2%", "10%", "£1,000.00", "", "n/a"]),
        (1, 2, ["£1,000.00", "10%", "2%", "−£5.00", "", "n/a"]),
    ],
)
def test_what_is_blank_stands_last_and_figures_may_have_units(
    tab: Tab, odd: Path, place: int, clicks: int, expected: list[str]
) -> None:
    tab.open(odd)
    for _ in range(clicks):
        tab.run(f"document.querySelectorAll('th button')[{place}].click()")
    assert column(tab, place) == expected


def test_numbers_of_mtfs_and_explanations_stand_as_numbers(tab: Tab, pages: Pages) -> None:
    """To the right, and sorted by their size."""
    heads = """[...document.querySelectorAll('thead')].map(head => [...head.rows[0].cells])
        .filter(cells => cells.some(cell => cell.textContent === '{}'))[0]
        .filter(cell => cell.classList.contains('n')).map(cell => cell.textContent)"""
    tab.open(pages["mtfs"])
    assert tab.run(heads.format("reference")) == ["value", "low", "high"]
    assert tab.run(heads.format("days left")) == ["days left"]
    table = "[...document.querySelectorAll('[data-name=\"{}\"] {}')]"
    sort = table.format("Sensitivity", "th button") + ".find(button => button.textContent === 'low').click()"
    tab.run(sort)
    lows = tab.run(table.format("Sensitivity", "tbody tr") + ".map(row => row.cells[2].textContent)")
    assert list(dict.fromkeys(lows)) == ["1%", "1.5%", "2%", "3%", "4%", "£100,000.00", "£350,000.00", "£600,000.00"]
    tab.open(pages["compute"])
    assert tab.run(heads.format("volume")) == ["volume", "share"]


def test_it_filters(tab: Tab, pages: Pages) -> None:
    tab.open(pages["compute"])
    tab.run(OPEN)
    label = tab.run("document.querySelector('input').labels[0].textContent")
    assert label == "Filter Splits"
    tab.run("document.querySelector('input').focus()")
    tab.send("Input.insertText", text="armed AGREED")
    assert column(tab, 0) == ["Armed Policing"]
    assert tab.run("document.querySelector('output').textContent") == "1 of 11 rows; the totals are of all rows"
    tab.run("document.querySelectorAll('[data-name] th button')[6].click()")
    assert column(tab, 0) == ["Armed Policing"]
    tab.run("const box = document.querySelector('input'); box.value = ''; box.dispatchEvent(new Event('input'))")
    assert len(column(tab, 0)) == 11
    assert tab.run("document.querySelector('output').textContent") == ""


@pytest.mark.parametrize("typed", ["5,623,700", "5623700", "5623700.2", "£", "ict 5623700"])
def test_an_amount_is_found_with_its_separators_or_without(tab: Tab, tmp_path: Path, typed: str) -> None:
    rows = (("ICT", 5_623_700_25, "£1"), ("HR", 56_237_00, "£1"), ("ICT 2", -15_623_700_25, "£1"), ("Estates", 5, ""))
    path = tmp_path / "page.html"
    report = Report("Odd", "Odd", columns("unit", ("amount", "money"), "note"), rows)
    path.write_text(unfolded(report), "utf-8")
    tab.open(path)
    tab.run("document.querySelector('input').focus()")
    tab.send("Input.insertText", text=typed)
    assert column(tab, 0) == (["ICT", "HR", "ICT 2"] if typed == "£" else ["ICT", "ICT 2"])


def test_by_keyboard_alone(tab: Tab, pages: Pages) -> None:
    """Tab reaches the skip link first, then every control in order, each visibly; Enter and Space work."""
    tab.open(pages["compute"])
    focus = "(document.activeElement.textContent || document.activeElement.id || document.activeElement.tagName).trim()"
    mark = (
        "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth"
    )
    tab.press("Tab", 9)
    assert tab.run(focus) == "Skip to the tables"
    assert tab.run("document.activeElement.getBoundingClientRect().left") >= 0
    tab.press("Enter", 13, "\r")
    assert tab.run("document.activeElement.id") == "tables"
    seen = []
    for _ in range(3):
        tab.press("Tab", 9)
        seen.append(tab.run("document.activeElement.tagName + ' ' + (document.activeElement.role ?? '')").strip())
        assert tab.run(mark) == "solid3px"
    assert seen == ["BUTTON", "SUMMARY", "SUMMARY"]  # what opens all, then every fold
    tab.press("Enter", 13, "\r")
    assert tab.run("document.activeElement.parentElement.open")
    tab.run("document.querySelector('th button').closest('details').open = true")
    tab.run("document.querySelector('th button').focus()")
    tab.press(" ", 32, " ")
    assert tab.run("document.activeElement.closest('th').getAttribute('aria-sort')") == "ascending"


FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


@pytest.mark.parametrize("name", ["compute", "variance", "many forces"])
def test_a_table_is_a_tab_stop_where_it_scrolls(tab: Tab, pages: Pages, name: str) -> None:
    """On a wide screen and a narrow one, and when it unfolds; where it scrolls it has a name."""
    tab.open(pages[name])
    tab.run(OPEN)
    stops = """[...document.querySelectorAll('.scroll')].map(table => [table.hasAttribute('tabindex'),
        table.scrollWidth > table.clientWidth + 1 || table.scrollHeight > table.clientHeight + 1])"""
    counts = []
    for width in (1280, 300, 1280):
        tab.width(width)
        tab.run(FRAMES)
        tables = tab.run(stops)
        assert [table for table in tables if table[0] != table[1]] == []
        counts.append(sum(stop for stop, _ in tables))
    assert counts[0] == counts[2] < counts[1] <= len(tables)


def test_each_unit_opens_to_its_explanation(tab: Tab, pages: Pages) -> None:
    tab.open(pages["compute"])
    words = "document.querySelector('#tables').innerText"
    beside = "What is open is printed, what is closed is not."
    assert [line for line in tab.run(words).split("\n") if line][:3] == [beside, "Open all", "Notes"]
    assert "The pooled cost is" not in tab.run(words)
    units = tab.run("[...document.querySelectorAll('.several .several h3')].map(heading => heading.textContent)")
    assert len(units) == 11 and "ICT" in units
    tab.run("document.querySelector('.unfold').click()")
    assert tab.run(words).count("The pooled cost is") == 11
    assert tab.run("document.querySelector('.unfold').textContent") == "Close all"
    tab.run("document.querySelector('.unfold').click()")
    assert "The pooled cost is" not in tab.run(words)


@pytest.mark.parametrize("name", ["compute", "variance", "track", "settle", "mtfs", "many forces", "43 forces"])
def test_it_prints_every_amount_on_a4(tab: Tab, pages: Pages, name: str) -> None:
    """Every amount of the tables, with all that folds open, whole and as often as it stands there.

    A first page stands upright and, as it opens, is all that is printed: two sheets at most; the tables lie across.
    """
    tab.open(pages[name])
    upright = 0
    if tab.run("document.querySelector('.first') !== null"):
        upright = len(PdfReader(BytesIO(tab.printed())).pages)
        assert 1 <= upright <= 2
    tab.run(OPEN)
    amounts = tab.run("[...document.querySelectorAll('td, tbody th')].map(cell => cell.textContent).join('\\n')")
    pdf = PdfReader(BytesIO(tab.printed()))
    wide = [round(page.mediabox.width / 72 * 25.4) for page in pdf.pages]
    assert wide == [210] * upright + [297] * (len(wide) - upright)
    texts = [page.extract_text() for page in pdf.pages]
    printed = Counter(AMOUNT.findall("\n".join(texts)))
    wanted = Counter(AMOUNT.findall(amounts))
    assert sum(wanted.values()) > 30
    assert {amount: count for amount, count in wanted.items() if printed[amount] < count} == {}
    assert f"Page {len(texts)} of {len(texts)}" in texts[-1]


def test_the_paper_of_the_summit_prints_on_twelve_sheets_at_most(tab: Tab, pages: Pages) -> None:
    tab.open(pages["pack"])
    pdf = PdfReader(BytesIO(tab.printed()))
    assert 4 <= len(pdf.pages) <= 12
    texts = "".join(page.extract_text() for page in pdf.pages)
    assert all(f"{number} · " in texts for number in range(1, 13))


def test_a_heading_and_a_caution_stand_on_the_sheet_of_their_table(tab: Tab, tmp_path: Path) -> None:
    """Tables of one to twenty-four rows, each with a heading of two lines, a lead, and a caution of two lines after."""
    heads = columns("row", ("sum", "money"))
    blocks: list[Report | tuple[str] | str] = []
    for n in range(1, 25):
        table = Report(f"T{n}", "", heads, tuple((f"T{n}R{row}.", row) for row in range(n)))
        heading, caution = (f"{mark}{n}a {'words that go on ' * 9} {mark}{n}z" for mark in "HC")
        blocks += [(heading,), f"L{n}.", table, caution]
    path = tmp_path / "page.html"
    path.write_text(document(Cover("Tables", ()), Page("Tables", tuple(blocks)), []), "utf-8")
    tab.open(path)
    texts = [page.extract_text() for page in PdfReader(BytesIO(tab.printed())).pages]
    assert len(texts) > 6
    for n in range(1, 25):
        for together in ((f"H{n}a", f"H{n}z", f"L{n}.", f"T{n}R0."), (f"T{n}R{n - 1}.", f"C{n}a")):
            assert any(all(mark in text for mark in together) for text in texts), together


def test_what_is_open_is_printed_and_what_is_closed_is_not(tab: Tab, pages: Pages) -> None:
    tab.open(pages["three units"])

    def printed() -> tuple[int, int, int]:
        """How often: the heading, a heading of a unit and year, what stands under it."""
        text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(tab.printed())).pages)
        return text.count("Explanations"), text.count("2018/19: all forces pay"), text.count("The pooled cost is £")

    def opened(level: str, names: list[str]) -> None:
        tab.run(
            f"""[...document.querySelectorAll('summary {level}')]
                .filter(heading => {json.dumps(names)}.includes(heading.textContent))
                .forEach(heading => {{ heading.closest('details').open = true; }})"""
        )

    assert printed() == (0, 0, 0)
    opened("h2", ["Explanations"])
    opened("h3", ["ICT", "HR"])  # units alone, none of their years
    assert printed() == (0, 0, 0)
    tab.run("document.querySelectorAll('.several[open] .several[open] details').forEach(year => { year.open = true; })")
    assert printed() == (1, 2, 2)
    tab.run(OPEN)
    assert printed() == (1, 3, 3)


def test_no_header_row_stands_alone_at_the_foot_of_a_printed_page(tab: Tab, tmp_path: Path) -> None:
    """Tables of one to thirty rows, so that their header rows fall on every place of a page."""
    heads = columns("unit", ("sum", "money"))
    tables = [
        Report(f"T{count}", f"Table {count}", heads, tuple((f"row {n}", n) for n in range(count)))
        for count in (*range(1, 31), *range(1, 31))
    ]
    path = tmp_path / "page.html"
    path.write_text(unfolded(*tables), "utf-8")
    tab.open(path)
    texts = [page.extract_text() for page in PdfReader(BytesIO(tab.printed())).pages]
    assert len(texts) > 20
    lines = [re.sub(r"Page \d+ of \d+", "", text).split() for text in texts]
    assert [number for number, words in enumerate(lines, 1) if words[-2:] == ["unit", "sum"]] == []
    assert [number for number, words in enumerate(lines, 1) if words[-2] == "Table"] == []


def axe() -> str:
    """The script of axe-core, from the package that carries it."""
    spec = importlib.util.find_spec("axe_playwright_python")
    assert spec is not None and spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text("utf-8")


AUDIT = """axe.run(document, {...(%s), resultTypes: ['violations', 'incomplete']}).then(audit => ({
    violations: audit.violations.map(({id, nodes}) => [id, nodes.length, nodes[0].html, nodes[0].failureSummary]),
    unsure: audit.incomplete.map(({id, nodes}) => [id, nodes.length]),
    passes: audit.passes.map(({id}) => id)}))"""


COLOURS = "{runOnly: ['color-contrast']}"  # a scheme changes nothing else
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}


@pytest.mark.parametrize("name", [*ASKED, "many forces"])
def test_axe_finds_no_violation(tab: Tab, pages: Pages, name: str) -> None:
    """In both schemes, on paper of their own."""
    tab.open(pages[name])
    tab.run("document.querySelectorAll('details:nth-of-type(-n+2)').forEach(block => { block.open = true; })")
    tab.run("document.querySelector('th button')?.click()")
    tab.run(axe())
    audits = {}
    for scheme, paper in reversed(PAPER.items()):  # light last, as the others have it
        tab.scheme(scheme)
        assert tab.run("getComputedStyle(document.body).backgroundColor") == paper
        audits[scheme] = tab.run(AUDIT % (COLOURS if scheme == "dark" else "{}"))
    assert {scheme: audit["violations"] for scheme, audit in audits.items()} == {"dark": [], "light": []}
    assert audits["dark"]["passes"] == ["color-contrast"]
    passed = set(audits["light"]["passes"])
    assert {"color-contrast", "heading-order", "landmark-one-main", "skip-link", "region"} <= passed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_stand_out_from_the_paper(tab: Tab, pages: Pages, scheme: str) -> None:
    """Three to one for every line and bar, the grid aside; axe does not look into drawings."""
    tab.scheme(scheme)
    tab.open(pages["variance"])
    paper = luminance(tab.run("getComputedStyle(document.body).backgroundColor"))
    colours = tab.run(
        """['total', 'rise', 'fall', 's0', 's1', 's2', 's3', 's4', 's5'].map(name => {
            const made = document.createElement('div');
            document.querySelector('main').append(made);
            made.className = 'f-' + name;
            return getComputedStyle(made).fill;
        }).concat(getComputedStyle(document.querySelector('svg text')).fill)"""
    )
    tab.scheme("light")
    assert len(set(colours)) >= 9
    for colour in colours:
        light, dark = sorted((luminance(colour), paper), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, colour


@pytest.mark.parametrize("name", ["compute", "variance", "track", "mtfs", "hostile variance", "many forces"])
def test_no_text_of_a_drawing_is_cut(tab: Tab, pages: Pages, name: str) -> None:
    """In the font that the page is read in; nor does it overlap another, those that are tilted aside."""
    tab.open(pages[name])
    tab.run(OPEN)
    cut, count = tab.run(
        """(() => {
            const texts = [...document.querySelectorAll('svg text')];
            const cut = texts.filter(text => {
                const box = text.getBoundingClientRect(), all = text.closest('svg').getBoundingClientRect();
                return box.left < all.left || box.right > all.right || box.top < all.top || box.bottom > all.bottom;
            });
            const lying = texts.filter(text => !text.hasAttribute('transform'));
            for (const drawing of document.querySelectorAll('svg')) {
                const boxes = lying.filter(text => drawing.contains(text)).map(text => text.getBoundingClientRect());
                for (const box of boxes) for (const other of boxes) if (box !== other
                    && box.left < other.right && other.left < box.right
                    && box.top + 2 < other.bottom - 2 && other.top + 2 < box.bottom - 2) cut.push(drawing);
            }
            return [cut.map(text => text.textContent), texts.length];
        })()"""
    )
    assert count > 9 and cut == []


def test_no_letter_is_wider_than_a_drawing_reckons(tab: Tab, pages: dict[str, Path]) -> None:
    """In the font that the page is read in, and in those that the widths were taken from, where they are there."""
    tab.open(pages["settle"])
    script = """((letters) => {
        const pen = document.createElement('canvas').getContext('2d');
        const read = getComputedStyle(document.body).fontFamily;
        return [read, '"DejaVu Sans"', 'Arial, "Liberation Sans"'].map(family => {
            pen.font = '1000px ' + family;
            return letters.map(letter => pen.measureText(letter).width / 1000);
        });
    })"""
    for widths in tab.run(f"{script}({json.dumps(list(WIDTHS))})"):
        assert len(widths) == len(WIDTHS) > 95
        assert [letter for letter, wide in zip(WIDTHS, widths, strict=True) if wide > WIDTHS[letter]] == []


def luminance(colour: str) -> float:
    """The relative luminance of WCAG, of a colour written rgb(r, g, b)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_luminance() -> None:
    assert luminance("rgb(255, 255, 255)") == pytest.approx(1)
    assert luminance("rgb(0, 0, 0)") == 0


def test_a_fault_in_a_script_is_seen(tab: Tab, pages: Pages) -> None:
    tab.open(pages["settle"])
    with pytest.raises(Refused):
        tab.run("nothing.of.that.name")


def test_without_scripts_it_is_still_read(tab: Tab, pages: Pages) -> None:
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(pages["settle"])
        pdf = PdfReader(BytesIO(tab.printed()))
        assert "6,329,796" in pdf.pages[0].extract_text()
        tab.run("document.querySelector('summary').click()")
        assert tab.run("document.querySelector('details').open")
        assert tab.run("[...document.querySelectorAll('.scroll')].every(table => table.tabIndex === 0)")
    finally:
        tab.send("Emulation.setScriptExecutionDisabled", value=False)
