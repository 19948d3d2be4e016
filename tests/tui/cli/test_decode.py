"""`--decode`: what commands make of Avro and Protobuf."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from tests.engine.runtime.wat_guests import by_hand
from tests.engine.schemas.orders import ORDER, encoded, order, order_json
from tests.reading import values
from tests.registry import RegistryServer, framed, registry_server
from tests.tui.cli.conftest import InProcess, Program


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with registry_server() as server:
        server.add(ORDER)
        yield server


def stored(number: int) -> bytes:
    return framed(1, encoded(ORDER, order(number)))


AVRO = ("--decode", "value=avro", "--schema-registry")


def test_consume_prints_json_and_counts_what_is_something_else(
    program: Program, here: InProcess, server: RegistryServer
) -> None:
    program.topic("orders", stored(1), b"other", stored(2))
    outcome = here.ok("consume", "orders", "-B", "-d", *AVRO, server.url)
    assert outcome.out == b"\n".join([order_json(1), b"other", order_json(2)]) + b"\n"
    reason = "it does not begin with the id of a schema"
    assert outcome.err == f"fluvio-tui: orders: not decoded, and left as stored: 1; the last: {reason}\n"
    cut = here.ok("consume", "orders", "-B", "-d", "-F", "{{value.customer.city}}", *AVRO, server.url)
    assert cut.out.decode().splitlines()[0] == "Köln"


def test_the_environment_and_a_profile_name_the_registry(
    program: Program, here: InProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program.topic("orders", stored(1))
    decode = ("consume", "orders", "-B", "-d", "--decode", "value=avro")
    with registry_server("ann", "s3cret") as server:
        server.add(ORDER)
        config = tmp_path / "config.toml"
        config.write_text(
            f'broker = "here"\n[brokers.here]\nurl = "embedded"\nregistry = "{server.url}"\n'
            'registry-user = "ann"\nregistry-password-command = "echo s3cret"\n'
        )
        monkeypatch.setenv("FLUVIO_TUI_SCHEMA_REGISTRY", server.url)
        refused = here.run(*decode)
        assert refused.status == 1
        assert "refuses requests without a user" in refused.err
        monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(config))
        assert here.ok(*decode).out == order_json(1) + b"\n"
        monkeypatch.delenv("FLUVIO_TUI_SCHEMA_REGISTRY")
        assert here.ok(*decode).out == order_json(1) + b"\n"
        shown = here.ok("config").out.decode()
        assert f"brokers.here.registry " in shown and server.url in shown  # noqa: F541
        assert "s3cret" not in shown
        checked = here.run("doctor").out.decode()
        assert "broker: registry" in checked and "AVRO" in checked
        # What is not decoded needs no password.
        config.write_text(config.read_text().replace("echo s3cret", "exit 1"))
        here.ok("consume", "orders", "-B", "-d")
        config.write_text(config.read_text().replace("exit 1", "echo wr0ng"))
        outcome = here.run(*decode)
        assert outcome.status == 1
        assert outcome.err.startswith(f"fluvio-tui: the schema registry {server.url} refuses ann")
        assert "wr0ng" not in outcome.err
        assert "FAILED" in here.run("doctor").out.decode()
        # The password is for that registry alone.
        with registry_server() as other:
            other.add(ORDER)
            here.ok(*decode, "--schema-registry", other.url)
            assert not any(other.authorizations)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("value=avro",), "avro needs a schema registry"),
        (("value=avor",), "unknown decoder 'avor': did you mean 'avro'?"),
        (("value=avro", "--schema-registry", "h:8081"), "invalid schema registry 'h:8081'"),
        (("value=avro", "--schema-registry", "http://a:b@h"), "must not hold a user or password"),
        (
            ("value=avro", "--schema-registry", "http://127.0.0.1:1"),
            "127.0.0.1:1 does not answer: Connection",
        ),
        (("value=avro:no.avsc",), "cannot read the schema no.avsc: No such file"),
        (("value=protobuf:no.desc:M",), "cannot read the descriptor set no.desc: No such file"),
    ],
)
def test_mistakes_are_named(
    program: Program, here: InProcess, arguments: tuple[str, ...], words: str
) -> None:
    program.topic("orders", stored(1))
    outcome = here.run("consume", "orders", "-B", "-d", "--decode", *arguments)
    assert outcome.status in (1, 2)
    assert words in outcome.err
    assert outcome.out == b""


def test_a_library_that_is_missing_is_named_with_what_installs_it(
    program: Program, here: InProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fastavro", None)
    (tmp_path / "order.avsc").write_text(json.dumps(ORDER))
    program.topic("orders", stored(1))
    outcome = here.run("consume", "orders", "-d", "--decode", f"value=avro:{tmp_path / 'order.avsc'}")
    assert "fastavro, which reads Avro, is not installed" in outcome.err
    assert "pip install 'fluvio-tui[schemas]'" in outcome.err


@pytest.fixture
def digits(program: Program) -> Path:
    """A filter that passes what has a digit."""
    (program.cwd / "digits.wasm").write_bytes(by_hand("digit.wat"))
    (program.cwd / "answer.avsc").write_text(json.dumps(ANSWER))
    return program.cwd


ANSWER = ["int", "boolean"]


def test_a_pipeline_evaluates_json_and_a_filter_passes_what_is_stored(
    program: Program, here: InProcess, digits: Path
) -> None:
    program.topic("answers", encoded(ANSWER, 3), encoded(ANSWER, True), b"7")
    pipeline = ("run", "--from", "answers", "--to", "passed", "--create", "--to-end")
    decode = ("--decode", f"value=avro:{digits / 'answer.avsc'}")
    outcome = here.ok(*pipeline, *decode, "--module", digits / "digits.wasm")
    assert (
        "answers: not decoded, and left as stored: 1; the last: it is not what its Avro schema says"
        in outcome.err
    )
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        assert values(broker, "passed") == [encoded(ANSWER, 3), b"7"]
    copied = here.run(*pipeline, *decode)
    assert "decode needs a SmartStream" in copied.err


def test_a_pipeline_file_says_how_its_source_is_decoded(
    program: Program, here: InProcess, digits: Path
) -> None:
    program.topic("answers", encoded(ANSWER, 3), encoded(ANSWER, True))
    file = digits / "p.yaml"
    file.write_text(
        "from: answers\nto: passed\ndecode: {value: avro:answer.avsc}\ntransforms: [{module: digits.wasm}]\n"
    )
    outcome = here.ok("run", file, "--create", "--to-end")
    assert "2 records, 1 written, 1 dropped" in outcome.err
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        assert values(broker, "passed") == [encoded(ANSWER, 3)]


def test_eval_decodes_records_of_json_lines(program: Program, digits: Path) -> None:
    lines = [
        json.dumps({"value_base64": base64.b64encode(encoded(ANSWER, one)).decode()}) for one in (5, True)
    ]
    decode = ("eval", "--json", "--module", "digits.wasm", "--decode", "value=avro:answer.avsc")
    outcome = program.run(*decode, stdin="\n".join(lines).encode())
    assert (outcome.status, outcome.out) == (0, b"5\n"), outcome.err
