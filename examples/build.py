"""Build the example workbooks, alliance.xlsx and south_hams_west_devon.xlsx, beside this file.

    python examples/build.py

The tables of the alliance also become the package's example.json, with which `template --example` fills a workbook.
Needs XlsxWriter. The same tables give the same bytes. Published figures are read from ../data; every other figure
stands in the tables below, is illustrative, and marked so on its sheet. Money is a Decimal until its cell is written.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"
PACKAGE = HERE.parent / "src" / "bch_apportion"
CREATED = datetime(2019, 4, 1, tzinfo=UTC)  # fixed, so that the same tables give the same bytes

Cell = str | int | Decimal | date | None

FORMATS = {
    "text": {"align": "left"},
    "number": {"num_format": "General"},
    "parameter": {"num_format": "General", "align": "left"},
    "money": {"num_format": "#,##0.00;-#,##0.00"},
    "pounds": {"num_format": "#,##0;-#,##0"},
    "volume": {"num_format": "#,##0"},
    "index": {"num_format": "0.0000"},
    "share": {"num_format": "0.00"},
    "date": {"num_format": "d mmm yyyy", "align": "left"},
    "month": {"num_format": "mmm-yy", "align": "left"},
}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, its kind (a key of FORMATS) and its width in characters."""

    heading: str
    kind: str = "text"
    width: int = 12


@dataclass(frozen=True)
class Sheet:
    """A sheet: title and note above a blank row, then one header row and the rows of the table."""

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


# --------------------------------------------------------------------------------------------------------------------
# The alliance: forces, NRE, units
# --------------------------------------------------------------------------------------------------------------------

YEARS = ("2012/13", "2013/14", "2014/15", "2015/16", "2016/17", "2017/18", "2018/19", "2019/20")

CURRENT_YEAR = "2019/20"
CURRENT_MONTHS = tuple(date(2019, month, 1) for month in (4, 5, 6, 7))

FORCES: tuple[tuple[Cell, ...], ...] = (
    ("BEDS", "Bedfordshire Police", "Bedfordshire, Beds Police"),
    ("CAMBS", "Cambridgeshire Constabulary", "Cambridgeshire, Cambs Police"),
    ("HERTS", "Hertfordshire Constabulary", "Hertfordshire, Herts Police"),
)
FORCE_CODES = ("BEDS", "CAMBS", "HERTS")

# £. 2020/21 is published and comes from ../data; the years before are a smooth path towards it.
ILLUSTRATIVE_NRE = (
    ("2011/12", 102_450_000, 130_900_000, 184_300_000),
    ("2012/13", 101_300_000, 129_650_000, 182_100_000),
    ("2013/14", 100_700_000, 129_100_000, 181_050_000),
    ("2014/15", 100_350_000, 128_900_000, 180_400_000),
    ("2015/16", 100_900_000, 129_800_000, 181_300_000),
    ("2016/17", 102_600_000, 132_050_000, 184_150_000),
    ("2017/18", 105_150_000, 135_400_000, 188_500_000),
    ("2018/19", 109_400_000, 140_750_000, 195_900_000),
    ("2019/20", 115_600_000, 148_550_000, 206_400_000),
)

JPS, OPS, ORG = "Joint Protective Services", "Operational Support", "Organisational Support"
BH, BCH = "BEDS, HERTS", "BEDS, CAMBS, HERTS"

# unit, name, programme, forces, lead force, s22a signed, pooled from, function, section
# fmt: off
UNITS: tuple[tuple[Cell, ...], ...] = (
    ("Major Crime", "Major Crime Unit", JPS, None, "HERTS",
     date(2016, 6, 1), date(2012, 4, 1), "Investigations", "Investigations"),
    ("Armed Policing", "Armed Policing Unit", JPS, None, "HERTS",
     date(2016, 6, 1), date(2012, 4, 1), "Operational support", "Responding to the public"),
    ("Scientific Services", "Scientific Services Unit", JPS, None, "CAMBS",
     date(2016, 6, 1), date(2012, 4, 1), "Investigative support", "Investigations"),
    ("Civil Contingencies", "Civil Contingency Unit", JPS, None, "BEDS",
     date(2016, 6, 1), date(2012, 4, 1), "Operational support", "Major events"),
    ("Cameras Tickets and Collisions", "Cameras, Tickets and Collisions Unit", JPS, BCH, "HERTS",
     date(2013, 4, 25), date(2013, 4, 25), "Road policing", "Prevention and deterrence"),
    ("Public Contact", "Public Contact", OPS, None, "HERTS",
     date(2015, 11, 1), None, "Dealing with the public", "Responding to the public"),
    ("Firearms Licensing", "Firearms and Explosives Licensing", OPS, None, "CAMBS",
     date(2015, 12, 1), date(2016, 4, 1), "Dealing with the public", "Prevention and deterrence"),
    ("ICT", "Information and Communications Technology", ORG, BH, "HERTS",
     date(2016, 2, 1), date(2016, 4, 1), "ICT", "Knowledge management and ICT"),
    ("HR", "Human Resources", ORG, None, "BEDS",
     date(2015, 12, 1), date(2016, 10, 1), "Human resources", "Force-wide functions"),
    ("Professional Standards", "Professional Standards Department", ORG, None, "CAMBS",
     date(2012, 1, 1), date(2012, 4, 1), "Professional standards", "Force-wide functions"),
    ("Procurement", "Procurement Department", ORG, None, "BEDS",
     date(2011, 4, 1), date(2012, 4, 1), "Support functions", "Force-wide functions"),
)
# fmt: on

# unit: target basis (none: demand), owner, due; all illustrative, owners are posts
TARGETS: dict[str, tuple[str | None, str, date]] = {
    "Scientific Services": (None, "Head of Scientific Services", date(2020, 4, 1)),
    "Cameras Tickets and Collisions": (None, "Head of Cameras, Tickets and Collisions", date(2019, 9, 30)),
    "Public Contact": ("pooled", "Chief Finance Officers", date(2019, 3, 31)),
    "Firearms Licensing": (None, "Head of Firearms Licensing", date(2020, 9, 30)),
    "Professional Standards": ("agreed", "Head of Professional Standards", date(2021, 4, 1)),
    "Procurement": ("nre", "Head of Procurement", date(2021, 4, 1)),
}

# unit, version, signed, effective, review due, notice months, reference; signed as on Units
# fmt: off
AGREEMENTS: tuple[tuple[Cell, ...], ...] = (
    ("Major Crime", "2012", date(2012, 3, 1), date(2012, 4, 1), date(2015, 4, 1), 12, "illustrative"),
    ("Major Crime", "2016", date(2016, 6, 1), None, date(2019, 6, 1), 12, "updated in June 2016"),
    ("Armed Policing", "2016", date(2016, 6, 1), None, date(2019, 6, 1), 12, "updated in June 2016"),
    ("Cameras Tickets and Collisions", "2013", date(2013, 4, 25), None, date(2016, 4, 25), 12, "decided in April 2013"),
    ("Public Contact", "2015", date(2015, 11, 1), date(2016, 4, 1), date(2018, 11, 1), 12, "November 2015"),
    ("ICT", "2016", date(2016, 2, 1), date(2016, 4, 1), date(2020, 4, 1), 18, "February 2016"),
    ("Professional Standards", "2012", date(2012, 1, 1), None, None, 6, "January 2012"),
)
# fmt: on

# --------------------------------------------------------------------------------------------------------------------
# The alliance: beside the split. All illustrative but the populations of the three forces (published, ../data) and the
# recommendations of the review of April 2019. Services A to H stand for other services; owners are posts.
# --------------------------------------------------------------------------------------------------------------------

SIMILAR, EASTERN = "most similar", "eastern"
SERVICES = {  # service: groups, population of 2018/19 and 2019/20
    "Service A": (SIMILAR, 1_826_000, 1_834_000),
    "Service B": (EASTERN, 1_474_000, 1_482_000),
    "Service C": (f"{SIMILAR}; {EASTERN}", 901_000, 903_500),
    "Service D": (EASTERN, 755_500, 758_000),
    "Service E": ("", 2_341_000, 2_358_000),
    "Service F": (SIMILAR, 1_116_000, 1_121_000),
    "Service G": (f"{SIMILAR}; {EASTERN}", 688_000, 690_500),
    "Service H": (SIMILAR, None, None),  # its population is not known: listed, not compared
}
# function: net cost of 2019/20, £ thousand, service by service; 2018/19 was LAST_YEAR per cent of it
LAST_YEAR = Decimal(98)
COMPARED: dict[str, tuple[int, ...]] = {
    "Investigations": (5762, 5059, 3258, 2488, 8012, 3670, 2912, 5560),
    "Operational support": (8261, 7059, 4471, 3231, 11071, 5438, 3752, 7328),
    "Investigative support": (4263, 3045, 2880, 1823, 5174, 2494, 1981, 3028),
    "Road policing": (1838, 1761, 1037, 832, 3026, 1076, 612, 1484),
    "Dealing with the public": (19672, 17913, 12263, 8526, 29180, 14862, 7114, 14757),
    "ICT": (7610, 6832, 6141, 3659, 10702, 5851, 3551, 6228),
    "Human resources": (7423, 6433, 4546, 3066, 12708, 4408, 2366, 5762),
    "Professional standards": (2451, 2550, 1995, 924, 3180, 1945, 1355, 1917),
}
# function: what BEDS, CAMBS and HERTS still spend outside the unit in 2018/19 and 2019/20, £. Of Dealing with the
# public Hertfordshire gives none, so that its scope is not stated; of the functions not named nobody gives any.
RETAINED: dict[str, tuple[tuple[int | None, int | None], ...]] = {
    "Investigations": ((96_000, 98_500), (141_000, 143_000), (0, 0)),
    "Operational support": ((0, 0), (212_000, 215_500), (187_000, 190_000)),
    "Investigative support": ((0, 0), (0, 0), (0, 0)),
    "Dealing with the public": ((154_000, 157_000), (168_000, 171_500), (None, None)),
    "ICT": ((612_000, 640_000), (701_000, 655_000), (948_000, 1_012_000)),
    "Human resources": ((184_000, 176_000), (231_000, 224_000), (305_000, 311_000)),
    "Professional standards": ((0, 0), (0, 0), (64_000, 65_000)),
}

END_OF_JUNE, END_OF_JULY = date(2019, 6, 30), date(2019, 7, 31)
# unit, year, made on, amount, reason, owner
FORECASTS: tuple[tuple[Cell, ...], ...] = tuple(
    (unit, CURRENT_YEAR, day, amount, reason, owner)
    for unit, owner, reason, *both in (
        ("Major Crime", "Head of Major Crime", "Posts are refilled later than budgeted.", 10_150_000, 10_020_000),
        (
            "Armed Policing",
            "Head of Armed Policing",
            "Overtime for operations in June and July.",
            12_300_000,
            12_540_000,
        ),
        (
            "Scientific Services",
            "Head of Scientific Services",
            "More submissions to laboratories.",
            7_150_000,
            7_180_000,
        ),
        ("Civil Contingencies", "Head of Civil Contingencies", "A post is vacant until October.", 1_310_000, 1_300_000),
        (
            *("Cameras Tickets and Collisions", "Head of Cameras, Tickets and Collisions"),
            *("Income of courses is below the budget.", 3_000_000, 3_015_000),
        ),
        (
            *("Public Contact", "Head of Public Contact", "Calls are above what the budget assumed."),
            *(31_700_000, 32_150_000),
        ),
        ("Firearms Licensing", "Head of Firearms Licensing", "Two posts are vacant.", 1_740_000, 1_700_000),
        ("ICT", "Head of ICT", "Licences cost more since April 2019.", 14_000_000, 14_310_000),
        ("HR", "Head of HR", "The service centre starts with fewer posts.", 10_800_000, 10_480_000),
        ("Professional Standards", "Head of Professional Standards", None, 4_700_000, None),
    )
    for day, amount in zip((END_OF_JUNE, END_OF_JULY), both, strict=True)
    if amount is not None
)

REVIEW, AUDIT = "Chief Executives' review, April 2019", "Internal audit of budget monitoring, 2018"
SUMMIT, CFOS = "Strategic Alliance Summit", "Chief Finance Officers"
# ref, source, action, unit, owner, due, revised due, status, closed on, evidence
# fmt: off
ACTIONS: tuple[tuple[Cell, ...], ...] = (
    ("1", REVIEW, "Implement the financial principles of 2015", None, CFOS, date(2019, 9, 30), None, "open", None,
     None),
    ("2", REVIEW, "Track unit costs and explain significant variations from the business cases", None, CFOS,
     date(2019, 7, 31), None, "open", None, None),
    ("3", REVIEW, "Benchmark unit costs against other police services", None, CFOS, date(2019, 10, 31), None, "open",
     None, None),
    ("4", REVIEW, "Link planning to the Force Management Statements and the three MTFS", None, CFOS,
     date(2019, 6, 28), "30/08/2019; 31/10/2019", "open", None, None),
    ("5", REVIEW, "Service levels and a scorecard for every unit", None, "Head of Performance", date(2019, 6, 28),
     "26/07/2019", "open", None, None),
    ("6", REVIEW, "The Summit looks at all of it each quarter", None, SUMMIT, date(2019, 6, 14), None, "closed",
     date(2019, 6, 12), "minute of 12 June 2019"),
    ("3.1", AUDIT, "Forecasts of every unit each month", None, CFOS, date(2019, 4, 30), "30/06/2019", "closed",
     date(2019, 7, 2), None),
    ("3.2", AUDIT, "Budget holders sign their budgets", None, CFOS, date(2019, 4, 30), None, "closed",
     date(2019, 4, 26), "signed budgets 2019/20"),
    ("3.3", AUDIT, "Capital budgets set with the revenue budgets", "ICT", "Head of ICT", date(2019, 3, 29),
     "31/05/2019; 31/07/2019", "open", None, None),
    ("3.4", AUDIT, "One chart of accounts for the joint units", "HR", "Head of HR", date(2020, 3, 31), None, "open",
     None, None),
)

FEBRUARY = date(2019, 2, 20)
# year, force, amount, version, date
IN_THE_MTFS: tuple[tuple[Cell, ...], ...] = (
    ("2020/21", "BEDS", 26_600_000, "February 2019", FEBRUARY),
    ("2021/22", "BEDS", 27_100_000, "February 2019", FEBRUARY),
    ("2022/23", "BEDS", 27_600_000, "February 2019", FEBRUARY),
    ("2020/21", "CAMBS", 29_500_000, "February 2019", FEBRUARY),
    ("2021/22", "CAMBS", 29_900_000, "February 2019", FEBRUARY),
    ("2022/23", "CAMBS", 30_400_000, "February 2019", FEBRUARY),
    ("2020/21", "HERTS", 43_100_000, "November 2018", date(2018, 11, 9)),
    ("2020/21", "HERTS", 43_400_000, "February 2019", date(2019, 2, 18)),
    ("2021/22", "HERTS", 43_900_000, "February 2019", date(2019, 2, 18)),
)

# step, by, who, done
TIMETABLE: tuple[tuple[Cell, ...], ...] = (
    ("Demand of the window signed off by the three forces", date(2019, 7, 31), CFOS, date(2019, 8, 2)),
    ("Priorities of 2020/21 given to the units", date(2019, 8, 16), SUMMIT, None),
    ("Unit budgets of 2020/21 proposed", date(2019, 10, 11), "Heads of units", None),
    ("Apportionment of 2020/21 checked by the three forces", date(2019, 11, 8), CFOS, None),
    ("The Summit sees the budgets", date(2019, 11, 29), SUMMIT, None),
    ("Figures given to the three MTFS", date(2019, 12, 13), CFOS, None),
)

# force, priority, units
PRIORITIES: tuple[tuple[Cell, ...], ...] = (
    ("BEDS", "Serious violence and exploitation", "Major Crime; Armed Policing; Scientific Services"),
    ("BEDS", "Safer roads", "Cameras Tickets and Collisions"),
    ("BEDS", "Visible local policing", "none"),
    ("CAMBS", "Victims", "Major Crime; Public Contact"),
    ("CAMBS", "Safer roads", "Cameras Tickets and Collisions"),
    ("CAMBS", "Value for money", "ICT; HR; Procurement"),
    ("HERTS", "Answering the public", "Public Contact"),
    ("HERTS", "Confidence in the police", "Professional Standards; Public Contact"),
    ("HERTS", "Business crime", "none"),
)

# unit, measure, perspective, target, better, tolerance %, owner
MEASURES: tuple[tuple[Cell, ...], ...] = (
    ("Major Crime", "homicides solved, %", "process", 90, "higher", 5, "Head of Major Crime"),
    ("Major Crime", "posts vacant, %", "people", 8, "lower", 25, "Head of Major Crime"),
    ("Armed Policing", "armed response within 20 minutes, %", "customer", 85, "higher", 5, "Head of Armed Policing"),
    ("Armed Policing", "overtime, % of pay", "financial", 6, "lower", 20, "Head of Armed Policing"),
    ("Scientific Services", "results within 28 days, %", "process", 90, "higher", 10, "Head of Scientific Services"),
    ("Public Contact", "999 calls answered within 10 seconds, %", "customer", 90, "higher", 3,
     "Head of Public Contact"),
    ("Public Contact", "101 calls abandoned, %", "customer", 5, "lower", 40, "Head of Public Contact"),
    ("Public Contact", "sickness, days a post", "people", 9, "lower", 10, "Head of Public Contact"),
    ("ICT", "incidents resolved in time, %", "process", 92, "higher", 4, "Head of ICT"),
    ("ICT", "users satisfied, %", "customer", 80, "higher", 5, "Head of ICT"),
    ("ICT", "cost of a device, £", "financial", 1450, "lower", 5, "Head of ICT"),
    ("HR", "days to fill a post", "process", 70, "lower", 10, "Head of HR"),
    ("HR", "managers satisfied, %", "customer", 75, "higher", 5, "Head of HR"),
)
Q4, Q1 = "2018/19 Q4", "2019/20 Q1"
APRIL, MAY, JUNE = CURRENT_MONTHS[:3]
# measure, period, value
MEASURED: tuple[tuple[Cell, ...], ...] = (
    ("homicides solved, %", Q4, 94), ("homicides solved, %", Q1, 92),
    ("posts vacant, %", Q4, Decimal("8.5")), ("posts vacant, %", Q1, Decimal("9.6")),
    ("armed response within 20 minutes, %", Q4, 84), ("armed response within 20 minutes, %", Q1, Decimal("82.5")),
    ("overtime, % of pay", Q4, Decimal("6.4")), ("overtime, % of pay", Q1, Decimal("8.1")),
    ("results within 28 days, %", Q4, 88), ("results within 28 days, %", Q1, Decimal("90.5")),
    ("999 calls answered within 10 seconds, %", APRIL, Decimal("89.5")),
    ("999 calls answered within 10 seconds, %", MAY, Decimal("88.1")),
    ("999 calls answered within 10 seconds, %", JUNE, Decimal("85.2")),
    ("101 calls abandoned, %", APRIL, Decimal("6.1")), ("101 calls abandoned, %", MAY, Decimal("7.4")),
    ("101 calls abandoned, %", JUNE, Decimal("9.3")),
    ("incidents resolved in time, %", Q4, 93), ("incidents resolved in time, %", Q1, Decimal("91.2")),
    ("users satisfied, %", Q1, 81),
    ("cost of a device, £", Q4, 1430), ("cost of a device, £", Q1, 1496),
    ("days to fill a post", Q4, 74), ("days to fill a post", Q1, 69),
)
# fmt: on

# --------------------------------------------------------------------------------------------------------------------
# The alliance: budgets, £
# Between 2012/13 and 2018/19 the revenue of four units moves as the review of April 2019 says:
# ICT -2,400,000, Civil Contingencies -1,000,000, Major Crime -2,500,000, HR +1,500,000.
# --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A budget line of a unit: its amount, £, for each of YEARS ("-" is no line in that year)."""

    line: str
    subjective: str
    amounts: str
    type: str = ""
    held_by: str = ""
    direct_to: str = ""


# fmt: off
BUDGETS: dict[str, tuple[Line, ...]] = {
    "Major Crime": (
        Line("Officers and staff", "pay",
             "11284300.55 11102700 10876500.20 10541200 10083600.47 9614800 9162500.15 9247100.80"),
        Line("Forensic and expert fees", "supplies",
             "742100 718400 696300 655000.35 618700 592400 561000 566200"),
        Line("Vehicles", "transport", "318600.45 311200 304700 297100 288300 276900.10 268499.85 271300"),
        Line("Premises", "premises", "401999 398500 391200 386000 371500 355100 341000 344800"),
        Line("Special grant", "income", "-147000 -151000 -160500.50 -172000 -196400 -214300 -233000 -225700"),
        Line("Complex inquiry", "pay", "- - - 486200.33 - - - -", type="one-off"),
    ),
    "Armed Policing": (
        Line("Officers", "pay", "9412500 9387100.25 9298400 9176800 9344200 9588100.73 9712400.01 9905300"),
        Line("Training and ammunition", "supplies",
             "1126300 1118000 1109500.60 1098700 1182400 1214900 1236100 1251000.40"),
        Line("Vehicles", "transport", "688200 681500 672900 664300.19 671800 683100 692700 701900"),
        Line("Airport policing", "pay",
             "1842000 1851300.50 1866400 1873900 1902700 1938200 1961500.25 1994800", direct_to="BEDS"),
        Line("Airport policing, charged to the airport", "income",
             "-1650000 -1661000 -1672400 -1680200 -1704500 -1735900 -1758300 -1789600", direct_to="BEDS"),
        Line("Armed uplift, equipment", "supplies", "- - - - 364800.95 171200 - -", type="one-off"),
    ),
    "Scientific Services": (
        Line("Staff", "pay", "5213400 5166800.40 5098300 5032700 4961500 4918800.27 4893100.33 4956200"),
        Line("External forensic services", "supplies",
             "1684300.10 1702500 1713800 1698400 1726900 1754300 1791600 1823500.75"),
        Line("Laboratory premises", "premises", "436500 441200 445900.15 448700 452300 455800 459100 463400"),
        Line("Work for other bodies", "income",
             "-88200 -91500 -94000 -97600.50 -102300 -104900 -108700 -111200"),
    ),
    "Civil Contingencies": (
        Line("Officers and staff", "pay",
             "2051200.37 1893400 1712600 1548900.62 1392500 1247300 1118600.37 1136400"),
        Line("Exercises and training", "supplies", "176300 164200 152800 141500 133900 126700 121400 122900"),
        Line("Premises", "premises", "112500 108700.11 104300 99800 94200 89600 85000 86300"),
        Line("Contributions of local partners", "income",
             "-40000 -38500 -36000 -33400 -30100 -27500 -25000 -25000"),
    ),
    "Cameras Tickets and Collisions": (
        Line("Staff, Bedfordshire", "pay",
             "- 812300 804100.50 797600 792400 788900 793500 806100", held_by="BEDS"),
        Line("Staff, Cambridgeshire", "pay",
             "- 941700 933800 926500 918700.45 914200 919800 934400", held_by="CAMBS"),
        Line("Staff, Hertfordshire", "pay",
             "- 1326400.99 1315200 1304900 1293800 1287500 1295400 1316000", held_by="HERTS"),
        Line("Cameras and back office systems", "supplies",
             "- 684200 691500 702300.20 718900 736400 751200 768500.01"),
        Line("Driver awareness courses", "income", "- -612500 -648200 -693700 -741300 -788600 -812400 -835900"),
        Line("Joint back office, set-up", "supplies", "- 148600.40 62300 - - - - -", type="implementation"),
    ),
    "Public Contact": (
        Line("Control room and enquiries, Bedfordshire", "pay",
             "7812400 7796100 7754300.25 7718800 7764900 7851200 7963700.40 8124600", held_by="BEDS"),
        Line("Control room and enquiries, Cambridgeshire", "pay",
             "8654200 8629700 8593100 8561400.85 8604700 8693500 8812600 8991200", held_by="CAMBS"),
        Line("Control room and enquiries, Hertfordshire", "pay",
             "13214800.70 13187500 13129600 13082700 13146900 13285400 13471200 13738600.15", held_by="HERTS"),
        Line("Telephony, Hertfordshire", "supplies",
             "486200 491700 494300 498800 503600 509100.45 514800 521300", held_by="HERTS"),
        Line("Joint contact programme", "pay", "- - - 96400 248700.55 312900 184300 -", type="implementation"),
    ),
    "Firearms Licensing": (
        Line("Licensing team, Bedfordshire", "pay",
             "452100 449800 446200.35 441700 436500 431200.15 428900 436100", held_by="BEDS"),
        Line("Licensing team, Cambridgeshire", "pay",
             "748300 744100 739600 733800 726400 718900 712300.40 721500", held_by="CAMBS"),
        Line("Licensing team, Hertfordshire", "pay",
             "896400.20 891700 886300 879400 868900 857600 851200 862400", held_by="HERTS"),
        Line("National register and stationery", "supplies",
             "61200 62400 63100 64500 66200 67900 69100 70800", held_by="HERTS"),
        Line("Licence fees", "income",
             "-214300 -218700 -221400 -248600.10 -291500 -304200 -309800 -315100", held_by="HERTS"),
    ),
    "ICT": (
        Line("Staff, Bedfordshire", "pay", "3212400.50 2948700 2741300.25 2553800.10 - - - -", held_by="BEDS"),
        Line("Staff, Cambridgeshire", "pay", "- - - 2148600.40 - - - -", held_by="CAMBS"),
        Line("Staff, Hertfordshire", "pay",
             "5346100.26 4912600 4437800.75 4152700.33 - - - -", held_by="HERTS"),
        Line("Staff, joint team", "pay", "- - - - 9784300.17 9012600.88 8231400.01 8166900.45"),
        Line("Systems and licences, Bedfordshire", "supplies",
             "2411300 2187500 1942600 1751400.40 - - - -", held_by="BEDS"),
        Line("Systems and licences, Cambridgeshire", "supplies", "- - - 1352700 - - - -", held_by="CAMBS"),
        Line("Systems and licences, Hertfordshire", "supplies",
             "4623500.25 4214900 3687200.05 3348900 - - - -", held_by="HERTS"),
        Line("Systems and licences, joint", "supplies", "- - - - 5284900.60 5011300.25 4735600 4821700.99"),
        Line("Data centre", "premises",
             "498000 503000 507500 509000 514200 511800 512000 518300", held_by="HERTS"),
        Line("Services to other bodies", "income",
             "-191301 -186500 -182400 -179800 -172600 -165900 -159000 -156200", held_by="HERTS"),
        Line("Network links, Cambridgeshire", "supplies",
             "- - - 176400 177800 179100.50 180000 182700", direct_to="CAMBS"),
        Line("Joint service desk", "supplies", "- - - 618300.45 412700 121900.05 - -", type="implementation"),
        Line("Transformation grant", "income", "- - - -180000 -260000 - - -", type="implementation"),
        Line("Data migration", "supplies", "- - - - 214600.75 - - 96300", type="one-off"),
    ),
    "HR": (
        Line("Staff, Bedfordshire", "pay",
             "2214500.01 2241300 2268900.75 2306400 2371200.49 2488600 2572300.02 2614900", held_by="BEDS"),
        Line("Staff, Cambridgeshire", "pay",
             "3021700 3054200.10 3092600 3147300 3188400 3229500.65 3271900 3324600", held_by="CAMBS"),
        Line("Staff, Hertfordshire", "pay",
             "3948600.02 3981200 4027500 4083600.50 4196300 4358700 4487200 4561400.30", held_by="HERTS"),
        Line("Occupational health contract", "supplies",
             "198200 203400 209700 214500 221900.25 229600 236100.01 240300", held_by="HERTS"),
        Line("Recruitment income", "income",
             "-183000 -178400 -171900 -164200 -152600 -141300 -132500 -128700", held_by="BEDS"),
        Line("Duty planning for the airport", "pay",
             "- - - 48200 49100 49900.35 50700 51600", direct_to="BEDS"),
        Line("Payroll and duty system, joint", "supplies", "- - - - - 186400 214300 219800"),
        Line("System implementation", "supplies", "- - - - 537400.15 402600 - 88100", type="implementation"),
        Line("Payroll parallel running", "supplies", "- - - - - 143700 - -", type="one-off"),
    ),
    "Professional Standards": (
        Line("Officers and staff", "pay",
             "4312600 4287400 4251900.35 4218300 4196700 4231800.20 4284500 4352600"),
        Line("Vetting system", "supplies", "118400 121700 124300 128900 134600 139200 143800.07 148100"),
        Line("Premises", "premises", "226100 228400 230800 233100 235900 238700 241200 244600"),
        Line("Vetting for other bodies", "income",
             "-36200 -37900 -39400 -41800 -44300.50 -47100 -49600 -51200"),
    ),
    "Procurement": (
        Line("Staff", "pay", "1348200 1331900 1317400.45 1302800 1294300 1311600 1327500.11 1349800"),
        Line("Contract systems", "supplies", "142600 145100 147800 151300 154900.05 158200 161700 164900"),
        Line("Framework rebates", "income", "-61300 -67800 -72400 -78900 -84200 -91500 -96800 -101400"),
    ),
}
# fmt: on

# year, amount, unit, source: what the ledger says, typed in and not added up here
CONTROL_TOTALS: tuple[tuple[Cell, ...], ...] = (
    ("2017/18", Decimal("97865904.58"), None, "illustrative: general ledger, budget book 2017/18"),
    ("2018/19", Decimal("96137601.98"), None, "illustrative: general ledger, budget book 2018/19"),
    ("2018/19", Decimal("13500000.01"), "ICT", "illustrative: general ledger, budget book 2018/19"),
)

# --------------------------------------------------------------------------------------------------------------------
# The alliance: business cases, outturn, explanations
# --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A business case: what a unit, or a force's part of it, was planned to cost, £, in each of YEARS."""

    unit: str
    version: str
    approved: date
    price_year: str
    amounts: str
    force: str = ""


# A force on the rows: the plan is given force by force. Cameras were planned a year before they began.
# fmt: off
CASES = (
    Case("Major Crime", "joint unit 2011", date(2011, 11, 18), "2012/13",
         "- 12500000 12250000 11900000 11500000 11000000 10450000 10300000"),
    Case("Armed Policing", "joint unit 2012", date(2012, 1, 19), "",
         "- 11400000 11300000 11250000 11500000 11550000 11500000 11600000"),
    Case("Civil Contingencies", "joint unit 2012", date(2012, 3, 15), "",
         "- 2150000 1950000 1780000 1620000 1470000 1360000 1340000"),
    Case("Cameras Tickets and Collisions", "joint back office 2012", date(2012, 6, 20), "2012/13",
         "820000 3250000 3100000 3000000 2920000 2870000 2850000 2850000"),
    Case("Firearms Licensing", "full 2015", date(2015, 10, 12), "2015/16",
         "- - - - 445000 438000 430000 427000", "BEDS"),
    Case("Firearms Licensing", "full 2015", date(2015, 10, 12), "2015/16",
         "- - - - 600000 590000 580000 575000", "CAMBS"),
    Case("Firearms Licensing", "full 2015", date(2015, 10, 12), "2015/16",
         "- - - - 715000 695000 680000 676000", "HERTS"),
    Case("ICT", "outline 2014", date(2014, 9, 24), "2014/15",
         "- - - 16000000 15100000 13900000 12600000 12500000"),
    Case("ICT", "full 2016", date(2016, 1, 20), "2015/16",
         "- - - - 15900000 14500000 13300000 13250000"),
    Case("HR", "full 2015", date(2015, 11, 5), "2015/16",
         "- - - - 10100000 9800000 9400000 9300000"),
)
# fmt: on

OUTTURN_YEARS = ("2015/16", "2016/17", "2017/18")


@dataclass(frozen=True)
class Outturn:
    """What a budget line came to, £, in each of OUTTURN_YEARS, and the force through whose ledger it went.

    No force: the line's holder, else the unit's lead force. A line in two ledgers has a row for each.
    """

    line: str
    amounts: str
    paid_by: str = ""


# fmt: off
ACTUALS: dict[str, tuple[Outturn, ...]] = {
    "Major Crime": (
        Outturn("Officers and staff", "3036820.02 2872998.96 2741185.94", "BEDS"),
        Outturn("Officers and staff", "2822319.20 2728279.87 2549442.51", "CAMBS"),
        Outturn("Officers and staff", "4643879.34 4408666.95 4159608.55", "HERTS"),
        Outturn("Forensic and expert fees", "649501.49 610280.61 584506", "CAMBS"),
        Outturn("Vehicles", "297032.10 285209.38 272716.93"),
        Outturn("Premises", "382234.90 367385.59 350747.06", "BEDS"),
        Outturn("Special grant", "-172273.37 -197221 -213457.74"),
        Outturn("Complex inquiry", "502035.23 38940.27 -"),
    ),
    "Armed Policing": (
        Outturn("Officers", "2344875.31 2407767.31 2493406.47", "BEDS"),
        Outturn("Officers", "2775317.59 2807450.34 2982816.71", "CAMBS"),
        Outturn("Officers", "4094155.39 4171882.01 4390878.70", "HERTS"),
        Outturn("Training and ammunition", "1100159 1196023.89 1244887.95"),
        Outturn("Vehicles", "662338 681470.42 702916.40"),
        Outturn("Airport policing", "1859698 1900071.35 1930152", "BEDS"),
        Outturn("Airport policing, charged to the airport", "-1674690.56 -1693782.39 -1748514.69", "BEDS"),
        Outturn("Armed uplift, equipment", "- 375218.25 185118"),
    ),
    "Scientific Services": (
        Outturn("Staff", "1254932.26 1213443.89 1226066.42", "BEDS"),
        Outturn("Staff", "1589993.81 1565405.99 1558423.54", "CAMBS"),
        Outturn("Staff", "2216431.99 2160122.41 2169121.04", "HERTS"),
        Outturn("External forensic services", "1700432.76 1728275.80 1778800.08"),
        Outturn("Laboratory premises", "449676.64 450286.14 457218", "HERTS"),
        Outturn("Work for other bodies", "-97528.24 -102351.90 -103149.62"),
    ),
    "Civil Contingencies": (
        Outturn("Officers and staff", "1528778.51 1360548.21 1205624.15"),
        Outturn("Exercises and training", "139456.80 130040.63 122182.95", "HERTS"),
        Outturn("Premises", "98402.30 91909.50 86012.95"),
        Outturn("Contributions of local partners", "-34065 -30183.73 -27952.87"),
    ),
    "Cameras Tickets and Collisions": (
        Outturn("Staff, Bedfordshire", "800221 810618.15 816866"),
        Outturn("Staff, Cambridgeshire", "926011 936514.11 945655.72"),
        Outturn("Staff, Hertfordshire", "1309584.89 1323049 1329917.62"),
        Outturn("Cameras and back office systems", "708114.94 727881.59 764144.86", "CAMBS"),
        Outturn("Driver awareness courses", "-677003.07 -740957.36 -780480.27"),
    ),
    "Public Contact": (
        Outturn("Control room and enquiries, Bedfordshire", "7775442.02 7815517.18 7879065"),
        Outturn("Control room and enquiries, Cambridgeshire", "8549246.38 8580953.37 8716738.30"),
        Outturn("Control room and enquiries, Hertfordshire", "13103788.55 13239807.76 13320240.88"),
        Outturn("Telephony, Hertfordshire", "501769.23 505443 509743"),
        Outturn("Joint contact programme", "98997.32 254878 299327.77", "CAMBS"),
    ),
    "Firearms Licensing": (
        Outturn("Licensing team, Bedfordshire", "445800.07 448733.73 455719"),
        Outturn("Licensing team, Cambridgeshire", "746131 749849.04 760233.34"),
        Outturn("Licensing team, Hertfordshire", "894171.02 890494 903463.73"),
        Outturn("National register and stationery", "65033.40 67777 71980.10", "CAMBS"),
        Outturn("Licence fees", "-245510 -287760.65 -299358.48"),
    ),
    "ICT": (
        Outturn("Staff, Bedfordshire", "2526682.07 - -"),
        Outturn("Staff, Cambridgeshire", "2127567 - -"),
        Outturn("Staff, Hertfordshire", "4154694.61 - -"),
        Outturn("Staff, joint team", "- 10009725.21 8873501.90"),
        Outturn("Systems and licences, Bedfordshire", "1738457 - -"),
        Outturn("Systems and licences, Cambridgeshire", "1350957.76 - -"),
        Outturn("Systems and licences, Hertfordshire", "3346961.35 - -"),
        Outturn("Systems and licences, joint", "- 1257882.49 1135900.49", "BEDS"),
        Outturn("Systems and licences, joint", "- 4131290.51 3804181.04", "HERTS"),
        Outturn("Data centre", "505523.16 522039 508118.48", "BEDS"),
        Outturn("Services to other bodies", "-180216.90 -170048.66 -165717.31"),
        Outturn("Network links, Cambridgeshire", "175735.01 176552 179721.88"),
        Outturn("Joint service desk", "625726.42 401275.91 126403.24", "CAMBS"),
        Outturn("Transformation grant", "-180061.69 -259287.16 -"),
        Outturn("Data migration", "- 211216.88 -"),
    ),
    "HR": (
        Outturn("Staff, Bedfordshire", "2307810 2412895.33 2572942"),
        Outturn("Staff, Cambridgeshire", "3177196.36 3242781.10 3321096.05"),
        Outturn("Staff, Hertfordshire", "4130997.89 4288958.22 4518609.54"),
        Outturn("Occupational health contract", "215756 226014 236094.40", "BEDS"),
        Outturn("Recruitment income", "-161582.27 -149956.82 -139695.94"),
        Outturn("Duty planning for the airport", "48073.87 49139.42 50110.39"),
        Outturn("Payroll and duty system, joint", "- - 192787.13"),
        Outturn("System implementation", "- 570715 433479.53", "HERTS"),
        Outturn("Payroll parallel running", "- - 147008.46"),
    ),
    "Professional Standards": (
        Outturn("Officers and staff", "- 1066655.13 1040496.69", "BEDS"),
        Outturn("Officers and staff", "- 1350377.03 1347040.67", "CAMBS"),
        Outturn("Officers and staff", "- 1797922.39 1786321.81", "HERTS"),
        Outturn("Vetting system", "- 134810.37 137312"),
        Outturn("Premises", "- 236570 236137.77"),
        Outturn("Vetting for other bodies", "- -43444.82 -47409.75"),
    ),
}
# fmt: on

MONTHLY = "Outturn of the month"
# unit: held by, direct to, and what each of CURRENT_MONTHS came to, £, all lines together
# fmt: off
OUTTURN_TO_DATE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Major Crime": (("", "", "817214.94 810215.58 852217.38 858133.12"),),
    "Armed Policing": (("", "", "1059093.17 1050610.13 1057930.42 1028402.70"),
                       ("", "BEDS", "18296.30 17656.33 17827.60 18028.91")),
    "Scientific Services": (("", "", "603413.11 611764.17 588253.92 590371.98"),),
    "Civil Contingencies": (("", "", "106289.14 108571.32 107884.32 110186.60"),),
    "Cameras Tickets and Collisions": (("", "", "252614.21 255691.32 248830.60 248691.68"),),
    "Public Contact": (("BEDS", "", "693945.52 685869.54 696669.64 706029.82"),
                       ("CAMBS", "", "752568.49 770684.98 757961.15 766478.41"),
                       ("HERTS", "", "1214492.74 1232055.84 1212198.31 1246927.33")),
    "Firearms Licensing": (("", "", "139417.43 141111.43 142878.60 142440.90"),),
    "ICT": (("", "", "1162074.42 1214160.75 1203235.13 1186648.01"),
            ("", "CAMBS", "16465.21 16495.04 15934.31 16028.29")),
    "HR": (("", "", "886336.57 838694.64 872919.74 860533.57"),
           ("", "BEDS", "3984.36 4055.23 4166.16 4159.79")),
    "Professional Standards": (("", "", "385708.35 389073.99 401037.77 384375.44"),),
    "Procurement": (("", "", "118227.29 114331.78 113909.72 116150.90"),),
}
# fmt: on

# unit, line, subjective, type, force, from year, kind, value, low, high, reference. Percent for uplift and NRE, else £.
# fmt: off
ASSUMPTIONS: tuple[tuple[Cell, ...], ...] = (
    (None, None, None, None, None, "2020/21", "uplift %", 2, 1, Decimal("3.5"), "prices and pay: illustrative"),
    ("Armed Policing", "Officers", None, None, None, "2020/21", "uplift %", Decimal("2.5"), 2, 3,
     "police pay: illustrative"),
    ("ICT", None, None, None, None, "2020/21", "uplift %", Decimal("1.5"), None, None,
     "contracts with fixed uplifts: illustrative"),
    ("ICT", None, None, None, None, "2022/23", "uplift %", Decimal("2.5"), Decimal("1.5"), 5,
     "contracts renewed: illustrative"),
    ("ICT", "Mobile devices", "supplies", None, None, "2021/22", "growth", 420000, 350000, 560000,
     "roll-out: illustrative"),
    ("ICT", "Migration", "supplies", "implementation", None, "2020/21", "one-off", 750000, 600000, 1100000,
     "illustrative"),
    ("HR", "Service centre", "pay", None, None, "2021/22", "saving", 300000, 100000, 300000, "illustrative"),
    ("Major Crime", "Complex inquiry", "pay", None, None, "2020/21", "one-off", 450000, None, None, "illustrative"),
    (None, None, None, None, None, "2021/22", "nre growth %", 3, 2, Decimal("4.5"),
     "council tax and grant: illustrative"),
    (None, None, None, None, "HERTS", "2021/22", "nre growth %", Decimal("3.5"), 2, 5,
     "growth of its tax base: illustrative"),
)
# fmt: on

# unit, year, cause, text, owner, force, amount, against (blank: the business case)
EXPLANATIONS: tuple[tuple[Cell, ...], ...] = (
    (
        *("Major Crime", "2018/19", "cost"),
        "£1.4m below the case at the prices of the year: posts were not refilled, and the special grant grew.",
        *("Head of Major Crime", None, None, None),
    ),
    (
        *("Major Crime", "2018/19", "basis"),
        "Serious crimes put 31.2 % on Bedfordshire; NRE, on which the case was shared, put 24.5 %.",
        *("Finance lead, Joint Protective Services", None, None, None),
    ),
    (
        *("Major Crime", "2018/19", "prices"),
        "The case is at prices of 2012/13, and prices rose by 10 %.",
        *("Finance lead, Joint Protective Services", None, None, None),
    ),
    (
        *("ICT", "2018/19", "prices"),
        "The outline is at prices of 2014/15, and prices rose by 6 %: £0.76m of the £0.90m.",
        *("Finance lead, Organisational Support", None, None, None),
    ),
    (
        *("ICT", "2018/19", "direct"),
        "The network links of Cambridgeshire, £180,000, were not in the outline and are borne by that force.",
        *("Head of ICT", None, None, None),
    ),
    (
        *("ICT", "2018/19", "cost"),
        "Licences rose by £100,000 more than prices.",
        *("Head of ICT", None, 100_000, None),
    ),
    (
        *("ICT", "2018/19", "basis"),
        "Devices and accounts put more on Bedfordshire than NRE, on which the outline was shared.",
        *("Finance lead, Organisational Support", None, None, None),
    ),
    (
        *("ICT", "2018/19", "no loser"),
        "Cambridgeshire is protected; the outline had no protection.",
        *("Finance lead, Organisational Support", None, None, None),
    ),
    (
        *("HR", "2018/19", "cost"),
        "The joint payroll and duty system (£0.2m) came after the case; staff joined as recruitment grew.",
        *("Head of HR", None, None, None),
    ),
    (
        *("HR", "2018/19", "all"),
        "Prices rose by 5 %; the rest is sharing on headcount, and protection for Bedfordshire and Hertfordshire.",
        *("Finance lead, Organisational Support", None, None, None),
    ),
    (
        *("HR", "2017/18", "cost"),
        "Recruitment was brought forward in the year.",
        *("Head of HR", None, None, "budget"),
    ),
    (
        *("HR", "2017/18", "no loser"),
        "More of the cost was above the baselines, so the protection cost Bedfordshire more.",
        *("Finance lead, Organisational Support", "BEDS", None, "budget"),
    ),
    (
        *("ICT", CURRENT_YEAR, "cost"),
        "Licences were priced anew in April 2019: £520,000 a year more.",
        *("Finance lead, Organisational Support", None, 520_000, "forecast"),
    ),
    (
        *("Public Contact", CURRENT_YEAR, "cost"),
        "Calls are 6 % above what the budget assumed; agency staff cover the evenings.",
        *("Head of Public Contact", None, None, "forecast"),
    ),
)

# --------------------------------------------------------------------------------------------------------------------
# The alliance: principles, agreed shares, baselines
# --------------------------------------------------------------------------------------------------------------------

PARAMETERS = (
    "basis",
    "fixed base %",
    "fixed base on",
    "window months",
    "lag months",
    "demand method",
    "rebase tolerance",
    "nre lag years",
    "fixed base year",
    "forces",
    "max missing %",
    "max share movement",
    "share decimals",
    "no loser %",
)

# unit (blank: all), from year, parameters, reference
PRINCIPLES: tuple[tuple[str | None, str, dict[str, Cell], str], ...] = (
    (None, "2012/13", {"basis": "nre"}, "illustrative: before the financial principles of June 2015"),
    (
        None,
        "2016/17",
        {"basis": "auto", "window months": 36, "lag months": 6, "max missing %": 10, "max share movement": 5},
        "2015 financial principles, 1 and 3; numbers illustrative",
    ),
    (
        "Major Crime",
        "2016/17",
        {"fixed base %": 20, "fixed base on": "equal", "demand method": "mean"},
        "2015 financial principles, 3; numbers illustrative",
    ),
    ("Scientific Services", "2016/17", {"rebase tolerance": 1}, "illustrative"),
    (
        "Civil Contingencies",
        "2012/13",
        {"lag months": 12},
        "illustrative: mid-year estimates are published a year later",
    ),
    ("Firearms Licensing", "2016/17", {"share decimals": 1}, "illustrative"),
    ("ICT", "2015/16", {"forces": BCH}, "illustrative: Cambridgeshire joins on 1 April 2015"),
    (
        "ICT",
        "2016/17",
        {"fixed base %": 50, "no loser %": 100},
        "2015 financial principles, 2 and 3; numbers illustrative",
    ),
    ("ICT", "2018/19", {"no loser %": 50}, "2015 financial principles, 2; taper illustrative"),
    ("ICT", "2019/20", {"no loser %": 0}, "2015 financial principles, 2; taper illustrative"),
    (
        "HR",
        "2016/17",
        {"fixed base %": 30, "fixed base year": "2015/16"},
        "2015 financial principles, 3; numbers illustrative",
    ),
    ("HR", "2020/21", {"no loser %": 0}, "2015 financial principles, 2; end illustrative"),
    ("Professional Standards", "2012/13", {"basis": "agreed"}, "illustrative: agreement of January 2012"),
    (
        "Professional Standards",
        "2016/17",
        {"basis": "agreed"},
        "agreement updated with new apportionment rates, June 2016; percentages illustrative",
    ),
    (
        "Procurement",
        "2012/13",
        {"nre lag years": 1},
        "illustrative: NRE of the year is not settled when budgets are set",
    ),
)

# unit, from year, then a percentage for each force
AGREED_SHARES: tuple[tuple[Cell, ...], ...] = (
    ("Armed Policing", "2016/17", Decimal("24.6"), Decimal("31.6"), Decimal("43.8"), "s22A agreement, June 2016"),
    ("Professional Standards", "2012/13", Decimal(25), Decimal("31.5"), Decimal("43.5"), "agreement of January 2012"),
    ("Professional Standards", "2016/17", Decimal("24.5"), Decimal("31.75"), Decimal("43.75"), "agreement, June 2016"),
)

# unit, force, £, price year
BASELINES: tuple[tuple[Cell, ...], ...] = (
    ("Firearms Licensing", "BEDS", Decimal(441700), "2015/16", "outturn of 2015/16, illustrative"),
    ("Firearms Licensing", "CAMBS", Decimal(612400), "2015/16", "outturn of 2015/16, illustrative"),
    ("Firearms Licensing", "HERTS", Decimal(816200), "2015/16", "outturn of 2015/16, illustrative"),
    ("ICT", "BEDS", Decimal("4305200.50"), "2015/16", "outturn of 2015/16, illustrative"),
    ("ICT", "CAMBS", Decimal("3501300.40"), "2015/16", "outturn of 2015/16, illustrative"),
    ("ICT", "HERTS", Decimal("7830800.33"), "2015/16", "outturn of 2015/16, illustrative"),
    ("HR", "BEDS", Decimal(2142200), "2015/16", "outturn of 2015/16, illustrative"),
    ("HR", "CAMBS", Decimal(3147300), "2015/16", "outturn of 2015/16, illustrative"),
    ("HR", "HERTS", Decimal("4298100.50"), "2015/16", "outturn of 2015/16, illustrative"),
)

# --------------------------------------------------------------------------------------------------------------------
# The alliance: drivers and demand
# --------------------------------------------------------------------------------------------------------------------

# unit, driver, weight
DRIVERS: tuple[tuple[Cell, ...], ...] = (
    ("Major Crime", "serious crimes", None),
    ("Armed Policing", "armed deployments", None),
    ("Scientific Services", "forensic submissions", None),
    ("Civil Contingencies", "population", None),
    ("Cameras Tickets and Collisions", "camera offences", None),
    ("Public Contact", "incidents", None),
    ("Firearms Licensing", "firearms certificates", None),
    ("ICT", "headcount", 60),
    ("ICT", "devices", 40),
    ("HR", "headcount", None),
    ("Professional Standards", "complaint cases", None),
)

# query, answer, who, date
ANSWERS: tuple[tuple[Cell, ...], ...] = (
    (
        "kept-shares Firearms Licensing 2019/20 2018/19",
        "Cambridgeshire moved its register in 2018 and will send the two quarters",
        "illustrative",
        date(2019, 2, 28),
    ),
    (
        "basis-moved Armed Policing 2019/20 agreed demand",
        "The gap of 2015 has left the window; the partners agreed that demand should then apply",
        "illustrative",
        date(2019, 2, 28),
    ),
)

FLAT = (100,) * 12
SUMMER = (98, 104, 107, 110, 108, 102, 100, 96, 94, 92, 91, 98)  # per cent of the level, April to March

FIRST_MONTH, LAST_MONTH = (2009, 4), (2019, 9)


@dataclass(frozen=True)
class Level:
    """A driver's illustrative course: the monthly level of each force on 1 April of 2009 to 2020, and its season.

    Between two Aprils the level moves evenly. `swing` is a small repeating movement, in thousandths of the level.
    """

    driver: str
    season: tuple[int, ...]
    swing: int
    levels: dict[str, tuple[int, ...]]


# fmt: off
LEVELS = (
    Level("headcount", FLAT, 1, {
        "BEDS": (2290, 2270, 2215, 2150, 2120, 2105, 2095, 2110, 2135, 2160, 2190, 2240),
        "CAMBS": (2510, 2490, 2440, 2385, 2350, 2330, 2315, 2325, 2350, 2375, 2410, 2460),
        "HERTS": (3890, 3860, 3790, 3710, 3660, 3630, 3610, 3625, 3655, 3690, 3740, 3820),
    }),
    Level("devices", FLAT, 2, {
        "BEDS": (2410, 2480, 2560, 2690, 2850, 3040, 3270, 3520, 3790, 4060, 4330, 4600),
        "CAMBS": (2780, 2850, 2940, 3080, 3260, 3490, 3770, 4080, 4410, 4740, 5070, 5400),
        "HERTS": (3910, 4010, 4130, 4310, 4540, 4820, 5160, 5530, 5920, 6310, 6700, 7090),
    }),
    Level("incidents", SUMMER, 6, {
        "BEDS": (14800, 14600, 14500, 14450, 14500, 14700, 15000, 15400, 15900, 16400, 16800, 17200),
        "CAMBS": (17200, 17000, 16900, 16900, 17000, 17200, 17600, 18100, 18700, 19300, 19800, 20300),
        "HERTS": (24600, 24300, 24100, 24000, 24100, 24400, 24900, 25600, 26400, 27200, 27900, 28600),
    }),
    Level("armed deployments", SUMMER, 15, {
        "BEDS": (96, 97, 97, 98, 99, 101, 103, 106, 109, 112, 115, 118),
        "CAMBS": (92, 92, 93, 93, 94, 95, 97, 99, 101, 104, 106, 108),
        "HERTS": (148, 148, 149, 150, 151, 153, 156, 160, 164, 168, 172, 176),
    }),
    Level("forensic submissions", SUMMER, 8, {
        "BEDS": (900, 905, 910, 920, 930, 940, 960, 985, 1015, 1050, 1090, 1130),
        "CAMBS": (1010, 1010, 1010, 1015, 1020, 1020, 1020, 1020, 1020, 1020, 1020, 1020),
        "HERTS": (1580, 1580, 1585, 1590, 1595, 1595, 1590, 1585, 1580, 1575, 1570, 1565),
    }),
    Level("serious crimes", SUMMER, 20, {
        "BEDS": (218, 216, 214, 213, 214, 217, 222, 229, 237, 245, 252, 258),
        "CAMBS": (204, 203, 201, 200, 201, 203, 207, 213, 220, 227, 233, 238),
        "HERTS": (296, 294, 292, 291, 292, 295, 301, 309, 319, 329, 338, 345),
    }),
    Level("camera offences", SUMMER, 10, {
        "BEDS": (1210, 1230, 1270, 1340, 1760, 2480, 3380, 4480, 5900, 7700, 10000, 12800),
        "CAMBS": (2740, 2760, 2790, 2810, 2830, 2850, 2860, 2870, 2880, 2890, 2900, 2910),
        "HERTS": (4180, 4200, 4230, 4260, 4290, 4310, 4330, 4350, 4360, 4370, 4380, 4390),
    }),
    Level("complaint cases", FLAT, 25, {
        "BEDS": (43, 44, 46, 47, 48, 50, 51, 52, 53, 54, 55, 56),
        "CAMBS": (52, 53, 54, 56, 57, 58, 60, 61, 62, 63, 64, 65),
        "HERTS": (78, 80, 82, 84, 86, 88, 90, 92, 94, 95, 97, 98),
    }),
)
# fmt: on

# firearms certificates on issue, by quarter: on 1 April of 2009 to 2020
# fmt: off
CERTIFICATES = Level("firearms certificates", FLAT, 1, {
    "BEDS": (9080, 9110, 9150, 9180, 9220, 9250, 9290, 9330, 9370, 9410, 9450, 9490),
    "CAMBS": (17240, 17280, 17310, 17350, 17390, 17420, 17460, 17500, 17540, 17580, 17620, 17660),
    "HERTS": (15610, 15640, 15680, 15710, 15750, 15790, 15830, 15870, 15910, 15950, 15990, 16030),
})
# fmt: on

# periods that nobody recorded, left blank on the sheet
GAPS = {
    ("armed deployments", "CAMBS"): ((2015, 6), (2015, 7), (2015, 8), (2015, 9)),
    ("firearms certificates", "CAMBS"): ((2018, 4), (2018, 7)),  # the first month of each quarter
}
TEXT_PERIODS = ("devices",)  # drivers whose months are text (Apr-13) and not Excel dates

SETTINGS: tuple[tuple[Cell, ...], ...] = (
    ("money in", "pounds"),
    ("carry nre forward", "no"),
    ("uprate baselines", "yes"),
    ("materiality amount", 50_000),
    ("materiality %", 5),
    ("always significant", 250_000),
)

# what, status, source or remark
NOTES: tuple[tuple[Cell, ...], ...] = (
    ("Five financial principles", "published", "BCH alliance, June 2015; they set no numbers"),
    (
        "Budgets: movements of the revenue of four units, 2012/13 to 2018/19",
        "published",
        "ICT -£2.4m, Civil Contingencies -£1.0m, Major Crime -£2.5m, HR +£1.5m: Chief Executives' review, April 2019",
    ),
    ("Budgets: every amount and line", "illustrative", "no budget of a unit is public, only the four movements above"),
    ("Control totals", "illustrative", "they agree with the illustrative budgets"),
    ("NRE 2020/21", "published", "budgets on differing definitions, not the alliance's NRE; source on each row"),
    ("NRE 2011/12 to 2019/20", "illustrative", "a smooth path towards the published budgets of 2020/21"),
    ("Units: the units and the three programmes", "published", "public pages of the alliance, and the review"),
    (
        "Units: which programme a unit stands in",
        "illustrative",
        "as also lead force, function, section and pooled from",
    ),
    ("Units: s22A of Cameras Tickets and Collisions", "published", "decided on 25 April 2013"),
    (
        "Units: s22A of Public Contact, Firearms Licensing, HR and ICT",
        "published to the month",
        "November 2015, December 2015, December 2015, February 2016; the day is illustrative",
    ),
    (
        "Units: s22A of the four other units of Joint Protective Services",
        "published to the month",
        "the agreements as updated in June 2016; the day is illustrative",
    ),
    (
        "Units: s22A of Professional Standards and Procurement",
        "published to the month",
        "the start of the collaboration, January 2012 and April 2011, taken as the signing; the day is illustrative",
    ),
    ("Units: target basis, owner, due", "illustrative", "owners are posts"),
    (
        "Agreements",
        "published to the month",
        "as on Units; the versions of 2012 but that of Professional Standards, reviews, notice and days illustrative",
    ),
    ("ICT as a unit of two forces until 2014/15", "illustrative", "shows how a unit of two becomes one of three"),
    ("Principles: fixed base, window, lag, tolerance, taper", "illustrative", "the reference says which principle"),
    ("Agreed shares", "illustrative", "new rates were agreed in June 2016; the rates are not public"),
    ("Baselines", "illustrative", "what each force paid before collaboration is not public"),
    ("Business cases", "illustrative", "no business case of a unit is public; versions, dates and price years made up"),
    (
        "Actuals",
        "illustrative",
        "no outturn of a unit is public; none for 2012/13 and 2018/19, where the budgets move as the review says",
    ),
    ("Explanations", "illustrative", "made up with the business cases; owners are roles"),
    ("Assumptions", "illustrative", "no assumption of the forces' financial strategies is used"),
    ("Demand: population", "published", "ONS mid-year estimates; the estimate of mid-2016 is given for 2016/17"),
    (
        "Demand: all other drivers",
        "illustrative",
        "armed deployments lack Cambridgeshire, June to September 2015, firearms certificates April to September 2018; "
        "camera offences of Bedfordshire drift upwards",
    ),
    ("Sizes: BEDS, CAMBS, HERTS", "published", "ONS mid-year estimates of 2018 and 2019"),
    ("Sizes: services A to H; Comparators, Retained", "illustrative", "no service stands behind the letters"),
    (
        "Actions: the recommendations of April 2019",
        "published",
        "Chief Executives' review of the BCH Strategic Alliance; owners and days are illustrative",
    ),
    ("Actions of the audit", "illustrative", "made up"),
    (
        "Forecasts, In the MTFS, Timetable, Priorities, Measures, Measured",
        "illustrative",
        "made up; Timetable: the statutory dates come from the program, not from this sheet",
    ),
    ("Deflators", "published", "HM Treasury GDP deflator, December 2025; calendar year in which the year starts"),
)

# --------------------------------------------------------------------------------------------------------------------
# South Hams and West Devon: the published caseloads come from ../data
# --------------------------------------------------------------------------------------------------------------------

COUNCIL_YEAR = "2021/22"
COUNCIL_REPORT = "report to the audit committee, 10 March 2022"
COUNCILS: tuple[tuple[Cell, ...], ...] = (
    ("SHDC", "South Hams", "South Hams District Council"),
    ("WDBC", "West Devon", "West Devon Borough Council"),
)
COUNCIL_NRE = (("SHDC", Decimal(10000000)), ("WDBC", Decimal(7500000)))
COUNCIL_BUDGET = Decimal(100000)

# service (as in ../data), driver, period of its volume; no driver for a service without a volume
CASELOADS = (
    ("Customer contact centre", "calls", "2021-04..2021-12"),
    ("Planning applications", "applications", "2021-04..2021-12"),
    ("Planning enforcement", "enforcement cases", "2021-04..2021-12"),
    ("Council tax", "rated properties", "2021-12"),
    ("Leisure centres", "centres", "2021-12"),
    ("Member services", None, None),
)

COUNCIL_PRINCIPLES: tuple[tuple[str | None, str, dict[str, Cell], str], ...] = (
    (
        None,
        COUNCIL_YEAR,
        {"basis": "demand", "window months": 9, "lag months": -9, "share decimals": 0},
        f"{COUNCIL_REPORT}: caseloads of April to December 2021, whole percents",
    ),
    ("Planning applications", COUNCIL_YEAR, {"rebase tolerance": 3}, f"{COUNCIL_REPORT}: tolerance of 3 points"),
    ("Planning enforcement", COUNCIL_YEAR, {"rebase tolerance": 3}, f"{COUNCIL_REPORT}: tolerance of 3 points"),
    ("Council tax", COUNCIL_YEAR, {"window months": 1}, f"{COUNCIL_REPORT}: properties on 30 December 2021"),
    ("Leisure centres", COUNCIL_YEAR, {"window months": 1}, f"{COUNCIL_REPORT}: number of centres"),
    (
        "Member services",
        COUNCIL_YEAR,
        {"basis": "agreed"},
        f"{COUNCIL_REPORT}: equal because of the nature of the work",
    ),
)

COUNCIL_AGREED: tuple[tuple[Cell, ...], ...] = (
    ("Planning applications", COUNCIL_YEAR, Decimal(75), Decimal(25), COUNCIL_REPORT),
    ("Planning enforcement", COUNCIL_YEAR, Decimal(75), Decimal(25), COUNCIL_REPORT),
    ("Member services", COUNCIL_YEAR, Decimal(50), Decimal(50), COUNCIL_REPORT),
)

COUNCIL_NOTES: tuple[tuple[Cell, ...], ...] = (
    ("Caseloads, tolerance, whole percents", "published", COUNCIL_REPORT),
    ("Agreed shares of the planning services, 75 and 25", "published", "the estimate, kept: within the tolerance"),
    ("Agreed shares of member services, 50 and 50", "published", COUNCIL_REPORT),
    ("Rated properties, centres", "published", "points in time: given for December 2021, with a window of one month"),
    ("Budgets, £100,000 for each service", "illustrative", "so that £1,000 is one percent"),
    ("NRE", "illustrative", "no service stands on it"),
    ("Pooled from", "illustrative", "the services are taken as shared for the whole year"),
    ("Answers", "illustrative", "the report does not say why a single count is enough"),
)


# --------------------------------------------------------------------------------------------------------------------
# Tables to sheets
# --------------------------------------------------------------------------------------------------------------------


def published(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of ../data."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def financial_year(start: int) -> str:
    """Return the financial year that starts on 1 April of the calendar year: 2018 is 2018/19."""
    return f"{start}/{(start + 1) % 100:02d}"


def amounts(text: str) -> list[Decimal | None]:
    """Return the amounts of a budget line, year by year; "-" is no line in that year."""
    return [None if word == "-" else Decimal(word) for word in text.split()]


def column_sums(rows: Iterable[Sequence[Cell]], first: int) -> list[Cell]:
    """Return the totals of the columns from `first` on; a column without an amount stays blank."""
    columns = zip(*(row[first:] for row in rows), strict=True)
    kept = [[cell for cell in column if isinstance(cell, Decimal)] for column in columns]
    return [sum(cells, Decimal(0)) if cells else None for cells in kept]


def months() -> Iterator[tuple[int, int]]:
    """Yield each (year, month) from FIRST_MONTH to LAST_MONTH."""
    year, month = FIRST_MONTH
    while (year, month) <= LAST_MONTH:
        yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def volume(course: Level, force: str, year: int, month: int) -> int:
    """Return a force's volume in a month: its level, moved evenly between two Aprils, with season and swing."""
    since_april = (month - 4) % 12
    position = (year if month >= 4 else year - 1) - FIRST_MONTH[0]
    levels = course.levels[force]
    level = levels[position] + (levels[position + 1] - levels[position]) * since_april // 12
    swing = (since_april * 7 + position * 4 + FORCE_CODES.index(force) * 5) % 9 - 4
    return level * course.season[since_april] * (1000 + swing * course.swing) // 100_000


def monthly_demand(course: Level) -> Iterator[tuple[Cell, ...]]:
    """Yield a row per month of a driver: driver, period, a volume for each force; a month in GAPS is blank."""
    for year, month in months():
        day = date(year, month, 1)
        period: Cell = f"{day:%b-%y}" if course.driver in TEXT_PERIODS else day
        yield (course.driver, period, *volumes(course, year, month))


def volumes(course: Level, year: int, month: int) -> list[Cell]:
    """Return a period's volume for each force; blank where its first month is in GAPS."""
    return [
        None if (year, month) in GAPS.get((course.driver, force), ()) else volume(course, force, year, month)
        for force in FORCE_CODES
    ]


def quarterly_demand(course: Level) -> Iterator[tuple[Cell, ...]]:
    """Yield a row per quarter of a driver: the volumes of its first month."""
    for year, month in months():
        if month in (4, 7, 10, 1):
            label = f"{financial_year(year if month >= 4 else year - 1)} Q{(month - 4) % 12 // 3 + 1}"
            yield (course.driver, label, *volumes(course, year, month))


def population_demand() -> Iterator[tuple[Cell, ...]]:
    """Yield a row per financial year: the mid-year estimate that lies in it."""
    for row in published("population.csv"):
        yield ("population", financial_year(int(row["year"])), *(int(row[force]) for force in FORCE_CODES))


def budget_row(unit: str, line: Line) -> tuple[Cell, ...]:
    """Return the row of a budget line; an empty text leaves its cell blank."""
    texts = (line.line, line.subjective, line.type, line.held_by, line.direct_to)
    return (unit, *(text or None for text in texts), *amounts(line.amounts))


def with_totals(units: dict[str, list[tuple[Cell, ...]]], first: int) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of each unit, a sub-total after each, and the grand total; amounts are in columns `first` on."""
    for unit, rows in units.items():
        yield from rows
        yield ("Sub-total", unit, *(None,) * (first - 2), *column_sums(rows, first))
    every = [row for rows in units.values() for row in rows]
    yield ("Grand total", *(None,) * (first - 1), *column_sums(every, first))


def budget_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield the budget lines, a sub-total after each unit, and the grand total."""
    return with_totals({unit: [budget_row(unit, line) for line in lines] for unit, lines in BUDGETS.items()}, 6)


def outturn_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield the outturn lines, a sub-total after each unit, and the grand total; each line is described as budgeted."""
    units = {}
    for unit, lines in ACTUALS.items():
        budgeted = {line.line: budget_row(unit, line)[:6] for line in BUDGETS[unit]}
        units[unit] = [(*budgeted[row.line], row.paid_by or None, None, *amounts(row.amounts), None) for row in lines]
    for unit, rows in OUTTURN_TO_DATE.items():
        units.setdefault(unit, []).extend(row for own in rows for row in month_rows(unit, *own))
    return with_totals({unit: units[unit] for unit in BUDGETS}, 8)


def month_rows(unit: str, held_by: str, direct_to: str, text: str) -> Iterator[tuple[Cell, ...]]:
    """Yield a row of outturn for each month of the current year."""
    for month, amount in zip(CURRENT_MONTHS, amounts(text), strict=True):
        yield (unit, MONTHLY, None, None, held_by or None, direct_to or None, None, month, None, None, None, amount)


def case_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield the business cases, a row for each unit and version, or for each of its forces."""
    for case in CASES:
        yield (
            case.unit,
            case.version,
            case.approved,
            case.price_year or None,
            case.force or None,
            *amounts(case.amounts),
        )


def nre_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield NRE row by row, each with its source: the illustrative years, then the published one."""
    for year, *values in ILLUSTRATIVE_NRE:
        for force, pounds in zip(FORCE_CODES, values, strict=True):
            yield (year, force, Decimal(pounds), "illustrative")
    for row in published("nre_public_budgets.csv"):
        if row["year"] == "2020/21":
            yield (row["year"], row["force"], Decimal(row["amount_gbp"]), f"{row['source']} ({row['definition']})")


def deflator_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield the price index by financial year: that of the calendar year in which it starts."""
    for row in published("gdp_deflator.csv"):
        yield (financial_year(int(row["calendar_year"])), Decimal(row["index_2024_100"]))


def principles_sheet(title: str, note: str, rows: Iterable[tuple[str | None, str, dict[str, Cell], str]]) -> Sheet:
    """Return the Principles sheet: one column per parameter, blank where a row leaves it as it was."""
    columns = (
        Column("unit", width=24),
        Column("from year", width=10),
        *(Column(name, "parameter", 20 if name == "forces" else 11) for name in PARAMETERS),
        Column("reference", width=70),
    )
    table = tuple((unit, year, *(values.get(name) for name in PARAMETERS), ref) for unit, year, values, ref in rows)
    return Sheet("Principles", title, note, columns, table)


def answers_sheet(rows: Iterable[tuple[Cell, ...]]) -> Sheet:
    """Return the Answers sheet."""
    return Sheet(
        "Answers",
        "Answers to queries: illustrative",
        "The keys are as check prints them.",
        (Column("query", width=50), Column("answer", width=80), Column("who", width=24), Column("date", "date", 14)),
        tuple(rows),
    )


def share_columns(forces: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of a wide Agreed shares sheet."""
    shares = (Column(force, "share") for force in forces)
    return (Column("unit", width=30), Column("from year"), *shares, Column("reference", width=70))


def demand_columns(forces: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of a wide Demand sheet."""
    return (Column("driver", width=24), Column("period", "month", 18), *(Column(force, "volume") for force in forces))


NOTES_NOTE = "What is published and what is illustrative in this workbook. The program does not read this sheet."
NOTE_COLUMNS = (Column("what", width=70), Column("status", width=24), Column("source or remark", width=110))
FORCE_COLUMNS = (Column("force", width=10), Column("name", width=30), Column("aliases", width=36))
NRE_COLUMNS = (Column("year"), Column("force"), Column("nre", "pounds", 16), Column("source", width=90))
DRIVER_COLUMNS = (Column("unit", width=32), Column("driver", width=24), Column("weight", "number", 10))
UNIT_COLUMNS = (
    Column("unit", width=30),
    Column("name", width=42),
    Column("programme", width=26),
    Column("forces", width=20),
    Column("lead force"),
    Column("s22a signed", "date", 14),
    Column("pooled from", "date", 14),
    Column("function", width=24),
    Column("section", width=30),
    Column("target basis", width=14),
    Column("owner", width=40),
    Column("due", "date", 14),
)


def alliance_sheets() -> list[Sheet]:
    """Return the sheets of alliance.xlsx."""
    budget_columns = (
        Column("unit", width=30),
        Column("line", width=42),
        Column("subjective", width=12),
        Column("type", width=16),
        Column("held by", width=9),
        Column("direct to", width=10),
        *(Column(year, "money", 16) for year in YEARS),
    )
    case_columns = (
        Column("unit", width=30),
        Column("version", width=24),
        Column("approved", "date", 14),
        Column("price year"),
        Column("force", width=9),
        *(Column(year, "pounds", 14) for year in YEARS),
    )
    outturn_columns = (
        *budget_columns[:6],
        Column("paid by", width=9),
        Column("period", "month", 9),
        *(Column(year, "money", 16) for year in (*OUTTURN_YEARS, CURRENT_YEAR)),
    )
    demand = [row for course in LEVELS for row in monthly_demand(course)]
    demand += [*quarterly_demand(CERTIFICATES), *population_demand()]
    return [
        Sheet(
            "Notes",
            "Example: the alliance of Bedfordshire, Cambridgeshire and Hertfordshire",
            NOTES_NOTE,
            NOTE_COLUMNS,
            NOTES,
        ),
        Sheet("Forces", "The three forces", "Their order here breaks ties.", FORCE_COLUMNS, FORCES),
        Sheet(
            "NRE",
            "Net revenue expenditure, £: illustrative, but for 2020/21",
            "Each row has its source. 2020/21 is published, on definitions that differ from force to force.",
            NRE_COLUMNS,
            tuple(nre_rows()),
        ),
        Sheet(
            "Units",
            "Collaborated units: in part illustrative (see Notes)",
            "Months of the s22A agreements as published; all else from the days on illustrative.",
            UNIT_COLUMNS,
            tuple((*row, *TARGETS.get(str(row[0]), (None, None, None))) for row in UNITS),
        ),
        Sheet(
            "Budgets",
            "Budgets, £: illustrative",
            "Four movements from 2012/13 to 2018/19 follow the review of April 2019 (see Notes). Income is negative.",
            budget_columns,
            tuple(budget_rows()),
        ),
        Sheet(
            "Control totals",
            "Control totals, £: illustrative",
            "What the general ledger says the budgets come to.",
            (Column("year"), Column("amount", "money", 18), Column("unit", width=20), Column("source", width=50)),
            CONTROL_TOTALS,
        ),
        principles_sheet(
            "Parameters in force: numbers illustrative",
            "Source: the financial principles of June 2015. A blank cell leaves a parameter as it was.",
            PRINCIPLES,
        ),
        Sheet(
            "Drivers",
            "What drives each unit's demand: illustrative",
            "A blank weight is 1. Procurement has no driver.",
            DRIVER_COLUMNS,
            DRIVERS,
        ),
        Sheet(
            "Demand",
            "Measured volumes: illustrative, but for population",
            "Population: ONS mid-year estimates, that of mid-2016 for 2016/17. A blank is missing data.",
            demand_columns(FORCE_CODES),
            tuple(demand),
        ),
        Sheet(
            "Agreed shares",
            "Agreed shares, percent: illustrative",
            "New rates were agreed in June 2016 and are not public.",
            share_columns(FORCE_CODES),
            AGREED_SHARES,
        ),
        Sheet(
            "Baselines",
            "Baselines for the no loser principle, £: illustrative",
            "What each force is taken to have paid before collaboration, at the prices of the year.",
            (
                Column("unit", width=24),
                Column("force"),
                Column("amount", "money", 18),
                Column("year"),
                Column("reference", width=40),
            ),
            BASELINES,
        ),
        Sheet(
            "Deflators",
            "GDP deflator, 2024 = 100",
            "Source: HM Treasury, December 2025; the calendar year in which the financial year starts.",
            (Column("year"), Column("index", "index", 14)),
            tuple(deflator_rows()),
        ),
        Sheet(
            "Settings",
            "Settings",
            "How this workbook is read and computed.",
            (Column("name", width=24), Column("value", "parameter", 14)),
            SETTINGS,
        ),
        Sheet(
            "Business cases",
            "Business cases, planned cost, £: illustrative",
            "At the prices of the price year; blank: of each year. No force: the plan is of the unit in all.",
            case_columns,
            tuple(case_rows()),
        ),
        Sheet(
            "Actuals",
            "Actuals, outturn, £: illustrative",
            "paid by: the force through whose ledger a line went; blank: its holder, else the unit's lead force. "
            "period: the month of a line of the current year, of which four are in.",
            outturn_columns,
            tuple(outturn_rows()),
        ),
        Sheet(
            "Explanations",
            "Explanations of significant variances: illustrative",
            "Of 2018/19 against the business case, of HR 2017/18 against the budget, of 2019/20 against the forecast. "
            "Armed Policing and Firearms Licensing still owe one. amount: £, blank for the whole effect of the cause.",
            (
                Column("unit", width=30),
                Column("year"),
                Column("cause", width=12),
                Column("text", width=110),
                Column("owner", width=36),
                Column("force"),
                Column("amount", "pounds"),
                Column("against", width=14),
            ),
            EXPLANATIONS,
        ),
        Sheet(
            "Assumptions",
            "Assumptions for the years to come: illustrative",
            "Percent for uplift % and nre growth %, else £. low and high: the least and the most it may be.",
            (
                Column("unit", width=24),
                Column("line", width=24),
                Column("subjective", width=16),
                Column("type", width=16),
                Column("force"),
                Column("from year"),
                Column("kind", width=16),
                Column("value", "number"),
                Column("low", "number"),
                Column("high", "number"),
                Column("reference", width=50),
            ),
            ASSUMPTIONS,
        ),
        answers_sheet(ANSWERS),
        Sheet(
            "Agreements",
            "Agreements under section 22A: in part illustrative (see Notes)",
            "Months of signing as published; versions, days, reviews and notice illustrative.",
            (
                Column("unit", width=30),
                Column("version"),
                Column("signed", "date", 14),
                Column("effective", "date", 14),
                Column("review due", "date", 14),
                Column("notice months", "number"),
                Column("reference", width=30),
            ),
            AGREEMENTS,
        ),
        *beside_sheets(),
    ]


def beside_sheets() -> list[Sheet]:
    """Return the sheets beside the split."""
    text, wide = Column("unit", width=30), "Illustrative."
    both = (Column("2018/19", "pounds", 14), Column("2019/20", "pounds", 14))
    return [
        Sheet(
            "Comparators",
            "Net cost of functions, £: illustrative",
            "Services A to H stand for other services; H has no population on Sizes.",
            (Column("function", width=26), Column("force", width=14), Column("group", width=24), *both),
            tuple(comparator_rows()),
        ),
        Sheet(
            "Sizes",
            "Population: of BEDS, CAMBS and HERTS published, of the services illustrative",
            "ONS mid-year estimates of the year in which the financial year starts.",
            (Column("force", width=14), Column("measure", width=14), *both),
            tuple(size_rows()),
        ),
        Sheet(
            "Retained",
            "What each force still spends on a function outside the unit, £: illustrative",
            "0 where it spends nothing; blank where it is not known.",
            (Column("function", width=26), Column("force"), *both),
            tuple(
                (function, force, *amounts_of_both)
                for function, forces in RETAINED.items()
                for force, amounts_of_both in zip(FORCE_CODES, forces, strict=True)
            ),
        ),
        Sheet(
            "Forecasts",
            "Forecasts of the outturn of 2019/20, £: illustrative",
            "The whole unit's. Procurement has none: its budget stands in.",
            (
                text,
                Column("year"),
                Column("made on", "date", 14),
                Column("amount", "pounds", 14),
                Column("reason", width=50),
                Column("owner", width=40),
            ),
            FORECASTS,
        ),
        Sheet(
            "Actions",
            "Actions of reviews and audits",
            "The recommendations of April 2019 as published; the audit, owners and all days illustrative.",
            (
                Column("ref", width=8),
                Column("source", width=42),
                Column("action", width=80),
                text,
                Column("owner", width=30),
                Column("due", "date", 14),
                Column("revised due", width=24),
                Column("status"),
                Column("closed on", "date", 14),
                Column("evidence", width=28),
            ),
            ACTIONS,
        ),
        Sheet(
            "In the MTFS",
            "What each force's MTFS holds for the alliance, £: illustrative",
            "All units together.",
            (
                Column("year"),
                Column("force"),
                Column("amount", "pounds", 14),
                Column("version", width=18),
                Column("date", "date", 14),
            ),
            IN_THE_MTFS,
        ),
        Sheet(
            "Timetable",
            "Steps towards the budget of 2020/21: illustrative",
            wide,
            (Column("step", width=56), Column("by", "date", 14), Column("who", width=28), Column("done", "date", 14)),
            TIMETABLE,
        ),
        Sheet(
            "Priorities",
            "Priorities of the Police and Crime Plans, and the units that serve them: illustrative",
            "none: no unit serves it.",
            (Column("force"), Column("priority", width=36), Column("units", width=60)),
            PRIORITIES,
        ),
        Sheet(
            "Measures",
            "Service levels and indicators: illustrative",
            "Five units have none yet. tolerance %: of the target.",
            (
                text,
                Column("measure", width=42),
                Column("perspective", width=14),
                Column("target", "number"),
                Column("better"),
                Column("tolerance %", "number"),
                Column("owner", width=32),
            ),
            MEASURES,
        ),
        Sheet(
            "Measured",
            "Their values: illustrative",
            "By quarter; of calls by month. Two measures have none.",
            (Column("measure", width=42), Column("period", "month", 14), Column("value", "number")),
            MEASURED,
        ),
    ]


def comparator_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield the services' net costs of each function, £."""
    for function, costs in COMPARED.items():
        for (service, (groups, *_)), cost in zip(SERVICES.items(), costs, strict=True):
            yield function, service, groups or None, Decimal(cost) * LAST_YEAR * 10, Decimal(cost) * 1000


def size_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield the populations: ours as published, the services' where they are known."""
    by_year = {row["year"]: row for row in published("population.csv")}
    for force in FORCE_CODES:
        yield force, "population", int(by_year["2018"][force]), int(by_year["2019"][force])
    for service, (_, *both) in SERVICES.items():
        if None not in both:
            yield service, "population", *both


# The report splits each service on nine months, April to December 2021, or on one count: no two years to compare.
UNTESTED = ("Customer contact centre", "Council tax", "Leisure centres")
ONE_BLOCK = "The report shares the service on the data of 2021/22 alone, so there are no two years to compare"
ANSWERED_BY, ANSWERED_ON = "illustrative", date(2022, 3, 31)


def council_sheets() -> list[Sheet]:
    """Return the sheets of south_hams_west_devon.xlsx."""
    codes = ("SHDC", "WDBC")
    volumes = {row["service"]: row for row in published("south_hams_west_devon_2021_22.csv")}
    demand = tuple(
        (driver, period, int(volumes[service]["south_hams"]), int(volumes[service]["west_devon"]))
        for service, driver, period in CASELOADS
        if driver
    )
    services = [service for service, _, _ in CASELOADS]
    return [
        Sheet(
            "Notes",
            "Example: the shared services of South Hams and West Devon, 2021/22",
            NOTES_NOTE,
            NOTE_COLUMNS,
            COUNCIL_NOTES,
        ),
        Sheet("Forces", "The two councils", "Their order here breaks ties.", FORCE_COLUMNS, COUNCILS),
        Sheet(
            "NRE",
            "Net revenue expenditure, £: illustrative",
            "The format asks for it; no service stands on it.",
            NRE_COLUMNS,
            tuple((COUNCIL_YEAR, code, value, "illustrative") for code, value in COUNCIL_NRE),
        ),
        Sheet(
            "Units",
            "Shared services",
            f"Source: {COUNCIL_REPORT}; pooled from is illustrative.",
            (Column("unit", width=30), Column("pooled from", "date", 14)),
            tuple((service, date(2021, 4, 1)) for service in services),
        ),
        Sheet(
            "Budgets",
            "Budgets, £: illustrative",
            "£100,000 for each service, so that the shares can be read off.",
            (Column("unit", width=30), Column("line", width=20), Column("year"), Column("amount", "money", 16)),
            tuple((service, "Cost of the service", COUNCIL_YEAR, COUNCIL_BUDGET) for service in services),
        ),
        principles_sheet(
            "Parameters in force",
            f"Source: {COUNCIL_REPORT}. A blank cell leaves a parameter as it was.",
            COUNCIL_PRINCIPLES,
        ),
        Sheet(
            "Drivers",
            "What each service is shared on",
            f"Source: {COUNCIL_REPORT}.",
            DRIVER_COLUMNS,
            tuple((service, driver, None) for service, driver, _ in CASELOADS if driver),
        ),
        Sheet(
            "Demand",
            "Caseloads, April to December 2021",
            f"Source: {COUNCIL_REPORT}. Properties and centres: December 2021.",
            demand_columns(codes),
            demand,
        ),
        Sheet(
            "Agreed shares",
            "Agreed shares, percent",
            f"Source: {COUNCIL_REPORT}.",
            share_columns(codes),
            COUNCIL_AGREED,
        ),
        answers_sheet((f"stability-not-tested {service}", ONE_BLOCK, ANSWERED_BY, ANSWERED_ON) for service in UNTESTED),
    ]


# --------------------------------------------------------------------------------------------------------------------
# Sheets to a workbook
# --------------------------------------------------------------------------------------------------------------------


def write_cell(sheet: Worksheet, row: int, column: int, value: Cell, style: Format) -> None:
    """Write one cell by the type of its value; None leaves it empty, with its style."""
    if isinstance(value, str):
        sheet.write_string(row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif value is None:
        sheet.write_blank(row, column, None, style)
    else:
        sheet.write_number(row, column, float(value), style)


def write_sheet(book: Workbook, table: Sheet) -> None:
    """Write one sheet: title, note, blank row, header, rows; totals in bold."""
    sheet = book.add_worksheet(table.name)
    sheet.write_string(0, 0, table.title, book.add_format({"bold": True, "font_size": 13}))
    sheet.write_string(1, 0, table.note, book.add_format({"italic": True}))
    header = {"bold": True, "bottom": 1, "bg_color": "#E7EDF3", "text_wrap": True, "valign": "top"}
    plain = [book.add_format(FORMATS[column.kind]) for column in table.columns]
    bold = [book.add_format(FORMATS[column.kind] | {"bold": True, "top": 1}) for column in table.columns]
    for index, column in enumerate(table.columns):
        side = "left" if FORMATS[column.kind].get("align") == "left" else "right"
        sheet.set_column(index, index, column.width)
        sheet.write_string(3, index, column.heading, book.add_format(header | {"align": side}))
    for row, values in enumerate(table.rows, start=4):
        styles = bold if values[0] in ("Sub-total", "Grand total") else plain
        for index, value in enumerate(values):
            write_cell(sheet, row, index, value, styles[index])
    wrapped = any(len(column.heading) > column.width for column in table.columns)
    sheet.set_row(3, 30 if wrapped else 15)
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)


def write_workbook(path: Path, title: str, sheets: Iterable[Sheet]) -> None:
    """Write a workbook whose bytes depend on its tables alone."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"title": title, "created": CREATED})
        for table in sheets:
            write_sheet(book, table)


def json_cell(value: Cell) -> str:
    """Return a cell as JSON: a number as it stands, a date as a text such as 2016-04-01, as no other text is."""
    if isinstance(value, str):
        assert not re.fullmatch(r"\d{4}-\d\d-\d\d", value), value
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return json.dumps(value.isoformat() if isinstance(value, date) else value, ensure_ascii=False)


def json_table(table: Sheet) -> str:
    """Return a sheet as JSON, a line for each of its rows."""
    names = {name: json_cell(getattr(table, name)) for name in ("name", "title", "note")}
    rows = ",\n".join(f"[{', '.join(map(json_cell, row))}]" for row in table.rows)
    columns = ", ".join(json_cell(column.heading) for column in table.columns)
    texts = ",\n".join(f'"{name}": {text}' for name, text in names.items())
    return f'{{\n{texts},\n"columns": [{columns}],\n"rows": [\n{rows}\n]\n}}'


def write_json(path: Path, title: str, sheets: Iterable[Sheet]) -> None:
    """Write the tables of a workbook as JSON."""
    tables = ",\n".join(map(json_table, sheets))
    path.write_text(f'{{\n"title": {json_cell(title)},\n"sheets": [\n{tables}\n]\n}}\n', "utf-8")


def main() -> None:
    """Write both example workbooks, and the package's copy of the tables of the alliance."""
    title, sheets = "Example: the BCH alliance (illustrative)", alliance_sheets()
    write_workbook(HERE / "alliance.xlsx", title, sheets)
    write_json(PACKAGE / "template" / "example.json", title, sheets)
    write_workbook(HERE / "south_hams_west_devon.xlsx", "Example: South Hams and West Devon, 2021/22", council_sheets())


if __name__ == "__main__":
    main()
