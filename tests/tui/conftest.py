"""What the tests of both front ends share, since some of the command line's drive the dashboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

from tests.waiting import PATIENCE


@pytest.fixture(scope="session", autouse=True)
def notifications_stay() -> Iterator[None]:
    """Let no notification be gone before a busy machine comes to look at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "NOTIFICATION_TIMEOUT", 10 * PATIENCE)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_styles() -> Iterator[None]:
    """Let all apps share their parsed styles: parsing takes a third of what starting an app takes.

    Textual keeps them per app, and has no public way to share them.
    """
    parse = Stylesheet._parse_rules
    parsed: dict[tuple[object, ...], list[RuleSet]] = {}

    def parse_once(
        styles: Stylesheet, css: str, read_from: CSSLocation, *more: Any, **named: Any
    ) -> list[RuleSet]:
        variables = tuple(styles._variables.items())
        key = (css, read_from, more, tuple(named.items()), variables)
        if key not in parsed:
            parsed[key] = parse(styles, css, read_from, *more, **named)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        # Textual hashes all rules, in Python, each time it applies styles: that took a tenth of a test.
        patch.setattr(RuleSet, "__hash__", object.__hash__)
        yield
