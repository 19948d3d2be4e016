"""The dashboard, opened from the command line."""

from __future__ import annotations

import os
import sys
from codecs import lookup
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING

from engine.runtime.config import ModuleConfig
from tui.cli.process.failures import Failure

if TYPE_CHECKING:
    from engine.broker.broker import Broker
    from engine.library.store import SmartStreamStore
    from tui.cli.process.signals import StopRequest
    from tui.config.file import ConfigFile
    from tui.dashboard.app.session_state import Memory

PROBLEMS = 2
"""How many lines at most say what is wrong with the config file."""


def check_terminal(instead: str) -> None:
    """`Failure` where the dashboard cannot be drawn, saying what to type `instead`."""
    # Textual reads from the first and draws on the last.
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    elsewhere = next((name for name, stream in streams.items() if not _is_terminal(stream)), None)
    if elsewhere:
        problem = f"standard {elsewhere} is none"
    elif os.environ.get("TERM", "dumb") in ("", "dumb"):
        problem = "this one cannot place a cursor (TERM is 'dumb' or not set)"
    else:
        _check_encoding()
        return
    raise Failure(f"the dashboard needs a terminal, and {problem}", f"use '{instead}' instead")


def _check_encoding() -> None:
    encoding = sys.stderr.encoding
    if lookup(encoding).name != "utf-8":
        raise Failure(
            f"the dashboard needs a terminal that takes UTF-8, and the locale asks for {encoding}",
            "set LANG to a UTF-8 locale, such as C.UTF-8, and unset LC_ALL and PYTHONUTF8",
        )


def _is_terminal(stream: object) -> bool:
    # A stream is None where its descriptor was closed.
    return hasattr(stream, "isatty") and bool(stream.isatty())


def _told(config: ConfigFile) -> Sequence[str]:
    """What is wrong with the config file, in as many and as short lines as leave room for panes."""
    problems = [problem.replace(str(config.path), config.path.name, 1) for problem in config.problems]
    if len(problems) <= PROBLEMS:
        return problems
    left = len(problems) - PROBLEMS + 1
    return [*problems[: PROBLEMS - 1], f"{left} more in it: 'fluvio-tui config' names all"]


def show(
    broker: Broker,
    topic: str,
    panes: Iterable[Path | str],
    stop: StopRequest,
    *,
    config: ConfigFile,
    memory: Memory,
    store: SmartStreamStore | None = None,
    notices: Sequence[str] = (),
    paces: Sequence[float | None] = (),
) -> dict[str, list[Path | str]]:
    """Run the dashboard on a topic until the person quits.

    Returns the filters that were open when it was left, and, where the person went to another topic, those of
    each topic, by topic.

    It has a pane for each of `panes`: a path for a file, and a name for a SmartStream that is stored in
    `store` and must be there. `paces` are those of the panes, in their order, in records per second;
    without one, a pane's filter evaluates as fast as it can. `notices` are lines to see first; below stands
    what is wrong with the config file. A theme that is chosen is remembered. A first start teaches the loop.
    """
    from engine.live.topics import BrokerWorkbenches
    from tui.dashboard.app.appearance import appearance
    from tui.dashboard.app.run import run

    looks, config = appearance(config, memory.theme)
    settings = config.settings
    workbenches = BrokerWorkbenches(
        broker, store=store, window=settings.window, config=ModuleConfig(limits=settings.limits)
    )
    workbench = workbenches.open(topic)
    for pane, pace in zip(panes, chain(paces, repeat(None)), strict=False):
        added = workbench.add_inline(pane) if isinstance(pane, Path) else workbench.add_stored(pane)
        added.set_rate_limit(pace)
    notice = "\n".join([*notices, *_told(config)])
    lesson = memory.empty
    if lesson:
        memory.keep_taught()
    left = run(
        workbench,
        appearance=looks,
        notice=notice,
        stop=stop.descriptor,
        workbenches=workbenches,
        lesson=lesson,
    )
    if left.chosen_theme is not None:
        memory.keep_theme(left.chosen_theme)
    return {
        topic: [consumer.path or consumer.name for consumer in consumers]
        for topic, consumers in left.consumers.items()
    }
