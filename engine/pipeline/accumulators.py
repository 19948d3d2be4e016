"""The accumulators of a pipeline's aggregates, as they are saved with its position: JSON, by step."""

import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping, Sequence

from engine.errors import SmartStreamError
from engine.records.transform import Transform


class SavedAccumulatorError(SmartStreamError, code="saved-accumulator"):
    """An accumulator is saved for a step that the pipeline does not have."""


class Accumulators:
    """Those of a transform, whose steps have these names."""

    def __init__(self, transform: Transform, names: Sequence[str]) -> None:
        seen: Counter[str] = Counter()
        self._steps = {}
        for name, step in zip(names, transform.steps, strict=True):
            seen[name] += 1
            self._steps[name if seen[name] == 1 else f"{name} {seen[name]}"] = step

    def saved(self, partition: int) -> bytes | None:
        """What to save for a partition; None if no step has an accumulator there."""
        found = {
            name: b64encode(step.accumulators[partition]).decode()
            for name, step in self._steps.items()
            if partition in step.accumulators
        }
        return json.dumps(found).encode() if found else None

    def restore(self, states: Mapping[int, bytes]) -> None:
        """Continue from what was saved, and only that; `SavedAccumulatorError` if it is of another chain."""
        for step in self._steps.values():
            step.accumulators.clear()
        for partition, saved in states.items():
            self._restore(partition, saved)

    def _restore(self, partition: int, saved: bytes) -> None:
        try:
            found = {name: b64decode(text) for name, text in json.loads(saved).items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise SavedAccumulatorError(
                f"the saved accumulators of partition {partition} are damaged"
            ) from error
        for name, accumulator in found.items():
            if name not in self._steps:
                raise SavedAccumulatorError(
                    f"an accumulator of step '{name}' is saved, which this pipeline does not have",
                    "give the pipeline another name, which starts again, or name the step as before",
                )
            self._steps[name].accumulators[partition] = accumulator
