"""The screens look as they should: what they show is compared with what is kept, the README's pictures among it.

After a change that is wanted `python -m tests.pictures` keeps them anew, and says what changed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.pictures.drawing import picture_of, svg_of, text_in
from tests.pictures.fixed import make_shops
from tests.pictures.golden import REPOSITORY, all_kept, all_there, content_of, difference, kept_at
from tests.pictures.scenes import PICTURES, TEXTS, Scene, draw


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shops(tmp_path_factory.mktemp("shops"))


@pytest.mark.parametrize(
    "scene", [*PICTURES, *TEXTS], ids=lambda scene: f"{scene.name}-{scene.size[0]}x{scene.size[1]}"
)
def test_a_screen_looks_as_it_should(scene: Scene, shops: Path, tmp_path: Path) -> None:
    picture = draw(scene, shops, tmp_path / "shop")
    kept = kept_at(scene).read_text(encoding="utf-8")
    changed = difference(kept, content_of(scene, picture), picture)
    assert not changed, f"{scene.title}; if it is wanted: python -m tests.pictures\n{changed}"


def test_what_is_kept_is_of_a_scene() -> None:
    assert all_there() == all_kept()


@pytest.mark.parametrize("path", [kept_at(scene) for scene in PICTURES], ids=lambda path: path.name)
def test_a_picture_is_small_and_needs_nothing_from_elsewhere(path: Path) -> None:
    svg = path.read_text(encoding="utf-8")
    assert len(svg) < 60_000
    assert svg.count("http") == svg.count('xmlns="http://www.w3.org/2000/svg"') == 1
    assert not [
        word for word in ("@font-face", "@import", "url(", "<script", "<image", "href") if word in svg
    ]


def test_the_readme_shows_pictures_that_are_there() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    named = {part.partition(")")[0] for part in readme.split("](.pictures/")[1:]}
    assert named
    assert named <= {kept_at(scene).name for scene in PICTURES}


def one_line(*parts: tuple[str, str]) -> Strip:
    return Strip([Segment(text, Style.parse(style)) for text, style in parts])


def test_a_changed_text_is_told_by_its_lines_and_a_changed_look_as_such() -> None:
    scene = PICTURES[0]
    before = picture_of([one_line(("Milk  <1>", "#ffffff on #000000")), one_line(("│█", "#ff0000"))], 9)
    other = picture_of([one_line(("Bread <1>", "#ffffff on #000000")), one_line(("│█", "#ff0000"))], 9)
    bold = picture_of([one_line(("Milk  <1>", "bold #ffffff on #000000")), one_line(("│█", "#ff0000"))], 9)
    kept = content_of(scene, before)
    assert text_in(kept) == before.text == "Milk  <1>\n│█\n"
    assert difference(kept, content_of(scene, before), before) == ""
    told = difference(kept, content_of(scene, other), other)
    assert "-Milk  <1>\n+Bread <1>" in told
    assert "<text" not in told
    told = difference(kept, content_of(scene, bold), bold)
    assert told.startswith("The text is the same, its look is not:")
    assert "font-weight:bold" in told


def test_lines_and_blocks_are_shapes_and_all_else_is_text_at_its_column() -> None:
    strip = one_line(("ab │ ██▌ cd", "#ffffff on #000000"), ("x", "#ffffff on #0000ff"))
    svg = svg_of(picture_of([strip], 12), "<Title>")
    assert "<title>&lt;Title&gt;</title>" in svg
    assert ">ab</text>" in svg
    assert '<text x="85.6" y="23" textLength="16.8" class="i0">cd</text>' in svg
    assert '<rect x="102.4" y="10" width="8.4" height="17" fill="#0000ff"/>' in svg
    assert "█" not in svg.partition("</desc>")[2]
    assert svg.count('<path class="l i0"') == 1
    assert svg.count('<path class="b i0"') == 1
