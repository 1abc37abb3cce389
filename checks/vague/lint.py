"""Which reported figures lack a stage, unit, numerator, denominator, window, short-call rule, booking time or zone."""

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
        (column.figure, column.raw, ", ".join(missing), _question(column, missing, language))
        for item in contract.feed("claims")
        for column in item.columns
        if column.figure and (missing := _missing(item, column))
    ]
    frame = pl.DataFrame(rows, schema=VAGUE_FIELDS.schema, orient="row")
    return frame.unique("field", keep="first", maintain_order=True)


def _missing(item: FeedObject, column: Column) -> list[str]:
    """What the contract does not say about a figure, in the order of asking."""
    said = {**column.meaning, **({"unit": column.unit} if column.unit else {})}
    missing = [name for name in MEANINGS if not said.get(name)]
    return missing if item.time_zone else [*missing, "time_zone"]


def _question(column: Column, missing: list[str], language: str) -> str:
    """One sentence with a clause for each thing that is missing."""
    phrases = _phrases(language)
    return phrases["question"].format(column=column.raw, clauses=phrases["and"].join(phrases[name] for name in missing))
