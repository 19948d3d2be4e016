"""How values with bounds of their own are parsed, from the config file and from the command line."""

from engine.units import parse_duration, parse_size

_PAGE_BYTES = 64 << 10
_ADDRESSABLE_BYTES = 4 << 30


def time_limit(text: str) -> float:
    """Seconds, at least a millisecond."""
    return parse_duration(text, least=0.001)


def guest_memory(text: str) -> int:
    """Bytes that a WebAssembly module can have: from one page to its whole address space."""
    return parse_size(text, least=_PAGE_BYTES, most=_ADDRESSABLE_BYTES)


def window_size(text: str) -> int:
    """Bytes, more than none."""
    return parse_size(text, least=1)
