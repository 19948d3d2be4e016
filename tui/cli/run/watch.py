"""The work of `watch`: opens a broker, or one for lines, with the panes that were typed or remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.consumer.step import Step, StoredName
from engine.runtime.config import ModuleConfig
from tui.cli.composition import open_broker, open_modules
from tui.cli.options.decoding import DecodeOptions
from tui.cli.process.signals import StopRequest, stop_request
from tui.cli.run.place import check_place
from tui.cli.run.showing.dashboard import TypedLook, check_terminal, show
from tui.cli.run.showing.remembered_panes import remembered_panes
from tui.dashboard.app.session_state import Memory, OpenPane

if TYPE_CHECKING:
    from engine.broker.broker import Broker
    from tui.config.file import ConfigFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """What the dashboard is opened on."""

    panes: Mapping[str, Sequence[OpenPane]]
    """By topic."""
    lines: tuple[str, ...] = ()
    """The files, or standard input, whose lines are shown instead of a broker's topics."""
    restores: bool = False
    """Whether the topics have the panes that were open last time instead of `panes`."""
    keeps: bool = True
    """Whether the panes that are open at the end are remembered."""
    run_on: str | None = None
    """Where SmartStreams run; None for where they ran before."""
    limited: bool = False
    """Whether panes have this `rate_limit`, and not the one that they had before."""
    rate_limit: float | None = None

    @property
    def steps(self) -> list[Step]:
        return [step for panes in self.panes.values() for pane in panes for step in pane.steps]


def watch_topics(
    watching: Watching,
    config: ConfigFile,
    memory: Memory,
    decode: DecodeOptions,
    typed: TypedLook,
    notices: Iterable[str],
) -> None:
    """Show the dashboard until the user quits, and remember its panes. `notices` are lines to show first."""
    from tui.cli.run.decoding import decoded, open_decoders

    with stop_request() as stop:
        decoders = open_decoders(decode)
        with _opened(watching, stop) as opened, decoded(opened, decode, decoders) as broker:
            _check_stored(watching.steps, broker, stop, ModuleConfig(limits=config.settings.limits))
            panes, gone = watching.panes, list[str]()
            if watching.restores:
                panes, gone = remembered_panes(panes, broker, memory)
            left = show(
                broker,
                _placed(panes, watching, broker),
                stop,
                config,
                memory,
                typed,
                notices=[*notices, *gone],
                decoders=decoders,
            )
            if watching.keeps:
                for topic, open_at_the_end in left.items():
                    memory.keep_panes(topic, open_at_the_end)


@contextmanager
def _opened(watching: Watching, stop: StopRequest) -> Iterator[Broker]:
    if not watching.lines:
        with open_broker(stop) as broker:
            yield broker
        return
    from tui.cli.run.showing.watched_lines import lines_broker

    with lines_broker(watching.lines) as broker:
        # Only now: standard input has become the terminal.
        check_terminal("fluvio-tui eval")
        if not any(isinstance(step.source, StoredName) for step in watching.steps):
            yield broker
            return
        with open_modules(stop) as modules:
            broker.modules = modules
            yield broker


def _check_stored(steps: Iterable[Step], broker: Broker, stop: StopRequest, config: ModuleConfig) -> None:
    """Refuse stored SmartStreams that are gone or do not take their parameters, before there is a screen."""
    from tui.cli.run.building import load_smartstream

    for step in steps:
        if isinstance(step.source, StoredName):
            load_smartstream(broker.modules, step.source.name, stop, step.config(config)).close()


def _placed(
    panes: Mapping[str, Sequence[OpenPane]], watching: Watching, broker: Broker
) -> dict[str, list[OpenPane]]:
    """The panes, run where that was typed and with the typed rate limit; `Failure` if a broker cannot."""
    check_place(broker, watching.run_on)

    def placed(pane: OpenPane) -> OpenPane:
        if watching.run_on is not None:
            pane = replace(pane, remote=watching.run_on == "spu")
        return replace(pane, rate_limit=watching.rate_limit) if watching.limited else pane

    return {topic: [placed(pane) for pane in opened] for topic, opened in panes.items()}
