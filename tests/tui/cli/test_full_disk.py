"""Commands on a disk that other files have filled to the last block."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.small_disk import fill_up, mounted
from tests.tui.cli.conftest import Program

NOISE = Random(1)
LINES = b"".join(NOISE.randbytes(5_000).hex().encode() + b"\n" for _ in range(500))


@pytest.fixture
def full(program: Program) -> Iterator[Program]:
    """A full disk with 5 MB in topic `logs`."""
    with mounted(program.data):
        program.ok("produce", "logs", "--create", stdin=LINES)
        fill_up(program.data)
        yield program


def test_records_can_be_read(full: Program) -> None:
    for _ in range(3):
        assert full.ok("consume", "logs", "-B", "-d").out == LINES
        fill_up(full.data)
    assert b"logs" in full.ok("topic", "list").out


def test_what_needs_space_says_that_the_disk_is_full(full: Program) -> None:
    for command in (("produce", "logs"), ("topic", "create", "other")):
        outcome = full.run(*command, stdin=LINES)
        assert outcome.status == 1
        assert f"no room is left on the disk for the log in {full.data}" in outcome.err
        assert "free some space" in outcome.err


def test_deleting_a_topic_makes_room_for_another(full: Program) -> None:
    assert b"deleted" in full.ok("topic", "delete", "logs").out
    half = LINES[: LINES.index(b"\n", len(LINES) // 2) + 1]
    full.ok("produce", "other", "--create", stdin=half)
    assert full.ok("consume", "other", "-B", "-d").out == half
