"""The contacts of a month, of all vendors that have links and of the client; table `contacts`, in parts by caller.

Once a month for all vendors. Callers' keys are hashes, so equal ranges of them are parts of one size; each part has all
calls of its callers, and is made by itself. Callers without a key are a part of their own.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from pipelines.calendar import Month, calls_of, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, laid_aside, sha
from pipelines.link.deal import count
from pipelines.measure.contacts.part import contacts_of
from pipelines.measure.contacts.sides import at_vendor, in_house, outbound, read_log
from pipelines.measure.resolution.windows import longest_s, under_terms
from pipelines.standardise.ahead import ahead
from pipelines.tables import CONTACTS, FINDINGS, LINKS, OFFSETS

ROWS_OF_A_PART = 800_000
"""Rows of one side that are put together at once; about a third of a GB of memory."""
_AT_ONCE = 2
KEYLESS = "none"


def write_contacts(space: Workspace, lake: Lake, month: Month, rows_of_a_part: int = ROWS_OF_A_PART) -> pl.DataFrame:
    """All contacts that a month's audit reads; table `contacts`. Gives back their number by part (part, contacts)."""
    legs = legs_of(lake, month)
    calls = {vendor: calls_of(lake, vendor, month) for vendor in under_terms(space, month)}
    rows = [*legs, *(path for paths in calls.values() for path in paths)]
    parts = 1 + count(rows) // (2 * rows_of_a_part)
    stamp = sha(_stamp(space, lake, month, rows), parts)
    names = [f"{number:04}" for number in range(parts)] + [KEYLESS]
    if not all(lake.is_fresh(CONTACTS, stamp, month=month.text, part=name) for name in names):
        with laid_aside(lake) as folder:
            _deal(ahead(_sides(space, lake, month, calls, legs, folder)), parts, folder)
            for name, made in _made(folder, names, longest_s(space, month)):
                lake.write_batches(CONTACTS, iter([made]), stamp, month=month.text, part=name)
    for left in set(lake.values(CONTACTS, "part", month=month.text)) - set(names):
        lake.drop(CONTACTS, month=month.text, part=left)
    counts = [count(lake.paths(CONTACTS, month=month.text, part=name)) for name in names]
    return pl.DataFrame({"part": names, "contacts": counts})


def _stamp(space: Workspace, lake: Lake, month: Month, rows: list[Path]) -> str:
    found = [path for table in (LINKS, FINDINGS, OFFSETS) for path in lake.paths(table, month=month.text)]
    grace = {vendor: _grace_s(space, vendor, month) for vendor in under_terms(space, month)}
    return sha("contacts", VERSION, lake.stamps([*found, *rows]), longest_s(space, month), grace)


def _grace_s(space: Workspace, vendor: str, month: Month) -> int:
    return space.vendors[vendor].terms.of_month(month.first, month.last).definitions.fcr.transfer_grace_s


def _sides(
    space: Workspace, lake: Lake, month: Month, calls: dict[str, list[Path]], legs: list[Path], folder: Path
) -> Iterator[pl.DataFrame]:
    """The rows of all sides; the client's own come last, for then it is known which legs are paired."""
    log = read_log(legs)
    for vendor, paths in calls.items():
        where = {"vendor": vendor, "month": month.text}
        links, findings = lake.paths(LINKS, **where), lake.read(FINDINGS, **where)
        if not links:
            continue
        proven = findings.filter(pl.col("certainty") == "proven").select("file_id", "row").unique()
        yield from at_vendor(paths, links, proven, log, _grace_s(space, vendor, month), folder)
        yield outbound(paths, lake.read(OFFSETS, **where))
    yield from in_house(log, month.text)


def _deal(frames: Iterable[pl.DataFrame], parts: int, folder: Path) -> None:
    """Lays rows aside by equal ranges of callers' keys: files `<part>/<number>.arrow`."""
    part = (pl.col("caller_key") // 2**32 * parts // 2**32).cast(pl.Int64).alias("part")
    for number, frame in enumerate(frames):
        for (name,), rows in frame.with_columns(part).partition_by("part", as_dict=True, include_key=False).items():
            target = folder / (KEYLESS if name is None else f"{name:04}")
            target.mkdir(exist_ok=True)
            rows.write_ipc(target / f"{number:06}.arrow", compression="uncompressed")


def _made(folder: Path, names: list[str], longest: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """The contacts of each part, in order; two parts are put together while one is written.

    Most of the work is arithmetic on one processor, outside of Python's lock.
    """

    def make(name: str) -> pl.DataFrame:
        return contacts_of(_dealt(folder / name), longest)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="contacts") as pool:
        coming = {name: pool.submit(make, name) for name in names[:_AT_ONCE]}
        for place, name in enumerate(names):
            made = coming.pop(name).result()
            for after in names[place + _AT_ONCE : place + _AT_ONCE + 1]:
                coming[after] = pool.submit(make, after)
            yield name, made


def _dealt(folder: Path) -> pl.DataFrame:
    paths = sorted(folder.glob("*.arrow"))
    frames = [pl.read_ipc(path) for path in paths]
    return pl.concat(frames) if frames else pl.DataFrame()
