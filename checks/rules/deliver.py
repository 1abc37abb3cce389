"""Puts the rules to the day partitions of a source, keeps the answers in the lake, and sets or lifts the gates.

A gate holds one partition back; later steps leave it out and say so. Rules themselves run in `run.py`.
"""

from collections.abc import Iterable
from datetime import date

import polars as pl

from checks.rules.feed_rules import feed_rules
from checks.rules.results import RuleOutcome, gate, outcomes_frame
from checks.rules.run import run_rules
from pipelines.calendar import gate_name
from pipelines.contract.model import Contract, Rule
from pipelines.lake import VERSION, Lake, sha
from pipelines.tables import CLAIMS, INHOUSE_CALLS, RULE_RESULTS, VENDOR_CALLS, Table

_FEEDS = {"calls": VENDOR_CALLS, "inhouse_calls": INHOUSE_CALLS, "claims": CLAIMS}


def rules_of(contract: Contract) -> dict[Table, list[Rule]]:
    """Every rule of a source by table: the contract's own, and those that hold for every feed it delivers."""
    found: dict[Table, list[Rule]] = {}
    for item in contract.objects:
        if item.feed in _FEEDS:
            table = _FEEDS[item.feed]
            known = found.setdefault(table, list(feed_rules(table.name)))
            names = {rule.name for rule in known}
            known += [rule for rule in item.every_rule() if rule.name not in names]
    return found


def judge(lake: Lake, contract: Contract, days: Iterable[date]) -> list[RuleOutcome]:
    """Runs the rules for the days whose partitions or rules changed; all answers stand in table `rule_results`."""
    rules = rules_of(contract)
    wanted = sorted({day.isoformat() for day in days})
    stale = {day: stamp for day in wanted if (stamp := _stamp(lake, contract, rules, day)) is not None}
    outcomes = []
    for table, own in rules.items():
        paths = {day: lake.path(table, **_partition(table, contract.source, day)) for day in stale}
        found = run_rules(own, {day: path for day, path in paths.items() if path.exists()}, table.name)
        held = gate(found)
        for day in stale:
            _set_gate(lake, gate_name(table, contract.source, day), held.get(day, ()))
        outcomes += found
    for day, stamp in stale.items():
        frame = outcomes_frame([outcome for outcome in outcomes if outcome.day == day])
        lake.write(RULE_RESULTS, frame, stamp, source=contract.source, day=day)
    return outcomes


def answers(lake: Lake, source: str, days: Iterable[date]) -> pl.DataFrame:
    """The kept answers of some days, as `tables.RULE_RESULTS`."""
    wanted = {day.isoformat() for day in days}
    paths = [lake.path(RULE_RESULTS, source=source, day=day) for day in sorted(wanted)]
    frames = [pl.read_parquet(path, hive_partitioning=False) for path in paths if path.exists()]
    return pl.concat(frames) if frames else RULE_RESULTS.empty()


def _stamp(lake: Lake, contract: Contract, rules: dict[Table, list[Rule]], day: str) -> str | None:
    """The state that a day's answers must have been made from; None where they were, or there is nothing to judge."""
    paths = [lake.path(table, **_partition(table, contract.source, day)) for table in rules]
    stamps = lake.stamps(path for path in paths if path.exists())
    if not stamps:
        lake.drop(RULE_RESULTS, source=contract.source, day=day)
        return None
    texts = [(table.name, [str(rule) for rule in own]) for table, own in rules.items()]
    stamp = sha("rules", VERSION, texts, stamps)
    return None if lake.is_fresh(RULE_RESULTS, stamp, source=contract.source, day=day) else stamp


def _partition(table: Table, source: str, day: str) -> dict[str, str]:
    return {"vendor": source, "day": day} if "vendor" in table.partitions else {"day": day}


def _set_gate(lake: Lake, name: str, sentences: tuple[str, ...]) -> None:
    if sentences:
        lake.write_json(name, {"held_back": list(sentences)})
    else:
        lake.drop_json(name)
