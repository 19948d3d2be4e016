"""What a workbench needs of the consumer of a pane, wherever that evaluates."""

from abc import abstractmethod

from engine.consumer.module_version import ModuleVersion
from engine.live.evaluation.live_consumer import LiveConsumer
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.explanation.explanation import Inquiry


class PaneConsumer(LiveConsumer):
    """A consumer over the window of a workbench."""

    @abstractmethod
    def start(self) -> None:
        """Begin to build and to evaluate."""

    @abstractmethod
    def snapshot(self) -> ConsumerSnapshot:
        """What is drawn of it now."""

    @abstractmethod
    def module_versions(self) -> tuple[ModuleVersion, ...]:
        """What evaluates here the verdicts that are shown, by step; empty if nothing does."""

    @abstractmethod
    def modules_with(self, version: int) -> tuple[ModuleVersion, ...]:
        """The modules of `module_versions`, with another version of one step; empty if that is not kept."""

    @abstractmethod
    def inquiry(self, row: int, partition: int) -> Inquiry:
        """What explains the verdict on a row, if it has `module_versions`."""

    @abstractmethod
    def close(self) -> None:
        """End its threads, and close its modules."""
