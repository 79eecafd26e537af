"""The question, as one expression of Ibis for every engine: which records count, for which force and month.

Every record gets the first reason that fits, as a number in the order of the page (`rows.REASONS`); those with none are
LEFT. Of these the ones with the id of an earlier record are duplicates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from bch_apportion.counting.engines import MOMENT, Engine
from bch_apportion.counting.plan import Driver, Plan
from bch_apportion.counting.records import Records
from bch_apportion.counting.rows import REASONS
from bch_apportion.counting.texts import PLACES, amount_of, instant_of, moment_of, stripped, within
from bch_apportion.years import first_day

LEFT = REASONS.index("duplicate")  # no other reason stands before it
UNKNOWN = -1  # the number of a force that the plan does not know
EXACT = 2**53 / 10**6  # below it a float times a million is exact to its last digit
FLOATS = 6  # decimals of an amount from a floating column
FEW = 5  # ids that are shown


def classified(records: Records, driver: Driver, plan: Plan, hashes: Any = None) -> Any:
    """Every record with its reason, force, day and the rest that counting needs; with `hashes`, of those ids alone."""
    tables = (_with_id(table, driver) for table in records.tables)
    if hashes is not None:
        tables = (of(table, hashes, records.engine) for table in tables)
    judged = [_classified(table, records.engine, driver, plan) for table in tables]
    if len(judged) > 1:  # files of a driver may give amounts in different types
        exact = dt.Decimal(38, max(table.amount.type().scale for table in judged))
        judged = [table.mutate(amount=table.amount.try_cast(exact)) for table in judged]
    return reduce(lambda table, other: table.union(other), judged)


def of(table: Any, hashes: Any, engine: Engine) -> Any:
    """The records whose ids have one of these hashes."""
    return table.mutate(hash=engine.hashed(table.id)).semi_join(hashes, "hash").drop("hash")


def _with_id(table: Any, driver: Driver) -> Any:
    return table.mutate(id=_id(table.id) if driver.id else ibis.null("string"))


def _classified(table: Any, engine: Engine, driver: Driver, plan: Plan) -> Any:
    seen = table.select(
        "id",
        moment=_moment(table.date, plan.timezone, engine),
        entered=_moment(table.recorded, plan.timezone, engine) if driver.recorded else ibis.null(MOMENT),
        dated=table.date,
        instant=_instant(table.date, engine) if driver.id else ibis.null(MOMENT),
        written=table.force.cast("string"),
        lower=table.force.cast("string").lower(),  # once, for all the spellings that it is compared with
        amount=_amount(table["sum"], engine) if driver.sum else ibis.null("decimal(38, 0)"),
        wanted=_wanted(table, driver.where),
    )
    placed = seen.mutate(force=_force(seen, engine, plan.spellings))
    judged = placed.mutate(reason=_reason(placed, driver))
    left, unknown = judged.reason == LEFT, judged.reason == REASONS.index("force-not-known")
    return judged.select(
        "reason",
        "force",
        "id",
        "moment",
        "instant",
        "amount",
        day=judged.moment.date(),
        late=(left & _is_late(judged)) if driver.recorded else ibis.literal(False),
        undated=(left & judged.entered.isnull()) if driver.recorded else ibis.literal(False),
        spelling=unknown.ifelse(stripped(judged.written), ibis.null("string")),
    )


def _moment(column: Any, zone: str, engine: Engine) -> Any:
    """A date or timestamp by the clock of the zone."""
    kind = column.type()
    if kind.is_string():
        return moment_of(column, zone, engine)
    local = engine.local(zone, column) if kind.is_timestamp() else column
    return within(local.cast(MOMENT))


def _instant(column: Any, engine: Engine) -> Any:
    """The moment of a record that says it with an offset, by the clock of UTC: there no hour comes twice."""
    kind = column.type()
    if kind.is_string():
        return instant_of(column, engine)
    return within(engine.instant(column)) if kind.is_timestamp() else ibis.null(MOMENT)


def _blank(value: Any) -> Any:
    """Whether there is nothing, or nothing but blanks."""
    return value.isnull() | (stripped(value) == "") if value.type().is_string() else value.isnull()


def _folded(text: Any) -> Any:
    """A text whatever its case, that of letters too which have two small forms or none."""
    return stripped(text).upper().lower()


def _force(seen: Any, engine: Engine, spellings: Mapping[str, Sequence[str]]) -> Any:
    """The number of the force that a record names, UNKNOWN where the plan knows none so called."""
    numbers = {text: number for number, known in enumerate(spellings.values()) for text in known}
    plainly = engine.number_of(seen.lower, numbers, lambda text: text.lower())
    closely = engine.number_of(_folded(seen.written), numbers, _folded)
    return ibis.coalesce(plainly, closely, ibis.literal(UNKNOWN, "int16"))


def _id(column: Any) -> Any:
    """An id as text, without the blanks around it; nothing where it is blank."""
    text = column.cast("string")
    return text.like([" %", "% "]).ifelse(text.strip(), text).nullif("")


def _amount(column: Any, engine: Engine) -> Any:
    """An exact amount; nothing where there is none or it is not readable."""
    kind = column.type()
    if kind.is_string():
        return amount_of(column)
    if kind.is_floating():
        return _amount_of_float(column, engine)
    if kind.is_decimal() and kind.scale is None:
        return column
    return column.cast(f"decimal(38, {min(kind.scale, PLACES) if kind.is_decimal() else 0})")


def _amount_of_float(column: Any, engine: Engine) -> Any:
    """To six decimals. A large one goes by its digits, since an engine multiplies a float by a million."""
    exact = dt.Decimal(38, FLOATS)
    usable = (column.abs() < 1e18).fill_null(False).ifelse(column, None)  # not what is no number
    cast = "try_cast" if engine.embedded else "cast"  # DuckDB may think that the comparison always holds
    plainly, by_digits = getattr(usable, cast)(exact), getattr(usable.cast("string"), cast)(exact)
    return (usable.abs() < EXACT).ifelse(plainly, by_digits)


def _wanted(table: Any, where: Mapping[str, Sequence[str]]) -> Any:
    """Whether the columns have the values that the plan asks for, as text and whatever the case; unknown is no."""
    texts = (table[f"where.{column}"].cast("string").lower().isin(list(values)) for column, values in where.items())
    return reduce(lambda met, other: met & other, texts, ibis.literal(True))


def _reason(table: Any, driver: Driver) -> Any:
    """The number of the first reason that fits a record."""
    outside = ibis.literal(False)
    if driver.between is not None:
        first, after = first_day(driver.between.first), first_day(driver.between.last + 1)
        outside = (table.moment < ibis.timestamp(str(first))) | (table.moment >= ibis.timestamp(str(after)))
    amount = table.amount.isnull() | (table.amount < 0) if driver.sum else ibis.literal(False)
    conditions = (
        table.moment.isnull() & _blank(table.dated),
        table.moment.isnull(),
        outside,
        (table.force == UNKNOWN) & _blank(table.written),
        table.force == UNKNOWN,
        amount,
    )
    pairs = ((condition, ibis.literal(number, "int8")) for number, condition in enumerate(conditions, 1))
    of_wanted = ibis.cases(*pairs, else_=ibis.literal(LEFT, "int8"))
    return table.wanted.ifelse(of_wanted, ibis.literal(REASONS.index("filtered"), "int8"))


def _is_late(table: Any) -> Any:
    """Whether a record was entered later than the same day of the next month, or that month's last day."""
    return (table.entered.date() > table.moment.date() + ibis.interval(months=1)).fill_null(False)


def _summed(table: Any, driver: Driver, *groups: str) -> Any:
    """What is counted of groups of records by month, as far as it is asked for.

    By day first, which spares an engine the months of millions of records; amounts as text, which no engine rounds.
    """
    sums = {"records": table.count()}
    if driver.recorded:
        sums |= {"late": table.late.sum(), "undated": table.undated.sum()}
    if driver.sum:
        sums["total"] = table.amount.sum()
    daily = table.group_by(*groups, "day").agg(**sums)
    day = daily.day
    month = (day.year() * 12 + day.month() - 1).cast("int32")  # a count (`years.Month`)
    is_last = (day + ibis.interval(days=1)).month() != day.month()
    timed = daily.mutate(
        month=month, on_first=(day.day() == 1).ifelse(daily.records, 0), on_last=is_last.ifelse(daily.records, 0)
    )
    totals = {name: timed[name].sum() for name in (*sums, "on_first", "on_last")}
    monthly = timed.group_by(*groups, "month").agg(**totals)
    return monthly.mutate(total=monthly.total.cast("string")) if driver.sum else monthly


def by_month(table: Any, driver: Driver) -> Any:
    """The records by reason, force and month."""
    return _summed(table, driver, "reason", "force")


def shared(table: Any, engine: Engine) -> Any:
    """Hashes of ids that more than one record has, with their records, and how many records have no id (no hash).

    What is alone by its hash is put aside cheaply.
    """
    left = table.filter(table.reason == LEFT)
    hashed = left.select(hash=left.id.isnull().ifelse(None, engine.hashed(left.id)))
    groups = hashed.group_by("hash").agg(records=hashed.count())
    return groups.filter((groups.records > 1) | groups.hash.isnull())


def spellings(table: Any, engine: Engine, most: int) -> Any:
    """The most frequent spellings of forces that the plan does not know."""
    unknown = table.filter(table.spelling.notnull())
    counted = unknown.group_by("spelling").agg(records=unknown.count())
    return counted.order_by(counted.records.desc(), engine.ordered(counted.spelling)).limit(most)


def duplicates(table: Any, driver: Driver, engine: Engine, zone: str) -> Any:
    """The records with the id of an earlier record, by force and month; the smallest ids are groups of their own.

    The first by date counts, ties by the plan's order of forces, then the larger amount.
    """
    left = table.filter((table.reason == LEFT) & table.id.notnull())
    first = ibis.coalesce(left.instant, engine.by_utc(zone, left.moment))
    order = [first, left.force, left.amount.desc(), left.late]
    placed = left.mutate(place=ibis.row_number().over(group_by=left.id, order_by=order))
    later = placed.filter(placed.place > 0)
    ranked = later.mutate(rank=ibis.dense_rank().over(order_by=engine.ordered(later.id)))
    marked = ranked.mutate(small=(ranked["rank"] < FEW).ifelse(ranked.id, None))
    return _summed(marked, driver, "force", "small")


def smallest(table: Any, engine: Engine, most: int) -> Any:
    """The smallest ids of the records left out for each reason but duplicates, so many of them, repeated or not."""
    out = table.filter((table.reason < LEFT) & table.id.notnull())
    # the number stands in the filter itself: so DuckDB keeps the smallest alone, and sorts nothing
    return out.filter(ibis.row_number().over(group_by=out.reason, order_by=engine.ordered(out.id)) < most).select(
        "reason", "id"
    )
