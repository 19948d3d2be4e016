"""A quick module runs in baseline code at once, and goes on in optimized code in the same state."""

import threading

import pytest

from engine.errors import ContractError
from engine.records.batch import Batch
from engine.runtime.config import ModuleConfig
from engine.runtime.limits import Limits
from engine.runtime.loading.compile import LARGEST_HERE
from engine.runtime.loading.wasm_sections import with_custom_section
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.rust.kinds import Shown, batch_of, shown
from tests.engine.conftest import BuildFilter
from tests.engine.runtime.wat_guests import guest, letters
from tests.waiting import wait_until

COUNTING = """
use std::cell::RefCell;
use std::collections::HashMap;

thread_local! {
    static SEEN: RefCell<HashMap<String, usize>> = RefCell::new(HashMap::new());
    static KEPT: RefCell<Vec<Vec<u8>>> = RefCell::new(Vec::new());
}

struct Step(usize);

#[smartstream(init)]
fn init(params: &Params) -> Result<Step> {
    SEEN.with(|seen| seen.borrow_mut().insert("init".into(), 1));
    Ok(Step(params.required("step")?))
}

#[smartstream(map)]
fn count(value: &str, step: &Step) -> String {
    if value == "trap" { panic!("trap"); }
    KEPT.with(|kept| kept.borrow_mut().push(value.repeat(10_000).into_bytes()));
    SEEN.with(|seen| {
        let mut seen = seen.borrow_mut();
        let times = seen.entry(value.into()).or_insert(0);
        *times += step.0;
        format!("{value} {times} {}", KEPT.with(|kept| kept.borrow().iter().map(Vec::len).sum::<usize>()))
    })
}
"""
GLOBALS = "(global (mut i32) (i32.const 0)) (global (mut f64) (f64.const 0))"
BATCHES = [batch_of([b"a", b"b", b"a"]), batch_of([b"b", b"trap", b"init"]), batch_of([b"a"] * 30)]


@pytest.fixture
def counting(build_filter: BuildFilter) -> bytes:
    build = build_filter(COUNTING)
    assert build.wasm is not None, build
    return build.wasm


def evaluated(stream: SmartStream, batches: list[Batch]) -> list[Shown]:
    return [shown(stream.evaluate(batch), batch) for batch in batches]


def optimize(stream: SmartStream) -> None:
    """Let it evaluate nothing until it runs in optimized code."""

    def has_moved() -> bool:
        stream.evaluate(letters(""))
        return stream.optimized

    wait_until(has_moved)


@pytest.mark.parametrize("before", range(len(BATCHES) + 1))
def test_state_moves_into_the_optimized_code(counting: bytes, before: int) -> None:
    config = ModuleConfig(params={"step": "2"})
    with SmartStream(counting, config=config) as stream:
        expected = evaluated(stream, BATCHES)
    with SmartStream(counting, config=config, quick=True) as stream:
        assert not stream.optimized
        made = evaluated(stream, BATCHES[:before])
        optimize(stream)
        memory = stream.memory
        assert made + evaluated(stream, BATCHES[before:]) == expected
        assert stream.restarts == 0
        assert (stream.memory > memory) == (before < len(BATCHES)), "the memory grew in both"


def test_it_still_ends_endless_loops(build_filter: BuildFilter) -> None:
    source = '#[smartstream(filter)] fn f(v: &[u8]) -> bool { while v == b"loop" {} true }'
    build = build_filter(source)
    assert build.wasm is not None, build
    batch = batch_of([b"a", b"loop", b"b"])
    config = ModuleConfig(limits=Limits(record_seconds=0.05))
    with SmartStream(build.wasm, config=config, quick=True) as stream:
        assert not stream.optimized
        made = shown(stream.evaluate(batch), batch)
        optimize(stream)
        expected = [(0, None, b"a"), "took longer than 50 ms", (2, None, b"b")]
        assert made == shown(stream.evaluate(batch), batch) == expected


def test_what_cannot_be_moved_is_compiled_in_full(counting: bytes) -> None:
    config = ModuleConfig(params={"step": "2"})
    with SmartStream(counting, config=config, foreign=True, quick=True) as stream:
        assert stream.optimized, "it may be made to be slow to compile"
    with SmartStream(guest(fields=GLOBALS), quick=True) as stream:
        assert stream.optimized, "an instance keeps something outside its memory"


def test_what_is_refused_is_refused_at_once() -> None:
    with pytest.raises(ContractError, match="f starts with 4 GiB of memory"):
        SmartStream(guest(memory="65536"), name="f", quick=True)
    with pytest.raises(ContractError, match="f is not a valid WebAssembly module: unexpected end"):
        SmartStream(guest()[:80], name="f", quick=True)


def test_what_cannot_be_optimized_within_the_limits_runs_on() -> None:
    config = ModuleConfig(limits=Limits(compile_seconds=0.001))
    wasm = with_custom_section(guest(), "large", bytes(LARGEST_HERE))
    with SmartStream(wasm, config=config, quick=True) as stream:
        stream.evaluate(letters("ab"))
        wait_until(lambda: not any(thread.name == "optimize module" for thread in threading.enumerate()))
        assert stream.evaluate(letters("ab")).evaluated == 2
        assert not stream.optimized


def test_nothing_is_left_of_a_module_that_is_closed_early(counting: bytes) -> None:
    before = set(threading.enumerate())
    for batches in ([], BATCHES):
        stream = SmartStream(counting, config=ModuleConfig(params={"step": "2"}), quick=True)
        evaluated(stream, batches)
        stream.close()
        wait_until(lambda: before.issuperset(threading.enumerate()))
