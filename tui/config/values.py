"""How values with bounds of their own are parsed, from the config file and from the command line."""

from functools import partial

from engine.units import parse_duration, parse_size

time_limit = partial(parse_duration, least=0.001)
build_time = partial(parse_duration, least=1.0)
"""The system counts whole seconds."""
build_memory = partial(parse_size, least=64 << 20)
"""Less than what the smallest build needs."""
guest_memory = partial(parse_size, least=64 << 10, most=4 << 30)
"""From one page of WebAssembly to its whole address space."""
output_size = partial(parse_size, least=1 << 10, most=1 << 30)
window_size = partial(parse_size, least=1)
