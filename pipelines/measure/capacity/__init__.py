"""Capacity: simultaneous calls, busy and returned calls, staff needed and there. `family.py` is the way in."""
