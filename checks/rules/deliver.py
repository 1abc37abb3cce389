"""Puts the rules to the day partitions of a source, keeps the answers in the lake, and sets or lifts the gates.

A gate holds one partition back; later steps leave it out and say so. Which rules there are stands in `asked.py`; they
run in `run.py`. What is kept by file (a roster, a forecast) has no days: it is asked on the first day of its month, or
of each month where it names none.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from checks.rules.asked import Part, parts_of, rules_of
from checks.rules.beside import beside
from checks.rules.feed_rules import DAY_VOLUME
from checks.rules.promises import promise_outcomes
from checks.rules.results import RuleOutcome, gate, outcomes_frame
from checks.rules.run import run_rules
from checks.rules.volumes import volume_outcomes
from pipelines.calendar import gate_name
from pipelines.contract.model import Contract
from pipelines.intake.manifest import received
from pipelines.lake import VERSION, Lake, sha
from pipelines.measure.fed import fed_paths
from pipelines.tables import ROSTER, RULE_RESULTS, Table

__all__ = ["answers", "judge", "rules_of"]


def judge(lake: Lake, contract: Contract, days: Iterable[date]) -> list[RuleOutcome]:
    """Runs the rules for the days whose partitions or rules changed; all answers stand in table `rule_results`."""
    parts = parts_of(contract)
    wanted = sorted(set(days))
    ready = _volumes(lake, contract, parts, wanted) + promise_outcomes(lake, contract, wanted)
    held = {day.isoformat(): _inputs(lake, contract, parts, day) for day in wanted}
    stale = {day: stamp for day, stamp in _stamps(lake, contract, parts, ready, held).items() if stamp is not None}
    if not stale:
        return []
    small = beside(lake, contract)
    outcomes = [item for item in ready if item.day in stale]
    by_table: dict[Table, list[RuleOutcome]] = {}
    for part in parts:
        files = {day: held[day][part.table] for day in stale if part.table in held[day]}
        asked = [rule for rule in part.rules if rule.expectation_type != DAY_VOLUME]
        own = _received(lake, contract, part)
        files = files if own is None else {day: paths for day, paths in files.items() if own & _holds(paths)}
        by_table.setdefault(part.table, []).extend(run_rules(asked, files, part.table.name, small, own))
    for table, found in by_table.items():
        why = gate(found)
        for day in stale if "day" in table.partitions else ():
            _set_gate(lake, gate_name(table, contract.source, day), why.get(day, ()))
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


def _inputs(lake: Lake, contract: Contract, parts: Sequence[Part], day: date) -> dict[Table, list[Path]]:
    """The files that a day's rules are asked of, by table; tables without any are left out."""
    found = {}
    for table in dict.fromkeys(part.table for part in parts):
        if "file" in table.partitions:
            paths = [path for path in fed_paths(lake, contract, table) if _on(path, day)]
        else:
            paths = [lake.path(table, **_partition(table, contract.source, day.isoformat()))]
        if existing := [path for path in paths if path.exists()]:
            found[table] = existing
    return found


def _on(path: Path, day: date) -> bool:
    """Whether a file that has no days is asked on a day."""
    if day.day != 1:
        return False
    months = pl.scan_parquet(path, hive_partitioning=False).select(pl.col("audit_month").unique()).collect()
    return bool({f"{day:%Y-%m}", None}.intersection(months["audit_month"]))


def _volumes(lake: Lake, contract: Contract, parts: Sequence[Part], days: Sequence[date]) -> list[RuleOutcome]:
    """The answers to the rules that compare days with each other: cheap, so they are always asked anew."""
    found: list[RuleOutcome] = []
    for part in parts:
        for rule in part.rules:
            if rule.expectation_type == DAY_VOLUME:
                where = {"vendor": contract.source} if "vendor" in part.table.partitions else {}
                known = lake.values(part.table, "day", **where)
                files = {date.fromisoformat(day): lake.path(part.table, **where, day=day) for day in known}
                found += volume_outcomes(rule, files, days).values()
    return found


def _stamps(
    lake: Lake,
    contract: Contract,
    parts: Sequence[Part],
    ready: Sequence[RuleOutcome],
    held: Mapping[str, Mapping[Table, Sequence[Path]]],
) -> dict[str, str | None]:
    """By day, the state that its answers must have been made from; None where they were, or there is nothing to judge.

    When a file was received is as old as the file, so the partition's own stamp covers it.
    """
    texts = [(part.table.name, part.object, [str(rule) for rule in part.rules]) for part in parts]
    reads_roster = any("roster" in rule.reads for part in parts for rule in part.rules)
    roster = lake.stamps(fed_paths(lake, contract, ROSTER)) if reads_roster else []
    found: dict[str, str | None] = {}
    for day, tables in held.items():
        stamps = lake.stamps(path for paths in tables.values() for path in paths)
        compared = [str(item) for item in ready if item.day == day]
        if not stamps and not compared:
            lake.drop(RULE_RESULTS, source=contract.source, day=day)
            found[day] = None
            continue
        stamp = sha("rules", VERSION, texts, stamps, roster, compared)
        found[day] = None if lake.is_fresh(RULE_RESULTS, stamp, source=contract.source, day=day) else stamp
    return found


def _received(lake: Lake, contract: Contract, part: Part) -> set[str] | None:
    """The files that came with the part's object; None where the part is about all rows."""
    if part.object is None:
        return None
    return {file.file_id for file in received(lake, contract.source, part.object)}


def _holds(paths: Sequence[Path]) -> set[str]:
    """The received files that have rows in these partitions."""
    rows = pl.scan_parquet(list(paths), hive_partitioning=False).select(pl.col("file_id").unique()).collect()
    return set(rows["file_id"])


def _partition(table: Table, source: str, day: str) -> dict[str, str]:
    return {"vendor": source, "day": day} if "vendor" in table.partitions else {"day": day}


def _set_gate(lake: Lake, name: str, sentences: tuple[str, ...]) -> None:
    if sentences:
        lake.write_json(name, {"held_back": list(sentences)})
    else:
        lake.drop_json(name)
