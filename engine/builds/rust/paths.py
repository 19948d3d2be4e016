"""Paths of what builds in Rust are installed with."""

from pathlib import Path

from engine.resources import filters_folder


def sdk_folder() -> Path:
    """The Rust crates that a filter is compiled with."""
    return filters_folder() / "sdk"


def examples_folder() -> Path:
    """The example filters, one file each."""
    return filters_folder() / "examples"


def expression_file() -> Path:
    """The SmartStream around an expression."""
    return filters_folder() / "expression.rs"


def template_file() -> Path:
    """The filter that a new file starts as."""
    return filters_folder() / "template.rs"
