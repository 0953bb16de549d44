"""Handing a receipt out: to the printer that `tracker.toml` names, or into a file.

Nothing here waits longer than `PATIENCE_S`, and no control character of a receipt's text is sent: only what the
extra `receipt` (python-escpos) makes of its own, to set the printer up, print the sale's code and cut the paper.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import select
import shlex
import signal
import stat
import subprocess
from pathlib import Path
from time import monotonic
from typing import Any, Final

from tracker_tui.errors import PrinterFailed
from tracker_tui.model.records import ReceiptSettings
from tracker_tui.model.text import visible

PATIENCE_S: Final = 10.0
"""So long a printer may take for one receipt, in seconds."""

_CONTROL: Final = bytes(code for code in (*range(0x20), 0x7F) if code != 0x0A)
_CLEAN: Final = bytes.maketrans(_CONTROL, b"?" * len(_CONTROL))
_LONGEST_WORD: Final = 200
_BARCODE_COLUMNS: Final = 42
"""From this width on the whole sale id fits on the paper as a barcode; else the number of the entry."""


def print_receipt(text: str, sale: str, entry: int, settings: ReceiptSettings) -> None:
    """Print a receipt.

    Args:
        text: The receipt.
        sale: The sale's id, and
        entry: the number of its entry, for the barcode of a printer that is sent ESC/POS.
        settings: Which printer.

    Raises:
        PrinterFailed: There is none, or it did not take it; the text says what to do.
    """
    print_text(text, settings, sale if settings.width >= _BARCODE_COLUMNS else f"E{entry}")


def print_text(text: str, settings: ReceiptSettings, code: str = "") -> None:
    """Print a text.

    Args:
        text: What is printed.
        settings: Which printer.
        code: Of the barcode that a printer is sent that knows ESC/POS; empty = none.

    Raises:
        PrinterFailed: There is none, or it did not take it; the text says what to do.
    """
    data = text.encode(settings.encoding, "replace").translate(_CLEAN)
    if settings.escpos:
        data = _with_escpos(data, code)
    if settings.printer:
        _to_command(data, shlex.split(settings.printer))
    elif settings.device:
        _to_device(data, settings.device)
    else:
        raise PrinterFailed(
            'no printer is set: in tracker.toml, under [receipt], put printer = "lp" or device = "/dev/usb/lp0"'
        )


def save_receipt(text: str, path: str) -> Path:
    """Write a receipt into a new file; one that is there already stays as it is.

    Args:
        text: The receipt.
        path: Where; `~` is the home folder.

    Returns:
        The file.

    Raises:
        PrinterFailed: It cannot be written, or is there already.
    """
    file = Path(path).expanduser()
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise PrinterFailed(f"{file} is there already; give another name") from None
    except (OSError, ValueError) as error:
        raise PrinterFailed(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    return file


def _with_escpos(data: bytes, code: str) -> bytes:
    """Return what sets the printer up, prints the text and the code, and cuts the paper."""
    try:
        module: Any = importlib.import_module("escpos.printer")
    except ImportError:
        raise PrinterFailed(
            "receipt.escpos needs one more package: pip install 'tracker-tui[receipt]'"
        ) from None
    printer = module.Dummy()
    printer.hw("INIT")
    start = printer.output
    printer.clear()
    if code and code.isascii() and code.isprintable():
        with contextlib.redirect_stdout(io.StringIO()):  # it prints how it does that
            printer.barcode(f"{{B{code}", "CODE128", height=60, width=2, function_type="B")
    printer.cut()
    return bytes(start + data + printer.output)


def _to_command(data: bytes, words: list[str]) -> None:
    """Give the receipt to a command, and wait until it took it."""
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise PrinterFailed(f"{words[0]}: {error.strerror or error}") from error
    try:
        _, said = process.communicate(data, PATIENCE_S)
    except subprocess.TimeoutExpired:
        _end(process)
        raise PrinterFailed(f"{words[0]} did not take the receipt within {PATIENCE_S:.0f} s") from None
    if process.returncode:
        words_of_it = said.decode("utf-8", "replace").strip().rsplit("\n", 1)[-1][:_LONGEST_WORD]
        raise PrinterFailed(f"{words[0]} failed: {visible(words_of_it) or f'exit code {process.returncode}'}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command with all that it started; what holds its pipes nevertheless is left alone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)
    for pipe in (process.stdin, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _to_device(data: bytes, device: str) -> None:
    """Write the receipt to a raw printer, which may take it slowly."""
    try:
        fd = os.open(device, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise PrinterFailed(f"{device}: {error.strerror or error}") from error
    try:
        if not stat.S_ISCHR(os.fstat(fd).st_mode):
            raise PrinterFailed(f"{device} is no device of a printer")
        until = monotonic() + PATIENCE_S
        view = memoryview(data)
        while view:
            _, ready, _ = select.select([], [fd], [], max(0.0, until - monotonic()))
            if not ready:
                raise PrinterFailed(f"{device} did not take the receipt within {PATIENCE_S:.0f} s; is it on?")
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(fd, view) :]
    except OSError as error:
        raise PrinterFailed(f"{device}: {error.strerror or error}") from error
    finally:
        os.close(fd)
