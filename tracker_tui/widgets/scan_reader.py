"""Tells what a scanner sends from what a person types, before any widget sees it.

A scanner is a keyboard that types a code and Enter, Line Feed or Tab in a burst. What counts is the whole token,
what ended it, and its gaps: a line over SSH bunches the keys of a person as well, and lets a scanner stall. So a
burst is a scan where its code is a product's, or looks like a code, or where its keys would do things on their
own. Everything else is typed, in its order, as if nobody had looked.

The first key of a burst may have been a person's: a field gets it at once, as waiting would be felt, and it is
taken out again if a scan follows. Anywhere else, where keys do things, it waits for a moment.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Final, Protocol, TypeAlias

from textual.events import Key, Paste

from tracker_tui.model.matches import Wanted, read_wanted
from tracker_tui.tuples import NamedTuple

TIGHT_S: Final = 0.04
"""The longest gap in a burst, for each key that is waiting already: a long burst may stall for longer."""

STALL_S: Final = 0.25
"""The longest that a burst may stall while it waits."""

RUN_S: Final = 0.5
"""What was typed longer ago than this is no part of a scan."""

KNOWN_PACE_S: Final = 0.05
"""The slowest that a code of the shop comes from a scanner, a key; nobody types so fast for so long."""

UNKNOWN_PACE_S: Final = 0.035
"""The slowest that any other code comes, a key."""

SUFFIX_S: Final = 0.1
"""So long after a scan further Enters, Line Feeds and Tabs are its own: CR LF, or Enter and Tab."""

LINE_FEED_S: Final = 0.02
"""A Line Feed so soon after an Enter is part of it: terminals send none of themselves."""

LONGEST: Final = 128
"""Characters of the longest code."""

ENDS: Final = frozenset({"enter", "ctrl+j", "tab"})
"""The keys that end a scan: CR, LF and Tab."""

_FEWEST_KNOWN: Final = 3
_FEWEST_UNKNOWN: Final = 6
_STEPS: Final = frozenset("jkgG+- ")
"""Keys that people press again and again, and then Enter."""

_CODE: Final = re.compile(r"(?=.*\d)[!-~]+", re.ASCII)
_NO_CODE: Final = re.compile(r"\d*[.,]\d{1,4}|\d{4}-\d\d?-\d\d?|(.)\1*", re.ASCII)
"""An amount, a day, or one key held down."""

_PASTED_ENDS: Final = re.compile(r"\r\n|\r|\n|\t")


class Stroke(NamedTuple):
    """One printable key of a run of keys.

    Attributes:
        character: What it typed.
        time: When it arrived, on the monotonic clock.
        before: The field that got it and how that was before, as `Focus.field` told it; None where none did.
        acted: Whether it came where keys do things, and did what it does.
    """

    character: str
    time: float
    before: object | None = None
    acted: bool = False


class Found(NamedTuple):
    """A scan in a run of keys.

    Attributes:
        start: With which key of the run it begins.
        wanted: The code, and how many of it.
    """

    start: int
    wanted: Wanted


class Scanned(NamedTuple):
    """What a scanner read.

    Attributes:
        wanted: The code, and how many of it.
        before: How the field was that got the first keys, as `Focus.field` told it; None where none did.
    """

    wanted: Wanted
    before: object | None = None


class Pause(NamedTuple):
    """More keys may belong to what is waiting: look again at `until`, unless one comes before."""

    until: float


class Focus(Protocol):
    """What has the focus."""

    def takes(self, key: Key) -> bool:
        """Tell whether it takes this key as text, so that it does nothing else."""

    def expects(self, text: str) -> bool:
        """Tell whether this may well be typed there, though it looks like a code: a customer's phone number."""

    def field(self) -> object | None:
        """Return the field with the focus and how it is now; None where no field has it."""


Turn: TypeAlias = Key | Paste | Scanned | Pause | None
"""What comes next: a key or a paste for the widget, a scan, a pause, or nothing."""


class ScanReader:
    """Sorts the keys and pastes of a terminal, in the order in which they arrive, into typed and scanned ones.

    Args:
        knows: Tells whether a code is a product's.
    """

    def __init__(self, knows: Callable[[str], bool]) -> None:
        self._knows = knows
        self._waiting: deque[Key | Paste] = deque()
        self._free = 0
        self._run: list[Stroke] = []
        self._ended = ("", float("-inf"))
        self._scans: deque[Scanned] = deque()

    def __len__(self) -> int:
        """Return how many keys and pastes have not been handed out."""
        return len(self._waiting)

    def arrived(self, event: Key | Paste) -> None:
        """Take what came from the terminal."""
        self._waiting.append(event)

    def next(self, focus: Focus, *, waited: bool = False) -> Turn:
        """Return what comes next, now that all before it has done what it does.

        Args:
            focus: What has the focus now.
            waited: Whether the pause that was asked for is over.
        """
        if self._scans:
            return self._scans.popleft()
        while self._waiting and not self._free and self._is_suffix(self._waiting[0]):
            self._waiting.popleft()
        if not self._waiting:
            return None
        if self._free:
            self._free -= 1
            return self._let_out(focus)
        head = self._waiting[0]
        if isinstance(head, Paste):
            return self._next_paste(focus, head, waited=waited)
        if head.is_printable:
            return self._next_burst(focus, waited=waited)
        text = bool(self._run and self._run[-1].before)
        found = self._found(head, expects=focus.expects if text else None)
        if found is not None:
            return self._take_scan(found, 1)
        self._run.clear()
        return self._let_out(focus)

    def _is_suffix(self, event: Key | Paste) -> bool:
        """Tell whether this is what is left of an Enter that did its work."""
        key, time = self._ended
        if not isinstance(event, Key) or event.key not in ENDS:
            return False
        if key == "enter":
            return event.key == "ctrl+j" and event.time - time <= LINE_FEED_S
        return key == "scan" and event.time - time <= SUFFIX_S

    def _let_out(self, focus: Focus) -> Key | Paste:
        event = self._waiting.popleft()
        if isinstance(event, Key) and event.is_printable and event.character is not None:
            text = focus.takes(event)
            before = focus.field() if text else None
            self._run.append(Stroke(event.character, event.time, before, acted=not text))
        else:
            self._run.clear()
        self._ended = (event.key if isinstance(event, Key) else "", event.time)
        return event

    # Keys

    def _next_burst(self, focus: Focus, *, waited: bool) -> Turn:
        burst = list(self._burst())
        text = all(focus.takes(key) for key in burst)
        if len(burst) > LONGEST:
            return self._free_keys(focus, len(burst))
        after = self._waiting[len(burst)] if len(burst) < len(self._waiting) else None
        if after is not None:
            found = self._found(after, burst, expects=focus.expects if text else None)
            if found is None:
                return self._free_keys(focus, 1 if burst[0].character == "/" else len(burst))
            if found.start > len(self._run):
                return self._free_keys(focus, found.start - len(self._run))
            return self._take_scan(found, len(burst) + 1)
        if waited:
            return self._free_keys(focus, len(burst))
        if len(burst) == 1 and text and not self._goes_on(burst[0]):
            return self._let_out(focus)
        if not text and _is_held_down(burst):
            return self._free_keys(focus, len(burst) - 1)
        return Pause(burst[-1].time + _patience_s(len(burst)))

    def _burst(self) -> Iterator[Key]:
        """Yield the printable keys at the head that came close together."""
        number, last = 0, None
        for event in self._waiting:
            if not isinstance(event, Key) or not event.is_printable:
                return
            if last is not None and event.time - last > _patience_s(number):
                return
            number, last = number + 1, event.time
            yield event

    def _goes_on(self, key: Key) -> bool:
        """Tell whether a key goes on with a burst of which the field has the first already."""
        return bool(self._run) and key.time - self._run[-1].time <= TIGHT_S

    def _free_keys(self, focus: Focus, number: int) -> Key | Paste:
        """Let so many keys out, one after the other."""
        self._free = number - 1
        return self._let_out(focus)

    def _found(
        self, end: Key | Paste, burst: Sequence[Key] = (), *, expects: Callable[[str], bool] | None
    ) -> Found | None:
        """Look for a scan in what was let out lately and what is waiting; `end` came behind it."""
        if not isinstance(end, Key) or end.key not in ENDS:
            return None
        strokes = [*self._run, *(Stroke(key.character or "", key.time) for key in burst)]
        times = [stroke.time for stroke in strokes]
        recent = [gap <= RUN_S for gap in _gaps([*times, end.time])]
        first = len(recent) - len(list(takewhile(bool, reversed(recent))))
        found = find_scan(strokes[first:], end.time, self._knows, expects)
        return None if found is None else Found(found.start + first, found.wanted)

    def _take_scan(self, found: Found, used: int) -> Scanned:
        for _ in range(used):
            last = self._waiting.popleft()
            self._ended = ("scan", last.time)
        before = self._run[found.start].before if found.start < len(self._run) else None
        self._run.clear()
        return Scanned(found.wanted, before)

    # Pastes

    def _next_paste(self, focus: Focus, paste: Paste, *, waited: bool) -> Turn:
        """Take the codes out of a paste that is nothing but codes; its end may come as a key of its own."""
        after = self._waiting[1] if len(self._waiting) > 1 else None
        codes = self._codes(paste.text)
        if not codes and self._codes(f"{paste.text}\n"):
            if after is None and not waited:
                return Pause(paste.time + STALL_S)
            if isinstance(after, Key) and after.key in ENDS and after.time - paste.time <= STALL_S:
                codes = self._codes(f"{paste.text}\n")
        if not codes:
            return self._let_out(focus)
        self._scans.extend(Scanned(code) for code in codes)
        self._ended = ("scan", self._waiting.popleft().time)
        self._run.clear()
        return self._scans.popleft()

    def _codes(self, text: str) -> list[Wanted]:
        """Return the codes that a paste consists of, each with an end; none where it has anything else."""
        *tokens, rest = _PASTED_ENDS.split(text)
        wanted: list[Wanted] = []
        for token in filter(None, tokens):
            code = _wanted(token)
            if code is None or not (self._knows(code.text) or looks_like_a_code(code.text)):
                return []
            wanted.append(code)
        return wanted if not rest else []


def find_scan(
    strokes: Sequence[Stroke],
    ended: float,
    knows: Callable[[str], bool],
    expects: Callable[[str], bool] | None,
) -> Found | None:
    """Look for a scan at the end of a run of keys.

    Args:
        strokes: The keys, oldest first; any number.
        ended: When Enter, Line Feed or Tab came behind them.
        knows: Tells whether a code is a product's.
        expects: Tells whether a text may well be typed into the field that has the focus; None where what has
            the focus takes no text, so that each key would do something there.

    Returns:
        The scan; None where a person typed it.
    """
    if not 1 < len(strokes) <= LONGEST:
        return None
    token = "".join(stroke.character for stroke in strokes)
    times = [*(stroke.time for stroke in strokes), ended]
    starts = dict.fromkeys((0, _start_of_burst(times)))
    for start in starts:
        wanted = _wanted(token[start:])
        if wanted is None:
            continue
        pace = _pace(times[-1 - len(wanted.text) :])
        fewest = 2 if expects is None else _FEWEST_KNOWN
        if len(wanted.text) >= fewest and pace <= KNOWN_PACE_S and knows(wanted.text):
            return Found(start, wanted)
    acted = max((place for place, stroke in enumerate(strokes) if stroke.acted), default=-1)
    start = max(starts) if expects is None else acted + 1
    wanted = _wanted(token[start:])
    if wanted is None or _pace(times[-1 - len(wanted.text) :]) > UNKNOWN_PACE_S:
        return None
    if expects is not None:
        stalls = sum(gap > TIGHT_S for gap in _gaps(times[-1 - len(wanted.text) : -1]))
        at_once = times[-1] - times[-2] <= TIGHT_S and stalls <= 1
        is_code = at_once and looks_like_a_code(wanted.text) and not expects(token)
        return Found(start, wanted) if is_code else None
    harmless = set(wanted.text) <= _STEPS or wanted.text.startswith("/") or len(wanted.text) == 1
    return None if harmless else Found(start, wanted)


def looks_like_a_code(text: str) -> bool:
    """Tell whether nobody would type this as a word, an amount or a day."""
    fits = _FEWEST_UNKNOWN <= len(text) <= LONGEST and _CODE.fullmatch(text) is not None
    return fits and not _NO_CODE.fullmatch(text)


def _is_held_down(burst: Sequence[Key]) -> bool:
    """Tell whether the keys are one that repeats itself; no code is like that but one of digits."""
    characters = {key.character or "" for key in burst}
    return len(burst) > 1 and len(characters) == 1 and not characters.pop().isdecimal()


def _wanted(token: str) -> Wanted | None:
    """Read `3*code`; None where nothing can be meant."""
    try:
        wanted = read_wanted(token)
    except ValueError:
        return None
    return wanted if wanted.text else None


def _start_of_burst(times: Sequence[float]) -> int:
    """Return with which key the burst began that goes on to the end."""
    gaps = _gaps(times)
    last = max((place for place, gap in enumerate(gaps) if gap > STALL_S), default=-1)
    slow = [place for place, gap in enumerate(gaps) if place > last and gap > _patience_s(place - last)]
    return max(slow, default=last) + 1


def _pace(times: Sequence[float]) -> float:
    """Return the mean gap in seconds, without the longest one: a line may stall once."""
    gaps = sorted(_gaps(times))
    if not gaps:
        return 0.0
    counted = gaps[:-1] if len(gaps) > 3 else gaps
    return sum(counted) / len(counted)


def _gaps(times: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


def _patience_s(number: int) -> float:
    """Return how long to wait for more behind so many keys of a burst, in seconds."""
    return min(number * TIGHT_S, STALL_S)
