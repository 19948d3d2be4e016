"""The compiler's messages about a SmartStream, with what only we know."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.builds.diagnostic import Diagnostic
from engine.builds.rust.source import functions
from engine.records.faults import Location

_ONLY_ONE = re.compile(r"`OnlyOne(Kind|Init|LookBack)InAFile`")
"""The item that the guest SDK writes beside each function with an attribute."""
_NAMES = {"Kind": "kind", "Init": "init", "LookBack": "look_back"}
_RETURNS = {
    "Filter": "a filter returns `bool`",
    "Map": "a map returns a value or `(key, value)`",
    "FilterMap": "a filter_map returns an `Option` of a value or of `(key, value)`",
    "ArrayMap": "an array_map returns a `Vec` of values or of `(key, value)`",
    "Aggregate": "an aggregate returns its new value",
    "LookBack": "a look_back returns nothing",
}
"""By the type that the guest SDK has for the kind."""
_NOTES = {
    # The code of an error about what the compiler knows, but does not have yet.
    r"\bE0658$": (
        "your Rust, which `fluvio-tui doctor` names, does not have this; a newer one may: https://rustup.rs"
    ),
    r"(?:undeclared crate or module|unlinked crate|missing crate|can't find crate for) `(\w+)`": (
        'if `{0}` is a crate: let the file begin with the lines `---`, `dependencies.{0} = "*"` and `---`'
    ),
    # Something of Fluvio's SDK that ours does not have.
    r"(?:unresolved imports? .*|in )`(fluvio_smart(?:module|stream))(?:::|`)": (
        "`{}` has what SmartStreams need; this part of Fluvio's SDK is not supported"
    ),
    "is not supported in `trait`s or `impl`s": "a SmartStream is a function of its own, not one of an `impl`",
    "symbol `smartstream_": "there are two kinds in this file, and a file has one",
    r"`.+: (?:\w+::)*Argument<'_>` is not": "the record is `&Record`, or its value as `&[u8]` or `&str`",
    r"`.+: (?:\w+::)*Accumulator<'_>` is not": (
        "an aggregate's value is `&[u8]`, `&str`, `String`, `RecordData` or a number"
    ),
    **{
        rf"`.+: (?:\w+::)*(?:Answer|Outcome)<(?:\w+::)*{kind}>` is not": (
            f"{returns}, or a `Result` of it whose error has `Debug`"
        )
        for kind, returns in _RETURNS.items()
    },
    r"`.+: (?:\w+::)*InitArgument` is not": "an init takes `&Params` or `SmartModuleExtraParams`",
    r"`.+: (?:\w+::)*InitAnswer` is not": "an init returns a `Result` of settings, `Result<()>`, or nothing",
    "found .*NoInit`": (
        "the last argument is what the file's `init` returns, and it has none: "
        "write `#[smartstream(init)] fn init(params: &Params) -> Result<…>`"
    ),
    r"expected `Cow<'_, str>`, found `&(?:'static )?str`": (
        '`as_str()` of JSON has a `Cow`, which `.into()` makes of a text: `.unwrap_or("?".into())`'
    ),
    # In the source around an expression.
    r"`.+: Made` is not": "an expression is a condition, text, bytes, a number or JSON, or an `Option` of it",
    r"`.+: (?:\w+::)*(?:Value|Output)` is not": (
        "a value is text, bytes, a number, `bool` or `char`, and an output a value or `(key, value)`"
    ),
}
"""What to add to errors in which a pattern is found, with its group."""
_MISSING_FILE = re.compile(r'"([^"]+\.rs)"')
_SUMMARY = re.compile(r"aborting due to|For more information|Some errors have detailed|\d+ warnings? emitted")

Message = Mapping[str, Any]
"""A message of rustc in JSON."""
Original = Callable[[Path], Path | None]
"""Your file that the compiler knows under another name; None if it is not yours."""


def compiler_messages(messages: Iterable[Message]) -> list[Message]:
    """The messages of rustc, but for its summary."""
    return [message for message in messages if not _SUMMARY.match(message.get("message", ""))]


def read_diagnostics(messages: Iterable[Message], original: Original) -> tuple[Diagnostic, ...]:
    """The messages of rustc as diagnostics, errors first."""
    found = [_amend(_diagnostic(message, original), message) for message in messages]
    return tuple(sorted(found, key=lambda diagnostic: not diagnostic.is_error))


def mentioned_files(messages: Iterable[Message], original: Original) -> set[Path]:
    """Your files that rustc mentions, missing ones included."""
    named: set[str] = set()
    for message in messages:
        named.update(place["file_name"] for span in message["spans"] for place in _places(span))
        for child in message["children"]:
            named.update(_MISSING_FILE.findall(child["message"]))
    return set(filter(None, (original(Path(name)) for name in named)))


def no_kind(path: Path, text: str) -> Diagnostic:
    """The diagnostic for a file that compiles but has no SmartStream."""
    found = functions(text)
    message = (
        f"no SmartStream in {path.name}: write its kind above the function, e.g. `#[smartstream(filter)]`"
    )
    if found:
        message += ", " + " or ".join(f"`{name}` on line {line}" for name, line, _ in found[:3])
    line, column = found[0][1:] if found else (1, 1)
    location = Location(str(path), line, column)
    return Diagnostic("error", message, None, location, f"error: {message}\n --> {location}\n")


def _diagnostic(message: Message, original: Original) -> Diagnostic:
    code = message["code"]
    return Diagnostic(
        level=message["level"],
        message=message["message"],
        code=code["code"] if code else None,
        location=_location(message, original),
        rendered=_rendered(message, original),
    )


def _rendered(message: Message, original: Original) -> str:
    rendered: str = message["rendered"]
    for name in {span["file_name"] for span in message["spans"]}:
        known = original(Path(name))
        if known is not None:
            rendered = rendered.replace(f"{name}:", f"{known}:")
    return rendered


def _location(message: Message, original: Original) -> Location | None:
    primary = next((span for span in message["spans"] if span["is_primary"]), None)
    for place in () if primary is None else _places(primary):
        known = original(Path(place["file_name"]))
        if known is not None:
            return Location(str(known), place["line_start"], place["column_start"])
    return None


def _places(span: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A place, and the uses of the macros that it is in, innermost first."""
    yield span
    while span["expansion"]:
        span = span["expansion"]["span"]
        yield span


def _amend(diagnostic: Diagnostic, message: Message) -> Diagnostic:
    """Add what rustc cannot know."""
    if only_one := _ONLY_ONE.search(diagnostic.message):
        return _two_of_one(diagnostic, message, only_one[0], _NAMES[only_one[1]])
    labels = (span["label"] or "" for span in message["spans"])
    text = " ".join([diagnostic.message, *labels, diagnostic.code or ""])
    found = ((note, re.search(pattern, text)) for pattern, note in _NOTES.items())
    note = next((note.format(*match.groups()) for note, match in found if match), None)
    return _with_note(diagnostic, note) if note and diagnostic.is_error else diagnostic


def _two_of_one(diagnostic: Diagnostic, message: Message, item: str, name: str) -> Diagnostic:
    spans = sorted(message["spans"], key=lambda span: span["line_start"])
    named = " and ".join(f"`{_text(span)}` on line {span['line_start']}" for span in spans)
    text = f"two {name}s in one file, and a file has one: {named}"
    rendered = diagnostic.rendered.replace(diagnostic.message, text)
    rendered = re.sub(f"previous definition of the (type|value) {item} here", f"one {name}", rendered)
    rendered = rendered.replace(f"{item} redefined here", f"another {name}")
    rendered = re.sub(f"{item} must be defined only once in the .*", "keep one", rendered)
    return replace(diagnostic, message=text, rendered=rendered)


def _text(span: Mapping[str, Any]) -> str:
    """The name that a span begins with."""
    line = span["text"][0]
    name = re.match(r"\w+", line["text"][line["highlight_start"] - 1 :])
    return name[0] if name else line["text"]


def _with_note(diagnostic: Diagnostic, note: str) -> Diagnostic:
    # rustc advises to add the crate to a Cargo.toml, and there is none.
    lines = [line for line in diagnostic.rendered.rstrip().splitlines() if "cargo add" not in line]
    rendered = "\n".join([*lines, f"  = note: {note}", ""])
    return replace(diagnostic, message=f"{diagnostic.message} ({note})", rendered=rendered)
