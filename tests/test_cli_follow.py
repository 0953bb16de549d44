"""`changes --follow`: every entry once, in order, while others sell and edit; and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.conftest import OpenShop, product
from tests.waiting import PATIENCE_S
from tracker_tui.cli import run
from tracker_tui.commands.follow import _Fresh, entry_json
from tracker_tui.model.ledger import Ledger
from tracker_tui.service import InventoryService


class Follower:
    """The command in a process of its own, and the lines it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line)

    def next(self) -> dict[str, Any]:
        """Return the next entry that is printed."""
        found: dict[str, Any] = json.loads(self.lines.get(timeout=PATIENCE_S))
        return found


@contextmanager
def following(directory: Path, *options: str, stdout: int = subprocess.PIPE) -> Iterator[Follower]:
    argv = [
        sys.executable,
        "-m",
        "tracker_tui",
        "-d",
        str(directory),
        "changes",
        "--follow",
        "--json",
        *options,
    ]
    process = subprocess.Popen(argv, text=True, stdout=stdout, stderr=subprocess.PIPE)
    try:
        yield Follower(process)
    finally:
        process.kill()
        process.wait()


def test_each_entry_is_printed_once_as_it_happens(service: InventoryService, open_shop: OpenShop) -> None:
    with following(service.directory, "--since-entry", "2") as follower:
        assert [follower.next()["entry"]] == [3]
        sale = service.sell([("001", 2)], "Ann")
        found = follower.next()
        assert (found["entry"], found["log"], found["what"], found["sale"]) == (
            4,
            "purchases",
            "sale",
            sale.sale,
        )
        assert (found["customer"], found["clerk"]) == ("Ann", "amal")
        (line,) = found["lines"]
        assert (line["product_id"], line["quantity"], line["total"]) == ("001", 2, "2.40")
        with open_shop("ben") as other:
            other.edit("002", name="Bun")
        found = follower.next()
        assert (found["entry"], found["log"], found["action"], found["clerk"]) == (
            5,
            "changes",
            "edit",
            "ben",
        )
        assert found["lines"][0]["name"] == "Bun"


def test_a_table_saved_by_rename_is_an_entry_like_others(service: InventoryService) -> None:
    service.save()
    table = service.directory / "inventory.txt"
    with following(service.directory, "--since-entry", "3") as follower:
        service.add(product("T9", "Cup", "1.00", 1))
        assert follower.next()["entry"] == 4
        service.save()
        copy = table.with_name("copy")
        copy.write_text(table.read_text("utf-8").replace("Milk", "Oat milk"), "utf-8")
        copy.replace(table)
        found = follower.next()
        assert (found["action"], found["lines"][0]["name"]) == ("hand-edit", "Oat milk")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(service: InventoryService, number: signal.Signals) -> None:
    with following(service.directory, "--since-entry", "2") as follower:
        assert follower.next()["entry"] == 3
        follower.process.send_signal(number)
        assert follower.process.wait(PATIENCE_S) == 0
        assert follower.process.stderr is not None
        assert follower.process.stderr.read() == ""


def test_a_closed_pipe_ends_it_though_nothing_happens(service: InventoryService) -> None:
    reading, writing = os.pipe()
    with following(service.directory, "--since-entry", "2", stdout=writing) as follower:
        os.close(writing)
        assert os.read(reading, 1) == b"{"
        os.close(reading)
        assert follower.process.wait(PATIENCE_S) == 141


def test_an_entry_that_is_seen_before_the_one_in_front_of_it_waits(service: InventoryService) -> None:
    entries = list(service.snapshot.ledger)
    fresh = _Fresh(0)
    assert [entry.entry for entry in fresh.of(Ledger([entries[0], entries[2]]))] == [1]
    assert [entry.entry for entry in fresh.of(Ledger(entries))] == [2, 3]


def test_a_number_that_never_comes_is_waited_for_once(service: InventoryService) -> None:
    entries = list(service.snapshot.ledger)
    fresh = _Fresh(0)
    ledger = Ledger([entries[0], entries[2]])
    assert [[entry.entry for entry in fresh.of(ledger)] for _ in range(3)] == [[1], [3], []]


def test_without_follow_it_ends_with_what_is_there(
    service: InventoryService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-d", str(service.directory), "changes", "--since-entry", "1", "--json"]) == 0
    assert [json.loads(line)["entry"] for line in capsys.readouterr().out.splitlines()] == [2, 3]
    assert run(["-d", str(service.directory), "changes", "--since-entry", "1", "--product", "003"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("amal  add: Tea")


def test_an_entry_has_all_of_its_columns(service: InventoryService) -> None:
    assert list(entry_json(service.snapshot.entries[0])) == [
        "entry",
        "clerk",
        "action",
        "note",
        "time",
        "log",
        "what",
        "lines",
    ]
