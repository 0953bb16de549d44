"""A broken line in any file: told with file and line, kept word for word, and the rest of the shop works."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tracker_tui.service import InventoryService
from tracker_tui.storage.settings import read_settings

pytestmark = pytest.mark.usefixtures("past")

MILK = "001"
OpenShop = Callable[..., InventoryService]
FILES = ["inventory.txt", "customers.txt", "purchases.txt", "changes.txt"]
BROKEN = {
    "too few fields": b"nonsense",
    "open quote": b'9,"open,1,2,3',
    "no UTF-8": b"caf\xe9,1,2,3,4",
    "NUL": b"\0" * 2000,
    "huge exponent": b"9,Jam,1,1E+1000000,,,,0",
    "digits of another script": "9,Jam,٣,１２,,,,0".encode(),
    "escape": b"\x1b]0;x\x07,\x1b[31m,1",
    "formula": b"=1+1,=cmd,@x",
}


@pytest.fixture
def filled(service: InventoryService, shop_dir: Path) -> Path:
    """Return the folder of a shop with something in every file."""
    service.sell([(MILK, 1)], customer="Ann", note="first")
    service.sell([("002", 1), ("003", 2)], customer="Bob")
    service.add_customer(service.snapshot.customers["C0001"]._replace(name="Zoë, the third", phone="+44 1"))
    service.save()
    return shop_dir


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN.keys())
def test_broken_line_is_told_and_kept_and_the_rest_works(
    filled: Path, open_shop: OpenShop, name: str, line: bytes
) -> None:
    file = filled / name
    lines = file.read_bytes().splitlines(keepends=True)
    place = 3 if name in ("inventory.txt", "changes.txt") else 2
    file.write_bytes(b"".join([*lines[:place], line + b"\n", *lines[place:]]))
    with open_shop() as shop:
        told = [(p.file, p.line) for p in shop.snapshot.problems]
        assert told == [(name, place + 1)]
        assert [p.quantity for p in shop.snapshot.products.values()] == [9, 4, 6]
        assert len(shop.snapshot.customers) == 3
        shop.sell([(MILK, 1)], customer="Cid")
        shop.receive("002", 5)
        shop.edit_customer("C0001", phone="7")
        shop.save()
        assert line + b"\n" in file.read_bytes()
    with open_shop() as again:
        assert [(p.file, p.line) for p in again.snapshot.problems] == told
        assert [p.quantity for p in again.snapshot.products.values()] == [8, 9, 6]


@pytest.mark.parametrize("name", [*FILES, "tracker.toml"])
@pytest.mark.parametrize("filler", [b"x", b",", b'"', b" ", b"\0", b"["])
def test_line_of_many_megabytes_does_not_hang(
    filled: Path, open_shop: OpenShop, name: str, filler: bytes
) -> None:
    with (filled / name).open("ab") as file:
        file.write(filler * 4_000_000 + b"\n")
    with open_shop() as shop:
        assert shop.snapshot.products[MILK].quantity == 9
        assert shop.snapshot.problems or filler == b" "
        assert all(len(problem.reason) < 300 for problem in shop.snapshot.problems)


def test_line_of_a_hundred_megabytes_does_not_hang(filled: Path, open_shop: OpenShop) -> None:
    with (filled / "inventory.txt").open("ab") as file:
        for _ in range(100):
            file.write(b",\xff" * 500_000)
    with open_shop(read_only=True) as shop:
        assert [problem.line for problem in shop.snapshot.problems] == [7]
        assert shop.snapshot.products[MILK].quantity == 9


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("decimals = 9", "decimals: must be a whole number"),
        ("decimals = true", "decimals: must be"),
        ('low_stock = "x"', "low_stock: must be"),
        ("shop = 5", "shop: must be a text"),
        ('currency = "\\u001b"', "control character"),
        ("unknown = 1", "no setting"),
        ("below_zero = 1", "below_zero: must be true or false"),
        ("keys = 5", "keys: must be a table"),
        ("= 5", "defaults hold"),
        ("x = " + "9" * 5000, "defaults hold"),
        ("x = " + "[" * 100_000, "defaults hold"),
    ],
)
def test_setting_that_cannot_be_used_is_told_and_has_its_default(text: str, reason: str) -> None:
    settings, problems = read_settings(text.encode())
    assert settings == read_settings(b"")[0]
    assert [problem.file for problem in problems] == ["tracker.toml"]
    assert reason in problems[0].reason


def test_keys_are_taken_as_the_message_says_to_write_them() -> None:
    settings, problems = read_settings(b'[keys]\nsell.pay = "f9"\n"sell.park" = "f8"\n')
    assert problems == ()
    assert dict(settings.keys) == {"sell.pay": "f9", "sell.park": "f8"}


def test_settings_change_while_the_shop_is_open(service: InventoryService, shop_dir: Path) -> None:
    (shop_dir / "tracker.toml").write_text('shop = "Corner"\ncurrency = "€"\ndecimals = 3\n')
    assert service.refresh()
    assert (service.snapshot.settings.shop, service.snapshot.settings.decimals) == ("Corner", 3)
    assert str(service.snapshot.products[MILK].price) == "1.200"
    (shop_dir / "tracker.toml").write_text("decimals = 0\n")
    service.refresh()
    assert service.sell([(MILK, 1)]).entry == 4
    assert str(service.snapshot.products[MILK].price) == "1.20", "what does not fit stays exact"


def mangled(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            lines.insert(place, lines[chance.randrange(len(lines))])
        case 1:
            del lines[place]
        case 2:
            other = chance.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        case 3:
            lines[place] = lines[place][: chance.randrange(len(lines[place]) + 1)]
        case 4:
            raw = bytearray(lines[place])
            raw[chance.randrange(len(raw))] = chance.randrange(256)
            lines[place] = bytes(raw)
        case _:
            return data[: chance.randrange(len(data))]
    return b"".join(lines)


@pytest.mark.parametrize("seed", range(120))
def test_mangled_files_open_and_sell_and_open_again(filled: Path, open_shop: OpenShop, seed: int) -> None:
    chance = random.Random(seed)
    for name in chance.sample(FILES, chance.randint(1, 3)):
        data = (filled / name).read_bytes()
        for _ in range(chance.randint(1, 3)):
            data = mangled(data, chance) or b"\n"
        (filled / name).write_bytes(data)
    with open_shop() as shop:
        product = next(iter(shop.snapshot.products.values()), None)
        if product is not None:
            entry = shop.receive(product.id, 1)
            assert all(entry > other.entry for other in list(shop.snapshot.entries)[:-1])
        shop.refresh()
        there = dict(shop.snapshot.products)
        report = shop.report()
    with open_shop("beth") as again:
        assert dict(again.snapshot.products) == there
        assert again.report() == report
