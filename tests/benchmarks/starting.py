"""Starting, being there, leaving."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

from tests.benchmarks.bench import Bench, Program, benchmark
from tests.benchmarks.figures import Collected, Missing, Row, Samples, at_most, ratio, row
from tests.benchmarks.peers import datatable, visidata, visidata_loaded
from tests.benchmarks.shop import product_id
from tests.benchmarks.terminal import Terminal

IDLE_S = 4.0
_DATATABLE_RUNS = 2
"""It takes long, and nothing is asked of it."""


def lives(bench: Bench) -> Collected:
    """Return what all programs cost from start to end, measured in turns."""
    return bench.once("lives", lambda: _measure_lives(bench))


def _measure_lives(bench: Bench) -> Collected:
    found = Collected()
    turns: list[Callable[[], None]] = []
    rounds = count()
    ours = bench.ours()
    turns.append(lambda: _live(bench, found, bench.empty_app()))
    turns.append(lambda: _live(bench, found, ours))
    peer = visidata(bench)
    if isinstance(peer, Missing):
        found.miss(peer)
    else:
        turns.append(lambda: _live(bench, found, peer))

    def sometimes() -> None:
        if next(rounds) < _DATATABLE_RUNS:
            _live(bench, found, datatable(bench))

    turns.append(sometimes)
    for program in (bench.empty_app(), ours):
        with bench.open(program) as terminal:
            terminal.settle(0.5)
            terminal.leave(program.leave)
    bench.in_turns(*turns)
    return found


def _live(bench: Bench, found: Collected, program: Program) -> None:
    """Start a program, let it load and then be idle, and end it."""
    with bench.open(program) as terminal:
        found.add(program.name, "first paint", terminal.first_paint * 1000)
        terminal.settle(1.0)
        if program.name == "VisiData":
            found.add(program.name, "loaded", visidata_loaded(terminal, bench) * 1000)
        found.add(program.name, "memory", terminal.resident_mib(), "MiB")
        _be_idle(found, program.name, terminal)
        found.add(program.name, "leaving", terminal.leave(program.leave) * 1000)


def _be_idle(found: Collected, name: str, terminal: Terminal) -> None:
    cpu, woken, begin = terminal.cpu_s(), terminal.wake_ups(), time.perf_counter()
    sent = terminal.idle(IDLE_S)
    took = time.perf_counter() - begin
    found.add(name, "idle bytes", sent, "bytes")
    found.add(name, "idle cpu", (terminal.cpu_s() - cpu) / took * 100, "%")
    found.add(name, "idle wake-ups", (terminal.wake_ups() - woken) / took, "a second")


OURS, EMPTY, VISIDATA, DATATABLE = "this program", "empty Textual app", "VisiData", "DataTable"


@benchmark("first-paint")
def first_paint(bench: Bench) -> Iterable[Row]:
    """Time from the start to a screen of products."""
    figure = "first paint"
    yield row(
        "first paint of Products with real rows",
        lives(bench).of(OURS, figure),
        ratio(lives(bench).of(EMPTY, figure), 1.3),
        ratio(lives(bench).of(VISIDATA, figure)),
        ratio(lives(bench).of(DATATABLE, figure)),
    )


@benchmark("first-paint-anew")
def first_paint_anew(bench: Bench) -> Iterable[Row]:
    """The same at a terminal whose first page is not kept, as nobody opened the shop there before."""
    values: list[float] = []
    for _ in range(bench.runs):
        for page in (bench.looked_at / ".tracker").glob("page-*"):
            page.unlink()
        with bench.open(bench.ours()) as terminal:
            values.append(terminal.first_paint * 1000)
            terminal.settle(0.5)
            terminal.leave("<Ctrl+Q>")
    empty = lives(bench).of(EMPTY, "first paint")
    yield row("first paint where no page is kept", Samples(OURS, tuple(values)), ratio(empty, 1.3))


@benchmark("loaded")
def loaded(bench: Bench) -> Iterable[Row]:
    """Time until a filter that was typed at the first paint has found the one product that it names."""
    found = lives(bench)
    values = bench.once("loaded", lambda: _load(bench))
    yield row(
        "everything loaded, sortable, filterable",
        Samples(OURS, tuple(values)),
        ratio(found.of(EMPTY, "first paint"), 3),
        ratio(found.of(VISIDATA, "loaded"), 1),
    )


def _load(bench: Bench) -> list[float]:
    values: list[float] = []
    wanted = only_one(bench.looked_at / "inventory.txt", bench.size.products)
    for _ in range(bench.runs):
        with bench.open(bench.ours()) as terminal:
            before = len(terminal.output)
            terminal.send(f"/{wanted}")
            tally = f"1 of {bench.size.products:,}"
            values.append((terminal.until(tally, after=before) - terminal.started) * 1000)
            terminal.settle()
            terminal.leave("<Ctrl+Q>")
    return values


def only_one(inventory: Path, products: int) -> str:
    """Return the id of a product in the middle that stands nowhere else, not within a barcode either."""
    text = inventory.read_bytes()
    ids = (product_id(place) for place in range(products // 2, products))
    return next(wanted for wanted in ids if text.count(wanted.encode()) == 1)


@benchmark("keys-while-loading")
def keys_while_loading(bench: Bench) -> Iterable[Row]:
    """Time from Down to its paint, again and again from the first paint until well after all is loaded."""
    values: list[float] = []
    longest = max(1.0, 2 * max(bench.once("loaded", lambda: _load(bench))) / 1000)
    for _ in range(bench.runs):
        with bench.open(bench.ours()) as terminal:
            until = terminal.started + longest
            while time.perf_counter() < until:
                values.append(terminal.press("<Down>", 0.02).seconds * 1000)
            terminal.settle()
            terminal.leave("<Ctrl+Q>")
    yield row("Down while all is loaded: key to paint", Samples(OURS, tuple(values)), at_most(50, "p95"))


@benchmark("memory")
def memory(bench: Bench) -> Iterable[Row]:
    """Resident memory when all is loaded."""
    found = lives(bench)
    yield row(
        "memory of a session",
        found.of(OURS, "memory"),
        ratio(found.of(EMPTY, "memory"), 1.8),
        ratio(found.of(VISIDATA, "memory"), 0.7),
        ratio(found.of(DATATABLE, "memory")),
    )


@benchmark("leaving")
def leaving(bench: Bench) -> Iterable[Row]:
    """Time from Ctrl+Q until the process is gone."""
    found = lives(bench)
    yield row(
        "leaving (Ctrl+Q to the prompt back)",
        found.of(OURS, "leaving"),
        ratio(found.of(EMPTY, "leaving"), 0.5),
        ratio(found.of(VISIDATA, "leaving")),
    )


@benchmark("idle")
def idle(bench: Bench) -> Iterable[Row]:
    """What a session costs while nobody does anything."""
    found = lives(bench)
    yield row("idle: bytes to the terminal", found.of(OURS, "idle bytes"), at_most(0, "largest"))
    yield row(
        "idle: processor, of one core",
        found.of(OURS, "idle cpu"),
        at_most(0.5),
        ratio(found.of(EMPTY, "idle cpu")),
        ratio(found.of(VISIDATA, "idle cpu")),
    )
    yield row("idle: wake-ups", found.of(OURS, "idle wake-ups"), ratio(found.of(EMPTY, "idle wake-ups")))
