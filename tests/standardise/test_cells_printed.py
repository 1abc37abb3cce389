"""Cells as vendors print them: what is read, what is refused and why, and that no style changes a value."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contract.model import Column
from pipelines.standardise.cells import carries_offset, damaged_id, reason, slot, turned_dates, typed

WIDE = str.maketrans("0123456789.,%:-", "０１２３４５６７８９．，％：－")


def column(logical: str, **more: Any) -> Column:
    return Column("x", logical, **more)  # type: ignore[arg-type]


def read(printed: Column, *cells: str | None, decimal: str = ".") -> list[Any]:
    frame = pl.DataFrame({slot(printed): pl.Series(cells, dtype=pl.String)})
    is_zoned = bool(carries_offset(printed, frame.to_series()))
    return frame.select(typed(printed, None, decimal, is_zoned=is_zoned)).to_series().to_list()


def why(printed: Column, *cells: str, decimal: str = ".") -> list[str]:
    frame = pl.DataFrame({slot(printed): cells})
    return frame.select(reason(printed, pl.col(slot(printed)), decimal)).to_series().to_list()


NUMBER, WHOLE = column("number"), column("integer")
TALK = column("number", role="talk_s", unit="s")
CLOCK = column("string", role="talk_s", unit="hms")


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1,234", ".", 1234),
        ("1,234.5", ".", 1234.5),
        ("1 234", ".", 1234),
        ("1\u00a0234\u202f567", ".", 1234567),
        ("1'234.50", ".", 1234.5),
        ("1’234", ".", 1234),
        ("１２３．５", ".", 123.5),
        ("−5", ".", -5),
        ("6.02E+11", ".", 6.02e11),
        ("1.234,5", ",", 1234.5),
        ("1.234", ",", 1234),
        ("1 234,5", ",", 1234.5),
        ("12,5", ",", 12.5),
        ("6,02E+11", ",", 6.02e11),
    ],
)
def test_numbers_with_separators(cell: str, decimal: str, value: float) -> None:
    assert read(NUMBER, cell, decimal=decimal) == [value]


@pytest.mark.parametrize(
    ("cell", "decimal"),
    [
        (cell, ".")
        for cell in ("1,23", "1,23,456", "1.234.567", "1,234 567", "1, 234", "(5)", "²5", "5%", "¥5", "1,234e5")
    ]
    + [(cell, ",") for cell in ("12.5", "1,234.5", "1,234,567", "1.23")],
)
def test_what_might_be_another_number_is_none(cell: str, decimal: str) -> None:
    assert read(NUMBER, cell, decimal=decimal) == [None]


def test_whole_numbers_are_exact() -> None:
    cells = (
        "1,234",
        "１２３",
        "-5",
        "90.0",
        "9007199254740993",
        "1e5",
        "6.02E+11",
        "1.5",
        "90.000",
        "9223372036854775808",
    )
    assert read(WHOLE, *cells) == [1234, 123, -5, 90, 9007199254740993, None, None, None, None, None]
    assert read(column("string", role="sequence"), "1,234", "6.02E+11", "A4") == [1234, None, None]


def test_per_cent_and_money_stand_where_the_unit_says_so() -> None:
    per_cent, ratio = (column("number", figure="answered_pct", unit=unit) for unit in ("pct", "ratio"))
    assert read(per_cent, "83.5%", "83.5 %", "85％", "83.5", "%") == [83.5, 83.5, 85, 83.5, None]
    assert read(ratio, "83.5%", "12.3%", "0.835") == [0.835, 0.123, 0.835]
    yuan = column("number", unit="CNY")
    assert read(yuan, "¥1,234.50", "￥5", "-¥5", "5元", "$5", "¥5¥") == [1234.5, 5, -5, 5, None, None]
    assert read(column("number", unit="EUR"), "€ 5,50", "5,50 €", "$5", decimal=",") == [5.5, 5.5, None]


@pytest.mark.parametrize("printed", [TALK, CLOCK])
@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("90 s", "90"),
        ("90sec", "90"),
        ("1.5 min", "90"),
        ("2 h", "7200"),
        ("1h 05m 10s", "3910"),
        ("5m10s", "310"),
        ("1500 ms", "1.5"),
        ("1分30秒", "90"),
        ("2小时5分", "7500"),
        ("90秒", "90"),
        ("1.5分钟", "90"),
        ("PT1H5M", "3900"),
        ("1:02:03", "3723"),
        ("100:00:00", "360000"),
        ("1:02:03.25", "3723.25"),
        ("１：０２：０３", "3723"),
        ("-0:00:05", "-5"),
        ("-90 s", "-90"),
    ],
)
def test_a_duration_that_brings_its_unit_is_read_by_it(printed: Column, cell: str, seconds: str) -> None:
    assert read(printed, cell) == [Decimal(seconds)]


@pytest.mark.parametrize(
    "cell", ["05:12", "1h75m", "5m 70s", "1.5h 5m", "10s 5m", "h", "5 x", "1,5 min", "1:2:3", "5u"]
)
def test_a_duration_that_may_be_another_is_none(cell: str) -> None:
    assert read(TALK, cell) == read(CLOCK, cell) == [None]


def test_reasons_say_what_to_do() -> None:
    assert why(NUMBER, "1,5", "x") == [
        "not a number (a decimal comma? then set tieout.decimal)",
        "not a number",
    ]
    assert why(NUMBER, "1.5", decimal=",") == ["not a number (a decimal point? then set tieout.decimal)"]
    assert why(TALK, "05:12", "ten") == [
        "not a number of s (h:mm or mm:ss? say which with transformLogic)",
        "not a number of s",
    ]
    assert "tieout.unit to pct" in why(NUMBER, "5 %")[0]
    assert "exported as text" in why(WHOLE, "6.02E+11")[0]
    assert why(column("boolean"), "a", "b") == ["not true or false"] * 2


MOMENT = datetime(2026, 10, 1, 8, 0, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("cell", "fmt", "found"),
    [
        ("1790841601", "epoch_s", MOMENT.replace(tzinfo=UTC)),
        ("1790841601.5", "epoch_s", MOMENT.replace(tzinfo=UTC, microsecond=500000)),
        ("1790841601250", "epoch_ms", MOMENT.replace(tzinfo=UTC, microsecond=250000)),
        ("46296.3333449074", "excel_serial", MOMENT),
        ("46296", "excel_serial", datetime(2026, 10, 1)),  # noqa: DTZ001
        ("2026-10-01 08:00:01", None, MOMENT),
        ("2026-10-1T8:00:01", None, MOMENT),
        ("2026-10-01T08:00:01Z", None, MOMENT.replace(tzinfo=UTC)),
        ("2026-10-01 13:30:01+0530", None, MOMENT.replace(tzinfo=UTC)),
        ("2026-10-01T05:00:01.000-03:00", None, MOMENT.replace(tzinfo=UTC)),
        ("2026/1/5 9:05:03", "%Y/%m/%d %H:%M:%S", datetime(2026, 1, 5, 9, 5, 3)),  # noqa: DTZ001
        ("２０２６－１０－０１　０８：００：０１", "%Y-%m-%d %H:%M:%S", MOMENT),
        ("2026-10-01 上午 08:00:01", "%Y-%m-%d %p %I:%M:%S", MOMENT),
        ("2026-10-01 下午8:00:01", "%Y-%m-%d %p%I:%M:%S", MOMENT + timedelta(hours=12)),
    ],
)
def test_times(cell: str, fmt: str | None, found: datetime) -> None:
    assert read(column("timestamp", format=fmt), cell, None) == [found, None]


@pytest.mark.parametrize(
    ("cell", "fmt"),
    [
        ("179084160", "epoch_s"),
        ("1790841600123", "epoch_s"),
        ("1.79E+09", "epoch_s"),
        ("1790841600", "epoch_ms"),
        ("60", "excel_serial"),
        ("0.5", "excel_serial"),
        ("2026-10-01", "excel_serial"),
        ("2026-10-01 24:00:00", "%Y-%m-%d %H:%M:%S"),
        ("2026-10-01 24:00", None),
        ("2026-10-01", None),
        ("26-10-01 08:00", None),
        ("2026-10-01 下午 13:05:00", "%Y-%m-%d %p %I:%M:%S"),
    ],
)
def test_no_times(cell: str, fmt: str | None) -> None:
    assert read(column("timestamp", format=fmt), cell) == [None]


def test_a_column_with_offsets_has_them_everywhere() -> None:
    printed = column("timestamp")
    cells = ("2026-10-01T08:00:01Z", "2026-10-01 08:00:01")
    assert read(printed, *cells) == [MOMENT.replace(tzinfo=UTC), None]
    frame = pl.DataFrame({slot(printed): cells})
    assert frame.select(typed(printed)).to_series().to_list() == [None, MOMENT]


def test_dates() -> None:
    assert read(column("date"), "2026-10-01", "2026-10-01 00:00:00", "2026-10-01 08:00:00") == [
        date(2026, 10, 1)
    ] * 2 + [None]
    assert read(column("date", format="excel_serial"), "46296", "46296.5") == [date(2026, 10, 1), None]
    assert read(column("date", format="%d.%m.%Y"), "1.10.2026", "１.10.2026") == [date(2026, 10, 1)] * 2


def test_truths_in_chinese_and_in_wide_letters() -> None:
    assert read(column("boolean"), "是", "否", "ｙ", "N", "有", None) == [True, False, True, False, None, None]


def test_dates_turned_round_by_a_spreadsheet() -> None:
    days = [date(2026, 3, 10), date(2026, 10, 3), None, date(2026, 11, 10), date(2025, 3, 10), date(2026, 3, 11)]
    assert turned_dates(pl.Series(days), "2026-10").to_list() == [True, False, False, True, False, False]
    assert turned_dates(pl.Series(days), None).to_list() == [False] * 6
    assert turned_dates(pl.Series(days).cast(pl.Datetime("us")), "2026-10").sum() == 2


def test_ids_flattened_by_a_spreadsheet() -> None:
    ids = pl.DataFrame({"id": ["6.02E+11", "6,02E+11", "6E+11", "7e10", "12E+11", "6.02E+11x", None]})
    assert ids.select(damaged_id(pl.col("id"))).to_series().to_list() == [True, True, True, False, False, False, None]


@given(
    st.decimals(-(10**12), 10**12, places=3),
    st.sampled_from(
        [(".", ","), (".", " "), (".", "'"), (".", "\u00a0"), (",", "."), (",", " "), (",", "\u2009"), (",", "")]
    ),
    st.booleans(),
)
def test_a_number_printed_in_any_style_is_that_number(value: Decimal, style: tuple[str, str], is_wide: bool) -> None:
    decimal, group = style
    text = f"{value:,.3f}".replace(",", "|").replace(".", decimal).replace("|", group)
    assert read(NUMBER, text.translate(WIDE) if is_wide else text, decimal=decimal) == [float(value)]


@given(st.integers(0, 10**9), st.sampled_from(["hms", "hms.f", "spoken", "中文", "ms", "iso"]), st.booleans())
def test_a_duration_printed_in_any_style_is_that_duration(milliseconds: int, style: str, is_wide: bool) -> None:
    seconds, left = divmod(milliseconds, 1000)
    whole = style in ("hms",)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = {
        "hms": f"{hours}:{minutes:02}:{rest:02}",
        "hms.f": f"{hours}:{minutes:02}:{rest:02}.{left:03}",
        "spoken": f"{hours}h {minutes}min {rest}.{left:03} sec",
        "中文": f"{hours}小时{minutes}分{rest}秒{left}毫秒",
        "ms": f"{milliseconds} ms",
        "iso": f"PT{hours}H{minutes}M{rest}.{left:03}S",
    }[style]
    expected = Decimal(seconds) if whole else Decimal(milliseconds) / 1000
    assert read(CLOCK, text.translate(WIDE) if is_wide else text) == [expected]


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %p %I:%M:%S", "excel_serial", "iso", "zone"]),
    st.booleans(),
)
def test_a_time_printed_in_any_style_is_that_time(moment: datetime, style: str, is_wide: bool) -> None:
    second = moment.replace(microsecond=0)
    if style == "excel_serial":
        serial = (second - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
        text, printed, expected = f"{serial:.10f}", column("timestamp", format=style), second
    elif style == "iso":
        text, printed, expected = moment.isoformat(), column("timestamp"), moment
    elif style == "zone":
        text, printed, expected = (
            f"{moment}+08:00",
            column("timestamp"),
            moment.replace(tzinfo=UTC) - timedelta(hours=8),
        )
    else:
        text, printed, expected = second.strftime(style), column("timestamp", format=style), second
        text = text.replace("AM", "上午").replace("PM", "下午")
    assert read(printed, text.translate(WIDE) if is_wide else text) == [expected]


@given(st.text("0123456789,.' -+e%", max_size=12), st.sampled_from(".,"))
def test_a_number_is_never_guessed(text: str, decimal: str) -> None:
    (found,) = read(NUMBER, text, decimal=decimal)
    assert found == slow_number(text.strip(" "), decimal)


def slow_number(text: str, decimal: str) -> float | None:
    """The only number that the text can be, by hand: sign, digits by threes, decimals, power of ten."""
    sign, digits = (text[:1], text[1:]) if text[:1] in ("+", "-") else ("", text)
    mantissa, e, power = digits.partition("e")
    whole, _, fraction = mantissa.partition(decimal)
    separators = [one for one in ",.' " if one != decimal and one in whole]
    if separators and not e:
        parts = whole.split(separators[0])
        if not (1 <= len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])):
            return None
        whole = "".join(parts)
    exponent = power.removeprefix("-") if power.startswith("-") else power.removeprefix("+")
    if not all(part.isdecimal() for part in (whole or "0", fraction or "0")) or not (whole or fraction):
        return None
    if e and (not exponent.isdecimal() or (decimal == "," and (not whole or len(exponent) > 3))):
        return None
    value = float(f"{sign}{whole or 0}.{fraction or 0}{e}{power}")
    return value if value - value == 0 else None


@given(st.text("0123456789:.hms分秒 -pt", max_size=12))
def test_a_duration_is_never_guessed(text: str) -> None:
    (found,) = read(CLOCK, text)
    if found is not None:
        digits = [int(part) for part in "".join(char if char.isdecimal() else " " for char in text).split()]
        assert any(unit in text for unit in ("h", "m", "s", "分", "秒")) or text.count(":") == 2
        assert len(digits) <= 5
        assert (found < 0) <= text.strip().startswith("-")
        assert abs(found) <= sum(digits) * 3600
