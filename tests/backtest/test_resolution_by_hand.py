"""Resolution in a simulated world, counted by plain loops over its files and over who truly belongs to whom.

Nothing of the lake is read but which records were proven wrong: they are no contacts.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from data.simulate import write_world
from data.simulate.vendors import HABITS
from data.simulate.world import Size
from pipelines.calendar import data_end
from pipelines.lake import Lake
from pipelines.link.steps import link_month
from pipelines.measure.contacts.step import write_contacts
from pipelines.measure.resolution.family import resolution
from pipelines.measure.scene import scene
from pipelines.tables import FINDINGS
from tests.backtest.road import accuse

MONTH = "2026-10"
WINDOWS = {"2h": timedelta(hours=2), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
WEEKS = Size(
    date(2026, 10, 19), date(2026, 11, 3), 105, inhouse_share=0.46, seats=1, inhouse_seats=3, agents=7, callers=900
)
"""Two weeks over the turn of the month, of few callers: some windows stay open."""
ROUTES = {"R-QD": "honest", "R-WH": "padding", "R-CD": "vague"}
GRACE = timedelta(minutes=15)


@dataclass
class Contact:
    """One call at a vendor or with the client, by the client's clock; `place` is where the caller was."""

    caller: str
    place: str
    start: datetime
    end: datetime | None
    is_base: bool = False
    is_own: bool = False
    is_back: bool = False


def moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("/", "-")) if text else None
    except ValueError:
        return None


def number(text: str) -> str:
    """The national number, without a leading zero; "" where none is shown."""
    digits = "".join(char for char in text if char.isdigit())
    return digits.removeprefix("0086").removeprefix("86").removeprefix("0") if len(digits) >= 7 else ""


def lines(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig").splitlines()
    return list(csv.DictReader(text, delimiter=";" if text and ";" in text[0] else ","))


def contacts(world: Path, proven: set[tuple[str, int]]) -> list[Contact]:
    """All contacts of the world: records with the legs that they truly belong to, and the rest of the client's log."""
    log = {row["call_id"]: row for path in sorted(world.glob("drop/inhouse/*/inhouse.csv")) for row in lines(path)}
    truth = lines(world / "truth" / "pairs.csv")
    legs = {(row["vendor"], row["file"], int(row["row"])): log.get(row["inhouse_call_id"]) for row in truth}
    found, taken = [], set()
    for (vendor, file, row), leg in legs.items():
        path = world / file
        record = lines_of(path)[row - 1]
        offered = moment(record["queued_at"])
        if offered is None or (hashlib.sha256(path.read_bytes()).hexdigest()[:16], row) in proven:
            continue
        off = timedelta(seconds=HABITS[vendor].offset_s)
        ended = moment(record["ended_at"])
        end = ended - off if ended else None
        arrived, returned = (moment(leg["arrived"]), moment(leg["returned"])) if leg else (None, None)
        if leg:
            taken.add(leg["call_id"])
        is_base = record["result"] == "ANSWERED" and f"/{MONTH}/" in file
        is_back = bool(is_base and returned and end and returned <= end + GRACE)
        caller = number(record["caller"]) or number(leg["caller"] if leg else "")
        found.append(Contact(caller, vendor, arrived or offered - off, end, is_base, is_back=is_back))
    for leg in log.values():
        start = moment(leg["arrived"])
        if leg["call_id"] not in taken and start:
            is_own = not leg["transferred"] and (leg["outcome"] == "AGENT" or bool(leg["agent"]))
            place = ROUTES[leg["route"]] if leg["transferred"] else "inhouse"
            found.append(Contact(number(leg["caller"]), place, start, None, is_own=is_own))
    return found


_READ: dict[Path, list[dict[str, str]]] = {}


def lines_of(path: Path) -> list[dict[str, str]]:
    if path not in _READ:
        _READ[path] = lines(path)
    return _READ[path]


def counted(world: Path, vendor: str, every: list[Contact], end: datetime) -> Iterator[tuple[str, float, int]]:
    """(figure, value, base) of a vendor."""
    by_caller, out = defaultdict(list), defaultdict(list)
    for contact in every:
        by_caller[contact.caller].append(contact)
    for path in sorted(world.glob(f"drop/{vendor}/*/outbound.csv")):
        for row in lines(path):
            dialled = moment(row["dialled_at"])
            assert dialled
            out[number(row["phone"])].append(dialled - timedelta(seconds=HABITS[vendor].offset_s))
    base = [contact for contact in every if contact.place == vendor and contact.is_base]
    for name, length in WINDOWS.items():
        judged = [call for call in base if call.caller and call.end and call.end + length <= end]
        hits = defaultdict(int)
        for call in judged:
            until = call.end + length
            after = [o for o in by_caller[call.caller] if o is not call and call.end < o.start <= until]
            is_resolved = not after and not call.is_back
            is_called = any(call.end < at <= until for at in out[call.caller])
            hits["fcr"] += is_resolved
            hits["fcr_strict"] += is_resolved and not is_called
            hits["agent_callback"] += is_called
            hits["repeat_any"] += bool(after)
            hits["callback_inhouse"] += any(o.is_own for o in after)
            hits["repeat_same_vendor"] += any(o.place == vendor for o in after)
            hits["repeat_other_vendor"] += any(o.place not in (vendor, "inhouse") for o in after)
        yield from ((f"{figure}_{name}", 100 * hit / len(judged), len(judged)) for figure, hit in hits.items())
    back = [c for c in base if c.is_back or (c.caller and c.end and _rang_us(c, by_caller[c.caller]))]
    yield "net_diverted", float(len(base) - len(back)), len(base)


def _rang_us(call: Contact, own: list[Contact]) -> bool:
    assert call.end
    return any(o.is_own and call.end < o.start <= call.end + WINDOWS["24h"] for o in own)


def test_resolution_of_the_simulated_world_is_what_its_files_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a secret of some length")
    world = write_world(tmp_path / "world", seed=7, size=WEEKS).directory
    space, lake, month = accuse(world, MONTH, has_rules=False)
    for vendor in space.vendors:
        link_month(space, lake, vendor, month)
    write_contacts(space, lake, month)
    every = contacts(world, _proven(lake))
    for vendor in ("honest", "padding"):
        last = data_end(lake, vendor, month)
        assert last is not None
        with scene(space, lake, vendor, month, tmp_path) as here:
            found = {figure.id: figure for figure in resolution(here).figures if figure.scope == "all"}
        expected = list(counted(world, vendor, every, datetime.combine(last, datetime.min.time()) + timedelta(days=1)))
        assert len(expected) == len(WINDOWS) * 7 + 1
        for figure, value, n in expected:
            assert (found[figure].value, found[figure].n) == (pytest.approx(value), n), (vendor, figure)


def _proven(lake: Lake) -> set[tuple[str, int]]:
    found = lake.read(FINDINGS, month=MONTH)
    return {(row["file_id"], row["row"]) for row in found.to_dicts() if row["certainty"] == "proven"}
