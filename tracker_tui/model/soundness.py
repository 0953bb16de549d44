"""A quick look at products that come in great numbers: of most it tells at once that nothing is wrong with them.

What it does not call sound may be so nevertheless: then the rules are asked, which take ten times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from unicodedata import is_normalized

from tracker_tui.model.money import MOST_PIECES
from tracker_tui.model.records import Product
from tracker_tui.model.rules import LONGEST_ID, LONGEST_TEXT, MOST_MONEY

_NOT_FIRST: Final = frozenset(" =+-@#")
_LONGEST_PART: Final = 200
_MAPPINGS: Final = (MappingProxyType, dict)


class Soundness:
    """Tells of a product whether nothing is wrong with it and it is as the files hold it.

    Args:
        owners: Product id by barcode, for the codes that are taken; it may grow.
        decimals: The shop's decimals.
    """

    def __init__(self, owners: Mapping[str, str], decimals: int) -> None:
        self._owners = owners
        self._unit = Decimal(1).scaleb(-decimals)
        self._sets: set[frozenset[str]] = {frozenset()}

    def __call__(self, product: Product) -> bool:
        """Tell whether it surely is sound: `product_problems` finds nothing, and `clean_product` changes nothing."""
        product_id, name, price, quantity, categories, reorder_level, barcodes, cost, extra = product
        return (
            not extra
            and type(extra) in _MAPPINGS
            and _is_plain(product_id, LONGEST_ID)
            and _is_plain(name, LONGEST_TEXT)
            and self._is_amount(price)
            and (cost is None or self._is_amount(cost))
            and type(quantity) is type(reorder_level) is int
            and 0 <= quantity <= MOST_PIECES
            and 0 <= reorder_level <= MOST_PIECES
            and type(categories) is type(barcodes) is frozenset
            and (categories in self._sets or self._are_parts(categories))
            and (not barcodes or self._are_codes(barcodes, product_id))
        )

    def _is_amount(self, amount: Decimal) -> bool:
        return (
            type(amount) is Decimal
            and amount.same_quantum(self._unit)
            and not amount.is_signed()
            and amount < MOST_MONEY
        )

    def _are_parts(self, parts: frozenset[str]) -> bool:
        """Tell whether these are names of categories; sets that were seen are known."""
        if not all(_is_plain(part, _LONGEST_PART) and "|" not in part and "," not in part for part in parts):
            return False
        self._sets.add(parts)
        return True

    def _are_codes(self, codes: frozenset[str], product_id: str) -> bool:
        owners = self._owners
        return all(
            type(code) is str
            and code.isascii()
            and code.isalnum()
            and len(code) <= _LONGEST_PART
            and owners.get(code, product_id) == product_id
            for code in codes
        )


def _is_plain(text: str, longest: int) -> bool:
    return (
        type(text) is str
        and 0 < len(text) <= longest
        and text.isprintable()  # No control or invisible character is, and of all blanks only the space.
        and text[0] not in _NOT_FIRST
        and text[-1] != " "
        and (text.isascii() or is_normalized("NFC", text))
    )
