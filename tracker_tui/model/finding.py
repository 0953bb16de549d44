"""Finding products by words."""

from __future__ import annotations

from tracker_tui.model.goods import PRODUCT_SORTS, product_text
from tracker_tui.model.records import Product
from tracker_tui.model.text_index import TextIndex


def product_index() -> TextIndex[Product]:
    """Return what finds products by words."""
    return TextIndex(product_text, PRODUCT_SORTS)
