"""What pairing found → rows of table `links`: class, confidence and the reason in words.

Nothing is decided here but the words: who is whose partner, and what came into question, is found in `part.py` and
`weak.py`.
"""

from collections.abc import Sequence

import polars as pl

from pipelines.link.bare import Absence, Gaps, absent
from pipelines.link.deal import Dealt
from pipelines.link.weak import Rest
from pipelines.tables import LINKS

CONFIDENCE = {"alone": 0.99, "several": 0.95, "mask": 0.9, "time": 0.7}
"""How often such a pair is right, on the careful side of what the benchmark measures (docs/matching.md). One that is
ambiguous is as likely as each of those that came into question, and never likelier than one of two."""

_MANY_SHOW_IT = "so many calls show this number that it does not tell them apart"
_NEARBY = pl.col("is_near_nameless") | (pl.col("candidates") > 0)
_UNSURE = _NEARBY | pl.col("is_crowded") | pl.col("is_clockless")
_NAMELESS = pl.col("caller_key").is_null()
_NO_CLOCK = (pl.col("is_clockless"), "the clock offset of that day is not known")


class Words:
    """Puts what was found of one vendor into rows of `links`."""

    def __init__(self, vendor: str, dealt: Dealt, gaps: Gaps) -> None:
        self._vendor, self._files, self._gaps = vendor, dealt.files, gaps

    def by_number(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Pairs of one part (`part.Paired`)."""
        ambiguous, alone = pl.col("is_ambiguous") | pl.col("is_clockless"), pl.col("options") == 1
        sure = pl.when(alone).then(CONFIDENCE["alone"]).otherwise(CONFIDENCE["several"])
        return self._links(
            pairs.with_columns(
                self._gaps.covered(pairs["t_us"]).alias("is_covered"),
                side=pl.lit("pair"),
                match_class=_first((ambiguous, "ambiguous"), other="number"),
                confidence=pl.when(ambiguous).then(1 / pl.max_horizontal("options", 2)).otherwise(sure),
                reason=_first(
                    _NO_CLOCK,
                    (ambiguous, "same number, but another choice among several is as good"),
                    (alone, "same number, the only ones within the tolerance"),
                    other="same number, least total time difference among several",
                ),
                is_absent=pl.lit(value=False),
            )
        )

    def rest(self, rest: Rest, own: pl.Expr, absences: Sequence[Absence]) -> pl.DataFrame:
        """Pairs without a number, records without partner, legs without partner: rows for which `own` holds."""
        calls, legs = (
            rows.with_row_index("ref").with_columns(self._gaps.covered(rows["t_us"]).alias("is_covered"))
            for rows in (rest.calls, rest.legs)
        )
        records = calls.join(rest.pairs.select(ref=pl.col("call_ref").cast(pl.UInt32())), on="ref", how="anti")
        passed_on = legs.join(rest.pairs.select(ref=pl.col("leg_ref").cast(pl.UInt32())), on="ref", how="anti")
        frames = [
            self._weak_pairs(calls, legs, rest.pairs, own),
            self._records(records.filter(own)),
            self._legs(passed_on.filter(own), absences),
        ]
        return pl.concat(frames).sort(LINKS.key)

    def _weak_pairs(self, calls: pl.DataFrame, legs: pl.DataFrame, pairs: pl.DataFrame, own: pl.Expr) -> pl.DataFrame:
        mask = pl.col("is_mask")
        theirs = legs.select(pl.col("file", "row", "call_id").name.prefix("inhouse_"))[pairs["leg_ref"]]
        found = pl.concat(
            [calls[pairs["call_ref"]], theirs, pairs.select("delta_us", "is_mask")], how="horizontal"
        ).filter(own)
        return self._links(
            found.with_columns(
                side=pl.lit("pair"),
                match_class=_first((mask, "mask"), other="time"),
                confidence=_first((mask, CONFIDENCE["mask"]), other=CONFIDENCE["time"]),
                options=pl.lit(1),
                reason=_first(
                    (mask, "the digits that show agree, the only ones at that time"),
                    other="no number, the only ones at that time",
                ),
                is_absent=pl.lit(value=False),
            )
        )

    def _records(self, records: pl.DataFrame) -> pl.DataFrame:
        return self._links(
            records.with_columns(
                side=pl.lit("vendor"),
                match_class=_first((_NAMELESS | _UNSURE, "no_number"), other="vendor_only"),
                options=pl.when(_NAMELESS).then("candidates").otherwise("options"),
                reason=_first(
                    _NO_CLOCK,
                    (
                        _NAMELESS & (pl.col("candidates") == 0),
                        "the vendor shows no usable number, and no leg that is left at that time can be its own",
                    ),
                    (_NAMELESS, "the vendor shows no usable number, and several could belong together at that time"),
                    (pl.col("is_crowded"), _MANY_SHOW_IT),
                    (_NEARBY, "a leg without number lies at that time"),
                    (pl.col("options") > 0, "the legs of this caller within the tolerance belong to other records"),
                    other="no leg of this caller within the tolerance",
                ),
                is_absent=pl.lit(value=False),
            )
        )

    def _legs(self, legs: pl.DataFrame, absences: Sequence[Absence]) -> pl.DataFrame:
        said = _first(
            (pl.col("is_crowded"), _MANY_SHOW_IT),
            _NO_CLOCK,
            (_NAMELESS & _NEARBY, "our log shows no usable number, and several could belong together at that time"),
            (_NEARBY, "a record without number lies at that time"),
            (_NAMELESS, "our log shows no usable number, and no record lies at that time"),
            (pl.col("options") > 0, "the records of this caller within the tolerance have other legs"),
            other="no record of this caller within the tolerance",
        )
        absence = absent(pl.col("t_us"), absences)
        named = legs.rename({name: f"inhouse_{name}" for name in ("file", "row", "call_id")})
        return self._links(
            named.with_columns(
                side=pl.lit("inhouse"),
                match_class=_first((_UNSURE, "no_number"), other="inhouse_only"),
                options=pl.when(_NAMELESS).then("candidates").otherwise("options"),
                reason=pl.coalesce(absence, said),
                is_absent=absence.is_not_null(),
            )
        )

    def _links(self, found: pl.DataFrame) -> pl.DataFrame:
        """The rows with the names of their files; a leg alone stands under its own file and row."""
        named = found.with_columns(vendor_id=pl.lit(self._vendor))
        for name in ("delta", "offset"):
            if f"{name}_us" in named.columns:
                named = named.with_columns(seconds(f"{name}_s", f"{name}_us"))
        if "inhouse_file" in named.columns:
            named = named.with_columns(inhouse_file_id=pl.lit(self._files["legs"]).gather(pl.col("inhouse_file")))
        if "file" in named.columns:
            named = named.with_columns(
                file_id=pl.lit(self._files["calls"]).gather(pl.col("file")), vendor_call_id="call_id"
            )
        else:
            named = named.with_columns(file_id="inhouse_file_id", row="inhouse_row")
        return LINKS.fit(named)


def _first(*cases: tuple[pl.Expr, object], other: object) -> pl.Expr:
    """What belongs to the first case that holds."""
    said = pl.lit(other)
    for holds, value in reversed(cases):
        said = pl.when(holds).then(pl.lit(value)).otherwise(said)
    return said


def seconds(name: str, micros: str) -> pl.Expr:
    """A column of microseconds in seconds, to the millisecond."""
    return (pl.col(micros) / 1_000_000).round(3).cast(pl.Decimal(18, 3)).alias(name)
