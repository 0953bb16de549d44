"""InventoryService: its contract, products and their stock."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, MutableMapping
from decimal import Decimal
from pathlib import Path

import pytest

from tracker_tui import errors
from tracker_tui.errors import Conflict, Invalid, NotFound, ReadOnly, StorageError, TrackerError
from tracker_tui.model import Product, Purchase, Report
from tracker_tui.model.money import MOST_PIECES
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"
OpenShop = Callable[..., InventoryService]


def fields_of(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.field for problem in refused.value.problems]


# The contract


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("open", ["directory", "clerk"]),
        ("add", ["product"]),
        ("edit", ["product_id", "fields"]),
        ("remove", ["product_id"]),
        ("receive", ["product_id", "n", "note"]),
        ("count", ["product_id", "n", "note"]),
        ("adjust", ["product_id", "change", "note"]),
        ("sell", ["customer", "sale", "payment", "note"]),
        ("give_back", ["sale", "note"]),
        ("undo", ["entry"]),
        ("report", ["since", "until"]),
        ("refresh", []),
        ("save", []),
        ("close", []),
    ],
)
def test_methods_have_the_names_that_others_rely_on(name: str, parameters: list[str]) -> None:
    there = inspect.signature(getattr(InventoryService, name)).parameters
    assert [parameter for parameter in there if parameter in parameters] == parameters


@pytest.mark.parametrize(
    "name", ["Invalid", "NotFound", "OutOfStock", "Conflict", "Busy", "ReadOnly", "StorageError"]
)
def test_every_refusal_is_a_tracker_error(name: str) -> None:
    assert issubclass(getattr(errors, name), TrackerError)


def test_missing_folder_is_made_and_a_text_is_taken_for_a_path(tmp_path: Path) -> None:
    with InventoryService.open(str(tmp_path / "a" / "b"), clerk="amal") as shop:
        assert dict(shop.snapshot.products) == {}
        assert shop.report().total_sales == 0
    assert list((tmp_path / "a" / "b").iterdir()) == [], "an empty shop writes nothing"


@pytest.mark.parametrize("clerk", ["", "  ", "a\x1bb", "a\nb", "x" * 65, "=x"])
def test_clerk_whose_name_no_file_can_hold_is_refused(tmp_path: Path, clerk: str) -> None:
    with pytest.raises(Invalid) as refused:
        InventoryService.open(tmp_path, clerk=clerk)
    assert fields_of(refused) == ["clerk"]


def test_snapshot_is_read_only_and_stays_as_it_was(service: InventoryService) -> None:
    before = service.snapshot
    service.sell([(MILK, 1)], customer="Ann")
    after = service.snapshot
    assert before.products[MILK].quantity == 10
    assert (len(before.entries), len(before.customers), before.entry) == (3, 0, 3)
    assert (len(after.entries), len(after.customers), after.entry) == (4, 1, 4)
    assert after.revision > before.revision
    for rows in (after.products, after.customers, after.categories):
        assert isinstance(rows, Mapping)
        assert not isinstance(rows, MutableMapping)
    assert dict(after.categories) == {
        "bakery": {BREAD},
        "dairy": {MILK},
        "drinks": {TEA},
        "fresh": {MILK, BREAD},
    }


def test_results_are_of_the_kinds_promised(service: InventoryService) -> None:
    sold = service.sell([(MILK, 1)])
    assert isinstance(sold, Purchase)
    assert (sold.entry, sold.total, sold.lines[0].product_id) == (4, Decimal("1.20"), MILK)
    assert isinstance(service.give_back(sold.sale), Purchase)
    assert service.undo(5) == 6
    assert isinstance(service.report(), Report)
    assert service.refresh() is False
    assert isinstance(service.snapshot.problems, tuple)
    assert isinstance(service.snapshot.products[MILK].extra, Mapping)


def test_every_entry_carries_the_clerk_and_the_time(open_shop: OpenShop, service: InventoryService) -> None:
    open_shop("beth").receive(MILK, 1)
    service.refresh()
    assert [entry.clerk for entry in service.snapshot.entries] == ["amal", "amal", "amal", "beth"]
    times = [entry.time for entry in service.snapshot.entries]
    assert times == sorted(times)
    assert all(time.tzinfo is not None and time.microsecond == 0 for time in times)


# Products


def test_product_with_problems_is_refused_with_all_of_them(service: InventoryService) -> None:
    with pytest.raises(Invalid) as refused:
        service.add(Product(MILK, "", Decimal(-1), -1, frozenset({"a|b"})))
    assert sorted(fields_of(refused)) == ["categories", "id", "name", "price", "quantity"]
    assert service.snapshot.entry == 3


def test_duplicate_id_is_refused_also_in_another_unicode_form(service: InventoryService) -> None:
    service.add(Product("caf\u00e9", "Café", Decimal(1), 1))
    for taken in (MILK, "caf\u00e9", "cafe\u0301"):
        with pytest.raises(Invalid) as refused:
            service.add(Product(taken, "Other", Decimal(1), 1))
        assert fields_of(refused) == ["id"]


ODD = [
    Product("a", "Minus zero", Decimal("-0"), 1, cost=Decimal("-0.00")),
    Product("b", "Exponent", Decimal("1E+2"), 1),
    Product("c", "Long zero", Decimal("0E-20"), 1),
    Product("d", "Decomposed cafe\u0301", Decimal("1.5"), 1, frozenset({"cafe\u0301"})),
    Product("cafe\u0301", " spaces ", Decimal("1.50"), 0, extra={"shelf": " A ", "empty": ""}),
    Product("e", "x" * 5000, Decimal("999999999999.99"), MOST_PIECES, reorder_level=MOST_PIECES),
    Product("f", "[/] [red]x", Decimal(0), 0, frozenset({"[/]"}), barcodes=frozenset({"5.9E", "00123"})),
    Product(
        "g", 'quote " and, comma; # hash', Decimal(1), 1, extra={"own columns: x": 'own columns: {"a": "b"}'}
    ),
    Product("h", "# tracker inventory 1", Decimal(1), 1),
    Product("i", "اسم 👩‍🌾", Decimal(1), 1, extra={"größe, 2": "|"}),
]


@pytest.mark.parametrize("product", ODD, ids=[product.name[:20] for product in ODD])
def test_odd_product_is_the_same_after_a_save_and_from_the_logs(
    service: InventoryService, open_shop: OpenShop, product: Product
) -> None:
    service.add(product)
    there = dict(service.snapshot.products)
    service.save()
    with open_shop("beth") as again:
        assert dict(again.snapshot.products) == there
        assert again.snapshot.entry == 4, "nothing was taken for a hand edit"
        assert again.snapshot.problems == ()
    (service.directory / "inventory.txt").unlink()
    with open_shop("beth") as rebuilt:
        assert dict(rebuilt.snapshot.products) == there


def test_edit_changes_only_what_was_changed(service: InventoryService, open_shop: OpenShop) -> None:
    other = open_shop("beth")
    other.edit(MILK, name="Oat milk")
    service.edit(MILK, price=Decimal(2))
    other.edit(MILK, extra={"shelf": "A"})
    service.refresh()
    milk = service.snapshot.products[MILK]
    assert (milk.name, milk.price, milk.extra) == ("Oat milk", Decimal(2), {"shelf": "A"})


def test_each_own_column_is_a_field_of_its_own_to_two_editors(
    service: InventoryService, open_shop: OpenShop
) -> None:
    service.edit(MILK, extra={"shelf": "A", "supplier": "Dairy"})
    seen = service.snapshot.products[MILK]
    with open_shop("beth") as other:
        other.edit(MILK, extra={"shelf": "B", "supplier": "Dairy", "origin": "here"})
    service.edit(MILK, was=seen, extra={"shelf": "A", "supplier": "Farm"})
    there = {"shelf": "B", "supplier": "Farm", "origin": "here"}
    assert service.snapshot.products[MILK].extra == there
    with pytest.raises(Conflict, match="shelf was A, is now B, you want C") as refused:
        service.edit(MILK, was=seen, extra={"shelf": "C", "supplier": "Dairy"})
    assert [clash.field for clash in refused.value.clashes] == ["shelf"]
    service.edit(MILK, was=service.snapshot.products[MILK], extra={"supplier": "Farm", "origin": "here"})
    assert service.snapshot.products[MILK].extra == {"supplier": "Farm", "origin": "here"}, (
        "shelf was emptied"
    )


def test_the_own_columns_are_those_of_the_file(service: InventoryService, open_shop: OpenShop) -> None:
    assert not service.snapshot.own_columns
    service.save()
    table = service.directory / "inventory.txt"
    lines = table.read_text().splitlines()
    header = next(place for place, line in enumerate(lines) if line.startswith("id,"))
    table.write_text("\n".join([*lines[:header], f"{lines[header]},Supplier No.", *lines[header + 1 :], ""]))
    service.refresh()
    assert list(service.snapshot.own_columns) == ["Supplier No."]
    with open_shop("beth") as other:
        assert list(other.snapshot.own_columns) == ["Supplier No."]


def test_two_editors_of_different_fields_both_win(service: InventoryService, open_shop: OpenShop) -> None:
    other = open_shop("beth")
    was = service.snapshot.products[MILK]
    other.edit(MILK, was=was, name="Oat milk")
    service.edit(MILK, was=was, price=Decimal(2))
    assert service.snapshot.products[MILK][1:3] == ("Oat milk", Decimal(2))


def test_true_conflict_shows_both_values(service: InventoryService, open_shop: OpenShop) -> None:
    was = service.snapshot.products[MILK]
    open_shop("beth").edit(MILK, was=was, price=Decimal(3), name="Oat milk", categories={"oats"})
    with pytest.raises(Conflict) as refused:
        service.edit(MILK, was=was, price=Decimal(2), name="Oat milk", categories={"dairy", "new"})
    assert refused.value.clashes == (
        ("price", "1.20", "3.00", "2"),
        ("categories", "dairy, fresh", "oats", "dairy, new"),
    )
    assert service.snapshot.products[MILK].price == Decimal(3)


def test_same_edit_by_two_is_no_conflict_and_no_entry(service: InventoryService, open_shop: OpenShop) -> None:
    was = service.snapshot.products[MILK]
    assert open_shop("beth").edit(MILK, was=was, price=Decimal(3)) == 4
    assert service.edit(MILK, was=was, price=Decimal(3)) is None
    assert service.snapshot.entry == 4


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"quantity": 5}, "quantity"),
        ({"id": "9"}, "id"),
        ({"colour": "red"}, "colour"),
        ({"name": 5}, "name"),
        ({"name": ""}, "name"),
        ({"price": "1.50"}, "price"),
        ({"price": 1.5}, "price"),
        ({"price": Decimal("NaN")}, "price"),
        ({"categories": "dairy"}, "categories"),
        ({"categories": None}, "categories"),
        ({"barcodes": frozenset({"77"})}, "barcodes"),
        ({"reorder_level": -1}, "reorder_level"),
        ({"cost": Decimal(-1)}, "cost"),
        ({"extra": {"shelf": "\x1b"}}, "shelf"),
        ({"extra": {"price": "1"}}, "extra"),
        ({"extra": None}, "extra"),
    ],
)
def test_edit_that_cannot_be_is_refused_by_field(
    service: InventoryService, fields: dict[str, object], wrong: str
) -> None:
    service.edit(BREAD, barcodes=frozenset({"77"}))
    before = service.snapshot.products[MILK]
    with pytest.raises(Invalid) as refused:
        service.edit(MILK, was=None, **fields)
    assert fields_of(refused) == [wrong]
    assert service.snapshot.products[MILK] == before


def test_bad_value_from_a_file_does_not_stand_in_the_way_of_another_edit(
    service: InventoryService, shop_dir: Path
) -> None:
    service.save()
    file = shop_dir / "inventory.txt"
    file.write_text(
        file.read_text().replace("cost\n", "cost,link\n").replace("dairy|fresh,,,", "dairy|fresh,,,,=1+1")
    )
    service.refresh()
    assert service.snapshot.products[MILK].extra == {"link": "=1+1"}
    assert service.edit(MILK, price=Decimal(2))
    with pytest.raises(Invalid):
        service.edit(MILK, extra={"link": "=2"})


def test_removed_product_is_gone_but_its_sales_stay(service: InventoryService) -> None:
    service.sell([(MILK, 2)])
    service.remove(MILK)
    for act in (
        lambda: service.sell([(MILK, 1)]),
        lambda: service.remove(MILK),
        lambda: service.edit(MILK, name="x"),
        lambda: service.receive(MILK, 1),
        lambda: service.count(MILK, 1),
        lambda: service.adjust(MILK, 1, "found"),
    ):
        with pytest.raises(NotFound, match=MILK):
            act()
    assert service.report().units == 2
    assert service.add(Product(MILK, "New milk", Decimal(3), 1)) == 6


def test_own_columns_survive_edit_removal_and_undo(service: InventoryService, open_shop: OpenShop) -> None:
    service.edit(MILK, extra={"shelf": "A3", "maker": "Alm, GmbH"})
    own = service.snapshot.products[MILK].extra
    service.edit(MILK, price=Decimal(2))
    service.receive(MILK, 1)
    service.undo(service.remove(MILK))
    service.save()
    for session in (service, open_shop("beth")):
        assert session.snapshot.products[MILK].extra == own
    assert b'"Alm, GmbH"' in (service.directory / "inventory.txt").read_bytes()


# Looking only


UNPRIVILEGED = """
import os, sys
from tracker_tui.errors import ReadOnly
from tracker_tui.service import InventoryService
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
with InventoryService.open(sys.argv[1], "nobody") as shop:
    print(shop.snapshot.products["001"].quantity, bool(shop.snapshot.read_only), shop.read_only)
    try:
        shop.sell([("001", 1)])
    except ReadOnly as error:
        print("refused:", error)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
def test_folder_that_cannot_be_written_opens_to_look_and_says_so(
    service: InventoryService, shop_dir: Path
) -> None:
    service.save()
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        there = Path(directory) / "shop"
        shutil.copytree(shop_dir, there)
        there.chmod(0o755)
        for path in there.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        before = {path.name: path.read_bytes() for path in there.rglob("*") if path.is_file()}
        command = [sys.executable, "-c", UNPRIVILEGED, str(there)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.stdout.startswith("10 True the folder"), done.stderr
        assert "refused: nothing can be changed" in done.stdout
        assert {path.name: path.read_bytes() for path in there.rglob("*") if path.is_file()} == before


def test_session_opened_to_look_changes_nothing(service: InventoryService, open_shop: OpenShop) -> None:
    looker = open_shop("beth", read_only=True)
    service.sell([(MILK, 1)])
    assert looker.refresh()
    assert looker.snapshot.products[MILK].quantity == 9
    with pytest.raises(ReadOnly):
        looker.sell([(MILK, 1)])
    assert not looker.save()
    looker.close()
    assert not (service.directory / "inventory.txt").exists()


def test_disk_that_fails_is_told_as_such(service: InventoryService, shop_dir: Path) -> None:
    shop_dir.rename(shop_dir.with_name("gone"))
    with pytest.raises(StorageError):
        service.refresh()
    shop_dir.with_name("gone").rename(shop_dir)
    assert service.snapshot.products[MILK].quantity == 10


def test_service_may_be_used_by_several_threads(service: InventoryService) -> None:
    service.count(MILK, 100)
    threads = [
        threading.Thread(target=lambda: [service.sell([(MILK, 1)]) and service.refresh() for _ in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert service.snapshot.products[MILK].quantity == 20
    assert [entry.entry for entry in service.snapshot.entries] == list(range(1, 85))
