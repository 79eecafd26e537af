"""The same records on Spark, in local mode: the counter's counts and evidence. Too heavy for every check.

pip install pyspark && pytest -m spark tests/counting/test_spark.py
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from tests.counting import made
from tests.counting.test_against_counter import TYPED, compared

MISSING = importlib.util.find_spec("pyspark") is None or shutil.which("java") is None


@pytest.mark.spark
@pytest.mark.skipif(MISSING, reason="pyspark or Java is not installed")
@pytest.mark.parametrize(("seed", "offsets"), [(1, True), (2, True), (3, False)])
@pytest.mark.filterwarnings("ignore")
def test_spark_counts_as_the_counter_does(seed: int, offsets: bool, tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    asked, records = made.asked(seed, TYPED), made.typed(600, 5)
    records = records if offsets else made.without_offsets(records)
    made.write_parquet(tmp_path / "a.parquet", records)
    spark.read.parquet(str(tmp_path / "a.parquet")).createOrReplaceTempView("incidents")
    assert spark.table("incidents").schema["when"].dataType.typeName() == ("timestamp" if offsets else "timestamp_ntz")
    compared(asked, records, tmp_path / "plan.toml", made.plan(asked, 'table = "incidents"', "pyspark://"))
