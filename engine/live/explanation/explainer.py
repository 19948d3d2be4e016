"""Answers questions about records on a thread of its own; a newer question replaces an older one."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.errors import EngineError, InternalError
from engine.live.explanation.explanation import Explanation, Inquiry, Question, Reasons
from engine.live.explanation.trace import StepTrace
from engine.live.explanation.tracer import Tracer
from engine.process.job import SupersededError
from engine.records.batch import Batch, Record, record_batch


class Explainer:
    """Starts its thread with the first question."""

    def __init__(self, inquire: Callable[[Question], Sequence[Inquiry]], wake: Callable[[], None]) -> None:
        """`inquire` is called on the thread, `wake` whenever there is more of an answer."""
        self._inquire = inquire
        self._wake = wake
        self._changed = threading.Condition()
        self._question: Question | None = None
        self._closed = False
        self._tracer = Tracer()
        self._thread: threading.Thread | None = None
        self.answer: Explanation | None = None
        """The newest, which may be to an older question."""

    def ask(self, question: Question | None) -> None:
        """Have a question answered soon; None for none. Does nothing if it was the last one."""
        with self._changed:
            if self._closed or question == self._question:
                return
            self._question = question
            self._changed.notify()
            if self._thread is None and question is not None:
                self._thread = threading.Thread(target=self._run, name="explain records", daemon=True)
                self._thread.start()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._tracer.interrupt()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        answered: Question | None = None
        try:
            while (question := self._next(answered)) is not None:
                self._answer(question)
                answered = question
        except SupersededError:
            pass
        finally:
            self._tracer.close()

    def _answer(self, question: Question) -> None:
        try:
            for explanation in self._answers(question):
                self.answer = explanation
                self._wake()
                if self._question != question:
                    break
        except SupersededError:
            raise
        except EngineError as error:
            self._give_up(question, error)
        except Exception as error:  # noqa: BLE001 - no later question would be answered
            self._give_up(question, InternalError(error))

    def _give_up(self, question: Question, error: EngineError) -> None:
        self.answer = Explanation(question=question, complete=True, problem=error.message)
        self._wake()

    def _next(self, answered: Question | None) -> Question | None:
        """The next question; None once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._question not in (None, answered))
            return None if self._closed else self._question

    def _answers(self, question: Question) -> Iterator[Explanation]:
        """The answer as it grows: first why each verdict is as it is, then those of earlier builds."""
        batch = batch_of(question.record)
        inquiries = self._inquire(question)
        found = Explanation(question=question)
        for inquiry in inquiries:
            steps = tuple(self._tracer.trace(batch, inquiry.steps))
            found = replace(found, reasons=(*found.reasons, Reasons(consumer=inquiry.consumer, steps=steps)))
            yield found
        for place, inquiry in enumerate(inquiries):
            for version, step in inquiry.earlier:
                (trace,) = self._tracer.trace(batch, [step], reads=False)
                found = _with_earlier(found, place, version, trace)
                yield found
        yield replace(found, complete=True)


def batch_of(record: Record) -> Batch:
    """A batch of one record."""
    records = record_batch(
        [record.value], keys=[record.key], timestamps=[record.timestamp], headers=[record.headers]
    )
    return Batch.consecutive(record.partition, record.offset, records)


def _with_earlier(found: Explanation, place: int, version: int, trace: StepTrace) -> Explanation:
    reasons = list(found.reasons)
    reasons[place] = replace(reasons[place], earlier=(*reasons[place].earlier, (version, trace)))
    return replace(found, reasons=tuple(reasons))
