"""The steps' SQL on a real Spark: the same tables go in, and the same rows have to come out as DuckDB gave.

Skipped where Java or Spark is absent; `make spark` brings Spark and runs this. One Spark serves all of these tests.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.simulate import TINY, write_world
from pipelines.engine import Engine
from pipelines.link.bare import Absence
from tests.backtest.road import audit
from tests.link.dialects import SAME
from tests.link.recorded import FILES, Recorder, assert_same_rows, differences
from tests.link.spark import Spark, why_not
from tests.link.worlds import gaps, leg, linked, moment, record

needs_spark = pytest.mark.skipif(why_not() is not None, reason=why_not() or "Spark is there")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    with Spark(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    folder = tmp_path / "recorded"
    folder.mkdir()
    found = Recorder(folder)
    found.watch(monkeypatch)
    return found


@needs_spark
def test_functions_that_a_step_may_use_mean_the_same(spark: Spark, tmp_path: Path) -> None:
    """Over nulls, negatives, empty text and keys beyond the signed range."""
    sample = pl.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "whole": [70, -75, 5, None],
            "other": [None, 3, 1, 1],
            "part": [Decimal("1.125"), Decimal("-2.345"), None, Decimal("10.005")],
            "word": ["abc def", "A|b.ü", "", None],
            "flag": [True, False, None, True],
        },
        schema_overrides={"part": pl.Decimal(18, 3)},
    )
    sample.write_parquet(tmp_path / "sample.parquet")
    text = f"SELECT id, {', '.join(f'{example} AS as_{name}' for name, example in SAME.items())} FROM sample"
    with Engine() as engine:
        engine.frame("sample", sample)
        given = engine.query("given", text)
    assert_same_rows(given, spark.query(text, {"sample": tmp_path / "sample.parquet"}, {}))


@needs_spark
def test_keys_beyond_the_signed_range_compare_join_and_divide_by_their_value(spark: Spark, tmp_path: Path) -> None:
    keys = pl.DataFrame({"caller_key": pl.Series([2**64 - 1, 2**63, 2**63 - 1, 12, None], dtype=pl.UInt64)})
    keys.write_parquet(tmp_path / "keys.parquet")
    text = """
        SELECT one.caller_key, one.caller_key % $buckets AS bucket, COUNT(other.caller_key) AS below
        FROM keys AS one
        INNER JOIN keys AS same ON one.caller_key = same.caller_key
        LEFT JOIN keys AS other ON other.caller_key < one.caller_key
        GROUP BY one.caller_key
    """
    theirs = spark.query(text, {"keys": tmp_path / "keys.parquet"}, {"buckets": 7})
    found = theirs.sort("caller_key").rows()
    ordered = sorted(key for key in keys["caller_key"].to_list() if key is not None)
    assert found == [(key, key % 7, place) for place, key in enumerate(ordered)]
    with Engine() as engine:
        engine.frame("keys", keys)
        assert_same_rows(engine.query("given", text, buckets=7), theirs)


def test_another_row_or_kind_is_noticed() -> None:
    ours = pl.DataFrame({"a": [1, 2], "b": [Decimal("0.5"), None]})
    assert_same_rows(ours, ours.reverse())
    for theirs in (
        ours.head(1),
        ours.select("b", "a"),
        ours.with_columns(a=pl.lit(1)),
        ours.with_columns(pl.col("a").cast(pl.Float64)),
        ours.with_columns(b=pl.lit(None).cast(pl.Decimal(38, 1))),
    ):
        with pytest.raises(AssertionError):
            assert_same_rows(ours, theirs)


Rows = list[dict[str, Any]]


def two_days(masks_all: bool) -> tuple[Rows, Rows]:
    """Records and legs of 600 calls, of callers who ring again, between two queues and the two routes that lead there.

    The vendor's clock drifts; some calls lack a side, some come twice, some records hide the number or part of it.
    """
    vendor: Rows = []
    inhouse: Rows = []
    for number in range(1, 601):
        at, who = 6 * 3600 + 240.0 * number, number * 7 % 230
        mask = f"0{20 + who // 10}*****{10 + who % 90}"
        caller = {"caller_key": 2**63 + who, "caller_kind": "number", "caller_mask": mask}
        masked = {"caller_key": None, "caller_kind": "masked", "caller_mask": mask}
        withheld = {"caller_key": None, "caller_kind": "withheld", "caller_mask": None}
        shown = masked if masks_all or number % 12 == 1 else withheld if number % 12 == 2 else caller
        seen = at + 3612 + at / 20_000 + number % 5
        ended = {"outcome": "answered", "talk_s": Decimal(90), "ended_utc": moment(seen + 90 + number % 7)}
        if number % 13:
            ways = {"route": ["R1", "R2"][number % 2], "leg_ended_utc": moment(at + 91)}
            inhouse.append(leg(number, None, at, **caller, **ways))
        if number % 17:
            vendor.append(record(number, None, seen, **shown, **ended, queue=["sales", "help"][number % 2]))
        if number % 19 == 0:
            vendor.append(record(1000 + number, None, seen + 2, **shown, **ended, leg="2"))
        if number % 23 == 0:
            inhouse.append(leg(1000 + number, None, at + 8, **caller))
    return vendor, inhouse


@needs_spark
def test_the_link_step_gives_the_same_rows(spark: Spark, recorder: Recorder, tmp_path: Path) -> None:
    bare = gaps((10 * 3600, 12 * 3600))
    absences = [Absence(moment(30 * 3600), moment(31 * 3600), "not delivered yet")]
    linked(tmp_path / "numbers", *two_days(masks_all=False), bare=bare, absences=absences)
    linked(tmp_path / "masks", *two_days(masks_all=True))
    replay(spark, recorder, ("pipelines/link",), each=2)


@needs_spark
def test_a_whole_audit_gives_the_same_rows(
    spark: Spark, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulated week of three vendors, every step from linking to settling."""
    monkeypatch.setenv("TIEOUT_KEY", "a secret of some length")
    audit(write_world(tmp_path / "world", seed=7, size=TINY).directory, "2026-10")
    replay(spark, recorder, ("pipelines/measure", "pipelines/settle", "checks/padding"), each=1)


WITHOUT_ROWS = {
    "pipelines/measure/capacity/busy_records.sql",
    "pipelines/measure/compare/frequent_callers.sql",
    "pipelines/measure/contacts/records.sql",
    "pipelines/measure/people/first_seen.sql",
    "pipelines/measure/resolution/customers.sql",
    "pipelines/measure/resolution/single_numbers.sql",
    "pipelines/measure/resolution/single_records.sql",
    "pipelines/measure/service/open_reasons.sql",
    "pipelines/measure/volume/regular_kinds.sql",
    "pipelines/measure/volume/regular_singles.sql",
    "pipelines/measure/volume/regulars.sql",
}
"""Steps to which one simulated week gives nothing: earlier months, numbered legs, busy lines, other units. Their text
is checked in `test_sql.py`; where they give rows, those are compared here too."""


def replay(spark: Spark, recorder: Recorder, whole: tuple[str, ...], each: int) -> None:
    """The longest runs of every step give the same rows on Spark; those in the folders `whole` all ran, with rows."""
    chosen = recorder.longest(each)
    ran = {str(found.step) for found in chosen if found.rows}
    asked = {str(path) for path in FILES.values() if str(path).startswith(tuple(f"{folder}/" for folder in whole))}
    assert not asked - ran - WITHOUT_ROWS, "\n".join(sorted(asked - ran))
    assert differences(chosen, lambda found: spark.query(found.text, found.inputs, found.params)) == {}
