"""What is quick for many products is the same as what is strict, on random and on faulty ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faulty_table import TABLE
from tests.model.test_imports import SHOP
from tracker_tui.errors import Invalid
from tracker_tui.model import (
    Action,
    Change,
    ChangeLine,
    Product,
    Settings,
    Snapshot,
    edits,
    imports,
    quick_imports,
    soundness,
)
from tracker_tui.model.import_lines import import_lines
from tracker_tui.model.import_tables import ImportRow, read_rows
from tracker_tui.model.imports import ImportPlan, plan_import
from tracker_tui.model.many_products import SoundLines, SoundProducts, columns_of
from tracker_tui.model.rules import product_problems
from tracker_tui.model.soundness import Soundness
from tracker_tui.service import InventoryService
from tracker_tui.storage.codec import CHANGES
from tracker_tui.storage.log import LogReader
from tracker_tui.storage.quick_changes import quick_lines_of

TEXTS = (
    *(
        "Tea",
        "Earl Grey, loose",
        'The "best"',
        "Käse",
        "Ka\u0308se",
        "\N{GREEK CAPITAL LETTER OMEGA} “ø”",
        "\N{OHM SIGN}",
        "\N{NO-BREAK SPACE}Tea",
        "Tea\N{IDEOGRAPHIC SPACE}",
        "Te\N{ZERO WIDTH SPACE}a",
        "Te\N{RIGHT-TO-LEFT OVERRIDE}a",
        "Te\x85a",
        "Te\ud800a",
        "\N{COMBINING DIAERESIS}a",
        "  Tea ",
        "",
        "=1+1",
        "#1",
        "a|b",
        "a\nb",
        "\x1b[1m",
        "-",
        "'x",
    ),
    *("x" * 65, "+49 12", "own columns: {}", "\u202e", "A1", "0", "Tea\x7f", "@a", "tea "),
)
AMOUNTS = tuple(
    map(Decimal, ("1.20", "1.2", "0.00", "-0.00", "-1.00", "1E+2", "1E-3", "NaN", "999999999999.99", "1E12"))
)
COUNTS = (0, 1, 999_999_999, 1_000_000_000, -1, True)
CODES = ("4001", "4002", "5.9E+12", "A-1", "a b", "x" * 201, "٣", "")
DECIMALS = 2


def random_product(chance: random.Random) -> Product:
    """Make a product that is likely to be sound but for one or two fields."""
    sound = Product(
        "N1", "Tea", Decimal("1.20"), 3, frozenset({"a", "b"}), 0, frozenset({"77"}), Decimal("0.50")
    )
    odd: dict[str, object] = {
        "id": chance.choice(TEXTS),
        "name": chance.choice(TEXTS),
        "price": chance.choice(AMOUNTS),
        "quantity": chance.choice(COUNTS),
        "categories": frozenset(chance.sample(TEXTS, chance.randrange(3))),
        "reorder_level": chance.choice(COUNTS),
        "barcodes": frozenset(chance.sample(CODES, chance.randrange(3))),
        "cost": chance.choice((*AMOUNTS, None)),
        "extra": chance.choice((MappingProxyType({}), MappingProxyType({"shelf": "A"}), {})),
    }
    fields = chance.sample(sorted(odd), chance.randrange(3))
    return sound._replace(**{field: odd[field] for field in fields})  # type: ignore[arg-type]


def as_text(product: Product) -> str:
    """Return a product to the last digit: `1.2` and `1.20` are equal, but not written the same."""
    parts = {"categories": sorted(product.categories), "barcodes": sorted(product.barcodes)}
    return repr(product._replace(extra=dict(product.extra), **parts))  # type: ignore[arg-type]


def test_what_is_called_sound_breaks_no_rule_and_is_clean() -> None:
    chance, owners = random.Random(1), {"4001": "M01"}
    is_sound = Soundness(owners, DECIMALS)
    seen = {True: 0, False: 0}
    for _ in range(5_000):
        product = random_product(chance)
        sound = is_sound(product)
        seen[sound] += 1
        if sound:
            assert product_problems(product, (), owners, DECIMALS) == ()
            assert as_text(edits.clean_product(product, DECIMALS)) == as_text(product)
    assert min(seen.values()) > 500


def test_many_products_are_sound_where_each_of_them_is() -> None:
    chance, owners = random.Random(6), {"4001": "M01"}
    is_sound = Soundness(owners, DECIMALS)
    seen = {True: 0, False: 0}
    for _ in range(3_000):
        products = [random_product(chance) for _ in range(chance.randrange(1, 4))]
        sound = all(map(is_sound, products))
        seen[sound] += 1
        assert Soundness(owners, DECIMALS).of_all(columns_of(products)) == sound
    assert min(seen.values()) > 300


@pytest.mark.parametrize("decimals", range(5))
@pytest.mark.parametrize("amount", ["0", "0.0001", "7E+2", "12.3", "0.00", "1234567890123", "-0.00", "-1"])
def test_many_amounts_are_sound_where_each_is(amount: str, decimals: int) -> None:
    sound = random_product(random.Random(3))._replace(cost=None, extra=MappingProxyType({}))
    for price in (Decimal(amount), Decimal(amount).quantize(Decimal(1).scaleb(-decimals))):
        product = sound._replace(price=price)
        is_sound = Soundness({}, decimals)
        assert is_sound.of_all(columns_of([product, product])) == is_sound(product)


@pytest.mark.parametrize("name", ["Käse", "“Ω” ø", "Łódź 日本"])
def test_names_of_all_languages_are_sound(name: str) -> None:
    product = Product("N1", name, Decimal("1.20"), 0, frozenset({name}))
    assert Soundness({}, DECIMALS)(product)


@pytest.mark.parametrize("wrong", [1.5, "1.20", None, Decimal("Infinity")])
def test_what_is_not_even_of_its_kind_is_not_sound(wrong: object) -> None:
    product = random_product(random.Random(3))
    for field in ("price", "id", "quantity", "categories", "barcodes"):
        if not (field == "id" and wrong == "1.20"):
            assert not Soundness({}, DECIMALS)(product._replace(**{field: wrong}))  # type: ignore[arg-type]


def random_rows(chance: random.Random, count: int) -> list[ImportRow]:
    """Return rows of a table with id, name, price, quantity, categories, codes and cost, some of them faulty."""
    ids = [*(f"N{number}" for number in range(count)), "M01", "B01", *TEXTS]
    prices = ("1.20", "1,3", "$2", "1,500", "x", "", "-1", "1.2345", " 3 ")
    counts = ("3", "", "1.5", "-1", "9999999999", " 4 ")
    codes = ("", "77", "4001", "5.9E+12", "A-1", "88,99", "1 2")
    pools = (ids, ("Tea", *TEXTS), prices, counts, ("a|b", "a, b", *TEXTS), codes, ("", *prices))
    rows = [ImportRow(2, ("M01", "Milk", "9.99", "", "", "", "")), ImportRow(3, ("B01", "", "2.50"))]
    for line in range(4, count + 2):
        cells = [chance.choice(pool if chance.random() < 0.3 else pool[:2]) for pool in pools]
        cells[0] = chance.choice(ids)
        rows.append(ImportRow(line, tuple(cells[: chance.choice((7, 7, 7, 7, 4, 9))])))
    return rows


def by_the_rules_alone(patch: pytest.MonkeyPatch) -> None:
    """Call nothing sound, and take no rows together."""
    patch.setattr(soundness.Soundness, "__call__", lambda _self, _product: False)
    patch.setattr(soundness.Soundness, "of_all", lambda _self, _columns: False)
    patch.setattr(quick_imports.QuickRows, "take", lambda _self, _rows: False)


def plans_alike(header: tuple[str, ...], rows: list[ImportRow], shop: Snapshot = SHOP) -> ImportPlan:
    """Plan the quick and the strict way; they must not differ."""
    quick = plan_import(header, rows, shop)
    with pytest.MonkeyPatch.context() as patch:
        by_the_rules_alone(patch)
        strict = plan_import(header, rows, shop)
    assert quick == strict
    assert [as_text(product) for product in quick.new] == [as_text(product) for product in strict.new]
    return quick


def test_random_and_faulty_rows_are_planned_as_by_the_rules_alone() -> None:
    header = ("id", "name", "price", "quantity", "categories", "barcodes", "cost")
    plan = plans_alike(header, random_rows(random.Random(2), 3_000))
    assert min(len(plan.new), len(plan.refused)) > 200
    assert len(plan.changed) == 2
    plans_alike(*read_rows(TABLE))


HEADER = ("name", "id", "price", "quantity", "categories", "barcodes", "cost", "reorder_level", "shelf")
KNOWN = [
    *SHOP.products.values(),
    Product("=A", "=1+1", Decimal("1.205"), -3, frozenset({" a"}), 0, frozenset({"4001", "7"})),
    *(Product(f"K{number}", "Tea", Decimal(number), number) for number in range(6)),
]
SHOPS = (
    SHOP,
    Snapshot(),
    Snapshot(products={product.id: product for product in KNOWN}),
    Snapshot(
        products={product.id: product for product in KNOWN}, settings=Settings(decimals=0, currency="€")
    ),
)
names = st.sampled_from(("Tea", "Tea", *TEXTS, "'=1+1", "'s"))
ids = st.sampled_from(
    (*"ABCDEFGHIJ", *(f"K{number}" for number in range(6)), "M01", "B01", "=A", "'=A", " A")
)
amounts = st.sampled_from(("1", "2.50", "", " ", "1,2", "$3", "€4", "x", "'-1", "0", "1.205"))
counts = st.sampled_from(("1", "", "5", " ", "-3", "2.5", "'+1"))
parts = st.sampled_from(("", "a|b", "a, b", " a", "'-a", "+", *TEXTS))
codes = st.sampled_from(("", "", "4001", "4002", "7", "8|9", "'-7", "5.9E+12", "A+1", "9"))
cells = st.tuples(
    names, ids, amounts, counts, parts, codes, amounts, counts, st.sampled_from(("", "A3", "B"))
)


@settings(max_examples=300)
@given(st.lists(cells, min_size=1, max_size=60), st.sampled_from(SHOPS), st.integers(2, 9), st.data())
def test_any_rows_are_planned_as_by_the_rules_alone(
    table: list[tuple[str, ...]], shop: Snapshot, width: int, data: st.DataObject
) -> None:
    """Also rows of other widths, rows that cannot be read, ids that come twice, and codes that others have."""
    rows = [ImportRow(line, row[:width]) for line, row in enumerate(table, 2)]
    at = st.integers(0, len(rows) - 1)
    for place in data.draw(st.lists(at, max_size=2)):
        rows[place] = rows[place]._replace(fault="not readable")
    for place in data.draw(st.lists(at, max_size=2)):
        rows[place] = rows[place]._replace(
            cells=(*rows[place].cells, data.draw(st.sampled_from(("", "more"))))
        )
    plan = plans_alike(HEADER[:width], rows, shop)
    told = [*plan.lines.values(), *(row.line for row in plan.refused)]
    assert sorted(told) == [row.line for row in rows]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 49), st.integers(0, 8), cells), max_size=4), st.sampled_from(SHOPS))
def test_plain_rows_around_odd_ones_are_planned_as_by_the_rules_alone(
    odd: list[tuple[int, int, tuple[str, ...]]], shop: Snapshot
) -> None:
    rows = [
        ImportRow(
            line,
            (f"Tea {line}", f"{'K' if line < 8 else 'N'}{line - 2}", "2", "2", "a", f"c{line}", "", "", ""),
        )
        for line in range(2, 52)
    ]
    for place, column, other in odd:
        mixed = [*rows[place].cells]
        mixed[column] = other[column]
        rows[place] = rows[place]._replace(cells=tuple(mixed))
    plan = plans_alike(HEADER[:8], [row._replace(cells=row.cells[:8]) for row in rows], shop)
    assert len(plan.lines) >= 50 - len(odd)
    plans_alike(HEADER, rows, shop)


@given(st.lists(st.tuples(ids, amounts), min_size=20, max_size=60, unique_by=lambda row: row[0]))
def test_prices_of_known_products_are_planned_as_by_the_rules_alone(table: list[tuple[str, str]]) -> None:
    plans_alike(("id", "price"), [ImportRow(line, row) for line, row in enumerate(table, 2)], SHOPS[2])


def test_most_plain_rows_are_taken_together() -> None:
    rows = [ImportRow(line, (f"N{line}", "Tea", "x" if line % 50 == 0 else "1")) for line in range(2, 1_002)]
    looked_at: list[ImportRow] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports._Planning, "_take", lambda _self, row: looked_at.append(row))
        plan = plan_import(("id", "name", "price"), rows, SHOP)
    assert len(plan.new) + len(looked_at) == 1_000
    assert len(looked_at) < 400


def test_imports_have_the_same_lines_as_by_the_rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(4)
    products = [
        random_product(chance)._replace(id=f"N{number}", barcodes=frozenset({f"{number}"}))
        for number in range(400)
    ]
    sound = [p for p in products if not product_problems(p, (), {}, DECIMALS)]
    goods = Snapshot(products=MappingProxyType({})).goods
    quick = import_lines(goods, sound, DECIMALS)
    by_the_rules_alone(monkeypatch)
    strict = import_lines(goods, sound, DECIMALS)
    assert quick == strict
    assert [as_text(line.after) for line in quick if line.after] == [as_text(p) for p in map(_after, strict)]


def _after(line: ChangeLine) -> Product:
    assert line.after is not None
    return line.after


def test_lines_that_are_put_together_are_those_of_the_strict_way() -> None:
    chance = random.Random(5)
    reader = LogReader(CHANGES)
    reader.prefix()
    time = datetime(2026, 3, 2, 9, tzinfo=UTC)
    seen = 0
    for number in range(1, 3_000):
        product = random_product(chance)._replace(quantity=0)
        extra = chance.choice((None, None, None, {"shelf": "A"}))
        line = ChangeLine(product.id, product, chance.choice((0, 5, -7)), product.name, extra)
        note = chance.choice(("from list.csv", "", 'a "note", of sorts', "own columns: {}"))
        change = Change(number, "amal", Action.IMPORT, (line, line), note, time)
        data = quick_lines_of(change, DECIMALS)
        if data is not None:
            seen += 1
            assert data == reader.encode(change, DECIMALS)
    assert seen > 300


def test_lines_of_an_import_are_known_to_be_sound_only_where_all_are() -> None:
    chance, reader = random.Random(7), LogReader(CHANGES)
    reader.prefix()
    seen = {True: 0, False: 0}
    for number in range(1, 400):
        products = [
            random_product(chance)._replace(id=f"N{at}", barcodes=frozenset({f"{at}"})) for at in range(2)
        ]
        try:
            lines = import_lines(Snapshot().goods, products, DECIMALS)
        except Invalid:
            continue
        known = isinstance(lines, SoundLines)
        seen[known] += 1
        assert known == all(map(Soundness({}, DECIMALS), products))
        change = Change(number, "amal", Action.IMPORT, tuple(lines), "", datetime(2026, 3, 2, 9, tzinfo=UTC))
        if known:
            marked = change._replace(lines=lines)  # type: ignore[arg-type]
            assert quick_lines_of(marked, DECIMALS) == reader.encode(change, DECIMALS)
            assert quick_lines_of(marked, 3) is None
    assert min(seen.values()) > 20


def test_products_that_were_judged_are_judged_anew_where_the_shop_changed_meanwhile(tmp_path: Path) -> None:
    new = Product("N1", "Tea", Decimal("1.20"), 3, barcodes=frozenset({"77"}))
    with InventoryService.open(tmp_path) as service:
        service.add(new._replace(id="N0", barcodes=frozenset()))
        header, rows = read_rows("id,name,price,quantity,ean\nN1,Tea,1.20,3,77\nN0,Tea,1.30,3,\n")
        plan = plan_import(header, rows, service.snapshot)
        assert isinstance(plan.taken_in, SoundProducts)
        lines = service.import_lines(plan.taken_in)
        assert isinstance(lines, SoundLines)
        assert lines == tuple(service.import_lines([*plan.taken_in]))
        service.receive("N0", 5)
        assert [line.quantity_change for line in service.import_lines(plan.taken_in)] == [3, -5]
        service.add(new._replace(id="N2"))
        with pytest.raises(Invalid, match="77 belongs to product N2"):
            service.import_planned(lambda: plan.taken_in)
        assert service.snapshot.products.keys() == {"N0", "N2"}


@given(st.lists(cells, min_size=1, max_size=30), st.sampled_from(SHOPS))
def test_what_a_plan_takes_in_changes_the_same_where_it_was_judged_before(
    table: list[tuple[str, ...]], shop: Snapshot
) -> None:
    plan = plan_import(HEADER[:8], [ImportRow(line, row[:8]) for line, row in enumerate(table, 2)], shop)
    decimals = shop.settings.decimals
    anew = import_lines(shop.goods, [*plan.taken_in], decimals)
    assert tuple(import_lines(shop.goods, plan.taken_in, decimals)) == tuple(anew)
    assert plan.taken_in == (*plan.new, *plan.changed)
