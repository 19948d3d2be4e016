"""How Rust is compiled: as flags of rustc, and as the profile that makes cargo use the same for libraries."""

from engine.builds.rust.toolchain import TARGET, Toolchain

# A silent overflow would make a wrong verdict. The checks cost the usual filter a few per cent, and one that
# adds up every byte of a record 60 % (measured).
PROFILE = """\
[profile.release]
opt-level = 3
panic = "abort"
strip = true
lto = "off"
debug = false
incremental = false
overflow-checks = true
debug-assertions = false
"""
LINKED = (
    *("-C", "link-arg=--export=__stack_pointer", "-C", "target-feature=+mutable-globals,+simd128"),
    *("-C", "link-arg=--wrap=rust_begin_unwind"),
    *("-C", "link-arg=--allow-undefined"),
)
"""Vectors make a map of bytes, such as `to_ascii_uppercase`, take two thirds of the time (measured).

`--wrap` lets the SDK see every panic; it has no effect if Rust's own function has another name. What nothing
defines is imported, as modules for Fluvio do; others are refused with the names of what they import.
"""
_COMPILED = (
    *("-C", "opt-level=3", "-C", "panic=abort", "-C", "strip=symbols", "-C", "lto=off"),
    *("-C", "embed-bitcode=no"),
)
_CHECKED = ("--check-cfg=cfg(docsrs,test)", "--check-cfg=cfg(feature,values())")
_CHECKS = (1, 80)
"""The first rustc with `--check-cfg`."""


def module_flags(toolchain: Toolchain, wraps: bool, edition: str) -> list[str]:
    """For the crate of a file, which becomes a module."""
    return [
        *(f"--edition={edition}", "--crate-type=cdylib", f"--target={TARGET}", *_COMPILED, *LINKED),
        *("-C", f"overflow-checks={'off' if wraps else 'on'}"),
        *(_CHECKED if toolchain.release >= _CHECKS else ()),
        *(("-C", f"linker={toolchain.linker}") if toolchain.linker else ()),
    ]
