"""Printing by a command or on a device, saving, and what is said where that fails."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S
from tracker_tui.errors import PrinterFailed
from tracker_tui.model.records import ReceiptSettings
from tracker_tui.work import printing
from tracker_tui.work.printing import print_receipt, save_receipt

TEXT = "Café\n  2 x 1.20    2.40\n"


def printer(*words: str, encoding: str = "utf-8") -> ReceiptSettings:
    return ReceiptSettings(printer=" ".join(words), encoding=encoding)


def test_command_gets_the_receipt_as_its_input(tmp_path: Path) -> None:
    out = tmp_path / "out put"
    print_receipt(TEXT, "s1", 7, printer("tee", f"'{out}'", encoding="cp850"))
    assert out.read_bytes() == TEXT.encode("cp850")


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    out = tmp_path / "a;b"
    print_receipt(TEXT, "s1", 7, printer("tee", f"'{out}'"))
    assert out.exists()


def test_control_characters_never_reach_the_printer(tmp_path: Path) -> None:
    out = tmp_path / "out"
    print_receipt("a\x1b@b\x00\tc\r\n\x7f", "s1", 7, printer("tee", str(out)))
    assert out.read_bytes() == b"a?@b??c?\n?"


def test_character_that_the_printer_lacks_is_a_question_mark(tmp_path: Path) -> None:
    out = tmp_path / "out"
    print_receipt("牛 é\n", "s1", 7, printer("tee", str(out), encoding="ascii"))
    assert out.read_bytes() == b"? ?\n"


def test_command_that_fails_says_why() -> None:
    code = "\"import sys; sys.stdin.read(); sys.exit('paper\\x1b is out')\""
    with pytest.raises(PrinterFailed, match="failed: paper\u241b is out"):
        print_receipt(TEXT, "s1", 7, printer(sys.executable, "-c", code))
    with pytest.raises(PrinterFailed, match="exit code 1"):
        print_receipt(TEXT, "s1", 7, printer("false"))
    with pytest.raises(PrinterFailed, match="no-such-command: No such file"):
        print_receipt(TEXT, "s1", 7, printer("no-such-command"))


def test_command_that_hangs_is_ended_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(printing, "PATIENCE_S", 0.3)
    pids = tmp_path / "pids"
    script = tmp_path / "hangs.sh"
    script.write_text(f"sleep 600 & echo $! $$ > {pids}; wait\n")
    communicate = subprocess.Popen.communicate

    def once_it_hangs(
        process: subprocess.Popen[bytes], data: bytes, patience_s: float
    ) -> tuple[bytes, bytes]:
        while not (pids.exists() and pids.read_text().endswith("\n")):
            time.sleep(0.01)
        return communicate(process, data, patience_s)

    monkeypatch.setattr(subprocess.Popen, "communicate", once_it_hangs)
    with pytest.raises(PrinterFailed, match="did not take the receipt within"):
        print_receipt("x" * 200_000, "s1", 7, printer("sh", str(script)))
    deadline = time.monotonic() + PATIENCE_S
    while any(
        _is_running(pid) for pid in pids.read_text().split()
    ):  # a killed process may take a moment to go
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_device_gets_the_receipt() -> None:
    ours, theirs = pty.openpty()
    try:
        print_receipt("a\nb\n", "s1", 7, ReceiptSettings(device=os.ttyname(theirs)))
        assert os.read(ours, 100).replace(b"\r", b"") == b"a\nb\n"
    finally:
        os.close(ours)
        os.close(theirs)


def test_device_that_takes_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "PATIENCE_S", 0.2)
    ours, theirs = pty.openpty()
    try:
        with pytest.raises(PrinterFailed, match="is it on"):
            print_receipt("x\n" * 100_000, "s1", 7, ReceiptSettings(device=os.ttyname(theirs)))
    finally:
        os.close(ours)
        os.close(theirs)


def test_plain_file_is_no_device(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("precious")
    with pytest.raises(PrinterFailed, match="no device"):
        print_receipt(TEXT, "s1", 7, ReceiptSettings(device=str(file)))
    assert file.read_text() == "precious"
    with pytest.raises(PrinterFailed, match="No such file"):
        print_receipt(TEXT, "s1", 7, ReceiptSettings(device="/dev/no-such-printer"))


def test_no_printer_says_how_to_set_one() -> None:
    with pytest.raises(PrinterFailed, match=r"under \[receipt\], put printer"):
        print_receipt(TEXT, "s1", 7, ReceiptSettings())


def test_file_is_never_written_over(tmp_path: Path) -> None:
    assert save_receipt(TEXT, f"{tmp_path}/r.txt").read_text("utf-8") == TEXT
    with pytest.raises(PrinterFailed, match="is there already"):
        save_receipt("other", f"{tmp_path}/r.txt")
    assert (tmp_path / "r.txt").read_text("utf-8") == TEXT
    with pytest.raises(PrinterFailed, match="No such file"):
        save_receipt(TEXT, f"{tmp_path}/none/r.txt")
    with pytest.raises(PrinterFailed, match="null"):
        save_receipt(TEXT, f"{tmp_path}/a\0b")


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "escpos.printer", None)
    with pytest.raises(PrinterFailed, match=r"tracker-tui\[receipt\]"):
        print_receipt(TEXT, "s1", 7, printer("true")._replace(escpos=True))


def test_escpos_prints_the_code_and_cuts(tmp_path: Path) -> None:
    pytest.importorskip("escpos")
    out = tmp_path / "out"
    settings = printer("tee", str(out))._replace(escpos=True)
    print_receipt("a\x1b\n", "260302-120000-1a2b3c4d", 7, settings)
    sent = out.read_bytes()
    assert sent.startswith(b"\x1b@")
    assert b"a?\n" in sent
    assert b"{B260302-120000-1a2b3c4d" in sent
    assert b"\x1dV" in sent.split(b"{B")[1]
    out.unlink()
    print_receipt("a\n", "260302-120000-1a2b3c4d", 7, settings._replace(width=32))
    assert b"{BE7" in out.read_bytes()
