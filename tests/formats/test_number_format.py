"""What a cell shows under its number format, as Excel shows it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats.number_format import BUILT_IN, kind_of, printed


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("0.8512", "0.0%", "85.1%"),
        ("0.8512", "0%", "85%"),
        ("0.8512", "0.00", "0.85"),
        ("1234", "#,##0", "1,234"),
        ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("999", "#,##0", "999"),
        ("7", "000", "007"),
        ("0.5", "#.##", ".5"),
        ("5", "0.##", "5."),
        ("1234567", '0.0,"k"', "1234.6k"),
        ("12345", "0.00E+00", "1.23E+04"),
        ("0.00012", "0.0E-0", "1.2E-4"),
        ("12", '0"次"', "12次"),
        ("12", 'General" calls"', "12 calls"),
        ("1234.5", "[$€-407] #,##0.00", "€ 1,234.50"),
        ("1234.5", '_-* #,##0.00 "€"_-', "1,234.50 €"),
        ("-5", '0.0;[Red]-0.0;"none"', "-5.0"),
        ("0", '0.0;[Red]-0.0;"none"', "none"),
        ("-12.5", "#,##0.0_);(#,##0.0)", "(12.5)"),
        ("-3", "0.0", "-3.0"),
        ("-0.004", "0.00", "0.00"),
    ],
)
def test_numbers(value: str, code: str, shown: str) -> None:
    assert printed(Decimal(value), code) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "0"),
        ("120", "120"),
        ("0.8512", "0.8512"),
        ("-1.5", "-1.5"),
        ("0.123456789012", "0.123456789"),
        ("12.3456789012", "12.3456789"),
        ("1234567890.5", "1234567891"),
        ("12345678901", "12345678901"),
        ("123456789012", "1.23457E+11"),
        ("0.00001", "0.00001"),
        ("0.000012345678", "1.23457E-05"),
    ],
)
def test_without_a_format_a_cell_has_room_for_eleven_characters(value: str, shown: str) -> None:
    assert printed(Decimal(value), "General") == shown


@pytest.mark.parametrize(
    ("seconds", "code", "shown"),
    [
        (312, "h:mm:ss", "0:05:12"),
        (312, "hh:mm:ss", "00:05:12"),
        (312, "mm:ss", "05:12"),
        (312, "m:ss", "5:12"),
        (312, "[s]", "312"),
        (312, "[m]:ss", "5:12"),
        (108_312, "[h]:mm:ss", "30:05:12"),
        (108_312, "h:mm:ss", "6:05:12"),
        (35_999, "h:mm", "9:59"),
        (43_200, "h:mm AM/PM", "12:00 PM"),
        (60, "h:mm AM/PM", "12:01 AM"),
        (60, '[$-804]h"时"mm"分"', "0时01分"),
    ],
)
def test_times(seconds: int, code: str, shown: str) -> None:
    assert printed(Decimal(seconds) / 86_400, code) == shown


def test_a_time_is_rounded_to_what_is_shown_of_it() -> None:
    assert printed(Decimal("312.25") / 86_400, "mm:ss.0") == "05:12.3"
    assert printed(Decimal("59.6") / 86_400, "h:mm:ss") == "0:01:00"


@pytest.mark.parametrize(("value", "shown"), [("1.005", "1.01"), ("2.675", "2.68"), ("-2.5", "-2.50")])
def test_a_half_is_rounded_away_from_zero_as_people_do(value: str, shown: str) -> None:
    assert printed(Decimal(value), "0.00") == shown


def test_a_computed_number_counts_with_fifteen_digits() -> None:
    assert printed(Decimal(repr(0.285 * 100)), "0") == "29"


@pytest.mark.parametrize("code", ["# ?/?", "[>100]0.0;0", "[DBNum1]General", "0-00", "yyyy-mm-dd", ";;;", "h:mm x"])
def test_what_is_not_understood_is_left_to_the_caller(code: str) -> None:
    assert printed(Decimal("0.5"), code) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", "number"),
        ("0.0%", "percent"),
        ('0"%"', "number"),
        ("yyyy-mm-dd", "date"),
        ("mmm-yy", "date"),
        ('yyyy"年"m"月"d"日"', "date"),
        ("[$-409]d-mmm-yy h:mm AM/PM;@", "moment"),
        ("m/d/yy h:mm", "moment"),
        ("mm:ss", "time"),
        ("h:mm AM/PM", "time"),
        ("[h]:mm:ss", "elapsed"),
        ("[Red]0.0", "number"),
        ('0 "days"', "number"),
        (r"0\d", "number"),
        ("@", "number"),
    ],
)
def test_what_a_number_is_under_a_format(code: str, kind: str) -> None:
    assert kind_of(code) == kind


def test_formats_that_are_named_by_number() -> None:
    assert {number: kind_of(BUILT_IN[number]) for number in (0, 9, 14, 21, 22, 31, 33, 46)} == {
        0: "number",
        9: "percent",
        14: "date",
        21: "time",
        22: "moment",
        31: "date",
        33: "time",
        46: "elapsed",
    }


@given(st.decimals(0, 10**9, places=4), st.integers(0, 6))
def test_with_enough_decimals_the_print_is_the_value(value: Decimal, places: int) -> None:
    shown = printed(value, "#,##0." + "0" * (4 + places))
    assert shown is not None
    assert Decimal(shown.replace(",", "")) == value


@given(st.text("0#?.,;%E+-[]hmsyd:\"' _*\\@GeneralAP/月", max_size=30), st.floats())
def test_no_format_is_too_strange(code: str, value: float) -> None:
    shown = printed(Decimal(repr(value)), code)
    assert shown is None or isinstance(shown, str)
    assert kind_of(code) in ("number", "percent", "date", "time", "moment", "elapsed")
