"""Who bought: how many people they are, and what they are called now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import compress

from tracker_tui.model.records import Customer, Purchase
from tracker_tui.model.shelf import Shelf
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tracker_tui.model.state import Snapshot
    from tracker_tui.model.sums import Turn
    from tracker_tui.model.tally import Tally

_MANY_PEOPLE: Final = 1_000
"""Where so many names must be looked up, those of all customers are looked through."""


class _Names(NamedTuple):
    """What customers of a shelf are called, by id, as far as that was looked up."""

    shelf: Shelf[Customer]
    by_id: Mapping[str, str]


def names_now(
    customers: Mapping[str, Customer], people: Collection[str], called: Callable[[], Mapping[str, str]]
) -> set[str]:
    """Return what people are called now; of few what was looked up before is kept until the customer changes.

    Args:
        customers: All customers by id.
        people: Their ids, or their names where they have none.
        called: Tells what each was called when they bought.
    """
    if not isinstance(customers, Shelf):
        return _looked_up(customers, people, called, {})
    known: dict[str, str] = {}
    last = customers.trail.kept.get(_Names)
    changes = customers.changes_since(last.shelf) if isinstance(last, _Names) else None
    if isinstance(last, _Names) and changes is not None:
        known = dict(last.by_id)
        for row in (shelf.row(place) for place in changes for shelf in (last.shelf, customers)):
            if row is not None:
                known.pop(row.id, None)
    if len(people) - len(known) > _MANY_PEOPLE:
        return _looked_through(customers, people, called)
    names = _looked_up(customers, people, called, known)
    customers.trail.kept[_Names] = _Names(customers, known)
    return names


def _looked_up(
    customers: Mapping[str, Customer],
    people: Collection[str],
    called: Callable[[], Mapping[str, str]],
    known: dict[str, str],
) -> set[str]:
    """Return the names of some people, looking each up that is not known yet."""
    for key in people:
        if key not in known and (customer := customers.get(key)) is not None:
            known[key] = customer.name
    names = {known[key] for key in people if key in known}
    others = [key for key in people if key not in known]
    if others:
        was = called()
        names.update(was.get(key, key) for key in others)
    return names


def _looked_through(
    customers: Shelf[Customer], people: Collection[str], called: Callable[[], Mapping[str, str]]
) -> set[str]:
    """Return the names of many people, looking through all customers instead of keeping who is who."""
    names: set[str] = set()
    found = 0
    for _, keys, those in customers.named_parts():
        bought = list(map(people.__contains__, keys))
        names.update(compress(those, bought))
        found += bought.count(True)
    if found < len(people):
        was = called()
        there = {key for _, keys, _ in customers.named_parts() for key in keys}
        names.update(was.get(key, key) for key in people if key not in there)
    return names


_SHARES: Final = 4
"""In so many rounds different names are counted, each of which keeps so small a part of them."""


def count_people(customers: Shelf[Customer], tally: Tally, turn: Turn) -> tuple[int, int]:
    """Return how many people bought, and how many different names they have now, holding as little as possible.

    It takes several times as long as to hold who they are.
    """
    bought = bytearray(customers.rows.length + len(customers.new))
    others = dict(tally.people)
    for keys, sales in tally.earlier():
        turn()
        for who, count in zip(keys, sales, strict=True):
            place = customers.place(who) if count and who not in tally.people else None
            if place is not None and customers.changed.get(place, who) is not None:
                bought[place] = 1
            elif count:
                others[who] = others.get(who, 0) + count
    others = {who: count for who, count in others.items() if count > 0}
    more = names_now(customers, others, tally.called)
    different = 0
    for share in range(_SHARES):
        names = {name for name in more if hash(name) % _SHARES == share}
        for places, _, called in customers.named_parts():
            turn()
            those = compress(called, map(bought.__getitem__, places))
            names.update([name for name in those if hash(name) % _SHARES == share])
        different += len(names)
    return bought.count(1) + len(others), different


def same_people(before: Snapshot, now: Snapshot) -> bool:
    """Tell whether those who have bought by now are those who had bought before, and are called as then.

    It costs little, and may say no where they are.
    """
    was, customers = before.customers, now.customers
    entries = now.ledger.added_since(before.ledger)
    if entries is None or not isinstance(was, Shelf) or not isinstance(customers, Shelf):
        return False
    changes = customers.changes_since(was)
    if changes is None or any(entry.undoes is not None for entry in entries):
        return False
    if any(_name(was.row(place)) != _name(customers.row(place)) for place in changes):
        return False
    named = (
        entry for entry in entries if isinstance(entry, Purchase) and (entry.customer_id or entry.customer)
    )
    return all(
        entry.customer_id in customers and before.ledger.bought(entry.customer_id).purchases
        for entry in named
    )


def _name(customer: Customer | None) -> str | None:
    return customer.name if customer is not None else None
