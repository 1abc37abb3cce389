"""What lies around a call in the lake: the calls that came into question, both clocks, how whole our log is there.

Read only as far as it is needed: some minutes of both sides and the links of what lies there. What is said of it stands
in `explain_call.py`, what is drawn in `picture.py`. Times are microseconds since 1970 in UTC, on the client's clock
unless a name says otherwise.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import Month, calls_of, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.lake import Lake
from pipelines.link.coverage.step import routes_of
from pipelines.tables import COVERAGE, INHOUSE_CALLS, LINKS, LOG_SPANS, NIGHT_LINKS, OFFSETS, VENDOR_CALLS, Table
from reports.case import AROUND_S, SECOND, Call, Case, Known, micros, micros_of, moment_of, offset_at

VIEW_S = 300
"""Calls of everybody, as far as this at least; twice the tolerance where that is more."""
_BIN = 300 * SECOND
_HALF_A_DAY = 12 * 3600 * SECOND
_CASES = 100
"""Calls that are looked at together: what lies around them is held at once."""


class Surroundings:
    """The lake around the calls of one vendor's month."""

    def __init__(self, space: Workspace, lake: Lake, vendor: str, month: Month) -> None:
        self._vendor = vendor
        self.zone = ZoneInfo(space.time_zone)
        self.tolerance_s = space.vendors[vendor].terms.of_month(month.first, month.last).match.tolerance_s
        where = {"vendor": vendor, "month": month.text}
        self.paths = link_paths(lake, vendor, month)
        self._offsets = list(lake.read(OFFSETS, **where).sort("from_utc").iter_rows(named=True))
        self._hours = lake.read(COVERAGE, month=month.text).filter(pl.coalesce("route", pl.lit("")) == "")
        self._spans = lake.read(LOG_SPANS, month=month.text)
        self._calls, self._legs = calls_of(lake, vendor, month), legs_of(lake, month)

    def cases(self, links: pl.DataFrame) -> Iterator[Case]:
        """A case for each row of `links`, in order; rows whose record is no longer in the lake are left out."""
        for some in links.iter_slices(_CASES):
            yield from self._cases(some)

    def _cases(self, links: pl.DataFrame) -> list[Case]:
        own = self._own(links)
        both = self._around([call for _, call in own]).sort("at")
        moments = both["at"]
        reach = max(AROUND_S, self._view_s) * SECOND
        cases = []
        for row, call in own:
            low, high = moments.search_sorted(call.at - reach), moments.search_sorted(call.at + reach, side="right")
            near = both[low:high].filter(self._tells_something(call))
            calls = tuple(_call(found) for found in near.iter_rows(named=True))
            cases.append(self._case(row, call, calls))
        return cases

    def _tells_something(self, own: Call) -> pl.Expr:
        """Which calls around one matter to it: its caller's, those that could be it, and of others one a second."""
        apart = (pl.col("at") - own.at).abs()
        could_be = pl.col("partner_row").is_null() | pl.col("key").is_null() | pl.lit(own.key is None)
        first = pl.struct("side", pl.col("at") // SECOND).is_first_distinct()
        same = pl.col("key").eq_missing(pl.lit(own.key, pl.UInt64)) & pl.col("key").is_not_null()
        could_be &= apart <= self.tolerance_s * SECOND
        return same | could_be | (first & (apart <= self._view_s * SECOND)) | self._is_partner(own)

    def _is_partner(self, own: Call) -> pl.Expr:
        """Whether a row of the other side is the partner, or a row of its own side the call itself."""
        file, row = own.partner_ref or ("", 0)
        is_own_side = pl.col("side") == own.side
        is_itself = is_own_side & (pl.col("file_id") == own.ref[0]) & (pl.col("row") == own.ref[1])
        return is_itself | (~is_own_side & (pl.col("file_id") == file) & (pl.col("row") == row))

    def _case(self, row: dict[str, Any], own: Call, calls: tuple[Call, ...]) -> Case:
        hour = moment_of(own.at).replace(minute=0, second=0, microsecond=0)
        hours = self._hours.filter(pl.col("hour_utc") == hour)
        clock = self._span(own)
        known = tuple(self._known(own.at))
        told = hours.row(0, named=True) if hours.height else None
        return Case(row, own, calls, clock, told, known, self.tolerance_s, self.zone)

    @cached_property
    def _routes(self) -> list[str]:
        """The routes that lead to the vendor."""
        return routes_of(self._legs, self._vendor)

    @property
    def _view_s(self) -> int:
        return max(VIEW_S, 2 * self.tolerance_s)

    def _own(self, links: pl.DataFrame) -> list[tuple[dict[str, Any], Call]]:
        """Each row with the call that it is about."""
        found: dict[tuple[str, str, int], Call] = {}
        for side, paths, table in (("vendor", self._calls, VENDOR_CALLS), ("inhouse", self._legs, INHOUSE_CALLS)):
            own = links.filter((pl.col("side") == "inhouse") == (side == "inhouse"))
            rows = _only(scan(paths, table).select(_columns(side)), own.select("file_id", "row"))
            for row in _linked(rows, own, side).iter_rows(named=True):
                found[side, row["file_id"], row["row"]] = _call(row)
        named = [
            (row, found.get(("inhouse" if row["side"] == "inhouse" else "vendor", row["file_id"], row["row"])))
            for row in links.iter_rows(named=True)
        ]
        return [(row, call) for row, call in named if call is not None]

    def _around(self, own: Sequence[Call]) -> pl.DataFrame:
        """Calls of both sides near any of these."""
        keys = pl.Series([call.key for call in own if call.key is not None], dtype=pl.UInt64).unique()
        legs = self._near(self._legs, "inhouse", [call.at for call in own], keys)
        times = [call.at + offset for call in own for offset in self._offsets_near(call)]
        records = self._near(self._calls, "vendor", times, keys)
        return pl.concat([self._with_links(records, "vendor"), self._with_links(legs, "inhouse")])

    def _offsets_near(self, call: Call) -> set[int]:
        """What may be taken off the vendor's times around a call."""
        near = (span for span in self._offsets if _is_near(span, call.at))
        return {offset_at(span, call.at) for span in near} | {call.own_at - call.at if call.side == "vendor" else 0}

    def _near(self, paths: Sequence[Path], side: str, times: Sequence[int], keys: pl.Series) -> pl.DataFrame:
        """Rows of one side by its own clock: of these callers some quarters of an hour, of others some minutes."""
        reach = max(AROUND_S, self._view_s) * SECOND
        wide, narrow = (_bins(times, span) for span in (reach, self._view_s * SECOND))
        table = INHOUSE_CALLS if side == "inhouse" else VENDOR_CALLS
        days = {
            f"{moment_of(at).astimezone(self.zone) + timedelta(days=n):%Y-%m-%d}" for at in times for n in (-1, 0, 1)
        }
        some = [path for path in paths if path.parent.name.partition("=")[2] in days]
        at_bin = pl.col("own_at") // _BIN
        rows = scan(some, table).select(_columns(side))
        is_near = at_bin.is_in(narrow.implode()) | (at_bin.is_in(wide.implode()) & pl.col("key").is_in(keys.implode()))
        return rows.filter(is_near).collect(engine="streaming")

    def _with_links(self, rows: pl.DataFrame, side: str) -> pl.DataFrame:
        names = ["inhouse_file_id", "inhouse_row"] if side == "inhouse" else ["file_id", "row"]
        links = scan(self.paths, LINKS).filter(pl.col("side").is_in(["pair", side]))
        return _linked(
            rows, _only(links, rows.select("file_id", "row").rename(dict(zip(_REF, names, strict=True)))), side
        )

    def _span(self, own: Call) -> dict[str, Any] | None:
        """The span of the vendor's clock that a call lies in, or the nearest of that day; None where there is none."""
        apart = [(_outside(span, own), place) for place, span in enumerate(self._offsets)]
        nearest, place = min(apart, default=(_HALF_A_DAY, 0))
        return self._offsets[place] if nearest < _HALF_A_DAY else None

    def _known(self, at: int) -> Iterator[Known]:
        reach = timedelta(seconds=max(AROUND_S, self._view_s))
        moment = moment_of(at)
        near = self._spans.filter((pl.col("from_utc") <= moment + reach) & (pl.col("to_utc") > moment - reach))
        routes = self._routes if near["route"].is_not_null().any() else []
        for row in near.filter(pl.col("route").is_null() | pl.col("route").is_in(routes)).iter_rows(named=True):
            yield Known(row["state"], micros_of(row["from_utc"]), micros_of(row["to_utc"]), row["reason"] or "")


def link_paths(lake: Lake, vendor: str, month: Month) -> list[Path]:
    """Partitions of the month's links; those of its nights where the month was not audited."""
    nights = [path for path in lake.paths(NIGHT_LINKS, vendor=vendor) if f"day={month.text}" in path.parent.name]
    return lake.paths(LINKS, vendor=vendor, month=month.text) or nights


_REF = ("file_id", "row")


def _only(rows: pl.LazyFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """The rows that `wanted` names by file and row; whole parts of a file that hold none are not read."""
    file, row = wanted.columns
    near = pl.col(file).is_in(wanted[file].unique().implode()) & pl.col(row).is_between(
        wanted[row].min(), wanted[row].max()
    )
    return rows.filter(near).join(wanted.lazy(), on=wanted.columns, how="semi").collect(engine="streaming")


def _columns(side: str) -> list[pl.Expr]:
    at = pl.col("offered_utc") if side == "vendor" else pl.coalesce("transferred_utc", "arrived_utc")
    same = [pl.col("file_id"), pl.col("row"), pl.col("call_id")]
    caller = [pl.col(f"caller_{name}").alias(name) for name in ("key", "mask", "kind")]
    return [*same, *caller, at.dt.epoch("us").alias("own_at")]


def _linked(rows: pl.DataFrame, links: pl.DataFrame, side: str) -> pl.DataFrame:
    """Rows of a side with their links; records by the client's clock, those that no link is about left out."""
    own, other = ("inhouse_", "") if side == "inhouse" else ("", "inhouse_")
    is_pair = pl.col("side") == "pair"
    told = links.select(
        pl.col(f"{own}file_id").alias("file_id"),
        pl.col(f"{own}row").alias("row"),
        "match_class",
        pl.when(is_pair).then(f"{'vendor' if side == 'inhouse' else 'inhouse'}_call_id").alias("partner"),
        pl.when(is_pair).then(f"{other}file_id").alias("partner_file"),
        pl.when(is_pair).then(f"{other}row").alias("partner_row"),
        (pl.col("offset_s") * SECOND).round().cast(pl.Int64).alias("offset"),
    )
    joined = rows.join(told, on=["file_id", "row"], how="inner" if side == "vendor" else "left")
    off = pl.lit(0) if side == "inhouse" else pl.col("offset").fill_null(0)
    return joined.with_columns(side=pl.lit(side), at=pl.col("own_at") - off).drop("offset")


def _call(row: dict[str, Any]) -> Call:
    partner = None if row["partner_row"] is None else (row["partner_file"], row["partner_row"])
    same = {name: row[name] for name in ("side", "at", "own_at", "key", "mask", "kind", "match_class", "partner")}
    return Call(call_id=row["call_id"] or "", ref=(row["file_id"], row["row"]), partner_ref=partner, **same)


def _outside(span: dict[str, Any], own: Call) -> int:
    """How far a call lies outside a span of the vendor's clock; 0 inside."""
    at = own.own_at if own.side == "vendor" else own.at + offset_at(span, own.at)
    return max(micros_of(span["from_utc"]) - at, at - micros_of(span["to_utc"]), 0)


def _is_near(span: dict[str, Any], at: int) -> bool:
    """Whether a span of the vendor's clock may hold a call of that time on the client's."""
    there = at + micros(span["offset_s"])
    return micros_of(span["from_utc"]) - _HALF_A_DAY <= there <= micros_of(span["to_utc"]) + _HALF_A_DAY


def _bins(times: Sequence[int], reach: int) -> pl.Series:
    found = {place for at in times for place in range((at - reach) // _BIN, (at + reach) // _BIN + 1)}
    return pl.Series(sorted(found), dtype=pl.Int64)


def scan(paths: Sequence[Path], table: Table) -> pl.LazyFrame:
    """Partitions of a table, read as far as is asked; the empty table where there are none."""
    return pl.scan_parquet(list(paths), hive_partitioning=False) if paths else table.empty().lazy()
