"""Random workbooks, written neatly and as people write: read, apportioned, and compared with a second calculation."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bch_apportion import apportion, read_workbook
from bch_apportion.queries import asked
from bch_apportion.questions.split.rule import answer
from bch_apportion.writing.documents import to_text
from tests.independent import against_projection as projected
from tests.independent.against import SIZES, analysis_books, compare, compare_analysis, questions
from tests.independent.books import random_book, write_in_two, write_tidy, write_untidy
from tests.independent.calculation import Problem, base_queries, calculate
from tests.independent.futures import random_case, write_case
from tests.independent.review import COMMANDS, review_book
from tests.program import run

pytestmark = pytest.mark.independent


def _document(path: Path, *joined: Path) -> Any:
    return json.loads(to_text(answer(apportion(read_workbook(path, joined=joined)))))


@pytest.mark.parametrize("seed", range(1, 43))
def test_a_random_book(seed: int, tmp_path: Path) -> None:
    book = random_book(seed, SIZES[seed % len(SIZES)])
    expected = calculate(book)
    tidy, untidy = tmp_path / "tidy.xlsx", tmp_path / "untidy.xlsx"
    write_tidy(book, tidy)
    write_untidy(book, untidy, seed)
    for path in (tidy, untidy):
        assert compare(_document(path), expected) == [], path.name


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_random_book_in_two_files(seed: int, tmp_path: Path) -> None:
    book = random_book(seed, SIZES[seed % len(SIZES)])
    mine, theirs = tmp_path / "mine.xlsx", tmp_path / "theirs.xlsx"
    write_in_two(book, mine, theirs, seed)
    assert compare(_document(mine, theirs), calculate(book)) == []


@pytest.mark.parametrize("seed", range(1, 43))
def test_the_queries_about_bases_of_a_random_book(seed: int, tmp_path: Path) -> None:
    book = random_book(seed, SIZES[seed % len(SIZES)])
    write_tidy(book, tmp_path / "book.xlsx")
    queries = asked(apportion(read_workbook(tmp_path / "book.xlsx"))).queries
    here = {
        query.key: {
            (effect.alternative, effect.force): effect.pence
            for effect in query.effects
            if effect.year == query.years[0]  # what kept shares settle may move later years too
        }
        for query in queries
        if query.code in ("kept-shares", "basis-moved")
    }
    assert here == base_queries(book)


@pytest.mark.parametrize("seed", (1, 3, 4, 6))
def test_variance_tracking_and_settlement_of_a_random_book(seed: int, staying: Path) -> None:
    book, other = analysis_books(seed)
    path, other_path = staying / "book.xlsx", staying / "other.xlsx"
    write_tidy(book, path)
    write_tidy(other, other_path)
    for words, expected in questions(book, other, path, other_path):
        ran = run(*words)
        assert ran.code == 0, ran.err
        assert compare_analysis(json.loads(ran.out), expected) == [], words


@pytest.mark.parametrize("seed", (1, 3, 4))
def test_what_the_review_asked_of_a_random_book(seed: int, staying: Path) -> None:
    book, path = review_book(seed), staying / "book.xlsx"
    write_tidy(book, path)
    for command, second in COMMANDS.items():
        for words, expected in second.questions(book):
            ran = run(command, path, "--json", *words)
            assert ran.code == 0, ran.err
            assert second.compare(json.loads(ran.out), expected) == [], (command, words)


@pytest.mark.parametrize("seed", (1, 3, 4, 5, 6))
def test_projections_scenarios_and_comparisons_of_a_random_book(seed: int, staying: Path) -> None:
    case = random_case(seed, projected.SIZES[seed % len(projected.SIZES)])
    path, other = staying / "book.xlsx", staying / "other.xlsx"
    write_case(case.book, path, Random(seed))  # figures to compute with, nothing secret
    if case.other is not None:
        write_case(case.other, other, Random(seed))
    files = {name: staying / f"{name}.toml" for name in case.scenarios}
    for name, file in files.items():
        file.write_text(case.scenarios[name], encoding="utf-8")
    for question in projected.questions(case, path, files, other):
        ran = run(*question.words)
        if isinstance(question.check, Problem):
            assert ran.code == 3, question.words
        else:
            assert ran.code == 0, ran.err
            assert question.check(json.loads(ran.out)) == [], question.words


def test_the_comparison_sees_a_penny(tmp_path: Path) -> None:
    book = random_book(1, 2)
    path = tmp_path / "book.xlsx"
    write_tidy(book, path)
    expected = calculate(book)
    expected.lines[0].pence += 1
    assert len(compare(_document(path), expected)) == 1
