"""What `tieout.yaml` may hold. Reading it, and everything beside it, is in `workspace.py`."""

import re
from typing import Annotated, Literal

import phonenumbers
from pydantic import AfterValidator, Field

from pipelines.contract.custom import zones
from pipelines.contract.documents import meant
from pipelines.contract.models import Day, NotEmpty, Refused, Strict
from pipelines.contract.settlement_model import Window


def _country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        hint = meant(value.upper(), phonenumbers.SUPPORTED_REGIONS, "two capitals, such as CN, DE, IL")
        raise Refused("an ISO 3166 code of two letters: how numbers without a country code are read", hint)
    return value


def _zone(value: str) -> str:
    if value not in zones():
        hint = meant(value, zones(), "take the tz database's name of the place whose day counts")
        raise Refused("a name of the tz database, such as Asia/Shanghai", hint)
    return value


def _variable(value: str) -> str:
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", value):
        hint = "name the variable here, for example TIEOUT_KEY; the secret itself never stands in a file"
        raise Refused("the name of an environment variable", hint)
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise Refused("text that is not empty", "write the value")
    return value


Text = Annotated[str, AfterValidator(_filled)]


class LogComplete(Strict):
    """The client's declaration that its own log is whole from one date until another, and who says so."""

    since: Day = Field(alias="from", description="first day of the declaration, as YYYY-MM-DD")
    until: Day = Field(description="last day of the declaration, as YYYY-MM-DD")
    by: Text = Field(description="who vouches for the log")


class Settings(Strict):
    """The keys of `tieout.yaml`."""

    client: Text = Field(description="the client's name as printed")
    language: Literal["en", "zh"] = Field(description="language of the scorecard: en or zh")
    country: Annotated[str, AfterValidator(_country)] = Field(description="ISO 3166 code, such as CN")
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(description="the client's day, such as Asia/Shanghai")
    first_day: Day = Field(description="the first day to audit, as YYYY-MM-DD")
    windows: Annotated[tuple[Window, ...], NotEmpty] = ("2h", "24h", "7d")
    key_variable: Annotated[str, AfterValidator(_variable)] = "TIEOUT_KEY"
    log_complete: LogComplete | None = None
    lake: Text = Field(description="folder of the lake, usually `lake`")
    out: Text = Field(description="folder of the results, usually `out`")
