"""A running pipeline: reads, evaluates, writes, and saves how far it came."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from engine.broker.broker import Broker
from engine.broker.log import NO_ENDS, NewRecords
from engine.broker.named_consumers import Claim
from engine.broker.topics import OffsetRange, Topic
from engine.consumer.consumer import Consumer
from engine.consumer.delivery import Delivery
from engine.errors import (
    BrokerError,
    BrokerUnreachableError,
    DamagedBatchError,
    DeletedTopicError,
    EngineError,
    PositionsLostError,
)
from engine.pipeline.accumulators import Accumulators
from engine.pipeline.dead_letters import dead_letters
from engine.pipeline.gathered import Gathered
from engine.pipeline.progress import Progress, Tally
from engine.pipeline.spec import PipelineSpec
from engine.records.transform import Transform

POLL_SECONDS = 0.1
"""How long to wait for records between looks at whether to stop."""
WRITE_SECONDS = 0.1
"""How long records wait for others before they are written, at most."""
WRITE_BYTES = 8 << 20
"""This many bytes do not wait for others."""
COMMIT_SECONDS = 1.0
"""Between two commits that are no transaction: after a crash, what was written in this time is repeated."""
RETRY_SECONDS = 0.5
"""Between two looks whether the broker answers again."""
PROGRESS_SECONDS = 1.0
"""Between two looks at how far the end of the source is."""


class Pipeline:
    """Belongs to one thread, but for `progress`."""

    def __init__(
        self,
        broker: Broker,
        spec: PipelineSpec,
        source: Topic,
        claim: Claim,
        transform: Transform | None,
        *,
        to_end: bool = False,
        on_delivery: Callable[[Delivery], None] = lambda _: None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_problem: Callable[[BrokerError], None] = lambda _: None,
        on_damage: Callable[[DamagedBatchError], None] | None = None,
    ) -> None:
        """Begin where `claim`, that of the pipeline's name in `source`, is, or at an end of the topic.

        With `to_end` it is finished at the end of the source as it is now. `transform` is of the steps in
        `spec`; without any, records are copied. `on_delivery` is called with what was evaluated,
        `on_progress` now and then, `on_problem` when it has to begin again from its saved position, such as
        after the broker did not answer, `on_damage` as for `Consumer`. `UnknownTopicError`,
        `SavedAccumulatorError`; `BrokerError` if the broker cannot do what is described.
        """
        spec.check(broker)
        if transform is not None and transform.folds and not broker.features.transactions:
            raise BrokerError(f"{broker.name} keeps no accumulators", "leave out aggregates")
        self._broker = broker
        self._spec = spec
        self._source = source
        self._claim = claim
        self._on_delivery = on_delivery
        self._on_progress = on_progress
        self._on_problem = on_problem
        self._names = [step.name for step in spec.steps]
        targets = [topic for topic in (spec.target, spec.dead_letter) if topic is not None]
        self._gathered = Gathered({name: broker.topics.get(name) for name in targets}, broker.log.key_hashes)
        self._accumulators = None if transform is None else Accumulators(transform, self._names)
        self._tally = Tally()
        held = broker.log.offsets(source.name)
        self._ends = {p: offsets.end for p, offsets in held.items()} if to_end else None
        self._transform = transform
        self._on_damage = on_damage
        self._saved: dict[int, int] = {}
        self._unsaved: dict[int, int] = {}
        """Positions, and states, up to which everything is written."""
        self._states: dict[int, bytes] = {}
        self._oldest: float | None = None
        """When the first of what is gathered came."""
        self._write_failed = False
        """Whether a write has begun and not succeeded: its records are read again from the saved position."""
        self._commit_due = self._progress_due = 0.0
        self._consumer = self._begin(held)
        self.progress = Progress()
        """May be read by any thread."""

    def close(self) -> None:
        """Stop reading; what is written but not committed will be repeated."""
        self._consumer.close()

    def run(self, stopping: Callable[[], bool]) -> None:
        """Run until `stopping()` or the end, and commit; errors as `Consumer.poll`, `Log.append`, `commit`.

        What was evaluated before an error in reading or evaluating is written and committed.
        """
        going_on = True
        while going_on:
            try:
                while not stopping() and not self._finished:
                    self._step()
                self._finish()
                return
            except (BrokerUnreachableError, PositionsLostError) as error:
                self._on_problem(error)
                going_on = self._recover(stopping)

    def _step(self) -> None:
        if self._claim.rebalance(self._save):
            self._begin_again()
        delivery = self._poll()
        if delivery is not None:
            self._gather(delivery)
        if delivery is None or self._write_is_due():
            self._write()
        self._report()

    def _recover(self, stopping: Callable[[], bool]) -> bool:
        """Begin again once the broker answers; False if it did not before the end."""
        while not stopping():
            with suppress(BrokerUnreachableError, PositionsLostError):
                self._begin_again()
                return True
            time.sleep(RETRY_SECONDS)
        return False

    @property
    def _finished(self) -> bool:
        return self._ends is not None and self._consumer.finished

    def _begin(self, held: Mapping[int, OffsetRange]) -> Consumer:
        """Read the partitions that are this one's, from where their positions and accumulators are."""
        self._write_failed = False
        own = self._claim.partitions()
        chosen = {p: offsets for p, offsets in held.items() if own is None or p in own}
        self._saved, self._states = self._claim.positions(), {}
        self._unsaved = {
            p: offsets.end if self._spec.skip_existing else offsets.start
            for p, offsets in chosen.items()
            if p not in self._saved
        }
        if self._accumulators is not None:
            self._accumulators.restore(self._claim.states())
        # Before any record, so that it begins here also after a crash.
        self._commit()
        return Consumer(
            self._broker,
            self._source,
            positions={p: self._saved[p] for p in chosen},
            smartstream=self._transform,
            ends=self._ends or NO_ENDS,
            on_damage=self._on_damage,
        )

    def _save(self) -> None:
        # A claim may ask again after a write failed: the positions are then after what is not written.
        if not self._write_failed:
            self._write()
            self._commit()

    def _begin_again(self) -> None:
        """Continue from the positions that are saved. What is not written is forgotten: it is read again."""
        self._gathered.take()
        self._tally.forget()
        self._oldest = None
        before = self._consumer
        before.close()
        found = self._broker.topics.get(self._source.name)
        if found.id != self._source.id:
            raise DeletedTopicError(self._source.name)
        self._source = found
        self._consumer = self._begin(self._broker.log.offsets(self._source.name))
        self._tally.close(before)

    def _poll(self) -> Delivery | None:
        if not self._consumer.positions:  # others have all partitions
            time.sleep(POLL_SECONDS)
            return None
        try:
            return self._consumer.poll(0 if self._gathered.bytes else POLL_SECONDS)
        except BrokerUnreachableError:
            raise
        except EngineError:
            with suppress(EngineError):  # such as that the source is deleted, for both
                self._finish()
            raise

    def _gather(self, delivery: Delivery) -> None:
        self._tally.add(delivery)
        self._on_delivery(delivery)
        self._gathered.add(self._spec.target, delivery.records)
        if self._spec.dead_letter is not None and delivery.evaluation and delivery.evaluation.faults:
            letters = dead_letters(delivery, self._source.name, self._names)
            self._gathered.add(self._spec.dead_letter, letters)
        if self._oldest is None:
            self._oldest = time.monotonic()

    def _write_is_due(self) -> bool:
        waited = 0.0 if self._oldest is None else time.monotonic() - self._oldest
        return self._gathered.bytes >= WRITE_BYTES or waited >= WRITE_SECONDS

    def _write(self) -> None:
        """Write what is gathered, and note the positions after it."""
        self._write_failed = True
        self._oldest = None
        appends = self._gathered.take()
        for partition, offset in self._consumer.delivered.items():
            if offset != {**self._saved, **self._unsaved}.get(partition):
                self._unsaved[partition] = offset
                self._note_state(partition)
        if not self._spec.exactly_once:
            list(self._broker.log.append_all(appends))
        if self._spec.exactly_once or time.monotonic() >= self._commit_due:
            self._commit(appends if self._spec.exactly_once else [])
        self._write_failed = False
        self._count(appends)

    def _note_state(self, partition: int) -> None:
        state = None if self._accumulators is None else self._accumulators.saved(partition)
        if state is None:
            self._states.pop(partition, None)
        else:
            self._states[partition] = state

    def _commit(self, appends: list[NewRecords] | None = None) -> None:
        if not self._unsaved and not appends:
            return
        if self._spec.exactly_once:
            self._claim.append_and_commit(appends or [], self._unsaved, self._states)
        else:
            self._claim.commit(self._unsaved, self._states)
        self._saved |= self._unsaved
        self._unsaved, self._states = {}, {}
        self._tally.counts["commits"] += 1
        self._commit_due = time.monotonic() + COMMIT_SECONDS

    def _count(self, appends: list[NewRecords]) -> None:
        self._tally.settle()
        counts = self._tally.counts
        for new in appends:
            written = new.topic == self._spec.target
            counts["written" if written else "dead_letters"] += new.records.num_rows
        self.progress = self._tally.progress(self._consumer, self.progress.lag)

    def _report(self) -> None:
        if time.monotonic() < self._progress_due:
            return
        held, reached = self._broker.log.offsets(self._source.name), self._consumer.delivered
        lag = sum(max(held[p].end - offset, 0) for p, offset in reached.items() if p in held)
        self.progress = replace(self.progress, lag=lag)
        self._on_progress(self.progress)
        self._progress_due = time.monotonic() + PROGRESS_SECONDS

    def _finish(self) -> None:
        self._save()
        self._progress_due = 0.0
        self._report()
