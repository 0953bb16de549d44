"""A screen as an SVG that says what it shows, and needs neither a font nor a host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape, unescape
from itertools import groupby
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tests.pictures.shapes import DRAWN, RULES, shapes_of

CELL_WIDTH: Final = 8.4
CELL_HEIGHT: Final = 17
EDGE: Final = 10
"""Around the screen, in pixels, as the two above."""
FONTS: Final = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
TEXT_RULES: Final = (
    f"text{{font:14px {FONTS};white-space:pre;fill:currentColor}}rect{{shape-rendering:crispEdges}}"
)


class Run(NamedTuple):
    """Cells of a line that look alike.

    Attributes:
        column: Where it begins, in cells.
        width: In cells.
        text: What stands there.
        ink: The colour of the text, as `#rrggbb`.
        paper: The colour behind it.
        kind: Words for what else it is: `bold`, `italic`, `underline`, `strike`.
    """

    column: int
    width: int
    text: str
    ink: str
    paper: str
    kind: str


class Picture(NamedTuple):
    """What a screen shows.

    Attributes:
        columns: Of the terminal.
        lines: From top to bottom, each from left to right.
    """

    columns: int
    lines: tuple[tuple[Run, ...], ...]

    @property
    def text(self) -> str:
        """All that is to be read, line by line, without what is blank at their ends."""
        return "\n".join("".join(run.text for run in line).rstrip() for line in self.lines) + "\n"


def picture_of(strips: Iterable[Strip], columns: int) -> Picture:
    """Return what lines on a screen show, each `columns` wide; they have their colours already."""
    return Picture(columns, tuple(tuple(_runs(strip.crop(0, columns))) for strip in strips))


def _runs(strip: Strip) -> Iterator[Run]:
    column = 0
    looks = ((_look(segment.style), segment.text) for segment in strip)
    for (ink, paper, kind), alike in groupby(looks, key=lambda look_and_text: look_and_text[0]):
        text = "".join(part for _, part in alike)
        yield Run(column, cell_len(text), text, ink, paper, kind)
        column += cell_len(text)


def _look(style: Style | None) -> tuple[str, str, str]:
    """Return ink, paper and kind of a style."""
    style = style or Style()
    ink = style.color.get_truecolor().hex if style.color else "#e0e0e0"
    paper = style.bgcolor.get_truecolor().hex if style.bgcolor else "#121212"
    if style.reverse:
        ink, paper = paper, ink
    flags = {"bold": style.bold, "italic": style.italic, "underline": style.underline, "strike": style.strike}
    return ink, paper, " ".join(name for name, there in flags.items() if there)


def svg_of(picture: Picture, title: str) -> str:
    """Return a picture as an SVG, one line of the file for each line of the screen and its colours.

    What stands on the screen is in its `<desc>`, for those who have it read to them.
    """
    width = round(picture.columns * CELL_WIDTH + 2 * EDGE, 1)
    height = len(picture.lines) * CELL_HEIGHT + 2 * EDGE
    runs = [run for line in picture.lines for run in line]
    inks = {
        look: f"i{number}" for number, look in enumerate(dict.fromkeys((run.ink, run.kind) for run in runs))
    }
    paper = max((run.paper for run in runs), key=[run.paper for run in runs].count)
    rules = [f".{name}{{color:{ink}{_rules(kind)}}}" for (ink, kind), name in inks.items()]
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(picture.text, quote=False)}</desc>",
        f"<style>{''.join([TEXT_RULES, RULES, *rules])}</style>",
        f'<rect width="{width:g}" height="{height}" rx="8" fill="{paper}"/>',
    ]
    body = [_line(number, line, inks, paper) for number, line in enumerate(picture.lines)]
    return "\n".join([*head, *body, "</svg>", ""])


def _rules(kind: str) -> str:
    """Return the CSS of what a run is besides its colours."""
    css = {
        "bold": ";font-weight:bold",
        "italic": ";font-style:italic",
        "underline": ";text-decoration:underline",
        "strike": ";text-decoration:line-through",
    }
    return "".join(css[word] for word in kind.split())


def _line(number: int, line: Sequence[Run], inks: dict[tuple[str, str], str], paper: str) -> str:
    """Return a line of the screen: what lies behind its text, then the text."""
    top = EDGE + number * CELL_HEIGHT
    parts: list[str] = []
    for colour, alike in groupby(line, key=lambda run: run.paper):
        runs = list(alike)
        if colour != paper:
            left, width = _x(runs[0].column), sum(run.width for run in runs) * CELL_WIDTH
            parts.append(
                f'<rect x="{left:g}" y="{top}" width="{round(width, 1):g}" height="{CELL_HEIGHT}" fill="{colour}"/>'
            )
    for run in line:
        parts += _written(run, top, inks[run.ink, run.kind])
    return "".join(parts)


def _written(run: Run, top: int, ink: str) -> Iterator[str]:
    """Yield what stands in a run: texts and shapes."""
    column = run.column
    for part in DRAWN.split(run.text):
        shown = part.strip(" ")
        left = _x(column + cell_len(part) - cell_len(part.lstrip(" ")))
        column += cell_len(part)
        if DRAWN.fullmatch(part):
            yield shapes_of(part, left, top, (CELL_WIDTH, CELL_HEIGHT), ink)
        elif shown:
            yield (
                f'<text x="{left:g}" y="{top + 13}" textLength="{round(cell_len(shown) * CELL_WIDTH, 1):g}" '
                f'class="{ink}">{escape(shown, quote=False)}</text>'
            )


def _x(column: int) -> float:
    return round(EDGE + column * CELL_WIDTH, 1)


def text_in(svg: str) -> str:
    """Return the text that an SVG of `svg_of` says it shows; "" where it is none."""
    _, found, rest = svg.partition("<desc>")
    return unescape(rest.partition("</desc>")[0]) if found else ""
