"""Genesys Cloud conversation details: documents `{"conversations": […]}`, arrays, lines, or one conversation a file.

Follows the Genesys Cloud Developer Center, "Analytics: conversation detail model", and AnalyticsSession and
AnalyticsConversationSegment of the platform API (SDK 264).

A conversation is one contact, and each entry into a queue, or to an agent without one, is a leg: a row. What the rows
hold is worked out in `genesys_legs.py`. `rows_read` counts legs, and one for each conversation that gives none: those
without a session of voice or callback are left out, those that cannot be read are rejected. ROW numbers what is counted
so; LINE is the line on which the conversation begins.
"""

from collections.abc import Iterator

from pipelines.formats.collect import Collector
from pipelines.formats.genesys_legs import NoConversation, legs_of, other_media
from pipelines.formats.json_objects import Piece, objects
from pipelines.formats.json_text import Unreadable, parse
from pipelines.formats.raw import Batch, Raw, Source, raw_columns

LONGEST = 16 << 20
"""Characters of one conversation; one of a day with a hundred transfers has less than one million."""


def read_genesys_conversation(source: Source) -> Raw:
    """Reads conversations, batch by batch. Raises TieoutError where the file cannot be read at all."""
    return Raw((), _batches(source))


def _batches(source: Source) -> Iterator[Batch]:
    collected = Collector(raw_columns(source.item))
    for piece in objects(source, "conversations", LONGEST):
        _add(collected, piece)
        if collected.is_full:
            yield collected.batch()
    yield collected.batch()


def _add(collected: Collector, piece: Piece) -> None:
    if piece.text is None:
        collected.reject(piece.line, piece.problem)
        return
    try:
        conversation = parse(piece.text)
        other = other_media(conversation)
        legs = legs_of(conversation)
    except (Unreadable, NoConversation) as problem:
        collected.reject(piece.line, str(problem))
        return
    if other:
        collected.leave_out(f"not a phone call: {other}")
    for leg in legs:
        collected.row(piece.line, leg)
