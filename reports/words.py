"""The two languages: fixed texts (`texts/*.yaml`), the catalogue's names, how numbers, money and dates are written.

Every printed number passes through here. What is printed where stands in `view.py` and the templates.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from pipelines.errors import fault
from pipelines.measure.catalogue import has, kpi, said_window, window_of
from reports.compare import PERCENT_UNITS

LANGUAGES = ("en", "zh")
UNITS = ("%", "s", "calls", "calls/h", "agents", "rings", "points", "money", "per_1000")
"""The units of the catalogue; each is written in its own way by `Words.value`."""
_WHOLE_FROM = 100
"""Counts from here on are printed whole; a smaller one may be a mean, as 4.3 calls for each agent."""
_NAMED_UNITS = {"s": "seconds", "calls/h": "hourly", "rings": "rings"}


class Words:
    """The words and the number formats of one language."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise fault("language", repr(language), ", ".join(LANGUAGES), "set `language` in tieout.yaml")
        text = files("reports").joinpath("texts", f"{language}.yaml").read_text(encoding="utf-8")
        self.texts = dict(flatten(yaml.safe_load(text)))
        self.language = language
        self.locale = Locale.parse(self.texts["locale"])

    def has(self, key: str) -> bool:
        """Whether there is a text under this dotted key."""
        return key in self.texts

    def t(self, key: str, **values: str) -> str:
        """The text under a dotted key, its `{names}` filled in; KeyError where there is none."""
        return self.texts[key].format(**values)

    def n(self, key: str, count: int, **values: str) -> str:
        """The text for a count, in the plural form that the language wants; `{count}` is the number as printed."""
        form = self.locale.plural_form(count)
        return self.t(f"{key}.{form}", count=self.count(count), **values)

    def join(self, items: Iterable[str]) -> str:
        """A list as the language writes it: a, b and c. Chinese sets a number apart from the word before it."""
        return re.sub(r"(?<=和)(?=\d)", " ", format_list(list(items), locale=self.locale))

    def count(self, value: float | Decimal) -> str:
        """A whole number with its thousands set apart."""
        return self._decimal(value, 0)

    def value(self, value: float | Decimal, unit: str, currency: str = "") -> str:
        """A figure's value with its unit: 81.3%, 24.0 s, 12,345, CN¥1.20."""
        if unit in PERCENT_UNITS:
            return self._decimal(value, 1) + "%"
        if unit in {"calls", "agents"}:
            exact = Decimal(str(value))
            return self._decimal(exact, 0 if abs(exact) >= _WHOLE_FROM or exact % 1 == 0 else 1)
        if unit in _NAMED_UNITS:
            return self.t(f"unit.{_NAMED_UNITS[unit]}", value=self._decimal(value, 1))
        if unit == "money" or (unit and unit == currency):
            return self.money(str(value), currency or unit)
        return self._decimal(value, 1)

    def figure(self, figure_id: str, other: str | None = None) -> str:
        """The name of a figure in the catalogue; what it does not have keeps its other name, or its id."""
        return kpi(figure_id).name[self.language] if has(figure_id) else other or figure_id

    def figures(self, figure_ids: Sequence[str]) -> str:
        """The names of several figures as a list; one that differs in its window alone is named once."""
        windows: dict[str, list[str]] = {}
        for figure_id in figure_ids:
            window = window_of(figure_id) or ""
            windows.setdefault(figure_id.removesuffix(window), []).append(window)
        return self.join(self._windowed(stem, found) for stem, found in windows.items())

    def _windowed(self, stem: str, windows: Sequence[str]) -> str:
        return self._widened(self.figure(stem + windows[0]), windows)

    def _widened(self, text: str, windows: Sequence[str]) -> str:
        """A text about the first of these windows, said of all of them."""
        if not windows[0]:
            return text
        said = [said_window(window, self.language) for window in windows]
        return text.replace(said[0], self.join(said))

    def figure_words(self, figure_id: str) -> str:
        """What a figure is, in one sentence; "" where the catalogue does not have it."""
        return kpi(figure_id).words[self.language] if has(figure_id) else ""

    def figure_words_of(self, figure_ids: Sequence[str]) -> str:
        """The same of figures that differ in their window alone."""
        return self._widened(self.figure_words(figure_ids[0]), [window_of(figure_id) or "" for figure_id in figure_ids])

    def money(self, amount: str, currency: str) -> str:
        """Decimal text in a currency, with its sign."""
        return minus(format_currency(Decimal(amount), currency, locale=self.locale))

    def day(self, iso: str) -> str:
        """A date in full: 31 October 2026."""
        return format_date(date.fromisoformat(iso), "long", locale=self.locale)

    def short_day(self, iso: str) -> str:
        """A date inside a known month: 31 Oct."""
        return format_skeleton("MMMd", date.fromisoformat(iso), locale=self.locale)

    def month(self, month: str) -> str:
        """A month (YYYY-MM) in words: October 2026."""
        return format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale=self.locale)

    def _decimal(self, value: float | Decimal, places: int) -> str:
        exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return minus(format_decimal(exact, format="#,##0" + ("." + "0" * places if places else ""), locale=self.locale))


@functools.cache
def words(language: str) -> Words:
    """The words of a language, read once; TieoutError where the language is not known."""
    return Words(language)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """A tree of texts as (dotted key, text)."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def minus(text: str) -> str:
    """The typographic minus, which no line break separates from its number; minus nothing is nothing."""
    bare = text.lstrip("-")
    return bare if not any(digit in bare for digit in "123456789") else text.replace("-", "\N{MINUS SIGN}")
