"""What the engine logs. None of it is a warning: without a handler, logging itself would print that."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.topics import TopicOptions
from engine.errors import ContractError, InternalError
from engine.records.batch import record_batch
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.wat_guests import guest, letters, when


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, "engine"):
        yield caplog
    assert max(record.levelno for record in caplog.get_records("call")) < logging.WARNING


def test_logs_and_topics(tmp_path: Path, logged: pytest.LogCaptureFixture) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("logs", 2, TopicOptions(retention_bytes=1))
        for _ in range(2):
            broker.log.append("logs", record_batch([b"a", b"b", b"c"]))
        broker.topics.delete("logs")
    for step in (
        f"opened the log in {tmp_path}, not durable",
        "created topic logs, partitions 2",
        "committed 3 records of 1 appends as ",
        "retention: deleting before offset 3",
        "deleted topic logs",
        f"closed the log in {tmp_path}",
    ):
        assert step in logged.text


def test_a_commit_is_one_line_however_many_records_it_has(
    tmp_path: Path, logged: pytest.LogCaptureFixture
) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("logs")
        broker.log.append("logs", record_batch([b"a"] * 100_000))
    assert logged.text.count("committed") == 1
    assert len(logged.records) < 10


def test_instances_replaced_after_faults_and_a_broken_contract(logged: pytest.LogCaptureFixture) -> None:
    with SmartStream(guest(when("t", "(unreachable)")), name="sf1") as stream:
        stream.evaluate(letters("ptp"))
    assert "sf1: instance 1 replaced after faults" in logged.text
    with SmartStream(guest("(i32.const 9)"), name="sf2") as stream, pytest.raises(ContractError):
        stream.evaluate(letters("p"))
    assert "sf2 broke the guest contract" in logged.text


def test_internal_errors_with_their_traceback(logged: pytest.LogCaptureFixture) -> None:
    try:
        raise LookupError("oh no")
    except LookupError as error:
        InternalError(error)
    assert "LookupError: oh no" in logged.text
    assert "test_logged.py" in logged.text
