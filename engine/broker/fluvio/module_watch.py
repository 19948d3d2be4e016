"""Notices when SmartModules of a cluster change, whichever client changes them."""

import hashlib
import threading
import time
from collections.abc import Callable

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.protocol import admin
from engine.broker.fluvio.protocol.link import Link
from engine.broker.fluvio.protocol.modules import watch_request
from engine.broker.module_store import OnModuleChange
from engine.errors import BrokerClosedError, BrokerError

_RECONNECT_SECONDS = 0.5
_IDLE_SECONDS = 60.0

Packed = Callable[[str], bytes | None]


class Watch:
    """One watched SmartModule. Its callback is called under its lock, so that none runs after `close`."""

    def __init__(self, name: str, on_change: OnModuleChange, packed: Packed) -> None:
        self._name = name
        self._on_change = on_change
        self._packed = packed
        self._lock = threading.RLock()
        self.closed = False
        self._seen = self._digest()

    def check(self) -> None:
        """Look whether the module is another one; `BrokerError` if the cluster does not say so."""
        digest = self._digest()
        with self._lock:
            if digest != self._seen and not self.closed:
                self._seen = digest
                self._on_change(None if digest is None else time.time())

    def close(self) -> None:
        with self._lock:
            self.closed = True

    def _digest(self) -> bytes | None:
        packed = self._packed(self._name)
        return None if packed is None else hashlib.sha256(packed).digest()


class ModuleWatcher:
    """Watches any number of SmartModules over one connection, on a thread that the first one starts."""

    def __init__(self, cluster: Cluster, packed: Packed) -> None:
        """`packed` gets a module as it is stored; None if there is none."""
        self._cluster = cluster
        self._packed = packed
        self._lock = threading.Lock()
        self._watches: list[Watch] = []
        self._link: Link | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def watch(self, name: str, on_change: OnModuleChange) -> Watch:
        """`BrokerError` if the cluster does not answer now."""
        found = Watch(name, on_change, self._packed)
        with self._lock:
            self._watches = [*(one for one in self._watches if not one.closed), found]
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="watch modules", daemon=True)
                self._thread.start()
        return found

    def close(self) -> None:
        """End the thread, which the broker has closed the cluster of. May be called again."""
        with self._lock:
            self._closed = True
            link, thread = self._link, self._thread
        if link is not None:
            link.close()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        try:
            while self._connect():
                self._cluster.wait(_RECONNECT_SECONDS)
        except BrokerClosedError:
            return

    def _connect(self) -> bool:
        """Follow changes until the connection ends; whether to go on with another one."""
        try:
            link = self._cluster.controller_link()
        except BrokerClosedError:
            raise
        except BrokerError:
            return True
        with self._lock:
            self._link = link
            if self._closed:
                link.close()
                return False
        try:
            link.send(admin.WATCH, watch_request())
            while True:
                if link.receive(_IDLE_SECONDS) is not None:
                    # What changed is not looked at: the first message has everything, after a reconnect too.
                    self._check()
        except BrokerError:
            return not self._closed
        finally:
            link.close()

    def _check(self) -> None:
        with self._lock:
            watches = [one for one in self._watches if not one.closed]
        for watch in watches:
            watch.check()
