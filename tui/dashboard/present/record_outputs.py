"""What a SmartStream made of one record, to be read beside it."""

from dataclasses import dataclass

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.records.batch import Batch, Record
from tui import format

KEY_CELLS = 20


@dataclass(frozen=True, slots=True)
class Made:
    """Outputs of one record that can be gone through."""

    batch: Batch
    indices: range

    def __len__(self) -> int:
        return len(self.indices)

    def record(self, place: int) -> Record:
        return self.batch.record(self.indices[place % len(self)])

    def label(self, place: int, record: Record, key: bytes | None) -> str:
        """Which of the outputs it is, and its key if the input has another `key`."""
        which = f"output {place % len(self) + 1} of {len(self)}" if len(self) > 1 else "output"
        if record.key == key:
            return which
        said = "no key" if record.key is None else f"key {format.harmless(format.decode(record.key))}"
        return f"{which} · {format.clip(said, KEY_CELLS)}"


def made_of(consumer: ConsumerSnapshot | None, row: int) -> Made | None:
    """What a consumer made of the record at a row; None if that is nothing, or the record itself."""
    found = None if consumer is None or consumer.outputs is None else consumer.outputs.find(row)
    return None if found is None else Made(*found)
