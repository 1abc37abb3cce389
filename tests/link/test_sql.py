"""SQL that the largest clients can run on Spark: every step translates, and uses nothing that translates badly."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import ErrorLevel, exp

ROOT = Path(__file__).parents[2]
STEPS = sorted(path for folder in ("pipelines", "checks") for path in (ROOT / folder).rglob("*.sql"))
BARRED = {"date_diff", "datediff", "epoch_us", "hash"}


def names_of(tree: exp.Expr) -> set[str]:
    """Functions by the name that they are called by, here or in the dialect."""
    named = {str(node.this).lower() for node in tree.find_all(exp.Anonymous)}
    return named | {name.lower() for node in tree.find_all(exp.Func) for name in type(node).sql_names()}


def faults(text: str) -> list[str]:
    """What keeps a step from meaning the same on Spark."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    found = sorted(BARRED & names_of(tree))
    found += (
        ["asof"]
        if any(str(join.args.get("method") or "").upper() == "ASOF" for join in tree.find_all(exp.Join))
        else []
    )
    try:
        sqlglot.transpile(text, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE)
    except sqlglot.errors.UnsupportedError as error:
        found.append(str(error))
    return found


def test_there_are_steps_of_every_kind() -> None:
    assert {path.parent.name for path in STEPS} >= {"link", "measure", "settle", "padding"}


@pytest.mark.parametrize("step", STEPS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_step_means_the_same_on_spark(step: Path) -> None:
    assert faults(step.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT date_diff('day', a, b) FROM t",
        "SELECT datediff('day', a, b) FROM t",
        "SELECT epoch_us(a) FROM t",
        "SELECT hash(a) FROM t",
        "SELECT * FROM t ASOF JOIN u ON t.a >= u.a",
        "SELECT * FROM t ASOF LEFT JOIN u ON t.a >= u.a",
    ],
)
def test_what_is_barred_is_found(text: str) -> None:
    assert faults(text)
