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
_NEVER = 2**62
_ORDER = ("caller_key", "starts_us", "side_no", "file_no", "row")


def contacts_of(rows: pl.DataFrame, longest_s: int) -> pl.DataFrame:
    """`ROWS` of some callers, with all of each caller's → table `contacts`; `longest_s` is the longest window."""
    if rows.is_empty():
        return CONTACTS.empty()
    ordered = _in_order(rows)
    ordered = ordered.with_columns(attempts=_attempts(ordered)).filter(pl.col("kind") != BLOCKED)
    found = ordered.with_columns(
        **_came_back(ordered),
        is_base=pl.col("is_base") & _first_of_its_call(ordered),
    )
    if found.is_empty():
        return CONTACTS.empty()
    told = found.with_columns(**_next_ones(found, longest_s * _SECOND)).filter(pl.col("kind") == CONTACT)
    utc = pl.Datetime("us", "UTC")
    moments = {f"{name[:-3]}_utc": pl.col(name).cast(utc) for name in told.columns if name.endswith("_us")}
    return CONTACTS.fit(told.with_columns(**moments))


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By caller and start; with numbers of `side`, `landed` and file in the order of their texts, and `call`.

    Rows of one known call and caller have one number; a row of no known call has its own.
    """
    call = pl.struct("caller_key", "inhouse_call_id").hash(7)
    own = pl.int_range(pl.len(), dtype=pl.UInt64)
    numbered = rows.with_columns(
        side_no=_numbered(rows["side"]),
        landed_no=_numbered(rows["landed"]),
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


def _came_back(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """Whether the agent's call came back within the grace, and else when it did, and when an own agent took it so late.

    The log says so, or an own agent took the same call. `is_handed_back`, `late_us`, `late_own_us`.
    """
    passed = pl.col("is_answered") & pl.col("passed_us").is_not_null()
    own = frame.filter(pl.col("is_handled_inhouse")).select("call", taken_us="own_us")
    at_vendors = frame.with_row_index("at").filter(passed).select("at", "call", "passed_us", "back_until_us")
    both = at_vendors.join(own, on="call").filter(pl.col("taken_us") > pl.col("passed_us"))
    is_late = pl.col("taken_us") > pl.col("back_until_us")
    is_back = frame["is_returned"].to_numpy().copy()
    is_back[both.filter(~is_late)["at"].to_numpy()] = True
    own_us, late_us = np.full(frame.height, _NEVER), np.full(frame.height, _NEVER)
    late = both.filter(is_late)
    np.minimum.at(own_us, late["at"].to_numpy(), late["taken_us"].to_numpy())
    was_late = pl.col("is_answered") & (pl.col("returned_us") > pl.col("back_until_us"))
    returned = frame.with_row_index("at").filter(was_late)
    late_us[returned["at"].to_numpy()] = returned["returned_us"].to_numpy()
    late_us = np.minimum(late_us, own_us)
    own_us[is_back] = late_us[is_back] = _NEVER
    moments = {"late_us": late_us, "late_own_us": own_us}
    known = {name: pl.Series(column).replace(_NEVER, None) for name, column in moments.items()}
    return {"is_handed_back": pl.Series(is_back), **known}


def _first_of_its_call(frame: pl.DataFrame) -> pl.Series:
    """Whether a row is the first answered one of its call on its side; true for rows that are no base."""
    key = pl.col("caller_key")
    has_more = ((key == key.shift(1)) | (key == key.shift(-1))).fill_null(value=False)
    several = frame.select("call", "side_no", "is_base", has_more=has_more | key.is_null())
    base = several.with_row_index("place").filter("is_base", "has_more")
    again = base.filter(~pl.struct("call", "side_no").is_first_distinct())
    is_first = np.ones(frame.height, np.bool_)
    is_first[again["place"].to_numpy()] = False
    return pl.Series(is_first)


def _next_ones(frame: pl.DataFrame, longest_us: int) -> dict[str, pl.Series]:
    """The columns that say how each contact was followed, null where it was not within the longest window."""
    rows = _rows(frame)
    is_contact, is_outbound = ((frame["kind"] == kind).to_numpy() for kind in (CONTACT, OUTBOUND))
    is_vendors = (frame["landed"] != INHOUSE).to_numpy()
    has_reason = frame["reason"].is_not_null().to_numpy()
    by_place = _split(rows, frame["landed_no"].cast(pl.Int64))
    by_reason = _split(rows, _numbered(frame["reason"]).fill_null(0).cast(pl.Int64))
    here, told = is_vendors & is_contact, has_reason & is_contact
    found = {
        "next_us": rows.next(is_contact),
        "same_reason_us": next_in(rows, by_reason, told, told),
        "unknown_reason_us": rows.next(is_contact & ~has_reason),
        "same_vendor_us": next_in(rows, by_place, here, here),
        "other_vendor_us": _elsewhere(rows, frame, here),
        "inhouse_us": rows.next(frame["is_handled_inhouse"].to_numpy()),
        "agent_callback_us": next_in(rows, by_place, is_vendors, is_outbound),
    }
    within = {name: _within(rows, places, longest_us) for name, places in found.items()}
    nexts = pl.Series(within["next_us"]).replace(NONE, None)
    words = {f"next_{name}": frame[name].gather(nexts) for name in ("side", "call_id", "reason")}
    starts = frame["starts_us"]
    seen = {name: starts.gather(pl.Series(places).replace(NONE, None)) for name, places in within.items()}
    return _with_late_returns(frame, seen | words, longest_us)


def _with_late_returns(frame: pl.DataFrame, found: dict[str, pl.Series], longest_us: int) -> dict[str, pl.Series]:
    """A call that came back later than the grace is a further contact with the client, about the same thing."""
    if not frame["late_us"].is_not_null().any():
        return found
    names = ("ends_us", "late_us", "late_own_us", "reason", "inhouse_call_id")
    both = frame.select(names).with_columns(pl.Series(name, column) for name, column in found.items())
    within = {name: pl.col(name) - pl.col("ends_us") <= longest_us for name in ("late_us", "late_own_us")}
    late, own = (pl.when(is_within).then(name) for name, is_within in within.items())
    has_reason, is_next = pl.col("reason").is_not_null(), late < pl.col("next_us").fill_null(_NEVER)
    told = both.with_columns(
        next_us=pl.min_horizontal("next_us", late),
        next_side=pl.when(is_next).then(pl.lit(INHOUSE)).otherwise("next_side"),
        next_call_id=pl.when(is_next).then("inhouse_call_id").otherwise("next_call_id"),
        next_reason=pl.when(is_next).then("reason").otherwise("next_reason"),
        same_reason_us=pl.min_horizontal("same_reason_us", pl.when(has_reason).then(late)),
        unknown_reason_us=pl.min_horizontal("unknown_reason_us", pl.when(~has_reason).then(late)),
        inhouse_us=pl.min_horizontal("inhouse_us", own),
    )
    return {name: told[name] for name in found}


def _split(rows: Rows, number: pl.Series) -> Whole:
    """The rows' groups, each split by a whole number from 0."""
    split: Whole = rows.group * (int(number.max() or 0) + 1) + number.to_numpy()  # type: ignore[arg-type]
    return split


def _elsewhere(rows: Rows, frame: pl.DataFrame, at_vendors: Flags) -> Whole:
    """The next contact at a vendor other than the row's own, whichever comes first."""
    sides = frame["landed_no"].to_numpy()
    best = np.full(frame.height, frame.height, np.int64)
    for side in np.unique(sides[at_vendors]):
        found = rows.next(at_vendors & (sides == side))
        counts = (sides != side) & (found != NONE)
        best[counts] = np.minimum(best[counts], found[counts])
    return np.where(best == frame.height, NONE, best)


def _within(rows: Rows, places: Whole, longest_us: int) -> Whole:
    """The places that lie within the longest window; NONE for the others."""
    return np.where(rows.starts[places] - rows.ends <= longest_us, places, NONE)
