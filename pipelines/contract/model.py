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
    """One expectation of the contract, as Great Expectations names it, and how bad it is when the data breaks it."""

    name: str
    expectation_type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    sentence: str


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
    expression: str | None = None
    meaning: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    path: str = ""


@dataclass(frozen=True)
class FeedObject:
    """One kind of file (`schema[]` of the contract): which feed it fills, how it is read, and its columns."""

    name: str
    feed: str
    format: str
    pattern: str
    time_zone: str | None
    direction: str | None
    where: str | None
    period: str | None
    header: bool
    skip_rows: int
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    path: str = ""

    def role(self, role: str) -> Column | None:
        """The column that fills a canonical column, or None."""
        return next((column for column in self.columns if column.role == role), None)

    def every_rule(self) -> tuple[Rule, ...]:
        """The rules of the columns, in their order, then those of the object."""
        return (*(rule for column in self.columns for rule in column.rules), *self.rules)


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

    def feed(self, feed: str) -> tuple[FeedObject, ...]:
        """All objects that fill a feed."""
        return tuple(item for item in self.objects if item.feed == feed)
