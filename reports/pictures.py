"""Which calls in question get a picture in the evidence, and where it lies there.

How a picture looks is `picture.py`'s, what it is drawn from `candidates.py`'s. The folder is put in place whole: what
an earlier audit, or one that broke off, has left there is gone with it.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipelines.lake import Lake
from pipelines.tables import LINKS
from reports.candidates import Surroundings
from reports.picture import picture
from reports.words import words

MOST = 100
"""Pictures of a month: enough to see what is meant, and few enough to look at."""
FOLDER = "pictures"
NOTE = "README.txt"


def chosen(findings: pl.DataFrame) -> pl.DataFrame:
    """The accused records that get a picture (file_id, row): those contradicted by records first."""
    sure = pl.col("certainty").replace_strict({"proven": 0, "probable": 1}, default=2)
    ordered = findings.sort(sure, "file_id", "row").unique(["file_id", "row"], keep="first", maintain_order=True)
    return ordered.head(MOST).select("file_id", "row")


def draw(
    around: Surroundings, lake: Lake, where: Mapping[str, str], wanted: pl.DataFrame, language: str
) -> dict[str, str]:
    """The pictures of these records, by their place below the evidence."""
    if wanted.is_empty():
        return {}
    links = pl.scan_parquet(lake.paths(LINKS, **where), hive_partitioning=False).filter(
        pl.col("side") != "inhouse",
        pl.col("file_id").is_in(wanted["file_id"].unique().implode()),
        pl.col("row").is_between(wanted["row"].min(), wanted["row"].max()),
    )
    rows = links.join(wanted.lazy(), on=["file_id", "row"], how="semi").collect(engine="streaming")
    cases = around.cases(rows.sort("file_id", "row"))
    return {f"{FOLDER}/{case.own.ref[0]}-{case.own.ref[1]}.svg": picture(case, language) for case in cases}


def put(folder: Path, drawn: Mapping[str, str], accused: int, language: str) -> None:
    """Puts the pictures into the evidence, in place of all that lay there; says how many calls have none."""
    new, old, place = (folder / name for name in (f".{FOLDER}.new", f".{FOLDER}.old", FOLDER))
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    if drawn:
        new.mkdir(parents=True)
        for name, text in drawn.items():
            (new / Path(name).name).write_text(text, encoding="utf-8")
        say = words(language)
        counts = {"accused": accused, "drawn": len(drawn), "left": accused - len(drawn)}
        note = say.t("picture.note", **{name: say.count(count) for name, count in counts.items()})
        (new / NOTE).write_text(note, encoding="utf-8")
    if place.exists():
        place.rename(old)
    if drawn:
        new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
