"""What a SmartStream runs with."""

from dataclasses import dataclass, field

from engine.runtime.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleConfig:
    """The settings of one SmartStream, passed down to its instances.

    Parameters and look-back will be fields of their own.
    """

    limits: Limits = field(default_factory=Limits)
