"""Layouts: a topic with its panes, saved under a name."""

from pathlib import Path

import pytest

from tests.tui.cli.conftest import InProcess, Program
from tests.tui.cli.test_demo import Open, temporary, terminal
from tests.tui.cli.test_session_state import stored
from tui.dashboard.app.session_state import Memory, OpenPane, TopicLook

__all__ = ["stored", "temporary", "terminal"]


def test_layout_keeps_what_is_remembered_of_its_topic(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    panes = (OpenPane.of("ones", 50), OpenPane.of(tmp_path / "f.rs"))
    memory.keep_panes("logs", panes)
    memory.keep_format("logs", "json")
    memory.keep_look("logs", TopicLook(columns="key"))
    memory.keep_layout("wide", ["logs"])
    memory.keep_panes("logs", [])
    memory.keep_look("logs", TopicLook())
    memory.keep_format("logs", "")
    assert memory.layouts() == ("wide",)
    assert memory.use_layout("wide") == ("logs",)
    assert (memory.panes("logs"), memory.format("logs")) == (panes, "json")
    assert memory.look("logs").columns == "key"
    assert memory.use_layout("wide", "other") == ("other",)
    assert memory.panes("other") == panes


def test_layout_keeps_topics_side_by_side(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep_panes("orders", [OpenPane.of("large")])
    memory.keep_panes("payments", [OpenPane.of("failed")])
    memory.keep_layout("both", ["orders", "payments"])
    memory.keep_panes("payments", [])
    assert memory.use_layout("both") == ("orders", "payments")
    assert memory.panes("payments") == (OpenPane.of("failed"),)
    assert memory.use_layout("both", "returns") == ("returns", "payments")
    assert memory.panes("returns") == (OpenPane.of("large"),)
    assert memory.use_layout("both", "payments") == ("payments",), "each topic once"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"topic": 3, "panes": []}'])
def test_broken_layout_is_none(tmp_path: Path, content: str) -> None:
    memory = Memory(tmp_path)
    memory.keep_layout("x", ["logs"])
    (tmp_path / "dashboard" / "layouts" / "x.json").write_text(content)
    assert memory.use_layout("x") == ()


def test_layout_is_saved_and_opened(stored: Program, terminal: Open) -> None:
    stored.topic("tp2", b"3 three")
    first = terminal("watch", "tp1", "-s", "twos", "-s", "ones")
    first.wait_for(lambda text: "2 @ones" in text and "ctrl+s" not in text)
    first.type("t")
    first.wait_for("^b beside")
    first.type("tp2\x02")
    first.wait_for("0 tp2")
    first.type("\x13")
    first.wait_for("save layout")
    first.type("../x\r")
    first.wait_for("invalid name '../x'")
    first.type("\x7f" * 4)
    first.wait_for(lambda text: "../x" not in text)
    first.type("both")
    first.wait_for("  both ")
    first.type("\r")
    first.wait_for("layout both saved")
    first.wait_for("2 @ones · tp1")
    first.type("2x")
    first.wait_for(lambda text: "@ones" not in text)
    first.type("q")
    assert first.wait() == 0
    second = terminal("watch", "--layout", "both")
    second.wait_for(lambda text: "1 @twos · tp1" in text and "2 @ones · tp1" in text and "0 tp2" in text)
    second.type("q")
    assert second.wait() == 0


@pytest.mark.parametrize(
    "arguments, status, problem",
    [
        ((), 2, "Missing argument 'TOPIC'"),
        (("--layout", "none"), 1, "there is no layout 'none'"),
        (("--layout", "../../x"), 1, "there is no layout '../../x'"),
        (("--layout", "both", "--fresh"), 2, "--layout cannot be used together"),
    ],
)
def test_layouts_that_cannot_be_opened(
    here: InProcess, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], status: int, problem: str
) -> None:
    monkeypatch.setattr("tui.cli.commands.watch.check_terminal", lambda _: None)
    outcome = here.run("watch", *arguments)
    assert outcome.status == status
    assert problem in outcome.err
