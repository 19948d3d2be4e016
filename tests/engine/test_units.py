"""Quantities as they are typed and shown."""

from collections.abc import Callable
from datetime import datetime

import pytest

from engine import units
from engine.units import InvalidValueError


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (units.parse_duration, "250ms", 0.25),
        (units.parse_duration, "1h30m", 5_400),
        (units.parse_duration, " 7 D ", 604_800),
        (units.parse_size, "65536", 65_536),
        (units.parse_size, "64kB", 64_000),
        (units.parse_size, "1.5 MiB", 1_572_864),
        (units.parse_rate, "1000/s", 1_000),
        (units.parse_rate_limit, "1000000000/s", 1e9),
        (units.parse_rate_limit, "0.000001", 1e-6),
        (units.parse_rate_limit, "HOLD", 0),
        (units.parse_rate_limit, "max", None),
        (units.parse_count, "100_000", 100_000),
        (units.parse_count_or_never, "never", 0),
        (units.parse_past_time, "2021-02-03T04:05:06Z", 1_612_325_106_000),
    ],
)
def test_values_parse(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (units.parse_duration, "x", "invalid duration 'x': use a number and a unit, e.g. 30m"),
        (units.parse_duration, "9" * 400 + "d", "invalid duration"),
        (units.parse_duration, "99999999w", "longer than 10,000 years"),
        (
            lambda text: units.parse_duration(text, least=0.001),
            "0s",
            "invalid duration '0s': use 1ms or more",
        ),
        (units.parse_past_time, "9" * 15 + "w", "longer than 10,000 years"),
        (units.parse_past_time, "9" * 400 + "d", "invalid time"),
        (units.parse_past_time, "yonder", "invalid time 'yonder': use how long ago, e.g. 10m, a time of day"),
        (units.parse_past_time, "25:00", "invalid time '25:00'"),
        (units.parse_past_time, "", "invalid time ''"),
        (units.parse_past_time, "9000-01-01", "invalid time '9000-01-01': it is in the future"),
        (units.parse_size, "lots", "invalid size 'lots': use bytes, or a number and a unit"),
        (units.parse_size, "9" * 400 + "GB", "invalid size"),
        (lambda text: units.parse_size(text, least=1), "0", "invalid size '0': use 1 or more"),
        (
            lambda text: units.parse_size(text, least=64 << 10, most=4 << 30),
            "5GiB",
            "invalid size '5GiB': use 64KiB to 4GiB",
        ),
        (units.parse_rate, "0", "invalid rate '0': use records per second, e.g. 1000/s"),
        (units.parse_rate_limit, "soon", "invalid rate 'soon': use 50/s, max or hold"),
        (units.parse_rate_limit, "0.00000000001", "invalid rate"),
        (units.parse_rate_limit, "9" * 400, "invalid rate"),
        (units.parse_rate_limit, "1" * 14, "invalid rate"),
        (units.parse_count, "0", "invalid count '0': use a whole number above 0"),
        (units.parse_count_or_never, "-1", "invalid count '-1': use a whole number above 0, or never"),
    ],
)
def test_invalid_values_are_named_with_a_valid_form(
    parse: Callable[[str], object], text: str, message: str
) -> None:
    with pytest.raises(InvalidValueError, match=message):
        parse(text)


def test_a_long_time_ago_is_a_valid_time() -> None:
    assert units.parse_past_time("9000h") > 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("14:30", "2021-02-03T14:30"),
        ("15:30", "2021-02-02T15:30"),
        ("9:05:07", "2021-02-03T09:05:07"),
        ("today", "2021-02-03T00:00"),
        ("Yesterday", "2021-02-02T00:00"),
        ("yesterday 23:10", "2021-02-02T23:10"),
    ],
)
def test_days_and_times_of_day_are_local(text: str, moment: str) -> None:
    now = datetime.fromisoformat("2021-02-03T15:00").timestamp()
    assert units.parse_past_time(text, now) == datetime.fromisoformat(moment).timestamp() * 1000


@pytest.mark.parametrize("value", [None, 0.0, 0.25, 2.5, 50.0, 1_234_567.0])
def test_rate_limits_read_back(value: float | None) -> None:
    assert units.parse_rate_limit(units.rate_limit(value)) == value


@pytest.mark.parametrize("value", [0.25, 1.5, 60, 5_400, 90_061.5, 604_800])
def test_exact_durations_read_back(value: float) -> None:
    assert units.parse_duration(units.exact_duration(value)) == value


@pytest.mark.parametrize("value", [0, 17, 65_537, 64 << 20, (64 << 20) + 1, 4 << 30])
def test_exact_sizes_read_back(value: int) -> None:
    assert units.parse_size(units.exact_size(value)) == value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (7.5, "7.5"),
        (42, "42"),
        (940, "940"),
        (999.7, "1k"),
        (51_234, "51.2k"),
        (1_250_000, "1.25M"),
        (3e9, "3G"),
    ],
)
def test_quantities_have_three_digits(number: float, text: str) -> None:
    assert units.quantity(number) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, "0.0%"), (0.0001, "<0.1%"), (0.24, "24.0%"), (0.9999, ">99.9%"), (1, "100%")],
)
def test_only_all_reads_as_100_percent_and_only_nothing_as_0(part: float, text: str) -> None:
    assert units.percent(part) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 µs"),
        (2e-8, "0.02 µs"),
        (4.2e-3, "4.2 ms"),
        (0.187, "0.19 s"),
        (12.34, "12.3 s"),
        (4000, "4,000 s"),
    ],
)
def test_measured_times_have_a_fitting_unit(seconds: float, text: str) -> None:
    assert units.elapsed(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.25, "250 ms"), (1.5, "1.5 s"), (300, "5 m"), (5_400, "90 m"), (604_800, "7 d")]
)
def test_durations_are_exact(seconds: float, text: str) -> None:
    assert units.duration(seconds) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (16 << 20, "16 MiB"),
        ((1 << 20) - 1, "1 MiB"),
        (5 << 40, "5 TiB"),
        (5 << 50, "5120 TiB"),
    ],
)
def test_sizes_have_a_fitting_unit(octets: int, text: str) -> None:
    assert units.size(octets) == text


def test_counts_have_separators_and_agree_with_their_noun() -> None:
    assert units.plural(1, "trap") == "1 trap"
    assert units.plural(12_345, "record") == "12,345 records"


def test_times_that_no_calendar_has_are_numbers() -> None:
    assert units.utc_time(1_612_325_106_789) == "2021-02-03T04:05:06.789Z"
    assert units.utc_time(2**62) == f"{2**62} ms"
