"""`baskets/`: every open and parked basket as one small text file, so that nothing that was scanned is lost.

A file is replaced whole at each change. The session that has a basket open holds a lock on its file, which the
kernel frees when the session ends, however it ends: so a basket that somebody has is told from one that was left.
The shop's own lock is not needed: nobody else writes the file, and two that do have the same sale.

```
# tracker basket 1
clerk,amal
name,Mrs Haddad
changed,2026-03-31T14:05:00+00:00
customer,C0001
last,001
discount,10%
line,001,3,1.10,0.50
# end of basket
```
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import threading
from decimal import Decimal
from typing import Final

from tracker_tui.errors import StorageError
from tracker_tui.model.basket import NO_DISCOUNT, Basket, BasketLine, Discount
from tracker_tui.model.kept import Kept, KeptBasket
from tracker_tui.model.money import parse_stored_amount, parse_stored_count, written
from tracker_tui.model.records import Problem
from tracker_tui.storage.codec import format_line, parse_line, parse_time
from tracker_tui.storage.folder import Folder, Held, read_file, signature_of
from tracker_tui.storage.plain import as_storage_error, close_quietly, open_if_there
from tracker_tui.storage.subfolder import subfolder

BASKETS: Final = "baskets"
FIRST_LINE: Final = "# tracker basket 1"
LAST_LINE: Final = "# end of basket"
LARGEST: Final = 1 << 20
MOST: Final = 1_000
"""Files that are looked at, the latest names: a shop that parks more has forgotten them."""

_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NAME: Final = re.compile(r"basket-([0-9a-z][0-9a-z-]{0,99})\.txt", re.ASCII)


class BasketFiles:
    """The baskets of one shop. May be used by several threads.

    Args:
        folder: The shop's folder.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        self._locks: dict[str, int] = {}

    def signature(self) -> object:
        """Return what differs whenever a basket came, went or changed."""
        with self._folder.opened() as fd:
            return signature_of(fd, BASKETS)

    def read(self) -> Kept:
        """Read all baskets, the latest first; a file that cannot be read is a problem, and left as it is.

        Raises:
            StorageError: The folder of the baskets cannot be read.
        """
        kept: list[KeptBasket] = []
        problems: list[Problem] = []
        with self._mutex, self._opened(make=False) as place:
            names = [] if place is None else sorted(filter(_NAME.fullmatch, os.listdir(place.fd)))
            for name in names[-MOST:]:
                if place is None:
                    break
                try:
                    kept.append(self._read_one(place, name))
                except FileNotFoundError:
                    continue
                except (StorageError, ValueError) as error:
                    problems.append(Problem(f"{BASKETS}/{name}", 0, str(error)))
        return Kept(tuple(sorted(kept, key=lambda basket: basket.changed, reverse=True)), tuple(problems))

    def _read_one(self, place: Held, name: str) -> KeptBasket:
        data, _ = read_file(place.fd, name)
        kept = decode_basket(name.removeprefix("basket-").removesuffix(".txt"), data)
        return kept._replace(in_use=kept.basket.sale in self._locks or self._is_locked(place, name))

    @staticmethod
    def _is_locked(place: Held, name: str) -> bool:
        fd = open_if_there(place.fd, name, _READ)
        if fd is None:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            close_quietly(fd)
        return False

    def keep(self, kept: KeptBasket) -> None:
        """Write a basket. One that was not parked counts as open in this session until it is dropped or let go.

        Raises:
            StorageError: It could not be written; what was there before is as it was.
        """
        sale = kept.basket.sale
        name = _file_name(sale)
        try:
            data = encode_basket(kept)
        except ValueError as error:
            raise StorageError(f"{BASKETS}/{name}: {error}") from error
        with self._mutex, self._opened(make=True) as place:
            if place is None:
                return
            self._folder.replace(place, name, data)
            old = self._locks.pop(sale, None)
            if not kept.name:
                with as_storage_error(f"{BASKETS}/{name}"):
                    self._locks[sale] = os.open(name, _READ, dir_fd=place.fd)
                    with contextlib.suppress(BlockingIOError):
                        fcntl.flock(self._locks[sale], fcntl.LOCK_EX | fcntl.LOCK_NB)
            if old is not None:
                close_quietly(old)

    def drop(self, sale: str) -> None:
        """Take a basket away: it was sold or discarded.

        Raises:
            StorageError: It could not be taken away.
        """
        with self._mutex, self._opened(make=False) as place:
            if place is not None:
                with (
                    as_storage_error(f"{BASKETS}/{_file_name(sale)}"),
                    contextlib.suppress(FileNotFoundError),
                ):
                    os.unlink(_file_name(sale), dir_fd=place.fd)
            self._let_go(sale)

    def close(self) -> None:
        """Let go of the baskets that this session has open; they stay, as ones that were left."""
        with self._mutex:
            for sale in tuple(self._locks):
                self._let_go(sale)

    def _let_go(self, sale: str) -> None:
        fd = self._locks.pop(sale, None)
        if fd is not None:
            close_quietly(fd)

    def _opened(self, *, make: bool) -> contextlib.AbstractContextManager[Held | None]:
        """Hold the folder of the baskets open; None where there is none and none is to be made."""
        return subfolder(self._folder, BASKETS, make=make)


def _file_name(sale: str) -> str:
    """Return the name of a basket's file.

    Raises:
        StorageError: The sale id cannot be part of a file's name.
    """
    name = f"basket-{sale}.txt"
    if not _NAME.fullmatch(name):
        raise StorageError(f"{BASKETS}: a basket cannot be called {sale}")
    return name


def encode_basket(kept: KeptBasket) -> bytes:
    """Write a basket as the lines of its file."""
    basket = kept.basket
    facts = [
        ("clerk", kept.clerk),
        ("name", kept.name),
        ("changed", kept.changed.isoformat(timespec="seconds")),
        ("customer", basket.customer),
        ("last", basket.last),
        ("discount", basket.discount.text),
    ]
    rows: list[tuple[str, ...]] = [fact for fact in facts if fact[1]]
    for line in basket.lines:
        price = "" if line.price is None else written(line.price)
        rows.append(("line", line.product_id, str(line.quantity), price, line.discount.text))
    body = b"".join(map(format_line, rows))
    return b"".join((f"{FIRST_LINE}\n".encode(), body, f"{LAST_LINE}\n".encode()))


def decode_basket(sale: str, data: bytes) -> KeptBasket:
    """Read the lines of a basket's file; facts that this version does not know are passed over.

    Raises:
        ValueError: It is no whole basket; the text says why, with the line.
    """
    if len(data) > LARGEST:
        raise ValueError("is too large for a basket")
    lines = [line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    ends = [line for line in lines if line]
    if not ends or ends[0] != FIRST_LINE.encode():
        raise ValueError("is no basket of this version")
    if ends[-1] != LAST_LINE.encode():
        raise ValueError("is cut off")
    facts = {"clerk": "", "name": "", "changed": "", "customer": "", "last": "", "discount": ""}
    wanted: list[BasketLine] = []
    for number, line in enumerate(lines, 1):
        if not line or line.startswith(b"#"):
            continue
        try:
            key, *rest = parse_line(line)
            if key == "line":
                wanted.append(_decode_line(rest))
            elif key in facts and len(rest) == 1:
                facts[key] = rest[0]
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    basket = Basket(sale, tuple(wanted), facts["customer"], facts["last"], _discount(facts["discount"]))
    if len({line.product_id for line in wanted}) < len(wanted):
        raise ValueError("has a product twice")
    return KeptBasket(basket, facts["clerk"], parse_time(facts["changed"]), facts["name"])


def _decode_line(fields: list[str]) -> BasketLine:
    if len(fields) != 4:
        raise ValueError("must be line,product,quantity,price,discount")
    product_id, quantity, price, discount = fields
    pieces = parse_stored_count(quantity)
    if not product_id or pieces < 1:
        raise ValueError("needs a product and 1 or more pieces")
    amount = parse_stored_amount(price, 0) if price else None
    return BasketLine(product_id, pieces, amount, _discount(discount))


def _discount(text: str) -> Discount:
    if not text:
        return NO_DISCOUNT
    number = parse_stored_amount(text.removesuffix("%"), 0)
    if not text.endswith("%"):
        return Discount(amount=number)
    if number > Decimal(100):
        raise ValueError("a discount is more than 100%")
    return Discount(percent=number)
