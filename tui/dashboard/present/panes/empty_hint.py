"""Why a filter's pane is empty, in words."""

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.views import View
from engine.live.window.snapshot import WindowSnapshot
from engine.records.verdict_arrays import count
from engine.records.verdicts import Verdict
from tui.dashboard.present.panes.backlog import to_evaluate

_NOT_RUNNING = {
    ConsumerState.BUILDING: "building for the first time",
    ConsumerState.FAILED: "not running: the reason is below\nsave the file to try again",
    ConsumerState.STOPPED: "stopped: the reason is below",
}


def empty_hint(
    consumer: ConsumerSnapshot, window: WindowSnapshot, *, view: View = View.PASSED, behind: bool = False
) -> str:
    """Why a view of a window is empty; if the filter is `behind`, with how much it has still to evaluate."""
    if consumer.state in _NOT_RUNNING:
        doing = consumer.building.doing if consumer.building else ""
        return f"{_NOT_RUNNING[consumer.state]}\n{doing}".rstrip()
    if view is View.CHANGED and consumer.remote:
        return "on SPUs nothing is compared with the version before"
    if view is View.CHANGED:
        return "the last reload changed no verdict and no output"
    if not len(window):
        return "no records yet"
    evaluated = len(consumer.verdicts) - count(consumer.verdicts, Verdict.PENDING)
    makes = view is View.PASSED and consumer.outputs is not None
    nothing = "no outputs" if makes else f"nothing {view.value}"
    reason = f"{nothing} of {units.count(evaluated)}" if evaluated else "nothing evaluated yet"
    pending = to_evaluate(consumer, window)
    if not behind or not pending:
        return reason
    return f"{reason}\n{units.count(pending)} of {units.count(len(window))} still to evaluate"
