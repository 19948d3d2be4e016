"""The folder that a file is built in, and what rustc keeps there from one save to the next."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from engine.builds.rust.build_cache import BuildCache
from engine.builds.rust.pruning import LOCK
from engine.errors import CargoError
from engine.file_lock import FileLock
from engine.files import create_folder

KEPT_FILES = 16
"""Of which something is kept for each toolchain: 4 MB a file (measured)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where one file is built."""

    folder: Path
    """Empty."""
    arguments: tuple[str, ...] = ()
    """For rustc."""
    held: tuple[FileLock, ...] = ()
    """Until rustc has ended."""


@contextmanager
def workplace(cache: BuildCache, name: str, *, with_crates: bool) -> Iterator[Workplace]:
    """For one build of the file `name`.

    Of a file with crates, what it uses of their generic code is kept for the next build, unless another
    program builds the file, too. Without crates, rustc is no faster with what it left.
    """
    home = cache.folder / "saves" / name
    if with_crates:
        with _lasting(home) as lasting:
            if lasting is not None:
                yield lasting
                return
    with cache.workplace() as folder:
        yield Workplace(folder=folder)


@contextmanager
def _lasting(home: Path) -> Iterator[Workplace | None]:
    """None if another program uses it."""
    create_folder(home)
    with closing(FileLock(home / LOCK)) as lock:
        if not lock.try_acquire() or lock.is_removed():
            yield None
            return
        home.touch()
        _forget_others(home)
        # Its path is one of the arguments that rustc compares with those of the last build.
        folder, state = home / "crate", home / "state"
        shutil.rmtree(folder, ignore_errors=True)
        create_folder(folder)
        try:
            # As many as without `incremental`, and so the same code.
            arguments = ("-C", f"incremental={state}", "-C", "codegen-units=16")
            yield Workplace(folder=folder, arguments=arguments, held=(lock,))
        except CargoError:
            # The compiler failed: perhaps what it kept is damaged.
            shutil.rmtree(state, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _forget_others(home: Path) -> None:
    """Keep what belongs to the files that were built last."""
    with suppress(OSError):
        oldest_first = sorted(home.parent.iterdir(), key=lambda folder: folder.stat().st_mtime)
        for folder in oldest_first[:-KEPT_FILES]:
            with closing(FileLock(folder / LOCK)) as lock:
                if lock.try_acquire():
                    lock.remove()
                    shutil.rmtree(folder, ignore_errors=True)
