"""Gives a guest its parameters, before its first record."""

import re
import struct
from collections.abc import Iterable, Mapping

from engine import units
from engine.errors import InitError
from engine.runtime import abi
from engine.runtime.call_result import CallAbortedError, NoRoomError
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.guest_instance import GuestInstance
from engine.runtime.loading.module import GuestModule
from engine.runtime.memory.columns import Columns
from engine.runtime.memory.region import Region
from engine.runtime.trap_messages import with_limit
from engine.runtime.watchdog import EndReason

_MISSING = re.compile(r"[Mm]issing param(?:eter)? ([^\s:]+)")
"""What the SDK, Fluvio's crate and the examples say."""
_COUNT = struct.Struct("<I")
_LENGTHS = struct.Struct("<2I")


def look_back_bounds(look_back: LookBack | None, version: int) -> tuple[int, int]:
    """The fields `look_back_last` and `look_back_age` (ms) for a guest of `version`."""
    if version < abi.PARAMETERS_VERSION:
        return 0, 0
    bounds = look_back or LookBack()
    return (
        -1 if bounds.last is None else bounds.last,
        -1 if bounds.age_ms is None else bounds.age_ms,
    )


def initialize(instance: GuestInstance, module: GuestModule, config: ModuleConfig) -> None:
    """Call the guest's init; `InitError` if it fails."""
    columns: Columns = {"parameters": _encoded(config.params)}
    layout = abi.layout(columns)
    try:
        region = instance.region(layout.size)
    except NoRoomError as error:
        raise InitError(module.name, f"the parameters: memory of {error.text}") from None
    bounds = look_back_bounds(config.look_back, instance.version)
    header = abi.header(region.address, layout, instance.version, look_back=bounds)
    region.write(columns, layout, header)
    region.prepare(0, 0)
    init = instance.function(abi.INIT)
    try:
        failed = instance.watched(lambda: init(region.address))
    except CallAbortedError as error:
        if error.reason is EndReason.INTERRUPTED:
            raise
        text = f"took longer than {units.duration(config.limits.start_seconds)}"
        if error.reason is None:
            text = with_limit(instance.describe(error), config.limits.memory_bytes)
        raise _error(instance, module, region, config.params, text) from None
    if failed not in (0, 1):
        raise module.violation(f"{abi.INIT} returned {failed}")
    if failed:
        raise _error(instance, module, region, config.params, "returned an error without a text")


def _error(
    instance: GuestInstance, module: GuestModule, region: Region, given: Iterable[str], text: str
) -> InitError:
    """With what the guest left in the message area, or else `text`."""
    messages = instance.messages(region, 0, 1)
    text = messages.errors.get(0) or messages.panics.get(0) or text
    if missing := _MISSING.search(text):
        text += _misspelt(missing[1], given)
    return InitError(module.name, text, str(messages.places.get(0, "")))


def _misspelt(missing: str, given: Iterable[str]) -> str:
    """A clause about the parameter that was probably meant to be the missing one; empty without one."""
    from difflib import get_close_matches

    near = get_close_matches(missing, given, n=1, cutoff=0.7)
    return f"; unknown parameter '{near[0]}': did you mean '{missing}'?" if near else ""


def _encoded(params: Mapping[str, str]) -> bytes:
    """The number of parameters, then the lengths and the bytes of each name and value, sorted by name."""
    pairs = [(name.encode(), params[name].encode()) for name in sorted(params)]
    return _COUNT.pack(len(pairs)) + b"".join(
        _LENGTHS.pack(len(name), len(value)) + name + value for name, value in pairs
    )
