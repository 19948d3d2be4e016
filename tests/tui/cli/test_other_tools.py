"""The page for users of other tools: every command of ours in its tables exists."""

import re
import shlex
from pathlib import Path

import pytest

from tests.tui.cli.conftest import InProcess
from tests.tui.cli.test_help import parse
from tui.cli.root import COMMANDS

PAGE = Path(__file__).parents[3] / "docs/coming-from-other-tools.md"


def commands() -> list[str]:
    """What the right column of the tables says to type."""
    cells = re.findall(r"^\|.*(?<!\\)\|([^|]*(?:\\\|[^|]*)*)\|$", PAGE.read_text(), re.MULTILINE)
    spans = [span.replace("\\|", "|") for cell in cells for span in re.findall(r"`([^`]+)`", cell)]
    words = (*COMMANDS, "smartmodule")
    return [span for span in spans if span.split()[0] in words and " " in span]


@pytest.mark.parametrize("line", commands())
def test_commands_of_the_page_exist(line: str) -> None:
    parse(shlex.split(line))


def test_the_page_has_commands() -> None:
    assert len(commands()) >= 20


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("produce t -f events.jsonl", "No such option '-f': name the FILE after the topic."),
        ("produce t --file=events.jsonl", "No such option '--file': name the FILE after the topic."),
        ("consume t --smartmodule up", "'smartmodule --use NAME' after the topic"),
        ("consume t -o beginning", "-B begins at the oldest record"),
        ("smartmodule create up --wasm-file up.wasm", "No such option '--wasm-file': use --file."),
        ("run p.yaml -d", "No such option '-d': use --to-end."),
        ("consume t --begining", "'--beginning'"),
    ],
)
def test_options_of_other_tools_are_answered_with_ours(here: InProcess, line: str, said: str) -> None:
    outcome = here.run(*line.split())
    assert (outcome.status, said in outcome.err) == (2, True)
