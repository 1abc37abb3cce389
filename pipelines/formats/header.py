"""The lines that name a file's columns: joined to one name per column, and checked against the contract.

Shared by all readers whose files have a header.
"""

from collections.abc import Sequence

from pipelines.contract.codes import UNSEEN
from pipelines.contract.model import FeedObject
from pipelines.errors import Fault, TieoutError
from pipelines.formats.raw import raw_columns

FILE, SHEET = "{file}", "{sheet}"
PSEUDO = (FILE, SHEET)
"""Columns that a contract may read although no file has them."""
_AROUND = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "".join(UNSEEN)


def joined(lines: Sequence[Sequence[str]]) -> list[str]:
    """One name per column from one or several header lines, top-down with " / " between.

    An empty cell of an upper line takes the cell to its left, as far as the line above it has one heading: that is how
    spreadsheets write merged cells. Cells are stripped, of unseen signs as well; an empty one adds nothing to a name.
    """
    width = max((len(line) for line in lines), default=0)
    table = [[cell.strip(_AROUND) for cell in line] + [""] * (width - len(line)) for line in lines]
    for depth, line in enumerate(table[:-1]):
        for place in range(1, width):
            if not line[place] and (depth == 0 or table[depth - 1][place] == table[depth - 1][place - 1]):
                line[place] = line[place - 1]
    return [" / ".join(part for part in column if part) for column in zip(*table, strict=True)]


def check_header(header: Sequence[str], where: str, item: FeedObject, given: Sequence[str] = PSEUDO[:1]) -> None:
    """TieoutError with all columns of the contract that the header lacks, and all names that it has twice.

    `given` are the columns that the reader itself adds.
    """
    faults = [
        Fault(
            where,
            f"no column {wanted!r}; the file has {', '.join(header) or 'none'}",
            f"the columns of {item.name!r} in the contract",
            "ask the sender for the column, or correct the property's physicalName",
        )
        for wanted in raw_columns(item)
        if wanted not in header and wanted not in given
    ]
    faults += [
        Fault(where, f"column {cell!r} twice", "each column once", "ask the sender for distinct names")
        for cell in sorted({cell for cell in header if cell and list(header).count(cell) > 1})
    ]
    if faults:
        raise TieoutError(faults)
