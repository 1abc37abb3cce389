"""How far the vendor's clock stands from the client's, from the calls alone.

`estimate.py` is the way in. Differences pile up at the clocks' difference (`peaks.py`); a day is read in spans
(`spans.py`, `steps.py`) and with the month's drift (`trend.py`, `fit.py`); a move is put into words in `moves.py`.
"""
