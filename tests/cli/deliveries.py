"""Small deliveries with their contract, as a vendor has them on the desk: `calls.csv` and `data.odcs.yaml`."""

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines import cli

HEAD = "id;caller;came;wait;talk;result"
CALLER = "13900001234"
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: beihai
version: 1.0.0
status: active
servers:
  - {server: drop, type: local, path: "drop/beihai/{month}", format: csv, delimiter: ";", encoding: utf-8}
schema:
  - name: calls
    physicalName: "calls*"
    customProperties:
      - {property: tieout.feed, value: calls}
      - {property: tieout.time_zone, value: Asia/Shanghai}
      - {property: tieout.direction, value: inbound}
    properties:
      - {name: id, logicalType: string, customProperties: [{property: tieout.role, value: call_id}]}
      - {name: caller, logicalType: string, customProperties: [{property: tieout.role, value: caller}]}
      - name: came
        logicalType: timestamp
        logicalTypeOptions: {format: "%Y-%m-%d %H:%M:%S"}
        customProperties: [{property: tieout.role, value: offered_utc}]
      - name: wait
        logicalType: number
        customProperties: [{property: tieout.role, value: queue_s}, {property: tieout.unit, value: s}]
      - name: talk
        logicalType: number
        customProperties: [{property: tieout.role, value: talk_s}, {property: tieout.unit, value: s}]
      - name: result
        logicalType: string
        customProperties:
          - {property: tieout.role, value: outcome}
          - {property: tieout.map, value: {OK: answered, LOST: abandoned}}
"""
REPORT = """\
  - name: report
    physicalName: "report*.csv"
    customProperties:
      - {property: tieout.feed, value: claims}
      - {property: tieout.period, value: day}
    properties:
      - name: day
        logicalType: date
        logicalTypeOptions: {format: "%Y-%m-%d"}
        customProperties: [{property: tieout.role, value: period_start}]
      - {name: offered, logicalType: integer, customProperties: [{property: tieout.figure, value: offered}]}
"""


def contract(folder: Path, text: str = CONTRACT, name: str = "data.odcs.yaml") -> Path:
    """Writes a contract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def row(number: int = 1, **different: str) -> str:
    """An ordinary answered call; a test says only what is not ordinary about it."""
    cells = {
        "id": f"c{number}",
        "caller": CALLER,
        "came": f"2026-10-01 08:{number % 60:02}:00",
        "wait": "5",
        "talk": "60",
        "result": "OK",
    }
    return ";".join({**cells, **different}.values())


def calls(path: Path, rows: Sequence[str] = (row(1), row(2)), head: str = HEAD) -> Path:
    """Writes a delivery of calls."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams."""
        return self.stdout + self.stderr


def tieout(*words: object, width: int = 100) -> Done:
    """Runs the command on a terminal of some width."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    code = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("sys.argv", ["tieout", *map(str, words)])
        for console in (cli.out, cli.err):
            patch.setattr(console, "_width", width)
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    printed = []
    for stream in (out, err):
        stream.flush()
        printed.append(stream.buffer.getvalue().decode("utf-8"))  # type: ignore[attr-defined]
    return Done(code, *printed)
