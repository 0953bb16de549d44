"""Lines and blocks of the terminal as shapes: a font would leave gaps between those of one line and the next."""

from __future__ import annotations

import re
from typing import Final

_LIGHT: Final = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "rud", "┤": "lud", "┬": "lrd",
    "┴": "lru", "┼": "lrud", "╴": "l", "╵": "u", "╶": "r", "╷": "d",
}  # fmt: skip
_HEAVY: Final = {
    "━": "lr", "┃": "ud", "┏": "rd", "┓": "ld", "┗": "ru", "┛": "lu", "┣": "rud", "┫": "lud", "┳": "lrd",
    "┻": "lru", "╋": "lrud", "╸": "l", "╹": "u", "╺": "r", "╻": "d",
}  # fmt: skip
_ROUND: Final = {"╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu"}
_LEFT: Final = "▏▎▍▌▋▊▉█"
_LOWER: Final = "▁▂▃▄▅▆▇"
_DOUBLE: Final = "╫"
_CORNER: Final = 4
"""The radius of a round corner, in pixels."""

DRAWN: Final = re.compile(f"([{''.join([*_LIGHT, *_HEAVY, *_ROUND])}{_LEFT}{_LOWER}▀{_DOUBLE}]+)")
"""What is drawn here."""


def shapes_of(text: str, left: float, top: float, cell: tuple[float, float], ink: str) -> str:
    """Return characters of `DRAWN` as SVG.

    Args:
        text: The characters, each one cell wide.
        left: Where the first begins, in pixels.
        top: Where the line begins.
        cell: Width and height of a cell.
        ink: The class that has the colour.
    """
    blocks, light, heavy = [], [], []
    width, height = cell
    for number, character in enumerate(text):
        at = left + number * width
        if character in _LEFT:
            blocks.append(_block(at, top, width * (_LEFT.index(character) + 1) / 8, height))
        elif character in _LOWER:
            part = height * (_LOWER.index(character) + 1) / 8
            blocks.append(_block(at, top + height - part, width, part))
        elif character == "▀":
            blocks.append(_block(at, top, width, height / 2))
        elif character == _DOUBLE:
            light.append(_arms(at, top, cell, "lr"))
            light += [_arms(at + aside, top, cell, "ud") for aside in (-1.5, 1.5)]
        elif character in _HEAVY:
            heavy.append(_arms(at, top, cell, _HEAVY[character]))
        elif character in _ROUND:
            light.append(_corner(at, top, cell, _ROUND[character]))
        else:
            light.append(_arms(at, top, cell, _LIGHT[character]))
    return "".join(
        f'<path class="{kind} {ink}" d="{"".join(path)}"/>'
        for kind, path in (("b", blocks), ("l", light), ("h", heavy))
        if path
    )


RULES: Final = (
    ".b{fill:currentColor;shape-rendering:crispEdges}"
    ".l,.h{fill:none;stroke:currentColor}.l{stroke-width:1.2}.h{stroke-width:2.4}"
)
"""The CSS of the shapes; the class of the ink must set `color`, and stand before it."""


def _block(left: float, top: float, width: float, height: float) -> str:
    return f"M{left:.4g} {top:.4g}h{width:.4g}v{height:.4g}h{-width:.4g}z"


def _arms(left: float, top: float, cell: tuple[float, float], arms: str) -> str:
    """Return lines from the middle of a cell to some of its sides."""
    width, height = cell
    x, y = left + width / 2, top + height / 2
    ends = {"l": f"H{left:.4g}", "r": f"H{left + width:.4g}", "u": f"V{top:.4g}", "d": f"V{top + height:.4g}"}
    return "".join(f"M{x:.4g} {y:.4g}{ends[arm]}" for arm in arms)


def _corner(left: float, top: float, cell: tuple[float, float], arms: str) -> str:
    """Return a round corner between two sides of a cell, the first of them upright."""
    width, height = cell
    x, y = left + width / 2, top + height / 2
    side = left if arms[0] == "l" else left + width
    end, bow = (top, -_CORNER) if arms[1] == "u" else (top + height, _CORNER)
    aside = -_CORNER if arms[0] == "l" else _CORNER
    return f"M{side:.4g} {y:.4g}H{x + aside:.4g}Q{x:.4g} {y:.4g} {x:.4g} {y + bow:.4g}V{end:.4g}"
