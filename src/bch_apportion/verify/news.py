"""What CHANGELOG.md says of the versions since another."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

HEADING = re.compile(r"^## v?(\d+(?:\.\d+)*)\b.*$", re.MULTILINE)


def changes_since(version: str, text: str | None = None) -> list[str]:
    """The lines of CHANGELOG.md on every version after this one, newest first, as the file has them.

    >>> changes_since("0.1.0", "# Changes\\n## 0.2.0\\n### Figures changed\\n\\n- One.\\n\\n## 0.1.0\\n- First.\\n")
    ['0.2.0', 'Figures changed', '- One.']
    """
    text = _changelog() if text is None else text
    headings = list(HEADING.finditer(text))
    lines = []
    for heading, after in zip(headings, [*headings[1:], None], strict=True):
        if _number(heading[1]) > _number(version):
            section = text[heading.start() : after.start() if after else len(text)]
            lines += [line.lstrip("# ").rstrip() for line in section.splitlines() if line.strip()]
    return lines


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _changelog() -> str:
    """The file as it is installed, or in the checkout that runs."""
    installed = files("bch_apportion") / "CHANGELOG.md"
    if installed.is_file():
        return installed.read_text("utf-8")
    return (Path(__file__).parents[3] / "CHANGELOG.md").read_text("utf-8")
