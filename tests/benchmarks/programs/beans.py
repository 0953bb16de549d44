"""A peer: what a journal of beancount comes to, by account. Prints the money that came in."""

from __future__ import annotations

import sys
from decimal import Decimal

from beancount import loader
from beancount.core.data import Transaction

if __name__ == "__main__":
    entries, errors, _ = loader.load_file(sys.argv[1])
    assert not errors, errors[:3]
    total = Decimal(0)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                if posting.account == "Assets:Till" and posting.units is not None:
                    total += posting.units.number or 0
    print(total)
