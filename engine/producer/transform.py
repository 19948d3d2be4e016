"""What is appended instead of the records that are produced: the outputs of a SmartStream or a chain."""

from collections.abc import Callable, Sequence

import pyarrow as pa

from engine.errors import SmartStreamError
from engine.records.batch import Batch, joined
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.transform import Transform

Parts = Sequence[tuple[int, pa.RecordBatch]]
"""Records by partition."""
OnEvaluated = Callable[[Batch, Evaluation], None]


class RefusedRecordError(SmartStreamError, code="refused-record"):
    """A SmartStream failed on a record, so that nothing of the request is stored."""

    def __init__(self, batch: Batch, fault: Fault) -> None:
        record = f"record {batch.offset(fault.index) + 1:,} for partition {batch.partition}"
        place = f" at {fault.location}" if fault.location else ""
        super().__init__(f"{fault.verdict.name.lower()} on {record}{place}: {fault.message}")
        self.fault = fault


class ProducerTransform:
    """Evaluates requests: the records of one call of `Producer.append`.

    Records have no offset before they are stored: they are numbered from 0 in each partition of a request.
    """

    def __init__(
        self, transform: Transform, *, refuses: bool, on_evaluated: OnEvaluated | None = None
    ) -> None:
        """If it `refuses`, a request is stored whole or not at all; otherwise records that fail are left out.

        `on_evaluated` is called with what was evaluated, of each partition, for its faults and printed lines.
        """
        self._transform = transform
        self._refuses = refuses
        self._on_evaluated = on_evaluated

    def outputs(self, parts: Parts) -> Parts:
        """What to append of a request; `RefusedRecordError`, and errors as `Transform.evaluate`."""
        return [(partition, made) for partition, part in parts for made in self._outputs(partition, part)]

    def _outputs(self, partition: int, records: pa.RecordBatch) -> list[pa.RecordBatch]:
        rest = Batch.consecutive(partition, 0, records)
        made: list[pa.RecordBatch] = []
        while len(rest):
            evaluation = self._transform.evaluate(rest)
            done = evaluation.evaluated
            if self._on_evaluated is not None:
                self._on_evaluated(rest.slice(0, done), evaluation.head(done))
            if self._refuses and evaluation.faults:
                raise RefusedRecordError(rest, evaluation.faults[0])
            if not done:
                raise SmartStreamError("the SmartStream was interrupted, so the request was not stored")
            made.append(evaluation.outputs.records(rest.records))
            rest = rest.slice(done, len(rest))
        made = [part for part in made if part.num_rows]
        return [joined(made)] if made else []
