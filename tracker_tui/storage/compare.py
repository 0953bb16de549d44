"""Where `inventory.txt` may differ from the logs, found without a replay of all entries.

A row that stands in the file just as it stood when file and logs agreed, and that no entry has touched
since, agrees still. Only the other rows are looked at, against the products of now led back to the entry that
the file counts up to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from tracker_tui.model.ledger import Ledger
from tracker_tui.model.records import Change, Entry, Product, Purchase
from tracker_tui.model.state import apply
from tracker_tui.storage.table import Table
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final


def other_ids(known: Table[Product], table: Table[Product]) -> set[str]:
    """Return the ids whose lines are not the same in two files, or stand in one of them only."""
    ids: set[str] = set()
    before, after = (set(t.rows.data.split(b"\n")) for t in (known, table))
    for read, lines in ((known, before - after), (table, after - before)):
        for raw in lines:
            if read.columns == table.columns and not raw.lstrip().startswith((b"#", b'"#')):
                ids |= _id_of(read, raw)
    if known.columns != table.columns or known.delimiter != table.delimiter:
        return {*known.rows, *table.rows}
    return ids


def _id_of(table: Table[Product], raw: bytes) -> set[str]:
    try:
        return {table.decode(raw).id}
    except ValueError:
        return set()


def other_lines(one: bytes, other: bytes, ids: Iterable[str]) -> tuple[bytes, bytes]:
    """Return two tables without what need not be compared: the rows that stand in both, word for word.

    A product that has another line as well, further up or down, may only seem to differ then.

    Args:
        one: A table as the program writes it.
        other: Another of the same kind.
        ids: Products whose rows stay.
    """
    lines = one.split(b"\n"), other.split(b"\n")
    headers = [next((line for line in of if not line.startswith(b"#")), b"") for of in lines]
    if headers[0] != headers[1] or not headers[0].startswith(b"id,"):
        return one, other
    stay = {product_id.encode() for product_id in ids}
    both = {*lines[0]}.intersection(lines[1])
    both = {
        line
        for line in both
        if line[:1] not in _MAY_BE_NO_ROW and (not stay or line.partition(b",")[0].strip() not in stay)
    }
    both.discard(headers[0])
    kept = (b"\n".join([line for line in of if line not in both]) for of in lines)
    return next(kept), next(kept)


_MAY_BE_NO_ROW: Final = frozenset([b"", *(b"%c" % mark for mark in b'#" \t\v\f\r')])
"""How lines begin that may be comments, or of a product whose id is not what stands first."""


def touched_ids(entries: Iterable[Entry]) -> set[str]:
    """Return the products that some entries touch."""
    return {line.product_id for entry in entries for line in entry.lines if line.product_id}


class Known(NamedTuple):
    """An inventory file that was compared with the logs.

    Attributes:
        table: The file.
        number: The entry as of which it was compared.
        differing: The products in which it differs, as the logs have them; None = they have no such product.
    """

    table: Table[Product]
    number: int
    differing: Mapping[str, Product | None]

    def product(self, product_id: str) -> Product | None:
        """Return a product as the logs have it after the entry."""
        if product_id in self.differing:
            return self.differing[product_id]
        return self.table.rows.get(product_id)


def differing(known: Known, ledger: Ledger, table: Table[Product], number: int) -> dict[str, Product | None]:
    """Return the products in which a file differs from the logs, as `Known` has them.

    Args:
        known: A file that was compared before, maybe as of another entry.
        ledger: All entries.
        table: The file.
        number: The entry that it counts up to.
    """
    low, high = min(known.number, number), max(known.number, number)
    between = list(takewhile(lambda entry: entry.entry <= high, ledger.since(low)))
    ids = frozenset(other_ids(known.table, table) | known.differing.keys() | touched_ids(between))
    then = {key: product for key in ids if (product := known.product(key)) is not None}
    if number >= known.number:
        for entry in between:
            apply(then, entry)
        state: Mapping[str, Product | None] = then
    else:
        state = _led_back(then, ledger, number, between, ids)
    order = known.table.rows
    there = sorted(ids, key=lambda key: (order.length if (at := order.place(key)) is None else at, key))
    return {key: state.get(key) for key in there if state.get(key) != table.rows.get(key)}


def _led_back(
    now: Mapping[str, Product], ledger: Ledger, number: int, later: Sequence[Entry], ids: frozenset[str]
) -> dict[str, Product | None]:
    """Return some products as they were after an entry, before the later ones."""
    changed = ids & touched_ids(entry for entry in later if isinstance(entry, Change))
    fields = ledger.fields_before(number + 1, changed) if changed else {}
    back = _gained_back(later, now, ids)
    found: dict[str, Product | None] = {}
    for product_id in ids:
        product = fields.get(product_id) if product_id in changed else now.get(product_id)
        found[product_id] = product._replace(quantity=back[product_id]) if product is not None else None
    return found


def _gained_back(later: Sequence[Entry], now: Mapping[str, Product], ids: frozenset[str]) -> dict[str, int]:
    """Return the quantities before some entries, going back through them."""
    quantities: dict[str, int] = {}
    there: set[str] = set()
    for product_id in ids:
        product = now.get(product_id)
        quantities[product_id] = product.quantity if product is not None else 0
        if product is not None:
            there.add(product_id)
    for entry in reversed(later):
        if isinstance(entry, Purchase):
            for sold in entry.lines:
                if sold.product_id in there:
                    quantities[sold.product_id] += sold.quantity
            continue
        for line in reversed(entry.lines):
            if line.product_id in ids:
                quantities[line.product_id] -= line.quantity_change
                there.add(line.product_id)
    return quantities
