"""The shape of the package: imports point down, one library one room, each rule with its words."""

from __future__ import annotations

import ast
import doctest
import functools
import importlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.program import ROOT

SOURCE = ROOT / "src"
PACKAGE = "bch_apportion"
FILES = sorted(SOURCE.glob(f"{PACKAGE}/**/*.py"))
PRINCIPLES = sorted(path for path in FILES if path.parent.name == "principles" and path.name != "__init__.py")

GROUND = {"further", "groups", "kinds", "model", "money", "places", "problems", "years"}
RULES = {"principles", "terms"}
FIGURES = {"ledger", "recipe"} | RULES | GROUND
ANSWERS = {"answers", "words"} | FIGURES
ARROWS: dict[str, set[str]] = {  # room: the rooms below it that it may import; within a room any, but no circle
    "version": {"door", "ledger", "model", "problems"},  # the package itself: its names are imported when asked for
    "groups": set(),
    "money": set(),
    "places": set(),
    "years": set(),
    "kinds": {"money", "places", "years"},
    "further": {"money", "places", "years"},
    "model": {"further", "money", "places", "years"},
    "problems": {"model", "money", "places", "years"},
    "terms": GROUND,
    "principles": GROUND,  # and not one another
    "recipe": RULES | GROUND,
    "ledger": {"recipe"} | RULES | GROUND,
    "queries": {"ledger", "recipe", "terms", "words"} | GROUND,
    "reading": {"terms"} | GROUND,  # no rule: terms say what the Principles sheet may hold
    "door": {"reading", "recipe"} | GROUND,
    "words": {"recipe"} | GROUND,
    "answers": {"version"} | FIGURES,
    "writing": ANSWERS,
    "live": {"writing"} | ANSWERS,
    "counting": {"writing", "reading", "version"} | ANSWERS,
    "questions": {"live", "writing", "reading", "queries", "door", "version"} | ANSWERS,
    "template": {"reading", "terms", "writing"} | GROUND,  # the forms that reading uses
    "verify": {"writing", "reading", "version"} | ANSWERS,
    "__main__": {"cli"},
    "cli": {"questions", "counting", "template", "verify", "writing", "reading", "answers", "version"} | GROUND,
}
PURPOSES: dict[str, set[str]] = {  # within a question's folder: what a file of this name may import of other questions
    "rows": {"rows"},
    "rule": {"rows", "rule"},
    "page": {"rows", "rule", "page"},
    "command": {"rows", "rule", "page", "command"},
}
LIBRARIES: dict[str, set[str]] = {  # library: the rooms, or the modules, that import it
    "click": {"cli"},
    "rich": {"cli.progress", "writing.terminal"},
    "openpyxl": {"writing.marked"},
    "xlsxwriter": {"writing", "template"},
    "pandas": {"answers", "ledger"},
    "numpy": {"questions.mtfs"},
    "pydantic": {"writing.schema", "verify.forms", "counting.plan"},
    "duckdb": {"counting"},
    "ibis": {"counting"},
    "pydantic_core": {"kinds"},
}
HEAVY = ("pandas", "numpy", "openpyxl", "pydantic", "rich", "xlsxwriter", "duckdb", "ibis", "pyarrow")


def module_of(path: Path) -> str:
    """A file's module within the package: reading.cells, writing, version for the package itself."""
    parts = path.relative_to(SOURCE / PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "version"


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement within a node, at any depth; no expression, of which no import is a part."""
    for inner in ("body", "orelse", "handlers", "finalbody", "cases"):
        for statement in getattr(node, inner, ()):
            yield statement
            yield from statements(statement)


@functools.cache
def imports(source: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every module imported, wherever that stands, with the names taken from it."""
    pairs: list[tuple[str, tuple[str, ...]]] = []
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            pairs += ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            pairs.append(("." * node.level + (node.module or ""), tuple(alias.name for alias in node.names)))
    return pairs


def modules(name: str, taken: tuple[str, ...]) -> set[str]:
    """The modules of this package that an import reaches."""
    rest = name.removeprefix(PACKAGE).removeprefix(".")
    within = {f"{rest}.{part}".removeprefix(".") for part in taken} & MODULES
    return within or {rest or "version"}


def own_imports(source: str) -> Iterator[str]:
    """Every module of this package that is imported."""
    for name, taken in imports(source):
        if name.split(".")[0] == PACKAGE:
            yield from modules(name, taken)


def permitted(module: str, target: str) -> bool:
    """Whether a module may import another of this package."""
    room, other = module.split(".")[0], target.split(".")[0]
    if room != other:
        return other in ARROWS[room]
    if room == "principles":
        return False
    purpose, theirs = module.rpartition(".")[2], target.rpartition(".")[2]
    return room != "questions" or theirs not in PURPOSES or theirs in PURPOSES.get(purpose, {theirs})


def may_use(module: str, library: str) -> bool:
    rooms = LIBRARIES.get(library, set())
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def wrong_arrows(module: str, source: str) -> list[str]:
    """What a module imports that it may not."""
    wrong = []
    for name, taken in imports(source):
        top = name.split(".")[0]
        if name.startswith("."):
            wrong.append(f"{module} imports {name}: write the whole name")
        elif top == PACKAGE:
            reached = sorted(modules(name, taken))
            wrong += [f"{module} imports {target}" for target in reached if not permitted(module, target)]
        elif top not in sys.stdlib_module_names and not may_use(module, top):
            wrong.append(f"{module} imports {name}")
    return wrong


MODULES = {module_of(path) for path in FILES}
SOURCES = {module_of(path): path.read_text("utf-8") for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_down(path: Path) -> None:
    assert wrong_arrows(module_of(path), path.read_text("utf-8")) == []


def test_no_circle() -> None:
    """Modules that import one another, for a type checker alone too, are none."""
    left = {
        module: {
            target
            for name, taken in imports(source)
            if name.split(".")[0] == PACKAGE
            for target in modules(name, taken)
        }
        for module, source in SOURCES.items()
    }
    while left:
        free = {module for module, targets in left.items() if not targets & left.keys() - {module}}
        assert free, sorted(left)
        left = {module: targets for module, targets in left.items() if module not in free}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_permitted_where_it_is_used(library: str) -> None:
    users = {
        module for module, source in SOURCES.items() if library in {name.split(".")[0] for name, _ in imports(source)}
    }
    for room in LIBRARIES[library]:
        assert any(user == room or user.startswith(f"{room}.") for user in users), f"{room} does not import {library}"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("years", "from bch_apportion.money import split"),
        ("principles.pooling", "from bch_apportion.principles.no_loser import uprate"),
        ("principles.pooling", "from bch_apportion.terms import Terms"),
        ("principles.pooling", "from .no_loser import uprate"),
        ("principles.pooling", "import pandas"),
        ("terms", "def f():\n    from bch_apportion.recipe.order import run"),
        ("problems", "if TYPE_CHECKING:\n    from bch_apportion.ledger import Ledger"),
        ("reading.cells", "from bch_apportion.principles import pooling"),
        ("reading.cells", "from bch_apportion.ledger import apportion"),
        ("reading.cells", "import pandas as pd"),
        ("recipe.order", "import bch_apportion.questions.split.page"),
        ("recipe.order", "from bch_apportion import ledger"),
        ("ledger", "from bch_apportion import __version__"),
        ("ledger", "import openpyxl"),
        ("questions.split.page", "from bch_apportion.cli.options import env"),
        ("questions.split.page", "from rich.table import Table"),
        ("questions.tracking.rows", "from bch_apportion.questions.tracking.rule import track"),
        ("questions.tracking.rule", "from bch_apportion.questions.split.page import splits"),
        ("questions.tracking.command", "import click"),
        ("writing.excel", "from bch_apportion.questions.split.page import splits"),
        ("writing.excel", "import rich"),
        ("writing.charts", "from matplotlib.figure import Figure"),
        ("writing.terminal", "import click"),
        ("door", "from bch_apportion.ledger import apportion"),
        ("cli.building", "if True:\n    from bch_apportion.recipe.order import run"),
        ("cli.building", "import openpyxl"),
        ("model", "import numpy"),
        ("questions.split.page", "import ibis"),
        ("reading.cells", "import duckdb"),
    ],
)
def test_any_other_arrow_is_seen(module: str, source: str) -> None:
    assert len(wrong_arrows(module, source)) == 1


def test_every_module_has_its_layer() -> None:
    assert {module_of(path).split(".")[0] for path in FILES} == set(ARROWS)


@pytest.mark.parametrize(
    ("asked", "unloaded"),
    [
        (
            [
                (["--help"], 0),
                (["compute", "--help"], 0),
                (["count", "--help"], 0),
                (["--version"], 0),
                (["compute"], 2),
                (["nonsense"], 2),
                (["compute", "no such file.xlsx"], 2),
                (["compute", "examples/alliance.xlsx", "-o", "result.docx"], 2),
            ],
            (*HEAVY, f"{PACKAGE}.model"),
        ),
        (
            [
                (["compute", "examples/alliance.xlsx", "--year", "2018"], 2),
                (["template", "result.csv"], 2),
                (["template", "examples/alliance.xlsx"], 2),
            ],
            HEAVY,
        ),
    ],
    ids=["help", "usage"],
)
def test_help_version_and_usage_errors_load_nothing_heavy(
    asked: Sequence[tuple[Sequence[str], int]], unloaded: Sequence[str]
) -> None:
    """All in a process without pytest, in which nothing that is loaded goes away again."""
    told = f"""
import sys
from bch_apportion.cli import main
for arguments, code in {asked!r}:
    sys.argv = ["bch-apportion", *arguments]
    try:
        main()
        ended = 0
    except SystemExit as end:
        ended = end.code or 0
    print("ENDED", ended, *[name for name in {unloaded!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False, cwd=ROOT)
    ended = [line for line in done.stdout.splitlines() if line.startswith("ENDED")]
    assert ended == [f"ENDED {code}" for _, code in asked], done.stderr


def principle(path: Path) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.principles.{path.stem}")


@pytest.mark.parametrize("path", PRINCIPLES, ids=lambda path: path.stem)
def test_a_rule_begins_with_one_sentence_and_has_a_worked_figure(path: Path) -> None:
    module = principle(path)
    first, blank, *rest = (module.__doc__ or "").split("\n")
    assert first.endswith(".")
    assert ". " not in first
    assert blank == ""
    text = "\n".join(rest)
    assert "June 2015" in text
    assert "How we read it: " in text
    (own, *_) = (example for example in doctest.DocTestFinder().find(module) if example.name == module.__name__)
    assert own.examples, "the docstring has no worked figure"


def test_the_rules_are_those_of_the_paper() -> None:
    assert [path.stem for path in PRINCIPLES] == [
        "agreed_shares",
        "implementation_costs",
        "no_loser",
        "nre_default",
        "pooling",
        "robust_demand",
        "rolling_demand",
    ]
