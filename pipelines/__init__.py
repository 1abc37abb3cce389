"""The road from a vendor's file to the figures, one folder a step, in this order.

intake → formats → standardise → (checks/rules) → link → (checks/padding) → measure → (checks/vague) → settle →
(reports).

Rule of thumb: SQL for joins and aggregates, Polars for rows, Python for wiring. What the steps give each other crosses
only through the lake (`lake.py`); no step imports a later one. `checks` and `reports` import from here, and here only
`definitions/` (Dagster) and `cli.py` import them.
"""
