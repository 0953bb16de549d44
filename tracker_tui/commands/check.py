"""The command that says what is wrong in the files, and puts right what can be."""

from __future__ import annotations

from argparse import Namespace

from tracker_tui.commands.output import say_json
from tracker_tui.commands.streams import complain, say
from tracker_tui.model import Purchase
from tracker_tui.service import InventoryService


def check(service: InventoryService, args: Namespace) -> int:
    """Say what is wrong in the files; with `--repair`, put right what can be."""
    done = _mended(service, args)
    shop = service.snapshot
    sales = sum(isinstance(entry, Purchase) for entry in shop.entries)
    counts = {
        "products": len(shop.products),
        "customers": len(shop.customers),
        "purchases": sales,
        "changes": len(shop.entries) - sales,
        "entry": shop.entry,
    }
    if args.json:
        say_json(
            {
                "problems": [problem._asdict() for problem in shop.problems],
                "done": done,
                **counts,
            }
        )
        return 1 if shop.problems else 0
    for line in done:
        complain(line)
    for problem in shop.problems:
        say(str(problem))
    if shop.problems:
        return 1
    say(
        f"All is sound: {counts['products']} products, {counts['customers']} customers,"
        f" {counts['purchases']} purchases and {counts['changes']} changes, up to entry {counts['entry']}."
    )
    return 0


def _mended(service: InventoryService, args: Namespace) -> list[str]:
    """Put right what can be, and say what was: torn tails were set aside already when the shop was opened."""
    may = not args.clerk and not service.read_only
    stopped = service.resume() if may else ""
    done = [str(notice) for notice in service.snapshot.notices]
    if not may:
        return done
    if stopped:
        done.append(f"the shop can be changed again; it was read-only: {stopped}")
    if args.take_edit or args.refuse_edit:
        waited = service.answer_edit(take=args.take_edit)
        did = "the edit by hand was taken over" if args.take_edit else "the rows are back as they were"
        done.append(did if waited else "no edit by hand waits for an answer")
    if args.repair:
        if service.save():
            done.append(f"inventory.txt was written anew from the logs, up to entry {service.snapshot.entry}")
        else:
            done.append("inventory.txt agrees with the logs; it was left as it is")
    return done
