"""`inventory.txt` as people and spreadsheets save it while the shop sells."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tracker_tui.model import Action, Product
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"
OpenShop = Callable[..., InventoryService]


def quantities(shop: InventoryService) -> list[int]:
    return [product.quantity for product in shop.snapshot.products.values()]


def hand_edits(shop: InventoryService) -> int:
    return sum(1 for entry in shop.snapshot.entries if getattr(entry, "action", None) is Action.HAND_EDIT)


@pytest.fixture
def inventory(service: InventoryService, shop_dir: Path) -> Path:
    """Return the file of the shop of `service`, saved."""
    service.save()
    return shop_dir / "inventory.txt"


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_edit_by_hand_becomes_an_entry_of_the_files_owner(service: InventoryService, inventory: Path) -> None:
    swap(inventory, "002,Bread,2.50,5", "002,Rye bread,2.75,7")
    assert service.refresh()
    bread = service.snapshot.products[BREAD]
    assert (bread.name, bread.price, bread.quantity) == ("Rye bread", Decimal("2.75"), 7)
    last = service.snapshot.entries[-1]
    assert (last.entry, hand_edits(service), len(last.lines), last.clerk) == (4, 1, 1, inventory.owner())
    assert not service.refresh()
    service.undo(4)
    assert service.snapshot.products[BREAD] == bread._replace(name="Bread", price=Decimal("2.50"), quantity=5)


def test_stale_copy_saved_over_a_newer_one_keeps_the_sales(
    service: InventoryService, inventory: Path
) -> None:
    old = inventory.read_bytes()
    service.sell([(MILK, 4), (BREAD, 5)])
    service.add(Product("004", "Salt", Decimal(1), 9))
    service.edit(TEA, price=Decimal(5))
    service.save()
    inventory.write_bytes(old)
    assert service.refresh()
    assert quantities(service) == [6, 0, 8, 9]
    assert service.snapshot.products[TEA].price == Decimal(5)
    assert hand_edits(service) == 0
    service.save()
    assert b"004,Salt" in inventory.read_bytes()


def test_stale_copy_with_an_edit_counts_the_edit_and_the_sales(
    service: InventoryService, inventory: Path, open_shop: OpenShop
) -> None:
    old = inventory.read_text("utf-8")
    service.sell([(MILK, 4)])
    service.save()
    inventory.write_text(old.replace("001,Milk,1.20,10", "001,Milk,1.30,12"), "utf-8")
    for session in (service, open_shop("beth")):
        session.refresh()
        milk = session.snapshot.products[MILK]
        assert (milk.quantity, milk.price) == (8, Decimal("1.30")), "2 more were found, 4 were sold"
        assert hand_edits(session) == 1


@pytest.mark.parametrize("times", [1, 3])
def test_edit_is_not_doubled_where_the_session_died_before_it_saved(
    inventory: Path, open_shop: OpenShop, times: int
) -> None:
    swap(inventory, "001,Milk,1.20,10", "001,Milk,1.30,12")
    edited = inventory.read_bytes()
    for _ in range(times):
        inventory.write_bytes(edited)
        with open_shop() as shop:
            shop.sell([(MILK, 1)])
            assert hand_edits(shop) == 1
            assert shop.snapshot.products[MILK].quantity == 12 - (shop.snapshot.entry - 4)


def test_same_file_without_its_first_line_counts_each_time_it_is_saved(
    service: InventoryService, inventory: Path
) -> None:
    """It says how much there is now, so saving it again is news, unlike a stale copy that says when it was."""
    headless = inventory.read_text("utf-8").split("\n", 1)[1].replace("001,Milk,1.20,10", "001,Milk,1.20,20")
    for sold in (3, 4):
        inventory.write_text(headless, "utf-8")
        service.refresh()
        assert service.snapshot.products[MILK].quantity == 20
        service.save()
        service.sell([(MILK, sold)])
        service.save()
    assert service.snapshot.products[MILK].quantity == 16


def test_death_between_logging_and_saving_a_file_without_its_first_line_loses_no_sale(
    service: InventoryService, inventory: Path, open_shop: OpenShop, tmp_path: Path
) -> None:
    inventory.write_text("id,name,price,quantity\n001,Milk,1.20,20\n", "utf-8")
    shutil.copy2(inventory, tmp_path / "kept.txt")
    service.refresh()
    service.sell([(MILK, 3)])
    shutil.copy2(tmp_path / "kept.txt", inventory)
    with open_shop() as shop:
        assert shop.snapshot.products[MILK].quantity == 17
        assert hand_edits(shop) == 1


def test_row_that_is_gone_removes_the_product_only_from_a_whole_file(
    inventory: Path, open_shop: OpenShop
) -> None:
    lines = inventory.read_text("utf-8").splitlines(keepends=True)
    inventory.write_text("".join(lines[:3]), "utf-8")
    with open_shop() as shop:
        assert quantities(shop) == [10, 5, 8]
        told = [p.reason for p in shop.snapshot.problems]
        assert any("002, 003" in reason for reason in told), told
        shop.save()
        assert any("002, 003" in p.reason for p in shop.snapshot.notices), "not forgotten with the save"
    swap(inventory, "003,Tea,4.00,8,drinks,,,\n", "")
    with open_shop() as shop:
        assert list(shop.snapshot.products) == [MILK, BREAD]
        assert hand_edits(shop) == 1


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"id,name,price,quantity\n", b"\0" * 300])
def test_emptied_file_takes_no_product_away(
    service: InventoryService, inventory: Path, open_shop: OpenShop, data: bytes
) -> None:
    inventory.write_bytes(data)
    service.sell([(MILK, 1)])
    assert quantities(service) == [9, 5, 8]
    service.save()
    assert b"003,Tea,4.00,8" in inventory.read_bytes()
    with open_shop() as shop:
        assert quantities(shop) == [9, 5, 8]
        assert hand_edits(shop) == 0


def test_deleted_file_is_rebuilt(service: InventoryService, inventory: Path) -> None:
    whole = inventory.read_bytes()
    inventory.unlink()
    assert service.refresh()
    assert service.unsaved
    service.save()
    assert inventory.read_bytes() == whole


def test_new_row_and_own_column_by_hand_are_taken_in(inventory: Path, open_shop: OpenShop) -> None:
    text = inventory.read_text("utf-8").splitlines()
    text = [
        text[0],
        text[1] + ",shelf",
        *(line + ",A1" for line in text[2:5]),
        '9,"Jam, red",3,4,,,,,B2',
        text[5],
    ]
    inventory.write_text("\n".join(text) + "\n", "utf-8")
    with open_shop() as shop:
        assert shop.snapshot.products["9"] == Product("9", "Jam, red", Decimal(3), 4, extra={"shelf": "B2"})
        assert shop.snapshot.products[MILK].extra == {"shelf": "A1"}
        shop.sell([("9", 1)])
        shop.edit(MILK, price=Decimal(9))
    inventory.unlink()
    with open_shop() as again:
        assert again.snapshot.products[MILK].extra == {"shelf": "A1"}
        assert again.snapshot.products["9"].quantity == 3


def test_edit_of_a_product_that_was_removed_meanwhile_does_not_bring_it_back(
    service: InventoryService, inventory: Path
) -> None:
    old = inventory.read_text("utf-8")
    service.remove(TEA)
    service.save()
    inventory.write_text(old.replace("003,Tea,4.00,8", "003,Tea,4.50,8"), "utf-8")
    service.refresh()
    assert TEA not in service.snapshot.products
    assert hand_edits(service) == 0


def test_looker_counts_a_hand_edit_without_writing(
    inventory: Path, shop_dir: Path, open_shop: OpenShop
) -> None:
    looker = open_shop("beth", read_only=True)
    swap(inventory, "001,Milk,1.20,10", "001,Milk,1.20,30")
    before = {path.name: path.read_bytes() for path in shop_dir.iterdir() if path.is_file()}
    assert looker.refresh()
    assert looker.snapshot.products[MILK].quantity == 30
    assert {path.name: path.read_bytes() for path in shop_dir.iterdir() if path.is_file()} == before


def test_file_that_counts_up_to_an_entry_that_never_was_blocks_nothing(
    inventory: Path, open_shop: OpenShop
) -> None:
    swap(inventory, "as of entry 3", "as of entry 999999999999999")
    with open_shop() as shop:
        assert any("never reached" in p.reason for p in shop.snapshot.problems)
        assert shop.sell([(MILK, 1)]).entry == 4
    with open_shop() as again:
        assert again.snapshot.problems == ()


def test_edits_that_no_entry_can_hold_do_not_close_the_shop(inventory: Path, open_shop: OpenShop) -> None:
    swap(inventory, "001,Milk,1.20,10", "001,Milk,9999999999999999999999,10")
    swap(inventory, "003,Tea", f"003,{'T' * 200_000}")
    with open_shop() as shop:
        assert quantities(shop) == [10, 5, 8]
        shop.receive(MILK, 1)
    with open_shop() as again:
        assert quantities(again) == [11, 5, 8]


def test_a_barcode_that_lost_its_digits_in_a_spreadsheet_is_refused(
    service: InventoryService, inventory: Path, open_shop: OpenShop
) -> None:
    """`5900000000003` comes back as `5.9E+12`: the line is kept and told, the product keeps its code."""
    service.edit(MILK, barcodes=frozenset({"5900000000003"}))
    service.save()
    swap(inventory, "5900000000003", "5.9E+12")
    service.refresh()
    assert service.snapshot.products[MILK].barcodes == {"5900000000003"}
    assert "lost digits" in service.snapshot.problems[0].reason
    service.sell([(MILK, 1)])
    service.save()
    text = inventory.read_text("utf-8")
    assert "5.9E+12" in text
    assert "5900000000003" in text
    with open_shop("beth") as again:
        assert again.snapshot.products[MILK].quantity == 9
