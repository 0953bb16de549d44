"""What is kept of the screens, and how it differs from what they show now."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import Final

from tests.pictures.drawing import Picture, svg_of, text_in
from tests.pictures.scenes import PICTURES, TEXTS, Scene

REPOSITORY: Final = Path(__file__).parents[2]
PICTURE_FOLDER: Final = REPOSITORY / ".pictures"
TEXT_FOLDER: Final = REPOSITORY / "tests" / "screens" / "golden"


def kept_at(scene: Scene) -> Path:
    """Return where a scene is kept."""
    if scene in PICTURES:
        return PICTURE_FOLDER / f"{scene.name}.svg"
    return TEXT_FOLDER / f"{scene.name}.txt"


def all_kept() -> set[Path]:
    """Return the files of all scenes."""
    return {kept_at(scene) for scene in (*PICTURES, *TEXTS)}


def all_there() -> set[Path]:
    """Return the files that are there."""
    return {*PICTURE_FOLDER.glob("*"), *TEXT_FOLDER.glob("*")}


def content_of(scene: Scene, picture: Picture) -> str:
    """Return what is kept of a scene: the picture itself, or only its text."""
    return svg_of(picture, scene.title) if scene in PICTURES else picture.text


def difference(kept: str, now: str, picture: Picture) -> str:
    """Tell how a scene differs from what is kept: first what is to be read, then how it looks.

    Args:
        kept: The content of the file.
        now: What its content would be now.
        picture: What is shown now.

    Returns:
        Lines to read; empty where nothing differs.
    """
    if kept == now:
        return ""
    old_text = text_in(kept) or kept
    if old_text != picture.text:
        return _lines(old_text, picture.text)
    return f"The text is the same, its look is not:\n{_lines(kept, now, around=0)}"


def _lines(old: str, new: str, around: int = 2) -> str:
    changed = unified_diff(old.splitlines(), new.splitlines(), "kept", "now", lineterm="", n=around)
    return "\n".join(changed)
