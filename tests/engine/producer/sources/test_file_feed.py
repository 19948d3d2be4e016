"""Log files that grow, are cut short and are replaced, in the order of time."""

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from engine.producer.sources.file_feed import FileFeed, FollowedFile, timed
from engine.producer.sources.lines import BLOCK
from engine.producer.sources.stamping import ArrayStamping
from engine.records.batch import now_ms


def new_lines(file: FollowedFile) -> list[bytes | None]:
    return [line for lines in file.lines() for line in lines.to_pylist()]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[FollowedFile]:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntw")
    followed = FollowedFile(path)
    yield followed
    followed.close()


def append(file: FollowedFile, content: bytes) -> None:
    with file.path.open("ab") as opened:
        opened.write(content)


def test_lines_come_as_a_file_grows(log: FollowedFile) -> None:
    assert new_lines(log) == [b"one"]
    append(log, b"o\nthree\n")
    assert new_lines(log) == [b"two", b"three"]
    assert new_lines(log) == []


def test_an_unfinished_line_comes_once_it_stays_so(log: FollowedFile) -> None:
    new_lines(log)
    assert new_lines(log) == [b"tw"]
    append(log, b"o\n")
    assert new_lines(log) == [b"o"]


def test_a_file_that_is_cut_short_or_replaced_begins_again(log: FollowedFile) -> None:
    new_lines(log)
    log.path.write_bytes(b"1\n")
    assert new_lines(log) == [b"1"]
    log.path.rename(log.path.with_suffix(".1"))
    assert new_lines(log) == []
    log.path.write_bytes(b"new\n")
    assert new_lines(log) == [b"new"]


def test_files_are_merged_by_the_times_in_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"2021-02-03T04:05:01Z INFO a1\n  more\n2021-02-03T04:05:03Z INFO a3\n")
    (tmp_path / "b").write_bytes(b'{"ts": 1612325102, "text": "b2"}\n')
    readable, writable = os.pipe()
    feed = FileFeed([tmp_path / "a", tmp_path / "b"], readable)
    try:
        batches: list[pa.RecordBatch] = []
        for batch in feed.batches():
            batches.append(batch)
            if sum(one.num_rows for one in batches) == 4:
                os.write(writable, b"\0")
        records = pa.Table.from_batches(batches)
    finally:
        feed.close()
        os.close(readable)
        os.close(writable)
    assert [value[-4:] for value in records.column("value").to_pylist()] == [
        b"O a1",
        b"more",
        b'b2"}',
        b"O a3",
    ]
    assert records.column("key").to_pylist() == [b"a", b"a", b"b", b"a"]
    assert [stamp // 1000 % 10 for stamp in records.column("timestamp").to_pylist()] == [1, 1, 2, 3]


def test_one_file_is_not_read_to_its_end_before_its_first_records_come(tmp_path: Path) -> None:
    line = b"2021-02-03 04:05:06 INFO a\n"
    (tmp_path / "log").write_bytes(line * (3 * BLOCK // len(line)))
    readable, writable = os.pipe()
    feed = FileFeed([tmp_path / "log"], readable)
    try:
        os.write(writable, b"\0")
        (first,) = feed.batches()
    finally:
        feed.close()
        os.close(readable)
        os.close(writable)
    assert first.num_rows == BLOCK // len(line)


def test_log_lines_are_stamped_many_at_once() -> None:
    lines = pa.array([b"2021-02-03 04:05:06 INFO a"] * 3, pa.binary())
    assert isinstance(timed(lines, b"key"), ArrayStamping)


MOMENT = datetime(2021, 2, 3, 4, 5, 6)
_LOGS = {
    "apache access": '10.1.2.3 - - [03/Feb/2021:04:05:06 +0000] "GET / HTTP/1.1" 200 5',
    "apache error": "[Wed Feb 03 04:05:06.000000 2021] [core:error] [pid 7:tid 8] AH00128: lost",
    "nginx error": "2021/02/03 04:05:06 [error] 31#32: *9 open() failed, client: 10.0.0.1, server: x",
    "nginx error, cut": "2021/02/03 04:05:06 something 2020-01-01 00:00:00",
    "syslog, RFC 3164": "<34>Feb  3 04:05:06 box su: failed at 2020-01-01 00:00:00",
    "syslog, RFC 5424": "<165>1 2021-02-03T04:05:06.000Z host app 7 ID47 - An event",
    "Python": "2021-02-03 04:05:06,000 - app.db - ERROR - lost it",
    "log4j": "2021-02-03 04:05:06,000 INFO [main] org.App: Created it",
    "java.util.logging": "Feb 3, 2021 4:05:06 AM org.App main",
    "Tomcat": "03-Feb-2021 04:05:06.000 INFO [main] org.apache.catalina.startup started",
    "Go": "2021/02/03 04:05:06 listening on :80",
    "Go, microseconds": "2021/02/03 04:05:06.000000 main.go:23: listening",
    "klog": "I0203 04:05:06.000000    1234 server.go:12] started",
    "CRI": "2021-02-03T04:05:06.000000000Z stdout F log content",
    "Docker": '{"log":"at 2020-01-01T00:00:00Z\\n","stream":"stdout","time":"2021-02-03T04:05:06.0000001Z"}',
    "Logstash": '{"@timestamp":"2021-02-03T04:05:06.000Z","message":"at 2020-01-01"}',
    "zap": '{"level":"info","ts":1612325106.0,"msg":"started"}',
    "PostgreSQL": "2021-02-03 04:05:06.000 UTC [1234] LOG:  database system is ready",
    "Redis": "1234:M 03 Feb 2021 04:05:06.000 * Ready to accept connections",
    "HDFS": "210203 040506 148 INFO dfs.DataNode: PacketResponder 1 terminating",
    "Spark": "21/02/03 04:05:06 INFO executor.Backend: Registered",
    "env_logger": "[2021-02-03T04:05:06Z INFO  app] started",
}


@pytest.mark.parametrize("line", _LOGS.values(), ids=_LOGS)
def test_times_of_common_logs_are_found(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        lines = pa.array([line.encode()] * 3, pa.binary())
        stamps = timed(lines, None)(lines).records.column("timestamp").to_pylist()
        (without_year,) = {datetime.fromtimestamp(stamp / 1000).replace(year=2021) for stamp in stamps}
    time.tzset()
    assert without_year == MOMENT


def test_lines_without_a_time_are_stamped_now() -> None:
    lines = pa.array([b"plain", b"text"], pa.binary())
    before = now_ms()
    stamps = timed(lines, None)(lines).records.column("timestamp").to_pylist()
    assert all(before <= stamp <= now_ms() for stamp in stamps)
