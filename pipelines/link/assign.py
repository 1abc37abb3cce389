"""Candidate pairs → one-to-one pairs: as many as possible, and among those the least total time difference.

Nearly all candidates have no rival and are taken as they are; the rest are solved exactly, one group of records and
legs that compete with each other at a time (linear sum assignment, scipy).
"""

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_RECORD, _LEG = ["file_id", "row"], ["leg_file_id", "leg_row"]


def assign(candidates: pl.DataFrame) -> pl.DataFrame:
    """The chosen rows of `candidates` (see `candidates.sql`); no record and no leg stands in two of them."""
    alone = pl.col("options").eq(1) & pl.col("rivals").eq(1)
    contested = candidates.filter(~alone).sort(*_RECORD, *_LEG)
    return pl.concat([candidates.filter(alone), *(_best(group) for group in _groups(contested))])


def _groups(contested: pl.DataFrame) -> list[pl.DataFrame]:
    """Candidates that compete, directly or through others, kept together."""
    if contested.is_empty():
        return []
    records, legs = _numbered(contested, _RECORD), _numbered(contested, _LEG)
    size, width = int(records.max()) + 1, int(legs.max()) + 1
    edges = coo_array((np.ones(len(records)), (records, legs + size)), shape=(size + width, size + width))
    labels = connected_components(edges, directed=False)[1]
    return contested.with_columns(group=pl.Series(labels[records])).partition_by("group", include_key=False)


def _best(group: pl.DataFrame) -> pl.DataFrame:
    """The best one-to-one choice within one group; a missing pair costs more than all differences together."""
    records, legs = _numbered(group, _RECORD), _numbered(group, _LEG)
    deltas = group["delta_us"].abs().to_numpy().astype(np.float64)
    missing = deltas.max() * (min(records.max(), legs.max()) + 2) + 1.0
    costs = np.full((int(records.max()) + 1, int(legs.max()) + 1), missing)
    costs[records, legs] = deltas
    rows, columns = linear_sum_assignment(costs)
    chosen = set(zip(rows.tolist(), columns.tolist(), strict=True))
    keep = [pair in chosen for pair in zip(records.tolist(), legs.tolist(), strict=True)]
    return group.filter(pl.Series(keep))


def _numbered(frame: pl.DataFrame, columns: list[str]) -> np.ndarray:
    """A dense number per distinct combination of the columns, in their order."""
    return frame.select(pl.struct(columns).rank("dense") - 1).to_series().to_numpy().astype(np.int64)
