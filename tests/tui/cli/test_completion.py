"""Completion, asked for as shells do: with words in the environment."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from tests.contract.kafka_implementation import OnKafka
from tests.engine.runtime.wat_guests import by_hand
from tests.kafka_cluster import Cluster
from tests.terminal import Terminal
from tests.tui.cli.conftest import Program
from tests.tui.cli.test_start import HEAVY
from tests.waiting import wait_for
from tui.cli import COMPLETE
from tui.cli.options.completion.bash import Bash
from tui.cli.root import COMMANDS, fluvio_tui
from tui.dashboard.app.session_state import Memory, TopicLook

Complete = Callable[..., list[str]]
EMPTY_THE_LINE = "\x01\x0b"


@pytest.fixture
def complete(program: Program, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """What may follow the words on a line, of which the last one is only begun."""
    monkeypatch.setenv("FLUVIO_TUI_DATA", str(program.data))
    monkeypatch.chdir(program.cwd)

    def ask(*words: str) -> list[str]:
        shell = Bash(fluvio_tui, {}, "fluvio-tui", COMPLETE)
        return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]

    return ask


@pytest.fixture
def topics(program: Program) -> None:
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("logs")
        broker.topics.create("orders", 3)
        broker.topics.create("gone")
        broker.topics.delete("gone")


@pytest.fixture
def smartstreams(program: Program) -> None:
    folder = program.data / "smartstreams"
    folder.mkdir(parents=True)
    for name in ("sf1.wasm", "sf2.wasm", "notes.txt", ".sf3.wasm.17"):
        (folder / name).touch()


def test_commands_and_their_options(complete: Complete) -> None:
    assert complete("") == list(COMMANDS)
    assert complete("topic", "de") == ["delete", "describe"]
    assert "--inline-filter" in complete("consume", "--in")
    assert complete("consume", "logs", "-O", "") == ["text", "json", "raw", "table", "csv"]
    assert complete("consume", "logs", "sm") == ["smartmodule", "smartstream"]
    assert complete("completion", "") == ["bash", "zsh", "fish"]


@pytest.mark.usefixtures("topics")
@pytest.mark.parametrize(
    "words", [["consume"], ["produce"], ["smartstream", "test", "f.rs", "--topic"], ["topic", "delete"]]
)
def test_topics(complete: Complete, words: list[str]) -> None:
    assert complete(*words, "") == ["logs", "orders"]
    assert complete(*words, "o") == ["orders"]
    assert complete(*words, "x") == []


@pytest.mark.usefixtures("topics")
def test_watch_takes_topics_and_files(complete: Complete) -> None:
    assert complete("watch", "o") == ["orders"]
    # Files are listed by the shell.
    assert complete("watch", "app") == ["app"]


@pytest.mark.usefixtures("topics")
def test_name_is_offered_once_per_line(complete: Complete) -> None:
    assert complete("topic", "delete", "logs", "") == ["orders"]
    assert complete("consume", "orders", "-p", "1", "-p", "") == ["0", "2"]


@pytest.mark.usefixtures("topics")
def test_partitions_of_the_topic_on_the_line(complete: Complete) -> None:
    assert complete("consume", "orders", "-p", "") == ["0", "1", "2"]
    assert complete("consume", "orders", "--partition", "2") == ["2"]
    assert complete("consume", "logs", "-B", "-p", "") == ["0"]
    assert complete("consume", "-p", "") == []
    assert complete("consume", "unknown", "-p", "") == []


@pytest.mark.usefixtures("topics")
def test_consumers(complete: Complete, program: Program) -> None:
    assert complete("consume", "logs", "-c", "") == []
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        for name, topic in (("c2", "logs"), ("c1", "logs"), ("c1", "orders"), ("gone", "orders")):
            with broker.consumers.claim(name, topic) as claim:
                claim.commit({0: 1})
        broker.consumers.delete_positions("gone")
    assert complete("consume", "logs", "-c", "") == ["c1", "c2"]
    assert complete("consumer", "delete", "c1", "") == ["logs", "orders"]


@pytest.mark.usefixtures("smartstreams")
@pytest.mark.parametrize(
    "words",
    [
        ["consume", "logs", "smartstream", "--use-filter"],
        ["watch", "logs", "-s"],
        ["smartstream", "describe"],
        ["smartstream", "remove"],
    ],
)
def test_stored_smartstreams(complete: Complete, words: list[str]) -> None:
    assert complete(*words, "") == ["sf1", "sf2"]


def test_columns_that_panes_showed(complete: Complete, program: Program) -> None:
    memory = Memory(program.data)
    memory.keep_look("logs", TopicLook(columns="time,customer.city:12,items[0]"))
    memory.keep_look("list", TopicLook(columns="[1]"))
    assert complete("watch", "logs", "--columns", "") == [
        *("key", "time", "partition", "value"),
        *("customer.city", "items[0]"),
    ]
    assert complete("watch", "logs", "--columns", "key,customer.city,") == [
        f"key,customer.city,{name}" for name in ("time", "partition", "value", "items[0]")
    ]
    assert complete("consume", "logs", "--columns", "offset,value.c") == ["offset,value.customer.city"]
    assert complete("consume", "list", "-F", "{{value[") == ["{{value[1]}}"]
    assert complete("consume", "logs", "-F", "at {{time}} {{value.") == [
        "at {{time}} {{value.customer.city}}",
        "at {{time}} {{value.items[0]}}",
    ]
    assert "{{key}}" in complete("consume", "logs", "-F", "")


def test_names_on_a_cluster(complete: Complete, kafka: Cluster) -> None:
    on_kafka = OnKafka(kafka)
    broker, topic = on_kafka.broker, f"t-{uuid4().hex}"
    broker.topics.create(topic, 3)
    with broker.consumers.claim(topic, topic) as claim:
        claim.commit({0: 1})
    broker.modules.add(topic, by_hand("digit.wat"))
    address = f"kafka://{kafka.bootstrap}"
    # A busy machine may need longer than a second; then there are none.
    for words, wanted in (
        (["consume", topic[:9]], [topic]),
        (["consume", topic, "-p", ""], ["0", "1", "2"]),
        (["consumer", "lag", topic[:9]], [topic]),
        (["smartstream", "describe", topic[:9]], [topic]),
    ):
        wait_for(lambda words=words: complete("--broker", address, *words), wanted.__eq__)  # type: ignore[misc]
    on_kafka.close()


@pytest.mark.parametrize("scheme", ["kafka", "fluvio"])
def test_a_cluster_that_does_not_answer_has_no_names(
    complete: Complete, scheme: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert complete("--broker", f"{scheme}://127.0.0.1:{port}", "consume", "") == []
    assert complete("--broker", f"{scheme}://127.0.0.1:{port}", "topic", "delete", "") == []
    assert complete("--broker", "no-such-profile", "smartstream", "describe", "") == []
    assert capfd.readouterr() == ("", "")


def test_files_of_the_right_kind(complete: Complete, program: Program) -> None:
    for name in ("a.rs", "b.rs", "b.wasm", "b.bin", "notes", "two words.rs", ".hidden.rs"):
        (program.cwd / name).touch()
    (program.cwd / "more/deeper").mkdir(parents=True)
    for words in (["consume", "t", "--inline-filter"], ["smartstream", "build"]):
        assert complete(*words, "") == ["a.rs", "b.rs", "more/"]
        assert complete(*words, "b") == ["b.rs"]
        assert complete(*words, ".h") == [".hidden.rs"]
    assert complete("watch", "t", "-f", "") == ["a.rs", "b.rs", "b.wasm", "more/"]
    assert complete("smartstream", "add", "sf1", "--file", "") == ["a.rs", "b.rs", "b.wasm", "more/"]


def test_single_folder_is_expanded(complete: Complete, program: Program) -> None:
    (program.cwd / "more/deeper").mkdir(parents=True)
    assert complete("watch", "t", "-f", "m") == []
    (program.cwd / "more/deeper/c.rs").touch()
    assert complete("watch", "t", "-f", "m") == ["more/deeper/c.rs"]
    assert complete("watch", "t", "-f", f"{program.cwd}/mo") == [f"{program.cwd}/more/deeper/c.rs"]
    (program.cwd / "more/round").symlink_to(".")
    assert complete("watch", "t", "-f", "more/r")[:2] == ["more/round/deeper/", "more/round/round/"]


@pytest.mark.usefixtures("topics")
def test_data_folder_on_the_line_is_used(
    complete: Complete, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedBroker.open(tmp_path / "chosen", durable=False) as broker:
        broker.topics.create("other")
    chosen = str(tmp_path / "chosen")
    assert complete("--data", chosen, "consume", "") == ["other"]
    assert complete("consume", "--data", chosen, "") == ["other"]
    assert complete("--data", str(program.data), "consume", "--data", chosen, "") == ["other"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert complete("--data", "~/chosen", "consume", "") == ["other"]
    assert complete("--data", "~nobody-of-that-name/x", "consume", "") == []


def test_unreadable_folder_has_no_names(complete: Complete, program: Program) -> None:
    asked = (
        ["consume", ""],
        ["consumer", "delete", ""],
        ["consume", "t", "-p", ""],
        ["smartstream", "remove", ""],
    )
    for words in asked:
        assert complete(*words) == []
    assert not program.data.exists(), "looking must not create anything"
    program.data.mkdir()
    (program.data / "log.db").write_bytes(b"not a database, but long enough to be looked at\n" * 100)
    (program.data / "smartstreams").touch()
    for words in asked:
        assert complete(*words) == []
    (program.data / "log.db").write_bytes(b"")
    assert complete("consume", "") == []


@pytest.mark.usefixtures("topics")
def test_completion_creates_nothing_and_sees_new_topics(complete: Complete, program: Program) -> None:
    before = sorted(program.data.iterdir())
    assert complete("consume", "") == ["logs", "orders"]
    assert sorted(program.data.iterdir()) == before
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("new")
        assert complete("consume", "") == ["logs", "new", "orders"]
        assert broker.topics.get("new").partitions == 1


@pytest.mark.usefixtures("topics")
def test_completion_loads_nothing_heavy(program: Program) -> None:
    program.cwd.joinpath("script.py").write_text(
        "import os, sys, tui.cli\n"
        "os.environ |= dict(_FLUVIO_TUI_COMPLETE='bash_complete',\n"
        "    COMP_WORDS='fluvio-tui consume orders -p ', COMP_CWORD='4')\n"
        "try: tui.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert program.python("script.py").out == b"plain,0\nplain,1\nplain,2\n[]\n"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_script_names_the_command(program: Program, shell: str) -> None:
    script = program.ok("completion", shell).out.decode()
    assert f"_FLUVIO_TUI_COMPLETE={shell}_complete" in script
    assert "_fluvio_tui_completion" in script


@pytest.mark.usefixtures("topics")
def test_completion_in_a_real_bash(program: Program, tmp_path: Path) -> None:
    recent = "((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404))"
    if shutil.which("bash") is None or subprocess.run(["bash", "-c", recent]).returncode:
        pytest.skip("there is no bash of version 4.4 or later")
    with EmbeddedBroker.open(tmp_path / "chosen", durable=False) as broker:
        broker.topics.create("other")
    (program.cwd / "sf1.rs").touch()
    command = tmp_path / "bin/fluvio-tui"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {" ".join(program.command())} "$@"\n')
    command.chmod(0o700)
    environment = {
        **program.environment,
        "PATH": f"{command.parent}:{program.environment['PATH']}",
        "TERM": "xterm-256color",
        "PS1": "ready ",
        "HISTFILE": "",
        "INPUTRC": os.devnull,
    }
    with Terminal(["bash", "--norc", "-i"], columns=200, env=environment, cwd=program.cwd) as terminal:
        terminal.type("source <(fluvio-tui completion bash)\r")
        for typed, completed in (
            ("topic describe or", "topic describe orders "),
            (f"--data={tmp_path}/chosen consume o", "consume other "),
            ("watch logs --filter=sf", "--filter=sf1.rs "),
            ("consume orders -p 1 --use-", "-p 1 --use-filter "),
        ):
            terminal.type(f"fluvio-tui {typed}\t")
            terminal.wait_for(completed)
            terminal.type(EMPTY_THE_LINE)


@pytest.mark.parametrize(
    "line, words, begun",
    [
        ("fluvio-tui consume or", ["consume"], "or"),
        ("fluvio-tui --data = /x consume ", ["--data", "/x", "consume"], ""),
        ("fluvio-tui watch t --filter = sf", ["watch", "t", "--filter"], "sf"),
        ("fluvio-tui watch t --filter =", ["watch", "t", "--filter"], "="),
    ],
)
def test_bash_splits_an_option_and_its_value(
    monkeypatch: pytest.MonkeyPatch, line: str, words: list[str], begun: str
) -> None:
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    shell = Bash(fluvio_tui, {}, "fluvio-tui", COMPLETE)
    assert shell.get_completion_args() == (words, begun)
