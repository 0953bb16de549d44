"""`python -m tests.server.sessions`: many clerks at once over real SSH, each selling.

Tells the memory of a session, the processor of all, and the time from a key to its paint.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from tests.benchmarks.figures import Samples
from tests.benchmarks.shop import Size, make_shop, product_id
from tests.benchmarks.terminal import NotShown
from tests.server.sshd import Login, one_user, processes_of, program_command
from tracker_tui.service import InventoryService

GAP_S: Final = 0.15
"""Between two keys of a person who types fast."""
HEARD_S: Final = 2.0
"""After so long a key that nothing shows was typed before the pay dialog heard any."""
PAUSE_S: Final = 0.5
"""Between a sale and the next."""
GIVEN: Final = "9999"
"""What each customer hands over, more than anything costs."""
PATIENCE_S: Final = 60.0
"""After so long without an answer a session has failed; on a busy machine a dialog may take seconds."""
IDLE_S: Final = 5.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Figures(NamedTuple):
    """What many sessions take.

    Attributes:
        sessions: How many there were.
        sales: How many they booked, together.
        seconds: How long they sold.
        resident_mib: Memory of a session, each counted as if it were alone.
        shared_mib: Memory of a session, what several share counted in parts.
        idle: Processor of all sessions while nobody does anything, in cores.
        busy: The same while all sell.
        keys: Milliseconds from a key to the end of its paint.
        booked: Milliseconds from the second F9 to the sale on the screen.
        failures: What went wrong in a session, with its screen.
    """

    sessions: int
    sales: int
    seconds: float
    resident_mib: float
    shared_mib: float
    idle: float
    busy: float
    keys: Samples
    booked: Samples
    failures: tuple[str, ...]


class Clerk(threading.Thread):
    """Somebody at a terminal who sells, one piece at a time.

    Args:
        login: Their login, at the first screen.
        product: Id of what they sell.
        sales: How often.
        after_s: When they begin, in seconds, as people do not begin all at once.
    """

    def __init__(self, login: Login, product: str, sales: int, after_s: float) -> None:
        super().__init__()
        self._after_s = after_s
        self.keys: list[float] = []
        self.booked: list[float] = []
        self.failure = ""
        self._login = login
        self._product = product
        self._sales = sales

    def run(self) -> None:
        """Sell; where that fails, keep what went wrong and what stood on the screen."""
        self._try(f"sale of {self._product}", self._sell)

    def leave(self) -> None:
        """Log out; who has failed is left as they stand."""
        if not self.failure:
            self._try("log-out", lambda: self._login.leave("<Ctrl+Q>"))

    def _try(self, what: str, act: Callable[[], object]) -> None:
        """Do something; an OSError comes of a terminal whose client has ended."""
        try:
            act()
        except (NotShown, OSError) as error:
            self.failure = f"{what}, after {len(self.booked)} sales: {error}\n{self._login.text}"

    def _sell(self) -> None:
        login = self._login
        login.idle(self._after_s)
        for _ in range(self._sales):
            for letter in self._product:
                self.keys.append(login.press(letter, 0.03).seconds * 1000)
                login.idle(GAP_S)
            self.keys.append(login.press("<Enter>").seconds * 1000)
            login.idle(GAP_S)
            self.keys.append(self._press_for("Pay: ") * 1000)
            self._give()
            self.booked.append(self._press_for("Undo the sale") * 1000)
            login.idle(PAUSE_S)
            login.forget()

    def _give(self) -> None:
        """Type what the customer gives until it stands there: the dialog hears F9 then, too.

        What is typed twice does no harm, as a second F9 would.
        """
        login, deadline = self._login, time.perf_counter() + PATIENCE_S
        while time.perf_counter() < deadline:
            login.send(GIVEN)
            again = time.perf_counter() + HEARD_S
            while time.perf_counter() < again:
                login.idle(GAP_S)
                if GIVEN in login.text:
                    return
        raise NotShown("the pay dialog hears nothing")

    def _press_for(self, text: str) -> float:
        """Press F9, once: a second one, where the first was only late, would book what nobody has looked at."""
        before, at = len(self._login.output), self._login.send("<F9>")
        return self._login.until(text, after=before, seconds=PATIENCE_S) - at


def measure(folder: Path, work: Path, *, sessions: int, sales: int) -> Figures:
    """Let clerks sell at once.

    Args:
        folder: The shop.
        work: A folder for the server, of nobody else.
        sessions: How many clerks.
        sales: How often each sells.
    """
    with one_user(work) as served, contextlib.ExitStack() as stack:
        logins: list[Login] = []
        for number in range(sessions):
            key = served.key_for(program_command(folder, "--clerk", "--as", f"clerk{number}"))
            login = stack.enter_context(served.login(key))
            login.until("Products")
            logins.append(login)
        for login in logins:
            login.settle(1.0)
            login.press("<F4>", 0.3)
        pids = processes_of(folder)
        assert len(pids) == sessions
        idle = _cores(pids, lambda: time.sleep(IDLE_S))
        clerks = [
            Clerk(login, product_id(number), sales, number * GAP_S) for number, login in enumerate(logins)
        ]
        began = time.perf_counter()
        busy = _cores(pids, lambda: _let_work(clerks))
        seconds = time.perf_counter() - began
        memory = [_mib(pid, "Rss") for pid in pids], [_mib(pid, "Pss") for pid in pids]
        for clerk in clerks:
            clerk.leave()
    return Figures(
        sessions,
        sum(len(clerk.booked) for clerk in clerks),
        seconds,
        median(memory[0]),
        median(memory[1]),
        idle,
        busy,
        Samples("keys", tuple(value for clerk in clerks for value in clerk.keys)),
        Samples("booked", tuple(value for clerk in clerks for value in clerk.booked)),
        tuple(clerk.failure for clerk in clerks if clerk.failure),
    )


def _let_work(clerks: Sequence[Clerk]) -> None:
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()


def _cores(pids: Sequence[int], work: Callable[[], None]) -> float:
    """Return how many cores some processes use while something is done."""
    used, began = sum(map(_cpu_s, pids)), time.perf_counter()
    work()
    return (sum(map(_cpu_s, pids)) - used) / (time.perf_counter() - began)


def _cpu_s(pid: int) -> float:
    """Return the processor time of a process; one that has failed and is gone counts no more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _mib(pid: int, name: str) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def told(figures: Figures) -> str:
    """Return the figures as text."""
    cores = os.cpu_count()
    return "\n".join(
        (
            f"{figures.sessions} SSH sessions on {cores} cores, {figures.sales} sales in {figures.seconds:.0f} s",
            f"memory of a session       {figures.resident_mib:.0f} MiB resident, {figures.shared_mib:.0f} MiB in parts",
            f"processor, nobody works   {figures.idle:.3f} cores, all together",
            f"processor, all sell       {figures.busy:.2f} cores, all together",
            f"key to paint              {_times(figures.keys)}",
            f"F9 to the booked sale     {_times(figures.booked)}",
            *(f"FAILED: {failure}" for failure in figures.failures),
        )
    )


def _times(samples: Samples) -> str:
    return f"{samples.median:.0f} ms, p95 {samples.p95:.0f} ms" if samples.values else "none"


def main(argv: Sequence[str]) -> int:
    """Measure, and print the figures; return 1 where a session failed, which is told with its screen."""
    parser = argparse.ArgumentParser(prog="python -m tests.server.sessions", description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[20], metavar="N")
    parser.add_argument("--sales", type=int, default=5, metavar="N", help="of each session")
    parser.add_argument("--products", type=int, default=2_000, metavar="N")
    options = parser.parse_args(argv)
    failed = False
    for sessions in options.sessions:
        with tempfile.TemporaryDirectory(prefix="tracker-sessions-") as place:
            shop, work = Path(place) / "shop", Path(place) / "server"
            shop.mkdir()
            work.mkdir(mode=0o700)
            make_shop(shop, Size(options.products, 200, 5_000))
            with InventoryService.open(shop, "owner") as service:
                for number in range(sessions):
                    service.receive(product_id(number), options.sales)
            figures = measure(shop, work, sessions=sessions, sales=options.sales)
            failed = failed or bool(figures.failures)
            print(told(figures), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
