"""The vendor's clock in words: what is told of a month of spans, once per kind, in the client's time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from pipelines.link.told import Move, told
from pipelines.tables import OFFSETS
from reports.clock import clock_sentence, move_clause, move_sentence
from reports.scorecard import ClockMove, Matching
from reports.words import words

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
Span = tuple[int, float, str | None]
"""Day of October, offset in seconds, how the clock moved."""


def offsets(*spans: Span, drift: str = "0", basis: str = "day", from_hour: int = 0) -> pl.DataFrame:
    """A table of spans, one a day; several of one day begin one hour after the other."""
    rows = []
    for place, (day, offset, moved) in enumerate(spans):
        start = datetime(2026, 10, 1, from_hour, tzinfo=UTC) + timedelta(days=day - 1)
        start += timedelta(hours=sum(earlier[0] == day for earlier in spans[:place]))
        rows.append(
            {
                "vendor_id": "south",
                "day": date(2026, 10, 1) + timedelta(days=day - 1),
                "from_utc": start,
                "middle_utc": start + timedelta(minutes=30),
                "to_utc": start + timedelta(hours=1),
                "offset_s": Decimal(str(offset)),
                "drift_s_per_day": Decimal(drift),
                "spread_s": Decimal("1.5"),
                "pairs": 100,
                "basis": basis,
                "moved": moved,
                "said": moved and "so it is said",
            }
        )
    return pl.DataFrame(rows, schema_overrides=OFFSETS.schema).select(OFFSETS.schema.names())


def moves(*spans: Span, **more: str | int) -> Sequence[Move]:
    return told(offsets(*spans, **more), FIRST, LAST, "Asia/Shanghai").moves  # type: ignore[arg-type]


def test_offset_and_spread_are_the_medians_of_the_month() -> None:
    clock = told(offsets((1, 10, None), (2, 12, None), (3, 37, None)), FIRST, LAST, "UTC")
    assert (clock.offset_s, clock.spread_s, clock.moves) == (12.0, 1.5, ())


def test_days_whose_offset_is_not_known_do_not_count() -> None:
    clock = told(offsets((1, 10, None), basis="none"), FIRST, LAST, "UTC")
    assert (clock.offset_s, clock.spread_s) == (None, None)


def test_a_vendor_without_records_has_no_clock() -> None:
    assert told(OFFSETS.empty(), FIRST, LAST, "UTC").offset_s is None


def test_a_zone_is_told_once_with_its_days_and_its_hours() -> None:
    standing = [(day, 3637.0, "zone") for day in (25, 26, 27)]
    assert moves((24, 37, None), *standing) == (Move("zone", "2026-10-25", "2026-10-27", 3, 3600.0),)


def test_of_several_steps_the_largest_is_told_with_the_hour_on_the_clients_clock() -> None:
    found = moves((5, 0, None), (5, 40, "step"), (9, 40, None), (9, -60, "step"), from_hour=3)
    assert found == (Move("step", "2026-10-09", "2026-10-09", 2, -100.0, "12:01"),)


def test_what_drifted_is_no_part_of_a_jump() -> None:
    assert moves((5, 10, None), (7, 114, "jump"), drift="2") == (Move("jump", "2026-10-07", "2026-10-07", 1, 100.0),)


def test_a_drift_is_told_by_the_day() -> None:
    assert moves((5, 10, "drift"), (6, 12, "drift"), drift="2") == (Move("drift", "2026-10-05", "2026-10-06", 2, 2.0),)


def test_what_moved_outside_the_month_is_not_told() -> None:
    assert moves((31, 10, None), (32, 110, "jump")) == ()


SENTENCES = [
    (
        ClockMove("zone", "2026-10-25", "2026-10-31", 7, 3600.0),
        "On 7 days from 25 Oct to 31 Oct the vendor’s clock stood 1:00:00 ahead of ours: a wrong time zone, or a clock "
        "change that was missed.",
        "10月25日至10月31日，外包商的时钟有 7 天比我方快 1:00:00：时区有误，或漏作夏令时调整。",
    ),
    (
        ClockMove("zone", "2026-10-25", "2026-10-25", 1, -3600.0),
        "On 25 Oct the vendor’s clock stood 1:00:00 behind ours: a wrong time zone, or a clock change that was missed.",
        "10月25日外包商的时钟比我方慢 1:00:00：时区有误，或漏作夏令时调整。",
    ),
    (
        ClockMove("step", "2026-10-12", "2026-10-12", 1, -130.0, "15:01"),
        "On 12 Oct, about 15:01, the vendor’s clock jumped by −0:02:10.",
        "10月12日 15:01 前后，外包商的时钟跳变 −0:02:10。",
    ),
    (
        ClockMove("jump", "2026-10-12", "2026-10-12", 3, 90.0),
        "The vendor’s clock jumped 3 times from one day to another, furthest before 12 Oct, by +90.0\u00a0s.",
        "外包商的时钟在日与日之间跳变 3 次，幅度最大的一次在10月12日之前，为 +90.0\u00a0秒。",
    ),
    (
        ClockMove("drift", "2026-10-01", "2026-10-31", 31, -2.0),
        "The vendor’s clock loses 2.0\u00a0s a day; nobody sets it.",
        "外包商的时钟每天走慢 2.0\u00a0秒，未曾校准。",
    ),
]


@pytest.mark.parametrize(("move", "english", "chinese"), SENTENCES)
def test_every_move_has_its_sentence(move: ClockMove, english: str, chinese: str) -> None:
    assert move_sentence(words("en"), move) == english
    assert move_sentence(words("zh"), move) == chinese


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("move", [move for move, _, _ in SENTENCES])
def test_what_is_asked_of_the_vendor_names_no_foreign_clock(move: ClockMove, language: str) -> None:
    clause = move_clause(words(language), move)
    assert clause
    assert "UTC" not in clause + move_sentence(words(language), move)


@pytest.mark.parametrize(
    ("offset", "spread", "sentence"),
    [
        (None, None, "The difference between the two clocks could not be determined."),
        (0.04, 1.0, "The two clocks agree, for nine of ten calls to within ± 1.0\u00a0s."),
        (
            -12.0,
            0.5,
            "The vendor’s clock runs 12.0\u00a0s behind ours, "
            "nine of ten calls to within ± 0.5\u00a0s of that; this has been allowed for.",
        ),
        (
            3600.0,
            2.0,
            "The vendor’s clock runs 1:00:00 ahead of ours, "
            "nine of ten calls to within ± 2.0\u00a0s of that; this has been allowed for.",
        ),
    ],
)
def test_the_offset_is_told_with_its_spread(offset: float | None, spread: float | None, sentence: str) -> None:
    matching = Matching(1, 0, 0, 0, 0, offset, 100.0, spread)
    assert clock_sentence(words("en"), matching) == sentence
