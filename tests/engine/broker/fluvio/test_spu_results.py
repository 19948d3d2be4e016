"""What comes of SmartStreams on SPUs is what comes of them here, record by record."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.profile import place_of
from engine.broker.fluvio.spu.reader import SpuEvaluation
from engine.broker.remote_evaluation import RemoteRefusedError
from engine.broker.topics import TopicOptions
from engine.builds.from_file import InlineSource
from engine.builds.language import Target
from engine.consumer.consumer import Consumer
from engine.consumer.module_version import ModuleVersion
from engine.consumer.remote_chain import (
    BuildReports,
    NotRemoteError,
    RemoteChain,
    RemoteVersions,
    StepModules,
)
from engine.consumer.remote_consumer import RemoteConsumer
from engine.consumer.topic_consumer import TopicConsumer
from engine.errors import SmartStreamError
from engine.process.job import Job
from engine.records.batch import record_batch
from engine.records.transform import Transform
from engine.records.verdicts import Verdict
from engine.runtime.chain import Chain
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.wat_guests import guest, letters
from tests.fluvio_cluster import FluvioCluster
from tests.fluvio_modules import drops_all, never_ends, passes_all
from tests.waiting import PATIENCE, wait_until
from tui.cli.run.consuming.topic_follower import TopicFollower

pytestmark = pytest.mark.cargo

PARTITIONS = 2
SOURCES = {
    "filter": """
        #[smartstream(init)]
        fn start(params: &Params) -> Result<String> { Ok(params.get("word").cloned().unwrap_or_default()) }
        #[smartstream(filter)]
        fn f(value: &str, word: &String) -> Result<bool> {
            if value.contains("bad") { return Err(format!("{} is bad", value).into()); }
            Ok(value.contains(word.as_str()))
        }""",
    "map": """
        #[smartstream(map)]
        fn f(record: &Record) -> Result<String> {
            let value = std::str::from_utf8(record.value())?;
            if value.contains("bad 3") { return Err("three".into()); }
            Ok(format!("{}@{} at {}", value, record.offset(), record.timestamp()))
        }""",
    "filter_map": """
        #[smartstream(filter_map)]
        fn f(value: &str) -> Result<Option<String>> {
            if value.contains("bad 5") { return Err("five".into()); }
            Ok(value.strip_suffix('7').map(String::from))
        }""",
    "array_map": """
        #[smartstream(array_map)]
        fn f(value: &str) -> Result<Vec<String>> {
            if value.contains("bad 9") { return Err("nine".into()); }
            Ok(value.split(' ').map(String::from).collect())
        }""",
    "aggregate": """
        #[smartstream(aggregate)]
        fn f(total: i64, value: &str) -> Result<i64> {
            if value.contains("bad") { return Err("not counted".into()); }
            Ok(total + value.len() as i64)
        }""",
    "copies": """
        #[smartstream(array_map)]
        fn f(value: &str) -> Vec<String> { vec![value.to_string(); if value.len() > 9 { 40 } else { 1 }] }""",
    "trap": """
        #[smartstream(filter)]
        fn f(value: &str) -> bool {
            if value.contains("bad 7") { panic!("no") }
            value.contains('2')
        }""",
}
CHAINS = [
    ["filter"],
    ["map"],
    ["filter_map"],
    ["array_map"],
    ["aggregate"],
    ["trap"],
    ["filter", "map", "aggregate"],
    ["array_map", "filter", "filter_map"],
]


@dataclass(kw_only=True)
class Modules:
    """Modules for Fluvio, each built once."""

    folder: Path
    cache: Path
    built: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, name: str) -> bytes:
        if name not in self.built:
            path = self.folder / f"{name}.rs"
            path.write_text(SOURCES[name])
            compiled = InlineSource(path, cache=self.cache, target=Target.FLUVIO).build(Job())
            assert compiled.wasm is not None, compiled.diagnostics
            self.built[name] = compiled.wasm
        return self.built[name]


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory, build_cache: Path) -> Modules:
    return Modules(folder=tmp_path_factory.mktemp("modules"), cache=build_cache)


@pytest.fixture(scope="module")
def broker(fluvio: FluvioCluster) -> Iterator[FluvioBroker]:
    """Shared, since creating topics takes longer than everything else."""
    with FluvioBroker.connect(parse_address(fluvio.address)) as opened:
        yield opened


@pytest.fixture(scope="module")
def logs(broker: FluvioBroker) -> FluvioBroker:
    """A topic with some errors, stored in batches of many sizes."""
    if any(topic.name == "logs" for topic in broker.topics.list()):
        broker.topics.delete("logs")
    broker.topics.create("logs", PARTITIONS)
    chance, number = random.Random(8), 0
    for size in [1, 700, 3, 40, 1, 1, 2_000, 90, 5]:
        for partition in range(PARTITIONS):
            values = [
                f"{'bad ' if chance.random() < 0.004 else 'value '}{number + index}" for index in range(size)
            ]
            number += size
            broker.log.append("logs", records(values, chance), partition)
    return broker


def records(values: Sequence[str], chance: random.Random) -> pa.RecordBatch:
    return record_batch(
        [value.encode() for value in values],
        keys=[chance.choice([None, b"", b"key"]) for _ in values],
        timestamps=[1_700_000_000_000 + chance.randrange(100_000) for _ in values],
    )


Row = tuple[int, int, bytes | None, bytes | None, int]
"""Offset, time, key, value, verdict."""


def everything(consumer: TopicConsumer) -> dict[int, list[Row]]:
    """What a consumer delivers up to its ends, by partition."""
    found: dict[int, list[Row]] = {partition: [] for partition in consumer.positions}
    while not consumer.finished:
        delivery = consumer.poll(PATIENCE)
        if delivery is not None:
            columns = (delivery.records.column(name).to_pylist() for name in ("timestamp", "key", "value"))
            rows = zip(delivery.offsets.tolist(), *columns, delivery.verdicts.tolist(), strict=True)
            found[delivery.batch.partition] += rows
    consumer.close()
    return found


CONFIG = ModuleConfig(params={"word": "1"}, aggregate_initial=b"100")


def versions(names: Sequence[str], modules: Callable[[str], bytes]) -> RemoteVersions:
    steps = [
        StepModules(name=name, config=CONFIG, module=ModuleVersion(version=1, wasm=modules(name), name=name))
        for name in names
    ]
    return RemoteVersions(steps, BuildReports(on_failed=lambda _build, _version: None))


def chain_of(names: Sequence[str], modules: Callable[[str], bytes]) -> RemoteChain:
    found = versions(names, modules).first(1)
    assert found is not None
    return found


def here(names: Sequence[str], modules: Modules) -> Transform:
    streams = [SmartStream(modules(name), config=CONFIG) for name in names]
    return streams[0] if len(streams) == 1 else Chain(streams)


@pytest.mark.parametrize(
    ("names", "positions", "ends"),
    [
        *((names, {0: 0, 1: 0}, None) for names in CHAINS),
        *((names, {0: 350, 1: 2_000}, {0: 1_500, 1: 2_001}) for names in CHAINS[4:7]),
    ],
    ids=lambda value: " | ".join(value) if isinstance(value, list) else "part" if value else "",
)
def test_results_are_those_of_evaluating_here(
    logs: FluvioBroker,
    modules: Modules,
    names: Sequence[str],
    positions: Mapping[int, int],
    ends: Mapping[int, int] | None,
) -> None:
    until = ends or {p: held.end for p, held in logs.log.offsets("logs").items()}
    topic = logs.topics.get("logs")
    expected = everything(
        Consumer(
            logs,
            topic,
            positions=positions,
            ends=until,
            smartstream=here(names, modules),
            include_failed=True,
        )
    )
    consumer = RemoteConsumer(
        logs,
        logs.remote,
        topic,
        chain_of(names, modules),
        positions=positions,
        ends=until,
        include_failed=True,
    )
    assert everything(consumer) == expected
    assert any(expected.values())
    traffic = consumer.traffic
    assert traffic.evaluated + traffic.evaluated_here == sum(until[p] - positions[p] for p in positions)
    if ends is None:
        assert any(row[-1] > Verdict.PASS for rows in expected.values() for row in rows), "no errors"
        assert traffic.evaluated


def test_the_end_is_reached_where_nothing_passes(logs: FluvioBroker) -> None:
    held = logs.log.offsets("logs")
    consumer = RemoteConsumer(
        logs,
        logs.remote,
        logs.topics.get("logs"),
        chain_of(["drop"], lambda _: drops_all()),
        positions=dict.fromkeys(held, 0),
        ends={partition: offsets.end for partition, offsets in held.items()},
    )
    assert not any(everything(consumer).values())
    assert consumer.traffic.evaluated_here == 0
    assert consumer.traffic.received < 3_000


def test_outputs_that_an_spu_leaves_out_are_made_here(
    broker: FluvioBroker, fluvio: FluvioCluster, modules: Modules
) -> None:
    address = parse_address(fluvio.address)
    broker.topics.create("large")
    large = [b"x" * 100_000] * 9
    for values in ([b"before"], large, [b"after"], large):
        broker.log.append("large", record_batch(values))
    with closing(Cluster(place_of(address), address.name)) as cluster:
        consumer = RemoteConsumer(
            broker,
            SpuEvaluation(cluster, silence=0.5),
            broker.topics.get("large"),
            chain_of(["copies"], modules),
            positions={0: 0},
            ends={0: 20},
        )
        offsets = [row[0] for row in everything(consumer)[0]]
    copies = {offset: 1 if offset in (0, 10) else 40 for offset in range(20)}
    assert offsets == [offset for offset, count in copies.items() for _ in range(count)]
    assert consumer.traffic.evaluated_here == 19
    broker.topics.delete("large")


def test_a_chain_whose_results_would_be_in_doubt_is_not_sent(modules: Modules) -> None:
    with pytest.raises(NotRemoteError, match="aggregate before other steps"):
        versions(["aggregate", "map"], modules)
    with pytest.raises(NotRemoteError, match="not built for Fluvio"):
        versions(["filter"], lambda _: guest())


def test_a_version_that_takes_too_long_is_not_sent() -> None:
    step = StepModules(
        name="endless",
        config=ModuleConfig(),
        module=ModuleVersion(version=1, wasm=never_ends(), name="endless"),
    )
    reports = BuildReports(on_failed=lambda _build, _version: None)
    with pytest.raises(SmartStreamError, match="not sent to the SPUs, since a trial here failed at offset 0"):
        RemoteVersions([step], reports, sample=lambda: [letters("ab")])


class Newer:
    """Gives one other version of a chain, and hears what became of it."""

    def __init__(self) -> None:
        self.waiting: RemoteChain | None = None
        self.switched: list[tuple[int, RemoteRefusedError | None]] = []

    def __call__(self) -> RemoteChain | None:
        found, self.waiting = self.waiting, None
        return found

    def on_switch(self, chain: RemoteChain, error: RemoteRefusedError | None) -> None:
        self.switched.append((chain.version, error))


@pytest.fixture
def following(broker: FluvioBroker) -> Iterator[tuple[RemoteConsumer, Newer]]:
    """A consumer of the empty topic `live`, and everything passes."""
    if any(topic.name == "live" for topic in broker.topics.list()):
        broker.topics.delete("live")
    broker.topics.create("live", PARTITIONS)
    newer = Newer()
    consumer = RemoteConsumer(
        broker,
        broker.remote,
        broker.topics.get("live"),
        chain_of(["pass"], lambda _: passes_all()),
        positions=dict.fromkeys(range(PARTITIONS), 0),
        newer=newer,
        on_switch=newer.on_switch,
    )
    yield consumer, newer
    consumer.close()


def polled(consumer: RemoteConsumer, until: Callable[[list[bytes]], bool]) -> list[bytes]:
    """The values that come until they are enough."""
    found: list[bytes] = []
    while not until(found):
        delivery = consumer.poll(PATIENCE)
        if delivery is not None:
            found += delivery.records.column("value").to_pylist()
    return found


def test_a_version_replaces_another_without_repeating_or_missing_a_record(
    broker: FluvioBroker, following: tuple[RemoteConsumer, Newer], modules: Modules
) -> None:
    consumer, newer = following
    sent = [f"{number} 7".encode() for number in range(60)]

    def append(numbers: range) -> None:
        for number in numbers:
            broker.log.append("live", record_batch([sent[number]]), number % PARTITIONS)

    append(range(20))
    assert sorted(polled(consumer, lambda found: len(found) == 20)) == sorted(sent[:20])
    second = chain_of(["filter_map"], modules)
    newer.waiting = second
    append(range(20, 40))
    values: list[bytes] = []
    while not newer.switched:
        delivery = consumer.poll(1)
        values += delivery.records.column("value").to_pylist() if delivery else []
    assert newer.switched == [(second.version, None)]
    append(range(40, 60))
    values += polled(consumer, lambda found: len(values) + len(found) == 40)
    # The second version takes the last digit away.
    assert sorted(value.removesuffix(b"7").strip() for value in values) == sorted(
        value.removesuffix(b"7").strip() for value in sent[20:]
    )
    assert all(value.endswith(b" ") for value in values[-20:])


def test_a_version_that_fluvio_refuses_leaves_the_one_before(
    broker: FluvioBroker, following: tuple[RemoteConsumer, Newer]
) -> None:
    consumer, newer = following
    broker.log.append("live", record_batch([b"a"]))
    assert polled(consumer, bool) == [b"a"]
    good = chain_of(["pass"], lambda _: passes_all())
    refused = RemoteChain(
        version=2, steps=[type(good.steps[0])(wasm=b"\0asm\1\0\0\0garbage")], here=good.here
    )
    newer.waiting = refused
    while not newer.switched:
        consumer.poll(1)
    ((version, error),) = newer.switched
    assert version == 2
    assert error is not None
    assert "the SPU does not run it" in error.message
    broker.log.append("live", record_batch([b"b"]))
    assert polled(consumer, bool) == [b"b"]


def test_a_chain_that_fluvio_refuses_is_an_error(logs: FluvioBroker) -> None:
    good = chain_of(["pass"], lambda _: passes_all())
    refused = RemoteChain(version=1, steps=[type(good.steps[0])(wasm=b"no module")], here=good.here)
    consumer = RemoteConsumer(
        logs, logs.remote, logs.topics.get("logs"), refused, positions={0: 0}, ends={0: 10}
    )
    with pytest.raises(RemoteRefusedError, match="the SPU does not run it"):
        everything(consumer)
    consumer.close()


def test_a_version_that_is_being_started_is_not_lost_when_partitions_are_added(
    broker: FluvioBroker, following: tuple[RemoteConsumer, Newer], modules: Modules
) -> None:
    consumer, newer = following
    second = chain_of(["filter_map"], modules)
    newer.waiting = second
    consumer.poll(0)
    consumer.reopen(broker.topics.get("live"), consumer.positions)
    while not newer.switched:
        consumer.poll(1)
    assert newer.switched == [(second.version, None)]
    broker.log.append("live", record_batch([b"one 7"]))
    assert polled(consumer, bool) == [b"one "]


def test_an_aggregate_goes_on_when_partitions_are_added(
    broker: FluvioBroker, fluvio: FluvioCluster, modules: Modules
) -> None:
    broker.topics.create("growing", 1)
    topic = broker.topics.get("growing")
    broker.log.append("growing", record_batch([b"four"]))
    consumer = RemoteConsumer(
        broker, broker.remote, topic, chain_of(["aggregate"], modules), positions={0: 0}
    )
    follower = TopicFollower(broker, topic, None)
    assert polled(consumer, bool) == [b"104"]
    fluvio.cli("topic", "add-partition", "growing")
    while len(consumer.positions) == 1:
        follower.look(consumer)
        assert consumer.poll(0.1) is None
    broker.log.append("growing", record_batch([b"three"]), 1)
    assert polled(consumer, bool) == [b"105"]
    broker.log.append("growing", record_batch([b"six"]), 0)
    assert polled(consumer, bool) == [b"107"]
    consumer.close()
    broker.topics.delete("growing")


def test_results_go_on_after_the_spu_was_gone(fluvio_nodes: FluvioCluster) -> None:
    with FluvioBroker.connect(parse_address(fluvio_nodes.address)) as broker:
        broker.topics.create("live")
        consumer = RemoteConsumer(
            broker,
            broker.remote,
            broker.topics.get("live"),
            chain_of(["pass"], lambda _: passes_all()),
            positions={0: 0},
        )
        broker.log.append("live", record_batch([b"a", b"b"]))
        assert polled(consumer, lambda found: len(found) == 2) == [b"a", b"b"]
        leader = fluvio_nodes.leader("live")
        fluvio_nodes.kill(leader)
        while broker.connection().state == "connected":
            assert consumer.poll(0.1) is None
        fluvio_nodes.restart(leader)
        broker.log.append("live", record_batch([b"c"]))
        assert polled(consumer, bool) == [b"c"]
        while broker.connection().state != "connected":
            assert consumer.poll(0.1) is None
        consumer.close()


def test_results_go_on_from_another_leader(fluvio_nodes: FluvioCluster) -> None:
    with FluvioBroker.connect(parse_address(fluvio_nodes.address)) as broker:
        broker.topics.create("live", 1, TopicOptions(replicas=3))
        broker.log.append("live", record_batch([b"a", b"b"]))
        consumer = RemoteConsumer(
            broker,
            broker.remote,
            broker.topics.get("live"),
            chain_of(["pass"], lambda _: passes_all()),
            positions={0: 0},
        )
        assert polled(consumer, lambda found: len(found) == 2) == [b"a", b"b"]
        wait_until(lambda: fluvio_nodes.in_step("live", 2))
        leader = fluvio_nodes.leader("live")
        fluvio_nodes.kill(leader)
        wait_until(lambda: fluvio_nodes.leader("live") not in (leader, -1))
        assert consumer.poll(1) is None
        fluvio_nodes.restart(leader)
        broker.log.append("live", record_batch([b"c"]))
        assert polled(consumer, bool) == [b"c"]
        consumer.close()
