"""Call records of all shapes → the roles, types and units that the draft gives their columns."""

import pytest

from tests.draft.drafted import Drafting


def rows(*lines: str, times: int = 1) -> str:
    return "\n".join(lines[:1] + lines[1:] * times) + "\n"


def test_english_heads_and_codes(drafting: Drafting) -> None:
    made = drafting(
        "contact_id,ANI,skill group,agent_login,queued_at,connected_at,ended_at,"
        "wait_s,Talk Time,hold,ACW,disposition,direction\n"
        "c1,+15550100,billing,80,2026-10-01 08:00:00,2026-10-01 08:00:09,2026-10-01 08:01:49,9,100,0,5,ANSWERED,in\n"
        "c2,+15550101,billing,,2026-10-01 08:02:00,,2026-10-01 08:02:30,30,0,0,0,NO ANSWER,in\n"
        "c3,+15550102,billing,81,2026-10-01 08:03:00,,2026-10-01 08:03:01,1,0,0,0,BUSY,out\n"
    )
    assert made.roles == {
        "call_id": "contact_id",
        "caller": "ANI",
        "queue": "skill group",
        "agent_id": "agent_login",
        "offered_utc": "queued_at",
        "answered_utc": "connected_at",
        "ended_utc": "ended_at",
        "queue_s": "wait_s",
        "talk_s": "Talk Time",
        "hold_s": "hold",
        "acw_s": "ACW",
        "outcome": "disposition",
        "direction": "direction",
    }
    outcome, direction = made.item.role("outcome"), made.item.role("direction")
    assert outcome is not None
    assert outcome.map == {"ANSWERED": "answered", "NO ANSWER": "abandoned", "BUSY": "blocked"}
    assert direction is not None
    assert direction.map == {"in": "inbound", "out": "outbound"}
    assert "the unit is not printed; s agrees with the times beside it" in made.comment_above("Talk Time")


def test_a_code_that_no_word_explains_stays_unknown_and_is_asked_for(drafting: Drafting) -> None:
    made = drafting(
        "流水号,主叫,进线时间,状态\na,13900000001,2026-10-01 08:00:00,未成功\nb,13900000002,2026-10-01 08:01:00,X7\n"
    )
    outcome = made.item.role("outcome")
    assert outcome is not None
    assert outcome.map == {"未成功": "unknown", "X7": "unknown"}
    assert '"X7": unknown   # EDIT: what does it mean?' in made.text


def test_traditional_signs_semicolons_and_decimal_commas(drafting: Drafting) -> None:
    made = drafting(
        "通話編號;客戶電話;隊列;開始時間;通話時長\n"
        "1;0900000001;帳務查詢服務;2026-10-01 08:00:00;2,5\n2;0900000002;帳務查詢服務;2026-10-01 08:01:00;31,25\n",
        encoding="big5",
    )
    assert (made.contract.server.encoding, made.item.decimal) == ("big5", ",")
    assert made.roles == {
        "call_id": "通話編號",
        "caller": "客戶電話",
        "queue": "隊列",
        "offered_utc": "開始時間",
        "talk_s": "通話時長",
    }
    assert "taken for minutes" in made.comment_above("通話時長")


def test_a_date_and_a_time_in_two_columns_become_one_time(drafting: Drafting) -> None:
    made = drafting(
        "Call ID\tDate\tStart Time\tAnswer Time\tCaller\tDuration\n"
        "1\t13/10/2026\t08:00:00\t08:00:10\t+15550101\t2:05\n2\t14/10/2026\t08:00:00\t\t+15550102\t0:00\n"
    )
    offered, talk = made.item.role("offered_utc"), made.item.role("talk_s")
    assert offered is not None
    assert offered.expression == """STRPTIME("Date" || ' ' || "Start Time", '%d/%m/%Y %H:%M:%S')"""
    assert talk is not None
    assert (talk.unit, talk.expression is None) == ("s", False)
    assert made.item.role("answered_utc") is None, "the row would be rejected where nobody answered"
    assert "left out: where one of the two is empty the row would be rejected" in made.text


@pytest.mark.parametrize(
    ("cells", "pattern"),
    [
        (("1790812800", "1790812860"), "epoch_s"),
        (("1790812800000", "1790812860000"), "epoch_ms"),
        (("46296.33125", "46296.75"), "excel_serial"),
        (("2026/10/1 8:05", "2026/10/13 18:05"), "%Y/%m/%d %H:%M"),
        (("20261001080503", "20261013180503"), "%Y%m%d%H%M%S"),
        (("2026年10月1日 08:05:03", "2026年10月2日 08:05:03"), "%Y年%m月%d日 %H:%M:%S"),
        (("1-Oct-2026 8:05 PM", "2-Oct-2026 8:05 AM"), "%d-%b-%Y %I:%M %p"),
        (("2026-10-01T08:05:03.250+08:00", "2026-10-01T08:05:04.000+08:00"), "%Y-%m-%dT%H:%M:%S.%f%z"),
        (("２０２６-10-01 08:05:03", "2026-10-01 08:05:04"), "%Y-%m-%d %H:%M:%S"),
    ],
)
def test_times_however_they_are_written(drafting: Drafting, cells: tuple[str, str], pattern: str) -> None:
    lines = "".join(f"c{place},1390000000{place},{cell}\n" for place, cell in enumerate(cells))
    offered = drafting(f"call_id,caller,start\n{lines}").item.role("offered_utc")
    assert offered is not None
    assert offered.format == pattern


def test_day_and_month_are_told_apart_by_how_close_the_days_lie_and_it_says_so(drafting: Drafting) -> None:
    lines = "".join(f"c{day},13900000001,0{day}/10/2026 08:00:00\n" for day in range(1, 9))
    made = drafting(f"call_id,caller,start\n{lines}")
    offered = made.item.role("offered_utc")
    assert offered is not None
    assert offered.format == "%d/%m/%Y %H:%M:%S"
    assert "could be %m/%d/%Y %H:%M:%S" in made.comment_above("start")


def test_where_nothing_tells_day_and_month_apart_the_draft_says_ask(drafting: Drafting) -> None:
    made = drafting("call_id,caller,start\na,13900000001,10/10/2026 08:00:00\nb,13900000002,10/10/2026 09:00:00\n")
    assert "in the sample no day is beyond 12; ask" in made.comment_above("start")


def test_times_with_offsets_need_no_zone(drafting: Drafting) -> None:
    made = drafting("call_id,caller,start\na,13900000001,2026-10-01T08:00:00Z\n", zone=None)
    assert made.item.time_zone is None
    assert "time_zone" not in made.text


@pytest.mark.parametrize(
    ("cells", "kind", "comment"),
    [
        (("139****0001", "139****0002"), "phone", "hidden digits"),
        (("7711e96c3968b2d2", "b4e85e1936ae6a59"), "keyed", "hashed with the shared key"),
        (("8579895416146408146", "13035772583808494169"), "keyed", "hashed with the shared key"),
        (("KD-77-a", "KD-78-b"), "customer", "identity of customers"),
    ],
)
def test_what_the_column_of_the_caller_holds(
    drafting: Drafting, cells: tuple[str, str], kind: str, comment: str
) -> None:
    lines = "".join(f"c{place},{cell},2026-10-01 08:0{place}:00\n" for place, cell in enumerate(cells))
    made = drafting(f"call_id,caller,start\n{lines}")
    caller = made.item.role("caller")
    assert caller is not None
    assert caller.caller_kind == kind
    assert comment in made.comment_above("caller")


def test_milliseconds_are_known_by_the_times_beside_them(drafting: Drafting) -> None:
    made = drafting(
        "call_id,caller,start,answered at,ended at,talk\n"
        "a,13900000001,2026-10-01 08:00:00,2026-10-01 08:00:05,2026-10-01 08:00:25,20000\n"
        "b,13900000002,2026-10-01 08:01:00,2026-10-01 08:01:05,2026-10-01 08:01:45,40100\n"
    )
    talk = made.item.role("talk_s")
    assert talk is not None
    assert talk.unit == "ms"


def test_a_file_without_a_header_keeps_all_columns_by_their_place(drafting: Drafting) -> None:
    made = drafting("47bbf17a-95f4,13900000001, 1790812800,17\n47bc14de-95f4,13900000002, 1790812860,16\n")
    assert made.item.header_rows == 0
    assert [column.raw for column in made.item.columns] == ["c1", "c2", "c3", "c4"]
    assert made.roles == {"call_id": "c1", "caller": "c2", "offered_utc": "c3"}
    assert "? no head says so" in made.comment_above("c1")


def test_an_id_that_comes_again_is_not_called_unique(drafting: Drafting) -> None:
    made = drafting(
        rows(
            "call_id,caller,start",
            "a,13900000001,2026-10-01 08:00:00",
            "a,13900000001,2026-10-01 08:01:00",
            "b,13900000002,2026-10-01 08:02:00",
        )
    )
    call_id = made.item.role("call_id")
    assert call_id is not None
    assert not call_id.unique
    assert "1 of 3 rows repeat an id" in made.comment_above("call_id")


def test_what_has_no_role_is_listed_and_not_read(drafting: Drafting) -> None:
    made = drafting("call_id,caller,start,备注\na,13900000001,2026-10-01 08:00:00,x\n")
    assert "# - {name: 备注, logicalType: string}   # not read: no role found" in made.text
    assert "备注" not in [column.raw for column in made.item.columns]


def test_heads_with_signs_of_yaml_and_sql(drafting: Drafting) -> None:
    made = drafting(
        'call_id,caller,"start: ""day"" #1","start time, \'local\'"\n'
        "a,13900000001,2026-10-01,08:00:00\nb,13900000002,2026-10-01,08:01:00\n"
    )
    offered = made.item.role("offered_utc")
    assert offered is not None
    assert offered.expression is not None
