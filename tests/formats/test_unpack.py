"""Packed files: taken apart as a stream, and refused with a sentence where they cannot be."""

import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import Fault, TieoutError
from pipelines.formats.unpack import Expansion, opened

TEXT = b"id,note\n" + b"".join(b"c%d,x\n" % number for number in range(5_000))


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def unpacked(folder: Path, sent: bytes, expansion: Expansion | None = None) -> bytes:
    path = folder / "calls"
    path.write_bytes(sent)
    with opened(path, "drop/calls", expansion) as stream:
        return b"".join(iter(lambda: stream.read(1_000), b""))


def refused(folder: Path, sent: bytes, expansion: Expansion | None = None) -> Fault:
    with pytest.raises(TieoutError) as error:
        unpacked(folder, sent, expansion)
    (fault,) = error.value.faults
    assert fault.where == "drop/calls"
    return fault


@pytest.mark.parametrize(
    "sent",
    [
        TEXT,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]),
        zipped(("out/", b""), ("out/calls.csv", TEXT), ("__MACOSX/out/._calls.csv", b"x"), ("out/.DS_Store", b"x")),
        *(zipped(("a", TEXT), method=method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
    ],
)
def test_the_one_data_file_comes_out_whatever_it_is_packed_in(tmp_path: Path, sent: bytes) -> None:
    assert unpacked(tmp_path, sent) == TEXT


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
@pytest.mark.parametrize("sent", [gzip.compress(TEXT), zipped(("calls.csv", TEXT))])
def test_a_file_that_was_cut_off_looks_half_uploaded(tmp_path: Path, sent: bytes, share: float) -> None:
    assert "half-uploaded" in refused(tmp_path, sent[: max(4, int(len(sent) * share))]).found


def test_damage_inside_is_found(tmp_path: Path) -> None:
    for sent in (gzip.compress(TEXT), zipped(("calls.csv", TEXT))):
        middle = len(sent) // 2
        assert "damaged" in refused(tmp_path, sent[:middle] + bytes([sent[middle] ^ 255]) + sent[middle + 1 :]).found


def test_a_zip_has_one_data_file_or_says_what_it_has(tmp_path: Path) -> None:
    two = refused(tmp_path, zipped(("b.csv", b"x"), ("a.csv", b"x"), (".c", b"x")))
    assert two.found == "2 data files in the zip: a.csv, b.csv"
    assert refused(tmp_path, zipped()).found == "0 data files in the zip: nothing"


@pytest.mark.parametrize("member", ["../calls.csv", "a/../../b.csv", "/etc/calls.csv", "C:\\calls.csv", "a\\..\\b.csv"])
def test_paths_that_lead_outside_are_refused(tmp_path: Path, member: str) -> None:
    assert refused(tmp_path, zipped(("calls.csv", b"x"), (member, b"x"))).found == f"the path {member!r} in the archive"


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    sent = bytearray(zipped(("calls.csv", TEXT)))
    sent[6] |= 1  # the flag in the member's own header, then in the list of contents
    sent[sent.index(b"PK\x01\x02") + 8] |= 1
    assert refused(tmp_path, bytes(sent)).found == "'calls.csv' in the zip is encrypted"


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    for sent in (gzip.compress(gzip.compress(TEXT)), zipped(("a.zip", zipped(("a", TEXT)))), gzip.compress(zipped())):
        assert refused(tmp_path, sent).found == "an archive in an archive"


def test_a_workbook_is_told_from_packed_text(tmp_path: Path) -> None:
    fault = refused(tmp_path, zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")))
    assert (fault.found, "xlsx" in fault.hint) == ("an Office document", True)


def test_growth_stops_at_its_limit(tmp_path: Path) -> None:
    bomb = b"\0" * 3_000_000
    for sent in (gzip.compress(bomb), zipped(("bomb.csv", bomb))):
        assert "grows beyond 1,000,000 bytes" in refused(tmp_path, sent, Expansion(1, 1_000_000)).found
        assert len(unpacked(tmp_path, sent, Expansion(1, 3_000_000))) == 3_000_000
        assert len(unpacked(tmp_path, sent)) == 3_000_000  # 64 MiB are always allowed
        times = refused(tmp_path, sent, Expansion(200, 1))
        assert f"{200 * len(sent):,}" in times.found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.data())
def test_no_mutation_of_an_archive_raises_anything_else(tmp_path: Path, data: st.DataObject) -> None:
    sent = bytearray(data.draw(st.sampled_from([gzip.compress(TEXT[:200]), zipped(("calls.csv", TEXT[:200]))])))
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(4, len(sent) - 1))] = data.draw(st.integers(0, 255))
    with suppress(TieoutError):
        assert len(unpacked(tmp_path, bytes(sent))) <= 200
