"""Settings, tiers and fixtures that all tests share."""

import gc
import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from engine.builds.interpreted.interpreter import Interpreter
from engine.builds.interpreted.preparing import prepare, rust_for
from engine.builds.javascript.eraser import Swc
from engine.builds.javascript.quickjs import QuickJs
from engine.builds.python.rustpython import RustPython
from engine.builds.rust.toolchain import find_toolchain
from engine.errors import ToolchainError
from engine.process.job import Job
from engine.runtime.limits import Limits
from engine.runtime.loading.compile_apart import compile_apart
from tests.fork_server import ForkServer
from tests.installation import REQUIRED, index_out_of_reach
from tests.tiers import add_tiers

if TYPE_CHECKING:
    from tests.fluvio_cluster import FluvioCluster
    from tests.kafka_cluster import Cluster


def pytest_configure(config: pytest.Config) -> None:
    """Ignore the developer's own settings, and let signals end what tests start.

    A shell that runs the tests in the background starts them with Ctrl-C ignored, and `nohup` with SIGHUP.
    """
    os.environ["FLUVIO_TUI_CONFIG"] = os.devnull
    # The same examples in each run, however busy the machine is.
    settings.register_profile("steady", deadline=None, derandomize=True, database=None)
    settings.load_profile("steady")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """More than there are processors, as many tests wait for a while."""
    return max((os.cpu_count() or 1) * 3 // 2, 2)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Cut long values: workers report each test by its name, and names of megabytes took seconds."""
    return ascii(val[:60]) if isinstance(val, str | bytes) and len(val) > 100 else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests with their tiers, before `-m` selects by them."""
    add_tiers(items)


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of garbage collections, and have fewer of them.

    They took more than a tenth of the run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish() -> None:
    """Find what is left, which pytest would look for five times among all that was imported."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests that compile Rust or C if there is no toolchain."""
    if item.get_closest_marker("cargo") and (missing := _missing_toolchain()):
        pytest.skip(f"compiles Rust: {missing}")
    if item.get_closest_marker("clang") and (missing := _missing_clang()):
        pytest.skip(f"compiles C: {missing}")


@pytest.fixture(scope="session")
def build_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to build filters in, shared by all tests, so that the guest SDK is compiled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def compiled_modules() -> dict[tuple[bytes, Limits, bool], bytes]:
    """What `compiled_once` has compiled."""
    return {}


@pytest.fixture
def compiled_once(
    compiled_modules: dict[tuple[bytes, Limits, bool], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Start one process for each module that is compiled, in tests of something else than compiling."""

    def once(wasm: bytes, limits: Limits, name: str, job: Job, *, parallel: bool) -> bytes:
        key = (wasm, limits, parallel)
        if key not in compiled_modules:
            compiled_modules[key] = compile_apart(wasm, limits, name, job, parallel=parallel)
        return compiled_modules[key]

    monkeypatch.setattr("engine.runtime.loading.compile.compile_apart", once)


@pytest.fixture(scope="session")
def prepared_typescript(prepared_javascript: Path) -> Path:
    """The same with what takes types out of TypeScript, whose build takes some minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLUVIO_TUI_CACHE", str(prepared_javascript))
        prepare(Swc(), Job(), os.environ)
    return prepared_javascript


@pytest.fixture
def typescript(prepared_typescript: Path, javascript: Path) -> Path:
    """Files in TypeScript can be built."""
    return javascript


@pytest.fixture(scope="session")
def prepared_javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to build in with the interpreter of JavaScript, which all processes of a run share.

    FLUVIO_TUI_TEST_CACHE names one to keep for other runs.
    """
    return _prepared(QuickJs(), tmp_path_factory)


@pytest.fixture(scope="session")
def prepared_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder with the interpreter of Python, whose build takes some minutes."""
    return _prepared(RustPython(), tmp_path_factory)


@pytest.fixture
def python(prepared_python: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files in Python can be built; the folder to build in."""
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(prepared_python))
    return prepared_python


@pytest.fixture
def javascript(prepared_javascript: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files in JavaScript can be built; the folder to build in."""
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(prepared_javascript))
    return prepared_javascript


@pytest.fixture(scope="session")
def pypi(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Packages can be installed from pip's index."""
    if reason := index_out_of_reach(tmp_path_factory.mktemp("pypi")):
        if os.environ.get(REQUIRED):
            pytest.fail(f"no package can be installed: {reason}")
        pytest.skip(f"installs packages: {reason}")


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServer]:
    """Starts the program in a tenth of the time."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def fluvio(tmp_path_factory: pytest.TempPathFactory) -> Iterator["FluvioCluster"]:
    """A Fluvio cluster of three SPUs, for all tests of this process; it starts in a second."""
    with _fluvio_cluster(tmp_path_factory.mktemp("fluvio")) as cluster:
        yield cluster


@pytest.fixture
def fluvio_nodes(tmp_path: Path) -> Iterator["FluvioCluster"]:
    """A Fluvio cluster of three SPUs, whose nodes the test may kill."""
    with _fluvio_cluster(tmp_path / "fluvio") as cluster:
        yield cluster


def _fluvio_cluster(folder: Path) -> "FluvioCluster":
    from tests.fluvio_cluster import FluvioCluster, missing

    if reason := missing():
        if os.environ.get("FLUVIO_TUI_REQUIRE_FLUVIO"):
            pytest.fail(f"there is no Fluvio: {reason}")
        pytest.skip(f"needs a Fluvio cluster: {reason}")
    return FluvioCluster(3, folder)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Cluster"]:
    """A Kafka cluster of one node, for all tests of this process; it starts in two seconds."""
    with _kafka_cluster(tmp_path_factory.mktemp("kafka"), nodes=1) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def kafka_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Cluster"]:
    """A Kafka cluster of three nodes, which tests may kill."""
    with _kafka_cluster(tmp_path_factory.mktemp("kafka-nodes"), nodes=3) as cluster:
        yield cluster


def _kafka_cluster(folder: Path, nodes: int) -> "Cluster":
    from tests.kafka_cluster import Cluster, missing

    if reason := missing():
        if os.environ.get("FLUVIO_TUI_REQUIRE_KAFKA"):
            pytest.fail(f"there is no Kafka: {reason}")
        pytest.skip(f"needs a Kafka cluster: {reason}")
    return Cluster(nodes, sasl=("user", "password"), folder=folder)


@cache
def _missing_toolchain() -> str:
    try:
        find_toolchain()
    except ToolchainError as error:
        return error.message
    return ""


def _prepared(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if missing := _missing_for(interpreter):
        pytest.skip(f"prepares {interpreter.name}: {missing}")
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = Path(os.environ.get("FLUVIO_TUI_TEST_CACHE") or shared / "interpreters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLUVIO_TUI_CACHE", str(folder))
        prepare(interpreter, Job(), os.environ)
    return folder


def _missing_for(interpreter: Interpreter) -> str:
    """What its build lacks here; empty with FLUVIO_TUI_REQUIRE_CRATES=1, which lets the tests fail."""
    if os.environ.get("FLUVIO_TUI_REQUIRE_CRATES") == "1":
        return ""
    if missing := [tool.found for tool in interpreter.tools() if not tool.ok]:
        return missing[0]
    try:
        rust_for(interpreter, os.environ)
        urllib.request.urlopen("https://index.crates.io/config.json", timeout=20).close()
    except ToolchainError as error:
        return error.message
    except OSError as error:
        return f"crates.io cannot be reached: {error}"
    return ""


@cache
def _missing_clang() -> str:
    if not shutil.which("clang"):
        return "clang is not installed"
    if "wasm32" not in _clang("-print-targets"):
        return "this clang makes no WebAssembly"
    linker = _clang("--target=wasm32", "-print-prog-name=wasm-ld")
    return "" if shutil.which(linker) else "LLVM's linker for WebAssembly, wasm-ld, is not installed"


def _clang(*questions: str) -> str:
    return subprocess.run(["clang", *questions], capture_output=True, text=True).stdout.strip()
