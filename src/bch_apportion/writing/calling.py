"""What a result calls the forces: councils, partners, …, where the setting `members called` says so.

Headings and sentences follow; codes and names from the workbook stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from bch_apportion.writing.report import Block, Cell, Page, Report

Part = TypeVar("Part", bound=Report | Page)
Call = Callable[[str], str]


def singular(plural: str) -> str:
    """A single of them.

    >>> singular("councils"), singular("authorities")
    ('council', 'authority')
    """
    return plural[:-3] + "y" if plural.endswith("ies") else plural[:-1]


def calls(plural: str, names: Collection[str]) -> Call:
    """What puts another word in the place of force and forces; `names` of the workbook that hold these words stay.

    >>> calls("councils", ["Task force"])("Forces pay for Task force by force; the shares in force")
    'Councils pay for Task force by council; the shares in force'
    """
    own = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if "force" in name.lower())
    word = re.compile(rf"({own or '(?!)'})|(?<!\bin )\b([Ff])orce(s?)\b")

    def call(text: str) -> str:
        return word.sub(lambda match: match[1] or _as(match[2], plural if match[3] else singular(plural)), text)

    return call


def _as(first: str, word: str) -> str:
    return word.capitalize() if first == "F" else word


def called(parts: Iterable[Part], call: Call) -> list[Part]:
    """The same parts with another word in the place of force and forces."""
    made: list[Any] = [_page(part, call) if isinstance(part, Page) else _report(part, call) for part in parts]
    return made


def _page(page: Page, call: Call) -> Page:
    blocks = tuple(_block(block, call) for block in page.blocks)
    return replace(page, title=call(page.title), lead=call(page.lead), blocks=blocks)


def _block(block: Block, call: Call) -> Block:
    if isinstance(block, Report):
        return _report(block, call)
    if isinstance(block, tuple) and not isinstance(block, Cell):
        return (call(block[0]),)
    return call(block) if isinstance(block, str) else block


def _report(report: Report, call: Call) -> Report:
    names = {column.name: call(column.name) for column in report.columns}
    charts = (
        chart._replace(
            title=call(chart.title),
            categories=names.get(chart.categories, chart.categories),
            series=tuple(names.get(name, name) for name in chart.series),
        )
        for chart in report.charts
    )
    return replace(
        report,
        title=call(report.title),
        columns=tuple(column._replace(name=names[column.name]) for column in report.columns),
        rows=tuple(_row(row, report, call) for row in report.rows),
        notes=tuple(map(call, report.notes)),
        empty=call(report.empty),
        charts=tuple(charts),
        turned=tuple(_report(other, call) for other in report.turned),
    )


def _row(row: tuple[Any, ...], report: Report, call: Call) -> tuple[Any, ...]:
    """A row; its sentences follow, what the workbook named does not."""
    pairs = zip(row, report.columns, strict=True)
    return tuple(call(value) if column.kind == "wide" and isinstance(value, str) else value for value, column in pairs)
