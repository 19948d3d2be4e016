"""The options that describe a chain: its steps in the order in which they were typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from engine.builds.languages import SOURCE
from engine.runtime.config import LookBack
from engine.units import InvalidValueError, parse_duration
from tui.cli.options.completion import names, paths
from tui.cli.options.grouping import option_group
from tui.cli.options.input_files import check_filter, check_readable
from tui.cli.options.quantities import Quantity

if TYPE_CHECKING:
    from engine.consumer.step import Step

_Command = TypeVar("_Command", bound=Callable[..., object])
_ORDER = f"{__name__}.order"
_SOURCES = ("inline", "use", "module", "where")
_SETTINGS = ("params", "aggregate_initial", "look_back")
_CHAINS = ("transforms_file", "transforms_line")


class StepOptions(TypedDict):
    """What was typed, by option; `steps` puts it in order."""

    inline: tuple[str, ...]
    use: tuple[str, ...]
    module: tuple[str, ...]
    where: tuple[str, ...]
    params: tuple[tuple[str, str], ...]
    aggregate_initial: tuple[str, ...]
    look_back: tuple[LookBack, ...]
    transforms_file: str | None
    transforms_line: tuple[str, ...]


class StepsCommand(click.Command):
    """Remembers the order of options, which click itself keeps for each option alone."""

    def make_parser(self, ctx: click.Context) -> Any:
        parser = super().make_parser(ctx)
        parse = parser.parse_args

        def parse_and_remember(args: list[str]) -> Any:
            values, rest, order = parse(args)
            ctx.meta[_ORDER] = [parameter.name for parameter in order]
            return values, rest, order

        parser.parse_args = parse_and_remember  # type: ignore[method-assign]
        return parser


def _look_back(text: str) -> LookBack:
    last: int | None = None
    age: int | None = None
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name == "last" and value.isdecimal():
            last = int(value)
        elif name == "age":
            age = round(parse_duration(value) * 1000)
        else:
            raise InvalidValueError(
                f"invalid look-back '{text}': use last=N, age=TIME or both, e.g. last=10,age=1h"
            )
    return LookBack(last=last, age_ms=age)


def parameter(text: str) -> tuple[str, str]:
    """The name and the value in `name=value`; `InvalidValueError`."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InvalidValueError(f"invalid parameter '{text}': use name=value")
    return name, value


def param_option(about: str) -> Callable[[_Command], _Command]:
    """`-e NAME=VALUE`, whose help is `about`."""
    return click.option(
        "-e",
        "--param",
        "params",
        multiple=True,
        type=Quantity("parameter", parameter),
        metavar="NAME=VALUE",
        help=about,
    )


def setting_options(step: str) -> Callable[[_Command], _Command]:
    """What a step runs with; `step` says in the help which one."""
    return option_group(
        param_option(f"A parameter of {step}; repeatable."),
        click.option(
            "--aggregate-initial",
            multiple=True,
            metavar="TEXT",
            help=f"The first accumulator of {step}, if it is an aggregate.  [default: nothing]",
        ),
        click.option(
            "--look-back",
            multiple=True,
            type=Quantity("look-back", _look_back),
            metavar="last=N,age=TIME",
            help=f"The look-back of {step}: the last N records, those of the last TIME, or both.",
        ),
    )


step_options = option_group(
    click.option(
        "--inline",
        "--inline-filter",
        "inline",
        multiple=True,
        metavar=SOURCE,
        shell_complete=paths.sources,
        help="A step: the SmartStream in this source file. Steps are applied in the order given.",
    ),
    click.option(
        "--use",
        "--use-filter",
        "use",
        multiple=True,
        metavar="NAME",
        shell_complete=names.smartstreams,
        help="A step: this stored SmartStream.",
    ),
    click.option(
        "--module",
        multiple=True,
        metavar="FILE.wasm",
        shell_complete=paths.modules,
        help="A step: the module in this file.",
    ),
    click.option(
        "--where",
        multiple=True,
        metavar="EXPRESSION",
        help="A step: this condition in Rust, as 'eval' takes it, e.g. 'record.json(\"ms\") > 250'.",
    ),
    setting_options("the step before it, or of the first one"),
    click.option(
        "--transforms-file",
        "-t",
        "transforms_file",
        metavar="FILE.yaml",
        shell_complete=paths.files,
        help="The steps, from a transforms file as Fluvio reads it.",
    ),
    click.option(
        "--transforms-line",
        multiple=True,
        metavar="JSON",
        help='A step as a JSON object, e.g. {"uses": "sf1"}; repeatable.',
    ),
)


def order_typed(ctx: click.Context) -> tuple[str, ...]:
    """The names of the options of a `StepsCommand`, in the order in which they were typed."""
    return tuple(ctx.meta.get(_ORDER, ()))


def steps(ctx: click.Context, typed: StepOptions, first: Sequence[Step] = ()) -> tuple[Step, ...]:
    """The steps that were typed, after the `first` ones; `UsageError`, `Failure` or `ChainFileError`."""
    order = [name for name in order_typed(ctx) if name in (*_SOURCES, *_SETTINGS, *_CHAINS)]
    _check_combination(set(order), begun=bool(first))
    if typed["transforms_file"] is not None or typed["transforms_line"]:
        return _described(typed)
    return _typed(first, order, {name: iter(typed[name]) for name in (*_SOURCES, *_SETTINGS)})  # type: ignore[literal-required]


def _check_combination(given: set[str], *, begun: bool) -> None:
    chains = [f"--{name.replace('_', '-')}" for name in _CHAINS if name in given]
    others = given - {*_CHAINS}
    if len(chains) > 1:
        raise click.UsageError(f"{' and '.join(chains)} cannot be used together")
    if chains and (others or begun):
        raise click.UsageError(
            f"{chains[0]} describes whole steps: it cannot be used with other steps or settings"
        )
    if others and not begun and not others & {*_SOURCES}:
        raise click.UsageError(
            "no step to apply this to: add --inline FILE, --use NAME, --module FILE or --where EXPRESSION"
        )


def _described(typed: StepOptions) -> tuple[Step, ...]:
    from engine.consumer.chain_file import parse_chain_line

    if typed["transforms_file"] is not None:
        return chain_in(typed["transforms_file"], may_be_empty=True)
    return tuple(map(parse_chain_line, typed["transforms_line"]))


def chain_in(file: str, *, may_be_empty: bool = False) -> tuple[Step, ...]:
    """The steps of a transforms file, whose own files exist; `Failure` or `ChainFileError`."""
    from engine.consumer.chain_file import ChainFileError, read_chain_file

    found = read_chain_file(check_readable(file, "transforms file"))
    if not found and not may_be_empty:
        raise ChainFileError(f"{file} has no steps", "begin each with '- uses: NAME'")
    check_step_files(found, file)
    return found


def check_step_files(steps: Sequence[Step], file: str) -> None:
    """`ChainFileError` if a file that a step of `file` names does not exist."""
    from engine.consumer.chain_file import ChainFileError
    from engine.consumer.step import StoredName

    for number, step in enumerate(steps, 1):
        if not isinstance(step.source, StoredName) and not step.source.path.is_file():
            raise ChainFileError(
                f"{file}, step {number}: no file {step.source.path}",
                "write its path relative to the folder of the transforms file",
            )


def _typed(first: Sequence[Step], order: Sequence[str], values: dict[str, Iterator[Any]]) -> tuple[Step, ...]:
    from engine.consumer.step import Step

    found = list(first)
    early: list[tuple[str, Any]] = []
    for name in order:
        value = next(values[name])
        if name in _SOURCES:
            found.append(Step(source=_source(name, value)))
        elif found:
            found[-1] = with_setting(found[-1], name, value)
        else:
            early.append((name, value))
    for name, value in early:
        found[0] = with_setting(found[0], name, value)
    return tuple(found)


def steps_named(word: str) -> tuple[Step, ...]:
    """The steps that a word names: a source or module in a file, a chain, or else an expression.

    `Failure`, `ChainFileError` or `BuildError`.
    """
    from engine.builds.languages import SUFFIXES, expression_file
    from engine.consumer.step import MODULE_SUFFIX, InlineFile, Step, file_source

    if word.endswith((".yaml", ".yml")):
        return chain_in(word)
    if word.endswith((*SUFFIXES, MODULE_SUFFIX)):
        return (Step(source=file_source(check_filter(word))),)
    return (Step(source=InlineFile(path=expression_file(word))),)


def _source(name: str, value: str) -> Any:
    from engine.builds.languages import expression_file
    from engine.consumer.step import InlineFile, ModuleFile, StoredName

    if name == "inline":
        return InlineFile(path=check_filter(value))
    if name == "where":
        return InlineFile(path=expression_file(value, condition=True))
    return StoredName(name=value) if name == "use" else ModuleFile(path=check_readable(value, "module"))


def with_setting(step: Step, name: str, value: Any) -> Step:
    """The step with what an option of that name sets."""
    if name == "params":
        return replace(step, params={**step.params, value[0]: value[1]})
    if name == "aggregate_initial":
        return replace(step, aggregate_initial=value.encode("utf-8", "surrogateescape"))
    return replace(step, look_back=value)
