"""Which tier a test belongs to, by what it uses: `-m fast`, `-m terminal` … select by it."""

import inspect
from pathlib import Path

import pytest

E2E = Path(__file__).parent / "e2e"

SLOW = (
    "cargo",
    "javascript",
    "python",
    "typescript",
    "clang",
    "terminal",
    "pilot",
    "program",
    "browser",
    "fluvio",
    "kafka",
    "peer",
    "soak",
)
"""Tests with none of these markers are fast."""

FIXTURES = {
    "toolchain": "cargo",
    "javascript": "javascript",
    "prepared_javascript": "javascript",
    "python": "python",
    "typescript": "typescript",
    "world": "terminal",
    "browser": "browser",
    "drive": "pilot",
    "fluvio": "fluvio",
    "fluvio_nodes": "fluvio",
    "kafka": "kafka",
    "kafka_nodes": "kafka",
    "snap_compare": "pilot",
    "wheel": "program",
}
"""A fixture that a test uses, itself or through another fixture, and the marker that this gives it."""

STARTERS = {
    "subprocess": "program",
    "fuzz": "program",
    "add_module": "program",
    "compile_worker": "program",
    "FluvioTui": "pilot",
}
"""A name in a test's module, and the marker that this gives its tests: modules compile in a process."""

CLUSTERS = ("fluvio", "kafka")
"""`--dist loadgroup` runs all tests of one cluster in one process, which starts it once."""

BUILDING_SECONDS = {"javascript": 900, "python": 3600, "typescript": 2400}
"""What the first of these tests waits for is built meanwhile, on a machine with other work."""


def add_tiers(items: list[pytest.Item]) -> None:
    """Mark each test with its tiers."""
    for item in items:
        for name in _tiers(item):
            item.add_marker(name)
            if name in BUILDING_SECONDS:
                item.add_marker(pytest.mark.timeout(BUILDING_SECONDS[name]))
        marked = {mark.name for mark in item.iter_markers()}
        for name in marked.intersection(CLUSTERS):
            item.add_marker(pytest.mark.xdist_group(name))
        if marked.isdisjoint(SLOW):
            item.add_marker("fast")


def _tiers(item: pytest.Item) -> set[str]:
    assert isinstance(item, pytest.Function)
    found = {marker for fixture, marker in FIXTURES.items() if fixture in item.fixturenames}
    # Tests that run in each language have one more fixture, by a parameter's value.
    language = getattr(item, "callspec", None) and item.callspec.params.get("language")
    found |= {FIXTURES[language]} if language else set()
    if E2E in item.path.parents:
        found.add("terminal")
    found |= {marker for name, marker in STARTERS.items() if name in vars(item.module)}
    # `here` runs the command line in this process, on the folder of `program`.
    if "program" in item.fixturenames and "here" not in inspect.signature(item.function).parameters:
        found.add("program")
    return found
