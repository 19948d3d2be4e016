"""`--decode` and `--schema-registry`: what stored bytes are turned into before anything sees them."""

from __future__ import annotations

from typing import TypedDict

import click

from engine.schemas.names import Column, DecoderName, parse_decode
from engine.schemas.registry_address import parse_registry
from tui.cli.options.grouping import option_group
from tui.cli.options.quantities import Quantity

REGISTRY_VARIABLE = "FLUVIO_TUI_SCHEMA_REGISTRY"


class DecodeOptions(TypedDict):
    """What was typed."""

    decode: tuple[tuple[Column, DecoderName], ...]
    schema_registry: str | None


registry_option = click.option(
    "--schema-registry",
    type=Quantity("url", parse_registry),
    envvar=REGISTRY_VARIABLE,
    metavar="URL",
    help="Where the schemas are that keys and values name by an id (environment: "
    f"{REGISTRY_VARIABLE}).  [default: registry of the broker's profile]",
)

decode_options = option_group(
    click.option(
        "--decode",
        type=Quantity("decoder", parse_decode),
        multiple=True,
        metavar="value=DECODER",
        help="Turn values (or keys: key=DECODER) into JSON: avro or json-schema by a schema registry, "
        "avro:FILE.avsc, or protobuf:FILE.desc:MESSAGE. What cannot be decoded stays as it is.",
    ),
    registry_option,
)
