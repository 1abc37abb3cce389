"""Checks the SQL of `unexpected_rows_expectation` and rewrites it for the canonical table.

Only one shape is allowed, `SELECT * FROM {batch} WHERE <condition>`, and the condition passes through `expression.py`:
a contract must not be able to read files or other tables. Names in it are those of the file; what comes out has
canonical names.
"""

import re
from collections.abc import Mapping

from pipelines.contract.documents import Document, KeyPath, shown
from pipelines.contract.expression import check_expression

SHAPE = "SELECT * FROM {batch} WHERE <condition over columns with a role>"


def read_query(document: Document, path: KeyPath, text: object, canonical: Mapping[str, str]) -> str | None:
    """The query over canonical names; None, with faults noted at `path`, where it has another shape.

    `canonical` maps the names that the contract may use to the canonical columns. Braces in a condition are written
    double, as Great Expectations wants them.
    """
    match = re.fullmatch(r"\s*select\s+\*\s+from\s+\{batch\}\s+where\s+(.+?)[;\s]*", str(text), re.I | re.S)
    condition = match[1].replace("{{", "\0").replace("}}", "\1") if match else ""
    if not match or "{" in condition or "}" in condition:
        hint = "write the rows that must not exist as one condition; braces inside it are doubled, as in {{3}}"
        document.add(path, shown(text), SHAPE, hint)
        return None
    condition = condition.replace("\0", "{").replace("\1", "}")
    checked = check_expression(condition, canonical, condition=True, rename=canonical)
    for place, refusal in enumerate(checked.refusals):
        if place:
            document.broken.discard(path)
        document.add(path, refusal.found, refusal.allowed, refusal.hint)
    if checked.sql is None:
        return None
    return "SELECT * FROM {batch} WHERE " + checked.sql.replace("{", "{{").replace("}", "}}")
