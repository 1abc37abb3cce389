"""The workspace as Dagster loaded it: what partitions, rules and optional assets come from, and nothing else."""

from functools import partial

import dagster as dg

from checks.rules.deliver import rules_of
from pipelines.assets import by_day, by_vendor_day, by_vendor_month, workspace_dir
from pipelines.contract.model import Contract, Rule
from pipelines.contract.workspace import load_workspace

SPACE = load_workspace(workspace_dir())

DAY, VENDOR_DAY, VENDOR_MONTH = by_day(SPACE), by_vendor_day(SPACE), by_vendor_month(SPACE)

client_day = partial(dg.asset, partitions_def=DAY, backfill_policy=dg.BackfillPolicy.single_run())
vendor_day = partial(dg.asset, partitions_def=VENDOR_DAY, backfill_policy=dg.BackfillPolicy.single_run())
vendor_month = partial(dg.asset, partitions_def=VENDOR_MONTH, backfill_policy=dg.BackfillPolicy.single_run())


def _rules(*contracts: Contract) -> dict[str, Rule]:
    """Every rule of these contracts, by name."""
    return {rule.name: rule for contract in contracts for own in rules_of(contract).values() for rule in own}


INHOUSE_RULES = _rules(SPACE.inhouse)
CALLS = ("calls", "queue_events")
"""The feeds that calls come from: a queue log holds them where there are no records of single calls."""
VENDOR_RULES = _rules(*(vendor.contract for vendor in SPACE.vendors.values()))
MONTHS_FROM_DAYS = dg.MultiPartitionMapping(
    {
        "day": dg.DimensionPartitionMapping(
            "month", dg.TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)
        ),
        "vendor": dg.DimensionPartitionMapping("vendor", dg.IdentityPartitionMapping()),
    }
)


def of_days(name: str) -> dg.AssetDep:
    """A monthly asset's dependence on a daily one of the same vendor."""
    return dg.AssetDep(name, partition_mapping=MONTHS_FROM_DAYS)
