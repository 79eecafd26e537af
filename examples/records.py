"""Build the extracts that demand.toml counts: illustrative records, with the faults that such extracts have.

    python examples/records.py

Certificates (CSV): Cambridgeshire's licensing log of the two quarters that its returns leave out, none of it in August.
Collisions (Parquet): a log of all three forces, without July 2018 of Hertfordshire. Both hold records twice, entries
made late, blank dates and spellings that nobody expects. Needs pyarrow, which the extra `count` brings.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

EXTRACTS = Path(__file__).resolve().parent / "extracts"
START = date(2018, 4, 1)
DAYS = 183  # to 30 September
HEADS = ("batch", "issued", "constabulary", "certificates", "kind", "entered")
ISSUED = {4: 195, 5: 189, 6: 194, 7: 189, 9: 195}  # certificates of a day, about; none in August


def certificates() -> Iterator[dict[str, str]]:
    """A batch a day, with dates as the UK writes them."""
    for number in range(DAYS):
        day = START + timedelta(days=number)
        entered = day + timedelta(days=55 if number % 19 == 7 else 2 + number % 5)  # late, where it took two months
        row = {
            "batch": f"L{20180000 + number}",
            "issued": f"{day:%d/%m/%Y}",
            "constabulary": "Cambridgeshire" if number % 6 else "CAMBS ",
            "certificates": f"{ISSUED.get(day.month, 0) + number % 7 - 3}",
            "kind": "grant" if number % 3 else "Renewal",
            "entered": f"{entered:%d/%m/%Y}",
        }
        if day.month != 8:
            yield from _with_faults(row, number)


def _with_faults(row: dict[str, str], number: int) -> Iterator[dict[str, str]]:
    """A row, and behind it what a log holds besides."""
    yield row
    if number % 31 == 5:
        yield {**row, "entered": ""}  # typed twice
    if number % 40 == 11:
        yield {**row, "batch": f"{row['batch']}-X", "constabulary": "Cambs RFD"}  # a dealer's own log
    if number % 50 == 13:
        yield {**row, "batch": f"{row['batch']}-V", "kind": "void"}
    if number in (20, 140):
        yield {**row, "batch": f"{row['batch']}-N", "certificates": "n/a"}
    if number == 66:
        yield {**row, "batch": f"{row['batch']}-D", "issued": "31/06/2018"}


def collisions() -> Iterator[dict[str, Any]]:
    """A few a day, with moments in UTC."""
    spelled = ("Bedfordshire", "Cambridgeshire", "Hertfordshire", "HERTS", "beds")
    for number in range(1_500):
        moment = datetime(2018, 3, 31, 23, 15, tzinfo=UTC) + timedelta(minutes=number * 175)
        force = spelled[number * 7 % 5]
        row = {
            "collision": 90_000 + number - (number % 97 == 96),  # the number of the record before it
            "happened": None if number % 211 == 210 else moment,
            "area": "Essex" if number % 150 == 149 else force,
            "severity": ("slight", "slight", "serious", "damage only")[number % 4],
        }
        if not (force.lower().startswith("h") and moment.month == 7):
            yield row


def write(folder: Path = EXTRACTS) -> None:
    """Both extracts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(exist_ok=True)
    with (folder / "certificates.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, HEADS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(certificates())
    kinds = {"collision": pa.int64(), "happened": pa.timestamp("us", tz="UTC"), "area": pa.string()}
    kinds["severity"] = pa.string()
    rows = list(collisions())
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()}
    pq.write_table(pa.table(columns), folder / "collisions.parquet", compression="zstd")


if __name__ == "__main__":
    write()
