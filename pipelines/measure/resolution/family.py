"""First-contact resolution, callbacks, calls really taken off the client; which calls were followed by which contact.

Who followed whom stands in `contacts` already; here it is held against the windows. Leaves `followed` in the engine.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import calls_of
from pipelines.measure.catalogue import window_s
from pipelines.measure.measured import Found, Measured, not_measurable
from pipelines.measure.resolution.blind import blind_hours, blind_spans
from pipelines.measure.resolution.counts import Counts, diverted_counts, window_counts
from pipelines.measure.resolution.figures import (
    CALLBACKS,
    Sight,
    diverted_figure,
    fcr_figure,
    no_number_figure,
    place_figures,
    strict_figure,
)
from pipelines.measure.resolution.returned import returned
from pipelines.measure.resolution.singles import singles
from pipelines.measure.resolution.windows import DIVERTED, longest_s, windows_of
from pipelines.measure.scene import EPOCH, Scene, microseconds
from pipelines.tables.returned import RETURNED

STEPS = files("pipelines.measure.resolution")
AT_ONCE = 8
"""Windows that `profiles.sql` takes at once."""
LARGEST = {"queue": 20, "reason": 50}
"""Queues and reasons with a figure of their own: those with the most calls."""
_SECOND = 1_000_000


def resolution(scene: Scene) -> Found:
    """FCR and callback rates of the agreed windows, net diverted calls; tables `repeats` and `returned`."""
    windows = windows_of(scene.space, scene.terms)
    follow(scene, longest_s(scene.space, scene.month) * _SECOND)
    came_back = scene.engine.run(STEPS / "came_back.sql", vendor=scene.vendor)
    tables = {RETURNED: returned(came_back, windows)}
    figures = tuple(_figures(scene, windows))
    agreed = next((figure for figure in figures if figure.id == f"fcr_{scene.terms.definitions.fcr.window}"), None)
    return Found((*figures, *(singles(scene, agreed) if agreed else [])), tables)


def follow(scene: Scene, longest_us: int) -> None:
    """Gives `followed` its name in the engine: base contacts of the vendor and the client, and who came again when."""
    scene.engine.frame("blind_hours", blind_hours(blind_spans(scene), longest_us))
    scene.engine.frame("audited", pl.DataFrame({"vendor": [scene.vendor], "longest_us": [longest_us]}))
    scene.engine.name(STEPS / "followed.sql")


def _figures(scene: Scene, windows: Mapping[str, int]) -> Iterator[Measured]:
    """The figures of all windows; each window once among those that `profiles.sql` takes."""
    asked = {**windows, DIVERTED: window_s(DIVERTED)}
    names = sorted(asked, key=lambda name: (asked[name], name))
    unseen = _unseen_outbound(scene)
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        profiles = _profiles(scene, [asked[name] for name in some])
        if first == 0:
            yield no_number_figure(_calls(profiles, ~pl.col("has_number")), _calls(profiles, pl.lit(value=True)))
        if _calls(profiles, pl.col("has_end")) == 0 and "ended_utc" not in scene.roles:
            yield from _without_ends([name for name in some if name in windows], DIVERTED in some)
            continue
        for number, name in enumerate(some, start=1):
            if name in windows:
                yield from _window(scene, profiles, name, number, unseen)
            if name == DIVERTED:
                counts = diverted_counts(profiles, number)
                yield diverted_figure(counts, _sight(scene, profiles, name, counts, unseen))


def _window(scene: Scene, profiles: pl.DataFrame, name: str, number: int, unseen: str | None) -> Iterator[Measured]:
    """The figures of one window; FCR by queue and reason too where it is the window of the terms."""
    agreed = scene.terms.definitions.fcr
    counts = _counted(scene, profiles, name, number)[None]
    sight = _sight(scene, profiles, name, counts, unseen)
    yield fcr_figure(counts, sight)
    yield strict_figure(counts, sight)
    yield from place_figures(counts, sight)
    for column, most in LARGEST.items() if name == agreed.window else ():
        found = _counted(scene, profiles, name, number, column)
        large = profiles.group_by(column).agg(pl.col("calls").sum()).drop_nulls(column)
        for value in large.sort(["calls", column], descending=[True, False]).head(most)[column]:
            seen = _sight(scene, profiles.filter(pl.col(column) == value), name, found[value], unseen)
            yield fcr_figure(found[value], seen, f"{column}:{value}")


def _counted(
    scene: Scene, profiles: pl.DataFrame, name: str, number: int, by: str | None = None
) -> dict[str | None, Counts]:
    """Counts by queue or reason, or of all (None), in the terms' unit: calls, or customers."""
    agreed = scene.terms.definitions.fcr
    is_same = agreed.reason == "same"
    calls = window_counts(profiles, number, is_same, by)
    if agreed.unit == "calls":
        return calls
    params = {"by_queue": by == "queue", "by_reason": by == "reason", "is_same": is_same}
    span = {"length_us": window_s(name) * _SECOND, "data_end_us": microseconds(scene.until)}
    found = scene.engine.run(STEPS / "customers.sql", vendor=scene.vendor, **span, **params)
    customers = {row[by] if by else None: row for row in found.to_dicts()}
    return {value: {**counts, **_customers(customers.get(value, {}))} for value, counts in calls.items()}


def _customers(row: Mapping[str, int]) -> dict[str, int]:
    """What stands for the counts of calls where customers are counted; a call without a number is a customer alone."""
    names = ("closed", "resolved", "resolved_unsure", "strict", "strict_unsure")
    return {name: int(row.get(name) or 0) for name in names}


def _profiles(scene: Scene, lengths: list[int]) -> pl.DataFrame:
    """Base contacts that are alike in all that counts, for up to eight windows in rising order."""
    steps = {f"w{n}": [lengths[n - 1] * _SECOND if n <= len(lengths) else None] for n in range(1, AT_ONCE + 1)}
    scene.engine.frame("steps", pl.DataFrame(steps, schema=dict.fromkeys(steps, pl.Int64)))
    end = microseconds(scene.until)
    return scene.engine.run(STEPS / "profiles.sql", vendor=scene.vendor, data_end_us=end)


def _calls(profiles: pl.DataFrame, which: pl.Expr) -> int:
    return int(profiles.filter(which)["calls"].sum())


def _sight(scene: Scene, profiles: pl.DataFrame, name: str, counts: Counts, unseen: str | None) -> Sight:
    """What is known beside the counts, of the same calls; `unseen` as `_unseen_outbound` has it."""
    agreed = scene.terms.definitions.fcr
    is_usual = (agreed.unit, agreed.reason) == ("calls", "any")
    last = EPOCH + timedelta(microseconds=counts["last_us"], seconds=window_s(name))
    return Sight(
        name,
        last.astimezone(ZoneInfo(scene.space.time_zone)).date().isoformat(),
        _calls(profiles, ~pl.col("has_end")),
        bool({"outcome", "agent_id"} & scene.own_roles),
        unseen,
        "" if is_usual else f"{agreed.unit} {agreed.reason}",
        len(scene.space.vendors) > 1,
    )


def _unseen_outbound(scene: Scene) -> str | None:
    """Why the calls that the vendor makes are not seen: no direction delivered, or none goes out; None if they are."""
    if "direction" not in scene.roles:
        return "column_missing:direction"
    paths = calls_of(scene.lake, scene.vendor, scene.month)
    rows = pl.scan_parquet(paths, hive_partitioning=False) if paths else None
    goes_out = rows is not None and bool(rows.select((pl.col("direction") == "outbound").any()).collect().item())
    return None if goes_out else "nothing_to_count"


def _without_ends(windows: list[str], has_diverted: bool) -> Iterator[Measured]:
    """What no record of which the end is known leaves: nothing can be measured, and the reason is the column."""
    names = ("fcr", "fcr_strict", *CALLBACKS, "agent_callback")
    figures = [f"{name}_{window}" for window in windows for name in names]
    for figure in [*figures, *(["net_diverted"] if has_diverted else [])]:
        yield not_measurable(figure, "column_missing:ended_utc")
