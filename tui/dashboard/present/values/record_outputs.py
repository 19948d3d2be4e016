"""What a SmartStream, or each step of a chain, made of one record, to be read beside it."""

from dataclasses import dataclass

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.versions.output_log import KeptOutputs
from engine.records.batch import Batch, Record
from engine.records.verdicts import Verdict
from tui import format

NAME_CELLS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The outputs of one step."""

    label: str
    made: tuple[Batch, range] | None
    """None for the record itself."""

    def __len__(self) -> int:
        return 1 if self.made is None else len(self.made[1])


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What can be gone through: the outputs of each step, in order."""

    stages: tuple[Stage, ...]
    content: object
    """Two with the same content and the same length are the same."""

    def __len__(self) -> int:
        return sum(map(len, self.stages))

    def shown(self, place: int, original: Record) -> tuple[str, Record]:
        """The label and the record at a place, which counts from the first output of the last stage."""
        place = (len(self) - len(self.stages[-1]) + place) % len(self)
        for stage in self.stages:
            if place < len(stage):
                break
            place -= len(stage)
        record = original if stage.made is None else stage.made[0].record(stage.made[1][place])
        which = f" {place + 1} of {len(stage)}" if len(stage) > 1 else ""
        return f"{stage.label}{which}{_key(record, original)}", record


def _key(record: Record, original: Record) -> str:
    """The key, if it is another one."""
    if record.key == original.key:
        return ""
    said = "no key" if record.key is None else f"key {format.harmless(format.decode(record.key))}"
    return f" · {format.clip(said, NAME_CELLS)}"


def made_of(consumer: ConsumerSnapshot | None, row: int) -> Made | None:
    """What a consumer made of the record at a row; None if that is nothing, or the record itself."""
    if consumer is None:
        return None
    stages = [
        _stage(consumer, number, kept, row)
        for number, kept in enumerate(consumer.between[: consumer.steps_through(row)])
    ]
    found = None if consumer.outputs is None else consumer.outputs.find(row)
    if found is not None or (stages and consumer.verdict(row) is Verdict.PASS):
        stages.append(Stage("output", found))
    kept = [stage for stage in stages if stage is not None]
    if not kept:
        return None
    content = None if consumer.outputs is None else consumer.outputs.content
    return Made(tuple(kept), (content, consumer.version))


def _stage(consumer: ConsumerSnapshot, number: int, kept: KeptOutputs | None, row: int) -> Stage | None:
    """What a row was after a step; None if that is not kept."""
    found = None if kept is None else kept.find(row)
    if kept is not None and found is None:
        return None
    name = format.clip(format.harmless(consumer.steps[number].name), NAME_CELLS)
    ended = consumer.steps_through(row) == number + 1 and number + 1 < len(consumer.steps)
    end = f", ended by step {number + 2}" if ended else ""
    return Stage(f"after step {number + 1} ({name}){end}", found)
