"""`tieout preflight`: a delivery checked before it is sent (`flight.py`), as a table or as JSON (`shown.py`)."""

from checks.preflight.flight import Flight, preflight
from checks.preflight.naming import contract_of
from checks.preflight.shown import as_data, as_lines, as_rules, as_table

__all__ = ["Flight", "as_data", "as_lines", "as_rules", "as_table", "contract_of", "preflight"]
