"""`consumer lag`: looks at the saved positions of a named consumer, once or until a signal."""

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

import click

from engine.broker.broker import Broker
from engine.broker.named_consumers import SavedPosition, chosen_topics
from tui.cli.output.lag import LagMeter, lag_members, lag_text
from tui.cli.process.signals import StopRequest

LOOK_SECONDS = 2.0
"""Between two looks: `consume` saves positions as often."""


def print_lag(
    broker: Broker, stop: StopRequest, name: str, topic: str | None, *, watch: bool, as_json: bool
) -> None:
    """Print a line for each topic at each look; `UnknownConsumerError` if there is no saved position."""
    meters: defaultdict[str, LagMeter] = defaultdict(LagMeter)
    going_on = True
    while going_on:
        for where, positions in _positions(broker, name, topic).items():
            lag = meters[where].add(time.monotonic(), positions)
            click.echo(
                json.dumps(lag_members(name, where, lag), ensure_ascii=False)
                if as_json
                else lag_text(where, lag)
            )
        going_on = watch and stop.pause(LOOK_SECONDS)


def _positions(broker: Broker, name: str, topic: str | None) -> Mapping[str, Sequence[SavedPosition]]:
    """The saved positions of a consumer by topic, in one or in all."""
    if topic is not None:
        broker.topics.get(topic)
    saved = broker.consumers.saved_positions()
    own = [one for one in saved if one.consumer == name]
    topics = sorted({one.topic for one in own})
    chosen = chosen_topics(name, topic, topics, lambda: {one.consumer for one in saved})
    return {where: [one for one in own if one.topic == where] for where in chosen}
