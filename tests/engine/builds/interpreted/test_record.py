"""What a source sees of a record, and what becomes of what it returns: the same in each language."""

import json

from engine.records.batch import Batch, Headers, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.interpreted.conftest import Build
from tests.engine.builds.rust.kinds import Shown, batch_of, shown
from tests.engine.conftest import evaluate_values


def test_what_is_not_there_or_not_text(build_file: Build) -> None:
    found = evaluated(
        build_file,
        [None, b"a\xff\xc3\xa9"],
        javascript="export const map = (r) =>\n  JSON.stringify([r.value, r.isTombstone, r.key, r.keyBytes])",
        python="import json\ndef map(r):\n"
        "    return json.dumps([r.value, r.is_tombstone, r.key, r.key_bytes])",
    )
    assert [json.loads(value) for _, _, value in found] == [
        ["", True, None, None],
        ["a\ufffdé", False, None, None],
    ]


def test_headers_by_name(build_file: Build) -> None:
    build = build_file(
        javascript="export const map = (r) => JSON.stringify([r.headers, r.headers.trace ?? null])",
        python="import json\ndef map(r): return json.dumps([r.headers, r.headers.get('trace')])",
    )
    headers: Headers = (
        ("trace", b"1"),
        ("é", b"\xff"),
        ("__proto__", b"x"),
        ("trace", b"2"),
        ("none", None),
    )
    batch = Batch.consecutive(0, 0, record_batch([b"v", b"v"], headers=[None, headers], timestamps=1))
    assert build.wasm is not None
    with SmartStream(build.wasm) as stream:
        made = stream.evaluate(batch).outputs.records(batch.records).column("value").to_pylist()
    assert [json.loads(value) for value in made] == [
        [{}, None],
        [{"trace": "2", "é": "\ufffd", "__proto__": "x", "none": None}, "2"],
    ]


def test_random_numbers_are_the_same_in_each_instance(build_file: Build) -> None:
    sources = {
        "javascript": "export const map = () => [Math.random(), Math.random()]",
        "python": "import random\ndef map(record):\n"
        "    return random.random(), random.randint(1, 6), random.choice('abc'), random.sample(range(9), 3)",
    }
    first, second = (evaluated(build_file, [b"v"], **sources) for _ in range(2))
    assert first == second


def test_output_of_a_failed_array_map_is_left_out(build_file: Build) -> None:
    [error, output] = evaluated(
        build_file,
        [b"bad", b"good"],
        javascript="export const arrayMap = (r) => r.value === 'bad' ? [1, () => 2] : [3]",
        python="def array_map(r): return [1, {2}] if r.value == 'bad' else [3]",
    )
    assert "has no JSON" in error
    assert output == (1, None, b"3")


def test_outputs_of_any_size_arrive(build_file: Build) -> None:
    made = evaluated(
        build_file,
        [b"300000", b"1", b"2000000"],
        javascript="export const map = (record) => 'x'.repeat(Number(record.value))",
        python="def map(record): return 'x' * int(record.value)",
    )
    assert [len(value) for _, _, value in made] == [300_000, 1, 2_000_000]


def test_module_variables_are_state_and_printed_lines_belong_to_records(build_file: Build) -> None:
    build = build_file(
        javascript="let n = 0\nexport function filter() { console.log('n', ++n, { n }); return n % 2 }",
        python="n = 0\ndef filter(record):\n    global n\n    n += 1\n"
        "    print('n', n, end=f' {{\"n\":{n}}}')\n    return n % 2\n",
    )
    assert build.wasm is not None
    evaluation = evaluate_values(build.wasm, [b"a", b"b", b"c"])
    assert list(evaluation.verdicts) == [Verdict.PASS, Verdict.DROP, Verdict.PASS]
    assert [(line.index, line.text) for line in evaluation.printed] == [
        (index, f'n {index + 1} {{"n":{index + 1}}}') for index in range(3)
    ]


def test_record_of_an_earlier_call_is_refused(build_file: Build) -> None:
    [_, error] = evaluated(
        build_file,
        [b"a", b"b"],
        javascript="let kept; export function filter(record) { kept ??= record; return kept.value }",
        python="kept = []\ndef filter(record):\n    kept.append(record)\n    return kept[0].value",
    )
    assert error == "TypeError: this record is of an earlier call: keep what you read of it"


def test_look_back_and_aggregate_share_state_with_init(build_file: Build) -> None:
    build = build_file(
        javascript="let sum = 0\n"
        "export function init(params) { sum = Number(params.from) }\n"
        "export function lookBack(record) { sum += Number(record.value) }\n"
        "export function aggregate(text, record) { return `${text}${sum}+${record.value} ` }\n",
        python="sum = 0\n"
        "def init(params):\n    global sum\n    sum = int(params['from'])\n"
        "def look_back(record):\n    global sum\n    sum += int(record.value)\n"
        "def aggregate(text, record): return f'{text}{sum}+{record.value} '\n",
    )
    assert build.wasm is not None
    config = ModuleConfig(params={"from": "10"}, look_back=LookBack(last=2), aggregate_initial=b"> ")
    with SmartStream(build.wasm, config=config) as stream:
        stream.look_back([batch_of([b"1", b"2"])])
        made = stream.evaluate(Batch.consecutive(0, 0, record_batch([b"a", b"b"])))
    assert made.outputs.records(record_batch([b"a", b"b"])).column("value").to_pylist() == [
        b"> 13+a ",
        b"> 13+a 13+b ",
    ]


def evaluated(build_file: Build, values: list[bytes | None], **sources: str) -> Shown:
    """What a source makes of values, as `kinds.run` shows it."""
    build = build_file(**sources)
    assert build.wasm is not None, build
    batch = batch_of(values)
    with SmartStream(build.wasm) as stream:
        return shown(stream.evaluate(batch), batch)
