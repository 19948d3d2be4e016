"""What a SmartStream runs with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.runtime.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """Which stored records a SmartStream sees before the first one that it evaluates; both bounds hold."""

    last: int | None = None
    """That many of the newest; None for no such bound."""
    age_ms: int | None = None
    """Those whose timestamp is no older; None for no such bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleConfig:
    """The settings of one SmartStream, passed down to its instances."""

    limits: Limits = field(default_factory=Limits)
    params: Mapping[str, str] = field(default_factory=dict)
    """For its init, by name."""
    look_back: LookBack | None = None
    aggregate_initial: bytes = b""
    """The accumulator that an aggregate starts from, in each partition."""
    traced: bool = False
    """Whether it reports what it reads, if it can."""
