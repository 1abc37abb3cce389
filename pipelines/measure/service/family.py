"""The figures of service: one pass over the month's calls, small sums of it, then figures scope by scope."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

from pipelines.calendar import legs_of
from pipelines.contract.model import FeedObject
from pipelines.measure.measured import Found, Measured, not_measurable
from pipelines.measure.scene import EPOCH, Scene
from pipelines.measure.service.complaints import complaints
from pipelines.measure.service.figures import Told, service_figures
from pipelines.measure.service.inhouse import CLIENT_CLOCK_ROLES, client_clock, own_figures
from pipelines.measure.service.levels import SERVICE_LEVELS
from pipelines.measure.service.means import Doubts, means, rings
from pipelines.measure.service.met import half_hours_met, met, target_pct
from pipelines.measure.service.tally import Tally

STEPS = files("pipelines.measure.service")
QUEUES = 20
"""So many queues have figures of their own, the largest."""


def service(scene: Scene) -> Found:
    """Service of the month, its days and its queues; the client's own; complaints."""
    scene.engine.keep(STEPS / "service_cells.sql")
    tallies = tallied(scene.engine.run(STEPS / "service_scopes.sql", queues=QUEUES))
    doubts = doubted(scene.engine.run(STEPS / "service_doubts.sql"))
    told = Told(scene.roles, _shows_transfers(scene), scene.until != EPOCH)
    country = scene.space.country
    found = [
        figure
        for tally in tallies
        for figure in (
            *service_figures(tally, scene.rules, told),
            *means(tally, scene.rules, scene.roles, doubts.get(tally.scope, {})),
            rings(tally, cadence_s(country), country, scene.roles, doubts.get(tally.scope, {})),
        )
    ]
    return Found((*found, *_met(scene, tallies, found), *_own(scene), *_complaints(scene)))


def tallied(rows: pl.DataFrame) -> list[Tally]:
    """Rows of `service_scopes.sql` by scope: the month, its days, its queues; the month also where it has no call."""
    scopes: dict[str, list[dict[str, Any]]] = {"all": []}
    for row in rows.sort("scope").iter_rows(named=True):
        scopes.setdefault(row["scope"], []).append(row)
    return [Tally.of(scope, found) for scope, found in scopes.items()]


def doubted(rows: pl.DataFrame) -> dict[str, Doubts]:
    """Rows of `service_doubts.sql` by scope, then by time and class."""
    found: dict[str, dict[tuple[str, str], list[tuple[float, int]]]] = {}
    parts = rows.sort("scope", "time", "class", "value").partition_by("scope", "time", "class", as_dict=True)
    for (scope, time, group), part in parts.items():
        values = zip(part["value"].to_list(), part["calls"].cast(pl.Int64).to_list(), strict=True)
        found.setdefault(str(scope), {})[str(time), str(group)] = list(values)
    return dict(found)


@cache
def _cadences() -> Mapping[str, float]:
    text = (STEPS / "ringing.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["cadence_s"])


def cadence_s(country: str) -> float | None:
    """Seconds from one ring to the next in a country (ISO 3166, two letters); None where that is not known."""
    return _cadences().get(country)


def _shows_transfers(scene: Scene) -> bool:
    """Whether a transfer would show in the vendor's records: in a column of its own, or as an outcome."""
    objects = scene.space.vendors[scene.vendor].contract.feed("calls")
    return not objects or "transfer_to" in scene.roles or _names_transfers(objects)


def _names_transfers(objects: Iterable[FeedObject]) -> bool:
    """Whether an outcome may be `transferred`; a column without a map may hold every outcome."""
    columns = [item.role("outcome") for item in objects]
    return any(column.map is None or "transferred" in column.map.values() for column in columns if column is not None)


def _met(scene: Scene, tallies: Iterable[Tally], found: Iterable[Measured]) -> list[Measured]:
    """Days and half hours that met the service level, where the month has one."""
    level = next(figure for figure in found if figure.id == "service_level" and figure.scope == "all")
    if level.value is None:
        why = (level.status, level.reason)
        names = ("sl_days_met", "sl_halfhours_met")
        return [
            Measured(name, "all", None, definition=level.definition, status=why[0], reason=why[1]) for name in names
        ]
    rules, target = scene.rules, target_pct(scene.terms)
    ratio = SERVICE_LEVELS[rules.service_level]
    days = [tally for tally in tallies if tally.scope.startswith("day:")]
    quarters = scene.engine.run(STEPS / "service_quarters.sql")
    known = {tally.scope.partition(":")[2] for tally in days}
    of_days = met("sl_days_met", "all", [tally.share(ratio) for tally in days], rules, target)
    return [of_days, *half_hours_met(quarters, scene.space.time_zone, rules, target, known)]


def _own(scene: Scene) -> list[Measured]:
    """The client's own side, and the vendor's calls on the client's clock."""
    (counts,) = scene.engine.run(STEPS / "own_calls.sql", month=scene.month.text).to_dicts()
    legs = None
    if {*CLIENT_CLOCK_ROLES} <= scene.own_roles:
        (legs,) = scene.engine.run(STEPS / "leg_times.sql").to_dicts()
    transfers = _names_transfers(scene.space.inhouse.feed("inhouse_calls"))
    own = own_figures(_whole(counts), scene.own_roles, transfers=transfers)
    if not legs_of(scene.lake, scene.month):
        own = [not_measurable(figure.id, "feed_missing:inhouse_calls", side="inhouse") for figure in own]
    return [*own, *client_clock(legs and _whole(legs), scene.own_roles)]


def _whole(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(value) for name, value in row.items()}


def _complaints(scene: Scene) -> list[Measured]:
    reasons = scene.engine.run(STEPS / "contact_reasons.sql", vendor=scene.vendor).sort("side", "reason", "calls")
    doubtful = scene.engine.run(STEPS / "open_reasons.sql").to_dicts()
    return [
        complaints(reasons.filter(side="vendor").to_dicts(), doubtful, "vendor"),
        complaints(reasons.filter(side="inhouse").to_dicts(), (), "inhouse"),
    ]
