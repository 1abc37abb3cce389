"""Service: offered to handling time, for the month, its days and its queues. `family.py` is the way in."""
