"""`fluvio-tui demo`: the dashboard on sample data, with filters to edit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from engine.broker.topics import TopicOptions
from tui.cli.composition import temporary_broker
from tui.cli.data_folder import data_folder
from tui.cli.options.completion.paths import folders
from tui.cli.options.limits import LimitOptions, configured, limit_options
from tui.cli.options.quantities import Number
from tui.cli.process.failures import failing
from tui.cli.process.signals import stop_request
from tui.cli.run.showing.dashboard import TypedLook, check_terminal, show, use_c_allocator
from tui.dashboard.app.session_state import Memory, OpenPane

if TYPE_CHECKING:
    from engine.broker.broker import Broker
    from engine.builds.source_archive import SourceArchive

TOPIC = "shop"
FILTERS = ("has_number.rs", "errors_only.rs", "large_orders.rs")
CONSUMED = "errors_only.rs"
"""The filter of several consumers: it never fails, which would distract."""
RATE = 100
RECORDS_AT_FIRST = 400
RECORDS_BEHIND = 2_000
"""At first, with consumers, so that you see them catch up."""
RETENTION_BYTES = 64 << 20


@click.command()
@click.option(
    "--rate",
    type=Number(0.1, 1_000_000),
    metavar="N",
    default=RATE,
    show_default=True,
    help="Records per second, on average.",
)
@click.option("--seed", type=int, help="The seed of the sample data: the same seed makes the same records.")
@click.option(
    "--filters",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    shell_complete=folders,
    help="The folder for the filters, instead of the data folder; existing files are not changed.",
)
@click.option(
    "--consumers",
    is_flag=True,
    help="One filter in three panes, each a consumer with a rate limit of its own.",
)
@click.option("--reset", is_flag=True, help="Begin with the demo's own filters again.")
@limit_options
def demo(
    rate: float,
    seed: int | None,
    folder: Path | None,
    consumers: bool,
    reset: bool,
    **limits: Unpack[LimitOptions],
) -> None:
    """Open the dashboard on sample data.

    It is an endless stream of orders and web requests of a shop; now and then a record makes one of the three
    filters fail. The records are kept in a temporary directory; the filters stay in their folder, with your
    changes, which --reset takes back ('b' in the dashboard lists them). With --consumers there is one filter
    in three panes: the first consumer has no rate limit, the second evaluates twice as fast as records arrive
    and so catches up, the third half as fast.

    \b
    fluvio-tui demo
    fluvio-tui demo --rate 1000 --filters .
    fluvio-tui demo --consumers
    fluvio-tui demo --reset
    fluvio-tui demo --record-time 50ms
    """
    use_c_allocator()
    check_terminal("fluvio-tui consume TOPIC")
    folder = (folder or data_folder() / "demo").absolute()
    memory = Memory(data_folder())
    filters = _put_filters(folder, memory.sources if reset else None)
    # The lesson of a first start says so as well.
    notices = [] if memory.empty else [f"edit the filters in {folder} and save: the panes follow"]
    panes = [OpenPane.of(path) for path in filters]
    at_first = RECORDS_AT_FIRST
    if consumers:
        limits_of_three = (None, rate * 2, rate / 2)
        panes = [OpenPane.of(folder / CONSUMED, rate_limit=limit) for limit in limits_of_three]
        at_first = RECORDS_BEHIND
        notices.append("each consumer has its own rate limit: - and + change it, c also its position")
    with stop_request() as stop, _stream(seed, rate, at_first) as broker:
        config = configured(limits)
        show(broker, {TOPIC: panes}, stop, config, memory, TypedLook(), notices=notices)


def _put_filters(folder: Path, archive: SourceArchive | None) -> list[Path]:
    """Copy the demo's filters to where you can edit them, except those that are there already.

    With an `archive`, those as well: it keeps what they were. `Failure` or `RestoringError`.
    """
    from engine.builds.rust.paths import examples_folder
    from engine.builds.source_text import SourceText

    with failing(f"write the demo's filters to {folder}", "choose another folder with --filters DIR"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILTERS:
            own = examples_folder() / name
            if not (folder / name).exists():
                shutil.copyfile(own, folder / name)
            elif archive is not None:
                archive.restore((SourceText(path=folder / name, text=own.read_text("utf-8")),))
    return [folder / name for name in FILTERS]


@contextmanager
def _stream(seed: int | None, rate: float, at_first: int) -> Iterator[Broker]:
    """A temporary broker with one topic of some records, which the sample data flows into."""
    from engine.producer.sources.demo import DEFAULT_SEED, DemoStream
    from engine.producer.sources.demo_producer import DemoProducer

    source = DemoStream(DEFAULT_SEED if seed is None else seed)
    with temporary_broker("fluvio-tui-demo-") as broker:
        broker.topics.create(TOPIC, options=TopicOptions(retention_bytes=RETENTION_BYTES))
        broker.log.append(TOPIC, source.take(at_first))
        producer = DemoProducer(broker, TOPIC, source.take, rate)
        producer.start()
        try:
            yield broker
        finally:
            producer.close()
    if producer.error:
        raise producer.error
