"""Writes a world as a workspace: contracts, deliveries by month, and the truth that no delivery shows.

    tieout.yaml  inhouse.odcs.yaml  vendors/<vendor>/data.odcs.yaml  vendors/<vendor>/terms.yaml
    drop/inhouse/<YYYY-MM>/inhouse.csv
    drop/<vendor>/<YYYY-MM>/calls.csv, daily_report.csv
    truth/pairs.csv, padded.csv, dirt.csv, repeats.csv

What happens in a world stands in `calls.py`; the columns of the truth in `truth.py`.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from random import Random
from string import Template

from data.simulate import feeds, people, truth
from data.simulate.calls import Call, Switch, live
from data.simulate.dirt import spoil
from data.simulate.padding import padded
from data.simulate.people import WITHHELD, Population
from data.simulate.report import daily_report
from data.simulate.vendors import COLUMNS, HABITS, Record, as_text, numbered, records
from data.simulate.world import CLIENT, SMALL, VENDORS, Size, World, moment
from pipelines.errors import fault

INHOUSE_COLUMNS = (
    "call_id", "caller", "reason", "arrived", "transferred", "route", "leg_answered", "leg_ended", "returned",
    "agent", "answered", "ended", "outcome",
)  # fmt: skip


def write_world(
    directory: Path, seed: int = 7, size: Size = SMALL, log_gap: tuple[datetime, datetime] | None = None
) -> World:
    """Simulates a world and writes it into an empty or new folder; the same seed and size give the same bytes.

    `log_gap` (both ends with a time zone) takes the client's rows that arrived from its start to before its end out of
    the client's log; the truth still names them. Raises TieoutError where the folder holds something already.
    """
    if directory.exists() and any(directory.iterdir()):
        raise fault(directory, "a folder that is not empty", "a new or empty folder", "choose another folder")
    who = people.population(seed, size)
    switch = live(seed, size, who)
    write_contracts(directory, size)
    logged = [call for call in switch.calls if not is_in_gap(moment(size.first_day, call.arrived), log_gap)]
    write_inhouse(directory, logged, size)
    labels = truth.Labels(truth.call_ids(switch.calls, size.first_day), frozenset(call.number for call in logged))
    sizes, delivered = {"inhouse": len(logged)}, {}
    for vendor in VENDORS:
        delivered[vendor] = deliver(directory, vendor, seed, size, switch, who, labels)
        sizes[vendor] = len(delivered[vendor])
    labels.write(directory / "truth", switch.repeats)
    more = feeds.write_more(directory, seed, size, switch, delivered)
    asked = feeds.write_clients(directory, seed, size, switch.calls, truth.call_ids(switch.calls, size.first_day))
    feeds.write_truth(directory / "truth", more, asked)
    return World(directory, tuple(VENDORS), size.months, size.first_day, size.last_day, seed, sizes)


def write_contracts(directory: Path, size: Size) -> None:
    """Fills in the contract templates; `honest` and `padding` run the same systems and share theirs."""
    shared = {"client": CLIENT, "first_day": str(size.first_day), "last_day": str(size.last_day)}
    shared["seats"] = str(size.seats)
    targets = {"tieout.yaml": ("tieout.yaml", shared), "inhouse.odcs.yaml": ("inhouse.odcs.yaml", shared)}
    for vendor in VENDORS.values():
        values = {**shared, "vendor": vendor.id, "name": vendor.name}
        own = "vague" if vendor.id == "vague" else "clear"
        targets[f"vendors/{vendor.id}/data.odcs.yaml"] = (f"{own}.odcs.yaml", values)
        targets[f"vendors/{vendor.id}/terms.yaml"] = (f"{own}.terms.yaml", values)
    templates = files("data.simulate").joinpath("contracts")
    for target, (template, values) in targets.items():
        path = directory / target
        path.parent.mkdir(parents=True, exist_ok=True)
        text = templates.joinpath(template).read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(values), encoding="utf-8", newline="\n")


def is_in_gap(at: datetime, gap: tuple[datetime, datetime] | None) -> bool:
    """Whether the client's log is silent at that moment."""
    return gap is not None and gap[0] <= at < gap[1]


def write_inhouse(directory: Path, calls: Sequence[Call], size: Size) -> None:
    """The client's own log, a file per month, by the order of arrival."""
    ids = truth.call_ids(calls, size.first_day)
    for month in size.months:
        rows = [
            inhouse_row(call, ids[call.number], size.first_day)
            for call in calls
            if f"{moment(size.first_day, call.arrived):%Y-%m}" == month
        ]
        write_csv(directory / "drop" / "inhouse" / month / "inhouse.csv", INHOUSE_COLUMNS, rows)


def inhouse_row(call: Call, call_id: str, first_day: date) -> list[str]:
    """One call as the client's switch saw it: an agent is named only where one of the client's own answered."""

    def at(second: int | None) -> str:
        return "" if second is None else f"{moment(first_day, second):%Y-%m-%d %H:%M:%S}"

    passed, own = call.passed, call.inhouse
    outcomes = {"answered": "AGENT" if own else "PASSED_ON", "abandoned": "HANGUP"}
    return [
        call_id,
        "anonymous" if call.caller.number == WITHHELD else call.caller.number,
        call.reason,
        at(call.arrived),
        at(passed.offered if passed else None),
        VENDORS[call.vendor].route if call.vendor else "",
        at(passed.answered if passed else None),
        at(passed.ended if passed else None),
        at(passed.ended if passed and own else None),
        own.agent.id if own and own.agent else "",
        at(own.answered if own else None),
        at(call.last.ended),
        outcomes[call.last.outcome],
    ]


def deliver(
    directory: Path, vendor: str, seed: int, size: Size, switch: Switch, who: Population, labels: truth.Labels
) -> list[Record]:
    """One vendor's calls and reports for every month, by its own clock, and the truth about each row: the records."""
    habits = HABITS[vendor]
    rows = records(seed, vendor, switch.calls)
    if habits.pads:
        rows = padded(rows, who, Random(f"{seed}/padding/{vendor}"))
    rows = numbered(rows, habits.first_record)
    texts = [as_text(row, habits, size.first_day) for row in rows]
    days = [moment(size.first_day, row.queued_at).date() for row in rows]
    is_spoilt = habits.spoils_exports
    dirt = spoil(texts, size.days, days, Random(f"{seed}/dirt/{vendor}")) if is_spoilt else {}
    report = daily_report(rows, habits, size.first_day)
    for month in size.months:
        folder = Path("drop") / vendor / month
        places = [n for n, day in enumerate(days) if f"{day:%Y-%m}" == month]
        for number, n in enumerate(places, 1):
            labels.note(truth.Place(vendor, (folder / "calls.csv").as_posix(), number), rows[n], dirt.get(n))
        lines = [line for day, line in report if f"{day:%Y-%m}" == month]
        delimiter = habits.delimiter
        write_csv(directory / folder / "calls.csv", COLUMNS, [texts[n].values() for n in places], delimiter)
        write_csv(directory / folder / "daily_report.csv", habits.report_header, lines, delimiter)
    return rows


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Iterable[str]], delimiter: str = ",") -> None:
    """One delimited file in UTF-8 with a header line and plain line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)
