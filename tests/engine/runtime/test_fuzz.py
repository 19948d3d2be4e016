"""Mutated and lying modules are refused, stopped, or harmless, and nothing else."""

import pytest

from tests.fuzzing import fuzz

KINDS = ("bytes", "numbers", "lies")


@pytest.mark.parametrize(
    "rounds", [600, pytest.param(20_000, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])]
)
def test_mutated_and_lying_modules(rounds: int) -> None:
    fates = fuzz("tests.engine.runtime.fuzzed_guests", KINDS, rounds=rounds, seconds=rounds / 20 + 60)
    print(f"{rounds:,} modules: {dict(sorted(fates.items()))}")
    for kind in KINDS:
        assert fates[f"{kind}: evaluated"] > rounds // 60, fates
        assert fates[f"{kind}: refused"] > 0, fates
    assert fates["numbers: stopped"] > 0, fates
