"""A made-up shop of any size, in the files that the program reads, the same for the same seed.

The text is written directly: a million lines through the service would take an hour of fsyncs. All products
come from one `import`, deliveries and sales follow over three years, some goods come back, and `inventory.txt`
holds what a replay of both logs gives.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Final, NamedTuple

from tests.benchmarks.words import ALSO_IN, CLERKS, DEPARTMENTS, FIRST_NAMES, KINDS, LAST_NAMES, MAKERS, SIZES

FIRST_DAY: Final = date(2023, 7, 1)
LAST_DAY: Final = date(2026, 6, 30)
_ZONE: Final = "+01:00"
_OPENING_S: Final = 9 * 3600
_OPEN_S: Final = 10 * 3600
_LINES_OF_A_SALE: Final = (1, 1, 2, 2, 3, 3, 4, 4)
"""Two and a half in the mean."""
_SALES_FOR_A_DELIVERY: Final = 20
_BETWEEN_RETURNS: Final = 50
_CHUNK: Final = 20_000
"""Entries that are written at once."""

_PURCHASES: Final = (
    "entry,line,clerk,sale,customer_id,customer,product_id,product,quantity,price,discount,total,payment,returns,"
    "note,time\n"
)
_CHANGES: Final = (
    "entry,line,clerk,action,product_id,name,price,quantity_change,categories,reorder_level,barcodes,cost,note,"
    "time\n"
)
_INVENTORY: Final = "id,name,price,quantity,categories,reorder_level,barcodes,cost\n"


class Size(NamedTuple):
    """How large a shop is.

    Attributes:
        products: Products in the inventory, 1 or more.
        customers: Customers in their file.
        lines: Lines of `purchases.txt` without the header.
    """

    products: int
    customers: int
    lines: int

    def __str__(self) -> str:
        return f"{self.products:,} products, {self.customers:,} customers, {self.lines:,} lines"


class Goods(NamedTuple):
    """One product, its texts as CSV has them.

    Attributes:
        id: Its id.
        name: Its name, quoted where it must be.
        cents: Its price.
        text: All other fields of a change, from the categories on.
    """

    id: str
    name: str
    cents: int
    text: str


class _Sale(NamedTuple):
    """What a return needs to know of a sale: its id, the customer's fields, and one line of it."""

    sale: str
    buyer: str
    place: int
    quantity: int
    discount: int


def shop(size: Size, seed: int = 1) -> Path:
    """Return the folder of a shop, made when it is asked for first and kept for other runs.

    Nobody may write into it: work on a copy.
    """
    root = Path(gettempdir()) / f"tracker-benchmarks-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.stat().st_uid != os.getuid():
        raise PermissionError(f"{root} belongs to somebody else")
    folder = root / f"shop-{'-'.join(map(str, size))}-{seed}-{_version()}"
    if not folder.exists():
        part = Path(mkdtemp(dir=root))
        try:
            make_shop(part, size, seed)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return folder


def _version() -> str:
    """Return what differs when this module or its words do, so that no old shop is taken for a new one."""
    here = Path(__file__)
    text = here.read_bytes() + here.with_name("words.py").read_bytes()
    return hashlib.sha256(text).hexdigest()[:8]


def make_shop(folder: Path, size: Size, seed: int = 1) -> None:
    """Write the files of a shop into an empty folder.

    Args:
        folder: The folder; it is there already.
        size: How large.
        seed: Another number makes another shop.
    """
    dice = random.Random(seed)
    goods = list(islice(_goods(dice), size.products))
    buyers = _write_customers(folder, size.customers, dice)
    history = _History(dice, goods, buyers)
    history.write_purchases(folder / "purchases.txt", size.lines)
    shelf = [dice.randrange(60) for _ in goods]
    history.write_changes(folder / "changes.txt", shelf)
    _write_inventory(folder / "inventory.txt", history, shelf)


def product_name(place: int) -> str:
    """Return the name of the product in a place of the inventory, from 0."""
    return _name_of(place)[0]


def product_id(place: int) -> str:
    """Return the id of the product in a place of the inventory, from 0."""
    return f"{100_001 + place}"


def _name_of(place: int) -> tuple[str, str, str]:
    """Return a product's name, its department and its kind: each place another name, up to 960,000 of them."""
    departments = list(DEPARTMENTS)
    place, department_at = divmod(place, len(departments))
    department = departments[department_at]
    listed = DEPARTMENTS[department].split(",")
    place, good_at = divmod(place, len(listed))
    place, kind_at = divmod(place, len(KINDS))
    place, size_at = divmod(place, len(SIZES))
    more, maker_at = divmod(place, len(MAKERS))
    # Shifted, so that a small shop has all kinds as well.
    kind = KINDS[(kind_at + good_at + 3 * department_at) % len(KINDS)]
    size = SIZES[(size_at + good_at + 5 * department_at) % len(SIZES)]
    maker = MAKERS[(maker_at + good_at + 7 * department_at) % len(MAKERS)]
    parts = [listed[good_at], kind, size, maker]
    return " ".join([*parts, *([str(more + 1)] if more else [])]), department, kind


def _goods(dice: random.Random) -> Iterator[Goods]:
    place = 0
    while True:
        name, department, kind = _name_of(place)
        cents = 5 * int(10 + 400 * dice.random() ** 3)
        categories = "|".join(sorted({department, ALSO_IN.get(kind, department)}))
        level = str(dice.randrange(3, 9)) if dice.random() < 0.6 else ""
        code = _barcode(place) if dice.random() < 0.5 else ""
        cost = _money(cents * dice.randrange(50, 75) // 100) if dice.random() < 0.5 else ""
        yield Goods(product_id(place), _csv(name), cents, f"{_csv(categories)},{level},{code},{cost}")
        place += 1


def _barcode(number: int) -> str:
    """Return an EAN-13 code of the range 20, which is for a shop's own use."""
    digits = f"20{number:010d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f"{digits}{-(odd + 3 * even) % 10}"


def _csv(text: str) -> str:
    """Return a field as CSV has it."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="").writerow([text, ""])
    return buffer.getvalue()[:-1]


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _write_customers(folder: Path, count: int, dice: random.Random) -> list[str]:
    """Write `customers.txt`; return the two fields that name each in a purchase."""
    buyers: list[str] = []
    first_names, last_names = FIRST_NAMES.split(), LAST_NAMES.split()
    with (folder / "customers.txt").open("w", encoding="utf-8", newline="") as file:
        file.write("id,name,phone,email,note\n")
        for number in range(1, count + 1):
            name = f"{dice.choice(first_names)} {dice.choice(last_names)}"
            phone = f"555-{dice.randrange(10_000):04d}" if dice.random() < 0.7 else ""
            email = f"customer{number}@example.com" if dice.random() < 0.4 else ""
            buyers.append(f"C{number:04d},{name}")
            file.write(f"{buyers[-1]},{phone},{email},\n")
    return buyers


class _History:
    """Three years of a shop, entry by entry; entry 1 is the import of all products.

    Attributes:
        sold: Pieces sold less those that came back, by place of the product.
        gross: Pieces sold, whatever came back.
        deliveries: Entry, place, pieces and time of each delivery.
        last: Number of the last entry.
    """

    def __init__(self, dice: random.Random, goods: list[Goods], buyers: list[str]) -> None:
        self.dice = dice
        self.goods = goods
        self.buyers = buyers
        self.sold = [0] * len(goods)
        self.gross = [0] * len(goods)
        self.deliveries: list[tuple[int, int, int, str]] = []
        self.last = 1
        self._recent: list[_Sale] = []
        self._shelf_order = list(range(len(goods)))
        dice.shuffle(self._shelf_order)

    def write_purchases(self, path: Path, lines: int) -> None:
        """Write the sales and returns, and decide on the deliveries between them."""
        sizes = self._sizes(lines)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(_PURCHASES)
            texts: list[str] = []
            for number, when in enumerate(_times(len(sizes))):
                if number % _SALES_FOR_A_DELIVERY == _SALES_FOR_A_DELIVERY - 1:
                    self._deliver(when)
                self.last += 1
                back = number % _BETWEEN_RETURNS == _BETWEEN_RETURNS - 1 and sizes[number] == 1
                texts.append(self._give_back(when) if back else self._sell(sizes[number], when))
                if len(texts) >= _CHUNK:
                    file.write("".join(texts))
                    texts.clear()
            file.write("".join(texts))

    def _sizes(self, lines: int) -> list[int]:
        """Return how many lines each entry has; they add up to `lines`."""
        sizes: list[int] = []
        left = lines
        while left:
            wanted = self.dice.choice(_LINES_OF_A_SALE)
            if len(sizes) % _BETWEEN_RETURNS == _BETWEEN_RETURNS - 1:
                wanted = 1
            sizes.append(min(wanted, left))
            left -= sizes[-1]
        return sizes

    def _sell(self, size: int, when: str) -> str:
        random_ = self.dice.random
        fate = random_()
        buyer = self.buyers[int(random_() * len(self.buyers))] if self.buyers and fate < 0.6 else ","
        sale = self._sale_id(when)
        head = f"{CLERKS[self.last % 3]},{sale},{buyer}"
        tail = f"{'card' if fate < 0.4 else 'cash'},,,{when}\n"
        texts: list[str] = []
        for line in range(1, size + 1):
            # The square makes some products sell often and most of them seldom.
            place = self._shelf_order[int(len(self.goods) * random_() ** 2)]
            goods = self.goods[place]
            quantity = 1 if random_() < 0.7 else 2 + int(random_() * 3)
            discount = 5 if random_() < 0.02 else 0
            self.sold[place] += quantity
            self.gross[place] += quantity
            total = goods.cents * quantity - discount
            texts.append(
                f"{self.last},{line}/{size},{head},{goods.id},{goods.name},{quantity},{_money(goods.cents)},"
                f"{_money(discount)},{_money(total)},{tail}"
            )
        self._recent.append(_Sale(sale, buyer, place, quantity, discount))
        return "".join(texts)

    def _give_back(self, when: str) -> str:
        """Take the last line of one of the latest sales back, at the price that was paid."""
        sale, buyer, place, quantity, discount = self.dice.choice(self._recent)
        self._recent.clear()
        goods = self.goods[place]
        self.sold[place] -= quantity
        total = goods.cents * quantity - discount
        return (
            f"{self.last},1/1,{CLERKS[self.last % 3]},{self._sale_id(when)},{buyer},{goods.id},{goods.name},"
            f"{-quantity},{_money(goods.cents)},{_money(-discount)},{_money(-total)},cash,{sale},not needed,{when}\n"
        )

    def _sale_id(self, when: str) -> str:
        """Return an id: an odd factor makes another 32-bit number of each entry."""
        day, time = when[2:10].replace("-", ""), when[11:19].replace(":", "")
        return f"{day}-{time}-{self.last * 2654435761 & 0xFFFFFFFF:08x}"

    def _deliver(self, when: str) -> None:
        self.last += 1
        place = self.dice.randrange(len(self.goods))
        self.deliveries.append((self.last, place, self.dice.randrange(6, 25), when))

    def write_changes(self, path: Path, shelf: list[int]) -> None:
        """Write the import of all products, each with what will be sold and what is to be left, and the deliveries."""
        count = len(self.goods)
        start = f"{FIRST_DAY - timedelta(days=1)}T08:00:00{_ZONE}"
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(_CHANGES)
            for place, goods in enumerate(self.goods):
                opening = self.gross[place] + shelf[place]
                file.write(
                    f"1,{place + 1}/{count},amal,import,{_changed(goods, opening)},opening stock,{start}\n"
                )
            for entry, place, pieces, when in self.deliveries:
                file.write(
                    f"{entry},1/1,jonas,receive,{_changed(self.goods[place], pieces)},delivery,{when}\n"
                )

    def stock(self, shelf: list[int]) -> list[int]:
        """Return what there is of each product after all entries."""
        stock = [left + self.gross[place] - self.sold[place] for place, left in enumerate(shelf)]
        for _, place, pieces, _ in self.deliveries:
            stock[place] += pieces
        return stock


def _changed(goods: Goods, pieces: int) -> str:
    return f"{goods.id},{goods.name},{_money(goods.cents)},{pieces},{goods.text}"


def _write_inventory(path: Path, history: _History, shelf: list[int]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# tracker inventory 1, as of entry {history.last}\n{_INVENTORY}")
        for goods, quantity in zip(history.goods, history.stock(shelf), strict=True):
            file.write(f"{goods.id},{goods.name},{_money(goods.cents)},{quantity},{goods.text}\n")
        file.write("# end of inventory\n")


def _times(count: int) -> Iterator[str]:
    """Yield `count` moments, spread evenly over the hours in which the shop is open, earliest first."""
    days = (LAST_DAY - FIRST_DAY).days + 1
    texts = [(FIRST_DAY + timedelta(days=number)).isoformat() for number in range(days)]
    for number in range(count):
        day, part = divmod(number * days, count)
        second = _OPENING_S + part * _OPEN_S // count
        yield f"{texts[day]}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}{_ZONE}"
