"""What goes over a thin line, and a few sessions at once: a small form of what the two programs beside measure."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.figures import Samples
from tests.benchmarks.shop import Size, make_shop
from tests.server import sessions, thin_line
from tests.server.sshd import Login


def test_little_goes_over_the_line_and_nothing_while_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thin_line, "THINKING_S", 0.12)
    make_shop(tmp_path, Size(200, 20, 200))
    found = {sent.what: sorted(sent.values) for sent in thin_line.measure(tmp_path, idle_s=2, news=2)}
    assert found["2 s without a key"] == [0]
    assert found["Down"][-1] < 800
    assert found["a letter in the product field of Sell"][0] < 500
    assert found["another's sale, shown and marked"][0] < 2_500
    assert max(values[-1] for values in found.values()) < 40_000
    assert "at 9,600 baud" in thin_line.table([thin_line.Sent("x", (960,))])


def test_clerks_sell_at_once_over_ssh(tmp_path: Path) -> None:
    shop, work = tmp_path / "shop", tmp_path / "server"
    shop.mkdir()
    work.mkdir(mode=0o700)
    make_shop(shop, Size(200, 20, 200))
    figures = sessions.measure(shop, work, sessions=3, sales=1)
    assert figures.sales == 3
    assert figures.resident_mib < 100
    assert "3 SSH sessions" in sessions.told(figures)
    booked = (shop / "purchases.txt").read_text("utf-8")
    assert all(f",clerk{number}," in booked for number in range(3))


def test_a_session_that_fails_is_told_with_its_screen_and_holds_nobody_up() -> None:
    with Login([sys.executable, "-c", "print('there is no shop here')"]) as login:
        login.ends()
        clerk = sessions.Clerk(login, "001", 2, 0.0)
        clerk.start()
        clerk.join()
        clerk.leave()
    assert clerk.failure.startswith("sale of 001, after 0 sales: ")
    assert "there is no shop here" in clerk.failure
    figures = sessions.Figures(
        1, 0, 1.0, 0.0, 0.0, 0.0, 0.0, Samples("keys", ()), Samples("booked", ()), (clerk.failure,)
    )
    assert "FAILED: sale of 001" in sessions.told(figures)
