"""The figures of capacity and the table of half hours: what is counted by SQL, judged half hour by half hour."""

from importlib.resources import files

import polars as pl

from pipelines.calendar import open_paths
from pipelines.measure.capacity.cells import BUCKET_US, heads, merged, told_only
from pipelines.measure.capacity.counted import Counted, by_half_hour, count
from pipelines.measure.capacity.forecast import forecast_figures
from pipelines.measure.capacity.lines import beyond, busy_rate, can_say_busy, flow_back, peak, trunks_there
from pipelines.measure.capacity.relief import relief_figures
from pipelines.measure.capacity.staff import needed, patience_s, staff_figures
from pipelines.measure.fed import fed
from pipelines.measure.measured import Found, Measured, Side, not_measurable
from pipelines.measure.people.needs import clock_us, state_spans
from pipelines.measure.scene import Scene
from pipelines.measure.service.met import target_pct
from pipelines.tables import AGENT_STATES, ROSTER, TRUNKS
from pipelines.tables.capacity import INTERVALS

STEPS = files("pipelines.measure.capacity")
BACK_WITHIN_US = 600_000_000
"""How soon a call must be back to have flowed back: ten minutes."""


SERIES = ("peak_calls", "peak_talks", "peak_legs")
"""What `spans.sql` tells apart, in its order."""


def capacity(scene: Scene) -> Found:
    """Simultaneous calls, busy and returned calls, staff, forecast and relief of one vendor's month."""
    counted = count(scene)
    halves, words, reasons = _staffed(scene, by_half_hour(scene, counted))
    halves = _peaks(scene, halves)
    final = halves.filter("is_final")
    return Found(
        (
            *_busy_and_back(scene, counted.rows),
            *_line_figures(scene, final),
            *staff_figures(final, words, *reasons),
            *_forecast_figures(counted),
            *_relief_figures(scene, counted),
        ),
        {INTERVALS: INTERVALS.fit(halves)},
    )


def _staffed(scene: Scene, halves: pl.DataFrame) -> tuple[pl.DataFrame, str, tuple[str | None, str | None]]:
    """Half hours with staff needed, planned and present; the model in words; why a gap is not measurable."""
    rules, target = scene.rules, target_pct(scene.terms)
    left = int(halves["waited"].sum())
    patience = patience_s(float(halves["wait_s"].sum()), left)
    missing = [name for name in ("talk_s", "hold_s", "acw_s") if name not in scene.roles]
    why = f"column_missing:{', '.join(missing)}" if missing else None
    if target >= 100:
        why = f"target_out_of_reach:{target:g}"
    if why:
        null = pl.lit(None, pl.Float64)
        halves = halves.with_columns(needed_c=null, needed_a=null, aht_s=null, load=null)
    else:
        halves = needed(halves, rules, target, scene.terms.agent_concurrency, patience)
    planned, no_plan = _planned(scene, halves)
    present, by = _present(scene, halves)
    best = pl.coalesce("needed_a", "needed_c").cast(pl.Float64)
    halves = halves.with_columns(
        pl.Series("planned", planned or [None] * halves.height, pl.Float64),
        pl.Series("present", present or [None] * halves.height, pl.Float64),
        pl.lit(by, pl.String).alias("present_by"),
        best.alias("needed"),
    ).with_columns((pl.col("planned") - pl.col("needed")).alias("gap"))
    model = f"Erlang A patience={patience:.1f}" if patience else "Erlang C"
    words = f"{model} T={rules.threshold_s} target={target:g}"
    return halves, words, (why or no_plan, why or (None if by == "states" else "feed_missing:agent_states"))


def _planned(scene: Scene, halves: pl.DataFrame) -> tuple[list[float | None] | None, str | None]:
    """Agents planned on average in each half hour by the roster's shifts, or why that is not known.

    Null on days before the first planned shift and after the last: of these the roster says nothing.
    """
    contract = scene.space.vendors[scene.vendor].contract
    roles = {column.role for item in contract.feed("roster") for column in item.columns}
    wanted = ("planned_from_utc", "planned_to_utc")
    if roles and not roles.issuperset(wanted):
        return None, f"column_missing:{', '.join(name for name in wanted if name not in roles)}"
    rows = fed(scene.lake, contract, ROSTER).select(
        "agent_id", from_us=pl.col(wanted[0]).dt.epoch("us"), to_us=pl.col(wanted[1]).dt.epoch("us")
    )
    first, last = (int(halves[name].dt.epoch("us")[at]) for name, at in (("start_utc", 0), ("end_utc", -1)))
    shifts = rows.filter((pl.col("to_us") > first) & (pl.col("from_us") < last) & (pl.col("to_us") > pl.col("from_us")))
    if not shifts.height:
        return None, "feed_missing:roster"
    edges = pl.concat([shifts["from_us"].sort()[:1], shifts["to_us"].sort()[-1:] - 1])
    days = pl.from_epoch(edges, time_unit="us").dt.convert_time_zone(scene.space.time_zone).dt.date()
    is_told = halves["day"].is_between(days[0], days[1])
    return told_only(heads(merged(shifts, "agent_id"), halves), is_told), None


def _present(scene: Scene, halves: pl.DataFrame) -> tuple[list[float | None] | None, str | None]:
    """Agents present on average in each half hour, and what shows it: states, else answered calls.

    Null where the month has states, but none of that day were delivered.
    """
    engine, own = scene.engine, scene.month
    paths = open_paths(scene.lake, AGENT_STATES, scene.vendor, own.scope)
    if paths:
        engine.load(AGENT_STATES, paths, name="states_there")
        stretches = engine.run(STEPS / "sessions.sql", offset_us=clock_us(scene))
        days = state_spans(scene)["days"].explode()
        if stretches.height and days.len():
            return told_only(heads(stretches, halves), halves["day"].is_in(days.implode())), "states"
    if "agent_id" not in scene.roles:
        return None, None
    engine.frame("half_hour_quarters", _quarters(halves))
    found = engine.run(STEPS / "agents_with_calls.sql")
    agents = halves.select("half_hour").join(found, on="half_hour", how="left", maintain_order="left")["agents"]
    return ([float(count or 0) for count in agents], "calls") if found.height else (None, None)


def _quarters(halves: pl.DataFrame) -> pl.DataFrame:
    """Quarters of an hour since 1970 and the half hour that holds each; every zone's half hours are whole quarters."""
    edges = halves.select("half_hour", *(pl.col(name).dt.epoch("us") // BUCKET_US for name in ("start_utc", "end_utc")))
    return edges.select("half_hour", quarter=pl.int_ranges("start_utc", "end_utc")).explode("quarter")


def _peaks(scene: Scene, halves: pl.DataFrame) -> pl.DataFrame:
    """Half hours with the most calls, answered calls and legs at one moment, and the lines that there are."""
    engine, terms = scene.engine, scene.terms
    of_series = pl.DataFrame({"series": range(len(SERIES))}, schema={"series": pl.Int32})
    engine.frame("quarters", _quarters(halves).join(of_series, how="cross"))
    told = {"has_seats": terms.seats is not None, "has_legs": "leg_ended_utc" in scene.own_roles}
    engine.keep(STEPS / "spans.sql", vendor=scene.vendor, **told)
    engine.keep(STEPS / "bins.sql")
    found = engine.run(STEPS / "peaks.sql").with_columns(pl.col("most").cast(pl.Int64))
    for number, name in enumerate(SERIES):
        own = found.filter(pl.col("series") == number).select("half_hour", pl.col("most").alias(name), "at_us")
        halves = halves.join(own.rename({"at_us": f"{name}_us"}), on="half_hour", how="left", maintain_order="left")
    if terms.seats is None:
        halves = halves.with_columns(peak_talks=pl.lit(None, pl.Int64))
    delivered = fed(scene.lake, scene.space.vendors[scene.vendor].contract, TRUNKS)
    trunks = trunks_there(delivered, halves, terms.trunks)
    moment = pl.from_epoch("peak_calls_us", time_unit="us").dt.replace_time_zone("UTC")
    return halves.with_columns(trunks.alias("trunks"), peak_utc=moment)


def _line_figures(scene: Scene, halves: pl.DataFrame) -> list[Measured]:
    """Peaks, and half hours in which more calls were at once than lines or seats are there."""
    seats, trunks = scene.terms.seats, halves["trunks"]
    places = pl.Series("places", [seats and seats * scene.terms.agent_concurrency] * halves.height, pl.Int64)
    sides: tuple[tuple[Side, pl.Series, str | None], ...] = (
        ("vendor", halves["peak_calls"], _untold(scene)),
        ("inhouse", halves["peak_legs"], _own_untold(scene)),
    )
    figures: list[Measured] = []
    for side, most, missing in sides:
        figures += [
            not_measurable("peak_calls", missing, side=side) if missing else peak("peak_calls", most, side),
            not_measurable("over_trunks", missing, side=side)
            if missing
            else beyond("over_trunks", most, trunks, "feed_missing:trunks", side),
        ]
    missing = _untold(scene, "answered_utc") if seats is not None else "term_missing:seats"
    if missing:
        return [*figures, not_measurable("over_seats", missing)]
    return [*figures, beyond("over_seats", halves["peak_talks"], places, "term_missing:seats")]


def _untold(scene: Scene, *further: str) -> str | None:
    """Why the vendor's calls at once cannot be counted."""
    missing = [name for name in (*further, "ended_utc") if name not in scene.roles]
    return f"column_missing:{', '.join(missing)}" if missing else None


def _own_untold(scene: Scene) -> str | None:
    """Why the client's legs at once cannot be counted."""
    return None if "leg_ended_utc" in scene.own_roles else "own_column_missing:leg_ended_utc"


def _busy_and_back(scene: Scene, rows: pl.DataFrame) -> list[Measured]:
    """Blocked calls and calls that flow back, from the client's log."""
    engine, where = scene.engine, {"vendor": scene.vendor, "month": scene.month.text}
    if "transferred_utc" not in scene.own_roles:
        why = "own_column_missing:transferred_utc"
        return [not_measurable(figure, why) for figure in ("busy_rate", "overflow_back_rate")]
    log_says = can_say_busy(scene.space.inhouse, "inhouse_calls")
    vendor_says = can_say_busy(scene.space.vendors[scene.vendor].contract, "calls")
    legs = engine.run(STEPS / "busy_legs.sql", **where).row(0, named=True)
    records = {"paired": 0, "alone": 0, "lone_legs": int(rows.filter(pl.col("kind") == "leg")["calls"].sum())}
    if rows.filter(pl.col("class") == "blocked").height:
        records = engine.run(STEPS / "busy_records.sql").row(0, named=True)
    busy = busy_rate(legs, records, log_says, vendor_says)
    answers = "leg_answered_utc" in scene.own_roles
    if not answers and "returned_utc" not in scene.own_roles:
        return [busy, not_measurable("overflow_back_rate", "own_column_missing:returned_utc, leg_answered_utc")]
    found = engine.run(STEPS / "flow_back.sql", **where, within_us=BACK_WITHIN_US, is_answer_told=answers)
    return [busy, flow_back(found.row(0, named=True))]


def _forecast_figures(counted: Counted) -> list[Measured]:
    if counted.forecast_reason:
        why = counted.forecast_reason
        return [not_measurable(figure, why, side="inhouse") for figure in ("forecast_error", "forecast_bias")]
    return forecast_figures(counted.judged)


def _relief_figures(scene: Scene, counted: Counted) -> list[Measured]:
    """Service levels without what is relieved; not measurable without the forecast that the terms build on."""
    rules, target, rows = scene.rules, target_pct(scene.terms), counted.rows
    figures = ("service_level_relieved", "sl_days_met_relieved", "sl_halfhours_met_relieved", "relieved_calls")
    if scene.terms.relief.over_forecast_pct is not None and counted.forecast_reason:
        return [not_measurable(figure, counted.forecast_reason) for figure in figures]
    if "queue_s" not in scene.roles:
        return [not_measurable(figure, "column_missing:queue_s") for figure in figures]
    return relief_figures(rows, rules, target)
