"""Where the JSON objects of a file begin and end: on lines, in one array, in a document, or one after the other.

Found without reading the objects themselves (`json_text.py` does that), so that a broken one costs itself alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from pipelines.formats.raw import Source
from pipelines.formats.received import open_text

LONGEST = 1 << 20
"""Characters of the longest object that a reader takes, unless it says otherwise."""
SAMPLE = 1000
"""Records: a file that begins with so many that are none is not of its format."""
_FRAGMENT = 1 << 18
_TOKEN = re.compile(r'"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"|["{}\[\]]')
_BETWEEN = re.compile(r"[\s,]*")
_JUNK = re.compile(r"\[|[^{\n\]]+")
_GOES_ON = re.compile(r"[{\[,:]\s*\Z")


@dataclass(frozen=True)
class Piece:
    """One object's text and the line on which it starts; where it has no text, `problem` says why."""

    line: int
    text: str | None
    problem: str = ""


def objects(source: Source, wrapper: str | None = None, longest: int = LONGEST) -> Iterator[Piece]:
    """The objects of a file in its order. `wrapper` names the array that holds them where a document is around them.

    An object whose first line does not stop at a bracket, a comma or a colon is taken to end on that line, so that a
    line that breaks off costs one record. Raises TieoutError where the file cannot be read at all.
    """
    splitter = _Splitter(None if wrapper is None else f'"{wrapper}"', longest)
    with open_text(source) as text:
        for number, fragment in _fragments(text, longest):
            yield from splitter.feed(number, fragment)
    yield from splitter.end()


def _fragments(text: IO[str], longest: int) -> Iterator[tuple[int, str]]:
    """Line numbers and whole lines; a very long line comes in pieces, cut outside of its strings."""
    number, held = 1, ""
    while fragment := text.readline(_FRAGMENT):
        fragment, held = held + fragment, ""
        if not fragment.endswith("\n"):
            begun = _begun(fragment)
            if len(fragment) - begun <= longest:
                fragment, held = fragment[:begun], fragment[begun:]
        yield number, fragment
        number += fragment.endswith("\n")
    yield number, held


def _begun(fragment: str) -> int:
    """Where the string begins that has not ended yet; the end where there is none."""
    return next((token.start() for token in _TOKEN.finditer(fragment) if token.group() == '"'), len(fragment))


@dataclass
class _Splitter:
    """Where in a file we are: between objects, or in one that began on `line` and is `depth` brackets deep."""

    wrapper: str | None
    longest: int
    is_inside: bool = False
    depth: int = 0
    line: int = 0
    now: int = 0
    size: int = 0
    parts: list[str] = field(default_factory=list)
    is_at_margin: bool = False
    is_compact: bool = False
    is_broken: bool = False
    is_rest: bool = False
    is_first: bool = True
    name: str = ""
    wrapped: int = 0

    def feed(self, number: int, text: str) -> Iterator[Piece]:
        """The objects that end, or break, in this line or piece of a line."""
        is_new, self.now = number != self.now, number
        if is_new and self.is_inside and self.is_at_margin and text.startswith("{"):
            yield self._ended("the next object begins before it ends")
        place = 0
        while place < len(text):
            if self.is_inside:
                place, is_done = self._inside(text, place)
                if is_done:
                    yield self._ended("a text in it does not end" if self.is_broken else "")
            else:
                place, problem = self._between(text, place, is_new)
                if problem:
                    yield Piece(number, None, problem)
        if self.is_inside and self.is_compact and text.endswith("\n"):
            self.is_compact = False
            if self.is_broken or not _GOES_ON.search(text):
                yield self._ended("it does not end on its line")

    def end(self) -> Iterator[Piece]:
        """What the end of the file cuts off."""
        if self.is_inside and not self.is_rest:
            yield self._ended("the file ends in the middle of it")

    def _between(self, text: str, place: int, is_new: bool) -> tuple[int, str]:
        """Passes what separates objects, and says where something else stands than an object or an array of them."""
        found = _BETWEEN.match(text, place)
        place = found.end() if found else place
        if place == len(text):
            return place, ""
        first, self.is_first = self.is_first, False
        if text[place] == "{":
            self._start(is_at_margin=is_new and place == 0)
            return place, ""
        if text[place] == "]":
            if self.wrapped:
                self.wrapped -= 1
                self._start(is_rest=True)
            return place + 1, ""
        if text[place] == "[" and first:
            return place + 1, ""
        junk = _JUNK.match(text, place)
        return (junk.end() if junk else place + 1), "no JSON object"

    def _start(self, *, is_rest: bool = False, is_at_margin: bool = False) -> None:
        """Begins an object, or what follows the objects in the document around them, which is passed over."""
        self.is_inside, self.is_rest, self.is_at_margin = True, is_rest, is_at_margin
        self.is_compact, self.is_broken = not is_rest, False
        self.depth, self.line, self.size, self.parts, self.name = int(is_rest), self.now, 0, [], ""

    def _inside(self, text: str, place: int) -> tuple[int, bool]:
        """Goes on to the end of the object or of the text: the place where it stopped, and whether an object ended."""
        if self.is_broken and self.is_compact:
            return self._keep(text, place, len(text)), False
        for token in _TOKEN.finditer(text, place):
            sign = token.group()
            if sign in ("{", "["):
                if sign == "[" and self.depth == 1 and self.name == self.wrapper:
                    self.wrapped += 1
                    self.is_inside = False
                    return token.end(), False
                self.depth += 1
            elif sign in ("}", "]"):
                self.depth -= 1
                if self.depth <= 0:
                    self.is_inside = False
                    return self._keep(text, place, token.end()), not self.is_rest
            elif sign == '"':
                self.is_broken = True
                break
            elif self.depth == 1:
                self.name = sign
        return self._keep(text, place, len(text)), False

    def _keep(self, text: str, place: int, end: int) -> int:
        """Adds to the object's text as long as it is short enough."""
        self.size += end - place
        if self.is_rest or self.size > self.longest:
            self.parts.clear()
        else:
            self.parts.append(text[place:end])
        return end

    def _ended(self, problem: str) -> Piece:
        if self.size > self.longest:
            problem = f"longer than {self.longest:,} characters"
        elif problem:
            problem = f"no JSON: {problem}"
        text = None if problem else "".join(self.parts)
        self.is_inside, self.parts = False, []
        return Piece(self.line, text, problem)
