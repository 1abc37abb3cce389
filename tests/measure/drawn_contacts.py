"""Random worlds for contacts and resolution."""

from typing import Any

from hypothesis import strategies as st

from tests.measure.worlds import ME, Row, Small, at

SPOT = st.integers(0, 200)
"""Half hours, so that starts fall on the bounds of windows again and again."""
REASONS = st.sampled_from(["bill", "bill", "repair", None])
OUTCOMES = st.sampled_from(["answered"] * 4 + ["transferred", "abandoned", "blocked", "blocked", "unknown"])


@st.composite
def worlds(draw: st.DrawFn) -> Small:
    """Up to fifteen calls of few callers at three vendors and in-house, in every state that a link can have."""
    world = Small()
    callers = st.sampled_from([1, 1, 1, 2, None])
    start = 0
    for _ in range(draw(st.integers(1, 15))):
        is_retry = draw(st.integers(0, 3)) == 0
        start = start + draw(st.sampled_from([5, 60, 61])) if is_retry else draw(SPOT) * 1800 + draw(_JITTER) + 1
        kind = draw(st.sampled_from(["pair", "pair", "pair", "vendor", "leg", "own", "ivr", "out"]))
        caller, vendor = draw(callers), draw(st.sampled_from([ME, ME, "elsewhere", "zeta"]))
        if kind in ("own", "ivr"):
            _own(draw, world, start, caller, kind)
        elif kind == "out":
            world.call(start, start + 60, caller, vendor, direction="outbound")
        else:
            _at_vendor(draw, world, start, caller, vendor, kind)
    return world


_JITTER = st.sampled_from([0, 0, 1, -1])


def _same_call(draw: st.DrawFn, world: Small) -> dict[str, Any]:
    """Sometimes the id of the leg before, and mostly its caller: a further row of one call."""
    if not world.legs or draw(st.integers(0, 4)) > 0:
        return {}
    last = world.legs[-1]
    return {"call_id": last["call_id"], **({"caller_key": last["caller_key"]} if draw(st.integers(0, 4)) else {})}


def _own(draw: st.DrawFn, world: Small, start: int, caller: int | None, kind: str) -> None:
    own: list[Row] = [{"agent_id": "in1"}, {"outcome": "answered"}, {"outcome": "abandoned"}, {"outcome": "blocked"}]
    state = {} if kind == "ivr" else draw(st.sampled_from(own))
    ended = draw(st.sampled_from([None, at(start + 1800), at(start + 60)]))
    answered = draw(st.sampled_from([None, at(start + 30), at(start + 1000)]))
    world.leg(
        start,
        None,
        caller,
        ended_utc=ended,
        answered_utc=answered,
        reason=draw(REASONS),
        **state,
        **_same_call(draw, world),
    )


def _at_vendor(draw: st.DrawFn, world: Small, start: int, caller: int | None, vendor: str, kind: str) -> None:
    offset = draw(st.sampled_from([0, 37, -12]))
    end = draw(st.sampled_from([None, 5, *[1800 * n for n in range(1, 6)] * 2]))
    shows = draw(st.booleans()) or kind == "vendor"
    leg = None
    if kind != "vendor":
        back = draw(st.sampled_from([None] * 6 + [at(start + 900), at(start + 2700), at(start + 2701)]))
        told = {"returned_utc": back, "reason": draw(REASONS), **_same_call(draw, world)}
        leg = world.leg(start, start + draw(st.sampled_from([0, 30])), caller, vendor, **told)
    call = None
    if kind != "leg":
        ended = None if end is None else start + end + offset
        told = {"outcome": draw(OUTCOMES), "reason": draw(REASONS)}
        call = world.call(start + offset, ended, caller if shows else None, vendor, **told)
        if draw(st.integers(0, 9)) == 0:
            world.proven(call)
    world.link(call, leg, offset, in_month=draw(st.integers(0, 5)) > 0)
