"""What all benchmarks share: the shop of this run, the programs that are measured, and the register."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias, TypeVar

from tests.benchmarks.figures import Row
from tests.benchmarks.shop import Size, product_id, shop
from tests.benchmarks.terminal import NotShown, Terminal, plain_environment

Benchmark: TypeAlias = "Callable[[Bench], Iterable[Row]]"
T = TypeVar("T")

PROGRAMS: Final = Path(__file__).with_name("programs")
NOT_INSTALLED: Final = "not installed (pip install tracker-tui[bench])"
REGISTER: Final[dict[str, Benchmark]] = {}
"""Name of a benchmark -> what measures it, in the order in which they are told."""


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Enter a benchmark into the register under a name, which `--only` takes."""

    def enter(measure: Benchmark) -> Benchmark:
        assert name not in REGISTER, name
        REGISTER[name] = measure
        return measure

    return enter


class Program(NamedTuple):
    """A program with a screen.

    Attributes:
        name: What it is called in the table.
        command: How it is started.
        shown: What it has sent once its first whole screen is there.
        leave: The keys that end it.
    """

    name: str
    command: tuple[str, ...]
    shown: str
    leave: str = "<Ctrl+Q>"


class Bench:
    """One run of the benchmarks.

    Args:
        size: The shop.
        runs: How often each program is started.
        seed: Of the shop.
        columns: Width of the terminals.
        rows: Height of the terminals.

    Attributes:
        work: A folder of this run, on a real disk, thrown away at its end.
    """

    def __init__(
        self, size: Size, *, runs: int = 5, seed: int = 1, columns: int = 120, rows: int = 40
    ) -> None:
        self.size = size
        self.runs = runs
        self.seed = seed
        self.columns = columns
        self.rows = rows
        self.work = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
        self._found: dict[str, object] = {}
        self._copies = 0

    def close(self) -> None:
        """Throw the folder of this run away."""
        shutil.rmtree(self.work, ignore_errors=True)

    def once(self, name: str, measure: Callable[[], T]) -> T:
        """Return what was measured under this name, measuring it when it is asked for first."""
        if name not in self._found:
            self._found[name] = measure()
        return self._found[name]  # type: ignore[return-value]

    def copy(self, size: Size | None = None) -> Path:
        """Return a shop's folder that may be written into, as if it came from elsewhere."""
        self._copies += 1
        folder = self.work / f"shop-{self._copies}"
        shutil.copytree(shop(size or self.size, self.seed), folder, copy_function=shutil.copyfile)
        return folder

    @property
    def looked_at(self) -> Path:
        """The shop that is only looked at: what the screens show of it stays true for the whole run."""
        return self.once("looked at", self.lived_in)

    @property
    def shared(self) -> Path:
        """The shop that sessions write into, one benchmark after the other."""
        return self.once("shared", self.lived_in)

    def lived_in(self, size: Size | None = None) -> Path:
        """Return a shop's folder in which the program has worked before, so that all is there that it keeps."""
        folder = self.copy(size)
        for words in (("receive", product_id(0), "1"), ("report", "--json")):
            command = [sys.executable, "-m", "tracker_tui", "-d", str(folder), *words]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=plain_environment())
        return folder

    @contextmanager
    def open(self, program: Program) -> Iterator[Terminal]:
        """Start a program and wait for its first whole screen."""
        environment = {
            **plain_environment(),
            "HOME": str(self.work),
            "XDG_DATA_HOME": str(self.work / "data"),
        }
        terminal = Terminal(
            program.command, columns=self.columns, rows=self.rows, environment=environment, folder=Path.cwd()
        )
        with terminal:
            terminal.first_paint = terminal.until(program.shown) - terminal.started
            yield terminal

    def in_turns(self, *measures: Callable[[], None]) -> None:
        """Do each of some measurements as often as programs are started, in turns."""
        for _ in range(self.runs):
            for measure in measures:
                measure()

    @property
    def last_row(self) -> str:
        """The id of a product in the lower half of a screen that shows the first ones."""
        return product_id(min(self.size.products, self.rows * 5 // 8) - 1)

    def empty_app(self) -> Program:
        """Return an empty Textual app; its first screen is there when its last line is."""
        return Program(
            "empty Textual app", (sys.executable, str(PROGRAMS / "empty.py")), f"\x1b[{self.rows};1H"
        )

    def ours(self) -> Program:
        """Return this program on the shop that is looked at."""
        return ours(self.looked_at)._replace(shown=self.last_row)


def ours(folder: Path) -> Program:
    """Return this program on a shop; it is shown when its frame is."""
    return Program("this program", (sys.executable, "-m", "tracker_tui", "-d", str(folder)), "Products")


def installed(module: str) -> bool:
    """Tell whether a Python package of the peers is there."""
    return importlib.util.find_spec(module) is not None


__all__ = [
    "NOT_INSTALLED",
    "PROGRAMS",
    "REGISTER",
    "Bench",
    "NotShown",
    "Program",
    "benchmark",
    "installed",
    "ours",
]
