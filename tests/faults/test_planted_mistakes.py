"""The fault tests catch mistakes: each is planted in a copy of the program, and its check must break."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.harness import ROOT, SECONDS, environment
from tests.faults.mistakes import MISTAKES, Mistake, plant
from tests.faults.small_checks import BROKEN, CHECKS

pytestmark = pytest.mark.usefixtures("traceable")


def _checked(name: str, package: Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join((str(package), str(ROOT)))
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.small_checks", name],
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
        cwd=package,
        env={**environment(), "PYTHONPATH": paths},
    )


@pytest.mark.parametrize("name", CHECKS)
def test_check_finds_nothing_in_the_program_itself(name: str) -> None:
    done = _checked(name, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_planted_mistake_is_caught(mistake: Mistake, tmp_path: Path, tell: Tell) -> None:
    plant(mistake, tmp_path)
    done = _checked(mistake.check, tmp_path)
    assert done.returncode == BROKEN, f"{mistake.name} was not caught: {done.stdout}{done.stderr}"
    tell(f"mistake “{mistake.name}”, by {mistake.check}", caught=1)
    print(done.stdout.strip().partition("\n")[0][:160])
