"""What the files make the program ask: about a large edit by hand, and about entries that are gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracker_tui.model.acts import AnswerEdit, AnswerLost
from tracker_tui.model.records import Entry, HeldEdit
from tracker_tui.model.state import Snapshot
from tracker_tui.screens.confirm_dialog import ConfirmDialog


def question_for(shop: Snapshot) -> tuple[ConfirmDialog, Callable[[bool], AnswerEdit | AnswerLost]]:
    """Return what the shop's files ask, one of the two at a time, and what makes an act of the answer."""
    if shop.held_edit is not None:
        return edit_question(shop.held_edit), AnswerEdit
    return lost_question(shop.lost), AnswerLost


def waiting_question(shop: Snapshot) -> tuple[str, str]:
    """Return what names the question that waits, and how it is announced; both empty where none does."""
    if shop.held_edit is not None:
        return shop.held_edit.mark, f"{shop.held_edit}. Press ! to answer; selling goes on."
    if shop.lost:
        numbers = ", ".join(str(entry.entry) for entry in shop.lost)
        return numbers, f"{len(shop.lost)} booked entries are gone. Press ! to answer; selling goes on."
    return "", ""


def edit_question(held: HeldEdit) -> ConfirmDialog:
    """Ask whether a large edit of the inventory was meant."""
    numbers = f"{held.gone} products are gone, {held.changed} changed, {held.added} new, of {held.products}."
    if held.logs_short:
        first = "inventory.txt counts sales or changes that are in neither log any more, and differs from the logs."
        second = "Yes believes inventory.txt and books the difference. No believes the logs."
    else:
        first = f"{held.who} changed much of inventory.txt by hand."
        second = "Yes takes that over as one entry, which can be undone. No puts the rows back."
    question = f"{first} {numbers} {second} Until then nothing of it is lost, and selling goes on."
    return ConfirmDialog(question, "Take over", "Put back", later=True)


def lost_question(lost: Sequence[Entry]) -> ConfirmDialog:
    """Ask what to do about entries that were booked and are gone from their log."""
    numbers = ", ".join(str(entry.entry) for entry in lost[:12]) + ("…" if len(lost) > 12 else "")
    question = (
        f"{len(lost)} entries that were booked are gone from the logs: {numbers}. Somebody may have saved an old"
        " copy of a log. Yes writes them again, No counts them no more."
    )
    return ConfirmDialog(question, "Write again", "Leave out", later=True)
