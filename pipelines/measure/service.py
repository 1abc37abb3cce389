"""Counts of `tallies.sql` → the figures of service: offered to handling time, for the month and for each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.measure.bounds import Open, mean_bounds, share_bounds, share_pct
from pipelines.measure.catalogue import BY_ID, SERVICE_LEVELS

Tally = Mapping[str, int]


@dataclass(frozen=True)
class Measured:
    """One measured value with its bounds, base and definition; `reason` says why there is none, or not yet."""

    id: str
    scope: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    definition: str = ""
    status: str = "final"
    reason: str | None = None


@dataclass(frozen=True)
class Rules:
    """What the terms decide: the service level's id, its threshold and bound (<= or <), and the short abandon."""

    service_level: str
    threshold_s: int
    bound: str
    short_abandon_s: int

    @property
    def words(self) -> str:
        """The service level in words."""
        short = f", t = {self.short_abandon_s} s" if self.service_level in ("SL5", "SL6") else ""
        sentence = SERVICE_LEVELS[self.service_level][2]
        return f"{self.service_level}: {sentence}, T {self.bound} {self.threshold_s} s{short}"


def service_figures(tally: Tally, scope: str, rules: Rules, doubtful: Mapping[str, Sequence[float]]) -> list[Measured]:
    """All figures of one scope. `doubtful` has the times of answered calls that no leg confirms, per column."""
    return [
        *_counts(tally, scope),
        *_shares(tally, scope, rules),
        _mean("asa", tally, scope, "wait_s", "waited", doubtful.get("queue_s", ())),
        _mean("talk_time", tally, scope, "talk_s", "talked", doubtful.get("talk_s", ())),
        _mean("aht", tally, scope, "handle_s", "handled", doubtful.get("handle_s", ())),
    ]


def _offered(tally: Tally) -> int:
    return tally["answered"] + tally["abandoned"] + tally["overflowed"] + tally["lone"]


def _open_offered(tally: Tally) -> int:
    return tally["open_answered"] + tally["open_abandoned"] + tally["open_overflowed"]


def _counts(tally: Tally, scope: str) -> list[Measured]:
    """Counts, with bounds where records lack a leg, legs may lack a record, or an outcome is not known."""
    unknown, maybe = tally["unknown"], tally["maybe"]
    return [
        _count("offered", scope, _offered(tally), _open_offered(tally), unknown + maybe),
        _count("answered", scope, tally["answered"], tally["open_answered"], unknown),
        _count("abandoned", scope, tally["abandoned"], tally["open_abandoned"], unknown + tally["lone"] + maybe),
    ]


def _count(figure: str, scope: str, value: int, drop: int, add: int) -> Measured:
    low, high = (float(value - drop), float(value + add)) if drop or add else (None, None)
    return Measured(figure, scope, float(value), low, high, value, BY_ID[figure].words)


def _shares(tally: Tally, scope: str, rules: Rules) -> list[Measured]:
    """Shares of the offered calls. A leg without a record is offered and not answered: leaving out must not pay."""
    lone, add = tally["lone"], tally["unknown"] + tally["maybe"]
    offered, open_offered = _offered(tally), _open_offered(tally)
    answered, left = tally["answered"], tally["abandoned"] + lone
    open_in, open_left = tally["open_answered"], tally["open_abandoned"]
    return [
        _share("answered_pct", scope, answered, offered, Open(open_in, open_offered - open_in, up=lone, add=add)),
        _share("abandon_rate", scope, left, offered, Open(open_left, open_offered - open_left, down=lone, add=add)),
        _service_level(tally, scope, rules, Open(up=lone, add=add)),
    ]


def _share(figure: str, scope: str, part: int, base: int, left: Open, definition: str | None = None) -> Measured:
    low, high = share_bounds(part, base, left)
    words = definition or BY_ID[figure].words
    if base <= 0:
        return Measured(figure, scope, None, definition=words, status="not_measurable", reason="no call to measure")
    return Measured(figure, scope, share_pct(part, base), low, high, base, words)


def _service_level(tally: Tally, scope: str, rules: Rules, left: Open) -> Measured:
    """The service level by the terms' definition; a leg without a record counts as abandoned after the threshold."""
    words = BY_ID["service_level"].words.format(service_level=rules.words)
    if tally["unwaited"] and not tally["waited"]:
        return Measured(
            "service_level", scope, None, None, None, None, words, "not_measurable", "queue_s not delivered"
        )
    numerator, denominator, _ = SERVICE_LEVELS[rules.service_level]
    if rules.service_level == "SL1":  # only answered calls count: a lone leg can but join them
        left = Open(add=left.add + left.up)
    full = {**tally, "abandoned": tally["abandoned"] + tally["lone"]}
    part, base = _sum(numerator, full), _sum(denominator, full)
    open_part, open_base = _sum(numerator, full, "open_"), _sum(denominator, full, "open_")
    doubt = Open(open_part, max(open_base - open_part, 0), left.up, left.down, left.add)
    return _share("service_level", scope, part, base, doubt, words)


def _sum(formula: str, tally: Tally, prefix: str = "") -> int:
    """A sum of tallies written as `a + b - c`; with a prefix, of the tallies under that prefix."""
    total, sign = 0, 1
    for word in formula.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        else:
            total += sign * tally[f"{prefix}{word}"]
    return total


def _mean(figure: str, tally: Tally, scope: str, total: str, count: str, doubtful: Sequence[float]) -> Measured:
    words, needs = BY_ID[figure].words, {"wait_s": "queue_s", "talk_s": "talk_s", "handle_s": "talk_s, hold_s, acw_s"}
    if not tally["answered"]:
        return Measured(figure, scope, None, None, None, 0, words, "not_measurable", "no answered call")
    if not tally[count]:
        return Measured(figure, scope, None, None, None, 0, words, "not_measurable", f"{needs[total]} not delivered")
    low, high = mean_bounds(float(tally[total]), tally[count], doubtful)
    return Measured(figure, scope, float(tally[total] / tally[count]), low, high, tally[count], words)
