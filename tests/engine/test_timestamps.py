from datetime import datetime

import pytest

from engine.timestamps import TimestampParser, iso_milliseconds

NOW = round(datetime(2021, 2, 3, 12).timestamp() * 1000)
MOMENT = datetime(2021, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-03T04:05:06",
        "2021-02-03 04:05:06",
        "2021-02-03 04:05:06,000",
        "Wed Feb 03 04:05:06 2021",
        "Wed Feb 03 04:05:06.000000 2021",
        "210203 040506",
        "21/02/03 04:05:06",
        "2021/02/03 04:05:06",
        "2021/02/03 04:05:06.000000",
        "03/Feb/2021:04:05:06.000",
        "03 Feb 2021 04:05:06.000",
        "03-Feb-2021 04:05:06",
        "Feb 3, 2021 4:05:06 AM",
        "0203 04:05:06.000000",
        "Feb  3 04:05:06",
        "Feb 3 04:05:06",
        f"{MOMENT.timestamp():.0f}",
        f"{MOMENT.timestamp() * 1000:.0f}",
        f"{MOMENT.timestamp() * 1e6:.0f}",
        f"{MOMENT.timestamp() * 1e9:.0f}",
    ],
)
def test_times_of_logs_are_local(text: str) -> None:
    assert TimestampParser(NOW).parse(text) == MOMENT.timestamp() * 1000


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-03T04:05:06Z",
        "2021-02-03T04:05:06.000000000Z",
        "2021-02-03 04:05:06 UTC",
        "2021-02-03T05:05:06+01:00",
        "2021-02-03 05:05:06,000 +0100",
        "03/Feb/2021:05:05:06 +0100",
        "3 Feb 2021 05:05:06 +0100",
    ],
)
def test_zones_count(text: str) -> None:
    assert TimestampParser(NOW).parse(text) == 1_612_325_106_000


def test_a_time_without_a_year_is_not_in_the_future() -> None:
    found = TimestampParser(NOW).parse("Dec 31 23:59:59")
    assert found == datetime(2020, 12, 31, 23, 59, 59).timestamp() * 1000


def test_forms_may_change_from_line_to_line() -> None:
    parser = TimestampParser(NOW)
    found = [
        parser.parse(text) for text in ("210203 040506", "yonder", "2021-02-03T04:05:06", "", "210203 040506")
    ]
    assert found == [parser.parse("210203 040506"), None, parser.parse("210203 040506"), None, found[0]]


@pytest.mark.parametrize("text", ["yonder", "", "9999-99-99", "Feb 30 00:00:00"])
def test_what_is_no_time(text: str) -> None:
    assert TimestampParser(NOW).parse(text) is None
    assert iso_milliseconds(text) is None
