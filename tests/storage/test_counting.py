"""Counting logs: thousands of lines at once, each by itself, by any pieces or in halves, and always the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker_tui.model.money import parse_stored_amount
from tracker_tui.model.text import normal
from tracker_tui.storage import counting
from tracker_tui.storage.codec import (
    CHANGE_COLUMNS,
    CHANGES,
    PURCHASE_COLUMNS,
    PURCHASES,
    format_line,
    logged_product,
    parse_line,
)
from tracker_tui.storage.columns import Unusual, columns_of
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.goods_count import _odd_texts
from tracker_tui.storage.history_build import LogFile, build_history
from tracker_tui.storage.history_file import COLUMNS, HistoryFile, Unfit
from tracker_tui.storage.log import LogReader
from tracker_tui.storage.plain_values import amounts_of, coins
from tracker_tui.storage.sales_log import OtherWork, SalesLog
from tracker_tui.storage.table import read_table

Damage = Callable[[random.Random, bytes], list[bytes]]

SALES = ("a,1", 'b"2', "c", "undo-1", "undo-3", "é")


def sale_lines(dice: random.Random, number: int) -> list[str]:
    """Return the lines of one sale or return as the program writes them."""
    count = dice.choice([1, 1, 2, 3])
    who = dice.choice([("", ""), ("C0001", "Ann"), ("C0002", '"Bob, Dr."'), ("", "Zoë"), ("C0001", "Anna")])
    sale = dice.choice(SALES).replace('"', "")
    sale = f'"{sale}"' if "," in sale else sale
    back = dice.random() < 0.2
    day = dice.randint(1, 28)
    if dice.random() < 0.2:
        pieces = dice.choice([0, 0, 0, 1])
        payment = (
            f"{number},1/1,amal,{sale},{who[0]},{who[1]},,payment on account,{pieces},"
            f"2.50,0.00,{pieces * 250 // 100}.{pieces * 50:02},cash to account,,,2026-03-{day:02}T09:00:00+01:00"
        )
        return [payment]
    lines: list[str] = []
    for line in range(1, count + 1):
        pieces, cents = dice.randint(1, 4) * (-1 if back else 1), dice.randint(0, 500)
        total = pieces * cents
        sign = "-" if total < 0 else ""
        lines.append(
            f"{number},{line}/{count},amal,{sale},{who[0]},{who[1]},p{dice.randint(1, 5)},Thing,{pieces},"
            f"{cents // 100}.{cents % 100:02},0.00,{sign}{abs(total) // 100}.{abs(total) % 100:02},cash,"
            f"{'c' if back else ''},{dice.choice(['', '', 'x 1/2', '“,1/”'])},2026-03-{day:02}T09:00:00+01:00"
        )
    return lines


def change_lines(dice: random.Random, number: int) -> list[str]:
    """Return the lines of one change as the program writes them."""
    count = dice.choice([1, 1, 2])
    action = dice.choice(["add", "edit", "remove", "receive", "undo", "hand-edit", "close"])
    note = dice.choice(["", "entry 1", "entry 2", "inventory.txt abc", '"own columns: {""shelf"": ""A""}"'])
    lines: list[str] = []
    for line in range(1, count + 1):
        product, change = f"p{dice.randint(1, 5)}", dice.randint(-3, 9)
        gone = action == "remove"
        fields = ",".join(["", str(change), "", "", "", ""]) if gone else f"1.50,{change},b|a,3,,0.90"
        lines.append(
            f'{number},{line}/{count},amal,{action},{product},"Thing, red",{fields},{note},'
            f"2026-03-02T09:00:00+01:00"
        )
    return lines


def put_in(what: bytes) -> Damage:
    def damage(dice: random.Random, line: bytes) -> list[bytes]:
        at = dice.randrange(len(line) + 1)
        return [line[:at] + what + line[at:]]

    return damage


def exchanged(old: bytes, *new: bytes) -> Damage:
    return lambda dice, line: [line.replace(old, dice.choice(new), 1)]


DAMAGES: list[Damage] = [
    lambda _dice, _line: [],
    lambda dice, line: [line[: dice.randrange(len(line) + 1)]],
    lambda _dice, line: [line, line],
    lambda dice, line: [dice.choice([b"", b"  ", b"# hello", b",", b'"']), line],
    lambda _dice, line: [line + b"\r"],
    lambda _dice, line: [b"0" + line],
    *map(put_in, [b'"', b"\xff", b"\0", b"\r"]),
    exchanged(b".", b".0"),
    exchanged(b",", b",,"),
    exchanged(b",1/", b",2/"),
    exchanged(b"/1,", b"/999999999,"),
    exchanged(b"+01:00", b"Z", b"", b"+01:00:00", b"+0100"),
]
"""In the ways of disks, editors and spreadsheets: what becomes of one line."""


def damaged(dice: random.Random, lines: list[str]) -> list[bytes]:
    found = [line.encode() for line in lines]
    for _ in range(dice.choice([0, 0, 1, 2, 5])):
        if found:
            place = dice.randrange(len(found))
            found[place : place + 1] = dice.choice(DAMAGES)(dice, found[place])
    return found


def headed(dice: random.Random, columns: tuple[str, ...], lines: list[bytes]) -> bytes:
    """Return a whole log, mostly with a header and a last newline."""
    names = list(columns)
    match dice.randrange(8):
        case 0:
            names[dice.randrange(len(names))] = "other"
        case 1:
            names.append(dice.choice(names))
        case _:
            pass
    header = [] if dice.random() < 0.05 else [",".join(names).encode()]
    return b"\n".join([*header, *lines]) + dice.choice([b"\n", b"\n", b"", b"\n12,1/2,amal"])


def random_logs(seed: int) -> tuple[bytes, bytes]:
    """Return `purchases.txt` and `changes.txt`."""
    dice = random.Random(seed)
    sold: list[str] = []
    changed: list[str] = []
    for number in range(1, dice.randint(1, 40)):
        if dice.random() < 0.7:
            sold += sale_lines(dice, number)
        else:
            changed += change_lines(dice, number)
    broken = dice.random() < 0.6
    both = [
        damaged(dice, lines) if broken else [line.encode() for line in lines] for lines in (sold, changed)
    ]
    return headed(dice, PURCHASE_COLUMNS, both[0]), headed(dice, CHANGE_COLUMNS, both[1])


def log_file(data: bytes) -> LogFile:
    return LogFile(lambda at, size: data[at : at + size], len(data), (len(data),))


def counted(logs: tuple[bytes, bytes], *, in_halves: bool = False) -> bytes | None:
    """Return the history of two logs; None = it cannot be counted."""
    told: list[int] = []
    sold, changed = map(log_file, logs)
    try:
        data = build_history(
            sold, changed, 2, INVENTORY.columns, lambda done, _size: told.append(done), in_halves=in_halves
        )
    except Unfit:
        return None
    assert in_halves or told == sorted(told)
    return data


def history_of(logs: tuple[bytes, bytes], *, in_halves: bool = False) -> object:
    """Return the history without what depends on the pieces in which it was counted."""
    data = counted(logs, in_halves=in_halves)
    if data is None:
        return None
    file = HistoryFile(lambda at, size: data[at : at + size], len(data))
    about = {key: value for key, value in file.about.items() if key != "sections"}
    for state in about["logs"].values():
        del state["checks"]
    odd = about.pop("odd")
    strange = {key: (logged_product(of["line"], 2), of["quantity"], of["extra"]) for key, of in odd.items()}
    stock = dict(read_table(INVENTORY, file.stock(), 2).rows)
    return about, [file.column(name) for name in COLUMNS], file.people(), stock, strange


@contextmanager
def one_by_one() -> Iterator[None]:
    """Have each line read by itself."""

    def unusual(*_: object) -> list[list[str]]:
        raise Unusual

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "columns_of", unusual)
        yield


seeds = st.integers(0, 2**32)


@settings(max_examples=150)
@given(seeds, st.sampled_from([0, 200, 1000]))
def test_many_lines_at_once_and_each_by_itself_are_counted_the_same(seed: int, kept: int) -> None:
    logs = random_logs(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracker_tui.storage.history_build.KEPT_BYTES", kept)
        together = history_of(logs)
        with one_by_one():
            assert history_of(logs) == together


@settings(max_examples=100)
@given(seeds, st.sampled_from([150, 300, 700, 2000]))
def test_size_of_the_pieces_does_not_matter(seed: int, size: int) -> None:
    logs = random_logs(seed)
    whole = history_of(logs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "PIECE_BYTES", size)
        assert history_of(logs) == whole


@settings(max_examples=40)
@given(seeds)
def test_two_halves_are_counted_like_the_whole(seed: int) -> None:
    logs = random_logs(seed)
    whole = history_of(logs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracker_tui.storage.history_build._LONG_BYTES", 0)
        patch.setattr(counting, "PIECE_BYTES", 500)
        assert history_of(logs, in_halves=True) == whole


@settings(max_examples=100)
@given(seeds)
def test_entries_that_are_counted_are_those_that_are_read(seed: int) -> None:
    logs = random_logs(seed)
    sold, changed = LogReader(PURCHASES), LogReader(CHANGES)
    numbers = [entry.entry for entry in sold.take(logs[0], 2)]
    others = [entry.entry for entry in changed.take(logs[1], 2)]
    both = [*numbers, *others]
    fine = sorted({*numbers}) == numbers and sorted({*others}) == others and len({*both}) == len(both)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracker_tui.storage.history_build.KEPT_BYTES", 1 << 30)
        data = counted(logs)
    if data is None:
        assert not fine or b".0" in logs[0], "or an amount is finer than the coins"
        return
    assert fine
    file = HistoryFile(lambda at, size: data[at : at + size], len(data))
    assert list(file.column("sold_numbers")) == numbers
    assert list(file.column("changed_numbers")) == others
    for name, problems in ((PURCHASES.file, sold.problems), (CHANGES.file, changed.problems)):
        assert file.about["logs"][name]["problems"] == [list(problem) for problem in problems]


def test_forked_part_and_what_is_done_beside_it_tell_how_far_they_are() -> None:
    lines = [line for number in range(1, 400) for line in sale_lines(random.Random(1), number)]
    data = b"\n".join([",".join(PURCHASE_COLUMNS).encode(), *(line.encode() for line in lines), b""])
    log = SalesLog(2, float("inf"))
    told: list[int] = []
    other = OtherWork(lambda tell: tell(1000), 1000, 1.0)
    log.count_in_two(lambda at, size: data[at : at + size], len(data), told.append, other)
    assert log.log.reader.size == len(data)
    assert list(log.log.numbers) == list(range(1, 400))
    assert told[0] >= 1000
    assert max(told) <= 1000 + len(data)


FIELDS = st.text(st.sampled_from('ab,"é “\t7'), max_size=5)


@settings(max_examples=300)
@given(st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(FIELDS, min_size=width, max_size=width))))
def test_fields_of_many_lines_are_those_of_each(rows: list[list[str]]) -> None:
    """As the program writes them: with quotes where a comma or a quote is in them."""
    if not rows:
        return
    columns = columns_or_none(b"".join(map(format_line, rows)), len(rows[0]))
    quoted = (field for row in rows for field in (row[0], row[-1]) if "," in field or '"' in field)
    assert columns is not None or any(quoted), "of these the quotes stand beside a newline"
    if columns is not None:
        assert [list(row) for row in zip(*columns, strict=True)] == [
            [f.encode() for f in row] for row in rows
        ]


@settings(max_examples=500)
@given(st.lists(st.text(st.sampled_from('a,,,""" \n\r\0'), max_size=9)), st.integers(2, 4))
def test_lines_of_any_kind_are_taken_together_as_by_themselves_or_not_at_all(
    lines: list[str], width: int
) -> None:
    piece = "".join(f"{line}\n" for line in lines).encode()
    columns = columns_or_none(piece, width)
    if columns is not None:
        each = [parse_line(line) for line in piece.split(b"\n")[:-1]]
        assert [[field.decode() for field in row] for row in zip(*columns, strict=True)] == each
        assert {len(row) for row in each} <= {width}


def columns_or_none(piece: bytes, width: int) -> list[list[bytes]] | None:
    try:
        return columns_of(piece, width)
    except Unusual:
        return None


@given(
    text=st.from_regex(r"-?\d{0,14}([.,]\d{0,3})?", fullmatch=True),
    decimals=st.sampled_from([0, 2, 3]),
    signed=st.booleans(),
)
def test_coins_are_read_as_amounts_are(text: str, decimals: int, *, signed: bool) -> None:
    try:
        amount = parse_stored_amount(text, decimals, signed=signed).scaleb(decimals)
        wanted = int(amount) if amount.as_tuple().exponent == 0 else None
    except ValueError:
        wanted = None
    try:
        found = coins(decimals, signed=signed)[text.encode()]
    except ValueError:
        found = None
    assert found == wanted


AMOUNTS = st.from_regex(r"-?0{0,2}[1-9]?\d{0,2}[.,]?\d{0,3}", fullmatch=True) | st.sampled_from(
    [
        "1.50",
        "-2.00",
        "0.00",
        "-0.00",
        "-.50",
        ".50",
        "1-.00",
        "--1.00",
        "1..00",
        "1.0.00",
        "+1.00",
        " 1.00",
        "1_0.00",
    ]
)


@settings(max_examples=300)
@given(st.lists(AMOUNTS | st.just("12.50"), max_size=4), st.sampled_from([0, 1, 2, 3]))
def test_many_amounts_are_read_as_each_is(texts: list[str], decimals: int) -> None:
    raw = [text.encode() for text in texts]

    def read(how: Callable[[], list[int]]) -> list[int] | None:
        try:
            return how()
        except Unusual:
            return None

    assert read(lambda: amounts_of(raw, decimals)) == read(lambda: coins(decimals).all(raw))


BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0"


@given(st.lists(st.text("ab" + BLANKS, max_size=4)))
def test_texts_with_blanks_around_are_found_among_many(texts: list[str]) -> None:
    fields = [text.encode() for text in texts]
    assert _odd_texts(fields, "cost") == {
        text.encode() for text in texts if text.encode().strip(BLANKS[:-2].encode()) != text.encode()
    } | {text.encode() for text in texts if not text.isascii() and normal(text) != text}
