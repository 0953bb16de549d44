"""The screens in a browser: the README's command, spoken to as the page's script does, over HTTP and its websocket.

No browser is started: the page's script only hands bytes between this websocket and an emulator of a terminal.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.benchmarks.terminal import plain_environment
from tests.server.sshd import DEADLINE_S, processes_of, wait_for
from tests.server.test_readme_server import README
from tracker_tui.model import Product
from tracker_tui.service import InventoryService


def command_of_the_readme(folder: Path, port: int) -> list[str]:
    """Return the README's command, on a shop and a port of this test."""
    found = re.search(r"<!-- browser -->\n```sh\npython -c \"(.*)\"\n```", README)
    assert found is not None
    program = f"{sys.executable} -m tracker_tui --in-browser -d {folder}"
    code = found[1].replace("tracker-tui --in-browser -d /srv/shop", program)
    assert "127.0.0.1" in code
    return [sys.executable, "-c", code.replace("host='127.0.0.1'", f"host='127.0.0.1', port={port}")]


async def use_it(port: int) -> None:
    """Look at the page, then work in the program behind it."""
    import aiohttp  # noqa: PLC0415 - only there with the extra

    async with aiohttp.ClientSession() as client:
        async with client.get(f"http://127.0.0.1:{port}/") as page:
            assert page.status == 200
            assert "/ws" in await page.text()
        async with client.ws_connect(f"ws://127.0.0.1:{port}/ws?width=100&height=30") as line:
            shown = b""

            async def until(text: bytes) -> None:
                nonlocal shown
                while text not in shown:
                    shown += (await line.receive()).data

            async with asyncio.timeout(DEADLINE_S):
                await until(b"Milk")
                await line.send_json(["stdin", "\x1bOS"])
                await until(b"Nothing in the basket")
                await line.send_json(["stdin", "M01\r"])
                await until(b"1 product, 1 piece")


def test_the_screens_work_in_a_browser(tmp_path: Path) -> None:
    pytest.importorskip("textual_serve")
    with InventoryService.open(tmp_path / "shop", "owner") as service:
        service.add(Product("M01", "Milk", Decimal("1.20"), 50))
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
    command = command_of_the_readme(tmp_path / "shop", port)
    server = subprocess.Popen(command, env=plain_environment(), stdout=subprocess.DEVNULL)

    def listens() -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_for(listens, "the server of the page")
        asyncio.run(use_it(port))
        wait_for(lambda: not processes_of(tmp_path / "shop"), "the end of the program behind a closed page")
    finally:
        os.kill(server.pid, signal.SIGINT)
        server.wait(DEADLINE_S)
    assert list((tmp_path / "shop" / "baskets").glob("basket-*.txt")), "the basket is kept"
