"""What a session does when its line is gone: it ends, keeps the basket, and leaves nothing else behind."""

from __future__ import annotations

import fcntl
import os
import re
import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from tests.own_time import OwnTime
from tests.server.sshd import Login, OneUser, one_user, processes_of, program_command, wait_for
from tracker_tui.model import Product
from tracker_tui.service import InventoryService

FULL: Final = bool(os.environ.get("TRACKER_FULL"))
DROPS: Final = 200 if FULL else 8
GONE_S: Final = 1.0
"""How long a session may live on after its line is gone, as long as it gets the processor."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[OneUser]:
    """Return a server that notices within three seconds that a client is silent."""
    folder = tmp_path / "server"
    folder.mkdir(mode=0o700)
    with one_user(folder, ["ClientAliveInterval 1", "ClientAliveCountMax 2"]) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a shop with one product."""
    with InventoryService.open(tmp_path / "shop", "owner") as service:
        service.add(Product("M01", "Milk", Decimal("1.20"), 5_000))
    return tmp_path / "shop"


def begin_basket(login: Login) -> None:
    """Put three pieces into a basket."""
    login.see("Milk")
    login.send("<F4>")
    login.see("Nothing in the basket")
    login.send("3*M01<Enter>")
    login.see("$3.60")


def kept(folder: Path) -> list[str]:
    """Return the baskets that are kept, as text."""
    return [path.read_text(encoding="utf-8") for path in (folder / "baskets").glob("basket-*.txt")]


def until_kept(folder: Path) -> None:
    wait_for(lambda: any("M01,3" in text for text in kept(folder)), "the basket on disk")


def leftovers(folder: Path) -> set[str]:
    """Return the names of all files that a session which ended has no business to leave."""
    known = re.compile(
        r"(inventory|purchases|changes|customers)\.txt|baskets(/.*)?|backups(/.*)?|\.tracker(/[^.].*)?"
    )
    names = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return {name for name in names if not known.fullmatch(name)}


def assert_lock_is_free(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(fd)


def sshd_of(pid: int) -> int:
    """Return the process of `sshd` that holds a session's terminal."""
    while b"sshd" not in Path(f"/proc/{pid}/comm").read_bytes():
        pid = int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
    return pid


Drop = Callable[[Login, int], None]

DROPS_OF: Final[dict[str, Drop]] = {
    "client killed": lambda login, _: login.kill(),
    "window closed": lambda login, _: login.kill(signal.SIGHUP),
    "server's side killed": lambda _, pid: os.kill(sshd_of(pid), signal.SIGKILL),
    "session terminated": lambda _, pid: os.kill(pid, signal.SIGTERM),
    "session hung up": lambda _, pid: os.kill(pid, signal.SIGHUP),
}


DEAF: Final = "trap '' HUP; "
"""Before a command: it does not hear that its line is gone."""


@pytest.mark.parametrize(
    ("drop", "before"),
    [*((drop, "") for drop in DROPS_OF), ("client killed", DEAF), ("server's side killed", DEAF)],
)
def test_a_session_without_a_line_is_gone_within_a_second(
    served: OneUser, folder: Path, drop: str, before: str
) -> None:
    key = served.key_for(before + program_command(folder, "--clerk", "--as", "anna"))
    with served.login(key) as login:
        begin_basket(login)
        until_kept(folder)
        (pid,) = processes_of(folder)
        with OwnTime() as own:
            DROPS_OF[drop](login, pid)
            wait_for(lambda: not processes_of(folder), "the end of the session")
    assert own.seconds < GONE_S
    assert not leftovers(folder)
    assert_lock_is_free(folder)
    assert len(kept(folder)) == 1


def test_the_basket_of_a_dropped_line_is_offered_at_the_next_login(served: OneUser, folder: Path) -> None:
    key = served.key_for(program_command(folder, "--clerk", "--as", "anna"))
    with served.login(key) as login:
        begin_basket(login)
        until_kept(folder)
        login.kill()
        wait_for(lambda: not processes_of(folder), "the end of the session")
    with served.login(key) as again:
        again.see("You left a basket", "3 pieces, $3.60")
        again.send("y")
        again.see("Milk", "$3.60")
        again.leave("<Ctrl+Q>")


def test_a_line_that_is_dead_without_a_word_is_noticed(served: OneUser, folder: Path) -> None:
    """The laptop sleeps: nothing is closed, and only the server's own questions find that out."""
    key = served.key_for(program_command(folder, "--clerk", "--as", "anna"))
    with served.login(key) as login:
        begin_basket(login)
        until_kept(folder)
        login.kill(signal.SIGSTOP)
        wait_for(lambda: not processes_of(folder), "the end of the session")
    assert len(kept(folder)) == 1
    assert_lock_is_free(folder)


def test_ctrl_z_leaves_no_stopped_process(served: OneUser, folder: Path) -> None:
    key = served.key_for(program_command(folder, "--clerk", "--as", "anna"))
    with served.login(key) as login:
        begin_basket(login)
        (pid,) = processes_of(folder)
        login.send("\x1a")
        os.kill(pid, signal.SIGTSTP)
        login.send("<F2>")
        login.see("5,000")
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        assert state in "SR"
        with OwnTime() as own:
            login.leave("<Ctrl+Q>")
        assert own.seconds < GONE_S


def _before_the_first_page(login: Login) -> None:
    login.until(b"\x1b[?1049h")


def _at_the_table(login: Login) -> None:
    login.see("Milk")


def _in_a_key(login: Login) -> None:
    login.see("Milk")
    login.send("<F4>3*M01<Enter>")


@pytest.mark.timeout(900 if FULL else 300)
def test_dropped_connections_leave_nothing(served: OneUser, folder: Path) -> None:
    """They are dropped at every moment: before the first page, over a basket, in the middle of a key."""
    moments = (_before_the_first_page, _at_the_table, _in_a_key, begin_basket)
    for turn in range(DROPS):
        key = served.key_for(program_command(folder, "--clerk", "--as", f"anna{turn}"))
        with served.login(key) as login:
            moments[turn % len(moments)](login)
            login.kill()
    wait_for(lambda: not processes_of(folder), "the end of all sessions")
    assert not leftovers(folder)
    assert_lock_is_free(folder)
    assert kept(folder)
    assert all("M01,3" in text for text in kept(folder))
    with InventoryService.open(folder, "owner") as service:
        assert not service.snapshot.problems
        assert service.snapshot.products["M01"].quantity == 5_000
