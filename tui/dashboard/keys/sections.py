"""Actions in groups with titles, for the help and docs/keys.md."""

from tui.dashboard.keys.bindings import GROUPS, KEYS, OWN_TARGETS, Key

_OF_DASHBOARD = {
    "record": "Records",
    **dict.fromkeys(("deck", "rows"), "Panes"),
    **dict.fromkeys(("filter", "source"), "The filter of the current pane"),
    **dict.fromkeys(("search", "dock", "compare"), "Search and dock"),
    "topic": "The topic",
    **dict.fromkeys(OWN_TARGETS, "The program"),
}
"""Titles by the targets of the dashboard's actions."""


def sections() -> dict[str, list[Key]]:
    """Every action, by the title of its section: movement first, then the rest of the dashboard."""
    found: dict[str, list[Key]] = {title: [] for title in (GROUPS["view"].title, *_OF_DASHBOARD.values())}
    for key in KEYS:
        of_dashboard = _OF_DASHBOARD.get(key.target) if key.group == "dashboard" else None
        found.setdefault(of_dashboard or GROUPS[key.group].title, []).append(key)
    return {title: keys for title, keys in found.items() if keys}
