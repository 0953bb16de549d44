"""The columns of a table of entries."""

from __future__ import annotations

from tracker_tui.model.history import HistoryRow, plain_summary, summary, what, which
from tracker_tui.model.records import Settings
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import moment


def history_columns(settings: Settings, *, is_long: bool = False) -> list[Column[HistoryRow]]:
    """Return the columns of a table of entries.

    Args:
        settings: How amounts are written.
        is_long: Whether there are so many that they stand only in the order in which they came.
    """

    def style(row: HistoryRow) -> str:
        return "record-table--muted" if row.undone_by is not None else ""

    return [
        Column(
            "entry",
            "Entry",
            6,
            lambda row: str(row.number),
            "right",
            sort=lambda row: row.number,
            style=style,
            plain=lambda row: row.number,
        ),
        Column(
            "time",
            "Time",
            16,
            lambda row: moment(row.entry.time),
            sort=lambda row: row.entry.time,
            style=style,
            plain=lambda row: row.entry.time,
        ),
        Column(
            "who",
            "Who",
            8,
            lambda row: row.entry.clerk,
            sort=None if is_long else lambda row: row.entry.clerk,
            style=style,
            drop=1,
        ),
        Column(
            "what",
            "What",
            9,
            lambda row: what(row.entry),
            sort=None if is_long else lambda row: what(row.entry),
            style=style,
        ),
        Column("which", "Which", 12, lambda row: which(row.entry), flex=2, style=style),
        Column(
            "change",
            "Old -> new",
            16,
            lambda row: summary(row, settings),
            flex=3,
            style=style,
            plain=lambda row: plain_summary(row, settings),
        ),
    ]
