"""One vendor's month as every family of figures reads it: contracts, terms, and an engine with the month's tables.

Tables in the engine: `links`, `findings`, `vendor_calls`, `whole_calls` of this vendor; `inhouse_calls`; `contacts` of
all sides; and `calls` (see `calls.sql`), which most figures count. Families add tables of their own under other names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.calendar import Month, calls_of, data_end, legs_of, midnight_after
from pipelines.contract.terms_model import TermsVersion
from pipelines.contract.workspace import Workspace
from pipelines.engine import Engine
from pipelines.lake import Lake
from pipelines.measure.service.levels import Rules
from pipelines.standardise.queue_calls import CALLS as QUEUE_LOG_CALLS
from pipelines.tables import CONTACTS, COVERAGE, FINDINGS, INHOUSE_CALLS, LINKS, VENDOR_CALLS

STEPS = files("pipelines.measure")
WHOLE_CALLS = files("pipelines.link") / "whole_calls.sql"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Scene:
    """What a family of figures works on; `engine` holds the tables, `folder` is for what is laid aside."""

    space: Workspace
    lake: Lake
    vendor: str
    month: Month
    engine: Engine

    @property
    def terms(self) -> TermsVersion:
        """The terms in force."""
        return self.space.vendors[self.vendor].terms.of_month(self.month.first, self.month.last)

    @property
    def rules(self) -> Rules:
        """The agreed definitions of service level, abandon rate and speed of answer."""
        agreed = self.terms.definitions
        level = agreed.service_level
        times = (level.threshold_s, level.bound, agreed.short_abandon_s)
        return Rules(level.id, *times, agreed.abandon_rate, agreed.asa)

    @property
    def roles(self) -> frozenset[str]:
        """The canonical columns that the vendor's call records deliver."""
        records = self.space.vendors[self.vendor].contract.feed("calls")
        columns = {column.role for item in records for column in item.columns if column.role}
        return frozenset(columns) if records else frozenset(QUEUE_LOG_CALLS)

    @property
    def own_roles(self) -> frozenset[str]:
        """The canonical columns that the client's own log delivers."""
        log = self.space.inhouse.feed("inhouse_calls")
        return frozenset(column.role for item in log for column in item.columns if column.role)

    @cached_property
    def until(self) -> datetime:
        """The end of the data: midnight after the last day that both sides delivered, in UTC."""
        end = data_end(self.lake, self.vendor, self.month)
        return midnight_after(end, self.space.time_zone) if end else EPOCH

    def hours(self) -> pl.DataFrame:
        """For each hour of the month's audit, whether the client's log as a whole is whole (table `coverage`)."""
        return self.lake.read(COVERAGE, month=self.month.text).filter(pl.col("route") == "")


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970, as SQL steps take moments."""
    past = moment - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


@contextmanager
def scene(space: Workspace, lake: Lake, vendor: str, month: Month, folder: Path) -> Iterator[Scene]:
    """One vendor's month, its engine open until the end of the block; `folder` takes what memory does not hold."""
    where = {"vendor": vendor, "month": month.text}
    with Engine(folder) as engine:
        engine.look(LINKS, lake.paths(LINKS, **where))
        engine.load(FINDINGS, lake.paths(FINDINGS, **where))
        engine.look(VENDOR_CALLS, calls_of(lake, vendor, month))
        engine.look(INHOUSE_CALLS, legs_of(lake, month))
        engine.look(CONTACTS, lake.paths(CONTACTS, month=month.text))
        engine.name(WHOLE_CALLS)
        found = Scene(space, lake, vendor, month, engine)
        rules = found.rules
        engine.keep(STEPS / "files.sql")
        engine.keep(
            STEPS / "calls.sql",
            short_abandon_s=rules.short_abandon_s,
            threshold_s=rules.threshold_s,
            is_inclusive=rules.bound == "<=",
        )
        yield found
