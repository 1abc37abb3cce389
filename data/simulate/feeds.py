"""Writes what is delivered beside calls and reports: rosters, states, scores, call-backs, lines, forecast, surveys.

What happened stands in `staff.py`, `desks.py`, `callbacks.py`, `heard.py` and `announced.py`; here is only how it is
printed. What was put in stands beside the files of `truth.py`:

    people.csv      vendor, agent_id, what (weak, swings, new, left, did not come), day (where it is one)
    listened.csv    vendor, file, row, call_id, scored_by, is_settled, skill: by row of quality.csv
    call_backs.csv  vendor, call_id (of outbound.csv), after_call_id (of calls.csv), is_settled
    asked.csv       call_id (the client's), vendor (or inhouse), is_settled: by row of surveys.csv, month after month
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from data.simulate.announced import forecast
from data.simulate.callbacks import CallBack, call_backs
from data.simulate.calls import Call, Switch
from data.simulate.desks import State, agent_states
from data.simulate.heard import SCALE, Score, quality, surveys
from data.simulate.staff import Staff, staff_of
from data.simulate.vendors import HABITS, Record
from data.simulate.world import DAY_S, VENDORS, Size, moment

DELIVER_ALL = ("honest", "padding")
"""The vendors that deliver more than calls and a report."""
LINES = 8
TRUTH = {
    "people": ("vendor", "agent_id", "what", "day"),
    "listened": ("vendor", "file", "row", "call_id", "scored_by", "is_settled", "skill"),
    "call_backs": ("vendor", "call_id", "after_call_id", "is_settled"),
    "asked": ("call_id", "vendor", "is_settled"),
}
_Lines = dict[str, list[tuple[str, ...]]]


def write_more(directory: Path, seed: int, size: Size, switch: Switch, delivered: dict[str, list[Record]]) -> _Lines:
    """The further files of the vendors that deliver them (their records in `delivered`); the truth about them."""
    truth: _Lines = {name: [] for name in TRUTH}
    for vendor in DELIVER_ALL:
        _vendor(_Writer(directory, vendor, size), seed, switch, delivered[vendor], truth)
    return truth


def write_clients(directory: Path, seed: int, size: Size, calls: Iterable[Call], ids: dict[int, str]) -> _Lines:
    """The client's own forecast, and its survey of callers; the truth about them."""
    out = _Writer(directory, "inhouse", size)
    out.months(
        "forecast.csv",
        ("issued", "half_hour", "route", "forecast_calls", "aht_s"),
        [
            (f"{a.starts:%Y-%m}", (f"{a.issued:%Y-%m-%d %H:%M:%S}", f"{a.starts:%Y-%m-%d %H:%M:%S}",
             VENDORS[a.vendor].route, f"{a.calls:.2f}", str(a.aht_s)))
            for a in forecast(seed, size)
        ],
    )  # fmt: skip
    asked = surveys(seed, calls)
    out.months(
        "surveys.csv",
        ("call_id", "asked_at", "invited", "score", "scale"),
        [
            (out.month(one.at), (ids[one.call.number], out.clock(one.at), "Y", _text(one.score), str(SCALE)))
            for one in asked
        ],
    )
    told: list[tuple[str, ...]] = [
        (ids[a.call.number], a.call.vendor or "inhouse", str(a.call.last.is_settled).lower()) for a in asked
    ]
    return {"asked": told}


def write_truth(folder: Path, *parts: _Lines) -> None:
    """One file for each kind of truth."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in TRUTH.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(header)
            out.writerows(line for part in parts for line in part.get(name, ()))


class _Writer:
    """Files of one source, a folder a month."""

    def __init__(self, directory: Path, source: str, size: Size) -> None:
        self.directory, self.source, self.size = directory, source, size

    def clock(self, second: int) -> str:
        """A second of the simulation as an export prints it."""
        return f"{moment(self.size.first_day, second):%Y-%m-%d %H:%M:%S}"

    def month(self, second: int) -> str:
        """The month of a second; what comes after the last day is in the last month's file."""
        return min(f"{moment(self.size.first_day, second):%Y-%m}", self.size.months[-1])

    def file(self, month: str, name: str) -> Path:
        """The file's path in the workspace."""
        return Path("drop") / self.source / month / name

    def months(self, name: str, header: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> None:
        """One file for each month of the world, also where it has no row."""
        held = list(rows)
        for month in self.size.months:
            path = self.directory / self.file(month, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(header)
                out.writerows(cells for of, cells in held if of == month)


def _vendor(out: _Writer, seed: int, switch: Switch, rows: list[Record], truth: _Lines) -> None:
    vendor, size = out.source, out.size
    staff = staff_of(seed, vendor, size)
    states = agent_states(switch.halls[vendor].stints, rows, HABITS[vendor].offset_s, staff)
    backs, states = call_backs(seed, vendor, rows, states)
    out.months("agent_states.csv", ("agent", "state", "since", "until"), [_state(out, state) for state in states])
    out.months("outbound.csv", OUTBOUND, [(out.month(back.dialled), _back(out, back)) for back in backs])
    _roster(out, staff)
    out.months("trunks.csv", ("since", "lines"), [(month, (f"{month}-01", str(LINES))) for month in size.months])
    _quality(out, seed, rows, staff, truth)
    truth["people"] += _traits(out, staff)
    truth["call_backs"] += [
        (vendor, back.call_id, back.after.call_id, str(back.after.is_settled).lower()) for back in backs
    ]


OUTBOUND = (
    "record",
    "direction",
    "phone",
    "agent",
    "dialled_at",
    "connected_at",
    "ended_at",
    "talk_s",
    "acw_s",
    "result",
)


def _state(out: _Writer, state: State) -> tuple[str, Sequence[str]]:
    until = "" if state.ends is None else out.clock(state.ends)
    return out.month(state.begins), (state.agent_id, state.name, out.clock(state.begins), until)


def _back(out: _Writer, back: CallBack) -> Sequence[str]:
    connected = "" if back.connected is None else out.clock(back.connected)
    result = "NO_ANSWER" if back.connected is None else "ANSWERED"
    number = HABITS[out.source].spell(back.after.caller)
    times = (out.clock(back.dialled), connected, out.clock(back.ended))
    return (back.call_id, "OUT", number, back.agent_id, *times, str(back.talk_s), str(back.acw_s), result)


def _roster(out: _Writer, staff: Staff) -> None:
    """A line for each planned shift of a month, and one for each who has none."""
    rows: list[tuple[str, Sequence[str]]] = []
    for month in out.size.months:
        for one in staff.people:
            head = (one.agent_id, str(one.hired), str(one.left or ""))
            own = [shift for shift in staff.plan if shift.agent_id == one.agent_id and out.month(shift.start) == month]
            rows += [(month, (*head, out.clock(shift.start), out.clock(shift.end))) for shift in own]
            if not own:
                rows.append((month, (*head, "", "")))
    out.months("roster.csv", ("agent", "hired", "left", "shift_from", "shift_until"), rows)


def _quality(out: _Writer, seed: int, rows: list[Record], staff: Staff, truth: _Lines) -> None:
    header = ("call", "agent", "listened_at", "scored_by", "score", "passed", "grave", "middling", "slight")
    held: list[tuple[str, Sequence[str]]] = []
    skills = {one.agent_id: f"{one.skill:.3f}" for one in staff.people if one.skill is not None}
    for month in out.size.months:
        days = [n for n, day in enumerate(out.size.days) if f"{day:%Y-%m}" == month]
        for place, score in enumerate(quality(seed, out.source, rows, staff, days), 1):
            row, file = score.record, out.file(month, "quality.csv").as_posix()
            held.append((month, _score(out, score)))
            told = (row.call_id, score.scored_by, str(row.is_settled).lower(), skills[row.agent])
            truth["listened"].append((out.source, file, str(place), *told))
    out.months("quality.csv", header, held)


def _score(out: _Writer, score: Score) -> Sequence[str]:
    row = score.record
    passed = "Y" if score.is_passed else "N"
    head = (row.call_id, row.agent, out.clock(score.at), score.scored_by)
    return (*head, str(score.points), passed, *map(str, score.faults))


def _traits(out: _Writer, staff: Staff) -> list[tuple[str, ...]]:
    """Who is out of the ordinary, and on which day where it is one."""

    def day(second: int) -> str:
        return f"{moment(out.size.first_day, second):%Y-%m-%d}"

    traits = [(staff.weak, "weak", ""), (staff.swinging, "swings", day(staff.odd_day * DAY_S))]
    traits += [(agent_id, "new", "") for agent_id in staff.new(out.size.first_day)]
    traits += [(one.agent_id, "left", str(one.left)) for one in staff.people if one.left]
    traits += [(shift.agent_id, "did not come", day(shift.start)) for shift in staff.plan if shift.is_missed]
    return [(out.source, *trait) for trait in traits]


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
