"""Step 4: vendor calls × in-house legs → pairs, and for what has no pair, why.

`coverage.py` says for which hours the client's own log is whole; `offsets.sql` reads the clock offset off the data;
`candidates.sql` lists what could belong together; `assign.py` picks the best one-to-one pairs; `pair.py` wires it.
Whether a call without a pair is an accusation is judged in `checks/padding/`, not here.
"""
