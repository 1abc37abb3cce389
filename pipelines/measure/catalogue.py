"""The KPI catalogue, read from `catalogue.yaml`: what each figure is, needs and aims at. No figure is computed here.

Ids and formulas are those of the trade; a vendor's terms choose thresholds, windows and targets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

WINDOWS = ("2h", "24h", "7d")
"""The windows that every catalogue names; the terms may name others, as 72h or 3d."""
_LENGTH_S = {"h": 3_600, "d": 86_400}


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One figure. `code` names its definition; `base` is the figure that a daily report of it is weighed by.

    `needs` has, by feed, the columns without which it is not measurable. `name`, `words` and `look_at` (what to look
    at when it misses its target) are by language, `en` and `zh`. `target` is what is usual: low, high, either or both.
    `better` is None where neither more nor less is good in itself.
    """

    id: str
    name: Mapping[str, str]
    words: Mapping[str, str]
    formula: str
    unit: str
    code: str
    family: str
    stage: str
    needs: Mapping[str, tuple[str, ...]]
    better: Literal["higher", "lower"] | None = None
    base: str | None = None
    target: Mapping[str, float] = field(default_factory=dict)
    look_at: Mapping[str, str] = field(default_factory=dict)


@cache
def _read() -> dict[str, Any]:
    text = files("pipelines.measure").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@cache
def _entries() -> dict[str, Kpi]:
    """By id as the catalogue writes it, windows not filled in."""
    rows = [dict(row) for row in _read()["figures"]]
    needs = [{feed: tuple(columns) for feed, columns in row.pop("needs").items()} for row in rows]
    return {row["id"]: Kpi(**row, needs=need) for row, need in zip(rows, needs, strict=True)}


def entries() -> tuple[Kpi, ...]:
    """The catalogue as it is written, `{window}` not filled in."""
    return tuple(_entries().values())


def window_s(window: str) -> int:
    """The length of a window such as 2h or 7d in seconds."""
    return int(window[:-1]) * _LENGTH_S[window[-1]]


def window_of(figure: str) -> str | None:
    """The window in a figure's id (`fcr_24h` → 24h); None where it has none."""
    found = re.search(r"_(\d+[hd])$", figure)
    return found[1] if found else None


def said_window(window: str, language: str) -> str:
    """A window in words: 24h → 24 hours; KeyError for a language that the catalogue does not have."""
    lengths = _read()["lengths"][language]
    return str(lengths.get(window, lengths[window[-1]])).replace("{n}", window[:-1])


@cache
def kpi(figure: str) -> Kpi:
    """The entry of a figure, its window filled in; KeyError where the catalogue has none."""
    entries, window = _entries(), window_of(figure)
    if window is None or figure in entries:
        return entries[figure]
    entry = entries[figure.removesuffix(window) + "{window}"]
    name, words, look_at = (_filled(texts, window) for texts in (entry.name, entry.words, entry.look_at))
    return replace(entry, id=figure, name=name, words=words, look_at=look_at)


def _filled(texts: Mapping[str, str], window: str) -> dict[str, str]:
    return {language: text.replace("{window}", said_window(window, language)) for language, text in texts.items()}


def has(figure: str) -> bool:
    """Whether the catalogue has this figure."""
    window = window_of(figure)
    known = _entries()
    return figure in known or (window is not None and figure.removesuffix(window) + "{window}" in known)


def stem_of(figure: str) -> str:
    """A figure's id without its window: `fcr_24h` → `fcr`, `offered` → itself."""
    window = window_of(figure)
    return figure if window is None or figure in _entries() else figure.removesuffix(f"_{window}")


def rank(figure: str) -> tuple[int, int]:
    """Where a figure stands in the catalogue, then by its window's length; unknown ones come last."""
    stem, window = stem_of(figure), window_of(figure)
    places = {entry.removesuffix("_{window}"): place for place, entry in enumerate(_entries())}
    return places.get(stem, len(places)), window_s(window) if window else 0


def catalogue(windows: tuple[str, ...] = WINDOWS) -> tuple[Kpi, ...]:
    """Every figure in the catalogue's order, one for each window where it has one."""
    return tuple(
        kpi(entry.replace("{window}", window))
        for entry in _entries()
        for window in (windows if "{window}" in entry else windows[:1])
    )


CATALOGUE = catalogue()
BY_ID = {entry.id: entry for entry in CATALOGUE}
