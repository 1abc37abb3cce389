"""The world that every test runs in: UTC, no key, no workspace of the user's, nothing sent to anybody.

Only what holds for all tests lives here; what a few tests share stands in the folder of those tests.
"""

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

OURS = ("TIEOUT_", "DAGSTER_HOME", "SOURCE_DATE_EPOCH")


def forget_ours() -> None:
    """Take every variable that steers tieout out of the environment."""
    for variable in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[variable]


# Before any test module imports a library that reads these once.
os.environ["TZ"] = "UTC"
time.tzset()
os.environ["GX_ANALYTICS_ENABLED"] = "false"
forget_ours()

# No deadline: two busy cores make any single example slow. On CI the same examples every time, so a red run repeats.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What a test, or the code that it runs, sets of these variables ends with the test."""
    yield
    forget_ours()
