"""The same input gives the same bytes in every format, wherever and whenever it runs; thousands are for the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import ALLIANCE, ROOT, run, run_apart

SUFFIXES = (".xlsx", ".csv", ".json", ".md", ".html")
TO_THE_PENNY = (".xlsx", ".csv", ".json")
PLACES = {
    "summer": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1"},
    "winter": {"TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8", "LANG": "en_GB.UTF-8", "PYTHONHASHSEED": "2"},
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same run in two places: each a folder with the three files, and what went to standard output."""
    folders = {}
    for place, env in PLACES.items():
        folder = tmp_path_factory.mktemp(place)
        outputs = [word for suffix in SUFFIXES for word in ("-o", str(folder / f"result{suffix}"))]
        ran = run_apart("compute", ALLIANCE, *outputs, "-o", "-", env=env, cwd=ROOT)
        assert ran.code == 0, ran.err
        (folder / "screen.txt").write_text(ran.out, "utf-8")
        folders[place] = folder
    return folders


@pytest.mark.long
@pytest.mark.parametrize("name", [*(f"result{suffix}" for suffix in SUFFIXES), "screen.txt"])
def test_the_same_everywhere(written: dict[str, Path], name: str) -> None:
    first, other = (folder / name for folder in written.values())
    assert first.read_bytes() == other.read_bytes()
    assert len(first.read_bytes()) > 3_000


@pytest.mark.long
def test_the_same_in_another_process_and_folder(written: dict[str, Path], tmp_path: Path) -> None:
    targets = [tmp_path / f"elsewhere{suffix}" for suffix in reversed(SUFFIXES)]
    assert run("compute", ALLIANCE, *(word for path in targets for word in ("-o", path))).code == 0
    for path in targets:
        assert path.read_bytes() == (written["summer"] / f"result{path.suffix}").read_bytes(), path.suffix


@pytest.mark.long
def test_a_pipe_is_utf_8_whatever_the_locale(written: dict[str, Path]) -> None:
    assert "(£)" in (written["summer"] / "screen.txt").read_text("utf-8")


@pytest.mark.long
def test_thousands_are_for_the_screen_alone(written: dict[str, Path], tmp_path: Path) -> None:
    targets = [tmp_path / f"result{suffix}" for suffix in TO_THE_PENNY]
    outputs = [word for path in targets for word in ("-o", path)]
    ran = run("compute", ALLIANCE, *outputs, "-o", "-", "--in", "thousands")
    assert ran.code == 0
    for path in targets:
        assert path.read_bytes() == (written["summer"] / path.name).read_bytes(), path.name
    assert "(£k)" in ran.out
    assert "In thousands of pounds; rounded figures may not cast." in ran.out
    assert "13,500,000" not in ran.out
    assert "13,500,000.01" in run("compute", ALLIANCE, "--show", "splits").out


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_thousands_on_the_page_and_in_markdown_are_said(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"result{suffix}"
    assert run("compute", ALLIANCE, "-o", target, "--in", "thousands", "--year", "2018/19", "--unit", "ICT").code == 0
    text = target.read_text("utf-8")
    assert "In thousands of pounds; rounded figures may not cast." in text
    assert "(£k)" in text
    assert "13,500" in text
    assert "3,457,780.01" not in text.partition("Explanations</h2>")[0]


@pytest.mark.long
@pytest.mark.parametrize("command", ["variance", "track"])
def test_charts_are_the_same_everywhere(tmp_path: Path, command: str) -> None:
    """The drawings too, in another order of hashing, language and time zone."""
    texts = []
    for place, env in PLACES.items():
        target = tmp_path / f"{place}.html"
        assert run_apart(command, ALLIANCE, "-o", target, env=env).code == 0
        texts.append(target.read_bytes())
    assert texts[0] == texts[1]
    assert texts[0].count(b"<svg") > 5


@pytest.mark.long
@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_thousands_change_nothing_that_programs_read(form: str) -> None:
    assert run("compute", ALLIANCE, form, "--in", "thousands").out == run("compute", ALLIANCE, form).out
