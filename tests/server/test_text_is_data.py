"""Names that would command the terminal, in every file and on every screen: what arrives is the program's own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.terminal import plain_environment
from tests.server.sshd import Login

CLASSES: Final = {
    "title": "\x1b]0;SMUGGLED\x07",
    "clipboard": "\x1b]52;c;U01VRw==\x1b\\",
    "question": "\x1b[5n\x1b[6n\x1b[c",
    "reset": "\x1bc\x1b[!p",
    "device": "\x1bPq#0\x1b\\\x1b_x\x1b\\",
    "controls": "".join(map(chr, [*range(1, 10), *range(11, 13), *range(14, 27), *range(28, 32), 127])),
    "c1": "".join(map(chr, range(0x80, 0xA0))),
    "bidi": "\u061c\u200e\u200f" + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])),
    "nothing": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\ufff9\U000e0041",
    "wide": "日本 \U0001f600 e\u0301\u0301\u0301",
    "markup": "[red]x[/red][/][@click=app.quit]y[/]",
}
"""What a name may hold, by what it would do."""

OWN: Final = re.compile(
    r"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\[\?[0-9;]*\$p|\x1b\[[0-9;]*t|\x1b\]22;[^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>]"
)
"""The sequences that the program itself may send."""

NEVER: Final = re.compile(
    "[\x00-\x06\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
QUESTIONS: Final = re.compile(r"\x1b\[[56]n|\x1b\[!p|\x1bc|\x1b\]52|\x1b\]0")

PRODUCTS: Final = "id,name,price,quantity,categories,reorder_level,barcodes,cost\n"
CUSTOMERS: Final = "id,name,phone,email,note\n"
SALES: Final = (
    "entry,line,clerk,sale,customer_id,customer,product_id,product,quantity,price,discount,total,payment,"
    "returns,note,time\n"
)


def field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a shop whose every text is hostile."""
    place = tmp_path / "shop"
    place.mkdir(mode=0o700)
    products, customers, sales = [PRODUCTS], [CUSTOMERS], [SALES]
    for number, (name, evil) in enumerate(CLASSES.items(), 1):
        text = field(f"{name} {evil}")
        products.append(f"P{number:02},{text},1.00,{number},{text},5,,\n")
        customers.append(f"C{number:04},{text},{text},{text},{text}\n")
        sales.append(
            f"{number},1/1,{text},s{number},C{number:04},{text},P{number:02},{text},1,1.00,0.00,1.00,{text},,"
            f"{text},2026-03-0{1 + number % 9}T09:00:00+01:00\n"
        )
    (place / "inventory.txt").write_text("".join(products), encoding="utf-8", newline="")
    (place / "customers.txt").write_text("".join(customers), encoding="utf-8", newline="")
    (place / "purchases.txt").write_text("".join(sales), encoding="utf-8", newline="")
    settings = 'shop = "corner \\u001b]0;SMUGGLED\\u0007"\ncurrency = "\\u001b"\nevil\\u001b = 1\n'
    (place / "tracker.toml").write_text(settings, encoding="utf-8")
    return place


def wrong(output: bytes) -> list[str]:
    """Return what the terminal got that it must not get."""
    text = output.decode("utf-8", "surrogateescape")
    found = QUESTIONS.findall(text)
    return [*found, *NEVER.findall(OWN.sub("", text))]


KEYS: Final = (
    "<F2>", "<Enter>", "<Escape>", "<End>", "i", "<Escape>", "d", "<Escape>", "!", "<Escape>", "<F3>", "<Escape>",
    "<F4>", "P", "0", "1", "<Enter>", "\x0f", "<Escape>", "\x12", "<Escape>", "\x07", "<Escape>", "<F9>", "<Escape>",
    "<Escape>", "<F6>", "<Down>", "<Enter>", "<Escape>", "p", "<Escape>", "<F7>", "\t", "<Enter>", "<Escape>", "<F8>",
    "<Enter>", "<Escape>", "<Down>", "<Down>", "\x12", "<Escape>", "u", "<Escape>", "\x10", "<Escape>", "\x1bOP",
    "<Escape>", "\x14", "<Escape>",
)  # fmt: skip
"""Once round the screens and the dialogs that show what is in the files."""


def pastes() -> Iterator[str]:
    """Yield what is pasted into fields: each class, in brackets and without, and a megabyte."""
    for evil in CLASSES.values():
        yield f"\x1b[200~{evil}\x1b[201~"
    yield f"\x1b[200~{''.join(CLASSES.values()) * 6_000}\x1b[201~"


def test_nothing_of_a_file_or_a_paste_commands_the_terminal(folder: Path) -> None:
    command = [sys.executable, "-m", "tracker_tui", "-d", str(folder), "--as", "anna"]
    with Login(command, size=(120, 40)) as login:
        login.until("P01")
        login.settle(0.5)
        for key in KEYS:
            login.send(key)
            login.settle(0.12)
        for field_keys in ("<F2>/", "<F4>"):
            login.send(field_keys)
            login.settle(0.2)
            for text in pastes():
                login.send(text)
                login.settle(0.1)
            login.send("<Escape><Escape>")
            login.settle(0.2)
        assert b"\xe2\x90\x9b]0;SMUGGLED" in login.output, "it is shown as symbols"
        assert b"[red]x[/red]" in login.output
        login.leave("<Ctrl+Q>")
        assert login.ends() == 0
        assert wrong(bytes(login.output)) == []


COMMANDS: Final = (
    ("products",),
    ("customers",),
    ("purchases",),
    ("changes",),
    ("report",),
    ("check",),
    ("products", "--search", "\x1b]0;SMUGGLED"),
    ("sell", "\x1b[5n\u202e=1"),
    ("\x1b[5n",),
    ("edit", "P01", "--price", "\x1b[5n"),
    ("export", "products", "-o", "/nowhere/\x1b[5n"),
    ("import", "/nowhere/\x1b[5n\u202e"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: re.sub(r"[^\x20-\x7e]", "?", " ".join(words)))
def test_nothing_of_a_file_or_a_word_commands_the_terminal_of_a_command(
    folder: Path, words: tuple[str, ...]
) -> None:
    command = [sys.executable, "-m", "tracker_tui", "-d", str(folder), *words]
    done = subprocess.run(command, capture_output=True, check=False, env=plain_environment())
    assert done.stdout + done.stderr
    assert wrong(done.stdout + done.stderr) == []


@pytest.mark.parametrize("evil", [name for name in CLASSES if name not in ("wide", "markup", "nothing")])
def test_a_command_takes_no_such_name(folder: Path, evil: str) -> None:
    command = [
        sys.executable,
        "-m",
        "tracker_tui",
        "-d",
        str(folder),
        "add",
        "N1",
        f"x{CLASSES[evil]}",
        "1",
        "1",
    ]
    done = subprocess.run(command, capture_output=True, check=False, env=plain_environment())
    assert done.returncode == 1
    assert wrong(done.stderr) == []
