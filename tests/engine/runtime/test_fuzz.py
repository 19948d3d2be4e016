"""Mutated and lying modules are refused, stopped, or harmless, and nothing else."""

from tests.fuzzing import Rounds, fuzz

KINDS = ("bytes", "numbers", "lies", "outputs")


def test_mutated_and_lying_modules() -> None:
    fates = fuzz("tests.engine.runtime.fuzzed_guests", KINDS, Rounds(count=600, seconds=90))
    for kind in KINDS:
        assert fates[f"{kind}: evaluated"] > 10, fates
        assert fates[f"{kind}: refused"] > 0, fates
    assert fates["numbers: stopped"] > 0, fates
