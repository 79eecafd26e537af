"""Records made at random, with every fault that the page names; and the files and plans that hold them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from tests.counting.counter import Asked, Record

FORCES = {"BEDS": ["Bedfordshire", "Beds Police", "40"], "CAMBS": ["Cambridgeshire", "35"], "HERTS": ["Hertfordshire"]}
SPELLED: list[str | None] = [
    "BEDS",
    "bedfordshire",
    " Beds police ",
    "40",
    "Cambridgeshire",
    "CAMBRIDGESHIRE",
    "35",
    "Hertfordshire",
]
SPELLED += ["herts", "Hertfordshire", "Essex", "essex", " Norfolk", "", None, "Beds  Police"]
COLUMNS = ("ref", "when", "force", "minutes", "entered", "grade", "closed")


def texts(number: int, seed: int) -> list[Record]:
    """Records as a CSV has them: every value a text or nothing."""
    random = Random(seed)
    return [_text_record(random, place, number) for place in range(number)]


def _text_record(random: Random, place: int, number: int) -> Record:
    day = datetime(2018, 3, 25) + timedelta(minutes=random.randrange(150 * 1440))
    return {
        "ref": random.choice([f"R{random.randrange(number):04}"] * 6 + ["", "  ", f" R{random.randrange(number):04} "]),
        "when": _when(random, day),
        "force": random.choice(SPELLED),
        "minutes": random.choice([str(random.randrange(90)), "12.5", " 7 ", "1,250.75", "-3", "", "n/a", None, "0"]),
        "entered": _when(random, day + timedelta(days=random.randrange(60))),
        "grade": random.choice(["1", "2", "3", "A", None]),
        "closed": random.choice(["true", "TRUE", "false", ""]),
    }


def _when(random: Random, day: datetime) -> str | None:
    forms = [
        f"{day:%Y-%m-%d}",
        f"{day:%Y-%m-%d %H:%M:%S}",
        f"{day:%Y-%m-%dT%H:%M}",
        f"{day:%d/%m/%Y}",
        f"{day:%d/%m/%Y %H:%M}",
        f"{day.day}/{day.month}/{day:%y}",
        f"{day:%d-%b-%Y}",
        f"{day:%Y-%m-%dT%H:%M:%S}Z",
        f"{day:%Y-%m-%d %H:%M:%S}+05:30",
        f" {day:%d.%m.%Y} ",
    ]
    return random.choice([*forms, *forms, "", None, "31/06/2018", "soon", "2018/04/01", "9999-12-31", "epoch"])


def typed(number: int, seed: int) -> list[Record]:
    """Records as Parquet and tables have them: moments with an offset, dates of entry, decimals, flags."""
    random = Random(seed)
    return [_typed_record(random, number) for _ in range(number)]


def without_offsets(records: Sequence[Record]) -> list[Record]:
    """The same, their moments without an offset."""
    return [{**record, "when": record["when"] and record["when"].replace(tzinfo=None)} for record in records]


def _typed_record(random: Random, number: int) -> Record:
    when = datetime(2018, 3, 25, tzinfo=UTC) + timedelta(minutes=random.randrange(150 * 1440))
    return {
        "ref": random.choice([random.randrange(1_000, 1_000 + number)] * 8 + [None]),
        "when": random.choice([when] * 12 + [None, datetime(2240, 1, 1, tzinfo=UTC)]),
        "force": random.choice(SPELLED),
        "minutes": random.choice([Decimal(random.randrange(-300, 9000)) / 100, None]),
        "entered": random.choice([when.date() + timedelta(days=random.randrange(60)), None]),
        "grade": random.choice([1, 2, 3, None]),
        "closed": random.choice([True, False, None]),
    }


def plan(asked: Asked, records: str, connection: str = "") -> str:
    """A plan of a single driver; `records` is its from or table, with its sign of equality."""
    lines = [f'connection = "{connection}"'] if connection else []
    lines += ["[forces]", *(f"{code} = {_listed(known)}" for code, known in asked.forces.items())]
    lines += ["[[driver]]", 'name = "incidents"', records, f'date = "{asked.date}"', f'force = "{asked.force}"']
    lines += [f'{name} = "{getattr(asked, name)}"' for name in ("id", "sum", "recorded") if getattr(asked, name)]
    if asked.where:
        lines.append(
            "where = { " + ", ".join(f"{name} = {_listed(texts)}" for name, texts in asked.where.items()) + " }"
        )
    if asked.between:
        lines.append("between = " + _listed([f"{year}-{month:02}" for year, month in asked.between]))
    return "\n".join([*lines, *(["zero = true"] if asked.zero else [])]) + "\n"


def _listed(given: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in given) + "]"


def write_csv(path: Path, records: Sequence[Record]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(records)


def write_parquet(path: Path, records: Sequence[Record]) -> None:
    """Written by pyarrow, which counts nothing here."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "ref": pa.int64() if any(type(record["ref"]) is int for record in records) else pa.string(),
        "when": pa.timestamp("us", tz="UTC" if any(r["when"] and r["when"].tzinfo for r in records) else None),
        "force": pa.string(),
        "minutes": pa.decimal128(12, 2),
        "entered": pa.date32(),
        "grade": pa.int32(),
        "closed": pa.bool_(),
    }
    columns = {name: pa.array([record[name] for record in records], kind) for name, kind in kinds.items()}
    pq.write_table(pa.table(columns), path)


def write_xlsx(path: Path, records: Sequence[Record]) -> None:
    """A title above the header; what is a date is a date."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Log")
    sheet.write_string(0, 0, "Incident log")
    for column, name in enumerate(COLUMNS):
        sheet.write_string(2, column, name)
    for row, record in enumerate(records, 3):
        for column, name in enumerate(COLUMNS):
            _write_cell(sheet, row, column, record[name])
    book.close()


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, float(value))


def asked(seed: int, values: Mapping[str, Sequence[str]]) -> Asked:
    """What may be asked of the records, a little different for each seed."""
    return Asked(
        FORCES,
        id="ref" if seed % 4 else "",
        sum="minutes" if seed % 2 else "",
        recorded="entered" if seed % 3 else "",
        where=values if seed % 5 < 3 else {},
        between=((2018, 4), (2018, 6)) if seed % 3 == 1 else None,
        zero=seed % 7 == 3,
    )
