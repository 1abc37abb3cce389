"""What is physically there, and how many calls were there at once; busy calls and calls that flow back, as figures."""

from collections.abc import Mapping

import polars as pl

from pipelines.contract.model import Contract
from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, Side, not_measurable


def trunks_there(rows: pl.DataFrame, frame: pl.DataFrame, agreed: int | None) -> pl.Series:
    """Lines at the start of each half hour: the last capacity delivered from that moment on, else the agreed number."""
    dated = rows.filter(pl.col("from_utc").is_not_null()).sort("from_utc", "file_id", "row")
    last = dated.unique("from_utc", keep="last", maintain_order=True).select("from_utc", trunks="capacity")
    found = frame.select("start_utc").join_asof(last, left_on="start_utc", right_on="from_utc", strategy="backward")
    return found.select(pl.coalesce("trunks", pl.lit(agreed, pl.Int64)).alias("trunks"))["trunks"]


def peak(figure: str, most: pl.Series, side: Side = "vendor") -> Measured:
    """The most at one moment of the month."""
    value = most.max()
    if not isinstance(value, int) or value <= 0:
        return not_measurable(figure, "nothing_to_count", side=side)
    return Measured(figure, "all", float(value), n=value, definition=kpi(figure).code, side=side)


def beyond(figure: str, most: pl.Series, limit: pl.Series, why: str, side: Side = "vendor") -> Measured:
    """In what share of half hours more were there at once than the limit; `why`: what is missing without a limit."""
    known = limit.is_not_null() & most.is_not_null()
    if not known.any():
        return not_measurable(figure, why if limit.len() and limit.is_null().all() else "nothing_to_count", side=side)
    if not (most.filter(known) > 0).any():  # not one call: nobody looked
        return not_measurable(figure, "nothing_to_count", side=side)
    over, count = int((most > limit).filter(known).sum()), int(known.sum())
    return Measured(figure, "all", share_pct(over, count), n=count, definition=kpi(figure).code, side=side)


def can_say_busy(contract: Contract, feed: str) -> bool:
    """Whether outcomes of this feed can say `blocked` at all: a figure of none would else be a guess."""
    items = contract.feed(feed)
    if feed == "calls" and not items:
        return bool(contract.feed("queue_events"))
    columns = [item.role("outcome") for item in items]
    return any(
        (item.format != "delimited" and not item.columns)
        or (column is not None and (column.map is None or "blocked" in column.map.values()))
        for item, column in zip(items, columns, strict=True)
    )


def busy_rate(legs: Mapping[str, int], records: Mapping[str, int], log_says: bool, vendor_says: bool) -> Measured:
    """Attempts that met busy ÷ attempts: the client's legs, by either side's word.

    Left open: legs whose outcome nobody tells, and the vendor's blocked records that no leg confirms.
    """
    if not (log_says or vendor_says):
        return not_measurable("busy_rate", "own_column_missing:outcome")
    busy = legs["busy"] + records["paired"]
    up = legs["untold"] if log_says else min(records["lone_legs"], legs["legs"] - busy)
    return _share("busy_rate", busy, legs["legs"], Open(up=up, add=records["alone"]))


def flow_back(counts: Mapping[str, int]) -> Measured:
    """Calls passed on that came back within the time ÷ calls passed on."""
    back = counts["returned"] + counts["retried"]
    return _share("overflow_back_rate", back, counts["legs"], Open(up=counts["maybe"]))


def _share(figure: str, part: int, base: int, left: Open) -> Measured:
    if not base:
        return not_measurable(figure, "nothing_to_count")
    low, high = share_bounds(part, base, left)
    return Measured(figure, "all", share_pct(part, base), low, high, base, kpi(figure).code)
