"""Descriptions of pipelines: files, and options over them."""

from pathlib import Path

import pytest

from engine.consumer.chain_file import ChainFileError
from engine.consumer.step import InlineFile, Step, StoredName
from engine.errors import EngineError
from engine.pipeline.spec import PipelineDescription, PipelineError, PipelineSpec, read_pipeline_file
from engine.schemas.names import DecoderName, parse_decode

YAML = """\
name: big
from: orders
to: big-orders
dead-letter: failed-orders
exactly-once: true
decode: {value: "avro:big.avsc", key: avro}
transforms:
  - inline: sf1.rs
    with: {min: "3"}
  - uses: group/sf2@0.1.0
"""
TOML = """\
name = "big"
from = "orders"
to = "big-orders"
dead-letter = "failed-orders"
exactly-once = true
decode = {value = "avro:big.avsc", key = "avro"}

[[transforms]]
inline = "sf1.rs"
with = {min = "3"}

[[transforms]]
uses = "sf2"
"""


@pytest.mark.parametrize(("name", "text"), [("p.yaml", YAML), ("p.toml", TOML)])
def test_a_file_is_a_transforms_file_with_more_keys(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert PipelineSpec.of(read_pipeline_file(path)) == PipelineSpec(
        name="big",
        source="orders",
        target="big-orders",
        dead_letter="failed-orders",
        exactly_once=True,
        skip_existing=False,
        decode=(
            ("key", DecoderName(text="avro", kind="avro")),
            ("value", DecoderName(text="avro:big.avsc", kind="avro", file=tmp_path / "big.avsc")),
        ),
        steps=(
            Step(source=InlineFile(path=tmp_path / "sf1.rs"), params={"min": "3"}),
            Step(source=StoredName(name="sf2")),
        ),
    )


def test_options_go_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("from: a\nto: b\nskip-existing: true\n")
    typed = PipelineDescription(target="c", exactly_once=True)
    found = PipelineSpec.of(typed.over(read_pipeline_file(path)))
    assert (found.source, found.target, found.name) == ("a", "c", "a-to-c")
    assert found.exactly_once
    assert found.skip_existing
    assert found.steps == ()


def test_decoders_that_are_typed_go_before_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("from: a\nto: b\ndecode: {value: avro, key: avro}\ntransforms: [{uses: sf1}]\n")
    typed = PipelineDescription(decode=(parse_decode("value=json-schema"),))
    assert PipelineSpec.of(typed.over(read_pipeline_file(path))).decode == typed.decode
    with pytest.raises(PipelineError, match="decode needs a SmartStream"):
        PipelineSpec.of(PipelineDescription(source="a", target="b").over(typed))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "does not describe a pipeline"),
        ("from: a\ntarget: b\n", "unknown key 'target'"),
        ("from: 3\n", "from is not text: 3"),
        ("from: ''\n", "from is not text"),
        ("decode: avro\n", "decode is not a mapping of key and value"),
        ("decode: {}\n", "decode is not a mapping of key and value"),
        ("decode: {values: avro}\n", "decode is not a mapping of key and value"),
        ("decode: {value: avor}\n", "p.yaml: decode: unknown decoder 'avor': did you mean 'avro'?"),
        ("decode: {value: 3}\n", "unknown decoder '3'"),
        ("exactly-once: maybe\n", "exactly-once is not true or false: maybe"),
        ("transforms: 3\n", "transforms is not a list"),
        ("from: [\n", "is not YAML"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises((PipelineError, ChainFileError), match=message):
        read_pipeline_file(path)


def test_broken_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("from = \n")
    with pytest.raises(ChainFileError, match=r"p.toml is not TOML: .*line 1"):
        read_pipeline_file(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ChainFileError, match=r"p.toml is not TOML"):
        read_pipeline_file(path)


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (PipelineDescription(target="b"), "no topic to read"),
        (PipelineDescription(source="a"), "no topic to write to"),
        (PipelineDescription(source="a", target="a"), "'a' is named twice"),
        (PipelineDescription(source="a", target="b", dead_letter="b"), "'b' is named twice"),
    ],
)
def test_what_is_missing_or_named_twice(described: PipelineDescription, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        PipelineSpec.of(described)
