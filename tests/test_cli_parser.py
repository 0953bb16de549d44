"""The words of the command line, and how little is made and loaded to understand them."""

from __future__ import annotations

import argparse
import os
import random
import shutil
from importlib import import_module

import pytest

from tracker_tui.commands import export, parser
from tracker_tui.commands.parser import EXPORTS, REPORT_BY, REPORT_PERIODS, VERBS, Verb, parse
from tracker_tui.commands.quick_words import quick_words
from tracker_tui.model.figures import BY
from tracker_tui.model.periods import PERIODS


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_verb_names_a_function_that_does_it(verb: Verb) -> None:
    module, _, function = verb.command.partition(".")
    if verb.name in ("demo", "keys", "unarchive"):  # none works on the shop of the folder
        assert not verb.command
    else:
        assert callable(getattr(import_module(f"tracker_tui.commands.{module}"), function))


def test_what_may_be_exported_is_what_can_be() -> None:
    assert (*export.EXPORTED, *export._REPORTS) == EXPORTS


def test_a_report_may_be_of_what_there_is() -> None:
    assert (REPORT_BY, REPORT_PERIODS) == (BY, PERIODS)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gather the program names of the parsers that are really set up."""
    programs: list[str] = []
    real = argparse.ArgumentParser.__init__

    def noting(parser: argparse.ArgumentParser, *args: object, **options: object) -> None:
        programs.append(str(options["prog"]))
        real(parser, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(argparse.ArgumentParser, "__init__", noting)
    return programs


def test_only_the_parser_of_the_verb_is_made(made: list[str]) -> None:
    """A value that is the name of another verb is a value."""
    args = parse(["--as", "products", "sell", "M01=2", "--json"])
    assert made == ["tracker-tui", "tracker-tui sell"]
    assert (args.verb, args.clerk_name, args.items, args.json) == ("sell", "products", ["M01=2"], True)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_verb_has_help_of_its_own(verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([verb.name, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: tracker-tui {verb.name} [-h]")
    assert f"\n{verb.text}\n" in text
    assert "everywhere:\n  -d DIR" in text


def test_an_unknown_verb_is_answered_with_all_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["nonsense", "report"])
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert all(f"'{verb.name}'" in err for verb in VERBS)


@pytest.mark.parametrize("exported", ["57", "0", "", "wide"])
def test_help_is_as_wide_as_the_library_would_make_it(
    exported: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", exported)
    assert parser.columns() == shutil.get_terminal_size().columns
    with pytest.raises(SystemExit):
        parse(["--help"])
    ours = capsys.readouterr().out
    monkeypatch.setattr(parser, "_Formatter", argparse.HelpFormatter)
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert capsys.readouterr().out == ours


def test_help_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda _fd: os.terminal_size((133, 40)))
    assert parser.columns() == 133


WORDS = (
    "sell", "report", "add", "M01=1", "a=b=2", "=3", "M01", "-1", "-x=1", "", "-d", "--", "shop", "-dshop", "--as",
    "amal", "--json", "--clerk", "--read-only", "--idle", "5", "--note", "two words", "--note=x", "--sale",
    "--payment", "card", "--customer", "--since", "2026-03-31", "--not", "-h",
)  # fmt: skip


def test_what_is_read_quickly_is_read_the_same() -> None:
    dice = random.Random(1)
    quick = 0
    for _ in range(20_000):
        line = dice.choices(WORDS, k=dice.randint(0, 3))
        line += [dice.choice(("sell", "report"))] * dice.randint(0, 1)
        line += ["M01=1"] * dice.randint(0, 2) + dice.choices(WORDS, k=dice.randint(0, 4))
        if (read := quick_words(line)) is not None:
            assert vars(read) == vars(parse(line)), line
            quick += 1
    assert quick > 300


@pytest.mark.parametrize(
    "line",
    [
        "-d shop sell M01=2 M02=1 --payment card",
        "sell --json --customer C0001 --sale s1 --note x --payment card M01=1",
        "--as amal -d shop report --json",
        "report",
    ],
)
def test_the_lines_of_a_counter_are_read_quickly(line: str) -> None:
    assert quick_words(line.split()) is not None


@pytest.mark.parametrize(
    "line", ["", "sell", "sell M01", "sell M01=1 --note", "report --by day", "add M01=1", "sell -h"]
)
def test_what_is_not_plain_is_left_to_the_parser(line: str) -> None:
    assert quick_words(line.split()) is None
