from pathlib import Path

import pytest

from engine.consumer.step import InlineFile, Step, StoredName
from engine.live.consumers.names import told_apart
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from tui.dashboard.present.filter_colours import filter_title


def of(*steps: Step) -> ConsumerSnapshot:
    return ConsumerSnapshot(1, " | ".join(step.name for step in steps), None, Live(), steps=steps)


def file(path: str) -> Step:
    return Step(source=InlineFile(path=Path(path)))


@pytest.mark.parametrize(
    ("paths", "folders"),
    [
        (["/w/a/f.rs", "/w/b/f.rs"], ["a", "b"]),
        (["/w/a/f.rs", "/w/a/g.rs"], ["", ""]),
        (["/w/a/f.rs", "/w/b/f.rs", "/w/b/g.rs"], ["a", "b", ""]),
        (["/w/a/src/f.rs", "/w/b/src/f.rs"], ["a/src", "b/src"]),
        (["/w/a/src/f.rs", "/w/b/src/f.rs", "/w/lib/f.rs"], ["a/src", "b/src", "lib"]),
        (["/w/f.rs", "/w/old/w/f.rs"], ["/w", "old/w"]),
        (["/f.rs", "/w/f.rs"], ["/", "w"]),
        (["/w/a/f.rs", "/w/a/f.rs"], ["", ""]),
        (["/w/a/f.rs", "/w/a/f.rs", "/w/b/f.rs"], ["a", "a", "b"]),
    ],
)
def test_as_much_of_a_folder_as_tells_files_apart(paths: list[str], folders: list[str]) -> None:
    assert [one.folder for one in told_apart([of(file(path)) for path in paths])] == folders


def test_titles_name_folders_of_files_alone() -> None:
    stored = Step(source=StoredName(name="f"))
    chain = of(file("/b/f.rs"), stored)
    consumers = told_apart([of(file("/a/f.rs")), of(stored), chain, of(file("/b/f.rs"))])
    assert [filter_title(one) for one in consumers] == ["1 a/f", "1 @f", "1 f | f", "1 b/f"]
