"""`smartstream` and what uses stored ones: modules by hand here, one built by real cargo at the end."""

import json
import signal
from hashlib import sha256
from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.library.modules import add_module
from engine.runtime.loading import compile_worker
from tests.engine.builds.rust.crates.local_registry import LocalRegistry
from tests.engine.builds.rust.crates.test_crates import BUILD_SCRIPT, USES
from tests.engine.builds.rust.test_fluvio import DOCUMENTED
from tests.engine.runtime.costly_modules import slow_to_compile
from tests.engine.runtime.wat_guests import by_hand, compiled, guest, when
from tests.processes import processes
from tests.tui.cli.conftest import InProcess, Program, read_until
from tests.tui.cli.test_bad_input import assert_clear
from tui.cli.root import fluvio_tui

DIGIT = by_hand("digit.wat")
EXAMPLES = Path(__file__).parents[3] / "filters/examples"


@pytest.fixture
def topic(program: Program) -> Program:
    program.topic("tp1", b"one", b"2", b"three 3")
    return program


@pytest.fixture
def store(program: Program) -> SmartStreamStore:
    return SmartStreamStore(program.data)


def module(program: Program, wasm: bytes = DIGIT, name: str = "sf1.bin") -> str:
    (program.cwd / name).write_bytes(wasm)
    return name


def test_announced_commands_work(topic: Program) -> None:
    module(topic)
    assert topic.ok("smartstream", "add", "sf1", "--file", "sf1.bin").out == b"smartstream sf1 added\n"
    process = topic.start("consume", "tp1", "smartstream", "--use-filter", "sf1")
    read_until(process.stderr, b"consuming topic tp1 from now on, through sf1\n")
    topic.append("tp1", b"four", b"5")
    assert read_until(process.stdout, b"5\n") == b"5\n"
    assert topic.finish(process, signal.SIGTERM).err == ""


def test_list_describe_and_remove(here: InProcess, store: SmartStreamStore) -> None:
    assert b"no SmartStreams yet" in here.ok("smartstream", "list").out
    assert json.loads(here.ok("smartstream", "list", "--output", "json").out) == []
    add_module(store, "digits", DIGIT, "f")
    add_module(store, "all", guest(), "f")
    head, first, second = here.ok("smartstream", "list").out.decode().splitlines()
    assert head.split() == ["NAME", "KIND", "SIZE", "ADDED", "VERSION"]
    assert first.split()[:4] == ["all", "filter", str(len(guest())), "B"]
    assert second.split()[:2] == ["digits", "filter"]
    listed = json.loads(here.ok("smartstream", "list", "-O", "json").out)
    assert [found["name"] for found in listed] == ["all", "digits"]
    described = here.ok("smartstream", "describe", "digits").out.decode()
    assert ["sha256", sha256(DIGIT).hexdigest()] in [line.split() for line in described.splitlines()]
    described_json = json.loads(here.ok("smartstream", "describe", "digits", "-O", "json").out)
    assert described_json == {**listed[1], "versions": [1]}
    assert here.ok("smartstream", "remove", "digits", "all").out.count(b" removed\n") == 2
    assert store.names() == []


def test_earlier_versions_are_described_and_written(
    here: InProcess, store: SmartStreamStore, tmp_path: Path
) -> None:
    add_module(store, "sf1", DIGIT, "f")
    add_module(store, "sf1", guest(), "f")
    described = here.ok("smartstream", "describe", "sf1", "--version", "1").out.decode()
    assert "kept versions  1, 2" in described
    assert sha256(DIGIT).hexdigest() in described
    written = tmp_path / "digit.wasm"
    here.ok("smartstream", "get", "sf1", "--version", "1", "-o", written)
    assert written.read_bytes() == DIGIT
    here.ok("smartstream", "get", "sf1", "-o", written)
    assert written.read_bytes() == guest()
    assert_clear(
        here.run("smartstream", "get", "sf1", "--version", "3", "-o", written), "is not kept", "1, 2"
    )


@pytest.mark.parametrize(
    "line",
    [
        ["smartstream", "describe", "digit"],
        ["smartstream", "remove", "digit"],
        ["consume", "tp1", "smartstream", "--use-filter", "digit"],
    ],
)
def test_unknown_name_suggests_the_nearest(topic: Program, store: SmartStreamStore, line: list[str]) -> None:
    add_module(store, "digits", DIGIT, "f")
    assert_clear(topic.run(*line), "there is no SmartStream 'digit'", "did you mean 'digits'?")


@pytest.mark.parametrize(
    ("wasm", "reason"),
    [
        (b"", "sf1.bin is empty"),
        (DIGIT[:-9], "sf1.bin is not a valid WebAssembly module"),
        (b"\0asm\x0d\0\1\0", "sf1.bin is a WebAssembly component, not a module"),
        (compiled("(module)"), "sf1.bin does not export memory"),
    ],
    ids=["empty", "cut off", "component", "no exports"],
)
def test_invalid_module_is_rejected(
    program: Program, store: SmartStreamStore, wasm: bytes, reason: str
) -> None:
    module(program, wasm)
    assert_clear(program.run("smartstream", "add", "sf1", "--file", "sf1.bin"), f"fluvio-tui: {reason}")
    assert store.names() == []


def test_signal_during_compilation_leaves_nothing_behind(program: Program, store: SmartStreamStore) -> None:
    name = module(program, slow_to_compile(6_000))
    process = program.start("smartstream", "add", "sf1", "--file", name)
    while not compilers(program):
        assert process.poll() is None
    outcome = program.finish(process, signal.SIGINT)
    assert (outcome.status, outcome.out, outcome.err) == (130, b"", "")
    assert not compilers(program)
    assert store.names() == []


def compilers(program: Program) -> list[str]:
    """The processes that compile for a program on this data folder."""
    mark = f"FLUVIO_TUI_DATA={program.data}"
    running = (process.command for process in processes() if mark in process.environment)
    return [command for command in running if compile_worker.__name__ in command]


def test_wrong_names_are_reported(program: Program) -> None:
    module(program, b"pub fn f() {}", "sf1.rs")
    add = ("smartstream", "add")
    assert_clear(program.run(*add, "sf1", "--file", "sf1.wasm"), "does not exist", "did you mean sf1.rs?")
    assert_clear(program.run(*add, "a/b", "--file", module(program)), "invalid name of a SmartStream 'a/b'")
    assert_clear(program.run("consume", "tp1", "smartstream"), "--use NAME", status=2)


@pytest.mark.parametrize("command", ["describe nope", "remove nope", "get nope -o nope.wasm"])
def test_unknown_one_need_not_be_added_to_look_at_it(here: InProcess, command: str) -> None:
    outcome = here.run("smartstream", *command.split())
    assert_clear(outcome, "there is no SmartStream 'nope'", "see 'fluvio-tui smartstream list'")
    assert "add" not in outcome.err


def test_missing_step_is_named_first(here: InProcess, tmp_path: Path) -> None:
    text, source = tmp_path / "f.wat", tmp_path / "f.rs"
    text.write_text("(module)")
    source.write_text("pub fn f() {}")
    outcome = here.run("smartstream", "add", "f", "--file", text)
    assert_clear(outcome, "WebAssembly text", f"wat2wasm {text} -o {tmp_path / 'f.wasm'}")
    outcome = here.run("smartstream", "build", source, "-o", tmp_path / "none" / "f.wasm")
    assert_clear(outcome, f"the folder {tmp_path / 'none'} does not exist", "-o")


@pytest.mark.usefixtures("topic")
def test_damaged_module_is_described_and_rejected(here: InProcess, store: SmartStreamStore) -> None:
    add_module(store, "sf1", DIGIT, "f")
    store.path("sf1").write_bytes(DIGIT[:30])
    with store.path("large").open("wb") as file:
        file.truncate((16 << 20) + 1)
    head, large, cut = here.ok("smartstream", "list").out.decode().splitlines()
    assert head.split()[-1] == "PROBLEM"
    assert "damaged" in large and large.endswith("is larger than 16 MiB, the limit")
    assert "damaged" in cut and cut.endswith("does not export a SmartStream")
    listed = json.loads(here.ok("smartstream", "list", "-O", "json").out)
    assert ["16 MiB" in found["problem"] for found in listed] == [True, False]
    outcome = here.run("smartstream", "describe", "sf1")
    assert outcome.status == 1
    assert ["kind", "damaged"] in [line.split() for line in outcome.out.decode().splitlines()]
    reason = "the stored SmartStream 'sf1' is not a valid WebAssembly module"
    assert reason in outcome.err
    assert_clear(here.run("consume", "tp1", "--use-filter", "sf1", "-B", "-d"), reason)


def test_running_consume_switches_to_the_replacement(topic: Program, store: SmartStreamStore) -> None:
    add_module(store, "sf1", DIGIT, "f")
    process = topic.start("consume", "tp1", "smartstream", "--use-filter", "sf1", "-B")
    read_until(process.stdout, b"2\nthree 3\n")
    topic.ok("smartstream", "add", "sf1", "--file", module(topic, guest()))
    read_until(process.stderr, b"fluvio-tui: switched to the new version of SmartStream sf1\n")
    topic.append("tp1", b"four")
    assert read_until(process.stdout, b"four\n") == b"four\n"
    topic.ok("smartstream", "remove", "sf1")
    read_until(process.stderr, b"there is no SmartStream 'sf1'; the previous version keeps running\n")
    topic.append("tp1", b"five")
    read_until(process.stdout, b"five\n")
    assert topic.finish(process, signal.SIGINT).status == 130


def test_consume_ends_if_every_record_fails(program: Program, store: SmartStreamStore) -> None:
    program.topic("tp1", *([b"good"] * 3 + [b"bad"] * 1_001 + [b"good"]))
    add_module(store, "picky", guest(when("b", "(unreachable)")), "f")
    outcome = program.run("consume", "tp1", "--use-filter", "picky", "-B", "-d")
    assert (outcome.status, outcome.out) == (1, b"good\n" * 3)
    lines = outcome.err.splitlines()
    assert lines[0].startswith("fluvio-tui: trap on offset 3 of partition 0: aborted")
    assert lines[1].endswith("1,000 records left out because a SmartStream failed on them: 1,000 traps")
    assert lines[2] == (
        "fluvio-tui: the stored SmartStream 'picky' was stopped after 1,000 traps and timeouts in a row"
    )
    tried = program.run("smartstream", "test", "picky", "--topic", "tp1", "-B")
    assert tried.err.splitlines()[-1] == "fluvio-tui: 1,005 records: 4 pass, 1,001 trap"


def test_new_never_overwrites_a_file(program: Program) -> None:
    assert program.ok("smartstream", "new", "sf1.rs").out.startswith(b"sf1.rs written")
    text = (program.cwd / "sf1.rs").read_text()
    assert "--inline-filter sf1.rs" in text
    (program.cwd / "sf1.rs").write_text("mine")
    assert_clear(program.run("smartstream", "new", "sf1.rs"), "sf1.rs exists already")
    assert (program.cwd / "sf1.rs").read_text() == "mine"
    assert_clear(program.run("smartstream", "new", "sf1"), "use a name that ends in .rs, .js")
    program.ok("smartstream", "new", "sf2.rs", "--with", "serde_json", "--with", "regex@1.2")
    text = (program.cwd / "sf2.rs").read_text()
    assert text.startswith('---\n[dependencies]\nserde_json = "*"\nregex = "1.2"\n---\n// A filter')
    for wrong in ("../x", "", "@1", "a b", "a=1"):
        assert_clear(program.run("smartstream", "new", "sf3.rs", "--with", wrong), "name of a crate")
    assert not (program.cwd / "sf3.rs").exists()


def test_build_never_overwrites_the_source(program: Program) -> None:
    module(program, b"mine", "sf1.rs")
    assert_clear(program.run("smartstream", "build", "sf1.rs", "-o", "./sf1.rs"), "is the filter's source")
    (program.cwd / "link.wasm").symlink_to("sf1.rs")
    assert_clear(program.run("smartstream", "build", "sf1.rs", "-o", "link.wasm"), "is the filter's source")
    assert (program.cwd / "sf1.rs").read_text() == "mine"


@pytest.mark.cargo
def test_filter_is_created_built_stored_and_used(
    program: Program, build_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(build_cache))
    program.topic("tp1", b"an error", b"fine", b"\xff", b'{"status":"error"}', b'{"status":"no error"}')
    program.ok("smartstream", "new", "sf1.rs")
    built = program.ok("smartstream", "build", "sf1.rs", "-o", "sf1.wasm")
    assert (built.out, built.err) == (b"sf1.wasm written\n", "")
    program.ok("smartstream", "add", "sf1", "--file", "sf1.wasm")
    assert b"\n\nPasses errors: JSON with that status" in program.ok("smartstream", "describe", "sf1").out
    stored = program.ok("consume", "tp1", "smartstream", "--use-filter", "sf1", "-B", "-d")
    inline = program.ok("consume", "tp1", "smartstream", "--inline-filter", "sf1.rs", "-B", "-d")
    assert stored == inline
    assert stored.out == b'an error\n{"status":"error"}\n'
    assert "1 error" in stored.err
    program.ok("smartstream", "build", "sf1.rs", "-o", "for_fluvio.wasm", "--target", "fluvio")
    for_fluvio = program.ok("consume", "tp1", "smartstream", "--module", "for_fluvio.wasm", "-B", "-d")
    assert for_fluvio.out == stored.out
    added = program.ok("smartstream", "add", "from_source", "--file", "sf1.rs")
    assert added.out == b"smartstream from_source added\n"
    store = SmartStreamStore(program.data)
    assert store.load("from_source") == store.load("sf1")
    (program.cwd / "sf1.rs").write_text("fn broken(")
    broken = program.run("smartstream", "build", "sf1.rs", "-o", "sf1.wasm")
    assert_clear(broken, "sf1.rs:1:", "fluvio-tui: build of sf1.rs failed")
    assert (program.cwd / "sf1.wasm").read_bytes() == store.load("sf1")


@pytest.mark.cargo
def test_filter_from_fluvio_documentation_works_inline_and_stored(
    topic: Program, build_cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(build_cache))
    monkeypatch.setenv("FLUVIO_TUI_DATA", str(topic.data))
    monkeypatch.chdir(topic.cwd)
    module(topic, DOCUMENTED.replace("'a'", "'e'").encode(), "lib.rs")

    def run(line: str) -> str:
        fluvio_tui.main(line.split(), standalone_mode=False)
        return capfd.readouterr().out

    run("smartstream build lib.rs -o lib.wasm")
    run("smartstream add lib --file lib.wasm")
    stored = run("consume tp1 smartstream --use-filter lib -B -d")
    assert stored == run("consume tp1 smartstream --inline-filter lib.rs -B -d") == "one\nthree 3\n"


@pytest.mark.cargo
def test_build_scripts_run_when_allowed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = LocalRegistry(program.cwd)
    registry.add("scripted", 'pub const MADE: &str = env!("MADE");\n', build=BUILD_SCRIPT)
    monkeypatch.setenv("CARGO_HOME", str(registry.home))
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(program.cwd / "cache"))
    (program.cwd / "sf1.rs").write_text(
        USES.format(crates='scripted = "1"', test="!scripted::MADE.is_empty()")
    )
    build = ("smartstream", "build", "sf1.rs", "-o", "sf1.wasm")
    refused = program.run(*build)
    assert_clear(refused, "scripted 1.0.0 (build script)")
    assert refused.err.endswith("allow them with --allow-build-scripts\n")
    program.ok(*build, "--allow-build-scripts")
    # It is compiled now.
    program.ok(*build)
