"""Finds what two sides are, and starts to compare them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.errors import EngineError
from engine.live.comparison.compared import Compared
from engine.live.comparison.comparison import Comparison, Made
from engine.live.comparison.evaluated import Load, SideResults
from engine.live.comparison.side import BuildSide, CasesSide, PaneSide, Side
from engine.live.evaluation.pane_consumer import PaneConsumer
from engine.live.versions.changes import Results
from engine.live.window.snapshot import WindowSnapshot
from engine.regression.expectations import read_cases
from engine.regression.trial import Case


class ComparisonError(EngineError):
    """A side is gone."""


def start_comparison(
    old: Side,
    new: Side,
    consumers: Mapping[int, PaneConsumer],
    window: WindowSnapshot,
    load: Load,
    wake: Callable[[], None],
) -> Comparison:
    """See `Workbench.compare`."""
    if isinstance(new, CasesSide):
        raise ComparisonError(f"{new.path} cannot be the newer side")
    compared = Compared(
        old=_label(old, consumers),
        new=_label(new, consumers),
        consumer=_consumer(new, consumers).id,
        cases=old.path if isinstance(old, CasesSide) else None,
    )
    if isinstance(old, CasesSide):
        path = old.path
        modules = _modules(new, consumers)
        return Comparison(compared, lambda: _cases(path), modules, window=window, load=load, wake=wake)
    sides = [_made(side, consumers) for side in (old, new)]
    return Comparison(compared, *sides, window=window, load=load, wake=wake)


def _cases(path: Path) -> Sequence[Case]:
    try:
        return list(read_cases(path))
    except OSError as error:
        raise ComparisonError(f"cannot read {path}: {error.strerror or error}") from error


def _made(side: PaneSide | BuildSide, consumers: Mapping[int, PaneConsumer]) -> Made:
    if isinstance(side, PaneSide):
        shown = _consumer(side, consumers).snapshot()
        # Folds are comparable only if both begin with the window.
        if shown.fold is None:
            results = Results(first_row=shown.first_row, verdicts=shown.verdicts, outputs=shown.outputs)
            return SideResults(results=results, faults=shown.faults)
    return _modules(side, consumers)


def _modules(side: PaneSide | BuildSide, consumers: Mapping[int, PaneConsumer]) -> Made:
    consumer = _consumer(side, consumers)
    if isinstance(side, BuildSide):
        modules = consumer.modules_with(side.version)
    else:
        modules = consumer.module_versions()
    if not modules:
        raise ComparisonError(f"{_label(side, consumers)} has no module that is kept")
    return modules


def _consumer(side: PaneSide | BuildSide, consumers: Mapping[int, PaneConsumer]) -> PaneConsumer:
    found = consumers.get(side.consumer)
    if found is None:
        raise ComparisonError("this pane was closed")
    return found


def _label(side: Side, consumers: Mapping[int, PaneConsumer]) -> str:
    if isinstance(side, CasesSide):
        return side.path.name
    consumer = _consumer(side, consumers)
    name = f"{consumer.id} {consumer.snapshot().name}"
    return name if isinstance(side, PaneSide) else f"{name} v{side.version}"
