"""Encodings recognised without being named, from samples as short as real exports give them."""

import pytest

from pipelines.formats.encodings import detect_encoding, telling_lines

CHINESE = [
    "客户,电话",
    "id,note\n1,张伟\n",
    "通话",
    "坐席工号,开始时间\n",
    "a,b\n1,已接听\n",
    "满意",
    "状态;未接",
    "上海",
]
TRADITIONAL = ["客戶電話,時間\n", "通話時間,結束時間,號碼", "id,note\n1,已接聽\n2,未接聽\n"]
JAPANESE = ["通話開始日時,顧客番号", "オペレーター,ありがとう", "id\nお客様\n", "担当者,受付,データ"]
WESTERN = ["Müller", "id,name\n1,José\n2,Zoë\n", "durée;réponse\n", "Größe,Straße", "Ärger", "naïve café"]


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        *((text, "gbk", "gb18030") for text in CHINESE),
        *((text, "gb18030", "gb18030") for text in CHINESE),
        *((text, "big5", "big5") for text in TRADITIONAL),
        *((text, "cp932", "cp932") for text in JAPANESE),
        *((text, "cp1252", "cp1252") for text in WESTERN),
        *((text, "utf-8", "utf-8") for text in CHINESE + JAPANESE + WESTERN),
        *((text, "utf-8-sig", "utf-8") for text in CHINESE),
        *((text + ",id\n1,2\n", "utf-16-le", "utf-16-le") for text in CHINESE + WESTERN),
        *((text + ",id\n1,2\n", "utf-16", "utf-16") for text in CHINESE + WESTERN),
    ],
)
def test_short_samples(text: str, encoding: str, found: str) -> None:
    assert detect_encoding(text.encode(encoding)) == found


def test_plain_ascii_and_nothing_are_utf_8() -> None:
    assert [detect_encoding(sample) for sample in (b"id,note\n1,2\n", b"")] == ["utf-8", "utf-8"]


def test_a_sample_may_end_inside_a_character() -> None:
    for encoding, found in (("utf-8", "utf-8"), ("gbk", "gb18030"), ("big5", "big5"), ("cp932", "cp932")):
        assert (
            detect_encoding(
                "電話時間日通話".encode(encoding)[:-1] if encoding != "gbk" else "电话时间".encode("gbk")[:-1]
            )
            == found
        )


def test_bytes_of_no_usual_encoding_are_not_named() -> None:
    assert detect_encoding(bytes(range(128, 256)) * 4) is None


def test_lines_that_tell_are_found_behind_a_million_that_do_not() -> None:
    chunks = [b"a,b\n" * 1000] * 100 + ["c,客户\nd,e\n".encode("gbk")]
    assert telling_lines(chunks) == "c,客户\n".encode("gbk")
