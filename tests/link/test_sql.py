"""SQL that the largest clients can run on Spark: every step translates, and uses nothing that translates badly.

What the text cannot show (types, ties, the order of rows) shows in `test_on_spark.py`, which runs the steps on both.
"""

import ast
from pathlib import Path

import pytest
import sqlglot

from tests.link.dialects import SAME, faults, parameters, tables

ROOT = Path(__file__).parents[2]
STEPS = sorted(path for folder in ("pipelines", "checks") for path in (ROOT / folder).rglob("*.sql"))
MODULES = sorted((ROOT / "pipelines" / "link").glob("*.py"))


def test_there_are_steps_of_every_kind() -> None:
    assert {path.parent.name for path in STEPS} >= {"link", "measure", "settle", "padding"}


@pytest.mark.parametrize("step", STEPS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_step_means_the_same_on_spark(step: Path) -> None:
    assert faults(step.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_the_link_step_keeps_its_sql_in_files(module: Path) -> None:
    """A SELECT in a text of Python would be seen by none of these tests."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if text.lstrip().startswith(("SELECT ", "WITH ", "FROM "))] == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT no_such_function(a) FROM t",
        "SELECT no_such_aggregate(a ORDER BY b) FROM t",
        "SELECT date_diff('day', a, b) FROM t",
        "SELECT datediff('day', a, b) FROM t",
        "SELECT epoch_us(a) FROM t",
        "SELECT hash(a) FROM t",
        "SELECT LOG(a) FROM t",
        "SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY a) FROM t",
        "SELECT QUANTILE_CONT(a, 0.5) FROM t",
        "SELECT ARG_MIN(a, b) FROM t",
        "SELECT ANY_VALUE(a) FROM t",
        "SELECT FIRST(a ORDER BY b) FROM t",
        "SELECT LIST(a) FROM t",
        "SELECT [a, b] FROM t",
        "SELECT {'x': a} FROM t",
        "SELECT LIST_CONTAINS(a, 1) FROM t",
        "SELECT COLUMNS('a|b') FROM t",
        "SELECT a FROM RANGE(3) AS r(a)",
        "SELECT UNNEST(a) FROM t",
        "SELECT RANDOM() FROM t",
        "SELECT a[1] FROM t",
        "SELECT DATE_TRUNC('day', a) FROM t",
        "SELECT EXTRACT(dow FROM a) FROM t",
        "SELECT a AT TIME ZONE 'UTC' FROM t",
        "SELECT a + INTERVAL 1 DAY FROM t",
        "SELECT offered_utc - ended_utc FROM t",
        "SELECT CAST(offered_utc AS VARCHAR) FROM t",
        "SELECT day - booked_day FROM t",
        "SELECT CAST(a AS UBIGINT) FROM t",
        "SELECT CAST(a AS HUGEINT) FROM t",
        "SELECT CAST(a AS TIMESTAMP) FROM t",
        "SELECT CAST(a AS BIGINT) FROM t",
        "SELECT a::INTEGER FROM t",
        "SELECT CAST(ROUND(a, 1) AS BIGINT) FROM t",
        "SELECT CAST(a * 1000000 AS BIGINT) FROM t",
        "SELECT TRY(CAST(a AS DOUBLE)) FROM t",
        "SELECT a / 2.0 FROM t",
        "SELECT FLOOR(a / 2.0) FROM t",
        "SELECT CAST(a AS DOUBLE) / b FROM t",
        "SELECT a // b FROM t",
        "SELECT a % 0 FROM t",
        "SELECT AVG(a) FROM t",
        "SELECT a << 1 FROM t",
        "SELECT REGEXP_REPLACE(a, 'x', 'y') FROM t",
        r"SELECT a LIKE '%\_' FROM t",
        "SELECT a SIMILAR TO 'x' FROM t",
        "SELECT COUNT(DISTINCT a) OVER (PARTITION BY b) FROM t",
        "SELECT LAG(a) OVER w - b FROM t WINDOW w AS (ORDER BY c)",
        "SELECT * REPLACE (a + 1 AS a) FROM t",
        "SELECT a FROM t LIMIT 1",
        "SELECT a FROM t UNION ALL BY NAME SELECT a FROM u",
        "SELECT a FROM t USING SAMPLE 10",
        "SELECT * FROM t ASOF JOIN u ON t.a >= u.a",
        "SELECT * FROM t ASOF LEFT JOIN u ON t.a >= u.a",
        "SELECT * FROM t POSITIONAL JOIN u",
    ],
)
def test_what_is_barred_is_found(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT CAST(FLOOR(a / 10.0) AS BIGINT) FROM t",
        "SELECT CAST(ROUND(a * 1.5) AS BIGINT) FROM t",
        "SELECT CAST(links.offset_s * 1000000 AS BIGINT) FROM links",
        "SELECT CAST(SUM(a) AS BIGINT) FROM t",
        "SELECT CAST(a AS DOUBLE) / NULLIF(b, 0) FROM t",
        "SELECT b - LAG(a) OVER w, (LAG(a) OVER w) - b FROM t WINDOW w AS (ORDER BY c)",
        "SELECT a % $buckets FROM t",
        "SELECT CAST(FLOOR(a / CAST($widest + 1 AS DOUBLE)) AS BIGINT) FROM t",
        "SELECT CAST(ROUND(a * (b / 864e8)) AS BIGINT) FROM t",
        "SELECT COUNT(DISTINCT a) FROM t",
        "SELECT * EXCLUDE (a) FROM t",
        "SELECT a FROM t ORDER BY a LIMIT 1",
        "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1",
        "SELECT MIN(offered_utc) FROM t WHERE offered_utc < ended_utc AND day > booked_day",
        "SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
    ],
)
def test_what_means_the_same_is_let_through(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize("name", SAME)
def test_an_example_uses_its_function_and_nothing_that_is_barred(name: str) -> None:
    text = f"SELECT {SAME[name]} AS given FROM sample"
    functions = sqlglot.parse_one(text, dialect="duckdb").find_all(sqlglot.exp.Func)
    assert name in {known for node in functions for known in node.sql_names()}
    assert faults(text) == []


def test_tables_and_parameters_are_read_off_the_text() -> None:
    text = "WITH x AS (SELECT * FROM t WHERE a BETWEEN -$low AND $high) SELECT * FROM x INNER JOIN u ON x.a = u.a"
    assert tables(text) == {"x", "t", "u"}
    assert parameters(text) == {"low", "high"}
