"""Step 1: files pulled from where they lie → kept exactly as sent, hashed, listed in a manifest.

Nothing is read or typed here (see `formats/` and `standardise/`).
"""
