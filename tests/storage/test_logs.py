"""The two logs in a real folder: torn tails, damaged lines, double entries, odd headers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import OpenShop, product
from tracker_tui.errors import StorageError
from tracker_tui.model import Product, Purchase
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"


def quantities(shop: InventoryService) -> list[int]:
    return [product.quantity for product in shop.snapshot.products.values()]


def entries(shop: InventoryService) -> list[int]:
    return [entry.entry for entry in shop.snapshot.entries]


def reasons(shop: InventoryService) -> list[str]:
    return [str(problem) for problem in shop.snapshot.problems]


def three_line_sale(service: InventoryService) -> Purchase:
    return service.sell([(MILK, 2), (BREAD, 1), (TEA, 3)], customer="Ann", sale="basket-1")


def test_sale_torn_at_any_byte_is_set_aside_and_the_next_is_fine(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    before = log.read_bytes()
    three_line_sale(service)
    whole = log.read_bytes()
    for cut in range(len(before), len(whole) + 1):
        for torn in shop_dir.glob("*.torn"):
            torn.unlink()
        log.write_bytes(whole[:cut])
        (shop_dir / "inventory.txt").unlink(missing_ok=True)
        with open_shop() as shop:
            there = cut >= len(whole) - 1
            assert quantities(shop) == ([7, 4, 5] if there else [9, 5, 8]), cut
            tail = b"" if there else whole[len(before) : cut]
            assert b"".join(path.read_bytes() for path in shop_dir.glob("*.torn")) == tail
            assert len(shop.snapshot.notices) == bool(tail)
            fresh = shop.sell([(BREAD, 1)])
            assert fresh.entry == (6 if there else 5)
            data = log.read_bytes()
            assert data.startswith(whole if there else before), "nothing is glued to anything"
            assert data.endswith(b"\n")
        with open_shop() as again:
            assert again.snapshot.problems == ()
            assert entries(again) == list(range(1, fresh.entry + 1))


def test_sale_torn_in_the_very_first_line_leaves_a_shop_that_sells(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    whole = log.read_bytes()
    for cut in range(whole.index(b"\n") + 2):
        log.write_bytes(whole[:cut])
        (shop_dir / "inventory.txt").unlink(missing_ok=True)
        with open_shop() as shop:
            assert shop.sell([(MILK, 2)]).entry == 4
        with open_shop() as again:
            assert again.snapshot.products[MILK].quantity == 8
            assert again.snapshot.problems == ()


def test_running_session_waits_for_a_tail_that_is_still_being_written(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    log = shop_dir / "purchases.txt"
    service.sell([(MILK, 1)])
    before = log.read_bytes()
    three_line_sale(service)
    whole = log.read_bytes()
    log.write_bytes(before)
    watcher = open_shop("beth", read_only=False)
    seen = []
    for cut in range(len(before), len(whole) + 1):
        log.write_bytes(whole[:cut])
        watcher.refresh()
        seen.append(quantities(watcher) == [7, 4, 5])
    assert seen == [False] * (len(seen) - 1) + [True]
    assert list(shop_dir.glob("*.torn")) == [], "without the lock nothing is set aside"


def test_whole_last_line_without_its_newline_counts_to_lookers_too(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    log.write_bytes(log.read_bytes()[:-1])
    assert quantities(open_shop(read_only=True)) == [9, 5, 8]
    with open_shop() as shop:
        assert shop.sell([(MILK, 1)]).entry == 5
    with open_shop() as again:
        assert again.snapshot.problems == ()
        assert quantities(again) == [8, 5, 8]


def test_entry_with_lines_missing_in_the_middle_does_not_count(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    three_line_sale(service)
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    lines = log.read_bytes().splitlines(keepends=True)
    for gone in (1, 2, 3):
        log.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
        (shop_dir / "inventory.txt").unlink(missing_ok=True)
        with open_shop() as shop:
            assert quantities(shop) == [9, 5, 8]
            assert any("purchases.txt:" in reason and "entry 4" in reason for reason in reasons(shop))
            assert shop.receive(MILK, 1) == 4 + 2 * gone
            shop.undo(4 + 2 * gone)


def test_spoilt_entry_is_told_once_while_the_next_one_is_being_written(
    service: InventoryService, shop_dir: Path
) -> None:
    three_line_sale(service)
    log = shop_dir / "purchases.txt"
    header, first, second, third = log.read_bytes().splitlines(keepends=True)
    later = [line.replace(b"4,", b"5,", 1) for line in (first, second, third)]
    for there in range(len(later) + 1):
        log.write_bytes(b"".join([header, first, second, *later[:there]]))
        service.refresh()
    told = [p.reason for p in service.snapshot.problems if p.file == "purchases.txt"]
    assert told == ["entry 4: lines of it are missing (2 of 3 are there); it is not counted"]
    assert quantities(service) == [8, 4, 5]


@pytest.mark.parametrize("damage", [b"9", b'"', b"\xff", b"\0", b"", b"a,b,c"])
def test_damaged_line_stays_and_its_number_is_not_used_again(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop, damage: bytes
) -> None:
    service.sell([(MILK, 1)])
    service.sell([(MILK, 2)])
    log = shop_dir / "purchases.txt"
    lines = log.read_bytes().splitlines(keepends=True)
    broken = lines[2].replace(b",amal,", b",amal," + damage + b",")
    log.write_bytes(b"".join([*lines[:2], broken]))
    (shop_dir / "inventory.txt").unlink(missing_ok=True)
    with open_shop() as shop:
        assert quantities(shop) == [9, 5, 8]
        assert any(reason.startswith("purchases.txt:3: ") for reason in reasons(shop))
        assert shop.sell([(MILK, 4)]).entry == 6
        assert broken in log.read_bytes()
    with open_shop() as again:
        assert entries(again) == [1, 2, 3, 4, 6]


def test_same_entry_twice_counts_once_and_is_told(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    three_line_sale(service)
    log = shop_dir / "purchases.txt"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines + lines[1:]))
    (shop_dir / "inventory.txt").unlink(missing_ok=True)
    with open_shop() as shop:
        assert quantities(shop) == [8, 4, 5]
        assert any("the same entry twice" in reason for reason in reasons(shop))
        assert shop.report().purchases == 1


def test_two_entries_of_one_number_are_told_and_one_counts(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    line = log.read_bytes().splitlines(keepends=True)[1]
    log.write_bytes(log.read_bytes() + line.replace(b",1,1.20,0.00,1.20,", b",3,1.20,0.00,3.60,"))
    (shop_dir / "inventory.txt").unlink(missing_ok=True)
    with open_shop() as shop:
        assert quantities(shop) == [9, 5, 8]
        assert any("another entry of the same number" in reason for reason in reasons(shop))
        assert shop.sell([(MILK, 1)]).entry == 5


def reordered(log: Path, last: str = "time") -> None:
    rows = [line.split(",") for line in log.read_text("utf-8").splitlines()]
    order = sorted(range(len(rows[0])), key=lambda i: (rows[0][i] == last, rows[0][i]))
    log.write_text("".join(",".join(row[i] for i in order) + "\n" for row in rows), "utf-8")


def test_log_with_columns_in_another_order_is_read_and_continued_so(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)], customer="Ann")
    log = shop_dir / "purchases.txt"
    reordered(log)
    header = log.read_bytes().splitlines()[0]
    with open_shop() as shop:
        shop.sell([(MILK, 2)], customer="Ann")
    with open_shop() as again:
        assert again.snapshot.problems == ()
        assert quantities(again) == [7, 5, 8]
    assert log.read_bytes().splitlines()[0] == header


def test_log_whose_time_is_not_last_believes_no_line_without_its_end(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    """`12.50` cut to `12.5` would be a sound amount."""
    service.sell([(MILK, 10)], note="ten")
    log = shop_dir / "purchases.txt"
    reordered(log, last="total")
    whole = log.read_bytes()
    for cut in range(len(whole) - 5, len(whole)):
        log.write_bytes(whole[:cut])
        (shop_dir / "inventory.txt").unlink(missing_ok=True)
        with open_shop() as shop:
            assert quantities(shop) == [10, 5, 8], cut


def test_log_whose_header_lost_a_column_takes_no_more_entries(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    """A sale written without its discount could not be read back."""
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    reordered(log)
    log.write_bytes(log.read_bytes().replace(b",discount,", b",rebate,"))
    data = log.read_bytes()
    with open_shop() as shop:
        assert any("lacks the columns discount" in reason for reason in reasons(shop))
        with pytest.raises(StorageError, match="discount"):
            shop.sell([(MILK, 1)])
        assert shop.receive(MILK, 1) == 5
    assert log.read_bytes() == data


@pytest.mark.parametrize("name", [b"rebate", b"disc\xc3\xb6unt", b""])
def test_header_with_a_spoilt_name_is_told_and_read_in_the_programs_order(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop, name: bytes
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    log.write_bytes(log.read_bytes().replace(b",discount,", b"," + name + b","))
    with open_shop() as shop:
        assert shop.sell([(MILK, 1)]).entry == 5
    with open_shop() as again:
        assert again.snapshot.products[MILK].quantity == 8
        assert [reason.split(":")[1] for reason in reasons(again)] == ["1"]


@pytest.mark.parametrize("form", ["bom", "crlf", "both", "no header", "blank lines"])
def test_log_as_editors_save_it_is_read_and_continued(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop, form: str
) -> None:
    three_line_sale(service)
    log = shop_dir / "purchases.txt"
    data = log.read_bytes()
    if form in ("crlf", "both"):
        data = data.replace(b"\n", b"\r\n")
    if form in ("bom", "both"):
        data = b"\xef\xbb\xbf" + data
    if form == "no header":
        data = data.split(b"\n", 1)[1]
    if form == "blank lines":
        data = data.replace(b"\n", b"\n\n") + b"\n\n"
    log.write_bytes(data)
    with open_shop() as shop:
        assert quantities(shop) == [8, 4, 5]
        assert shop.sell([(MILK, 1)]).entry == 5
        assert log.read_bytes().startswith(data)
    with open_shop() as again:
        assert again.snapshot.problems == ()
        assert quantities(again) == [7, 4, 5]


def test_old_copy_of_a_log_saved_over_it_is_told_and_no_number_comes_again(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    old = log.read_bytes()
    service.sell([(MILK, 2)])
    service.sell([(TEA, 2)])
    log.write_bytes(old)
    service.refresh()
    assert any("2 entries are in neither" in reason and "5 to 6" in reason for reason in reasons(service))
    assert service.sell([(BREAD, 1)]).entry == 7
    service.close()
    with open_shop() as again:
        assert any("5 to 6" in reason for reason in reasons(again))
        assert entries(again) == [1, 2, 3, 4, 7]


def test_number_that_is_gone_from_the_log_stays_used_after_the_session(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    log = shop_dir / "changes.txt"
    old = log.read_bytes()
    assert service.count(MILK, 10) == 4
    service.save()
    log.write_bytes(old)
    for _ in range(3):
        with open_shop() as shop:
            shop.refresh()
    with open_shop() as shop:
        assert shop.sell([(MILK, 1)]).entry == 5


def test_logs_alone_rebuild_the_shop(service: InventoryService, shop_dir: Path, open_shop: OpenShop) -> None:
    service.add(Product("x", "Odd, “name”", Decimal("0.05"), 3, extra={"shelf": 'A "3"', "Größe": "L"}))
    three_line_sale(service)
    service.give_back("basket-1", [(TEA, 1)])
    service.edit(MILK, extra={"shelf": "B"})
    service.remove(BREAD)
    service.save()
    there = service.snapshot
    (shop_dir / "inventory.txt").unlink()
    (shop_dir / "customers.txt").unlink()
    with open_shop("beth") as again:
        assert dict(again.snapshot.products) == dict(there.products)
        assert again.snapshot.customers["C0001"].name == "Ann"
        assert again.report() == service.report()
        assert list(again.snapshot.entries) == list(there.entries)
    assert (shop_dir / "inventory.txt").exists()


def test_lines_that_follow_a_damaged_one_are_told_in_one_sentence(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        shop.import_products([product(f"P{n}", f"Product {n}", "1", 5) for n in range(100)])
        log = shop.directory / "changes.txt"
    lines = log.read_bytes().split(b"\n")
    lines[10] = b"x" + lines[10]
    log.write_bytes(b"\n".join(lines))
    with open_shop() as shop:
        told = [(p.line, p.reason) for p in shop.snapshot.problems if p.file == "changes.txt"]
    assert [line for line, _ in told] == [11, 2, 12]
    assert "lines 12 to 101 stand alone" in told[2][1]
