"""What `tracker.toml` may say, and that a mistake in it is told with its line and stops nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tracker_tui.model.records import ReceiptSettings, Settings, TaxRules
from tracker_tui.service import InventoryService
from tracker_tui.storage.settings import read_settings

OpenShop = Callable[..., InventoryService]

WHOLE = """\
# The shop's own.
shop = "Corner shop"
low_stock = 3

[tax]
included = false
rate = 20
categories = { books = 5.5 }
[tax.products]
"001" = 0

[receipt]
width = 48
header = ["1 High Street", "Tel. 123"]
footer = ["Thank you"]
device = "/dev/usb/lp0"
encoding = "cp850"
escpos = true
"""


def test_all_of_it_is_read() -> None:
    settings, problems = read_settings(WHOLE.encode())
    assert problems == ()
    assert settings == Settings(
        shop="Corner shop",
        low_stock=3,
        tax=TaxRules(False, Decimal(20), {"books": Decimal("5.5")}, {"001": Decimal(0)}),
        receipt=ReceiptSettings(
            48, ("1 High Street", "Tel. 123"), ("Thank you",), "", "/dev/usb/lp0", "cp850", escpos=True
        ),
    )


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("shop = 'x'\n\ndecimals = 9", 3, "decimals: must be a whole number from 0 to 4"),
        ("[tax]\nrate = 101", 2, "tax.rate: must be a percent from 0 to 100"),
        ("[tax]\nrate = true", 2, "tax.rate: must be a percent"),
        ("[tax]\nrate = nan", 2, "tax.rate: must be a percent"),
        ("[tax]\nrate = 5.12345", 2, "tax.rate: must have at most 4 decimals"),
        ("[tax]\nincluded = 1", 2, "tax.included: must be true or false"),
        ("[tax]\n# rate = 3\n[tax.categories]\n'a = b' = 'x'", 4, "tax.categories.a = b: must be a percent"),
        ("[tax]\ncategories = { books = -1 }", 2, "tax.categories.books: must be a percent"),
        ("tax.products = 5", 1, "tax.products: must be a table of rates"),
        ("tax = 20", 1, "tax: must be a table"),
        ("[receipt]\nwidth = 40", 2, "receipt.width: must be one of 32, 42, 48"),
        ("[receipt]\nheader = 'x'", 2, "receipt.header: must be at most 20 texts"),
        ("[receipt]\nheader = [\n 'a',\n '\\u0007', 5 ]", 2, "receipt.header: must be"),
        ("[receipt]\nprinter = 'lp \"x'", 2, "receipt.printer: has a quote that does not end"),
        ("[receipt]\nprinter = ' '", 2, "receipt.printer: must name a command"),
        ("[receipt]\ndevice = '/etc/passwd'", 2, "receipt.device: must be a device"),
        ("[receipt]\ndevice='/dev/lp0'\nprinter = 'lp'", 2, "receipt.device: there is a printer command"),
        ("[receipt]\nencoding = 'klingon'", 2, "receipt.encoding: must be the name of a character set"),
        ("[receipt]\nencoding = 'utf-16'", 2, "receipt.encoding: must be the name of a character set"),
        ("[receipt]\nencoding = 'base64'", 2, "receipt.encoding: must be the name of a character set"),
        ("[receipt]\ncolour = 1", 2, "receipt.colour: is no setting"),
        ("[keys]\nsell.pay = 9", 2, "keys.sell.pay: must be a text"),
        ("shop = 'x'\nlow_stock = = 3", 2, "cannot be read, so the defaults hold"),
    ],
)
def test_mistake_is_told_with_its_line_and_key(text: str, line: int, reason: str) -> None:
    _, problems = read_settings(text.encode())
    assert [(problem.file, problem.line) for problem in problems] == [("tracker.toml", line)]
    assert problems[0].reason.startswith(reason)


def test_one_mistake_leaves_all_the_rest() -> None:
    settings, problems = read_settings(WHOLE.replace("rate = 20", "rate = 200").encode())
    assert len(problems) == 1
    whole = read_settings(WHOLE.encode())[0]
    assert settings == whole._replace(tax=whole.tax._replace(rate=None))


def test_file_that_is_just_being_typed_changes_nothing(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    file = shop_dir / "tracker.toml"
    file.write_text('shop = "Corner"\ndecimals = 3\n', "utf-8")
    service.refresh()
    file.write_text('shop = "Corner"\ndecimals = 3\n[tax\n', "utf-8")
    assert service.refresh()
    assert (service.snapshot.settings.shop, service.snapshot.settings.decimals) == ("Corner", 3)
    told = [problem for problem in service.snapshot.problems if problem.file == "tracker.toml"]
    assert [problem.line for problem in told] == [3]
    assert "what held before still holds" in told[0].reason
    with open_shop() as other:
        assert other.snapshot.settings == Settings(), "a session that starts now has nothing to go on with"
    file.write_text('shop = "Corner 2"\n', "utf-8")
    service.refresh()
    assert service.snapshot.settings == Settings(shop="Corner 2")
    assert service.snapshot.problems == ()


def test_printer_command_that_others_could_write_is_not_run(
    service: InventoryService, shop_dir: Path
) -> None:
    file = shop_dir / "tracker.toml"
    file.write_text('[receipt]\nprinter = "lp -d till"\n', "utf-8")
    file.chmod(0o644)
    service.refresh()
    assert service.snapshot.settings.receipt.printer == "lp -d till"
    file.chmod(0o664)
    file.write_text('[receipt]\nprinter = "lp -d other"\n', "utf-8")
    service.refresh()
    assert service.snapshot.settings.receipt.printer == ""
    assert "chmod go-w" in service.snapshot.problems[0].reason
