"""What people write in a cell → a value: years, periods, dates, amounts, percentages. Pure; no workbook, no rule."""

from __future__ import annotations

import math
import re
from collections.abc import Container
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from bch_apportion.model import WIDTHLESS, name_key, plain_text
from bch_apportion.money import Exact, Pence
from bch_apportion.reading.cells import ErrorCell, Marked, Percent, Uncalculated, Value
from bch_apportion.years import MONTH_NAMES, FinancialYear, Month, Months, last_day, month_of

MAX_POUNDS = Decimal(10) ** 13
LONGEST = 80  # letters of a text that could still be a year, a period, a date or a number
YEARS = range(1900, 2200)  # what a financial year, a period or a date written as text may lie in


class Unreadable(ValueError):
    """A cell that cannot be taken for what its column needs. `code`, `message` and `remedy` go into the problem."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.message, self.remedy = code, message, remedy


def key(text: str) -> str:
    """How names of sheets, columns, settings and choices are compared: without case, spaces, hyphens, underscores.

    >>> key(" Agreed_Shares ") == key("agreed shares"), key("Share %")
    (True, 'share%')
    """
    return re.sub(r"[\s\-_]+", "", plain_text(text)).casefold()


def shown(value: Value | None) -> str:
    """A cell's value as text, as a person would recognise it."""
    if value is None:
        return ""
    if isinstance(value, ErrorCell):
        return value.text
    if isinstance(value, Uncalculated):
        return value.formula
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Percent):
        return f"{(_exact(value) * 100).normalize():f}%"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def brief(text: str) -> str:
    """A text as a message quotes it: on one line, and cut where it is long.

    >>> brief(" ICT   and more "), len(brief("x" * 300_000))
    ('ICT and more', 80)
    """
    text = " ".join(text[: 2 * LONGEST].split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _exact(number: float) -> Decimal:
    """A stored number as its shortest decimal text says it."""
    return Decimal(float.__repr__(number))


def usable(value: Value) -> float | str | bool | date:
    """The value itself; raises where the cell holds an error or a formula that was never calculated."""
    if isinstance(value, ErrorCell):
        remedy = "mend the formula, or put the value in its place"
        raise Unreadable("error-cell", f"the cell holds the error {value.text}", remedy)
    if isinstance(value, Uncalculated):
        saved = "the workbook was saved by a program that does not calculate"
        message = f"the formula {brief(value.formula)} was never calculated ({saved})"
        raise Unreadable("formula-not-calculated", message, "open it in Excel, save, and run again")
    return value


MARK = re.compile(r"\s*(?:\([pr]\)|\[(?:notes?\s*[\d,\s]+|[a-z])\]|[*†‡§¹²³⁰-⁹]+)", re.IGNORECASE)
MARKS = re.compile(rf"(?P<bare>.*?\S)(?:{MARK.pattern})+\s*", re.IGNORECASE | re.DOTALL)


def unmarked(value: Value) -> Value:
    """A year, a period or a name without the marks that a publisher puts after it: (p), [note 2], *, a raised figure.

    >>> unmarked("2018/19 (p)"), unmarked("Fleet[note 2]*"), unmarked("Dogs (r"), unmarked("(p)")
    ('2018/19', 'Fleet', 'Dogs (r', '(p)')
    """
    if not isinstance(value, str) or len(value) > LONGEST:
        return value
    bare = str(value)
    if isinstance(value, Marked) and value.runs:
        runs = list(value.runs)
        while runs and (runs[-1].position == "superscript" or not runs[-1].text.strip()):
            runs.pop()
        bare = "".join(run.text for run in runs).strip() or bare
    match = MARKS.fullmatch(bare)
    return match["bare"] if match else bare if bare != value else value


# Years, periods, dates

YEAR = re.compile(r"(?:FY\s*)?(\d{4}|\d{2})\s*[/⁄\-‒–—―−]\s*(\d{4}|\d{2})", re.IGNORECASE)
ENDING = re.compile(r"FY\s*(\d{4}|\d{2})", re.IGNORECASE)
QUARTER = re.compile(r"(.+?)[\s,\-]*Q(?:uarter)?\s*([1-4])|Q(?:uarter)?\s*([1-4])[\s,\-]*(.+)", re.IGNORECASE)
NUMERIC_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
NAMED_MONTH = re.compile(r"([A-Za-z]+)\.?[\s\-/']*(\d{4}|\d{2})")
RANGE = re.compile(r"(.+?)\s*(?:\.\.+|…|\bto\b|\s[\-–—]\s|(?<=\d)[\-–—](?=[A-Za-z]))\s*(.+)", re.IGNORECASE)
MONTH_TO_MONTH = re.compile(
    r"([A-Za-z]+)\.?\s*(?:[\-–—/]|\bto\b)\s*([A-Za-z]+\.?[\s\-/']*(?:\d{4}|\d{2}))", re.IGNORECASE
)
ENDED = re.compile(
    r"(?:(?:financial\s)?(year)|(quarter)|(\d\d?)\s?months)\s(?:ending|ended|to|end)\s(.+)", re.IGNORECASE
)
ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d.*)?")
UK_DATE = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})")
WORD_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s\-]*([A-Za-z]+)\.?[\s\-,]*(\d{4}|\d{2})", re.IGNORECASE)
YEAR_FORMS = "write a year such as 2018/19"
PERIOD_FORMS = (
    "write a month as 2018-04 or Apr-18, a quarter as 2018/19 Q1, a year as 2018/19, a range as 2018-04..2018-12"
)
DATE_FORMS = "write it as an Excel date, as 2016-04-01 or as 01/04/2016"


UNSEEN = str.maketrans({**dict.fromkeys("\u2010\u2011", "-"), **dict.fromkeys(WIDTHLESS)})


def _short(value: Value) -> str:
    """A text that is no longer than a year, a period, a date or a number may be; empty for anything else."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return ""
    return value if value.isascii() else value.translate(UNSEEN)


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)


def _financial_year(text: str) -> FinancialYear | None:
    if match := YEAR.fullmatch(text):
        start, end = match.groups()
        year = FinancialYear(_full(start))
        follows = int(end) == (year.start + 1 if len(end) == 4 else (year.start + 1) % 100)
        if not follows or len(start) < len(end):
            return None
    elif match := ENDING.fullmatch(text):
        year = FinancialYear(_full(match[1]) - 1)
    else:
        return None
    return year if year.start in YEARS else None


def financial_year(value: Value) -> FinancialYear:
    """A financial year.

    >>> [str(financial_year(text)) for text in ("2018-19", "18/19", "2018/2019", "FY2018/19", "FY19", "1999/00")]
    ['2018/19', '2018/19', '2018/19', '2018/19', '2018/19', '1999/00']
    """
    text = shown(usable(value))
    if year := _financial_year(_short(value)):
        return year
    if re.fullmatch(r"(19|20)\d\d", text):
        year = FinancialYear(int(text))
        remedy = f"write the year from April {text} as {year}, the year to March {text} as {year.plus(-1)}"
        raise Unreadable("bare-year", f"{text} names no financial year", remedy)
    if isinstance(value, date):
        message = f"the cell holds the date {text}, which names no financial year"
        message += " (Excel makes a date of some years typed)"
        raise Unreadable("not-a-year", message, f"format the cell as text, then {YEAR_FORMS}")
    raise Unreadable("not-a-year", f"{_quote(value)} is not a financial year", YEAR_FORMS)


COMPARISONS = ("business case", "budget", "forecast", "track")


def comparison(value: Value) -> str:
    """What a comparison is against: blank for the business case, else budget, forecast, track, a year, a workbook.

    >>> comparison("Business case"), comparison("Budget"), comparison("17/18"), comparison("Last year.xlsx")
    ('', 'budget', '2017/18', 'Last year.xlsx')
    """
    given = text(value)
    for name in COMPARISONS:
        if key(name) == key(given):
            return "" if name == COMPARISONS[0] else name
    if year := _financial_year(_short(value)):
        return str(year)
    if given.casefold().endswith((".xlsx", ".xlsm")):
        return given
    message = f"{_quote(value)} is no comparison{did_you_mean(given, COMPARISONS)}"
    remedy = f"write {', '.join(COMPARISONS)}, a year such as 2017/18, or a workbook's file name, such as before.xlsx"
    raise Unreadable("unknown-comparison", message, remedy)


def _month(text: str) -> Month | None:
    if match := NUMERIC_MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
    elif match := NAMED_MONTH.fullmatch(text):
        year, month = _full(match[2]), month_number(match[1])
    else:
        return None
    return year * 12 + month - 1 if 1 <= month <= 12 and year in YEARS else None


def month_number(name: str) -> int:
    """The number of a month by its name or its first three letters; 0 for another word."""
    low = "sep" if name.casefold() == "sept" else name.casefold()
    return next((n for n, m in enumerate(MONTH_NAMES, 1) if low in (m.casefold(), m[:3].casefold())), 0)


def period(value: Value) -> Months:
    """A month, quarter, financial year or range of months. `2011-12` is the month (see `could_be_a_year`).

    >>> [str(period(text)) for text in ("Apr-18", "2018/19 Q4", "18/19", "2021-04..2021-12", "2011-12")]
    ['2018-04', '2019-01..2019-03', '2018-04..2019-03', '2021-04..2021-12', '2011-12']
    >>> [str(period(text)) for text in ("Quarter 3 2018/19", "Apr-Jun 2018", "Apr 18 - Mar 19")]
    ['2018-10..2018-12', '2018-04..2018-06', '2018-04..2019-03']
    >>> [str(period(text)) for text in ("01/04/2018 to 30/06/2018", "Year ending March 2019")]
    ['2018-04..2018-06', '2018-04..2019-03']
    """
    text = shown(usable(value))
    if months := _period(_short(value)):
        return months
    given = value if isinstance(value, date) else _date(_short(value))
    if isinstance(value, date):
        _hold_to_a_date(value, "not-a-period", PERIOD_FORMS)
    if given is not None and given.year in YEARS:
        return Months(month_of(given), 1)
    if re.fullmatch(r"(19|20)\d\d", text):
        year = FinancialYear(int(text))
        raise Unreadable("bare-year", f"{text} names no period", f"write the financial year as {year}")
    raise Unreadable("not-a-period", f"{_quote(value)} is not a period", PERIOD_FORMS)


def _period(text: str) -> Months | None:
    if (month := _month(text)) is not None:
        return Months(month, 1)
    if year := _financial_year(text):
        return Months(year.first_month(), 12)
    if match := QUARTER.fullmatch(text):
        year = _financial_year((match[1] or match[4]).strip())
        return Months(year.first_month() + 3 * (int(match[2] or match[3]) - 1), 3) if year else None
    if match := ENDED.fullmatch(text):
        last, length = _end(match[4]), 12 if match[1] else 3 if match[2] else int(match[3])
        return Months(last - length + 1, length) if last is not None and length else None
    if match := MONTH_TO_MONTH.fullmatch(text):  # of one calendar year
        last, number = _month(match[2]), month_number(match[1])
        first = None if last is None or not number else last // 12 * 12 + number - 1
        return Months(first, last - first + 1) if first is not None and last is not None and first <= last else None
    if match := RANGE.fullmatch(text):
        first, last = _start(match[1]), _end(match[2])
        if first is not None and last is not None and first <= last:
            return Months(first, last - first + 1)
    return None


def _start(text: str) -> Month | None:
    """The month that a range begins with: of a period its first, of a date its own where it is the first of it."""
    if months := _period(text):
        return months.first
    given = _date(text)
    return month_of(given) if given is not None and given.day == 1 else None


def _end(text: str) -> Month | None:
    """The month that a range ends with: of a period its last, of a date its own where it is the last day of it."""
    if months := _period(text):
        return months.last
    given = _date(text)
    return month_of(given) if given is not None and given == last_day(month_of(given)) else None


def _hold_to_a_date(value: date, code: str, remedy: str) -> None:
    """Raises Unreadable for a year alone in a cell with a date format, which shows it as a day of 1905."""
    number = (value - date(1899, 12, 30)).days
    if number in range(1950, 2101):
        raise Unreadable(code, f"the cell holds the number {number}, shown as the date {value}", remedy)


def could_be_a_year(value: Value) -> bool:
    """Whether a text that is read as a month could also be a financial year, as 2011-12 could (2014-15 is no month)."""
    text = _short(value)
    return _month(text) is not None and _financial_year(text) is not None


def _date(text: str) -> date | None:
    try:
        if match := ISO_DATE.fullmatch(text):
            given = date(int(match[1]), int(match[2]), int(match[3]))
        elif match := UK_DATE.fullmatch(text):
            given = date(_full(match[3]), int(match[2]), int(match[1]))
        elif match := WORD_DATE.fullmatch(text):
            given = date(_full(match[3]), month_number(match[2]), int(match[1]))
        else:
            return None
    except ValueError:  # 31 June
        return None
    return given if given.year in YEARS else None


def day(value: Value) -> date:
    """A date.

    >>> [str(day(text)) for text in ("15/01/2024", "2016-04-01", "1 April 2016", "1-Apr-16")]
    ['2024-01-15', '2016-04-01', '2016-04-01', '2016-04-01']
    """
    value = usable(value)
    if isinstance(value, date):
        _hold_to_a_date(value, "not-a-date", DATE_FORMS)
        return value
    if given := _date(_short(value)):
        return given
    raise Unreadable("not-a-date", f"{_quote(value)} is not a date", DATE_FORMS)


def days(value: Value) -> tuple[date, ...]:
    """Dates, between semicolons.

    >>> [str(day) for day in days("15/01/2024; 1 April 2024")]
    ['2024-01-15', '2024-04-01']
    """
    return tuple(day(part.strip()) for part in value.split(";")) if isinstance(value, str) else (day(value),)


def done(value: Value) -> date | bool:
    """When something was done, or whether."""
    answer = YES.get(shown(usable(value)).casefold())
    return day(value) if answer is None else answer


# Amounts

NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+")
NIL = {"-", "–", "—", "−", "£-", "£–", "£ -"}


def _number(text: str, pound: bool) -> Decimal | None:
    """A text that plainly is a number."""
    text = text.replace("−", "-").replace("\u00a0", " ").strip()
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
        if text.startswith(("-", "+")):
            return None
    sign = ""
    for _ in range(2):  # the sign and the £, in either order
        if text[:1] in ("-", "+") and not sign:
            sign, text = text[0], text[1:].strip()
        elif text[:1] == "£" and pound:
            text, pound = text[1:].strip(), False
    if (negative and sign) or not NUMBER.fullmatch(text):
        return None
    number = Decimal(text.replace(",", ""))
    return -number if negative or sign == "-" else number


def _decimal(value: Value, what: str, remedy: str, pound: bool = False) -> Decimal:
    value, code = usable(value), f"not-{what.replace(' ', '-')}"
    if isinstance(value, Marked):
        message = f"a part of {_quote(value)} is raised, lowered or struck out, so it is not clear what the figure is"
        raise Unreadable(code, message, "write the figure alone, and its note in another cell")
    if isinstance(value, float) and math.isfinite(value):
        return _exact(value)
    if (number := _number(_short(value), pound)) is not None:
        return number
    raise Unreadable(code, f"{_quote(value)} is not {what}", remedy)


PLAIN_CELL = "write pounds, in a cell without a percent format"
THOUSANDTHS = re.compile(r"[^,.]*\d\.\d{3}\)?")
SPACED = re.compile(r"[£(−-]*\s*\d+(?:\s\d{3})+(?:\.\d*)?\)?")
MINUS_BEHIND = re.compile(r"£?\s*[\d,.]+\s?[-−]")
SCALED = re.compile(r"[£(−-]*\s*[\d,.]+\s?(k|m|bn|thousand|million)\)?", re.IGNORECASE)


def _hold_to_plain(text: str) -> None:
    """Raises Unreadable for ways to write an amount that can be read in two ways, or that nearly are plain."""
    digits = re.sub(r"[^\d.]", "", text)
    if len(text) > LONGEST or not digits.strip("."):
        return
    text = text.strip()
    if THOUSANDTHS.fullmatch(text):
        whole, _, rest = digits.partition(".")
        short, full = f"{whole or 0}.{rest}".rstrip("0").rstrip("."), int(whole + rest)
        message = f"{_quote(text)} could be {short} or {full:,}"
        raise Unreadable("not-an-amount", message, f"write it as {short} or as {full}, with its sign")
    remedies = {
        SPACED: f"write it without spaces: {digits}",
        MINUS_BEHIND: f"write the minus in front: -{digits}",
        SCALED: "write it in full, as 1500000 for 1.5m",
    }
    for form, remedy in remedies.items():
        if form.fullmatch(text):
            raise Unreadable("not-an-amount", f"{_quote(text)} is not an amount", remedy)


def money(value: Value, scale: int = 1) -> tuple[Pence, Decimal]:
    """An amount as whole pence, half up away from zero, and by how many pence that moved it.

    >>> money("£1,234.50"), money("(1,234)"), money("-"), money(0.005)
    ((123450, Decimal('0.00')), (-123400, Decimal('0')), (0, Decimal('0')), (1, Decimal('0.500')))
    """
    if isinstance(value, str):
        if _short(value) in NIL:
            return 0, Decimal(0)
        _hold_to_plain(_short(value))
    elif isinstance(value, Percent):
        raise Unreadable("not-an-amount", f"{_quote(value)} is a percentage, not an amount", PLAIN_CELL)
    pounds = _decimal(value, "an amount", "write a plain amount, such as 1234.50", pound=True)
    if abs(pounds) >= MAX_POUNDS:
        raise Unreadable("not-an-amount", f"{_quote(value)} is too large for an amount", "check the figure")
    exact = pounds * scale * 100
    pence = exact.quantize(Decimal(1), ROUND_HALF_UP)
    return int(pence), pence - exact


def number(value: Value) -> Exact:
    """A volume, weight or index, exact.

    >>> number("1,234"), number(2.5), number(0.1)
    (1234, Fraction(5, 2), Fraction(1, 10))
    """
    decimal = _decimal(value, "a number", "write a plain number, such as 1234.5")
    if abs(decimal) >= Decimal(10) ** 18:
        raise Unreadable("not-a-number", f"{_quote(value)} is too large", "check the figure")
    exact = Fraction(decimal)
    return exact.numerator if exact.denominator == 1 else exact


def percentage(value: Value) -> Fraction:
    """A percentage, as percent: 12.5, "12.5%" and 0.125 shown as 12.5% are all 12.5.

    >>> percentage("12.5%"), percentage(Percent(0.125)), percentage(12.5)
    (Fraction(25, 2), Fraction(25, 2), Fraction(25, 2))
    """
    if isinstance(value, Percent) and math.isfinite(value):
        decimal = _exact(value) * 100
    elif type(value) is str and (number := _number(_short(value).removesuffix("%"), pound=False)) is not None:
        decimal = number
    else:
        decimal = _decimal(value, "a percentage", "write it as 12.5 or 12.5%")
    if abs(decimal) >= Decimal(10) ** 9:
        raise Unreadable("not-a-percentage", f"{_quote(value)} is too large", "check the figure")
    return Fraction(decimal)


def figure(value: Value) -> Exact:
    """A target or a measured value: a percentage where it is written as one, so that 95% and 95 are the same.

    >>> figure("95%"), figure(Percent(0.95)), figure(95.0), figure(-1.5)
    (95, 95, 95, Fraction(-3, 2))
    """
    written_so = isinstance(value, Percent) or (isinstance(value, str) and value.strip().endswith("%"))
    exact = percentage(value) if written_so else number(value)
    return exact.numerator if exact.denominator == 1 else exact


def is_fraction(value: Value, percent: Fraction) -> bool:
    """Whether a percentage is between 0 and 1 and not written as one: 0.3, where 30 may be meant.

    >>> is_fraction(0.3, Fraction(3, 10)), is_fraction("0.3%", Fraction(3, 10)), is_fraction(1.0, Fraction(1))
    (True, False, False)
    """
    as_percent = isinstance(value, Percent) or (isinstance(value, str) and value.endswith("%"))
    return 0 < percent < 1 and not as_percent


def whole(value: Value) -> int:
    """A whole number."""
    exact = number(value)
    if not isinstance(exact, int):
        raise Unreadable("not-a-whole-number", f"{_quote(value)} is not a whole number", "write a whole number")
    return exact


YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def yes_no(value: Value) -> bool:
    """Yes or no."""
    answer = YES.get(shown(usable(value)).casefold())
    if answer is None:
        raise Unreadable("not-yes-or-no", f"{_quote(value)} is neither yes nor no", "write yes or no")
    return answer


def text(value: Value) -> str:
    """Text; a number or a date in a text column is taken as it reads."""
    return shown(usable(value))


def names(value: Value, known: Container[str] = ()) -> tuple[str, ...]:
    """A list of names, between semicolons; without any between commas, where a name that is `known` may hold them too.

    >>> names("Beds, Herts"), names("Devon, Cornwall; Dorset"), names("Devon, Cornwall, Dorset", {"devon, cornwall"})
    (('Beds', 'Herts'), ('Devon, Cornwall', 'Dorset'), ('Devon, Cornwall', 'Dorset'))
    """
    written = text(value)
    parts, listed = written.split(";" if ";" in written else ","), list[str]()
    while parts:
        lengths = (n for n in range(len(parts), 1, -1) if name_key(",".join(parts[:n])) in known)
        length = next(lengths, 1) if ";" not in written else 1
        listed.append(",".join(parts[:length]).strip())
        parts = parts[length:]
    return tuple(name for name in listed if name)


def groups(value: Value) -> tuple[str, ...]:
    """Names between semicolons alone.

    >>> groups("most similar; eastern, rural")
    ('most similar', 'eastern, rural')
    """
    return tuple(filter(None, map(str.strip, text(value).split(";"))))


def choice(value: Value, choices: tuple[str, ...], what: str) -> str:
    """One of the words of a column."""
    given = key(shown(usable(value)))
    for word in choices:
        if key(word) == given:
            return word
    remedy = f"write {', '.join(choices[:-1])} or {choices[-1]}{did_you_mean(shown(value), choices)}"
    raise Unreadable("unknown-choice", f"{_quote(value)} is no {what}", remedy)


def plural(value: Value) -> str:
    """A word for several of a kind, as councils; in small letters."""
    text = shown(usable(value)).strip()
    if not re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+)*s", text):
        raise Unreadable("unknown-choice", f"{_quote(value)} is no word for several", "write it as forces or councils")
    return text.lower()


def _quote(value: Value) -> str:
    return f"“{brief(shown(value))}”"


# Near matches


def nearest(given: str, known: list[str] | tuple[str, ...], shortest: int = 4) -> str:
    """The known name that `given` is nearly, or nothing: one slip in a short name, two in one of eight letters.

    >>> nearest("Agreed sharse", ["Agreed shares"]), nearest("HRTS", ["BEDS", "HERTS"]), nearest("IT", ["ICT"])
    ('Agreed shares', 'HERTS', '')
    """
    wanted = key(given)
    best, best_distance = "", 3
    for name in known:
        candidate = key(name)
        if min(len(wanted), len(candidate)) < shortest or wanted == candidate:
            allowed = 0
        else:
            allowed = 1 if max(len(wanted), len(candidate)) < 8 else 2
        if abs(len(wanted) - len(candidate)) <= allowed:
            distance = slips(wanted, candidate)
            if distance <= allowed and distance < best_distance:
                best, best_distance = name, distance
    return best


def slips(a: str, b: str) -> int:
    """How many letters are missing, added, changed or swapped with their neighbour (optimal string alignment).

    >>> slips("budgets", "bugdets"), slips("herts", "hrts")
    (1, 1)
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def did_you_mean(given: str, known: list[str] | tuple[str, ...]) -> str:
    near = nearest(given, known, shortest=2)
    return f"; did you mean “{near}”?" if near else ""
