"""Step 5: links, calls and what detectors proved → contacts, FCR, callbacks and every other figure of the catalogue.

`catalogue.yaml` says what each figure is. `contacts/` puts the calls of all sides together, once a month. Then, for
each vendor, `steps.py` goes through the families: `service/` (offered to handling time), `resolution/` (who rang again,
where and what for), `people/`, `capacity/`, `volume/`, `matching.py`, `compare/`. They read one `scene.py`; `calls.sql`
says which calls count. `reported.py` brings the vendor's own figures. Judging a figure against the print belongs to
`reports/`.
"""
