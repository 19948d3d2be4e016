"""The interpreter of Python, and what its build needs: nothing but Rust."""

from engine.builds.interpreted.interpreter import RustOnly


class RustPython(RustOnly):
    """RustPython."""

    language = "python"
    oldest_rust = (1, 95)
    # Its parser asks for a newer Rust than it needs.
    cargo_options = ("--ignore-rust-version",)
    # Seeds come from a function of the interpreter.
    rustc_flags = ("--cfg", 'getrandom_backend="custom"')
