"""Resolution: who rang again within the agreed windows, where, and what for. `family.py` is the way in."""
