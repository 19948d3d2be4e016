"""The config file to start with: every setting with its default, commented out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from tui.config.brokers import BROKER, BROKERS, COLORS, OPTIONS
from tui.config.settings import COLUMNS, FORMATS, KEYS, SETTINGS, Setting, Settings

_HEAD = """\
# Settings of fluvio-tui, with their defaults. To change one, remove the '#' before it.
# 'fluvio-tui config' shows the values in use, and what is wrong with this file.
"""
_BROKERS = f"""
# The broker without --broker, such as "staging": a name in [{BROKERS}], or an address.
# {BROKER} = "embedded"
#
# Each broker has a table:
#     [{BROKERS}.staging]
#     url = "kafka://h1:9092,h2:9092"      # or "fluvio://h1:9003", or "fluvio:PROFILE" of Fluvio's own config
#     config = "staging.properties"        # options of its client, NAME=VALUE; beside this file
#     read-only = true                     # nothing is appended, created, deleted or saved
#     color = "orange"                     # of its name in the dashboard: {", ".join(COLORS)} or #rrggbb
#     password-command = "pass show kafka" # or password-env = "NAME"
#     [{BROKERS}.staging.{OPTIONS}]
#     "security.protocol" = "SASL_SSL"
"""
_FORMATS = f"""
[{FORMATS}]
# By topic, the format of its values if it is not to be detected, such as orders = "csv:id,city,amount".
# 'fluvio-tui watch --help' lists the formats.
"""
_COLUMNS = f"""
[{COLUMNS}]
# By topic, the columns of its rows, with a width if you like, such as orders = "time,customer.city:12,total".
"""
_KEYS = f"""
[{KEYS}]
# The keys of the dashboard's actions, separated by commas: a, A, space, comma, f5, ctrl+d, pageup.
# A key that you give to one action is taken from the one that has it by default.
"""


def config_template(actions: Sequence[tuple[str, str, str]]) -> str:
    """The text of the file, with the id, the keys and the description of each of the dashboard's actions."""
    text = _HEAD
    for section, settings in groupby(SETTINGS, lambda setting: setting.name.rpartition(".")[0]):
        text += f"\n[{section}]\n" if section else "\n"
        text += "".join(map(_setting, settings))
        # Before the first table, since the default broker is in none.
        text += "" if section else _BROKERS
    lines = [(f"# {identity} = {json.dumps(keys)}", about) for identity, keys, about in actions]
    width = max((len(line) for line, _ in lines), default=0)
    return (
        text + _FORMATS + _COLUMNS + _KEYS + "".join(f"{line:<{width}}  # {about}\n" for line, about in lines)
    )


def _setting(setting: Setting) -> str:
    key = setting.name.rpartition(".")[2]
    # JSON's strings and numbers are TOML's too.
    return f"# {setting.about}\n# {key} = {json.dumps(setting.written(Settings()))}\n"
