"""Linkers for rustc: scripts that change what it asks of rust-lld.

A program of its own between them would take longer to start than linking takes.
"""

import shlex
from pathlib import Path

from engine.builds.rust.prelinking.layout import CRATES_DATA, FILE_DATA, PROBE

_SCRIPT = """\
#!/bin/sh
left=$#
whole=
while [ "$left" -gt 0 ]; do
  argument=$1
  shift
  left=$((left - 1))
  case $argument in
    -flavor | wasm) continue ;;
{cases}
  esac
  set -- "$@" "$argument"
done
exec {linker} -flavor wasm {first} "$@" {last}
"""
_CRATES = """\
    *.rlib) if [ -z "$whole" ]; then set -- "$@" --whole-archive; whole=1; fi ;;"""
_FILE = """\
    *.rlib | --stack-first) continue ;;"""


def crates_linker(linker: Path) -> str:
    """Links all of the crates, whether it is used or not, and exports all of it."""
    last = f"--export-all --export-table --growable-table --global-base={CRATES_DATA}"
    return _SCRIPT.format(cases=_CRATES, linker=shlex.quote(str(linker)), first="", last=last)


def file_linker(linker: Path, symbols: Path, elements: int) -> str:
    """Links the file alone; the statics of the crates are in `symbols`, with the probe."""
    last = (
        "-z stack-size=0 --no-stack-first --import-memory --export-memory --import-table "
        f"--global-base={FILE_DATA} --table-base={elements} --export={PROBE}"
    )
    first = shlex.quote(str(symbols))
    return _SCRIPT.format(cases=_FILE, linker=shlex.quote(str(linker)), first=first, last=last)
