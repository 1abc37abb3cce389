"""Files that are neither calls nor reports: which feed they are taken for, and which column fills which role."""

import pytest

from tests.draft.drafted import Drafting

QUALITY = {
    "scored_by": "质检员", "call_id": "录音编号", "agent_id": "坐席工号", "at_utc": "质检日期", "score": "质检得分",
    "passed": "是否合格", "fault_a": "致命差错",
}  # fmt: skip
CASES = [
    pytest.param(
        "质检员,录音编号,坐席工号,质检日期,质检得分,是否合格,致命差错\n"
        "王,r1,8011,2026-10-02,92,合格,0\n王,r2,8012,2026-10-03,61.5,不合格,1\n李,r3,8011,2026-10-04,88,合格,0\n",
        *("quality_scores", QUALITY),
        id="calls that were listened to",
    ),
    pytest.param(
        "通话流水号,主叫号码,评价时间,是否邀评,满意度评分\n"
        "t1,13900000001,2026-10-02 09:00:00,是,5\nt2,13900000002,2026-10-02 09:05:00,是,\n"
        "t3,13900000003,2026-10-02 09:07:00,是,3\n",
        "surveys",
        {
            "call_id": "通话流水号",
            "caller": "主叫号码",
            "at_utc": "评价时间",
            "invited": "是否邀评",
            "score": "满意度评分",
        },
        id="a survey",
    ),
    pytest.param(
        "日期,专线,预测话务量,预测处理时长\n2026-10-01,账务,120.5,240\n2026-10-02,账务,118,240\n",
        "forecast",
        {"period_start": "日期", "queue": "专线", "calls": "预测话务量", "aht_s": "预测处理时长"},
        id="a forecast",
    ),
    pytest.param(
        "half hour,expected calls,issued\n2026-10-01 09:00:00,12.5,2026-09-20\n2026-10-01 09:30:00,14,2026-09-20\n",
        "forecast",
        {"period_start": "half hour", "calls": "expected calls", "issued_at": "issued"},
        id="a forecast with the day of issue",
    ),
    pytest.param(
        "生效日期,中继线数\n2026-10-01,30\n2026-11-15,60\n",
        "trunks",
        {"from_utc": "生效日期", "capacity": "中继线数"},
        id="lines",
    ),
    pytest.param(
        "date,calls offered,aht\n2026-10-01,120,240\n2026-10-02,130,250\n",
        "claims",
        {"period_start": "date"},
        id="a report stays a report",
    ),
]


@pytest.mark.parametrize(("content", "feed", "roles"), CASES)
def test_a_file_is_taken_for_its_feed(drafting: Drafting, content: str, feed: str, roles: dict[str, str]) -> None:
    made = drafting(content)
    assert (made.item.feed, made.roles) == (feed, roles)


def test_yes_and_no_are_read_by_their_words(drafting: Drafting) -> None:
    passed = drafting(str(CASES[0].values[0])).item.role("passed")
    assert passed is not None
    assert passed.map == {"合格": "true", "不合格": "false"}
