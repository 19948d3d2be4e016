"""The reference pages in docs/ say what the program says."""

import click
import pytest

from docs.generate import PAGES, is_stale
from docs.man_page import man_page


@pytest.mark.parametrize("name", PAGES)
def test_page_is_up_to_date(name: str) -> None:
    assert not is_stale(name), f"docs/{name} is stale: run `make docs`"


def test_man_page_keeps_what_roff_would_take_for_its_own() -> None:
    @click.command(
        help=".hidden 'text' \\n-x\n\n\b\n.first\n'second", params=[click.Option(["-a"], help=".dot")]
    )
    def command() -> None:
        pass

    lines = man_page(command, "program").splitlines()
    assert "\\&.hidden 'text' \\en\\-x" in lines
    assert {"\\&.first", "\\&'second", "\\&.dot"} <= {*lines}
    assert {line.split()[0] for line in lines if line[0] in ".'"} == {
        '.\\"',
        ".TH",
        ".SH",
        ".B",
        ".PP",
        ".nf",
        ".RS",
        ".RE",
        ".fi",
        ".TP",
    }
