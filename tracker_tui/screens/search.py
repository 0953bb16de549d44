"""Search: the categories with their counts, and beside them the products in those that are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.getters import query_one
from textual.message import Message

from tracker_tui.messages import AddToBasket, MovementsWanted, ShowProduct
from tracker_tui.model.finding import product_index
from tracker_tui.model.queries import categories_like, in_categories
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import join_set
from tracker_tui.model.state import Snapshot
from tracker_tui.screens.product_columns import product_columns
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.spare_time import SpareTime
from tracker_tui.widgets.table_columns import GUTTER
from tracker_tui.widgets.told import Told

_NO_PRODUCTS = "No products yet.\n\nF2, then a adds the first one."
_NO_HIT = "No product has all these words,\nnor is in a category that has them."
_IN_NONE = "No product is in all of these categories.\n\nm shows those in any of them."
_NO_CATEGORY = "No categories yet."
_NO_SUCH_CATEGORY = "None has these words."


class Category(NamedTuple):
    """One row of the list of categories.

    Attributes:
        name: The category.
        size: How many products stand in it.
    """

    name: str
    size: int


class CategoryTable(RecordTable[Category]):
    """The categories: a click anywhere on one chooses it, Right goes on to the products."""

    HELP = """\
## Categories

Space, Enter or a click chooses a category, and again: not. `m` switches between products in **any** of the
chosen categories and products in **all** of them. Right and Tab go to the products.
"""

    def on_click(self, event: events.Click) -> None:
        """Choose the category that was clicked; its edge and the header are the table's own."""
        at = event.get_content_offset(self)
        if at is None or event.button != 1 or at.y == 0 or at.x < GUTTER:
            return
        event.stop()
        event.prevent_default()
        index = self.scroll_offset.y + at.y - 1
        if index < len(self.rows):
            self.go_to(self.rows[index].name)
            self.toggle()

    def toggle(self) -> None:
        """Choose the category under the cursor, or not any more."""
        if (key := self.cursor_key) is not None:
            self._set_marked(self._marked ^ {key})
            self._repaint()

    def action_scroll_right(self) -> None:
        """Go to the products, unless there is more of this table on the right."""
        if self.scroll_offset.x < self.max_scroll_x:
            super().action_scroll_right()
        else:
            self.screen.focus_next(RecordTable)


class ResultTable(RecordTable[Product]):
    """The products found: Left goes back to the categories."""

    def action_scroll_left(self) -> None:
        """Go to the categories, unless there is more of this table on the left."""
        if self.scroll_offset.x > 0:
            super().action_scroll_left()
        else:
            self.screen.focus_previous(RecordTable)


class ChoiceLine(Told):
    """Says in words what the products shown have in common; a click switches between any and all."""

    @dataclass
    class Clicked(Message):
        """Somebody clicked the line."""

    def on_click(self) -> None:
        """Pass the click on."""
        self.post_message(self.Clicked())


class SearchScreen(ShopScreen):
    """Words above, categories on the left, products on the right."""

    MODE = "search"
    TITLE = "Search"
    HELP = """\
# Search

Type any keyword or part of a category: the list on the left keeps the categories that have all the words. While
no category is chosen, the products are those in such a category and those that have the words themselves, in
name, id, barcode or your own columns. Once one or several are **chosen** (Space or a click), the products are
those in **any** of them, or with `m` those in **all** of them.

Enter on a product goes to it, `b` puts one piece into the basket, `w` shows what became of it. Escape takes the
words away, then the choice.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "words", "Words", id="search.words", tooltip="Type words to search for"),
        Binding(
            "m", "match", "Any/all", id="search.match", tooltip="In any or in all of the chosen categories"
        ),
        Binding(
            "w", "movements", "Movements", id="search.movements", tooltip="What became of it", show=False
        ),
        Binding("b", "basket", "Basket", id="search.basket", tooltip="Put one piece into the basket"),
        Binding("escape", "clear", "Clear", id="search.clear", tooltip="Clear the words, then the choice"),
    ]

    words = query_one(FilterLine)
    categories = query_one("#categories", CategoryTable)
    results = query_one("#results", ResultTable)

    def __init__(self) -> None:
        super().__init__()
        self._index = product_index()
        self._spare_time = SpareTime()
        self._settings: Settings | None = None
        self._every = False
        self._filled_for = ""

    def compose_body(self) -> ComposeResult:
        """Lay out the words, what is chosen, and the two tables."""
        yield FilterLine("Search", "a keyword, or part of a category")
        yield ChoiceLine(id="choice")
        with Horizontal(id="search-tables"):
            yield CategoryTable(_CATEGORY_COLUMNS, lambda row: row.name, empty=_NO_CATEGORY, id="categories")
            yield ResultTable(
                product_columns(Settings()), lambda product: product.id, empty=_NO_PRODUCTS, id="results"
            )
        yield Told(id="search-details")

    def on_mount(self) -> None:
        """Begin where one types."""
        super().on_mount()
        self.words.field.focus()

    def show_shop(self, shop: Snapshot) -> None:
        """Show the categories and products as they are now."""
        if shop.settings != self._settings:
            self._settings = shop.settings
            self.results.set_columns(product_columns(shop.settings))
        self._index.update(shop.products)
        self._fill()

    def go_to(self, category: str) -> None:
        """Choose one category and no other."""
        self._show_if_new()
        self.words.clear()
        self.categories.clear_marks()
        self._fill()
        if self.categories.go_to(category):
            self.categories.toggle()
        self.categories.focus()

    # What is shown

    def _fill(self, *, top: bool = False) -> None:
        """Show what the words and the choice give; every key in the words comes here."""
        shop, sizes = self.snapshot, self.snapshot.goods.sizes
        self._filled_for = self.words.text
        chosen = self.categories.marked & sizes.keys()
        self.categories.say_when_empty(_NO_SUCH_CATEGORY if sizes else _NO_CATEGORY)
        listed = {*categories_like(shop, self.words.text), *chosen}
        self.categories.show([Category(name, size) for name, size in sizes.items() if name in listed])
        self._fill_results(top=top)

    def _fill_results(self, *, top: bool = False) -> None:
        """Show the products in the chosen categories; where none is chosen, those with all the words.

        The names of its categories are part of a product's text, so those in a matching category are among
        them.
        """
        shop = self.snapshot
        chosen = self.categories.marked
        if chosen:
            rows = in_categories(shop, chosen, every=self._every)
        else:
            rows = self._index.matching(self.words.text)
        if shop.products:
            self.results.say_when_empty(_IN_NONE if chosen else _NO_HIT)
        else:
            self.results.say_when_empty(_NO_PRODUCTS)
        self.results.show(rows, top=top)
        self.words.count(len(rows), len(shop.products))
        self._say_choice()
        self._show_details()

    def _say_choice(self) -> None:
        chosen = sorted(self.categories.marked, key=lambda name: (name.casefold(), name))
        line = self.query_one("#choice", ChoiceLine)
        line.set_class(bool(chosen), "-chosen")
        names = ", ".join(chosen)
        here, there = ("all", "any") if self._every else ("any", "all")
        if not chosen:
            text = f"No category chosen; Space chooses. Of several: in {here} of them (m: in {there})"
        elif len(chosen) == 1:
            text = f"In {names}"
        else:
            text = f"In {here.upper()} of (m: in {there} of): {names}"
        line.tell(text)

    def _show_details(self) -> None:
        product = self.results.row
        parts: list[str] = []
        if product is not None:
            parts = [product.name, join_set(product.categories, ", ") or "in no category"]
        self.query_one("#search-details", Told).tell("  ·  ".join(parts))

    @on(FilterLine.Changed)
    def _search(self) -> None:
        if self.words.text != self._filled_for:
            self._fill(top=True)
            self._spare_time.use(self._index.get_ahead(), self._index.let_go)

    @on(FilterLine.Left)
    def _leave_words(self) -> None:
        (self.categories if self.categories.row_count else self.results).focus()

    @on(RecordTable.Marked, "#categories")
    def _choose_other(self) -> None:
        self._fill(top=True)

    @on(RecordTable.Chosen, "#categories")
    def _choose_category(self) -> None:
        self.categories.toggle()

    @on(RecordTable.Highlighted, "#results")
    def _highlight(self) -> None:
        self._show_details()

    @on(RecordTable.Chosen, "#results")
    def _choose_product(self, event: RecordTable.Chosen) -> None:
        self.post_message(ShowProduct(event.key))

    @on(ChoiceLine.Clicked)
    def _click_choice(self) -> None:
        self.action_match()

    def action_words(self) -> None:
        """Go to the words."""
        self.words.field.focus()

    def action_match(self) -> None:
        """Switch between any and all of the chosen categories."""
        self._every = not self._every
        self._fill_results(top=True)

    def action_movements(self) -> None:
        """Show what became of the product under the cursor."""
        product = self.results.row
        if product is not None:
            self.post_message(MovementsWanted(product.id))

    def action_basket(self) -> None:
        """Put a piece of the product under the cursor into the basket."""
        product = self.results.row
        if product is not None and self.may_change():
            self.post_message(AddToBasket(product.id))

    def action_clear(self) -> None:
        """Take the words away; where there are none, the choice."""
        if self.words.text:
            self.words.clear()
        else:
            self.categories.clear_marks()


_CATEGORY_COLUMNS = [
    Column[Category](
        "name", "Category", 12, lambda row: row.name, flex=1, sort=lambda row: row.name.casefold()
    ),
    Column[Category](
        "count",
        "Count",
        5,
        lambda row: f"{row.size:,}",
        "right",
        sort=lambda row: row.size,
        plain=lambda row: row.size,
    ),
]
