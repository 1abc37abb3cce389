"""Contacts: every call of every caller at all vendors and in-house, once a month for all vendors (`step.py`)."""
