"""The made-up shop: the same each time, sound, and worth looking at."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S
from tracker_tui.cli import run
from tracker_tui.demo.shop import make_demo
from tracker_tui.model import Change, Product, Purchase, Snapshot
from tracker_tui.model.state import apply
from tracker_tui.service import InventoryService

TODAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    make_demo(made, today=TODAY)
    return made


@pytest.fixture(scope="module")
def shop(folder: Path) -> Snapshot:
    with InventoryService.open(folder, "amal") as service:
        assert not service.unsaved
        return service.snapshot


def test_the_files_are_sound(folder: Path, shop: Snapshot, capsys: pytest.CaptureFixture[str]) -> None:
    assert (shop.problems, shop.notices) == ((), ())
    assert run(["-d", str(folder), "check"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_the_shop_is_large_enough_to_look_at(shop: Snapshot) -> None:
    assert 190 <= len(shop.products) <= 220
    assert 12 <= len(shop.categories) <= 15
    assert len(shop.customers) == 60
    sales = list(shop.sales())
    assert 1300 <= len(sales) <= 1700
    assert sum(bool(sale.returns) for sale in sales) >= 5
    actions = {entry.action for entry in shop.entries if isinstance(entry, Change)}
    assert {"import", "edit", "receive", "count", "undo"} <= actions
    assert len(shop.undone) == 2
    assert all(product.barcodes and product.cost for product in shop.products.values())


def test_some_products_are_low_but_not_many(folder: Path) -> None:
    with InventoryService.open(folder, "amal", read_only=True) as service:
        assert 3 <= len(service.report().low_stock) <= 30


def test_the_stock_is_never_below_nothing(shop: Snapshot) -> None:
    products: dict[str, Product] = {}
    for entry in shop.entries:
        apply(products, entry)
        assert all(products[line.product_id].quantity >= 0 for line in entry.lines)
    assert products == dict(shop.products)


def test_the_days_are_the_half_year_before_today(shop: Snapshot) -> None:
    days = [entry.time.date() for entry in shop.entries]
    assert days == sorted(days)
    assert days[0] == TODAY - timedelta(days=182)
    assert days[-1] < TODAY
    times = [entry.time for entry in shop.entries]
    assert times == sorted(times)


def test_customers_have_first_names_and_two_share_one(shop: Snapshot) -> None:
    names = [customer.name for customer in shop.customers.values()]
    assert all(name.isalpha() for name in names)
    assert len(set(names)) == len(names) - 1


def test_barcodes_are_whole_and_for_a_shops_own_use(shop: Snapshot) -> None:
    assert len(shop.barcodes) == len(shop.products)
    for code in shop.barcodes:
        assert code.startswith("20")
        assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(code)) % 10 == 0


def test_the_same_day_makes_the_same_shop(folder: Path, tmp_path: Path) -> None:
    make_demo(tmp_path, today=TODAY)
    for name in ("purchases.txt", "changes.txt", "customers.txt", "tracker.toml"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_another_seed_makes_another_shop(folder: Path, tmp_path: Path) -> None:
    make_demo(tmp_path, today=TODAY, seed=2)
    assert (tmp_path / "purchases.txt").read_bytes() != (folder / "purchases.txt").read_bytes()


def test_the_files_take_the_folders_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    make_demo(tmp_path, today=TODAY)
    assert stat.S_IMODE((tmp_path / "purchases.txt").stat().st_mode) == 0o660


def test_the_shop_goes_on(tmp_path: Path) -> None:
    make_demo(tmp_path, today=TODAY)
    with InventoryService.open(tmp_path, "amal") as service:
        last = service.snapshot.entry
        product = max(service.snapshot.products.values(), key=lambda item: item.quantity)
        sold = service.sell([(product.id, 2)], customer="C0001")
        assert sold.entry == last + 1
        assert isinstance(service.snapshot.find(last), (Purchase, Change))
        service.undo(sold.entry)
        assert service.snapshot.products[product.id].quantity == product.quantity


def test_it_is_made_at_once(tmp_path: Path) -> None:
    best = 10.0
    for turn in range(3):
        folder = tmp_path / str(turn)
        folder.mkdir()
        start = time.process_time()
        make_demo(folder, today=TODAY)
        best = min(best, time.process_time() - start)
    assert best < 0.5


def test_a_kept_demo_needs_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert run(["demo", "--keep", str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_kept_demo_stays(tmp_path: Path) -> None:
    """Without a terminal the screens do not open, but the shop is made."""
    assert run(["demo", "--keep", str(tmp_path / "shop")]) == 1
    assert run(["-d", str(tmp_path / "shop"), "check"]) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_ended_leaves_no_folder(tmp_path: Path, number: signal.Signals) -> None:
    """The screens are stood in for by a wait: what counts here is who clears the folder away."""
    script = (
        "import sys, time, tracker_tui.cli as cli\n"
        "def screens(service, args):\n"
        "    print(service.directory, flush=True)\n"
        "    time.sleep(60)\n"
        "    return 0\n"
        "cli._open_screens = screens\n"
        "sys.exit(cli.run(['demo']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
    ) as program:
        assert program.stdout is not None
        made = Path(program.stdout.readline().strip())
        assert (made / "inventory.txt").exists()
        program.send_signal(number)
        assert program.wait(PATIENCE_S) == 128 + number
    assert not made.exists()
    assert not list(tmp_path.iterdir())
