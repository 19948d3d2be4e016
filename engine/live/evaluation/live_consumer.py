"""What a dashboard asks of a consumer."""

from abc import ABC, abstractmethod
from collections.abc import Mapping


class LiveConsumer(ABC):
    """A consumer of a workbench. No call waits for its evaluation; after its removal they do nothing."""

    id: int
    """Names it within its workbench; never reused."""

    @abstractmethod
    def rebuild(self) -> None:
        """Build its SmartStream again, saved or not; if faults stopped it, continue with the rest instead."""

    @abstractmethod
    def use(self, version: int) -> None:
        """Switch to an earlier version, or forward again.

        It keeps its number; the next save replaces it. Does nothing if its module is not kept
        (`HistoryEntry.kept`).
        """

    @abstractmethod
    def set_params(self, step: int, params: Mapping[str, str]) -> None:
        """Run a step with other parameters: a new version, without a build."""

    @abstractmethod
    def set_rate_limit(self, per_second: float | None) -> None:
        """Evaluate at most this many records per second: 0 for none, None for no limit.

        A new version evaluates without a limit what the version before it had evaluated.
        """

    @abstractmethod
    def seek(self, row: int | None) -> None:
        """Evaluate again from a row of the window on; None means from now on.

        The rows before are pending, and the state of its SmartStream is reset. A row that has left the window
        stands for the first one in it.
        """
