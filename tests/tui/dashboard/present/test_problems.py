from dataclasses import replace
from pathlib import Path

from engine.builds.diagnostic import Diagnostic
from engine.consumer.step import InlineFile, Step
from engine.errors import BuildError, InitError
from engine.live.evaluation.status import Stale
from engine.records.faults import Location
from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench, failed_build
from tui.dashboard.present.problems import Problem, Severity, problems


def of(workbench: ScriptedWorkbench, focused: int | None = None) -> list[Problem]:
    return list(problems(workbench.snapshot(), focused))


def test_empty_topic_has_no_problems() -> None:
    assert of(ScriptedWorkbench()) == []


def test_newest_fault_has_message_and_place() -> None:
    (problem,) = of(example_workbenches.live(0, 100))
    assert problem.severity is Severity.RECORD
    assert problem.what == "has_number: trap at offset 79"
    assert problem.context == "filters/has_number.rs:4:42"
    assert problem.body == example_workbenches.UTF8_PANIC


def test_place_beside_filter_has_no_folder() -> None:
    workbench = example_workbenches.live(0, 100)
    workbench.change(1, path=Path("/a/long/way/down/has_number.rs"))
    for file, shown in (
        ("has_number.rs", "has_number.rs:4:42"),
        ("deep/m.rs", "/a/long/way/down/deep/m.rs:4:42"),
    ):
        workbench.scripts[1].location = Location(f"/a/long/way/down/{file}", 4, 42)
        workbench.change(1)
        (problem,) = of(workbench)
        assert problem.context == shown


def test_failed_build_comes_before_faults() -> None:
    worst, other = of(example_workbenches.stale(), focused=1)
    assert worst.what == "errors_only.rs does not build"
    assert worst.context == "errors_only.rs saved · v2 keeps running"
    assert "\x1b[1m\x1b[38;5;9merror[E0599]" in worst.body
    assert other.what.startswith("has_number: trap")


def test_failed_build_of_current_pane_comes_first() -> None:
    workbench = example_workbenches.live(0, 10)
    for consumer, name in ((1, "has_number"), (2, "errors_only")):
        workbench.change(consumer, status=Stale(), build=failed_build(name))
    assert [problem.what[:10] for problem in of(workbench, focused=2)][:2] == ["errors_onl", "has_number"]


def test_errors_hide_warnings() -> None:
    def diagnostic(level: str) -> Diagnostic:
        return Diagnostic(level, "", None, Location("f.rs", 1, 1), f"{level} text")

    workbench = example_workbenches.live(0, 10)
    build = failed_build("f", diagnostic("error"), diagnostic("warning"), diagnostic("error"))
    workbench.change(2, status=Stale(), build=build)
    assert of(workbench)[0].body == "error text\nerror text"


def test_damage_is_named() -> None:
    damage = ("the records 3 to 5 are missing", "the records 8 to 9 are damaged")
    snapshot = replace(example_workbenches.live(0, 10).snapshot(), damage=damage)
    problem = problems(snapshot, None)[-1]
    assert problem.severity is Severity.WARNING
    assert problem.what == f"records of {snapshot.topic} are missing or damaged"
    assert problem.body == "\n".join(damage)


def test_warnings_come_last() -> None:
    workbench = example_workbenches.live(0, 100)
    place = Location("errors_only.rs", 3, 9)
    warning = Diagnostic("warning", "unused variable: `x`", None, place, "warning: unused")
    build = replace(failed_build("errors_only", warning), wasm=b"")
    workbench.change(2, build=build)
    fault, warned = of(workbench)
    assert fault.severity is Severity.RECORD
    assert warned.severity is Severity.WARNING
    assert warned.what == "errors_only.rs: 1 warning"
    assert warned.context == "3:9 unused variable: `x`"
    assert warned.body == "warning: unused"


def test_missing_toolchain_has_remedy() -> None:
    worst = of(example_workbenches.first_build())[0]
    assert worst.body.splitlines() == [
        "no Rust toolchain with the target wasm32-unknown-unknown was found",
        "run fluvio-tui doctor --fix",
    ]
    assert worst.context == "errors_only.rs saved"


def test_stopped_filter_has_reason() -> None:
    worst = of(example_workbenches.stopped())[0]
    assert worst.what == "errors_only stopped"
    assert worst.body == "it returned 77, which is no verdict"


def test_filter_stopped_by_faults_can_continue() -> None:
    worst, *others = of(example_workbenches.runaway())
    assert worst.what == "has_number stopped"
    assert worst.context == "waiting for a fix: save the file, or press r to continue"
    assert worst.body.splitlines() == [
        f"stopped after 1,000 traps and timeouts in a row, the last: {example_workbenches.UTF8_PANIC}",
        "at filters/has_number.rs:4:42",
    ]
    assert [problem.severity for problem in others] == [Severity.RECORD]


def test_init_error_is_no_failed_build() -> None:
    workbench = example_workbenches.stale()
    error = InitError("x.rs", "invalid digit found in string", "x.rs:3:5")
    workbench.change(1, build=failed_build("x", error=error))
    worst = of(workbench)[0]
    assert worst.what == "x.rs does not start"
    assert worst.body.splitlines() == [
        "x.rs: init error: invalid digit found in string (x.rs:3:5)",
        "change its parameters in the settings of its pane, or fix the file and save it",
    ]


def test_aggregate_that_starts_from_nothing_says_what_helps() -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"7")
    workbench.add("sum", lambda _: Verdict.ERROR, kind="aggregate", message="cannot parse integer")
    (problem,) = of(workbench)
    assert problem.body.splitlines() == [
        "cannot parse integer",
        "its first accumulator is empty: open it with --aggregate-initial TEXT",
    ]
    step = Step(source=InlineFile(path=Path("sum.rs")), aggregate_initial=b"0")
    workbench.change(1, steps=(step,))
    assert of(workbench)[0].body == "cannot parse integer"


def test_problem_of_topic_comes_first() -> None:
    workbench = example_workbenches.stale()
    workbench.problem = "the topic was deleted"
    assert of(workbench)[0].body == "the topic was deleted"


def test_texts_from_outside_are_escaped() -> None:
    workbench = example_workbenches.live(0, 10)
    workbench.topic = "t\x1b[2J"
    workbench.problem = "gone \x1b]0;owned\x07"
    workbench.add(
        "evil\x1b[31m",
        example_workbenches.has_number,
        message="boo\x1b[2J\nline 2",
        location=Location("\x07", 1, 2),
    )
    workbench.produce(b"\xff")
    build = replace(failed_build("x"), trigger="\x9b", error=BuildError("no \x1bc"))
    workbench.change(2, build=build, status=Stale())
    for problem in of(workbench):
        text = f"{problem.what}{problem.context}{problem.body}".replace("\n", "")
        assert text.isprintable(), text
