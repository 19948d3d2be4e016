"""What is saved with an offset, so that one of an earlier topic of the same name is not taken for it."""

from dataclasses import dataclass

from confluent_kafka import TopicPartition

PREFIX = "fluvio-tui"
_FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is saved with an offset: which topic it is of, and when it was saved."""

    topic_id: str
    committed: int
    """Milliseconds since the epoch, UTC."""
    forgotten: bool = False
    """Whether the offset stands for none: Kafka cannot delete those of one topic."""

    def written(self) -> str:
        return " ".join(
            [PREFIX, self.topic_id, str(self.committed), *([_FORGOTTEN] if self.forgotten else [])]
        )

    @classmethod
    def read(cls, text: str | None) -> "Note | None":
        """The note in the metadata of an offset; None if another program saved it."""
        parts = (text or "").split(" ")
        if len(parts) not in (3, 4) or parts[0] != PREFIX or not parts[2].isdigit():
            return None
        return cls(topic_id=parts[1], committed=int(parts[2]), forgotten=parts[3:] == [_FORGOTTEN])


def is_position(found: TopicPartition, topic_id: str) -> bool:
    """Whether a saved offset is one, and of that topic rather than of an earlier one of its name."""
    note = Note.read(found.metadata)
    return found.offset >= 0 and (note is None or (note.topic_id == topic_id and not note.forgotten))
