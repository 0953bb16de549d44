"""The original script's files: taken over once, to the cent, and the shop goes on."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tracker_tui.model import Product, Purchase
from tracker_tui.service import InventoryService
from tracker_tui.storage.derived import DERIVED
from tracker_tui.storage.legacy import read_blocks

pytestmark = pytest.mark.usefixtures("past")

ORIGINAL = Path(__file__).parent.parent / "data" / "original"
OpenShop = Callable[..., InventoryService]


@pytest.fixture
def original(shop_dir: Path) -> Path:
    """Return a folder with the files of the original script."""
    shutil.copytree(ORIGINAL, shop_dir)
    shop_dir.chmod(0o700)
    return shop_dir


def check_as_it_was(shop: InventoryService) -> None:
    told = shop.report()
    assert (told.total_sales, told.customers, told.customer_names) == (Decimal("100.00"), 1, ("Chips",))
    assert (told.purchases, told.units) == (1, 15)
    assert [(p.name, p.quantity) for p in told.lowest_stock] == [("Milk", 5), ("Chips", 5)]
    assert shop.snapshot.problems == ()


@pytest.mark.parametrize("read_only", [False, True])
def test_original_files_open_as_they_are(original: Path, open_shop: OpenShop, read_only: bool) -> None:  # noqa: FBT001
    before = {path.name: path.read_bytes() for path in original.iterdir()}
    with open_shop(read_only=read_only) as shop:
        check_as_it_was(shop)
        milk = shop.snapshot.products["001"]
        assert milk == Product("001", "Milk", Decimal(10), 5, frozenset({"milks"}))
        shop.refresh()
        check_as_it_was(shop)
    if read_only:
        assert {path.name: path.read_bytes() for path in original.iterdir()} == before
    else:
        assert (original / "purchases-original.txt").read_bytes() == before["purchases.txt"]
        assert (original / "inventory-original.txt").read_bytes() == before["inventory.txt"]


def test_selling_goes_on_with_nothing_lost(original: Path, open_shop: OpenShop) -> None:
    with open_shop() as shop:
        assert shop.sell([("Chips", 2), ("001", 1)], customer="chips").customer_id == "C0001"
        with pytest.raises(Exception, match="4 wanted, there are 3"):
            shop.sell([("Chips", 4)])
    for name in ("", "inventory.txt"):
        (original / name).unlink() if name else None
        with open_shop("beth") as again:
            told = again.report()
            assert (told.total_sales, told.purchases, told.customers) == (Decimal("120.00"), 2, 1)
            assert {key: p.quantity for key, p in again.snapshot.products.items()} == {"001": 4, "Chips": 3}
            assert [entry.entry for entry in again.snapshot.entries] == [1, 2, 3]


def test_take_over_happens_once(original: Path, open_shop: OpenShop) -> None:
    for _ in range(3):
        with open_shop() as shop:
            check_as_it_was(shop)
            assert shop.snapshot.entry == 2
    assert len([path for path in original.iterdir() if "original" in path.name]) == 2


@pytest.mark.usefixtures("original")
def test_take_over_can_be_undone_and_done_again(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        shop.undo(shop.undo(1))
        told = shop.report()
        assert (told.total_sales, told.purchases) == (Decimal(100), 1)


def opened_until_killed(directory: Path, step: int) -> bool:
    """Open and close a shop in a child that kills itself before its n-th change of the folder; tell if it did."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    changes = 0

    def before_each(event: str, args: tuple[object, ...]) -> None:
        nonlocal changes
        makes = event == "open" and isinstance(args[2], int) and args[2] & os.O_CREAT
        if makes or event in ("os.rename", "os.remove", "os.chmod", "os.truncate"):
            changes += 1
            if changes == step:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(before_each)
        InventoryService.open(directory, "amal").close()
    finally:
        os._exit(0)


def test_take_over_killed_between_any_two_steps_is_done_by_the_next_session(
    shop_dir: Path, open_shop: OpenShop
) -> None:
    """The process kills itself before each step that changes the folder: the first, the second, and so on."""
    killed, step = 0, 0
    while killed == step:
        step += 1
        shutil.rmtree(shop_dir, ignore_errors=True)
        shutil.copytree(ORIGINAL, shop_dir)
        killed += opened_until_killed(shop_dir, step)
        with open_shop() as shop:
            check_as_it_was(shop)
            shop.sell([("Chips", 1)])
        for name in ("inventory", "purchases"):
            kept = [path.read_bytes() for path in shop_dir.glob(f"{name}-original*.txt")]
            assert kept == [(ORIGINAL / f"{name}.txt").read_bytes()]
        assert not list(shop_dir.glob(".*.tmp"))
    assert killed >= 8, "as many steps as there are files to make and to name"


def test_original_purchases_that_come_into_a_running_shop_leave_its_stock_alone(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.save()
    (shop_dir / "purchases.txt").write_text("Customer: Ann\n- Milk (x4)\nTotal: $4.80\n\n")
    with open_shop("beth") as shop:
        assert shop.report().total_sales == Decimal("4.80")
        assert [p.quantity for p in shop.snapshot.products.values()] == [10, 5, 8]
        assert [entry.entry for entry in shop.snapshot.entries] == [1, 2, 3, 4]
        assert shop.snapshot.problems == ()


def test_total_of_a_block_holds_to_the_cent_whatever_todays_prices(
    shop_dir: Path, open_shop: OpenShop
) -> None:
    shop_dir.mkdir()
    (shop_dir / "inventory.txt").write_text("001,Milk,1.99,5,dairy\n")
    (shop_dir / "purchases.txt").write_text(
        "Customer: Ann\n- Milk (x3)\n- Gone (x2)\nTotal: $7.77\n\nCustomer: ann\n- milk (x1)\nTotal: $0.01\n\n"
        "Customer: Bob\n- Milk (x999999999)\nTotal: $999999999999.99\n"
    )
    with open_shop() as shop:
        totals = [entry.total for entry in shop.snapshot.entries if isinstance(entry, Purchase)]
        assert totals == [Decimal("7.77"), Decimal("0.01"), Decimal("999999999999.99")]
        assert shop.report().customers == 2
    with open_shop() as again:
        assert again.snapshot.problems == ()
        assert again.report().total_sales == sum(totals)


@pytest.mark.parametrize(
    ("text", "blocks", "lines"),
    [
        ("Customer: A\n- Milk (x1)\nTotal: $1.00\n", 1, []),
        ("\ufeffCustomer: A\r\n- Milk (x1)\r\nTotal: $1.00\r\n", 1, []),
        ("Customer: A\n- Milk (x1)\n", 0, [1]),
        ("Customer: A\nTotal: $1.00\n", 0, [2, 1]),
        ("Customer: A\n- Milk (x0)\n- Milk (x1)\nTotal: $1.00\n", 1, [2]),
        ("Customer: A\n- Milk (x1)\nTotal: $-1.00\n", 0, [3, 1]),
        ("Customer: A\n- Milk (x1)\nTotal: $NaN\nhello\n", 0, [3, 4, 1]),
        ("Customer: A\n- Milk (x٣)\nTotal: $1.00\n", 0, [2, 3, 1]),
        ("Customer: A\n- Mi\0lk (x1)\nTotal: $1.00\n", 0, [2, 3, 1]),
        ("Customer: A\n- " + " " * 5_000_000 + "\nTotal: $1.00\n", 0, [2, 3, 1]),
        ("- Milk (x1)\nCustomer: A\n- Milk (x1)\nTotal: $1.00\nTotal: $2.00\n", 1, [1, 5]),
    ],
)
def test_line_that_is_not_of_the_original_form_is_told_with_its_number(
    text: str, blocks: int, lines: list[int]
) -> None:
    read, problems = read_blocks(text.encode())
    assert len(read) == blocks
    assert [problem.line for problem in problems] == lines


def test_original_that_begins_with_many_blanks_is_taken_over(original: Path, open_shop: OpenShop) -> None:
    log = original / "purchases.txt"
    log.write_bytes(b"\n" * 10_000 + log.read_bytes())
    with open_shop() as shop:
        check_as_it_was(shop)


def test_file_of_another_shape_is_no_original(shop_dir: Path, open_shop: OpenShop) -> None:
    shop_dir.mkdir()
    (shop_dir / "purchases.txt").write_text("hello\n")
    with open_shop() as shop:
        assert [(p.file, p.line) for p in shop.snapshot.problems] == [("purchases.txt", 1)]
    assert [name for name in os.listdir(shop_dir) if name != DERIVED] == ["purchases.txt"]
