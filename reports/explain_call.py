"""Why a call was matched, or was not: one call with what lies around it (`case.py`) as lines of text.

Findings and money are `explain.py`'s; the same as a picture is `picture.py`'s.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.case import AROUND_S, MARGIN_S, SECOND, Call, Case, moment_of

MOST_CANDIDATES, MOST_RIVALS = 6, 3

_WHY = {
    "alone": "no other leg of this caller lies within the tolerance, and no other record of the caller claims this one",
    "several": "of all ways to pair the calls of this caller this one makes the most pairs, and of those it leaves the "
    "least difference in total; calls keep their order",
    "ambiguous": "another choice makes as many pairs with hardly more difference in total, so it is open which of them "
    "it is; nothing is held against any of them",
    "mask": "the digits that show agree, and those of nothing else that is left at that time do",
    "time": "one side shows no number; nothing else is left on either side at that time and on that route",
}


def call_lines(case: Case, vendor: str, names: Mapping[str, str], moves: Sequence[str] = ()) -> list[str]:
    """The story of one row of `links`. `names`: files by id; `moves`: sentences on how the clock moved there."""
    return [
        _head(case, vendor, names),
        f"  When: {_when(case)}.",
        f"  Clock: {_clock(case)}.",
        *(f"  {sentence}" for sentence in moves),
        f"  Our log: {_log(case)}.",
        *_candidates(case, vendor),
        *_rivals(case),
        *(_pair(case, names) if case.link["side"] == "pair" else _alone(case)),
    ]


def _head(case: Case, vendor: str, names: Mapping[str, str]) -> str:
    where = f"{names.get(case.own.ref[0], case.own.ref[0])}, record {case.own.ref[1]}"
    if case.own.side == "inhouse":
        return f"Leg {case.own.call_id} of our own log, passed on to {vendor} ({where}), {_caller(case.own)}"
    return f"Call {case.own.call_id} of {vendor} ({where}), {_caller(case.own)}"


def _caller(call: Call) -> str:
    if call.kind in ("number", "masked") and call.mask:
        return f"caller {call.mask}{', of whom no more digits are shown' if call.key is None else ''}"
    return f"caller's number {call.kind or 'unknown'}"


def _when(case: Case) -> str:
    zone, own = case.zone, case.own
    day = f"{_local(own.at, zone):%Y-%m-%d}"
    if own.side == "inhouse":
        then = (
            ""
            if case.clock is None
            else f"; the vendor's clock showed {_time(own.at + case.offset, zone, own.at)} then"
        )
        return f"{day} {_time(own.at, zone)} by our clock ({zone}){then}"
    if case.clock is not None and case.clock["basis"] == "none":
        return f"{day} {_time(own.own_at, zone)} by the vendor's clock ({zone})"
    return f"{day} {_time(own.at, zone)} by our clock, {_time(own.own_at, zone, own.at)} by the vendor's ({zone})"


def _clock(case: Case) -> str:
    """The offset applied, with its spread and what it rests on."""
    span = case.clock
    if span is not None and span["basis"] == "none":
        return "how far the vendor's stands from ours is not known that day, for too few calls could be paired"
    offset = case.offset / SECOND
    side = "ahead of" if offset > 0 else "behind"
    stands = f"the vendor's stands {apart(abs(offset))} {side} ours" if offset else "the vendor's and ours agree"
    if span is None:
        return f"{stands}; that is taken off"
    rests = "that day" if span["basis"] == "day" else "the days around, as that day has too few"
    spread = f"nine in ten lie within ± {apart(float(span['spread_s']))} of that"
    return f"{stands}; that is taken off. Of {span['pairs']:,} pairs of {rests} {spread}"


def _log(case: Case) -> str:
    """How whole our log is around that time, and what backs it."""
    told = [_hour(case)] if case.hour else []
    gaps = case.near("gap")
    if gaps:
        told.append(f"a gap {_span(case, gaps[0].start, gaps[0].end)} ({gaps[0].reason})")
    if not case.link["is_covered"]:
        told.append("so nothing can be held against a call there" if gaps else "not known to be whole around that time")
    elif not gaps:
        told.append(f"no gap within {MARGIN_S // 60} minutes")
    told += [known.reason for known in case.near("lost")[:1]]
    if not gaps and case.hour:
        told += [known.reason for known in case.near("vouched")[:1]] or ["nothing vouches that it is complete"]
    return "; ".join(told)


def _hour(case: Case) -> str:
    assert case.hour is not None
    start = round(case.hour["hour_utc"].timestamp()) * SECOND
    hours = f"from {_local(start, case.zone):%H:%M} to {_local(start + 3600 * SECOND, case.zone):%H:%M}"
    usual = f" ({case.hour['expected']:.0f} are usual)" if (case.hour["expected"] or 0) >= 1 else ""
    return f"{case.hour['calls']:,} calls came {hours}{usual}"


def _span(case: Case, start: int, end: int) -> str:
    """From when to when; an end that lies weeks away is none."""
    far = 31 * 24 * 3600 * SECOND
    begin = f"from {_time(start, case.zone, case.own.at)}" if case.own.at - start < far else ""
    until = f"to {_time(end, case.zone, case.own.at)}" if end - case.own.at < far else "on"
    return f"{begin} {until}".strip()


def _candidates(case: Case, vendor: str) -> list[str]:
    what = "leg" if case.own.side == "vendor" else "record"
    reach = f"{AROUND_S // 60} minutes"
    if case.own.key is None:
        found = f"{what}s at that time whose digits do not contradict"
    else:
        found = f"{what}s of this caller within {reach}"
    limit = f"tolerance {apart(case.tolerance_s)}"
    if not case.candidates:
        return [f"  Candidates: no {found} ({limit})."]
    lines = [f"    {_candidate(case, call, vendor)}" for call in case.candidates[:MOST_CANDIDATES]]
    more = len(case.candidates) - MOST_CANDIDATES
    return [
        f"  Candidates, {found} ({limit}):",
        *lines,
        *([f"    and {more:,} more, further away"] if more > 0 else []),
    ]


def _candidate(case: Case, call: Call, vendor: str) -> str:
    """One candidate with its difference and its partner."""
    limit = "within the tolerance" if case.is_within(call) else "beyond the tolerance"
    shown = f" ({_caller(call)})" if call.key is None or case.own.key is None else ""
    if call.match_class is None:
        fate = f"not passed on to {vendor}"
    elif call.ref == case.own.partner_ref:
        fate = "its partner"
    elif call.partner_ref:
        fate = f"matched by {call.match_class} with {call.partner}{_row_of(case, call)}"
    else:
        fate = "without partner"
    when = _time(call.at, case.zone, case.own.at)
    return f"{call.call_id} at {when}{shown}: {_signed(case.delta_s(call))}, {limit}; {fate}"


def _row_of(case: Case, call: Call) -> str:
    """Which record it is, where several have the id of the one in question."""
    return f" (record {call.partner_ref[1]})" if call.partner_ref and call.partner == case.own.call_id else ""


def _rivals(case: Case) -> list[str]:
    near = [call for call in case.rivals if abs(call.at - case.own.at) <= AROUND_S * SECOND]
    if not near:
        return []
    what = "records" if case.own.side == "vendor" else "legs"
    told = [f"{call.call_id} at {_time(call.at, case.zone, case.own.at)} {_fate(call)}" for call in near[:MOST_RIVALS]]
    more = [f"and {len(near) - MOST_RIVALS:,} more"] if len(near) > MOST_RIVALS else []
    return [f"  Other {what} of this caller then: {'; '.join([*told, *more])}."]


def _fate(call: Call) -> str:
    if call.partner_ref:
        return f"(record {call.ref[1]}), matched with {call.partner}"
    return f"(record {call.ref[1]}), without partner"


def _pair(case: Case, names: Mapping[str, str]) -> list[str]:
    link = case.link
    place = f"{names.get(link['inhouse_file_id'], link['inhouse_file_id'])}, record {link['inhouse_row']}"
    leg = f"leg {link['inhouse_call_id']} ({place})"
    kind = link["match_class"]
    by = "number, but ambiguous," if kind == "ambiguous" else kind
    matched = f"  Matched by {by} with {leg}, {_signed(float(link['delta_s']))}: {link['reason']}."
    why = kind if kind != "number" else "alone" if link["options"] == 1 and not _contest(case) else "several"
    return [f"{matched} Confidence {link['confidence']}.", f"  Why this one: {_WHY[why]}{_next_best(case)}."]


def _contest(case: Case) -> bool:
    """Whether another record of the caller lies within the tolerance of the same leg."""
    leg = case.partner
    return leg is not None and any(abs(c.at - leg.at) <= case.tolerance_s * SECOND for c in case.rivals)


def _next_best(case: Case) -> str:
    """The nearest candidate that was not taken, where it lies within the tolerance."""
    others = [call for call in case.candidates if call.ref != case.own.partner_ref and call.match_class]
    if not others or not case.is_within(others[0]):
        return ""
    call = others[0]
    whose = f"is matched with {call.partner}" if call.partner_ref else "is left without partner"
    return f"; the next, {call.call_id}, lies {apart(abs(case.delta_s(call)))} away and {whose}"


def _alone(case: Case) -> list[str]:
    return [
        f"  No partner ({case.link['match_class']}): {case.link['reason']}.",
        f"  Innocent readings looked at: {'; '.join(_readings(case))}.",
    ]


def _readings(case: Case) -> list[str]:
    """What else could explain that there is no partner, each with what was found."""
    other = "leg" if case.own.side == "vendor" else "record"
    within = [c for c in case.calls if c.side != case.own.side and c.is_alone and case.is_within(c)]
    nameless = [call.call_id for call in within if call.key is None]
    numbered = [call.call_id for call in within if call.key is not None]
    moved = case.clock["moved"] if case.clock else None
    clock = f"it moved ({moved}), and this was allowed for" if moved else "no"
    if case.clock is not None and case.clock["basis"] == "none":
        clock = "not known"
    readings = [
        ("a gap in our log", "yes" if not case.link["is_covered"] else "none near"),
        ("a wrong clock", clock),
        (f"a {other} without number left over then", _some(nameless)),
        (f"a {other} of another number left over then", _some(numbered)),
    ]
    if case.own.side == "vendor" and case.own.key is not None:
        rows = [call.call_id for call in case.candidates if call.match_class is None]
        readings.append(("a row of this caller in our log that was not passed on", _some(rows)))
    return [f"{reading}: {found}" for reading, found in readings]


def _some(ids: Sequence[str]) -> str:
    return f"{', '.join(ids[:3])}{f' and {len(ids) - 3} more' if len(ids) > 3 else ''}" if ids else "none"


def apart(seconds: float) -> str:
    """12.0 → 12.0 s; from two minutes on as 1:00:00."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _signed(seconds: float) -> str:
    """How far the record lies from the leg."""
    if round(seconds, 1) == 0:
        return "at the same time"
    return f"the record {apart(abs(seconds))} {'later' if seconds > 0 else 'earlier'}"


def _local(at: int, zone: ZoneInfo) -> datetime:
    return moment_of(at).astimezone(zone)


def _time(at: int, zone: ZoneInfo, beside: int | None = None) -> str:
    """The time of day, with the date where that is another than the one of `beside`."""
    here = _local(at, zone)
    is_other = beside is not None and here.date() != _local(beside, zone).date()
    return f"{here:%Y-%m-%d %H:%M:%S}" if is_other else f"{here:%H:%M:%S}"
