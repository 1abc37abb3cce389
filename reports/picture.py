"""One call and what lies around it as a small drawing: the vendor's records above, our legs below, on one clock.

SVG by hand, for a month may hold a hundred of them; the same case gives the same bytes. What lies around a call is
read in `candidates.py`, which calls get a picture is `pictures.py`'s choice.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from html import escape

from reports.case import AROUND_S, SECOND, Call, Case, moment_of
from reports.charts import EXCESS, MEASURED, MUTED, REPORTED
from reports.clock import stretch
from reports.words import Words, words

WIDTH, LEFT, RIGHT = 680, 130, 20
VENDOR_Y, LEG_Y, AXIS_Y, TOP = 78, 146, 176, 48
CAPTION_Y, LINE = 214, 17
_CAPTION_WIDTH = 116
"""Latin letters in a line of the caption."""
_LABEL = 54
"""Pixels that the label of a mark keeps free."""
_ID = 40
"""Characters of an id that are shown."""
_HALF_S = 180
"""Half of what is shown, in seconds, where nothing lies further away."""
_FONTS = {"en": "Noto Sans, Noto Sans CJK SC, sans-serif", "zh": "Noto Sans CJK SC, Noto Sans, sans-serif"}


def picture(case: Case, language: str) -> str:
    """The drawing as one SVG document."""
    say = words(language)
    return _Drawing(case, say).svg()


class _Drawing:
    def __init__(self, case: Case, say: Words) -> None:
        self.case, self.say = case, say
        self.half_s = _half_s(case)
        theirs = [call for call in case.calls if call.partner_ref in {found.ref for found in case.candidates}]
        self.own_callers = {(call.side, call.ref) for call in (case.own, *case.candidates, *case.rivals, *theirs)}
        self.shown = [call for call in case.calls if call.match_class and self._is_inside(call)]

    def svg(self) -> str:
        """Title, lanes, axis, caption."""
        caption = [line for text in self._caption() for line in wrapped(text)]
        height = CAPTION_Y + LINE * len(caption)
        title = self.say.t("picture.title", call=_short(self.case.own.call_id), when=self._when())
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'role="img" font-family="{_FONTS[self.say.language]}" font-size="11" fill="{REPORTED}">',
            f"<title>{_safe(title)}</title>",
            f"<desc>{_safe(' '.join(self._caption()))}</desc>",
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            f'<text x="12" y="24" font-size="14" font-weight="600">{_safe(title)}</text>',
            *self._tolerance(),
            *self._gaps(),
            *self._lanes(),
            *self._others(),
            *self._pairs(),
            *self._marks(),
            *self._axis(),
            *(
                f'<text x="12" y="{CAPTION_Y + LINE * place}">{_safe(line)}</text>'
                for place, line in enumerate(caption)
            ),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _x(self, at: int) -> float:
        share = ((at - self.case.own.at) / SECOND + self.half_s) / (2 * self.half_s)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def _clipped(self, at: int) -> float:
        return min(max(self._x(at), LEFT), WIDTH - RIGHT)

    def _is_inside(self, call: Call) -> bool:
        return abs(call.at - self.case.own.at) <= self.half_s * SECOND

    def _tolerance(self) -> list[str]:
        """The time within which a partner may lie."""
        reach = self.case.tolerance_s * SECOND
        low, high = self._clipped(self.case.own.at - reach), self._clipped(self.case.own.at + reach)
        return [_rect(low, TOP, high - low, AXIS_Y - TOP, 'fill="#fff3d6"')]

    def _gaps(self) -> list[str]:
        """Hatched: times for which our log is not whole."""
        gaps = [k for k in self.case.known if k.state == "gap"]
        spans = {(self._clipped(gap.start), self._clipped(gap.end)) for gap in gaps}
        hatch = (
            '<defs><pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><path d="M0 0V6" stroke="{EXCESS}" stroke-width="1.5"/></pattern></defs>'
        )
        drawn = [_rect(a, LEG_Y - 17, b - a, 34, 'fill="url(#gap)"') for a, b in sorted(spans) if b > a]
        return [hatch, *drawn] if drawn else []

    def _lanes(self) -> list[str]:
        lanes = ((VENDOR_Y, "picture.vendor"), (LEG_Y, "picture.inhouse"))
        return [
            part
            for y, key in lanes
            for part in (
                f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#c9d0d8"/>',
                f'<text x="12" y="{y + 4}">{_safe(self.say.t(key))}</text>',
            )
        ]

    def _others(self) -> list[str]:
        """Calls of other callers as strokes, each pixel once: that our log runs on can be seen."""
        drawn = []
        for side, y in (("vendor", VENDOR_Y), ("inhouse", LEG_Y)):
            others = (c for c in self.shown if c.side == side and not self._is_marked(c))
            places = {round(self._x(call.at)) for call in others}
            strokes = "".join(f"M{x} {y - 6}V{y + 6}" for x in sorted(places))
            drawn += [f'<path d="{strokes}" stroke="#b4bdc8"/>'] if strokes else []
        return drawn

    def _pairs(self) -> list[str]:
        """A line from each record to its leg; the pair in question is drawn strong."""
        legs = {call.ref: call for call in self.shown if call.side == "inhouse"}
        thin: set[tuple[int, int]] = set()
        strong: list[str] = []
        for call in self.shown:
            leg = legs.get(call.partner_ref) if call.side == "vendor" and call.partner_ref else None
            if leg is None:
                continue
            if self._is_marked(call) or self._is_marked(leg):
                width = 2.5 if self._is_own(call) or self._is_own(leg) else 1.2
                strong.append(_line(self._x(call.at), self._x(leg.at), REPORTED, width))
            else:
                thin.add((round(self._x(call.at)), round(self._x(leg.at))))
        faint = "".join(f"M{a} {VENDOR_Y + 6}L{b} {LEG_Y - 6}" for a, b in sorted(thin))
        return [*([f'<path d="{faint}" stroke="#dde2e8"/>'] if faint else []), *strong]

    def _marks(self) -> list[str]:
        """The caller's calls and other candidates; the one in question is ringed, and named."""
        marks: list[str] = []
        labels: list[str] = []
        taken: dict[str, list[float]] = {"vendor": [], "inhouse": []}
        for call in sorted((call for call in self.shown if self._is_marked(call)), key=self._rank):
            x, y = self._x(call.at), VENDOR_Y if call.side == "vendor" else LEG_Y
            marks = [*self._mark(call, x, y), *marks]
            if all(abs(x - other) >= _LABEL for other in taken[call.side]):
                taken[call.side].append(x)
                labels.append(self._label(call, x, y))
        return [*marks, *(label for label in labels if label)]

    def _is_marked(self, call: Call) -> bool:
        return (call.side, call.ref) in self.own_callers

    def _rank(self, call: Call) -> tuple[bool, bool, int]:
        """What is named first, and lies on top: the call in question, its partner, the nearest."""
        own = self.case.own
        return not self._is_own(call), call.ref != own.partner_ref, abs(call.at - own.at)

    def _mark(self, call: Call, x: float, y: int) -> list[str]:
        is_own = self._is_own(call)
        colour = MEASURED if not is_own else REPORTED if call.partner_ref else EXCESS
        ring = f'<circle cx="{x}" cy="{y}" r="9" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        dot = f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}" stroke="{REPORTED}">{self._hover(call)}</circle>'
        return [ring, dot] if is_own else [dot]

    def _is_own(self, call: Call) -> bool:
        return call.ref == self.case.own.ref and call.side == self.case.own.side

    def _hover(self, call: Call) -> str:
        return f"<title>{_safe(f'{call.call_id} {self._clock_time(call.at)}')}</title>"

    def _label(self, call: Call, x: float, y: int) -> str:
        """The id of the call in question, the difference of every candidate."""
        is_other_side = call.side != self.case.own.side
        text = _short(call.call_id) if self._is_own(call) else self._difference(call) if is_other_side else ""
        place, anchor = y - 15 if call.side == "vendor" else y + 24, "end" if x > WIDTH - RIGHT - 60 else "middle"
        return f'<text x="{x}" y="{place}" text-anchor="{anchor}" font-size="10">{_safe(text)}</text>' if text else ""

    def _difference(self, call: Call) -> str:
        delta = self.case.delta_s(call)
        return stretch(self.say, delta, signed=True) if round(delta, 1) else self.say.value(0, "s")

    def _axis(self) -> list[str]:
        """Time of day on our clock, every minute or every five."""
        step = 60 if self.half_s <= 600 else 300
        first, last = (self.case.own.at // SECOND + sign * self.half_s for sign in (-1, 1))
        ticks = range(-(-first // step) * step, last + 1, step)
        drawn = [f'<path d="M{LEFT} {AXIS_Y}H{WIDTH - RIGHT}" stroke="{MUTED}"/>']
        for place, second in enumerate(ticks):
            x = self._x(second * SECOND)
            drawn.append(f'<path d="M{x} {AXIS_Y}v4" stroke="{MUTED}"/>')
            if place % 2 == 0 or step == 300:
                text = f"{_local(second * SECOND, self.case):%H:%M}"
                drawn.append(
                    f'<text x="{x}" y="{AXIS_Y + 16}" text-anchor="middle" fill="{MUTED}" font-size="10">{text}</text>'
                )
        return drawn

    def _when(self) -> str:
        here = _local(self.case.own.at, self.case)
        return f"{self.say.day(here.date().isoformat())} {here:%H:%M:%S}"

    def _clock_time(self, at: int) -> str:
        return f"{_local(at, self.case):%H:%M:%S}"

    def _caption(self) -> list[str]:
        """Why it has its partner or none, which offset was taken off, what the signs mean."""
        case, say, link = self.case, self.say, self.case.link
        reason = reason_words(say, link["reason"] or "")
        kind = say.t(f"picture.class.{link['match_class']}") if say.has(f"picture.class.{link['match_class']}") else ""
        if link["side"] == "pair":
            delta = (
                self._difference(case.partner) if case.partner else stretch(say, float(link["delta_s"]), signed=True)
            )
            lines = [
                say.t(
                    "picture.paired", leg=_short(link["inhouse_call_id"] or ""), kind=kind, reason=reason, delta=delta
                )
            ]
        else:
            lines = [say.t("picture.alone", kind=kind, reason=reason)]
        lines.append(self._offset())
        covered = say.t(f"picture.{'whole' if link['is_covered'] else 'gap'}")
        limit = say.value(case.tolerance_s, "s")
        return [*lines, f"{covered}{say.t('picture.signs', tolerance=limit)}"]

    def _offset(self) -> str:
        case, say = self.case, self.say
        if case.clock is not None and case.clock["basis"] == "none":
            return say.t("picture.clock_unknown")
        offset = case.offset / SECOND
        way = "same" if not offset else "ahead" if offset > 0 else "behind"
        stands = say.t(f"picture.offset_{way}", value=stretch(say, abs(offset)))
        if case.clock is None:
            return stands
        return stands + say.t("picture.spread", spread=say.value(float(case.clock["spread_s"]), "s"))


def reason_words(say: Words, reason: str) -> str:
    """A reason of `links` in the language; one that the texts do not know stays as it is."""
    known = {text: key for key, text in words("en").texts.items() if key.startswith("linked.")}
    return say.t(known[reason]) if reason in known else reason


def wrapped(text: str, width: int = _CAPTION_WIDTH) -> list[str]:
    """A text in lines; Chinese has no spaces and may break anywhere."""
    lines, line, used = [], "", 0
    for word in _words(text):
        size = _width(word)
        if line and used + size > width:
            lines.append(line.rstrip())
            line, used, word = "", 0, word.lstrip()
        line, used = line + word, used + size
    return [*lines, line.rstrip()]


def _words(text: str) -> Iterable[str]:
    """Pieces that a line may end after: a word with its space, or one wide character."""
    piece = ""
    for char in text:
        piece += char
        if char == " " or unicodedata.east_asian_width(char) in "WF":
            yield piece
            piece = ""
    if piece:
        yield piece


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _half_s(case: Case) -> int:
    """Half of what is shown, in seconds: wider where the nearest candidate lies further away."""
    near = max(_HALF_S, 2 * case.tolerance_s)
    beyond = [abs(call.at - case.own.at) for call in case.candidates if call.match_class]
    return near if min(beyond, default=0) <= near * SECOND else max(AROUND_S, near)


def _local(at: int, case: Case) -> datetime:
    return moment_of(at).astimezone(case.zone)


def _line(a: float, b: float, colour: str, width: float) -> str:
    return f'<path d="M{a} {VENDOR_Y}L{b} {LEG_Y}" stroke="{colour}" stroke-width="{width}"/>'


def _rect(x: float, y: float, width: float, height: float, more: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{round(width, 1)}" height="{height}" {more}/>'


def _safe(text: str) -> str:
    """Text for XML: without characters that it does not know, escaped."""
    return escape("".join(char if unicodedata.category(char) not in ("Cc", "Cs", "Cn") else " " for char in text))


def _short(call_id: str) -> str:
    return call_id if len(call_id) <= _ID else call_id[: _ID - 1] + "…"
