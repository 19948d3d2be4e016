"""The verdict on each record of a delivery, for `--on-error keep`."""

import json
from collections.abc import Iterator

import pyarrow as pa

from engine.consumer.consumer import Delivery
from engine.records.verdicts import Verdict
from tui.dashboard.present.signs import VERDICT_SIGNS, VERDICT_WORDS

_SIGNS = [
    f"{sign} ".encode() for verdict, sign in sorted(VERDICT_SIGNS.items()) if verdict != Verdict.PENDING
]
"""By verdict."""
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def signs(delivery: Delivery) -> pa.BinaryArray:
    """Before each record's line: the sign of its verdict and a space."""
    return pa.array(_SIGNS, pa.binary()).take(delivery.verdicts)


def cells(delivery: Delivery) -> list[str]:
    """The sign and the word of each record's verdict."""
    verdicts = map(Verdict, delivery.verdicts.tolist())
    return [f"{VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}" for verdict in verdicts]


def members(delivery: Delivery) -> Iterator[str]:
    """The fields `verdict` and, if any, `message` and `location` of each record's JSON object."""
    faults = {fault.index: fault for fault in delivery.evaluation.faults} if delivery.evaluation else {}
    for index, verdict in zip(delivery.passed.tolist(), delivery.verdicts.tolist(), strict=True):
        mark = f', "verdict": "{VERDICT_WORDS[Verdict(verdict)]}"'
        fault = faults.get(index)
        if fault is not None:
            mark += f', "message": {_quoted(fault.message)}'
            if fault.location is not None:
                mark += f', "location": {_quoted(str(fault.location))}'
        yield mark
