"""`watch` on lines that are in no topic."""

from tests.e2e.conftest import PROGRAM, World
from tests.engine.runtime.wat_guests import by_hand


def test_standard_input_is_shown_and_keys_come_from_the_terminal(world: World) -> None:
    shell = world.open_shell()
    shell.wait_for("bash")
    shell.type(f"(echo line one; echo line two) | {PROGRAM} watch -; echo ended $?\r")
    shell.wait_for(lambda text: "2 records" in text and "line two" in text and "Quit" in text)
    shell.type("q")
    shell.wait_for("ended 0")


def test_files_are_shown_and_followed(world: World) -> None:
    log = world.filter("app.log", "2021-02-03 04:05:06 INFO first\n")
    terminal = world.open("watch", "app.log")
    terminal.wait_for(lambda text: "first" in text and "1 record" in text)
    with log.open("a") as opened:
        opened.write("2021-02-03 04:05:07 INFO second\n")
    terminal.wait_for(lambda text: "second" in text and "2 records" in text)


def test_stored_smartstreams_are_those_of_the_broker_in_use(world: World) -> None:
    (world.folder / "digit.wasm").write_bytes(by_hand("digit.wat"))
    world.run("smartstream", "add", "digit", "--file", "digit.wasm")
    (world.folder / "app.log").write_text("one\n2\n3\n")
    terminal = world.open("watch", "app.log", "-s", "digit")
    terminal.wait_for(lambda text: "digit" in text and "live" in text and "66.7%" in text)
