"""The settlement on the lake: a vendor's month → tables `settlement` and `padding`."""

from importlib.resources import files

import polars as pl

from pipelines.calendar import Month, calls_of
from pipelines.contract.workspace import Workspace
from pipelines.engine import Engine
from pipelines.lake import VERSION, Lake, sha
from pipelines.settle.figures import settled_figures
from pipelines.settle.waterfall import padding_amounts, settle
from pipelines.tables import FIGURES, FINDINGS, LINKS, PADDING, SETTLED_FIGURES, SETTLEMENT, VENDOR_CALLS

WHOLE_CALLS = files("pipelines.link") / "whole_calls.sql"
BILLED = files("pipelines.settle") / "billed.sql"


def write_settlement(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """The lines of what is owed for one vendor's month, under the terms of its first day."""
    where, terms = (
        {"vendor": vendor, "month": month.text},
        space.vendors[vendor].terms.of_month(month.first, month.last),
    )
    calls, links = calls_of(lake, vendor, month), lake.paths(LINKS, **where)
    used = [*calls, *links, *lake.paths(FINDINGS, **where)]
    stamp = sha("settlement", VERSION, lake.stamps(used), space.vendors[vendor].terms.sha)
    if not (lake.is_fresh(SETTLEMENT, stamp, **where) and lake.is_fresh(PADDING, stamp, **where)):
        with Engine() as engine:
            engine.load(VENDOR_CALLS, calls)
            engine.keep(WHOLE_CALLS)
            engine.load(LINKS, links)
            each = getattr(terms.settlement, "bill_legs", "first") == "each"
            billed = engine.run(BILLED, month=month.text, is_each_leg=each)
        findings = lake.read(FINDINGS, **where)
        lake.write(PADDING, padding_amounts(billed, findings, terms), stamp, **where)
        is_split = space.vendors[vendor].terms.changes_within(month.first, month.last)
        lake.write(SETTLEMENT, settle(billed, findings, terms, is_split), stamp, **where)
    lines = lake.read(SETTLEMENT, **where)
    net = sha(stamp, lake.stamps(lake.paths(FIGURES, **where)))
    if not lake.is_fresh(SETTLED_FIGURES, net, **where):
        figures = settled_figures(lines, lake.read(FIGURES, **where), space.vendors[vendor].terms.currency)
        lake.write(SETTLED_FIGURES, figures, net, **where)
    return lines
