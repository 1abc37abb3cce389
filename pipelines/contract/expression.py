"""SQL that a contract brings along (`transformLogic`, `tieout.where`): parsed and checked here, never trusted.

A vendor writes half of these files, and the text ends up inside DuckDB, next to the disk. So an expression may hold
column references, literals, operators, CASE, casts and the functions of `FUNCTIONS`, and nothing else: whatever is not
on the list is refused. What runs later is the checked tree printed back as SQL, not the text as it was written.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from pipelines.contract.documents import listed, meant, shown

FUNCTIONS: Mapping[str, str] = {
    "abs": "abs(x)",
    "ceil": "ceil(x)",
    "coalesce": "coalesce(x, y)",
    "concat": "concat(x, y)",
    "concat_ws": "concat_ws('-', x, y)",
    "contains": "contains(x, 'a')",
    "ends_with": "ends_with(x, 'a')",
    "extract": "extract(hour FROM x)",
    "floor": "floor(x)",
    "greatest": "greatest(x, y)",
    "least": "least(x, y)",
    "left": "left(x, 2)",
    "length": "length(x)",
    "lower": "lower(x)",
    "lpad": "lpad(x, 2, '0')",
    "ltrim": "ltrim(x)",
    "make_timestamp": "make_timestamp(2026, 10, 1, 0, 0, 0)",
    "nullif": "nullif(x, '')",
    "regexp_extract": "regexp_extract(x, 'a', 1)",
    "regexp_matches": "regexp_matches(x, 'a')",
    "regexp_replace": "regexp_replace(x, 'a', 'b')",
    "replace": "replace(x, 'a', 'b')",
    "right": "right(x, 2)",
    "round": "round(x, 2)",
    "rpad": "rpad(x, 2, '0')",
    "rtrim": "rtrim(x)",
    "split_part": "split_part(x, ':', 1)",
    "starts_with": "starts_with(x, 'a')",
    "strftime": "strftime(x, '%Y')",
    "strpos": "strpos(x, 'a')",
    "strptime": "strptime(x, '%Y')",
    "substr": "substr(x, 1, 2)",
    "to_timestamp": "to_timestamp(x)",
    "trim": "trim(x)",
    "try_strptime": "try_strptime(x, '%Y')",
    "upper": "upper(x)",
}
"""The scalar functions that an expression may call, each with an example of its call."""

_BOOLEAN_FUNCTIONS: tuple[type[exp.Expr], ...] = (exp.Contains, exp.EndsWith, exp.RegexpLike, exp.StartsWith)
_BOOLEAN: tuple[type[exp.Expr], ...] = (
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE),
    *(exp.Is, exp.In, exp.Between, exp.Like, exp.ILike),
)
_PLAIN: tuple[type[exp.Expr], ...] = (
    *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Case, exp.If),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.Interval, exp.Var),
    *(exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam),
)
_TYPES = {
    *("VARCHAR", "TEXT", "INT", "BIGINT", "SMALLINT", "DOUBLE", "DECIMAL", "BOOLEAN", "DATE", "TIME", "INTERVAL"),
    *("TIMESTAMP", "TIMESTAMPTZ"),
}
_FUNCTION_NODES = {
    type(sqlglot.parse_one(call, dialect="duckdb")) for name, call in FUNCTIONS.items() if name != "try_strptime"
}
_ALLOWED_NODES = {*_PLAIN, *_BOOLEAN, *_BOOLEAN_FUNCTIONS, *_FUNCTION_NODES}
_ALLOWED_ANONYMOUS = {"try_strptime"}

LONGEST = 2_000
"""Characters; what is longer is no expression over one row any more."""

SHAPE = f"columns, literals, operators, CASE, casts and the functions {listed(FUNCTIONS)}"


@dataclass(frozen=True)
class Refusal:
    """Why an expression cannot be used: what was found, what is allowed, what to do."""

    found: str
    allowed: str
    hint: str


@dataclass(frozen=True)
class Checked:
    """A parsed expression: `sql` (DuckDB, columns quoted) where nothing was refused, and the columns that it reads."""

    sql: str | None
    columns: tuple[str, ...]
    refusals: tuple[Refusal, ...]


def check_expression(
    text: str, columns: Collection[str], *, condition: bool = False, rename: Mapping[str, str] | None = None
) -> Checked:
    """Parse one scalar expression over `columns` and refuse everything that is not on the lists of this module.

    `condition` asks for something that is true or false. `rename` replaces column names in the SQL that comes out.
    """
    if len(text) > LONGEST:
        return _unusable(f"an expression of {len(text)} characters", f"at most {LONGEST}", "prepare the file before")
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb", into=exp.Condition)
        return _check_tree(tree, text, columns, condition, rename or {})
    except RecursionError:
        return _unusable("an expression nested too deeply", SHAPE, "simplify it")
    except SqlglotError as error:
        reason = str(error).splitlines()[0].partition(" into <class")[0]
        return _unusable(f"SQL that cannot be parsed ({reason})", SHAPE, "correct the expression")


def _unusable(found: str, allowed: str, hint: str) -> Checked:
    return Checked(None, (), (Refusal(found, allowed, hint),))


def _check_tree(
    tree: exp.Expr, text: str, columns: Collection[str], condition: bool, rename: Mapping[str, str]
) -> Checked:
    refusals = list(_refused_nodes(tree, text))
    read, unknown = _resolve_columns(tree, columns)
    refusals += [
        Refusal(
            f"column {shown(name)}, which is not a raw column of this object",
            listed(sorted(columns)),
            meant(
                name, columns, "declare the raw column as a property of its own (no role needed), or correct the name"
            ),
        )
        for name in unknown
    ]
    if condition and not isinstance(tree.unnest(), (*_BOOLEAN, *_BOOLEAN_FUNCTIONS, exp.Boolean)):
        hint = "compare something, for example `status = 'done'`"
        refusals.append(Refusal("an expression that is neither true nor false", "a condition", hint))
    if refusals:
        return Checked(None, read, tuple(refusals))
    return Checked(_print(tree, rename), read, ())


def result_type(sql: str, columns: Collection[str]) -> str | Refusal:
    """DuckDB's type of a checked expression over raw columns (all of them text), or why DuckDB refuses it.

    Nothing is read: the expression is only bound, to an empty table in a database that cannot reach the disk.
    """
    fields = ", ".join(f"{exp.to_identifier(name, quoted=True).sql(dialect='duckdb')} VARCHAR" for name in columns)
    with duckdb.connect(config={"enable_external_access": "false"}) as connection:
        try:
            connection.execute(f"CREATE TABLE raw ({fields or 'nothing VARCHAR'})")
            return str(connection.execute(f"DESCRIBE SELECT {sql} FROM raw").fetchall()[0][1])
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            hint = "raw columns are text: cast what is a number, as in try_cast(column AS INT)"
            return Refusal(f"an expression that DuckDB refuses: {reason}", "types that fit together", hint)


def columns_read(text: str) -> set[str]:
    """The column names that an expression mentions, unchecked; empty where it cannot be parsed."""
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb", into=exp.Condition)
    except (SqlglotError, RecursionError):
        return set()
    return {column.name for column in tree.find_all(exp.Column)}


def _refused_nodes(tree: exp.Expr, text: str) -> Iterator[Refusal]:
    seen: set[str] = set()
    if _has_tilde(text):
        hint = "write regexp_matches(column, pattern)"
        yield Refusal("the operator `~`", SHAPE, hint)
    for node in tree.walk(prune=lambda item: not _is_allowed(item)):
        if _is_allowed(node):
            continue
        name = _node_name(node)
        if name not in seen:
            seen.add(name)
            yield Refusal(name, SHAPE, _node_hint(node))


def _is_allowed(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in _ALLOWED_ANONYMOUS
    if isinstance(node, exp.Column):
        return not node.table and not isinstance(node.this, exp.Star)
    if isinstance(node, exp.DataType):
        return str(getattr(node.this, "value", node.this)) in _TYPES
    return type(node) in _ALLOWED_NODES


def _node_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function `{str(node.this).lower()}`"
    if isinstance(node, exp.AggFunc):
        return f"the aggregate `{node.sql(dialect='duckdb')}`"
    if isinstance(node, exp.Window):
        return f"the window function `{node.sql(dialect='duckdb')}`"
    if isinstance(node, exp.Subquery | exp.Select | exp.Exists | exp.SetOperation):
        return f"the subquery `{node.sql(dialect='duckdb')}`"
    if isinstance(node, exp.Func):
        return f"the function `{node.sql_name().lower()}`"
    return f"`{node.sql(dialect='duckdb', comments=False)}` ({type(node).__name__})"


def _node_hint(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return meant(str(node.this), FUNCTIONS, "use one of the functions in the list")
    if isinstance(node, exp.AggFunc | exp.Window | exp.Subquery | exp.Select | exp.Exists):
        return "an expression sees one row at a time; what needs other rows is computed later on the road"
    if isinstance(node, exp.Column):
        return "name the column alone, without a table"
    return "rewrite it with what is allowed"


def _has_tilde(text: str) -> bool:
    """SQLGlot prints `~` (whole match in DuckDB) as regexp_matches (partial match), so it must not pass."""
    tokens = sqlglot.tokenize(text, dialect="duckdb")
    return any(token.text.startswith("~") and token.token_type.name != "STRING" for token in tokens)


def _resolve_columns(tree: exp.Expr, columns: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Set every column reference to the raw column's own spelling, quoted; the names read, and those not known."""
    by_fold: dict[str, list[str]] = {}
    for name in columns:
        by_fold.setdefault(name.casefold(), []).append(name)
    read: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for node in tree.find_all(exp.Column):
        same = by_fold.get(node.name.casefold(), [])
        match = node.name if node.name in columns else same[0] if len(same) == 1 else None
        if isinstance(node.this, exp.Star) or node.table:
            continue  # refused as a node already
        if match is None:
            unknown[node.name] = None
        else:
            read[match] = None
            node.set("this", exp.to_identifier(match, quoted=True))
    return tuple(read), tuple(unknown)


def _print(tree: exp.Expr, rename: Mapping[str, str]) -> str:
    for node in tree.find_all(exp.Column):
        node.set("this", exp.to_identifier(rename.get(node.name, node.name), quoted=True))
    return tree.sql(dialect="duckdb", comments=False)
