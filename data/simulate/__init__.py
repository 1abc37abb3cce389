"""A simulated client, its callers, its in-house call centre and three vendors, written as a tieout workspace.

How a call lives stands in `calls.py`; who rings and who answers in `people.py`; what a vendor's system prints in
`vendors.py`, `padding.py`, `report.py` and `dirt.py`; agents' shifts, states, scores and call-backs, the forecast and
the survey in `staff.py`, `desks.py`, `heard.py`, `callbacks.py` and `announced.py`; the files in `write.py` and
`feeds.py`. No measuring happens here: that is the
work of `pipelines`, which never imports this package.
"""

from data.simulate.world import SMALL, TINY, Size, World
from data.simulate.write import write_world

__all__ = ["SMALL", "TINY", "Size", "World", "write_world"]
