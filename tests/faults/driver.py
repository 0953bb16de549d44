"""The process that is killed, starved and cut off: it does one act on a shop when it is told to.

Run as a script with a SEQPACKET socket as standard input. It loads the program once and then forks a child for
each job, so that a tracer can be attached to a process that has done nothing yet: the child says `ready`, waits
for one packet, acts, and answers `ack` only after the act has returned. All packets are JSON.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import pkgutil
import resource
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from tracker_tui import model, storage
from tracker_tui.errors import StorageError, TrackerError
from tracker_tui.model import Customer, Product
from tracker_tui.service import InventoryService

Act = Callable[[InventoryService], int]
"""Does one thing; returns the number of its entry, 0 where it makes none."""

_PR_SET_PTRACER: Final = 0x59616D61
LONGEST_PACKET: Final = 100_000


def goods(count: int, prefix: str = "I") -> list[Product]:
    """Return made-up products for an import."""
    return [
        Product(f"{prefix}{n:03d}", f"Ware “{n}”, grün", Decimal(n) / 4, n, frozenset({"bulk", f"c{n % 7}"}))
        for n in range(count)
    ]


def _sell(service: InventoryService) -> int:
    items = [("P01", 1), ("P02", 2), ("P03", 1)]
    return service.sell(items, customer="Ann Lee", sale="s-act", note="of act").entry


def _sell_to_new(service: InventoryService) -> int:
    return service.sell([("P01", 1)], customer="Nobody Yet", sale="s-act").entry


def _give_back(service: InventoryService) -> int:
    return service.give_back("s-0", [("P01", 1)], "worn", own_id="s-act").entry


def _add(service: InventoryService) -> int:
    return service.add(Product("NEW", "New thing", Decimal("3.50"), 7, frozenset({"new"})))


def _edit(service: InventoryService) -> int:
    return service.edit("P02", price=Decimal("9.99"), name="Bread, “dark”") or 0


def _save(service: InventoryService) -> int:
    service.save()
    return 0


def _sell_and_save(service: InventoryService) -> int:
    """Sell and leave, as the command line does."""
    entry = _sell_to_new(service)
    service.close()
    return entry


def _add_customer(service: InventoryService) -> int:
    service.add_customer(Customer("", "Cara Act", "555"))
    return 0


ACTS: Final[dict[str, Act]] = {
    "sell": _sell,
    "sell to new": _sell_to_new,
    "return": _give_back,
    "add": _add,
    "edit": _edit,
    "receive": lambda service: service.receive("P03", 12, "van"),
    "import": lambda service: service.import_products(goods(500), "from list.csv") or 0,
    "undo": lambda service: service.undo(service.snapshot.entry - 1),
    "save": _save,
    "sell and save": _sell_and_save,
    "customer": _add_customer,
}


def mixed(count: int) -> Iterator[Act]:
    """Yield acts of all kinds, to be done one after the other on a new shop, saves among them."""

    def add(n: int) -> Act:
        ware = Product(f"M{n}", f"Mixed {n}", Decimal(n), 20 + n, frozenset({"a", f"b{n}"}))
        return lambda service: service.add(ware)

    def sale(n: int) -> Act:
        customer = f"Buyer {n % 5}" if n % 3 else None
        items = [("M0", 1), (f"M{n % 3}", 1), ("M1", 2)][: 1 + n % 3]
        return lambda service: service.sell(items, customer=customer, sale=f"m-{n}").entry

    for n in range(count):
        if n < 3:
            yield add(n)
        elif n == 7:
            yield lambda service: service.import_products(goods(40), "small list") or 0
        elif n == 12:
            yield lambda service: service.remove("I003")
        elif n % 10 == 4:
            yield lambda service, n=n: service.edit("M1", price=Decimal(n)) or 0  # type: ignore[misc]
        elif n % 10 == 6:
            yield lambda service: service.undo(service.snapshot.entry)
        elif n % 10 == 8:
            yield lambda service, n=n: service.receive("M2", n)  # type: ignore[misc]
        elif n % 10 == 9:
            yield lambda service, n=n: service.give_back(f"m-{n - 8 if n > 9 else 3}").entry  # type: ignore[misc]
        elif n % 10 == 0:
            yield _add_customer
        else:
            yield sale(n)


def attempt(act: Act, service: InventoryService) -> dict[str, Any]:
    """Do an act; return what the caller is told."""
    try:
        return {"ack": act(service)}
    except TrackerError as refusal:
        return {"refused": type(refusal).__name__, "text": str(refusal)}


def _one_act(link: socket.socket, job: dict[str, Any]) -> None:
    """Do one act; `whole`: opening and closing belong to what is traced; `turns`: how often it is tried.

    Between two turns it says `pause` and waits. With `room` no file may grow beyond that in the first turn.
    """
    directory, act = job["dir"], ACTS[job["act"]]
    service = None if job.get("whole") else InventoryService.open(directory, "ann")
    _wait(link, "ready")
    if service is None:
        try:
            service = InventoryService.open(directory, "ann")
        except TrackerError as refusal:
            _send(link, {"refused": type(refusal).__name__, "text": str(refusal)})
            return
    for turn in range(job.get("turns", 1)):
        if turn:
            _wait(link, "pause")
        room = job.get("room", -1) if turn == 0 else -1
        with _no_file_beyond(room):
            answer = attempt(act, service)
        _send(link, answer)
    if job.get("whole"):
        service.close()
        _send(link, {"closed": True})


@contextmanager
def _no_file_beyond(size: int) -> Iterator[None]:
    """Let no file grow beyond a size meanwhile; -1 = as far as it likes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if size >= 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _many_acts(link: socket.socket, job: dict[str, Any]) -> None:
    """Do mixed acts until there are no more, each answered with what it was; save after every few."""
    _wait(link, "ready")
    try:
        service = InventoryService.open(job["dir"], "ann")
    except StorageError as refusal:
        _send(link, {"refused": type(refusal).__name__, "text": str(refusal)})
        service = InventoryService.open(job["dir"], "ann")
    for number, act in enumerate(mixed(job["acts"])):
        answer = attempt(act, service)
        if "refused" in answer and job.get("again"):
            _send(link, answer)
            answer = attempt(act, service)
        _send(link, {**answer, "customer": act is _add_customer})
        if number % job["save every"] == job["save every"] - 1:
            attempt(_save, service)
    service.close()
    _send(link, {"closed": True})


def _wait(link: socket.socket, word: str) -> None:
    _send(link, {word: os.getpid()})
    link.recv(LONGEST_PACKET)


def _send(link: socket.socket, answer: dict[str, Any]) -> None:
    link.send(json.dumps(answer).encode())


def _child(link: socket.socket, job: dict[str, Any]) -> int:
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    try:
        (_many_acts if "acts" in job else _one_act)(link, job)
    except BaseException:  # noqa: BLE001 - the test is told, whatever it was
        _send(link, {"crash": traceback.format_exc()[-4000:]})
        return 1
    return 0


def _load_all() -> None:
    """Load what the program loads late: a fault is for the shop's files, and not for the program's own."""
    for package in (model, storage):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def main() -> None:
    """Serve jobs until the other side closes."""
    _load_all()
    link = socket.socket(fileno=os.dup(0))
    while packet := link.recv(LONGEST_PACKET):
        pid = os.fork()
        if pid == 0:
            os._exit(_child(link, json.loads(packet)))
        _, status = os.waitpid(pid, 0)
        _send(link, {"end": os.waitstatus_to_exitcode(status)})


if __name__ == "__main__":
    main()
