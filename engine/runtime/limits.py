"""What a SmartStream may use: time per record, memory, and time and memory to build and compile it."""

from dataclasses import dataclass

from engine import units

WALL_PATIENCE = 10
"""The wall-clock bound as a multiple of a limit on CPU time: a busy machine must not make work look slow."""
GUEST_PATIENCE = 60
"""The same for a call of a module, which has nothing to wait for: only a machine that gives it no time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a SmartStream may use before it is stopped.

    Times are seconds of CPU time; each also has a wall-clock bound of `GUEST_PATIENCE` times as much, or
    `WALL_PATIENCE` for a process.
    """

    record_seconds: float = 0.25
    """For one record; a slower one gets the verdict TIMEOUT."""
    start_seconds: float = 1.0
    """For each step before the first record: instantiation, `_initialize`, an allocation, entering a call."""
    call_seconds: float = 1.0
    """For one call: a longer one is ended, and evaluation continues with the current record.

    Only happens if records get much slower than those before them: calls are sized to be shorter than this.
    """
    memory_bytes: int = 64 << 20
    """For the guest's memory, including the batch that is copied into it."""
    output_bytes: int = 4 << 20
    """For the outputs of one record; more than that is an error of the record."""
    table_elements: int = 1 << 16
    faults_in_a_row: int | None = 1_000
    """Traps and timeouts without another verdict between them that stop a SmartStream; None for never."""
    compile_seconds: float = 10.0
    """If a module is compiled in a process of its own."""
    compile_bytes: int = 1 << 30
    """For the process that compiles; none on macOS."""
    build_seconds: float = 60.0
    """For each process of a build, in whole seconds; a build takes 0.2 s, the first one some seconds."""
    build_bytes: int = 2 << 30
    """For each process of a build; none on macOS. rustc needs 0.15 GB (measured)."""
    crates_seconds: float = 600.0
    """As `build_seconds`, to compile the crates that a file names, once."""
    crates_bytes: int = 4 << 30
    """As `build_bytes`, for these."""
    build_scripts: bool = False
    """Whether build scripts and macros of such crates run, as you, without a question."""
    wraps: bool = False
    """Whether arithmetic that overflows wraps, as in modules built for Fluvio; otherwise it is a panic."""
    timed: bool = True
    """Whether calls can be ended at all. If not, evaluation is faster."""


def too_large(needed: int, limit: int) -> str:
    """The text of an error of a record whose outputs need more bytes than the limit."""
    return f"its outputs need {units.size(needed)}, more than the limit of {units.size(limit)}"
