"""SQL that a contract brings along: what may pass, what it becomes, and that attacks do not pass."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contract.expression import FUNCTIONS, check_expression

RAW = ("date", "q_start", "Call No", "number", "select")


@pytest.mark.parametrize(
    ("text", "sql", "read"),
    [
        (
            "strptime(date || ' ' || Q_START, '%y%m%d %H:%M:%S')",
            """STRPTIME("date" || ' ' || "q_start", '%y%m%d %H:%M:%S')""",
            ("date", "q_start"),
        ),
        ("case when number = '-' then null else trim(number) end", None, ("number",)),
        ('upper("Call No")', 'UPPER("Call No")', ("Call No",)),
        ('length("select")', 'LENGTH("select")', ("select",)),
        ("number::int + 1", 'CAST("number" AS INT) + 1', ("number",)),
        ("date is not null and number not in ('', '0')", None, ("date", "number")),
        ("date -- a remark", '"date"', ("date",)),
        ("strptime(date, '%Y') + interval 1 hour", None, ("date",)),
    ],
)
def test_what_may_pass(text, sql, read):
    checked = check_expression(text, RAW)
    assert checked.refusals == ()
    assert set(checked.columns) == set(read)
    assert checked.sql == sql or sql is None


ATTACKS = [
    "read_text('/etc/passwd')",
    "number || read_text('/etc/passwd')",
    "case when number = '1' then getenv('TIEOUT_KEY') end",
    "(select 1)",
    "number in (select x from t)",
    "exists(select 1)",
    "(select content from read_text('/etc/passwd'))",
    "(from 'secret.csv')",
    "number; drop table x",
    "number from read_csv('x.csv')",
    "pragma version",
    "copy x to 'y'",
    "attach 'x.db'",
    "set threads = 1",
    "install httpfs",
    "count(*)",
    "max(number)",
    "list(number)",
    "row_number() over ()",
    "sum(1) over (order by date)",
    "current_setting('home_directory')",
    "now()",
    "current_date",
    "random()",
    "query('select 1')",
    "query_table('t')",
    "unnest([1, 2])",
    "columns('.*')",
    "*",
    "t.number",
    "number[1]",
    "list_transform([1], x -> x)",
    "{'a': 1}",
    "$1",
    "?",
    "$$text$$",
    "number ~ 'x'",
    "number::json",
    "eval(number)",
    "\"read_text\"('/etc/passwd')",
    "main.read_text('/etc/passwd')",
    "number.read_text()",
    "",
    "(" * 2000 + "number" + ")" * 2000,
    "||".join(["number"] * 5000),
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: text[:40])
def test_attacks_do_not_pass(text):
    checked = check_expression(text, RAW)
    assert checked.sql is None
    assert checked.refusals


def test_an_unknown_column_is_named_with_those_there_are():
    (refusal,) = check_expression("strptime(date || q_strat, '%Y')", RAW).refusals
    assert "`q_strat`" in refusal.found
    assert refusal.allowed == "Call No, date, number, q_start, select"
    assert refusal.hint == "did you mean `q_start`?"


@pytest.mark.parametrize(
    ("text", "is_condition"),
    [
        ("number = '1'", True),
        ("(number = '1' or date is null)", True),
        ("not contains(number, 'x')", True),
        ("regexp_matches(number, '^0')", True),
        ("number", False),
        ("length(number)", False),
        ("case when number = '1' then 'a' end", False),
    ],
)
def test_a_condition_is_true_or_false(text, is_condition):
    assert (check_expression(text, RAW, condition=True).sql is not None) is is_condition


@pytest.mark.parametrize("call", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_function_of_the_list_passes_and_duckdb_knows_it(call):
    checked = check_expression(call, ("x", "y"))
    assert checked.refusals == ()
    connection = duckdb.connect()
    types = {
        "extract": "TIMESTAMP",
        "strftime": "TIMESTAMP",
        "abs": "INT",
        "ceil": "INT",
        "floor": "INT",
        "round": "INT",
    }
    kind = types.get(call.split("(")[0], "BIGINT" if call.startswith("to_timestamp") else "VARCHAR")
    connection.execute(f"CREATE TABLE t (x {kind}, y VARCHAR)")
    connection.execute(f"SELECT {checked.sql} FROM t")


@given(st.text(max_size=60))
def test_any_text_is_refused_or_reads_only_what_it_may(text):
    checked = check_expression(text, RAW)
    assert bool(checked.refusals) is (checked.sql is None)
    assert set(checked.columns) <= set(RAW)


names = st.sampled_from(
    ["read_text", "getenv", "glob", "read_csv", "parquet_scan", "current_setting", "sniff_csv", "max"]
)
frames = st.sampled_from(
    ["{}", "number || {}", "coalesce(number, {})", "case when {} = 'x' then 1 end", "cast({} as text)", "({})", "-{}"]
)


@given(names, st.lists(frames, max_size=4))
def test_a_function_off_the_list_does_not_pass_at_any_depth(name, around):
    text = f"{name}('x')"
    for frame in around:
        text = frame.format(text)
    assert check_expression(text, RAW).sql is None


pieces = st.recursive(
    st.sampled_from(["number", "date", '"Call No"', "'a b'"]),
    lambda inner: st.one_of(
        st.builds("trim({})".format, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("case when {} = '0' then {} else {} end".format, inner, inner, inner),
        st.builds("cast({} as text)".format, inner),
    ),
    max_leaves=6,
)


@given(pieces)
def test_what_passes_means_the_same_to_duckdb(text):
    checked = check_expression(text, RAW)
    assert checked.refusals == ()
    connection = duckdb.connect()
    table = """(SELECT ' 0 ' AS number, '261001' AS date, 'x' AS "Call No")"""
    before = connection.execute(f"SELECT CAST({text} AS VARCHAR) FROM {table}").fetchall()
    assert connection.execute(f"SELECT CAST({checked.sql} AS VARCHAR) FROM {table}").fetchall() == before
