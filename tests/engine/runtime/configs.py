"""Short ways to configure a SmartStream."""

from typing import Any

from engine.runtime.config import ModuleConfig
from engine.runtime.limits import Limits


def limited(**limits: Any) -> ModuleConfig:
    """A configuration with some limits changed."""
    return ModuleConfig(limits=Limits(**limits))
