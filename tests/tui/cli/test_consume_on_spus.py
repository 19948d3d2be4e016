"""`consume` on a Fluvio cluster: SmartStreams run on its SPUs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.records.batch import record_batch
from tests.engine.runtime.wat_guests import guest
from tests.fluvio_cluster import FluvioCluster
from tests.fluvio_modules import drops_all
from tests.tui.cli.conftest import Program
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
    assert "1 record left out because a SmartStream failed on them: 1 error" in on_spus.err
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


def test_the_embedded_broker_has_no_spus(program: Program) -> None:
    program.topic("tp1", b"one")
    (program.cwd / "a.wasm").write_bytes(guest())
    consume = ("consume", "tp1", "smartstream", "-B", "-d")
    outcome = program.run(*consume, "--module", "a.wasm", "--run-on", "spu")
    assert_clear(outcome, "has no SPUs", "--run-on client")
