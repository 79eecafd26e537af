"""The question, as one expression of Ibis for every engine: which records count, for which force and month.

Every record gets the first reason that fits, as a number in the order of the page (`rows.REASONS`); those with none are
LEFT. Of these the ones with the id of an earlier record are duplicates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import ibis

from bch_apportion.counting.engines import MOMENT, Engine
from bch_apportion.counting.plan import Driver, Plan
from bch_apportion.counting.records import Records
from bch_apportion.counting.rows import REASONS
from bch_apportion.counting.texts import PLACES, amount_of, moment_of, stripped, within

LEFT = REASONS.index("duplicate")  # no other reason stands before it
UNKNOWN = -1  # the number of a force that the plan does not know
FLOATS = 6  # decimals of an amount from a floating column
FEW = 5  # ids that are shown
SHORTEST = 28  # days of a month


def classified(records: Records, driver: Driver, plan: Plan) -> Any:
    """Every record with its reason, force, month and the rest that counting needs."""
    tables = (_classified(table, records.engine, driver, plan) for table in records.tables)
    return reduce(lambda table, other: table.union(other), tables)


def _classified(table: Any, engine: Engine, driver: Driver, plan: Plan) -> Any:
    seen = table.select(
        moment=_moment(table.date, plan.timezone, engine),
        entered=_moment(table.recorded, plan.timezone, engine) if driver.recorded else ibis.null(MOMENT),
        dated=table.date if table.date.type().is_string() else table.date.isnull().ifelse("", "a date"),
        force=_force(table.force, plan.spellings),
        written=table.force.cast("string"),
        id=_id(table.id) if driver.id else ibis.null("string"),
        amount=_amount(table["sum"]) if driver.sum else ibis.null("decimal(38, 0)"),
        wanted=_wanted(table, driver.where),
    )
    timed = seen.mutate(month=_month(seen.moment), entry=_month(seen.entered))
    judged = timed.mutate(reason=_reason(timed, driver))
    left, unknown = judged.reason == LEFT, judged.reason == REASONS.index("force-not-known")
    return judged.select(
        "reason",
        "force",
        "id",
        "moment",
        "amount",
        month=left.ifelse(judged.month, ibis.null("int32")),
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


def _blank(text: Any) -> Any:
    """Whether there is nothing but blanks."""
    return text.isnull() | (stripped(text) == "")


def _month(moment: Any) -> Any:
    """A calendar month as a count (`years.Month`)."""
    return (moment.year() * 12 + moment.month() - 1).cast("int32")


def _force(column: Any, spellings: Mapping[str, Sequence[str]]) -> Any:
    """The number of the force that a record names, UNKNOWN where the plan knows none so called."""
    texts = [(text, number) for number, known in enumerate(spellings.values()) for text in known]
    written = column.cast("string").lower()
    plainly = _looked_up(written, texts, ibis.literal(UNKNOWN, "int16"))
    return (plainly == UNKNOWN).ifelse(_looked_up(stripped(written), texts, plainly), plainly)


def _looked_up(text: Any, known: Sequence[tuple[str, int]], otherwise: Any) -> Any:
    return ibis.cases(*((text == name, ibis.literal(number, "int16")) for name, number in known), else_=otherwise)


def _id(column: Any) -> Any:
    """An id as text, without the blanks around it; nothing where it is blank."""
    text = column.cast("string")
    return text.like([" %", "% "]).ifelse(text.strip(), text).nullif("")


def _amount(column: Any) -> Any:
    """An exact amount; nothing where there is none or it is not readable."""
    kind = column.type()
    if kind.is_string():
        return amount_of(column)
    if kind.is_floating():
        usable = column.abs() < 1e18  # false for what is no number
        return usable.fill_null(False).ifelse(column, None).cast(f"decimal(38, {FLOATS})")
    if kind.is_decimal() and kind.scale is None:
        return column
    return column.cast(f"decimal(38, {min(kind.scale, PLACES) if kind.is_decimal() else 0})")


def _wanted(table: Any, where: Mapping[str, Sequence[str]]) -> Any:
    """Whether the columns have the values that the plan asks for, as text and whatever the case."""
    texts = (table[f"where.{column}"].cast("string").lower().isin(list(values)) for column, values in where.items())
    return reduce(lambda met, other: met & other.fill_null(False), texts, ibis.literal(True))


def _reason(table: Any, driver: Driver) -> Any:
    """The number of the first reason that fits a record."""
    outside = ibis.literal(False)
    if driver.between is not None:
        outside = ~table.month.between(driver.between.first, driver.between.last)
    amount = table.amount.isnull() | (table.amount < 0) if driver.sum else ibis.literal(False)
    conditions = (
        ~table.wanted,
        table.moment.isnull() & _blank(table.dated),
        table.moment.isnull(),
        outside,
        (table.force == UNKNOWN) & _blank(table.written),
        table.force == UNKNOWN,
        amount,
    )
    pairs = ((condition, ibis.literal(number, "int8")) for number, condition in enumerate(conditions))
    return ibis.cases(*pairs, else_=ibis.literal(LEFT, "int8"))


def _is_late(table: Any) -> Any:
    """Whether a record was entered later than the same day of the next month, or that month's last day."""
    after = table.entry - table.month
    return ((after > 1) | ((after == 1) & (table.entered.day() > table.moment.day()))).fill_null(False)


def _summed(table: Any, driver: Driver, *groups: str) -> Any:
    """What is counted of groups of records, as far as it is asked for; amounts as text, which no engine rounds."""
    day = table.moment.day()
    month_after = (table.moment + ibis.interval(days=1)).month()
    is_last = (day < SHORTEST).ifelse(False, month_after != table.moment.month())
    sums = {"records": table.count(), "on_first": (day == 1).sum(), "on_last": is_last.sum()}
    if driver.recorded:
        sums |= {"late": table.late.sum(), "undated": table.undated.sum()}
    if not driver.sum:
        return table.group_by(*groups).agg(**sums)
    grouped = table.group_by(*groups).agg(**sums, total=table.amount.sum())
    return grouped.mutate(total=grouped.total.cast("string"))


def by_month(table: Any, driver: Driver) -> Any:
    """The records by reason, force and month, those without an id apart."""
    blank = table.id.isnull() if driver.id else ibis.literal(True)
    return _summed(table.mutate(blank=blank), driver, "reason", "force", "month", "blank")


def spellings(table: Any, engine: Engine, most: int) -> Any:
    """The most frequent spellings of forces that the plan does not know."""
    unknown = table.filter(table.spelling.notnull())
    counted = unknown.group_by("spelling").agg(records=unknown.count())
    return counted.order_by(counted.records.desc(), engine.ordered(counted.spelling)).limit(most)


def duplicates(table: Any, driver: Driver, engine: Engine) -> Any:
    """The records with the id of an earlier record, by force and month; the smallest ids are groups of their own.

    The first by date counts, ties by the plan's order of forces, then the larger amount. Records whose ids are rare
    enough to be alone are put aside by a hash; those left are told apart by the id itself.
    """
    left = table.filter((table.reason == LEFT) & table.id.notnull())
    hashed = left.mutate(hash=left.id.hash())
    groups = hashed.group_by("hash").agg(records=hashed.count())
    again = hashed.semi_join(groups.filter(groups.records > 1), "hash")
    order = [again.moment, again.force, again.amount.desc(), again.late]
    placed = again.mutate(place=ibis.row_number().over(group_by=again.id, order_by=order))
    later = placed.filter(placed.place > 0)
    ranked = later.mutate(rank=ibis.dense_rank().over(order_by=engine.ordered(later.id)))
    marked = ranked.mutate(small=(ranked["rank"] < FEW).ifelse(ranked.id, None))
    return _summed(marked, driver, "force", "month", "small")


def smallest(table: Any, engine: Engine, most: int) -> Any:
    """The smallest ids of the records left out for each reason but duplicates, so many of them, repeated or not."""
    out = table.filter((table.reason < LEFT) & table.id.notnull()).select("reason", "id")
    order = ibis.row_number().over(group_by=out.reason, order_by=engine.ordered(out.id))
    placed = out.mutate(place=order)
    return placed.filter(placed.place < most).select("reason", "id")
