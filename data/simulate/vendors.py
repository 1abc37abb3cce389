"""What a vendor's system records about the legs that it was given: its clock, its spelling of numbers, its words.

Honest records only. What a padding vendor adds stands in `padding.py`, what goes wrong in an export in `dirt.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from data.simulate.calls import Call
from data.simulate.people import WITHHELD
from data.simulate.world import moment

RESULTS: Mapping[str, str] = {"answered": "ANSWERED", "abandoned": "ABANDONED", "given_back": "RETURNED"}
COLUMNS = (
    "record", "caller", "queue", "agent", "queued_at", "connected_at", "ended_at",
    "queue_s", "talk_s", "hold_s", "acw_s", "result",
)  # fmt: skip


@dataclass(frozen=True)
class Habits:
    """How one vendor's system differs from the others: `offset_s` is its clock less the client's."""

    offset_s: int
    first_record: int
    delimiter: str
    day_format: str
    withheld: str
    mobile: str
    landline: str
    report_header: tuple[str, ...]
    leaves_out_abandoned: bool = False
    pads: bool = False
    spoils_exports: bool = False

    def spell(self, number: str) -> str:
        """A national number as this vendor writes it."""
        if number == WITHHELD:
            return self.withheld
        if number.startswith("0"):
            return self.landline.format(number[1:4], number[4:])
        return self.mobile.format(number[:3], number[3:7], number[7:])


ENGLISH_REPORT = (
    "day", "offered", "answered", "abandoned", "service_level_20s_pct", "average_talk_s", "average_wait_s",
)  # fmt: skip
CHINESE_REPORT = ("日期", "呼入量", "接通量", "放弃量", "服务水平", "平均通话", "平均等待")

HABITS: Mapping[str, Habits] = {
    "honest": Habits(37, 1_204_001, ",", "%Y-%m-%d", "anonymous", "+86{}{}{}", "+86{}{}", ENGLISH_REPORT),
    "padding": Habits(-12, 3_300_001, ",", "%Y-%m-%d", "withheld", "0086{}{}{}", "0086{}{}", ENGLISH_REPORT, pads=True),
    "vague": Habits(
        5, 780_001, ";", "%Y/%m/%d", "", "{}-{}-{}", "0{}-{}", CHINESE_REPORT,
        leaves_out_abandoned=True, spoils_exports=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Record:
    """One row of a vendor's call export. Moments are seconds of the simulation by the vendor's own clock.

    From `inhouse_call` on it is the truth that no delivery shows: the client's call behind it (None: there is none),
    what was padded (`ghost`, `duplicate` or nothing), which record a duplicate copies, and whether it shows its id too;
    when the agent's set began to ring, and whether the caller's need was settled.
    `call_id` is given last (`numbered`).
    """

    key: int
    caller: str
    queue: str
    agent: str
    queued_at: int
    connected_at: int | None
    ended_at: int
    queue_s: int
    talk_s: int
    hold_s: int
    acw_s: int
    result: str
    inhouse_call: int | None
    kind: str = ""
    copy_of: int | None = None
    repeats_id: bool = False
    call_id: str = ""
    rang_at: int | None = None
    is_settled: bool = False


def record(key: int, call: Call, habits: Habits, clock: Random) -> Record:
    """What the vendor notes about one leg. Queue and telephone have two clocks: some connects come a second early."""
    leg = call.passed
    if leg is None or leg.ended is None:
        raise ValueError(f"call {call.number} was not passed on, or has not ended")
    slip_s = habits.offset_s + clock.choices((-1, 0, 1), (1, 8, 1))[0]
    set_lag_s = clock.choices((1, 0), (1, 7))[0]
    return Record(
        key,
        call.caller.number,
        call.reason,
        leg.agent.id if leg.agent else "",
        queued_at=leg.offered + slip_s,
        connected_at=None if leg.answered is None else leg.answered + slip_s - set_lag_s,
        ended_at=leg.ended + slip_s - (set_lag_s if leg.answered is not None else 0),
        queue_s=leg.wait_s,
        talk_s=leg.talk_s,
        hold_s=leg.hold_s,
        acw_s=leg.acw_s,
        result=RESULTS[leg.outcome],
        inhouse_call=call.number,
        rang_at=None if leg.rang is None else leg.rang + slip_s - set_lag_s,
        is_settled=leg.is_settled,
    )


def records(seed: int, vendor: str, calls: Iterable[Call]) -> list[Record]:
    """One honest record for every leg that was passed on to a vendor, in the order of the client's log."""
    clock = Random(f"{seed}/clock/{vendor}")
    legs = (call for call in calls if call.vendor == vendor)
    return [record(key, call, HABITS[vendor], clock) for key, call in enumerate(legs)]


def numbered(rows: Iterable[Record], first: int) -> list[Record]:
    """The rows by the vendor's clock, with the ids that its system gives: one after the other, or the copied one's."""
    ordered = sorted(rows, key=lambda row: (row.queued_at, row.key))
    own = [row.key for row in ordered if not row.repeats_id]
    ids = {key: str(first + place) for place, key in enumerate(own)}
    return [
        replace(row, call_id=ids[row.copy_of if row.repeats_id and row.copy_of is not None else row.key])
        for row in ordered
    ]


def as_text(row: Record, habits: Habits, first_day: date) -> dict[str, str]:
    """One row as the export prints it, by column."""

    def at(second: int | None) -> str:
        return "" if second is None else moment(first_day, second).strftime(f"{habits.day_format} %H:%M:%S")

    values = (
        row.call_id, habits.spell(row.caller), row.queue, row.agent, at(row.queued_at), at(row.connected_at),
        at(row.ended_at), row.queue_s, row.talk_s, row.hold_s, row.acw_s, row.result,
    )  # fmt: skip
    return dict(zip(COLUMNS, map(str, values), strict=True))
