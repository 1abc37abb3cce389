"""Service compared: a vendor beside the client's own agents, other vendors and its last month.

`family.py` counts the callers of a month, `step.py` compares once all vendors of the month are measured.
"""
