"""Times `count` beside a plain DuckDB query for the same volumes, and beside pandas; whole processes, in turn.

    python benchmarks/counting.py FOLDER [--rounds 3] [--records 20000000] [parquet] [csv] [within] [pandas]

FOLDER holds the records between runs: 12 MB of Parquet and 51 MB of CSV for each million. The plain query reads the
force, month and id of each record, keeps the first of each id and groups; it looks at nothing else, and says nothing
of what it leaves out. `within` times the queries of `count` in one process with the plain one, in turn: for the volumes
alone, and with the evidence.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from run import PROGRAM, PYTHON, Took, compare, once, quietly

RECORDS = """
import sys, duckdb
duckdb.execute("set enable_progress_bar = false")
number, path = int(sys.argv[1]), sys.argv[2]
how = "format csv, header" if path.endswith("csv") else "format parquet"
duckdb.execute(f'''copy (
    select 'INC' || lpad((i - (i % 200 = 199)::int)::varchar, 9, '0') as incident_no,
        timestamp '2014-04-01' + to_seconds((i * 7919 % (60 * 30 * 86400))::bigint) as created_at,
        case when i % 400 = 19 then 'Essex' when i % 20 = 0 then ' cambridgeshire' when i % 20 = 1 then 'Beds Police'
             when i % 20 < 5 then 'Bedfordshire' when i % 20 < 8 then 'Cambridgeshire' else 'Hertfordshire' end
             as force_name,
        (i // 7 * 31 % 5 + 1)::varchar as grade
    from range({number}) t(i)) to '{path}' ({how})''')
"""
FORCE = """case lower(trim(force_name)) when 'bedfordshire' then 'BEDS' when 'beds police' then 'BEDS'
when 'cambridgeshire' then 'CAMBS' when 'hertfordshire' then 'HERTS' end"""
GROUPS = f"""select {FORCE} as force, date_trunc('month', created_at) as period, count(*)
from '{{file}}' where grade in ('1', '2', '3') and force is not null group by all order by all"""
FIRST_OF_ID = f"""select force, date_trunc('month', created_at) as period, count(*) from (
    select incident_no, created_at, {FORCE} as force from '{{file}}'
    where grade in ('1', '2', '3') and force is not null
    qualify row_number() over (partition by incident_no order by created_at, force) = 1)
group by all order by all"""
PLAIN = "import sys, duckdb; print(duckdb.execute(sys.argv[1]).fetchall())"
PANDAS = """
import sys, pandas as pd
read = pd.read_csv if sys.argv[1].endswith("csv") else pd.read_parquet
frame = read(sys.argv[1])
frame["created_at"] = pd.to_datetime(frame["created_at"])
frame = frame[frame["grade"].astype(str).isin(["1", "2", "3"])]
known = {"bedfordshire": "BEDS", "beds police": "BEDS", "cambridgeshire": "CAMBS", "hertfordshire": "HERTS"}
frame["force"] = frame["force_name"].str.strip().str.lower().map(known)
frame = frame.dropna(subset=["force"]).sort_values("created_at").drop_duplicates("incident_no")
print(frame.groupby(["force", frame["created_at"].dt.to_period("M")]).size())
"""
WITHIN = """
import sys, tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from bch_apportion.counting import expression, tallies
from bch_apportion.counting.engines import embedded
from bch_apportion.counting.plan import read_plan
from bch_apportion.counting.records import open_records
plan, _ = read_plan(Path(sys.argv[1]))
def silent(*done): pass
def timed(work):
    start = perf_counter()
    work()
    return perf_counter() - start
with tempfile.TemporaryDirectory() as folder:
    (driver,), engine = plan.drivers, embedded(Path(folder))
    records = open_records(plan, driver, engine)
    plain = lambda: engine.backend.con.execute(sys.argv[2]).fetchall()
    contenders = {
        "volumes": lambda: tallies.volumes(expression.classified(records, driver, plan), records, driver, plan, silent),
        "volumes and evidence": lambda: tallies.tally(records, driver, plan, silent),
    }
    rounds = [(timed(plain), [timed(work) for work in contenders.values()]) for _ in range(int(sys.argv[3]))]
    print(f"Within a process, the plain query {median(first for first, _ in rounds):.2f} s:")
    for place, name in enumerate(contenders):
        ratios = sorted(seconds[place] / first for first, seconds in rounds)
        print(f"- {name}: {median(ratios):.2f} times ({ratios[0]:.2f} to {ratios[-1]:.2f})")
"""
PLAN = """
[forces]
BEDS = ["Bedfordshire", "Beds Police"]
CAMBS = ["Cambridgeshire"]
HERTS = ["Hertfordshire"]

[[driver]]
name = "incidents"
from = "{file}"
date = "created_at"
force = "force_name"
where = {{ grade = ["1", "2", "3"] }}
"""


def made(folder: Path, kind: str, records: int) -> Path:
    path = folder / f"records-{records}.{kind}"
    if not path.exists():
        subprocess.run([PYTHON, "-c", RECORDS, str(records), str(path)], check=True)
    return path


def planned(folder: Path, file: Path, ids: bool) -> str:
    plan = folder / f"{file.stem}-{file.suffix[1:]}{'-ids' * ids}.toml"
    plan.write_text(PLAN.format(file=file.name) + 'id = "incident_no"\n' * ids, "utf-8")
    return str(plan)


def beside(folder: Path, kind: str, records: int, rounds: int, words: Sequence[str]) -> None:
    """Both plans, without ids and with them, each beside the query for the same volumes."""
    file = made(folder, kind, records)

    def run(*words: str) -> Callable[[], Took]:
        return lambda: once(quietly(list(words)))

    for ids, query in ((False, GROUPS.format(file=file)), (True, FIRST_OF_ID.format(file=file))):
        contenders = {
            "a plain DuckDB query": run(PYTHON, "-c", PLAIN, query),
            "count, with its evidence": run(*PROGRAM, "count", planned(folder, file, ids), "--json"),
        }
        if "pandas" in words and ids:
            contenders["pandas"] = run(PYTHON, "-c", PANDAS, str(file))
        counted = "each id once" if ids else "every record"
        compare(f"{records:,} records of {kind}, {counted}", rounds, contenders)
        if "within" in words:
            subprocess.run([PYTHON, "-c", WITHIN, planned(folder, file, ids), query, str(rounds)], check=True)


def main() -> None:
    words = sys.argv[2:]
    options = {name: int(words[words.index(f"--{name}") + 1]) for name in ("rounds", "records") if f"--{name}" in words}
    for kind in ("parquet", "csv"):
        if kind in words:
            records = options.get("records", 20_000_000)
            beside(Path(sys.argv[1]), kind, records, options.get("rounds", 3), words)


if __name__ == "__main__":
    main()
