"""Files that users write, or that the program remembers, changed at random; `python -m` this runs rounds."""

import json
import random
import re
import tempfile
from pathlib import Path

import pyarrow as pa

from engine.consumer.chain_file import ChainFileError, parse_chain_line, read_chain_file
from engine.errors import EngineError
from engine.producer.sources.json_lines import json_records
from engine.records.batch import Record
from engine.records.record_json import NotARecordError, json_object, object_of, record_of
from engine.records.verdicts import Verdict
from engine.regression.expectations import case_line, pin_case, read_cases
from engine.regression.trial import Case
from tests.fuzzing import serve
from tui.config.file import read_config
from tui.config.template import config_template
from tui.dashboard.app.session_state import Memory, OpenPane
from tui.dashboard.keys.bindings import KEYS
from tui.dashboard.keys.keymap import remap

FOLDER = Path(tempfile.mkdtemp(prefix="fuzzed-texts-"))
RECORDS = [
    Record(offset=3, partition=0, timestamp=5, key=b"k", value=b"text \xf0\x9f\xa6\x80"),
    Record(offset=4, partition=1, timestamp=-1, key=None, value=None),
    Record(offset=5, partition=0, timestamp=2**60, key=b"\xff", value=b"\0", headers=(("h", b"\xfe"),)),
]
LINES = "\n".join(json.dumps(object_of(record), ensure_ascii=False) for record in RECORDS) + "\n"
CASES = "".join(case_line(Case(record, Verdict.PASS)) + "\n" for record in RECORDS)
CONFIG = re.sub(
    r"^# (?=[\w.-]+ = )", "", config_template([(k.id, k.keys, k.about) for k in KEYS]), flags=re.M
)
CHAIN = """\
transforms:
  - uses: group/first@0.1.0
    with: {n: 3, word: "x", yes: no}
    lookback: {last: 3, age: 1m}
  - inline: second.rs
    with:
      at: 2021-02-03
  - module: third.wasm
"""
STEP = '{"uses": "first", "with": {"n": "3"}, "lookback": {"last": 3}}'
PARTS = (
    *(
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "\\",
        ":",
        ",",
        "=",
        "\n",
        "#",
        "-",
        ".",
        " ",
        "\t",
        "&a",
        "*a",
        "!!python/x ",
    ),
    *(
        "null",
        "true",
        "nan",
        "inf",
        "1e999",
        "-0",
        "9" * 400,
        "0x1f",
        "\\ud800",
        "\\u0000",
        "\ufeff",
        "\x1b[2J",
    ),
    *(
        "[" * 3000,
        "{a: " * 300,
        '{"a":' * 3000,
        "2021-02-30",
        "250 ms",
        "1e9/s",
        "ctrl+c",
        "verdict",
        "value_base64",
    ),
)


def changed(chance: random.Random, text: str) -> bytes:
    """A text with parts put in, taken out, repeated or moved, and at times bytes that are not UTF-8."""
    data = text.encode()
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(data) + 1)
        end = min(at + chance.choice((0, 1, 3, 20, 200)), len(data))
        how = chance.randrange(5)
        if how == 0:
            part = chance.choice(PARTS).encode()
        elif how == 1:
            part = b""
        elif how == 2:
            part = data[at:end] * 2
        elif how == 3:
            start = chance.randrange(len(data) + 1)
            part = data[start : start + 20]
        else:
            part = chance.randbytes(chance.choice((1, 2, 4)))
        data = data[:at] + part + data[end:]
    return data


def config(chance: random.Random) -> str:
    path = FOLDER / "config.toml"
    path.write_bytes(changed(chance, CONFIG))
    found = read_config(path)
    keys = remap(found.settings.keys)
    assert all(str(path) in problem for problem in found.problems)
    return "problems" if found.problems or keys.problems else "read"


def expectations(chance: random.Random) -> str:
    path = FOLDER / "f.expect.jsonl"
    text = changed(chance, CASES)
    path.write_bytes(text)
    record = RECORDS[chance.randrange(3)]
    try:
        before = [case.record for case in read_cases(path)]
        pin_case(path, Case(record, Verdict.DROP))
    except EngineError as error:
        assert str(path) in error.message
        assert path.read_bytes() == text, "a file that cannot be read was changed"
        return "refused"
    after = list(read_cases(path))
    assert len({case.record.value for case in after}) == len({one.value for one in (*before, record)})
    assert {case.expected for case in after if case.record == record} == {Verdict.DROP}
    return "read"


def records(chance: random.Random) -> str:
    lines = changed(chance, LINES).split(b"\n")
    made = json_records(3, 1 << 20)(pa.array(lines, pa.binary()))
    assert made.records.num_rows == len(lines) or made.fault
    for line in lines:
        try:
            record = record_of(json_object(line))
        except NotARecordError as error:
            assert str(error)
        else:
            assert record_of(json_object(json.dumps(object_of(record)).encode())) == record
    return "read" if made.records.num_rows else "refused"


def state(chance: random.Random) -> str:
    memory = Memory(FOLDER)
    memory.keep_panes("t", [OpenPane.of(FOLDER / "f.rs", rate_limit=2.5), OpenPane.of("stored")])
    memory.keep_theme("nord")
    for path in (FOLDER / "dashboard").rglob("*.json"):
        path.write_bytes(changed(chance, path.read_text()))
    panes, theme = memory.panes("t"), memory.theme
    memory.keep_panes("t", panes)
    kept = memory.panes("t")
    memory.keep_panes("t", kept)
    assert memory.panes("t") == kept
    assert len(kept) == len(panes)
    return "read" if panes or theme else "nothing"


def chain(chance: random.Random) -> str:
    path = FOLDER / "chain.yaml"
    path.write_bytes(changed(chance, CHAIN))
    fates = []
    for read in (
        lambda: read_chain_file(path),
        lambda: parse_chain_line(changed(chance, STEP).decode("utf-8", "surrogateescape")),
    ):
        try:
            read()
            fates.append("read")
        except ChainFileError as error:
            assert error.message
            fates.append("refused")
    return " ".join(fates)


if __name__ == "__main__":
    serve(
        {
            "config": config,
            "expectations": expectations,
            "records": records,
            "state": state,
            "chain": chain,
        }
    )
