"""`watch --pipeline` beside the `run` of the same file, in a process of its own."""

import signal

from tests.e2e.conftest import World
from tests.engine.runtime.wat_guests import by_hand
from tui.dashboard.app.session_state import Memory, OpenPane


def test_a_running_pipelines_input_and_output_are_side_by_side(world: World) -> None:
    world.produce("lines", "one", "two 2")
    (world.folder / "digit.wasm").write_bytes(by_hand("digit.wat"))
    file = world.folder / "digits.yaml"
    file.write_text("from: lines\nto: digits\nname: only-digits\ntransforms:\n  - module: digit.wasm\n")
    memory = Memory(world.folder / "data")
    remembered = (OpenPane.of("kept"),)
    memory.keep_panes("lines", remembered)
    memory.keep_panes("digits", remembered)
    running = world.open("run", "--create", "digits.yaml")
    running.wait_for("1 written")
    terminal = world.open("watch", "--pipeline", "digits.yaml", columns=150)
    said = "pipeline only-digits: from lines through digit to digits"
    shown = (said, "0 lines", "1 digit", "0 digits")
    terminal.wait_for(lambda text: text.count("two 2") == 3 and all(part in text for part in shown))
    world.produce("lines", "three", "four 4")
    terminal.wait_for(lambda text: text.count("four 4") == 3 and text.count("three") == 1)
    terminal.type("q")
    assert terminal.wait() == 0
    assert memory.panes("lines") == memory.panes("digits") == remembered, "as they were without the pipeline"
    running.process.send_signal(signal.SIGINT)
    assert running.wait() == 0
