"""Signing in to a cluster with the password of a profile, which is in nothing that is written."""

from pathlib import Path

import pytest

from tests.kafka_cluster import Cluster
from tests.tui.cli.conftest import Program

RIGHT, WRONG = "password", "hunter2-is-wrong"


@pytest.fixture
def profiles(kafka: Cluster, program: Program, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two profiles, of which one has a wrong password, and one that takes the password from a variable."""
    options = '"security.protocol" = "SASL_PLAINTEXT"\n"sasl.mechanism" = "PLAIN"\n"sasl.username" = "user"\n'
    passwords = {
        "right": f"password-command = \"printf '{RIGHT}\\\\nmore'\"",
        "wrong": f"password-command = 'echo {WRONG}'",
        "variable": 'password-env = "PASSWORD_OF_TEST"',
    }
    path = program.cwd / "config.toml"
    tables = (
        f'[brokers.{name}]\nurl = "kafka://{kafka.sasl_bootstrap}"\n{password}\n'
        f"[brokers.{name}.options]\n{options}"
        for name, password in passwords.items()
    )
    path.write_text("".join(tables))
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(path))
    monkeypatch.setenv("FLUVIO_TUI_DEBUG", "1")
    monkeypatch.setenv("PASSWORD_OF_TEST", RIGHT)
    return path


def test_a_profile_signs_in_with_its_password(program: Program, profiles: Path) -> None:
    said = ""
    for line in (
        ["topic", "create", "signed-in", "--broker", "right"],
        ["topic", "describe", "signed-in", "--broker", "variable"],
        ["doctor", "--broker", "variable"],
        ["topic", "list", "--broker", "wrong"],
        ["doctor", "--broker", "wrong"],
        ["watch", "signed-in", "--broker", "wrong"],
        ["config", "--broker", "right"],
    ):
        outcome = program.run("--log", "debug.log", *line)
        said += outcome.out.decode() + outcome.err
    assert "topic signed-in created" in said
    assert "LEADER" in said
    assert "metadata" in said
    assert "Invalid username or password" in said
    assert WRONG not in said
    for path in program.cwd.rglob("*"):
        if path.is_file() and path != profiles:
            assert WRONG.encode() not in path.read_bytes(), path
