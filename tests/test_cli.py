"""The command line: every verb, its answers in JSON, its exit codes, what it refuses."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faulty_table import FAULTS, TABLE
from tests.waiting import PATIENCE_S
from tracker_tui.cli import data_directory, run
from tracker_tui.service import InventoryService
from tracker_tui.storage.folder import STOPPED, Folder

ORIGINAL = Path(__file__).parent / "data" / "original"


class Answer(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str


class Shop:
    """A shop that is worked on by commands alone."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self._capsys = capsys

    def __call__(self, *argv: str, code: int = 0) -> Answer:
        self._capsys.readouterr()
        got = run(["-d", str(self.directory), "--as", "amal", *argv])
        out, err = self._capsys.readouterr()
        assert got == code, f"{argv}: exit code {got}, not {code}\n{out}\n{err}"
        return Answer(got, out, err)

    def json(self, *argv: str, code: int = 0) -> Any:  # noqa: ANN401 - JSON has every shape
        return json.loads(self(*argv, "--json", code=code).out)

    def quantity(self, product_id: str) -> int:
        return next(int(row["quantity"]) for row in self.json("products") if row["id"] == product_id)


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    return Shop(tmp_path / "shop", capsys)


@pytest.fixture
def shop(empty: Shop) -> Shop:
    """Entries 1 and 2: Milk (10 at 1.20) and Bread (5 at 2.50)."""
    milk = ("--categories", "dairy,fresh", "--barcode", "4001", "--cost", "0.80", "--reorder-level", "3")
    empty("add", "M01", "Milk", "1.20", "10", *milk)
    empty("add", "B01", "Bread", "2,50", "5", "--categories", "bakery,fresh")
    return empty


@pytest.fixture
def original(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    folder = tmp_path / "original"
    folder.mkdir(mode=0o700)
    for file in ORIGINAL.iterdir():
        shutil.copyfile(file, folder / file.name)
    return Shop(folder, capsys)


# Products


def test_a_product_is_added_and_listed_as_its_file_names_it(shop: Shop) -> None:
    assert shop.json("products")[0] == {
        "id": "M01",
        "name": "Milk",
        "price": "1.20",
        "quantity": 10,
        "categories": ["dairy", "fresh"],
        "reorder_level": 3,
        "barcodes": ["4001"],
        "cost": "0.80",
    }


def test_an_act_answers_with_its_entry(shop: Shop) -> None:
    assert shop.json("add", "T01", "Tea", "4", "8")["entry"] == 3
    assert shop.json("edit", "T01", "--price", "4.20")["entry"] == 4
    assert shop.json("receive", "T01", "6")["entry"] == 5
    assert shop.json("count", "T01", "12")["entry"] == 6
    assert shop.json("remove", "T01")["entry"] == 7
    assert shop.json("undo", "7")["entry"] == 8
    assert shop.quantity("T01") == 12


def test_an_edit_touches_only_what_it_names(shop: Shop) -> None:
    shop("edit", "M01", "--name", "Whole milk", "--barcode", "4002", "--barcode", "4003", "--cost", "")
    milk = shop.json("products", "--search", "whole")[0]
    assert (milk["name"], milk["price"], milk["barcodes"]) == ("Whole milk", "1.20", ["4002", "4003"])
    assert milk["cost"] is None
    assert milk["categories"] == ["dairy", "fresh"]


def test_a_column_of_the_shops_own_is_given_by_its_name(shop: Shop) -> None:
    shop("edit", "M01", "--own", "supplier=Farm", "--own", "shelf = 3 ")
    shop("edit", "M01", "--own", "shelf=")
    shop("add", "N1", "New", "1", "0", "--own", "supplier=Mill")
    milk, new = (shop.json("products", "--search", text)[0] for text in ("M01", "N1"))
    assert (milk["supplier"], new["supplier"]) == ("Farm", "Mill")
    assert "shelf" not in milk
    assert "is not COLUMN=TEXT" in shop("edit", "M01", "--own", "supplier", code=1).err
    assert "the program's own" in shop("edit", "M01", "--own", "price=3", code=1).err
    assert "must not begin with =" in shop("edit", "M01", "--own", "supplier==1", code=1).err


def test_an_edit_to_what_is_has_no_entry(shop: Shop) -> None:
    assert shop.json("edit", "M01", "--name", "Milk")["entry"] is None


def test_products_are_narrowed_by_category_and_words(shop: Shop) -> None:
    def ids(*argv: str) -> list[str]:
        return [row["id"] for row in shop.json("products", *argv)]

    assert ids("--category", "FRESH") == ["M01", "B01"]
    assert ids("--category", "dair") == ["M01"]
    assert ids("--category", "dairy", "--category", "bakery") == ["M01", "B01"]
    assert ids("--category", "fresh", "--category", "bakery", "--every") == ["B01"]
    assert ids("--category", "fresh", "--search", "brea") == ["B01"]
    assert ids("--category", "nothing") == []


def test_own_columns_of_the_file_are_listed(shop: Shop) -> None:
    path = shop.directory / "inventory.txt"
    lines = path.read_text().split("\n")
    lines[1:3] = [f"{lines[1]},shelf", f"{lines[2]},A3"]
    lines[3] += ","
    path.write_text("\n".join(lines))
    assert shop.json("products")[0]["shelf"] == "A3"


# Sales


def test_a_sale_answers_with_entry_sale_total_and_lines(shop: Shop) -> None:
    sold = shop.json("sell", "--customer", "Ben", "--payment", "card", "M01=2", "B01=1")
    assert (sold["entry"], sold["total"], sold["customer_id"]) == (3, "4.90", "C0001")
    assert sold["sale"]
    assert [(line["product_id"], line["quantity"], line["total"]) for line in sold["lines"]] == [
        ("M01", 2, "2.40"),
        ("B01", 1, "2.50"),
    ]
    assert (shop.quantity("M01"), shop.quantity("B01")) == (8, 4)


def test_one_sale_id_is_one_sale(shop: Shop) -> None:
    first = shop.json("sell", "--sale", "basket-1", "M01=2")
    assert shop.json("sell", "--sale", "basket-1", "M01=2") == first
    assert shop.quantity("M01") == 8


def test_an_id_may_hold_the_sign_between_id_and_number(empty: Shop) -> None:
    empty("add", "a=b", "Odd", "1", "5")
    assert empty.json("sell", "a=b=2")["lines"][0]["product_id"] == "a=b"


def test_a_barcode_stands_for_its_product(shop: Shop) -> None:
    assert shop.json("sell", "4001=1")["lines"][0]["product_id"] == "M01"


def test_part_of_a_sale_comes_back_then_the_rest(shop: Shop) -> None:
    sale = shop.json("sell", "M01=3", "B01=1")["sale"]
    part = shop.json("return", sale, "M01=1")
    assert (part["total"], part["lines"][0]["quantity"], part["returns"]) == ("-1.20", -1, sale)
    assert shop.json("return", sale)["total"] == "-4.90"
    assert (shop.quantity("M01"), shop.quantity("B01")) == (10, 5)
    assert "came back already" in shop("return", sale, code=1).err


def test_what_comes_back_spoilt_is_not_for_sale_again(shop: Shop) -> None:
    sale = shop.json("sell", "M01=3")["sale"]
    assert shop.json("return", sale, "M01=2", "--off-shelf", "--note", "sour")["total"] == "-2.40"
    assert shop.quantity("M01") == 7
    assert "1 x " in shop("return", sale).out
    assert shop.quantity("M01") == 8


def test_taxes_are_answered_with_the_sale(shop: Shop) -> None:
    (shop.directory / "tracker.toml").write_text("[tax]\nincluded = false\nrate = 5.50\n", "utf-8")
    answer = shop.json("sell", "M01=3")
    assert answer["total"] == "3.80"
    assert answer["taxes"] == [{"rate": "5.5", "net": "3.60", "tax": "0.20", "gross": "3.80"}]
    assert "5.5% tax on top: $0.20" in shop("sell", "M01=3").out
    assert shop.json("report")["taxes"] == [{"rate": "5.5", "net": "7.20", "tax": "0.40", "gross": "7.60"}]
    assert "Tax 5.5%      $0.40 (net $7.20, gross $7.60)" in shop("report").out


def test_purchases_are_narrowed_by_customer_and_days(shop: Shop) -> None:
    shop("sell", "--customer", "Ben", "M01=1")
    shop("sell", "B01=1")
    rows = shop.json("purchases")
    assert [(row["entry"], row["line"], row["quantity"], row["total"]) for row in rows] == [
        (3, "1/1", 1, "1.20"),
        (4, "1/1", 1, "2.50"),
    ]
    assert list(rows[0]) == (shop.directory / "purchases.txt").read_text().split("\n", 1)[0].split(",")
    assert [row["entry"] for row in shop.json("purchases", "--customer", "ben")] == [3]
    assert [row["entry"] for row in shop.json("purchases", "--customer", "C0001")] == [3]
    assert shop.json("purchases", "--until", "2001-01-01") == []
    assert len(shop.json("purchases", "--since", "2001-01-01")) == 2
    assert "no customer" in shop("purchases", "--customer", "Zoe", code=1).err


def test_changes_are_narrowed_by_product(shop: Shop) -> None:
    shop("receive", "M01", "6", "--note", "van")
    shop("remove", "B01")
    rows = shop.json("changes", "--product", "M01")
    assert [(row["action"], row["quantity_change"], row["note"]) for row in rows] == [
        ("add", 10, ""),
        ("receive", 6, "van"),
    ]
    assert rows[0]["categories"] == ["dairy", "fresh"]
    gone = shop.json("changes")[-1]
    assert (gone["action"], gone["price"], gone["quantity_change"]) == ("remove", None, -5)


def test_customers_are_listed_as_their_file_names_them(shop: Shop) -> None:
    shop("sell", "--customer", "Ben", "M01=1")
    assert shop.json("customers") == [{"id": "C0001", "name": "Ben", "phone": "", "email": "", "note": ""}]


# The report, and the original script's files


def test_the_original_files_open_report_and_go_on(original: Shop) -> None:
    report = original.json("report")
    assert report["customers"] == 1
    assert report["customer_names"] == ["Chips"]
    assert report["purchases"] == 1
    assert report["units"] == 15
    assert report["total_sales"] == "100.00"
    assert report["lowest_stock"] == [
        {"id": "001", "name": "Milk", "quantity": 5},
        {"id": "Chips", "name": "Chips", "quantity": 5},
    ]
    original("sell", "--customer", "Chips", "001=1")
    report = original.json("report")
    assert (report["customers"], report["purchases"], report["total_sales"]) == (1, 2, "110.00")
    assert report["lowest_stock"] == [{"id": "001", "name": "Milk", "quantity": 4}]
    assert (original.directory / "purchases-original.txt").read_bytes() == (
        ORIGINAL / "purchases.txt"
    ).read_bytes()
    assert original("check").out.count("\n") == 1


def test_the_report_for_people_has_the_same(original: Shop) -> None:
    out = original("report").out
    assert "$100.00" in out
    assert "Milk (001), Chips (Chips), 5 left" in out


def test_the_report_takes_returns_off_and_keeps_to_its_days(shop: Shop) -> None:
    sale = shop.json("sell", "M01=3")["sale"]
    shop("return", sale, "M01=1")
    report = shop.json("report")
    assert (report["total_sales"], report["units"], report["purchases"], report["returns"]) == (
        "2.40",
        2,
        1,
        1,
    )
    assert shop.json("report", "--until", "2001-01-01")["total_sales"] == "0.00"


def test_an_empty_shop_answers_everything(empty: Shop) -> None:
    for verb in ("products", "customers", "purchases", "changes"):
        assert empty.json(verb) == []
        assert empty(verb).out.startswith("No ")
    assert empty.json("report")["lowest_stock"] == []
    assert "no products" in empty("report").out
    assert empty("check").out.count("\n") == 1


def test_the_report_writes_names_as_any_json(shop: Shop) -> None:
    names = {
        "M01": '5" pipe, \\ "x"',
        "Q1": "Zoë \N{EURO SIGN} \N{GRINNING FACE}",
        "Q2": "a\N{NO-BREAK SPACE}b",
    }
    shop("edit", "M01", "--name", names["M01"])
    shop("add", "Q1", names["Q1"], "1", "3", "--reorder-level", "7")
    shop("add", "Q2", names["Q2"], "1", "3", "--reorder-level", "9")
    report = shop.json("report")
    assert report["low_stock"] == [
        {"id": "Q2", "name": names["Q2"], "quantity": 3, "reorder_level": 9},
        {"id": "Q1", "name": names["Q1"], "quantity": 3, "reorder_level": 7},
    ]
    assert report["lowest_stock"] == [{"id": key, "name": names[key], "quantity": 3} for key in ("Q1", "Q2")]
    shop("sell", "Q1=2", "M01=9")
    assert shop.json("report")["low_stock"] == [
        {"id": "M01", "name": names["M01"], "quantity": 1, "reorder_level": 3},
        {"id": "Q1", "name": names["Q1"], "quantity": 1, "reorder_level": 7},
        {"id": "Q2", "name": names["Q2"], "quantity": 3, "reorder_level": 9},
    ]


# What is refused


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (("add", "", "Tea", "1", "1"), "id: must not be empty"),
        (("add", "T01", " ", "1", "1"), "name: must not be empty"),
        (("add", "M01", "Tea", "1", "1"), "M01 is taken already"),
        (("add", "T01", "Tea", "x", "1"), "price: “x” is no amount"),
        (("add", "T01", "Tea", "NaN", "1"), "price: “NaN” is no amount"),
        (("add", "T01", "Tea", "1,500", "1"), "can be read in two ways"),
        (("add", "T01", "Tea", "-1", "1"), "price: must be 0 or more"),
        (("add", "T01", "Tea", "1", "-1"), "quantity: must be 0 or more"),
        (("add", "T01", "Tea", "1", "1.5"), "quantity: “1.5” is no whole number"),
        (("add", "T01", "Tea", "1", "99999999999"), "quantity: too large"),
        (("add", "T01", "Tea", "99999999999999", "1"), "price: too large"),
        (("add", "T01", "Tea", "1", "1", "--barcode", "4001"), "4001 belongs to product M01"),
        (("add", "T01", "=1+1", "1", "1"), "must not begin with ="),
        (("add", "T01", "a\x1b[31m", "1", "1"), "control character U+001B"),
        (("edit", "X", "--price", "1"), "there is no product X"),
        (("edit", "M01", "--price", "free"), "price: “free” is no amount"),
        (("remove", "X"), "there is no product X"),
        (("receive", "M01", "0"), "must be 1 or more"),
        (("receive", "M01", "-3"), "must be 1 or more"),
        (("receive", "M01", "many"), "“many” is no whole number"),
        (("count", "M01", "-1"), "must be 0 or more"),
        (("sell", "M01=11"), "11 wanted, there are 10"),
        (("sell", "M01=6", "M01=6"), "12 wanted, there are 10"),
        (("sell", "M01=0"), "must be 1 or more"),
        (("sell", "M01=two"), "“two” is no whole number"),
        (("sell", "X=1"), "there is no product X"),
        (("return", "no-such-sale"), "there is no sale no-such-sale"),
        (("undo", "99"), "there is no entry 99"),
        (("undo", "first"), "“first” is no whole number"),
    ],
)
def test_bad_input_is_refused_with_a_reason_and_changes_nothing(
    shop: Shop, argv: tuple[str, ...], reason: str
) -> None:
    before = shop.json("products"), shop.json("changes"), shop.json("purchases")
    answer = shop(*argv, code=1)
    assert reason in answer.err
    assert answer.out == ""
    assert "\x1b" not in answer.err
    assert (shop.json("products"), shop.json("changes"), shop.json("purchases")) == before


@pytest.mark.parametrize(
    "argv",
    [
        ("sell",),
        ("sell", "M01"),
        ("sell", "=3"),
        ("receive", "M01"),
        ("nonsense",),
        ("report", "--since", "yesterday"),
        ("report", "--since", "2026-02-30"),
        ("purchases", "--until", "20260301"),
        ("export", "secrets"),
        ("products", "--no-such-option"),
        ("--json",),
    ],
)
def test_wrong_usage_is_exit_code_2(shop: Shop, argv: tuple[str, ...]) -> None:
    assert shop(*argv, code=2).err


def test_a_bad_day_says_how_to_type_one(shop: Shop) -> None:
    assert "type it as 2026-03-31" in shop("report", "--since", "31.3.2026", code=2).err


def test_usage_messages_hold_no_control_character(shop: Shop) -> None:
    assert "\x1b" not in shop("products", "\x1b]0;x\x07", code=2).err


def test_all_wrong_fields_are_named_at_once(shop: Shop) -> None:
    err = shop("add", "T01", "Tea", "x", "y", code=1).err
    assert "price:" in err
    assert "quantity:" in err


def test_read_only_looks_but_does_not_change(shop: Shop) -> None:
    assert shop("--read-only", "products").out
    assert "look only" in shop("sell", "M01=1", "--read-only", code=1).err
    assert shop.quantity("M01") == 10


@pytest.mark.parametrize(
    "argv",
    [
        ("add", "T01", "Tea", "1", "1"),
        ("edit", "M01", "--price", "0"),
        ("remove", "M01"),
        ("receive", "M01", "5"),
        ("count", "M01", "5"),
        ("import", "products.csv"),
        ("export", "customers"),
        ("export", "products", "-o", "here.csv"),
        ("hand-edit", "inventory.txt"),
        ("check", "--repair"),
        ("demo", "--keep", "somewhere"),
        ("undo", "1"),
    ],
)
def test_a_clerk_may_not(shop: Shop, argv: tuple[str, ...]) -> None:
    before = shop.json("changes")
    assert "clerk" in shop(*argv, "--clerk", code=1).err
    assert "clerk" in shop("--clerk", *argv, code=1).err
    assert shop.json("changes") == before


def test_a_clerk_sells_returns_takes_back_and_looks(shop: Shop) -> None:
    sold = shop.json("--clerk", "sell", "M01=1")
    shop("--clerk", "return", sold["sale"])
    second = shop.json("--clerk", "sell", "M01=1")
    shop("--clerk", "undo", str(second["entry"]))
    for verb in ("products", "customers", "purchases", "changes", "report", "check"):
        shop("--clerk", verb)
    assert shop.quantity("M01") == 10


def test_a_locked_shop_is_exit_code_3_and_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker_tui.shop.session.LOCK_TIMEOUT_S", 0.05)
    with Folder(shop.directory).locked():
        assert "try again" in shop("sell", "M01=1", code=3).err
        assert shop.json("products")
    assert shop.quantity("M01") == 10


def test_an_unusable_folder_is_exit_code_3(shop: Shop) -> None:
    (shop.directory.parent / "file").write_text("")
    assert shop("products", "-d", str(shop.directory.parent / "file"), code=3).err


def test_what_was_booked_stays_booked_where_the_snapshot_cannot_follow(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("tracker_tui.storage.folder.os.rename", full)
        answer = shop("sell", "M01=1")
    assert "Sold" in answer.out
    assert shop.quantity("M01") == 9


# Where the shop is


def test_options_stand_before_or_after_the_verb(shop: Shop, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert shop("--json", "products", "-d", other).out == "[]\n"
    shop("sell", "M01=1", "--as", "jonas")
    assert shop.json("purchases")[0]["clerk"] == "jonas"


def test_the_folder_is_given_or_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRACKER_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "tracker-tui" in data_directory(None)
    assert data_directory(None) != str(tmp_path)
    (tmp_path / "inventory.txt").write_text("")
    assert data_directory(None) == str(tmp_path)
    monkeypatch.setenv("TRACKER_DATA", str(tmp_path / "env"))
    assert data_directory(None) == str(tmp_path / "env")
    assert data_directory("given") == "given"


# Text is data


def test_names_reach_the_terminal_as_symbols_and_json_as_escapes(shop: Shop) -> None:
    path = shop.directory / "inventory.txt"
    path.write_text(path.read_text().replace("Milk", "Mi\x1b[31mlk\u202e\x9b"))
    out = shop("products").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    raw = shop("products", "--json").out
    assert "\x1b" not in raw
    assert "\x9b" not in raw
    assert json.loads(raw)[0]["name"] == "Mi\x1b[31mlk\u202e\x9b"


def test_columns_are_aligned_for_wide_letters(shop: Shop) -> None:
    shop("add", "W01", "緑茶", "1", "1")
    lines = shop("products").out.splitlines()
    assert lines[-1].startswith("W01  緑茶   $1.00")
    assert lines[0].startswith("ID   NAME   PRICE")


# The check


def test_a_broken_line_is_named_with_file_and_line(shop: Shop) -> None:
    path = shop.directory / "inventory.txt"
    path.write_text(path.read_text().replace("M01,Milk,1.20", "M01,Milk,cheap"))
    answer = shop("check", code=1)
    assert re.fullmatch(r"inventory\.txt:3: price: .*\n", answer.out)
    problems = shop.json("check", code=1)["problems"]
    assert (problems[0]["file"], problems[0]["line"]) == ("inventory.txt", 3)


def test_a_torn_tail_is_set_aside_and_named(shop: Shop) -> None:
    shop("sell", "M01=1")
    with (shop.directory / "purchases.txt").open("ab") as log:
        log.write(b"4,1/1,amal,torn")
    answer = shop("check", "--repair")
    assert "purchases.txt:3: the last line is cut off" in answer.err
    assert ".torn" in answer.err
    assert answer.out.startswith("All is sound")
    assert shop.quantity("M01") == 9


def test_repair_writes_the_inventory_anew_from_the_logs(shop: Shop) -> None:
    (shop.directory / "inventory.txt").unlink()
    assert "written anew from the logs, up to entry 2" in shop("check", "--repair").err
    assert shop.quantity("M01") == 10
    assert "left as it is" in shop("check", "--repair").err


def test_a_sound_check_lets_a_stopped_shop_go_on(shop: Shop) -> None:
    flag = shop.directory / STOPPED
    flag.write_text("purchases.txt: the disk failed\n")
    assert "check" in shop("sell", "M01=1", code=1).err
    shop("check", "--clerk")
    assert flag.exists()
    assert "can be changed again" in shop("check").err
    assert not flag.exists()
    shop("sell", "M01=1")


def test_a_stopped_shop_with_a_damaged_log_stays_stopped(shop: Shop) -> None:
    shop("sell", "M01=1")
    log = shop.directory / "purchases.txt"
    log.write_bytes(
        log.read_bytes() + b"nonsense\n" + log.read_bytes().split(b"\n")[1].replace(b"3,", b"4,", 1) + b"\n"
    )
    (shop.directory / STOPPED).write_text("the disk failed\n")
    assert "logs are mended" in shop("check", "--repair", code=1).err
    assert (shop.directory / STOPPED).exists()


# Import and export


def test_an_import_adds_changes_and_names_what_it_refuses(shop: Shop, tmp_path: Path) -> None:
    table = tmp_path / "supplier.csv"
    table.write_text(
        "SKU;Product;Price;Qty;Category;Supplier\n"
        "M01;Milk;1,30;10;dairy|fresh;x\n"
        "B01;Bread;2,50;5;bakery|fresh;x\n"
        "T01;Tea;4;8;drinks;x\n"
        "T02;Coffee;dear;8;drinks;x\n"
    )
    dry = shop.json("import", str(table), "--dry-run", code=1)
    assert (dry["entry"], dry["dry_run"]) == (None, True)
    assert len(shop.json("products")) == 2
    done = shop.json("import", str(table), code=1)
    assert done["entry"] == 3
    assert (done["new"], done["changed"], done["unchanged"]) == (["T01"], ["M01"], ["B01"])
    assert [(row["line"], row["id"]) for row in done["refused"]] == [(5, "T02")]
    assert done["left_out"] == ["Supplier"]
    assert shop.json("products")[0]["price"] == "1.30"
    again = shop("import", str(table), code=1)
    assert "0 new, 0 changed, 3 unchanged, 1 refused. Nothing was changed." in again.out
    assert "line 5: T02: price: “dear” is no amount" in again.err


def test_an_import_names_the_lines_of_all_faults(shop: Shop, tmp_path: Path) -> None:
    table = tmp_path / "faults.csv"
    table.write_text(TABLE)
    shop("edit", "M01", "--barcode", "4001")
    for options in (["--dry-run"], []):
        refused = shop.json("import", str(table), *options, code=1)["refused"]
        assert [row["line"] for row in refused] == list(FAULTS)
    assert {"G01", "G02"} < {row["id"] for row in shop.json("products")}
    told = shop("import", str(table), code=1).err.splitlines()
    assert [int(line.split("line ")[1].split(":")[0]) for line in told] == list(FAULTS)


def test_an_import_takes_the_columns_that_are_named(shop: Shop, tmp_path: Path) -> None:
    """What is in no column stays as it is, and so does a column that is left alone."""
    table = tmp_path / "prices.csv"
    table.write_bytes("SKU|Was|Neu|Lieferant|Qty\nM01|1.20|1.45|M\xfcller|99\n".encode("latin-1"))
    before = shop.json("products")[0]
    options = ["--encoding", "cp1252", "--delimiter", "bar"]
    options += [word for choice in ("price=Neu", "supplier=4", "quantity=") for word in ("--map", choice)]
    done = shop.json("import", str(table), *options)
    assert (done["changed"], done["left_out"]) == (["M01"], ["Was", "Qty"])
    assert shop.json("products")[0] == {**before, "price": "1.45", "supplier": "Müller"}
    assert (
        "no column Price"
        in shop("import", str(table), "--encoding", "cp1252", "--map", "price=Price", code=1).err
    )
    assert "is no encoding" in shop("import", str(table), "--encoding", "none", code=1).err
    for wrong in (("--map", "price"), ("--delimiter", "x")):
        shop("import", str(table), *wrong, code=2)


def test_an_import_is_one_entry_and_can_be_undone(shop: Shop, tmp_path: Path) -> None:
    table = tmp_path / "new.csv"
    table.write_text("id,name,price\n" + "".join(f"N{i},Thing {i},1\n" for i in range(50)))
    assert shop.json("import", str(table))["entry"] == 3
    assert len(shop.json("products")) == 52
    shop("undo", "3")
    assert len(shop.json("products")) == 2


def test_an_import_does_not_take_back_a_sale_made_meanwhile(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reading of the table and the lock another session sells."""
    table = tmp_path / "prices.csv"
    table.write_text("id,price\nM01,9\n")
    changing = InventoryService._changing

    @contextmanager
    def sold_just_before(service: InventoryService) -> Iterator[Any]:
        monkeypatch.setattr(InventoryService, "_changing", changing)
        with InventoryService.open(shop.directory, "ben") as other:
            other.sell([("M01", 4)])
        with changing(service) as held:
            yield held

    monkeypatch.setattr(InventoryService, "_changing", sold_just_before)
    shop("import", str(table))
    assert shop.quantity("M01") == 6


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (b"", 1, "there is no table"),
        (b"name,price\nTea,1\n", 1, "must name the columns"),
        (b"id,name\n\xff\xfe\xfd,x\n", 1, "is not UTF-8"),
        (b'id,name,price\nT1,"Tea,1\n', 1, "line 2"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(
    shop: Shop, tmp_path: Path, content: bytes, code: int, reason: str
) -> None:
    table = tmp_path / "bad.csv"
    table.write_bytes(content)
    assert reason in shop("import", str(table), code=code).err


def test_a_missing_table_is_exit_code_3(shop: Shop, tmp_path: Path) -> None:
    assert "No such file" in shop("import", str(tmp_path / "none.csv"), code=3).err


def test_an_export_comes_back_unchanged(shop: Shop, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    shop("export", "products", "-o", str(target))
    assert (
        target.read_text().split("\n", 1)[0]
        == "id,name,price,quantity,categories,reorder_level,barcodes,cost"
    )
    done = shop.json("import", str(target))
    assert (done["entry"], done["unchanged"]) == (None, ["M01", "B01"])


@pytest.mark.parametrize("what", ["products", "purchases", "customers", "changes"])
def test_exports_are_the_lists(shop: Shop, what: str) -> None:
    shop("sell", "--customer", "Ben", "M01=1")
    listed = shop.json(what)
    assert json.loads(shop("export", what, "--format", "json").out) == listed
    assert json.loads(shop("export", what, "--json").out) == listed
    header, *rows = shop("export", what).out.splitlines()
    assert header.split(",") == list(listed[0])
    assert len(rows) == len(listed)


def test_reports_are_exported_as_they_are_listed(shop: Shop) -> None:
    shop("sell", "--customer", "Ben", "M01=9")
    for by in ("product", "day", "clerk"):
        listed = shop.json("report", "--by", by)
        assert json.loads(shop("export", "report", "--by", by, "--format", "json").out) == listed
        header, *rows = csv.reader(shop("export", "report", "--by", by, "--period", "all").out.splitlines())
        assert header == list(listed[0])
        assert [row[header.index("total_sales")] for row in rows] == [row["total_sales"] for row in listed]
    low = shop.json("report", "--reorder")
    assert json.loads(shop("export", "reorder", "--format", "json").out) == low
    assert len(shop("export", "reorder").out.splitlines()) == len(low) + 1 == 2
    assert shop("export", "report", "--since", "2099-01-01").out == "id,name\n"


def test_exports_defuse_formulas_but_not_numbers(shop: Shop) -> None:
    path = shop.directory / "inventory.txt"
    path.write_text(path.read_text().replace("Milk", "=HYPERLINK(1)"))
    sale = shop.json("sell", "B01=1")["sale"]
    shop("return", sale)
    assert ",'=HYPERLINK(1)," in f",{shop('export', 'products').out}"
    assert ",-1,2.50,0.00,-2.50," in shop("export", "purchases").out


@pytest.mark.parametrize(
    "name", ["inventory.txt", "purchases.txt", "Changes.TXT", "tracker.toml", "baskets/a.txt", ".tracker/x"]
)
def test_an_export_never_takes_the_place_of_the_shops_own_files(shop: Shop, name: str) -> None:
    (shop.directory / "baskets").mkdir(exist_ok=True)
    (shop.directory / ".tracker").mkdir(exist_ok=True)
    before = {path: path.read_bytes() for path in shop.directory.iterdir() if path.is_file()}
    assert "own file" in shop("export", "products", "-o", str(shop.directory / name), code=1).err
    assert {path: path.read_bytes() for path in shop.directory.iterdir() if path.is_file()} == before


def test_an_export_that_fails_leaves_nothing_behind(shop: Shop, tmp_path: Path) -> None:
    assert shop("export", "products", "-o", str(tmp_path / "none" / "x.csv"), code=3).err
    assert not list(tmp_path.glob("**/*.tmp"))


# By hand


def _editor(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `$EDITOR` a program that runs a Python script on the text."""
    program = tmp_path / "editor.py"
    program.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text()\n"
        f"{script}\n"
        "path.write_text(text)\n"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {program}")


def test_a_hand_edit_is_merged_and_logged(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _editor(tmp_path, "text = text.replace('1.20,10', '1.40,12')", monkeypatch)
    assert shop.json("hand-edit", "inventory.txt") == {"file": "inventory.txt", "changed": True, "entry": 3}
    milk = shop.json("products")[0]
    assert (milk["price"], milk["quantity"]) == ("1.40", 12)
    assert shop.json("changes")[-1]["action"] == "hand-edit"


def test_a_hand_edit_without_a_change_changes_nothing(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _editor(tmp_path, "", monkeypatch)
    assert "left as it was" in shop("hand-edit", "inventory.txt").out
    assert len(shop.json("changes")) == 2


@pytest.mark.parametrize(
    ("file", "script", "reason"),
    [
        ("inventory.txt", "text = text.replace('1.20', 'cheap')", "inventory.txt:3: price"),
        ("inventory.txt", "text = text.replace('# end of inventory\\n', '')", "is missing"),
        ("purchases.txt", "text = text.replace(',1.20,0.00', ',1.30,0.00')", "purchases.txt:2: 1 x 1.30"),
        ("purchases.txt", "text = text.split('\\n')[0] + '\\n'", "entry 3 is gone"),
        ("changes.txt", "text = text.rstrip()[:-3]", "changes.txt:3: the last line is cut off"),
        ("inventory.txt", "sys.exit(3)", "ended with code 3"),
    ],
)
def test_a_hand_edit_that_breaks_something_is_refused_and_kept(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, script: str, reason: str
) -> None:
    shop("sell", "M01=1")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    if "exit" in script:
        script = f"path.write_text('half')\n{script}"
    _editor(tmp_path, script, monkeypatch)
    before = (shop.directory / file).read_bytes()
    err = shop("hand-edit", file, code=1).err
    assert reason in err
    kept = Path(err.rsplit(" kept in ", 1)[1].strip())
    assert kept.read_bytes() != before
    assert (shop.directory / file).read_bytes() == before


def test_a_line_that_was_broken_before_does_not_refuse_a_hand_edit(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shop.directory / "inventory.txt"
    path.write_text(path.read_text().replace("# end", "X,broken\n# end"))
    _editor(tmp_path, "text = text.replace('Bread', 'Rye bread')", monkeypatch)
    shop("hand-edit", "inventory.txt")
    assert shop.json("products")[1]["name"] == "Rye bread"


@pytest.mark.parametrize("name", ["tracker.toml", "notes.txt", "../inventory.txt.bak"])
def test_only_the_shops_tables_are_edited_by_hand(shop: Shop, name: str) -> None:
    assert "choose one of" in shop("hand-edit", name, code=1).err


def test_an_editor_that_is_not_there_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "no-such-editor-here")
    assert "no-such-editor-here" in shop("hand-edit", "inventory.txt", code=3).err


def test_nobody_writes_while_a_person_edits(shop: Shop, tmp_path: Path) -> None:
    started, done = tmp_path / "started", tmp_path / "done"
    waiting = f"touch {started}; while [ ! -e {done} ]; do sleep 0.02; done"
    command = [sys.executable, "-m", "tracker_tui", "-d", str(shop.directory), "hand-edit", "inventory.txt"]
    environment = {**os.environ, "EDITOR": f"sh -c '{waiting}'", "VISUAL": ""}
    editing = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not started.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert "writing to the shop's folder" in shop("sell", "M01=1", code=3).err
        done.touch()
        assert editing.wait(PATIENCE_S) == 0
    finally:
        editing.kill()
        editing.wait()
    shop("sell", "M01=1")


# The process


def _program(*argv: str, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - what Popen takes
    return subprocess.Popen([sys.executable, "-m", "tracker_tui", *argv], **options)


def test_a_closed_pipe_is_quiet(shop: Shop) -> None:
    for number in range(300):
        (shop.directory / "many.csv").open("a").write(f"N{number},{'x' * 500},1\n")
    text = (shop.directory / "many.csv").read_text()
    (shop.directory / "many.csv").write_text(f"id,name,price\n{text}")
    shop("import", str(shop.directory / "many.csv"))
    pipe = subprocess.PIPE
    with _program("-d", str(shop.directory), "products", "--json", stdout=pipe, stderr=pipe) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_output_is_said(shop: Shop) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        _program("-d", str(shop.directory), "products", stdout=full, stderr=subprocess.PIPE) as program,
    ):
        assert program.stderr is not None
        assert b"No space left" in program.stderr.read()
        assert program.wait() == 3


@pytest.fixture
def heard() -> Iterator[None]:
    """Let a child hear SIGINT, also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_is_quiet(shop: Shop) -> None:
    """What is written is more than a pipe holds: once it is gone, the program is at its reading."""
    pipe = subprocess.PIPE
    with _program("-d", str(shop.directory), "import", "-", stdin=pipe, stderr=pipe) as program:
        assert program.stdin is not None
        assert program.stderr is not None
        program.stdin.write(b"x" * 500_000)
        program.stdin.flush()
        code = None
        while code is None:
            # A signal between two reads is heard at the end of the second only: then one presses again.
            program.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                code = program.wait(10)
        assert program.stderr.read() == b""
        assert code == 130


def test_the_screens_need_a_terminal(shop: Shop) -> None:
    pipe = subprocess.PIPE
    for argv in ((), ("demo",)):
        with _program("-d", str(shop.directory), *argv, stdin=pipe, stdout=pipe, stderr=pipe) as program:
            _, err = program.communicate()
            assert b"need a terminal" in err
            assert program.returncode == 1


def test_help_names_every_command() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "tracker_tui", "--help"], check=True, capture_output=True, text=True
    ).stdout
    lists = ("products", "customers", "purchases", "changes", "report", "check")
    acts = ("add", "edit", "remove", "receive", "count", "sell", "return", "undo")
    for verb in (*lists, *acts, "hand-edit", "import", "export", "demo"):
        assert f"\n    {verb} " in help_text


def test_a_day_can_be_restored_and_that_undone(shop: Shop) -> None:
    """The copy of the day is that of its first save, which is that of the first product."""
    shop("edit", "M01", "--price", "9")
    before = shop.json("products")
    [copy] = (shop.directory / "backups").glob("inventory-*.txt")
    day = copy.stem.removeprefix("inventory-")
    assert "1 products would change or come back, 1 would be removed" in shop("restore", day, "--dry-run").out
    assert shop.json("products") == before
    done = shop.json("restore", day)
    assert (done["changed"], done["removed"]) == (1, 1)
    assert [(row["id"], row["price"]) for row in shop.json("products")] == [("M01", "1.20")]
    shop("undo", str(done["entry"]))
    assert shop.json("products") == before
    assert "there are copies of" in shop("restore", "2001-01-01", code=1).err


@pytest.mark.parametrize(("answer", "left"), [("--take-edit", 1), ("--refuse-edit", 8)])
def test_a_large_edit_by_hand_is_answered(shop: Shop, answer: str, left: int) -> None:
    for number in range(6):
        shop("add", f"X{number}", f"Thing {number}", "1", "1")
    path = shop.directory / "inventory.txt"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[-1]]))
    assert "7 products gone" in shop("check", code=1).out
    assert len(shop.json("products")) == 8
    shop("check", answer)
    assert len(shop.json("products")) == left
    assert "All is sound" in shop("check").out


def _buffered() -> dict[str, str]:
    """Return the environment of a program whose output is written when it is flushed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_help_that_could_not_be_written_is_no_success() -> None:
    with (
        Path("/dev/full").open("wb") as full,
        _program("--help", stdout=full, stderr=subprocess.PIPE, env=_buffered()) as program,
    ):
        _, err = program.communicate()
        assert err == b"tracker-tui: output: No space left on device\n"
        assert program.returncode == 3


def test_help_that_nobody_reads_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with _program("--help", stdout=writing, stderr=subprocess.PIPE, env=_buffered()) as program:
        os.close(writing)
        _, err = program.communicate()
        assert err == b""
        assert program.returncode == 141
