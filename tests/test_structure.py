"""The shape of the package: imports point down, one library one room, each rule with its words."""

from __future__ import annotations

import ast
import doctest
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.running import ROOT

SOURCE = ROOT / "src"
PACKAGE = "bch_apportion"
FILES = sorted(SOURCE.glob(f"{PACKAGE}/**/*.py"))
PRINCIPLES = sorted(path for path in FILES if path.parent.name == "principles" and path.name != "__init__.py")

GROUND = {"model", "money", "places", "problems", "years"}
RULES = {"principles", "terms"}
FIGURES = {"ledger", "recipe"} | RULES | GROUND
ARROWS: dict[str, set[str]] = {
    "version": set(),  # the package itself: its names are imported when they are asked for
    "contract": set(),  # the JSON documents' forms, for others
    "money": set(),
    "years": set(),
    "places": set(),
    "model": {"money", "places", "years"},
    "problems": {"model", "places", "years"},
    "terms": GROUND,
    "principles": GROUND,  # and not one another
    "recipe": {"recipe"} | RULES | GROUND,
    "ledger": {"recipe"} | RULES | GROUND,
    "reading": {"reading", "terms"} | GROUND,  # no rule: terms say what the Principles sheet may hold
    "door": {"reading", "recipe"} | GROUND,
    "words": {"recipe"} | GROUND,
    "questions": {"questions", "live", "writing", "words", "version"} | FIGURES,
    "live": {"live", "writing", "words"} | FIGURES,
    "writing": {"writing", "ledger", "version"} | GROUND,
    "template": {"template", "reading", "terms", "writing"} | GROUND,  # the forms that reading uses
    "verify": {"verify", "writing", "reading", "contract", "version"} | GROUND,
    "cli": {"cli", "door", "reading", "writing", "questions", "template", "verify", "ledger", "words", "version"}
    | GROUND,
}
LIBRARIES: dict[str, tuple[str, ...]] = {  # library: the layers, or the modules, that may import it
    "click": ("cli",),
    "rich": ("cli", "writing.terminal"),
    "xlsxwriter": ("writing", "template"),
    "pandas": ("ledger",),
    "numpy": ("questions.mtfs.ranges",),
    "pydantic": ("verify", "contract"),
    "matplotlib": ("writing.charts", "writing.lettering"),
}
HEAVY = ("matplotlib", "pandas", "numpy", "openpyxl", "pydantic", "rich", "xlsxwriter")


def module_of(path: Path) -> str:
    """A file's module within the package: reading.cells, writing, version for the package itself."""
    parts = path.relative_to(SOURCE / PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "version"


def imports(tree: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every module imported, with the names taken from it; not what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for other in node.orelse:
                yield from imports(ast.Module([other], []))
        elif isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            yield dots + (node.module or ""), tuple(alias.name for alias in node.names)
        else:
            yield from imports(node)


def targets(name: str, taken: tuple[str, ...]) -> Iterator[str]:
    """The layers of this package that an import reaches."""
    rest = name.removeprefix(PACKAGE).removeprefix(".")
    if rest:
        yield rest.split(".")[0]
        return
    for one in taken or ("",):
        yield one if one in ARROWS and one != "version" else "version"


def wrong_arrows(module: str, source: str) -> list[str]:
    """What a module imports that it may not."""
    layer = module.split(".")[0]
    found = []
    for name, taken in imports(ast.parse(source)):
        top = name.split(".")[0]
        if name.startswith("."):
            found.append(f"{module} imports {name}: write the whole name")
        elif top == PACKAGE:
            reached = set(targets(name, taken))
            found += [f"{module} imports {one}" for one in sorted(reached - ARROWS[layer])]
        elif top not in sys.stdlib_module_names and not any(
            module == room or module.startswith(room + ".") for room in LIBRARIES.get(top, ())
        ):
            found.append(f"{module} imports {name}")
    return found


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_down(path: Path) -> None:
    assert wrong_arrows(module_of(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("years", "from bch_apportion.money import split"),
        ("principles.pooling", "from bch_apportion.principles.no_loser import uprate"),
        ("principles.pooling", "from bch_apportion.terms import Terms"),
        ("principles.pooling", "from .no_loser import uprate"),
        ("principles.pooling", "import pandas"),
        ("terms", "def f():\n    from bch_apportion.recipe.order import run"),
        ("reading.cells", "from bch_apportion.principles import pooling"),
        ("reading.cells", "from bch_apportion.ledger import apportion"),
        ("reading.cells", "import pandas as pd"),
        ("recipe", "import bch_apportion.questions.split.page"),
        ("recipe", "from bch_apportion import ledger"),
        ("ledger", "from bch_apportion import __version__"),
        ("ledger", "import openpyxl"),
        ("questions.split.page", "from bch_apportion.cli.options import env"),
        ("questions.split.page", "from rich.table import Table"),
        ("writing.excel", "from bch_apportion.recipe.order import UnitYear"),
        ("writing.excel", "import rich"),
        ("writing.page", "from matplotlib.figure import Figure"),
        ("writing.terminal", "import click"),
        ("door", "from bch_apportion.ledger import apportion"),
        ("cli.commands", "if True:\n    from bch_apportion.recipe.order import run"),
        ("cli.commands", "import openpyxl"),
        ("model", "import numpy"),
    ],
)
def test_any_other_arrow_is_seen(module: str, source: str) -> None:
    assert len(wrong_arrows(module, source)) == 1


def test_every_module_has_its_layer() -> None:
    assert {module_of(path).split(".")[0] for path in FILES} == set(ARROWS)


def test_the_ground_has_no_circle() -> None:
    """Each layer reaches only layers that do not reach it, apart from modules of its own."""
    reached = {layer: below - {layer} for layer, below in ARROWS.items()}
    while reached:
        free = {layer for layer, below in reached.items() if not below & reached.keys()}
        assert free, reached
        reached = {layer: below for layer, below in reached.items() if layer not in free}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["compute", "--help"], 0),
        (["--version"], 0),
        (["compute"], 2),
        (["nonsense"], 2),
        (["compute", "no such file.xlsx"], 2),
        (["compute", "examples/alliance.xlsx", "-o", "result.docx"], 2),
        (["compute", "examples/alliance.xlsx", "--year", "2018"], 2),
        (["template", "result.csv"], 2),
        (["template", "examples/alliance.xlsx"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_version_and_usage_errors_load_nothing_heavy(arguments: list[str], code: int) -> None:
    told = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules]))\n"
        f"sys.argv = ['bch-apportion', *{arguments!r}]\n"
        "from bch_apportion.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED"


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
    (own, *_) = (one for one in doctest.DocTestFinder().find(module) if one.name == module.__name__)
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
