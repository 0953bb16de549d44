"""A real `sshd` on loopback, and logins to it as a clerk sees them, in a terminal of their own."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Self

import pyte
import pytest

from tests.benchmarks.terminal import NotShown, Terminal, plain_environment
from tests.waiting import PATIENCE_S

DEADLINE_S: Final = PATIENCE_S
SIZE: Final = (80, 24)
_SSHD: Final = "/usr/sbin:/usr/local/sbin:/usr/bin"


def sshd_program() -> str:
    """Return where `sshd` is; skip the test where it is not installed, but in CI that is a failure."""
    found = shutil.which("sshd", path=_SSHD)
    if found and shutil.which("ssh"):
        return found
    if os.environ.get("TRACKER_CI"):
        pytest.fail("sshd or ssh is missing (openssh-server)")
    pytest.skip("sshd or ssh is not installed (openssh-server)")


class Server:
    """An `sshd` of its own: its port, its host key and its settings, and nothing of the machine's.

    Args:
        folder: For its files; only the user may write into it.
        settings: Lines of `sshd_config`.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        pid: Its process.
    """

    def __init__(self, folder: Path, settings: Sequence[str]) -> None:
        program = sshd_program()
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(
                mode=0o755, exist_ok=True
            )  # `sshd` insists on it, and only a boot makes it
        self.folder = folder
        self.port = free_port()
        make_key(folder / "host")
        config = folder / "sshd_config"
        own = [f"HostKey {folder / 'host'}", "PidFile none", "LogLevel VERBOSE", "PrintLastLog no"]
        listen = [f"ListenAddress 127.0.0.1:{self.port}", "MaxStartups 200", "AcceptEnv LANG LC_*"]
        config.write_text("\n".join([*listen, *own, *settings]) + "\n", encoding="utf-8")
        subprocess.run([program, "-t", "-f", str(config)], check=True, capture_output=True)
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stderr=self._log
        )
        self.pid = self._process.pid
        wait_for(self._listens, "sshd")

    def _listens(self) -> bool:
        assert self._process.poll() is None, self.log()
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self) -> str:
        """Return what it has logged."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def ssh(self, login: str, key: Path, *words: str, options: Sequence[str] = ()) -> list[str]:
        """Return the command line of a client."""
        own = {
            "IdentityFile": key,
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "EscapeChar": "none",
            "BatchMode": "yes",
        }
        told = [word for name, value in own.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "/dev/null", "-p", str(self.port), *told, *options, f"{login}@127.0.0.1", *words]

    def login(self, login: str, key: Path, *words: str, options: Sequence[str] = ()) -> Login:
        """Log in with a terminal."""
        return Login(self.ssh(login, key, *words, options=["-tt", *options]))

    def close(self) -> None:
        """End it; whoever is logged in stays."""
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Login(Terminal):
    """A client in a terminal, and what a person sees in it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = SIZE,
        environment: dict[str, str] | None = None,
    ) -> None:
        told = plain_environment() if environment is None else environment
        super().__init__(command, columns=size[0], rows=size[1], environment=told)
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0

    def lines(self) -> list[str]:
        """Return what stands on the screen now."""
        self._stream.feed(bytes(self.output[self._fed :]))
        self._fed = len(self.output)
        return [line.rstrip() for line in self._screen.display]

    def forget(self) -> None:
        """Forget what was sent so far; what stands on the screen is known on."""
        self.lines()
        super().forget()
        self._fed = 0

    @property
    def text(self) -> str:
        """What stands on the screen now, as one text."""
        return "\n".join(self.lines())

    def see(self, *texts: str) -> None:
        """Wait until all of them stand on the screen."""
        self.wait(lambda: all(text in self.text for text in texts), " and ".join(texts))

    def see_no_more(self, text: str) -> None:
        """Wait until a text is gone."""
        self.wait(lambda: text not in self.text, f"no more {text}")

    def wait(self, fits: Callable[[], object], what: str) -> None:
        """Read on until something is so."""
        deadline = time.perf_counter() + DEADLINE_S
        while not fits():
            if time.perf_counter() > deadline or self.ended:
                self.settle(0.1)
                if fits():
                    return
                raise NotShown(f"not seen: {what}; ended: {bool(self.ended)}\n{self.text}")
            self._wait(time.perf_counter() + 0.05)

    def ends(self) -> int:
        """Read until the client has ended; return its exit status."""
        deadline = time.perf_counter() + DEADLINE_S
        while not self.ended:
            if time.perf_counter() > deadline:
                raise NotShown(f"it goes on\n{self.text}")
            self._wait(deadline)
        while self._wait(time.perf_counter()):
            pass  # what it said at last
        return self._process.wait()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send the client a signal."""
        self._process.send_signal(number)


def wait_for(condition: Callable[[], object], what: str, *, within_s: float = DEADLINE_S) -> float:
    """Wait until something is so; return how many seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + within_s, f"not in {within_s} s: {what}"
        time.sleep(0.01)
    return time.monotonic() - began


def make_key(path: Path) -> str:
    """Make a key; return the line of its public half."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    return path.with_suffix(".pub").read_text(encoding="utf-8").strip()


def free_port() -> int:
    """Return a port at which nobody listens, and below those that the system gives to whoever asks for any."""
    while True:
        port = random.SystemRandom().randrange(10_000, 30_000)
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port


def processes_of(folder: Path) -> list[int]:
    """Return the processes of the program whose command line names a shop's folder."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            named = os.fsencode(folder) in words and any(
                re.search(b"tracker[-_]tui$", word) for word in words
            )
            if named and b"python" in words[0]:
                found.append(int(entry.name))
    return found


class OneUser:
    """A server that lets the user of the tests in, with a key for each command.

    Args:
        folder: For its files.
        settings: Further lines of `sshd_config`.
    """

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self._keys = folder / "keys"
        self._keys.touch(mode=0o600)
        self._made = 0
        own = [f"AuthorizedKeysFile {self._keys}", "StrictModes no", "PermitRootLogin yes", "UsePAM no"]
        self.server = Server(folder, [*own, *settings])

    def key_for(self, command: str) -> Path:
        """Return a key whose login runs a command, whatever the client asks for."""
        self._made += 1
        key = self.server.folder / f"key{self._made}"
        line = make_key(key)
        quoted = command.replace('"', '\\"')
        with self._keys.open("a", encoding="utf-8") as file:
            file.write(f'command="{quoted}",restrict,pty {line}\n')
        return key

    def login(self, key: Path) -> Login:
        """Log in with a terminal."""
        return self.server.login(self.user, key)


def program_command(folder: Path, *words: str) -> str:
    """Return the shell command that opens a shop in the screens, as this checkout has them."""
    source = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tracker_tui", "-d", str(folder), *words]
    return f"PYTHONPATH={shlex.quote(str(source))} exec {shlex.join(command)}"


@contextlib.contextmanager
def one_user(folder: Path, settings: Sequence[str] = ()) -> Iterator[OneUser]:
    """Run such a server."""
    served = OneUser(folder, settings)
    try:
        yield served
    finally:
        served.server.close()
