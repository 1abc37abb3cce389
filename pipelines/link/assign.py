"""Crowds of one caller's records and legs → one-to-one pairs: as many as can be, and among those the least difference.

On the line of time an order-preserving choice is never worse than a crossing one (two crossing pairs can be uncrossed
without either growing beyond the larger of the two), so the exact optimum is found by the table of best choices for the
first i records and the first j legs, for thousands of crowds at once. A crowd too large for a table goes to scipy's
sparse assignment. Among choices that are equally good the earlier record and leg have their partner, in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

SLACK_US = 1_000_000
"""A choice this much worse in all is as good: clocks print whole seconds."""
LARGEST_TABLE = 4_000_000
"""Cells of a table; a crowd of more records times legs is solved sparsely, and its pairs are all called ambiguous."""
MOST_EDGES = 10_000_000
"""A number that so many records and legs share within the tolerance is no caller's: it tells nobody apart."""

_Ints = NDArray[np.int64]
_Flags = NDArray[np.bool_]
_NEVER = np.int64(-1)
_SCHEMA = {"call_ref": pl.Int64(), "leg_ref": pl.Int64(), "options": pl.Int64(), "ambiguous": pl.Boolean()}


@dataclass(frozen=True)
class _Crowds:
    """Members of all crowds, records and legs apart, in order of time: where each crowd's begin, and who they are."""

    starts: tuple[_Ints, _Ints]
    counts: tuple[_Ints, _Ints]
    refs: tuple[_Ints, _Ints]
    times: tuple[_Ints, _Ints]

    def take(self, side: int, chosen: _Ints, width: int) -> tuple[_Ints, _Flags]:
        """Times of the chosen crowds as a rectangle, and which of its cells are filled."""
        place = np.arange(width)[None, :]
        filled = place < self.counts[side][chosen][:, None]
        index = np.where(filled, self.starts[side][chosen][:, None] + place, 0)
        return self.times[side][index], filled


def assign(crowds: pl.DataFrame, tolerance_us: int) -> pl.DataFrame:
    """One row per pair, and per record or leg that is left: call_ref, leg_ref (null where left), options, ambiguous.

    `crowds` as `crowds.sql` gives it. `options`: who is within the tolerance of the record or of the leg, whichever has
    more; of one that is left, its own. A pair is ambiguous where a choice with as many pairs and at most a second more
    in all leaves out its record or its leg.
    """
    members = _members(crowds)
    both = np.minimum(*members.counts) > 0
    sizes = members.counts[0] * members.counts[1]
    small, large = np.flatnonzero(both & (sizes <= LARGEST_TABLE)), np.flatnonzero(both & (sizes > LARGEST_TABLE))
    found = [_solve(members, batch, tolerance_us) for batch in _batches(members, small)]
    found += [_solve_sparse(members, int(crowd), tolerance_us) for crowd in large]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *found])


def _members(crowds: pl.DataFrame) -> _Crowds:
    ordered = crowds.sort("caller_key", "t_us", "side", "ref")
    crowd = ordered["is_first"].cast(pl.Int64).cum_sum().to_numpy() - 1
    number = int(crowd[-1]) + 1 if len(crowd) else 0
    side, ref, time = (ordered[name].cast(pl.Int64).to_numpy() for name in ("side", "ref", "t_us"))
    counts = tuple(np.bincount(crowd[side == one], minlength=number).astype(np.int64) for one in (0, 1))
    starts = tuple(np.concatenate([[0], np.cumsum(each)[:-1]]).astype(np.int64)[:number] for each in counts)
    refs, times = (tuple(values[side == one] for one in (0, 1)) for values in (ref, time))
    return _Crowds(starts, counts, refs, times)  # type: ignore[arg-type]


def _batches(members: _Crowds, chosen: _Ints) -> Iterator[_Ints]:
    """Crowds of about one size together, each batch's tables within `LARGEST_TABLE` cells."""
    widest = np.maximum(members.counts[0][chosen], members.counts[1][chosen])
    order = chosen[np.argsort(widest, kind="stable")]
    sides = np.sort(widest, kind="stable")
    start = 0
    while start < len(order):
        # a power of two bounds what is wasted on padding, and the number of batches
        limit = 1 << int(sides[start] - 1).bit_length() if sides[start] > 1 else 1
        alike = int(np.searchsorted(sides, limit, side="right"))
        stop = min(alike, start + max(1, LARGEST_TABLE // ((limit + 1) * (limit + 1))))
        yield order[start:stop]
        start = stop


def _solve(members: _Crowds, chosen: _Ints, tolerance_us: int) -> pl.DataFrame:
    """The best choice in each of the chosen crowds."""
    wide = [int(members.counts[side][chosen].max()) for side in (0, 1)]
    (ours, is_ours), (theirs, is_theirs) = (members.take(side, chosen, wide[side]) for side in (0, 1))
    apart = np.abs(ours[:, :, None] - theirs[:, None, :])
    allowed = is_ours[:, :, None] & is_theirs[:, None, :] & (apart <= tolerance_us)
    # one pair more outweighs all differences together, and the slack
    pair = np.int64((max(tolerance_us, SLACK_US) + 1) * (min(wide) + 1))
    gain = np.where(allowed, pair - apart, _NEVER)
    first = _table(gain)
    last = _table(gain[:, ::-1, ::-1])[:, ::-1, ::-1]
    partner = _walk(first, gain)
    open_calls, open_legs = _left_out(first, last)
    return _rows(members, chosen, partner, allowed, (is_ours, is_theirs), (open_calls, open_legs))


def _table(gain: _Ints) -> _Ints:
    """Best sum for the first i records and the first j legs; shape (crowds, records + 1, legs + 1)."""
    crowds, records, legs = gain.shape
    best = np.zeros((crowds, records + 1, legs + 1), dtype=np.int64)
    for i in range(records):
        above = best[:, i, :]
        paired = np.where(gain[:, i, :] >= 0, above[:, :-1] + gain[:, i, :], 0)
        best[:, i + 1, :] = above
        np.maximum(best[:, i + 1, 1:], paired, out=best[:, i + 1, 1:])
        np.maximum.accumulate(best[:, i + 1, :], axis=1, out=best[:, i + 1, :])
    return best


def _walk(best: _Ints, gain: _Ints) -> _Ints:
    """The leg of each record (its place in the crowd), -1 where it has none: later ones are left out first."""
    crowds, records, legs = gain.shape
    partner = np.full((crowds, records), -1, dtype=np.int64)
    i, j, all_of_them = np.full(crowds, records), np.full(crowds, legs), np.arange(crowds)
    for _ in range(records + legs):
        here = best[all_of_them, i, j]
        skip_record = (i > 0) & (here == best[all_of_them, np.maximum(i - 1, 0), j])
        skip_leg = ~skip_record & (j > 0) & (here == best[all_of_them, i, np.maximum(j - 1, 0)])
        is_pair = (i > 0) & (j > 0) & ~skip_record & ~skip_leg
        partner[all_of_them[is_pair], i[is_pair] - 1] = j[is_pair] - 1
        i, j = i - (skip_record | is_pair), j - (skip_leg | is_pair)
    return partner


def _left_out(first: _Ints, last: _Ints) -> tuple[_Flags, _Flags]:
    """Whether a choice as good leaves out a record, or a leg."""
    enough = first[:, -1, -1][:, None] - SLACK_US
    without_record = (first[:, :-1, :] + last[:, 1:, :]).max(axis=2)
    without_leg = (first[:, :, :-1] + last[:, :, 1:]).max(axis=1)
    return without_record >= enough, without_leg >= enough


def _rows(
    members: _Crowds,
    chosen: _Ints,
    partner: _Ints,
    allowed: _Flags,
    filled: tuple[_Flags, _Flags],
    open_to: tuple[_Flags, _Flags],
) -> pl.DataFrame:
    """Pairs, then records without partner, then legs without."""
    starts = [members.starts[side][chosen] for side in (0, 1)]
    crowd, record = np.nonzero(partner >= 0)
    leg = partner[crowd, record]
    taken = np.zeros(filled[1].shape, dtype=bool)
    taken[crowd, leg] = True
    options = allowed.sum(axis=2), allowed.sum(axis=1)
    rivals = np.maximum(options[0][crowd, record], options[1][crowd, leg])
    is_open = open_to[0][crowd, record] | open_to[1][crowd, leg]
    calls = members.refs[0][starts[0][crowd] + record]
    frames = [_frame(calls, members.refs[1][starts[1][crowd] + leg], rivals, is_open)]
    alone = filled[0] & (partner < 0), filled[1] & ~taken
    for side in (0, 1):
        crowd, place = np.nonzero(alone[side])
        refs = members.refs[side][starts[side][crowd] + place]
        frames.append(_left(side, refs, options[side][crowd, place]))
    return pl.concat(frames)


def _left(side: int, refs: _Ints, options: _Ints, *, crowded: bool = False) -> pl.DataFrame:
    """Records (side 0) or legs without partner; crowded where it is not known who belongs to whom."""
    calls, legs = (refs, None) if side == 0 else (None, refs)
    return _frame(calls, legs, options, np.full(len(refs), crowded))


def _frame(calls: _Ints | None, legs: _Ints | None, options: _Ints, ambiguous: _Flags) -> pl.DataFrame:
    empty = pl.Series([None] * len(options), dtype=pl.Int64())
    given = {"call_ref": empty if calls is None else calls, "leg_ref": empty if legs is None else legs}
    return pl.DataFrame({**given, "options": options, "ambiguous": ambiguous}, schema=_SCHEMA)


def _solve_sparse(members: _Crowds, crowd: int, tolerance_us: int) -> pl.DataFrame:
    """One large crowd; every record may also stay alone, which costs more than all differences together."""
    ours, theirs = (
        members.times[side][members.starts[side][crowd] :][: members.counts[side][crowd]] for side in (0, 1)
    )
    begin, end = np.searchsorted(theirs, ours - tolerance_us), np.searchsorted(theirs, ours + tolerance_us, "right")
    options = end - begin
    rivals = np.searchsorted(ours, theirs + tolerance_us, "right") - np.searchsorted(ours, theirs - tolerance_us)
    if options.sum() > MOST_EDGES:
        refs = [members.refs[side][members.starts[side][crowd] :] for side in (0, 1)]
        told = (options, rivals)
        return pl.concat([_left(side, refs[side][: len(told[side])], told[side], crowded=True) for side in (0, 1)])
    record = np.repeat(np.arange(len(ours)), options)
    leg = np.arange(options.sum()) - np.repeat(np.cumsum(options) - options, options) + np.repeat(begin, options)
    apart = np.abs(ours[record] - theirs[leg]) + 1  # a cost of zero would be no entry
    alone = np.arange(len(ours))
    costs = np.concatenate([apart, np.full(len(ours), float(tolerance_us + 2) * (len(ours) + 1))])
    place = np.concatenate([record, alone]), np.concatenate([leg, len(theirs) + alone])
    graph = coo_array((costs, place), shape=(len(ours), len(theirs) + len(ours))).tocsr()
    rows, columns = min_weight_full_bipartite_matching(graph)
    is_pair = columns < len(theirs)
    # both sides in order of time again: uncrossing never costs anything
    partner = np.full((1, len(ours)), -1, dtype=np.int64)
    partner[0, np.sort(rows[is_pair])] = np.sort(columns[is_pair])
    return _sparse_rows(members, crowd, partner[0], options, rivals)


def _sparse_rows(members: _Crowds, crowd: int, partner: _Ints, options: _Ints, rivals: _Ints) -> pl.DataFrame:
    calls, legs = (members.refs[side][members.starts[side][crowd] :][: members.counts[side][crowd]] for side in (0, 1))
    paired = np.flatnonzero(partner >= 0)
    left_calls = np.flatnonzero(partner < 0)
    left_legs = np.setdiff1d(np.arange(len(legs)), partner[paired])
    most = np.maximum(options[paired], rivals[partner[paired]])
    return pl.concat(
        [
            _frame(calls[paired], legs[partner[paired]], most, np.ones(len(paired), dtype=bool)),
            _left(0, calls[left_calls], options[left_calls]),
            _left(1, legs[left_legs], rivals[left_legs]),
        ]
    )
