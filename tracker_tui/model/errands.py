"""Work with other files that a person asks for, as values: the app has it done in a thread, and tells how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tracker_tui.model.exports import Listing
from tracker_tui.model.import_tables import ImportTable
from tracker_tui.model.imports import ImportPlan, PlanRow
from tracker_tui.tuples import NamedTuple


class Export(NamedTuple):
    """Write a table into a file.

    Attributes:
        listing: The table.
        path: The file, as it was typed.
        replace: Whether a file of that name may be replaced.
    """

    listing: Listing
    path: str
    replace: bool


class Archive(NamedTuple):
    """Write the whole shop into a zip file.

    Attributes:
        path: The file, as it was typed.
        replace: Whether a file of that name may be replaced.
    """

    path: str
    replace: bool


class ReadTable(NamedTuple):
    """Read a table of products, and say which column is which; answered by `TableRead`.

    Attributes:
        path: The file, as it was typed.
        encoding: Its encoding; empty = the most likely.
        delimiter: What stands between its fields; empty = the most likely.
    """

    path: str
    encoding: str = ""
    delimiter: str = ""


class LookAtTable(NamedTuple):
    """Say what an import would do; answered by `TablePlan`.

    Attributes:
        table: The table.
        columns: Where each field stands.
    """

    table: ImportTable
    columns: Mapping[str, int]


Errand: TypeAlias = Export | Archive | ReadTable | LookAtTable
"""Anything of that kind."""


class TableRead(NamedTuple):
    """A table, and where its columns most likely belong.

    Attributes:
        table: The table.
        columns: Where each field stands: as the last time that such a table was taken in, else as guessed.
        remembered: Whether it is as the last time.
    """

    table: ImportTable
    columns: Mapping[str, int]
    remembered: bool


class TablePlan(NamedTuple):
    """What an import would do.

    Attributes:
        plan: In all.
        rows: Row by row, in the order of the file.
    """

    plan: ImportPlan
    rows: Sequence[PlanRow]
