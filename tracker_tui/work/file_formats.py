"""What the shop's files hold, told from the tables of columns that write and read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.settings import SETTINGS_FILE, setting_names

_OPENING: Final = """\
All that the shop is lies in its folder, as UTF-8 text: one line a record, fields with commas between them, and the
names of the columns on top. Columns are found by name, so they may stand in any order. A field with a comma in it
stands in quotes, and a quote in it is doubled. Amounts are such as 12.50, days such as 2026-03-31; sets such as
categories have `|` between them. A line that cannot be understood is kept word for word and listed under `!`.
"""
_FILES: Final = {
    INVENTORY.file: """\
The products as they stand. **Edit it as you like**, while the shop sells too: what you save becomes an entry in your
name. The first line says up to which entry the quantities count; leave it as it is, and sales made meanwhile stay
counted. Comments (`#`), the order of the rows and further columns of your own are kept.
""",
    CUSTOMERS.file: """\
The customers, to be edited as the products are. Two people of one name have two ids. Further columns of your own are
kept.
""",
    PURCHASES.file: """\
Every sale and every return, a line a product. **Only the program adds to it**: a line that is changed or taken out here
changes what was sold.
""",
    CHANGES.file: """\
Every other change: products, deliveries, counts, closes of the day, what was undone. **Only the program adds to it.**
""",
}
_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    INVENTORY.file: {
        "id": "your code of the product; no two have the same",
        "name": "what it is called",
        "price": "of one piece",
        "quantity": "pieces in stock, a whole number",
        "categories": "any number, or none",
        "reorder_level": "low at or below; 0 = as tracker.toml says",
        "barcodes": "any number, or none",
        "cost": "what one piece costs the shop; may be empty",
    },
    CUSTOMERS.file: {
        "id": "such as C0001, given by the shop",
        "name": "who it is",
        "phone": "may be empty",
        "email": "may be empty",
        "note": "anything; may be empty",
    },
    PURCHASES.file: {
        "entry": "its number; both logs share one count",
        "line": "such as 1/3: an entry counts when all its lines are there",
        "clerk": "who booked it",
        "sale": "the sale's own id, as on the receipt",
        "customer_id": "who bought; empty = a walk-in",
        "customer": "their name at the time",
        "product_id": "what was sold",
        "product": "its name at the time",
        "quantity": "pieces; below 0 in a return",
        "price": "of one piece",
        "discount": "taken off the line",
        "total": "what the line came to",
        "payment": "cash, card, other or a word of yours; account = owed",
        "returns": "of a return: the sale that it takes back",
        "note": "anything",
        "time": "with the offset from UTC; stands last",
    },
    CHANGES.file: {
        "entry": "its number; both logs share one count",
        "line": "such as 1/3: an entry counts when all its lines are there",
        "clerk": "who did it",
        "action": "add, edit, remove, receive, count, adjust, import, undo …",
        "product_id": "what was changed",
        "name": "as it is after the change, as all that follows",
        "price": "of one piece",
        "quantity_change": "pieces more, or with a minus fewer",
        "categories": "as in the inventory",
        "reorder_level": "as in the inventory",
        "barcodes": "as in the inventory",
        "cost": "as in the inventory",
        "note": "why, who delivered and so on",
        "time": "with the offset from UTC; stands last",
    },
}
_SETTINGS: Final = {
    "shop": "what the shop is called, on receipts",
    "currency": "before amounts; $ unless something else is said",
    "decimals": "of money, 0 to 4; 2 unless something else is said",
    "low_stock": "low at or below, where a product has no level of its own",
    "below_zero": "true: the owner may sell more than there is, with a reason",
    "keys": '[keys]: other keys, such as "products.add" = "n"',
    "tax": "[tax]: the rates, and whether prices hold them",
    "receipt": "[receipt]: the width, what stands above and below, the printer",
}
_OTHERS: Final = {
    "baskets/": "open and parked baskets",
    "counts/ deliveries/": "those that are not booked yet",
    "backups/": "both tables as they were on each of the last 30 days",
    ".tracker/": "what can be made anew from the rest; may be deleted at any time",
    "*.torn": "a last line that a power cut tore off; it was never booked",
}


def file_help() -> tuple[str, Sequence[tuple[str, str, Sequence[tuple[str, str]]]]]:
    """Return what a person may want to know before opening a file of the shop in an editor.

    Returns:
        What holds for all of them; then of each file its name, what it is, and its columns in the order in which
        they are written, each with what stands in it.

    Raises:
        KeyError: A column, or a setting, has no explanation.
    """
    files: list[tuple[str, str, Sequence[tuple[str, str]]]] = []
    for table in (INVENTORY, CUSTOMERS, PURCHASES, CHANGES):
        columns = [(column, _COLUMNS[table.file][column]) for column in table.columns]
        files.append((table.file, _FILES[table.file], columns))
    settings = [(name, _SETTINGS[name]) for name in setting_names()]
    written = "What the shop's people set, if they like: it is read again whenever it is saved."
    files.append((SETTINGS_FILE, written, settings))
    files.append(("Beside them", "", list(_OTHERS.items())))
    return _OPENING, files
