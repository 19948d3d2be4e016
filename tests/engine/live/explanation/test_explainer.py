"""Questions about records, asked of a workbench: its versions, its earlier builds, its running value."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.errors import UnknownTopicError
from engine.files import replace_file
from engine.live.explanation.explainer import Explainer
from engine.live.explanation.explanation import Explanation, Inquiry, Question
from engine.live.topic_workbench import TopicWorkbench
from engine.records.batch import Record, record_batch
from engine.records.verdicts import Verdict
from tests.engine.consumer_bench import EVEN, ODD
from tests.engine.runtime.wat_makers import aggregate
from tests.waiting import wait_for, wait_until


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[TopicWorkbench]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"a", b"b", b"c"]))
        with closing(TopicWorkbench(broker, "t")) as workbench:
            workbench.start(lambda: None)
            yield workbench


def evaluated(workbench: TopicWorkbench, version: int = 1) -> bool:
    shown = workbench.snapshot().consumers
    return bool(shown) and all(one.version == version and len(one.verdicts) == 3 for one in shown)


def explained(workbench: TopicWorkbench, row: int) -> Explanation:
    record = workbench.snapshot().window.record(row)
    workbench.explain(row, record)

    def answer() -> Explanation | None:
        return workbench.snapshot().explanation

    def is_complete(found: Explanation | None) -> bool:
        return found is not None and found.complete and found.question.row == row

    found = wait_for(answer, is_complete)
    assert found is not None
    return found


def test_record_is_evaluated_by_every_kept_build(workbench: TopicWorkbench, tmp_path: Path) -> None:
    path = tmp_path / "f.wasm"
    path.write_bytes(EVEN)
    workbench.add_file(path)
    wait_until(lambda: evaluated(workbench))
    replace_file(path, ODD)
    wait_until(lambda: evaluated(workbench, version=2))
    found = explained(workbench, 1).of(1)
    assert found is not None
    assert [step.verdict for step in found.steps] == [Verdict.PASS]
    assert [(version, trace.verdict) for version, trace in found.earlier] == [(1, Verdict.DROP)]


def test_a_new_version_makes_a_new_answer(workbench: TopicWorkbench, tmp_path: Path) -> None:
    path = tmp_path / "f.wasm"
    path.write_bytes(EVEN)
    workbench.add_file(path)
    wait_until(lambda: evaluated(workbench))
    before = explained(workbench, 0)
    replace_file(path, ODD)
    wait_until(lambda: evaluated(workbench, version=2))
    workbench.explain(0, before.question.record)
    wait_until(lambda: workbench.snapshot().explanation.question != before.question)  # type: ignore[union-attr]


def test_aggregate_is_traced_from_its_value_before_the_record(
    workbench: TopicWorkbench, tmp_path: Path
) -> None:
    path = tmp_path / "sum.wasm"
    path.write_bytes(aggregate("append"))
    workbench.add_file(path)
    wait_until(lambda: evaluated(workbench))
    answers = [explained(workbench, row).of(1) for row in range(3)]
    outputs = [[one.value for one in found.steps[0].outputs] for found in answers if found]
    assert outputs == [[b"a"], [b"ab"], [b"abc"]]


def test_a_question_that_fails_says_why_and_the_next_is_answered() -> None:
    def inquire(question: Question) -> list[Inquiry]:
        if question.row == 0:
            raise UnknownTopicError("the topic 't' does not exist", subject="t")
        return []

    def answered(row: int) -> Explanation:
        explainer.ask(Question(row=row, record=Record(0, row, 0, None, b"a"), versions=()))
        wait_until(lambda: explainer.answer is not None and explainer.answer.question.row == row)
        assert explainer.answer is not None
        return explainer.answer

    with closing(Explainer(inquire, lambda: None)) as explainer:
        assert "'t'" in answered(0).problem
        assert not answered(1).problem


def test_closing_ends_an_answer_under_way(workbench: TopicWorkbench, tmp_path: Path) -> None:
    path = tmp_path / "f.wasm"
    path.write_bytes(EVEN)
    workbench.add_file(path)
    wait_until(lambda: evaluated(workbench))
    workbench.explain(0, workbench.snapshot().window.record(0))
    workbench.close()
    workbench.explain(1, workbench.snapshot().window.record(1))
