"""Errors, their codes, and the remedies of each front end."""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module

import pytest

import engine
from engine.errors import EngineError, UnknownTopicError, did_you_mean
from tui.cli.process import failures
from tui.dashboard.present import remedies


def kinds(of: type[EngineError]) -> Iterator[type[EngineError]]:
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


@pytest.fixture(scope="module")
def codes() -> set[str]:
    """Those of all modules, whatever other tests have imported."""
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if "worker" not in module.name:
            import_module(module.name)
    return {kind.code for kind in kinds(EngineError)}


def test_codes_are_kebab_case(codes: set[str]) -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("by_code", [failures.REMEDIES, remedies.REMEDIES])
def test_remedies_are_for_codes_that_exist(by_code: Mapping[str, str], codes: set[str]) -> None:
    assert by_code.keys() <= codes


@pytest.mark.parametrize(
    ("remedy", "by_code", "advice"),
    [
        ("", {}, ""),
        ("free some space", {}, "free some space"),
        ("", {"unknown-topic": "create {subject}"}, "create logs"),
        ("wait", {"unknown-topic": "create {subject}"}, "wait, or create logs"),
        ("did you mean 'log'?", {"unknown-topic": "create {subject}"}, "did you mean 'log'? Or create logs"),
        ("", {"broker": "x"}, ""),
    ],
)
def test_advice_joins_both_remedies(remedy: str, by_code: Mapping[str, str], advice: str) -> None:
    assert UnknownTopicError("no such topic", remedy, subject="logs").advice(by_code) == advice


def test_near_names_are_asked_about() -> None:
    assert did_you_mean("ordes", ["orders", "logs"]) == "did you mean 'orders'?"
    assert did_you_mean("ordes", ["logs"]) == ""
