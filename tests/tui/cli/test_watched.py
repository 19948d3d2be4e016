"""What `watch` takes for files, and what for a topic."""

from pathlib import Path

import pytest

from engine.broker.topics import unknown_topic
from engine.errors import UnknownTopicError
from tests.tui.cli.conftest import InProcess, Program
from tui.cli.options.watched import are_lines, files_or_topics, topic_of_lines
from tui.cli.process.failures import Failure


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["logs"], False),
        (["other.log"], False),
        (["app.log"], True),
        (["./logs"], True),
        (["-"], True),
        (["app.log", "other.log"], True),
        (["orders", "payments"], False),
    ],
)
def test_words_that_name_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], lines: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("logs", "app.log"):
        (tmp_path / name).touch()
    assert are_lines(words) is lines


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        (["-"], "stdin"),
        (["/var/log/app.log"], "app.log"),
        (["a.log", "x/b.log"], "a.log-b.log"),
        (["-ö s.log"], "s.log"),
        (["./é"], "lines"),
        (["x" * 200], "x" * 100),
    ],
)
def test_topics_of_files_have_valid_names(words: list[str], topic: str) -> None:
    assert topic_of_lines(words) == topic


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["app.log", "apps.log"], "file apps.log does not exist\ndid you mean app.log?"),
        (["./aps.log"], "file ./aps.log does not exist\ndid you mean app.log?"),
        (["orders", "payments", "-s", "sf1"], "write --topic TOPIC before the -f, -s and --chain"),
        (["orders", "payments", "--columns", "key"], "--format and --columns are for one topic"),
        (["app.log", "--topic", "orders"], "topics and files cannot be watched together"),
        (["-", "app.log"], "standard input and files cannot be watched together"),
        (["app.log"], "the dashboard needs a terminal"),
        ([], "Missing argument 'TOPIC'"),
    ],
)
def test_what_cannot_be_watched_is_said(program: Program, words: list[str], error: str) -> None:
    (program.cwd / "app.log").write_bytes(b"a\n")
    outcome = program.run("watch", *words)
    assert outcome.status
    assert error in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("name", "message", "remedy"),
    [
        ("zzz.txt", "there is neither a file nor a topic 'zzz.txt'", ""),
        ("aps.log", "there is neither a file nor a topic 'aps.log'", "did you mean app.log?"),
        ("orders.v2", "there is neither a file nor a topic 'orders.v2'", "did you mean 'orders.v1'?"),
    ],
)
def test_a_word_that_may_name_a_file_names_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str, remedy: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.log").touch()
    with pytest.raises(Failure) as caught, files_or_topics([name]):
        raise unknown_topic(name, ["logs", "orders.v1"])
    assert (caught.value.message, caught.value.remedy) == (message, remedy)


def test_a_word_that_can_only_name_a_topic_is_left_to_its_advice() -> None:
    with pytest.raises(UnknownTopicError), files_or_topics(["nope"]):
        raise unknown_topic("nope", [])


@pytest.mark.parametrize(
    ("words", "error"),
    [
        *(
            (["--pipeline", "p.yaml", *more], "--pipeline cannot be used together with topics, -f, -s")
            for more in (["a"], ["--topic", "a"], ["-s", "sf1"], ["-e", "x=1"], ["--fresh"])
        ),
        (["--pipeline", "p.yaml", "--columns", "key"], "--format and --columns are for one topic"),
        (["--pipeline", "none.yaml"], "pipeline file none.yaml does not exist"),
        (["--pipeline", "bad.yaml"], "bad.yaml, step 1: no file"),
        (["--pipeline", "half.yaml"], "or add 'to: TOPIC' to its file"),
        (["--pipeline", "p.yaml"], "the dashboard needs a terminal"),
    ],
)
def test_a_pipeline_that_cannot_be_watched(
    program: Program, here: InProcess, monkeypatch: pytest.MonkeyPatch, words: list[str], error: str
) -> None:
    monkeypatch.chdir(program.cwd)
    (program.cwd / "p.yaml").write_text("from: a\nto: b\n")
    (program.cwd / "half.yaml").write_text("from: a\n")
    (program.cwd / "bad.yaml").write_text("from: a\nto: b\ntransforms:\n  - module: none.wasm\n")
    outcome = here.run("watch", *words)
    assert outcome.status in (1, 2)
    assert error in outcome.err
