"""`consume` on a Fluvio cluster: SmartStreams run on its SPUs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.records.batch import record_batch
from tests.engine.runtime.wat_guests import guest
from tests.fluvio_cluster import FluvioCluster
from tests.fluvio_modules import REFUSED_BY_SPUS, drops_all, passes_all
from tests.tui.cli.conftest import Program, read_until
from tests.tui.cli.test_bad_input import assert_clear
from tests.waiting import wait_until

SOURCE = """
/// Passes values that end in a seven.
#[smartstream(filter)]
fn f(value: &str) -> Result<bool> {
    if value == "13" { return Err("thirteen".into()); }
    Ok(value.ends_with('7'))
}
"""


@pytest.fixture
def on_cluster(
    program: Program, fluvio: FluvioCluster, build_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Program, FluvioBroker]]:
    """The program, on a cluster whose topic `numbers` has 0 to 99."""
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(build_cache))
    monkeypatch.setenv("FLUVIO_TUI_BROKER", fluvio.address)
    with FluvioBroker.connect(parse_address(fluvio.address)) as broker:
        for topic in broker.topics.list():
            broker.topics.delete(topic.name)
        for name in broker.modules.names():
            broker.modules.remove(name)
        broker.topics.create("numbers")
        broker.log.append("numbers", record_batch([b"%d" % number for number in range(100)]))
        yield program, broker


@pytest.mark.cargo
def test_results_come_from_the_spus_and_are_those_of_the_client(
    on_cluster: tuple[Program, FluvioBroker],
) -> None:
    program, _ = on_cluster
    (program.cwd / "sf1.rs").write_text(SOURCE)
    consume = ("consume", "numbers", "smartstream", "-B", "-d")
    expected = "".join(f"{number}\n" for number in range(7, 100, 10)).encode()
    on_spus = program.ok(*consume, "--inline", "sf1.rs")
    assert on_spus.out == expected
    assert "1 record left out because a SmartStream failed on it: 1 error" in on_spus.err
    assert "received as results of about" in on_spus.err
    here = program.ok(*consume, "--inline", "sf1.rs", "--run-on", "client")
    assert here.out == expected
    assert "SPU" not in here.err
    added = program.ok("smartstream", "add", "sevens", "--file", "sf1.rs")
    assert added.out == b"smartstream sevens added\n"
    assert b"Passes values that end in a seven" in program.ok("smartstream", "describe", "sevens").out
    assert program.ok(*consume, "--use", "sevens").out == expected


@pytest.mark.cargo
def test_a_save_replaces_what_runs_on_the_spus(on_cluster: tuple[Program, FluvioBroker]) -> None:
    program, broker = on_cluster
    source = program.cwd / "sf1.rs"
    source.write_text(SOURCE)
    process = program.start("consume", "numbers", "smartstream", "--inline", "sf1.rs", "--watch", "-B")
    output = process.stdout
    assert output is not None
    assert [output.readline() for _ in range(10)] == [b"%d7\n" % n if n else b"7\n" for n in range(10)]
    source.write_text(SOURCE.replace("'7'", "'8'"))

    def eights() -> bytes:
        broker.log.append("numbers", record_batch([b"107", b"108"]))
        return output.readline()

    wait_until(lambda: eights() == b"108\n")
    source.write_text("fn f(")
    broker.log.append("numbers", record_batch([b"118", b"128"]))
    rest = b""
    while not rest.endswith(b"128\n"):
        rest += output.readline()
    assert b"118\n128\n" in rest


def test_what_cannot_run_on_the_spus_is_said(on_cluster: tuple[Program, FluvioBroker]) -> None:
    program, broker = on_cluster
    for_us, for_fluvio = program.cwd / "ours.wasm", program.cwd / "theirs.wasm"
    for_us.write_bytes(guest())
    for_fluvio.write_bytes(drops_all())
    assert_clear(
        program.run("smartstream", "add", "sf1", "--file", for_us),
        "'sf1' is not a module that Fluvio runs",
        "--target fluvio",
    )
    assert broker.modules.names() == []
    consume = ("consume", "numbers", "smartstream", "-B", "-d")
    fallback = program.ok(*consume, "--module", for_us)
    assert "it runs here, not on the SPUs" in fallback.err
    assert_clear(program.run(*consume, "--module", for_us, "--run-on", "spu"), "not built for Fluvio")
    nothing = program.ok(*consume, "--module", for_fluvio)
    assert nothing.out == b""
    assert "100 records evaluated on SPUs" in nothing.err


LOOKS_BACK = """
static LARGEST: std::sync::Mutex<i64> = std::sync::Mutex::new(-1);

#[smartstream(look_back)]
fn seen(value: &str) -> Result<()> { larger(value).map(|_| ()) }

#[smartstream(filter)]
fn larger(value: &str) -> Result<bool> {
    let (number, mut largest) = (value.parse::<i64>()?, LARGEST.lock().unwrap());
    let is_larger = number > *largest;
    *largest = number.max(*largest);
    Ok(is_larger)
}
"""


@pytest.mark.cargo
@pytest.mark.parametrize("watch", [(), ("--watch",)], ids=["once", "watch"])
def test_what_looks_back_runs_here_since_spus_begin_that_elsewhere(
    on_cluster: tuple[Program, FluvioBroker], watch: tuple[str, ...]
) -> None:
    program, _ = on_cluster
    (program.cwd / "sf1.rs").write_text(LOOKS_BACK)
    look_back = ("consume", "numbers", "--inline", "sf1.rs", "--look-back", "last=3", "--start", "97", "-d")
    outcome = program.ok(*look_back, *watch)
    assert outcome.out == b"97\n98\n99\n"
    reason = "sf1 looks back, and an SPU would begin that at the newest record of each partition"
    assert f"{reason}: it runs here, not on the SPUs" in outcome.err
    assert_clear(program.run(*look_back, *watch, "--run-on", "spu"), reason)


def test_a_version_that_fluvio_refuses_is_stale(on_cluster: tuple[Program, FluvioBroker]) -> None:
    program, broker = on_cluster
    broker.modules.add("sf1", passes_all())
    process = program.start("consume", "numbers", "smartstream", "--use", "sf1", "-B")
    read_until(process.stdout, b"99\n")
    broker.modules.add("sf1", drops_all(REFUSED_BY_SPUS))
    said = read_until(process.stderr, b"sf1 is STALE, the previous version keeps running\n")
    assert b"the SPU does not run it: " in said
    broker.log.append("numbers", record_batch([b"100"]))
    assert read_until(process.stdout, b"100\n") == b"100\n"


def test_the_embedded_broker_has_no_spus(program: Program) -> None:
    program.topic("tp1", b"one")
    (program.cwd / "a.wasm").write_bytes(guest())
    consume = ("consume", "tp1", "smartstream", "-B", "-d")
    outcome = program.run(*consume, "--module", "a.wasm", "--run-on", "spu")
    assert_clear(outcome, "has no SPUs", "--run-on client")
