"""Which broker a command works with, from the config file, the environment and the command line."""

import json
from pathlib import Path

import click
import pytest

from engine.broker.address import without_secrets
from engine.errors import BrokerError
from tests.engine.runtime.wat_guests import by_hand
from tests.tui.cli.conftest import InProcess, Program
from tui.cli.broker_choice import BrokerChoice, Password, Typed, broker_choice, choose_broker
from tui.cli.data_folder import choose_data_folder
from tui.cli.options.completion.names import brokers, topics
from tui.cli.options.data import data_option
from tui.cli.password import password_of

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(path))
    monkeypatch.delenv("FLUVIO_TUI_BROKER", raising=False)
    monkeypatch.delenv("FLUVIO_TUI_BROKER_CONFIG", raising=False)
    path.write_text(
        'broker = "staging"\n'
        '[brokers.staging]\nurl = "kafka://s1"\nconfig = "staging.properties"\ncolor = "orange"\n'
        '[brokers.staging.options]\n"a" = "profile"\n'
        '[brokers.production]\nurl = "kafka://p1"\nread-only = true\n'
    )
    (path.parent / "staging.properties").write_text("a=file of the profile\nb=file of the profile\n")
    return path


def chosen(*line: str) -> BrokerChoice:
    """The choice of a command with these options, some before a subcommand as usual."""
    found: list[BrokerChoice] = []

    @click.group()
    @data_option(root=True)
    def root() -> None:
        pass

    @root.command()
    @data_option()
    def command() -> None:
        found.append(broker_choice())

    root.main(list(line), standalone_mode=False)
    return found[0]


def test_the_default_is_that_of_the_config_file(config: Path) -> None:
    choice = chosen("command")
    assert (choice.address.name, choice.color, choice.read_only) == ("staging", "orange", False)
    assert dict(choice.address.options) == {"a": "profile", "b": "file of the profile"}
    config.unlink()
    assert chosen("command").address.scheme == "embedded"


def test_the_environment_wins_over_the_config_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUVIO_TUI_BROKER", "production")
    choice = chosen("command")
    assert (choice.address.name, choice.read_only) == ("production", True)


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUVIO_TUI_BROKER", "production")
    assert chosen("--broker", "staging", "command").address.name == "staging"
    assert chosen("command", "--broker", "staging").address.name == "staging"
    last = chosen("--broker", "staging", "command", "--broker", "kafka://h1")
    assert last.address.name == "kafka://h1:9092"
    assert chosen("--broker", "embedded", "command").address.scheme == "embedded"


def test_options_of_a_file_and_of_the_line_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, other = tmp_path / "one.properties", tmp_path / "other.properties"
    file.write_text("b=environment\nc=environment\n")
    other.write_text("c=option\n")
    monkeypatch.setenv("FLUVIO_TUI_BROKER_CONFIG", str(file))
    assert dict(chosen("command").address.options) == {"a": "profile", "b": "environment", "c": "environment"}
    line = ["-X", "b=1", "command", "--broker-config", str(other), "-X", "b=2", "-X", "d=3"]
    found = chosen(*line).address
    assert dict(found.options) == {"a": "profile", "b": "2", "c": "option", "d": "3"}
    assert found.config_file == other


def test_a_config_file_that_is_broken_does_not_lead_to_another_broker(config: Path, here: InProcess) -> None:
    config.write_text('broker = "staging')
    outcome = here.run("topic", "list")
    assert outcome.status == 1
    assert "is not TOML" in outcome.err
    assert here.ok("topic", "list", "--broker", "embedded").out.startswith(b"no topics yet")
    config.write_text("[window")
    here.ok("topic", "list")


def test_options_without_a_cluster_are_refused(here: InProcess) -> None:
    outcome = here.run("topic", "list", "--broker", "embedded", "-X", "a=b")
    assert outcome.status == 2
    assert "-X needs a cluster" in outcome.err


def test_a_secret_on_the_command_line_is_warned_of() -> None:
    (warning,) = chosen("command", "-X", f"sasl.password={SECRET}").warnings
    assert "sasl.password" in warning
    assert SECRET not in warning


@pytest.mark.parametrize(
    ("argument", "logged"),
    [
        (f"sasl.password={SECRET}", "sasl.password=***"),
        (f"-Xssl.key.password={SECRET}", "-Xssl.key.password=***"),
        (f"kafka://me:{SECRET}@h1:9092", "kafka://***@h1:9092"),
        (f"--broker=fluvio:me:{SECRET}@h1", "--broker=fluvio:***@h1"),
        (f"me:{SECRET}@h1", "me:***@h1"),
        ("security.protocol=SASL_SSL", "security.protocol=SASL_SSL"),
        ("me@example.org", "me@example.org"),
    ],
)
def test_a_log_has_no_secret_of_the_arguments(argument: str, logged: str) -> None:
    assert without_secrets(argument) == logged


def test_the_password_of_a_profile() -> None:
    assert password_of("x", Password(command=f"echo {SECRET}; echo more", variable="")) == SECRET
    with pytest.raises(BrokerError, match="ended with status 3") as refused:
        password_of("x", Password(command=f"echo {SECRET}; exit 3", variable=""))
    assert SECRET not in f"{refused.value} {refused.value.remedy}"
    with pytest.raises(BrokerError, match="printed nothing"):
        password_of("x", Password(command="true", variable=""))
    with pytest.raises(BrokerError, match="is missing") as missing:
        password_of("x", Password(command="", variable="NO_SUCH_VARIABLE_HERE"))
    assert "NO_SUCH_VARIABLE_HERE" in missing.value.remedy


def test_config_shows_brokers_without_secrets(here: InProcess, config: Path) -> None:
    config.write_text(
        f'broker = "x"\n[brokers.x]\nurl = "kafka://h1"\npassword-command = "echo {SECRET}"\n'
        f'[brokers.x.options]\n"sasl.password" = "{SECRET}"\n'
    )
    outcome = here.ok("config", "-O", "json", "-X", f"ssl.key.password={SECRET}")
    found = {one["name"]: (one["value"], one["from"]) for one in json.loads(outcome.out)["settings"]}
    assert found["broker"] == ("x", "config file")
    assert found["brokers.x.url"] == ("kafka://h1", "config file")
    assert found["brokers.x.password-command"] == ("***", "config file")
    assert found["brokers.x.options.sasl.password"] == ("***", "config file")
    assert found["broker.ssl.key.password"] == ("***", "option")
    assert SECRET not in outcome.out.decode() + outcome.err
    assert here.run("config", "--broker", "y", "-O", "json").status == 0


def test_nothing_that_is_written_holds_a_secret(
    program: Program, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file that the program leaves, and all that it prints, after commands that fail in many ways."""
    config.write_text(
        f'[brokers.x]\nurl = "kafka://127.0.0.1:1"\npassword-command = "echo {SECRET}"\n'
        f'[brokers.x.options]\n"sasl.password" = "{SECRET}"\n"security.protocol" = "SASL_PLAINTEXT"\n'
    )
    written = program.cwd / "options"
    written.write_text(f"{SECRET}\n")
    monkeypatch.setenv("FLUVIO_TUI_DEBUG", "1")
    said = ""
    for line in (
        ["--broker", "x", "topic", "list"],
        ["--broker", f"kafka://me:{SECRET}@127.0.0.1:1", "topic", "list"],
        ["--broker", f"me:{SECRET}@h1", "topic", "list"],
        ["--broker", "kafka://127.0.0.1:1", "-X", f"sasl.password={SECRET}", "consume", "logs"],
        ["--broker", "x", "-X", SECRET, "topic", "list"],
        ["--broker", "x", f"-X{SECRET}", "topic", "list"],
        ["--broker", "x", "--broker-config", str(written), "topic", "list"],
        ["--broker", "x", "config"],
    ):
        outcome = program.run("--log", "debug.log", *line)
        said += outcome.out.decode() + outcome.err
    assert "fluvio-tui: " in said
    assert SECRET not in said
    program.topic("logs", b"a")
    for path in program.cwd.rglob("*"):
        if path.is_file() and path not in (written, config):
            assert SECRET.encode() not in path.read_bytes(), path
    assert "topic" in (program.cwd / "debug.log").read_text()


def test_a_read_only_broker_is_not_changed_by_any_command(here: InProcess, config: Path) -> None:
    here.ok("topic", "create", "logs", "--broker", "embedded")
    config.write_text('broker = "archive"\n[brokers.archive]\nurl = "embedded"\nread-only = true\n')
    (config.parent / "sf1.wasm").write_bytes(by_hand("digit.wat"))
    assert b"logs" in here.ok("topic", "list").out
    for line in (
        ["topic", "create", "other"],
        ["topic", "delete", "logs"],
        ["produce", "logs", str(config)],
        ["consume", "logs", "-B", "-d", "-c", "c1"],
        ["consumer", "delete", "c1"],
        ["smartstream", "add", "sf1", "--file", str(config.parent / "sf1.wasm")],
        ["smartstream", "remove", "sf1"],
    ):
        outcome = here.run(*line)
        assert outcome.status == 1, line
        assert "broker 'archive' is read-only" in outcome.err, line
    assert here.ok("topic", "list", "--broker", "embedded", "-O", "json").out.count(b'"name"') == 1


def test_a_cluster_is_not_repaired_from_here(here: InProcess) -> None:
    outcome = here.run("topic", "check", "--repair", "--broker", "staging")
    assert outcome.status == 1
    assert "staging cannot be repaired from here" in outcome.err


def test_names_of_a_data_folder_are_not_those_of_a_cluster(program: Program) -> None:
    program.topic("logs", b"a")
    found = program.run("--broker", "embedded", "topic", "list").out
    assert b"logs" in found
    with click.Context(click.Command("consume")) as ctx:
        choose_data_folder(ctx, click.Option(["--data"]), program.data)
        assert topics(ctx, click.Argument(["topic"]), "") == []
    with click.Context(click.Command("consume")) as ctx:
        choose_data_folder(ctx, click.Option(["--data"]), program.data)
        choose_broker(ctx, click.Option(["--broker"]), "embedded")
        assert topics(ctx, click.Argument(["topic"]), "") == ["logs"]
    assert brokers(ctx, click.Option(["--broker"]), "s") == ["staging"]


def test_served_dashboards_have_the_same_broker() -> None:
    found: list[dict[str, str]] = []

    @click.command()
    @data_option(root=True)
    def serve() -> None:
        found.append(Typed.of(click.get_current_context()).variables())

    serve.main(["--broker", "production", "--broker-config", "a.properties"], standalone_mode=False)
    assert found == [
        {"FLUVIO_TUI_BROKER": "production", "FLUVIO_TUI_BROKER_CONFIG": str(Path("a.properties").absolute())}
    ]
    with pytest.raises(click.UsageError, match="-X cannot be passed on"):
        serve.main(["-X", "a=b"], standalone_mode=False)
