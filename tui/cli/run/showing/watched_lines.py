"""Lines of files or of standard input as a topic of a temporary broker, for `watch`."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pyarrow as pa

from engine.broker.broker import Broker
from engine.broker.topics import MAX_RECORD_BYTES, TopicOptions
from engine.errors import EngineError, InternalError
from engine.producer.sources.file_feed import FileFeed, timed
from engine.producer.sources.lines import enlarge_pipe, made_batches
from engine.producer.sources.record_makers import Made, Maker
from tui.cli.composition import temporary_broker
from tui.cli.options.input_files import STANDARD_INPUT
from tui.cli.options.watched import topic_of_lines
from tui.cli.process.failures import Failure, failing

RETENTION_BYTES = 4 << 30
"""What is kept of lines, on the disk for temporary files."""
_TERMINAL = "/dev/tty"


@contextmanager
def lines_broker(words: Sequence[str]) -> Iterator[Broker]:
    """A temporary broker with one topic that the lines flow into.

    Standard input is replaced by the terminal, for keys. `Failure` if something cannot be read.
    """
    readable, writable = os.pipe()
    with ExitStack() as opened:
        opened.callback(os.close, readable)
        opened.callback(os.close, writable)
        batches = _batches(words, readable, opened)
        broker = opened.enter_context(temporary_broker("fluvio-tui-watch-"))
        topic = topic_of_lines(words)
        broker.topics.create(topic, options=TopicOptions(retention_bytes=RETENTION_BYTES))
        feed = _Feed(broker, topic, batches)
        feed.start()
        try:
            yield broker
        finally:
            os.write(writable, b"\0")
            feed.join()
    if feed.error is not None:
        raise feed.error


def _batches(words: Sequence[str], interrupt: int, opened: ExitStack) -> Iterator[pa.RecordBatch]:
    if STANDARD_INPUT not in words:
        with failing("read the files"):
            return opened.enter_context(
                closing(FileFeed([Path(word) for word in words], interrupt))
            ).batches()
    if len(words) > 1:
        raise Failure("standard input and files cannot be watched together", "leave out - or the files")
    piped = _take_terminal()
    opened.callback(os.close, piped)
    enlarge_pipe(piped)
    made = made_batches(piped, _Timed(), name="standard input", limit=MAX_RECORD_BYTES, interrupt=interrupt)
    return (one.records for one in made)


def _take_terminal() -> int:
    """The descriptor of what was standard input, which is the terminal from now on; `Failure` without one."""
    piped = os.dup(0)
    if not os.isatty(0):
        with failing(f"read keys from {_TERMINAL}", "run it in a terminal"):
            terminal = os.open(_TERMINAL, os.O_RDWR)
        os.dup2(terminal, 0)
        os.close(terminal)
    return piped


class _Timed:
    """Records with the time that their lines name, as the first lines show."""

    def __init__(self) -> None:
        self._make: Maker | None = None

    def __call__(self, lines: pa.BinaryArray) -> Made:
        self._make = self._make or timed(lines, None)
        return self._make(lines)


class _Feed(threading.Thread):
    """Appends batches until there are no more."""

    def __init__(self, broker: Broker, topic: str, batches: Iterator[pa.RecordBatch]) -> None:
        super().__init__(name=f"feed {topic}", daemon=True)
        self._broker = broker
        self._topic = topic
        self._batches = batches
        self.error: EngineError | None = None
        """Why it stopped by itself; else None."""

    def run(self) -> None:
        try:
            for records in self._batches:
                self._broker.log.append(self._topic, records)
        except EngineError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - the lines would stop without saying why
            self.error = InternalError(error)
