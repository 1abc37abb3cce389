"""terms.yaml: what a sound file gives, which version holds, and every kind of fault."""

from datetime import date
from decimal import Decimal

import pytest

from pipelines.contract import load_terms
from pipelines.errors import TieoutError

FILE = "vendors/south/terms.yaml"


def test_a_sound_file(workspace):
    terms = load_terms(workspace / FILE)
    first, second = terms.versions
    assert (first.settlement.form, first.settlement.rate) == ("per_call", Decimal("4.50"))
    assert (first.evidence.binding_record, first.evidence.deduct) == ("none", ())
    assert (first.definitions.short_abandon_s, first.definitions.fcr.window) == (5, "24h")
    assert (first.definitions.fcr.transfer_grace_s, first.match.tolerance_s) == (900, 30)
    assert (first.agent_concurrency, first.acd_clock_binding, first.own_number_calls_billable) == (1, False, True)
    assert second.targets["service_level"] == 80
    assert (second.targets["aht"].low, second.targets["aht"].high) == (180, 420.5)
    assert [(item.number, item.key) for item in second.own_numbers] == [
        ("+49 40 5550100", None),
        (None, "0123456789abcdef"),
    ]
    assert second.what_if[0].form == "hours"
    assert len(terms.sha) == 64


@pytest.mark.parametrize(
    ("day", "rate"),
    [(date(2026, 1, 1), "4.50"), (date(2026, 6, 30), "4.50"), (date(2026, 7, 1), "4.80"), (date(2030, 1, 1), "4.80")],
)
def test_a_version_holds_until_the_next(workspace, day, rate):
    assert load_terms(workspace / FILE).on(day).settlement.rate == Decimal(rate)


def test_no_terms_before_the_first_version(workspace):
    with pytest.raises(TieoutError) as caught:
        load_terms(workspace / FILE).on(date(2025, 12, 31))
    assert caught.value.faults[0].found == "no terms for 2025-12-31"


SETTLEMENT = 'settlement: {form: per_call, rate: "4.50", minimum_talk_s: 10, billable_time: talk, bill_legs: first}'

FAULTS = [
    ("unknown key", ("currency: EUR", "currency: EUR\nvendr: x"), "vendr", "the unknown key `vendr`", "`vendor`"),
    (
        "unknown key of a form",
        ("minimum_talk_s", "minimum_talks"),
        "settlement.minimum_talks",
        "unknown key",
        "`minimum_talk_s`",
    ),
    (
        "missing key",
        ('    tolerance: {count_pct: 0.5, points: 0.5, amount: "100.00"}\n', ""),
        "versions[0].tolerance",
        "no `tolerance`",
        "add",
    ),
    ("money as a float", ('rate: "4.50"', "rate: 4.50"), "versions[0].settlement.rate", "`4.5`", 'quotes: "4.5"'),
    (
        "money as an integer",
        ('amount: "100.00"', "amount: 100"),
        "versions[0].tolerance.amount",
        "`100`",
        'quotes: "100"',
    ),
    ("money below zero", ('rate: "4.50"', 'rate: "-1"'), "settlement.rate", "`-1`", "quotes"),
    ("money that is no number", ('rate: "4.50"', 'rate: "NaN"'), "settlement.rate", "`NaN`", "quotes"),
    ("currency", ("currency: EUR", "currency: Euro"), "currency", "`Euro`", "`EUR`"),
    ("form", ("form: per_call", "form: per_cal"), "versions[0].settlement.form", "`per_cal`", "`per_call`"),
    ("no form", ("form: per_call, ", ""), "versions[0].settlement.form", "no `form`", "add a line"),
    ("billable time", ("billable_time: talk", "billable_time: talks"), "billable_time", "`talks`", "`talk`"),
    ("date", ("from: 2026-01-01", "from: 01.01.2026"), "versions[0].from", "`01.01.2026`", "2026-10-01"),
    ("date that is a number", ("from: 2026-01-01", "from: 20260101"), "versions[0].from", "`20260101`", "2026-10-01"),
    ("order of versions", ("from: 2026-07-01", "from: 2026-01-01"), "versions[1].from", "`2026-01-01`", "order"),
    ("clause", (', clause: "12"', ""), "versions[1].evidence.clause", "no `clause`", "clause"),
    (
        "deduct without record",
        ('binding_record: client_log, clause: "12"', "binding_record: none"),
        "evidence.deduct",
        "no binding record",
        "empty",
    ),
    ("finding", ("[ghost, duplicate]", "[ghosts, duplicate]"), "evidence.deduct[0]", "`ghosts`", "`ghost`"),
    ("service level of averages", ("id: SL2", "id: SL11"), "service_level.id", "SL11", "averages of intervals only"),
    ("service level unknown", ("id: SL2", "id: SL12"), "service_level.id", "`SL12`", "did you mean"),
    ("bound", ('bound: "<="', 'bound: "=<"'), "service_level.bound", "`=<`", "take one"),
    ("threshold", ("threshold_s: 20", 'threshold_s: "20"'), "service_level.threshold_s", "`20`", "whole seconds"),
    (
        "fcr unit",
        ('bound: "<="}', 'bound: "<="}\n      fcr: {unit: tickets}'),
        "fcr.unit",
        "`tickets`",
        "take one",
    ),
    (
        "fcr reason",
        ('bound: "<="}', 'bound: "<="}\n      fcr: {reason: alike}'),
        "fcr.reason",
        "`alike`",
        "take one",
    ),
    ("fcr window", ('bound: "<="}', 'bound: "<="}\n      fcr: {window: 90m}'), "fcr.window", "`90m`", "h or d"),
    ("fcr long window", ('bound: "<="}', 'bound: "<="}\n      fcr: {window: 169h}'), "fcr.window", "`169h`", "7d"),
    ("target window", ("{service_level: 80", "{fcr_8d: 80"), "targets.fcr_8d", "`fcr_8d`", ""),
    (
        "target figure",
        ("{service_level: 80", "{servicelevel: 80"),
        "targets.servicelevel",
        "`servicelevel`",
        "`service_level`",
    ),
    ("target value", ("{service_level: 80", "{service_level: eighty"), "targets.service_level", "`eighty`", ""),
    ("target range", ("low: 180, high: 420.5", "lo: 180"), "targets.aht.lo", "unknown key", "`low`"),
    ("own number", ('"+49 40 5550100"', "shop"), "own_numbers[0]", "`shop`", "+972"),
    ("own number as a number", ('"+49 40 5550100"', "49405550100"), "own_numbers[0]", "`49405550100`", ""),
    ("own key", ("0123456789abcdef", "0123"), "own_numbers[1].key", "`0123`", "16 digits"),
    ("own key and number", ("{key: ", '{number: "12345", key: '), "own_numbers[1]", "both or neither", "{number"),
    ("seats", ("{form: hours, ", "{form: seats, "), "what_if[0].form", "no number of seats", "add `seats:`"),
    ("no versions", ("versions:", "version:"), "version", "unknown key", "`versions`"),
]


@pytest.mark.parametrize(
    ("change", "path", "found", "hint"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_faults(edit, faults, change, path, found, hint):
    file = edit(FILE, change)
    named = [item for item in faults(lambda: load_terms(file)) if f"{path} (" in item.where + " ("]
    assert named, faults(lambda: load_terms(file))
    assert found in named[0].found
    assert hint in named[0].hint
    assert named[0].allowed


def test_all_faults_at_once(edit, faults):
    file = edit(FILE, ('rate: "4.50"', "rate: 4.5"), ("id: SL2", "id: SL99"), ("[ghost,", "[gost,"))
    assert len(faults(lambda: load_terms(file))) == 3


@pytest.mark.parametrize(
    "settlement",
    [
        '{form: per_minute, rate: "0.60", rounding_s: 60, billable_time: talk_hold, bill_legs: each, cap: "9000"}',
        '{form: service_level_tiers, base_fee: "90000", tiers: [{at_least: 80, pay_pct: 100}], measured_per: day}',
        '{form: hours, rate: "31.00", staffed_hours: "1600", tax_pct: 19}',
        '{form: seats, rate: "2900"}\n    seats: 12',
        '{form: per_call, rate: "4", minimum_talk_s: 0, billable_time: leg, bill_legs: each, minimum_volume: 1000, '
        'volume_bands: [{from_units: 0, rate: "4"}], fcr_bonus: {window: 24h, at_least: 85, amount_pct: 2}}',
    ],
)
def test_all_forms_of_payment_are_read(edit, settlement):
    file = edit(FILE, (SETTLEMENT, f"settlement: {settlement}"))
    assert load_terms(file).versions[0].settlement.form in settlement


def test_windows_of_whole_hours_and_days_are_read_wherever_terms_name_them(edit):
    definition = ('bound: "<="}', 'bound: "<="}\n      fcr: {window: 72h, unit: customers, reason: same}')
    terms = load_terms(
        edit(FILE, definition, ("{service_level: 80", "{fcr_72h: 90, repeat_any_3d: 8, service_level: 80"))
    )
    agreed = terms.versions[0].definitions.fcr
    assert (agreed.window, agreed.unit, agreed.reason) == ("72h", "customers", "same")
    assert {figure for version in terms.versions for figure in version.targets} > {"fcr_72h", "repeat_any_3d"}
