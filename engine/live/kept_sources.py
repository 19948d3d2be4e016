"""The sources of a workbench's builds, kept across sessions where it has an archive."""

import logging
from collections.abc import Iterable
from pathlib import Path

from engine.builds.build import BuildResult
from engine.builds.source_archive import KeptBuild, SourceArchive
from engine.builds.source_text import RestoringError, Sources

_LOG = logging.getLogger(__name__)


class KeptSources:
    """Without an archive nothing is kept. Reads and writes the disk; any thread may call."""

    def __init__(self, archive: SourceArchive | None) -> None:
        self._archive = archive

    def keep(self, result: BuildResult) -> None:
        if self._archive is None:
            return
        build = KeptBuild(
            trigger=result.trigger, started=result.started, ready=result.ready, sources=result.sources
        )
        try:
            self._archive.keep(build)
        except OSError as error:
            # They are kept in memory for this session.
            _LOG.info("the sources of %s are not kept: %s", result.path, error)

    def builds(self, paths: Iterable[Path]) -> tuple[KeptBuild, ...]:
        """Those of some files, newest first."""
        if self._archive is None:
            return ()
        kept = (one for path in paths for one in self._archive.builds(path))
        return tuple(sorted(kept, key=lambda one: one.started, reverse=True))

    def restore(self, sources: Sources) -> tuple[Path, ...]:
        """As `SourceArchive.restore`; `RestoringError` without an archive, too."""
        if self._archive is None:
            raise RestoringError("no sources are kept here")
        return self._archive.restore(sources)
