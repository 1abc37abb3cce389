"""One measured value, and what a family of figures gives back. Shapes only: values are computed in the families."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from pipelines.measure.catalogue import kpi
from pipelines.tables import Table

Status = Literal["final", "provisional", "not_measurable"]
Side = Literal["vendor", "inhouse"]


@dataclass(frozen=True)
class Measured:
    """One measured value with its bounds, base and definition code; `reason` is a code for why it is not final.

    `low` and `high` are what the records leave open; `ci_low` and `ci_high` a statistical interval, for samples only.
    """

    id: str
    scope: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    definition: str = ""
    status: Status = "final"
    reason: str | None = None
    side: Side = "vendor"
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True)
class Found:
    """What a family measured: figures, and the rows of its own tables."""

    figures: tuple[Measured, ...] = ()
    tables: Mapping[Table, pl.DataFrame] = field(default_factory=dict)


def not_measurable(
    figure: str, reason: str, scope: str = "all", side: Literal["vendor", "inhouse"] = "vendor"
) -> Measured:
    """A figure without a value: `reason` is a code and its details, as `column_missing:hold_s, acw_s`."""
    return Measured(figure, scope, None, definition=kpi(figure).code, status="not_measurable", reason=reason, side=side)
