"""Detectors of padded counts: one `.sql` each, wired by `detect.py`.

Each opens with what it looks for, on which evidence, with which certainty at best and its innocent readings. A detector
names records and says how sure it is; what that costs is the business of `pipelines/settle/`.
"""
