"""Taxes of a sale: which rate a product has, what it comes to, and how the log keeps it.

A sale keeps its taxes in lines of its own behind its products, one for each rate, so that later rates change no
old sale: no product, 0 pieces, the tax as the `price`, and as the `product` a text such as `tax 20% in 1-3|5`:
20 percent are in what lines 1, 2, 3 and 5 come to. Where it is not in the prices but comes on top, the text has
`on` for `in`, and the tax is the line's total too (0 x price less a discount of minus the tax): so the lines of
an entry still add up to what the customer paid, for every reader of the log.

A tax is rounded once for each rate of a sale, half up, from the sum of its lines. What comes back bears what it
takes off the tax of the rest: when all is back, so is the tax, to the cent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from tracker_tui.model.money import rounded, written
from tracker_tui.model.records import Product, Purchase, SaleLine, TaxRules
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final

_START: Final = "tax "
_TEXT: Final = r"tax (\d{1,3}(?:\.\d{1,4})?)% (in|on) (\d{1,6}(?:-\d{1,6})?(?:\|\d{1,6}(?:-\d{1,6})?)*)"
_NOTHING: Final = Decimal(0)
_WORDS: Final = {True: "in", False: "on"}


class Kind(NamedTuple):
    """What tells one tax of a sale from another.

    Attributes:
        rate: Percent.
        included: Whether it is in the prices.
    """

    rate: Decimal
    included: bool

    def of(self, base: Decimal, decimals: int) -> Decimal:
        """Return the tax in (or on) an amount, rounded half up to the shop's decimals."""
        whole = 100 + self.rate if self.included else Decimal(100)
        return rounded(base * self.rate / whole, decimals)


class Tax(NamedTuple):
    """One tax of a sale or a return, or of many; all amounts are below 0 for a return.

    Attributes:
        rate: Percent.
        included: Whether it is in the prices.
        net: What the goods come to without it.
        tax: The tax.
        lines: Places of the lines it is of, from 0; none where it is of many sales.
    """

    rate: Decimal
    included: bool
    net: Decimal
    tax: Decimal
    lines: tuple[int, ...] = ()

    @property
    def gross(self) -> Decimal:
        """What the goods come to with it."""
        return self.net + self.tax

    @property
    def kind(self) -> Kind:
        """What tells it from the other taxes of the sale."""
        return Kind(self.rate, self.included)


def rate_of(product: Product, rules: TaxRules) -> Decimal | None:
    """Return the rate of a product: its own, else the highest of its categories, else the general one."""
    if product.id in rules.products:
        return rules.products[product.id]
    found = [rules.categories[name] for name in product.categories if name in rules.categories]
    return max(found, default=rules.rate)


def percent(rate: Decimal) -> str:
    """Write a rate as people do: `20%`, `5.5%`."""
    text = written(rate)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def tax_words(tax: Tax) -> str:
    """Say what a tax is: `20% tax on top`, `5.5% tax in the prices`."""
    return f"{percent(tax.rate)} tax {'in the prices' if tax.included else 'on top'}"


# Taxes of goods on their way to be sold


def taxes_on(
    goods: Iterable[tuple[Product | None, Decimal]], rules: TaxRules, decimals: int
) -> tuple[Tax, ...]:
    """Return the taxes of some lines, highest rate first.

    Args:
        goods: Product and total of each line; None for a product that is gone, which has no tax.
        rules: The taxes of now.
        decimals: The shop's decimals.
    """
    if not rules:
        return ()
    places: dict[Decimal, list[int]] = {}
    sums: dict[Decimal, Decimal] = {}
    for place, (product, total) in enumerate(goods):
        rate = rate_of(product, rules) if product is not None else None
        if rate is not None:
            places.setdefault(rate, []).append(place)
            sums[rate] = sums.get(rate, _NOTHING) + total
    found: list[Tax] = []
    for rate in sorted(places, reverse=True):
        kind = Kind(rate, rules.included)
        found.append(_tax(kind, sums[rate], kind.of(sums[rate], decimals), places[rate]))
    return tuple(found)


def _tax(kind: Kind, base: Decimal, tax: Decimal, places: Sequence[int]) -> Tax:
    return Tax(*kind, base - tax if kind.included else base, tax, tuple(places))


def added(taxes: Iterable[Tax]) -> Decimal:
    """Return what the customer pays on top of the prices."""
    return sum((tax.tax for tax in taxes if not tax.included), _NOTHING)


def with_taxes(
    lines: Sequence[SaleLine], products: Mapping[str, Product], rules: TaxRules, decimals: int
) -> list[SaleLine]:
    """Return the lines of a sale and behind them the lines that keep its taxes."""
    if not rules:
        return list(lines)
    goods = ((products.get(line.product_id), line.total) for line in lines)
    return [*lines, *map(_line, taxes_on(goods, rules, decimals))]


def _line(tax: Tax) -> SaleLine:
    """Return the line that keeps a tax; its price has no sign, as no price in the files has."""
    nothing = tax.tax - tax.tax
    on_top = nothing if tax.included else tax.tax
    text = f"tax {percent(tax.rate)} {_WORDS[tax.included]} {_ranges(tax.lines)}"
    return SaleLine("", text, 0, abs(tax.tax), nothing - on_top, on_top)


def _ranges(places: Sequence[int]) -> str:
    """Write places, counted from 0, as numbers of lines: `1-3|5`."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    return "|".join(f"{first + 1}" if first == last else f"{first + 1}-{last + 1}" for first, last in runs)


# Taxes of what is booked


class Mark(NamedTuple):
    """What the text of a tax line says.

    Attributes:
        kind: Rate, and whether it is in the prices.
        runs: First and last place of each run of lines, from 0.
    """

    kind: Kind
    runs: tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def mark_in(text: str) -> Mark | None:
    """Read the text of a tax line; None where it is none."""
    found = re.fullmatch(_TEXT, text, re.ASCII) if text.startswith(_START) else None
    if found is None:
        return None
    runs: list[tuple[int, int]] = []
    for run in found[3].split("|"):
        first, _, last = run.partition("-")
        runs.append((int(first) - 1, int(last or first) - 1))
    return Mark(Kind(Decimal(found[1]), found[2] == "in"), tuple(runs))


def mark_of(line: SaleLine) -> Mark | None:
    """Return what a line keeps of a tax; None where it is of goods."""
    return None if line.product_id or line.quantity else mark_in(line.product)


def goods_of(purchase: Purchase) -> tuple[SaleLine, ...]:
    """Return the lines of a purchase without those that keep its taxes."""
    if all(line.product_id for line in purchase.lines):
        return purchase.lines
    return tuple(line for line in purchase.lines if mark_of(line) is None)


def taxes_of(purchase: Purchase) -> tuple[Tax, ...]:
    """Return the taxes that a purchase keeps, in the order of its lines."""
    found: list[Tax] = []
    lines = purchase.lines
    for line in lines:
        mark = mark_of(line)
        if mark is None:
            continue
        places = [at for first, last in mark.runs for at in range(first, min(last + 1, len(lines)))]
        base = sum((lines[place].total for place in places), _NOTHING)
        amount = line.price if mark.kind.included else line.total
        found.append(_tax(mark.kind, base, -amount if mark.kind.included and base < 0 else amount, places))
    return tuple(found)


# Taxes of what comes back


def with_taxes_back(
    original: Purchase,
    returns: Iterable[Purchase],
    left: Iterable[SaleLine],
    back: Sequence[SaleLine],
    decimals: int,
) -> list[SaleLine]:
    """Return the lines of a return, and behind them the lines that keep the taxes it takes back.

    Args:
        original: The sale.
        returns: What came back of it so far.
        left: The lines of the sale less what came back so far.
        back: The lines that come back now, as a return has them.
        decimals: The shop's decimals.
    """
    taxes = taxes_of(original)
    if not taxes:
        return list(back)
    given_back: dict[Kind, Decimal] = {}
    for purchase in returns:
        for tax in taxes_of(purchase):
            given_back[tax.kind] = given_back.get(tax.kind, _NOTHING) - tax.tax
    still = tuple(left)
    found: list[Tax] = []
    for tax in taxes:
        ids = {original.lines[place].product_id for place in tax.lines}
        places = [place for place, line in enumerate(back) if line.product_id in ids]
        if not places:
            continue
        base = sum((back[place].total for place in places), _NOTHING)
        rest = sum((line.total for line in still if line.product_id in ids), _NOTHING) + base
        had = tax.tax - given_back.get(tax.kind, _NOTHING)
        stays = min(tax.kind.of(rest, decimals), had) if _is_left(still, back, ids) else _NOTHING
        found.append(_tax(tax.kind, base, rounded(stays - had, decimals), places))
    return [*back, *map(_line, found)]


def _is_left(left: Iterable[SaleLine], back: Iterable[SaleLine], ids: set[str]) -> bool:
    """Tell whether pieces of some products stay with the customer."""
    pieces = sum(line.quantity for line in (*left, *back) if line.product_id in ids)
    return pieces > 0
