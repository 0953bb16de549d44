"""A crowd of clerks in one shop: starts, kills, stops and replaces the processes, and judges what they left.

Also makes copies of the package with a mistake planted in them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import tracker_tui
from tests.faults.crowd_worker import ITEMS, LAST
from tests.faults.ledger import Ledger, inventory, read_ledger, states
from tests.own_time import Slowness
from tracker_tui.model import Product
from tracker_tui.service import InventoryService

PACKAGE: Final = Path(tracker_tui.__file__).parent
WORKER: Final = Path(__file__).with_name("crowd_worker.py")
OWN_SLOWNESS: Final = 4.0
"""So much slower a crowd makes a machine of two cores by itself; what is slower still has other reasons."""
BEGIN_S: Final = 240.0
"""How long the clerks may take to stand ready."""
Fact: TypeAlias = dict[str, Any]
Process: TypeAlias = "subprocess.Popen[bytes]"


class Mistake(NamedTuple):
    """A string that stands in the package exactly once, and what shall stand there instead.

    Attributes:
        file: Where it stood when this was written; it may move.
        right: As it is.
        wrong: With the mistake.
    """

    file: str
    right: str
    wrong: str


def planted(tmp_path: Path, mistakes: Sequence[Mistake]) -> Path:
    """Copy the package, compiled modules too, with mistakes in it; return what PYTHONPATH must say."""
    root = tmp_path / "planted"
    shutil.copytree(PACKAGE, root / "tracker_tui")
    sources = sorted(root.rglob("*.py"))
    for mistake in mistakes:
        places = [path for path in sources if mistake.right in path.read_text(encoding="utf-8")]
        assert len(places) == 1, f"{mistake.right!r} stands in {places}"
        text = places[0].read_text(encoding="utf-8")
        assert text.count(mistake.right) == 1, f"{places[0]}: {mistake.right!r} stands there twice"
        places[0].write_text(text.replace(mistake.right, mistake.wrong), encoding="utf-8")
    return root


def environment(root: Path | None = None) -> dict[str, str]:
    """Return the environment of a process that shall import the package below `root`."""
    path = str(root or PACKAGE.parent)
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}


class Crowd:
    """The processes of one test.

    Attributes:
        folder: The shop.
        root: Where the package lies that they import.
        slower: How many times as long as usual everything took, known once all have ended.
    """

    def __init__(self, tmp_path: Path, *, opening: int, last: int, root: Path | None = None) -> None:
        self.folder = tmp_path / "shop"
        self.root = root
        self._diaries = tmp_path / "diaries"
        self._diaries.mkdir()
        self._started = 0
        self._clerks: list[tuple[Process, Path, int]] = []
        self._readers: list[Process] = []
        self._slowness = Slowness()
        self.slower = 1.0
        self.shop(self.folder, opening, last).close()

    @staticmethod
    def shop(folder: Path, opening: int, last: int) -> InventoryService:
        """Make the shop: so many pieces of each item, and of the one that never comes in again."""
        service = InventoryService.open(folder, "owner")
        for key in ITEMS:
            service.add(Product(key, f"Item {key}", Decimal("5.00"), opening))
        service.add(Product(LAST, "Last", Decimal("1.00"), last))
        return service

    def _start(self, mode: str, acts: int) -> tuple[Process, Path]:
        self._started += 1
        name = f"{mode}{self._started}"
        diary = self._diaries / name
        diary.touch()
        command = [sys.executable, str(WORKER), mode, str(self.folder), name, str(self._started), str(acts)]
        process = subprocess.Popen(
            [*command, str(diary)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=(self._diaries / f"{name}.errors").open("wb"),
            env=environment(self.root),
        )
        return process, diary

    def start_clerks(self, number: int, acts: int) -> None:
        """Start clerks that each do so many acts, and let them begin together."""
        for _ in range(number):
            self._clerks.append((*self._start("act", acts), acts))
        self._until(lambda: all(diary.stat().st_size for _, diary, _ in self._clerks))
        self._slowness.start()
        for process, _, _ in self._clerks:
            _begin(process)

    def start_reader(self) -> None:
        """Start a session that only looks, until `finish`, and wait until it does."""
        process, diary = self._start("read", 0)
        self._readers.append(process)
        self._until(lambda: diary.stat().st_size)

    def _until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + BEGIN_S
        while not condition():
            assert time.monotonic() < deadline, self.errors()
            time.sleep(0.005)

    @property
    def at_work(self) -> list[Process]:
        """The clerks that have not ended yet."""
        return [process for process, _, _ in self._clerks if process.poll() is None]

    def replace(self, process: Process) -> bool:
        """Kill a clerk and start another for the acts that are left; tell whether it was hit at work."""
        place = next(i for i, (one, _, _) in enumerate(self._clerks) if one is process)
        process.kill()
        hit = process.wait() == -signal.SIGKILL
        _, diary, acts = self._clerks[place]
        if hit:
            left = acts - sum(fact["kind"] in ("done", "refused") for fact in facts_of(diary))
            self._clerks[place] = (*self._start("act", max(left, 0)), max(left, 0))
            _begin(self._clerks[place][0])
        return hit

    def finish(self, patience_s: float) -> None:
        """Wait for all clerks, then let the readers go."""
        try:
            for process, _, _ in self._clerks:
                assert process.wait(patience_s) == 0, self.errors()
            for reader in self._readers:
                assert reader.stdin is not None
                reader.stdin.close()
                assert reader.wait(patience_s) == 0, self.errors()
            self.slower = self._slowness.end()
        finally:
            self.end()

    def allowed(self, longest_s: float) -> float:
        """Return how long somebody may wait here who may wait for so long on a machine that has nothing else to do."""
        return longest_s * max(1.0, self.slower / OWN_SLOWNESS)

    def end(self) -> None:
        """End what is still there of the processes that this crowd started."""
        for process in [*(one for one, _, _ in self._clerks), *self._readers]:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def errors(self) -> str:
        """Return what the processes complained about."""
        return "\n".join(path.read_text() for path in sorted(self._diaries.glob("*.errors")))[-3000:]

    def facts(self, mode: str = "act") -> list[Fact]:
        """Return what all processes of a mode noted, also those that were killed."""
        paths = [path for path in self._diaries.iterdir() if path.name.startswith(mode) and not path.suffix]
        return [fact for path in paths for fact in facts_of(path)]

    def seen(self) -> Iterator[list[Fact]]:
        """Yield what each reader saw, in its order."""
        for path in sorted(self._diaries.iterdir()):
            if path.name.startswith("read") and not path.suffix:
                yield [fact for fact in facts_of(path) if fact["kind"] == "seen"]

    def holds_lock(self, process: Process) -> bool:
        """Tell whether a process has the folder's lock now."""
        mark = f":{self.folder.stat().st_ino}"
        return any(
            parts[1] == "FLOCK" and parts[4] == str(process.pid) and parts[5].endswith(mark)
            for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()
            if len(parts := line.split()) > 5 and parts[1] != "->"
        )


def _begin(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


def facts_of(diary: Path) -> list[Fact]:
    """Read a diary up to its last whole line."""
    lines = diary.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines]


@contextmanager
def ending(crowd: Crowd) -> Iterator[Crowd]:
    """Leave no process of a crowd behind."""
    try:
        yield crowd
    finally:
        crowd.end()


class Judged(NamedTuple):
    """The numbers of a run."""

    entries: int
    done: int
    refused: int
    sold_last: int
    seen: int
    longest_s: float
    faults: tuple[str, ...]


def judge(crowd: Crowd, last: int, *, longest_s: float = 5.0) -> Judged:
    """Hold what lies in the folder against what was answered and seen; `faults` has everything that is wrong."""
    ledger = read_ledger(crowd.folder)
    facts = crowd.facts()
    waits = [fact["wait"] for fact in facts if "wait" in fact]
    done = [fact for fact in facts if fact["kind"] == "done"]
    faults = [*_of_logs(ledger, last), *_of_answers(ledger, done), *_of_inventory(crowd.folder, ledger)]
    seen = 0
    for reader in crowd.seen():
        seen += len(reader)
        faults += _of_reader(ledger, reader)
    longest = max(waits, default=0)
    if longest > crowd.allowed(longest_s):
        faults.append(f"somebody waited {longest:.1f} s")
    faults += [f"trouble: {fact['text']}" for fact in facts if fact["kind"] == "StorageError"]
    refused = sum(fact["kind"] == "refused" for fact in facts)
    return Judged(len(ledger.lines), len(done), refused, ledger.sold(LAST), seen, longest, tuple(faults))


def _of_logs(ledger: Ledger, last: int) -> Iterator[str]:
    if ledger.bad:
        yield f"{len(ledger.bad)} lines are broken: {ledger.bad[0]}"
    if ledger.doubles:
        yield f"numbers given twice: {ledger.doubles[:5]}"
    if ledger.gaps:
        yield f"numbers that are missing: {ledger.gaps[:5]}"
    for sale, count in ledger.sales().items():
        if count > 1:
            yield f"sale {sale} is there {count} times"
    for number, state in states(ledger).items():
        below = [key for key, pieces in state.stock.items() if pieces < 0]
        if below:
            yield f"after entry {number} the stock of {below} is below 0"
            break
    if ledger.sold(LAST) != last:
        yield f"{ledger.sold(LAST)} pieces of {LAST} were sold, there were {last}"


def _of_answers(ledger: Ledger, done: Sequence[Fact]) -> Iterator[str]:
    answered = [fact["entry"] for fact in done if fact["entry"] is not None]
    lost = sorted(set(answered) - ledger.lines.keys())
    if lost:
        yield f"answered and not in the logs: {lost[:5]}"
    if len(set(answered)) < len(answered):
        yield "one number was answered to two acts"


def _of_inventory(folder: Path, ledger: Ledger) -> Iterator[str]:
    as_of, rows = inventory(folder)
    end = states(ledger)[max(ledger.lines)]
    if as_of != max(ledger.lines):
        yield f"inventory.txt counts up to {as_of}, the logs to {max(ledger.lines)}"
    replayed = {key: (pieces, end.prices[key]) for key, pieces in end.stock.items()}
    if rows != replayed:
        yield f"inventory.txt says {rows}, the logs {replayed}"


def _of_reader(ledger: Ledger, reader: Sequence[Fact]) -> Iterator[str]:
    after = states(ledger)
    before = 0
    for fact in reader:
        state = after.get(fact["entry"])
        if state is None:
            yield f"a reader saw entry {fact['entry']}, which is not there"
            return
        sales, returns, units, money = fact["totals"]
        seen = (fact["stock"], fact["prices"], (sales, returns, units, Decimal(money)))
        if seen != tuple(state):
            yield f"at entry {fact['entry']} a reader saw {seen}, the log says {tuple(state)}"
            return
        if fact["entry"] < before:
            yield f"a reader saw entry {before}, later {fact['entry']}"
            return
        before = fact["entry"]
