"""A transform that evaluates decoded records, while records stay as they are."""

from collections.abc import MutableMapping, Sequence
from dataclasses import replace

from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.transform import Transform
from engine.schemas.decoding import Decoding


class DecodedTransform(Transform):
    """What it passes are the records that were read; what it makes comes from their JSON."""

    def __init__(self, transform: Transform, decoding: Decoding) -> None:
        self._transform = transform
        self._decoding = decoding
        self._last: tuple[Batch, Batch] | None = None
        """What was decoded last, before and after: a batch that takes long is evaluated in several steps."""

    def evaluate(self, batch: Batch, *, budget: float | None = None) -> Evaluation:
        return self._transform.evaluate(self._decoded(batch), budget=budget)

    def _decoded(self, batch: Batch) -> Batch:
        if self._last is not None and _is_end(batch, self._last[0]):
            decoded = self._last[1]
        else:
            decoded = replace(batch, records=self._decoding.records(batch.records))
            self._last = batch, decoded
        return decoded.slice(len(decoded) - len(batch), len(decoded))

    def interrupt(self) -> None:
        self._transform.interrupt()

    @property
    def accumulators(self) -> MutableMapping[int, bytes]:
        return self._transform.accumulators

    @property
    def steps(self) -> Sequence[Transform]:
        return self._transform.steps

    @property
    def folds(self) -> bool:
        return self._transform.folds

    @property
    def memory(self) -> int:
        return self._transform.memory

    def close(self) -> None:
        self._transform.close()


def _is_end(part: Batch, whole: Batch) -> bool:
    """Whether a batch is the end of another one, without a look at its records."""
    ends = part.next_offset == whole.next_offset and len(part) <= len(whole)
    return ends and _address(part) == _address(whole)


def _address(batch: Batch) -> int:
    """Where its values are in memory: slices share them."""
    content = batch.records.column("value").buffers()[-1]
    return 0 if content is None else content.address
