"""What `eval -O json` prints: outputs and faults in the order of the input."""

import json
from heapq import merge
from operator import itemgetter

import pyarrow as pa

from engine.builds.languages import without_our_files
from engine.consumer.delivery import Delivery
from engine.records.faults import Fault
from engine.records.record_json import fault_object
from tui.cli.output.json_lines import json_objects
from tui.dashboard.present.signs import VERDICT_WORDS


class EvaluatedLines:
    """Counts the input, so that each output and fault names the index of its record from 0."""

    def __init__(self) -> None:
        self._first = 0

    def __call__(self, delivery: Delivery) -> bytes:
        first = self._first
        self._first += len(delivery.batch)
        indices = (delivery.passed + first).tolist()
        members = pa.array([f', "input": {index}' for index in indices], pa.string())
        outputs = zip(indices, map(str, json_objects(delivery, members)), strict=True)
        faults = delivery.evaluation.faults if delivery.evaluation else ()
        failed = ((first + fault.index, _fault(first + fault.index, fault)) for fault in faults)
        return "\n".join(text for _, text in merge(outputs, failed, key=itemgetter(0))).encode()


def _fault(index: int, fault: Fault) -> str:
    found = {
        "input": index,
        "status": VERDICT_WORDS[fault.verdict],
        "step": fault.step,
        **fault_object(fault, without_our_files),
    }
    return json.dumps(found, ensure_ascii=False)
