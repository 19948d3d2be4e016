"""Builds a source again whenever its files change."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from engine.builds.build import BuildRequest, BuildResult, Builds, OnBuild
from engine.builds.source import BuildSource, Compiled
from engine.builds.source_text import Sources, read_sources, unchanged
from engine.errors import EngineError, InternalError
from engine.process.child import Standby
from engine.process.job import Job, SupersededError

CALM_SECONDS = 0.2
"""Without a save, before the next build is prepared: what was built is being loaded on all processors."""


class BuildLoop(Builds):
    """Watches a source and what it includes. The newest build supersedes older ones, and counts versions."""

    def __init__(self, source: BuildSource, on_build: OnBuild) -> None:
        """`on_build` gets each build when it begins, whenever it waits for something else, and when it ended,
        unless a newer one began.

        It is called from the thread that builds, never for an older version than before.
        """
        self._source = source
        self._on_build = on_build
        self._stop_watching: Callable[[], None] | None = None
        self._changed = threading.Condition()
        self._version = 0
        self._wanted: BuildRequest | None = None
        self._job = Job()
        self._standby = Standby()
        self._compiled = Compiled()
        """The last compilation."""
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"build {source.path.name}", daemon=True)

    def start(self) -> None:
        self._request("first build")
        # Watched before the file is read, so that no change is missed.
        self._stop_watching = self._source.watch(self._request)
        self._thread.start()

    def rebuild(self) -> None:
        self._request("asked for")

    def close(self) -> None:
        """No thread and no process is left. May be called from any thread but that of `on_build`."""
        with self._changed:
            self._closing = True
            self._job.cancel()
            self._changed.notify_all()
        if self._stop_watching is not None:
            self._stop_watching()
        if self._thread.is_alive():
            self._thread.join()
        self._standby.close()

    def _request(self, trigger: str, saved: float | None = None) -> None:
        with self._changed:
            self._version += 1
            self._wanted = BuildRequest(
                version=self._version,
                path=self._source.path,
                trigger=trigger,
                started=time.time(),
                saved=saved,
                foreign=self._source.foreign,
            )
            self._job.cancel()
            self._changed.notify_all()

    def _run(self) -> None:
        while (request := self._next()) is not None:
            self._on_build(request)
            try:
                result = self._build(request)
            except SupersededError:
                continue
            with self._changed:
                is_newest = not self._closing and self._version == request.version
            if is_newest:
                self._on_build(result)

    def _build(self, request: BuildRequest) -> BuildResult:
        before = read_sources(self._source.files_of(self._compiled))
        sources: Sources = before
        try:
            compiled = self._compiled = self._source.build(self._job)
            sources = unchanged(before, read_sources(self._source.files_of(compiled)))
            self._source.watch_files_of(compiled, request.started)
        except SupersededError:
            raise
        except EngineError as error:
            return request.ended(error=error, sources=sources)
        except Exception as error:  # noqa: BLE001 - otherwise the pane would show "building" for ever
            return request.ended(error=InternalError(error))
        return request.ended(wasm=compiled.wasm, diagnostics=compiled.diagnostics, sources=sources)

    def _next(self) -> BuildRequest | None:
        if not self._wait(CALM_SECONDS):
            self._standby.prepare()
        self._wait()
        with self._changed:
            request, self._wanted = self._wanted, None
            if self._closing or request is None:
                return None
            self._job = Job(lambda doing: self._on_build(replace(request, doing=doing)), self._standby)
            return request

    def _wait(self, seconds: float | None = None) -> bool:
        """Wait for something to do; whether there is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closing or self._wanted is not None, seconds)
