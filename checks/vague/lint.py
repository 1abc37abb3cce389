"""Which reported figures lack a stage, unit, numerator, denominator, window, short-call rule, booking time or zone."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import polars as pl
import yaml

from pipelines.contract.model import MEANINGS, Column, Contract, FeedObject
from pipelines.tables import VAGUE_FIELDS

QUESTIONS = files("checks.vague") / "questions.yaml"


@cache
def _phrases(language: str) -> dict[str, str]:
    return dict(yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))[language])


def vague_fields(contract: Contract, language: str) -> pl.DataFrame:
    """One row per reported figure that is not fully defined, with the question to send; `language` is en or zh."""
    rows = [
        (figure, name, ", ".join(missing), _question(name, missing, language))
        for item in contract.feed("claims")
        for figure, name, column in _figures(item)
        if (missing := _missing(item, column))
    ]
    frame = pl.DataFrame(rows, schema=VAGUE_FIELDS.schema, orient="row")
    return frame.unique("field", keep="first", maintain_order=True)


def _figures(item: FeedObject) -> Iterator[tuple[str, str, Column]]:
    """Each reported figure, the name that the vendor has for it, and the column that says what it means.

    In a table with a row per figure the names are the codes of its figure column, and the column of values speaks for
    them all.
    """
    names, values = item.role("figure"), item.role("value")
    for column in item.columns:
        if column.figure:
            yield column.figure, column.raw, column
    if names is not None and values is not None:
        for name, figure in (names.map or {}).items():
            if figure != "unknown":
                yield figure, name, values


def _missing(item: FeedObject, column: Column) -> list[str]:
    """What the contract does not say about a figure, in the order of asking."""
    said = {**column.meaning, **({"unit": column.unit} if column.unit else {})}
    missing = [name for name in MEANINGS if not said.get(name)]
    return missing if item.time_zone else [*missing, "time_zone"]


def _question(name: str, missing: list[str], language: str) -> str:
    """One sentence with a clause for each thing that is missing."""
    phrases = _phrases(language)
    return phrases["question"].format(column=name, clauses=phrases["and"].join(phrases[name] for name in missing))
