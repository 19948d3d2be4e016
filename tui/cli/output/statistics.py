"""What `consume --stats` counts and measures."""

import time
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine import units
from engine.consumer.delivery import Delivery
from engine.consumer.topic_consumer import TopicConsumer
from engine.live.stats.latency import Costs
from engine.records.verdicts import Verdict

FAULTS = {Verdict.ERROR: "error", Verdict.TRAP: "trap", Verdict.TIMEOUT: "timeout"}


class Statistics:
    """Counts what was delivered."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._verdicts: Counter[Verdict] = Counter()
        self._records = 0
        self._unevaluated = 0
        self._delivered = 0
        self._bytes_in = 0
        self._bytes_out = 0
        self._version: int | None = None
        self._costs = Costs()
        self._started = time.monotonic()

    def add(self, delivery: Delivery) -> None:
        sizes = _sizes(delivery.batch.records)
        self._records += len(sizes) if delivery.inputs is None else delivery.inputs
        self._delivered += len(delivery.passed)
        self._bytes_in += int(sizes.sum())
        self._bytes_out += int(_sizes(delivery.records).sum())
        evaluation = delivery.evaluation
        if delivery.inputs is not None:
            passed = len(np.unique(delivery.offsets))
            self._verdicts.update({Verdict.PASS: passed, Verdict.DROP: delivery.inputs - passed})
        elif evaluation is None:
            self._unevaluated += len(sizes)
        if evaluation is None:
            return
        found = np.bincount(evaluation.verdicts[: evaluation.evaluated], minlength=max(FAULTS) + 1)
        self._verdicts.update({verdict: int(found[verdict]) for verdict in Verdict if verdict < len(found)})
        self._version = evaluation.version
        self._costs.add(evaluation.seconds, evaluation.evaluated)

    def add_undelivered(self, verdict: Verdict) -> None:
        """Count a record that was evaluated and is not delivered."""
        self._records += 1
        self._verdicts[verdict] += 1

    def faults(self) -> dict[str, int]:
        """How many records the SmartStream failed on, by kind, without zeros."""
        return {name: self._verdicts[kind] for kind, name in FAULTS.items() if self._verdicts[kind]}

    def text(self) -> str:
        return (
            f"{units.plural(self._records, 'record')}, {self._passed:,} passed, "
            f"{units.plural(sum(self.faults().values()), 'fault')}, {self._seconds:.1f} s"
        )

    def members(self, consumer: TopicConsumer | None, memory: int | None) -> dict[str, object]:
        """Everything that was counted and measured, as in docs/statistics.md; `memory` in bytes."""
        seconds = self._seconds
        return {
            "topic": self._topic,
            "records": self._records,
            "passed": self._passed,
            "dropped": self._verdicts[Verdict.DROP],
            **{f"{name}s": self._verdicts[kind] for kind, name in FAULTS.items()},
            "pending": consumer.pending if consumer else 0,
            "lost": consumer.lost if consumer else 0,
            "damaged": consumer.damaged if consumer else 0,
            "printed": self._delivered,
            "bytes_in": self._bytes_in,
            "bytes_out": self._bytes_out,
            "seconds": round(seconds, 3),
            "records_per_second": round(self._records / seconds),
            "version": self._version,
            "cost_p50_ns": self._nanoseconds(0.5),
            "cost_p99_ns": self._nanoseconds(0.99),
            "memory_bytes": memory,
        }

    @property
    def _passed(self) -> int:
        return self._unevaluated + self._verdicts[Verdict.PASS]

    @property
    def _seconds(self) -> float:
        return max(time.monotonic() - self._started, 1e-9)

    def _nanoseconds(self, share: float) -> int | None:
        """The cost per record that a share of the records stay below."""
        seconds = self._costs.percentile(share)
        return None if seconds is None else round(seconds * 1e9)


def _sizes(records: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Bytes of each record's key and value; 6 ns a record."""
    columns: list[Any] = [records.column("key"), records.column("value")]
    keys, values = (pc.fill_null(pc.binary_length(column), 0).to_numpy() for column in columns)
    sizes: npt.NDArray[np.int64] = (keys + values).astype(np.int64)
    return sizes
