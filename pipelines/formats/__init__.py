"""Step 2: one reader for each export format: a received file → rows as text, each with its record number and line.

A reader types nothing and drops nothing: what it cannot read becomes a reject, what its format makes superfluous is
counted as left out. `READERS` maps `tieout.format` to it.
"""

from collections.abc import Callable, Mapping

from pipelines.formats.amazon_connect_ctr import read_amazon_connect_ctr
from pipelines.formats.asterisk_cdr import read_asterisk_cdr
from pipelines.formats.asterisk_queue_log import read_asterisk_queue_log
from pipelines.formats.cisco_cucm_cdr import read_cisco_cucm_cdr
from pipelines.formats.delimited import read_delimited
from pipelines.formats.freeswitch_cdr import read_freeswitch_cdr
from pipelines.formats.genesys_conversation import read_genesys_conversation
from pipelines.formats.json_lines import read_json_lines
from pipelines.formats.parquet_file import read_parquet
from pipelines.formats.raw import Batch, Raw, Source
from pipelines.formats.xlsx import read_xlsx

READERS: Mapping[str, Callable[[Source], Raw]] = {
    "delimited": read_delimited,
    "xlsx": read_xlsx,
    "json_lines": read_json_lines,
    "parquet": read_parquet,
    "asterisk_cdr": read_asterisk_cdr,
    "asterisk_queue_log": read_asterisk_queue_log,
    "freeswitch_cdr": read_freeswitch_cdr,
    "cisco_cucm_cdr": read_cisco_cucm_cdr,
    "amazon_connect_ctr": read_amazon_connect_ctr,
    "genesys_conversation": read_genesys_conversation,
}

__all__ = ["READERS", "Batch", "Raw", "Source"]
