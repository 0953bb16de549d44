"""The command lines of the counter, read without `argparse`, which takes longer than the sale itself.

Only `sell` and `report` in their plain form: each option as the help shows it, its value in the next word. Whatever is
not so plain is left to `parser`, which makes the same of the lines that are read here.
"""

from __future__ import annotations

from tracker_tui.typed import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence
else:
    from types import SimpleNamespace as Namespace

_FLAGS: Final = {"--clerk": "clerk", "--read-only": "read_only", "--json": "json"}
_EVERYWHERE: Final = {"-d": "directory", "--as": "clerk_name"}
_OF_A_SALE: Final = {"--customer": "customer", "--sale": "sale", "--payment": "payment", "--note": "note"}

_UNSAID: Final[Mapping[str, object]] = {
    **dict.fromkeys(_FLAGS.values(), False),
    **dict.fromkeys(_EVERYWHERE.values()),
    "idle": None,
    "in_browser": False,
}
_VERBS: Final[Mapping[str, Mapping[str, object]]] = {
    "sell": {"command": "acts.sell", "customer": "", "sale": "", "payment": "cash", "note": ""},
    "report": {
        "command": "report.report",
        **dict.fromkeys(("since", "until", "period", "by")),
        "reorder": False,
    },
}
"""What is done for a verb, and what its own options are where nobody says anything."""


def quick_words(argv: Sequence[str]) -> Namespace | None:
    """Read a command line, as `parser.parse` does; None where that is left to it."""
    if not all(argv):
        return None
    words = iter(argv)
    said: dict[str, object] = {}
    verb = _options(words, _EVERYWHERE, said)
    if verb is None or verb not in _VERBS:
        return None
    said |= {"verb": verb}
    texts = {**_EVERYWHERE, **_OF_A_SALE} if verb == "sell" else _EVERYWHERE
    word = _options(words, texts, said)
    if verb == "sell":
        items: list[str] = []
        while word and _is_item(word):
            items.append(word)
            word = next(words, "")
        if not items:
            return None
        said |= {"items": items}
        if word in texts or word in _FLAGS:
            word = _options(iter([word, *words]), texts, said)
    return None if word is None or word else Namespace(**{**_UNSAID, **_VERBS[verb], **said})


def _options(words: Iterator[str], texts: Mapping[str, str], said: dict[str, object]) -> str | None:
    """Take options and their values.

    Returns:
        The first word that is none; empty at the end, None where a value is missing or is not plain.
    """
    for word in words:
        if word in _FLAGS:
            said[_FLAGS[word]] = True
        elif word in texts:
            value = next(words, "-")
            if value.startswith("-"):
                return None
            said[texts[word]] = value
        else:
            return word
    return ""


def _is_item(word: str) -> bool:
    product_id, mark, _ = word.rpartition("=")
    return bool(mark and product_id) and not word.startswith("-")
