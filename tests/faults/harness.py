"""What the fault tests share: a shop to break, the driver's process, a tracer for it, and the judge.

`TRACKER_FULL=1` in the environment makes every test here try all points; without it each takes a fair part of
them, so that the whole folder is done in a few minutes.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeAlias

from tests.faults.driver import LONGEST_PACKET
from tracker_tui.model import Product, SaleItem
from tracker_tui.service import InventoryService

FULL: Final = bool(os.environ.get("TRACKER_FULL"))
ROOT: Final = Path(__file__).parents[2]
LOGS: Final = {"purchases.txt": ("quantity", -1), "changes.txt": ("quantity_change", 1)}
FLAG: Final = "read-only-until-check"
SECONDS: Final = 60.0
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Hold a folder in memory where there is one, so that thousands of states need no real disk."""
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="tracker-faults-", dir=base) as name:
        yield Path(name)


def make_shop(directory: Path) -> None:
    """Make a small shop with a history: products, sales, a customer, entries that are not in the snapshot."""
    directory.mkdir(mode=0o770)
    with InventoryService.open(directory, "eve") as service:
        for n in range(1, 9):
            service.add(Product(f"P{n:02d}", f"Thing {n}", SaleItem("", 1).discount + n, 30 + n))
        for n in range(6):
            service.sell([("P01", 2), ("P02", 1)], customer="Ann Lee", sale=f"s-{n}")
    service = InventoryService.open(directory, "eve")
    service.receive("P03", 5)
    service.sell([("P04", 1), ("P05", 1)], customer="Bo", sale="s-late")
    service.edit("P06", name="Thing six")


# The judge: it reads the logs by itself, in a few lines, and believes no product code about them.


class Ledger(NamedTuple):
    """What the two logs say, read line by line.

    Attributes:
        entries: The lines of each whole entry, by number.
        twice: Numbers that stand there more than once.
        broken: Lines that belong to no whole entry.
        stock: Pieces by product, after all entries.
    """

    entries: dict[int, tuple[bytes, ...]]
    twice: list[int]
    broken: list[bytes]
    stock: dict[str, int]


def read_ledger(directory: Path) -> Ledger:
    """Read both logs: only lines whose time is whole, only entries with all of their lines."""
    ledger = Ledger({}, [], [], {})
    whole: list[tuple[int, list[dict[str, str]], int, str]] = []
    for name, (column, sign) in LOGS.items():
        if not (directory / name).exists():
            continue
        head, *lines = (directory / name).read_bytes().split(b"\n")
        if b"entry" not in head:
            continue
        names = head.decode().split(",")
        gathered: list[tuple[bytes, dict[str, str]]] = []
        for line in filter(None, lines):
            row = dict(zip(names, next(csv.reader([line.decode("utf-8", "replace")])), strict=False))
            gathered.append((line, row))
            index, _, count = row.get("line", "").partition("/")
            sound = len(row) == len(names) and _TIME.fullmatch(row["time"])
            if not sound or index != str(len(gathered)) or row["entry"] != gathered[0][1].get("entry"):
                ledger.broken.extend(raw for raw, _ in gathered)
                gathered = []
            elif index == count:
                number = int(row["entry"])
                if number in ledger.entries:
                    ledger.twice.append(number)
                ledger.entries[number] = tuple(raw for raw, _ in gathered)
                whole.append((number, [fields for _, fields in gathered], sign, column))
                gathered = []
        ledger.broken.extend(raw for raw, _ in gathered)
    for _, rows, sign, column in sorted(whole, key=lambda entry: entry[0]):
        for row in rows:
            key = row["product_id"]
            if sign < 0 and key not in ledger.stock:
                continue
            ledger.stock[key] = ledger.stock.get(key, 0) + sign * int(row[column])
            if row.get("action") == "remove" or (row.get("action") == "undo" and not row["price"]):
                del ledger.stock[key]
    return ledger


class Wrong(AssertionError):
    """A promise was broken; the text says which."""


def claim(holds: object, text: str) -> None:
    """Refuse what does not hold."""
    if not holds:
        raise Wrong(text)


def run_check(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `tracker-tui check` as a process of its own."""
    return run_cli(directory, "check", *words)


def run_cli(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    command = [sys.executable, "-m", "tracker_tui", "-d", str(directory), "--as", "cli", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT, env=environment()
    )


def environment() -> dict[str, str]:
    """Return the environment of a child: the same code as here."""
    paths = [entry for entry in (os.environ.get("PYTHONPATH", ""), str(ROOT)) if entry]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def judge(
    directory: Path,
    acked: Mapping[int, tuple[bytes, ...] | None],
    free: Iterable[int] = (),
    customer: str = "",
) -> None:
    """Hold a shop that was broken against every promise; it can be sold in afterwards.

    Args:
        directory: The shop.
        acked: The lines of each entry that was acknowledged, by number; None = not known word for word.
        free: Numbers of entries that were not acknowledged: each is there whole or not at all.
        customer: Name of a customer that was acknowledged, and must be there once.

    Raises:
        Wrong: A promise does not hold.
    """
    torn_before = {path.name for path in directory.glob("*.torn")}
    service = InventoryService.open(directory, "ben")
    shop = service.snapshot
    claim(not shop.problems, f"problems: {list(map(str, shop.problems))}")
    torn = {path.name for path in directory.glob("*.torn")} - torn_before
    named = " ".join(notice.reason for notice in shop.notices)
    claim(all(name in named for name in torn), f"{torn} are not named: {named}")
    _judge_entries(read_ledger(directory), acked, set(free))
    if customer:
        found = [who.name for who in shop.customers.values()].count(customer)
        claim(found == 1, f"the customer {customer} is there {found} times")
    _judge_stock(service, directory)
    _judge_selling(service, directory)
    with InventoryService.open(directory, "cy", read_only=True) as again:
        claim(not again.snapshot.problems, f"problems afterwards: {again.snapshot.problems}")
        claim(again.snapshot.products == service.snapshot.products, "two sessions disagree")


def _judge_entries(ledger: Ledger, acked: Mapping[int, tuple[bytes, ...] | None], free: set[int]) -> None:
    claim(not ledger.twice, f"twice: {ledger.twice}")
    claim(not ledger.broken, f"half there: {ledger.broken}")
    lost = acked.keys() - ledger.entries.keys()
    claim(not lost, f"acknowledged and gone: {sorted(lost)}")
    spoilt = [n for n, lines in acked.items() if lines is not None and ledger.entries[n] != lines]
    claim(not spoilt, f"acknowledged and changed: {spoilt}")
    odd = ledger.entries.keys() - acked.keys() - free
    claim(not odd, f"nobody did these: {sorted(odd)}")


def _judge_stock(service: InventoryService, directory: Path) -> None:
    shown = {key: product.quantity for key, product in service.snapshot.products.items()}
    ledger = read_ledger(directory)
    claim(shown == ledger.stock, f"stock {shown} is not what the logs say: {ledger.stock}")
    claim(service.snapshot.entry == max(ledger.entries, default=0), "the last entry is another")


def _judge_selling(service: InventoryService, directory: Path) -> None:
    """Add where nothing can be sold, sell, save: no temporary file stays, the table agrees with the logs."""
    if not any(product.quantity > 0 for product in service.snapshot.products.values()):
        service.add(Product("JUDGE", "Judge's own", SaleItem("", 1).discount + 1, 5))
    on_shelf = next(key for key, product in service.snapshot.products.items() if product.quantity > 0)
    before = read_ledger(directory)
    sold = service.sell([(on_shelf, 1)], sale=f"judge-{service.snapshot.entry}")
    after = read_ledger(directory)
    claim(
        sold.entry == max(before.entries, default=0) + 1, f"entry {sold.entry} follows {max(before.entries)}"
    )
    claim(after.entries.keys() - before.entries.keys() == {sold.entry}, "the judge's sale is not there")
    claim(not after.broken, f"the judge's sale was glued to {after.broken}")
    service.save()
    left = [path.name for path in directory.iterdir() if path.name.startswith(".") and path.is_file()]
    claim(not left, f"left over: {left}")
    _judge_stock(service, directory)
    lines = (directory / "inventory.txt").read_text(encoding="utf-8").splitlines()
    claim(lines[0].endswith(f"entry {sold.entry}"), f"inventory.txt says {lines[0]}")
    names = lines[1].split(",")
    rows = [dict(zip(names, next(csv.reader([line])), strict=True)) for line in lines[2:-1]]
    claim(
        {row["id"]: int(row["quantity"]) for row in rows} == after.stock, "inventory.txt is not the logs' sum"
    )
    claim(lines[-1] == "# end of inventory", "inventory.txt is cut off")


# The driver's process, and the tracer


Listener: TypeAlias = Callable[[dict[str, Any]], None]
"""Is told what the child said."""


class Answers(NamedTuple):
    """What a job came to.

    Attributes:
        said: Every packet of the child, in order, without the first and the last.
        end: Exit code of the child; -9 = killed.
        trace: What the tracer wrote down.
    """

    said: list[dict[str, Any]]
    end: int
    trace: str

    @property
    def acked(self) -> list[int]:
        """The numbers of the acknowledged entries; 0 = an act that makes none."""
        return [said["ack"] for said in self.said if "ack" in said]

    def check(self) -> None:
        """Refuse a child that met an error which nobody foresaw."""
        crashes = [said["crash"] for said in self.said if "crash" in said]
        claim(not crashes, f"a traceback:\n{crashes[:1]}")


class Driver:
    """A process with the program loaded, which forks a child for each job."""

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="tracker-trace-")
        os.close(descriptor)
        self._trace = Path(name)
        self._start()

    def _start(self) -> None:
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.settimeout(SECONDS)
        script = str(Path(__file__).with_name("driver.py"))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, script], stdin=theirs.fileno(), env=environment(), stderr=subprocess.DEVNULL
            )

    def _stop(self) -> None:
        self._link.close()
        self._process.wait(SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._trace.unlink()

    def run(
        self,
        job: Mapping[str, Any],
        *strace: str,
        between: Listener | None = None,
        heard: Listener | None = None,
    ) -> Answers:
        """Do one job; with words for `strace`, under it.

        Args:
            job: What to do.
            strace: What the tracer is told; none = there is no tracer.
            between: Called with the answer before a pause.
            heard: Called with every packet, while the child goes on.
        """
        try:
            return self._run(job, strace, between, heard)
        except BaseException:
            self._stop()
            self._start()
            raise

    def _run(
        self,
        job: Mapping[str, Any],
        strace: Sequence[str],
        between: Listener | None,
        heard: Listener | None,
    ) -> Answers:
        self._link.send(json.dumps(dict(job)).encode())
        ready = self._receive()
        claim("ready" in ready, f"the child did not start: {ready}")
        tracer = self._attach(ready["ready"], strace) if strace else None
        self._link.send(b"go")
        said: list[dict[str, Any]] = []
        while "end" not in (packet := self._receive()):
            if "pause" in packet:
                if between is not None:
                    between(said[-1])
                self._link.send(b"go")
                continue
            said.append(packet)
            if heard is not None:
                heard(packet)
        if tracer is not None:
            tracer.wait(SECONDS)
            assert tracer.stderr is not None
            tracer.stderr.close()
        return Answers(said, packet["end"], self._trace.read_text(errors="replace") if strace else "")

    def _receive(self) -> dict[str, Any]:
        packet = json.loads(self._link.recv(LONGEST_PACKET) or b"{}")
        claim(packet, "the driver is gone")
        return dict(packet)

    def _attach(self, pid: int, words: Iterable[str]) -> subprocess.Popen[bytes]:
        command = ["strace", "-f", "-o", str(self._trace), *words, "-p", str(pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert tracer.stderr is not None
        line = tracer.stderr.readline()
        claim(b"attached" in line, f"strace could not attach: {line!r}")
        return tracer


def can_trace() -> str:
    """Return why processes cannot be traced here; empty where they can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    probe = subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else "this login may not trace processes"


def calls(trace: str) -> Counter[str]:
    """Count the system calls of a trace by name."""
    names = (line.split("(", 1)[0].split()[-1] for line in trace.splitlines() if "(" in line)
    return Counter(names)
