import subprocess
import sys
from pathlib import Path

import pytest

from engine import __version__
from tests.tui.cli.conftest import Program

HEAVY = ("textual", "pyarrow", "numpy", "wasmtime", "asyncio", "watchfiles")


def test_no_command_lists_topics_and_what_to_type(program: Program) -> None:
    outcome = program.ok()
    assert f"No topics yet in {program.data}" in outcome.out.decode()
    assert "fluvio-tui demo" in outcome.out.decode()
    assert not program.data.exists(), "looking must not create anything"
    program.ok("produce", "logs", "--create", stdin=b"a\nb\n")
    text = program.ok().out.decode()
    assert f"Topics in {program.data}" in text
    assert "logs  1           2" in text


def test_version(program: Program) -> None:
    assert program.ok("--version").out.decode() == f"fluvio-tui {__version__}\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["consume", "--help"], ["demo", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, tui.cli\n"
        f"sys.argv = ['fluvio-tui', *{arguments!r}]\n"
        "try: tui.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", [["watch", "t"], ["demo"]], ids=lambda command: command[0])
def test_the_dashboard_takes_its_memory_from_the_c_library(command: list[str]) -> None:
    code = (
        "import sys, tui.cli, tui.cli.commands.watch, tui.cli.commands.demo\n"
        "def check(_):\n"
        "    import pyarrow\n"
        "    print(pyarrow.default_memory_pool().backend_name)\n"
        "    sys.exit()\n"
        f"tui.cli.commands.{command[0]}.__dict__['check_terminal'] = check\n"
        f"sys.argv = ['fluvio-tui', *{command!r}]\n"
        "tui.cli.main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "system\n"


def test_windows_is_refused_in_one_line() -> None:
    code = (
        "import sys\n"
        "sys.platform = 'win32'\n"
        "for name in ('fcntl', 'resource', 'termios', 'pwd'): sys.modules[name] = None\n"
        "import signal\n"
        "del signal.SIGHUP\n"
        "from tui.cli import main\n"
        "main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("fluvio-tui: Windows is not supported")
    assert "WSL" in line


def test_consume_without_a_filter_imports_no_runtime(program: Program) -> None:
    program.topic("logs", b"a")
    program.cwd.joinpath("script.py").write_text(
        "import sys, tui.cli\n"
        "sys.argv = ['fluvio-tui', 'consume', 'logs', '-B', '-d']\n"
        "try: tui.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print('wasmtime' in sys.modules, flush=True)\n"
    )
    assert program.python("script.py").out == b"a\nFalse\n"


def test_compiling_a_stored_module_imports_no_arrays() -> None:
    code = (
        "import sys, engine.runtime.loading.compile_worker; print(sys.modules.keys() & {'numpy', 'pyarrow'})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


@pytest.mark.parametrize("before", [True, False])
def test_data_option_works_before_and_after_the_command(
    program: Program, tmp_path: Path, before: bool
) -> None:
    chosen = ["--data", str(tmp_path / "chosen")]
    line = ["topic", "create", "logs"]
    program.ok(*chosen, *line) if before else program.ok(*line, *chosen)
    assert b"logs" in program.ok(*chosen, "topic", "list").out
    assert not program.data.exists()


def test_last_data_option_is_used(program: Program, tmp_path: Path) -> None:
    program.ok("--data", tmp_path / "first", "topic", "create", "logs", "--data", tmp_path / "second")
    assert not (tmp_path / "first").exists()
    assert b"logs" in program.ok("topic", "list", "--data", tmp_path / "second").out
