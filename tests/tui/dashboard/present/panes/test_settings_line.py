"""Rate limit and parameters in one line."""

from pathlib import Path

import pytest

from engine.consumer.step import InlineFile, Step
from engine.units import InvalidValueError
from tui.dashboard.present.panes.settings_line import parse_settings, settings_line


def step(**params: str) -> Step:
    return Step(source=InlineFile(path=Path("a.rs")), params=params)


@pytest.mark.parametrize(
    "steps",
    [
        (step(),),
        (step(level="error", text="a b = 'c'"),),
        (step(), step(min="5", empty=""), step(min="6")),
    ],
)
def test_a_line_means_what_it_was_made_of(steps: tuple[Step, ...]) -> None:
    line = settings_line(2.5, steps)
    assert parse_settings(line, len(steps)) == (2.5, tuple(one.params for one in steps))


def test_parameters_of_later_steps_have_a_number() -> None:
    assert settings_line(None, (step(a="1"), step(b="2 3"))) == "max a=1 '2:b=2 3'"
    assert parse_settings("2:b=x a=y=z hold", 2) == (0.0, ({"a": "y=z"}, {"b": "x"}))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "type one rate limit"),
        ("a=1", "type one rate limit"),
        ("max max", "type one rate limit"),
        ("max =1", "use name=value"),
        ("max 3:a=1", "there is no step 3"),
        ("max 0:a=1", "there is no step 0"),
        ("max 'a=1", "a quotation mark has no end"),
        ("fast", "invalid rate 'fast'"),
    ],
)
def test_a_problem_is_named(text: str, problem: str) -> None:
    with pytest.raises(InvalidValueError, match=problem):
        parse_settings(text, 2)
