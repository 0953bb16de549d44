"""`tracker.toml`: what the shop's people may set. A value that cannot be used is reported and left out."""

from __future__ import annotations

from typing import Any, Final

from tracker_tui.model.money import MOST_PIECES
from tracker_tui.model.records import Problem, Settings
from tracker_tui.model.text import unprintable

SETTINGS_FILE: Final = "tracker.toml"
LARGEST: Final = 1 << 20


def read_settings(data: bytes) -> tuple[Settings, tuple[Problem, ...]]:
    """Read the settings; what is missing or cannot be used has its default.

    Args:
        data: The file; empty where there is none.
    """
    if len(data) > LARGEST:
        reason = f"is larger than {LARGEST >> 20} MB, so it was not read and the defaults hold"
        return Settings(), (Problem(SETTINGS_FILE, 0, reason),)
    if not data:
        return Settings(), ()
    import tomllib  # noqa: PLC0415 - most shops have no such file

    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Settings(), (Problem(SETTINGS_FILE, 0, f"cannot be read, so the defaults hold: {error}"),)
    good: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in table.items():
        if name == "keys" and isinstance(value, dict):
            value = _flat(value)  # noqa: PLW2901 - dotted keys come as tables in tables
        reason = _reason_against(name, value)
        if reason:
            problems.append(Problem(SETTINGS_FILE, 0, f"{name}: {reason}"))
        else:
            good[name] = value
    return Settings()._replace(**good), tuple(problems)


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Join the names of tables in tables with dots, as they were typed."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _reason_against(name: str, value: object) -> str:
    if name in ("shop", "currency"):
        if not isinstance(value, str) or len(value) > 100:
            return 'must be a text, such as "Corner shop"'
        return "holds a control character" if unprintable(value) else ""
    if name in ("decimals", "low_stock"):
        most = 4 if name == "decimals" else MOST_PIECES
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
        return "" if whole else f"must be a whole number from 0 to {most}"
    if name == "below_zero":
        return "" if isinstance(value, bool) else "must be true or false"
    if name == "keys":
        texts = isinstance(value, dict) and all(isinstance(keys, str) for keys in value.values())
        return "" if texts else 'must be a table of texts, such as sell.pay = "f9"'
    return "is no setting of this version; it is left alone"
