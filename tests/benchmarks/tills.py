"""Sessions without a screen, each in a process of its own, and the floors that are processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.benchmarks.bench import Bench
from tests.benchmarks.programs.books import fill
from tests.benchmarks.terminal import plain_environment


class Till:
    """A session that does what it is asked for; see `programs/till.py`.

    Args:
        folder: The shop.
        database: The same data in SQLite; None = not measured.
        tracer: A command that starts it.
    """

    def __init__(self, folder: Path, database: Path | None = None, tracer: Sequence[str] = ()) -> None:
        words = [str(folder), *([str(database)] if database else [])]
        command = [*tracer, sys.executable, "-m", "tests.benchmarks.programs.till", *words]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=plain_environment()
        )
        self._answer()

    def ask(self, do: str, **words: object) -> Any:  # noqa: ANN401 - whatever JSON the job answers with
        """Have a job done; return its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **words}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - as above
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the session ended with {self._process.wait()}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def database(bench: Bench) -> Path:
    """Return the shop of this run in SQLite."""

    def make() -> Path:
        file = bench.work / "shop.sqlite"
        fill(file, bench.looked_at)
        return file

    return bench.once("database", make)


def seconds_of(*command: str, text: str = "", ok: int = 0) -> tuple[float, str]:
    """Run a program to its end; return the seconds that it took, and what it wrote.

    Raises:
        RuntimeError: It ended otherwise than with `ok`.
    """
    begin = time.perf_counter()
    done = subprocess.run(
        command, check=False, input=text, capture_output=True, text=True, env=plain_environment()
    )
    took = time.perf_counter() - begin
    if done.returncode != ok:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr[-500:]}")
    return took, done.stdout


def python(*words: str, text: str = "") -> tuple[float, str]:
    """Run a Python program to its end, as `seconds_of` does."""
    return seconds_of(sys.executable, *words, text=text)
