"""No variable of Textual's that a client sends counts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tracker_tui import environment


def test_environment_of_textual_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEXTUAL", "TEXTUAL_DRIVER", "TEXTUAL_PRESS"):
        monkeypatch.setenv(name, "evil")
    monkeypatch.setenv("TEXTUAL_FPS", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("LANG_OF_MINE", "kept")
    environment.forget_environment()
    assert {name: value for name, value in os.environ.items() if name.startswith("TEXTUAL")} == {
        "TEXTUAL_FPS": "240"
    }
    assert os.environ["LANG_OF_MINE"] == "kept"
    assert not {"COLUMNS", "LINES"} & os.environ.keys()


def test_environment_is_forgotten_before_textual_reads_it() -> None:
    program = (
        "import sys; from tracker_tui.environment import forget_environment; forget_environment();"
        "assert 'textual' not in sys.modules; from textual import constants;"
        "assert constants.DRIVER is None and constants.MAX_FPS == 240, constants.DRIVER"
    )
    evil = {**os.environ, "TEXTUAL_DRIVER": "evil:Driver", "TEXTUAL_FPS": "1"}
    subprocess.run([sys.executable, "-c", program], env=evil, check=True)


def test_the_screens_load_no_openssl_and_leave_it_to_those_who_ask() -> None:
    program = (
        "import sys; from tracker_tui.environment import leave_out_tls; leave_out_tls();"
        "import tracker_tui.app; assert not {'ssl', '_ssl', '_hashlib'} & sys.modules.keys();"
        "import ssl; assert ssl.create_default_context()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_is_loaded_already_is_left_as_it_is() -> None:
    program = (
        "import sys, asyncio, ssl; from tracker_tui.environment import leave_out_tls; leave_out_tls();"
        "assert sys.modules['ssl'] is ssl; import asyncio.sslproto; assert asyncio.sslproto.ssl is ssl"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
