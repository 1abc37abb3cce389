"""Sound files of every format, and the contract that describes them: what the damage is done to."""

import gzip
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl

from pipelines.contract import Contract, load_contract

SAMPLES = Path(__file__).parents[1] / "formats" / "samples"

_HEAD = """apiVersion: v3.1.0
kind: DataContract
id: damaged
version: 1.0.0
status: active
servers:
  - {server: drop, type: local, path: drop, format: csv, delimiter: "%s", encoding: %s}
schema:
"""

_CALLS = """  - name: %(name)s
    physicalName: "*"
    customProperties:
      - {property: tieout.feed, value: calls}
      - {property: tieout.format, value: %(form)s}
      - {property: tieout.time_zone, value: Europe/Berlin}
      - {property: tieout.direction, value: inbound}%(more)s
    properties:
      - {name: id, logicalType: string, customProperties: [{property: tieout.role, value: call_id}]}
      - {name: caller, logicalType: string, customProperties: [{property: tieout.role, value: caller}]}
      - name: offered
        logicalType: timestamp
        logicalTypeOptions: {format: "%%Y-%%m-%%d %%H:%%M:%%S"}
        customProperties: [{property: tieout.role, value: offered_utc}]
      - name: talk
        logicalType: string
        customProperties: [{property: tieout.role, value: talk_s}, {property: tieout.unit, value: hms}]
      - name: result
        logicalType: string
        customProperties:
          - {property: tieout.role, value: outcome}
          - {property: tieout.map, value: {已接通: answered, answered: answered, lost: abandoned}}
"""

_SYSTEM = """  - name: %(form)s
    physicalName: "*"
    customProperties:
      - {property: tieout.feed, value: %(feed)s}
      - {property: tieout.format, value: %(form)s}
      - {property: tieout.time_zone, value: Europe/Berlin}
"""

SYSTEMS = ("asterisk_cdr", "freeswitch_cdr", "cisco_cucm_cdr", "amazon_connect_ctr", "genesys_conversation")
_TRAILER = "\n      - {property: tieout.trailer, value: 合计}"


def contracts(folder: Path) -> dict[str, Contract]:
    """A contract for each kind of base; the names are those of `bases`."""
    plain = {
        "delimited": (",", "utf-8"),
        "semicolons": (";", "gb18030"),
        "auto": (";", "auto"),
        "wide": (",", "utf-16"),
    }
    texts = {
        name: _HEAD % served + _CALLS % {"name": "calls", "form": "delimited", "more": _TRAILER}
        for name, served in plain.items()
    }
    for form in ("xlsx", "json_lines", "parquet"):
        more = _TRAILER if form == "xlsx" else ""
        texts[form] = _HEAD % (",", "utf-8") + _CALLS % {"name": "calls", "form": form, "more": more}
    for form in SYSTEMS:
        texts[form] = _HEAD % (",", "utf-8") + _SYSTEM % {"form": form, "feed": "calls"}
    texts["asterisk_queue_log"] = _HEAD % (",", "utf-8") + _SYSTEM % {
        "form": "asterisk_queue_log",
        "feed": "queue_events",
    }
    loaded = {}
    for name, text in texts.items():
        path = folder / f"{name}.odcs.yaml"
        path.write_text(text, encoding="utf-8")
        loaded[name] = load_contract(path, "vendor")
    return loaded


def _records() -> list[tuple[str, str, str, str, str]]:
    results = ("answered", "已接通", "lost")
    return [
        (f"c{n}", f"+4930555{n:04d}", f"2026-10-{n % 28 + 1:02d} 08:{n % 60:02d}:00", f"0:0{n % 9}:30", results[n % 3])
        for n in range(40)
    ]


def _lines(delimiter: str) -> str:
    rows = [("id", "caller", "offered", "talk", "result"), *_records()]
    body = "\r\n".join(
        delimiter.join(f'"{cell}"' if n % 5 == 0 else cell for cell in row) for n, row in enumerate(rows)
    )
    return body + "\r\n" + delimiter.join(("合计", "40", "", "3:20:00", "")) + "\r\n"


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "caller", "offered", "talk", "result"])
    for one, caller, offered, talk, result in _records():
        sheet.append([one, caller, datetime.fromisoformat(offered), talk, result])
    sheet.append(["合计", "40"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _parquet() -> bytes:
    target = io.BytesIO()
    names = ["id", "caller", "offered", "talk", "result"]
    pl.DataFrame(_records(), schema=names, orient="row").write_parquet(target)
    return target.getvalue()


def zipped(content: bytes, name: str = "calls.csv") -> bytes:
    """A zip with one member, whatever its name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def bases() -> dict[str, list[bytes]]:
    """Sound contents by kind; every one of them is read without a fault."""
    names = ["id", "caller", "offered", "talk", "result"]
    objects = "\n".join(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in _records())
    text = _lines(",").encode()
    found = {
        "delimited": [text, b"\xef\xbb\xbf" + text, gzip.compress(text, mtime=0), zipped(text)],
        "semicolons": [_lines(";").encode("gb18030")],
        "auto": [_lines(";").encode("gb18030"), _lines(";").encode("utf-8")],
        "wide": [_lines(",").encode("utf-16")],
        "xlsx": [_workbook()],
        "json_lines": [objects.encode(), gzip.compress(objects.encode(), mtime=0)],
        "parquet": [_parquet()],
    }
    for path in sorted(SAMPLES.iterdir()):
        kind = next((form for form in (*SYSTEMS, "asterisk_queue_log") if path.name.startswith(_PREFIX[form])), None)
        if kind:
            found.setdefault(kind, []).append(path.read_bytes())
    return found


_PREFIX = {
    "asterisk_cdr": "asterisk_master",
    "asterisk_queue_log": "asterisk_queue_log",
    "freeswitch_cdr": "freeswitch",
    "cisco_cucm_cdr": "cisco",
    "amazon_connect_ctr": "amazon",
    "genesys_conversation": "genesys",
}
