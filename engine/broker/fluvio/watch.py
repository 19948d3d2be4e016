"""Asks the SC at intervals how the cluster is, so that what is known of it is never old."""

import contextlib
import threading

from engine.broker.fluvio.cluster import Cluster
from engine.errors import BrokerClosedError, BrokerError

_INTERVAL_SECONDS = 0.3
_ANSWER_SECONDS = 1.2
"""Two intervals and an answer are less than two seconds, within which the user has to see it."""


class ClusterWatch:
    """A thread that keeps the view of a cluster, and whether its SC answers; it ends with the cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start, unless it is running."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fluvio cluster", daemon=True)
                self._thread.start()

    def join(self) -> None:
        """Wait for its end, after the cluster was closed."""
        with self._starting:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        with contextlib.suppress(BrokerClosedError):
            while True:
                self._cluster.wait(_INTERVAL_SECONDS)
                # The cluster's status says what is wrong; its end is the end of the wait.
                with contextlib.suppress(BrokerError):
                    self._cluster.refresh(_INTERVAL_SECONDS / 2, timeout=_ANSWER_SECONDS)
