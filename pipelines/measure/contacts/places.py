"""Finding records again by file and record number: a record number is a place, so no join is needed.

A join of two sides of ten million rows costs more than all else that a month's contacts need.
"""

import numpy as np
import numpy.typing as npt
import polars as pl


class Places:
    """Where each record stands in a frame with columns `file_id` and `row`, which name a record once."""

    def __init__(self, frame: pl.DataFrame) -> None:
        last = frame.group_by("file_id").agg(rows=pl.col("row").max() + 1).sort("file_id")
        self._files = pl.Enum(last["file_id"])
        self._begin = np.append(0, last["rows"].cum_sum().to_numpy())
        self._at = np.full(int(self._begin[-1]), -1, np.int32)
        code = frame["file_id"].cast(self._files).to_physical().to_numpy()
        self._at[self._begin[code] + frame["row"].to_numpy()] = np.arange(frame.height, dtype=np.int32)

    def of(self, file_ids: pl.Series, rows: pl.Series) -> pl.Series:
        """The place of each record in the frame; null where it holds none such."""
        code = file_ids.cast(self._files, strict=False).to_physical().fill_null(len(self._files.categories))
        begin = np.append(self._begin, self._begin[-1])[code.to_numpy()]
        after = np.append(self._begin[1:], [self._begin[-1]] * 2)[code.to_numpy()]
        place = begin + rows.fill_null(0).to_numpy()
        is_within = (place < after) & rows.is_not_null().to_numpy()
        found: npt.NDArray[np.int32] = np.full(place.size, -1, np.int32)
        found[is_within] = self._at[place[is_within]]
        return pl.Series("place", found).replace(-1, None)


def taken(frame: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    """The frame's rows at these places, in their order; nulls where there is none."""
    return frame.select(pl.all().gather(places))
