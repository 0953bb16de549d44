"""Sessions that work in one folder at once, as real processes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import keep_past_in_logs
from tracker_tui.model import Product, Purchase, SaleLine
from tracker_tui.model.state import replay
from tracker_tui.service import InventoryService

MILK, BREAD, TEA = "001", "002", "003"
OpenShop = Callable[..., InventoryService]

CLERK = """
import random, sys
from decimal import Decimal
from tracker_tui.errors import Conflict, Invalid, OutOfStock
from tracker_tui.service import InventoryService
directory, clerk, acts = sys.argv[1], sys.argv[2], int(sys.argv[3])
chance = random.Random(clerk)
done = []
with InventoryService.open(directory, clerk) as shop:
    print("ready", flush=True)
    sys.stdin.readline()
    while len(done) < acts:
        act = chance.randrange(8)
        try:
            if act < 4:
                items = [(key, chance.randint(1, 3)) for key in chance.sample(["001", "002", "003"], 2)]
                done.append(shop.sell(items, customer=chance.choice(["Ann", "Bob", ""])).entry)
            elif act == 4:
                mine = [sale for sale in shop.snapshot.sales() if sale.clerk == clerk and not sale.returns]
                done.append(shop.give_back(mine[-1].sale, [(mine[-1].lines[0].product_id, 1)]).entry if mine else 0)
            elif act == 5:
                done.append(shop.receive(chance.choice(["001", "002", "003"]), 2))
            elif act == 6:
                done.append(shop.edit("001", price=Decimal(chance.randint(1, 999))) or 0)
            else:
                done.append(shop.undo(done[-1]) if done and done[-1] else 0)
        except (OutOfStock, Conflict, Invalid):
            done.append(0)
        low = [p for p in shop.snapshot.products.values() if p.quantity < 0]
        assert not low, low
        if chance.random() < 0.2:
            shop.save()
print(*[number for number in done if number])
"""

LAST_ITEMS = """
import sys
from tracker_tui.errors import OutOfStock
from tracker_tui.service import InventoryService
shop = InventoryService.open(sys.argv[1], sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
sold = 0
try:
    while True:
        sold += shop.sell([("001", 1)]).units
except OutOfStock:
    print(sold)
"""


def run_at_once(script: str, directory: Path, clerks: int, *more: str) -> list[str]:
    """Start several processes, let them go at one moment, and return what each printed."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(directory), f"clerk{n}", *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(clerks)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=100) for process in started]
    assert [process.returncode for process in started] == [0] * clerks, [error for _, error in ends]
    return [out for out, _ in ends]


def test_last_items_sold_by_two_at_once_are_sold_once(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.count(MILK, 40)
    sold = [int(out) for out in run_at_once(LAST_ITEMS, shop_dir, 2)]
    assert sum(sold) == 40
    with open_shop("beth") as after:
        assert after.snapshot.products[MILK].quantity == 0
        assert after.report().units == 40
        assert [entry.entry for entry in after.snapshot.entries] == list(range(1, 45))


def test_four_clerks_of_fifty_acts_leave_no_gap_no_double_and_the_right_stock(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.close()
    printed = run_at_once(CLERK, shop_dir, 4, "50")
    acknowledged = sorted(int(number) for out in printed for number in out.split())
    with open_shop("beth") as after:
        snapshot = after.snapshot
        numbers = [entry.entry for entry in snapshot.entries]
        assert numbers == list(range(1, len(numbers) + 1))
        assert acknowledged == numbers[3:], "all that was acknowledged is there once, and nothing else"
        assert snapshot.problems == snapshot.notices == ()
        assert dict(snapshot.products) == replay(snapshot.entries)
        assert len({who.name for who in snapshot.customers.values()}) == len(snapshot.customers) == 2
        check_stock(after)
        before = dict(snapshot.products)
    (shop_dir / "inventory.txt").unlink()
    with open_shop("cid") as rebuilt:
        assert dict(rebuilt.snapshot.products) == before


def check_stock(shop: InventoryService) -> None:
    """Count the stock anew, line by line, from what each entry says."""
    pieces: Counter[str] = Counter()
    for entry in shop.snapshot.entries:
        for line in entry.lines:
            change = -line.quantity if isinstance(line, SaleLine) else line.quantity_change
            pieces[line.product_id] += change
    assert {key: product.quantity for key, product in shop.snapshot.products.items()} == dict(pieces)
    assert min(pieces.values()) >= 0


def test_session_sees_what_another_did_and_keeps_what_it_showed(
    service: InventoryService, open_shop: OpenShop
) -> None:
    other = open_shop("beth")
    shown = other.snapshot
    service.sell([(MILK, 4)], customer="Ann")
    service.edit(BREAD, name="Rolls")
    service.remove(TEA)
    assert other.refresh() is True
    assert other.refresh() is False
    assert other.snapshot.products == service.snapshot.products
    assert other.snapshot.customers == service.snapshot.customers
    assert list(other.snapshot.entries) == list(service.snapshot.entries)
    assert len(shown.products) == 3
    assert shown.products[MILK].quantity == 10


def test_sale_is_checked_against_the_stock_of_now_not_of_the_screen(
    service: InventoryService, open_shop: OpenShop
) -> None:
    other = open_shop("beth")
    service.sell([(BREAD, 4)])
    assert other.snapshot.products[BREAD].quantity == 5
    with pytest.raises(Exception, match="2 wanted, there are 1"):
        other.sell([(BREAD, 2)])
    assert other.snapshot.products[BREAD].quantity == 1, "and the refusal brought the screen up to date"


def test_price_is_that_of_the_commit(service: InventoryService, open_shop: OpenShop) -> None:
    other = open_shop("beth")
    service.edit(MILK, price=Decimal(9))
    assert other.sell([(MILK, 1)]).total == Decimal(9)


def test_snapshot_is_written_by_one_session_and_the_others_know(
    service: InventoryService, open_shop: OpenShop
) -> None:
    other = open_shop("beth")
    service.sell([(MILK, 1)])
    other.refresh()
    assert service.unsaved
    assert other.unsaved
    assert service.save() is True
    assert service.save() is False
    other.refresh()
    assert other.save() is False
    assert other.snapshot.entry == 4, "the new file is no hand edit"


def test_save_by_another_session_is_no_news(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_past_in_logs(monkeypatch)
    first, other = open_shop("ann"), open_shop("beth")
    first.sell([(MILK, 1)])
    first.save()
    assert other.refresh() is True
    shown = other.snapshot
    first.sell([(MILK, 1)])
    assert other.refresh() is True
    shown = other.snapshot
    assert first.save() is True
    assert other.refresh() is False
    assert other.snapshot is shown
    assert not other.unsaved
    assert service.refresh() is True


def test_session_that_never_looked_catches_up_before_it_acts(
    service: InventoryService, open_shop: OpenShop
) -> None:
    sleeper = open_shop("beth")
    for number in range(30):
        service.add(Product(f"n{number}", "New", Decimal(1), 1))
        service.sell([(f"n{number}", 1)])
        service.save()
    sold = sleeper.sell([(MILK, 1)])
    assert sold.entry == 64
    assert isinstance(sleeper.snapshot.find(4 + 1), Purchase)
    assert len(sleeper.snapshot.products) == 33


def test_everything_in_the_hidden_folder_may_go(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    (shop_dir / ".tracker").mkdir()
    (shop_dir / ".tracker" / "totals").write_text("nonsense")
    service.sell([(MILK, 1)])
    with open_shop("beth") as other:
        assert other.snapshot.products[MILK].quantity == 9
        assert other.snapshot.problems == ()
