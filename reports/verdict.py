"""The verdict in one sentence, and what to ask for next. Pure functions of a scorecard's parts.

`compare.py` says when a figure differs; the amounts come from the settlement and the padding table, never from here.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from reports.clock import move_clause
from reports.compare import differs, gap
from reports.scorecard import (
    ClockMove,
    Deliveries,
    Figure,
    Matching,
    OpenPoint,
    Padding,
    SettlementLine,
    VagueField,
    Verdict,
)
from reports.words import Words, words

UNCONTESTED = frozenset({
    "billed", "owed", "cannot_be_verified", "not_priced", "below_minimum", "fcr_bonus", "malus", "tax", "cap",
    "minimum_volume", "base_fee", "volume_band", "relief", "service_level_tier",
})  # fmt: skip
"""Lines that state or price the bill. Every other line takes back or holds back what was billed."""

HEADLINE = ("service_level", "answered_pct", "fcr_24h", "offered", "answered", "abandon_rate", "aht")
"""Which differing figure the sentence names first."""

MOST_ASKS = 3


def decide(
    figures: Sequence[Figure],
    matching: Matching,
    settlement: Sequence[SettlementLine],
    padding: Sequence[Padding],
    *,
    count_pct: Decimal,
    points: Decimal,
    amount: Decimal,
    required_missing: Sequence[str] = (),
    vendor_name: str,
    month: str,
    currency: str,
    language: str = "en",
) -> Verdict:
    """The first that applies of cannot_be_judged, disputed, corrected, agreed, and why.

    `count_pct`, `points` and `amount` are the tolerance of the terms; `required_missing` names the feeds that did not
    come; `month` is YYYY-MM. A log that matched nothing although calls were delivered cannot judge anything either.
    """
    say = words(language)
    names = {"vendor": vendor_name, "month": say.month(month)}
    if required_missing:
        feeds = say.join(feed_name(say, feed) for feed in required_missing)
        return Verdict("cannot_be_judged", say.t("verdict.missing", missing=feeds, **names))
    if matching.matched == 0:
        return Verdict("cannot_be_judged", say.t("verdict.unmatched", **names))
    question = in_question(settlement, padding)
    if question > amount:
        return Verdict("disputed", _disputed(say, settlement, padding, currency, names))
    compared = [item for item in figures if (item.side, item.scope) == ("vendor", "all") and gap(item) is not None]
    wrong = sorted((item for item in compared if differs(item, count_pct, points)), key=_headline_rank)
    if wrong:
        return Verdict("corrected", _corrected(say, wrong, currency, names))
    return Verdict("agreed", _agreed(say, len(compared), question, amount, currency, names))


def in_question(settlement: Sequence[SettlementLine], padding: Sequence[Padding]) -> Decimal:
    """Money billed that is taken back, held back or to be explained, in the currency, never negative.

    The settlement's lines and the padding table name the same calls, so the larger of the two counts, not their sum;
    calls below the billable minimum stand in the settlement alone.
    """
    contested = sum((_size(line) for line in settlement if line.line not in UNCONTESTED), Decimal(0))
    named = sum((Decimal(row.amount_high) for row in padding if row.certainty != "suspected"), Decimal(0))
    too_short = sum((_size(line) for line in settlement if line.line == "below_minimum"), Decimal(0))
    return max(contested, named) + too_short


def open_points(
    *,
    padding: Sequence[Padding],
    vague_fields: Sequence[VagueField],
    deliveries: Deliveries,
    missing: Sequence[str] = (),
    clock_moved: Sequence[ClockMove] = (),
    vendor_name: str,
    client: str,
    currency: str,
    as_of: str,
    dispute_days: int,
    language: str = "en",
) -> tuple[OpenPoint, ...]:
    """Up to three things to ask for, the weightiest first, each due `dispute_days` after the end of the data (`as_of`).

    A clock that moved is asked about beside them, for it is quickly set. `missing` names feeds and columns that are
    owed and did not come. Gaps in the client's log are asked of the client.
    """
    say = words(language)
    due = (date.fromisoformat(as_of) + timedelta(days=dispute_days)).isoformat()
    asks: list[tuple[str, str, str]] = []
    for certainty, point in (("proven", "answer_contradicted"), ("probable", "explain_calls")):
        calls, money = _named(padding, certainty)
        if calls:
            asks.append((point, say.n(f"ask.{point}", calls, amount=say.money(str(money), currency)), vendor_name))
    owed = [say.n("ask.days", len(deliveries.vendor_days_missing), days=_days(say, deliveries.vendor_days_missing))]
    owed = (owed if deliveries.vendor_days_missing else []) + [feed_name(say, item) for item in missing]
    if owed:
        asks.insert(1 if asks and asks[0][0] == "answer_contradicted" else 0,
                    ("deliver_missing", say.t("ask.deliver_missing", what=say.join(owed)), vendor_name))  # fmt: skip
    if deliveries.days_held_back:
        days = _days(say, deliveries.days_held_back)
        asks.append(("correct_days", say.n("ask.correct_days", len(deliveries.days_held_back), days=days), vendor_name))
    if vague_fields:
        fields = say.join(_field(say, item) for item in sorted(vague_fields, key=_field_rank)[:MOST_ASKS])
        asks.append(("define_fields", say.n("ask.define_fields", len(vague_fields), fields=fields), vendor_name))
    if deliveries.inhouse_days_missing:
        days = _days(say, deliveries.inhouse_days_missing)
        asks.append(
            ("own_log_days", say.n("ask.own_log_days", len(deliveries.inhouse_days_missing), days=days), client)
        )
    asks = asks[:MOST_ASKS]
    if clock_moved:
        what = say.join(move_clause(say, move) for move in clock_moved)
        asks.append(("set_clock", say.t("ask.set_clock", what=what), vendor_name))
    return tuple(OpenPoint(point, ask, owner, due) for point, ask, owner in asks)


def feed_name(say: Words, feed: str) -> str:
    """A feed in plain words; a column's name stays as it is."""
    return say.t(f"feed.{feed}") if say.has(f"feed.{feed}") else feed


def _disputed(
    say: Words, settlement: Sequence[SettlementLine], padding: Sequence[Padding], currency: str, names: dict[str, str]
) -> str:
    parts = []
    for certainty in ("proven", "probable"):
        calls, money = _named(padding, certainty)
        if calls:
            parts.append(say.n(f"verdict.{certainty}", calls, amount=say.money(str(money), currency)))
    by_line = {line.line: line for line in settlement}
    short = by_line.get("below_minimum")
    if short and _size(short):
        parts.append(say.n("verdict.too_short", short.calls, amount=say.money(str(_size(short)), currency)))
    if not parts:
        parts.append(say.t("verdict.held", amount=say.money(str(in_question(settlement, padding)), currency)))
    sentence = say.t("verdict.disputed", reasons=_clauses(say, parts), **names)
    if "billed" in by_line and "owed" in by_line:
        billed, owed = (say.money(by_line[line].amount_high, currency) for line in ("billed", "owed"))
        return sentence + say.t("verdict.payable", billed=billed, owed=owed)
    return sentence


def _corrected(say: Words, wrong: Sequence[Figure], currency: str, names: dict[str, str]) -> str:
    worst = wrong[0]
    label = say.figure(worst.id, worst.label)
    reported, measured = (
        say.value(value, worst.unit, currency) for value in (worst.reported, worst.measured) if value is not None
    )
    sentence = say.t("verdict.corrected", label=label, reported=reported, measured=measured, **names)
    return sentence + (say.n("verdict.others_differ", len(wrong) - 1) if len(wrong) > 1 else "") + say.t("verdict.stop")


def _agreed(say: Words, compared: int, question: Decimal, amount: Decimal, currency: str, names: dict[str, str]) -> str:
    opening = say.n("verdict.agreed", compared, **names) if compared else say.t("verdict.nothing_compared", **names)
    if not question:
        return opening + say.t("verdict.no_money")
    limits = {"amount": say.money(str(question), currency), "limit": say.money(str(amount), currency)}
    return opening + say.t("verdict.little_money", **limits)


def _clauses(say: Words, parts: Sequence[str]) -> str:
    *first, last = parts
    return say.t("verdict.and").join([say.t("verdict.comma").join(first), last]) if first else last


def _named(padding: Sequence[Padding], certainty: str) -> tuple[int, Decimal]:
    rows = [row for row in padding if row.certainty == certainty]
    return sum(row.calls for row in rows), sum((Decimal(row.amount_high) for row in rows), Decimal(0))


def _size(line: SettlementLine) -> Decimal:
    return max(abs(Decimal(line.amount_low)), abs(Decimal(line.amount_high)))


def _days(say: Words, days: Sequence[str], shown: int = 4) -> str:
    listed = [say.short_day(day) for day in days[:shown]]
    return say.join([*listed, say.n("ask.more_days", len(days) - shown)] if len(days) > shown else listed)


def _field(say: Words, field: VagueField) -> str:
    """A reported field by the vendor's own name for it and by ours, once where they are the same."""
    label = say.figure(field.field)
    return say.t("ask.field", column=field.column, label=label) if field.column not in ("", label) else label


def _headline_rank(figure: Figure) -> int:
    return HEADLINE.index(figure.id) if figure.id in HEADLINE else len(HEADLINE)


def _field_rank(field: VagueField) -> int:
    return HEADLINE.index(field.field) if field.field in HEADLINE else len(HEADLINE)
