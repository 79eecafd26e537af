"""Where a table stands and what of it is read: headers, tidy and wide, totals, remarks, thousands, names."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bch_apportion.model import Inputs
from bch_apportion.problems import InputProblems
from bch_apportion.reading.sheets import SHEETS
from bch_apportion.reading.workbook import Reading, read
from bch_apportion.years import FinancialYear, Months

from .books import Formula, Percent, Rows, Tables, by_openpyxl, by_xlsxwriter, by_xml, framed, reading, sound, told

Y = FinancialYear


def amounts(inputs: Inputs) -> list[tuple[str, str, int, str]]:
    return [(row.unit, str(row.year), row.pence, str(row.cell)) for row in inputs.budgets]


def nre(inputs: Inputs) -> dict[tuple[str, str], int]:
    return {(str(year), force): figure.pence for (year, force), figure in inputs.nre.items()}


# Where the header is


@pytest.mark.parametrize("above", [0, 1, 28, 29])
def test_the_header_is_found_within_the_first_30_rows(above: int, tmp_path: Path) -> None:
    rows: Rows = [["Collaboration pack"]] * above + [["unit", "year", "amount"], ["ICT", "2018/19", 42]]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert amounts(inputs) == [("ICT", "2018/19", 4200, f"Budgets!C{above + 2}")]


def test_a_header_in_row_31_is_not_seen(tmp_path: Path) -> None:
    rows: Rows = [["Collaboration pack"]] * 30 + [["unit", "year", "amount"], ["ICT", "2018/19", 42]]
    (problem,) = reading(tmp_path / "b.xlsx", {"Budgets": rows}).problems
    assert (problem.code, problem.sheet) == ("column-missing", "Budgets")
    assert "no header row found" in problem.message and "within the first 30 rows" in problem.remedy
    below: Rows = [[]] * 40 + [["driver", "period", "BEDS"]]
    assert told(tmp_path / "b.xlsx", {"Demand": below}) == [("column-missing", "Demand")]


@pytest.mark.parametrize(
    "header",
    [
        ["year", "force", "BEDS", "CAMBS"],
        ["force", "BEDS", "CAMBS"],
        ["year", "Kent", "Essex"],
        ["BEDS", "CAMBS", "HERTS"],
        ["2018/19", "2019/20"],
        ["year", "force"],
        ["nre"],
    ],
)
def test_a_sheet_without_its_columns_is_always_a_problem(header: list[str], tmp_path: Path) -> None:
    rows: Rows = [header, ["2018/19"]]
    problems = reading(tmp_path / "b.xlsx", {"NRE": rows}).problems
    assert {(problem.code, problem.sheet) for problem in problems} == {("column-missing", "NRE")}


@pytest.mark.parametrize(
    ("sheet", "header", "cell"),
    [
        ("NRE", ["year", "nre", "BEDS", "CAMBS", "HERTS"], "B1"),
        ("Agreed shares", ["unit", "from year", "BEDS", "CAMBS", "HERTS", "share %"], "F1"),
        ("Demand", ["driver", "period", "BEDS", "CAMBS", "HERTS", "volume"], "F1"),
        ("Budgets", ["unit", "line", "2018/19", "2019/20", "amount"], "E1"),
    ],
)
def test_a_column_of_values_beside_columns_for_each_force_or_year(
    sheet: str, header: list[str], cell: str, tmp_path: Path
) -> None:
    rows: Rows = [header, ["2018/19", 1, 2, 3, 4]]
    problems = reading(tmp_path / "b.xlsx", {sheet: rows}).problems
    assert [(problem.code, problem.sheet, problem.cell) for problem in problems if problem.sheet == sheet] == [
        ("column-twice", sheet, cell)
    ]


def test_titles_notes_and_leading_blank_columns(tmp_path: Path) -> None:
    rows: Rows = [
        ["Budgets of the alliance", None, None, None, "draft"],
        [],
        [None, None, "as at month 6"],
        [None, None, "Unit", "YEAR", " Amount ", "my notes"],
        [],
        [None, None, "ict", "18/19", "£1,000.50", "agreed"],
        [None, None, None, None, None, None],
        [None, None, "Information Technology", "FY20", "(1,000)", None],
    ]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert amounts(inputs) == [("ICT", "2018/19", 100050, "Budgets!E6"), ("ICT", "2019/20", -100000, "Budgets!E8")]
    assert inputs.notes == ("Budgets: unrecognised column ignored: F “my notes”",)


@pytest.mark.parametrize(
    "name", ["Agreed shares", "agreed_shares", "AGREED-SHARES", "AgreedShares", " Agreed  Shares "]
)
def test_the_name_of_a_sheet_and_of_its_columns_whatever_their_blanks_and_case(name: str, tmp_path: Path) -> None:
    header = ["Unit", "From_Year", "FORCE", "Share%"]
    inputs = sound(tmp_path / "b.xlsx", {name: [header, ["ICT", "2018/19", "BEDS", 100]]})
    (agreed,) = inputs.agreed["ICT"]
    assert agreed.shares == {"BEDS": Fraction(1)}
    assert inputs.notes == ()


# Near misses


@pytest.mark.parametrize(
    ("sheet", "meant"),
    [("Demnad", "Demand"), ("Driver", "Drivers"), ("Baseline", "Baselines"), ("Agreed share", "Agreed shares")],
)
def test_a_nearly_known_sheet_is_a_problem(sheet: str, meant: str, tmp_path: Path) -> None:
    (problem,) = reading(tmp_path / "b.xlsx", {sheet: [["x"]]}).problems
    assert problem.code == "sheet-misspelt"
    assert f"did you mean “{meant}”" in problem.message


def test_sheets_of_the_analysts_own_are_noted(tmp_path: Path) -> None:
    inputs = sound(tmp_path / "b.xlsx", {"Workings": [["x"]], "Cover": [["#REF!"]]})
    assert inputs.notes == ("Unrecognised sheets ignored: “Workings”, “Cover”",)


@pytest.mark.parametrize("rows", [[["question", "reply"], ["Why?", "#REF!"], [12, True]], [["x"]]])
def test_answers_without_its_columns_is_the_analysts_own(rows: Rows, tmp_path: Path) -> None:
    says = "Answers: ignored as a sheet of your own: it has no column “query” or “answer”"
    assert sound(tmp_path / "b.xlsx", {"Answers": rows}).notes == (says,)


def test_answers_with_a_column_of_ours_is_ours(tmp_path: Path) -> None:
    (problem,) = reading(tmp_path / "b.xlsx", {"Answers": [["query", "anwser"], ["x", "y"]]}).problems
    assert (problem.code, problem.cell) == ("column-missing", "B1")


@pytest.mark.parametrize("name", [n for n, form in SHEETS.items() if form.columns and not form.needed])
def test_a_sheet_that_may_be_left_out_may_also_be_empty(name: str, tmp_path: Path) -> None:
    headings: Rows = [SHEETS[name].needed_columns()]
    for rows in (headings, []):
        assert sound(tmp_path / "b.xlsx", {name: rows}).notes == ()


def test_the_total_of_control_totals_by_year_is_a_totals_row(tmp_path: Path) -> None:
    rows: Rows = [["unit", "2018/19", "2019/20"], ["ICT", 1, 2], ["DOGS", 3, 4], ["Total", 4, 6]]
    assert "unknown-unit" not in [code for code, _ in told(tmp_path / "b.xlsx", {"Control totals": rows})]
    worse: Rows = [*rows[:-1], ["Total", 4, 7]]
    assert ("total-differs", "Control totals!C4") in told(tmp_path / "b.xlsx", {"Control totals": worse})


@pytest.mark.parametrize("mark", ["(p)", " [note 2]", "*", "²", "[r]"])
def test_headings_without_a_publishers_marks(mark: str, tmp_path: Path) -> None:
    """Of years, forces and columns; a heading that is not known would be left out with a note alone."""
    tables: Tables = {
        "Budgets": [["unit", f"amount (£000){mark}", "year"], ["ICT", 42, "2018/19"]],
        "NRE": [["year", f"BEDS{mark}", f"CAMBS{mark}", "HERTS"], ["2018/19", 100, 130, 180]],
        "Actuals": [["unit", f"2018/19{mark}", "2019/20"], ["ICT", 5, 6]],
    }
    inputs = sound(tmp_path / "b.xlsx", tables)
    assert [row.pence for row in (*inputs.budgets, *inputs.actuals)] == [4_200_000, 500, 600]
    assert len(inputs.nre) == 3
    assert f"NRE: marks of publication dropped: B1 “BEDS{mark}”, C1 “CAMBS{mark}”" in inputs.notes
    assert f"Actuals: marks of publication dropped: B1 “2018/19{mark}”" in inputs.notes


def test_a_heading_that_holds_the_name_of_a_force_that_is_missing(tmp_path: Path) -> None:
    rows: Rows = [["driver", "period", "BEDS", "CAMBS (revised)", "comment"], ["calls", "2018-04", 1, 2, "x"]]
    assert told(tmp_path / "b.xlsx", {"Demand": rows}) == [("unknown-force", "Demand!D1")]
    own: Rows = [["driver", "period", "BEDS", "CAMBS", "HERTS", "CAMBS (revised)"], ["calls", "2018-04", 1, 2, 3, 4]]
    assert told(tmp_path / "b.xlsx", {"Demand": own}) == []


@pytest.mark.parametrize("heading", ["2014/11", "201411", "Nov 14 (est)", "November", "2014"])
def test_a_heading_that_is_nearly_a_period_is_a_problem(heading: str, tmp_path: Path) -> None:
    rows: Rows = [["driver", "force", "Oct-14", heading, "Dec-14", "comment"], ["calls", "BEDS", 1, 2, 3, "x"]]
    ((code, place),) = told(tmp_path / "b.xlsx", {"Demand": rows})
    assert (code, place) in [("not-a-period", "Demand!D1"), ("bare-year", "Demand!D1")]


def test_a_cell_with_nothing_to_be_seen_is_blank(tmp_path: Path) -> None:
    rows: Rows = [
        ["unit", "year", "amount", "line"],
        ["ICT", "2018/19", 42, "\u200b"],
        ["\u200b\u00a0", None, "\ufeff"],
    ]
    (row,) = sound(tmp_path / "b.xlsx", {"Budgets": rows}).budgets
    assert (row.pence, row.line) == (4200, "")


def test_a_nearly_known_column_is_a_problem_and_a_strange_one_a_note(tmp_path: Path) -> None:
    rows: Rows = [["unit", "year", "amount", "heldby", "held bye", "cost centre"], ["ICT", "2018/19", 1]]
    assert told(tmp_path / "b.xlsx", {"Budgets": rows}) == []  # “held by” is there: “held bye” is another column
    rows = [["unit", "year", "amount", "held bye"], ["ICT", "2018/19", 1]]
    assert told(tmp_path / "b.xlsx", {"Budgets": rows}) == [("column-misspelt", "Budgets!D1")]


# Tidy and wide

TIDY_NRE: Rows = [
    ["year", "force", "nre"],
    ["2018/19", "BEDS", 1],
    ["2018/19", "CAMBS", 2],
    ["2018/19", "HERTS", 3],
    ["2019/20", "BEDS", 4],
    ["2019/20", "CAMBS", 5],
    ["2019/20", "HERTS", 6],
]
BY_FORCE: Rows = [["year", "Beds", "cambs", "Hertfordshire Constabulary"], ["2018/19", 1, 2, 3], ["2019/20", 4, 5, 6]]
BY_YEAR: Rows = [["force", "18/19", "FY20"], ["BEDS", 1, 4], ["Cambs", 2, 5], ["Hertford", 3, 6]]


@pytest.mark.parametrize("rows", [TIDY_NRE, BY_FORCE, BY_YEAR], ids=["tidy", "by force", "by year"])
def test_nre_is_the_same_tidy_and_wide(rows: Rows, tmp_path: Path) -> None:
    assert nre(sound(tmp_path / "b.xlsx", {"NRE": rows})) == {
        ("2018/19", "BEDS"): 100,
        ("2018/19", "CAMBS"): 200,
        ("2018/19", "HERTS"): 300,
        ("2019/20", "BEDS"): 400,
        ("2019/20", "CAMBS"): 500,
        ("2019/20", "HERTS"): 600,
    }


def test_budgets_and_control_totals_by_year(tmp_path: Path) -> None:
    inputs = sound(
        tmp_path / "b.xlsx",
        {
            "Budgets": [["unit", "line", "2018/19", "2019/20"], ["ICT", "pay", 1, None], ["ICT", "vehicles", None, -2]],
            "Control totals": [["unit", "2018/19", "2019/20"], ["ICT", 1, -2], [None, 1, -2]],
        },
    )
    assert amounts(inputs) == [("ICT", "2018/19", 100, "Budgets!C2"), ("ICT", "2019/20", -200, "Budgets!D3")]
    totals = [(total.unit, str(total.year), total.pence) for total in inputs.control_totals]
    assert totals == [
        ("ICT", "2018/19", 100),
        ("ICT", "2019/20", -200),
        (None, "2018/19", 100),
        (None, "2019/20", -200),
    ]


def test_deflators_by_year(tmp_path: Path) -> None:
    inputs = sound(tmp_path / "b.xlsx", {"Deflators": [["2018/19", "2019/20"], [100, 102.1]]})
    assert {str(year): deflator.index for year, deflator in inputs.deflators.items()} == {
        "2018/19": Fraction(100),
        "2019/20": Fraction("102.1"),
    }


TIDY_DEMAND: Rows = [
    ["driver", "period", "force", "volume"],
    ["calls", "2018-04", "BEDS", 1],
    ["calls", "2018-04", "HERTS", 3],
    ["Calls", "Q2 2018/19", "BEDS", 4.5],
    ["calls", "Q2 2018/19", "CAMBS", None],
]
WIDE_DEMAND: Rows = [
    ["driver", "period", "BEDS", "CAMBS", "HERTS"],
    ["calls", date(2018, 4, 1), 1, None, 3],
    ["calls", "2018/19 Q2", 4.5, None, None],
]


@pytest.mark.parametrize("rows", [TIDY_DEMAND, WIDE_DEMAND], ids=["tidy", "wide"])
def test_demand_is_the_same_tidy_and_wide_and_a_blank_volume_is_no_zero(rows: Rows, tmp_path: Path) -> None:
    inputs = sound(tmp_path / "b.xlsx", {"Demand": rows, "Drivers": [["unit", "driver"], ["ICT", "calls"]]})
    demand = inputs.demand["calls"]
    monthly = {month: {f: v.value for f, v in slot.items()} for month, slot in demand.monthly.items()}
    longer = {str(months): {f: v.value for f, v in slot.items()} for months, slot in demand.longer.items()}
    assert monthly == {2018 * 12 + 3: {"BEDS": 1, "HERTS": 3}}
    assert longer == {"2018-07..2018-09": {"BEDS": Fraction(9, 2)}}


def test_a_wide_sheet_names_the_blank_cell_and_a_tidy_one_reports_it(tmp_path: Path) -> None:
    wide = sound(tmp_path / "b.xlsx", {"NRE": [["year", "BEDS", "CAMBS", "HERTS"], ["2018/19", 1, None, 3]]})
    assert str(wide.blanks[("NRE", Y(2018), "CAMBS")]) == "NRE!C2"
    tidy: Rows = [["year", "force", "nre"], ["2018/19", "BEDS", 1], ["2018/19", "CAMBS", None]]
    assert told(tmp_path / "b.xlsx", {"NRE": tidy}) == [("blank-value", "NRE!C3")]


SAME_FAULT = [  # a fault of the NRE of CAMBS for 2018/19, and the code it has in every form
    ("#REF!", "error-cell"),
    (Formula("=1+1"), "formula-not-calculated"),
    ("1.3m", "not-an-amount"),
    (0, "nre-not-positive"),
    (True, "not-an-amount"),
]


@pytest.mark.parametrize(("value", "code"), SAME_FAULT, ids=lambda value: value if isinstance(value, str) else "")
def test_the_same_fault_is_the_same_problem_tidy_and_wide(
    value: str | int | Formula, code: str, tmp_path: Path
) -> None:
    tidy: Rows = [["year", "force", "nre"], ["2018/19", "BEDS", 1], ["2018/19", "CAMBS", value]]
    by_force: Rows = [["year", "BEDS", "CAMBS"], ["2018/19", 1, value]]
    by_year: Rows = [["force", "2018/19", "2019/20"], ["BEDS", 1, 1], ["CAMBS", value, 1]]
    said = []
    for rows, cell in ((tidy, "NRE!C3"), (by_force, "NRE!C2"), (by_year, "NRE!B3")):
        (problem,) = reading(tmp_path / "b.xlsx", {"NRE": rows}).problems
        assert (problem.code, problem.where) == (code, cell)
        said.append((problem.message, problem.remedy, problem.value))
    assert len(set(said)) == 1


def test_a_misspelt_force_is_the_same_problem_tidy_and_wide(tmp_path: Path) -> None:
    forms: list[Rows] = [
        [["year", "force", "nre"], ["2018/19", "BEDS", 1], ["2018/19", "CAMBZ", 2]],
        [["year", "BEDS", "CAMBZ"], ["2018/19", 1, 2]],
        [["force", "2018/19", "2019/20"], ["BEDS", 1, 1], ["CAMBZ", 2, 2]],
    ]
    said = []
    for rows in forms:
        (problem,) = reading(tmp_path / "b.xlsx", {"NRE": rows}).problems
        said.append((problem.code, problem.remedy, problem.value))
        assert "did you mean “CAMBS”" in problem.message
    assert set(said) == {("unknown-force", "write one of its forces, or add it there", "CAMBZ")}


# Totals and remarks


def test_totals_are_checked_and_not_read(tmp_path: Path) -> None:
    rows: Rows = [
        ["unit", "year", "amount", "line"],
        ["ICT", "2018/19", 100, "pay"],
        ["ICT", "2018/19", 50.5, "vehicles"],
        ["Sub-total", None, 150.5],
        ["DOGS", "2018/19", 10, "pay"],
        ["SUB TOTAL", None, 10],
        ["Grand total", None, 160.51],  # a penny is let pass
    ]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert [row.pence for row in inputs.budgets] == [10000, 5050, 1000]


@pytest.mark.parametrize(("stated", "problem"), [(160.5, 0), (160.51, 0), (160.49, 0), (160.52, 1), (160.48, 1)])
def test_a_total_may_differ_by_a_penny_and_no_more(stated: float, problem: int, tmp_path: Path) -> None:
    rows: Rows = [["unit", "year", "amount"], ["ICT", "2018/19", 160.5], ["Total", None, stated]]
    assert told(tmp_path / "b.xlsx", {"Budgets": rows}) == [("total-differs", "Budgets!C3")] * problem


def test_a_total_of_thousands_may_differ_by_a_penny_and_no_more(tmp_path: Path) -> None:
    thousands: Tables = {"Settings": [["name", "value"], ["money in", "thousands"]]}
    rows: Rows = [["unit", "year", "amount"], ["ICT", "2018/19", 1.5], ["Total", None, 1.50002]]
    (problem,) = reading(tmp_path / "b.xlsx", {**thousands, "Budgets": rows}).problems
    assert problem.code == "total-differs"
    rows = [["unit", "year", "amount"], ["ICT", "2018/19", 1.5], ["Total", None, 1.50001]]
    assert told(tmp_path / "b.xlsx", {**thousands, "Budgets": rows}) == []


def test_totals_of_wide_sheets_are_checked_column_by_column(tmp_path: Path) -> None:
    rows: Rows = [["unit", "2018/19", "2019/20"], ["ICT", 1, 2], ["DOGS", 3, None], ["Total", 4, 3]]
    (problem,) = reading(tmp_path / "b.xlsx", {"Budgets": rows}).problems
    assert (problem.code, problem.where) == ("total-differs", "Budgets!C4")
    assert "says 3, its rows come to 2: a difference of 1" in problem.message


def test_a_total_is_not_blamed_for_a_row_that_cannot_be_read(tmp_path: Path) -> None:
    rows: Rows = [["unit", "year", "amount"], ["ICT", "2018/19", "#REF!"], ["Total", None, 160.5]]
    assert told(tmp_path / "b.xlsx", {"Budgets": rows}) == [("error-cell", "Budgets!C2")]


def test_remarks_are_listed_and_not_read(tmp_path: Path) -> None:
    rows: Rows = [
        ["unit", "year", "amount"],
        ["ICT", "2018/19", 100],
        [None, None, "* as agreed in May"],
        [],
        ["Source: general ledger"],
    ]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert [row.pence for row in inputs.budgets] == [10000]
    assert inputs.notes == ("Budgets: remarks, not read: C3 “* as agreed in May”; A5 “Source: general ledger”",)


def test_values_beside_the_table_are_noted(tmp_path: Path) -> None:
    rows: Rows = [["unit", "year", "amount"], ["ICT", "2018/19", 100, None, "check"]]
    assert sound(tmp_path / "b.xlsx", {"Budgets": rows}).notes == (
        "Budgets: values without a heading in column E, not read",
    )


# Money, percentages, names


def test_money_in_thousands_is_of_every_money_column_and_of_no_setting(tmp_path: Path) -> None:
    inputs = sound(
        tmp_path / "b.xlsx",
        {
            "Settings": [["name", "value"], ["Money in", "Thousands"], ["materiality amount", 10]],
            "Baselines": [["unit", "force", "amount"], ["ICT", "BEDS", "1.5"]],
            "Control totals": [["year", "amount"], ["2018/19", 42]],
        },
    )
    assert inputs.budgets[0].pence == 4_200_000
    assert inputs.nre[Y(2018), "BEDS"].pence == 10_000_000
    assert inputs.baselines["ICT"]["BEDS"].pence == 150_000
    assert inputs.control_totals[0].pence == 4_200_000
    assert inputs.settings.materiality_amount == 1_000


def test_amounts_finer_than_a_penny_are_rounded_and_noted(tmp_path: Path) -> None:
    rows: Rows = [
        ["unit", "year", "amount"],
        ["ICT", "2018/19", 0.125],
        ["ICT", "2018/19", -0.005],
        ["ICT", "18/19", 1.2],
    ]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert [row.pence for row in inputs.budgets] == [13, -1, 120]
    # 12.5 to 13 pence, −0.5 to −1: half a penny up and half a penny down
    assert inputs.notes == ("Budgets: 2 amounts rounded to the penny, half up, which moved their sum by +0.0000 pence",)


@pytest.mark.parametrize("wide", [False, True])
def test_percent_formats_are_recognised_wherever_a_percentage_is_meant(wide: bool, tmp_path: Path) -> None:
    agreed: Rows = [["unit", "from year", "BEDS", "CAMBS"], ["ICT", "2018/19", Percent(0.29), "71%"]]
    if not wide:
        agreed = [["unit", "from year", "force", "share %"], ["ICT", "2018/19", "BEDS", Percent(0.29)]]
        agreed = [*agreed, ["ICT", "2018/19", "CAMBS", 71]]
    given: Tables = {
        "Agreed shares": agreed,
        "Principles": [
            ["unit", "from year", "fixed base %", "rebase tolerance", "max share movement"],
            [None, "2018/19", Percent(0.5), Percent(0.025), 3],
        ],
        "Settings": [["name", "value"], ["materiality %", Percent(0.07)]],
    }
    for write in (by_openpyxl, by_xlsxwriter):
        write(framed(given), tmp_path / "b.xlsx")
        result = read(tmp_path / "b.xlsx")
        assert result.problems == ()
        assert result.inputs.agreed["ICT"][0].shares == {"BEDS": Fraction(29, 100), "CAMBS": Fraction(71, 100)}
        assert result.inputs.principles[0].values == {
            "fixed base %": Fraction(50),
            "rebase tolerance": Fraction(5, 2),
            "max share movement": Fraction(3),
        }
        assert result.inputs.settings.materiality_percent == 7


def test_forces_and_units_by_code_name_or_alias(tmp_path: Path) -> None:
    rows: Rows = [
        ["unit", "year", "amount", "held by", "direct to"],
        [" ict ", "2018/19", 1, " beds ", None],
        ["INFORMATION  TECHNOLOGY", "2018/19", 2, "bedfordshire police", None],
        ["dogs", "2018/19", 3, None, "bp"],
    ]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert [(row.unit, row.held_by, row.direct_to) for row in inputs.budgets] == [
        ("ICT", "BEDS", ""),
        ("ICT", "BEDS", ""),
        ("DOGS", "", "BEDS"),
    ]


@pytest.mark.parametrize(
    ("others", "months", "note"),
    [
        (
            ["Apr-18"],
            Months(2011 * 12 + 11, 1),
            "2011-12 read as months, as the other periods of the column can only be",
        ),
        (["2014-15"], Months(2011 * 12 + 3, 12), "2011-12 read as financial years, as the other periods of the column"),
        (["2014/15", "2016-17"], Months(2011 * 12 + 3, 12), "2011-12 read as financial years"),
        (["2014/15", "Apr-18"], None, ""),
        (["2018/19 Q1"], None, ""),
        ([], None, ""),
    ],
)
@pytest.mark.parametrize("wide", [False, True])
def test_a_month_or_a_financial_year_by_the_other_periods_of_its_column(
    tmp_path: Path, others: list[str], months: Months | None, note: str, wide: bool
) -> None:
    periods = ["2011-12", *others]
    tidy: list[list[str | int]] = [["calls", period, 5] for period in periods]
    across: Rows = [["driver", "force", *periods], ["calls", "BEDS", *(5 for _ in periods)]]
    outcome = reading(
        tmp_path / "b.xlsx",
        {
            "Demand": across if wide else [["driver", "period", "BEDS"], *tidy],
            "Drivers": [["unit", "driver"], ["ICT", "calls"]],
        },
    )
    if months is None:
        (problem,) = outcome.problems
        assert (problem.code, problem.cell) == ("unclear-period", "C1" if wide else "B2")
        assert "the month December 2011 or the financial year 2011/12" in problem.message
        return
    demand = outcome.inputs.demand["calls"]
    assert months in (*demand.longer, *(Months(month, 1) for month in demand.monthly))
    assert any(note in text for text in outcome.inputs.notes)


# What is hidden, and how dates are counted


def test_hidden_rows_and_sheets_are_read_and_noted(tmp_path: Path) -> None:
    def hide(workbook: Workbook) -> None:
        workbook["Budgets"].row_dimensions[2].hidden = True
        workbook["NRE"].sheet_state = "hidden"

    inputs = sound(tmp_path / "b.xlsx", {}, hide)
    assert inputs.budgets[0].pence == 4200
    assert inputs.notes == (
        "Budgets: hidden rows were read: 2",
        "NRE: this hidden sheet was read",
    )


DATES: Tables = {
    "Units": [
        ["unit", "s22a signed", "pooled from"],
        ["ICT", date(2015, 12, 1), date(2016, 2, 29)],
        ["DOGS", date(1999, 12, 31), "1 April 2016"],
    ],
    "Demand": [["driver", "period", "BEDS"], ["calls", date(2018, 4, 30), 5]],
}


@pytest.mark.parametrize("since", [1900, 1904])
@pytest.mark.parametrize("by", ["openpyxl", "xlsxwriter"])
def test_dates_are_the_same_in_the_1904_system(since: int, by: str, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"

    def count_from_1904(workbook: Workbook) -> None:
        workbook.epoch = CALENDAR_MAC_1904

    if by == "openpyxl":
        by_openpyxl(framed(DATES), path, count_from_1904 if since == 1904 else None)
    else:
        by_xlsxwriter(framed(DATES), path, date_1904=since == 1904)
    result = read(path)
    assert result.problems == ()
    signed = [(unit.s22a_signed, unit.pooled_from) for unit in result.inputs.units]
    assert signed == [(date(2015, 12, 1), date(2016, 2, 29)), (date(1999, 12, 31), date(2016, 4, 1))]


@pytest.mark.parametrize(("number", "shown_as"), [(0.4375, "hh:mm"), (0.4375, "dd/mm/yyyy"), (2.0625, "[h]:mm")])
def test_a_time_alone_is_no_date_and_no_amount(number: float, shown_as: str, tmp_path: Path) -> None:
    """It is nothing in a column of texts. Half past ten would be pooled from 31 December 1899, and cost 44p."""

    def show(workbook: Workbook) -> None:
        for sheet, cell in (("Units", "B2"), ("Budgets", "C2"), ("Budgets", "D2")):
            workbook[sheet][cell].number_format = shown_as

    sheets: Tables = {
        "Units": [["unit", "pooled from"], ["ICT", number]],
        "Budgets": [["unit", "year", "amount", "line"], ["ICT", "2018/19", number, number]],
    }
    problems = reading(tmp_path / "b.xlsx", sheets, show).problems
    assert [(problem.code, problem.where) for problem in problems] == [
        ("not-a-date", "Units!B2"),
        ("not-an-amount", "Budgets!C2"),
    ]


def test_formulas_in_a_workbook_that_asks_to_be_recalculated_are_noted(tmp_path: Path) -> None:
    given: Tables = {"Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", Formula("=40+2", 42)]]}
    by_xlsxwriter(framed(given), tmp_path / "b.xlsx")
    result = read(tmp_path / "b.xlsx")
    assert result.problems == ()
    assert result.inputs.budgets[0].pence == 4200
    assert result.inputs.notes == (
        "Budgets: 1 formulas, in a workbook that asks to be recalculated when opened; their stored values are used",
    )


# Joined workbooks


def joined(folder: Path, own: Tables, *others: Tables, further: tuple[str, ...] = ()) -> Reading:
    """What is read of a framed workbook with others joined to it: more.xlsx, and most.xlsx."""
    files = [folder / name for name in ("more.xlsx", "most.xlsx")[: len(others)]]
    by_xml(framed(own), folder / "b.xlsx")
    for path, sheets in zip(files, others, strict=True):
        by_xml(sheets, path)
    return read(folder / "b.xlsx", joined=files, further=further)


def test_each_file_is_read_in_its_own_form_and_the_rows_are_joined(tmp_path: Path) -> None:
    """Wide and tidy, in pounds and in thousands, below a title, and a total of its own rows alone."""
    result = joined(
        tmp_path,
        {"Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 42], ["Total", None, 42]]},
        {
            "NRE": [["Finance, 2019"], ["year", "force", "nre (£000)"], ["2019/20", "Beds", 2], ["2019/20", "bp", 3]],
            "Notes": [["of our own"]],
        },
        {"budgets": [["unit", "2018/19", "2019/20"], ["Dogs", 5, 6], ["ICT", 7, None], ["Total", 12, 6]]},
    )
    assert [problem.where for problem in result.problems] == ["more.xlsx: NRE!C4"]  # bp is an alias of BEDS
    assert result.problems[0].message == "the NRE of BEDS for 2019/20 is given already in more.xlsx: NRE!C3"
    assert nre(result.inputs)["2019/20", "BEDS"] == 200_000  # 2 thousand pounds; those of the frame are pounds
    assert nre(result.inputs)["2018/19", "HERTS"] == 18_000
    assert amounts(result.inputs) == [
        ("ICT", "2018/19", 4200, "Budgets!C2"),
        ("DOGS", "2018/19", 500, "most.xlsx: budgets!B2"),
        ("DOGS", "2019/20", 600, "most.xlsx: budgets!C2"),
        ("ICT", "2018/19", 700, "most.xlsx: budgets!B3"),
    ]
    assert [file for file, _ in result.inputs.joined] == ["more.xlsx", "most.xlsx"]
    assert result.inputs.notes == (
        "more.xlsx: rows joined to NRE",
        "most.xlsx: rows joined to Budgets",
        "more.xlsx: Unrecognised sheet ignored: “Notes”",
        "more.xlsx: NRE!C2: “nre (£000)” is read in thousands of pounds",
    )


def test_a_needed_sheet_may_be_in_another_workbook_alone(tmp_path: Path) -> None:
    parts = framed({"Agreements": [["unit", "version", "signed"], ["ICT", "1", date(2015, 12, 1)]]})
    mine, theirs = tmp_path / "b.xlsx", tmp_path / "more.xlsx"
    by_xml({"NRE": parts["NRE"], "Budgets": parts["Budgets"]}, mine)
    by_xml({name: rows for name, rows in parts.items() if name not in ("NRE", "Budgets")}, theirs)
    result = read(mine, joined=[theirs], further=("Agreements",))
    assert result.problems == ()
    assert [str(force.cell) for force in result.inputs.forces] == [f"more.xlsx: Forces!A{row}" for row in (2, 3, 4)]
    assert amounts(result.inputs) == [("ICT", "2018/19", 4200, "Budgets!C2")]
    assert [str(row.cell) for row in result.inputs.further.agreements] == ["more.xlsx: Agreements!B2"]
    assert [problem.where for problem in read(mine).problems] == ["Forces", "Units"]


def test_the_volumes_of_two_files_and_what_their_periods_mean_in_each(tmp_path: Path) -> None:
    """In the one all others are months, so that 2011-12 is December 2011; in the other all are years."""
    lines = ["unit", "year", "period", "amount"]
    result = joined(
        tmp_path,
        {
            "Drivers": [["unit", "driver"], ["ICT", "calls"]],
            "Demand": [["driver", "period", "BEDS"], ["calls", "2011-12", 1], ["calls", "2012-03", 2]],
            "Actuals": [lines, ["ICT", "2011/12", "2011-12", 5], ["ICT", "2011/12", "2012-03", 5]],
        },
        {
            "Demand": [
                ["driver", "period", "force", "volume"],
                ["Calls", "2011-12", "HERTS", 30],
                ["calls", "2014-15", "herts", 40],
                ["sickness", "2014-15", "HERTS", 50],
            ],
            "Actuals": [lines, ["DOGS", "2011/12", "2011-12", 5], ["DOGS", "2014/15", "2014-15", 5]],
        },
    )
    assert result.problems == ()
    assert [row.period.length for row in result.inputs.actuals if row.period] == [1, 1, 12, 12]
    demand = result.inputs.demand["calls"]
    monthly = {(month, force): v.value for month, slot in demand.monthly.items() for force, v in slot.items()}
    assert monthly == {(2011 * 12 + 11, "BEDS"): 1, (2012 * 12 + 2, "BEDS"): 2}
    longer = {(str(run), force): v for run, slot in demand.longer.items() for force, v in slot.items()}
    assert {key: volume.value for key, volume in longer.items()} == {
        ("2011-04..2012-03", "HERTS"): 30,
        ("2014-04..2015-03", "HERTS"): 40,
    }
    assert str(longer["2014-04..2015-03", "HERTS"].place("Demand")) == "more.xlsx: Demand!D3"
    assert "more.xlsx: Demand: drivers that no unit uses: sickness" in result.inputs.notes


def test_money_in_of_one_file_holds_for_all_and_is_noted(tmp_path: Path) -> None:
    """A heading that names its scale outranks it, whichever file it is in."""
    budgets: Rows = [["unit", "year", "amount"], ["DOGS", "2018/19", 5]]
    thousands: Rows = [["name", "value"], ["money in", "thousands"]]
    result = joined(
        tmp_path, {}, {"Budgets": budgets, "Settings": thousands}, {"Budgets": [["unit", "2018/19 (£)"], ["DOGS", 6]]}
    )
    assert result.problems == ()
    assert [row.pence for row in result.inputs.budgets] == [4_200_000, 500_000, 600]
    assert result.inputs.notes[-1] == (
        "more.xlsx sets money in: the workbook's amounts on Budgets, NRE are now read in thousands of pounds, "
        "not in pounds"
    )
    result = joined(tmp_path, {"Settings": thousands}, {"Budgets": budgets})
    assert [row.pence for row in result.inputs.budgets] == [4_200_000, 500_000]
    assert result.inputs.notes[-1] == (
        "b.xlsx sets money in: the amounts of more.xlsx on Budgets are now read in thousands of pounds, not in pounds"
    )


def test_two_files_of_one_name_are_refused_and_what_count_made_is_not(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    by_xml(framed({}), tmp_path / "b.xlsx")
    manifest: Rows = [["command", "bch-apportion count"], ["packed 1", "eJx", "for bch-apportion verify"]]
    by_xml({"Manifest": manifest}, tmp_path / "theirs" / "B.xlsx")
    with pytest.raises(InputProblems) as raised:
        read(tmp_path / "b.xlsx", joined=[tmp_path / "theirs" / "B.xlsx"])
    (problem,) = raised.value.problems
    assert (problem.code, problem.where) == ("workbook-twice", "B.xlsx")
    assert problem.message == "another workbook given is called B.xlsx too: their cells could not be told apart"
    result = joined(tmp_path, {}, {"Manifest": manifest})
    assert result.problems == () and result.inputs.notes[0] == "more.xlsx: none of its sheets is read"
