"""Everything that the lake holds about a vendor's month → one `Scorecard`. No figure is computed here.

What is read: figures, links, findings' sums, settlement, vague fields, rules, manifests. How it is judged in one word
is in `verdict.py`, how it is printed in `render.py`.
"""

import re
from collections import Counter
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from checks.rules.deliver import answers
from checks.rules.results import summarise_frame
from pipelines.calendar import Month, data_end, days_without_rows, due_until, held_back
from pipelines.contract.terms_model import Range, TermsVersion
from pipelines.contract.workspace import Vendor, Workspace
from pipelines.intake.manifest import Received, in_force
from pipelines.lake import Lake
from pipelines.link.told import clock_of
from pipelines.measure.catalogue import stem_of
from pipelines.measure.volume.holiday import is_holiday
from pipelines.standardise.by_file import counts
from pipelines.tables import (
    COVERAGE,
    FIGURES,
    INHOUSE_CALLS,
    LINKS,
    PADDING,
    REJECTS,
    SETTLED_FIGURES,
    SETTLEMENT,
    VAGUE_FIELDS,
    VENDOR_CALLS,
)
from reports import collect_parts, verdict
from reports.others import other_names
from reports.scorecard import (
    ClockMove,
    Deliveries,
    Figure,
    Matching,
    Padding,
    RuleResult,
    Scorecard,
    SettlementLine,
    SourceFile,
    Tolerance,
    UnknownCode,
    Unreadable,
    VagueField,
    Verdict,
)
from reports.words import words

OUR_FEEDS = frozenset({"inhouse_calls", "forecast", "trunks", "carrier_calls"})
"""Feeds that are not the vendor's to deliver."""
DISPUTE_DAYS = 14
"""Days to answer where the terms name none."""


def collect(space: Workspace, lake: Lake, vendor_id: str, month: Month) -> Scorecard:
    """The scorecard of one vendor's month, from the lake as it stands."""
    vendor, where = space.vendors[vendor_id], {"vendor": vendor_id, "month": month.text}
    terms, end = vendor.terms.of_month(month.first, month.last), data_end(lake, vendor_id, month) or month.last
    delivered = _deliveries(space, lake, vendor_id, month)
    card = Scorecard(
        vendor=vendor_id,
        vendor_name=vendor.terms.name,
        client=space.client,
        month=month.text,
        currency=vendor.terms.currency,
        language=space.language,
        as_of=end.isoformat(),
        time_zone=space.time_zone,
        generated_from=_sources(lake, vendor_id, month),
        figures=_figures(space, lake, vendor_id, month, terms),
        vague_fields=_vague(lake.read(VAGUE_FIELDS, **where)),
        padding=tuple(Padding(*_text(row)) for row in lake.read(PADDING, **where).iter_rows()),
        matching=_matching(space, lake, vendor_id, month),
        settlement=tuple(
            SettlementLine(*_text(row))
            for row in lake.read(SETTLEMENT, **where).select("line", "calls", "amount_low", "amount_high").iter_rows()
        ),
        open_points=(),
        deliveries=delivered,
        rules=_rules(lake, vendor_id, month),
        verdict=Verdict("agreed", ""),
        tolerance=_tolerance(terms),
        unreadable=_unreadable(lake, vendor_id, month),
        unknown_codes=_unknown_codes(lake, vendor_id, month),
        comparisons=collect_parts.comparisons(lake, vendor_id, month.text, other_names(space.vendors, vendor_id)),
        returns=collect_parts.returns(lake, vendor_id, month.text),
        people=collect_parts.people(lake, vendor_id, month.text),
        capacity=collect_parts.capacity(lake, vendor_id, month.text, space.time_zone),
        volume=collect_parts.volume(
            lake, vendor_id, month.text, {*delivered.vendor_days_missing, *delivered.inhouse_days_missing}
        ),
    )
    return _judged(card, vendor, terms, lake)


def _judged(card: Scorecard, vendor: Vendor, terms: TermsVersion, lake: Lake) -> Scorecard:
    """The same card with its verdict and what to ask for."""
    decided = verdict.decide(
        card.figures,
        card.matching,
        card.settlement,
        card.padding,
        count_pct=Decimal(card.tolerance.count_pct),
        points=Decimal(card.tolerance.points),
        amount=Decimal(card.tolerance.amount),
        vendor_name=card.vendor_name,
        month=card.month,
        currency=card.currency,
        language=card.language,
    )
    asks = verdict.open_points(
        padding=card.padding,
        vague_fields=card.vague_fields,
        deliveries=card.deliveries,
        missing=_missing(card, vendor, lake),
        clock_moved=card.matching.clock_moved,
        vendor_name=card.vendor_name,
        client=card.client,
        currency=card.currency,
        as_of=card.as_of,
        dispute_days=terms.dispute.days if terms.dispute else DISPUTE_DAYS,
        language=card.language,
    )
    return replace(card, verdict=decided, open_points=asks)


def _figures(space: Workspace, lake: Lake, vendor: str, month: Month, terms: TermsVersion) -> tuple[Figure, ...]:
    """Figures with their names, targets and earlier states, those that need the settlement last."""
    say, where = words(space.language), {"vendor": vendor, "month": month.text}
    rows = pl.concat([lake.read(FIGURES, **where), lake.read(SETTLED_FIGURES, **where)])
    past = _history(lake, vendor, month)
    return tuple(
        Figure(
            **{name: row[name] for name in _COPIED},
            label=say.figure(row["id"]),
            target=_target(terms, row["id"]) if row["scope"] == "all" else None,
            evidence=_EVIDENCE.get(stem_of(row["id"])),
            history=tuple(past.get((row["id"], row["side"], row["scope"]), ())),
        )
        for row in rows.iter_rows(named=True)
    )


_COPIED = (
    *("id", "unit", "month", "side", "scope", "reported", "measured", "low", "high", "ci_low", "ci_high", "n"),
    *("definition", "status", "reason"),
)
_FOLLOWED = ("fcr", "fcr_strict", "callback_inhouse", "repeat_any", "repeat_same_vendor", "repeat_other_vendor")
_EVIDENCE = {"match_rate": "evidence/matches.parquet", **dict.fromkeys(_FOLLOWED, "evidence/repeats.parquet")}
"""Where the calls behind a figure are listed, by its id without the window."""


def _history(lake: Lake, vendor: str, month: Month) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Earlier states of each figure of the month, oldest data first, without the present one."""
    states = lake.kept(FIGURES, "figures_history", vendor=vendor, month=month.text)
    past = [frame.filter(pl.col("scope") == "all") for frame in states]
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in (row for frame in sorted(past, key=_as_of) for row in frame.iter_rows(named=True)):
        state = {"as_of": row["as_of"].isoformat(), "measured": row["measured"], "status": row["status"]}
        states_of = found.setdefault((row["id"], row["side"], row["scope"]), [])
        if state not in states_of:
            states_of.append(state)
    return found


def _as_of(frame: pl.DataFrame) -> str:
    return str(frame["as_of"].max())


def _target(terms: TermsVersion, figure: str) -> float | dict[str, float] | None:
    target = terms.targets.get(figure)
    if isinstance(target, Range):
        return {name: value for name, value in (("low", target.low), ("high", target.high)) if value is not None}
    return target


def _matching(space: Workspace, lake: Lake, vendor: str, month: Month) -> Matching:
    """Counts of the month's links, and the clock; a pair that is ambiguous is counted as matched too."""
    paths = lake.paths(LINKS, vendor=vendor, month=month.text)
    links = pl.scan_parquet(paths, hive_partitioning=False) if paths else LINKS.empty().lazy()
    judged = links.filter(pl.col("in_month") & ~pl.col("is_absent")).group_by("side", "match_class").len()
    count = {(side, kind): calls for side, kind, calls in judged.collect(engine="streaming").iter_rows()}
    figures = lake.read(FIGURES, vendor=vendor, month=month.text)
    covered = figures.filter((pl.col("id") == "coverage") & (pl.col("scope") == "all"))["measured"]
    clock = clock_of(lake, vendor, month, space.time_zone)
    return Matching(
        matched=sum(calls for (side, _), calls in count.items() if side == "pair"),
        vendor_only=count.get(("vendor", "vendor_only"), 0),
        inhouse_only=count.get(("inhouse", "inhouse_only"), 0),
        ambiguous=count.get(("pair", "ambiguous"), 0),
        no_number=count.get(("vendor", "no_number"), 0),
        clock_offset_s=clock.offset_s,
        coverage_pct=covered[0] if len(covered) else None,
        clock_spread_s=clock.spread_s,
        clock_moved=tuple(ClockMove(**asdict(move)) for move in clock.moves),
    )


def _rules(lake: Lake, vendor: str, month: Month) -> tuple[RuleResult, ...]:
    return tuple(RuleResult(**asdict(line)) for line in summarise_frame(answers(lake, vendor, month.own_days)))


def _sources(lake: Lake, vendor: str, month: Month) -> tuple[SourceFile, ...]:
    """Files in force that hold rows which the month's audit reads."""
    wanted = {day.isoformat() for day in month.scope}
    found = []
    for file in [*in_force(lake, vendor), *in_force(lake, "inhouse")]:
        tally: dict[str, Any] = counts(lake, file) or {}
        if month.text in (file.month, *file.also_months) or wanted & set(tally.get("days", {})):
            numbers = [tally.get(name, 0) for name in ("rows_read", "accepted", "rejected", "left_out")]
            found.append(SourceFile(file.file, file.sha256, file.source, file.feed, *numbers))
    return tuple(found)


def _deliveries(space: Workspace, lake: Lake, vendor: str, month: Month) -> Deliveries:
    """The days that lack, as far as records are due, and those held back with the records that stand on them.

    On a public holiday nothing is owed unless the other side has calls on it.
    """
    due, usual = due_until(lake, vendor, month) or month.last, _usual_days(space, lake, month)
    held = [day for day in held_back(lake, VENDOR_CALLS, vendor) if day.startswith(month.text)]
    paths = [lake.path(VENDOR_CALLS, vendor=vendor, day=day) for day in held]
    rows = [pl.scan_parquet(path).select(pl.len()).collect().item() for path in paths if path.exists()]
    lacking = {day for day in days_without_rows(lake, VENDOR_CALLS, vendor, month, due) if day in usual}
    own = {day for day in days_without_rows(lake, INHOUSE_CALLS, "inhouse", month, due) if day in usual}
    shut = {day for day in usual if is_holiday(date.fromisoformat(day), space.country)}
    return Deliveries(
        tuple(sorted(day for day in lacking if day not in shut or _is_passed_on(lake, vendor, day))),
        tuple(sorted(own - (shut & lacking))),
        tuple(held),
        sum(rows),
    )


def _usual_days(space: Workspace, lake: Lake, month: Month) -> set[str]:
    """Days on which calls came or are usual: a centre that is shut on Sundays owes nothing for them."""
    whole = lake.read(COVERAGE, month=month.text).filter(pl.col("route") == "")
    hours = whole.filter((pl.col("calls") > 0) | (pl.col("expected") > 0))
    return set(hours["hour_utc"].dt.convert_time_zone(space.time_zone).dt.strftime("%Y-%m-%d"))


def _is_passed_on(lake: Lake, vendor: str, day: str) -> bool:
    """Whether our log passed a call on to the vendor on that day."""
    path = lake.path(INHOUSE_CALLS, day=day)
    if not path.exists():
        return False
    rows = pl.scan_parquet(path, hive_partitioning=False).filter(pl.col("vendor_id") == vendor)
    return bool(rows.select(pl.len()).collect(engine="streaming").item())


def _own_files(lake: Lake, vendor: str, month: Month) -> list[tuple[Received, dict[str, Any]]]:
    """The month's own files of both sides with their counts; files of no month in particular are among them."""
    files = [*in_force(lake, vendor), *in_force(lake, "inhouse")]
    return [(file, tally) for file in files if _is_own(file, month) and (tally := counts(lake, file))]


def _is_own(file: Received, month: Month) -> bool:
    return bool({file.month, *file.also_months} & {month.text, None})


def _unreadable(lake: Lake, vendor: str, month: Month) -> tuple[Unreadable, ...]:
    """Rows that could not be used, by feed and by the first column at fault; a row counts once."""
    found: Counter[tuple[str, str]] = Counter()
    for file, _ in _own_files(lake, vendor, month):
        rejects = lake.read(REJECTS, source=file.source, object=file.object, file=file.file_id)
        first = rejects.sort("row", "column").unique("row", keep="first", maintain_order=True)
        found.update((file.feed, column or "") for column in first["column"])
    return tuple(Unreadable(feed, column, rows) for (feed, column), rows in sorted(found.items()))


def _unknown_codes(lake: Lake, vendor: str, month: Month) -> tuple[UnknownCode, ...]:
    """Codes that the contract does not name; a long run of digits in one may be a caller's number and is masked."""
    found: Counter[tuple[str, str, str]] = Counter()
    for file, tally in _own_files(lake, vendor, month):
        for code in tally.get("unknown_codes", []):
            found[file.feed, code["column"], _DIGITS.sub("…", code["code"])] += code["rows"]
    return tuple(UnknownCode(*place, rows) for place, rows in sorted(found.items()))


_DIGITS = re.compile(r"\d[\d*]{5,}")


def _vague(rows: pl.DataFrame) -> tuple[VagueField, ...]:
    return tuple(
        VagueField(row["field"], tuple(row["missing"].split(", ")), row["question"], row["column"])
        for row in rows.iter_rows(named=True)
    )


def _missing(card: Scorecard, vendor: Vendor, lake: Lake) -> tuple[str, ...]:
    """The report itself where it did not come, and what a figure with a target lacks of the vendor's."""
    has_claims = any(file.feed == "claims" for file in card.generated_from)
    lacks = [
        item
        for figure in card.figures
        if figure.target is not None and (figure.reason or "").startswith(("column_missing:", "feed_missing:"))
        for item in (figure.reason or "").partition(":")[2].split(", ")
        if item not in OUR_FEEDS
    ]
    report = ["claims"] if vendor.contract.feed("claims") and not has_claims else []
    return tuple(dict.fromkeys([*report, *lacks]))


def _tolerance(terms: TermsVersion) -> Tolerance:
    given = terms.tolerance
    return Tolerance(str(given.count_pct), str(given.points), str(given.amount))


def _text(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Amounts as decimal text."""
    return tuple(str(value) if isinstance(value, Decimal) else value for value in row)
