"""The vague-field lint on the lake: a vendor's contract → table `vague_fields`."""

import polars as pl

from checks.vague.lint import vague_fields
from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, sha
from pipelines.tables import VAGUE_FIELDS


def write_vague_fields(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """Vague fields of the contract under which a month was delivered."""
    contract, where = space.vendors[vendor].contract, {"vendor": vendor, "month": month.text}
    stamp = sha("vague", VERSION, contract.sha, space.language)
    if not lake.is_fresh(VAGUE_FIELDS, stamp, **where):
        lake.write(VAGUE_FIELDS, vague_fields(contract, space.language), stamp, **where)
    return lake.read(VAGUE_FIELDS, **where)
