"""What is a scan and what is typed: by the whole token, its end and its gaps, not by one key."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import accumulate

import pytest
from textual.events import Key, Paste

from tracker_tui.model.matches import Wanted
from tracker_tui.widgets.scan_reader import LONGEST, Pause, Scanned, ScanReader, Turn, looks_like_a_code

MILK = "4006381333931"
KNOWN = {MILK, "001", "M01", "dy-9", "12"}
NAMES = {"\r": "enter", "\n": "ctrl+j", "\t": "tab"}


class Focus:
    """A stand-in for what has the focus: a field that keeps what it gets, or a table with keys."""

    def __init__(self, *, text: bool, expected: str = "") -> None:
        self.text = text
        self.value = ""
        self.expected = expected

    def takes(self, key: Key) -> bool:
        return self.text and key.is_printable

    def expects(self, text: str) -> bool:
        return bool(self.expected) and text == self.expected

    def field(self) -> str | None:
        return f"<{self.value}>" if self.text else None

    def get(self, turn: Key | Paste) -> None:
        if isinstance(turn, Key) and turn.is_printable:
            self.value += turn.character or ""


def press(text: str, times: Iterable[float]) -> list[Key | Paste]:
    """Return keys with the times at which they arrive."""
    events: list[Key | Paste] = []
    for character, time in zip(text, times, strict=True):
        key = Key(NAMES.get(character, character), character)
        key.time = time
        events.append(key)
    return events


def evenly(text: str, gap_s: float, *, at: float = 100.0) -> list[Key | Paste]:
    return press(text, [at + number * gap_s for number in range(len(text))])


def outcome(events: Sequence[Key | Paste], focus: Focus) -> list[str]:
    """Feed keys as they arrive, wait where that is asked for, and return what came of them, in order."""
    reader = ScanReader(KNOWN.__contains__)
    seen: list[str] = []

    def take(turn: Turn) -> None:
        if isinstance(turn, Scanned):
            seen.append(f"scan {turn.wanted.pieces}*{turn.wanted.text}")
            if turn.before is not None:
                focus.value = str(turn.before)[1:-1]
        elif isinstance(turn, Key | Paste):
            focus.get(turn)
            seen.append(turn.key if isinstance(turn, Key) else f"paste {turn.text}")

    for number, event in enumerate(events):
        reader.arrived(event)
        later = events[number + 1].time if number + 1 < len(events) else float("inf")
        turn = reader.next(focus)
        while turn is not None:
            if isinstance(turn, Pause):
                if turn.until > later:
                    break
                turn = reader.next(focus, waited=True)
                assert not isinstance(turn, Pause), "one pause is enough"
            take(turn)
            turn = reader.next(focus)
    assert len(reader) == 0
    return seen


@pytest.mark.parametrize("end", ["\r", "\n", "\t", "\r\n", "\n\r", "\r\t", "\t\r\n"])
@pytest.mark.parametrize("gap_s", [0.0, 0.001, 0.01, 0.03])
@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize("code", [MILK, "M01", "5900000000001", "3*001", "yd-0099-kq"])
def test_a_burst_with_any_end_is_one_scan(end: str, gap_s: float, text: bool, code: str) -> None:  # noqa: FBT001
    focus = Focus(text=text)
    count, _, bare = code.rpartition("*")
    assert outcome(evenly(code + end, gap_s), focus) == [
        *([code[0]] if text else []),
        f"scan {count or 1}*{bare}",
    ]
    assert focus.value == "", "the field has its first key no more"


@pytest.mark.parametrize("gap_s", [0.06, 0.08, 0.12, 0.3])
@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize("typed", ["4006381333931\r", "001\r", "milk\t", "2026-11-22\r", "a\r"])
def test_what_is_typed_by_hand_is_no_scan(gap_s: float, text: bool, typed: str) -> None:  # noqa: FBT001
    assert outcome(evenly(typed, gap_s), Focus(text=text)) == [NAMES.get(key, key) for key in typed]


@pytest.mark.parametrize(
    "typed", ["milk\r", "tea\t", "green tea\r", "1.20\t", "1234.50\r", "2026-11-22\r", "11111111\r", "42\r"]
)
def test_words_and_numbers_that_a_line_bunched_are_typed_into_a_field(typed: str) -> None:
    assert outcome(evenly(typed, 0.0), Focus(text=True)) == [NAMES.get(key, key) for key in typed]


@pytest.mark.parametrize("burst", ["ok\r", "delay\t", "yes\n", "d y\r", "42\r", "1.20\r"])
def test_where_keys_do_things_no_burst_with_an_end_is_typed(burst: str) -> None:
    assert outcome(evenly(burst, 0.0), Focus(text=False)) == [f"scan 1*{burst[:-1]}"]


@pytest.mark.parametrize("burst", ["jjj\r", "kkjG\r", "+++\t", "   \r", "y\r", "d\n"])
def test_keys_that_people_press_again_and_again_are_keys(burst: str) -> None:
    assert outcome(evenly(burst, 0.0), Focus(text=False)) == [NAMES.get(key, key) for key in burst]


def test_a_key_that_is_held_down_does_not_wait_for_its_end() -> None:
    reader, focus = ScanReader(KNOWN.__contains__), Focus(text=False)
    for number, key in enumerate(evenly("jjjjjj", 0.033)):
        reader.arrived(key)
        turn = reader.next(focus)
        assert isinstance(turn, Pause if number == 0 else Key)


def test_a_field_gets_a_lone_key_at_once() -> None:
    reader, focus = ScanReader(KNOWN.__contains__), Focus(text=True)
    for key in evenly("milk", 0.1):
        reader.arrived(key)
        assert reader.next(focus) is key


def test_a_key_that_does_something_waits_a_moment() -> None:
    reader, focus = ScanReader(KNOWN.__contains__), Focus(text=False)
    (key,) = evenly("d", 0.1)
    reader.arrived(key)
    pause = reader.next(focus)
    assert isinstance(pause, Pause)
    assert 0.02 <= pause.until - key.time <= 0.05
    assert reader.next(focus, waited=True) is key


def test_without_an_end_all_is_typed_in_its_order() -> None:
    assert outcome(evenly("/adiceb", 0.0), Focus(text=False)) == list("/adiceb")
    assert outcome(evenly(MILK, 0.002), Focus(text=True)) == list(MILK)


def test_words_behind_a_slash_are_looked_at_where_the_slash_leads() -> None:
    reader, table, field = ScanReader(KNOWN.__contains__), Focus(text=False), Focus(text=True)
    slash, *rest = evenly("/tea\r", 0.0)
    for key in (slash, *rest):
        reader.arrived(key)
    assert reader.next(table) is slash
    assert [reader.next(field) for _ in rest] == rest


@pytest.mark.parametrize("place", range(1, 14))
@pytest.mark.parametrize("text", [True, False])
def test_a_line_that_stalls_once_breaks_no_scan(place: int, text: bool) -> None:  # noqa: FBT001
    """Digits do nothing anywhere, so that even those which came out early do no harm."""
    gaps = [0.003] * 13
    gaps[place - 1] = 0.2
    focus = Focus(text=text)
    seen = outcome(press(f"{MILK}\r", [100 + t for t in accumulate(gaps, initial=0)]), focus)
    assert seen[-1] == f"scan 1*{MILK}"
    assert focus.value.strip("0123456789") == ""
    assert not text or focus.value == ""


@pytest.mark.parametrize("seed", range(20))
def test_codes_at_twenty_a_second_come_whole_and_in_order_however_they_are_bunched(seed: int) -> None:
    chance = random.Random(seed)
    codes = [chance.choice([MILK, "001", "5900000000001", "dy-9"]) for _ in range(100)]
    times: list[float] = []
    for number, code in enumerate(codes):
        began = 100 + number * 0.05
        times += [began + place * 0.05 / (len(code) + 1) for place in range(len(code) + 1)]
    packet_s = chance.choice([0.0001, 0.01, 0.03])
    bunched = [round(time / packet_s) * packet_s for time in times]
    for text in (True, False):
        events = press("".join(f"{code}\r" for code in codes), bunched)
        seen = outcome(events, focus := Focus(text=text))
        assert [said for said in seen if said.startswith("scan")] == [f"scan 1*{code}" for code in codes]
        assert text or len(seen) == len(codes)
        assert focus.value == ""


def test_a_scan_behind_typed_words_leaves_the_words() -> None:
    focus = Focus(text=True)
    events = [*evenly("te", 0.12), *evenly(f"{MILK}\r", 0.003, at=100.4)]
    assert outcome(events, focus)[-1] == f"scan 1*{MILK}"
    assert focus.value == "te"


def test_a_key_that_opened_a_field_is_no_part_of_the_scan_that_follows() -> None:
    reader, table, field = ScanReader(KNOWN.__contains__), Focus(text=False), Focus(text=True)
    key, *scanned = [*evenly("e", 0.0), *evenly("5900000000001\r", 0.003, at=100.2)]
    reader.arrived(key)
    assert isinstance(reader.next(table), Pause)
    assert reader.next(table, waited=True) is key
    for stroke in scanned:
        reader.arrived(stroke)
    assert reader.next(field) == Scanned(Wanted(1, "5900000000001"))


def test_a_count_typed_by_hand_before_a_scan_counts() -> None:
    focus = Focus(text=True)
    events = [*evenly("3*", 0.15), *evenly(f"{MILK}\r", 0.003, at=100.35)]
    assert outcome(events, focus)[-1] == f"scan 3*{MILK}"
    assert focus.value == ""


def test_what_a_field_expects_is_typed() -> None:
    assert outcome(evenly("5551234\r", 0.0), Focus(text=True, expected="5551234"))[-1] == "enter"
    assert outcome(evenly("5551234\r", 0.0), Focus(text=True))[-1] == "scan 1*5551234"


def test_an_enter_by_hand_behind_a_scan_counts() -> None:
    events = [*evenly(f"{MILK}\r", 0.003), *evenly("\r", 0.0, at=100.5)]
    assert outcome(events, Focus(text=False)) == [f"scan 1*{MILK}", "enter"]


def test_a_line_feed_behind_an_enter_is_part_of_it() -> None:
    assert outcome(evenly("tea\r\n", 0.0), Focus(text=True)) == ["t", "e", "a", "enter"]
    slow = [*evenly("\r", 0.0), *evenly("\n", 0.0, at=100.2)]
    assert outcome(slow, Focus(text=True)) == ["enter", "ctrl+j"]


@pytest.mark.parametrize(
    "pasted", [f"{MILK}\r\n", f"{MILK}\n", f"{MILK}\r", f"{MILK}\t", f"{MILK}\n5900000000001\n"]
)
def test_a_paste_of_whole_codes_is_scans(pasted: str) -> None:
    paste = Paste(pasted)
    paste.time = 100.0
    assert outcome([paste], Focus(text=True)) == [f"scan 1*{code}" for code in pasted.split()]


def test_a_paste_whose_end_comes_as_a_key_is_a_scan() -> None:
    paste = Paste(f"2*{MILK}")
    paste.time = 100.0
    assert outcome([paste, *evenly("\r\n", 0.0, at=100.01)], Focus(text=False)) == [f"scan 2*{MILK}"]
    alone = Paste(MILK)
    alone.time = 100.0
    assert outcome([alone, *evenly("\r", 0.0, at=101)], Focus(text=True)) == [f"paste {MILK}", "enter"]


@pytest.mark.parametrize(
    "pasted", ["Milk\n", "two words\n", "1.20\n", "", "\n", f"Milk {MILK}\n", f"{MILK}\nMilk\n"]
)
def test_any_other_paste_is_a_paste(pasted: str) -> None:
    paste = Paste(pasted)
    paste.time = 100.0
    assert outcome([paste], Focus(text=True)) == [f"paste {pasted}"]


def test_more_than_the_longest_code_is_typed() -> None:
    typed = "0123456789" * 30
    assert outcome(evenly(f"{typed}\r", 0.0), Focus(text=True)) == [*typed, "enter"]
    longest = "12345678" * (LONGEST // 8)
    assert outcome(evenly(f"{longest}\r", 0.0), Focus(text=True))[-1] == f"scan 1*{longest}"


@pytest.mark.parametrize("end", ["f9", "escape", "left", "ctrl+s"])
def test_any_other_key_ends_no_scan(end: str) -> None:
    last = Key(end, None)
    last.time = 100.0
    assert outcome([*evenly(MILK, 0.0), last], Focus(text=True)) == [*MILK, end]


def test_a_count_of_nothing_is_no_scan() -> None:
    assert outcome(evenly(f"0*{MILK}\r", 0.0), Focus(text=True))[-1] == "enter"


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        (MILK, True),
        ("ABC-1234", True),
        ("]C1x9,;", True),
        ("milkshake", False),
        ("12345", False),
        ("5 500 12", False),
    ],
)
def test_what_nobody_types_looks_like_a_code(text: str, is_code: bool) -> None:  # noqa: FBT001
    assert looks_like_a_code(text) is is_code


def test_the_wanted_of_a_scan_is_what_the_till_reads() -> None:
    reader, focus = ScanReader(KNOWN.__contains__), Focus(text=False)
    for key in evenly("12*001\r", 0.0):
        reader.arrived(key)
    assert reader.next(focus) == Scanned(Wanted(12, "001"))
