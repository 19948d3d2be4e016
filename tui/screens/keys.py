"""The keys of the dashboard: what the footer, the help and the palette show, and what a person may remap."""

from textual.binding import Binding, BindingType

BINDINGS: list[BindingType] = [
    Binding("space", "pause", "Pause", id="dashboard.pause", tooltip="Keep every pane still, or let go"),
    Binding("space", "follow", "Follow", id="dashboard.follow"),
    Binding(
        "enter",
        "inspect",
        "Inspect",
        key_display="⏎",
        id="dashboard.inspect",
        tooltip="Open the record under the cursor",
    ),
    Binding("e", "edit", "Edit", id="dashboard.edit", tooltip="Open the filter in $EDITOR"),
    Binding("r", "rebuild", "Rebuild", id="dashboard.rebuild", tooltip="Build the filter again"),
    Binding(
        "b",
        "builds",
        "Builds",
        show=False,
        id="dashboard.builds",
        tooltip="Go back to an earlier build",
    ),
    Binding("x", "close_filter", "Close", id="dashboard.close", tooltip="Close the filter's pane"),
    Binding("a", "add", "Add", id="dashboard.add", tooltip="Add a filter: from a file, stored, or new"),
    Binding("y", "copy", "Copy", show=False, id="dashboard.copy", tooltip="Copy the record's value"),
    Binding(
        "m",
        "message",
        "Messages",
        show=False,
        id="dashboard.message",
        tooltip="Read every message in full",
    ),
    Binding(
        "slash", "search", "Search", key_display="/", id="dashboard.search", tooltip="Search the records"
    ),
    Binding("n", "seek(1)", "Next hit", show=False, id="dashboard.next_hit"),
    Binding("N", "seek(-1)", "Hit before", show=False, id="dashboard.hit_before"),
    Binding(
        "d",
        "changes",
        "Diff",
        id="dashboard.changes",
        tooltip="List what the last reload changed",
    ),
    Binding(
        "o",
        "printed",
        "Output",
        id="dashboard.printed",
        tooltip="Read what filters print",
    ),
    Binding("question_mark", "help", "Help", key_display="?", id="dashboard.help"),
    Binding("q", "app.quit", "Quit", id="dashboard.quit"),
    Binding("tab,right,l", "turn(1)", "Next pane", show=False, id="dashboard.next"),
    Binding("shift+tab,left,h", "turn(-1)", "Pane before", show=False, id="dashboard.before"),
    Binding(
        "z",
        "maximise",
        "Maximise",
        show=False,
        id="dashboard.maximise",
        tooltip="Show one pane alone, or all",
    ),
    Binding("z", "restore", "All panes", show=False, id="dashboard.restore"),
    Binding(
        "less_than_sign",
        "move_filter(-1)",
        "Move left",
        show=False,
        id="dashboard.move_left",
        tooltip="Move the filter's pane to the left",
    ),
    Binding(
        "greater_than_sign",
        "move_filter(1)",
        "Move right",
        show=False,
        id="dashboard.move_right",
        tooltip="Move the filter's pane to the right",
    ),
    *(Binding(str(number), f"turn_to({number})", f"Pane {number}", show=False) for number in range(10)),
    Binding("escape", "put_away", "Close what lies open", show=False, id="dashboard.put_away"),
]
"""In the order of the footer. Whoever has no `id` is in neither help nor palette."""
