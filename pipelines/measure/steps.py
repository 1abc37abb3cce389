"""The measure step on the lake: contacts of a month, then the figures of one vendor's month and who rang again."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import Month, calls_of, data_end, held_back, legs_of, midnight_after
from pipelines.contract.workspace import Workspace
from pipelines.engine import Engine
from pipelines.lake import VERSION, Lake, sha
from pipelines.link.steps import NOT_DELIVERED, absences
from pipelines.measure.catalogue import WINDOWS_S
from pipelines.measure.figures import figures_frame, match_figures
from pipelines.measure.reported import reported
from pipelines.measure.resolution import resolution_figures
from pipelines.measure.service import Measured, Rules, service_figures
from pipelines.standardise.queue_calls import CALLS as QUEUE_LOG_CALLS
from pipelines.tables import CLAIMS, CONTACTS, COVERAGE, FIGURES, FINDINGS, INHOUSE_CALLS, LINKS, REPEATS, VENDOR_CALLS

STEPS = files("pipelines.measure")
WHOLE_CALLS = files("pipelines.link") / "whole_calls.sql"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_contacts(space: Workspace, lake: Lake, month: Month) -> pl.DataFrame:
    """All contacts that a month's audit reads, of all vendors that have links and of the client; table `contacts`."""
    links, findings = lake.paths(LINKS, month=month.text), lake.paths(FINDINGS, month=month.text)
    calls = [path for vendor in space.vendors for path in calls_of(lake, vendor, month)]
    legs = legs_of(lake, month)
    stamp = sha("contacts", VERSION, lake.stamps([*links, *findings, *calls, *legs]))
    if not lake.is_fresh(CONTACTS, stamp, month=month.text):
        with Engine() as engine:
            for table, paths in ((LINKS, links), (FINDINGS, findings), (VENDOR_CALLS, calls), (INHOUSE_CALLS, legs)):
                engine.load(table, paths)
            engine.keep(WHOLE_CALLS)
            found = engine.run(STEPS / "contacts.sql")
        lake.write(CONTACTS, _as_contacts(found), stamp, month=month.text)
    return lake.read(CONTACTS, month=month.text)


def write_figures(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """Every figure of one vendor's month, reported and measured; tables `figures` and `repeats`."""
    where = {"vendor": vendor, "month": month.text}
    terms, contract = space.vendors[vendor].terms.of_month(month.first, month.last), space.vendors[vendor].contract
    tables = (LINKS, FINDINGS)
    monthly = [path for table in tables for path in lake.paths(table, **where)]
    shared = [*lake.paths(CONTACTS, month=month.text), *lake.paths(COVERAGE, month=month.text)]
    used = [
        *monthly,
        *shared,
        *calls_of(lake, vendor, month),
        *legs_of(lake, month),
        *lake.paths(CLAIMS, vendor=vendor),
    ]
    held = {table.name: held_back(lake, table, vendor) for table in (CLAIMS, VENDOR_CALLS)}
    facts = [terms.definitions.model_dump(), contract.sha, space.inhouse.sha, space.windows, space.time_zone, held]
    stamp = sha("figures", VERSION, lake.stamps(used), facts)
    if not (lake.is_fresh(FIGURES, stamp, **where) and lake.is_fresh(REPEATS, stamp, **where)):
        with Engine() as engine:
            measured, repeats = _measure(engine, space, lake, vendor, month)
        claims, unseen = _claims(lake, vendor, month)
        lake.write(REPEATS, repeats, stamp, **where)
        as_of = data_end(lake, vendor, month) or month.last
        frame = figures_frame(measured, reported(claims, unseen), vendor, month.text, as_of, unseen)
        lake.write(FIGURES, frame, stamp, **where)
        lake.keep(FIGURES, "figures_history", stamp, **where)
    return lake.read(FIGURES, **where)


def _claims(lake: Lake, vendor: str, month: Month) -> tuple[pl.DataFrame, list[date]]:
    """The vendor's claims of the month, less the days that a rule holds back; and the days whose calls are held back.

    Those days are not measured, so no total of the month may hold them on one side only.
    """
    held, unseen = (
        [date.fromisoformat(day) for day in held_back(lake, table, vendor)] for table in (CLAIMS, VENDOR_CALLS)
    )
    claims = lake.read(CLAIMS, vendor=vendor)
    return claims.filter((pl.col("audit_month") == month.text) & ~pl.col("day").is_in(held)), unseen


def _measure(
    engine: Engine, space: Workspace, lake: Lake, vendor: str, month: Month
) -> tuple[list[Measured], pl.DataFrame]:
    where = {"vendor": vendor, "month": month.text}
    engine.load(LINKS, lake.paths(LINKS, **where))
    engine.load(FINDINGS, lake.paths(FINDINGS, **where))
    engine.load(VENDOR_CALLS, calls_of(lake, vendor, month))
    engine.keep(WHOLE_CALLS)
    engine.load(INHOUSE_CALLS, legs_of(lake, month))
    engine.load(CONTACTS, lake.paths(CONTACTS, month=month.text))
    links, hours = engine.read("links"), lake.read(COVERAGE, month=month.text).filter(pl.col("route") == "")
    service = _service(engine, space, vendor, month)
    resolution, repeats = _resolution(engine, space, lake, vendor, month, hours)
    own = hours.filter(pl.col("hour_utc").dt.convert_time_zone(space.time_zone).dt.strftime("%Y-%m") == month.text)
    return [*service, *resolution, *match_figures(links, own)], repeats


def _service(engine: Engine, space: Workspace, vendor: str, month: Month) -> list[Measured]:
    """Service figures for the month and for each day."""
    agreed = space.vendors[vendor].terms.of_month(month.first, month.last).definitions
    level = agreed.service_level
    rules = Rules(level.id, level.threshold_s, level.bound, agreed.short_abandon_s)
    universe = engine.run(
        STEPS / "universe.sql",
        short_abandon_s=rules.short_abandon_s,
        threshold_s=rules.threshold_s,
        is_inclusive=rules.bound == "<=",
    )
    doubtful = universe.filter(pl.col("is_open") & (pl.col("class") == "answered"))
    handle = pl.col("talk_s") + pl.col("hold_s") + pl.col("acw_s")
    times = [pl.col(name).cast(pl.Float64) for name in ("queue_s", "talk_s")]
    values = doubtful.select(_day_scope(), *times, handle.cast(pl.Float64).alias("handle_s"))
    tallies = engine.run(STEPS / "tallies.sql").sort("scope").to_dicts()
    sums = ("wait_s", "talk_s", "handle_s")
    whole = {
        row.pop("scope"): {name: (value or 0) if name in sums else int(value or 0) for name, value in row.items()}
        for row in tallies
    }
    contract = space.vendors[vendor].contract
    records = contract.feed("calls")
    roles = {column.role for item in records for column in item.columns} if records else set(QUEUE_LOG_CALLS)
    return [
        figure
        for scope, tally in whole.items()
        for figure in service_figures(tally, scope, rules, roles, _doubtful(values, scope))
    ]


def _day_scope() -> pl.Expr:
    return pl.format("day:{}", pl.col("booked_day").cast(pl.String)).alias("scope")


def _doubtful(values: pl.DataFrame, scope: str) -> dict[str, list[float]]:
    """Times of answered calls of one scope that no leg confirms, by column."""
    own = values if scope == "all" else values.filter(pl.col("scope") == scope)
    return {name: own[name].drop_nulls().to_list() for name in ("queue_s", "talk_s", "handle_s")}


def _resolution(
    engine: Engine, space: Workspace, lake: Lake, vendor: str, month: Month, hours: pl.DataFrame
) -> tuple[list[Measured], pl.DataFrame]:
    """FCR and callback rates of the agreed windows, and which calls were followed by which contact."""
    end = data_end(lake, vendor, month)
    until = midnight_after(end, space.time_zone) if end else _EPOCH
    windows = {name: WINDOWS_S[name] for name in space.windows}
    engine.frame("blind", _blind(space, lake, vendor, month, hours))
    lengths = pl.DataFrame({"name": list(windows), "length_us": [s * 1_000_000 for s in windows.values()]})
    engine.frame("windows", lengths)
    longest = max(windows.values()) * 1_000_000
    following = engine.run(STEPS / "next_contacts.sql", vendor=vendor, longest_us=longest)
    counted = engine.run(STEPS / "windows.sql", data_end_us=int((until - _EPOCH).total_seconds()) * 1_000_000)
    contacts = engine.read("contacts").filter(pl.col("is_base") & (pl.col("side") == vendor))
    unended = contacts["ends_utc"].null_count()
    rows = {row["name"]: _window(row, space.time_zone) for row in counted.to_dicts()}
    nothing = dict.fromkeys(
        ("closed", "resolved", "resolved_blind", "called_inhouse", "quiet_blind", "no_number", "still_open"), 0
    )
    sees = any(item.role("outcome") or item.role("agent_id") for item in space.inhouse.feed("inhouse_calls"))
    found = [figure for name in windows for figure in resolution_figures(name, rows.get(name, nothing), unended, sees)]
    return found, _repeats(following, vendor)


def _window(row: dict[str, Any], zone: str) -> dict[str, Any]:
    """Counts as whole numbers, and the local date on which the last open window closes."""
    counts = {name: int(value or 0) for name, value in row.items() if name not in ("name", "closes_us")}
    closes = (_EPOCH + timedelta(microseconds=int(row["closes_us"] or 0))).astimezone(ZoneInfo(zone)).date()
    return {**counts, "closes": closes.isoformat()}


def _blind(space: Workspace, lake: Lake, vendor: str, month: Month, hours: pl.DataFrame) -> pl.DataFrame:
    """Spans in which a contact would not be seen: uncovered hours of our log, and the vendor's days held back."""
    bare = hours.filter(~pl.col("is_covered"))["hour_utc"].to_list()
    spans = [(hour, hour + timedelta(hours=1)) for hour in bare]
    held = [item for item in absences(space, lake, vendor, month) if item.reason != NOT_DELIVERED]
    utc = pl.Datetime("us", "UTC")
    rows = [*spans, *((item.start, item.end) for item in held)]
    return pl.DataFrame(rows, schema={"from_utc": utc, "to_utc": utc}, orient="row")


def _repeats(following: pl.DataFrame, vendor: str) -> pl.DataFrame:
    """Rows of `repeats`: base calls that were followed by a contact within the longest window."""
    gap = ((pl.col("next_us") - pl.col("ends_us")) / 1_000_000).round(3).cast(pl.Decimal(18, 3))
    rows = following.filter(pl.col("next_us").is_not_null()).with_columns(side=pl.lit(vendor), gap_s=gap)
    return REPEATS.fit(rows)


def _as_contacts(found: pl.DataFrame) -> pl.DataFrame:
    """Moments from whole microseconds, columns as declared."""
    utc = pl.Datetime("us", "UTC")
    moments = found.with_columns(starts_utc=pl.col("starts_us").cast(utc), ends_utc=pl.col("ends_us").cast(utc))
    return CONTACTS.fit(moments)
