"""What a step may say in SQL: that which SQLGlot knows, and which DuckDB and Spark were seen to understand alike.

`SAME` lists the functions with an example each; `test_on_spark.py` runs the examples on both. A function that is not
there is refused, because most differences are silent: LOG has another base, a cast to a whole number rounds here and
cuts there.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import sqlglot
from sqlglot import ErrorLevel, exp

SAME: dict[str, str] = {
    "ABS": "ABS(whole)",
    "AND": "flag AND other > 1",
    "AVG": "AVG(CAST(part AS DOUBLE)) OVER (PARTITION BY flag)",
    "CASE": "CASE WHEN flag THEN whole WHEN other > 1 THEN 0 END",
    "CAST": "CAST(whole AS VARCHAR)",
    "CEIL": "CAST(CEIL(whole / 10.0) AS BIGINT)",
    "COALESCE": "COALESCE(other, whole, 0)",
    "CONCAT": "CONCAT(word, '-', CAST(whole AS VARCHAR), NULL)",
    "CONTAINS": "CONTAINS(word, 'b')",
    "COUNT": "COUNT(other) OVER (PARTITION BY flag)",
    "DENSE_RANK": "DENSE_RANK() OVER (ORDER BY other)",
    "ENDS_WITH": "ENDS_WITH(word, 'f')",
    "EXISTS": "EXISTS (SELECT 1 FROM sample AS s WHERE s.other = sample.id)",
    "FIRST_VALUE": "FIRST_VALUE(word) OVER (PARTITION BY flag ORDER BY other, id)",
    "FLOOR": "CAST(FLOOR(whole / 10.0) AS BIGINT)",
    "GREATEST": "GREATEST(whole, other)",
    "IF": "IF(flag, whole, other)",
    "LAG": "LAG(whole, 1) OVER (ORDER BY other, id)",
    "LAST_VALUE": "LAST_VALUE(whole) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
    "LEAD": "LEAD(whole, 2) OVER (ORDER BY other DESC, id)",
    "LEAST": "LEAST(whole, other)",
    "LEFT": "LEFT(word, 2)",
    "LENGTH": "LENGTH(word)",
    "LOGICAL_AND": "BOOL_AND(flag) OVER (PARTITION BY other)",
    "LOGICAL_OR": "BOOL_OR(flag) OVER (PARTITION BY other)",
    "LOWER": "LOWER(word)",
    "MAX": "MAX(whole) OVER (ORDER BY other, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)",
    "MIN": "MIN(word) OVER (PARTITION BY flag)",
    "NTILE": "NTILE(2) OVER (ORDER BY other, id)",
    "NULLIF": "NULLIF(word, '')",
    "OR": "flag OR other > 1",
    "RANK": "RANK() OVER (ORDER BY other DESC)",
    "REGEXP_REPLACE": "REGEXP_REPLACE(word, '[^a-b]', 'x', 'g')",
    "REPLACE": "REPLACE(word, 'b', '')",
    "RIGHT": "RIGHT(word, 2)",
    "ROUND": "ROUND(part, 2)",
    "ROW_NUMBER": "ROW_NUMBER() OVER (PARTITION BY flag ORDER BY other, id)",
    "SPLIT_PART": "SPLIT_PART(word, '|', 2)",
    "STARTS_WITH": "STARTS_WITH(word, 'a')",
    "STR_POSITION": "STRPOS(word, 'b')",
    "SUBSTRING": "SUBSTRING(word, 2, 2)",
    "SUM": "SUM(part) OVER (PARTITION BY flag)",
    "TRIM": "TRIM(word)",
    "TRY_CAST": "TRY_CAST(word AS DOUBLE)",
    "UPPER": "UPPER(word)",
}
"""Function by SQLGlot's name → an expression over `sample` (see `test_on_spark.py`)."""

TYPES = {"BOOLEAN", "INT", "BIGINT", "DOUBLE", "DECIMAL", "VARCHAR", "TEXT", "DATE"}
WHOLE = {"INT", "BIGINT"}
"""Of these, the ones to which DuckDB rounds and Spark cuts."""

REFUSED: dict[type[exp.Expr], str] = {
    exp.AtTimeZone: "a time zone: the moments differ; do it before the step",
    exp.BitwiseLeftShift: "<<: negative numbers differ",
    exp.Bracket: "[ ]: of a text it fails on Spark; SUBSTRING",
    exp.Interval: "an interval: use whole microseconds",
    exp.Lambda: "a lambda",
    exp.Pivot: "PIVOT or UNPIVOT",
    exp.SimilarTo: "SIMILAR TO: fails on Spark",
    exp.TableSample: "a sample: other rows each time",
    exp.WithinGroup: "WITHIN GROUP: approximate on Spark; count by ROW_NUMBER and take the row in the middle",
}


def to_spark(text: str, params: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The SELECT in Spark's SQL, its `$name` parameters that are given put in as literals.

    Raises sqlglot's UnsupportedError for what has no like there.
    """
    tree = sqlglot.parse_one(text, dialect="duckdb")
    for node in list(tree.find_all(exp.Placeholder)):
        if node.name in params:
            node.replace(exp.convert(params[node.name]))
    return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE, comments=False)


def tables(text: str) -> set[str]:
    """Names that the SELECT reads from, its own CTEs among them."""
    return {table.name for table in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Table)}


def parameters(text: str) -> set[str]:
    """Names of the `$name` parameters in the SELECT."""
    return {node.name for node in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Placeholder)}


def faults(text: str) -> list[str]:
    """What keeps a step from meaning the same on Spark; none if it does as far as the text alone can show."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    found = [fault for node in tree.walk() for rule in _RULES for fault in rule(node)]
    try:
        to_spark(text)
    except sqlglot.errors.UnsupportedError as error:
        found.append(str(error))
    return found


def _function(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)):
        yield f"{node.name}: SQLGlot does not know it, so it would go to Spark as it is"
    elif isinstance(node, exp.Func) and not set(node.sql_names()) & set(SAME):
        yield f"{node.sql_names()[0]}: not among the functions that were seen to mean the same"


def _refused(node: exp.Expr) -> Iterator[str]:
    yield from (reason for kind, reason in REFUSED.items() if isinstance(node, kind))
    if isinstance(node, exp.Join) and node.args.get("method"):
        yield f"{node.args['method']} join: Spark has none"
    if isinstance(node, exp.SetOperation) and node.args.get("by_name"):
        yield "BY NAME: fails on Spark"
    if isinstance(node, exp.Star) and node.args.get("replace"):
        yield "* REPLACE: fails on Spark"
    if isinstance(node, exp.Limit) and not node.parent.args.get("order"):
        yield "LIMIT without ORDER BY: other rows each time"
    if isinstance(node, exp.Window) and node.find(exp.Distinct):
        yield "DISTINCT over a window: fails on Spark"
    if isinstance(node, exp.Sub) and isinstance(node.this, exp.Window) and node.this.args.get("alias"):
        yield f"{node.this.sql('duckdb')} - …: Spark takes the minus for a part of the window's name; put it in ( )"
    if isinstance(node, (exp.Like, exp.ILike)) and "\\" in node.expression.name:
        yield "a backslash in LIKE: it escapes on Spark only"
    if isinstance(node, exp.RegexpReplace) and "g" not in getattr(node.args.get("modifiers"), "name", ""):
        yield "REGEXP_REPLACE without 'g': only the first here, all on Spark"


def _cast(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node, exp.Cast):
        return
    kind = node.to.this.value
    if kind not in TYPES:
        yield f"CAST to {kind}: Spark has none, or another"
    if kind in WHOLE and not _is_whole(node.this):
        yield f"CAST({node.this.sql('duckdb')} AS {kind}) rounds here and cuts on Spark: FLOOR, CEIL or ROUND it first"


def _is_whole(node: exp.Expr) -> bool:
    """Whether a value is a whole number already, by what the text shows; sums are taken to be sums of whole numbers."""
    if isinstance(node, (exp.Paren, exp.Coalesce, exp.Neg)):
        return _is_whole(node.this)
    if isinstance(node, exp.Round):
        return node.args.get("decimals") is None
    if isinstance(node, exp.Mul):
        # Seconds have three decimals.
        sides = (node.this, node.expression)
        return any(side.name.endswith("_s") for side in sides) and any(side.name == "1000000" for side in sides)
    is_count = isinstance(node, exp.Literal) and node.is_int
    return is_count or isinstance(node, (exp.Null, exp.Floor, exp.Ceil, exp.Sum, exp.Count, exp.Boolean, exp.Case))


def _division(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node, (exp.Div, exp.IntDiv, exp.Mod)):
        return
    by = node.expression.unnest()
    # What holds no column is a parameter or a number, and one that a person has written.
    is_fixed = by.find(exp.Column) is None and not (isinstance(by, exp.Literal) and float(by.name) == 0)
    if not is_fixed and not isinstance(by, exp.Nullif):
        yield f"{node.sql('duckdb')}: by zero it is infinite or null here and an error on Spark: NULLIF(…, 0)"
    if isinstance(node, exp.Div) and not _is_double(node.this) and not _is_double(by) and not _is_rounded(node):
        yield f"{node.sql('duckdb')}: decimals give DOUBLE here and DECIMAL on Spark: CAST one side AS DOUBLE"


def _mean(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Avg) and not _is_double(node.this):
        yield f"{node.sql('duckdb')}: of decimals DOUBLE here and DECIMAL on Spark: CAST it AS DOUBLE"


def _is_double(node: exp.Expr) -> bool:
    """Whether a value is a DOUBLE by what the text shows."""
    node = node.unnest()
    if isinstance(node, (exp.Nullif, exp.Coalesce, exp.Sum, exp.Max, exp.Min, exp.Neg, exp.Abs)):
        return _is_double(node.this)
    if isinstance(node, exp.Literal):
        return "e" in node.name.lower()
    return isinstance(node, exp.Cast) and node.to.this.value == "DOUBLE"


def _is_rounded(node: exp.Expr) -> bool:
    """Whether a quotient goes straight to a whole number."""
    outer = node.parent
    return isinstance(outer, (exp.Floor, exp.Ceil)) and isinstance(outer.parent, exp.Cast)


def _moment(node: exp.Expr) -> Iterator[str]:
    column = node.name if isinstance(node, exp.Column) else ""
    if column.endswith("_utc") and isinstance(node.parent, (exp.Add, exp.Sub, exp.Cast)):
        yield f"{column}: reckon with its _us twin"
    if (column == "day" or column.endswith("_day")) and isinstance(node.parent, exp.Sub):
        yield f"{node.parent.sql('duckdb')}: a number of days here, an interval on Spark"


_RULES: tuple[Callable[[exp.Expr], Iterator[str]], ...] = (_function, _refused, _cast, _division, _mean, _moment)
