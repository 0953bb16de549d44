"""The hardening as a clerk's terminal sees it: real programs in real pseudo-terminals.

Every wait is for a condition, with a deadline that only a failure reaches.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.own_time import OwnTime

APP = Path(__file__).with_name("terminal_app.py")
DEADLINE_S = 60.0
LEFT = b"\x1b[?1049l"
"""The sequence by which a program leaves the alternate screen."""

SHOWN = {
    "title",
    "header",
    "cell-text",
    "cell-str",
    "static",
    "static-text",
    "label",
    "value",
    "placeholder",
    "area",
    "border",
    "below",
    "button",
    "checkbox",
    "option",
    "item",
    "select",
    "tree",
    "log",
    "richlog",
    "markdown",
    "tab",
    "footer",
    "notice",
    "notice-title",
}
"""All that the app of hostile texts shows."""


def _without_a_size() -> dict[str, str]:
    """Return the environment without the size of another terminal, which would count more than this one's."""
    return {name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS")}


class Terminal:
    """A program in a pseudo-terminal of its own, as the leader of its session."""

    def __init__(
        self,
        kind: str,
        *,
        ignore_hangup: bool = False,
        piped: bool = False,
        unblocked: bool = False,
        rows: int = 24,
    ) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))

        os.set_blocking(slave, not unblocked)

        self.process = subprocess.Popen(
            [sys.executable, str(APP), kind],
            stdin=subprocess.PIPE if piped else slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={
                **_without_a_size(),
                "TERM": "xterm-256color",
                "LC_ALL": "C.UTF-8",
                "TAKE_TERMINAL": "ignoring SIGHUP" if ignore_hangup else "as it is",
            },
        )
        os.close(slave)
        self.output = bytearray()
        self._open = True

    def send(self, keys: bytes) -> None:
        """Type `keys`, reading on while the program does not take them."""
        deadline = time.monotonic() + DEADLINE_S
        os.set_blocking(self.master, False)
        while keys:
            assert time.monotonic() < deadline, f"{len(keys)} bytes not taken"
            select.select([self.master], [self.master], [], 0.1)
            with contextlib.suppress(BlockingIOError):
                keys = keys[os.write(self.master, keys) :]
            self.read()

    def read(self) -> None:
        """Take what is there."""
        with contextlib.suppress(OSError):
            while select.select([self.master], [], [], 0)[0]:
                self.output += os.read(self.master, 65536)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read on until `condition` holds."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, (
                f"no {what}; ended: {self.process.poll()}; {self.output[-800:]!r}"
            )
            select.select([self.master] if self.process.poll() is None else [], [], [], 0.02)
            self.read()

    def shows(self, text: bytes) -> None:
        self.until(lambda: text in self.output, repr(text))

    def ends(self) -> int:
        """Read until the program has ended; return its status, negative for a signal."""
        if self._open:
            self.until(lambda: self.process.poll() is not None, "end")
            self.read()
        return self.process.wait(DEADLINE_S)

    def hang_up(self) -> None:
        """Close the terminal, as `sshd` does when the line is lost."""
        self._open = False
        os.close(self.master)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._open:
            self.hang_up()

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wake_ups(self) -> int:
        """Count how often the program's threads gave up the processor by themselves."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/status")
        return sum(
            int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", task.read_text(), re.MULTILINE)[0])
            for task in tasks
        )


@contextlib.contextmanager
def running(
    kind: str,
    *,
    ready: bytes = b"READY",
    ignore_hangup: bool = False,
    piped: bool = False,
    unblocked: bool = False,
    rows: int = 24,
) -> Iterator[Terminal]:
    terminal = Terminal(kind, ignore_hangup=ignore_hangup, piped=piped, unblocked=unblocked, rows=rows)
    try:
        terminal.shows(ready)
        yield terminal
    finally:
        terminal.close()


def test_stray_byte_is_typed_as_a_replacement_and_exit_is_quick() -> None:
    with running("TypingApp") as terminal:
        terminal.send(b"caf\xe9 \xff")
        terminal.shows("caf\ufffd \ufffd".encode())
        terminal.send("é日".encode())
        terminal.shows("é日".encode())
        terminal.send(b"\x1b[99999999u")
        with OwnTime() as own:
            terminal.send(b"\x11")
            terminal.shows(LEFT)
        assert terminal.ends() == 7
    assert own.seconds < 0.5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize(("kind", "status"), [("TypingApp", 5), ("UnguardedApp", 0)])
def test_signal_puts_the_screen_back(kind: str, status: int, number: signal.Signals) -> None:
    with running(kind) as terminal:
        terminal.process.send_signal(number)
        assert terminal.ends() == status
        assert LEFT in terminal.output
        assert b"\x1b[?1003l" in terminal.output
        assert termios.tcgetattr(terminal.master)[3] & termios.ECHO


def test_crowd_of_signals_ends_it_once() -> None:
    """A lost line sends SIGHUP more than once; a handler that took a lock blocked in its own second call."""
    with running("TypingApp") as terminal:
        deadline = time.monotonic() + DEADLINE_S
        while terminal.process.poll() is None:
            assert time.monotonic() < deadline
            for _ in range(20):
                terminal.process.send_signal(signal.SIGHUP)
                terminal.process.send_signal(signal.SIGTERM)
            terminal.read()
        assert terminal.ends() == 5
        assert LEFT in terminal.output


@pytest.mark.parametrize("ignore_hangup", [False, True])
def test_closed_terminal_ends_the_program(ignore_hangup: bool) -> None:  # noqa: FBT001 - a case of the test
    with running("TypingApp", ignore_hangup=ignore_hangup) as terminal, OwnTime() as own:
        terminal.hang_up()
        assert terminal.ends() == 5
    assert own.seconds < 2.0


def test_end_of_input_without_a_hang_up_ends_the_program() -> None:
    """Nobody sends a signal here: only reading tells."""
    with running("TypingApp", piped=True) as terminal:
        assert terminal.process.stdin is not None
        terminal.process.stdin.close()
        assert terminal.ends() == 5
        assert LEFT in terminal.output


def test_stalled_terminal_and_stuck_program_are_ended_by_the_alarm() -> None:
    """Both at once, as each takes three seconds."""
    with running("FloodingApp", ready=b"\x1b[?1049h") as stalled, running("StuckApp") as stuck:
        _until_stalled(stalled)
        with OwnTime() as own:
            stalled.process.send_signal(signal.SIGTERM)
            stuck.process.send_signal(signal.SIGHUP)
            assert stalled.process.wait(DEADLINE_S) == -signal.SIGALRM
            assert stuck.ends() == -signal.SIGALRM
    assert own.seconds + own.lost_s > 2.5
    assert own.seconds < 6.0


def _until_stalled(terminal: Terminal) -> None:
    """Do not read until the flooding program, which repaints 60 times a second, uses no processor."""
    deadline = time.monotonic() + DEADLINE_S
    used, looks = -1.0, 0
    while looks < 3:  # Once may be a machine so busy that the program did not get the processor.
        assert time.monotonic() < deadline, "still painting"
        time.sleep(0.2)
        before, used = used, terminal.cpu_s()
        looks = looks + 1 if used == before else 0


def test_continuing_starts_no_second_input_thread_and_ctrl_z_no_stop() -> None:
    with running("TypingApp") as terminal:
        for _ in range(3):
            terminal.output.clear()
            terminal.process.send_signal(signal.SIGCONT)
            terminal.shows(b"READY")
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.send(b"\x1a")
        terminal.send(b"\x14")
        terminal.shows(b"THREADS=1.")
        terminal.send(b"\x11")
        assert terminal.ends() == 7


def test_stopped_and_continued_program_takes_the_terminal_back() -> None:
    with running("TypingApp") as terminal:
        terminal.process.send_signal(signal.SIGSTOP)
        cooked = termios.tcgetattr(terminal.master)
        raw = cooked[3]
        cooked[3] |= termios.ECHO | termios.ICANON
        termios.tcsetattr(terminal.master, termios.TCSANOW, cooked)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.until(lambda: termios.tcgetattr(terminal.master)[3] == raw, "raw mode")


def test_long_bracketed_paste_is_cut() -> None:
    with running("TypingApp") as terminal:
        terminal.send(b"\x1b[200~" + b"x" * 1_000_000 + b"\x1b[201~")
        terminal.shows(b"PASTED=10000.")
        assert terminal.resident_kib() < 100_000


def test_unbracketed_paste_waits_in_the_kernel() -> None:
    """300 KB typed as keys: what the program does not get to it does not read."""
    with running("TypingApp") as terminal:
        before = terminal.resident_kib()
        os.set_blocking(terminal.master, False)
        sent, limit, stop = 0, 300_000, time.monotonic() + 4.0
        while sent < limit and time.monotonic() < stop:
            select.select([terminal.master], [terminal.master], [], 0.05)
            with contextlib.suppress(BlockingIOError):
                sent += os.write(terminal.master, b"x" * min(4096, limit - sent))
            terminal.read()
        assert terminal.resident_kib() - before < 20_000
        terminal.hang_up()
        assert terminal.ends() == 5


def test_terminal_that_would_block_loses_nothing() -> None:
    """Another program on the same terminal may have made it non-blocking; Textual's writer ended at that."""
    with running("FloodingApp", ready=b"\x1b[?1049h", unblocked=True) as terminal:
        _until_stalled(terminal)
        terminal.send(b"\x11")
        terminal.shows(LEFT)
        assert terminal.ends() == 7


def test_app_after_app_finds_signals_and_descriptors_as_they_were() -> None:
    with running("twice") as terminal:
        for _ in range(2):
            terminal.shows(b"READY")
            terminal.send(b"\x11")
            terminal.shows(LEFT)
            del terminal.output[: terminal.output.index(LEFT) + len(LEFT)]
        terminal.shows(b"UNCHANGED")
        assert terminal.ends() == 0


def test_idle_program_does_not_wake_up() -> None:
    with running("TypingApp") as terminal:
        deadline = time.monotonic() + DEADLINE_S
        quiet = 1_000
        while quiet >= 10:
            assert time.monotonic() < deadline, f"{quiet} wake-ups in a second"
            before = terminal.wake_ups()
            time.sleep(1.0)
            quiet = terminal.wake_ups() - before


def test_no_control_character_of_a_text_reaches_the_terminal() -> None:
    with running("WidgetsApp", ready=b"notice-title", rows=200) as terminal:
        for name in sorted(SHOWN):
            terminal.shows(f"={name}=\u241b]0;SMUGGLED".encode())
        terminal.send(b"\x11")
        assert terminal.ends() == 0
    output = terminal.output.decode(errors="surrogateescape")
    assert set(re.findall("=([a-z-]+)=\u241b]0;SMUGGLED", output)) == SHOWN
    assert "=added=]0;SMUGGLED]52;" in output
    assert "=segment=]0;SMUGGLED]52;" in output
    assert not re.search("[\x00\x0e\x7f-\x9f\u200b\u202e\u2066\ufeff]", output)
    assert not re.search("\x1b(\\](?!22;)|c|\\[5n|\\[6n)", output)


@pytest.mark.parametrize("kind", ["CrashingApp", "LeavingCrashApp"])
def test_crash_does_not_end_with_status_0(kind: str) -> None:
    with running(kind, ready=b"RuntimeError") as terminal:
        assert terminal.ends() == 1
    assert LEFT in terminal.output
    assert not re.search("\x1b(\\]0|\\]52|c)", terminal.output.decode(errors="surrogateescape"))
