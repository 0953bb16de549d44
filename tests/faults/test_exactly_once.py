"""The same basket committed twice is one sale: by threads, processes, a retry, or after a kill before the answer.

Full form: `TRACKER_FULL=1 pytest tests/faults/test_exactly_once.py` (40 rounds instead of 2).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from textual.events import Key

import tracker_tui.shop.session
from tests.faults.crowd import Mistake, environment, planted
from tests.faults.ledger import read_ledger, states
from tests.screens.helpers import open_app, type_text, wait_until
from tests.waiting import PATIENCE_S, Gate
from tracker_tui.app import TrackerApp
from tracker_tui.errors import Busy
from tracker_tui.model import Product, Purchase
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService
from tracker_tui.storage.store import Store

FULL: Final = bool(os.environ.get("TRACKER_FULL"))
ROUNDS: Final = 40 if FULL else 2
STOCK: Final = 1000
Record: TypeAlias = Callable[[str, object], None]

pytestmark = pytest.mark.timeout(900 if FULL else 300)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a shop with one product."""
    folder = tmp_path / "shop"
    with InventoryService.open(folder, "owner") as service:
        service.add(Product("A", "Apple", Decimal("1.50"), STOCK))
    return folder


def _command(shop: Path, sale: str) -> list[str]:
    words = ["-d", str(shop), "sell", "--json", "--sale", sale, "A=2"]
    return [sys.executable, "-m", "tracker_tui", *words]


def _sell(shop: Path, sale: str, root: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = _command(shop, sale)
    return subprocess.run(
        command, capture_output=True, env=environment(root), check=False, timeout=PATIENCE_S
    )


def _entry_of(ran: subprocess.CompletedProcess[bytes]) -> int:
    assert ran.returncode == 0, ran.stderr.decode()
    return int(json.loads(ran.stdout)["entry"])


def _check_one_each(shop: Path, sales: int) -> None:
    ledger = read_ledger(shop)
    assert (ledger.gaps, ledger.doubles, ledger.bad) == ([], [], [])
    assert set(ledger.sales().values()) == {1}
    assert len(ledger.sales()) == sales
    assert states(ledger)[max(ledger.lines)].stock == {"A": STOCK - 2 * sales}


def test_double_calls_in_threads(shop: Path, record_property: Record) -> None:
    rounds, threads = ROUNDS * 10, 6
    with InventoryService.open(shop, "one") as one, InventoryService.open(shop, "two") as two:
        for turn in range(rounds):
            barrier = threading.Barrier(threads)
            answers: list[Purchase] = []

            def commit(service: InventoryService, sale: str, gate: threading.Barrier) -> None:
                gate.wait()
                answers.append(service.sell([("A", 2)], sale=sale))  # noqa: B023 - joined below

            crowd = [
                threading.Thread(target=commit, args=((one, two)[place % 2], f"s{turn}", barrier))
                for place in range(threads)
            ]
            for thread in crowd:
                thread.start()
            for thread in crowd:
                thread.join()
            assert len(answers) == threads
            assert len({answer.entry for answer in answers}) == 1
    print(f"\n{rounds * threads} calls in threads of two sessions, {rounds} sales")
    record_property("sales", rounds)
    _check_one_each(shop, rounds)


def test_processes_at_once(shop: Path, record_property: Record) -> None:
    for turn in range(ROUNDS):
        command = _command(shop, f"s{turn}")
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) for _ in range(3)]
        answers = [json.loads(process.communicate(timeout=PATIENCE_S)[0]) for process in running]
        assert len({answer["entry"] for answer in answers}) == 1
        assert all(answer["total"] == "3.00" for answer in answers)
    print(f"\n{ROUNDS * 3} processes, {ROUNDS} sales")
    record_property("sales", ROUNDS)
    _check_one_each(shop, ROUNDS)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def test_a_retry_after_busy(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker_tui.shop.session, "LOCK_TIMEOUT_S", 0.2)
    with InventoryService.open(shop, "one") as service:
        with _held(shop), pytest.raises(Busy, match=rf"process {os.getpid()}"):
            service.sell([("A", 2)], sale="s")
        assert read_ledger(shop).sales() == {}
        first = service.sell([("A", 2)], sale="s")
        assert service.sell([("A", 2)], sale="s").entry == first.entry
    assert _entry_of(_sell(shop, "s")) == first.entry
    _check_one_each(shop, 1)


def test_a_command_that_timed_out_is_given_again(shop: Path) -> None:
    with _held(shop):
        late = _sell(shop, "s")
    assert late.returncode == 3
    assert f"process {os.getpid()}" in late.stderr.decode()
    assert _entry_of(_sell(shop, "s")) == _entry_of(_sell(shop, "s")) == 2
    _check_one_each(shop, 1)


_DIES: Final = '__import__("os").kill(__import__("os").getpid(), 9)\n'
_DEATHS: Final = {
    "before the write": Mistake(
        "storage/folder.py",
        "                written = os.write(fd, data)\n",
        f"                {_DIES}                written = os.write(fd, data)\n",
    ),
    "before the fsync": Mistake(
        "storage/folder.py",
        "                os.fsync(fd)\n            except OSError as error:\n                self._take_back(held",
        f"                {_DIES}            except OSError as error:\n                self._take_back(held",
    ),
    "after the fsync": Mistake(
        "storage/folder.py",
        "                os.fsync(fd)\n            except OSError as error:\n                self._take_back(held",
        f"                os.fsync(fd); {_DIES}"
        "            except OSError as error:\n                self._take_back(held",
    ),
    "before the answer": Mistake(
        "service.py",
        "            self._book(held, purchase)\n            return purchase\n",
        f"            self._book(held, purchase)\n            {_DIES}            return purchase\n",
    ),
}


@pytest.mark.parametrize("where", list(_DEATHS))
def test_resumed_after_a_death_in_the_midst(shop: Path, tmp_path: Path, where: str) -> None:
    root = planted(tmp_path, [_DEATHS[where]])
    died = _sell(shop, "s", root)
    assert died.returncode == -signal.SIGKILL
    assert died.stdout == b""
    assert len(read_ledger(shop).sales()) == (0 if where == "before the write" else 1)
    assert _entry_of(_sell(shop, "s")) == _entry_of(_sell(shop, "s")) == 2
    _check_one_each(shop, 1)


def _traced(shop: Path, log: Path, *options: str) -> int:
    trace = "trace=openat,write,fsync,close,newfstatat,fstat,flock,exit_group"
    command = ["strace", "-f", "-s", "400", "-o", str(log), "-e", trace, *options, *_command(shop, "s")]
    return subprocess.run(
        command, capture_output=True, env=environment(), check=False, timeout=PATIENCE_S
    ).returncode


def _calls_after_fsync(log: Path) -> list[tuple[str, int]]:
    """Return the calls from the log's fsync to the answer: the name, and which of that name in the process."""
    met: dict[str, int] = {}
    after: list[tuple[str, int]] = []
    booked = synced = False
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        call = re.match(r"\d+ +(\w+)\(", line)
        if not call:
            continue
        name = call[1]
        met[name] = met.get(name, 0) + 1
        if name == "write" and '\\"entry\\": ' in line:
            return after
        if synced:
            after.append((name, met[name]))
        booked = booked or (name == "write" and ",s,,,A,Apple,2," in line)
        synced = synced or (booked and name == "fsync")
    raise AssertionError("the sale was not met in the trace")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_killed_at_every_call_between_fsync_and_answer(
    shop: Path, tmp_path: Path, record_property: Record
) -> None:
    if subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("this machine does not let strace trace")
    whole = tmp_path / "whole"
    shutil.copytree(shop, whole)
    assert _traced(whole, tmp_path / "whole.log") == 0
    calls = _calls_after_fsync(tmp_path / "whole.log")
    hits = 0
    for turn, (name, which) in enumerate(calls if FULL else calls[:3]):
        copy = tmp_path / f"copy{turn}"
        shutil.copytree(shop, copy)
        _traced(copy, tmp_path / "log", "-e", f"inject={name}:signal=KILL:when={which}")
        hit = "+++ killed by SIGKILL +++" in (tmp_path / "log").read_text(errors="replace")
        hits += hit and read_ledger(copy).sales() == {"s": 1}
        assert _entry_of(_sell(copy, "s")) == 2
        _check_one_each(copy, 1)
    print(f"\n{hits} kills hit between fsync and answer, of {len(calls)} calls there")
    record_property("kills", hits)
    assert {"newfstatat", "flock"} <= {name for name, _ in calls}, "the look at the path, the end of the lock"
    assert hits == (len(calls) if FULL else min(len(calls), 3))


def test_a_planted_mistake_is_caught(shop: Path, tmp_path: Path) -> None:
    mistake = Mistake(
        "service.py",
        "            booked = self._store.find_sale(sale) if sale else None\n",
        "            booked = None\n",
    )
    root = planted(tmp_path, [mistake])
    answers = [_entry_of(_sell(shop, "s", root)), _entry_of(_sell(shop, "s", root))]
    assert answers == [2, 3]
    with pytest.raises(AssertionError):
        _check_one_each(shop, 1)


def _f9(times: int) -> list[Key]:
    return [Key("f9", None) for _ in range(times)]


@pytest.mark.parametrize("slow", ["quick disk", "slow disk"])
async def test_f9_again_and_again(
    slow: str, shop: Path, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")
    gate = Gate()
    commit = Store.commit

    def held_up(store: Store, *args: object) -> None:
        gate.wait()
        commit(store, *args)  # type: ignore[arg-type]

    if slow == "slow disk":
        monkeypatch.setattr(Store, "commit", held_up)
    with InventoryService.open(shop, "amal") as service:
        app = open_app(service)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(
                pilot, lambda: isinstance(app.screen, SellScreen) and app.screen.product.field.has_focus
            )
            await type_text(pilot, "2*A\n")
            await wait_until(pilot, lambda: app.basket.lines)
            await pilot.press("f9")
            await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
            for key in _f9(5):
                app.post_message(key)
            await pilot.pause()
            for key in _f9(5):
                app.post_message(key)
            await pilot.pause()
            gate.set()
            await wait_until(pilot, lambda: isinstance(app.screen, SellScreen) and not app.basket.lines)
            for key in _f9(5):
                app.post_message(key)
            await pilot.pause()
    print(f"\n16 times F9 ({slow}), {len(read_ledger(shop).sales())} sale")
    record_property("sales", len(read_ledger(shop).sales()))
    _check_one_each(shop, 1)
