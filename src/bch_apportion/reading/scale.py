"""In what amounts are given: pounds, thousands or millions, as a heading, a title or a setting says."""

from __future__ import annotations

import re

PATTERN = r"£\s*(?:in\s+)?[,'’(]?\s*(000(?:['’]?s)?|k|m|thousands?|millions?)"
HEADING = re.compile(rf"(.*?\S)\s*[,(\[]*\s*(?:\bin\s+)?(?:{PATTERN}|£)\s*[)\]]*", re.IGNORECASE)
SPELT = r"\b(thousands?|millions?) of pounds\b|\bin (thousands|millions)\b|(?<![\d.,])\b(000)['’]?s\b"
WITHIN = re.compile(rf"(?<![\d.,]){PATTERN}\b(?!\s*\d)|{SPELT}", re.IGNORECASE)
SETTINGS = {"pounds": 1, "thousands": 1_000}
WORDS = {1: "pounds", 1_000: "thousands of pounds", 1_000_000: "millions of pounds"}


def of_heading(text: str) -> tuple[str, int] | None:
    """A heading without the scale that it names, and the scale; None where it names none.

    >>> of_heading("amount (£000)"), of_heading("2018/19 £k"), of_heading("nre £m"), of_heading("amount (£)")
    (('amount', 1000), ('2018/19', 1000), ('nre', 1000000), ('amount', 1))
    >>> of_heading("amount in £000's"), of_heading("amount (in £ thousands)")
    (('amount', 1000), ('amount', 1000))
    """
    match = HEADING.fullmatch(text.strip())
    return (match[1].rstrip(" ,-–"), _factor(match[2])) if match else None


def within(text: str) -> int | None:
    """The scale that a title or remark names without an amount.

    >>> within("All figures are in £, 000"), within("Net current expenditure (£ thousand)"), within("£1.2 million")
    (1000, 1000, None)
    >>> within("Figures are in thousands of pounds"), within("£ in millions"), within("(000s)"), within("1,000s")
    (1000, 1000000, 1000, None)
    """
    match = WITHIN.search(text)
    return _factor(match[match.lastindex or 1]) if match else None


def _factor(word: str | None) -> int:
    return 1 if not word else 1_000_000 if word[0] in "mM" else 1_000
