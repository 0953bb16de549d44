"""What the fault tests share: the driver's process, a folder in memory, and a way to tell a test's numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.harness import Driver, can_trace, make_shop, quick_folder

Tell = Callable[..., None]


@pytest.fixture(scope="session")
def traceable() -> None:
    """Skip where nothing can be traced; in CI that is a failure."""
    reason = can_trace()
    if reason and os.environ.get("TRACKER_CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def driver(traceable: None) -> Iterator[Driver]:  # noqa: ARG001
    """Return a process that does acts when told to, and can be traced."""
    with Driver() as running:
        yield running


@pytest.fixture
def place() -> Iterator[Path]:
    """Return an empty folder, in memory where there is one."""
    with quick_folder() as folder:
        yield folder


@pytest.fixture
def template(place: Path) -> Path:
    """Return a shop to be copied: 8 products, 17 entries, 3 of them not in the snapshot."""
    make_shop(place / "template")
    return place / "template"


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Return what prints a test's numbers, and puts them into the report."""

    def numbers(what: str, **counts: object) -> None:
        print(f"{what}: {', '.join(f'{value} {name}' for name, value in counts.items())}")
        for name, value in counts.items():
            record_property(name, value)

    return numbers
