"""Three scorecards to print: a padding vendor with everything in it, an honest one, and one with almost nothing.

`padded(language)`, `honest(language)` and `empty(language)` are whole `Scorecard` objects; names of queues and files
are as unkind as vendors can make them.
"""

import hashlib
from decimal import Decimal

from reports import verdict
from reports.parts import (
    Agent,
    AgentDay,
    Capacity,
    Comparison,
    HalfHour,
    Monitored,
    People,
    Regular,
    Return,
    Swelled,
    Volume,
    VolumeDay,
)
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
)

MONTH = "2026-10"
TOLERANCE = Tolerance(count_pct="1", points="0.5", amount="500")
EVIL_QUEUE = "<script>alert('sales')</script> & a queue whose name never seems to end_2026_v2_final_FINAL"


def figure(id_: str, unit: str, reported: float | None, measured: float | None, **more: object) -> Figure:
    return Figure(id_, id_, unit, MONTH, reported=reported, measured=measured, **more)  # type: ignore[arg-type]


def source(name: str, feed: str, read: int, rejected: int = 0, left_out: int = 0) -> SourceFile:
    sha = hashlib.sha256(name.encode()).hexdigest()
    return SourceFile(name, sha, "vendor", feed, read, read - rejected - left_out, rejected, left_out)


PADDED_FIGURES = (
    figure("offered", "calls", 41_876, 38_412, n=38_412),
    figure("answered", "calls", 40_620, 34_187, n=38_412),
    figure("answered_pct", "%", 97.0, 89.0, low=88.4, high=89.7, n=38_412, target=98.0),
    figure("abandoned", "calls", 1_256, 4_225, n=38_412),
    figure("abandon_rate", "%", 3.0, 11.0, low=10.3, high=11.6, n=38_412, target=5.0,
           definition="AB1 t=5"),
    figure("service_level", "%", 86.2, 71.4, low=70.6, high=72.3, n=38_412, target=80.0,
           definition="SL2 T=20 <="),
    figure("asa", "s", 14.0, 31.6, n=34_187, target=20.0),
    figure("talk_time", "s", 241.3, 238.9, n=34_187),
    figure("aht", "s", 301.0, 297.4, n=34_187, target={"low": 270.0, "high": 360.0}),
    figure("transfer_rate", "%", None, 2.4, n=34_187, target=3.0),
    figure("adherence", "%", None, None, status="not_measurable", reason="feed_missing:roster"),
    figure("attendance", "%", None, None, status="not_measurable", reason="feed_missing:roster"),
    figure("occupancy", "%", 91.0, None, status="not_measurable",
           reason="feed_missing:agent_states"),
    figure("fcr_2h", "%", None, 93.8, low=91.2, high=94.9, n=33_902),
    figure("fcr_24h", "%", 94.5, 84.6, low=80.9, high=86.3, n=33_518, target=85.0,
           definition="no further contact of the same caller within 24 h; hand-backs within 15 min are one contact"),
    figure("fcr_7d", "%", None, 78.2, low=74.0, high=80.4, n=27_730, status="provisional",
           reason="window_open:2026-11-07"),
    figure("callback_inhouse_2h", "%", None, 4.1, low=3.8, high=5.0, n=33_902),
    figure("callback_inhouse_24h", "%", None, 9.7, low=9.1, high=11.2, n=33_518),
    figure("callback_inhouse_7d", "%", None, 13.9, low=12.8, high=16.0, n=27_730, status="provisional",
           reason="window_open:2026-11-07"),
    figure("no_number_share", "%", None, 3.7, n=34_187),
    figure("csat", "points", None, 4.31, n=811, ci_low=4.2, ci_high=4.42),
    figure("peak_calls", "calls", None, 212),
    figure("calls_per_hour", "calls/h", None, 8.4, n=34_187),
    figure("match_rate", "%", None, 97.4, n=37_604),
    figure("coverage", "%", None, 98.7, n=744),
    Figure("fcr_24h", "fcr_24h", "%", MONTH, side="inhouse", measured=90.2, n=12_004),
    Figure("aht", "aht", "s", MONTH, side="inhouse", measured=318.2, n=12_004),
    figure("offered", "calls", 12_402, 11_876, scope=f"queue:{EVIL_QUEUE}", n=11_876),
    figure("service_level", "%", 88.0, 70.1, scope=f"queue:{EVIL_QUEUE}", n=11_876),
    figure("offered", "calls", 29_474, 26_536, scope="queue:售后服务", n=26_536),
)  # fmt: skip


def daily(padded_from: int, missing: tuple[int, ...] = ()) -> tuple[Figure, ...]:
    """Calls offered by day; from `padded_from` on the vendor reports a fifth more than our log holds."""
    rows = []
    for day in range(1, 32):
        if day in missing:
            continue
        measured = 1_010 + 13 * day + (180 if day % 7 in {2, 3} else 0)
        reported = int(measured * 1.19) if day >= padded_from and day % 3 else measured
        rows.append(figure("offered", "calls", reported, measured, scope=f"day:{MONTH}-{day:02d}", n=measured))
    return tuple(rows)


LONG_REASON = "Card not accepted abroad / 境外刷卡失败 (incl. contactless, mobile wallets and everything else_2026)"
NOWHERE = (None, None, None)
COMPARISONS = (
    Comparison("fcr_24h", "inhouse", "", 84.6, 90.2, 33_518, 12_004, -5.6, -6.4, -4.8, True, "worse", None),
    Comparison("fcr_24h", "2026-09", "", 84.6, 84.1, 33_518, 31_940, 0.5, -0.1, 1.1, True, "no_difference_shown", None),
    Comparison("fcr_24h", "southline", "", 84.6, 80.0, 33_518, 9_120, 4.6, 3.5, 5.7, False, "better", None),
    Comparison("fcr_24h", "inhouse", LONG_REASON, 61.0, 88.0, 2_204, 900, -27.0, -30.1, -23.8, False, "worse", None),
    Comparison("fcr_24h", "inhouse", "(none)", 90.0, 90.1, 9_204, 900, -0.1, -2.1, 1.8, False, "no_difference_shown",
               None),
    Comparison("fcr_24h", "inhouse", "(other)", 50.0, None, 4, 900, *NOWHERE, False, "too_few", None),
)  # fmt: skip
RETURNS = (
    Return("24h", LONG_REASON, LONG_REASON, "inhouse", 1_204, 1_860.0),
    Return("24h", "", "blocked card", "same_vendor", 411, 41_000.0),
    Return("2h", "", "blocked card", "other_vendor", 12, 300.0),
)


def agent(name: str, fcr: tuple[float, float, float], fcr_flag: str, aht_flag: str | None, swings: int) -> Agent:
    aht = (402.0, 380.0, 420.0, 300.0)
    return Agent(name, 611, True, *fcr, 84.0, fcr_flag, *aht, aht_flag, swings)


PEOPLE = People(
    agents=96,
    new_agents=14,
    outstanding=(
        agent("A-0017", (71.2, 67.9, 74.4), "below", "above", 2),
        agent("night shift supervisor, temporary log-in 7", (90.0, 88.0, 92.0), "above", None, 0),
    ),
    days=(AgentDay("A-0017", "2026-10-12", "short_calls", 80, 41.0, 3.0, 9.1),
          AgentDay("A-0021", "2026-10-13", "aht", 62, 644.0, 301.0, 6.0)),
    monitored=(
        Monitored("northgate", 410, 91.4, 90.8, 92.0, 3, 22, 140, 1.2, 0.3, 2.1, 92.0, 89.9, 94.1),
        Monitored("inhouse", 1, 77.0, None, None, None, None, None, None, None, None, None, None, None),
    ),
)  # fmt: skip
CAPACITY = Capacity(
    judged=1_210, short=188, relieved=6, peak_calls=212, peak_day="2026-10-08", peak_at="10:00", trunks=210, full=3,
    worst=(HalfHour("2026-10-08", "10:00", 402, 96, 80.0, 77.5, -16.0),
           HalfHour("2026-10-09", "10:30", 388, 94, 82.5, None, -11.5)),
)  # fmt: skip
VOLUME = Volume(
    days_judged=29,
    odd_days=(VolumeDay("2026-10-01", "below", 700, 1_200.0, 1_010.0, 1_400.0, "National Day", "国庆节", None),
              VolumeDay("2026-10-30", "above", 2_711, 1_900.0, 1_700.0, 2_100.0, None, None, None)),
    regulars=(Regular("balance", 3, 804, 2_911, 31.0), Regular(LONG_REASON, 3, 1, 4, 0.1)),
    swelled=(Swelled("blocked card", 4_011, 2_800, 10.4, 7.9, 2.5),),
)  # fmt: skip


def padded(language: str = "en") -> Scorecard:
    chinese = language == "zh"
    name = "恒声客户服务有限公司" if chinese else "Northgate Contact Services"
    client = "华信商业银行" if chinese else "First Harbour Bank"
    padding = (
        Padding("ghost", "proven", 1_912, "2868.00", "2868.00"),
        Padding("duplicate", "proven", 604, "906.00", "906.00"),
        Padding("agent_overlap", "probable", 318, "0.00", "477.00"),
        Padding("short_call", "suspected", 1_020, "0.00", "1530.00"),
        Padding("volume", "suspected", 0, "0.00", "0.00"),
    )
    settlement = (
        SettlementLine("billed", 40_620, "60930.00", "60930.00"),
        SettlementLine("duplicate", 604, "-906.00", "-906.00"),
        SettlementLine("ghost", 1_912, "-2868.00", "-2868.00"),
        SettlementLine("withheld", 318, "-477.00", "-477.00"),
        SettlementLine("below_minimum", 88, "-132.00", "-132.00"),
        SettlementLine("cannot_be_verified", 402, "603.00", "603.00"),
        SettlementLine("owed", 37_698, "56547.00", "56547.00"),
    )
    vague = (
        VagueField(
            "aht", ("numerator", "window"), "Does “ACD_HANDLE_AVG” include hold and follow-up work?", "ACD_HANDLE_AVG"
        ),
        VagueField("service_level", ("denominator", "short_call_rule"), "Please define “SL_20”.", "SL_20"),
        VagueField("asa", ("denominator", "short_call_rule"), "Please define “WAIT”.", "WAIT"),
        VagueField("KPI_7", ("unit",), "What is the seventh figure of the report?"),
    )
    deliveries = Deliveries(("2026-10-18", "2026-10-19"), ("2026-10-24",), ("2026-10-29",), 1_402)
    figures = PADDED_FIGURES + daily(padded_from=6, missing=(18, 19, 24, 29))
    moved = (ClockMove("step", "2026-10-12", "2026-10-12", 1, 130.0, "15:01"),)
    matching = Matching(36_610, 2_516, 1_002, 214, 1_377, 3.0, 98.7, 0.8, moved)
    return Scorecard(
        "northgate", name, client, MONTH, "CNY", language, "2026-11-03", "Asia/Shanghai",
        (*(source(f"calls_2026-10-{day:02d}.csv", "calls", 1_300 + day, day % 3, day % 2) for day in range(1, 16)),
           source("reports/月报_October (final) v3, corrected by the night shift supervisor.xlsx", "claims", 31),
           source("inhouse.csv", "inhouse_calls", 52_116, 4)),
        figures, vague, padding, matching, settlement,
        verdict.open_points(padding=padding, vague_fields=vague, deliveries=deliveries, clock_moved=moved,
                            vendor_name=name, client=client, currency="CNY", as_of="2026-11-03", dispute_days=10,
                            language=language),
        deliveries,
        (RuleResult("r1", "Every call has an id.", "error", "pass", 41_876, 0),
         RuleResult("r2", "Every answered call names its agent.", "warning", "warning", 34_187, 490,
                    ("2026-10-07", "2026-10-08")),
         RuleResult("r3", "A call ends after it starts.", "error", "error", 41_876, 212, ("2026-10-29",)),
         RuleResult("r4", "Talk time is between 0 and 4 hours.", "warning", "could_not_run", 0, 0)),
        decided(figures, matching, settlement, padding, name, language),
        definitions=(
            {"field": "service_level", "declared": "SL2 T=20 <=",
             "fits": [{"definition": "SL4 T=20 <=", "agreement": 0.97}], "ambiguous": ["SL3 T=20 <="],
             "settled_by": "one more digit on 12 October", "changes": []},
            {"field": "aht", "declared": None, "fits": [], "ambiguous": [], "settled_by": None, "changes": []},
        ),
        notes=("October holds the eight days of the national holiday; volumes are compared with last October.",),
        tolerance=TOLERANCE,
        unreadable=(Unreadable("calls", "START_TS", 12), Unreadable("calls", "", 1)),
        unknown_codes=(UnknownCode("calls", "DISP", "<b>77</b>", 31),),
        comparisons=COMPARISONS, returns=RETURNS, people=PEOPLE, capacity=CAPACITY, volume=VOLUME,
    )  # fmt: skip


def honest(language: str = "en") -> Scorecard:
    figures = (
        figure("offered", "calls", 20_114, 20_110, n=20_110),
        figure("answered_pct", "%", 98.2, 98.2, low=98.1, high=98.3, n=20_110, target=98.0),
        figure("abandon_rate", "%", 1.8, 1.8, low=1.7, high=1.9, n=20_110, target=5.0),
        figure("service_level", "%", 84.0, 84.1, low=83.9, high=84.3, n=20_110, target=80.0, definition="SL2 T=20 <="),
        figure("aht", "s", 288.0, 288.2, n=19_750),
        figure("fcr_24h", "%", None, 91.3, low=90.0, high=91.9, n=19_400, target=85.0),
        *daily(padded_from=32),
    )
    matching = Matching(20_060, 4, 3, 12, 96, -2.0, 100.0)
    settlement = (
        SettlementLine("billed", 19_750, "29625.00", "29625.00"),
        SettlementLine("owed", 19_750, "29625.00", "29625.00"),
    )
    return Scorecard(
        "harbour", "Harbour Line", "First Harbour Bank", MONTH, "CNY", language, "2026-11-08", "Asia/Shanghai",
        (source("calls.csv", "calls", 20_114), source("inhouse.csv", "inhouse_calls", 32_000)),
        figures, (), (), matching, settlement, (), Deliveries(),
        (RuleResult("r1", "Every call has an id.", "error", "pass", 20_114, 0),),
        decided(figures, matching, settlement, (), "Harbour Line", language), tolerance=TOLERANCE,
    )  # fmt: skip


def empty(language: str = "en") -> Scorecard:
    reason = "feed_missing:calls"
    figures = tuple(
        figure(id_, unit, None, None, status="not_measurable", reason=reason, target=target)
        for id_, unit, target in (
            ("offered", "calls", None), ("answered_pct", "%", 98.0), ("service_level", "%", 80.0),
            ("fcr_24h", "%", 85.0),
        )
    )  # fmt: skip
    every_day = tuple(f"{MONTH}-{day:02d}" for day in range(1, 32))
    deliveries = Deliveries(vendor_days_missing=every_day)
    matching = Matching(0, 0, 0, 0, 0, None, None)
    return Scorecard(
        "silent", "Silent Partner", "First Harbour Bank", MONTH, "CNY", language, "2026-10-31", "Asia/Shanghai",
        (), figures, (), (), matching, (SettlementLine("not_priced", 0, "0.00", "0.00"),),
        verdict.open_points(padding=(), vague_fields=(), deliveries=deliveries, missing=("claims",), currency="CNY",
                            vendor_name="Silent Partner", client="First Harbour Bank", as_of="2026-10-31",
                            dispute_days=10, language=language),
        deliveries, (), decided(figures, matching, (), (), "Silent Partner", language, missing=("calls",)),
        tolerance=TOLERANCE,
    )  # fmt: skip


def decided(figures, matching, settlement, padding, name, language, missing=()):  # type: ignore[no-untyped-def]
    return verdict.decide(
        figures, matching, settlement, padding, required_missing=missing, vendor_name=name, month=MONTH, currency="CNY",
        count_pct=Decimal(TOLERANCE.count_pct), points=Decimal(TOLERANCE.points), amount=Decimal(TOLERANCE.amount),
        language=language,
    )  # fmt: skip
