"""How many calls were to be expected: holidays, weekdays, the month's end; and what callers ask again and again.

Learned from the client's own log alone, because a vendor's own counts may be padded. What a count above the expected
one means is judged elsewhere; here it is only said.
"""
