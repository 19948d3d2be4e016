"""Numbers as keys, values and accumulators, of every width."""

import random

import pytest

from engine.runtime.config import ModuleConfig
from tests.engine.builds.rust.kinds import run
from tests.engine.conftest import BuildFilter

pytestmark = pytest.mark.cargo


@pytest.mark.parametrize("bits", [8, 16, 32, 64, 128])
def test_whole_numbers_of_every_length(build_filter: BuildFilter, bits: int) -> None:
    source = f"""
    #[smartstream(map)]
    fn both(value: &str) -> Result<(Option<i{bits}>, Option<u{bits}>)> {{
        Ok((value.parse().ok(), value.parse().ok()))
    }}
    """
    dice = random.Random(bits)
    numbers = [0, *(10**length + more for length in range(20) for more in (-1, 0, 9))]
    numbers += [(1 << shift) - less for shift in (7, 8, 15, 16, 31, 32, 63, 64, 127) for less in (0, 1)]
    numbers += [dice.randrange(1 << shift) for shift in range(1, 127, 2)]
    numbers += [-number for number in numbers]
    half = 1 << (bits - 1)
    assert run(build_filter, source, [b"%d" % number for number in numbers]) == [
        (
            index,
            b"%d" % number if -half <= number < half else None,
            b"%d" % number if 0 <= number < 2 * half else None,
        )
        for index, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("takes", "returns", "initial", "said"),
    [
        ("i32", "i64", b"2147483646", '"2147483648" is not of type i32: number too large'),
        ("u8", "i16", b"254", '"256" is not of type u8: number too large'),
        ("u64", "u128", b"18446744073709551614", '"18446744073709551616" is not of type u64: number'),
    ],
)
def test_an_accumulator_that_becomes_too_large_is_an_error(
    build_filter: BuildFilter, takes: str, returns: str, initial: bytes, said: str
) -> None:
    source = f"""
    #[smartstream(aggregate)]
    fn next(count: {takes}, _: &[u8]) -> {returns} {{ {returns}::from(count) + 1 }}
    """
    first = int(initial)
    *made, error, again = run(build_filter, source, [b""] * 4, config=ModuleConfig(aggregate_initial=initial))
    assert [value for *_, value in made] == [b"%d" % (first + 1), b"%d" % (first + 2)]
    assert error == again
    assert error.startswith(f"the accumulator {said}")


def test_an_accumulator_goes_down_past_zero(build_filter: BuildFilter) -> None:
    source = "#[smartstream(aggregate)]\nfn less(left: i64, _: &str) -> i64 { left - 70 }"
    values = [value for *_, value in run(build_filter, source, [b""] * 4)]
    assert values == [b"-70", b"-140", b"-210", b"-280"]
