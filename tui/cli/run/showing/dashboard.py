"""Opens the dashboard, for `watch` and `demo`."""

from __future__ import annotations

import os
import sys
from codecs import lookup
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.runtime.config import ModuleConfig
from tui.cli.options.formats import AUTO
from tui.cli.process.failures import Failure
from tui.dashboard.app.session_state import Memory, OpenPane, TopicLook

if TYPE_CHECKING:
    from engine.broker.broker import Broker
    from engine.live.evaluation.snapshot import ConsumerSnapshot
    from engine.live.workbench import Workbench, Workbenches
    from engine.schemas.decoders import Decoders
    from tui.cli.process.signals import StopRequest
    from tui.config.file import ConfigFile
    from tui.config.settings import Settings
    from tui.dashboard.app.app import FluvioTui


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLook:
    """How the first topic looks, as far as that was typed, and its broker."""

    format: str | None = None
    """The name of its values' format; None for the remembered one."""
    columns: str | None = None
    """What its rows show; None for what is remembered."""
    broker_color: str = ""


def use_c_allocator() -> None:
    """Let Arrow, which nothing may have imported yet, take its memory from the C library.

    Its own allocator keeps some ten megabytes more of what records have passed through.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def check_terminal(instead: str) -> None:
    """`Failure` if the dashboard cannot be drawn, with what to type `instead`."""
    if "TEXTUAL_DRIVER" in os.environ:
        # A browser: see `fluvio-tui serve`.
        return
    # Textual reads from the first and draws on the last. One is None if its descriptor was closed.
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    problems = [
        f"standard {name} is not one" for name, stream in streams.items() if not (stream and stream.isatty())
    ]
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        problems.append("this one cannot position the cursor (TERM is 'dumb' or not set)")
    if problems:
        raise Failure(f"the dashboard needs a terminal: {problems[0]}", f"use '{instead}' instead")
    encoding = sys.stderr.encoding
    if lookup(encoding).name != "utf-8":
        raise Failure(
            f"the dashboard needs a UTF-8 terminal: the encoding is {encoding}",
            "set LANG to a UTF-8 locale, e.g. C.UTF-8, and unset LC_ALL and PYTHONUTF8",
        )


def _problem_line(config: ConfigFile) -> str:
    """The first problem of the config file, in one line, which leaves room for panes; empty without one."""
    if not config.problems:
        return ""
    problem, *others = (one.replace(f"{config.path}: ", "", 1) for one in config.problems)
    count = f" has {len(others) + 1} problems, 'fluvio-tui config' lists them" if others else ""
    return f"{config.path.name}{count}: {problem}"


def _opened(workbenches: Workbenches, topic: str, panes: Iterable[OpenPane]) -> Workbench:
    """A workbench with these panes."""
    workbench = workbenches.open(topic)
    for pane in panes:
        workbench.add(pane.steps, remote=pane.remote).set_rate_limit(pane.rate_limit)
    return workbench


def _look(memory: Memory, settings: Settings, topic: str, columns: str | None) -> TopicLook:
    """How the panes of a topic are set up: with the columns that were typed, configured or remembered."""
    look = memory.look(topic)
    said = settings.columns.get(topic, look.columns) if columns is None else columns
    return replace(look, columns="" if said == AUTO else said)


def _panes(consumers: Iterable[ConsumerSnapshot]) -> list[OpenPane]:
    return [OpenPane(steps=one.steps, rate_limit=one.rate_limit, remote=one.remote) for one in consumers]


def _keep_layout(memory: Memory, app: FluvioTui, name: str, topics: Sequence[str]) -> bool:
    """Save the panes of topics as a layout; return whether it replaces another one."""
    replaced = name in memory.layouts()
    for topic in topics:
        memory.keep_panes(topic, _panes(app.consumers[topic]))
        memory.keep_look(topic, app.looks[topic])
    memory.keep_layout(name, topics)
    return replaced


def show(
    broker: Broker,
    panes: Mapping[str, Iterable[OpenPane]],
    stop: StopRequest,
    config: ConfigFile,
    memory: Memory,
    typed: TypedLook,
    *,
    notices: Iterable[str] = (),
    decoders: Decoders | None = None,
) -> dict[str, list[OpenPane]]:
    """Run the dashboard on topics until the user quits.

    `panes` are those of each topic, `notices` lines to show first. `decoders` are for some formats.
    Returns the panes that were open at the end, by topic. Remembers these, the widths of panes, the theme,
    and that the lesson was shown.
    """
    from engine.live.broker_workbenches import BrokerWorkbenches
    from tui.dashboard.app.app import FluvioTui
    from tui.dashboard.app.appearance import appearance
    from tui.dashboard.app.run import run

    looks, config = appearance(config, memory.theme)
    settings = config.settings
    lesson = memory.empty
    chosen = dict(settings.formats)
    topic = next(iter(panes))
    if typed.format is not None:
        chosen[topic] = "" if typed.format == AUTO else typed.format
        memory.keep_format(topic, chosen[topic])

    workbenches = BrokerWorkbenches(
        broker,
        window=settings.window,
        config=ModuleConfig(limits=settings.limits),
        format_of=lambda name: chosen.get(name) or memory.format(name),
        archive=memory.sources,
        decoders=decoders,
    )
    workbench, *beside = [_opened(workbenches, name, of_topic) for name, of_topic in panes.items()]
    notice = "\n".join(filter(None, [*broker.damage, *notices, _problem_line(config)]))
    if lesson:
        memory.keep_taught()

    app = FluvioTui(
        workbench,
        beside=beside,
        appearance=looks,
        notice=notice,
        stop=stop.descriptor,
        workbenches=workbenches,
        lesson=lesson,
        recent=memory.files(),
        keep_layout=lambda name, topics: _keep_layout(memory, app, name, topics),
        look_of=lambda name: _look(memory, settings, name, typed.columns if name == topic else None),
        broker_color=typed.broker_color,
    )
    left = run(app)
    for name, look in left.looks.items():
        memory.keep_look(name, look)
    if left.chosen_theme is not None:
        memory.keep_theme(left.chosen_theme)
    return {name: _panes(consumers) for name, consumers in left.consumers.items()}
