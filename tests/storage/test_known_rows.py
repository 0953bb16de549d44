"""What an earlier reading found out: whatever happened to the file since, it is read as if nothing were known."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tracker_tui.model.table_rows import TEXT_END
from tracker_tui.model.text import folded
from tracker_tui.service import InventoryService
from tracker_tui.shop import session
from tracker_tui.storage import tables_book
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.knowledge import knowledge_of
from tracker_tui.storage.known_rows import KnownRows, NotKnown
from tracker_tui.storage.rows import TableRows
from tracker_tui.storage.table import Row, Table, TableFormat, read_table

HEADER = b"id,name,price,quantity,categories,reorder_level,barcodes,cost,shelf"
NAMES = ["Milk", "“Oat” drink", "Bread, rye", "Straße", "Käse", "Tea  green", "Zoë's mix"]
KINDS = ["", "dairy", "dairy|fresh", "hot", '"with, comma"']


def row(dice: random.Random, key: object) -> bytes:
    name = dice.choice(NAMES)
    text = f'"{name}"' if "," in name else name
    level, cost = dice.choice(["", "3"]), dice.choice(["", "0.40"])
    rest = f"{dice.randint(0, 999) / 100:.2f},{dice.randint(0, 99)},{dice.choice(KINDS)},{level},{key}9,{cost},A{key}"
    return f"{key},{text},{rest}".encode()


def shop(dice: random.Random, rows: int) -> list[bytes]:
    lines = [b"# tracker inventory 1, as of entry 7", HEADER, *(row(dice, 1000 + n) for n in range(rows))]
    for _ in range(dice.randint(0, 3)):
        lines.insert(dice.randint(2, len(lines)), b"# ours")
    return [*lines, b"# end of inventory"]


def edit(dice: random.Random, lines: list[bytes]) -> None:
    """Do what a sale, an editor or a spreadsheet may do to a file."""
    at = dice.randint(2, max(2, len(lines) - 2))
    here = lines[at] if at < len(lines) else b""
    what = dice.randint(0, 9)
    if what < 3:
        lines[at : at + 1] = [row(dice, here.partition(b",")[0].decode())]
    elif what == 3:
        del lines[at : at + dice.choice([1, 1, 2, 200])]
    elif what == 4:
        lines[at:at] = [row(dice, 5000 + dice.randint(0, 999)) for _ in range(dice.choice([1, 1, 90]))]
    elif what == 5:
        lines.insert(at, here)
    elif what == 6:
        lines.insert(
            at,
            dice.choice([b"# a word", b"", b"broken", b'"open', b" 77,x,1,2,,,,,", b"88,caf\xe9,1,2,,,,,"]),
        )
    elif what == 7:
        lines[0] = b"# tracker inventory 1, as of entry 12345678"
    elif what == 8:
        lines[at:at], lines[2:4] = lines[2:4], []
    else:
        lines[dice.choice([0, 1, -1])] = dice.choice([HEADER, HEADER.replace(b"shelf", b"place"), b"# mine"])


def told(table: Table[Row], format_: TableFormat[Row]) -> object:
    """Return all that a table says."""
    rows = table.rows
    texts = {
        stretch.start + at: text
        for stretch in rows.texts
        for at, text in enumerate(stretch.text.split(TEXT_END))
        if stretch.start + at not in rows.others
    }
    kinds = {name: [rows.kinds(name)[place] for place in rows.places] for name in format_.kinds}
    first = {name: [found.index(kind) for kind in found] for name, found in kinds.items()}
    numbers = {name: [rows.numbers(name)[place] for place in rows.places] for name in format_.numbers}
    facts = (
        table.columns,
        table.problems,
        table.as_of,
        table.whole,
        table.house_form,
        table.held,
        table.newer,
    )
    found = [rows.place(key) for key in rows]
    check_order_of_names(rows)
    named = [pair for _, *part in rows.named_parts() for pair in zip(*part, strict=True)]
    return dict(rows), rows.others, list(rows.places), texts, numbers, first, facts, found, named


def check_order_of_names(rows: TableRows[Row]) -> None:
    ranks = rows.name_ranks()
    if ranks is None:
        return
    assert len(ranks) == rows.length
    known = sorted({(ranks[at], folded(rows.named([at])[0][1])) for at in rows.places if ranks[at] >= 0})
    numbers, names = [number for number, _ in known], [name for _, name in known]
    assert numbers == sorted(set(numbers)), "a name has one rank"
    assert names == sorted(set(names)), "in the order of the names"


def known(format_: TableFormat[Row], table: Table[Row]) -> KnownRows:
    return opened(table, knowledge_of(format_, table))


def opened(table: Table[Row], file: bytes) -> KnownRows:
    return KnownRows(lambda at, size: file[at : at + size], lambda raw: table.text_of(table.decode(raw)))


@pytest.mark.parametrize("seed", range(40))
def test_file_reads_the_same_whatever_is_known_of_it(seed: int) -> None:
    dice = random.Random(seed)
    lines = shop(dice, dice.choice([0, 5, 70, 700]))
    before = read_table(INVENTORY, b"\n".join([*lines, b""]), 2)
    for _ in range(dice.choice([0, 1, 1, 3, 30])):
        edit(dice, lines)
    data = b"\n".join([*lines, *dice.choice([[b""], []])])
    earlier = known(INVENTORY, before)
    assert told(read_table(INVENTORY, data, 2, lambda _: earlier), INVENTORY) == told(
        read_table(INVENTORY, data, 2), INVENTORY
    )


def test_only_what_changed_is_read() -> None:
    lines = shop(random.Random(1), 2000)
    before = read_table(INVENTORY, b"\n".join([*lines, b""]), 2)
    lines[1000] = row(random.Random(2), lines[1000].partition(b",")[0].decode())
    earlier = known(INVENTORY, before)
    table = read_table(INVENTORY, b"\n".join([*lines, b""]), 2, lambda _: earlier)
    assert before.rows.looked_at == 2000
    assert 0 < table.rows.looked_at < 200


def test_order_of_the_names_is_known_also_of_rows_that_were_read_anew() -> None:
    dice = random.Random(8)
    lines = shop(dice, 5000)
    before = read_table(INVENTORY, b"\n".join([*lines, b""]), 2)
    for at in (5, 700, 1500):
        key, name, _, rest = lines[at].replace(b"Bread, rye", b"Milk").replace(b'"', b"").split(b",", 3)
        lines[at] = b",".join([key, name, b"77.70", rest]) if at > 5 else row(dice, 9999)
    lines[900] = b"8888,Quite new,1.00,5,,,,,"
    lines.insert(300, b"# ours")
    table = read_table(INVENTORY, b"\n".join([*lines, b""]), 2, partial(just, known(INVENTORY, before)))
    assert 0 < table.rows.looked_at < 5 * 2 * 64
    ranks = table.rows.name_ranks()
    assert ranks is not None
    check_order_of_names(table.rows)
    unknown = [table.rows.named([place])[0][1] for place in table.rows.places if ranks[place] < 0]
    assert unknown == ["Quite new"]


def test_spoilt_order_of_the_names_is_not_believed() -> None:
    data = b"\n".join([*shop(random.Random(9), 300), b""])
    before = read_table(INVENTORY, data, 2)
    file = knowledge_of(INVENTORY, before)
    for spoilt in (file[:-1], flipped(file, len(file) - 2)):
        again = read_table(INVENTORY, data, 2, partial(just, opened(before, spoilt)))
        assert again.rows.name_ranks() is None
        assert told(again, INVENTORY) == told(before, INVENTORY)


def test_customers_are_known_too_with_their_phones() -> None:
    lines = [b"id,name,phone,email,note", *(b"C%04d,Zo\xc3\xab,+44 (20) %d,," % (n, n) for n in range(200))]
    data = b"\n".join([*lines, b""])
    earlier = known(CUSTOMERS, read_table(CUSTOMERS, data, 2))
    again = read_table(CUSTOMERS, data, 2, lambda _: earlier)
    assert again.rows.looked_at == 0
    assert told(again, CUSTOMERS) == told(read_table(CUSTOMERS, data, 2), CUSTOMERS)
    assert "4420199" in again.rows.texts[-1].text


def flipped(file: bytes, at: int) -> bytes:
    return file[:at] + bytes([file[at] ^ 4]) + file[at + 1 :]


def test_spoilt_texts_are_made_anew_from_the_lines() -> None:
    data = b"\n".join([*shop(random.Random(3), 300), b""])
    before = read_table(INVENTORY, data, 2)
    file = knowledge_of(INVENTORY, before)
    in_texts = file.index("\nstraße\n".replace("ß", "ss").encode())
    for spoilt in (file[:in_texts], flipped(file, in_texts + 3)):
        again = read_table(INVENTORY, data, 2, partial(just, opened(before, spoilt)))
        assert told(again, INVENTORY) == told(before, INVENTORY)


def just(earlier: KnownRows, _text_of: object) -> KnownRows:
    return earlier


def test_file_that_is_not_whole_is_not_believed() -> None:
    before = read_table(INVENTORY, b"\n".join([*shop(random.Random(4), 300), b""]), 2)
    file = knowledge_of(INVENTORY, before)
    dice = random.Random(5)
    cuts = [file[:at] for at in (0, 1, 20, 400, *(dice.randint(0, 8000) for _ in range(30)))]
    flips = [flipped(file, at) for at in (0, 8, 9, *(dice.randint(0, 8000) for _ in range(60)))]
    for spoilt in [*cuts, *flips]:
        with pytest.raises(NotKnown):
            opened(before, spoilt)
    assert len(file) > 8000


def test_another_way_of_reading_knows_nothing() -> None:
    data = b"\n".join([*shop(random.Random(6), 300), b""])
    earlier = known(INVENTORY, read_table(INVENTORY, data, 2))
    assert read_table(INVENTORY, data, 3, lambda _: earlier).rows.looked_at == 300


def test_session_keeps_what_it_read_after_some_looks_and_not_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables_book, "LARGE_ROWS", 100)
    (tmp_path / "inventory.txt").write_bytes(b"\n".join([*shop(random.Random(7), 500), b""]))
    kept = tmp_path / ".tracker" / "rows-inventory.txt"
    with InventoryService.open(tmp_path, "amal") as service:
        service.refresh()
        assert not kept.exists(), "whoever waits for the first report goes first"
        for _ in range(session._KEPT_EACH):
            service.refresh()
        assert kept.exists()


def test_next_session_knows_the_products_and_the_next_save_spoils_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables_book, "LARGE_ROWS", 100)
    (tmp_path / "inventory.txt").write_bytes(b"\n".join([*shop(random.Random(7), 500), b""]))
    with InventoryService.open(tmp_path, "amal") as service:
        assert len(service.snapshot.products) == 500
    assert (tmp_path / ".tracker" / "rows-inventory.txt").exists()
    with InventoryService.open(tmp_path, "amal") as service:
        product = next(p for p in service.snapshot.products.values() if p.quantity > 5)
        assert service._store._inventory.rows.looked_at < 200
        service.sell([(product.id, 2)])
    with InventoryService.open(tmp_path, "amal") as service:
        assert 0 < service._store._inventory.rows.looked_at < 200
        assert service.snapshot.products[product.id].quantity == product.quantity - 2
    (tmp_path / ".tracker" / "rows-inventory.txt").write_bytes(b"nonsense")
    with InventoryService.open(tmp_path, "amal") as service:
        assert service.snapshot.products[product.id].quantity == product.quantity - 2
