"""The forms that change products: add, edit, receive, count, adjust."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tracker_tui.errors import Clash, Conflict, FieldProblem, Invalid
from tracker_tui.model.acts import Act, AddProduct, Adjust, Count, EditProduct, Receive
from tracker_tui.model.money import parse_count, written
from tracker_tui.model.records import Product
from tracker_tui.model.rules import join_set, parse_product, product_problems, text_problem, with_columns
from tracker_tui.model.scan import Scan
from tracker_tui.model.state import Snapshot
from tracker_tui.screens.form_dialog import FORM_KEYS, FormDialog
from tracker_tui.widgets.form_field import FormField


def _texts(product: Product) -> dict[str, str]:
    """Return the fields of a product as a person types them."""
    return {
        "id": product.id,
        "name": product.name,
        "price": written(product.price),
        "categories": join_set(product.categories, ", "),
        "reorder_level": str(product.reorder_level or ""),
        "barcodes": join_set(product.barcodes, ", "),
        "cost": written(product.cost) if product.cost is not None else "",
        **product.extra,
    }


def _fields(texts: Mapping[str, str], own: Iterable[str], *, new: bool) -> list[FormField]:
    """Return the fields of a product, the shop's own columns behind the others."""
    fields = [
        FormField(
            "id", "Id", texts.get("id", ""), hint="your own code, such as 001", longest=64, locked=not new
        ),
        FormField("name", "Name", texts.get("name", "")),
        FormField("price", "Price", texts.get("price", ""), hint="of one piece, such as 1.50", longest=32),
        FormField("quantity", "Quantity", "", hint="pieces in stock now", longest=16),
        FormField("categories", "Categories", texts.get("categories", ""), hint="with commas between them"),
        FormField(
            "reorder_level",
            "Reorder level",
            texts.get("reorder_level", ""),
            hint="low at or below",
            longest=16,
        ),
        FormField("barcodes", "Barcodes", texts.get("barcodes", ""), hint="scan, or type with commas"),
        FormField("cost", "Cost", texts.get("cost", ""), hint="what a piece costs you", longest=32),
        *(FormField(column, column, texts.get(column, "")) for column in own),
    ]
    return fields if new else [field for field in fields if field.key != "quantity"]


class _WithBarcodes(FormDialog):
    """A form of a product: what is scanned while it is open goes to its barcodes, wherever the focus is."""

    def take_scan(self, scan: Scan) -> bool:
        """Add a code to the barcodes, unless it stands there; whose it is already is said under the field."""
        field = self.field("barcodes")
        codes = [code.strip() for code in field.value.split(",") if code.strip()]
        if scan.code not in codes:
            field.value = ", ".join([*codes, scan.code])
        return True


class AddProductForm(_WithBarcodes):
    """Takes a new product in.

    Args:
        own: The shop's own columns.
        code: A barcode that nobody knew, to begin with.
    """

    HELP = f"""\
# New product

An id, a name, a price and a quantity; all else may stay empty. The id is any short code of your own. What is scanned
while the form is open is a barcode of the product. A category is made by writing it.

{FORM_KEYS}
"""

    def __init__(self, own: Iterable[str], code: str = "") -> None:
        super().__init__("New product", _fields({"barcodes": code}, own, new=True))

    def make_act(self, typed: Mapping[str, str]) -> Act:
        """Return the act that adds what is typed."""
        fields, problems = parse_product(
            {**typed, "quantity": typed["quantity"].strip() or "0"}, self.shop.settings
        )
        if problems:
            checked = {problem.field for problem in problems}
            problems += tuple(p for p in _text_problems(typed, self.shop) if p.field not in checked)
            raise Invalid(problems)
        product = Product(**fields)  # type: ignore[arg-type]
        problems = product_problems(
            product, self.shop.products, self.shop.barcodes, self.shop.settings.decimals
        )
        if problems:
            raise Invalid(problems)
        return AddProduct(product)


def _text_problems(typed: Mapping[str, str], shop: Snapshot) -> list[FieldProblem]:
    """Say what is wrong with the texts while the numbers cannot be read yet."""
    problems = [FieldProblem(field, text_problem(typed[field], required=True)) for field in ("id", "name")]
    if typed["id"].strip() in shop.products:
        problems.append(FieldProblem("id", f"{typed['id'].strip()} is taken already; choose another"))
    return [problem for problem in problems if problem.reason]


class EditProductForm(_WithBarcodes):
    """Changes fields of a product.

    Only those that were changed are sent, so that two editors do not undo each other; where both changed the
    same one, both values are shown.

    Args:
        product: The product as it is.
        own: The shop's own columns; those that the product has are there in any case.
    """

    HELP = f"""\
# Edit a product

Only the fields that you change are changed, so that two people who edit one product do not undo each other. The
quantity is none of them: receive, count or adjust it, so that it is known why it changed. What is scanned is a barcode.

{FORM_KEYS}
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "take_theirs", "Take theirs", id="product.take_theirs"),
    ]

    def __init__(self, product: Product, own: Iterable[str]) -> None:
        hint = f"In stock: {product.quantity}. Receive (i) or count (c) changes that."
        columns = dict.fromkeys((*own, *product.extra))
        super().__init__(f"Edit {product.name}", _fields(_texts(product), columns, new=False), hint)
        self._was = product
        self._clashes: tuple[Clash, ...] = ()

    def make_act(self, typed: Mapping[str, str]) -> Act | None:
        """Return the act that makes the changed fields what is typed."""
        texts = {key: typed[key] for key, field in self._fields.items() if field.is_changed}
        fields, problems = parse_product(texts, self.shop.settings)
        if problems:
            raise Invalid(problems)
        own = fields.get("extra")
        if isinstance(own, Mapping):
            fields["extra"] = with_columns(self._was, own)
        wanted = self._was._replace(**fields)  # type: ignore[arg-type]
        found = product_problems(wanted, (), self.shop.barcodes, self.shop.settings.decimals)
        found = tuple(problem for problem in found if problem.field in {"extra", *texts})
        if found:
            raise Invalid(found)
        changed = {key: value for key, value in fields.items() if value != getattr(self._was, key)}
        return EditProduct(self._was.id, changed, self._was) if changed else None

    def shop_changed(self, shop: Snapshot) -> None:
        """Say so where the product changes underneath; what is typed stays."""
        now = shop.products.get(self._was.id)
        if not self.is_mounted:
            return
        if now is None:
            self.tell_news("Somebody has just removed this product; saving will not find it.")
        elif now._replace(quantity=0) != self._was._replace(quantity=0) and not self._waiting:
            self.tell_news("Somebody has just changed this product. Your fields are as you typed them.")

    def show_conflict(self, error: Conflict) -> None:
        """Show the fields that both changed; saving again keeps yours, Ctrl+R takes theirs."""
        now = self.shop.products.get(self._was.id)
        if now is None:
            return
        for clash in error.clashes:
            if clash.field in self._fields:
                self.field(clash.field).complain(
                    f"was {clash.was}; somebody else made it {clash.theirs} meanwhile"
                )
        self.say("! Ctrl+S again saves your values over theirs, Ctrl+R takes theirs.", error=True)
        self._clashes = error.clashes
        self._was = now

    def action_take_theirs(self) -> None:
        """Put what others made of the product into the fields where both changed it."""
        texts = _texts(self._was)
        for clash in self._clashes:
            if clash.field in self._fields:
                self.field(clash.field).start_with(texts.get(clash.field, ""))
                self.field(clash.field).complain("")
        self._clashes = ()


class StockForm(FormDialog):
    """One number and a note about one product: the base of receiving, counting and adjusting."""

    VERB: ClassVar[str] = ""
    LABEL: ClassVar[str] = ""
    NOTE_HINT: ClassVar[str] = "if you like"

    def __init__(self, product: Product) -> None:
        fields: Sequence[FormField] = [
            FormField("pieces", self.LABEL, hint="a whole number", longest=16),
            FormField("note", "Note", hint=self.NOTE_HINT, longest=200),
        ]
        super().__init__(f"{self.VERB} {product.name}", fields, f"In stock: {product.quantity}")
        self._product_id = product.id

    def make_act(self, typed: Mapping[str, str]) -> Act:
        """Return the act of the number."""
        problems: list[FieldProblem] = []
        pieces = 0
        try:
            pieces = self.parse(typed["pieces"])
        except ValueError as error:
            problems.append(FieldProblem("pieces", str(error)))
        problems.append(
            FieldProblem("note", text_problem(typed["note"], required=isinstance(self, AdjustForm)))
        )
        problems = [problem for problem in problems if problem.reason]
        if problems:
            raise Invalid(problems)
        return self.act(self._product_id, pieces, typed["note"].strip())

    def parse(self, typed: str) -> int:
        """Read the number; raises ValueError."""
        return parse_count(typed)

    def act(self, product_id: str, pieces: int, note: str) -> Act:
        """Return the act."""
        raise NotImplementedError


class ReceiveForm(StockForm):
    """Takes a delivery in."""

    HELP = f"""\
# Receive pieces

Pieces that came in are added to the stock. For several products at once there is the delivery (v on Products).

{FORM_KEYS}
"""

    VERB = "Receive"
    LABEL = "Pieces received"

    def parse(self, typed: str) -> int:
        """Read the pieces, 1 or more."""
        return parse_count(typed, least=1)

    def act(self, product_id: str, pieces: int, note: str) -> Act:
        """Return the delivery."""
        return Receive(product_id, pieces, note)


class CountForm(StockForm):
    """Sets the stock to what was counted."""

    HELP = f"""\
# Count a product

The stock becomes what you counted; History keeps the difference. For whole shelves there is the count (t on
Products), during which the others go on selling.

{FORM_KEYS}
"""

    VERB = "Count"
    LABEL = "Pieces counted"

    def act(self, product_id: str, pieces: int, note: str) -> Act:
        """Return the count."""
        return Count(product_id, pieces, note)


class AdjustForm(StockForm):
    """Adds or takes pieces for a reason, such as breakage."""

    HELP = f"""\
# Adjust the stock

Pieces to add, or with a minus to take off, and the reason, which everybody can read in History.

{FORM_KEYS}
"""

    VERB = "Adjust"
    LABEL = "Pieces + or -"
    NOTE_HINT = "why: broken, stolen, found"

    def parse(self, typed: str) -> int:
        """Read the change, with its sign."""
        change = parse_count(typed.strip().removeprefix("+"), least=-999_999_999)
        if change == 0:
            raise ValueError("must not be 0")
        return change

    def act(self, product_id: str, pieces: int, note: str) -> Act:
        """Return the adjustment."""
        return Adjust(product_id, pieces, note)
