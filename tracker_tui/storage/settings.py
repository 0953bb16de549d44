"""`tracker.toml`: what the shop's people may set. A value that cannot be used is reported and left out."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable, Mapping
from decimal import Decimal

from tracker_tui.model.money import MOST_PIECES
from tracker_tui.model.records import RECEIPT_WIDTHS, Problem, ReceiptSettings, Settings, TaxRules
from tracker_tui.model.text import unprintable
from tracker_tui.typed import Any, Final

SETTINGS_FILE: Final = "tracker.toml"
LARGEST: Final = 1 << 20
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_MOST_LINES: Final = 20
_MOST_DECIMALS: Final = 4
_SYNTAX_LINE: Final = r"\(at line (\d+)"

Check = Callable[[object], str]
"""Says why a value cannot be taken; empty where it can."""


def read_settings(data: bytes, known: Settings | None = None) -> tuple[Settings, tuple[Problem, ...]]:
    """Read the settings; what is missing or cannot be used has its default.

    Args:
        data: The file; empty where there is none.
        known: The settings that hold so far: they go on where the file as a whole cannot be read, as it may
            just be typed. None = the defaults hold then.

    Returns:
        The settings, and what is wrong: each problem names the line and the key.
    """
    kept = "what held before still holds" if known is not None else "the defaults hold"
    if len(data) > LARGEST:
        reason = f"is larger than {LARGEST >> 20} MB, so it was not read and {kept}"
        return known or Settings(), (Problem(SETTINGS_FILE, 0, reason),)
    if not data:
        return Settings(), ()
    import tomllib  # noqa: PLC0415 - most shops have no such file

    try:
        text = data.decode("utf-8-sig")
        table = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        found = re.search(_SYNTAX_LINE, str(error))
        line = int(found[1]) if found else 0
        return known or Settings(), (Problem(SETTINGS_FILE, line, f"cannot be read, so {kept}: {error}"),)
    reader = _Reader()
    settings = reader.settings(table)
    if not reader.wrong:
        return settings, ()
    lines = _lines_of_keys(text)
    return settings, tuple(
        Problem(SETTINGS_FILE, _line_of(path, lines), f"{'.'.join(path)}: {reason}")
        for path, reason in reader.wrong
    )


def checked_command(
    fd: int, settings: Settings, problems: tuple[Problem, ...]
) -> tuple[Settings, tuple[Problem, ...]]:
    """Leave a printer's command out that somebody else may have written: it runs as whoever prints.

    Args:
        fd: The shop's folder.
        settings: As they were read.
        problems: What was wrong with them.
    """
    if not settings.receipt.printer:
        return settings, problems
    with contextlib.suppress(FileNotFoundError):
        info = os.stat(SETTINGS_FILE, dir_fd=fd, follow_symlinks=False)
        owners = (0, os.geteuid(), os.fstat(fd).st_uid)
        if info.st_uid in owners and not info.st_mode & _OTHERS_WRITE:
            return settings, problems
    reason = (
        "receipt.printer: is not run, as other users could have written it;"
        " the file must be the folder's owner's and nobody else's to write (chmod go-w tracker.toml)"
    )
    bare = settings._replace(receipt=settings.receipt._replace(printer=""))
    return bare, (*problems, Problem(SETTINGS_FILE, 0, reason))


class _Reader:
    """Takes the values that can be used, and remembers what is wrong with the others.

    Attributes:
        wrong: The keys and the reasons.
    """

    def __init__(self) -> None:
        self.wrong: list[tuple[tuple[str, ...], str]] = []

    def settings(self, table: Mapping[str, Any]) -> Settings:
        """Read the whole file."""
        good = self._good(table, _SHOP, ())
        if isinstance(table.get("keys"), dict):
            flat = _flat(table["keys"])
            texts = {key: value for key, value in flat.items() if isinstance(value, str)}
            for key in flat.keys() - texts.keys():
                self._complain(("keys", *key.split(".")), 'must be a text, such as sell.pay = "f9"')
            good["keys"] = texts
        elif "keys" in table:
            self._complain(("keys",), 'must be a table of texts, such as sell.pay = "f9"')
        tax, receipt = self._table(table, "tax"), self._table(table, "receipt")
        if tax is not None:
            good["tax"] = self._tax(tax)
        if receipt is not None:
            good["receipt"] = self._receipt(receipt)
        return Settings()._replace(**good)

    def _table(self, table: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
        found = table.get(name)
        if found is not None and not isinstance(found, dict):
            self._complain((name,), f"must be a table: [{name}]")
            return None
        return found

    def _good(
        self, table: Mapping[str, Any], checks: Mapping[str, Check | None], path: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return the values of a table that can be used; a check that is None is made elsewhere."""
        good: dict[str, Any] = {}
        for name, value in table.items():
            check = checks.get(name, _unknown)
            if check is None:
                continue
            if reason := check(value):
                self._complain((*path, name), reason)
            else:
                good[name] = value
        return good

    def _tax(self, table: Mapping[str, Any]) -> TaxRules:
        good = self._good(table, _TAX, ("tax",))
        if "rate" in good:
            good["rate"] = Decimal(good["rate"])
        for name in ("categories", "products"):
            rates = table.get(name, {})
            if isinstance(rates, dict):
                checks: dict[str, Check | None] = dict.fromkeys(rates, _rate)
                taken = self._good(rates, checks, ("tax", name))
                good[name] = {key: Decimal(rate) for key, rate in taken.items()}
            else:
                self._complain(("tax", name), "must be a table of rates, such as books = 5")
        return TaxRules()._replace(**good)

    def _receipt(self, table: Mapping[str, Any]) -> ReceiptSettings:
        good = self._good(table, _RECEIPT, ("receipt",))
        for name in ("header", "footer"):
            if name in good:
                good[name] = tuple(good[name])
        if good.get("printer") and good.get("device"):
            self._complain(("receipt", "device"), "there is a printer command as well; that one is used")
            del good["device"]
        return ReceiptSettings()._replace(**good)

    def _complain(self, path: tuple[str, ...], reason: str) -> None:
        self.wrong.append((path, reason))


# What each setting may be


def _unknown(_value: object) -> str:
    return "is no setting of this version; it is left alone"


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 100:
        return 'must be a text, such as "Corner shop"'
    return "holds a control character" if unprintable(value) else ""


def _command(value: object) -> str:
    if reason := _text(value):
        return reason.replace("Corner shop", "lp -d till")
    import shlex  # noqa: PLC0415 - most shops have no printer

    try:
        words = shlex.split(str(value))
    except ValueError:
        return "has a quote that does not end"
    return "" if words or not value else "must name a command, such as lp"


def _device(value: object) -> str:
    if reason := _text(value):
        return reason.replace("Corner shop", "/dev/usb/lp0")
    return "" if not value or str(value).startswith("/dev/") else "must be a device, such as /dev/usb/lp0"


def _lines(value: object) -> str:
    if not isinstance(value, list) or len(value) > _MOST_LINES or any(map(_text, value)):
        return f'must be at most {_MOST_LINES} texts, such as ["1 High Street", "Tel. 123"]'
    return ""


def _flag(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _whole(most: int) -> Check:
    def check(value: object) -> str:
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
        return "" if whole else f"must be a whole number from 0 to {most}"

    return check


def _rate(value: object) -> str:
    number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if not number or not Decimal(value).is_finite() or not 0 <= value <= 100:  # type: ignore[arg-type, operator]
        return "must be a percent from 0 to 100, such as 20 or 5.5"
    exponent = Decimal(value).as_tuple().exponent  # type: ignore[arg-type]
    few = isinstance(exponent, int) and exponent >= -_MOST_DECIMALS
    return "" if few else f"must have at most {_MOST_DECIMALS} decimals"


def _width(value: object) -> str:
    known = isinstance(value, int) and not isinstance(value, bool) and value in RECEIPT_WIDTHS
    return "" if known else f"must be one of {', '.join(map(str, RECEIPT_WIDTHS))}"


def _encoding(value: object) -> str:
    wrong = 'must be the name of a character set, such as "cp850"'
    if not isinstance(value, str):
        return wrong
    try:
        return "" if "x\n".encode(value) == b"x\n" else wrong
    except (LookupError, ValueError):
        return wrong


_SHOP: Final[Mapping[str, Check | None]] = {
    "shop": _text,
    "currency": _text,
    "decimals": _whole(4),
    "low_stock": _whole(MOST_PIECES),
    "below_zero": _flag,
    "keys": None,
    "tax": None,
    "receipt": None,
}


def setting_names() -> tuple[str, ...]:
    """Return the names that may stand on top of the file, in the order in which they are explained."""
    return tuple(_SHOP)


_TAX: Final[Mapping[str, Check | None]] = {
    "included": _flag,
    "rate": _rate,
    "categories": None,
    "products": None,
}
_RECEIPT: Final[Mapping[str, Check | None]] = {
    "width": _width,
    "header": _lines,
    "footer": _lines,
    "printer": _command,
    "device": _device,
    "encoding": _encoding,
    "escpos": _flag,
}


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Join the names of tables in tables with dots, as they were typed."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


# Where a key stands


def _lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each key and table, from 1: `tomllib` does not tell.

    A line inside a text of several lines may look like a key; it counts only where no real one stands above.
    """
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = _path_in(stripped)
            lines.setdefault(table, number)
        elif "=" in stripped and not stripped.startswith("#"):
            path = (*table, *_path_in(f"{_key_of(stripped)} = 0"))
            for size in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:size], number)
    return lines


_KEY: Final = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^=])*"""


def _key_of(line: str) -> str:
    found = re.match(_KEY, line)
    return found[0] if found else ""


def _path_in(text: str) -> tuple[str, ...]:
    """Return the names in a line that is a table's header or sets one key."""
    import tomllib  # noqa: PLC0415 - as above

    try:
        found: object = tomllib.loads(text)
    except (ValueError, RecursionError):
        return ()
    path: list[str] = []
    while isinstance(found, (dict, list)) and found:
        if isinstance(found, list):
            found = found[0]
            continue
        name, found = next(iter(found.items()))
        path.append(name)
    return tuple(path)


def _line_of(path: tuple[str, ...], lines: Mapping[tuple[str, ...], int]) -> int:
    """Return the line of a key, or of the table that it seems to stand in."""
    for size in range(len(path), 0, -1):
        if path[:size] in lines:
            return lines[path[:size]]
    return 0
