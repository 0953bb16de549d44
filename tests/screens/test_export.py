"""Writing a table of the screen into a file, by keyboard and mouse; and who may not."""

from __future__ import annotations

import csv
import json
import os
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop, keep_past_in_logs
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, wait_until
from tests.waiting import Gate
from tracker_tui.app import TrackerApp
from tracker_tui.messages import ErrandRequested, ExportWanted
from tracker_tui.model import long_history
from tracker_tui.model.errands import Export
from tracker_tui.model.exports import Listing, Plain
from tracker_tui.screens import history
from tracker_tui.screens.export_dialog import ArchiveDialog, ExportDialog
from tracker_tui.service import InventoryService
from tracker_tui.widgets.record_table import RecordTable

SIZE = (80, 24)


async def asked(pilot: Pilot[int], table: str, *, rows: int) -> ExportDialog:
    """Press X on a table once it has its rows."""
    await wait_until(pilot, lambda: pilot.app.screen.query_one(table, RecordTable).row_count == rows)
    pilot.app.screen.query_one(table).focus()
    await pilot.press("X")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
    dialog = pilot.app.screen
    assert isinstance(dialog, ExportDialog)
    return dialog


async def write(pilot: Pilot[int], dialog: ExportDialog, file: Path) -> None:
    """Write the file, and wait until it is there."""
    dialog.file.value = str(file)
    await pilot.press("ctrl+s")
    await wait_until(pilot, lambda: any(f"written to {file}" in text for text in toasts(pilot)))


async def said(pilot: Pilot[int], text: str) -> None:
    """Wait until the dialog says something above its buttons."""
    await wait_until(pilot, lambda: text in shown_text(pilot, "#form-message"))


async def shows(pilot: Pilot[int], text: str) -> None:
    """Wait until something stands on the screen."""
    await wait_until(pilot, lambda: text in screen_text(pilot))


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


async def test_rows_are_written_as_they_are_filtered_and_ordered_with_plain_values(
    service: InventoryService, tmp_path: Path
) -> None:
    service.edit("001", price=service.snapshot.products["001"].price + 1000)
    async with open_app(service).run_test(size=SIZE) as pilot:
        await pilot.press("slash", *"fresh", "enter")
        table = pilot.app.screen.query_one("#products", RecordTable)
        await wait_until(pilot, lambda: table.row_count == 2)
        table.sort_by("name", reverse=False)
        dialog = await asked(pilot, "#products", rows=2)
        await write(pilot, dialog, tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text("utf-8").splitlines() == [
        "id,name,price,quantity,categories,reorder_level",
        "002,Bread,2.50,5,bakery|fresh,0",
        "001,Milk,1001.20,10,dairy|fresh,0",
    ]


@pytest.mark.parametrize("length", ["short", "long", "very long"])
async def test_history_is_written_with_old_and_new(
    open_shop: OpenShop,
    service: InventoryService,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    length: str,
) -> None:
    """Of a long history old values are looked up for the file; of a very long one there are only the new ones."""
    for pieces in range(1, 40):
        service.receive("001", pieces)
        service.sell([("002", 1)] if pieces < 5 else [("001", pieces)], "Ann")
    service.close()
    if length != "short":
        keep_past_in_logs(monkeypatch)
        monkeypatch.setattr(history, "AT_ONCE", 2)
    if length == "very long":
        monkeypatch.setattr(long_history, "_FEW_ROWS", 80)
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "history")
    with open_shop() as shop:
        async with open_app(shop).run_test(size=SIZE) as pilot:
            dialog = await asked(pilot, "#history", rows=81)
            await write(pilot, dialog, tmp_path / "h.csv")
    rows = read(tmp_path / "h.csv")
    assert [int(row["entry"]) for row in rows] == list(range(81, 0, -1))
    received = rows[-4]
    assert received["time"].startswith("2026-03-02T09:00:")
    assert received["what"] == "receive"
    if length == "very long":
        assert received["change"] == "now: price 1.20, categories dairy, fresh, quantity +1"
    else:
        assert received["change"] == "quantity 10 -> 11 (+1)"
        assert rows[-1]["change"].startswith("new: price 1.20")


async def test_every_table_of_a_screen_can_be_written(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service.sell([("001", 2)], "Ann")
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "customers")
    async with open_app(service).run_test(size=SIZE) as pilot:
        await write(pilot, await asked(pilot, "#customers", rows=1), tmp_path / "c.json")
        await write(pilot, await asked(pilot, "#purchases", rows=1), tmp_path / "b.json")
    (ann,) = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert (ann["id"], ann["purchases"], ann["total"], ann["last"][:10]) == ("C0001", 1, "2.40", "2026-03-02")
    (sale,) = json.loads((tmp_path / "b.json").read_text("utf-8"))
    assert (sale["entry"], sale["products"], sale["total"]) == (4, "2 x Milk", "2.40")


async def test_a_file_that_is_there_is_replaced_at_the_second_time_only(
    service: InventoryService, tmp_path: Path
) -> None:
    there, other = tmp_path / "a.csv", tmp_path / "b.csv"
    there.write_text("precious")
    other.write_text("precious")
    async with open_app(service).run_test(size=SIZE) as pilot:
        dialog = await asked(pilot, "#products", rows=3)
        for file in (there, other):
            dialog.file.value = str(file)
            await pilot.press("ctrl+s")
            await said(pilot, f"{file.name} is there")
        assert (there.read_text(), other.read_text()) == ("precious", "precious")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
    assert there.read_text() == "precious"
    assert len(read(other)) == 3


async def test_mouse_chooses_the_format_and_writes(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with open_app(service).run_test(size=SIZE) as pilot:
        dialog = await asked(pilot, "#products", rows=3)
        name = dialog.file.value.removeprefix("~/").removesuffix(".csv")
        assert name.startswith("products-20")
        for label in ("JSON", "CSV", "JSON", "Write"):
            lines = screen_text(pilot).splitlines()
            y = next(number for number, line in enumerate(lines) if "Ctrl+S" in line)
            await pilot.click(offset=(lines[y].index(label), y))
            await wait_until(pilot, lambda: not pilot.app.screen.query("MouseButton.-active"))
        await wait_until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
    assert len(json.loads((tmp_path / f"{name}.json").read_text("utf-8"))) == 3


async def test_a_right_click_on_a_table_exports_it(service: InventoryService) -> None:
    async with open_app(service).run_test(size=SIZE) as pilot:
        await shows(pilot, "Milk")
        await pilot.click("#products", offset=(20, 3), button=3)
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        await pilot.press("escape")
        await shows(pilot, "F1 Help")


async def test_what_cannot_be_written_is_said_and_the_name_stays(
    service: InventoryService, tmp_path: Path
) -> None:
    async with open_app(service).run_test(size=SIZE) as pilot:
        dialog = await asked(pilot, "#products", rows=3)
        for name, reason in (("a.txt", "end with .csv or .json"), ("none/a.csv", "No such file")):
            dialog.file.value = f"{tmp_path}/{name}"
            await pilot.press("ctrl+s")
            await shows(pilot, reason)
            assert dialog.file.value.endswith(name)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".csv")]


async def test_escape_stops_the_writing_and_nothing_is_left(
    service: InventoryService, tmp_path: Path
) -> None:
    """The rows come as fast as the test lets them."""
    go_on = Gate()
    out = tmp_path / "out"
    out.mkdir()

    def rows() -> Iterator[Mapping[str, Plain]]:
        for number in range(100_000):
            if number == 1_000:
                go_on.wait()
            yield {"n": number}

    async with open_app(service).run_test(size=SIZE) as pilot:
        pilot.app.post_message(ExportWanted(Listing("rows", ("n",), 100_000, rows)))
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog))
        dialog = pilot.app.screen
        assert isinstance(dialog, ExportDialog)
        dialog.file.value = str(out / "rows.csv")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: len(list(out.iterdir())) == 1)
        await pilot.press("escape")
        await said(pilot, "Stopping")
        go_on.set()
        await said(pilot, "nothing was written")
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("login", "reason"), [("clerk", "clerks write no files"), ("reader", "Nothing can be written")]
)
async def test_clerks_and_readers_are_refused_however_they_ask(
    service: InventoryService, open_shop: OpenShop, tmp_path: Path, login: str, reason: str
) -> None:
    service.close()
    listing = Listing("rows", ("n",), 1, lambda: iter([{"n": 1}]))
    with open_shop(read_only=login == "reader") as shop:
        async with open_app(shop, clerk_mode=login == "clerk").run_test(size=SIZE) as pilot:
            app = pilot.app
            await wait_until(pilot, lambda: app.screen.query_one("#products", RecordTable).row_count == 3)
            await pilot.press("X")
            await wait_until(pilot, lambda: any(reason in text for text in toasts(pilot)))
            assert not isinstance(app.screen, ExportDialog)
            dialog = ExportDialog(listing)
            await app.push_screen(dialog)
            app.post_message(
                ErrandRequested(
                    Export(listing, str(tmp_path / "a.csv"), replace=False), dialog, threading.Event()
                )
            )
            await said(pilot, reason)
    assert not (tmp_path / "a.csv").exists()


async def test_an_empty_table_is_not_written(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        async with open_app(shop).run_test(size=SIZE) as pilot:
            await pilot.press("X")
            await wait_until(pilot, lambda: "no rows to export" in "".join(toasts(pilot)))
            assert not isinstance(pilot.app.screen, ExportDialog)


async def test_the_whole_shop_is_archived_from_the_palette(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with open_app(service).run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+p", *"archive")
        await shows(pilot, "Archive the shop")
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ArchiveDialog))
        dialog = pilot.app.screen
        assert isinstance(dialog, ArchiveDialog)
        name = dialog.file.value.removeprefix("~/")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: any("as of entry 3 written" in text for text in toasts(pilot)))
    with zipfile.ZipFile(tmp_path / name) as zipped:
        assert "changes.txt" in zipped.namelist()


async def test_clerks_archive_nothing(service: InventoryService, tmp_path: Path) -> None:
    app = open_app(service, clerk_mode=True)
    async with app.run_test(size=SIZE) as pilot:
        await app.run_action("app.archive")
        await wait_until(pilot, lambda: any("clerks write no files" in text for text in toasts(pilot)))
        dialog = ArchiveDialog()
        await app.push_screen(dialog)
        dialog.file.value = str(tmp_path / "a.zip")
        await pilot.press("ctrl+s")
        await said(pilot, "clerks write no files")
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".zip")]
