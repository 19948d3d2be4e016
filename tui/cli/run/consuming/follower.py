"""What `consume` looks at while it reads, besides records."""

from abc import ABC, abstractmethod

from engine.consumer.topic_consumer import TopicConsumer


class Follower(ABC):
    """Moves a consumer to what it has to read now."""

    @abstractmethod
    def look(self, consumer: TopicConsumer) -> None:
        """Move on if there is something to move on to. Everything that was delivered is printed."""

    def look_soon(self) -> bool:
        """Called when the topic cannot be read as it is deleted; whether to wait for another one."""
        return False
