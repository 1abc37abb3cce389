"""Step 5: links, calls and what detectors proved → contacts, FCR, callbacks and the other figures.

`catalogue.py` is the list of figures; `universe.sql` and `tallies.sql` count calls, `contacts.sql`, `next_contacts.sql`
and `windows.sql` follow callers; `service.py` and `resolution.py` turn counts into figures, `reported.py` brings the
vendor's own. Judging a figure against the vendor's print belongs to `reports/`.
"""
