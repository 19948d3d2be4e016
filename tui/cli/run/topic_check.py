"""The work of `topic check`: reads what topics hold, and says what is missing or damaged."""

import click

from engine import units
from engine.broker.broker import Broker
from tui.cli.composition import open_broker, repair_log
from tui.cli.process.failures import Failure, report
from tui.cli.process.signals import stop_request


def check_topics(name: str | None) -> None:
    """Check one topic or all; `Failure` if something is missing or damaged."""
    with stop_request() as stop, open_broker(stop) as broker, stop.at_once():
        topics = broker.topics.list() if name is None else [broker.topics.get(name)]
        damage = sum(_check_topic(broker, topic.name) for topic in topics)
        if damage or broker.damage:
            raise Failure(
                "the log is damaged; records that are not named above are as they were written",
                "give up what is damaged with 'fluvio-tui topic check --repair', which keeps a copy first",
            )


def _check_topic(broker: Broker, name: str) -> int:
    """Check a topic and print what is wrong; how many records that are."""
    damage = [*broker.log.check(name)]
    for one in damage:
        click.echo(one.message)
    bad = sum(one.stop - one.start for one in damage)
    click.echo(f"topic {name}: {units.plural(bad, 'record') if bad else 'nothing'} missing or damaged")
    return bad


def repair_topics(name: str | None) -> None:
    """Repair one topic or all, and print what was given up."""
    with stop_request() as stop, stop.at_once():
        done = repair_log(name)
    for note in done.notes:
        report(note)
    for damage in done.removed:
        click.echo(f"given up: {damage.message}")
    click.echo(f"repaired: a copy of the log as it was is in {done.copy}")
