"""Who acts: the name that stands in every entry."""

from __future__ import annotations

import os

from tracker_tui.errors import FieldProblem, Invalid
from tracker_tui.model.rules import text_problem
from tracker_tui.model.text import normal
from tracker_tui.storage.plain import login_of


def clerk_called(name: str | None) -> str:
    """Return the name of a clerk as the files have it; None = the login of this process.

    Raises:
        Invalid: It cannot be written into the files.
    """
    clerk = normal(name) if name is not None else login_of(os.getuid())
    problem = text_problem(clerk, required=True, longest=64)
    if problem:
        raise Invalid([FieldProblem("clerk", problem)])
    return clerk
