"""What a delivery of several products and a count of a shelf come to: the lines of one entry each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from tracker_tui.errors import FieldProblem, check
from tracker_tui.model.drafts import Draft, Kind
from tracker_tui.model.money import rounded, written
from tracker_tui.model.records import OWN_ID, Action, ChangeLine, Product, own_id_of
from tracker_tui.model.rules import amount_problem, count_problem, text_problem
from tracker_tui.model.state import difference
from tracker_tui.tuples import NamedTuple

LONGEST_OWN_ID: Final = 100


class Received(NamedTuple):
    """What came of one product.

    Attributes:
        product_id: Which product.
        pieces: How many, 1 or more.
        cost: What a piece cost this time, which becomes the product's cost; None = as before.
    """

    product_id: str
    pieces: int
    cost: Decimal | None = None


class Counted(NamedTuple):
    """What was counted of one product.

    Attributes:
        product_id: Which product.
        pieces: How many are there, 0 or more.
        stock: How many there should have been at the moment of the count, so that what is sold between that and
            the entry is not counted twice; None = as many as there are at the entry.
    """

    product_id: str
    pieces: int
    stock: int | None = None


Line: TypeAlias = Received | Counted


def check_lines(lines: Iterable[Line], note: str, own_id: str, decimals: int) -> None:
    """Refuse what can be no delivery and no count, whatever the shop holds.

    Raises:
        Invalid: With every problem; the field names the product.
    """
    problems = [FieldProblem("note", text_problem(note)), FieldProblem("id", _own_id_problem(own_id))]
    met: set[str] = set()
    for line in lines:
        least = 1 if isinstance(line, Received) else 0
        problems.append(FieldProblem(f"{line.product_id} pieces", count_problem(line.pieces, least=least)))
        if line.product_id in met:
            problems.append(FieldProblem(f"{line.product_id}", "stands there twice"))
        met.add(line.product_id)
        if isinstance(line, Received) and line.cost is not None:
            problems.append(FieldProblem(f"{line.product_id} cost", amount_problem(line.cost, decimals)))
        elif isinstance(line, Counted) and line.stock is not None:
            problems.append(FieldProblem(f"{line.product_id} stock", _stock_problem(line.stock)))
    if not met:
        problems.append(FieldProblem("", "there are no products in it"))
    check(problems)


def _own_id_problem(own_id: str) -> str:
    if not own_id:
        return ""
    if len(own_id) > LONGEST_OWN_ID or own_id_of(f"{OWN_ID}{own_id}") != own_id:
        return f"must be small letters, digits and -, at most {LONGEST_OWN_ID}"
    return ""


def _stock_problem(stock: int) -> str:
    """A stock may be below 0, where the shop allows that."""
    return count_problem(abs(stock)) if isinstance(stock, int) else count_problem(stock)


def received_lines(
    products: Mapping[str, Product], lines: Iterable[Received], decimals: int
) -> list[ChangeLine]:
    """Return the lines of the entry of a delivery.

    Raises:
        Invalid: There is no such product, or more of it would be there than can be written.
    """
    problems: list[FieldProblem] = []
    found: list[ChangeLine] = []
    for line in lines:
        now = products.get(line.product_id)
        if now is None:
            problems.append(_unknown(line.product_id))
            continue
        wanted = now._replace(quantity=now.quantity + line.pieces)
        if line.cost is not None:
            wanted = wanted._replace(cost=rounded(line.cost, decimals))
        problems.append(FieldProblem(f"{now.id} pieces", count_problem(max(wanted.quantity, 0))))
        found.append(difference(now, wanted, now.id))
    check(problems)
    return found


def counted_lines(products: Mapping[str, Product], lines: Iterable[Counted]) -> list[ChangeLine]:
    """Return the lines of the entry of a count, those of products that were right too.

    Raises:
        Invalid: There is no such product, or less than nothing of it would be left.
    """
    problems: list[FieldProblem] = []
    found: list[ChangeLine] = []
    for line in lines:
        now = products.get(line.product_id)
        if now is None:
            problems.append(_unknown(line.product_id))
            continue
        change = line.pieces - (now.quantity if line.stock is None else line.stock)
        wanted = now._replace(quantity=now.quantity + change)
        if change < 0 and wanted.quantity < 0:
            reason = f"{-change} are missing, but by now there are only {now.quantity}; count it again"
            problems.append(FieldProblem(f"{now.id} pieces", reason))
        problems.append(FieldProblem(f"{now.id} pieces", count_problem(max(wanted.quantity, 0))))
        found.append(difference(now, wanted, now.id))
    check(problems)
    return found


def draft_fact(
    draft: Draft, product: Product, pieces: int, decimals: int, *, more: bool, cost: Decimal | None
) -> tuple[str, ...]:
    """Return what is written down of a product on a list, without who and when.

    Args:
        draft: The list as it is.
        product: The product as it stands at this moment.
        pieces: How many there are in all; with `more` how many more.
        decimals: The shop's decimals.
        more: Whether they come to those that were said before.
        cost: Of a delivery, what a piece costs; None = as it was said before.

    Raises:
        Invalid: The number or the cost cannot be taken.
    """
    line = draft.lines.get(product.id)
    total = pieces + (line.pieces if more and line is not None else 0)
    amount = amount_problem(cost, decimals) if cost is not None else ""
    check([FieldProblem("pieces", count_problem(total)), FieldProblem("cost", amount)])
    if draft.kind is Kind.COUNT:
        return "count", product.id, str(total), str(product.quantity)
    kept = cost if cost is not None else line.cost if line is not None else None
    return "take", product.id, str(total), "" if kept is None else written(kept)


def booked_lines(
    draft: Draft, products: Mapping[str, Product], decimals: int
) -> tuple[Action, Callable[[], list[ChangeLine]]]:
    """Return what a list becomes: the action, and what makes the lines; products that are gone are left out.

    Raises:
        Invalid: Nothing is on it, or a line cannot be taken.
    """
    there = [line for line in draft.lines.values() if line.product_id in products]
    if draft.kind is Kind.COUNT:
        counted = [Counted(line.product_id, line.pieces, line.stock) for line in there]
        check_lines(counted, note_of(draft), draft.id, decimals)
        return Action.COUNT, lambda: counted_lines(products, counted)
    came = [Received(line.product_id, line.pieces, line.cost) for line in there if line.pieces]
    check_lines(came, note_of(draft), draft.id, decimals)
    return Action.RECEIVE, lambda: received_lines(products, came, decimals)


def note_of(draft: Draft) -> str:
    """Return the note of the entry that a list becomes, without its id."""
    if draft.kind is Kind.DELIVERY:
        return ", ".join(part for part in (draft.name, draft.note) if part)
    return f"stock count: {draft.title}"


def _unknown(product_id: str) -> FieldProblem:
    return FieldProblem(product_id, "there is no such product")
