"""A power cut loses nothing that was acknowledged: legal states of the disk, replayed, and real cuts of ext4.

Quick form: 800 states, 8 cuts. Full form (`TRACKER_FULL=1`): at least 5,000 distinct states, 60 cuts.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.harness import FULL, Driver
from tests.faults.power import judge_cut, record

PARTS = 4


@pytest.mark.timeout(1200 if FULL else 120)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_legal_state_has_what_was_acknowledged(
    part: int, driver: Driver, place: Path, tell: Tell
) -> None:
    recorded = record(driver, place, seed=part, most=400 if FULL else 60)
    mine = random.Random(0).sample(recorded.cuts, len(recorded.cuts))[part::PARTS]
    for cut in mine if FULL else mine[: 600 // PARTS]:
        judge_cut(place / "state", recorded, cut)
    tried = len(mine) if FULL else len(mine[: 600 // PARTS])
    tell("power cuts", states=tried, distinct=len(recorded.cuts), points=recorded.points, lost=0)
    assert len(recorded.cuts) >= (5000 if FULL else 600)


@pytest.mark.timeout(1200 if FULL else 120)
def test_every_legal_state_with_failing_fsyncs(driver: Driver, place: Path, tell: Tell) -> None:
    """What a failed fsync covered may be lost or not, whatever later fsyncs say."""
    recorded = record(driver, place, 9, 200, "-e", "inject=fsync:error=EIO:when=9+11")
    cuts = random.Random(9).sample(recorded.cuts, 2000 if FULL else 200)
    for cut in cuts:
        judge_cut(place / "state", recorded, cut)
    refused = sum("refused" in said for said in recorded.answers)
    tell("power cuts after failed fsyncs", states=len(cuts), points=recorded.points, refused=refused, lost=0)
    assert refused
