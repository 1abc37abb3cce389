"""Sample files → the text of a contract: one object for each kind of file, all under one server.

The text itself is laid out in `write.py`; what one file is, is found in `samples.py` and `feeds.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from pipelines.contract.custom import zones
from pipelines.contract.documents import meant
from pipelines.contract.systems import feeds_of, systems
from pipelines.contract.vocabulary import INHOUSE
from pipelines.draft.about import missing, repeated, said_of
from pipelines.draft.feeds import Purpose, purpose_of
from pipelines.draft.properties import Around, Property, figure_of, property_of
from pipelines.draft.samples import Sample, sample_of
from pipelines.draft.types import Profile, profile
from pipelines.draft.units import shown_units
from pipelines.draft.write import Item, Place, contract_text
from pipelines.errors import Fault, TieoutError, fault

_DATED = re.compile(
    r"(?<!\d)(19|20)\d\d[-_.年]?(0[1-9]|1[0-2])月?([-_.]?(0[1-9]|[12]\d|3[01])日?)?([-_T ]?\d{4,6})?(?!\d)"
    r"|(?<!\d)\d{4,}(?!\d)"
)
"""A day or a month in a file's name, perhaps with a time, or a long number."""
_NAMES = {"claims": "report", "inhouse_calls": "own_calls"}
_SERVER_FORMATS = {
    "json_lines": "jsonl",
    "amazon_connect_ctr": "json",
    "genesys_conversation": "json",
    "xlsx": "xlsx",
    "parquet": "parquet",
}
_GRAINS = {
    "calls": "one row per call",
    "inhouse_calls": "one row per call",
    "agent_states": "one row per state of an agent",
    "roster": "one row per agent",
    "claims": "one row per period",
    "queue_events": "one row per event of a queue",
    "trunks": "one row per change of the number of lines",
    "forecast": "one row per period",
    "surveys": "one row per caller who was asked",
    "quality_scores": "one row per call that somebody listened to",
}


@dataclass
class _Kind:
    """Files of one kind: the first sample stands for all."""

    sample: Sample
    names: list[str] = field(default_factory=list)


def draft(files: Sequence[Path], vendor: str, *, zone: str | None = None, country: str | None = None) -> str:
    """The YAML text of a contract for `vendor` (or `inhouse`), drafted from sample files of its deliveries.

    `zone` is the time zone of every time without an offset; without it each place that needs one holds `EDIT`. Files
    with the same columns are one kind. `country` (ISO code) says how callers' numbers are read, to see what stands
    before them; without it nothing is said of that. The same files give the same text. Raises TieoutError with the
    faults of all files that cannot be read, and where files need two delimiters, because a contract has one.
    """
    if not re.fullmatch("[a-z0-9_-]+", vendor):
        raise fault(f"vendor {vendor!r}", "not a vendor's id", "a-z, 0-9, _ and -", "name the folder under vendors/")
    if zone is not None and zone not in zones():
        hint = meant(zone, zones(), "take the tz database's name of the place whose clock the records show")
        raise fault(f"zone {zone!r}", "no such time zone", "a name of the tz database, such as Asia/Shanghai", hint)
    if not files:
        raise fault("command line", "no file", "at least one sample file", "name a file of each kind that is delivered")
    kinds = _kinds(files)
    names: dict[str, int] = {}
    items = [_item(kind, vendor, zone, country, names) for kind in kinds]
    return contract_text(vendor, _place(vendor, [kind.sample for kind in kinds]), items)


def _kinds(files: Sequence[Path]) -> list[_Kind]:
    """The files by kind, in the order given; all that cannot be read is told at once."""
    faults: list[Fault] = []
    kinds: dict[object, _Kind] = {}
    for path in files:
        try:
            sample = sample_of(path)
        except TieoutError as error:
            faults += error.faults
            continue
        mark = (sample.format, sample.header if sample.grid and sample.grid.header_rows else len(sample.header))
        kinds.setdefault(mark, _Kind(sample)).names.append(path.name)
    if faults:
        raise TieoutError(faults)
    return list(kinds.values())


def _place(vendor: str, samples: Sequence[Sample]) -> Place:
    """The server: what the delimited files have in common."""
    texts = [sample for sample in samples if sample.format == "delimited"]
    delimiters = sorted({sample.delimiter or "," for sample in texts})
    if len(delimiters) > 1:
        found = f"files with the delimiters {' and '.join(map(repr, delimiters))}"
        hint = "ask for one delimiter in all files, or have some of them sent as xlsx"
        raise fault("the sample files", found, "one delimiter: a contract has one place with one delimiter", hint)
    encodings = sorted({sample.encoding or "utf-8" for sample in (texts or samples)})
    form = "csv" if texts else _SERVER_FORMATS.get(samples[0].format, "csv")
    return Place(
        path=f"drop/{vendor}/{{month}}",
        format=form,
        delimiter=delimiters[0] if delimiters else None,
        encoding=encodings[0] if len(encodings) == 1 else "auto",
        notes=() if len(encodings) == 1 else (f"the samples are in {' and '.join(encodings)}",),
    )


def _item(kind: _Kind, vendor: str, zone: str | None, country: str | None, names: dict[str, int]) -> Item:
    sample = kind.sample
    pattern, pattern_note = pattern_of(kind.names)
    if sample.grid is None:
        purpose, columns = _known(sample, vendor), []
    else:
        columns = _profiles(sample)
        # a column whose head is empty, or of nothing but invisible signs, cannot be named in a contract
        purpose = purpose_of([column for column in columns if column.head], vendor)
    name = _NAMES.get(purpose.feed, purpose.feed)
    names[name] = names.get(name, 0) + 1
    return Item(
        name=name if names[name] == 1 else f"{name}_{names[name]}",
        pattern=pattern,
        pattern_note=pattern_note,
        seen=f"drafted from {', '.join(sorted(kind.names))}" + _looked_at(sample),
        notes=(*sample.notes, *repeated(columns), *missing(purpose)),
        grain=_GRAINS.get(purpose.feed, ""),
        custom=tuple(said_of(sample, purpose, columns, zone)),
        properties=_properties(sample, purpose, columns, country),
    )


def _looked_at(sample: Sample) -> str:
    return f" ({len(sample.grid.rows):,} records looked at)" if sample.grid else ""


def _known(sample: Sample, vendor: str) -> Purpose:
    feeds = feeds_of(sample.format) if sample.format in systems() else ("calls", "inhouse_calls")
    wanted = [feed for feed in feeds if (feed == "inhouse_calls") == (vendor == INHOUSE)]
    return Purpose((wanted or list(feeds))[0], {})


def _profiles(sample: Sample) -> list[Profile]:
    assert sample.grid is not None
    by_column = zip(*sample.grid.rows, strict=True) if sample.grid.rows else ([] for _ in sample.header)
    return [
        profile(head, place, cells)
        for place, (head, cells) in enumerate(zip(sample.header, by_column, strict=True))
        if "\0" not in head
    ]


def _properties(
    sample: Sample, purpose: Purpose, columns: Sequence[Profile], country: str | None
) -> tuple[Property, ...]:
    """Properties in the file's order; columns without a role are comments, unless the file names no columns."""
    rows = sample.grid.rows if sample.grid else ()
    caller = purpose.roles.get("caller")
    callers = [row[caller.column.place] for row in rows] if caller else ()
    around = Around(columns, purpose.feed, sample.format, shown_units(purpose.roles, rows), callers, country)
    has_header = bool(sample.grid and sample.grid.header_rows)
    chosen: dict[int, list[Property]] = {}
    for match in purpose.roles.values():
        chosen[match.column.place] = property_of(match, around)
    for match in purpose.figures:
        chosen[match.column.place] = [figure_of(match)]
    second = {match.column.place: match.role for match in purpose.others}
    made = [
        item
        for column in columns
        for item in chosen.get(column.place) or [_unused(column, has_header, second.get(column.place))]
    ]
    if sample.sheet == "*" and "queue" not in purpose.roles:
        name = around.fresh("queue")
        made.append(
            Property(name, physical_name="{sheet}", custom=(("role", "queue"),), notes=("? one sheet a queue",))
        )
    by_name: dict[str, Property] = {}
    for item in made:
        if not item.name:
            continue
        known = by_name.get(item.name)
        if known is None or (known.is_hidden and not item.is_hidden) or (item.custom and not known.custom):
            by_name[item.name] = item
    return tuple(by_name.values())


def _unused(column: Profile, has_header: bool, figure: str | None) -> Property:
    note = f"{figure} again, which another column reports already" if figure else "no role found"
    return Property(column.head, is_hidden=has_header, notes=(note,))


def pattern_of(names: Sequence[str]) -> tuple[str, str]:
    """`physicalName` for files of these names, and what was done: dates and numbers in a name become `*`."""
    signs = r"[\[\]{}?*\\]|^~|^[A-Za-z](?=:)"  # which mean something else in a pattern, or in a path
    plain = sorted({re.sub(r"\*+", "*", _DATED.sub("*", re.sub(signs, "?", name))) for name in names})
    pattern = plain[0]
    if len(plain) > 1:
        start = _common(plain)
        end = _common([name[len(start) :][::-1] for name in plain])[::-1]
        pattern = f"{start}*{end}".replace("**", "*")
    note = "" if list(names) == [pattern] else f"made from {', '.join(sorted(names)[:3])}: * stands for what changes"
    return pattern, note


def _common(texts: Sequence[str]) -> str:
    """The signs with which all texts begin."""
    same = [signs[0] for signs in takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))]
    return "".join(same)
