"""What keys do with the filter of the current pane."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from engine.builds.rust.crates.permissions import BuildScriptsError
from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui.dashboard.flow import external_editor
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present.builds.source_notes import line_to_fix
from tui.dashboard.present.panes import rate_steps
from tui.dashboard.screens.actions.actions import Actions
from tui.dashboard.screens.dialogues.allow_scripts import AllowScripts
from tui.dashboard.screens.dialogues.change_topic import TopicClosed
from tui.dashboard.screens.dialogues.consumer_settings import ask_settings, no_rate_limit

if TYPE_CHECKING:
    from engine.live.evaluation.live_consumer import LiveConsumer


class FilterActions(Actions):
    """Actions of the target `filter`."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """Each needs a filter, but the settings can be those of any, and topics can be closed but one."""
        consumer = self.deck.consumer
        if action == "close":
            return consumer is not None or len(self.deck.topics) > 1
        if action == "edit":
            return consumer is not None and consumer.path is not None
        if action == "run_on":
            return consumer is not None and self.workbench.remote
        return bool(self.deck.snapshot.consumers) if action == "rate_limit" else consumer is not None

    @property
    def _consumer(self) -> ConsumerSnapshot:
        assert self.deck.consumer is not None, "`check_action` has seen one"
        return self.deck.consumer

    @property
    def _live(self) -> "LiveConsumer | None":
        return self.workbench.consumer(self._consumer.id)

    def action_edit(self) -> None:
        path = self._consumer.path
        assert path is not None, "`check_action` has seen one"
        failure: EngineError | None = None
        try:
            with self.screen.app.suspend():
                try:
                    external_editor.edit(*self._consumer.paths, line=line_to_fix(self._consumer, path))
                except EngineError as error:
                    # Raised out of here, it would leave the app suspended.
                    failure = error
        except SuspendNotSupported:
            here = key_name(self.deck, "dashboard.edit_here")
            self.asking.warn(f"cannot open an editor in this terminal: {here} edits here")
        if failure is not None:
            self.asking.explain(failure)

    def action_rebuild(self) -> None:
        live, build = self._live, self._consumer.build
        if live is None:
            return
        if build is not None and isinstance(build.error, BuildScriptsError):
            self._ask_about_scripts(build.error, live)
        else:
            live.rebuild()

    def _ask_about_scripts(self, error: BuildScriptsError, live: "LiveConsumer") -> None:
        async def allow(_: bool) -> None:
            error.allow()
            live.rebuild()

        self.asking.ask(AllowScripts(error), allow)

    def action_run_on(self) -> None:
        consumer = self._consumer
        # Its threads may be waiting for a network.
        run_on = self.workbench.run_on
        self.asking.do(asyncio.to_thread(run_on, consumer.id, remote=not consumer.remote))

    def action_close(self) -> None:
        if self.deck.consumer is None:
            self.screen.post_message(TopicClosed(self.deck.topic))
            return
        # Its threads may be waiting for a network.
        self.asking.do(asyncio.to_thread(self.workbench.remove, self._consumer.id))

    def action_move(self, step: int) -> None:
        self.workbench.move(self._consumer.id, step)

    def action_rate_limit(self) -> None:
        consumers = self.deck.snapshot.consumers if self.deck.consumer is None else (self.deck.consumer,)
        cursor = self.deck.current.view.cursor
        ask_settings(self.screen, self.asking, self.workbench, consumers, cursor, self.deck.follow)

    def action_faster(self) -> None:
        self._step(rate_steps.faster)

    def action_slower(self) -> None:
        self._step(rate_steps.slower)

    def _step(self, step: Callable[[float | None], float | None]) -> None:
        if self._consumer.remote:
            self.asking.tell(no_rate_limit(key_name(self.deck, "dashboard.run_on")))
        elif (live := self._live) is not None:
            live.set_rate_limit(step(self._consumer.rate_limit))
