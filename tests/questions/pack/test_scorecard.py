"""The scorecard by hand: the quarter, its values from months and years, the colours at their boundaries, the worst."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from bch_apportion import read_workbook
from bch_apportion.further import Better, Further, Measure, Measured
from bch_apportion.ledger import apportion
from bch_apportion.model import Inputs, Unit
from bch_apportion.money import Exact
from bch_apportion.queries import queries_of
from bch_apportion.questions.asking import Usage
from bch_apportion.questions.pack.measures import colour, judged
from bch_apportion.questions.pack.quarters import last_quarter, quarter_of
from bch_apportion.questions.pack.scorecard import NO_MEASURES, finding, tables
from bch_apportion.years import Months
from tests.books import Table, two_forces, write_book
from tests.inputs import inputs, month, months

Q3 = months("2018-10", "2018-12")
DAY = date(2019, 1, 31)
ANSWERED = Measure("ICT", "answered", "process", 90, "higher", Fraction(5))


def single(text: str) -> Months:
    return Months(month(text), 1)


def value(amount: Exact, period: Months, force: str = "", measure: str = "answered", unit: str = "") -> Measured:
    return Measured(measure, period, amount, unit, force)


def book(*given: Measured, measures: tuple[Measure, ...] = (ANSWERED,)) -> Inputs:
    units = [Unit("ICT"), Unit("HR"), Unit("DOGS")]
    return inputs(["BEDS", "HERTS"], units, [], further=Further(measures=measures, measured=given))


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ("2018-12-30", months("2018-07", "2018-09")),
        ("2018-12-31", Q3),
        ("2019-01-01", Q3),
        ("2019-03-30", Q3),
        ("2019-03-31", months("2019-01", "2019-03")),
    ],
)
def test_the_last_whole_quarter(day: str, quarter: Months) -> None:
    assert last_quarter(date.fromisoformat(day)) == quarter


def test_a_quarter_by_name() -> None:
    assert quarter_of("2018/19Q3", date(2018, 12, 31)) == quarter_of("Q3 2018/19", DAY) == Q3
    with pytest.raises(Usage, match="2018/19 Q3 is not over on 30 December 2018"):
        quarter_of("2018/19Q3", date(2018, 12, 30))
    for text in ("2018/19", "Nov 2018 - Jan 2019", "Q5", "soon"):
        with pytest.raises(Usage, match="is not a quarter; write 2018/19Q3"):
            quarter_of(text, DAY)


@pytest.mark.parametrize(
    ("target", "better", "tolerance", "green", "amber", "red"),
    [
        # 5 % of 90 is 4.5: amber from 85.5; the other way up to 94.5
        (90, "higher", Fraction(5), [90, 91], [Fraction(8999, 100), Fraction(855, 10)], [Fraction(85499, 1000)]),
        (90, "lower", Fraction(5), [90, 89], [Fraction(9001, 100), Fraction(945, 10)], [Fraction(94501, 1000)]),
        # 10 % of |−20| is 2, below and above
        (-20, "higher", Fraction(10), [-20, 0], [-22], [Fraction(-2201, 100)]),
        (-20, "lower", Fraction(10), [-20, -30], [-18], [Fraction(-1799, 100)]),
        # nothing is within a tolerance of nothing, and of a target of nothing
        (90, "higher", None, [90], [], [Fraction(8999, 100)]),
        (0, "lower", Fraction(50), [0, -1], [], [Fraction(1, 100)]),
    ],
)
def test_the_boundaries(
    target: Exact, better: Better, tolerance: Fraction | None, green: list[Exact], amber: list[Exact], red: list[Exact]
) -> None:
    measure = Measure("ICT", "m", "process", target, better, tolerance)
    assert {colour(given, measure) for given in green} == {"GREEN"}
    assert {colour(given, measure) for given in amber} <= {"AMBER"}
    assert {colour(given, measure) for given in red} == {"RED"}
    assert colour(None, measure) == "GREY"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # the quarter's own value before its months; a third of 90, 91 and 95 is 92; of two months the mean of two
        ([value(88, Q3), value(95, single("2018-10"))], (88, "2018/19 Q3")),
        (
            [value(n, single(m)) for n, m in ((90, "2018-10"), (91, "2018-11"), (95, "2018-12"))],
            (92, "mean of 3 months"),
        ),
        ([value(90, single("2018-12")), value(93, single("2018-10"))], (Fraction(183, 2), "mean of 2 of 3 months")),
        # of years alone the last that is over, and no older; beside a month or a quarter a year says nothing
        ([value(7, months("2017-04", "2018-03")), value(8, months("2018-04", "2019-03"))], (7, "2017/18")),
        ([value(7, months("2016-04", "2017-03"))], (None, "")),
        ([value(7, months("2017-04", "2018-03")), value(9, months("2018-07", "2018-09"))], (None, "")),
        ([value(9, months("2018-07", "2018-09")), value(9, single("2019-01"))], (None, "")),
        ([], (None, "")),
    ],
)
def test_the_value_of_a_quarter(given: list[Measured], expected: tuple[Exact | None, str]) -> None:
    (row,) = judged(book(*given), Q3)
    assert (row.value, row.period) == expected


def test_the_worst_counts_and_grey_hides_nothing() -> None:
    """ICT answers 92 in all, HERTS 85 of it: RED. BEDS has one of another quarter alone: GREY. The sickness of HR is
    AMBER, beside a measure without a value."""
    measures = (
        ANSWERED,
        Measure("ICT", "cost of a call", "financial", 12, "lower"),
        Measure("HR", "sickness", "people", 4, "lower", Fraction(25)),
        Measure("ICT", "Sickness", "people", 4, "lower", Fraction(25)),
        Measure("HR", "turnover", "people", 10, "lower"),
    )
    given = (
        value(92, Q3),
        value(85, Q3, "HERTS"),
        value(99, months("2018-07", "2018-09"), "BEDS"),
        value(5, Q3, measure="sickness", unit="HR"),
        value(3, Q3, measure="sickness", unit="ICT"),
    )
    shown = book(*given, measures=measures)
    assert [(row.measure, row.unit, row.force, row.colour) for row in judged(shown, Q3)] == [
        ("answered", "ICT", "", "GREEN"),
        ("answered", "ICT", "BEDS", "GREY"),
        ("answered", "ICT", "HERTS", "RED"),
        ("cost of a call", "ICT", "", "GREY"),
        ("sickness", "HR", "", "AMBER"),
        ("Sickness", "ICT", "", "GREEN"),
        ("turnover", "HR", "", "GREY"),
    ]
    without, card, behind = tables(shown, Q3)
    assert without.rows == (("DOGS",),)
    assert card.rows == (("ICT", "GREY", "RED", None, "GREEN"), ("HR", None, None, None, "AMBER"))
    assert len(behind.rows) == 7
    assert finding(shown, Q3) == (
        "In 2018/19 Q3 1 of 5 measures RED (ICT “answered” of HERTS 85, target 90), 1 AMBER, 1 GREEN, "
        "2 without a value; 1 of 3 units without a measure."
    )
    assert finding(shown, months("2018-07", "2018-09")).startswith("In 2018/19 Q2 0 of 5 measures RED, 0 AMBER, 1")


def test_nothing_measured_in_the_quarter_or_at_all() -> None:
    """A third of 90, 91 and 92.5 is 91.1666…; of the quarter before there is nothing."""
    above = Measure("ICT", "answered", "process", 80, "lower")
    given = [value(n, single(m)) for n, m in ((90, "2018-10"), (91, "2018-11"), (Fraction(185, 2), "2018-12"))]
    assert "RED (ICT “answered” 91.166667, target 80), 0 AMBER" in finding(book(*given, measures=(above,)), Q3)
    assert finding(book(*given), months("2018-07", "2018-09")) == (
        "No value of 2018/19 Q2 is given yet for any of 1 measure (--quarter for another); "
        "2 of 3 units without a measure."
    )
    assert finding(book(), Q3).startswith("No value is given (sheet Measured) for any of 1 measure; ")


def test_absent() -> None:
    """Values without a sheet of measures are nothing to judge."""
    shown = book(value(92, Q3), measures=())
    assert finding(shown, Q3) == NO_MEASURES
    assert tables(shown, Q3) == []


def test_read_as_percent_and_a_tolerance_below_one_is_asked_about(tmp_path: Path) -> None:
    """95% and 95 are the same, and so are names but for case and blanks; a tolerance of 0.05 is more likely 5 %."""
    sheet: Table = [
        ["unit", "measure", "perspective", "target", "better", "tolerance %"],
        ["ICT", "Calls answered", "process", "95%", "higher", 0.05],
        ["ICT", "Sickness", "people", 5, "lower", "0.5%"],
    ]
    values: Table = [["measure", "period", "value"], ["calls  answered", "2018/19 Q3", 95]]
    path = write_book(tmp_path / "book.xlsx", two_forces(Measures=sheet, Measured=values))
    read = read_workbook(path, further=("Measures", "Measured"))
    assert [(row.measure, row.colour) for row in judged(read, Q3)] == [
        ("Calls answered", "GREEN"),
        ("Sickness", "GREY"),
    ]
    (query,) = [query for query in queries_of(apportion(read)) if query.code == "fraction-as-percent"]
    assert query.key == "fraction-as-percent tolerance % Calls answered 0.05"
    assert (str(*query.cells), query.units) == ("Measures!F2", ("ICT",))
    assert query.message == (
        "tolerance % of the measure Calls answered is 0.05, which is read as 0.05 %; if 5 % is meant, write 5"
    )
