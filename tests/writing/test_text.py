"""What a reader sees of a text of the workbook: nothing hidden, nothing that is obeyed, nothing broken."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bch_apportion.writing import markdown, page
from bch_apportion.writing.report import Cover, Group, Page, Report, columns, sheet_name
from bch_apportion.writing.text import printable

WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
STAYS = {
    "an officer": "\U0001f46e\u200d\u2640\ufe0f",
    "a flag": f"Dyfed-Powys {WALES}",
    "a soft hyphen": "appor\u00adtionment",
    "a break": "Budgets\u200b/\u200cplans\u2060",
    "a byte order mark": "\ufeffICT",
    "accents": "Ångström e\u0301 漢字",
}
GOES = {
    "a direction": ("a\u202eb\u2066c\u200fd\u061c", "a\ufffdb\ufffdc\ufffdd\ufffd"),
    "controls": ("a\x00b\x07\x1b[31mc\x7f\x85", "a\ufffdb\ufffd\ufffd[31mc\ufffd "),
    "words in tags": ("ICT\U000e0068\U000e0069", "ICT\ufffd\ufffd"),
    "tags after a flag": (f"{WALES}\U000e0068", f"{WALES}\ufffd"),
    "a flag of too many tags": (
        f"{WALES[:-1]}\U000e0068\U000e0069\U000e007f",
        "\U0001f3f4" + "\ufffd" * 8,
    ),
    "a flag that does not end": (WALES[:-1], "\U0001f3f4" + "\ufffd" * 5),
    "half a character": ("\ud800x", "\ufffdx"),
    "no character": ("\uffff\ue000", "\ufffd\ufffd"),
    "line ends": ("a\r\nb\tc\u2028d", "a  b c d"),
}


def shown(text: str) -> str:
    """A page with the text in a cell."""
    report = Report("R", "R", columns("unit"), ((text,),))
    return page.document(Cover("C", ()), Page("P", ()), [Group("R", [report])])


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_what_is_harmless_stays(text: str) -> None:
    assert printable(text) == text
    assert f'<th scope="row">{text}</th>' in shown(text)
    assert f"| {text} |" in markdown.document([Report("R", "R", columns("unit"), ((text,),))])


@pytest.mark.parametrize(("text", "seen"), GOES.values(), ids=GOES)
def test_what_misleads_becomes_a_mark(text: str, seen: str) -> None:
    assert printable(text) == seen
    assert f'<th scope="row">{seen}</th>' in unescape(shown(text))


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=12))
def test_sheet_names_are_safe_and_unique(texts: list[str]) -> None:
    taken = ["Splits", "A", "a (2)"]
    for text in (*texts, "A", "a", "x" * 50, "X" * 50, "History"):
        name = sheet_name(text, taken)
        assert name.casefold() not in {"history", *(other.casefold() for other in taken)}
        taken.append(name)
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name == name.strip()
