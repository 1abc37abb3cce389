"""What the detectors say about a small world: with links written by hand, or found by the link step itself."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from checks.padding.detect import Guards, detect, run
from pipelines.engine import Engine
from pipelines.link.coverage.backing import backing
from pipelines.link.coverage.hours import coverage
from pipelines.link.coverage.spans import Span
from pipelines.link.coverage.step import gaps_for, routes_of
from pipelines.link.pair import Linking
from pipelines.tables import INHOUSE_CALLS, LINKS, LOG_SPANS, VENDOR_CALLS
from tests.measure.worlds import ME, T0, Row, Small, at, frame

VOUCHED: Span = (T0 - timedelta(days=40), T0 + timedelta(days=40))
Verdicts = dict[int, tuple[str, str]]
"""Row of an accused record → detector and certainty."""


def known(state: str, kind: str, spans: Sequence[Span]) -> pl.DataFrame:
    """Spans of the log as the table has them."""
    return frame(
        LOG_SPANS,
        [
            {"state": state, "kind": kind, "from_utc": start, "to_utc": end, "reason": "a reason"}
            for start, end in spans
        ],
    )


def guards(
    vouched: Sequence[Span] = (VOUCHED,),
    lost: Sequence[Span] = (),
    more: Sequence[pl.DataFrame] = (),
    **other: Any,
) -> Guards:
    """A client that vouches for its log, no direct numbers, 30 s of tolerance; nothing else is known of it."""
    said = known("vouched", "declared", vouched), known("lost", "unread", lost)
    return Guards(**{"spans": pl.concat([*said, *more]), "direct_numbers": (), "tolerance_s": 30, **other})


def findings(world: Small, **other: Any) -> list[Row]:
    """The rows of `findings` for a world whose links are written by hand."""
    with Engine() as engine:
        engine._con.execute("SET threads = 1")
        world.put(engine)
        return run(engine, ME, guards(**other)).to_dicts()


def verdicts(world: Small, **other: Any) -> Verdicts:
    """The same, short."""
    return {row["row"]: (row["detector"], row["certainty"]) for row in findings(world, **other)}


def honest(world: Small, start: int, caller: int | None, talk: int = 120, agent: str = "anna", **other: Any) -> Row:
    """An answered call with its leg and its pair: passed on at `start`, answered after 10 s."""
    call = record(world, start, caller, talk, agent, **other)
    world.link(call, world.leg(start - 30, start, caller))
    return call


def record(
    world: Small, start: int, caller: int | None, talk: int | None = 120, agent: str | None = "anna", **other: Any
) -> Row:
    """An answered record, without a link yet."""
    times = {"talk_s": talk, "agent_id": agent, "answered_utc": at(start + 10)}
    return world.call(start, start + 10 + (talk or 0), caller, **{**times, **other})


def ghost(world: Small, start: int, caller: int | None = 99, **other: Any) -> Row:
    """An answered record without a leg."""
    state = {name: other.pop(name) for name in ("is_covered", "in_month", "match_class", "reason") if name in other}
    call = record(world, start, caller, **other)
    world.link(call, None, **state)
    return call


class Days:
    """Some days of honest traffic, every few minutes from 9 to 18 h, to change and then to audit from link to findings.

    Every caller rings once. Our log also holds a call of our own every two minutes.
    """

    def __init__(self, days: int = 6, every_s: int = 600) -> None:
        self.world = Small()
        self.honest: list[int] = []
        self.rejects: list[int] = []
        caller = 1000
        for begin in range(0, days * 86_400, 86_400):
            for second in range(begin + 9 * 3600, begin + 18 * 3600, 120):
                caller += 1
                self.world.leg(second + 60, None, caller, agent_id="in1", ended_utc=at(second + 200))
                if (second - begin) % every_s == 0:
                    self.call(second + 7 * (caller % 11), caller)

    def call(self, passed: int, caller: int | None, **other: Any) -> Row:
        """One honest call: 20 s in the IVR, then passed on; the vendor's clock is 5 s ahead."""
        self.world.leg(passed - 20, passed, caller)
        made = record(self.world, passed + 5, caller, **other)
        self.honest.append(made["row"])
        return made

    def leg_of(self, call: Row) -> Row:
        """The leg of an honest call."""
        return next(
            leg for leg in self.world.legs if leg["transferred_utc"] and leg["caller_key"] == call["caller_key"]
        )

    def near(self, second: int) -> Row:
        """The first honest call after a moment."""
        after = [row for row in self.world.calls if row["offered_utc"] >= at(second)]
        return min(after, key=lambda row: row["offered_utc"])

    def audit(self, folder: Path, **other: Any) -> dict[int, Row]:
        """Row of an accused record → its finding, by link, coverage and detectors, as the road does it."""
        legs = sorted(self.world.legs, key=lambda leg: leg["arrived_utc"])
        legs = [{**leg, "row": place} for place, leg in enumerate(legs, 1)]
        lost = [leg for leg in legs if leg["call_id"] in self.rejects]
        log = frame(INHOUSE_CALLS, [leg for leg in legs if leg not in lost])
        paths = {"calls": folder / "calls.parquet", "legs": folder / "legs.parquet", "links": folder / "links.parquet"}
        frame(VENDOR_CALLS, self.world.calls).write_parquet(paths["calls"])
        log.write_parquet(paths["legs"])
        days: list[date] = log["day"].unique().sort().to_list()
        _, gaps = coverage(log.lazy(), days[0], days[-1], "UTC")
        (folder / "aside").mkdir()
        own = gaps_for(gaps, routes_of([paths["legs"]], ME))
        linking = Linking([paths["calls"]], [paths["legs"]], own, ME, "2026-03", 30, folder / "aside")
        pl.concat(LINKS.fit(rows) for _, rows in linking.parts()).write_parquet(paths["links"])
        rejects = pl.DataFrame(
            [(leg["file_id"], leg["row"]) for leg in lost], schema={"file_id": pl.String, "row": pl.Int64}, orient="row"
        )
        said = backing([paths["legs"]], rejects, ())
        judged = guards(more=[gaps, *said], **other)
        found = detect([paths["calls"]], [paths["legs"]], [paths["links"]], ME, judged)
        return {row["row"]: row for row in found.to_dicts()}
