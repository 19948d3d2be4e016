"""The config file that a person begins with: every setting with its default, each behind a `#`."""

from __future__ import annotations

import json
from itertools import groupby

from tui.config.settings import KEYS, SETTINGS, Setting, Settings
from tui.dashboard.keys.keymap import remap

_HEAD = """\
# Settings of fluvio-tui. What stands here is the default: take away a '#' and change what is behind it.
# 'fluvio-tui config' shows what is in force, and what is wrong with this file.
"""
_KEYS = f"""
[{KEYS}]
# The keys of the dashboard's actions, several with commas between: a, A, space, comma, f5, ctrl+d, pageup.
# A key that is given to one action is taken from the one that has it by default, where the two can meet.
"""


def commented() -> str:
    """The text of the file."""
    text = _HEAD
    for section, settings in groupby(SETTINGS, _section):
        text += f"\n[{section}]\n" if section else "\n"
        text += "".join(map(_lines, settings))
    return text + _KEYS + "".join(_keys())


def _section(setting: Setting) -> str:
    return setting.name.rpartition(".")[0]


def _lines(setting: Setting) -> str:
    key = setting.name.rpartition(".")[2]
    # JSON's texts and numbers are TOML's too.
    return f"# {setting.about}\n# {key} = {json.dumps(setting.written(Settings()))}\n"


def _keys() -> list[str]:
    lines = [
        (f"# {binding.id} = {json.dumps(binding.key)}", binding.description) for binding in remap({}).bindings
    ]
    width = max(len(line) for line, _ in lines)
    return [f"{line:<{width}}  # {description}\n" for line, description in lines]
