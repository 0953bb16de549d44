"""The screens in a browser: the README's command, with a headless browser, and spoken to over its websocket alone."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks.terminal import plain_environment
from tests.server.sshd import DEADLINE_S, free_port, processes_of, wait_for
from tests.server.test_readme_server import README
from tracker_tui.model import Product
from tracker_tui.service import InventoryService

if TYPE_CHECKING:
    import aiohttp


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


@pytest.fixture
def served(tmp_path: Path) -> Iterator[int]:
    """Return the port of a page that shows a shop with one product."""
    pytest.importorskip("textual_serve")
    with InventoryService.open(tmp_path / "shop", "owner") as service:
        service.add(Product("M01", "Milk", Decimal("1.20"), 50))
    port = free_port()
    command = command_of_the_readme(tmp_path / "shop", port)
    server = subprocess.Popen(command, env=plain_environment(), stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: listens(port), "the server of the page")
        yield port
    finally:
        os.kill(server.pid, signal.SIGINT)
        server.wait(DEADLINE_S)


def listens(port: int) -> bool:
    """Tell whether somebody listens at a port."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_the_screens_work_in_a_browser(tmp_path: Path, served: int) -> None:
    asyncio.run(use_it(served))
    wait_for(lambda: not processes_of(tmp_path / "shop"), "the end of the program behind a closed page")
    assert list((tmp_path / "shop" / "baskets").glob("basket-*.txt")), "the basket is kept"


class Page:
    """A page in a headless browser, over the protocol of its developers' tools.

    Args:
        line: The websocket of the page.
    """

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._asked = 0

    async def ask(self, method: str, **words: object) -> dict[str, Any]:
        """Have something done; return the answer."""
        self._asked += 1
        await self._line.send_json({"id": self._asked, "method": method, "params": words})
        async with asyncio.timeout(DEADLINE_S):
            while True:
                answer: dict[str, Any] = await self._line.receive_json()
                if answer.get("id") == self._asked:
                    return dict(answer.get("result", {}))

    async def press(self, key: str, number: int) -> None:
        """Press a key that types nothing."""
        for kind in ("rawKeyDown", "keyUp"):
            await self.ask(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=number
            )

    async def type(self, text: str) -> None:
        """Type some letters."""
        for letter in text:
            await self.ask("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", key=letter)

    async def click(self, x: int, y: int) -> None:
        """Click with the mouse."""
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def until_class(self, name: str) -> None:
        """Wait until the page is in some state."""
        code = f"document.body !== null && document.body.classList.contains({name!r})"
        while True:
            found = await self.ask("Runtime.evaluate", expression=code)
            if found["result"].get("value"):
                return
            await asyncio.sleep(0.1)

    async def picture(self) -> bytes:
        """Return what is seen now."""
        shot = await self.ask("Page.captureScreenshot", format="png")
        return base64.b64decode(str(shot["data"]))


async def sell_in_the_browser(
    port: int, tools: int, kept: Callable[[], bool], sold: Callable[[], bool]
) -> bytes:
    """Open the page, sell one piece of M01 by its keys, and return the picture of the basket before it was paid."""
    import aiohttp  # noqa: PLC0415 - only there with the extra

    async with aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{tools}/json/new?http://127.0.0.1:{port}/"
        async with client.put(url) as opened:
            address: str = (await opened.json())["webSocketDebuggerUrl"]
        async with client.ws_connect(address, max_msg_size=0) as line:
            page = Page(line)
            async with asyncio.timeout(2 * DEADLINE_S):
                await page.until_class("-first-byte")
                await page.click(600, 400)
                await page.press("F4", 115)
                await page.type("M01")
                await page.press("Enter", 13)
                await asyncio.to_thread(wait_for, kept, "the basket on disk")
                picture = await page.picture()
                while not sold():  # The first press opens the dialog, which is deaf for a moment.
                    await page.press("F9", 120)
                    await asyncio.sleep(0.5)
            return picture


def test_a_sale_is_made_in_a_headless_browser(tmp_path: Path, served: int) -> None:
    """Skipped, and says so, where there is no Chromium; the tests' own set-up on CI installs it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("TRACKER_CI"):
            pytest.fail("there is no Chromium")
        pytest.skip("there is no Chromium (apt-get install chromium)")
    profile = tmp_path / "profile"
    words = [
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "--window-size=1200,800",
    ]
    browser = subprocess.Popen(
        [
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            *words,
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def kept() -> bool:
        baskets = (tmp_path / "shop" / "baskets").glob("basket-*.txt")
        return any("M01" in basket.read_text("utf-8") for basket in baskets)

    def sold() -> bool:
        log = tmp_path / "shop" / "purchases.txt"
        return log.exists() and b",M01," in log.read_bytes()

    try:
        chosen = profile / "DevToolsActivePort"
        wait_for(lambda: chosen.exists() and "/" in chosen.read_text("utf-8"), "the browser")
        tools = int(chosen.read_text("utf-8").split()[0])
        picture = asyncio.run(sell_in_the_browser(served, tools, kept, sold))
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait(DEADLINE_S)
    assert picture.startswith(b"\x89PNG")
    with InventoryService.open(tmp_path / "shop", "owner") as service:
        assert service.snapshot.products["M01"].quantity == 49
    (Path(os.environ.get("TRACKER_PICTURES", tmp_path)) / "browser.png").write_bytes(picture)
