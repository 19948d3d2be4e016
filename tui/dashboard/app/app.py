"""The application: themes, global keys, and which topic is shown."""

import asyncio
from asyncio import get_running_loop
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen

from engine.errors import EngineError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui import format
from tui.config.column_names import names_text, parse_names
from tui.dashboard.app import theme
from tui.dashboard.app.appearance import Appearance
from tui.dashboard.app.session_state import TopicLook
from tui.dashboard.app.terminal.background import said_light
from tui.dashboard.app.terminal.driver import LastingDriver
from tui.dashboard.app.terminal.shown_strips import ShownStrips
from tui.dashboard.flow.key_order import KeyOrder, Typed
from tui.dashboard.flow.open_topic import OpenTopic
from tui.dashboard.keys.keymap import UNBOUND
from tui.dashboard.keys.palette import Commands
from tui.dashboard.present.columns.topic_columns import TopicColumns
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.dialogues.change_topic import TopicClosed, TopicOpened, open_again
from tui.dashboard.screens.dialogues.question import Question
from tui.dashboard.screens.dialogues.save_layout import LayoutNamed
from tui.dashboard.widgets.panes.deck import Deck

if TYPE_CHECKING:
    from engine.live.workbench import Workbench, Workbenches

QUIT, SUSPEND = "ctrl+c", "ctrl+z"


class FluvioTui(App[None]):
    """Shows workbenches side by side. It starts them, but does not close those that are shown last."""

    TITLE = "fluvio-tui"
    COMMANDS = {Commands}  # noqa: RUF012
    CSS_PATH = ["dashboard.tcss", "editor.tcss", "dock.tcss", "dialogues.tcss", "few_colours.tcss"]  # noqa: RUF012
    """Of rules that are equally specific, the last one wins."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012
    DEFAULT_MODE = "dashboard"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(QUIT, "copy_or_quit", "Quit", show=False, priority=True),
        Binding(SUSPEND, "suspend_process", "Go to the shell", show=False, priority=True),
    ]

    def __init__(
        self,
        workbench: "Workbench",
        *,
        appearance: Appearance | None = None,
        notice: str = "",
        stop: int | None = None,
        workbenches: "Workbenches | None" = None,
        lesson: bool = False,
        recent: Sequence[Path] = (),
        keep_layout: Callable[[str, Sequence[str]], bool] | None = None,
        look_of: Callable[[str], TopicLook] = lambda _: TopicLook(),
        broker_color: str = "",
        beside: Sequence["Workbench"] = (),
    ) -> None:
        """`beside` are workbenches over other topics that are shown from the start, too.

        `look_of` says how the panes of a topic are set up. `broker_color` is that of the broker's profile.

        `notice` is shown under the title, `workbenches` open other topics, `lesson` is for a first start.

        `recent` are files that were open in panes before. `keep_layout` saves what `consumers` has of a topic
        under a name, and returns whether that replaced another layout; arguments are the name and the topics.

        Exits once the descriptor `stop` is readable.
        """
        super().__init__(driver_class=None if "TEXTUAL_DRIVER" in environ else LastingDriver)
        self.failure: Exception | None = None
        self._stop = stop
        self.stands: Callable[[], object] = lambda: None
        """Called once the first screen is drawn."""
        self._workbenches = workbenches
        self.opened = [workbench, *beside]
        """The workbenches of all topics that were shown; the caller closes them."""
        self.consumers: dict[str, tuple[ConsumerSnapshot, ...]] = {}
        """The last ones of each topic, by topic."""
        self._recent = recent
        self._keep_layout = keep_layout
        self.looks: dict[str, TopicLook] = {}
        """How panes are set up, by topic."""
        self._look_of = look_of
        self._broker_color = broker_color
        self._deck = Deck([self._topic(one) for one in self.opened])
        self._shown = ShownStrips()
        self.key_order = KeyOrder(self)
        self._appearance = appearance or Appearance()
        self.register_theme(theme.DARK)
        self.register_theme(theme.LIGHT)
        self.ansi_theme_dark = theme.DARK_ANSI
        self.ansi_theme_light = theme.LIGHT_ANSI
        self.asks_background = not self._appearance.chosen and "TEXTUAL_THEME" not in environ
        """Whether the theme suits the terminal's background."""
        if "TEXTUAL_THEME" not in environ:
            self.theme = self._appearance.theme
        self.add_mode(self.DEFAULT_MODE, partial(self._dashboard, notice, lesson=lesson))
        self._first_theme = self.theme
        if said_light(environ):
            self.suit_background(light=True)
        self.set_keymap(self._appearance.keys.keymap)

    @property
    def chosen_theme(self) -> str | None:
        """The theme that was chosen; None if it is the initial one."""
        return None if self.theme == self._first_theme else self.theme

    def suit_background(self, light: bool) -> None:
        """Take the theme for a light or a dark background, unless the user has chosen one."""
        if self.asks_background and self.theme == self._first_theme:
            self._first_theme = self.theme = (theme.LIGHT if light else theme.DARK).name

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, self._shown.changed(renderable))

    def clear_selection(self) -> None:
        """Clear what is selected on the screen.

        An input asks for it as it is mounted: from Python 3.12 on, before the first screen is on the stack.
        """
        if self.screen_stack:
            super().clear_selection()

    def _handle_exception(self, error: Exception) -> None:
        """Keep the exception for the caller of `run`; Textual would print a traceback."""
        self.failure = self.failure or error
        super()._handle_exception(error)
        self._exit_renderables.clear()

    def on_mount(self) -> None:
        """Wait for the request to end, and redraw after Ctrl-Z, when the screen is empty."""
        self.set_class(self.console.color_system == "standard", "-few-colours")
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if self._stop is not None:
            get_running_loop().add_reader(self._stop, self._end, self._stop)

    def on_ready(self) -> None:
        self.stands()

    async def on_event(self, event: events.Event) -> None:
        """Keep keys in order, escape pasted control characters, and redraw a terminal that was resized."""
        if isinstance(event, Typed) and not event.is_forwarded and self._waits(event):
            return
        if isinstance(event, events.Paste):
            # An input would draw them.
            event.text = format.pasted(event.text)
        elif isinstance(event, events.Resize):
            # It cut off what it showed, and Textual draws nothing if it soon has the size of before again.
            self.refresh(layout=True)
        await super().on_event(event)

    def _waits(self, typed: Typed) -> bool:
        """Whether something waits for what was typed before it, as all but quitting and suspending does."""
        return getattr(typed, "key", "") not in (QUIT, SUSPEND) and self.key_order.holds(typed)

    async def action_quit(self) -> None:
        """Quit, once changes of a source are saved or discarded; at once if that is asked already."""
        dashboard = self.screen_stack[0]
        if isinstance(dashboard, Dashboard) and not isinstance(self.screen, Question):
            dashboard.when_saved(super().action_quit)
        else:
            await super().action_quit()

    async def action_copy_or_quit(self) -> None:
        """Copy the text that is selected; quit if none is."""
        selected = self.screen.get_selected_text() or getattr(self.focused, "selected_text", "")
        if selected:
            self.copy_to_clipboard(selected)
            self.notify("copied the selected text", markup=False)
            self.screen.clear_selection()
        else:
            await self.action_quit()

    def _end(self, stop: int) -> None:
        get_running_loop().remove_reader(stop)
        self.exit()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(self.current_theme)

    def _dashboard(self, notice: str, *, lesson: bool) -> Dashboard:
        return Dashboard(
            self._deck,
            notice,
            self._appearance.keys.bindings,
            self._workbenches,
            lesson=lesson,
            recent=self._recent,
            broker_color=self._broker_color,
        )

    def _topic(self, workbench: "Workbench") -> OpenTopic:
        """A topic with the look that its panes had last."""
        name = workbench.snapshot().topic
        look = self.looks.get(name) or self._look_of(name)
        return OpenTopic(workbench, TopicColumns(parse_names(look.columns), look.times), look.widths)

    def note_panes(self) -> None:
        """Note the consumers and the looks of all topics that are shown."""
        for topic in self._deck.topics:
            self._note(topic)

    def _note(self, topic: OpenTopic) -> tuple[ConsumerSnapshot, ...]:
        consumers = topic.workbench.snapshot().consumers
        self.consumers[topic.name] = consumers
        columns = topic.columns
        self.looks[topic.name] = TopicLook(
            columns=names_text(columns.chosen), widths=self._deck.widths(topic), times=columns.time_style
        )
        return consumers

    def on_layout_named(self, message: LayoutNamed) -> None:
        self.note_panes()
        if self._keep_layout is not None:
            replaced = self._keep_layout(message.name, [topic.name for topic in self._deck.topics])
            self.notify(f"layout {message.name} {'replaced' if replaced else 'saved'}", markup=False)

    def on_topic_opened(self, message: TopicOpened) -> None:
        # Not here: keys come through this, and stored SmartStreams may come from a network.
        self.run_worker(self._open_topic(message.workbench, message.instead))

    async def _open_topic(self, workbench: "Workbench", instead: OpenTopic | None) -> None:
        """Show a topic beside the others, or with the filters of another one that it replaces."""
        self.opened.append(workbench)
        problems: list[EngineError] = []
        if instead is not None:
            consumers = self._note(instead)
            # Ends the builds of these files before theirs begin again.
            get_running_loop().run_in_executor(None, instead.workbench.close)
            problems = await asyncio.to_thread(open_again, consumers, workbench)
        notice = "\n".join(problem.message for problem in problems)
        self._shown_dashboard.open_topic(self._topic(workbench), instead, notice)

    def on_topic_closed(self, message: TopicClosed) -> None:
        async def close() -> None:
            self._note(message.topic)
            self._shown_dashboard.close_topic(message.topic)
            # Its threads may be waiting for a network.
            await asyncio.to_thread(message.topic.workbench.close)

        self._shown_dashboard.when_saved(close)

    @property
    def _shown_dashboard(self) -> Dashboard:
        dashboard = self.screen_stack[0]
        assert isinstance(dashboard, Dashboard), "dialogues are above it"
        return dashboard

    def key_name(self, action: str, otherwise: str = App.COMMAND_PALETTE_BINDING) -> str:
        """The name of an action's first key, by the action's id; of the key `otherwise` if it has none."""
        binding = next(one for one in self._appearance.keys.bindings if one.id == action)
        return self.get_key_display(
            replace(binding, key=binding.key.partition(",")[0] or otherwise or UNBOUND)
        )

    def get_key_display(self, binding: Binding) -> str:
        """The name of a key in the footer; empty if the action has none."""
        return "" if binding.key == UNBOUND else super().get_key_display(binding)
