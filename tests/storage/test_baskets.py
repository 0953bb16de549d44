"""`baskets/`: written whole, told apart by who has them open, damaged ones left as they are."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.errors import StorageError
from tracker_tui.model.basket import Basket, BasketLine, Discount
from tracker_tui.model.kept import KeptBasket
from tracker_tui.storage.baskets import BasketFiles, decode_basket, encode_basket
from tracker_tui.storage.folder import Folder

TIME = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LINES = (
    BasketLine("001", 3),
    BasketLine("[/]", 1, Decimal("1.10"), Discount(percent=Decimal("12.5"))),
    BasketLine('a,"b"', 2, Decimal("0.00"), Discount(Decimal("0.50"))),
)
BASKET = Basket("260302-090000-0badcafe", LINES, "C0001", "001", Discount(percent=Decimal(10)))

OTHER_SESSION = """
import sys
from pathlib import Path
from tracker_tui.storage.baskets import BasketFiles, decode_basket
from tracker_tui.storage.folder import Folder
files = BasketFiles(Folder(Path(sys.argv[1])))
files.keep(decode_basket(sys.argv[2], sys.stdin.buffer.read()))
print("kept", flush=True)
import time
time.sleep(100)
"""


@pytest.fixture
def shop_dir(tmp_path: Path) -> Path:
    """Return a shop's folder that is its owner's alone."""
    path = tmp_path / "shop"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def files(shop_dir: Path) -> BasketFiles:
    return BasketFiles(Folder(shop_dir))


def kept(sale: str = BASKET.sale, name: str = "", minutes: int = 0) -> KeptBasket:
    return KeptBasket(BASKET._replace(sale=sale), "amal", TIME + timedelta(minutes=minutes), name)


def path_of(shop_dir: Path, sale: str = BASKET.sale) -> Path:
    return shop_dir / "baskets" / f"basket-{sale}.txt"


def test_a_shop_without_baskets_has_none(files: BasketFiles, shop_dir: Path) -> None:
    assert files.read() == ((), ())
    files.drop("x")
    assert not (shop_dir / "baskets").exists(), "looking makes nothing"


def test_a_basket_is_a_text_that_one_can_read(files: BasketFiles, shop_dir: Path) -> None:
    files.keep(kept(name="Mrs Haddad"))
    assert path_of(shop_dir).read_text(encoding="utf-8").splitlines() == [
        "# tracker basket 1",
        "clerk,amal",
        "name,Mrs Haddad",
        "changed,2026-03-02T09:00:00+00:00",
        "customer,C0001",
        "last,001",
        "discount,10%",
        "line,001,3,,",
        "line,[/],1,1.10,12.5%",
        'line,"a,""b""",2,0.00,0.50',
        "# end of basket",
    ]
    assert files.read().baskets == (kept(name="Mrs Haddad"),)


AMOUNTS = st.integers(0, 10**9).map(lambda coins: Decimal(coins).scaleb(-2))
PRICES = st.none() | AMOUNTS
PERCENTS = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
DISCOUNTS = AMOUNTS.map(Discount) | PERCENTS.map(lambda part: Discount(percent=part))
TEXTS = st.text("aZ09 ,;\"'[]/#=|%é漢🍵\u202e\t", max_size=30)


@given(
    st.lists(
        st.builds(BasketLine, TEXTS.filter(bool), st.integers(1, 999_999_999), PRICES, DISCOUNTS),
        unique_by=lambda line: line.product_id,
        max_size=5,
    ),
    TEXTS,
    TEXTS,
    TEXTS,
    DISCOUNTS,
)
def test_what_is_written_is_read(
    lines: list[BasketLine], customer: str, last: str, name: str, discount: Discount
) -> None:
    basket = Basket("s-1", tuple(lines), customer, last, discount)
    assert decode_basket("s-1", encode_basket(KeptBasket(basket, "bo", TIME, name))) == (
        basket,
        "bo",
        TIME,
        name,
        False,
        None,
    )


def test_the_latest_comes_first(files: BasketFiles) -> None:
    for minutes, sale in enumerate(("b-2", "a-1", "c-3")):
        files.keep(kept(sale, "parked", minutes))
    assert [basket.basket.sale for basket in files.read().baskets] == ["c-3", "a-1", "b-2"]


def test_dropping_takes_the_file_away(files: BasketFiles, shop_dir: Path) -> None:
    files.keep(kept())
    files.drop(BASKET.sale)
    files.drop(BASKET.sale)
    assert list((shop_dir / "baskets").iterdir()) == []
    assert files.read() == ((), ())


def test_the_signature_tells_of_every_change(files: BasketFiles) -> None:
    seen = [files.signature()]
    files.keep(kept())
    seen.append(files.signature())
    files.keep(kept(minutes=1))
    seen.append(files.signature())
    files.drop(BASKET.sale)
    seen.append(files.signature())
    assert len(set(seen)) == 4


def test_who_has_a_basket_open_is_known_until_the_session_ends_however_it_ends(
    files: BasketFiles, shop_dir: Path
) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_SESSION, str(shop_dir), BASKET.sale],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.write(encode_basket(kept()))
    other.stdin.close()
    assert other.stdout.readline() == b"kept\n"
    (basket,) = files.read().baskets
    assert (basket.in_use, basket.is_left) == (True, False)
    other.send_signal(signal.SIGKILL)
    other.wait()
    other.stdout.close()
    (basket,) = files.read().baskets
    assert (basket.in_use, basket.is_left) == (False, True)


def test_an_own_basket_is_in_use_until_it_is_parked_or_let_go(files: BasketFiles) -> None:
    files.keep(kept())
    files.keep(kept(minutes=1))
    assert files.read().baskets[0].in_use
    files.keep(kept(name="parked"))
    assert not files.read().baskets[0].in_use
    files.keep(kept())
    files.close()
    assert files.read().baskets[0].is_left


@pytest.mark.parametrize("mode", [0o700, 0o770, 0o2770, 0o750])
def test_files_take_the_permissions_of_the_folder(shop_dir: Path, mode: int) -> None:
    shop_dir.chmod(mode)
    before = os.umask(0o077)
    try:
        BasketFiles(Folder(shop_dir)).keep(kept())
    finally:
        os.umask(before)
    assert stat.S_IMODE((shop_dir / "baskets").stat().st_mode) == mode
    assert stat.S_IMODE(path_of(shop_dir).stat().st_mode) == mode & 0o666


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no basket"),
        (b"hello\n", "no basket"),
        (b"# tracker basket 2\n# end of basket\n", "no basket of this version"),
        (encode_basket(kept())[:-5], "cut off"),
        (encode_basket(kept())[: len(encode_basket(kept())) // 2], "cut off"),
        (encode_basket(kept()).replace(b"001,3", b"001,-3"), "1 or more pieces"),
        (encode_basket(kept()).replace(b"001,3", b"001,x"), "line 7: “x” is no whole number"),
        (encode_basket(kept()).replace(b"001,3,,", b"001,3"), "must be line,product"),
        (encode_basket(kept()).replace(b"12.5%", b"112.5%"), "more than 100%"),
        (encode_basket(kept()).replace(b"changed", b"danger"), "time"),
        (encode_basket(kept()).replace(b"line,[/]", b"line,001"), "a product twice"),
        (encode_basket(kept()).replace(b"amal", b"am\xffal"), "not UTF-8"),
        (b"# tracker basket 1\n" + b"x" * (1 << 20) + b"\n# end of basket\n", "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_basket_is_a_problem_and_stays(
    files: BasketFiles, shop_dir: Path, data: bytes, reason: str
) -> None:
    files.keep(kept("good-1", "good"))
    path_of(shop_dir).write_bytes(data)
    found = files.read()
    assert [basket.name for basket in found.baskets] == ["good"]
    assert found.problems[0].file == f"baskets/{path_of(shop_dir).name}"
    assert reason in found.problems[0].reason
    assert path_of(shop_dir).read_bytes() == data


def test_a_basket_of_an_editor_or_a_later_version_is_read(files: BasketFiles, shop_dir: Path) -> None:
    files.keep(kept())
    data = path_of(shop_dir).read_bytes().replace(b"clerk", b"# a note\ncolour,red\nclerk")
    path_of(shop_dir).write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert files.read().baskets[0].basket == BASKET


def test_links_and_odd_files_are_left_alone(files: BasketFiles, shop_dir: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(encode_basket(kept()))
    (shop_dir / "baskets").mkdir()
    path_of(shop_dir, "link-1").symlink_to(secret)
    os.mkfifo(path_of(shop_dir, "fifo-1"))
    path_of(shop_dir, "hard-1").hardlink_to(secret)
    (shop_dir / "baskets" / "notes.txt").write_text("mine")
    found = files.read()
    assert found.baskets == ()
    assert len(found.problems) == 3
    with pytest.raises(StorageError, match="link to elsewhere"):
        files.keep(kept("link-1"))
    assert secret.read_bytes() == encode_basket(kept())


def test_a_folder_of_baskets_that_is_a_link_is_refused(
    files: BasketFiles, shop_dir: Path, tmp_path: Path
) -> None:
    (shop_dir / "baskets").symlink_to(tmp_path)
    with pytest.raises(StorageError, match="baskets"):
        files.keep(kept())
    with pytest.raises(StorageError, match="baskets"):
        files.read()


@pytest.mark.parametrize("sale", ["../../x", "", "A", "a/b", "x" * 200, "a\nb"])
def test_a_sale_id_that_is_no_name_of_a_file_is_refused(files: BasketFiles, sale: str) -> None:
    with pytest.raises(StorageError, match="baskets"):
        files.keep(kept(sale))


def test_a_failing_disk_leaves_what_was_there(
    files: BasketFiles, shop_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.keep(kept())
    before = path_of(shop_dir).read_bytes()

    def fail(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        with pytest.raises(StorageError, match="the disk is full"):
            files.keep(kept(minutes=5))
    assert path_of(shop_dir).read_bytes() == before
    assert [path.name for path in (shop_dir / "baskets").iterdir()] == [path_of(shop_dir).name]
    files.keep(kept(minutes=5))
    assert files.read().baskets[0].changed == TIME + timedelta(minutes=5)
