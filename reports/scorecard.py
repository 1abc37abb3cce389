"""The typed object behind every output: what stands in `figures.json`, and nothing else is ever printed.

Shapes only; those beyond the figures are in `parts.py`. `collect.py` fills it from the lake, `render.py` prints it.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from reports.parts import Capacity, Comparison, People, Return, Volume

SCHEMA_VERSION = 1

Status = Literal["final", "provisional", "not_measurable"]
Level = Literal["cannot_be_judged", "disputed", "corrected", "agreed"]


@dataclass(frozen=True)
class Figure:
    """One KPI of one side in one scope. Values in `unit`; None where there is none; `reason` says why.

    `low` and `high` say what unmatched, withheld and uncovered calls leave open; `n` is the base of `measured`.
    """

    id: str
    label: str
    unit: str
    month: str
    side: Literal["vendor", "inhouse"] = "vendor"
    scope: str = "all"
    reported: float | None = None
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    n: int | None = None
    target: float | dict[str, float] | None = None
    definition: str = ""
    status: Status = "final"
    reason: str | None = None
    evidence: str | None = None
    history: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """One file that the figures came from, as received."""

    file: str
    sha256: str
    source: str
    feed: str
    rows_read: int
    accepted: int
    rejected: int
    left_out: int


@dataclass(frozen=True)
class VagueField:
    """One reported figure that the contract leaves undefined, and the question to send to the vendor.

    `column` is the vendor's own name for it, "" where the figure is no column of a file.
    """

    field: str
    missing: tuple[str, ...]
    question: str
    column: str = ""


@dataclass(frozen=True)
class Padding:
    """What one detector found, at one certainty, and the money it stands for (decimal text in the currency)."""

    detector: str
    certainty: Literal["proven", "probable", "suspected"]
    calls: int
    amount_low: str
    amount_high: str


@dataclass(frozen=True)
class SettlementLine:
    """One line of the settlement; amounts are decimal text in the currency, deductions negative."""

    line: str
    calls: int
    amount_low: str
    amount_high: str


@dataclass(frozen=True)
class OpenPoint:
    """One thing to ask for: who owes it, until when (ISO date), and whether it is `open` or `met`."""

    id: str
    ask: str
    owner: str
    due: str
    state: str = "open"


@dataclass(frozen=True)
class ClockMove:
    """One kind of move of the vendor's clock, told once: zone, step, jump or drift.

    `day` and `until` (ISO dates): the first and last day of a zone or drift; of steps and jumps the day of the largest.
    `times` counts days, or moves; `change_s` is by how much, positive is ahead, of a drift in a day; `at` is about when
    (HH:MM, client's local time), of a step alone.
    """

    kind: Literal["zone", "step", "jump", "drift"]
    day: str
    until: str
    times: int
    change_s: float
    at: str | None = None


@dataclass(frozen=True)
class Matching:
    """How the vendor's calls met the client's legs.

    `matched` counts every pair, the `ambiguous` ones among them. `clock_offset_s` is the vendor's clock less the
    client's, `clock_spread_s` half the width that holds nine of ten pairs around it, both the median of the month.
    """

    matched: int
    vendor_only: int
    inhouse_only: int
    ambiguous: int
    no_number: int
    clock_offset_s: float | None
    coverage_pct: float | None
    clock_spread_s: float | None = None
    clock_moved: tuple[ClockMove, ...] = ()


@dataclass(frozen=True)
class RuleResult:
    """One rule over the month: `state` is pass, warning, error or could_not_run; `failed_days` are ISO dates."""

    rule: str
    sentence: str
    severity: str
    state: str
    rows_checked: int
    rows_failed: int
    failed_days: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deliveries:
    """ISO dates on which a side delivered no record, and those that an error rule holds back, with their records."""

    vendor_days_missing: tuple[str, ...] = ()
    inhouse_days_missing: tuple[str, ...] = ()
    days_held_back: tuple[str, ...] = ()
    calls_held_back: int = 0


@dataclass(frozen=True)
class Unreadable:
    """Rows of one feed that could not be used, by the column at fault ("" where the whole line is)."""

    feed: str
    column: str
    rows: int


@dataclass(frozen=True)
class UnknownCode:
    """A code in one column of a feed that the contract does not name, and the rows that carry it."""

    feed: str
    column: str
    code: str
    rows: int


@dataclass(frozen=True)
class Tolerance:
    """Below these a difference is not worth a dispute (decimal text): share of a count, percentage points, money."""

    count_pct: str = "0"
    points: str = "0"
    amount: str = "0"


@dataclass(frozen=True)
class Verdict:
    """The first that applies of cannot_be_judged, disputed, corrected, agreed; and one sentence for the manager."""

    level: Level
    sentence: str


@dataclass(frozen=True)
class Scorecard:
    """One vendor's month. `as_of` is the end of the data (ISO date), never the clock on the wall."""

    vendor: str
    vendor_name: str
    client: str
    month: str
    currency: str
    language: str
    as_of: str
    time_zone: str
    generated_from: tuple[SourceFile, ...]
    figures: tuple[Figure, ...]
    vague_fields: tuple[VagueField, ...]
    padding: tuple[Padding, ...]
    matching: Matching
    settlement: tuple[SettlementLine, ...]
    open_points: tuple[OpenPoint, ...]
    deliveries: Deliveries
    rules: tuple[RuleResult, ...]
    verdict: Verdict
    definitions: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    tolerance: Tolerance = Tolerance()
    unreadable: tuple[Unreadable, ...] = ()
    unknown_codes: tuple[UnknownCode, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    returns: tuple[Return, ...] = ()
    people: People = field(default_factory=People)
    capacity: Capacity = field(default_factory=Capacity)
    volume: Volume = field(default_factory=Volume)
    schema_version: int = field(default=SCHEMA_VERSION)

    def figure(self, figure_id: str, side: str = "vendor", scope: str = "all") -> Figure:
        """The one figure with this id, side and scope; KeyError where there is none."""
        for item in self.figures:
            if (item.id, item.side, item.scope) == (figure_id, side, scope):
                return item
        raise KeyError(f"no figure {figure_id!r} for side {side!r}, scope {scope!r}")

    def to_json(self) -> str:
        """The text of `figures.json`: sorted keys, two spaces, UTF-8, the same bytes for the same object."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
