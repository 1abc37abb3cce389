"""Step 4: vendor calls × in-house legs → pairs, and for what has no pair, why.

In the order of the step: `coverage/` says for which times the client's own log is whole; `deal.py` deals both sides
into parts by their callers' keys; `clock/` reads the vendor's clock off the data; `part.py` pairs one part by number,
exactly (`clusters.sql`, `assign.py`); `aside.py` keeps what is left, and `weak.py` pairs it by the digits that show, or
by time; `link_words.py` gives each row its class, confidence and reason. `pair.py` wires it, `steps.py` puts it on the
lake. Whether a call without a pair is an accusation is judged in `checks/padding/`, not here.
"""
