"""What a scorecard tells beyond its figures: comparisons, agents, monitored calls, half hours, days, reasons.

Shapes only, fields as in the tables of the same words (docs/tables.md). `collect_parts.py` fills them from the lake,
`sections.py` chooses what is printed. Shares are percentages, differences are points, times are seconds.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """One figure beside the same of our own staff, another vendor or last month, for all reasons ("") or one.

    `against`: inhouse, a month as YYYY-MM, or another vendor as `others.py` calls it, never by its id.
    """

    figure: str
    against: str
    reason: str
    value: float | None
    other_value: float | None
    n: int
    other_n: int
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    is_standardised: bool
    verdict: str
    note: str | None


@dataclass(frozen=True)
class Return:
    """What callers came back for within a window (`place`: inhouse, same_vendor or other_vendor)."""

    window: str
    reason: str
    next_reason: str
    place: str
    calls: int
    median_gap_s: float | None


@dataclass(frozen=True)
class Agent:
    """An agent who stands out from what all agents reach on the same work; named by id alone."""

    agent_id: str
    answered: int
    is_new: bool | None
    fcr_shrunk_pct: float | None
    fcr_low_pct: float | None
    fcr_high_pct: float | None
    fcr_expected_pct: float | None
    fcr_flag: str | None
    aht_shrunk_s: float | None
    aht_low_s: float | None
    aht_high_s: float | None
    aht_expected_s: float | None
    aht_flag: str | None
    swings: int


@dataclass(frozen=True)
class AgentDay:
    """A day of an agent far from what is usual with that agent."""

    agent_id: str
    day: str
    what: str
    n: int
    value: float
    usual: float
    far: float


@dataclass(frozen=True)
class Monitored:
    """Calls that one side listened to, all queues together."""

    scored_by: str
    n: int
    score: float | None
    score_low: float | None
    score_high: float | None
    fault_a: int | None
    fault_b: int | None
    fault_c: int | None
    change: float | None
    change_low: float | None
    change_high: float | None
    next_score: float | None
    next_low: float | None
    next_high: float | None


@dataclass(frozen=True)
class People:
    """How many agents answered calls and how many of them are new (None where nobody knows); those who stand out."""

    agents: int = 0
    new_agents: int | None = None
    outstanding: tuple[Agent, ...] = ()
    days: tuple[AgentDay, ...] = ()
    monitored: tuple[Monitored, ...] = ()


@dataclass(frozen=True)
class HalfHour:
    """A half hour that lacks agents, by the client's day and time of day; `gap` is planned less needed."""

    day: str
    at: str
    offered: int
    needed: int | None
    planned: float | None
    present: float | None
    gap: float | None


@dataclass(frozen=True)
class Capacity:
    """The half hours that could be judged and those short of agents; the most calls at once against the lines."""

    judged: int = 0
    short: int = 0
    relieved: int = 0
    worst: tuple[HalfHour, ...] = ()
    peak_calls: int | None = None
    peak_day: str | None = None
    peak_at: str | None = None
    trunks: int | None = None
    full: int = 0


@dataclass(frozen=True)
class VolumeDay:
    """A day whose count lies outside what was to be expected; `state` is above or below."""

    day: str
    state: str
    offered: int | None
    expected: float | None
    low: float | None
    high: float | None
    holiday_en: str | None
    holiday_zh: str | None
    note: str | None


@dataclass(frozen=True)
class Regular:
    """A reason that the same callers rang with in each of the last `months` months."""

    reason: str
    months: int
    callers: int
    calls: int
    share_pct: float


@dataclass(frozen=True)
class Swelled:
    """A reason whose share of the calls rose by more than chance explains."""

    reason: str
    calls: int
    calls_before: int | None
    share_pct: float
    share_before_pct: float | None
    change_points: float


@dataclass(frozen=True)
class Volume:
    """Days judged against the calendar, and what callers ask."""

    days_judged: int = 0
    odd_days: tuple[VolumeDay, ...] = ()
    regulars: tuple[Regular, ...] = ()
    swelled: tuple[Swelled, ...] = ()
