"""The Summit's paper as pages: the findings alone, the whole, and a section by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bch_apportion.questions.pack.paper import Paper
from bch_apportion.questions.pack.sections import Section
from bch_apportion.writing.report import THOUSANDS, Group, Page, Report, columns
from bch_apportion.years import day_text


def brief(sections: Mapping[str, Section], paper: Paper) -> Page:
    """The findings, a row each."""
    rows = tuple((str(number), own.finding, name) for number, (name, own) in enumerate(sections.items(), 1))
    heads = columns("", ("finding", "wide"), ("--show", "wide"))
    return Page(_title(paper), (Report("Findings", "", heads, rows),), units=THOUSANDS)


def whole(sections: Iterable[Section], paper: Paper) -> Page:
    """Every section under its finding."""
    blocks = (block for number, own in enumerate(sections, 1) for block in _section(own, f"{number} · "))
    return Page(_title(paper), tuple(blocks), units=THOUSANDS)


def alone(section: Section) -> list[Report | Page]:
    """A section with what is behind it, in the place of what of that the paper has room for."""
    _, *blocks = _section(section)
    behind = section.details()
    shown = [block for block in blocks if not (behind and isinstance(block, Report))]
    return [Page(section.finding, tuple(shown), units=THOUSANDS), *behind]


def groups(sections: Mapping[str, Section]) -> list[Group]:
    """What stands folded below the paper."""
    behind = {name: own.details() for name, own in sections.items()}
    return [Group(name.capitalize(), reports) for name, reports in behind.items() if reports]


def _title(paper: Paper) -> str:
    return f"Summit paper, {day_text(paper.day)}: {paper.year}, {paper.ledger.inputs.source}"


def _section(section: Section, number: str = "") -> Iterator[str | Report | tuple[str]]:
    yield (f"{number}{section.finding}",)
    yield from section.blocks
    if section.behind:
        yield f"Behind it: {section.behind}"
