"""The same record in several files in force is kept once, from the file received last: a later delivery corrects.

Rows of one day in, the rows that count out; what was left out is noted beside the manifests. Two rows are the same
record where all their content is the same, or where their id is and either the time or the caller agrees; an id that
merely repeats (a counter that begins anew each day or hour, or in each queue) with another caller at another time is
another call. Agreements that chance can make count only between files that hold the same calls (`same_ids.py`). The
same row twice in one file stays twice: that is evidence, so the second occurrence in one file stands for the second in
the other. What became of a file that was corrected under its own name stands in `changes.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from pipelines.lake import Lake
from pipelines.standardise.same_ids import evidence
from pipelines.tables import AGENT_STATES, CLAIMS, INHOUSE_CALLS, VENDOR_CALLS, Table

NO_CONTENT = ("file_id", "row", "audit_month")
"""Columns that say where a row stands, not what it says."""

_LEFT = {" id": pl.UInt32, " order": pl.Int64, " later": pl.Int64, " corrected": pl.Boolean}
_PERSON = ("caller_key", "caller_mask", "caller_kind")


@dataclass(frozen=True)
class Noted:
    """Rows left out because a later file holds them too, and how many of those said something else there.

    `files` says between which files: the earlier's id, the later's, rows left out, those with other content.
    """

    repeated: int = 0
    corrected: int = 0
    files: tuple[tuple[str, str, int, int], ...] = field(default=(), compare=False)


def keep_note(lake: Lake, table: Table, source: str, day: str, noted: Noted) -> None:
    """Keeps what was left out of a day, in place of an earlier note; no note where nothing was."""
    name = _note(table.name, source, day)
    if noted.repeated:
        lake.write_json(name, asdict(noted))
    else:
        lake.drop_json(name)


def kept_notes(lake: Lake, source: str) -> dict[tuple[str, str], Noted]:
    """What was left out, by table and day."""
    names = lake.names_json(_note("*", source, "*"))
    return {(name.split("/")[2], name.split("/")[4]): _noted(lake.read_json(name) or {}) for name in names}


def _noted(fields: Mapping[str, Any]) -> Noted:
    return Noted(**{**fields, "files": tuple(tuple(pair) for pair in fields.get("files", ()))})


def _note(table: str, source: str, day: str) -> str:
    return f"_manifests/overlaps/{table}/{source}/{day}"


@dataclass(frozen=True)
class _Same:
    """One way in which two rows are the same record: equal in `by`, where none of `given` is empty.

    `trust` names the column of `evidence` that two files need for it; None where the agreement speaks for itself.
    """

    by: tuple[str, ...]
    given: tuple[str, ...] = ()
    trust: str | None = None


def _calls(anchor: str) -> tuple[_Same, ...]:
    """The surest agreement first. Callers without a number are strangers to each other: their queue must agree too."""
    one = ("call_id", "leg")
    return (
        _Same((" print",), ("caller_key",)),
        _Same((" print",), ("call_id", " queue")),
        _Same((" print",), (), "by_time"),
        _Same((*one, anchor, "caller_key"), ("call_id", "caller_key")),
        _Same((*one, anchor, *_PERSON, " queue"), ("call_id", " queue")),
        _Same((*one, anchor, *_PERSON), ("call_id",), "by_time"),
        _Same((*one, anchor, " queue"), ("call_id", " queue")),
        _Same((*one, anchor, " queue"), ("call_id",), "by_time"),
        _Same((*one, anchor, "caller_key", " queue"), (" no id", "caller_key"), "by_time"),
        _Same((*one, "booked_day", "caller_key"), ("call_id", "caller_key"), "by_caller"),
        _Same((*one, "booked_day", " mask"), ("call_id", " mask"), "by_caller"),
        _Same((*one, "booked_day", "caller_kind", " queue"), ("call_id", " unknown", " queue"), "by_caller"),
        _Same((*one, "booked_day", "caller_kind"), ("call_id", " unknown"), "by_id"),
    )


_PERIOD = ("field", "queue", "period_start_utc", "period_s")
_GROUP: Mapping[str, tuple[str, ...]] = {
    VENDOR_CALLS.name: ("call_id", "leg"),
    INHOUSE_CALLS.name: ("call_id", "leg"),
    CLAIMS.name: (" object", *_PERIOD),
    AGENT_STATES.name: ("agent_id", "from_utc"),
}
_SAME: Mapping[str, tuple[_Same, ...]] = {
    VENDOR_CALLS.name: _calls("offered_utc"),
    INHOUSE_CALLS.name: _calls("arrived_utc"),
    CLAIMS.name: (_Same((" print",)), _Same((" object", *_PERIOD))),
    AGENT_STATES.name: (_Same((" print",)), _Same(("agent_id", "from_utc"), ("agent_id", "from_utc"))),
}
_ANCHOR: Mapping[str, str] = {VENDOR_CALLS.name: "offered_utc", INHOUSE_CALLS.name: "arrived_utc"}


def once(
    table: Table,
    rows: pl.DataFrame,
    places: Sequence[int],
    *,
    beside: pl.DataFrame | None = None,
    objects: Mapping[int, str] | None = None,
) -> tuple[pl.DataFrame, Noted]:
    """Keeps a record that several files hold once, from the last of `places`; repeats within one file stay.

    `rows` are the table's rows of one day with the column `place`; `places` are the files of that day in order of
    reception. `beside` are the rows of the same files on the days before and after: a call that a later file moved to
    one of them is left out here. `objects` names each place's object of the contract: what two objects report of one
    period are two figures. One record of a file that two objects read counts once.
    """
    if len(places) < 2:
        return rows.drop("place"), Noted()
    numbered = _numbered(table, rows, places, objects)
    shared = _shared(table, numbered)
    left_out = _left_out(table, numbered, shared)
    if beside is not None and table.name in _ANCHOR:
        left_out = pl.concat([left_out, _moved(table, numbered, shared, left_out, beside, places)])
    kept = numbered.join(left_out, on=" id", how="anti", maintain_order="left")
    kept = kept.unique(list(table.key), keep="last", maintain_order=True)
    noted = Noted(rows.height - kept.height, int(left_out[" corrected"].sum()), _between(numbered, left_out))
    return kept.select(table.schema.names()), noted


def _between(rows: pl.DataFrame, left_out: pl.DataFrame) -> tuple[tuple[str, str, int, int], ...]:
    """What was left out, by the file that held it and the one that holds it now."""
    if left_out.is_empty():
        return ()
    names = dict(rows.select(" order", "file_id").unique().iter_rows())
    pairs = left_out.group_by(" order", " later").agg(pl.len(), pl.col(" corrected").sum()).sort(" order", " later")
    return tuple((names[one], names[other], count, corrected) for one, other, count, corrected in pairs.iter_rows())


def _numbered(
    table: Table, rows: pl.DataFrame, places: Sequence[int], objects: Mapping[int, str] | None
) -> pl.DataFrame:
    """Rows in order of reception, with a number, a print of their content, and what tells one record from another."""
    content = [name for name in table.schema if name not in NO_CONTENT]
    order = pl.col("place").replace_strict(list(places), list(range(len(places))), return_dtype=pl.Int64)
    named = pl.lit(None, pl.String)
    if objects is not None:
        named = pl.col("place").replace_strict(dict(objects), return_dtype=pl.String)
    sorted_rows = rows.with_columns(order.alias(" order"), named.alias(" object")).sort(" order", "row")
    # two objects of one contract may report the same value of the same period: two figures, not one
    prints = [*content, " object"] if table.name == CLAIMS.name else content
    found = sorted_rows.with_columns(pl.struct(prints).hash().alias(" print")).with_row_index(" id")
    if "caller_kind" not in table.schema:
        return found
    queue = pl.col("queue") if "queue" in table.schema else pl.lit(None, pl.String)
    masked = (pl.col("caller_kind") == "masked") & (pl.col("caller_mask") != "")
    return found.with_columns(
        queue.alias(" queue"),
        pl.when(masked).then("caller_mask").alias(" mask"),
        pl.when(pl.col("caller_key").is_null() & ~masked).then("caller_kind").alias(" unknown"),
        pl.when(pl.col("call_id").is_null()).then(pl.lit(value=True)).alias(" no id"),
    )


def _shared(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose id several files hold; ` differs` where they do not all say the same."""
    # two groups of one hash are looked at together: slower, and nothing else
    group = pl.struct(_GROUP.get(table.name, (" print",))).hash()
    spread = rows.select(" id", " order", " print", group=group).select(
        " id",
        in_many=_varies(" order"),
        differs=_varies(" print"),
    )
    return rows.with_columns(spread["differs"].alias(" differs")).filter(spread["in_many"])


def _left_out(table: Table, rows: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """` id` of each row that a later file holds too, and whether it says something else there (` corrected`)."""
    alike = shared.filter(~pl.col(" differs"))
    anchor = _ANCHOR.get(table.name)
    if anchor is not None:
        alike = alike.filter(pl.col("caller_key").is_not_null() | pl.all_horizontal(_given("call_id", " queue")))
    differing = shared.join(alike.select(" id"), on=" id", how="anti", maintain_order="left")
    trust = None if anchor is None or differing.is_empty() else evidence(rows, shared, anchor)
    return pl.concat([_repeats(alike), _corrections(table, differing, trust)])


def _given(*names: str) -> list[pl.Expr]:
    return [pl.col(name).is_not_null() for name in names]


def _varies(name: str) -> pl.Expr:
    return pl.col(name).min().over("group") != pl.col(name).max().over("group")


def _repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose content a later file holds word for word: the k-th occurrence in one is the k-th in the other."""
    numbered = rows.select(" id", " order", " print", nth=pl.int_range(pl.len()).over(" print", " order"))
    last = numbered.with_columns(pl.col(" order").max().over(" print", "nth").alias(" later"))
    left_out = last.filter(pl.col(" order") != pl.col(" later"))
    return left_out.select(" id", " order", " later", pl.lit(value=False).alias(" corrected"))


def _corrections(table: Table, rows: pl.DataFrame, trust: pl.DataFrame | None) -> pl.DataFrame:
    """The files from the last to the first, each against what the later ones have left standing."""
    found = [pl.DataFrame(schema=_LEFT)]
    if rows.is_empty():
        return found[0]
    ways = _SAME.get(table.name, (_Same((" print",)),))
    names = [" id", " order", " print", "file_id", "row", *(name for way in ways for name in (*way.by, *way.given))]
    slim = rows.select(list(dict.fromkeys(names)))
    parts = slim.partition_by(" order", as_dict=True, maintain_order=True)
    kept = slim.clear()
    for key in sorted(parts, reverse=True):
        own = None if trust is None else trust.filter(pl.col(" order") == key[0])
        pairs = _pairs(kept, parts[key], ways, own)
        found.append(pairs)
        kept = pl.concat([kept, parts[key].join(pairs, on=" id", how="anti", maintain_order="left")])
    return pl.concat(found)


def _pairs(
    later: pl.DataFrame, earlier: pl.DataFrame, ways: Sequence[_Same], trust: pl.DataFrame | None
) -> pl.DataFrame:
    """Rows of the earlier file that a later row stands for, one for one, by the surest agreement first."""
    found = [pl.DataFrame(schema=_LEFT)]
    for way in ways:
        if later.is_empty() or earlier.is_empty():
            break
        speaking = later
        if way.trust is not None and trust is not None:
            speaking = later.filter(pl.col(" order").is_in(trust.filter(way.trust)["later"].implode()))
        old, new = _nth(earlier, way), _nth(speaking, way)
        pairs = old.join(new, on=[*way.by, "nth"], how="inner", nulls_equal=True, suffix="_later")
        later = later.join(pairs, left_on=" id", right_on=" id_later", how="anti", maintain_order="left")
        earlier = earlier.join(pairs, on=" id", how="anti", maintain_order="left")
        is_one_record = (pl.col("file_id") == pl.col("file_id_later")) & (pl.col("row") == pl.col("row_later"))
        differs = pl.lit(value=False) if " print" in way.by else pl.col(" print") != pl.col(" print_later")
        corrected = (differs & ~is_one_record).alias(" corrected")
        found.append(pairs.select(" id", " order", pl.col(" order_later").alias(" later"), corrected))
    return pl.concat(found)


def _nth(rows: pl.DataFrame, way: _Same) -> pl.DataFrame:
    """Rows that this way can tell, numbered among their likes."""
    given = pl.all_horizontal(pl.lit(value=True), *(pl.col(name).is_not_null() for name in way.given))
    names = list(dict.fromkeys([" id", " order", " print", "file_id", "row", *way.by]))
    return rows.filter(given).select(*names, nth=pl.int_range(pl.len()).over(list(way.by)))


def _moved(
    table: Table,
    rows: pl.DataFrame,
    shared: pl.DataFrame,
    left_out: pl.DataFrame,
    beside: pl.DataFrame,
    places: Sequence[int],
) -> pl.DataFrame:
    """Rows whose call a later file of this day has on the day before or after instead, with the same caller.

    Both files hold this day, so the later one would have the call here if it still belonged here; and the earlier file
    has no such call there, or else the id merely repeats from day to day. A caller without a number is the same only
    where the ids of the two files mean the same calls.
    """
    one = ["call_id", "leg", "caller_key"]
    known = pl.col("call_id").is_not_null()
    order = pl.col("place").replace_strict(list(places), list(range(len(places))), default=None, return_dtype=pl.Int64)
    there = beside.filter(known).select(*one, order.alias(" order")).drop_nulls(" order")
    counted = there.group_by(*one, " order").len("moved")
    latest = counted.filter(pl.col(" order") == pl.col(" order").max().over(one)).rename({" order": "later"})
    here = rows.join(left_out, on=" id", how="anti", maintain_order="left").filter(known)
    here = here.select(" id", " order", *one, nth=pl.int_range(pl.len()).over(*one, " order"))
    found = here.join(latest, on=one, nulls_equal=True)
    found = found.filter(pl.col("later") > pl.col(" order"), pl.col("nth") < pl.col("moved"))
    found = found.join(there, on=[*one, " order"], how="anti", nulls_equal=True)
    held = rows.select(*one, pl.col(" order").alias("later"))
    found = found.join(held, on=[*one, "later"], how="anti", nulls_equal=True)
    if found["caller_key"].null_count():
        trust = evidence(rows, shared, _ANCHOR[table.name]).filter("by_id")
        trusted = found.join(trust, on=[" order", "later"], how="semi")
        found = pl.concat(
            [found.filter(pl.col("caller_key").is_not_null()), trusted.filter(pl.col("caller_key").is_null())]
        )
    return found.select(" id", " order", pl.col("later").alias(" later"), pl.lit(value=True).alias(" corrected"))
