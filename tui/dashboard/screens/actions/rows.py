"""What keys do with the rows of panes: pause them, show other ones, or show them in another way."""

from dataclasses import dataclass, field

from engine.live.views import View
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.screens.actions.actions import Actions
from tui.dashboard.widgets.rows.filter_view import FilterView


@dataclass(frozen=True)
class RowsActions(Actions):
    """Those of the current pane, of all panes of its topic, or of all."""

    _narrowed: dict[FilterView, View] = field(default_factory=dict, init=False)
    """What panes showed before `show_all`."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        deck, view, consumer = self.deck, self.deck.current.view, self.deck.consumer
        possible = {
            "pause": view.following,
            "follow": not view.following,
            "lock": deck.together.locked or len(deck.panes_of(deck.topic)) > 1,
            "view": consumer is not None,
            "hits": view.search is not None,
            "inputs": consumer is not None and consumer.outputs is not None,
        }
        return possible.get(action, True)

    def action_pause(self) -> None:
        for view in self.deck.views:
            view.pause()

    def action_follow(self) -> None:
        """Show the newest records in every pane."""
        self.deck.follow()

    def action_lock(self) -> None:
        """Lock the panes together, then align their rows, then free them."""
        self.deck.together.turn(self.deck.current.view)

    def action_view(self, step: int) -> None:
        """Show other records of the current pane: passed, dropped, failed, changed or all."""
        if isinstance(self.deck.current.view, FilterView):
            self.deck.current.view.turn(step)

    def action_inputs(self) -> None:
        """Show the inputs beside the outputs of the current pane, or the outputs alone again."""
        if isinstance(self.deck.current.view, FilterView):
            self.deck.current.view.toggle_inputs()

    def action_hits(self) -> None:
        """Show only what the search found, or everything again."""
        self.show_hits(alone=not self.deck.current.view.found.alone)

    def show_hits(self, *, alone: bool) -> None:
        """Show only what the search found, in all panes, or everything."""
        for view in self.deck.views:
            view.show_hits(alone=alone)

    def show_all(self) -> None:
        """Show all records in the current pane, whatever their verdicts are."""
        view = self.deck.current.view
        if isinstance(view, FilterView) and view.view is not View.ALL:
            self._narrowed[view] = view.view
            view.turn_to(View.ALL)

    def show_narrowed(self) -> None:
        """Undo `show_all` in panes that still show all records."""
        for view, narrowed in self._narrowed.items():
            if view.view is View.ALL:
                view.turn_to(narrowed)
        self._narrowed.clear()

    def action_times(self) -> None:
        """Show times in the next style: local, UTC, as ages, or since the row above."""
        columns = self.deck.columns
        columns.time_style = columns.time_style.next
        if not columns.texts.timed:
            key = key_name(self.screen, "dashboard.columns")
            self.screen.notify(f"no column shows the times of records: {key} chooses columns", markup=False)

    def action_scroll(self, direction: int) -> None:
        """Scroll the columns of the topic's panes sideways, as far as the longest row in view reaches."""
        topic = self.deck.topic
        panes = self.deck.panes_of(topic)
        # Only where it is asked for: it looks at every row in view.
        longest = max(pane.view.drawing.longest() for pane in panes if pane.display)
        step = direction * max(self.deck.current.view.size.width // 3, 1)
        scroll = min(max(topic.scroll + step, 0), max(topic.scroll, longest))
        if scroll == topic.scroll:
            self.screen.notify("no row is longer" if direction > 0 else "the rows begin here", markup=False)
        topic.scroll = scroll
        for pane in panes:
            pane.view.scroll_to_cell(scroll)
        self.deck.show_heads()
