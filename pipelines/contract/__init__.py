"""What a vendor promised: contracts, terms and the workspace around them, read, validated and never guessed.

The order of reading: `documents.py` (YAML with lines), `structure.py` (ODCS 3.1.0), `odcs.py` with `objects.py`,
`columns.py`, `rules.py` (into `model.py`), `terms.py` (`terms.yaml`), `workspace.py` (all of it). The words that the
files may use stand once in `vocabulary.py`, the names under `tieout.` in `custom.py`.

No data is read here: `intake` and `formats` do that, with what this package returns.
"""

from pipelines.contract.model import Column, Contract, FeedObject, Rule, Server
from pipelines.contract.odcs import load_contract
from pipelines.contract.terms import Terms, load_terms
from pipelines.contract.terms_model import TermsVersion
from pipelines.contract.vocabulary import FIGURE_IDS, INHOUSE, OUTCOMES, ROLES, WINDOWS_S
from pipelines.contract.workspace import Vendor, Workspace, load_workspace

__all__ = [
    "FIGURE_IDS",
    "INHOUSE",
    "OUTCOMES",
    "ROLES",
    "WINDOWS_S",
    "Column",
    "Contract",
    "FeedObject",
    "Rule",
    "Server",
    "Terms",
    "TermsVersion",
    "Vendor",
    "Workspace",
    "load_contract",
    "load_terms",
    "load_workspace",
]
