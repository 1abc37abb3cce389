"""`tieout draft`: sample files → the text of a contract (`*.odcs.yaml`) in which little is left to edit.

The order: `sniff.py` (which format a file has; `samples.py` reads its first records as text, `encodings.py` and
`grid.py` find encoding, delimiter, title lines, header, closing line), `types.py` and `times.py` (what the cells of a
column are), `roles.py` (what a column is probably for, by the words of `headers.yaml`), `feeds.py` (what the file is
for), `write.py` (the YAML), `keep.py` (the file). Nothing is guessed silently: each guess is a comment beside its
line. Whether a contract holds is judged by `pipelines.contract`; whole files are read in `pipelines.formats`.
"""

from pipelines.draft.contract import draft
from pipelines.draft.keep import keep

__all__ = ["draft", "keep"]
