"""Step 8: all that the lake holds about a vendor's month → figures.json, the scorecard (HTML and PDF), the evidence.

`collect.py` reads the lake into one `Scorecard` (`scorecard.py`); all outputs are made from that object alone, so no
template computes anything and no figure can differ between two outputs.
"""
