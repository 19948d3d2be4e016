"""Chains of SmartModules in a request for a stream, in version 25 of their layout."""

import gzip
from collections.abc import Sequence

from engine.broker.fluvio.marks import mark_module
from engine.broker.fluvio.protocol.wire import Encoder
from engine.broker.remote_evaluation import RemoteStep
from engine.runtime.config import LookBack

_AD_HOC = 1
_GENERIC = 7
_NO_DATA, _AGGREGATE = 0, 1


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
    target.option(step.look_back, _write_look_back)
    target.option(step.name or "adhoc", Encoder.text)


def _write_look_back(target: Encoder, look_back: LookBack) -> None:
    target.number("u64", look_back.last or 0)
    target.option(look_back.age_ms, _write_age)


def _write_age(target: Encoder, milliseconds: int) -> None:
    target.number("u64", milliseconds // 1_000).u32(milliseconds % 1_000 * 1_000_000)
