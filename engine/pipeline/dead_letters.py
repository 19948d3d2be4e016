"""Dead letters: the records that a step failed on, with the reason in headers."""

from collections.abc import Sequence

import pyarrow as pa

from engine.consumer.delivery import Delivery
from engine.records.batch import record_batch

PREFIX = "dead-letter-"
"""What the names of the added headers begin with."""


def dead_letters(delivery: Delivery, topic: str, names: Sequence[str]) -> pa.RecordBatch:
    """The failed records of a delivery as they were, in their order; `topic` is theirs.

    `names` are those of the steps. The headers: topic, partition, offset, status, step, message and, where it
    is known, location; all text.
    """
    evaluation, batch = delivery.evaluation, delivery.batch
    faults = evaluation.faults if evaluation is not None else ()
    failed = [batch.record(fault.index) for fault in faults]
    added = []
    for fault, record in zip(faults, failed, strict=True):
        reason = {
            "topic": topic,
            "partition": str(batch.partition),
            "offset": str(record.offset),
            "status": fault.verdict.name.lower(),
            "step": names[fault.step],
            "message": fault.message,
        }
        if fault.location is not None:
            reason["location"] = str(fault.location)
        named = ((f"{PREFIX}{name}", text.encode("utf-8", "replace")) for name, text in reason.items())
        added.append((*record.headers, *named))
    return record_batch(
        [record.value for record in failed],
        keys=[record.key for record in failed],
        timestamps=[record.timestamp for record in failed],
        headers=added,
    )
