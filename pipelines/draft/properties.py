"""One column and what it is for → the property of a contract that says so, with its doubts as comments."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.contract.model import MEANINGS, Rewrite
from pipelines.contract.vocabulary import INDISPENSABLE
from pipelines.draft.numbers import found_in
from pipelines.draft.roles import Match, is_share
from pipelines.draft.types import Profile
from pipelines.draft.units import unit_of
from pipelines.draft.words import WORDS, best, coded, tokens

_ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d")
_WITH_DATES = ("xlsx", "parquet")
"""Formats in which a date is a type of its own, so that no format is needed; its text here is ISO 8601."""
_ID = re.compile("[a-z0-9_-]+")
_NAMED = 0.5
_TABLES = {
    **dict.fromkeys(("invited", "passed"), "truths"),
    "outcome": "outcomes",
    "direction": "directions",
    "state": "states",
    "is_billed": "billed",
}
_NUMBERS = ("value", "score", "scale", "calls")
_INTEGERS = ("capacity", "fault_a", "fault_b", "fault_c")


@dataclass(frozen=True)
class Said:
    """One `tieout.*` name of an object, its value and a comment. `is_hidden`: written as a comment, to be taken up."""

    name: str
    value: str | int | bool
    note: str = ""
    is_hidden: bool = False


@dataclass(frozen=True)
class Property:
    """An entry of `properties`. `custom` are `tieout.*` names with values; a code mapped to None is left to fill in.
    `code_notes` stand beside the map's codes.

    `questions`: what a figure must still say, by meaning. `is_hidden`: written as a comment, for the reader to take up.
    """

    name: str
    logical_type: str = "string"
    physical_name: str | None = None
    required: bool = False
    unique: bool = False
    format: str | None = None
    expression: str | None = None
    custom: tuple[tuple[str, str | Mapping[str, str | None] | tuple[Rewrite, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    code_notes: Mapping[str, str] | None = None
    questions: Mapping[str, str] | None = None
    is_hidden: bool = False


@dataclass(frozen=True)
class Around:
    """What a property must know of its file: all columns, feed, format, and the `units` that times beside it show.

    `callers` are the cells of the caller's column, and `country` the one in which they are read, where it is known.
    """

    columns: Sequence[Profile]
    feed: str
    format: str
    units: Mapping[str, str]
    callers: Sequence[str] = ()
    country: str | None = None

    def fresh(self, name: str) -> str:
        """A name like this that no column of the file has."""
        while any(column.head == name for column in self.columns):
            name += "_2"
        return name


def property_of(match: Match, around: Around) -> list[Property]:
    """The property for a role, and those for raw columns that its expression reads."""
    role, column = match.role, match.column
    notes = () if match.score >= 0.99 else (_doubt(match),)
    is_required = role in INDISPENSABLE.get(around.feed, ()) and role != "caller" and column.is_full
    made = Property(column.head, custom=(("role", role),), required=is_required, notes=notes)
    if role in ("period_start", "period_end", "hired", "left", "issued_at") or role.endswith("_utc"):
        return _time(made, match, around)
    if role.endswith("_s"):
        return [_duration(made, role, column, around.units.get(role))]
    if role in _TABLES and column.codes:
        return [_mapped(made, column, WORDS[_TABLES[role]])]
    if role == "figure":
        return [_named_figures(made, column)]
    if role == "caller":
        return [_rewritten(_caller(made, column), around)]
    if role == "call_id":
        return [_identity(made, column)]
    if role == "vendor_id":
        return [_routes(made, column)]
    if role in _INTEGERS:
        return [replace(made, logical_type="integer")]
    return [replace(made, logical_type="number")] if role in _NUMBERS else [made]


def _routes(made: Property, column: Profile) -> Property:
    codes = {code: code if _ID.fullmatch(code) else None for code in column.codes}
    note = "EDIT: write for each code the vendor's folder name, or inhouse"
    return replace(made, custom=(*made.custom, ("map", codes)), notes=(*made.notes, note))


def _doubt(match: Match) -> str:
    if match.score == 0:
        return f"? no head says so: taken for the {match.role} by its cells"
    return f"? taken for the {match.role} by a part of its head"


def _identity(made: Property, column: Profile) -> Property:
    if column.is_unique:
        return replace(made, unique=True)
    again = column.count - column.distinct
    said = f"? {again} of {column.count} rows repeat an id or have none: legs of one call, or sent twice?"
    return replace(made, notes=(*made.notes, said))


def _caller(made: Property, column: Profile) -> Property:
    if column.caller == "keyed":
        said = "? taken for keys: numbers hashed with the shared key"
        return replace(made, custom=(*made.custom, ("caller_kind", "keyed")), notes=(*made.notes, said))
    if column.caller == "masked":
        said = "numbers with hidden digits: such calls match by time and the digits that are left; ask for keyed hashes"
        return replace(made, notes=(*made.notes, said))
    if column.caller is None or {"customer", "client"} & set(tokens(column.head)) or "编号" in column.head:
        said = "? taken for the identity of customers, not for phone numbers"
        return replace(made, custom=(*made.custom, ("caller_kind", "customer")), notes=(*made.notes, said))
    return made


def _rewritten(made: Property, around: Around) -> Property:
    """With the rules for numbers that the sample's own numbers speak for."""
    if around.country is None or any(name == "caller_kind" for name, _ in made.custom):
        return made
    found = found_in(around.callers, around.country)
    said = (("rewrite", found.rules),) if found.rules else ()
    return replace(made, custom=(*made.custom, *said), notes=(*made.notes, *found.notes))


def _mapped(made: Property, column: Profile, table: Mapping[str, list[str]]) -> Property:
    """Codes → canonical values by their words; an unknown code says so beside it."""
    values = {code: coded(code, table) for code in column.codes}
    notes = {code: "EDIT: what does it mean?" for code, value in values.items() if value is None}
    return replace(
        made,
        required=made.required or column.is_full,
        custom=(*made.custom, ("map", {code: value or "unknown" for code, value in values.items()})),
        code_notes=notes,
    )


def _named_figures(made: Property, column: Profile) -> Property:
    """The figures that a long table names; a name that no word explains stays out of the map, and is told."""
    figures = {name: coded(name, WORDS["figures"]) for name in column.codes}
    unknown = [name for name, figure in figures.items() if figure is None]
    notes = (*made.notes, f"EDIT: which figures are these? {', '.join(unknown)}") if unknown else made.notes
    known = {name: figure for name, figure in figures.items() if figure is not None}
    return replace(made, custom=(*made.custom, ("map", known)), notes=notes, is_hidden=not known)


def _duration(made: Property, role: str, column: Profile, shown: str | None) -> Property:
    if column.clocked == "hms":
        return replace(made, custom=(*made.custom, ("unit", "hms")))
    if column.clocked == "ms":
        name = sql_name(column.head)
        parts = [f"try_cast(split_part({name}, ':', {place}) AS INT)" for place in (1, 2)]
        said = "minutes and seconds, as m:ss"
        return replace(
            made,
            logical_type="integer",
            expression=f"{parts[0]} * 60 + {parts[1]}",
            custom=(*made.custom, ("unit", "s")),
            notes=(*made.notes, said),
        )
    unit, note = unit_of(role, column, shown)
    whole = column.numbers is not None and column.numbers.is_whole
    notes = (*made.notes, note) if note else made.notes
    kind = "integer" if whole else "number"
    return replace(made, logical_type=kind, custom=(*made.custom, ("unit", unit)), notes=notes)


def _time(made: Property, match: Match, around: Around) -> list[Property]:
    column, time = match.column, match.column.time
    if time is None:
        word = column.number_time or "epoch_s"
        said = {
            "epoch_s": "seconds since 1970, in UTC",
            "epoch_ms": "milliseconds since 1970, in UTC",
            "excel_serial": "days since 1900, as a spreadsheet counts them",
        }[word]
        return [replace(made, logical_type="timestamp", format=word, notes=(*made.notes, said))]
    notes = (*made.notes, f"? {time.note}") if time.note else made.notes
    clock = column if time.kind == "clock" else clock_beside(match, around.columns)
    if clock is None:
        kind = "date" if time.kind == "date" else "timestamp"
        if "%d" not in time.format:
            return _month(replace(made, notes=notes), column, around)
        shown = None if around.format in _WITH_DATES and time.format in _ISO else time.format
        return [replace(made, logical_type=kind, format=shown, notes=notes)]
    day = column if time.kind == "date" else _day_beside(column, around.columns)
    return _joined(replace(made, notes=notes), match.role, day, clock, around)


def _month(made: Property, column: Profile, around: Around) -> list[Property]:
    """A month has no day: its first one starts the period."""
    pattern = column.time.format if column.time else ""
    own = Property(column.head, notes=("the month as the file writes it",))
    name = around.fresh("period_start")
    text = f"strptime({sql_name(column.head)} || ' 01', '{pattern} %d')"
    return [own, replace(made, name=name, logical_type="timestamp", expression=text)]


def clock_beside(match: Match, columns: Sequence[Profile]) -> Profile | None:
    """In a report of intervals the time of day stands in a column of its own, beside the date."""
    time = match.column.time
    if match.role != "period_start" or time is None or time.kind != "date":
        return None
    words = [*WORDS["roles"]["claims"]["period_start"]]
    clocks = [item for item in columns if item.time and item.time.kind == "clock" and best(item.head, words) >= _NAMED]
    return clocks[0] if clocks else None


def _day_beside(clock: Profile, columns: Sequence[Profile]) -> Profile | None:
    days = [item for item in columns if item.time and item.time.kind == "date"]
    return min(days, key=lambda item: abs(item.place - clock.place), default=None)


def _joined(made: Property, role: str, day: Profile | None, clock: Profile, around: Around) -> list[Property]:
    """A date and a time of day from two columns, put together by an expression."""
    if day is None or day.time is None or clock.time is None:
        said = "EDIT: a time of day only, and no column with the date"
        return [replace(made, notes=(*made.notes, said), is_hidden=True)]
    text = sql_name(clock.head)
    if clock.is_span:
        text = f"regexp_extract({text}, '^[0-9:]+', 0)"
    expression = f"strptime({sql_name(day.head)} || ' ' || {text}, '{day.time.format} {clock.time.format}')"
    name = around.fresh(role.removesuffix("_utc") + "_at")
    notes = (*made.notes, f"the day of {day.head} with the time of {clock.head}")
    if not clock.is_full and role not in INDISPENSABLE.get(around.feed, ()):
        said = "left out: where one of the two is empty the row would be rejected; take it up if none is"
        return [
            replace(
                made, name=name, logical_type="timestamp", expression=expression, notes=(*notes, said), is_hidden=True
            )
        ]
    joined = replace(made, name=name, logical_type="timestamp", expression=expression, notes=notes)
    return [Property(day.head), Property(clock.head), joined]


def sql_name(head: str) -> str:
    """A column's head as a name in SQL."""
    return '"' + head.replace('"', '""') + '"'


def figure_of(match: Match) -> Property:
    """The property for a reported figure: its unit where the file shows it, and the questions that it leaves open."""
    column, figure = match.column, match.role
    unit, note = _figure_unit(figure, column)
    notes = () if match.score >= 0.5 else (f"? taken for {figure} by a part of its head",)
    if figure.startswith("fcr_") and not any(sign.isdigit() for sign in column.head):
        note = f"? {note or 'within which time? 24 h is a guess: fcr_2h, fcr_24h or fcr_7d'}"
    whole = column.numbers is not None and column.numbers.is_whole and column.numbers.unit != "pct"
    kind = "string" if unit == "hms" else "integer" if whole and unit == "calls" else "number"
    said = {"figure": figure, **({"unit": unit} if unit else {})}
    return Property(
        column.head,
        kind,
        custom=tuple(said.items()),
        notes=(*notes, note) if note else notes,
        questions={name: WORDS["questions"][name] for name in MEANINGS if name not in said},
    )


def _figure_unit(figure: str, column: Profile) -> tuple[str | None, str]:
    if column.clocked == "hms":
        return "hms", ""
    if column.clocked == "ms":
        return None, "EDIT: m:ss is no unit here: ask for seconds or h:mm:ss"
    usual = next((unit for unit, figures in WORDS["figure_units"].items() if figure in figures), None)
    numbers = column.numbers
    if numbers is None:
        return None, ""
    if numbers.unit is not None:
        return numbers.unit, ""
    if usual == "s":
        return unit_of(figure, column)
    if usual == "pct" and numbers.most <= 1 and not numbers.is_whole:
        return "ratio", "? none is above 1, so taken for shares of 1"
    if usual is None and is_share(column):
        return "pct", ""
    return usual, ""
