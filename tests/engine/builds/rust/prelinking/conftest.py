"""A crate that is linked once for all of these tests, and files that use it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.builds.from_file import InlineSource
from engine.builds.language import Target
from engine.builds.rust.toolchain import Toolchain
from engine.builds.source import Compiled
from engine.process.job import Job
from engine.runtime.limits import Limits
from tests.engine.builds.rust.crates.local_registry import LocalRegistry

FRONT = '---\n[dependencies]\nrules = "1"\n---\n'
RULES = """
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

pub static ASKED: AtomicUsize = AtomicUsize::new(0);
thread_local! { static DEPTH: Cell<usize> = Cell::new(0); }

pub trait Rule { fn passes(&self, value: &[u8]) -> bool; }

struct Longer(usize);
impl Rule for Longer {
    fn passes(&self, value: &[u8]) -> bool { value.len() > self.0 }
}

pub fn longer(than: usize) -> Box<dyn Rule> { Box::new(Longer(than)) }

#[inline(never)]
pub fn all(rules: &[Box<dyn Rule>], value: &[u8]) -> bool {
    ASKED.fetch_add(1, Ordering::Relaxed);
    rules.iter().all(|rule| rule.passes(value))
}

pub fn asked() -> usize { ASKED.load(Ordering::Relaxed) }

pub fn number(text: &str) -> u32 { text.parse().expect("a number") }

#[inline(never)]
pub fn deep(left: usize) -> usize {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let room = [left; 64];
    if left == 0 { room[0] } else { deep(left - 1) + unsafe { std::ptr::read_volatile(&room[3]) } }
}

pub fn doubled<T: Clone>(items: &[T]) -> Vec<T> { items.iter().chain(items).cloned().collect() }
"""
LIMITS = Limits()
Inline = Callable[..., InlineSource]
Build = Callable[..., Compiled]


@pytest.fixture(scope="session")
def crate_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cargo home with the crate."""
    registry = LocalRegistry(tmp_path_factory.mktemp("prelinked"))
    registry.add("rules", RULES)
    return registry.home


@pytest.fixture
def inline(
    tmp_path: Path,
    build_cache: Path,
    crate_home: Path,
    toolchain: Toolchain,
    monkeypatch: pytest.MonkeyPatch,
) -> Inline:
    """Write a file that may use the crate."""
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(build_cache))
    environ = {**os.environ, "FLUVIO_TUI_CARGO": str(toolchain.cargo), "CARGO_HOME": str(crate_home)}

    def inline(
        code: str, target: Target = Target.HERE, name: str = "sf1.rs", limits: Limits = LIMITS
    ) -> InlineSource:
        path = tmp_path / name
        path.write_text(FRONT + code)
        return InlineSource(path, limits=limits, cache=build_cache, environ=environ, target=target)

    return inline


@pytest.fixture
def build(inline: Inline) -> Build:
    """Write a file that may use the crate, and build it."""
    return lambda *arguments, **named: inline(*arguments, **named).build(Job())
