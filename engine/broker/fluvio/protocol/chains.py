"""Chains of SmartModules in a request for a stream, in version 25 of their layout."""

import gzip
from collections.abc import Sequence

from engine.broker.fluvio.protocol.marks import mark_module
from engine.broker.fluvio.protocol.wire import Encoder
from engine.broker.remote_evaluation import RemoteStep

_AD_HOC = 1
_GENERIC = 7
_NO_DATA, _AGGREGATE = 0, 1
_NO_LOOK_BACK = 0


def write_chain(target: Encoder, steps: Sequence[RemoteStep], accumulator: bytes | None) -> None:
    """The steps, of which the last one goes on from `accumulator`, and the one that puts marks."""
    last = len(steps) - 1
    target.u32(len(steps) + 1)
    for number, step in enumerate(steps):
        _write_step(target, step, accumulator if number == last else None)
    _write_step(target, RemoteStep(wasm=mark_module(), name="fluvio-tui-mark"), None)


def _write_step(target: Encoder, step: RemoteStep, accumulator: bytes | None) -> None:
    # By its bytes also if the cluster stores it: what runs is what was loaded and checked here.
    target.tag(_AD_HOC).sized(gzip.compress(step.wasm, 1)).tag(_GENERIC)
    if accumulator is None:
        target.tag(_NO_DATA)
    else:
        target.tag(_AGGREGATE).sized(accumulator)
    target.number("u16", len(step.params))
    for name, value in sorted(step.params.items()):
        target.text(name).text(value)
    target.tag(_NO_LOOK_BACK)
    target.option(step.name or "adhoc", Encoder.text)
