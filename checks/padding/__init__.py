"""Detectors of padded counts: one `.sql` each, wired by `detect.py`.

Each opens with what it looks for, on which evidence, with which certainty at best and its innocent readings; where our
own log is silent or unreadable, and so accuses nobody, is found in `pipelines/link/coverage/`. A detector names
records and says how sure it is; what that costs is the business of `pipelines/settle/`.
"""
