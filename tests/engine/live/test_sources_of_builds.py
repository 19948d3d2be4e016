"""The sources of builds in a workbench: real files, a real compiler, and one session after another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.builds.source_archive import SourceArchive
from engine.files import replace_file
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.topic_workbench import TopicWorkbench
from engine.records.batch import record_batch
from tests.waiting import wait_for, wait_until

pytestmark = pytest.mark.cargo

MAIN = """include!("limit.rs");
#[smartstream(filter)]
fn longer(value: &[u8]) -> bool { value.len() > LIMIT }
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"a", b"bb", b"ccc"]))
        yield broker


@contextmanager
def session(broker: EmbeddedBroker, path: Path) -> Iterator[TopicWorkbench]:
    workbench = TopicWorkbench(broker, "t", archive=SourceArchive(path.parent / "sources"))
    workbench.start(lambda: None)
    try:
        workbench.add_file(path)
        yield workbench
    finally:
        workbench.close()


def wait(workbench: TopicWorkbench, wanted: Callable[[ConsumerSnapshot], bool]) -> ConsumerSnapshot:
    return wait_for(lambda: workbench.snapshot().consumers[0], wanted)


def test_an_earlier_sessions_source_is_restored_with_what_it_includes(
    broker: EmbeddedBroker, tmp_path: Path
) -> None:
    path, included = tmp_path / "f.rs", tmp_path / "limit.rs"
    path.write_text(MAIN)
    included.write_text("const LIMIT: usize = 1;")
    with session(broker, path) as workbench:
        shown = wait(workbench, lambda s: s.verdicts.tolist() == [0, 1, 1])
        assert [one.text for one in shown.history[0].sources] == [path.read_text(), included.read_text()]
        wait_until(lambda: len(workbench.kept_builds(1)) == 1)
    included.write_text("const LIMIT: usize = 2;")
    with session(broker, path) as workbench:
        wait(workbench, lambda s: s.verdicts.tolist() == [0, 0, 1])
        replace_file(path, b"a mistake")
        kept = wait_for(lambda: workbench.kept_builds(1), lambda kept: len(kept) == 3)
        assert [build.ready for build in kept] == [False, True, True]
        assert kept[0].sources[0].text == "a mistake"
        first = kept[2]
        assert workbench.restore(first.sources) == (path, included)
        wait(workbench, lambda s: s.verdicts.tolist() == [0, 1, 1])
        assert "before restoring" in [build.trigger for build in workbench.kept_builds(1)]
