"""The contacts of some callers, all sides together: chains of attempts, hand-backs, and who came again, when and where.

A contact never follows itself: rows of one call of one caller (equal `inhouse_call_id`) are one contact.
"""

import numpy as np
import polars as pl

from pipelines.contract.vocabulary import INHOUSE
from pipelines.measure.contacts.following import NONE, Flags, Rows, Whole, chained, next_in
from pipelines.measure.contacts.sides import BLOCKED, CONTACT, OUTBOUND
from pipelines.tables import CONTACTS

RETRY_S = 60
"""A caller who met busy and rings again within a minute makes one attempt more, no further contact: telephones redial
in steps of seconds to half a minute, and nobody has been spoken to in between."""
_SECOND = 1_000_000
_ORDER = ("caller_key", "starts_us", "side_no", "file_no", "row")


def contacts_of(rows: pl.DataFrame, longest_s: int) -> pl.DataFrame:
    """`ROWS` of some callers, with all of each caller's → table `contacts`; `longest_s` is the longest window."""
    if rows.is_empty():
        return CONTACTS.empty()
    ordered = _in_order(rows)
    ordered = ordered.with_columns(attempts=_attempts(ordered)).filter(pl.col("kind") != BLOCKED)
    found = ordered.with_columns(
        is_handed_back=_handed_back(ordered),
        is_base=pl.col("is_base") & _first_of_its_call(ordered),
    )
    if found.is_empty():
        return CONTACTS.empty()
    told = found.with_columns(**_next_ones(found, longest_s * _SECOND)).filter(pl.col("kind") == CONTACT)
    utc = pl.Datetime("us", "UTC")
    moments = {f"{name[:-3]}_utc": pl.col(name).cast(utc) for name in told.columns if name.endswith("_us")}
    return CONTACTS.fit(told.with_columns(**moments))


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By caller and start; with `side_no` and `file_no` in the order of their texts, and `call`, a number of the call.

    Rows of one known call and caller have one number; a row of no known call has its own.
    """
    call = pl.struct("caller_key", "inhouse_call_id").hash(7)
    own = pl.int_range(pl.len(), dtype=pl.UInt64)
    numbered = rows.with_columns(
        side_no=_numbered(rows["side"]),
        file_no=_numbered(rows["file_id"]),
        call=pl.when(pl.col("inhouse_call_id").is_null()).then(own).otherwise(call),
    )
    return numbered.sort(_ORDER)


def _numbered(words: pl.Series) -> pl.Series:
    """Each word's place among all words in order; null for none."""
    known = words.drop_nulls().unique().cast(pl.String).sort()
    return words.cast(pl.String).cast(pl.Enum(known)).to_physical()


def _rows(frame: pl.DataFrame) -> Rows:
    """The frame's callers as groups; a row without a number is a caller of its own."""
    key = pl.col("caller_key")
    is_new = ((key != key.shift(1)) | key.is_null()).fill_null(value=True)
    group = frame.select(is_new.cast(pl.Int64).cum_sum()).to_series().to_numpy()
    ends = frame["ends_us"]
    columns = (frame["starts_us"].to_numpy(), ends.fill_null(0).to_numpy(), ends.is_not_null().to_numpy())
    return Rows(group, *columns, frame["call"].to_numpy())


def _attempts(frame: pl.DataFrame) -> pl.Series:
    """How many attempts led to each row; what goes out is none."""
    is_in = (frame["kind"] != OUTBOUND).to_numpy()
    inward = frame.filter(pl.Series(is_in))
    counts = np.ones(frame.height, np.int64)
    counts[is_in] = chained(_rows(inward), (inward["kind"] == BLOCKED).to_numpy(), RETRY_S * _SECOND)
    return pl.Series(counts)


def _handed_back(frame: pl.DataFrame) -> pl.Series:
    """Whether the agent's call came back: the log says so, or an own agent took the same call within the grace."""
    passed = pl.col("is_answered") & pl.col("passed_us").is_not_null()
    own = frame.filter(pl.col("is_handled_inhouse")).select("call", taken_us="own_us")
    at_vendors = frame.with_row_index("place").filter(passed).select("place", "call", "passed_us", "back_until_us")
    both = at_vendors.join(own, on="call").filter(
        (pl.col("taken_us") > pl.col("passed_us")) & (pl.col("taken_us") <= pl.col("back_until_us"))
    )
    is_back = frame["is_returned"].to_numpy().copy()
    is_back[both["place"].to_numpy()] = True
    return pl.Series(is_back)


def _first_of_its_call(frame: pl.DataFrame) -> pl.Series:
    """Whether a row is the first answered one of its call on its side; true for rows that are no base."""
    base = frame.with_row_index("place").filter("is_base")
    again = base.filter(~pl.struct("call", "side_no").is_first_distinct())
    is_first = np.ones(frame.height, np.bool_)
    is_first[again["place"].to_numpy()] = False
    return pl.Series(is_first)


def _next_ones(frame: pl.DataFrame, longest_us: int) -> dict[str, pl.Series]:
    """The columns that say how each contact was followed, null where it was not within the longest window."""
    rows = _rows(frame)
    is_contact, is_outbound = ((frame["kind"] == kind).to_numpy() for kind in (CONTACT, OUTBOUND))
    is_vendors = (frame["side"] != INHOUSE).to_numpy()
    has_reason = frame["reason"].is_not_null().to_numpy()
    by_side = _split(rows, frame["side_no"].cast(pl.Int64))
    by_reason = _split(rows, _numbered(frame["reason"]).fill_null(0).cast(pl.Int64))
    here, told = is_vendors & is_contact, has_reason & is_contact
    found = {
        "next_us": rows.next(is_contact),
        "same_reason_us": next_in(rows, by_reason, told, told),
        "unknown_reason_us": rows.next(is_contact & ~has_reason),
        "same_vendor_us": next_in(rows, by_side, here, here),
        "other_vendor_us": _elsewhere(rows, frame, here),
        "inhouse_us": rows.next(frame["is_handled_inhouse"].to_numpy()),
        "agent_callback_us": next_in(rows, by_side, is_vendors, is_outbound),
    }
    within = {name: _within(rows, places, longest_us) for name, places in found.items()}
    nexts = pl.Series(within["next_us"]).replace(NONE, None)
    words = {f"next_{name}": frame[name].gather(nexts) for name in ("side", "call_id", "reason")}
    starts = frame["starts_us"]
    return {name: starts.gather(pl.Series(places).replace(NONE, None)) for name, places in within.items()} | words


def _split(rows: Rows, number: pl.Series) -> Whole:
    """The rows' groups, each split by a whole number from 0."""
    split: Whole = rows.group * (int(number.max() or 0) + 1) + number.to_numpy()  # type: ignore[arg-type]
    return split


def _elsewhere(rows: Rows, frame: pl.DataFrame, at_vendors: Flags) -> Whole:
    """The next contact at a vendor other than the row's own side, whichever comes first."""
    sides = frame["side_no"].to_numpy()
    best = np.full(frame.height, frame.height, np.int64)
    for side in np.unique(sides[at_vendors]):
        found = rows.next(at_vendors & (sides == side))
        counts = (sides != side) & (found != NONE)
        best[counts] = np.minimum(best[counts], found[counts])
    return np.where(best == frame.height, NONE, best)


def _within(rows: Rows, places: Whole, longest_us: int) -> Whole:
    """The places that lie within the longest window; NONE for the others."""
    return np.where(rows.starts[places] - rows.ends <= longest_us, places, NONE)
