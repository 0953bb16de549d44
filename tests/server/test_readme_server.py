"""The README's shop server, step by step: its commands, with users, keys and folders that are thrown away."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.own_time import OwnTime
from tests.server.sshd import DEADLINE_S, Login, Server, make_key, processes_of, sshd_program, wait_for
from tests.server.test_dropped_line import leftovers

REPOSITORY: Final = Path(__file__).parents[2]
README: Final = (REPOSITORY / "README.md").read_text(encoding="utf-8")
LOGINS: Final = ("olga", "anna", "till")
SYSTEM: Final = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}
"""What root has on a bare machine; above all its own Python, which every login may run."""
SMUGGLED: Final = ("TRACKER_DATA", "TEXTUAL_DRIVER", "TEXTUAL_SCREENSHOT", "PYTHONPATH", "EDITOR")


def steps(name: str) -> str:
    """Return a part of the README's commands."""
    found = re.search(f"<!-- {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert found is not None, name
    return found[1]


class Shop:
    """The README's server, with names of its own.

    Attributes:
        root: Takes the place of `/`.
        group: Takes the place of the group.
        server: The running server.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mark = f"{os.getpid() % 100_000:05d}"
        self.group = f"shop{self.mark}"
        self.keys = root / "keys"

    def name(self, login: str) -> str:
        """Return what a login of the README is called here."""
        return f"{login}{self.mark}"

    def placed(self, text: str) -> str:
        """Return a step of the README with the names and places of this server."""
        for login in LOGINS:
            text = re.sub(rf"(?<![\w/.]){login}(?![\w.])", self.name(login), text)
            text = text.replace(f"shop_keys/{login}", f"shop_keys/{self.name(login)}")
        for place in ("/opt/", "/srv/", "/etc/ssh/"):
            text = text.replace(place, f"{self.root}{place}")
        text = re.sub(r"(groupadd |-g |Match Group )shop\b", rf"\g<1>{self.group}", text)
        return text.replace("systemctl reload ssh", "true")

    def make(self) -> None:
        """Take the steps."""
        (self.root / "etc/ssh/sshd_config.d").mkdir(parents=True)
        (self.root / "opt").mkdir()
        (self.root / "srv").mkdir()
        (self.root / "server").mkdir(mode=0o700)
        self.keys.mkdir(mode=0o700)
        packages, program, rest = steps("server").split("\n", 2)
        assert re.match("apt-get .* openssh-server", packages)
        if os.environ.get("TRACKER_CI"):
            self._run(packages, REPOSITORY)
        self._run(self.placed(program), REPOSITORY)
        self._run(self.placed(rest), REPOSITORY)
        for clerk in ("olga", "anna", "bert"):
            make_key(self.keys / clerk)
        self._run(self.placed(steps("server-keys")), self.keys)
        config = next((self.root / "etc/ssh/sshd_config.d").iterdir())
        self.server = Server(
            self.root / "server",
            ["UsePAM yes", "Subsystem sftp internal-sftp", f"Include {config}"],
        )

    @staticmethod
    def _run(script: str, folder: Path) -> None:
        shell = ["sh", "-eu", "-c", script]
        done = subprocess.run(shell, cwd=folder, env=SYSTEM, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (script, done.stderr)

    @property
    def folder(self) -> Path:
        return self.root / "srv/shop"

    def command(self, login: str, *words: str) -> list[str]:
        """Return a client's command line; a clerk of `till` is named by key."""
        user = "till" if login == "bert" else login
        sent = [word for name in SMUGGLED for word in ("-o", f"SetEnv {name}=/tmp/evil")]
        return self.server.ssh(self.name(user), self.keys / login, *words, options=sent)

    def login(self, login: str, *words: str) -> Login:
        command = self.command(login, *words)
        return Login([command[0], "-tt", *command[1:]])

    def clerks(self) -> list[str]:
        """Return who stands in the entries of both logs, in the order of the entries."""
        rows: list[tuple[int, str]] = []
        for name in ("changes.txt", "purchases.txt"):
            path = self.folder / name
            lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
            rows += [(int(line.split(",")[0]), line.split(",")[2]) for line in lines]
        return [clerk for _, clerk in sorted(rows)]

    def remove(self) -> None:
        if hasattr(self, "server"):
            self.server.close()
        for login in LOGINS:
            subprocess.run(["userdel", "-r", self.name(login)], check=False, capture_output=True)
        subprocess.run(["groupdel", self.group], check=False, capture_output=True)
        shutil.rmtree(self.root)


@contextmanager
def alone_on_the_machine() -> Iterator[None]:
    """Let one test process at a time install packages and make users: apt-get and useradd give up at a lock."""
    with (Path(tempfile.gettempdir()) / "tracker-tests-of-the-machine.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def why_not() -> str:
    """Return why the steps cannot be taken here; empty where they can."""
    if os.geteuid() != 0:
        return "only root can make the users of the README"
    if not os.environ.get("TRACKER_CI"):
        check = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
        if subprocess.run(["python3", "-c", check], env=SYSTEM, check=False, capture_output=True).returncode:
            return "the system has no Python 3.11 with venv"
    return ""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    sshd_program()
    if reason := why_not():
        if os.environ.get("TRACKER_CI"):
            pytest.fail(f"{reason}, and CI must run these tests")
        pytest.skip(reason)
    # Those of pytest are only their owner's, and sshd trusts no key below a folder that all may write into.
    root = Path(tempfile.mkdtemp(prefix="tracker-server-", dir="/var/lib"))
    root.chmod(0o755)
    made = Shop(root)
    try:
        with alone_on_the_machine():
            made.make()
        yield made
    finally:
        with alone_on_the_machine():
            made.remove()


def add_milk(shop: Shop) -> None:
    """Let the owner add the shop's one product, where it is not there yet."""
    if (shop.folder / "changes.txt").exists():
        return
    with shop.login("olga") as owner:
        owner.see("No products yet", shop.name("olga"))
        owner.send("a")
        owner.see("New product")
        for label, text in (("Id", "M01"), ("Name", "Milk"), ("Price", "1.20"), ("Quantity", "100")):
            owner.send(text)
            owner.see(label, text)
            owner.send("\t")
        owner.send("<Ctrl+S>")
        owner.see_no_more("New product")
        owner.see("Milk")
        owner.leave("<Ctrl+Q>")


def sell_one(login: Login) -> None:
    login.see("Milk")
    login.send("<F4>")
    login.see("Nothing in the basket")
    login.send("M01<Enter>")
    login.see("$1.20")
    login.send("<F9>")
    login.see("Pay: 1 piece")
    while "Pay: 1 piece" in login.text:  # It is deaf for its first moment: one sale is booked once.
        login.send("<F9>")
        login.settle(0.3)
    login.see("Sold")


def test_owner_and_clerks_land_in_the_program(shop: Shop) -> None:
    add_milk(shop)
    for clerk in ("anna", "bert"):
        with shop.login(clerk) as login:
            login.see("Milk", clerk)
            login.send("a")
            login.see("Not for this login")
            sell_one(login)
            with OwnTime() as own:
                login.leave("<Ctrl+Q>")
            assert own.seconds < 3
            assert login.ends() == 0
    assert shop.clerks() == [shop.name("olga"), shop.name("anna"), "bert"]
    for path in shop.folder.rglob("*"):
        info = path.stat()
        assert path.group() == shop.group, path.name
        assert stat.S_IMODE(info.st_mode) == (0o2770 if path.is_dir() else 0o660), path.name
    assert not leftovers(shop.folder)


@pytest.mark.parametrize("words", ["", "sh", "tracker-tui --as olga export products"])
@pytest.mark.parametrize("clerk", ["anna", "bert"])
def test_a_clerk_gets_no_other_command(shop: Shop, clerk: str, words: str) -> None:
    add_milk(shop)
    command = shop.command(clerk, *words.split())
    done = subprocess.run(command, input=b"id\n", capture_output=True, check=False, timeout=DEADLINE_S)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"the screens need a terminal" in done.stderr


@pytest.mark.parametrize("clerk", ["anna", "bert"])
def test_a_clerk_transfers_no_files(shop: Shop, clerk: str) -> None:
    command = shop.command(clerk)
    greeting = b"\0\0\0\x05\x01\0\0\0\x03"  # which a server of SFTP answers
    words = [*command[:-1], "-s", command[-1], "sftp"]
    done = subprocess.run(words, input=greeting, capture_output=True, check=False, timeout=DEADLINE_S)
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_terminal_for_another_command_is_the_program_all_the_same(shop: Shop) -> None:
    add_milk(shop)
    with shop.login("anna", "tracker-tui", "--as", "mallory", "-d", "/tmp") as login:
        login.see("Milk", shop.name("anna"))
        assert "mallory" not in login.text
        (pid,) = processes_of(shop.folder)
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"evil" not in environment
        assert os.stat(f"/proc/{pid}").st_uid != 0
        login.leave("<Ctrl+Q>")


def test_nothing_is_forwarded_for_a_clerk(shop: Shop) -> None:
    add_milk(shop)
    for clerk in ("anna", "bert"):
        command = shop.command(clerk)
        words = [*command[:1], "-o", "ExitOnForwardFailure=yes", "-N", "-R", "0:127.0.0.1:9", *command[1:]]
        done = subprocess.run(words, capture_output=True, check=False, timeout=DEADLINE_S)
        assert (done.returncode, b"forwarding failed" in done.stderr) == (255, True), (clerk, done.stderr)


def test_a_dropped_clerk_leaves_no_process(shop: Shop) -> None:
    add_milk(shop)
    with shop.login("bert") as login:
        login.see("Milk")
        assert len(processes_of(shop.folder)) == 1
        with OwnTime() as own:
            login.kill()
            wait_for(lambda: not processes_of(shop.folder), "the end of the session")
    assert own.seconds < 1.0


def test_idle_minutes_stand_in_the_commands_of_clerks() -> None:
    """What they do is tested at a terminal: a quarter of an hour is too long to wait."""
    commands = [line for line in README.splitlines() if "bin/tracker-tui --clerk" in line]
    assert len(commands) == 2
    assert all("--idle 15 " in command for command in commands)
