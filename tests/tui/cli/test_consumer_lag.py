"""`consumer lag`: how far a named consumer is behind, and when it will have caught up."""

import json
import signal
from itertools import accumulate

import pytest

from engine import units
from engine.broker.named_consumers import SavedPosition
from tests.tui.cli.conftest import InProcess, Program, read_until
from tests.tui.cli.test_bad_input import assert_clear
from tui.cli.output.lag import WINDOW, Lag, LagMeter, lag_members, lag_text


def at(*places: tuple[int, int]) -> list[SavedPosition]:
    """Positions by partition: the offset, and the end."""
    return [
        SavedPosition(
            consumer="c1", topic="logs", partition=partition, offset=offset, end=end, committed=None
        )
        for partition, (offset, end) in enumerate(places)
    ]


def measured(*looks: list[SavedPosition]) -> Lag:
    """What a meter shows at the last of several looks, two seconds apart."""
    meter = LagMeter()
    return [meter.add(2.0 * number, look) for number, look in enumerate(looks)][-1]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([at((0, 700), (5, 505))], "lag 1,200 (0: 700, 1: 500)"),
        ([at((0, 900)), at((60, 900))], "lag 840 (0: 840), 30/s, caught up in 28 s"),
        ([at((0, 900)), at((60, 960))], "lag 900 (0: 900), 30/s, not catching up"),
        ([at((0, 900)), at((60, 1000))], "lag 940 (0: 940), 30/s, falls behind by 20/s"),
        ([at((0, 10)), at((10, 10))], "lag 0, 5/s, caught up"),
        ([at((5, 5)), at((5, 5))], "lag 0, 0/s, caught up"),
        ([at((50, 90)), at((0, 90))], "lag 90 (0: 90)"),
        ([at((0, 90)), at((10, 90), (0, 3))], "lag 83 (0: 80, 1: 3)"),
        ([at((50, 90)), at((0, 90)), at((4, 90))], "lag 86 (0: 86), 2/s, caught up in 43 s"),
    ],
)
def test_words(looks: list[list[SavedPosition]], expected: str) -> None:
    assert lag_text("logs", measured(*looks)) == f"logs: {expected}"


def test_rates_are_steady_though_positions_are_saved_now_and_then() -> None:
    saved = accumulate([0, *[0, 200] * 20])
    meter = LagMeter()
    shown = [meter.add(float(second), at((offset, 10_000))) for second, offset in enumerate(saved)]
    assert all(75 <= (lag.rate or 0) <= 125 for lag in shown[WINDOW:])


def test_members() -> None:
    found = lag_members("c1", "logs", measured(at((0, 900), (3, 3)), at((60, 900), (3, 3))))
    assert found == {
        "consumer": "c1",
        "topic": "logs",
        "lag": 840,
        "offsets_per_second": 30.0,
        "seconds_left": 28.0,
        "partitions": [
            {"partition": 0, "offset": 60, "end": 900, "lag": 840},
            {"partition": 1, "offset": 3, "end": 3, "lag": 0},
        ],
    }


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.2, "1 s"),
        (40.4, "40 s"),
        (119, "119 s"),
        (120, "2 m"),
        (7_100, "118 m"),
        (7_200, "2 h"),
        (2e6, "23 d"),
    ],
)
def test_estimated_times(seconds: float, expected: str) -> None:
    assert units.rough_time(seconds) == expected


def test_command_shows_the_lag_once(here: InProcess, program: Program) -> None:
    program.topic("logs", *[b"%d" % number for number in range(10)])
    here.ok("consume", "logs", "-c", "report", "-B", "-n", "4")
    assert here.ok("consumer", "lag", "report").out == b"logs: lag 6 (0: 6)\n"
    found = json.loads(here.ok("consumer", "lag", "report", "logs", "-O", "json").out)
    assert (found["lag"], found["offsets_per_second"], found["seconds_left"]) == (6, None, None)
    assert_clear(here.run("consumer", "lag", "reprot"), "for consumer 'reprot'", "'report'")
    assert_clear(here.run("consumer", "lag", "report", "lgs"), "there is no topic 'lgs'", "'logs'")


def test_command_watches_until_it_is_stopped(here: InProcess, program: Program) -> None:
    program.topic("logs", b"1", b"2")
    here.ok("consume", "logs", "-c", "c1", "-B", "-n", "1")
    process = program.start("consumer", "lag", "c1", "--watch")
    read_until(process.stdout, b"logs: lag 1 (0: 1)\n")
    here.ok("consume", "logs", "-c", "c1", "-n", "1")
    read_until(process.stdout, b"caught up\n")
    assert program.finish(process, signal.SIGTERM).status == 128 + signal.SIGTERM
