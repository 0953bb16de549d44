"""Many writers at once: nothing lost, nothing sold twice, nobody waits for long, readers see whole entries.

Full form: `TRACKER_FULL=1 pytest tests/faults/test_many.py` (8 processes x 500 acts instead of 8 x 60).
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from tests.faults.crowd import Crowd, Fact, Judged, Mistake, Process, ending, environment, judge, planted
from tests.faults.crowd_worker import LAST
from tests.faults.ledger import read_ledger, states
from tracker_tui.service import InventoryService
from tracker_tui.storage import book
from tracker_tui.storage.folder import Signature, signature_of

FULL: Final = bool(os.environ.get("TRACKER_FULL"))
ACTS: Final = 500 if FULL else 60
CLERKS: Final = 8
LAST_PIECES: Final = CLERKS * ACTS // 6
OPENING: Final = 15
KILLS: Final = 500 if FULL else 10
KILLED_EACH_S: Final = 0.3 if FULL else 0.1
PATIENCE_S: Final = 900.0 if FULL else 240.0
LOCK_S: Final = 5.0
SLACK_S: Final = 1.5
"""What a busy machine may add to a wait that the program limits to 5 s."""

Record: TypeAlias = Callable[[str, object], None]

pytestmark = pytest.mark.timeout(1800 if FULL else 600)


def _told(record: Record, judged: Judged, **more: object) -> None:
    numbers = {**judged._asdict(), **more}
    numbers.pop("faults")
    print("\n" + ", ".join(f"{name} {_short(value)}" for name, value in numbers.items()))
    for name, value in numbers.items():
        record(name, value)


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@contextmanager
def _beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do something in a thread until the block ends; what it raises is raised here."""
    done = threading.Event()
    wrong: list[AssertionError] = []

    def run() -> None:
        try:
            work(done)
        except AssertionError as error:
            wrong.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if wrong:
        raise wrong[0]


Report: TypeAlias = tuple[int, int, int, Decimal, int, frozenset[str]]


class Reports:
    """Runs `report --json` again and again, as a person at a prompt would."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.seen: list[Report] = []

    def __call__(self, done: threading.Event) -> None:
        command = [sys.executable, "-m", "tracker_tui", "-d", str(self.crowd.folder), "report", "--json"]
        while not done.is_set():
            ran = subprocess.run(
                command,
                capture_output=True,
                env=environment(self.crowd.root),
                check=False,
                timeout=PATIENCE_S,
            )
            assert ran.returncode == 0, ran.stderr.decode()
            said = json.loads(ran.stdout)
            lowest = said["lowest_stock"]
            ids = frozenset(product["id"] for product in lowest)
            money = Decimal(said["total_sales"])
            self.seen.append(
                (said["purchases"], said["returns"], said["units"], money, lowest[0]["quantity"], ids)
            )

    def faults(self) -> list[str]:
        """Return the reports that no prefix of the logs explains, or that go back in time."""
        after = states(read_ledger(self.crowd.folder))
        possible: dict[Report, list[int]] = {}
        for number, state in after.items():
            if LAST in state.stock:
                low = min(state.stock.values())
                ids = frozenset(key for key, pieces in state.stock.items() if pieces == low)
                possible.setdefault((*state.totals, low, ids), []).append(number)
        reached = 0
        for report in self.seen:
            later = [number for number in possible.get(report, ()) if number >= reached]
            if not later:
                return [f"no entry from {reached} on explains the report {report}"]
            reached = later[0]
        return []


def _sell_out(crowd: Crowd, *, patience_s: float = PATIENCE_S) -> Reports:
    """Let a crowd that was started come to its end, with reports beside it."""
    reports = Reports(crowd)
    with _beside(reports):
        crowd.finish(patience_s)
    return reports


def test_eight_clerks(tmp_path: Path, record_property: Record) -> None:
    with ending(Crowd(tmp_path, opening=OPENING, last=LAST_PIECES)) as crowd:
        crowd.start_reader()
        crowd.start_clerks(CLERKS, ACTS)
        reports = _sell_out(crowd)
        judged = judge(crowd, LAST_PIECES)
        _told(record_property, judged, reports=len(reports.seen))
        assert judged.faults == ()
        assert reports.faults() == []
        assert judged.seen > 10


def test_one_after_the_other_is_killed(tmp_path: Path, record_property: Record) -> None:
    kills = 0
    dice = random.Random(1)
    with ending(Crowd(tmp_path, opening=OPENING, last=LAST_PIECES)) as crowd:
        crowd.start_reader()
        crowd.start_clerks(CLERKS, ACTS)

        def kill(done: threading.Event) -> None:
            nonlocal kills
            while (at_work := crowd.at_work) and not done.wait(KILLED_EACH_S) and kills < KILLS:
                kills += crowd.replace(dice.choice(at_work))

        with _beside(Reports(crowd)):
            kill(threading.Event())
            crowd.finish(PATIENCE_S)
        judged = judge(crowd, LAST_PIECES)
        _told(record_property, judged, kills=kills)
        assert judged.faults == ()
        assert kills >= 3


def _stop_inside_the_lock(crowd: Crowd) -> Process | None:
    """Stop a clerk at a moment when it has the lock and all others are at work; None where they had ended before."""
    while len(at_work := crowd.at_work) == CLERKS:
        for process in at_work:
            if not crowd.holds_lock(process):
                continue
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
            if crowd.holds_lock(process) and len(crowd.at_work) == CLERKS:
                return process
            process.send_signal(signal.SIGCONT)
    return None


def _named_in(busy: list[Fact], process: Process) -> int:
    """Return how many were told that it is this process for which they wait."""
    return sum(f"(process {process.pid})" in fact["text"] for fact in busy)


def test_one_is_stopped_inside_the_lock(tmp_path: Path, record_property: Record) -> None:
    for turn in range(20):
        place = tmp_path / str(turn)
        place.mkdir()
        with ending(Crowd(place, opening=OPENING, last=LAST_PIECES)) as crowd:
            crowd.start_reader()
            crowd.start_clerks(CLERKS, ACTS)
            stopped = _stop_inside_the_lock(crowd)
            if stopped is not None:
                _hold_all_up(crowd, stopped, record_property)
                return
    raise AssertionError("no clerk was met inside the lock")


def _hold_all_up(crowd: Crowd, stopped: Process, record_property: Record) -> None:
    """Leave one stopped until all others have given up once, and for so long at least; then judge."""

    def busy() -> list[Fact]:
        return [fact for fact in crowd.facts() if fact["kind"] == "Busy"]

    began = time.monotonic()
    with _beside(Reports(crowd)):
        time.sleep(12.0 if FULL else 6.5)
        while _named_in(busy(), stopped) < CLERKS - 1:
            assert time.monotonic() < began + PATIENCE_S, busy()
            time.sleep(0.05)
        stopped_s = time.monotonic() - began
        stopped.send_signal(signal.SIGCONT)
        crowd.finish(PATIENCE_S)
    judged = judge(crowd, LAST_PIECES, longest_s=stopped_s + SLACK_S)
    waited = max(fact["wait"] for fact in busy())
    _told(record_property, judged, busy=len(busy()), longest_busy_s=waited)
    assert judged.faults == ()
    assert waited < crowd.allowed(LOCK_S + SLACK_S)
    assert all(re.search(r"\(process \d+\) is writing", fact["text"]) for fact in busy()), busy()


def _delete_derived(crowd: Crowd) -> Callable[[threading.Event], None]:
    def delete(done: threading.Event) -> None:
        place = crowd.folder / ".tracker"
        while not done.wait(0.002):
            shutil.rmtree(place, ignore_errors=True)

    return delete


def test_everything_derived_is_deleted_all_the_while(tmp_path: Path, record_property: Record) -> None:
    with ending(Crowd(tmp_path, opening=OPENING, last=LAST_PIECES)) as crowd:
        crowd.start_reader()
        crowd.start_clerks(CLERKS, ACTS)
        with _beside(_delete_derived(crowd)):
            reports = _sell_out(crowd)
        judged = judge(crowd, LAST_PIECES)
        _told(record_property, judged, reports=len(reports.seen))
        assert judged.faults == ()
        assert reports.faults() == []


@pytest.mark.parametrize("looks", [pytest.param(None, id="as it is"), pytest.param(3, id="three looks only")])
def test_a_reader_that_is_overtaken_counts_no_gap(
    looks: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    with Crowd.shop(folder, 100, 1) as writer, InventoryService.open(folder) as reader:
        writer.receive("A", 1)
        overtaken = 0
        busy = False

        def overtake(fd: int, name: str) -> Signature | None:
            nonlocal overtaken, busy
            if name == "changes.txt" and overtaken < 8 and not busy:
                overtaken, busy = overtaken + 1, True
                writer.sell([("A", 1)])
                writer.receive("A", 1)
                busy = False
            return signature_of(fd, name)

        monkeypatch.setattr(book, "signature_of", overtake)
        if looks is not None:
            monkeypatch.setattr(book, "_MOST_LOOKS", looks)
        reader.refresh()
        shop = reader.snapshot
        replayed = states(read_ledger(folder))[shop.entry].stock
        seen = {key: product.quantity for key, product in shop.products.items()}
        assert (seen == replayed) is (looks is None)
        assert overtaken >= 3


_LOCK_FILE: Final = (
    Mistake(
        "storage/lock.py",
        "                fcntl.flock(opened.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "                os.makedirs(os.path.join(self.path, '.tracker'), exist_ok=True)\n"
        "                try:\n"
        "                    self.lock_file = open(os.path.join(self.path, '.tracker', 'lock'), 'a')\n"
        "                except FileNotFoundError:\n"
        "                    continue\n"
        "                fcntl.flock(self.lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
    ),
    Mistake(
        "storage/lock.py",
        "            fcntl.flock(self.fd, fcntl.LOCK_UN)\n",
        "            self._lent_by.lock_file.close()\n",
    ),
)
_SCREEN: Final = (
    Mistake(
        "service.py",
        "            note = sales.checked_stock(products, lines,",
        "            note = sales.checked_stock(seen, lines,",
    ),
    Mistake(
        "service.py",
        "        with self._changing() as held:\n            booked = self._store.find_sale(sale) if sale",
        "        seen = self.snapshot.products\n"
        "        with self._changing() as held:\n            booked = self._store.find_sale(sale) if sale",
    ),
)
_NUMBER: Final = (
    Mistake("service.py", "            entry=self._store.next_number,", "            entry=self._number,"),
    Mistake(
        "service.py",
        "        return _Changing(self._mutex,",
        "        self._number = self._store.next_number\n        return _Changing(self._mutex,",
    ),
)


@pytest.mark.parametrize(
    ("mistakes", "fault"),
    [
        pytest.param(_LOCK_FILE, "numbers given twice|trouble", id="lock file, deleted meanwhile"),
        pytest.param(_SCREEN, "is below 0", id="validated against the screen"),
        pytest.param(_NUMBER, "numbers given twice", id="number taken before the lock"),
    ],
)
def test_planted_mistakes_are_caught(tmp_path: Path, mistakes: tuple[Mistake, ...], fault: str) -> None:
    root = planted(tmp_path, mistakes)
    with ending(Crowd(tmp_path, opening=OPENING, last=LAST_PIECES, root=root)) as crowd:
        crowd.start_reader()
        crowd.start_clerks(CLERKS, ACTS)
        with _beside(_delete_derived(crowd)):
            try:
                crowd.finish(PATIENCE_S)
            except AssertionError as error:
                print(f"a clerk gave up: {error}"[:500])
        faults = [one for one in judge(crowd, LAST_PIECES).faults if re.search(fault, one)]
        print(f"\ncaught: {faults[:2]}")
        assert faults
