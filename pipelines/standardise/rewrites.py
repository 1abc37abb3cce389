"""Numbers as a switch delivers them → as they are dialled: a contract's `tieout.rewrite`, applied to whole columns.

A trunk's 9 before the number, a zero that got lost, an extension of four digits: the contract says what stands there
instead (`pipelines/contract/rewrites.py`), and this is done before a number is read. Masked numbers are rewritten, too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipelines.contract.model import Column, Rewrite
from pipelines.standardise.cells import slot
from pipelines.standardise.odd import ASCII
from pipelines.standardise.rows import TypedRows

_SEPARATORS = r"[ ()./\-]"
_NUMBER = r"^\+?[0-9*xX]+$"
_FLOAT = r"^(\+?[0-9]{3,})\.0$"
_NOBODY = r"^[+0]*$"


@dataclass(frozen=True)
class Rewritten:
    """How many numbers of a column a rule has rewritten."""

    column: str
    rule: str
    rows: int


def rewritten(rows: TypedRows, columns: Iterable[Column]) -> tuple[TypedRows, list[Rewritten]]:
    """The rows with their numbers rewritten as their columns say, and what each rule has done."""
    told: list[Rewritten] = []
    for column in (column for column in columns if column.rewrite):
        name = slot(column)
        numbers, counts = rewrite(rows.text[name], column.rewrite)
        numbers = numbers.alias(name)
        rows = replace(rows, text=rows.text.with_columns(numbers), frame=rows.frame.with_columns(numbers))
        told += [Rewritten(column.raw, str(rule), counts[place]) for place, rule in enumerate(column.rewrite)]
    return rows, told


def rewrite(texts: pl.Series, rules: Sequence[Rewrite]) -> tuple[pl.Series, Counter[int]]:
    """The texts, of which the first rule that fits has changed the beginning; and how many each rule has changed.

    Blanks and signs between digits are not looked at. What is no number, and what is nothing but zeros, stays as it is;
    nothing is put before a plus.
    """
    signs = texts.str.replace_many(ASCII) if (texts.str.len_bytes() > texts.str.len_chars()).any() else texts
    plain = signs.str.strip_chars().str.replace(_FLOAT, "${1}").str.replace_all(_SEPARATORS, "")
    number = pl.col("plain")
    is_number = number.str.contains(_NUMBER) & ~number.str.contains(_NOBODY)
    rule = pl.coalesce(
        *(pl.when(is_number & _fits(number, rule)).then(place) for place, rule in enumerate(rules)), pl.lit(None)
    )
    made = [
        pl.when(pl.col("rule") == place).then(pl.lit(rule.replace) + number.str.slice(len(rule.starts)))
        for place, rule in enumerate(rules)
    ]
    frame = pl.DataFrame({"text": texts, "plain": plain}).with_columns(rule.alias("rule"))
    done = frame.select("rule", pl.coalesce(*made, "text").alias("text"))
    return done["text"], Counter(dict(done["rule"].drop_nulls().value_counts().iter_rows()))


def _fits(number: pl.Expr, rule: Rewrite) -> pl.Expr:
    begins = number.str.starts_with(rule.starts) if rule.starts else ~number.str.starts_with("+")
    return begins if rule.digits is None else begins & (number.str.strip_prefix("+").str.len_bytes() == rule.digits)
