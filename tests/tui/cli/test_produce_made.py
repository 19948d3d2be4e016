"""How `produce` makes records: keys, JSON, whole files, at a rate, over partitions."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import Batch, Record, record_batch
from tests.reading import read, wait
from tests.tui.cli.conftest import PATIENCE, InProcess, Program

AWKWARD = (
    b"",
    b"\n",
    b"\r",
    b"\\",
    b'"',
    b"\x00",
    b"\xff",
    b"\xc3",
    b"a",
    "é\u2028\U0001f600".encode(),
    b"{}",
)


def records(program: Program, topic: str) -> list[list[Record]]:
    """The records of each partition."""
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        return [
            [batch.record(index) for index in range(len(batch))]
            for batch in _batches(broker, topic, broker.topics.get(topic).partitions)
        ]


def _batches(broker: EmbeddedBroker, topic: str, partitions: int) -> list[Batch]:
    return [
        read(broker, topic, partition, 0, max_records=1 << 20, max_bytes=1 << 30)
        for partition in range(partitions)
    ]


def key_values(program: Program, topic: str) -> list[tuple[bytes | None, bytes]]:
    return [(record.key, record.value) for record in records(program, topic)[0]]


@pytest.mark.parametrize("options", [("--multiline", r"^((a+)+b|\d)"), ("--time-regex", r"(a+)+b|\d\S+")])
def test_a_pattern_that_backtracks_hangs_nothing(program: Program, options: tuple[str, str]) -> None:
    line = b"2024-02-03T04:05:06Z " + b"a" * 300 + b"!"
    program.ok("produce", "t", "--create", *options, stdin=line + b"\n")
    backwards = b"a" * 300 + b" 2024-02-03T04:05:06Z"
    program.ok("produce", "t", *options, stdin=backwards + b"\n")
    assert [value for _, value in key_values(program, "t")] == [line, backwards]


def test_json_round_trip(program: Program) -> None:
    random = Random(816)

    def content() -> bytes:
        return b"".join(random.choices(AWKWARD, k=random.randrange(6))) + random.randbytes(
            random.randrange(3)
        )

    with EmbeddedBroker.open(program.data, durable=False) as broker:
        for topic in ("there", "back"):
            broker.topics.create(topic, 3)
        for partition in range(3):
            count = 700
            broker.log.append(
                "there",
                record_batch(
                    [content() for _ in range(count)],
                    keys=[random.choice((None, content())) for _ in range(count)],
                    timestamps=[random.randrange(-(2**63), 2**63) for _ in range(count)],
                    headers=[random.choice((None, (("a", content()), ("é", b"")))) for _ in range(count)],
                ),
                partition,
            )
    printed = program.ok("consume", "there", "-B", "-d", "-O", "json").out
    assert "2,100 records" in program.ok("produce", "back", "--json", stdin=printed).err
    assert records(program, "back") == records(program, "there")
    assert sorted(program.ok("consume", "back", "-B", "-d", "-O", "json").out.split(b"\n")) == sorted(
        printed.split(b"\n")
    )


def test_raw_file_round_trip(program: Program, tmp_path: Path) -> None:
    content = Random(1).randbytes(3 << 20) + b"\n\n"
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "empty").write_bytes(b"")
    assert "2 records" in program.ok("produce", "t", "--create", "--raw", "empty", "file", "--key", "k").err
    assert key_values(program, "t") == [(b"k", b""), (b"k", content)]
    assert program.ok("consume", "t", "-B", "-d", "-O", "raw").out == content
    outcome = program.run("produce", "t", "--raw", "file", "--max-record-bytes", "1000")
    assert outcome.status == 1
    assert outcome.err.splitlines()[1].startswith("fluvio-tui: file is longer than 1,000 bytes")


def test_keys_from_separator_and_option(program: Program) -> None:
    program.topic("t")
    program.ok("produce", "t", "--key", "all", stdin=b"a\n\n")
    outcome = program.run("produce", "t", "--key-separator", ": ", stdin=b"k: v: w\n: \nnone\nx: y\n")
    assert (outcome.status, outcome.out) == (1, b"")
    lines = outcome.err.splitlines()
    assert lines[0].startswith("2 records (4 B) acknowledged")
    assert lines[2] == "fluvio-tui: line 3 of standard input has no ': ' between key and value"
    assert key_values(program, "t") == [(b"all", b"a"), (b"all", b""), (b"k", b"v: w"), (b"", b"")]


def test_invalid_object_is_reported_after_appending_the_ones_before(program: Program) -> None:
    stdin = b'{"value": "a", "key": "k"}\n{"value_base64": "/w=="}\n{"key": "k"}\n'
    outcome = program.run("produce", "t", "--create", "--json", stdin=stdin)
    assert outcome.status == 1
    assert "line 3 of standard input has no value" in outcome.err
    assert "must be an object" in outcome.err
    assert key_values(program, "t") == [(b"k", b"a"), (None, b"\xff")]


def test_records_are_spread_over_partitions(program: Program) -> None:
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("t", 3)
    program.ok("produce", "t", stdin=b"".join(b"%d\n" % n for n in range(9)))
    assert [[record.value for record in part] for part in records(program, "t")] == [
        [b"0", b"3", b"6"],
        [b"1", b"4", b"7"],
        [b"2", b"5", b"8"],
    ]
    keys = b"".join(b"key-%d:%d\n" % (n % 7, n) for n in range(70))
    assert "70 records" in program.ok("produce", "t", "--key-separator", ":", stdin=keys).err
    homes = {record.key: record.partition for part in records(program, "t") for record in part if record.key}
    assert len(homes) == 7
    for part in records(program, "t"):
        for key in {record.key for record in part if record.key}:
            numbers = [int(record.value) for record in part if record.key == key]
            assert numbers == sorted(numbers)
            assert len(numbers) == 10


def test_rate_is_kept_and_can_be_interrupted(program: Program) -> None:
    program.topic("t")
    (program.cwd / "lines").write_bytes(b"line\n" * 100_000)
    process = program.start("produce", "t", "lines", "--rate", "20/s")
    with EmbeddedBroker.open(program.data) as broker:
        assert wait(broker, "t", {0: 2}, PATIENCE)
        process.terminate()
        assert process.wait(PATIENCE) == 143
        assert broker.log.offsets("t")[0].end < 20 * PATIENCE
        acknowledged = broker.log.offsets("t")[0].end
    assert program.finish(process).err.startswith(f"{acknowledged} records (")


@pytest.mark.parametrize(
    "options",
    [
        ["--key", "a", "--key-separator", ":"],
        ["--json", "--raw"],
        ["--key", "a", "--json"],
        ["--key-separator", ""],
        ["--rate", "0"],
        ["--rate", "fast"],
    ],
)
def test_contradicting_options_are_wrong_usage(program: Program, options: Sequence[str]) -> None:
    outcome = program.run("produce", "t", "--create", *options)
    assert (outcome.status, outcome.out) == (2, b"")
    assert options[0] in outcome.err
    assert not program.data.exists()


def test_a_repeat_from_the_line_that_is_named_stores_nothing_twice(here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"a:1\n")
    (tmp_path / "log").write_bytes(b"b:2\nbad\nc:3\n")
    files = (tmp_path / "good", tmp_path / "log")
    outcome = here.run("produce", "logs", *files, "--create", "--key-separator", ":")
    assert outcome.status == 1
    assert f"lines of {files[1]} before line 2 are stored: go on with --from-line 2, or" in outcome.err
    (tmp_path / "log").write_bytes(b"b:2\nb:bad\nc:3\n")
    here.ok("produce", "logs", files[1], "--key-separator", ":", "--from-line", "2")
    assert here.ok("consume", "logs", "-B", "-d").out == b"1\n2\nbad\n3\n"


def test_what_was_left_out_or_guessed_is_said_once(here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"bad\nk:1\nbad\n")
    options = ("--key-separator", ":", "--skip-bad", "--time-regex", "^at", "--header", "a=b=c")
    outcome = here.ok("produce", "logs", tmp_path / "log", "--create", *options)
    assert "fluvio-tui: 2 lines left out: line 1 of " in outcome.err
    assert "fluvio-tui: 1 record without a time: " in outcome.err
    assert here.ok("consume", "logs", "-B", "-d", "-F", "{{headers}}").out == b"a=b=c\n"


def test_crlf_is_said_once(here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\r\nb\r\n")
    assert here.ok("produce", "logs", tmp_path / "log", "--create").err.count("--crlf") == 1
    assert "CRLF" not in here.ok("produce", "logs", tmp_path / "log", "--crlf").err


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--raw", "--multiline", "^a"], "--raw and --multiline"),
        (["--raw", "--json"], "--raw and --json"),
        (["--time-field", "a", "--time-regex", "b"], "--time-field and --time-regex"),
        (["--time-field", "a..b"], "invalid path 'a..b'"),
        (["--header", "=x"], "invalid header '=x': use NAME=VALUE"),
        (["--multiline", "("], "missing )"),
    ],
)
def test_options_that_make_no_records_are_refused(
    here: InProcess, options: Sequence[str], error: str
) -> None:
    outcome = here.run("produce", "logs", "--create", *options)
    assert outcome.status
    assert error in outcome.err
    assert not here.data.exists()
