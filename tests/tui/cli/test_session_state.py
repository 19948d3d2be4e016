"""What the dashboard remembers: the panes of a topic, and the theme that was chosen."""

import json
import shutil
from pathlib import Path

import pytest

from engine import units
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.consumer.step import InlineFile, ModuleFile, Step, StoredName
from engine.library.modules import add_module
from engine.runtime.config import LookBack
from tests.engine.runtime.wat_guests import guest, when
from tests.tui.cli.conftest import InProcess, Program
from tests.tui.cli.test_demo import Open, temporary, terminal
from tui.dashboard.app.session_state import Memory, OpenPane, TopicLook
from tui.dashboard.present.columns.times import TimeStyle

__all__ = ["temporary", "terminal"]

SOURCE = "#[smartstream(filter)] pub fn f(_: &[u8]) -> bool { true }"


@pytest.fixture
def stored(program: Program) -> Program:
    store = SmartStreamStore(program.data)
    add_module(store, "ones", guest(when("1", "(i32.const 1)", "(i32.const 0)")), "f")
    add_module(store, "twos", guest(when("2", "(i32.const 1)", "(i32.const 0)")), "f")
    program.topic("tp1", b"1 one", b"2 two")
    return program


def test_a_format_is_remembered_beside_the_panes(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert memory.format("a") == ""
    panes = (OpenPane.of("sf1"),)
    memory.keep_panes("a", panes)
    memory.keep_format("a", "csv:id,city")
    assert (memory.panes("a"), memory.format("a")) == (panes, "csv:id,city")
    memory.keep_panes("a", ())
    assert (memory.panes("a"), memory.format("a")) == ((), "csv:id,city")
    memory.keep_format("a", "a format of another version")
    assert memory.format("a") == ""


def test_columns_and_widths_are_remembered_beside_the_panes(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert memory.look("a") == TopicLook()
    panes = (OpenPane.of("sf1"),)
    memory.keep_panes("a", panes)
    look = TopicLook(columns="time,customer.city:12", widths=(1.0, 2.5), times=TimeStyle.AGE)
    memory.keep_look("a", look)
    assert (memory.panes("a"), memory.look("a")) == (panes, look)
    (file,) = (tmp_path / "dashboard" / "panes").iterdir()
    file.write_text(json.dumps({"columns": "a..b", "widths": [1.0, -3.0]}))
    assert memory.look("a") == TopicLook()
    file.write_text(json.dumps({"columns": 7, "widths": ["x"], "times": [1]}))
    assert memory.look("a") == TopicLook()


def test_panes_are_remembered_in_order_per_topic(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert memory.panes("a") == () and memory.empty
    panes = (
        OpenPane.of(tmp_path / "x.rs", rate_limit=0.5),
        OpenPane.of("sf1", rate_limit=0),
        OpenPane.of(tmp_path / "y\udcff.rs"),
        OpenPane(
            steps=(
                Step(
                    source=InlineFile(path=tmp_path / "sum.rs"),
                    params={"field": "a b", "min": "é"},
                    aggregate_initial=b"0\xff",
                    look_back=LookBack(last=10),
                ),
                Step(source=StoredName(name="sf1"), look_back=LookBack(age_ms=60_000)),
                Step(source=ModuleFile(path=tmp_path / "m.wasm")),
            )
        ),
    )
    memory.keep_panes("a", panes)
    memory.keep_panes("b", [])
    assert Memory(tmp_path).panes("a") == panes
    assert Memory(tmp_path).panes("b") == ()
    memory.keep_theme("nord")
    assert Memory(tmp_path).theme == "nord"
    assert not memory.empty


def test_each_broker_has_panes_and_layouts_of_its_own(tmp_path: Path) -> None:
    embedded, staging = Memory(tmp_path), Memory(tmp_path, "staging")
    other = Memory(tmp_path, "kafka://h1:9092")
    for name, memory in (("sf1", embedded), ("sf2", staging), ("sf3", other)):
        memory.keep_panes("logs", [OpenPane.of(name)])
        memory.keep_layout(f"of {name}", "logs")
    assert [memory.panes("logs") for memory in (embedded, staging, other)] == [
        (OpenPane.of("sf1"),),
        (OpenPane.of("sf2"),),
        (OpenPane.of("sf3"),),
    ]
    assert (embedded.layouts(), staging.layouts()) == (("of sf1",), ("of sf2",))
    assert Memory(tmp_path, "kafka://h1:9093").panes("logs") == ()
    embedded.keep_theme("nord")
    assert staging.theme == "nord"


def test_panes_of_earlier_versions_are_remembered(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep_panes("a", [])
    (file,) = (tmp_path / "dashboard" / "panes").iterdir()
    kept = [{"file": "/x.rs", "rate_limit": "50/s"}, {"stored": "sf1", "rate_limit": "max"}]
    changed = {"steps": [{"stored": "sf1", "params": [], "look_back": [-1]}]}
    file.write_text(json.dumps({"panes": [*kept, changed]}))
    assert memory.panes("a") == (
        OpenPane.of(Path("/x.rs"), rate_limit=50),
        OpenPane.of("sf1"),
        OpenPane.of("sf1"),
    )


def test_first_start_is_remembered(tmp_path: Path) -> None:
    Memory(tmp_path / "data").keep_taught()
    assert not Memory(tmp_path / "data").empty


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[1]",
        b'{"panes": 3, "theme": 4}',
        b'{"panes": [3, {}, {"file": ""}, {"steps": []}, {"steps": 3}, {"steps": [{"stored": "a"}, {}]}]}',
        b"[" * 9999,
    ],
)
def test_broken_state_is_ignored(tmp_path: Path, content: bytes) -> None:
    memory = Memory(tmp_path)
    memory.keep_panes("a", [OpenPane.of("sf1")])
    memory.keep_theme("nord")
    for file in (tmp_path / "dashboard").rglob("*.json"):
        file.write_bytes(content)
    assert memory.panes("a") == ()
    assert memory.theme is None


def test_unwritable_state_is_not_remembered(tmp_path: Path) -> None:
    (tmp_path / "dashboard").touch()
    memory = Memory(tmp_path)
    memory.keep_panes("a", [OpenPane.of("sf1")])
    memory.keep_theme("nord")
    memory.keep_taught()
    assert memory.panes("a") == ()
    assert memory.theme is None


def test_panes_of_a_topic_are_restored(stored: Program, terminal: Open) -> None:
    source = stored.cwd / "gone.rs"
    source.write_text(SOURCE)
    first = terminal("watch", "tp1", "-f", source, "-s", "twos", "-s", "ones")
    first.wait_for(lambda text: all(part in text for part in ("ones", "twos", "gone", "the loop")))
    first.type("q")
    assert first.wait() == 0
    again = terminal("watch", "tp1")
    text = again.wait_for(lambda text: all(name in text for name in ("1 gone", "2 @twos", "3 @ones")))
    assert "the loop" not in text
    again.type("lx")
    again.wait_for(lambda text: "gone" not in text)
    again.type("1--")
    again.wait_for("500/s")
    again.type("q")
    assert again.wait() == 0
    twos, ones = Memory(stored.data).panes("tp1")
    assert (twos.steps, ones) == (OpenPane.of("twos").steps, OpenPane.of("ones"))
    assert twos.rate_limit is not None
    limited = terminal("watch", "tp1")
    limited.wait_for(units.rate_limit(twos.rate_limit))
    limited.type("q")
    assert limited.wait() == 0
    fresh = terminal("watch", "tp1", "--fresh")
    text = fresh.wait_for("2 two")
    assert "twos" not in text
    fresh.type("q")
    assert fresh.wait() == 0
    assert Memory(stored.data).panes("tp1") == ()


def test_missing_panes_are_reported(stored: Program, terminal: Open) -> None:
    sources = (stored.cwd / "gone.rs", "ones", "sf1")
    Memory(stored.data).keep_panes("tp1", [OpenPane.of(source) for source in sources])
    screen = terminal("watch", "tp1")
    text = screen.wait_for(lambda text: "1 @ones" in text)
    assert "filter gone.rs does not exist: its pane was not restored" in text
    assert "there is no SmartStream 'sf1': its pane was not restored" in text


def test_broken_state_is_only_logged(stored: Program, terminal: Open) -> None:
    Memory(stored.data).keep_panes("tp1", [OpenPane.of("ones")])
    (kept,) = (stored.data / "dashboard").rglob("*.json")
    kept.write_text("{")
    log = stored.cwd / "log"
    screen = terminal("watch", "tp1", "--log", log)
    text = screen.wait_for("2 two")
    assert "ones" not in text and str(kept) not in text
    assert f"what was remembered in {kept} cannot be read" in log.read_text()


def test_chosen_theme_is_remembered_unless_configured(
    stored: Program, here: InProcess, terminal: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = terminal("watch", "tp1")
    screen.wait_for("2 two")
    screen.type("\x10")
    screen.wait_for("Search for commands")
    screen.type("Theme\r")
    screen.wait_for("Search for themes")
    screen.type("gruvbox\r")
    screen.wait_for("2 two")
    screen.type("q")
    assert screen.wait() == 0
    assert Memory(stored.data).theme == "gruvbox"

    def shown() -> tuple[str, str]:
        found = json.loads(here.ok("config", "-O", "json").out)["settings"][0]
        return found["value"], found["from"]

    assert shown() == ("gruvbox", "last choice")
    config = stored.cwd / "config.toml"
    config.write_text('theme = "nord"')
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(config))
    assert shown() == ("nord", "config file")
    config.write_text("")
    Memory(stored.data).keep_theme("one that is no more")
    assert shown() == ("fluvio-dark", "default")
    shutil.rmtree(stored.data / "dashboard")
    assert shown() == ("fluvio-dark", "default")
