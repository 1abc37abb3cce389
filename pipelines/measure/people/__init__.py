"""People: agents compared, their days, shifts and hours, monitoring scores and surveys. `family.py` is the way in."""
