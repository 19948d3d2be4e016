"""Times that are found in many lines at once are those that are found one by one."""

import time
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pytest

from engine.fields.path import parse_path
from engine.producer.sources.record_makers import value_records
from engine.producer.sources.stamping import ArrayStamping, Stamping, field_times, matched_times
from engine.producer.sources.time_arrays import TimesFound, TimeTexts, time_pattern
from engine.records.batch import now_ms
from engine.regular_expressions import compiled


@pytest.fixture(autouse=True)
def _zone_with_summer_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("texts", "lines"),
    [
        (
            field_times(("time",)),
            [b"2021-02-03 04:05:06 INFO a", b"  at line 7, 2020-01-01", b"2021-07-03 04:05:07 INFO b"],
        ),
        (field_times(("time",)), [b"2021-03-28 02:30:00 INFO gap", b"2021-10-31 02:30:00 INFO twice"]),
        (field_times(("time",)), [b"2021-02-03 04:05:06,789 INFO a", b"1960-02-03 04:05:06,001 INFO b"]),
        (field_times(("time",)), [b'1.2.3.4 - - [03/Feb/2021:04:05:06 +0100] "GET / HTTP/1.1" 200 5'] * 2),
        (field_times(("time",)), [b"Feb  3 04:05:06 host sshd[1]: a", b"Dec 31 04:05:07 host sshd[1]: b"]),
        (
            field_times(parse_path("ts")),
            [b'{"n": 1, "ts": "2021-02-03T04:05:06.7896Z"}', b'{"n": 10}', b"\xff"],
        ),
        (
            field_times(("ts",)),
            [
                b'{"seen": "2020-02-03T04:05:06Z", "n": %d, "ts": "2021-02-03T04:05:06.7Z"}' % n
                for n in (1, 10)
            ],
        ),
        (
            field_times(("ts",)),
            [
                b'{"n": %d, "ts": %s}' % (10**n, ts)
                for n, ts in enumerate(
                    [b"1612325106", b"1612325106.7895", b"1612325106001", b"1612325106001500"]
                )
            ],
        ),
        (
            matched_times(compiled(r"\d{4}-\S+")),
            [b"\xff at 2021-02-03T04:05:06+01:00", b"b", b"at 2021-02-03T04:05Z"],
        ),
        (
            field_times(("time",)),
            [
                b"2021-02-03 04:05:06 INFO a",
                b"2021-13-03 04:05:06 INFO no month",
                b"2021-02-03T04:05:06Z INFO",
            ],
        ),
    ],
    ids=[
        "lines go on",
        "summer time",
        "comma",
        "web server",
        "syslog",
        "JSON",
        "another before it",
        "numbers",
        "zones",
        "one by one",
    ],
)
def test_times_are_those_found_one_by_one(texts: TimeTexts, lines: list[bytes]) -> None:
    pattern = time_pattern(lines, texts(lines))
    assert pattern is not None
    assert any(texts(lines))
    values = pa.array([b"begins without", *lines], pa.binary())
    wanted, found = (
        make(values).records.column("timestamp").to_pylist()[1:]
        for make in (
            Stamping(value_records, texts),
            ArrayStamping(value_records, TimesFound(pattern, texts, now_ms())),
        )
    )
    assert found == wanted


def test_a_line_without_a_time_has_that_of_the_one_before_it() -> None:
    lines = [b"2021-02-03T04:05:06Z a", b"b"]
    texts = matched_times(compiled(r"^\S+Z"))
    pattern = time_pattern(lines, texts(lines))
    assert pattern is not None
    stamping = ArrayStamping(value_records, TimesFound(pattern, texts, now_ms()))
    for _ in range(2):
        stamps = stamping(pa.array(lines, pa.binary())).records.column("timestamp").to_pylist()
        assert stamps == [1_612_325_106_000] * len(lines)
        del lines[0]


def test_only_lines_with_the_time_elsewhere_are_looked_at_one_by_one() -> None:
    looked_at: list[bytes | None] = []
    regex = matched_times(compiled(r"\d{4}-\S+Z"))

    def texts(values: Sequence[bytes | None]) -> list[str | None]:
        looked_at.extend(values)
        return regex(values)

    sample: list[bytes | None] = [b"7 2021-02-03T04:05:06Z", b"8 2021-02-03T04:05:07Z"]
    pattern = time_pattern(sample, regex(sample))
    assert pattern is not None
    lines = pa.array([*sample, b"10 2021-02-03T04:05:08Z", b"\tat b"], pa.binary())
    found = TimesFound(pattern, texts, now_ms())(lines).to_pylist()
    assert found == [1_612_325_106_000, 1_612_325_107_000, 1_612_325_108_000, None]
    assert looked_at == [b"10 2021-02-03T04:05:08Z", b"\tat b"]


@pytest.mark.parametrize(
    "lines",
    [
        [b'{"ts": "2021-02-03T04:05:06Z"}', b'{"ts": "\\ud800"}'],
        [b'{"n": 1, "ts": "2021-02-03T04:05:06Z"}', b'{"n": 2, "in": "2020-02-03T04:05:06Z"}'],
    ],
    ids=["no time", "another one in its place"],
)
def test_there_is_no_pattern_that_finds_other_times(lines: list[bytes]) -> None:
    assert time_pattern(lines, field_times(("ts",))(lines)) is None
