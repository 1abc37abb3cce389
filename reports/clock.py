"""The vendor's clock in words: how far it stands from the client's, how exact that is, and how it moved.

What moved is decided in `pipelines/link/`; the texts stand in `texts/`. All times are the client's local time.
"""

from reports.scorecard import ClockMove, Matching
from reports.words import Words

_MINUTES_FROM_S = 120


def clock_sentence(say: Words, matching: Matching) -> str:
    """The sentence about the two clocks; a positive offset means that the vendor's runs ahead."""
    offset, spread = matching.clock_offset_s, matching.clock_spread_s
    if offset is None:
        return say.t("matching.clock_unknown")
    within = say.value(spread or 0.0, "s")
    if round(offset, 1) == 0:
        return say.t("matching.clock_same", spread=within)
    way = "clock_ahead" if offset > 0 else "clock_behind"
    return say.t(f"matching.{way}", value=stretch(say, abs(offset)), spread=within)


def move_sentence(say: Words, move: ClockMove) -> str:
    """How the clock moved, as a sentence."""
    return _told(say, "matching", move)


def move_clause(say: Words, move: ClockMove) -> str:
    """The same as a clause of what is asked of the vendor."""
    return _told(say, "ask", move)


def stretch(say: Words, seconds: float, *, signed: bool = False) -> str:
    """A stretch of time: seconds, and from two minutes on hours, minutes and seconds; with its sign if wanted."""
    sign = ("+" if seconds > 0 else "\N{MINUS SIGN}") if signed else ""
    size = abs(seconds)
    if size < _MINUTES_FROM_S:
        return sign + say.value(size, "s")
    whole = round(size)
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _told(say: Words, part: str, move: ClockMove) -> str:
    is_jump = move.kind in ("step", "jump")
    way = "" if is_jump else "_ahead" if move.change_s > 0 else "_behind"
    key = f"{part}.clock_{move.kind}{way}"
    return say.t(
        f"{key}_once" if move.times == 1 and say.has(f"{key}_once") else key,
        day=say.short_day(move.day),
        until=say.short_day(move.until),
        at=move.at or "",
        count=say.count(move.times),
        value=stretch(say, move.change_s, signed=is_jump),
    )
