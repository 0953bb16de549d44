"""A quick look at products that come in great numbers: of most it tells at once that nothing is wrong with them.

What it does not call sound may be so nevertheless: then the rules are asked, which take ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain
from types import MappingProxyType
from typing import Final
from unicodedata import is_normalized

from tracker_tui.model.many_products import ProductColumns
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
        self._amounts = re.compile(rf"(?:[0-9]{{1,12}}{rf'[.][0-9]{{{decimals}}}' if decimals else ''}\n)*")
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

    def of_all(self, columns: ProductColumns) -> bool:
        """Tell whether each of some products surely is sound; their codes are not compared with each other.

        Args:
            columns: One or more products.
        """
        ids, names, prices, quantities, categories, reorder_levels, barcodes, costs, extras = columns
        return (
            not any(extras)
            and {*map(type, extras)} <= {*_MAPPINGS}
            and _are_plain(ids, LONGEST_ID)
            and _are_plain(names, LONGEST_TEXT)
            and self._are_amounts(prices)
            and self._are_amounts([cost for cost in costs if cost is not None])
            and _are_counts(quantities)
            and _are_counts(reorder_levels)
            and {*map(type, categories)} == {*map(type, barcodes)} == {frozenset}
            and all(parts in self._sets or self._are_parts(parts) for parts in {*categories})
            and self._are_all_codes(barcodes, ids)
        )

    def _are_amounts(self, amounts: Sequence[Decimal]) -> bool:
        """Tell whether these are amounts: of what is written so, `_is_amount` says so as well."""
        written = "\n".join([*map(str, amounts), ""])
        return {*map(type, amounts)} <= {Decimal} and self._amounts.fullmatch(written) is not None

    def _are_all_codes(self, barcodes: Sequence[frozenset[str]], ids: Sequence[str]) -> bool:
        """Tell whether these are codes that are free, or belong to the products at whose places they stand."""
        codes = list(chain.from_iterable(barcodes))
        if not codes:
            return True
        if {*map(type, codes)} != {str} or not all(codes) or max(map(len, codes)) > _LONGEST_PART:
            return False
        joined, owners = "".join(codes), self._owners
        if not joined.isascii() or not joined.isalnum():
            return False
        if owners.keys().isdisjoint(codes):
            return True
        both = zip(ids, barcodes, strict=True)
        return all(owners.get(code, owner) == owner for owner, taken in both for code in taken)

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


def _are_plain(texts: Sequence[str], longest: int) -> bool:
    """Tell whether `_is_plain` is true of each of some texts."""
    if {*map(type, texts)} != {str} or not all(texts):
        return False
    joined = "".join(texts)
    return (
        max(map(len, texts)) <= longest
        and joined.isprintable()
        and _NOT_FIRST.isdisjoint([text[0] for text in texts])
        and " " not in {text[-1] for text in texts}
        and (joined.isascii() or is_normalized("NFC", "\n".join(texts)))
    )


def _are_counts(numbers: Sequence[int]) -> bool:
    return {*map(type, numbers)} == {int} and min(numbers) >= 0 and max(numbers) <= MOST_PIECES


def codes_of(columns: ProductColumns) -> dict[str, str] | None:
    """Return whose the codes of some products are: ids by code; None where one stands at two of them."""
    owned = zip(columns.ids, columns.barcodes, strict=True)
    pairs = [(code, owner) for owner, codes in owned for code in codes]
    owners = dict(pairs)
    return owners if len(owners) == len(pairs) else None
