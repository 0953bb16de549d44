"""Taking products in from a file on the screen: the columns, what would be, and doing it; and who may not."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen

from tests.conftest import OpenShop
from tests.faulty_table import FAULTS, TABLE
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, wait_until
from tests.waiting import Gate
from tracker_tui.app import TrackerApp
from tracker_tui.messages import ActFailed, ActRequested, ErrandRequested
from tracker_tui.model.acts import TakeIn
from tracker_tui.model.errands import ReadTable
from tracker_tui.screens.import_dialog import ImportDialog
from tracker_tui.screens.import_plan import ImportPlanDialog
from tracker_tui.screens.product_forms import AddProductForm
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.work import importing
from tracker_tui.work.opening import OPEN_DEMO

SIZE = (80, 24)
PRICES = "Art-Nr;Neu;Farbe\n001;1,50;blau\n002;2,50;rot\n009;9,00;rot\n"


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Return a supplier's list of prices, under a name of its own that is not guessed."""
    file = tmp_path / "preise.csv"
    file.write_text(PRICES, "utf-8")
    return file


async def read(pilot: Pilot[int], file: Path) -> ImportDialog:
    """Open the dialog and read a file."""
    await pilot.press("I")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ImportDialog))
    dialog = pilot.app.screen
    assert isinstance(dialog, ImportDialog)
    dialog.file.value = str(file)
    await pilot.press("ctrl+s")
    await wait_until(pilot, lambda: dialog.table.has_focus)
    return dialog


async def look(pilot: Pilot[int]) -> ImportPlanDialog:
    """Go on to what would be."""
    await pilot.press("ctrl+s")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ImportPlanDialog))
    dialog = pilot.app.screen
    assert isinstance(dialog, ImportPlanDialog)
    return dialog


def becomes(dialog: ImportDialog) -> list[str]:
    return [row.becomes for row in dialog.table.rows]


def _is_open(app: TrackerApp, kind: type[Screen[Any]]) -> bool:
    return isinstance(app.screen, kind)


async def said(pilot: Pilot[int], text: str) -> None:
    await wait_until(pilot, lambda: text in shown_text(pilot, "#form-message"))


async def test_columns_that_are_mapped_change_and_all_else_stays(
    service: InventoryService, prices: Path
) -> None:
    before = service.snapshot.products
    async with open_app(service).run_test(size=SIZE) as pilot:
        dialog = await read(pilot, prices)
        assert becomes(dialog) == ["id", "(left out)", "(left out)"]
        await pilot.press("down", "enter")
        assert becomes(dialog)[1] == "name"
        await pilot.press("enter")
        assert becomes(dialog)[1] == "price"
        plan = await look(pilot)
        rows = [(row.line, row.kind, row.id) for row in plan.table.rows]
        assert rows == [(2, "changed", "001"), (3, "unchanged", "002"), (4, "refused", "009")]
        assert plan.table.rows[0].text == "price 1.20 -> 1.50"
        assert "name: is needed for a new product" in plan.table.rows[2].text
        assert service.snapshot.products == before
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: service.snapshot.products["001"].price == Decimal("1.50"))
        await wait_until(
            pilot, lambda: any("1 changed products were taken in" in text for text in toasts(pilot))
        )
        assert service.snapshot.products["001"] == before["001"]._replace(price=Decimal("1.50"))
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: service.snapshot.products == before)


async def test_columns_are_remembered_for_the_next_table_with_the_same_header(
    service: InventoryService, prices: Path
) -> None:
    async with open_app(service).run_test(size=SIZE) as pilot:
        dialog = await read(pilot, prices)
        await pilot.press("down", "enter", "enter", "down", *["enter"] * 7)
        chosen = becomes(dialog)
        assert chosen == ["id", "price", "own column Farbe"]
        await look(pilot)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: service.snapshot.products["001"].extra == {"Farbe": "blau"})
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 1)
        again = await read(pilot, prices)
        assert becomes(again) == chosen
        await said(pilot, "as the last time")
    kept = service.directory / ".tracker" / "imports.json"
    for damage in ('{"a": 1}', "[1, {}]", "[", json.dumps([{"header": 1, "columns": {}}])):
        kept.write_text(damage)
        assert importing.recall(service.directory, ("Art-Nr", "Neu", "Farbe")) is None


async def test_every_fault_is_shown_with_its_line(service: InventoryService, tmp_path: Path) -> None:
    service.edit("001", barcodes=frozenset({"4001"}))
    file = tmp_path / "faults.csv"
    file.write_text(TABLE.replace("M01", "001"), "utf-8")
    async with open_app(service).run_test(size=SIZE) as pilot:
        await read(pilot, file)
        plan = await look(pilot)
        assert (
            shown_text(pilot, "#import-counts")
            == f"2 new, 0 changed, 0 unchanged, {len(FAULTS)} refused; left out: Farbe"
        )
        await pilot.press("f", "f", "f", "f")
        assert [row.line for row in plan.table.rows] == list(FAULTS)
        await pilot.press("slash", *"twice")
        await wait_until(pilot, lambda: plan.table.row_count == 1)
        assert "in the file twice, first in line 3" in screen_text(pilot).replace("\n", " ")
        await pilot.press("escape", "escape", "escape")
        await wait_until(pilot, lambda: plan.table.row_count == len(FAULTS) + 2)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ImportDialog))


async def test_encoding_and_separator_can_be_changed(service: InventoryService, tmp_path: Path) -> None:
    file = tmp_path / "dos.csv"
    file.write_bytes("id,name\n1,Käse; süß\n".encode("cp850"))
    async with open_app(service).run_test(size=SIZE) as pilot:
        dialog = await read(pilot, file)
        await said(pilot, "cp850, fields parted by comma")
        assert dialog.table.rows[1].samples == "Käse; süß"
        await pilot.press("t")
        await said(pilot, "fields parted by semicolon")
        await pilot.press("e")
        await said(pilot, "utf-16")
        await pilot.press("e")
        await said(pilot, "iso8859-15, fields")


async def test_what_is_no_table_is_said(service: InventoryService, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "noid.csv").write_text("colour,size\nred,1\n")
    async with open_app(service).run_test(size=SIZE) as pilot:
        await pilot.press("I")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ImportDialog))
        dialog = pilot.app.screen
        assert isinstance(dialog, ImportDialog)
        await pilot.press("ctrl+s")
        await said(pilot, "Type the name of a file")
        for name, reason in (
            ("none.csv", "No such file"),
            ("empty.csv", "there is no table"),
            ("", "no plain file"),
        ):
            dialog.file.value = f"{tmp_path}/{name}"
            await pilot.press("ctrl+s")
            await said(pilot, reason)
        dialog.file.value = f"{tmp_path}/noid.csv"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: dialog.table.has_focus)
        await pilot.press("ctrl+s")
        await said(pilot, "No column is the id")


async def test_a_long_import_can_be_stopped_and_leaves_nothing(
    service: InventoryService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are looked at as fast as the test lets them."""
    file = tmp_path / "many.csv"
    file.write_text("id,name,price\n" + "".join(f"N{n},Thing {n},1\n" for n in range(3_000)))
    go_on, looked = Gate(), threading.Event()
    go_on.set()

    def wait(_seconds: float) -> None:
        looked.set()
        go_on.wait()

    monkeypatch.setattr(importing, "sleep", wait)
    async with open_app(service).run_test(size=SIZE) as pilot:
        await read(pilot, file)
        go_on.clear()
        await pilot.press("ctrl+s")
        await wait_until(pilot, looked.is_set)
        await pilot.press("escape")
        go_on.set()
        await said(pilot, "Stopped; nothing was changed")
        await look(pilot)
        go_on.clear()
        looked.clear()
        await pilot.press("ctrl+s")
        await wait_until(pilot, looked.is_set)
        await pilot.press("escape")
        go_on.set()
        await said(pilot, "Stopped; nothing was changed")
        assert len(service.snapshot.products) == 3
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: len(service.snapshot.products) == 3_003)
    assert service.snapshot.entry == 4


@pytest.mark.parametrize(
    ("login", "reason"), [("clerk", "import none"), ("reader", "Nothing can be written")]
)
async def test_clerks_and_readers_are_refused_however_they_ask(
    service: InventoryService, open_shop: OpenShop, prices: Path, login: str, reason: str
) -> None:
    service.close()
    failures: list[Message] = []

    def hear(message: Message) -> None:
        failures.extend([message] * isinstance(message, ActFailed))

    with open_shop(read_only=login == "reader") as shop:
        app = open_app(shop, clerk_mode=login == "clerk")
        async with app.run_test(
            size=SIZE, message_hook=lambda m: failures.append(m) if isinstance(m, ActFailed) else None
        ) as pilot:
            await wait_until(pilot, lambda: app.screen.query_one("#products", RecordTable).row_count == 3)
            await pilot.press("I")
            await wait_until(pilot, lambda: any(reason in text for text in toasts(pilot)))
            dialog = ImportDialog(lambda _typed: None)
            await app.push_screen(dialog)
            app.post_message(ErrandRequested(ReadTable(str(prices)), dialog, threading.Event()))
            await said(pilot, reason)
            table = importing.read_table(prices)
            act = TakeIn(table, {"id": 0, "price": 1}, lambda _done: None, lambda: False)
            app.post_message(ActRequested(act, app))
            await wait_until(pilot, lambda: failures)
    assert shop.snapshot.products["001"].price == Decimal("1.20")


def test_names_of_files_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("list.csv", "list.pdf", "Lager.TSV", ".hidden.csv"):
        (tmp_path / name).touch()
    (tmp_path / "suppliers").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    complete = importing.complete_path
    assert complete(f"{tmp_path}/l") == f"{tmp_path}/list.csv"
    assert complete("~/La") == "~/Lager.TSV"
    assert complete("~/s") == "~/suppliers/"
    assert complete("~/.h") == "~/.hidden.csv"
    assert complete("~/x") is None
    assert complete("/none/such/") is None
    assert complete("~nobody-here/x") is None
    monkeypatch.chdir(tmp_path)
    assert complete("lis") == "list.csv"


async def test_an_empty_shop_offers_how_to_begin(open_shop: OpenShop) -> None:
    """Add, import and the made-up shop: each by key and by click, until there is something in the shop."""
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=SIZE) as pilot:
            await wait_until(pilot, lambda: "I imports a file" in screen_text(pilot))
            for label, dialog in (("Add a product", AddProductForm), ("Import a file", ImportDialog)):
                lines = screen_text(pilot).splitlines()
                y = next(number for number, line in enumerate(lines) if label in line)
                await pilot.click(offset=(lines[y].index(label), y))
                await wait_until(pilot, partial(_is_open, app, dialog))
                await pilot.press("escape")
                await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
            await pilot.press("D")
            await wait_until(pilot, lambda: app.return_code == OPEN_DEMO)


async def test_a_shop_in_which_something_happened_is_not_left_for_the_made_up_one(
    service: InventoryService,
) -> None:
    app = open_app(service)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("D")
        await wait_until(pilot, lambda: any("tracker-tui demo" in text for text in toasts(pilot)))
        assert not app.screen.query("#first-steps")
        assert app.return_code is None
