"""JSON documents as text."""

from __future__ import annotations

import json
from typing import Any


def to_text(document: dict[str, Any]) -> str:
    """A document, indented, in UTF-8, with a line end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
