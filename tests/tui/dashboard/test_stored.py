"""The pane of a stored SmartStream: no source to edit, and words of its own for what is wrong."""

from pathlib import Path

from engine.builds.build import BuildResult
from engine.errors import UnknownSmartStreamError
from engine.live.evaluation.status import Stale, Stopped
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.present.problems import troubles


def test_there_is_nothing_to_edit(drive: Drive) -> None:
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


def test_what_is_wrong_with_it_speaks_of_no_build_and_no_save() -> None:
    workbench = ScriptedWorkbench()
    identity = workbench.add_stored("sf1").id
    error = UnknownSmartStreamError("there is no SmartStream 'sf1'")
    gone = BuildResult(
        version=2, path=Path("/data/sf1.wasm"), trigger="sf1 removed", started=1.0, seconds=0.1, error=error
    )
    workbench.change(identity, status=Stale(), build=gone)
    (trouble,) = troubles(workbench.snapshot(), None)
    assert trouble.what == "sf1.wasm does not load"
    assert (
        trouble.body == "there is no SmartStream 'sf1'\nadd it with 'fluvio-tui smartstream add' in a shell"
    )
    assert trouble.context == "sf1 removed · version 1 still runs"
    workbench.change(identity, status=Stopped("it lied"), build=None)
    (trouble,) = troubles(workbench.snapshot(), None)
    assert trouble.context == "its records stay pending; replace it or press r to start it again"
