"""Panes as typed: settings belong to the one before, panes to the topic before."""

from pathlib import Path

import click
import pytest

from engine.consumer.chain_file import ChainFileError
from engine.consumer.step import InlineFile, ModuleFile, Step, StoredName
from engine.pipeline.spec import PipelineDescription, PipelineSpec
from engine.runtime.config import LookBack
from tui.cli.options.panes import panes_of_pipeline, panes_typed
from tui.dashboard.app.session_state import OpenPane


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    (tmp_path / "a.rs").touch()
    (tmp_path / "b.wasm").touch()
    file = tmp_path / "chain.yaml"
    file.write_text("transforms:\n  - inline: a.rs\n    with: {min: '5'}\n  - uses: sf1\n")
    return file


def test_settings_belong_to_the_pane_before(chain: Path) -> None:
    source, module = str(chain.with_name("a.rs")), chain.with_name("b.wasm")
    found = panes_typed(
        ["logs"],
        [
            *("filters", "params", "topic", "params", "stored", "chains"),
            *("filters", "aggregate_initial", "filters", "look_back"),
        ],
        {
            "filters": [source, source, str(module)],
            "look_back": [LookBack(last=3)],
            "stored": ["sf1"],
            "chains": [str(chain)],
            "params": [("a", "1"), ("b", "2")],
            "aggregate_initial": ["7"],
        },
    )
    file = InlineFile(path=Path(source))
    assert found["logs"] == [
        OpenPane(steps=(Step(source=file, params={"a": "1", "b": "2"}),)),
        OpenPane.of("sf1"),
        OpenPane(steps=(Step(source=file, params={"min": "5"}), Step(source=StoredName(name="sf1")))),
        OpenPane(steps=(Step(source=file, aggregate_initial=b"7"),)),
        OpenPane(steps=(Step(source=ModuleFile(path=module), look_back=LookBack(last=3)),)),
    ]


@pytest.mark.parametrize("order", [["params", "stored"], ["chains", "params"]])
def test_a_setting_needs_a_pane_of_one_smartstream(chain: Path, order: list[str]) -> None:
    typed = {"stored": ["sf1"], "chains": [str(chain)], "params": [("a", "1")]}
    with pytest.raises(click.UsageError, match="write it after -f"):
        panes_typed(["logs"], order, typed)


def test_panes_belong_to_the_topic_before() -> None:
    typed = {"topics": ["orders", "payments"], "stored": ["large", "failed", "late"]}
    order = ["stored", "topics", "stored", "topics", "stored"]
    assert panes_typed(["logs"], order, typed) == {
        "logs": [OpenPane.of("large")],
        "orders": [OpenPane.of("failed")],
        "payments": [OpenPane.of("late")],
    }
    assert panes_typed(["orders", "payments"], [], {}) == {"orders": [], "payments": []}


def test_a_topic_named_twice_is_one() -> None:
    typed = {"topics": ["orders"], "stored": ["large", "late"]}
    found = panes_typed(["orders"], ["stored", "topics", "stored"], typed)
    assert found == {"orders": [OpenPane.of("large"), OpenPane.of("late")]}


@pytest.mark.parametrize(
    "topics, order",
    [(["orders", "payments"], ["stored"]), ([], ["stored", "topics"])],
)
def test_a_pane_needs_a_topic_that_is_certain(topics: list[str], order: list[str]) -> None:
    with pytest.raises(click.UsageError, match="write --topic TOPIC before"):
        panes_typed(topics, order, {"topics": ["orders"], "stored": ["large"]})


def test_a_setting_of_another_topics_pane_is_none() -> None:
    typed = {"topics": ["orders", "payments"], "stored": ["large"], "params": [("a", "1")]}
    with pytest.raises(click.UsageError, match="write it after -f"):
        panes_typed([], ["topics", "stored", "topics", "params"], typed)


def test_a_pipeline_has_a_pane_beside_its_source() -> None:
    copied = PipelineDescription(source="orders", target="large-orders")
    assert panes_of_pipeline(PipelineSpec.of(copied)) == {"orders": [], "large-orders": []}
    steps = (Step(source=StoredName(name="large")), Step(source=StoredName(name="late")))
    found = panes_of_pipeline(PipelineSpec.of(PipelineDescription(steps=steps).over(copied)))
    assert found == {"orders": [OpenPane(steps=steps)], "large-orders": []}
    assert [*found] == ["orders", "large-orders"], "the source at the left"


def test_a_chain_has_steps(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("transforms: []\n")
    with pytest.raises(ChainFileError, match="has no steps"):
        panes_typed(["logs"], ["chains"], {"chains": [str(tmp_path / "none.yaml")]})
