"""Avro on the screen: fields, search, the record, and one warning for what is something else."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.live.broker_workbenches import BrokerWorkbenches
from engine.records.batch import record_batch
from engine.schemas.decoders import Decoders
from engine.schemas.registry_address import RegistryAddress
from tests.contract.memory_broker import MemoryBroker
from tests.engine.schemas.orders import ORDER, encoded, order
from tests.registry import RegistryServer, framed, registry_server
from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.app.app import FluvioTui

CITIES = ("Rome", "Paris", "Rome")


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with registry_server() as server:
        yield server


def test_values_are_shown_as_soon_as_their_schemas_are_there(
    server: RegistryServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved = tmp_path / "orders.jsonl"
    identity = server.add(ORDER)
    stored = [framed(identity, encoded(ORDER, order(n, city))) for n, city in enumerate(CITIES)]
    server.gate.clear()

    async def story(page: DashboardPage) -> None:
        await page.until(lambda: "orders" in page.text() and "\\x00" in page.text())
        server.gate.set()
        await page.until(lambda: "city" in page.text())
        assert "0 Rome" in page.text()
        assert "not decoded" not in page.text()
        await page.press("W", "up")
        await page.until(lambda: "orders-value version 1, Avro schema 1" in " ".join(page.text().split()))
        await page.press("slash", *"paris")
        await page.until(lambda: "1 record of 3" in page.text())
        await page.press("escape", "s", "enter")
        await page.until(saved.exists)
        found = [json.loads(line) for line in saved.read_text().splitlines()]
        assert [one["decoded"]["customer"]["city"] for one in found] == list(CITIES)
        await page.press("space")
        broker.log.append("orders", record_batch([b"no avro"]))
        await page.until(lambda: "no avro" in page.text())
        await page.until(lambda: page.text().count("some records of orders are not decoded") == 1)
        # The warning is about this topic alone, and stays when another one is opened beside it.
        other = workbenches.open("other")
        assert other.snapshot().undecoded == ""
        assert "left as" not in page.text()
        assert app.opened[0].snapshot().undecoded.startswith("shown as they are stored: ")
        other.close()

    with MemoryBroker("staging") as broker:
        for topic in ("orders", "other"):
            broker.topics.create(topic)
        broker.log.append("orders", record_batch(stored))
        workbenches = BrokerWorkbenches(broker, decoders=Decoders(RegistryAddress(url=server.url)))
        app = FluvioTui(workbenches.open("orders"), workbenches=workbenches)

        async def main() -> None:
            async with app.run_test(size=(160, 40)):
                await story(DashboardPage(app))

        try:
            asyncio.run(main())
        finally:
            for opened in app.opened:
                opened.close()
