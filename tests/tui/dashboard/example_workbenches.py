"""Workbenches in typical states."""

import json
from pathlib import Path

from engine.builds.diagnostic import Diagnostic
from engine.errors import BuildError
from engine.live.evaluation.snapshot import BuildProgress
from engine.live.evaluation.status import Building, Earlier, Failed, Stale, Stopped
from engine.live.stats.counters import Counters
from engine.live.stats.rates import Throughput
from engine.live.versions.build_history import HistoryEntry
from engine.live.versions.changes import ChangeCounts
from engine.live.versions.switch import Switch
from engine.live.window.limits import WindowLimits
from engine.records.faults import Location
from engine.records.verdicts import Verdict
from tests.tui.dashboard.scripted_workbench import NOON, ScriptedWorkbench, failed_build

CITIES = ("Lisboa", "Kraków", "大阪", "Reykjavík", "São Paulo")
LEVELS = ("info", "info", "warn", "info", "error")
HISTORY = tuple(float(800 + 400 * ((second * 7) % 11)) for second in range(30))
FEWER = tuple(value / 4 for value in HISTORY)

_RED, _BLUE, _BOLD, _PLAIN = "\x1b[1m\x1b[38;5;9m", "\x1b[1m\x1b[38;5;12m", "\x1b[1m", "\x1b[0m"
RUSTC = (
    f"{_RED}error[E0599]{_PLAIN}{_BOLD}: no method named `is_numericc` found for type `char`{_PLAIN}\n"
    f" {_BLUE}--> {_PLAIN}errors_only.rs:5:39\n"
    f"  {_BLUE}|{_PLAIN}\n"
    f"{_BLUE}5 | {_PLAIN}    return !message.chars().all(|c| c.is_numericc());\n"
    f"  {_BLUE}| {_PLAIN}{' ' * 38}{_RED}^^^^^^^^^^^ help: there is a method with a similar name{_PLAIN}\n"
)
UTF8_PANIC = "called `Result::unwrap()` on an `Err` value: Utf8Error { valid_up_to: 0, error_len: Some(1) }"


def value(number: int) -> bytes:
    """One of a lifelike stream: orders, some plain numbers, now and then no UTF-8."""
    if number % 13 == 5:
        return str(number * 7919).encode()
    if number % 17 == 11:
        return b"\xff\xfe\x00\x17 corrupt \x1b[31mred\x1b[0m"
    order = {
        "id": number,
        "city": CITIES[number % len(CITIES)],
        "level": LEVELS[number % len(LEVELS)],
        "total": (number * 37) % 991 / 10,
        "items": [{"sku": f"A-{number % 7}", "n": number % 4 + 1}],
    }
    return json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()


def numbers(start: int, end: int) -> list[bytes]:
    """Values for `odd`."""
    return [f"value {number}".encode() for number in range(start, end)]


def odd(value: bytes) -> Verdict:
    return Verdict.PASS if int(value.split()[1]) % 2 else Verdict.DROP


def has_number(value: bytes) -> Verdict:
    try:
        return Verdict.DROP if value.decode().isdigit() else Verdict.PASS
    except UnicodeDecodeError:
        return Verdict.TRAP


def errors_only(value: bytes) -> Verdict:
    return Verdict.PASS if b'"level":"error"' in value else Verdict.DROP


def large(value: bytes) -> Verdict:
    try:
        order = json.loads(value)
    except ValueError:
        return Verdict.ERROR
    if not isinstance(order, dict):
        return Verdict.DROP
    return Verdict.PASS if order["total"] > 50 else Verdict.DROP


def larger(value: bytes) -> Verdict:
    verdict = large(value)
    return Verdict.DROP if verdict is Verdict.PASS and json.loads(value)["total"] < 80 else verdict


def every_other() -> ScriptedWorkbench:
    """300 records in a window of 500, of which a filter passes every other one."""
    workbench = ScriptedWorkbench(limits=WindowLimits(rows=500))
    workbench.produce(*numbers(0, 300))
    workbench.add("odd", odd)
    return workbench


def live(first: int = 9_840, records: int = 400) -> ScriptedWorkbench:
    """Everything is well; one filter traps on what is not UTF-8."""
    workbench = ScriptedWorkbench(first_offset=first, throughput=Throughput(51_234.0, HISTORY))
    workbench.produce(*map(value, range(first, first + records)))
    workbench.add(
        "has_number",
        has_number,
        version=3,
        throughput=Throughput(12_345.0, FEWER),
        reload_seconds=0.187,
        message=UTF8_PANIC,
        location=Location("filters/has_number.rs", 4, 42),
    )
    workbench.add("errors_only", errors_only, throughput=Throughput(1_204.0, FEWER), reload_seconds=0.21)
    return workbench


def trends(seconds: int = 200) -> ScriptedWorkbench:
    """Some minutes of an uneven stream; two saves changed what a filter passes."""
    workbench = live()
    until = 10_000
    came = tuple(900.0 + 60 * ((second * 7) % 5) - 250 * (second % 60 > 45) for second in range(seconds))
    workbench.throughput = Throughput(came[-1], came, until)
    for consumer, parts in ((1, (0.9, 0.9, 0.9)), (2, (0.2, 0.62, 0.35))):
        passed = tuple(number * parts[second * 3 // seconds] for second, number in enumerate(came))
        workbench.change(
            consumer,
            throughput=Throughput(passed[-1], passed, until),
            evaluated=Throughput(came[-1], came, until),
        )
    saves = (until - seconds * 2 // 3, 2), (until - seconds // 3, 3)
    workbench.change(2, version=3, switches=tuple(Switch(*save) for save in saves))
    return workbench


def stale() -> ScriptedWorkbench:
    """The newest save of a filter does not build."""
    workbench = live()
    location = Location("errors_only.rs", 5, 39)
    diagnostic = Diagnostic("error", "no method named `is_numericc`", "E0599", location, RUSTC)
    workbench.change(2, status=Stale(), version=2, build=failed_build("errors_only", diagnostic))
    return workbench


def stopped() -> ScriptedWorkbench:
    """A filter violated its contract."""
    workbench = live()
    workbench.change(2, status=Stopped("it returned 77, which is no verdict"))
    return workbench


def runaway() -> ScriptedWorkbench:
    """A save made a filter trap on every record."""
    workbench = live(records=1_200)
    workbench.change(
        1,
        evaluate=lambda _: Verdict.TRAP,
        status=Stopped("stopped after 1,000 traps and timeouts in a row", resumable=True),
    )
    workbench.scripts[1].evaluates = 1_000
    return workbench


def first_build() -> ScriptedWorkbench:
    """Filters that have not run yet: one is being built, one never built."""
    workbench = live(0, 40)
    building = BuildProgress(seconds=0.1)
    workbench.change(1, status=Building(), version=0, reload_seconds=None, building=building)
    error = BuildError(
        "no Rust toolchain with the target wasm32-unknown-unknown was found",
        "run fluvio-tui doctor --fix",
    )
    workbench.change(
        2,
        status=Failed(),
        version=0,
        reload_seconds=None,
        build=failed_build("errors_only", error=error),
    )
    return workbench


def reloaded() -> ScriptedWorkbench:
    """A save has just changed what a filter passes."""
    workbench = live()
    workbench.add(
        "large_orders",
        large,
        version=4,
        reload_seconds=0.19,
        before=larger,
        throughput=Throughput(9.0, FEWER),
    )
    return workbench


def many() -> ScriptedWorkbench:
    """More filters than fit side by side."""
    workbench = reloaded()
    workbench.add("nothing", lambda _: Verdict.DROP, path=Path("nothing.rs"))
    return workbench


def paced() -> ScriptedWorkbench:
    """One filter three times: one keeps up, one is on its way, and one is held."""
    workbench = ScriptedWorkbench(first_offset=9_840, throughput=Throughput(512.0, HISTORY))
    workbench.produce(*map(value, range(9_840, 10_240)))
    for evaluates, limit in ((None, None), (390, 1_000.0), (9, 0.0)):
        consumer = workbench.add("errors_only", errors_only, reload_seconds=0.187, rate_limit=limit)
        workbench.scripts[consumer].evaluates = evaluates
    return workbench


def changes(changed: int, now_pass: int, now_drop: int, compared: int) -> ChangeCounts:
    return ChangeCounts(changed=changed, now_pass=now_pass, now_drop=now_drop, compared=compared)


def builds() -> ScriptedWorkbench:
    """A user switched to an earlier build of a filter; the newest was stopped."""
    workbench = live()
    went = Counters(passed=310, dropped=66, traps=24, seconds=8e-6)
    runaway = Counters(traps=400, seconds=0.03)
    workbench.change(
        1,
        status=Earlier(),
        newer=5,
        reload_seconds=None,
        history=(
            entry(5, counters=runaway, changes=changes(376, 0, 0, 400), problem="stopped for its faults"),
            entry(4, module_size=None, kept=False, problem="5:39 no method named `is_numericc` found"),
            entry(3, counters=went, changes=changes(46, 40, 6, 400)),
            entry(2, counters=went, changes=changes(0, 0, 0, 380)),
            entry(1, kept=False, trigger="first build", counters=went, seconds=1.4),
        ),
    )
    return workbench


def entry(version: int, **facts: object) -> HistoryEntry:
    """A build of has_number, a minute after the one before."""
    usual = {"trigger": "has_number.rs saved", "seconds": 0.187, "module_size": 17_711, "kept": True}
    return HistoryEntry(version=version, started=NOON / 1000 + 60 * version, **(usual | facts))  # type: ignore[arg-type]
