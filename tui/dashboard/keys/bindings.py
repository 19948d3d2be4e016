"""The one table of keys: footer, help, palette, hints, remapping and docs/keys.md all read it.

A widget takes its rows with `bindings("group")`. On the dashboard, an action names the part of the screen
that acts, as in `deck.turn(1)`: see `Dashboard.action_on`.
"""

from dataclasses import dataclass

from textual.actions import parse
from textual.binding import Binding, BindingType

OWN_TARGETS = ("", "app")
"""Targets of actions that Textual finds itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Actions of one widget."""

    title: str
    meets: tuple[str, ...] = ()
    """Groups whose actions are possible at the same time, so that they compete for keys."""


GROUPS = {
    "dashboard": Group(title="Dashboard", meets=("view",)),
    "view": Group(title="Records of a pane"),
    "times": Group(title="Records over time"),
    "plot": Group(title="The plot"),
    "inspector": Group(title="One record"),
    "value": Group(title="The value of a record"),
    "builds": Group(title="Builds", meets=("list",)),
    "editor": Group(title="Editing a source"),
    "question": Group(title="Questions", meets=("list",)),
    "changes": Group(title="The list of changes"),
    "source": Group(title="The source of a build"),
    "pin": Group(title="Choosing a filter", meets=("list",)),
    "columns": Group(title="Choosing columns"),
    "list": Group(title="Lists"),
    "text": Group(title="Pages of text", meets=("help", "dashboard", "scripts", "source")),
    "help": Group(title="Help"),
    "scripts": Group(title="Build scripts of crates"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """One action and its default keys."""

    id: str
    """What a config file calls it. It begins with the group."""
    keys: str
    """As Textual names them, separated by commas."""
    action: str
    label: str
    """In footer and palette."""
    about: str = ""
    """In help and palette; the label if empty."""
    footer: int = 0
    """Its rank in the footer; 0 for none. A narrow one leaves out the highest ranks."""
    symbol: str | None = None
    """How the footer writes the key, if not as Textual does."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]

    @property
    def target(self) -> str:
        """The part of the dashboard that acts; empty for the widget that has the key."""
        return parse(self.action)[0]

    def binding(self) -> Binding:
        target, name, parameters = parse(self.action)
        action = self.action if target in OWN_TARGETS else f"on{(target, name, *parameters)!r}"
        return Binding(
            self.keys, action, self.label, self.footer > 0, self.symbol, tooltip=self.about, id=self.id
        )


_INSPECT = "Open the record under the cursor"
_RATE_LIMIT = "Set the rate limit, parameters and position"
# In the order of the footer and the help.
KEYS = (
    Key("dashboard.pause", "space", "rows.pause", "Pause", "Pause all panes, or follow the newest", 1),
    Key("dashboard.follow", "space", "rows.follow", "Follow", footer=1),
    Key("dashboard.inspect", "enter", "record.inspect", "Inspect", _INSPECT, 2, "⏎"),
    Key("dashboard.record", "W", "record.detail", "Record", "Show the record, and why it passes or not"),
    Key("dashboard.enter_record", "I", "record.enter", "Into the record", "Go to the fields of the record"),
    Key("dashboard.new_filter", "F", "record.filter", "New filter", "Begin a filter with a field"),
    Key("dashboard.edit", "e", "filter.edit", "Edit", "Open the filter in $EDITOR", 2),
    Key("dashboard.edit_here", "E", "source.open", "Edit here", "Edit the source here, beside its panes"),
    Key("dashboard.rebuild", "r", "filter.rebuild", "Rebuild", "Build the filter again", 4),
    Key("dashboard.run_on", "P", "filter.run_on", "Run on SPUs", "Run the filter on the SPUs, or here again"),
    Key("dashboard.builds", "b", "dock.turn('Builds')", "Builds", "Switch to an earlier build"),
    Key("dashboard.close", "x", "filter.close", "Close", "Close the filter's pane, or a topic", 5),
    Key("dashboard.add", "a", "topic.add", "Add", "Add a filter: a file, stored, or new", 2),
    Key("dashboard.copy", "y", "record.copy", "Copy", "Copy the record's value"),
    Key("dashboard.view", "f", "rows.view(1)", "View", "Show passed, dropped, failed or all"),
    Key("dashboard.inputs", "i", "rows.inputs", "Inputs", "Show the input beside each output"),
    Key("dashboard.message", "m", "dock.turn('Messages')", "Messages", "Read all messages in full"),
    Key("dashboard.search", "slash", "search.open", "Search", "Search the records", 2, "/"),
    Key("dashboard.next_match", "n", "search.seek(1)", "Next match"),
    Key("dashboard.previous_match", "N", "search.seek(-1)", "Previous match"),
    Key("dashboard.hits", "ampersand", "rows.hits", "Only hits", "Show only the hits, or all", symbol="&"),
    Key("dashboard.changes", "d", "dock.turn('Changes')", "Diff", "List what the last reload changed", 2),
    Key("dashboard.compare", "D", "compare.choose", "Compare", "List the differences between any two"),
    Key("dashboard.printed", "o", "dock.turn('Printed')", "Output", "Read what filters print", 3),
    Key(
        "dashboard.fields", "S", "dock.turn('Fields')", "Fields", "See which fields tell passed from dropped"
    ),
    Key("dashboard.plot", "v", "dock.turn('Plot')", "Plot over time", "Plot throughput and pass rates"),
    Key("dashboard.times", "H", "dock.turn('Time')", "Times", "Count records by time, and go there"),
    Key("dashboard.enlarge", "Z", "dock.enlarge", "Enlarge", "Enlarge the dock, or make it small again"),
    Key("dashboard.help", "question_mark", "help", "Help", footer=1, symbol="?"),
    Key("dashboard.lesson", "T", "dock.turn('Lesson')", "Lesson", "Learn the loop in five steps"),
    Key("dashboard.quit", "q", "app.quit", "Quit", footer=1),
    Key("dashboard.next", "tab,right,l", "deck.turn(1)", "Next pane"),
    Key("dashboard.previous", "shift+tab,left,h", "deck.turn(-1)", "Previous pane"),
    Key("dashboard.produce", "p", "record.produce", "Produce", "Type a record for the topic"),
    Key("dashboard.save", "s", "record.save", "Save", "Write the pane's records to a file"),
    Key("dashboard.replay", "R", "topic.replay", "Replay", "Read the topic again"),
    Key("dashboard.go_to", "colon", "topic.go_to", "Go to", "Go to an offset or a time"),
    Key("dashboard.beginning", "ctrl+home", "topic.beginning", "Beginning", "To the topic's first record"),
    Key("dashboard.rate_limit", "c", "filter.rate_limit", "Rate limit and position", _RATE_LIMIT),
    Key("dashboard.slower", "minus", "filter.slower", "Slower", "Halve the rate limit"),
    Key("dashboard.faster", "plus,equals_sign", "filter.faster", "Faster", "Double the rate limit"),
    Key("dashboard.topics", "t", "topic.change", "Topics", "Open another topic, or one beside"),
    Key("dashboard.save_layout", "ctrl+s", "topic.save_layout", "Save layout", "Save the panes as a layout"),
    Key("dashboard.maximise", "z", "deck.maximise", "Maximise", "Show one pane alone, or all"),
    Key("dashboard.lock", "L", "rows.lock", "Lock", "Panes by offset: locked, aligned, or free"),
    Key("dashboard.narrower", "left_curly_bracket", "deck.resize(-1)", "Narrower", "Make the pane narrower"),
    Key("dashboard.wider", "right_curly_bracket", "deck.resize(1)", "Wider", "Make the pane wider"),
    Key("dashboard.columns", "C", "topic.columns", "Columns", "Choose the columns of the rows"),
    Key("dashboard.time_style", "u", "rows.times", "Time style", "Times local, UTC, as ages, or differences"),
    Key("dashboard.scroll_left", "shift+left", "rows.scroll(-1)", "Scroll left", "Scroll all rows left"),
    Key("dashboard.scroll_right", "shift+right", "rows.scroll(1)", "Scroll right", "Scroll all rows right"),
    Key("dashboard.restore", "z", "deck.restore", "All panes"),
    Key("dashboard.move_left", "less_than_sign", "filter.move(-1)", "Move left", "Move the filter left"),
    Key("dashboard.move_right", "greater_than_sign", "filter.move(1)", "Move right", "Move the filter right"),
    Key("dashboard.close_panel", "escape", "close_panel", "Close the open panel"),
    Key("view.up", "up,k", "move(-1)", "Up a record"),
    Key("view.down", "down,j", "move(1)", "Down a record"),
    Key("view.page_up", "pageup", "page(-1)", "Up a page"),
    Key("view.page_down", "pagedown", "page(1)", "Down a page"),
    Key("view.top", "home,g", "top", "To the oldest record that is loaded"),
    Key("view.wrap", "w", "wrap", "Wrap", "Show all of the record under the cursor"),
    Key("view.follow", "end,G", "follow", "Follow the newest record"),
    Key("times.earlier", "left,h", "move(-1)", "Earlier bar"),
    Key("times.later", "right,l", "move(1)", "Later bar"),
    Key("times.oldest", "home,g", "end(-1)", "To the oldest bar"),
    Key("times.newest", "end,G", "end(1)", "To the newest bar"),
    Key("times.go", "enter", "go", "Go to the first record of the bar"),
    Key("times.log", "a", "log", "Whole log", "Count the whole log, or what is in memory"),
    Key("plot.earlier", "left,h", "move(-1)", "Numbers of an earlier time"),
    Key("plot.later", "right,l", "move(1)", "Numbers of a later time"),
    Key("plot.oldest", "home,g", "end(-1)", "To the oldest time"),
    Key("plot.newest", "end,G", "end(1)", "To the newest time"),
    Key("inspector.end_search", "escape", "end_search", "End the search in the value"),
    Key("inspector.close", "escape,enter,q", "dismiss", "Close the record"),
    Key("inspector.up", "up,k", "step(-1)", "Previous record"),
    Key("inspector.down", "down,j", "step(1)", "Next record"),
    Key("inspector.next_format", "right,l", "format(1)", "Next format"),
    Key("inspector.previous_format", "left,h", "format(-1)", "Previous format"),
    Key("inspector.next_output", "right_square_bracket", "output(1)", "Next output"),
    Key("inspector.previous_output", "left_square_bracket", "output(-1)", "Previous output"),
    Key("inspector.value", "tab,shift+tab", "enter", "Into the value", symbol="⇥"),
    Key("inspector.page_up", "pageup", "page(-1)", "Up a page of the value"),
    Key("inspector.page_down", "pagedown,space", "page(1)", "Down a page of the value"),
    Key("inspector.top", "home,g", "end(-1)", "To the start of the value"),
    Key("inspector.end", "end,G", "end(1)", "To the end of the value"),
    Key("inspector.search", "slash", "search", "Search in the value"),
    Key("inspector.next_match", "n", "seek(1)", "Next match in the value"),
    Key("inspector.previous_match", "N", "seek(-1)", "Previous match in the value"),
    Key("inspector.copy", "y", "copy", "Copy the value"),
    Key("inspector.pin", "t", "pin", "Pin as a test case"),
    Key("value.up", "up,k", "move(-1)", "Previous line"),
    Key("value.down", "down,j", "move(1)", "Next line"),
    Key("value.unfold", "right,l", "unfold", "Unfold"),
    Key("value.fold", "left,h", "fold", "Fold"),
    Key("value.toggle", "enter,space", "toggle_fold", "Fold or unfold"),
    Key("value.toggle_all", "z", "toggle_all", "Fold or unfold all"),
    Key("value.copy", "y", "copy", "Copy the field"),
    Key("value.copy_path", "Y", "copy_path", "Copy the path of the field"),
    Key("value.filter", "F", "filter", "Begin a filter with the field"),
    Key("value.search", "slash", "search", "Search in the value"),
    Key("value.next_match", "n", "seek(1)", "Next match in the value"),
    Key("value.previous_match", "N", "seek(-1)", "Previous match in the value"),
    Key("value.end_search", "escape", "end_search", "End the search in the value"),
    Key("value.leave", "tab,shift+tab,escape", "leave", "Back to the records", symbol="⇥"),
    Key("editor.save", "ctrl+s", "save", "Save", "Save the source, which reloads it"),
    Key("editor.leave", "escape", "leave", "To the panes", "Go to the panes; once more closes the editor"),
    Key("editor.next_note", "f8", "next_note", "Next error", "Go to the next error or warning"),
    Key("question.cancel", "escape,q", "dismiss(None)", "Choose no answer"),
    Key("changes.group", "ctrl+g", "group", "Group", "List the changes with one value of a field"),
    Key("changes.pin", "t", "pin", "Pin all", "Pin all that is listed as test cases"),
    Key("builds.view", "v", "view", "Source", "Read the source of a build"),
    Key("builds.compare", "d", "compare", "Difference", "Compare the source of a build with the file"),
    Key("builds.restore", "r", "restore", "Restore", "Write the source of a build to the file again"),
    Key("source.close", "escape,q,v,d", "dismiss", "Close the source of a build"),
    Key("pin.cancel", "escape,q", "dismiss(None)", "Choose no filter"),
    Key("pin.all", "a", "all", "Choose all filters"),
    Key("columns.toggle", "enter", "turn", "Show or hide", "Show or hide the column"),
    Key("columns.up", "up", "highlight(-1)", "Previous column"),
    Key("columns.down", "down", "highlight(1)", "Next column"),
    Key("columns.earlier", "shift+up", "order(-1)", "Earlier", "Move the column to the left"),
    Key("columns.later", "shift+down", "order(1)", "Later", "Move the column to the right"),
    Key("columns.narrower", "shift+left", "resize(-1)", "Narrower", "Make the column narrower"),
    Key("columns.wider", "shift+right", "resize(1)", "Wider", "Make the column wider"),
    Key("columns.guess", "ctrl+r", "guess", "Guess", "Show the columns that say most"),
    Key("columns.close", "escape", "dismiss", "Close the columns"),
    Key("list.up", "up,k", "cursor_up", "Up a line"),
    Key("list.down", "down,j", "cursor_down", "Down a line"),
    Key("list.page_up", "pageup", "page_up", "Up a page of the list"),
    Key("list.page_down", "pagedown,space", "page_down", "Down a page of the list"),
    Key("list.top", "home,g", "first", "To the first line"),
    Key("list.end", "end,G", "last", "To the last line"),
    Key("list.choose", "enter", "select", "Choose"),
    Key("text.up", "up,k", "scroll_up", "Up a line of the text"),
    Key("text.down", "down,j", "scroll_down", "Down a line of the text"),
    Key("text.page_up", "pageup", "page_up", "Up a page of the text"),
    Key("text.page_down", "pagedown,space", "page_down", "Down a page of the text"),
    Key("text.top", "home,g", "scroll_home", "To the start of the text"),
    Key("text.end", "end,G", "scroll_end", "To the end of the text"),
    Key("help.close", "escape,enter", "dismiss", "Close the help"),
    Key("help.signs", "tab", "signs", "Show the signs, or the keys", symbol="⇥"),
    Key("scripts.allow", "enter", "dismiss(True)", "Allow them"),
    Key("scripts.refuse", "escape,q", "dismiss(None)", "Do not allow them"),
)

_NO_FILTER = "this pane has no filter: go to the pane of one, or add one"
_NO_SOURCE = "this pane has no source file that you can edit: go to the pane of a filter that has one"
_NO_FILTERS = "this topic has no filter: add one"
_NO_SEARCH = "nothing is searched for"
_ONE_PANE = "there is only one pane: add a filter"
IDLE = {
    "dashboard.fields": _NO_FILTERS,
    "dashboard.edit": _NO_SOURCE,
    "dashboard.edit_here": _NO_SOURCE,
    "dashboard.rebuild": _NO_FILTER,
    "dashboard.builds": _NO_FILTER,
    "dashboard.close": _NO_FILTER,
    "dashboard.view": "the raw pane shows all records: go to the pane of a filter",
    "dashboard.inputs": "this pane shows records as they are in the topic",
    "dashboard.message": "there are no messages",
    "dashboard.next_match": _NO_SEARCH,
    "dashboard.previous_match": _NO_SEARCH,
    "dashboard.hits": _NO_SEARCH,
    "dashboard.changes": "the last reload changed no verdict and no output",
    "dashboard.times": "there are no records yet",
    "dashboard.compare": _NO_FILTERS,
    "dashboard.printed": "no filter has printed anything",
    "dashboard.rate_limit": _NO_FILTERS,
    "dashboard.slower": _NO_FILTER,
    "dashboard.faster": _NO_FILTER,
    "dashboard.topics": "there is no other topic",
    "dashboard.maximise": _ONE_PANE,
    "dashboard.lock": "panes are locked together within a topic, and this one has one pane",
    "dashboard.narrower": _ONE_PANE,
    "dashboard.wider": _ONE_PANE,
    "dashboard.move_left": _NO_FILTER,
    "dashboard.move_right": _NO_FILTER,
}
"""What the keys of an action say while there is nothing that it could act on."""

RENAMED = {
    "dashboard.before": "dashboard.previous",
    "dashboard.hit_before": "dashboard.previous_match",
    "dashboard.next_hit": "dashboard.next_match",
    "dashboard.pace": "dashboard.rate_limit",
    "dashboard.put_away": "dashboard.close_panel",
    "inspector.format_before": "inspector.previous_format",
}
"""Ids that config files of earlier versions use, and what they are called now."""


def bindings(group: str) -> list[BindingType]:
    """The rows of a widget, for its `BINDINGS`."""
    return [key.binding() for key in KEYS if key.group == group]


def pane_bindings() -> list[BindingType]:
    """The digits, which turn to panes."""
    return [
        Binding(str(number), f"on('deck', 'turn_to', {number})", f"Pane {number}", show=False)
        for number in range(10)
    ]
