"""A line without caches does all that a strip does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tracker_tui.widgets.table_paint import Line

styles = st.sampled_from([Style(color="red"), Style(bold=True)])
segments = st.lists(
    st.tuples(st.text("ab 日é…", max_size=8), styles).map(lambda part: Segment(*part)), max_size=5
)


@given(segments, st.integers(0, 30), st.integers(0, 30))
def test_a_line_does_what_a_strip_does(parts: list[Segment], left: int, right: int) -> None:
    plain = Strip(parts)
    line = Line(list(parts), plain.cell_length)
    for _ in range(2):
        assert line == plain
        assert line.crop(left, right) == plain.crop(left, right)
        assert list(line.divide(sorted({left, right}))) == list(plain.divide(sorted({left, right})))
        assert line.adjust_cell_length(right) == plain.adjust_cell_length(right)
        assert line.apply_style(Style(italic=True)) == plain.apply_style(Style(italic=True))
        assert line.crop_extend(left, right, None) == plain.crop_extend(left, right, None)
        assert line.apply_offsets(left, 1) == plain.apply_offsets(left, 1)
        assert line.link_ids == plain.link_ids
        assert line.cell_count == plain.cell_count
        assert line.render(Console()) == plain.render(Console())


def test_lines_share_no_caches() -> None:
    one, other = Line([Segment("one")], 3), Line([Segment("two")], 3)
    assert one.crop(0, 2).text + other.crop(0, 2).text == "ontw"
    with pytest.raises(AttributeError):
        _ = one.no_such_thing
