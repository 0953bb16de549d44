"""The table: cursor by key, order, marks, mouse, and that only lines in sight are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.events import Key, MouseScrollDown
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tests.waiting import PATIENCE_S
from tracker_tui.widgets import lines_ahead
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.table_columns import fitted, placed


class Item(NamedTuple):
    id: str
    name: str
    quantity: int


COLUMNS: tuple[Column[Item], ...] = (
    Column("id", "Id", 6, lambda item: item.id, sort=lambda item: item.id),
    Column("name", "Name", 10, lambda item: item.name, flex=1, sort=lambda item: item.name.casefold()),
    Column(
        "quantity",
        "Stock",
        6,
        lambda item: str(item.quantity),
        align="right",
        sort=lambda item: item.quantity,
        style=lambda item: "record-table--warning" if item.quantity < 3 else "",
        drop=1,
    ),
    Column("note", "Note", 8, lambda item: item.name[:0], drop=2),
)


def items(count: int, first: int = 0) -> list[Item]:
    return [Item(f"p{n:05}", f"Item {n:05}", n % 7) for n in range(first, first + count)]


class TableApp(App[None]):
    """A table and a list of what it said."""

    CSS = "RecordTable { width: 100%; height: 1fr; }"

    def __init__(
        self, rows: Sequence[Item] = (), sort: str = "", columns: Sequence[Column[Item]] = COLUMNS
    ) -> None:
        super().__init__()
        self.table = RecordTable(
            columns, lambda item: item.id, empty="No products yet.\nPress a.", sort=sort, id="products"
        )
        self.table.show(rows)
        self.said: list[Message] = []
        self.keys: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.table
        yield Static("below")

    def on_mount(self) -> None:
        self.table.focus()

    def on_record_table_highlighted(self, message: RecordTable.Highlighted) -> None:
        self.said.append(message)

    def on_record_table_chosen(self, message: RecordTable.Chosen) -> None:
        self.said.append(message)

    def on_record_table_sorted(self, message: RecordTable.Sorted) -> None:
        self.said.append(message)

    def on_record_table_marked(self, message: RecordTable.Marked) -> None:
        self.said.append(message)

    def on_key(self, event: Key) -> None:
        self.keys.append(event.key)

    def chosen(self) -> list[str]:
        return [message.key for message in self.said if isinstance(message, RecordTable.Chosen)]


def lines(app: TableApp) -> list[str]:
    """The table as it stands on the screen."""
    strips: list[Strip] = app.screen._compositor.render_strips()
    return [strip.text for strip in strips[: app.table.outer_size.height]]


def line_of(app: TableApp, key: str) -> int:
    return next(y for y, line in enumerate(lines(app)) if key in line)


async def test_cursor_stays_on_its_key_and_line_when_rows_come_and_go_above() -> None:
    app = TableApp(items(200, first=100))
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.go_to("p00150")
        await pilot.pause()
        before = line_of(app, "p00150")
        app.table.show(items(240, first=60))
        await pilot.pause()
        assert app.table.cursor_key == "p00150"
        assert line_of(app, "p00150") == before
        app.table.show(items(160, first=140))
        await pilot.pause()
        assert app.table.row == Item("p00150", "Item 00150", 3)
        assert line_of(app, "p00150") <= before
        assert lines(app)[line_of(app, "p00150")].startswith(">")


async def test_cursor_of_a_removed_row_keeps_its_number_and_says_so() -> None:
    app = TableApp(items(10))
    async with app.run_test() as pilot:
        app.table.go_to("p00009")
        app.table.show(items(9))
        await pilot.pause()
        assert app.table.cursor_key == "p00008"
        assert isinstance(app.said[-1], RecordTable.Highlighted)
        assert app.said[-1].key == "p00008"
        assert not app.table.go_to("p00009")
        app.table.show([])
        await pilot.pause()
        assert app.table.cursor_key is None
        assert app.table.row is None
        app.table.show(items(20))
        await pilot.pause()
        assert app.table.cursor_key == "p00008"


async def test_fewer_rows_leave_no_empty_lines_when_enough_remain() -> None:
    app = TableApp(items(300))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("end")
        app.table.show(items(100))
        await pilot.pause()
        assert "p00099" in lines(app)[-1]
        assert app.table.cursor_key == "p00099"


async def test_arrows_pages_home_and_end_move() -> None:
    app = TableApp(items(100))
    async with app.run_test(size=(60, 12)) as pilot:
        for keys, expected in (
            ("down j down", 3),
            ("up k", 1),
            ("pagedown", 11),
            ("pagedown", 21),
            ("pageup", 11),
            ("end", 99),
            ("down", 99),
            ("home", 0),
            ("up", 0),
            ("G", 99),
        ):
            await pilot.press(*keys.split())
            assert app.table.cursor_key == f"p{expected:05}", keys
            await pilot.pause()
            assert lines(app)[line_of(app, f"p{expected:05}")].startswith(">")


async def test_one_step_paints_two_lines() -> None:
    app = TableApp(items(100))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        with drawn_lines(app.table) as drawn:
            await pilot.press("down")
            await pilot.pause()
        assert drawn == [1, 2]


async def test_same_rows_again_paint_nothing() -> None:
    app = TableApp(items(100))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        changed = items(100)
        changed[4] = changed[4]._replace(quantity=999)
        with drawn_lines(app.table) as drawn:
            app.table.show(items(100))
            await pilot.pause()
            assert drawn == []
            app.table.show(changed)
            await pilot.pause()
        assert drawn == [5]


@contextmanager
def drawn_lines(table: RecordTable[Any]) -> Iterator[list[int]]:
    """Collect the lines that Textual is asked to draw."""
    drawn: list[int] = []
    refresh = table.refresh

    def recording(*regions: Region, **options: bool) -> RecordTable[Any]:
        for region in regions or [table.size.region]:
            drawn.extend(region.line_range)
        return refresh(*regions, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "refresh", recording)
        yield drawn


async def test_header_click_sorts_and_a_second_click_turns_round() -> None:
    app = TableApp(items(30))
    async with app.run_test(size=(60, 12)) as pilot:
        x = lines(app)[0].index("Stock") + 2
        await pilot.click(RecordTable, offset=(x, 0))
        assert [item.id for item in app.table.rows[:3]] == ["p00000", "p00007", "p00014"]
        assert "Stock▲" in lines(app)[0]
        await pilot.click(RecordTable, offset=(x, 0))
        assert [item.id for item in app.table.rows[:3]] == ["p00006", "p00013", "p00020"]
        assert "Stock▼" in lines(app)[0]
        assert app.table.cursor_key == "p00000"
        sorts = [(said.column, said.reverse) for said in app.said if isinstance(said, RecordTable.Sorted)]
        assert sorts == [("quantity", False), ("quantity", True)]
        note = lines(app)[0].index("Note")
        await pilot.click(RecordTable, offset=(note, 0))
        assert app.table.sort_column == "quantity"


async def test_new_rows_arrive_in_the_order_that_was_chosen() -> None:
    app = TableApp(items(5), sort="name")
    async with app.run_test() as pilot:
        app.table.sort_by("name")
        app.table.show(items(8))
        await pilot.pause()
        assert app.table.rows[0].id == "p00007"


async def test_sort_keys_go_through_the_columns_and_turn_round() -> None:
    app = TableApp(items(5))
    async with app.run_test() as pilot:
        seen = []
        for key in "sssSs":
            await pilot.press(key)
            seen.append((app.table.sort_column, app.table.sort_reversed))
        assert seen == [
            ("id", False),
            ("name", False),
            ("quantity", False),
            ("quantity", True),
            ("id", False),
        ]


async def test_click_moves_and_click_on_the_cursor_chooses() -> None:
    app = TableApp(items(30))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.click(RecordTable, offset=(10, 4))
        assert app.table.cursor_key == "p00003"
        assert app.chosen() == []
        await pilot.pause(0.6)
        await pilot.click(RecordTable, offset=(10, 4))
        await pilot.pause()
        assert app.chosen() == ["p00003"]


@pytest.mark.parametrize("y", [1, 5])
async def test_double_click_chooses_once(y: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableApp, "CLICK_CHAIN_TIME_THRESHOLD", PATIENCE_S)
    app = TableApp(items(30))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.double_click(RecordTable, offset=(10, y))
        await pilot.pause()
        assert app.chosen() == [f"p{y - 1:05}"]


async def test_click_below_the_last_row_does_nothing() -> None:
    app = TableApp(items(3))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.double_click(RecordTable, offset=(10, 8))
        assert app.table.cursor_key == "p00000"
        assert app.chosen() == []


async def test_enter_chooses_and_messages_name_their_table() -> None:
    app = TableApp(items(3))
    async with app.run_test() as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.chosen() == ["p00001"]
        assert all(message.control is app.table for message in app.said)


async def test_space_marks_and_vanished_rows_lose_their_mark() -> None:
    app = TableApp(items(5))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("space", "space")
        assert app.table.marked == {"p00000", "p00001"}
        assert lines(app)[1].startswith(" *")
        await pilot.click(RecordTable, offset=(1, 4))
        assert app.table.marked == {"p00000", "p00001", "p00003"}
        assert app.table.cursor_key == "p00002"
        app.table.show(items(4, first=1))
        await pilot.pause()
        assert app.table.marked == {"p00001", "p00003"}
        assert isinstance(app.said[-1], RecordTable.Marked)
        await pilot.press("home", "space")
        assert app.table.marked == {"p00003"}
        app.table.clear_marks()
        assert not app.table.marked


async def test_changed_rows_carry_a_sign_until_told_or_shown_anew() -> None:
    app = TableApp(items(5))
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.flash(["p00001", "p00002"])
        await pilot.pause()
        assert [line[:2] for line in lines(app)[1:4]] == ["> ", " ~", " ~"]
        app.table.unflash(["p00001"])
        await pilot.pause()
        assert [line[:2] for line in lines(app)[1:4]] == ["> ", "  ", " ~"]
        app.table.show(items(5), changed=["p00001"])
        await pilot.pause()
        assert [line[:2] for line in lines(app)[1:4]] == ["> ", " ~", "  "]
        app.table.show(items(5))
        await pilot.pause()
        assert [line[:2] for line in lines(app)[1:4]] == ["> ", "  ", "  "]


async def test_empty_table_says_so_and_takes_every_key() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 12)) as pilot:
        shown = "\n".join(lines(app))
        assert "No products yet." in shown
        assert "Press a." in shown
        await pilot.press("up", "down", "home", "end", "pageup", "pagedown", "enter", "space", "s", "S", "y")
        await pilot.click(RecordTable, offset=(10, 3))
        assert app.chosen() == []
        assert app.table.cursor_key is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[/]", "[/]"),
        ("[red]x", "[red]x"),
        ("\x1b[31mx", "␛[31mx"),
        ("a\tb\nc", "a␉b␊c"),
        ("a\u202eb", "a\u00b7b"),
    ],
)
async def test_names_are_drawn_as_they_are(name: str, shown: str) -> None:
    app = TableApp([Item("p1", name, 5)])
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert f" {shown} " in lines(app)[1]
        assert "\x1b" not in lines(app)[1]


async def test_wide_and_combining_characters_keep_the_columns_aligned() -> None:
    names = ["plain", "日本語テキスト", "cafe\u0301", "🍎 apple", "日本語" * 20, "x" * 90, "👩\u200d🌾"]
    app = TableApp([Item(f"p{n}", name, 5) for n, name in enumerate(names)])
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        shown = lines(app)[1 : 1 + len(names)]
        assert {cell_len(line) for line in shown} == {60}
        assert {cell_len(line[: line.rindex("5")]) for line in shown} == {
            cell_len(shown[0][: shown[0].rindex("5")])
        }
        assert "…" in shown[4]
        assert "…" in shown[5]


@pytest.mark.parametrize("text", ["", "a", "日", "日本", "e\u0301e\u0301", "\x1b\x1b\x1b", "🍎🍎", "abcdef"])
@pytest.mark.parametrize("width", range(6))
def test_fitted_text_takes_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted(text, width, "right")) == width


def test_columns_share_what_is_left_and_vanish_in_their_order() -> None:
    wide = placed(COLUMNS, 80)
    assert wide[-1].right == 80 - 2
    assert [place.column.key for place in wide] == ["id", "name", "quantity", "note"]
    assert [place.column.key for place in placed(COLUMNS, 39)] == ["id", "name", "quantity"]
    assert [place.column.key for place in placed(COLUMNS, 25)] == ["id", "name"]
    assert [place.column.key for place in placed(COLUMNS, 5)] == ["id", "name"]


async def test_narrow_screen_drops_columns_then_scrolls_sideways() -> None:
    app = TableApp(items(50))
    async with app.run_test(size=(34, 12)) as pilot:
        await pilot.pause()
        assert "Note" not in lines(app)[0]
        assert "Stock" in lines(app)[0]
        assert not app.table.show_horizontal_scrollbar
        await pilot.resize_terminal(16, 12)
        await pilot.pause()
        assert "Stock" not in lines(app)[0]
        assert app.table.show_horizontal_scrollbar
        await pilot.press("right", "right")
        await pilot.pause()
        assert lines(app)[1].startswith(">")
        assert "00000" in lines(app)[1]
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        assert "Note" in lines(app)[0]
        assert lines(app)[1].startswith(">  p00000")


async def test_other_columns_keep_rows_and_cursor() -> None:
    app = TableApp(items(50), sort="quantity")
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("down")
        app.table.set_columns(COLUMNS[:2])
        await pilot.pause()
        assert "Stock" not in lines(app)[0]
        assert app.table.cursor_key == "p00007"
        assert app.table.sort_column == ""


async def test_a_hundred_thousand_rows_draw_only_the_lines_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_ahead, "PAUSE_S", 1000)
    calls: list[str] = []

    def name(item: Item) -> str:
        calls.append(item.id)
        return item.name

    columns = (COLUMNS[0], COLUMNS[1]._replace(cell=name))
    app = TableApp(items(100_000), columns=columns)
    async with app.run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        assert len(set(calls)) <= 20
        calls.clear()
        await pilot.press("pagedown")
        await pilot.pause()
        assert len(calls) <= 20
        await pilot.press("end")
        assert app.table.cursor_key == "p99999"
        assert "p99999" in lines(app)[-1]


async def test_a_burst_of_digits_does_nothing_but_pass() -> None:
    app = TableApp(items(50))
    async with app.run_test(size=(60, 12)) as pilot:
        app.said.clear()
        await pilot.press(*"4006381333931", "g")
        assert "".join(app.keys) == "4006381333931g"
        assert app.table.cursor_key == "p00000"
        assert not app.said


async def test_copy_gives_all_columns_as_shown() -> None:
    app = TableApp([Item("p1", "a\tb", 5)])
    async with app.run_test(size=(24, 12)) as pilot:
        await pilot.press("y")
        assert app.clipboard == "p1\ta␉b\t5\t"


async def test_wheel_scrolls_rows_and_leaves_cursor_and_header() -> None:
    app = TableApp(items(100))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        for _ in range(5):
            wheel = MouseScrollDown(app.table, 5, 5, 0, 0, 0, shift=False, meta=False, ctrl=False)
            app.table.post_message(wheel)
        await pilot.pause()
        assert "p00000" not in "".join(lines(app))
        assert "Name" in lines(app)[0]
        assert app.table.cursor_key == "p00000"
        await pilot.press("down")
        await pilot.pause()
        assert lines(app)[1].startswith(">  p00001")


async def test_first_row_is_announced_though_shown_before_the_start() -> None:
    app = TableApp(items(3))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert [said.key for said in app.said if isinstance(said, RecordTable.Highlighted)] == ["p00000"]


async def test_another_theme_and_the_loss_of_focus_repaint_the_rows() -> None:
    app = TableApp(items(5))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        before = app.table.render_line(1)
        app.table.blur()
        await pilot.pause()
        blurred = app.table.render_line(1)
        assert blurred != before
        assert blurred.text == before.text
        app.theme = "textual-light"
        await pilot.pause()
        assert app.table.render_line(1) != blurred


@pytest.mark.parametrize(
    ("available", "widths"),
    [(60, [6, 11, 25, 8]), (80, [6, 13, 41, 10]), (100, [6, 16, 58, 10]), (158, [6, 20, 60, 10])],
)
def test_a_column_grows_to_its_most_and_leaves_the_rest_to_others(available: int, widths: list[int]) -> None:
    """So that in a wide window a number stands near the name it belongs to."""
    columns = [
        Column[Item]("id", "Id", 6, lambda item: item.id),
        Column[Item]("name", "Name", 10, lambda item: item.name, flex=1, most=20),
        Column[Item]("note", "Note", 10, lambda item: item.name, flex=8, most=60),
        Column[Item]("who", "Who", 6, lambda item: item.name, flex=1, most=10),
    ]
    found = placed(columns, available)
    assert [place.width for place in found] == widths
