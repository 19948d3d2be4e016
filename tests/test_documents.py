"""The README and the pages in docs/: their examples run, their links lead somewhere, their commands exist."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.kafka_implementation import OnKafka
from tests.engine.broker.fluvio.conftest import connected
from tests.fluvio_cluster import FluvioCluster, program
from tests.fork_server import ForkServer
from tests.kafka_cluster import Cluster as KafkaCluster
from tests.tui.cli.test_help import examples, parse

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, _, text in BLOCK.findall(page.read_text()) if found == language]


def steps(page: Path) -> Iterator[tuple[str, str]]:
    """What a reader does, in order: (name of a file, its text), or (command, the output shown under it)."""
    for language, name, text in BLOCK.findall(page.read_text()):
        if language in ("rust", "js", "py") and name:
            yield name, text
        if language == "console":
            for example in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, output = example.partition("\n")
                yield command, output


ON_A_CLUSTER = DOCS / "fluvio.md"
ON_KAFKA = DOCS / "kafka.md"
IN_JAVASCRIPT = DOCS / "languages.md"
IN_PYTHON = DOCS / "python.md"
ELSEWHERE = (ON_A_CLUSTER, ON_KAFKA, IN_JAVASCRIPT, IN_PYTHON)
"""These need more than a toolchain."""
TRIED = [page for page in PAGES if blocks(page, "console") and page not in ELSEWHERE]


@pytest.mark.cargo
@pytest.mark.parametrize("page", TRIED, ids=lambda page: page.name)
def test_console_examples_print_what_is_shown(
    page: Path, tmp_path: Path, build_cache: Path, forks: ForkServer
) -> None:
    check_examples(page, tmp_path, forks, {"FLUVIO_TUI_CACHE": str(build_cache)})


def test_examples_in_javascript_print_what_is_shown(
    javascript: Path, tmp_path: Path, forks: ForkServer
) -> None:
    check_examples(IN_JAVASCRIPT, tmp_path, forks, {"FLUVIO_TUI_CACHE": str(javascript)})


def test_examples_in_python_print_what_is_shown(python: Path, tmp_path: Path, forks: ForkServer) -> None:
    check_examples(IN_PYTHON, tmp_path, forks, {"FLUVIO_TUI_CACHE": str(python)})


@pytest.mark.cargo
def test_examples_on_a_fluvio_cluster_print_what_is_shown(
    fluvio: FluvioCluster, tmp_path: Path, build_cache: Path, forks: ForkServer
) -> None:
    with connected(fluvio) as broker:
        for topic in broker.topics.list():
            broker.topics.delete(topic.name)
        for name in broker.modules.names():
            broker.modules.remove(name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/fluvio").write_text(f'#!/bin/sh\nHOME={fluvio.home} exec {program("fluvio")} "$@"\n')
    (tmp_path / "bin/fluvio").chmod(0o700)
    more = {"FLUVIO_TUI_BROKER": fluvio.address, "FLUVIO_TUI_CACHE": str(build_cache)}
    check_examples(ON_A_CLUSTER, tmp_path, forks, more)


def test_examples_on_a_kafka_cluster_print_what_is_shown(
    kafka: KafkaCluster, tmp_path: Path, forks: ForkServer
) -> None:
    OnKafka(kafka).close()
    check_examples(ON_KAFKA, tmp_path, forks, {"FLUVIO_TUI_BROKER": f"kafka://{kafka.bootstrap}"})


def check_examples(page: Path, folder: Path, forks: ForkServer, more: dict[str, str]) -> None:
    """Run what a page shows in a folder, with more of an environment."""
    own = folder / "bin/fluvio-tui"
    own.parent.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PATH": f"{own.parent}:{os.environ['PATH']}",
        "FLUVIO_TUI_DATA": str(folder / "data"),
        **more,
    }
    with forks.command(own):
        for command, shown in steps(page):
            if command.endswith((".rs", ".js", ".py")) and " " not in command:
                (folder / command).write_text(shown)
                continue
            ran = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=90,
            )
            assert without_times(ran.stdout) == without_times(shown), command
            assert ran.returncode == 0, command


def without_times(text: str) -> str:
    text = re.sub(r" +[\d.]+ [µm]s  ", " …  ", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "…", text)
    text = re.sub(r"\d+\.\d kB", "… kB", text)
    return re.sub(r"\d+\.\d s$", "… s", text, flags=re.MULTILINE)


def test_the_pages_that_teach_have_examples_that_run() -> None:
    assert {"README.md", "tutorial.md", "guide.md"} <= {page.name for page in TRIED}


def test_the_example_is_the_announced_one() -> None:
    (source,) = blocks(ROOT / "README.md", "rust")
    assert source == (ROOT / "filters/examples/has_number.rs").read_text()


@every_page
def test_links_lead_to_files_and_headings(page: Path) -> None:
    missing = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith("https://"):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (heading and heading not in headings(target)):
            missing.append(link)
    assert missing == []


def test_the_site_has_every_page() -> None:
    """`make site` checks links and anchors."""
    named = re.findall(r"^ +- (?:[\w ]+: )?(\S+\.md)$", (ROOT / "site/mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted([*(str(page.relative_to(ROOT)) for page in PAGES), "CHANGELOG.md"])


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_the_index_lists_every_page() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)", (DOCS / "README.md").read_text()))
    assert listed == {page.name for page in DOCS.glob("*.md")} - {"README.md"}


def test_each_statement_on_security_names_tests_that_exist() -> None:
    page = (DOCS / "security.md").read_text()
    statements = re.findall(r"^- .*?(?=^- |^$)", page, re.MULTILINE | re.DOTALL)
    assert len(statements) > 20
    for statement in statements:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", statement)
        assert named, statement
        for path, test in named:
            assert re.search(rf"^ *def {test}\(", (ROOT / path).read_text(), re.MULTILINE), test


@every_page
def test_commands_shown_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for block in blocks(page, "sh"):
        for target in re.findall(r"^make ([\w-]+)", block, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        for words in examples(re.sub(r" +#.*| \\\n| >.*", "", block)):
            parse(words)


def test_commands_for_those_of_others_exist() -> None:
    page = (DOCS / "coming-from-other-tools.md").read_text().partition("## kaskade")[0]
    cells = [re.split(r"(?<!\\)\|", row)[2] for row in re.findall(r"^\| `.*$", page, re.MULTILINE)]
    named = [words for cell in cells for words in re.findall(r"`([^`]+)`", cell)]
    assert len(named) > 40
    for words in (shlex.split(text) for text in named):
        if words[0].startswith("-"):
            words = ["consume", "T", *words]
        # A word alone names a command.
        if words[0].isalpha() and len(words) > 1:
            parse(words)


def test_the_readme_fits_a_screen() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80


@pytest.mark.parametrize(
    "starts", [r"\b(Thread|Timer|ThreadPoolExecutor)\(", r"threading\.(Lock|RLock|Condition)\("]
)
def test_the_architecture_lists_every_thread_and_lock(starts: str) -> None:
    page = (DOCS / "architecture.md").read_text()
    files = [path for room in ("engine", "tui") for path in (ROOT / room).rglob("*.py")]
    found = [str(path.relative_to(ROOT)) for path in files if re.search(starts, path.read_text())]
    assert found
    assert [path for path in found if f"`{path}`" not in page] == []


def test_files_named_in_the_pages_exist() -> None:
    pattern = re.compile(r"`((?:engine|tui|filters|tests|docs)/[\w/.-]*)`")
    missing = {
        f"{page.name}: {path}"
        for page in PAGES
        for path in pattern.findall(page.read_text())
        if not (ROOT / path).exists() and "NAME" not in path
    }
    assert missing == set()


def test_the_map_names_every_folder_of_code() -> None:
    rows = re.findall(
        r"^\| `((?:engine|tui)/[\w/]*)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE
    )
    folders = {
        f"{path.parent.relative_to(ROOT)}/"
        for room in ("engine", "tui")
        for path in (ROOT / room).rglob("*.py")
    }
    assert sorted(set(rows)) == sorted(folders)
    assert len(rows) == len(set(rows))
