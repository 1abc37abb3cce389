"""The contacts of a month, of all vendors that have links and of the client; table `contacts`."""

from importlib.resources import files

import polars as pl

from pipelines.calendar import Month, calls_of, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.engine import Engine
from pipelines.lake import VERSION, Lake, sha
from pipelines.tables import CONTACTS, FINDINGS, INHOUSE_CALLS, LINKS, VENDOR_CALLS

STEPS = files("pipelines.measure.contacts")
WHOLE_CALLS = files("pipelines.link") / "whole_calls.sql"


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


def _as_contacts(found: pl.DataFrame) -> pl.DataFrame:
    """Moments from whole microseconds, columns as declared."""
    utc = pl.Datetime("us", "UTC")
    moments = found.with_columns(starts_utc=pl.col("starts_us").cast(utc), ends_utc=pl.col("ends_us").cast(utc))
    return CONTACTS.fit(moments)
