"""The lines of the entry that takes many products in."""

from __future__ import annotations

from collections.abc import Sequence

from tracker_tui.errors import FieldProblem, check
from tracker_tui.model.edits import clean_product
from tracker_tui.model.goods import Goods
from tracker_tui.model.many_products import SoundLines, SoundProducts, change_lines, columns_of, pieces_of
from tracker_tui.model.records import ChangeLine, Product
from tracker_tui.model.rules import product_problems
from tracker_tui.model.soundness import Soundness, codes_of
from tracker_tui.model.state import difference


def import_lines(goods: Goods, products: Sequence[Product], decimals: int) -> Sequence[ChangeLine]:
    """Return what an import of products changes: new ones are added, known ones become as given.

    Args:
        goods: The products of now.
        products: Those that are taken in.
        decimals: The shop's decimals.

    Raises:
        Invalid: One of them cannot be taken, or stands there twice; the field names it.
    """
    if isinstance(products, SoundProducts) and products.fit(goods.shelf, decimals):
        sound = _lines_of_sound(goods, products)
        if sound is not None:
            return sound
    taking_in = _TakingIn(goods, products, decimals)
    for piece in pieces_of(products):
        if not taking_in.take_sound(piece):
            taking_in.all_sound = False
            for product in piece:
                taking_in.take(product)
    check(taking_in.problems)
    return SoundLines(taking_in.lines, decimals) if taking_in.all_sound else taking_in.lines


def _lines_of_sound(goods: Goods, products: SoundProducts) -> SoundLines | None:
    """Return what an import of products changes that were judged already; None where there are own columns."""
    lines: list[ChangeLine] = []
    for piece in pieces_of(products):
        columns = columns_of(piece)
        before = goods.shelf.some(columns.ids)
        if any(was is not None and was.extra for was in before):
            return None
        lines += change_lines(columns, [0 if was is None else was.quantity for was in before])
    return SoundLines(lines, products.decimals)


class _TakingIn:
    """One pass over the products."""

    def __init__(self, goods: Goods, products: Sequence[Product], decimals: int) -> None:
        self.lines: list[ChangeLine] = []
        self.problems: list[FieldProblem] = []
        self.all_sound = True
        self._now = goods.shelf
        self._decimals = decimals
        has_codes = any(product.barcodes for product in products)
        self._owners = dict(goods.barcodes.items()) if has_codes else {}
        self._is_sound = Soundness(self._owners, decimals)
        self._met: set[str] = set()

    def take_sound(self, products: Sequence[Product]) -> bool:
        """Take products of which each surely is sound; False = nothing was taken."""
        columns = columns_of(products)
        ids = set(columns.ids) if self._is_sound.of_all(columns) else set()
        codes = codes_of(columns)
        if len(ids) < len(products) or not self._met.isdisjoint(ids) or codes is None:
            return False
        before = self._now.some(columns.ids)
        if any(was is not None and was.extra for was in before):
            return False
        lines = change_lines(columns, [0 if was is None else was.quantity for was in before])
        both = zip(lines, products, before, strict=True)
        self.lines += [line for line, product, was in both if product != was]
        self._met |= ids
        self._owners.update(codes)
        return True

    def take(self, product: Product) -> None:
        """Take one product, or say what is wrong with it."""
        sound = self._is_sound(product)
        found = () if sound else product_problems(product, (), self._owners, self._decimals)
        self.problems += [FieldProblem(f"{product.id} {p.field}", p.reason) for p in found]
        if found:
            return
        for code in product.barcodes:
            self._owners[code] = product.id
        wanted = product if sound else clean_product(product, self._decimals)
        if wanted.id in self._met:
            self.problems.append(FieldProblem(f"{product.id} id", "stands there twice"))
        self._met.add(wanted.id)
        was = self._now.get(wanted.id)
        if wanted != was:
            self.lines.append(difference(was, wanted, wanted.id))
