"""Makes a consumer from steps: what builds each of them, and where they run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from engine.broker.broker import Broker
from engine.broker.topics import Topic
from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.from_library import StoredSource
from engine.builds.from_module import ModuleSource
from engine.builds.language import Target
from engine.builds.source import BuildSource
from engine.consumer.live_module import StoredRecords
from engine.consumer.remote_chain import StepModules
from engine.consumer.step import InlineFile, ModuleFile, Step, StoredName
from engine.folder_watcher import FolderWatch
from engine.live.evaluation.filter_consumer import FilterConsumer
from engine.live.evaluation.pane_consumer import PaneConsumer
from engine.live.remote.remote_filter import RemoteFilter
from engine.live.window.window import Window
from engine.runtime.config import ModuleConfig


@dataclass(frozen=True, kw_only=True)
class ConsumerFactory:
    """All its consumers are over one window."""

    broker: Broker
    topic: Callable[[], Topic]
    """The one that the window has."""
    window: Window
    config: ModuleConfig
    stored: StoredRecords
    """What they look back at."""
    keep_sources: Callable[[BuildResult], None]
    wake: Callable[[], None]
    folder_watch: FolderWatch = field(default_factory=FolderWatch)

    def make(self, identity: int, steps: Sequence[Step], *, remote: bool) -> PaneConsumer:
        """A consumer that is not started; if it is `remote`, the broker evaluates for it.

        `UnknownSmartStreamError` if a stored SmartStream does not exist.
        """
        if remote:
            return RemoteFilter(
                identity,
                steps,
                self._remote_modules,
                self.broker,
                self.topic,
                self.window,
                self.wake,
                self.keep_sources,
            )
        return FilterConsumer(
            identity,
            steps,
            [partial(BuildLoop, self._source(step)) for step in steps],
            self.window,
            self.config,
            self.wake,
            self.stored,
            self.keep_sources,
        )

    def _remote_modules(self, step: Step) -> StepModules:
        builds = partial(BuildLoop, self._source(step, Target.FLUVIO))
        return StepModules(name=step.name, config=step.config(self.config), builds=builds)

    def _source(self, step: Step, target: Target = Target.HERE) -> BuildSource:
        match step.source:
            case InlineFile(path=path):
                limits = self.config.limits
                return InlineSource(path, limits=limits, folder_watch=self.folder_watch, target=target)
            case ModuleFile(path=path):
                return ModuleSource(path, self.folder_watch)
            case StoredName(name=name):
                self.broker.modules.load(name)
                return StoredSource(self.broker.modules, name)
