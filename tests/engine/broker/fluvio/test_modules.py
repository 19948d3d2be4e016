"""SmartModules of a cluster, beside Fluvio's own command line."""

import queue
import zlib
from pathlib import Path

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.broker.fluvio.protocol.modules import ModuleObject
from engine.errors import SmartStreamError, UnknownSmartStreamError
from engine.library.modules import add_module, open_module
from engine.records.batch import record_batch
from tests.engine.runtime.wat_guests import guest, letters
from tests.fluvio_cluster import FluvioCluster
from tests.fluvio_modules import drops_all, passes_all
from tests.waiting import PATIENCE, wait_until


def test_fluvio_uses_what_is_added_here(broker: FluvioBroker, fluvio: FluvioCluster) -> None:
    broker.topics.create("logs")
    broker.log.append("logs", record_batch([b"a", b"b"]))
    assert not add_module(broker.modules, "ours", passes_all(), "ours.wasm")
    assert "ours" in fluvio.cli("smartmodule", "list")
    # It takes the SC some time to send it to the SPUs; until then, Fluvio's command line prints nothing.
    wait_until(
        lambda: fluvio.cli("consume", "logs", "-B", "-d", "--smartmodule", "ours").split() == ["a", "b"]
    )


def test_what_fluvio_creates_is_used_here(
    broker: FluvioBroker, fluvio: FluvioCluster, tmp_path: Path
) -> None:
    changes: queue.Queue[float | None] = queue.Queue()
    watch = broker.modules.watch("theirs", changes.put)
    (tmp_path / "a.wasm").write_bytes(drops_all())
    fluvio.cli("smartmodule", "create", "theirs", "--wasm-file", str(tmp_path / "a.wasm"))
    assert changes.get(timeout=PATIENCE) is not None
    assert broker.modules.names() == ["theirs"]
    assert broker.modules.describe("theirs").kind == "filter"
    with open_module(broker.modules, "theirs") as running:
        assert running.evaluate(letters("ab")).verdicts.tolist() == [0, 0]
    fluvio.cli("smartmodule", "delete", "theirs")
    assert changes.get(timeout=PATIENCE) is None
    watch.close()


def test_a_watch_goes_on_after_the_controller_was_gone(
    fluvio_nodes: FluvioCluster,
) -> None:
    with FluvioBroker.connect(parse_address(fluvio_nodes.address)) as broker:
        broker.modules.add("sf1", drops_all())
        changes: queue.Queue[float | None] = queue.Queue()
        broker.modules.watch("sf1", changes.put)
        fluvio_nodes.kill(0)
        fluvio_nodes.restart(0)
        broker.modules.add("sf1", passes_all())
        assert changes.get(timeout=PATIENCE) is not None
        assert changes.empty()


def test_a_module_that_fluvio_cannot_run_is_refused(broker: FluvioBroker) -> None:
    with pytest.raises(SmartStreamError, match="not a module that Fluvio runs") as refused:
        broker.modules.add("sf1", guest())
    assert "--target fluvio" in refused.value.remedy
    assert broker.modules.names() == []


@pytest.mark.parametrize("name", ["Upper", "a_b", "a.b", "-a", "a" * 64, "ä"])
def test_names_that_fluvio_does_not_take(broker: FluvioBroker, name: str) -> None:
    with pytest.raises(SmartStreamError, match="invalid name"):
        broker.modules.add(name, drops_all())


@pytest.mark.parametrize("name", ["a/b@not-a-version", "/", "a" * 40_000])
def test_a_name_that_no_module_can_have_is_unknown(broker: FluvioBroker, name: str) -> None:
    for call in (broker.modules.load, broker.modules.describe, broker.modules.remove):
        with pytest.raises(UnknownSmartStreamError):
            call(name)


def test_a_module_is_not_unpacked_beyond_a_limit() -> None:
    bomb = zlib.compress(bytes(1 << 24), 9, wbits=31)
    assert len(ModuleObject(key="a", name="a", packed=bomb).wasm(1_000)) == 1_000
    assert ModuleObject(key="a", name="a", packed=b"\0asm").wasm(1_000) == b"\0asm"
