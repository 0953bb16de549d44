"""What commands answer as JSON: what is put together by hand is what `json` writes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tracker_tui.commands import output
from tracker_tui.commands.output import Json, Rows, json_text, quoted
from tracker_tui.model.text import visible

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ['"', "\\", "\x1b[31m", "\n", "a\N{NO-BREAK SPACE}b", "\N{RIGHT-TO-LEFT OVERRIDE}", "Zoë", "}, {"]
)
_PLAIN = st.none() | st.booleans() | st.integers() | _TEXTS
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=9,
)


@given(_VALUES)
@example([{"a": 1}, {}])
@example({"rows": [{"a": [{"b": None}, {"b": True}]}, {"a": ()}], "none": []})
@example([{"a": "}, {"}, 1])
def test_any_answer_is_the_value_that_it_was_made_of(value: Json) -> None:
    text = json_text(value)
    assert json.loads(text) == json.loads(_ENCODE(value))
    assert all(visible(line) == line for line in text.split("\n"))


@given(_TEXTS)
def test_a_text_is_written_as_json_writes_it(text: str) -> None:
    assert quoted(text) == _ENCODE(text)


@given(_VALUES)
def test_a_value_in_a_line_is_written_as_json_writes_it(value: Json) -> None:
    assert output._encoded(value) == _ENCODE(value)


def test_many_rows_and_few_are_written_alike() -> None:
    rows = [{"id": f"{number}", "of": [number, None, False, 'x"']} for number in range(output._FEW_ROWS + 1)]
    few = [json_text(rows[at : at + 1]).removeprefix("[\n").removesuffix("\n]\n") for at in range(len(rows))]
    assert json_text(rows) == "[\n" + ",\n".join(few) + "\n]\n"


def test_rows_that_are_written_already_stand_in_lines_of_their_own() -> None:
    rows: list[dict[str, Json]] = [{"id": "1", "left": 2}, {"id": "2", "left": 0}]
    written = Rows([_ENCODE(row) for row in rows])
    assert json_text({"low": written, "none": Rows([])}) == json_text({"low": rows, "none": []})
