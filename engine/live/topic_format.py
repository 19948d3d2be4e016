"""Which format the values of a topic have: the chosen one, or that of its newest records."""

from collections.abc import Sequence
from itertools import chain

from engine.fields.format import Format
from engine.fields.formats.decoded import Decoded
from engine.fields.table import SAMPLE_RECORDS, TEXT, detect, named_format
from engine.live.window.snapshot import WindowSnapshot
from engine.schemas.decoder import Decoder
from engine.schemas.decoders import Decoders
from engine.schemas.names import AVRO, is_decoder, parse_decoder
from engine.schemas.wire import schema_id


class TopicFormat:
    """Detects once there are records, and again while there are fewer than a sample."""

    def __init__(
        self, chosen: str = "", first: bytes | None = None, decoders: Decoders | None = None
    ) -> None:
        """`chosen` is the name of a format, empty for none; `first` the topic's first value, if it is known.

        `InvalidValueError` if there is no such format; as `Decoders.named` if it is a decoder.
        """
        self._first = first
        self._decoders = decoders or Decoders()
        self._chosen: Format | None = None
        self._decoder: Decoder | None = None
        self._changes = -1
        """Of the decoder, when `_chosen` was made."""
        if is_decoder(chosen):
            self._decoder = self._decoders.named(parse_decoder(chosen))
        elif chosen:
            self._chosen = named_format(chosen, first)
        self._undecoded = ""
        """Why the last value was shown as it is stored that should be decoded."""
        self._detected: Format = TEXT
        self._sample = 0
        """How many records the format was detected from."""

    def of(self, window: WindowSnapshot) -> Format:
        """The format, by the records of a window that are in memory: 15 ms where it is detected."""
        if self._decoder is not None and self._changes != self._decoder.changes:
            # Another one, so that what it makes of values is drawn again.
            self._changes = self._decoder.changes
            self._chosen = Decoded(self._decoder, self._note)
        if self._chosen is not None:
            return self._chosen
        records = min(window.end_row - window.start_row, SAMPLE_RECORDS)
        if records > 2 * self._sample or records == SAMPLE_RECORDS > self._sample:
            self._sample = records
            values = newest_values(window, records)
            if self._name_schemas(values):
                self._decoder = self._decoders.named(parse_decoder(AVRO))
                return self.of(window)
            self._detected = detect(values, self._first)
        return self._detected

    @property
    def latest(self) -> Format:
        """What `of` returned last. Any thread may ask."""
        return self._chosen or self._detected

    @property
    def problem(self) -> str:
        """Why values are shown as they are stored that should be decoded, in a clause; or empty."""
        unreachable = "" if self._decoder is None else self._decoder.problem
        reason = unreachable or self._undecoded
        return f"shown as they are stored: {reason}" if reason else ""

    def _note(self, reason: str) -> None:
        self._undecoded = reason

    def _name_schemas(self, values: Sequence[bytes | None]) -> bool:
        """Whether most of some values seem to begin with the id of a schema in the registry."""
        found = [schema_id(value) is not None for value in values if value is not None]
        return self._decoders.schemas is not None and 2 * sum(found) > len(found)


def newest_values(window: WindowSnapshot, count: int) -> list[bytes | None]:
    """The values of the newest records of a window that are in memory, the newest first."""
    pieces = (chunk.batch for chunk in window.batches(max(window.end_row - count, window.start_row)))
    values = list(chain.from_iterable(batch.records.column("value").to_pylist() for batch in pieces))
    return values[::-1]
