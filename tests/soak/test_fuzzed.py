"""What the program reads and has not written itself, changed at random for as long as there is time."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fuzzing import fuzz
from tests.soak.budget import MINUTES, ONLY, Share

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzer:
    """A module that changes what the program reads."""

    module: str
    names: tuple[str, ...]
    share: Share
    expected: tuple[str, ...]
    """Fates that some rounds must have: otherwise the changes are too small or too large to tell anything."""


FUZZERS = {
    "modules": Fuzzer(
        module="tests.engine.runtime.fuzzed_guests",
        names=("bytes", "numbers", "lies", "outputs"),
        share=Share(parts=3),
        expected=(
            "bytes: evaluated",
            "bytes: refused",
            "numbers: stopped",
            "lies: evaluated",
            "outputs: evaluated",
        ),
    ),
    "batches": Fuzzer(
        module="tests.engine.broker.sqlite.fuzzed_batches",
        names=("batches",),
        share=Share(parts=2),
        expected=("batches: refused", "batches: read"),
    ),
    "logs": Fuzzer(
        module="tests.engine.broker.sqlite.fuzzed_logs",
        names=("wal", "database", "columns", "mark", "files"),
        share=Share(parts=5),
        expected=("wal: noticed", "database: refused", "mark: whole"),
    ),
    "texts": Fuzzer(
        module="tests.soak.fuzzed_texts",
        names=("config", "expectations", "records", "state", "chain"),
        share=Share(parts=1),
        expected=(
            "config: problems",
            "expectations: refused",
            "records: read",
            "state: read",
            "chain: refused read",
        ),
    ),
}


SCRIPTS = Fuzzer(
    module="tests.engine.builds.javascript.fuzzed_scripts",
    names=("scripts",),
    share=Share(parts=1),
    expected=("scripts: evaluated", "scripts: refused"),
)


PYTHON = Fuzzer(
    module="tests.engine.builds.python.fuzzed_sources",
    names=("sources",),
    share=Share(parts=1),
    expected=("sources: evaluated", "sources: refused"),
)


def test_scripts_that_are_changed_at_random_fail_by_records(javascript: Path) -> None:
    run(SCRIPTS)


def test_sources_in_python_that_are_changed_at_random_fail_by_records(python: Path) -> None:
    run(PYTHON)


@pytest.mark.parametrize("name", FUZZERS)
def test_what_is_changed_at_random_is_refused_or_harmless(name: str) -> None:
    run(FUZZERS[name])


def run(fuzzer: Fuzzer) -> None:
    rounds = fuzzer.share.rounds()
    fates = fuzz(fuzzer.module, fuzzer.names, rounds)
    print(f"{fuzzer.module}: {fates.total():,} rounds, {dict(sorted(fates.items()))}")
    if ONLY is None and fates.total() > 1_000:
        assert [fate for fate in fuzzer.expected if not fates[fate]] == []
