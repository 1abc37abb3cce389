"""Step 3: rows as text → the canonical tables of `pipelines/tables/`.

Numbers to E.164 and keyed (`numbers.py`), clocks to UTC (`clocks.py`), cells to types (`cells.py`), outcomes to one
vocabulary (`outcomes.py`); `feeds.py` puts a file's rows together, `days.py` lays them into day partitions. A row is
accepted, rejected with a reason or left out by the contract's rule, and the counts add up.
"""
