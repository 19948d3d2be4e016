"""Faults whose texts are made when they are asked for."""

import pytest

from engine.records.faults import Fault, Faults
from engine.records.verdicts import Verdict


class Parts:
    """Faults in parts of 100, which are noted when they are made."""

    def __init__(self, parts: int) -> None:
        self.made: list[int] = []
        self.faults = Faults([(100, lambda part=part: self._make(part)) for part in range(parts)])

    def _make(self, part: int) -> list[Fault]:
        self.made.append(part)
        return [fault(100 * part + number) for number in range(100)]


def fault(index: int) -> Fault:
    return Fault(index, Verdict.ERROR, f"text {index}")


def test_only_parts_with_wanted_faults_are_made_and_once() -> None:
    parts = Parts(10)
    assert len(parts.faults) == 1_000
    assert not parts.made
    assert parts.faults[-150:] == tuple(map(fault, range(850, 1_000)))
    assert parts.faults[0] == fault(0)
    assert parts.faults[99] == fault(99)
    assert parts.made == [8, 9, 0]


def test_faults_are_a_sequence_in_their_order() -> None:
    faults = Parts(3).faults
    assert list(faults) == [fault(index) for index in range(300)]
    assert faults == tuple(faults)
    assert faults[100:103] == (fault(100), fault(101), fault(102))
    for missing in (300, -301):
        with pytest.raises(IndexError):
            faults[missing]


def test_no_faults() -> None:
    assert not Faults([])
    assert Faults([]) == ()
    assert Faults([])[-10:] == ()
