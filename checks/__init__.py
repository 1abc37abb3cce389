"""What is judged: the rules of the contract (`rules/`), padded calls (`padding/`), vague fields (`vague/`).

Everything here turns tables of the lake into findings with evidence. Nothing here measures a KPI (see
`pipelines/measure/`) or prices a finding (see `pipelines/settle/`).
"""
