"""Sources that are changed at random, over records of any bytes; run with `python -m`."""

import random

from engine.runtime.loading.scripts import Script
from tests.engine.builds.interpreted.script_fates import fate
from tests.engine.runtime.configs import limited
from tests.fuzzing import serve

LIMITS = limited(record_seconds=0.05, start_seconds=0.5, call_seconds=0.2, memory_bytes=32 << 20)
KINDS = ("filter", "map", "filter_map", "array_map", "aggregate")
EXPRESSIONS = (
    "record.value",
    "record.json()",
    "record.json()['a']['b']",
    "record.key",
    "record.bytes",
    "bytearray(record.key_bytes)",
    "[record.offset, record.timestamp, record.partition]",
    "{'key': record.value, 'value': record.json()}",
    "[record.key, None, {'value': None}]",
    "type(record)()",
    "type(record).value.__get__(1)",
    "kept.append(record) or kept[0].value",
    "record.__class__.__bases__[0].__subclasses__()",
    "[record.value] * 100_000",
    "record.value * 100_000",
    "re.match('(a+)+$', record.value)",
    "json.loads('[' * record.offset * 100)",
    "(lambda again: again(again))(lambda again: again(again))",
    "eval(record.value)",
    "compile(record.value, 'x', 'exec')",
    "10 ** 5_000",
    "float('inf')",
    "'\\ud800'",
    "print(record, record.value)",
    "globals().clear()",
    "__builtins__.__dict__.clear()",
    "sys.modules.clear()",
    "sys.setrecursionlimit(1 << 30)",
    "setattr(sys, 'stdout', None)",
    "sys.exit(1)",
    "sys._getframe().f_back",
    "memoryview(record.bytes)[::-1]",
    "iter(lambda: record, None)",
    "{1: {2}, (3,): 4}",
    "(kept.append(kept), kept)[1]",
    "__import__(record.value)",
)
WORDS = (
    "None",
    "raise",
    "1e9",
    "''",
    "{",
    "}",
    "(",
    ")",
    "lambda:",
    "await",
    "yield",
    "#",
    "\0",
    "é",
    "\t",
    "\n",
)


def change_sources(chance: random.Random) -> str:
    """A source of some expressions, sometimes with other words in it."""
    kind = chance.choice(KINDS)
    attempts = "".join(
        f"    try: {_some(chance)}\n    except {_caught_type(chance)}: {_caught(chance)}\n" for _ in range(2)
    )
    arguments = "accumulator, record" if kind == "aggregate" else "record"
    extra = chance.choice(("", "def look_back(record): kept.append(record.value)\n"))
    body = f"{attempts}    return {_some(chance)}\n"
    text = f"import json, re, sys\nkept = []\n{extra}def {kind}({arguments}):\n{body}"
    if chance.random() < 0.5:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(WORDS) + text[at + chance.randrange(4) :]
    return fate(Script(language="python", functions=(), name="fuzzed.py", text=text), LIMITS, chance)


def _some(chance: random.Random) -> str:
    return chance.choice(EXPRESSIONS)


def _caught_type(chance: random.Random) -> str:
    return chance.choice(("BaseException", "Exception as e", "KeyError"))


def _caught(chance: random.Random) -> str:
    return chance.choice(("pass", "raise", "kept.append(1)", "\n        while True: pass", "return record"))


if __name__ == "__main__":
    serve({"sources": change_sources})
