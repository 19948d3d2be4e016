"""`run`: pipelines from topic to topic."""

import json
import signal
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.library.modules import add_module
from engine.records.batch import record_batch
from tests.engine.runtime.wat_guests import by_hand
from tests.engine.runtime.wat_makers import TEXT, aggregate, folded, maker
from tests.reading import read, values
from tests.tui.cli.conftest import InProcess, Program, read_until
from tests.waiting import PATIENCE, wait_for

FROM_A_TO_B = ("run", "--from", "a", "--to", "b")


@pytest.fixture
def modules(program: Program) -> Path:
    made = {"digits": by_hand("digit.wat"), "several": maker("array_map"), "total": aggregate("hash")}
    return program.write_modules(made)


def found(data: Path, topic: str) -> list[bytes | None]:
    with EmbeddedBroker.open(data, durable=False) as broker:
        return values(broker, topic)


def test_records_of_one_topic_are_written_to_another(
    program: Program, here: InProcess, modules: Path
) -> None:
    program.topic("a", b"1", b"x", b"2")
    module = ("--module", modules / "digits.wasm")
    outcome = here.ok(*FROM_A_TO_B, "--create", "--to-end", *module)
    assert outcome.err.splitlines() == [
        "fluvio-tui: running a-to-b: from a through digits to b",
        outcome.err.splitlines()[1],
    ]
    assert "a-to-b: 3 records, 2 written, 1 dropped, lag 0, " in outcome.err
    program.append("a", b"3")
    again = here.ok(*FROM_A_TO_B, "--to-end", "--exactly-once", "--stats", "json", *module)
    assert found(program.data, "b") == [b"1", b"2", b"3"]
    last = json.loads(again.out.splitlines()[-1])
    assert last["pipeline"] == "a-to-b"
    assert (last["read"], last["written"], last["lag"]) == (1, 1, 0)
    assert "exactly once" in again.err


def test_a_file_describes_a_pipeline(program: Program, here: InProcess, modules: Path) -> None:
    program.topic("a", b"m1", b"e", b"x")
    (modules / "p.toml").write_text(
        'from = "a"\nto = "b"\nname = "p"\ndead-letter = "failed"\n[[transforms]]\nmodule = "several.wasm"\n'
    )
    outcome = here.ok("run", modules / "p.toml", "--to", "c", "--to-end", "--create")
    assert found(program.data, "c") == [b"m1", b"x"]
    with EmbeddedBroker.open(program.data) as broker:
        letter = read(broker, "failed", 0, 0).record(0)
        assert [one.consumer for one in broker.consumers.saved_positions()] == ["p"]
    assert (letter.value, dict(letter.headers)["dead-letter-message"]) == (b"e", TEXT.encode())
    assert "1 record kept as dead letters because a SmartStream failed on it: 1 error" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "b"], "no topic to read"),
        (["--from", "a", "--to", "a"], "topic 'a' is named twice"),
        (["--from", "a", "--to", "b"], "or add --create"),
        (["--from", "a", "--to", "b", "--metrics", "x"], "invalid address 'x': use HOST:PORT"),
        (["p.yaml", "--module", "digits.wasm"], "p.yaml has steps"),
        (["missing.yaml"], "missing.yaml"),
        (["bad.yaml"], "bad.yaml, step 1: no file"),
    ],
)
def test_what_cannot_run(
    program: Program,
    here: InProcess,
    modules: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    program.topic("a")
    monkeypatch.chdir(modules)
    (modules / "p.yaml").write_text("from: a\nto: b\ntransforms:\n  - module: digits.wasm\n")
    (modules / "bad.yaml").write_text("from: a\nto: b\ntransforms:\n  - module: none.wasm\n")
    outcome = here.run("run", *arguments)
    assert outcome.status in (1, 2)
    assert message in outcome.err


def test_one_pipeline_of_a_name_runs_at_a_time(program: Program, here: InProcess) -> None:
    program.topic("a")
    running = program.start(*FROM_A_TO_B, "--create")
    read_until(running.stderr, b"running a-to-b")
    refused = here.run(*FROM_A_TO_B)
    assert refused.status == 1
    assert "consumer 'a-to-b' is already running" in refused.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(program: Program, number: signal.Signals) -> None:
    program.topic("a", b"1", b"2")
    running = program.start(*FROM_A_TO_B, "--create")
    with EmbeddedBroker.open(program.data) as broker:
        wait_for(lambda: any(topic.name == "b" for topic in broker.topics.list()), bool)
        wait_for(lambda: values(broker, "b"), lambda written: written == [b"1", b"2"])
        outcome = program.finish(running, number)
        assert outcome.status == 0, outcome.err
        assert [one.offset for one in broker.consumers.saved_positions()] == [2]
    assert "a-to-b: 2 records, 2 written, lag 0" in outcome.err


def test_metrics_follow_the_progress(program: Program) -> None:
    program.topic("a", b"1", b"2")
    running = program.start(*FROM_A_TO_B, "--create", "--metrics", "0")
    said = read_until(running.stderr, b"/metrics\n").decode()
    address = next(word for word in said.split() if word.startswith("http://127.0.0.1:"))

    def metrics() -> str:
        with urlopen(address, timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
            return text

    wait_for(metrics, lambda text: 'fluvio_tui_pipeline_written_total{pipeline="a-to-b"} 2\n' in text)
    assert program.finish(running, signal.SIGTERM).status == 0


def test_a_new_version_goes_on_from_the_accumulator(program: Program) -> None:
    program.topic("a", b"1", b"2")
    with EmbeddedBroker.open(program.data) as broker:
        add_module(broker.modules, "total", aggregate("append"), "f")
    running = program.start(*FROM_A_TO_B, "--create", "--use", "total")
    with EmbeddedBroker.open(program.data) as broker:
        wait_for(lambda: any(topic.name == "b" for topic in broker.topics.list()), bool)
        wait_for(lambda: values(broker, "b"), lambda written: written == [b"1", b"12"])
        add_module(broker.modules, "total", aggregate("append", fields="(global i32 (i32.const 1))"), "f")
        read_until(running.stderr, b"switched to the new version of SmartStream total")
        broker.log.append("a", record_batch([b"3"]))
        wait_for(lambda: values(broker, "b"), lambda written: written == [b"1", b"12", b"123"])
    assert program.finish(running, signal.SIGTERM).status == 0


@pytest.mark.parametrize("exactly_once", [False, True])
def test_killed_pipelines_lose_nothing(program: Program, modules: Path, exactly_once: bool) -> None:
    once = ["--exactly-once"] if exactly_once else []
    command = (*FROM_A_TO_B, "--module", modules / "total.wasm", *once)
    kills, given = 3, [b"%d" % number for number in range(1_500)]
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        for topic in ("a", "b"):
            broker.topics.create(topic)
        for part in range(kills):
            before = len(values(broker, "b"))
            running = program.start(*command)
            for start in range(part * 500, part * 500 + 500, 10):
                broker.log.append("a", record_batch(given[start : start + 10]))
            wait_for(lambda: len(values(broker, "b")), lambda count, before=before: count > before)  # type: ignore[misc]
            program.finish(running, signal.SIGKILL)
        program.ok(*command, "--to-end")
        expected, written = folded("hash", given), values(broker, "b")
    if exactly_once:
        assert written == expected
    else:
        numbers = {value: number for number, value in enumerate(expected)}
        places = [numbers[value] for value in written]
        assert set(places) == set(range(len(given)))
        steps_back = sum(later != earlier + 1 for earlier, later in pairwise(places))
        assert steps_back <= kills
