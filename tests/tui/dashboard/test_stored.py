"""The pane of a stored SmartStream: no source to edit, and words of its own for what is wrong."""

from pathlib import Path

from engine.builds.build import BuildResult
from engine.errors import UnknownSmartStreamError
from engine.live.evaluation.status import Stale, Stopped
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.present.problems import problems


def test_stored_filter_cannot_be_edited(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.add("inline", lambda _: Verdict.PASS)
    workbench.add_stored("sf1")

    async def story(page: DashboardPage) -> None:
        await page.press("1")
        assert "Edit" in page.text()
        await page.press("2")
        assert "Edit" not in page.text()
        assert "Rebuild" in page.text()
        await page.press("e")

    drive(workbench, story)


def test_problems_of_stored_filter_mention_no_file() -> None:
    workbench = ScriptedWorkbench()
    identity = workbench.add_stored("sf1").id
    error = UnknownSmartStreamError("there is no SmartStream 'sf1'")
    gone = BuildResult(
        version=2, path=Path("/data/sf1.wasm"), trigger="sf1 removed", started=1.0, seconds=0.1, error=error
    )
    workbench.change(identity, status=Stale(), build=gone)
    (problem,) = problems(workbench.snapshot(), None)
    assert problem.what == "sf1.wasm does not load"
    assert (
        problem.body == "there is no SmartStream 'sf1'\nadd it with 'fluvio-tui smartstream add' in a shell"
    )
    assert problem.context == "sf1 removed · v1 keeps running"
    workbench.change(identity, status=Stopped("it lied"), build=None)
    (problem,) = problems(workbench.snapshot(), None)
    assert problem.context == "waiting for a fix: replace it, or press r to restart it"
