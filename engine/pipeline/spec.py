"""What a pipeline does, as a user describes it: in a file, by options, or both."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from engine.broker.broker import Broker
from engine.consumer.chain_file import ChainFileError, load_document, steps_in
from engine.consumer.step import Step, chain_name
from engine.errors import BrokerError, InputError, did_you_mean
from engine.schemas.names import Column, DecoderName, parse_decoder
from engine.units import InvalidValueError


class PipelineError(InputError, code="invalid-pipeline"):
    """The description of a pipeline cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineDescription:
    """What was described so far; None, or nothing, for what was not."""

    name: str | None = None
    source: str | None = None
    target: str | None = None
    dead_letter: str | None = None
    exactly_once: bool = False
    skip_existing: bool = False
    decode: tuple[tuple[Column, DecoderName], ...] = ()
    steps: tuple[Step, ...] = ()

    def over(self, other: "PipelineDescription") -> "PipelineDescription":
        """This, and what only `other` describes."""
        names = [field.name for field in fields(self)]
        return PipelineDescription(**{name: getattr(self, name) or getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSpec:
    """A whole description."""

    name: str
    """That of the consumer that reads the source."""
    source: str
    """The topic to read."""
    target: str
    """The topic that gets the outputs."""
    dead_letter: str | None
    """The topic that gets the records that a step fails on; without one they are left out."""
    exactly_once: bool
    """Whether outputs and positions are saved in one transaction."""
    skip_existing: bool
    """Whether to start at the end of the source, where no position is saved."""
    decode: tuple[tuple[Column, DecoderName], ...] = ()
    """What is turned into JSON before the steps see it, and how."""
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, described: PipelineDescription) -> "PipelineSpec":
        """`PipelineError` if something is missing or contradicts itself."""
        source, target = described.source, described.target
        if source is None or target is None:
            missing = "to read" if source is None else "to write to"
            remedy = (
                "run it with --from TOPIC, or add 'from: TOPIC' to its file"
                if source is None
                else "run it with --to TOPIC, or add 'to: TOPIC' to its file"
            )
            raise PipelineError(f"no topic {missing}", remedy)
        topics = [topic for topic in (source, target, described.dead_letter) if topic is not None]
        for topic in topics:
            if topics.count(topic) > 1:
                raise PipelineError(
                    f"topic '{topic}' is named twice", "read from one topic and write to others"
                )
        if described.decode and not described.steps:
            raise PipelineError(
                "decode needs a SmartStream", "add one: without any, records are copied as they are"
            )
        return cls(
            name=described.name or f"{source}-to-{target}",
            source=source,
            target=target,
            dead_letter=described.dead_letter,
            exactly_once=described.exactly_once,
            skip_existing=described.skip_existing,
            decode=described.decode,
            steps=described.steps,
        )

    @property
    def route(self) -> str:
        """From where to where, through which steps, and whether exactly once."""
        through = f" through {chain_name(self.steps)}" if self.steps else ""
        once = ", exactly once" if self.exactly_once else ""
        return f"from {self.source}{through} to {self.target}{once}"

    def check(self, broker: Broker) -> None:
        """`BrokerError` if a broker cannot do what is described."""
        if self.exactly_once and not broker.features.transactions:
            raise BrokerError(f"{broker.name} has no transactions", "run without --exactly-once")
        if self.dead_letter is not None and not broker.features.headers:
            raise BrokerError(
                f"{broker.name} keeps no headers, which have the reasons of dead letters",
                "run without --dead-letter: records that fail are counted",
            )


_KEYS: dict[str, tuple[str, type]] = {
    "name": ("name", str),
    "from": ("source", str),
    "to": ("target", str),
    "dead-letter": ("dead_letter", str),
    "exactly-once": ("exactly_once", bool),
    "skip-existing": ("skip_existing", bool),
}
"""The keys of a file beside `transforms` and `decode`: what they set, and of which type."""


def read_pipeline_file(path: Path) -> PipelineDescription:
    """What a file describes, YAML or TOML by its suffix; `ChainFileError` or `PipelineError`.

    It is a transforms file with more keys. Files that it names are relative to its folder.
    """
    document = load_document(path)
    if not isinstance(document, dict):
        raise ChainFileError(f"{path} does not describe a pipeline", "begin it with 'from: TOPIC'")
    found: dict[str, Any] = {}
    for key, value in document.items():
        if key == "transforms":
            continue
        if key == "decode":
            found["decode"] = _decode(value, path)
            continue
        if key not in _KEYS:
            raise PipelineError(
                f"{path}: unknown key '{key}'", did_you_mean(str(key), [*_KEYS, "decode", "transforms"])
            )
        name, wanted = _KEYS[key]
        if not isinstance(value, wanted) or value == "":
            what = "text" if wanted is str else "true or false"
            raise PipelineError(f"{path}: {key} is not {what}: {value}")
        found[name] = value
    return PipelineDescription(**found, steps=steps_in(document, path) if "transforms" in document else ())


def _decode(found: object, path: Path) -> tuple[tuple[Column, DecoderName], ...]:
    """How keys and values are decoded; `PipelineError`."""
    columns = get_args(Column)
    if not isinstance(found, dict) or not found or not found.keys() <= {*columns}:
        raise PipelineError(f"{path}: decode is not a mapping of key and value", "write it as {value: avro}")
    decoders = []
    for column in columns:
        if column not in found:
            continue
        try:
            name = parse_decoder(str(found[column]))
        except InvalidValueError as error:
            raise PipelineError(f"{path}: decode: {error}") from error
        file = None if name.file is None else path.parent / name.file
        decoders.append((column, replace(name, file=file)))
    return tuple(decoders)
