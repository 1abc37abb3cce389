"""For which times the client's own log is whole. No claim against a vendor is stronger than that.

`step.py` writes a month's tables `coverage` (hours, for people) and `log_spans` (what later steps read). What is usual
is in `usual.py`; gaps are silences (`silences.py`) and lower counts of the log, a unit or a route (`units.py`,
`hours.py`); single lost rows are in `unread.py` and `sequence.py`, and what vouches for the log in `runs.py`,
`sequence.py` and `backing.py`.
"""
