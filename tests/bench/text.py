"""Real text to write: the sources of Python's own library."""

import sysconfig
from pathlib import Path

import pyarrow as pa

from engine.records.batch import record_batch


def library_text(size: int) -> bytes:
    """The text of Python's own library, as often as it takes to make `size` bytes."""
    library = Path(sysconfig.get_path("stdlib"))
    text = b"".join(path.read_bytes() for path in sorted(library.glob("*.py")))
    return (text * (size // len(text) + 1))[:size]


def cut(text: bytes, size: int) -> pa.RecordBatch:
    """Records of `size` bytes each."""
    return record_batch([text[start : start + size] for start in range(0, len(text), size)])
