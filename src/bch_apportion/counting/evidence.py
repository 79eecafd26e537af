"""From what was tallied to the rows of the answer: demand, and the evidence beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from statistics import median

from bch_apportion.counting.plan import Driver
from bch_apportion.counting.rows import REASONS, Cut, DemandRow, Evidence, Grade, Largest, LeftOut, Missing
from bch_apportion.counting.tallies import Tally, Volume
from bch_apportion.money import Exact
from bch_apportion.words import many
from bch_apportion.years import Month, Months, year_of


def demand_rows(driver: Driver, tallied: Tally, forces: Sequence[str]) -> list[DemandRow]:
    """The volumes of a driver, by month and then in the order of the forces."""
    rows = []
    for month in months_asked(driver, tallied).months():
        for number, force in enumerate(forces):
            volume = tallied.volumes.get((number, month))
            if volume is not None or driver.zero:
                amount = _amount(driver, volume or Volume())
                rows.append(DemandRow(driver=driver.name, period=month, force=force, volume=amount))
    return rows


def _amount(driver: Driver, volume: Volume) -> Exact:
    total = Fraction(volume.total if driver.sum else volume.records)
    return total.numerator if total.denominator == 1 else total


def months_asked(driver: Driver, tallied: Tally) -> Months:
    """The months of the plan, else those from the first counted record to the last."""
    if driver.between is not None:
        return driver.between
    months = [month for _, month in tallied.volumes]
    return Months(min(months), max(months) - min(months) + 1)


def evidence(driver: Driver, tallied: Tally, forces: Sequence[str], demand: Sequence[DemandRow]) -> Evidence:
    """What was read, counted and left out; it foots. `demand` are the driver's rows."""
    asked = months_asked(driver, tallied)
    volumes = tallied.volumes
    largest = max(demand, key=lambda row: (row.volume, -forces.index(row.force), -row.period))
    return Evidence(
        driver=driver.name,
        read=tallied.read,
        counted=tallied.counted,
        left_out=[
            LeftOut(
                reason=reason,
                records=tallied.out[reason],
                ids=tallied.ids.get(reason, ()),
                spellings=tallied.spellings if reason == "force-not-known" else (),
            )
            for reason in REASONS
        ],
        blank_ids=tallied.blank_ids,
        missing=[
            Missing(force=force, period=month)
            for number, force in enumerate(forces)
            for month in asked.months()
            if (number, month) not in volumes
        ],
        cut=Cut(
            first=not any(volume.on_first for (_, month), volume in volumes.items() if month == asked.first),
            last=not any(volume.on_last for (_, month), volume in volumes.items() if month == asked.last),
        ),
        largest=Largest(force=largest.force, period=largest.period, volume=largest.volume),
        median=median(Fraction(row.volume) for row in demand if row.force == largest.force),
        grade=list(_grades(tallied, forces, asked)),
        says=list(_says(driver, tallied)),
    )


def _grades(tallied: Tally, forces: Sequence[str], asked: Months) -> Iterator[Grade]:
    """How good the records of each force and financial year are."""
    years: dict[Month, list[Month]] = {}
    for month in asked.months():
        years.setdefault(year_of(month).start, []).append(month)
    for number, force in enumerate(forces):
        for months in years.values():
            present = [tallied.volumes[number, month] for month in months if (number, month) in tallied.volumes]
            yield Grade(
                force=force,
                year=year_of(months[0]),
                counted=sum(volume.records for volume in present),
                late=sum(volume.late for volume in present),
                months=len(present),
                of=len(months),
            )


def _says(driver: Driver, tallied: Tally) -> Iterator[str]:
    undated = sum(volume.undated for volume in tallied.volumes.values())
    if driver.recorded and undated:
        whose = f"{many(undated, 'counted record')} without a readable date of entry ({driver.recorded})"
        yield f"{whose}: not called late."
    if tallied.floating:
        yield f"{driver.sum} is a floating column, summed to six places."
