"""Scripts that are changed at random, over records of any bytes; run with `python -m`."""

import random

from engine.runtime.loading.scripts import Script
from tests.engine.builds.interpreted.script_fates import fate
from tests.engine.runtime.configs import limited
from tests.fuzzing import serve

LIMITS = limited(record_seconds=0.02, start_seconds=0.2, call_seconds=0.1, memory_bytes=16 << 20)
KINDS = ("filter", "map", "filterMap", "array_map", "aggregate")
EXPRESSIONS = (
    "record.value",
    "record.json()",
    "record.json().a.b",
    "record.key",
    "record.bytes",
    "record.keyBytes.buffer",
    "[record.offset, record.timestamp, record.partition]",
    "{ key: record.value, value: record.json() }",
    "[record.key, null, { value: undefined }]",
    "new Proxy(record, {})",
    "Object.create(record)",
    "Object.getPrototypeOf(record)",
    "Object.getPrototypeOf(record).json()",
    "kept.push(record) && kept[0].value",
    "{ toJSON() { throw record } }",
    "{ get value() { return filter(record) } }",
    "new Array(1e6).fill(record.value)",
    "record.value.repeat(1e5)",
    "/(a+)+$/.test(record.value)",
    "JSON.parse('['.repeat(record.offset * 100))",
    "Promise.resolve(record).then((r) => r.value)",
    "(function again() { return again() })()",
    "eval(record.value)",
    "new Function('return ' + record.value)()",
    "Symbol('x')",
    "10n ** 1000n",
    "new Uint8Array(new SharedArrayBuffer(8))",
    "record.bytes.buffer.transfer(0)",
    "new WeakRef(record).deref()",
    "console.log(record, record.value)",
    "Array.prototype.map = record.json",
    "(globalThis.JSON = null)",
    "Object.freeze(Object.prototype)",
)
WORDS = (
    "undefined",
    "null",
    "throw",
    "1e9",
    "''",
    "NaN",
    "{",
    "}",
    "(",
    ")",
    "=>",
    "await",
    "yield",
    "//",
    "\0",
    "é",
)


def change_scripts(chance: random.Random) -> str:
    """A script of some expressions, sometimes with other words in it."""
    kind = chance.choice(KINDS)
    lines = "\n".join(
        f"  kept.at(-1); try {{ ({_some(chance)}) }} catch (e) {{ {_caught(chance)} }}" for _ in range(2)
    )
    arguments = "accumulator, record" if kind == "aggregate" else "record"
    extra = chance.choice(("", "export function lookBack(record) { kept.push(record.value) }\n"))
    body = f"{{\n{lines}\n  return ({_some(chance)})\n}}\n"
    text = f"const kept = []\n{extra}export function {kind}({arguments}) {body}"
    if chance.random() < 0.3:
        text = _with_other_words(text, chance)
    script = Script(language="javascript", functions=(), name="fuzzed.js", text=text)
    return fate(script, LIMITS, chance)


def _some(chance: random.Random) -> str:
    return chance.choice(EXPRESSIONS)


def _caught(chance: random.Random) -> str:
    return chance.choice(("", "throw e", "kept.push(e)", "while (true) {}", "return e"))


def _with_other_words(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(WORDS) + text[at + chance.randrange(4) :]


if __name__ == "__main__":
    serve({"scripts": change_scripts})
