"""Great Expectations at work: one session over the private database of views. The only module that drives it.

A contract may bring SQL, so the database is locked: opened for reading only, and allowed to read no file but the
delivery's own.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

from checks.rules.views import Views, text

SAMPLES = 5
_MEMORY = "2GB"
"""What the database may take for a month of ten million rows; beyond it, it goes through the disk."""

Depth = Literal["BOOLEAN_ONLY", "SUMMARY", "COMPLETE"]


@cache
def great_expectations() -> Any:
    """The library, imported at the first use because that takes seconds; it neither phones home nor writes the log."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    # What it warns of (an expectation that this dialect lacks) is told once, as the rule's reason.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    return great_expectations


class Session:
    """Asks expectations of a view. `connection` keeps the locked database open for as long as the session lasts."""

    def __init__(self, source: Any, connection: Any) -> None:
        self._source = source
        self._connection = connection
        self._batches: dict[str, Any] = {}

    def settle(self) -> None:
        """From here on one thread, so that the first rows found are the same each time; no setting changes any more."""
        self._connection.exec_driver_sql("SET threads = 1")
        self._connection.exec_driver_sql("SET lock_configuration = true")

    def ask(self, view: str, expectations: Mapping[str, Any], depth: Depth) -> dict[str, dict[str, Any]]:
        """The answer to each named expectation over a view: its `success`, `result` and `exception_info`."""
        if not expectations:
            return {}
        suite = great_expectations().ExpectationSuite(name=view, expectations=list(expectations.values()))
        index = {"unexpected_index_column_names": ["file_id", "row"], "partial_unexpected_count": SAMPLES}
        wanted: Any = depth if depth == "BOOLEAN_ONLY" else {"result_format": depth, **index}
        answers = self._batch(view).validate(suite, result_format=wanted)
        return {answer.expectation_config.meta["rule"]: answer.to_json_dict() for answer in answers.results}

    def _batch(self, view: str) -> Any:
        if view not in self._batches:
            asset = self._source.add_query_asset(view, query=f'SELECT * FROM "{view}"')
            self._batches[view] = asset.add_batch_definition_whole_table("whole").get_batch()
        return self._batches[view]


def _lock(connection: Any, files: Sequence[object]) -> None:
    """Settings of the whole database, so they hold for every later connection too. Times are read as UTC."""
    for setting in (
        f"allowed_paths = [{', '.join(text(file) for file in files)}]",
        "enable_external_access = false",
        "GLOBAL TimeZone = 'UTC'",
        f"memory_limit = '{_MEMORY}'",
    ):
        connection.exec_driver_sql(f"SET {setting}")


@contextmanager
def session(views: Views) -> Iterator[Session]:
    """A session over the views; its connections are closed at the end of the block."""
    gx = great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # Without the three settings after `connect_args` every query of this dialect returns no row.
    engine = {
        "connect_args": {"read_only": True},
        "isolation_level": "AUTOCOMMIT",
        "skip_autocommit_rollback": True,
        "pool_reset_on_return": None,
    }
    source = context.data_sources.add_sql(
        name="delivery", connection_string=f"duckdb:///{views.database}", create_temp_table=False, kwargs=engine
    )
    connection = source.get_engine().connect()
    try:
        _lock(connection, views.files)
        yield Session(source, connection)
    finally:
        connection.close()
        source.get_execution_engine().close()
        source.get_engine().dispose()
