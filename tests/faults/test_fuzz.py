"""Broken files: cut, doubled, swapped, garbled lines and bytes of every file of the shop.

Full form: `TRACKER_FULL=1 pytest tests/faults/test_fuzz.py` (5,000 cases instead of 400; a line of 100 MB
instead of 5). A case is named by its number, which is the seed: it can be run again by itself.
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from hypothesis import given, settings, strategies

from tracker_tui.cli import run
from tracker_tui.errors import TrackerError
from tracker_tui.model import Customer, Product, SaleLine
from tracker_tui.model.state import Snapshot
from tracker_tui.service import InventoryService
from tracker_tui.storage.rows import Line
from tracker_tui.storage.table import _TableReading

FULL: Final = bool(os.environ.get("TRACKER_FULL"))
CASES: Final = 5000 if FULL else 400
PARTS: Final = 8
LONG_LINE: Final = (100 if FULL else 5) << 20
SLOWEST_S: Final = 5.0
TABLES: Final = ("inventory.txt", "customers.txt")
LOGS: Final = ("purchases.txt", "changes.txt")
FILES: Final = (*TABLES, *LOGS, "tracker.toml")
Record: TypeAlias = Callable[[str, object], None]

pytestmark = pytest.mark.timeout(3000 if FULL else 600)

EVIL: Final = (
    b"1E+1000000", b"1E+30000000", b"NaN", b"Infinity", b"-0", b"1_000", "١٢".encode(), "１２".encode(),
    b"\0", b"\0\0\0\0", b'"', b'""', b"'", b"\r", b"\r\r", b"\x0b", b"\x0c", b"\x1c", "\u2028".encode(),
    "\x85".encode(), b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[2J", b"9" * 5000, b"=1+1", b"#", b"|||", b",,,,",
    b";;;", b"\t", "\u202e".encode(), b"\xed\xa0\x80", b"null", b"own columns: {", b"-", b"entry 3", b"1/1", b"2/3",
)  # fmt: skip


def _make_shop(folder: Path) -> dict[str, bytes]:
    """Make a shop with everything in it that a file may have; return its files."""
    with InventoryService.open(folder, "amal") as service:
        for number in range(1, 7):
            product = Product(f"P{number}", f"Product, {number}", Decimal(number), 50, frozenset({"a", "b"}))
            service.add(product._replace(barcodes=frozenset({f"400{number}"}), extra={"shelf": f"S{number}"}))
        service.add_customer(Customer("", "Zoë", phone="+49 30 1", extra={}))
        service.sell([("P1", 2), ("P2", 1), ("P3", 1)], customer="Zoë")
        service.receive("P4", 7)
        sale = service.sell([("P4", 3)], customer="Bo")
        service.give_back(sale.sale, [("P4", 1)])
        service.edit("P5", price=Decimal("5.55"))
        service.undo(service.sell([("P6", 1)]).entry)
    path = folder / "inventory.txt"
    first, header, *rest = path.read_bytes().split(b"\n")
    path.write_bytes(
        b"\n".join([first, b"# ours: do not touch ", header, *rest[:2], b"# a shelf", *rest[2:]])
    )
    (folder / "tracker.toml").write_text('shop = "Corner"\nlow_stock = 2\n', encoding="utf-8")
    with InventoryService.open(folder, "amal"):
        return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a shop that is whole."""
    return _make_shop(tmp_path_factory.mktemp("whole") / "shop")


def _spoilt(dice: random.Random, data: bytes) -> bytes:
    """Do one piece of damage."""
    lines = data.split(b"\n")
    place, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    at = dice.randrange(len(data) + 1)
    kind = dice.randrange(11)
    if kind == 0:
        return data[:at]
    if kind == 1:
        lines.insert(other, lines[place])
    elif kind == 2:
        lines[place], lines[other] = lines[other], lines[place]
    elif kind == 3:
        del lines[place]
    elif kind == 4:
        return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
    elif kind == 5:
        return data[:at] + data[at + dice.randrange(1, 20) :]
    elif kind == 6:
        return data[:at] + dice.choice(EVIL) + data[at:]
    elif kind == 7:
        fields = lines[place].split(b",")
        fields[dice.randrange(len(fields))] = dice.choice(EVIL)
        lines[place] = b",".join(fields)
    elif kind == 8:
        lines[place] = lines[place][: dice.randrange(len(lines[place]) + 1)]
    elif kind == 9:
        fields = lines[place].split(b",")
        dice.shuffle(fields)
        lines[place] = b",".join(fields)
    else:
        lines.insert(place, bytes(dice.randrange(256) for _ in range(dice.randrange(1, 40))))
    return b"\n".join(lines)


def _damaged(dice: random.Random, files: dict[str, bytes]) -> dict[str, bytes]:
    damaged = dict(files)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        name = dice.choice(FILES)
        damaged[name] = _spoilt(dice, damaged[name])
    return damaged


def _named(shop: Snapshot, name: str) -> set[int]:
    """Return the lines of a file that something was said about; 0 = the file as a whole."""
    return {found.line for found in (*shop.problems, *shop.notices) if found.file == name}


def _fields(line: bytes) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line.decode().rstrip("\r")], strict=True), [])]
    except (ValueError, csv.Error):
        return []


def _silent(shop: Snapshot, name: str, data: bytes, whole: bytes) -> Iterator[str]:
    """Yield the lines of a file that neither count nor are spoken of, in whatever order their columns are."""
    said = _named(shop, name)
    reasons = " ".join(found.reason for found in (*shop.problems, *shop.notices) if found.file == name)
    header = set(_fields(next(line for line in whole.split(b"\n") if not line.startswith(b"#"))))
    rows = shop.products if name == "inventory.txt" else shop.customers
    torn = [found.line for found in shop.notices if found.file == name and "never booked" in found.reason]
    if (0 in said and name in TABLES) or "taken over" in reasons:
        return
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        fields = set(_fields(line))
        if not line.strip() or number in said or number >= min(torn, default=1 << 30):
            continue
        if line.strip().startswith((b"#", b'"#')):
            continue
        if len(fields & header) > 1 and number < 15:
            continue
        if name in TABLES and not rows.keys().isdisjoint(fields):
            continue
        numbers = [int(field) for field in fields if re.fullmatch(r"[0-9]{1,9}", field)]
        if name in LOGS and any(
            _is_counted(shop, one, fields) or re.search(rf"\bentry {one}\b", reasons) for one in numbers
        ):
            continue
        yield f"{name}:{number}: {line!r} neither counts nor is spoken of"


def _is_counted(shop: Snapshot, number: int, fields: set[str]) -> bool:
    """Tell whether a line of a log is in an entry that counts, with its product and pieces."""
    entry = shop.find(number)
    return entry is not None and any(
        one.product_id.strip() in fields
        and str(one.quantity if isinstance(one, SaleLine) else one.quantity_change) in fields
        for one in entry.lines
    )


def _own_lines(data: bytes) -> list[bytes]:
    """Return the lines of a table that are no row that the program may write anew: comments."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    ours = re.compile(rb"#\s*tracker inventory|# end of inventory")
    return [line for line in lines if line.lstrip().startswith(b"#") and not ours.match(line.strip())]


def _in_order(wanted: Iterable[bytes], there: Iterable[bytes]) -> bytes | None:
    """Return the first wanted line that is not there, in this order; None if all are."""
    left = iter(there)
    for line in wanted:
        if all(one.rstrip(b"\r") != line.rstrip(b"\r") for one in left):
            return line
    return None


def _check_case(folder: Path, damaged: dict[str, bytes], whole: dict[str, bytes]) -> int:
    """Open the spoilt shop, act, save, and look whether all is still there; return how much was reported."""
    for name, data in damaged.items():
        (folder / name).write_bytes(data)
    _check_command(folder)
    with InventoryService.open(folder, "zoe") as service:
        shop = service.snapshot
        first = {name: _named(shop, name) for name in FILES}
        broken = {
            name: [
                damaged[name].split(b"\n")[found.line - 1]
                for found in shop.problems
                if found.file == name and 1 < found.line <= damaged[name].count(b"\n") + 1
            ]
            for name in TABLES
        }
        for name in (*TABLES, *LOGS):
            silent = list(_silent(shop, name, damaged[name], whole[name]))
            assert not silent, silent[0]
        assert _named(shop, "tracker.toml") or not _is_spoilt(damaged["tracker.toml"])
        _act(service)
        reported = len(shop.problems) + len(shop.notices)
    for name in LOGS:
        _check_log(folder, name, damaged[name], first[name])
    for name in TABLES:
        _check_table(folder, name, damaged[name], broken[name])
    assert (folder / "tracker.toml").read_bytes() == damaged["tracker.toml"]
    return reported


def _is_spoilt(data: bytes) -> bool:
    """Tell whether anything in the settings cannot be used."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except ValueError:
        return True
    shop, low = table.pop("shop", ""), table.pop("low_stock", 0)
    return bool(table) or not isinstance(shop, str) or not isinstance(low, int)


def _check_command(folder: Path) -> None:
    """See that `check` names file, line and reason of each problem."""
    with InventoryService.open(folder, "zoe", read_only=True) as service:
        shop = service.snapshot
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = run(["-d", str(folder), "check", "--read-only"])
    assert code == (1 if shop.problems else 0), out.getvalue()
    for problem in shop.problems:
        assert f"{problem.file}:{problem.line}: " in out.getvalue(), problem


def _act(service: InventoryService) -> None:
    """Do one act of each kind; a refusal is an answer, anything else is a fault."""
    tries: list[Callable[[], object]] = [
        lambda: service.sell([("P1", 1)], customer="Zoë"),
        lambda: service.receive("P2", 1),
        lambda: service.add(Product("NEW", "New", Decimal(1), 1)),
        service.save,
        service.report,
    ]
    for work in tries:
        try:
            work()
        except TrackerError:
            continue


def _check_log(folder: Path, name: str, before: bytes, named: set[int]) -> None:
    """See that each byte of a log is where it was, or in a file of its own that was spoken of."""
    after = (folder / name).read_bytes()
    if after.startswith(before):
        return
    aside = [path.read_bytes() for path in sorted(folder.glob(f"{name}.*.torn"))]
    aside += [path.read_bytes() for path in sorted(folder.glob(f"{name.removesuffix('.txt')}-original*.txt"))]
    assert named, f"{name} was changed without a word"
    same = next(
        (i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(after)
    )
    kept = before[:same]
    assert any(before in (whole, kept[: len(before) - len(whole)] + whole) for whole in aside), name


def _check_table(folder: Path, name: str, before: bytes, broken: list[bytes]) -> None:
    """See that comments and broken lines of a table are there word for word, in their order."""
    path = folder / name
    if not path.exists() and not before:
        return
    after = path.read_bytes()
    copies = [one.read_bytes() for one in folder.glob(f"{name.removesuffix('.txt')}-original*.txt")]
    if before in copies or after == before:
        return
    lines = after.split(b"\n")
    lost = _in_order(_own_lines(before), lines)
    assert lost is None, f"{name}: the comment {lost!r} is gone"
    header = before.split(b"\n")[:3]
    lost = next((line for line in broken if line not in header and line.rstrip(b"\r") not in lines), None)
    assert lost is None or not lost.strip(), f"{name}: the broken line {lost!r} is gone"


@pytest.mark.parametrize("part", range(PARTS))
def test_no_damage_goes_unsaid(
    part: int, files: dict[str, bytes], tmp_path: Path, record_property: Record
) -> None:
    reported = silent = 0
    slowest = 0.0
    faults: list[str] = []
    for case in range(part, CASES, PARTS):
        folder = tmp_path / str(case)
        folder.mkdir(mode=0o700)
        damaged = _damaged(random.Random(case), files)
        began = time.process_time()
        try:
            told = _check_case(folder, damaged, files)
        except (
            AssertionError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
            OSError,
            TrackerError,
        ) as fault:
            faults.append(f"case {case}: {type(fault).__name__}: {fault}"[:400])
        else:
            reported, silent = reported + (told > 0), silent + (told == 0)
        slowest = max(slowest, time.process_time() - began)
    print(
        f"\n{reported + silent + len(faults)} cases, {reported} reported something, slowest {slowest:.2f} s"
    )
    record_property("cases", reported + silent)
    record_property("slowest_s", slowest)
    assert not faults, "\n".join(faults[:10])
    assert slowest < SLOWEST_S


@settings(max_examples=5000 if FULL else 60, deadline=None)
@given(dice=strategies.randoms(use_true_random=False))
def test_no_damage_that_is_searched_for_goes_unsaid(
    dice: random.Random, files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same damages, chosen by hypothesis, which makes a case that fails as small as it can."""
    folder = tmp_path_factory.mktemp("spoilt")
    folder.chmod(0o700)
    _check_case(folder, _damaged(dice, files), files)


def _cases(files: dict[str, bytes], tmp_path: Path, number: int) -> list[str]:
    faults: list[str] = []
    for case in range(number):
        folder = tmp_path / str(case)
        folder.mkdir(mode=0o700)
        try:
            _check_case(folder, _damaged(random.Random(case), files), files)
        except AssertionError as fault:
            faults.append(str(fault))
    return faults


def _unreported(_reading: object, raw: bytes, _reason: str, _number: int) -> Line:
    return Line(raw)


_BROKEN: Final = _TableReading._broken


def _cut(reading: _TableReading[Product], raw: bytes, reason: str, number: int) -> Line:
    return _BROKEN(reading, raw, reason, number)._replace(raw=raw[:4])


@pytest.mark.parametrize(
    ("target", "wrong", "fault"),
    [
        ("log._Reading._report", lambda *_: None, "neither counts nor is spoken of"),
        ("table._TableReading._broken", _unreported, "neither counts nor is spoken of"),
        ("table._TableReading._broken", _cut, "is gone"),
    ],
    ids=["log: not reported", "table: not reported", "broken lines cut on a save"],
)
def test_planted_mistakes_are_caught(
    target: str,
    wrong: Callable[..., object],
    fault: str,
    files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"tracker_tui.storage.{target}", wrong)
    # A line is spliced out of the file itself, whatever was kept of it.
    monkeypatch.setattr("tracker_tui.storage.store.splice_table", lambda *_: None)
    faults = [one for one in _cases(files, tmp_path, 30) if fault in one]
    print(f"\ncaught in {len(faults)} of 30 cases: {faults[:1]}"[:300])
    assert faults


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("start", [b"", b'"'], ids=["bare", "quoted"])
def test_a_line_without_end(
    name: str, start: bytes, files: dict[str, bytes], tmp_path: Path, record_property: Record
) -> None:
    long = start + b"7," * (LONG_LINE // 2)
    for file, data in files.items():
        (tmp_path / file).write_bytes(data)
    tmp_path.chmod(0o700)
    lines = files[name].split(b"\n")
    (tmp_path / name).write_bytes(b"\n".join([*lines[:2], long, *lines[2:]]))
    began = time.process_time()
    with InventoryService.open(tmp_path, "zoe") as service:
        opened_s = time.process_time() - began
        assert name in {problem.file for problem in service.snapshot.problems}
        assert len(service.snapshot.products) == 6
        assert all(len(problem.reason) < 1000 for problem in service.snapshot.problems)
        service.sell([("P1", 1)])
    assert long in (tmp_path / name).read_bytes().split(b"\n")
    print(f"\n{name}: a line of {len(long) >> 20} MB, open in {opened_s:.2f} s")
    record_property("opened_s", opened_s)
    assert opened_s < (20 if FULL else SLOWEST_S)


@pytest.mark.parametrize(
    "evil", ["1E+1000000", "1E+30000000", "9" * 5000, "１２", "٣", "1_000", "NaN", "+5", "5\0"]
)
@pytest.mark.parametrize("name", ["inventory.txt", *LOGS])
def test_a_quantity_that_is_none(name: str, evil: str, files: dict[str, bytes], tmp_path: Path) -> None:
    column = {"inventory.txt": 3, "purchases.txt": 8, "changes.txt": 7}[name]
    for file, data in files.items():
        (tmp_path / file).write_bytes(data)
    tmp_path.chmod(0o700)
    lines = files[name].split(b"\n")
    number = next(i for i, line in enumerate(lines) if b"P1" in line)
    fields = next(csv.reader([lines[number].decode()]))
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([*fields[:column], evil, *fields[column + 1 :]])
    lines[number] = text.getvalue().encode()
    (tmp_path / name).write_bytes(b"\n".join(lines))
    began = time.process_time()
    with InventoryService.open(tmp_path, "zoe") as service:
        assert time.process_time() - began < SLOWEST_S
        assert (name, number + 1) in {(problem.file, problem.line) for problem in service.snapshot.problems}
        service.receive("P2", 1)
    assert lines[number] in (tmp_path / name).read_bytes().split(b"\n")
