"""Years, periods, dates, amounts and percentages as people write them, and as nobody should."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bch_apportion.reading import values
from bch_apportion.reading.cells import ErrorCell, Marked, Percent, Run, Uncalculated, Value
from bch_apportion.reading.values import Unreadable, brief, day, financial_year, money, nearest, number, percentage


def refused(read: object, value: Value) -> str:
    """The code under which a value is refused."""
    assert callable(read)
    with pytest.raises(Unreadable) as caught:
        read(value)
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2018/19", "2018/19"),
        ("2018-19", "2018/19"),
        ("2018–19", "2018/19"),
        ("2018—19", "2018/19"),
        ("2018−19", "2018/19"),
        ("2018\u201119", "2018/19"),
        ("2018⁄19", "2018/19"),
        ("\u200b2018/19\ufeff", "2018/19"),
        ("2018/2019", "2018/19"),
        ("2018-2019", "2018/19"),
        ("18/19", "2018/19"),
        ("18-19", "2018/19"),
        ("FY2018/19", "2018/19"),
        ("FY 2018/19", "2018/19"),
        ("fy18/19", "2018/19"),
        ("FY19", "2018/19"),
        ("FY2019", "2018/19"),
        ("2018 / 19", "2018/19"),
        ("1999/00", "1999/00"),
        ("99/00", "1999/00"),
        ("2099/00", "2099/00"),
        ("09/10", "2009/10"),
    ],
)
def test_a_financial_year(text: str, year: str) -> None:
    assert str(financial_year(text)) == year


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2018", "bare-year"),
        (2018.0, "bare-year"),
        ("2018/20", "not-a-year"),
        ("2018/18", "not-a-year"),
        ("2018/17", "not-a-year"),
        ("2018/2020", "not-a-year"),
        ("18/2019", "not-a-year"),
        ("19/18", "not-a-year"),
        ("2018/9", "not-a-year"),
        ("2018/019", "not-a-year"),
        ("0000/01", "not-a-year"),
        ("9999/00", "not-a-year"),
        ("2018.19", "not-a-year"),
        ("2018/19 est.", "not-a-year"),
        ("this year", "not-a-year"),
        (18.0, "not-a-year"),
        (True, "not-a-year"),
        (date(2018, 12, 1), "not-a-year"),
        (ErrorCell("#REF!"), "error-cell"),
        (Uncalculated("=A1"), "formula-not-calculated"),
    ],
)
def test_no_financial_year(value: Value, code: str) -> None:
    assert refused(financial_year, value) == code


def test_a_bare_year_is_answered_with_both_years_it_could_be() -> None:
    with pytest.raises(Unreadable) as caught:
        financial_year("2018")
    assert "2018/19" in caught.value.remedy and "2017/18" in caught.value.remedy


@pytest.mark.parametrize(
    ("value", "months"),
    [
        ("2018-04", "2018-04"),
        ("2018-4", "2018-04"),
        ("Apr-18", "2018-04"),
        ("Apr 18", "2018-04"),
        ("apr-2018", "2018-04"),
        ("April 2018", "2018-04"),
        ("APRIL 2018", "2018-04"),
        ("Sept 2018", "2018-09"),
        ("Sep-18", "2018-09"),
        ("2018-12", "2018-12"),
        (date(2018, 4, 1), "2018-04"),
        (date(2018, 4, 30), "2018-04"),
        ("15/04/2018", "2018-04"),
        ("2018-04-15", "2018-04"),
        ("2018/19 Q1", "2018-04..2018-06"),
        ("2018/19 Q4", "2019-01..2019-03"),
        ("Q2 2018/19", "2018-07..2018-09"),
        ("18/19 q3", "2018-10..2018-12"),
        ("2018-19 Q1", "2018-04..2018-06"),
        ("2018/19", "2018-04..2019-03"),
        ("FY19", "2018-04..2019-03"),
        ("2021-04..2021-12", "2021-04..2021-12"),
        ("2021-04 .. 2021-12", "2021-04..2021-12"),
        ("Apr 2021 to Dec 2021", "2021-04..2021-12"),
        ("2021-04..2021-04", "2021-04"),
        ("2018/19..2019/20", "2018-04..2020-03"),
        ("2011-12", "2011-12"),  # a month, though it could be a year
        ("2011/12", "2011-04..2012-03"),
    ],
)
def test_a_period(value: Value, months: str) -> None:
    assert str(values.period(value)) == months


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2018", "bare-year"),
        (2018.0, "bare-year"),
        ("2018-13", "not-a-period"),
        ("2018-00", "not-a-period"),
        ("0000-01", "not-a-period"),
        ("9999-12", "not-a-period"),
        (date(9999, 12, 31), "not-a-period"),
        ("2018/19 Q5", "not-a-period"),
        ("2018/19 Q0", "not-a-period"),
        ("2018 Q1", "not-a-period"),  # of which year?
        ("2021-12..2021-04", "not-a-period"),
        ("2021-04..", "not-a-period"),
        ("Apr", "not-a-period"),
        ("Apl-18", "not-a-period"),
        ("spring 2018", "not-a-period"),
        ("31/04/2018", "not-a-period"),
        (4.0, "not-a-period"),
        (date(1905, 7, 10), "not-a-period"),  # the number 2018 in a cell of dates
        (ErrorCell("#N/A"), "error-cell"),
    ],
)
def test_no_period(value: Value, code: str) -> None:
    assert refused(values.period, value) == code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("15/01/2024", date(2024, 1, 15)),
        ("15/1/24", date(2024, 1, 15)),
        ("15.01.2024", date(2024, 1, 15)),
        ("2024-01-15", date(2024, 1, 15)),
        ("2024-01-15 00:00:00", date(2024, 1, 15)),
        ("15 January 2024", date(2024, 1, 15)),
        ("15th January 2024", date(2024, 1, 15)),
        ("1-Apr-16", date(2016, 4, 1)),
        ("01/02/2016", date(2016, 2, 1)),  # the day first, as here
        ("29/02/2016", date(2016, 2, 29)),
        (date(2016, 4, 1), date(2016, 4, 1)),
    ],
)
def test_a_date(value: Value, expected: date) -> None:
    assert day(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("01/15/2024", "29/02/2015", "April 2016", "2016", 42461.0, "soon", "2018/19", "31/04/2016", "0001-01-01"),
        date(1905, 7, 10),  # the number 2018 in a cell of dates
    ],
)
def test_no_date(value: Value) -> None:
    assert refused(day, value) == "not-a-date"


@pytest.mark.parametrize(
    ("value", "pence"),
    [
        (1234.5, 123450),
        (-1234.5, -123450),
        (0.0, 0),
        (0.1, 10),
        (1.005, 101),  # half up, of the decimal and not of the float
        (-1.005, -101),
        (2.675, 268),
        (0.005, 1),
        (0.0049, 0),
        ("£1,234.50", 123450),
        ("1,234.50", 123450),
        ("1234.5", 123450),
        ("(1,234)", -123400),
        ("(£1,234.50)", -123450),
        ("-£5", -500),
        ("£-5", -500),
        ("−5", -500),
        ("+5", 500),
        ("£ 5", 500),
        (".5", 50),
        ("1,234,567,890.12", 123456789012),
        ("-", 0),
        ("–", 0),
        ("£-", 0),
        (9_999_999_999_999.0, 999_999_999_999_900),
    ],
)
def test_an_amount(value: Value, pence: int) -> None:
    assert money(value)[0] == pence


@pytest.mark.parametrize(
    "value",
    [
        "1.234,50",
        "1,23",
        "12,34.50",
        "1 234",
        "4.2m",
        "£12k",
        "12.5%",
        "1e6",
        "5-",
        "(-5)",
        "(5",
        "--5",
        "££5",
        "$5",
        "€5",
        "nil",
        "n/a",
        "tbc",
        "5 5",
        "nan",
        "inf",
        True,
        date(2018, 4, 1),
        float("nan"),
        float("inf"),
        1e13,
        -1e300,
        "9" * 300_000,
    ],
    ids=lambda value: repr(value)[:20],
)
def test_no_amount(value: Value) -> None:
    assert refused(money, value) == "not-an-amount"


def test_thousands() -> None:
    assert money(1.2345, 1_000) == (123_450, Decimal(0))
    assert money("£1,234.5", 1_000)[0] == 123_450_000
    assert money(1.2345, 1_000_000) == (123_450_000, Decimal(0))
    assert money("-", 1_000)[0] == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1.850", "“1.850” could be 1.85 or 1,850"),
        ("1.850\u200b", "could be 1.85 or 1,850"),
        ("(12.500)", "“(12.500)” could be 12.5 or 12,500"),
        ("1 912 500", "write it without spaces: 1912500"),
        ("1\u00a0912.50", "write it without spaces: 1912.50"),
        ("500-", "write the minus in front: -500"),
        ("£2k", "write it in full, as 1500000 for 1.5m"),
        (Percent(0.035), "write pounds, in a cell without a percent format"),
        (Marked("10000001", (Run("1000000"), Run("1", "superscript"))), "write the figure alone"),
    ],
)
def test_an_amount_that_can_be_read_in_two_ways_or_nearly_is_plain(text: Value, says: str) -> None:
    with pytest.raises(Unreadable) as raised:
        money(text)
    assert raised.value.code == "not-an-amount"
    assert says in f"{raised.value.message}; {raised.value.remedy}"


@pytest.mark.parametrize("text", ["1,234.567", "12.50", "1234.5678", "0.5", "12\u200b", "\ufeff12"])
def test_amounts_that_are_plain(text: str) -> None:
    assert money(text)[0] > 0


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_every_amount_in_pence_is_read_back_from_its_text_and_from_its_number(pence: int) -> None:
    text = f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"
    assert money(text) == (pence, Decimal(0))
    if abs(pence) < 10**14:  # what sixteen digits hold
        assert money(float(Decimal(pence) / 100)) == (pence, Decimal(0))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12.5, Fraction(25, 2)),
        ("12.5%", Fraction(25, 2)),
        ("12.5 %", Fraction(25, 2)),
        ("12.5", Fraction(25, 2)),
        (Percent(0.125), Fraction(25, 2)),
        (Percent(0.07), Fraction(7)),  # 7.000000000000001 in floats
        (Percent(0.29), Fraction(29)),
        (Percent(1.0), Fraction(100)),
        (1.0, Fraction(1)),
        (0.0, Fraction(0)),
        (33.33, Fraction(3333, 100)),
    ],
)
def test_a_percentage(value: Value, expected: Fraction) -> None:
    assert percentage(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("12,5%", "%", "half", "£12", True, Percent("nan"), Percent("inf"), 1e9, "9999999999%", Percent(1e8)),
        Marked("31", (Run("3"), Run("1", "superscript"))),
    ],
)
def test_no_percentage(value: Value) -> None:
    assert refused(percentage, value) == "not-a-percentage"


@pytest.mark.parametrize("value", ["£5", "5%", "", "1e5", 1e18, "9" * 19, "9" * 5000, float("inf")])
def test_no_number(value: Value) -> None:
    assert refused(number, value) == "not-a-number"


@given(st.text(max_size=30))
def test_no_text_makes_a_reader_fail(text: str) -> None:
    """A text is read or refused: nothing else comes of it."""
    for read in (financial_year, values.period, day, money, number, percentage, values.yes_no):
        try:
            read(text)
        except Unreadable as error:
            assert error.code and error.remedy


LONG = ["-" * 300_000, " x" * 150_000, "1" * 300_000, "FY" + " " * 299_997 + "x", ".." * 150_000, "a to " * 60_000]


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:6])
def test_a_text_of_300_000_letters_is_refused_at_once_and_briefly(text: str) -> None:
    for read in (financial_year, values.period, day, money, number, percentage):
        with pytest.raises(Unreadable) as caught:
            read(text)
        assert len(str(caught.value)) < 200


def test_a_quoted_text_is_one_short_line() -> None:
    assert brief("one\n  two\tthree") == "one two three"
    assert brief("x" * 81) == "x" * 79 + "…"
    assert brief("x" * 80) == "x" * 80


@pytest.mark.parametrize(
    ("given", "known", "near"),
    [
        ("Budget", ["Budgets"], "Budgets"),
        ("Bugdets", ["Budgets"], "Budgets"),
        ("agreed_share", ["Agreed shares"], "Agreed shares"),
        ("Demnad", ["Demand"], "Demand"),
        ("NER", ["NRE"], ""),  # too short to be sure
        ("Workings", ["Budgets", "Forces"], ""),
        ("Forecast", ["Forces"], ""),
        ("Budgets 2019", ["Budgets"], ""),
    ],
)
def test_a_near_name(given: str, known: list[str], near: str) -> None:
    assert nearest(given, known) == near
