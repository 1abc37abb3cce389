"""What a contract says, typed: the shapes that the rest of the road reads.

Plain frozen data, no parsing. `odcs.py` reads an ODCS file into `Contract`, `terms.py` reads `terms.yaml` into `Terms`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]

MEANINGS = ("stage", "unit", "numerator", "denominator", "window", "short_call_rule", "attributed_at")
"""What a reported figure must say about itself (`tieout.<meaning>`), beside its object's time zone."""


@dataclass(frozen=True)
class Server:
    """Where files come from. `path` is relative to the workspace and may hold `{month}`, `{day}`, `{vendor}`, `*`."""

    name: str
    type: Literal["local"]
    path: str
    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Rule:
    """One expectation, as Great Expectations names it, how bad it is when the data breaks it, and who answers for it.

    `about` is for SQL over single rows: the condition of the rows that it looks at. `reads` are the small tables beside
    the delivery that its SQL reads (`checks/rules/beside.py`); a contract's own SQL reads none.
    """

    name: str
    expectation_type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    sentence: str
    owner: str = "tieout"
    about: str | None = None
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rewrite:
    """Numbers that begin with `starts` (and have so many `digits`, hidden ones included) get `replace` in its place.

    An empty `starts` is any digit: `replace` is put before the number.
    """

    starts: str
    digits: int | None
    replace: str

    def __str__(self) -> str:
        """The rule in the contract's own words."""
        count = "" if self.digits is None else f"digits: {self.digits}, "
        return "{" + (f'starts: "{self.starts}", ' if self.starts else "") + f'{count}replace: "{self.replace}"}}'


@dataclass(frozen=True)
class Column:
    """One column of a file: how its text is read (`raw`, `logical_type`, `format`), what it fills."""

    raw: str
    logical_type: Literal["string", "integer", "number", "timestamp", "date", "boolean"]
    role: str | None = None
    figure: str | None = None
    format: str | None = None
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] | None = None
    map: Mapping[str, str] | None = None
    unit: str | None = None
    caller_kind: Literal["phone", "customer", "keyed"] = "phone"
    rewrite: tuple[Rewrite, ...] = ()
    expression: str | None = None
    meaning: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    path: str = ""


@dataclass(frozen=True)
class FeedObject:
    """One kind of file (`schema[]` of the contract): which feed it fills, how it is read, and its columns.

    `header_rows` counts the lines that name the columns: none, one, or several that are read top-down. `trailer` is how
    a closing line with totals begins.
    """

    name: str
    feed: str
    format: str
    pattern: str
    time_zone: str | None
    direction: str | None
    where: str | None
    period: str | None
    header_rows: int
    skip_rows: int
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    path: str = ""
    trailer: str | None = None
    sheet: str | None = None
    decimal: Literal[".", ","] = "."

    def role(self, role: str) -> Column | None:
        """The column that fills a canonical column, or None."""
        return next((column for column in self.columns if column.role == role), None)

    def every_rule(self) -> tuple[Rule, ...]:
        """The rules of the columns, in their order, then those of the object."""
        return (*(rule for column in self.columns for rule in column.rules), *self.rules)


Every = Literal["hour", "day", "week", "month"]


@dataclass(frozen=True)
class Frequency:
    """One delivery every `count` of `every`."""

    count: int
    every: Every


@dataclass(frozen=True)
class Contract:
    """One `*.odcs.yaml`: who sends (`source`: a vendor's id or `inhouse`), from where, which feeds."""

    source: str
    version: str
    server: Server
    objects: tuple[FeedObject, ...]
    latency_days: int | None
    sha: str
    file: str
    latency: Mapping[str | None, int] = field(default_factory=dict)
    frequency: Mapping[str | None, Frequency] = field(default_factory=dict)

    def latency_of(self, name: str) -> int | None:
        """Days after a period's end in which this object's file is due; None where nothing is promised."""
        return self.latency.get(name, self.latency.get(None))

    def frequency_of(self, name: str) -> Frequency | None:
        """How often this object is delivered; None where the contract does not say."""
        return self.frequency.get(name, self.frequency.get(None))

    def feed(self, feed: str) -> tuple[FeedObject, ...]:
        """All objects that fill a feed."""
        return tuple(item for item in self.objects if item.feed == feed)
