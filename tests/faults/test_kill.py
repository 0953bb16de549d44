"""An acknowledged act is on disk: real processes killed at every system call that touches a file.

Quick form: every call of each act, and of start, sale and close together. Full form (`TRACKER_FULL=1`): of start,
act and close for every act, and the command line itself from its first look at the shop to its end.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.driver import ACTS
from tests.faults.harness import FULL, ROOT, SECONDS, Driver, environment, judge, read_ledger, run_check
from tests.faults.kills import LIST, Kills, kill_at_every_call
from tracker_tui.service import InventoryService


def _told(tell: Tell, what: str, kills: Kills) -> None:
    tell(
        f"kills, {what}",
        points=kills.points,
        exceptions=0,
        acknowledged=kills.acknowledged,
        there=kills.there,
    )
    assert kills.points >= 8
    assert kills.untouched >= 5


@pytest.mark.parametrize("act", ACTS)
def test_act_killed_at_any_call_is_whole_or_absent(
    act: str, driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    _told(tell, act, kill_at_every_call(driver, template, place / "shop", act))


@pytest.mark.parametrize("act", ACTS if FULL else ["sell", "sell to new"])
def test_session_killed_from_start_to_close_loses_nothing(
    act: str, driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    kills = kill_at_every_call(driver, template, place / "shop", act, whole=True)
    _told(tell, f"start, {act}, close", kills)


def test_first_act_of_a_new_shop_killed_at_any_call(driver: Driver, place: Path, tell: Tell) -> None:
    (place / "empty").mkdir(mode=0o770)
    kills = kill_at_every_call(driver, place / "empty", place / "shop", "add", whole=True)
    _told(tell, "first act of a new shop", kills)


@pytest.mark.parametrize("cut", [1, 60, 130])
def test_putting_right_killed_at_any_call(
    cut: int, driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    """A sale was torn before: 1 byte gone is only its newline, more is a torn tail that must be set aside."""
    InventoryService.open(template, "eve").sell([("P06", 1), ("P07", 1)], sale="s-torn")
    log = template / "purchases.txt"
    log.write_bytes(log.read_bytes()[:-cut])
    kills = kill_at_every_call(driver, template, place / "shop", "sell", whole=True)
    _told(tell, f"sale after a tail cut by {cut}", kills)


def test_merging_a_hand_edit_killed_at_any_call(
    driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    """Somebody put three pieces on the shelf in an editor: they are counted once, whatever dies when."""
    with InventoryService.open(template, "eve") as service:
        pieces = service.snapshot.products["P07"].quantity
    table = template / "inventory.txt"
    table.write_text(table.read_text().replace(f"Thing 7,7.00,{pieces},", f"Thing 7,7.00,{pieces + 3},"))

    def counted_once(shop: Path) -> None:
        rows = (shop / "changes.txt").read_text().splitlines()
        assert sum(",hand-edit,P07," in row for row in rows) == 1
        assert read_ledger(shop).stock["P07"] == pieces + 3

    kills = kill_at_every_call(
        driver, template, place / "shop", "sell", whole=True, unsure=2, also=counted_once
    )
    _told(tell, "hand edit merged, sale, close", kills)


def test_taking_over_the_original_files_killed_at_any_call(driver: Driver, place: Path, tell: Tell) -> None:
    """The old script's files: each purchase becomes one entry, and the old files stay beside the new."""
    old = place / "old"
    old.mkdir(mode=0o770)
    (old / "inventory.txt").write_text(
        "P01,Milk,1.20,10,dairy|fresh\nP02,Bread,2.50,9,bakery\nP03,Tea,4.00,8,dry\n"
    )
    blocks = (
        "Customer: Alice\n- Milk (x2)\nTotal: $2.40\n\n",
        "Customer: Bob\n- Bread (x1)\n- Tea (x1)\nTotal: $6.50\n\n",
    )
    (old / "purchases.txt").write_text("".join(blocks))

    def taken_over_once(shop: Path) -> None:
        text = (shop / "purchases.txt").read_text()
        assert (text.count(",Alice,"), text.count(",Bob,")) == (1, 2)
        assert (shop / "purchases-original.txt").read_text() == "".join(blocks)
        stock = read_ledger(shop).stock
        sold = text.count(",s-act,")
        judged = text.count(",judge-")
        assert sum(stock.values()) == 27 - (4 if sold else 0) - judged

    kills = kill_at_every_call(
        driver, old, place / "shop", "sell", whole=True, unsure=5, also=taken_over_once
    )
    _told(tell, "original files taken over, sale, close", kills)


def _sell_under_strace(directory: Path, trace: Path, *words: str) -> tuple[int, str]:
    """Sell by the command line under the tracer; return how it ended and what it said."""
    command = [
        sys.executable,
        "-m",
        "tracker_tui",
        "-d",
        str(directory),
        "--as",
        "cli",
        "sell",
        "P01=1",
        "P02=1",
    ]
    done = subprocess.run(
        ["strace", "-f", "-y", "-o", str(trace), "-e", f"trace={LIST}", *words, *command],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=ROOT,
        env=environment(),
    )
    return done.returncode, done.stdout


def _first_looks(trace: str, directory: Path) -> dict[str, range]:
    """Return, by call, which of its turns come after the first look at the shop."""
    seen: Counter[str] = Counter()
    first: dict[str, int] = {}
    met = False
    for line in trace.splitlines():
        if "(" not in line:
            continue
        name = line.split("(", 1)[0].split()[-1]
        met = met or f'{directory}"' in line
        seen[name] += 1
        if met:
            first.setdefault(name, seen[name])
    return {name: range(number, seen[name] + 1) for name, number in first.items()}


def test_command_line_killed_at_any_call(driver: Driver, template: Path, place: Path, tell: Tell) -> None:
    """The whole program as people start it, from its first look at the shop to the end of the process."""
    assert driver
    trace, shop = place / "trace", place / "shop"
    shutil.copytree(template, shop)
    assert _sell_under_strace(shop, trace)[0] == 0
    places = [(call, n) for call, turns in _first_looks(trace.read_text(), shop).items() for n in turns]
    before = read_ledger(template).entries
    number = max(before) + 1
    points = answered = 0
    for call, turn in places if FULL else places[3::12]:
        shutil.rmtree(shop)
        shutil.copytree(template, shop)
        code, said = _sell_under_strace(shop, trace, "-e", f"inject={call}:signal=KILL:when={turn}")
        points += code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        answered += "Sold for" in said
        checked = run_check(shop)
        assert checked.returncode == 0, checked.stdout
        judge(shop, {**before, number: None} if "Sold for" in said else before, {number})
    tell("kills, command line", points=points, exceptions=0, acknowledged=answered, tried=len(places))
    assert points >= (40 if FULL else 4)
