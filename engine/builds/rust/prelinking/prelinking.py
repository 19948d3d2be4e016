"""Links the crates of a set, once for all files that use them, and keeps them in the cache."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from engine.builds.rust.build_cache import BuildCache
from engine.builds.rust.compiler import Compiler
from engine.builds.rust.flags import module_flags
from engine.builds.rust.libraries import Libraries
from engine.builds.rust.prelinking.crates_module import crates_layout, usable
from engine.builds.rust.prelinking.layout import PROBE, CratesLayout, UnlinkableError
from engine.builds.rust.prelinking.linked_file import with_shared_stack
from engine.builds.rust.prelinking.linkers import crates_linker, file_linker
from engine.builds.rust.prelinking.symbols import symbols_object
from engine.builds.turns import take_turn
from engine.errors import EngineError
from engine.files import create_folder, replace_file
from engine.process.job import Job
from engine.runtime.loading.compile_apart import compile_crates_apart
from engine.runtime.loading.prelinked import (
    KEY,
    WASM,
    crates_folder,
    forget_crates,
    native_name,
    prelinked_folder,
    using_crates,
)
from engine.runtime.loading.wasm_sections import TruncatedError

_LOG = logging.getLogger(__name__)
COMPILE_SECONDS = 60.0
"""For each of the two compilers."""
_FORM = "1"
"""Of what is kept; another one is linked again."""
_LINKER, _SYMBOLS, _LAYOUT = "link", "symbols.o", "layout.json"
_CRATE = "crates"
_ROOT = """\
#![allow(non_upper_case_globals)]
{crates}
#[global_allocator]
static ALLOCATOR: ::fluvio_tui_guest::glue::Allocator = ::fluvio_tui_guest::glue::Allocator;

// What only modules for Fluvio import.
#[no_mangle]
extern "C" fn copy_records(_: *const u8, _: u32) {{}}

#[no_mangle]
static {probe}: u32 = 1;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCrates:
    """The crates of a set, for the files that use them."""

    key: str
    layout: CratesLayout

    @property
    def arguments(self) -> tuple[str, ...]:
        """For rustc."""
        return _linker_arguments(crates_folder(self.key) / _LINKER)

    def module(self, linked: bytes) -> bytes:
        """The module that a file was linked to, ready to be loaded; `UnlinkableError`."""
        try:
            return using_crates(with_shared_stack(linked, self.layout), self.key)
        except (TruncatedError, LookupError) as error:
            raise UnlinkableError("the linker made something unexpected") from error


class Prelinking:
    """Links sets of crates, each once."""

    def __init__(self, cache: BuildCache, compiler: Compiler) -> None:
        self._cache = cache
        self._compiler = compiler
        self._known: dict[str, LinkedCrates | None] = {}

    def crates(self, job: Job, libraries: Sequence[Libraries]) -> LinkedCrates | None:
        """The libraries, linked unless they are; None, and a line in the log, if they cannot be.

        `OSError` if they are gone, `SupersededError` as in `Job`.
        """
        name = self._name(libraries)
        known = self._known.get(name)
        # Another program may have removed them from the cache.
        if name not in self._known or (known is not None and not _note_use(known.key)):
            known = self._known[name] = self._kept(name) or self._linked_once(job, libraries, name)
        return known

    def _linked_once(self, job: Job, libraries: Sequence[Libraries], name: str) -> LinkedCrates | None:
        try:
            return self._link(job, libraries, name)
        except (EngineError, OSError, TruncatedError) as error:
            _LOG.info("crates are linked at each save: %s", error)
            return None

    def _name(self, libraries: Sequence[Libraries]) -> str:
        parts = [_FORM, self._compiler.toolchain.build, str(self._compiler.limits.timed)]
        files = [Path(file) for of_set in libraries for file in of_set.files]
        parts += [f"{file} {file.stat().st_mtime_ns}" for file in files]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def _kept(self, name: str) -> LinkedCrates | None:
        """The crates if another program, or an earlier one, has linked them."""
        try:
            key = (prelinked_folder() / f"{name}{KEY}").read_text()
            layout = CratesLayout.read((crates_folder(key) / _LAYOUT).read_bytes())
        except (OSError, ValueError, TypeError):
            return None
        return LinkedCrates(key=key, layout=layout) if _note_use(key) else None

    def _link(self, job: Job, libraries: Sequence[Libraries], name: str) -> LinkedCrates:
        linker = self._compiler.toolchain.rust_lld
        if linker is None:
            raise UnlinkableError("the toolchain has no rust-lld")
        job.report("linking crates, once")
        linked = self._linked(job, libraries, linker)
        layout = crates_layout(linked)
        key = hashlib.sha256(_FORM.encode() + linked).hexdigest()[:16]
        crates = LinkedCrates(key=key, layout=layout)
        self._keep(job, crates, usable(linked), linker)
        replace_file(prelinked_folder() / f"{name}{KEY}", crates.key.encode(), durable=False, private=True)
        forget_crates()
        return crates

    def _linked(self, job: Job, libraries: Sequence[Libraries], linker: Path) -> bytes:
        named = {name: file for of_set in libraries for name, file in of_set.named.items()}
        crates = "\n".join(
            f"extern crate {name} as _;" for name, file in named.items() if file.endswith(".rlib")
        )
        with self._cache.workplace() as folder:
            script, root = folder / _LINKER, folder / "lib.rs"
            _write_script(script, crates_linker(linker))
            replace_file(root, _ROOT.format(crates=crates, probe=PROBE).encode(), durable=False, private=True)
            arguments: list[str | Path] = [
                *(root, f"--crate-name={_CRATE}", "-C", f"metadata={_CRATE}"),
                *("--emit=link", f"--out-dir={folder}", "--error-format=json"),
                *module_flags(self._compiler.toolchain, wraps=False, edition="2021"),
                *(argument for of_set in libraries for argument in of_set.arguments()),
                *_linker_arguments(script),
            ]
            turn = take_turn(self._cache.builds, job)
            output = self._compiler.rustc(
                job, arguments, turn, held=(), crate=_CRATE, manifest=self._cache.sdk / "guest"
            )
            if not output.succeeded:
                said = [str(message.get("message")) for message in output.messages]
                raise UnlinkableError("; ".join(said[:1]) or output.text)
            return (folder / f"{_CRATE}.wasm").read_bytes()

    def _keep(self, job: Job, crates: LinkedCrates, wasm: bytes, linker: Path) -> None:
        home, layout = crates_folder(crates.key), crates.layout
        create_folder(home.parent)
        with tempfile.TemporaryDirectory(dir=home.parent) as place:
            folder = Path(place) / crates.key
            create_folder(folder)
            (folder / WASM).write_bytes(wasm)
            (folder / _SYMBOLS).write_bytes(symbols_object(layout.addresses))
            _write_script(folder / _LINKER, file_linker(linker, home / _SYMBOLS, layout.elements))
            (folder / _LAYOUT).write_bytes(layout.bytes())
            limits = replace(self._compiler.limits, compile_seconds=COMPILE_SECONDS)
            for baseline in (True, False):
                native = compile_crates_apart(wasm, limits, job, baseline=baseline)
                (folder / native_name(limits, baseline=baseline)).write_bytes(native)
            if not home.exists():
                folder.rename(home)


def _note_use(key: str) -> bool:
    """Have crates stay in the cache, as those that were used last do; whether they are still there."""
    with suppress(OSError):
        os.utime(crates_folder(key))
    return crates_folder(key).exists()


def _linker_arguments(script: Path) -> tuple[str, ...]:
    return ("-C", f"linker={script}", "-C", "linker-flavor=wasm-ld")


def _write_script(path: Path, text: str) -> None:
    replace_file(path, text.encode(), durable=False, private=True)
    path.chmod(0o700)
