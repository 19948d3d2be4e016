"""What a SmartStream may use: time for each record, memory, and what it takes to compile it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a SmartStream may use before it is stopped. Times are wall clock, in seconds."""

    record_seconds: float = 0.25
    """For one record; a record that takes longer gets the verdict TIMEOUT."""
    start_seconds: float = 1.0
    """For each step before the first record: instantiation, `_initialize`, an allocation, entering a call."""
    call_seconds: float = 1.0
    """For one call: a longer call is ended, and evaluation goes on with the current record.

    Only where records turn much slower than those before them: otherwise calls are kept shorter than this.
    """
    memory_bytes: int = 64 << 20
    """For the guest's memory, the batch that is copied into it included."""
    table_elements: int = 1 << 16
    faults_in_a_row: int | None = 1_000
    """Traps and timeouts, without any other verdict between them, that stop a SmartStream; None for never."""
    compile_seconds: float = 10.0
    """Of computing, on all cores together, where a module is compiled in a process of its own."""
    compile_bytes: int = 1 << 30
    """For the process that compiles; macOS does not keep to it."""
    timed: bool = True
    """Whether calls can be ended at all. Without, a call takes as long as it takes, and evaluates faster."""
