"""The two themes of this program, and the variables that it adds to any other theme."""

from rich.terminal_theme import TerminalTheme
from textual.theme import Theme

_DARK_FILTERS = ("#5cc8e8", "#b99af8", "#e7c26b", "#f28fb6", "#86d99b", "#f0a672")
_LIGHT_FILTERS = ("#0a7597", "#7546c8", "#8a6200", "#b93672", "#24764a", "#b1500f")
_ANSI_FILTERS = (
    "ansi_cyan",
    "ansi_magenta",
    "ansi_yellow",
    "ansi_blue",
    "ansi_green",
    "ansi_bright_red",
)

DARK = Theme(
    name="fluvio-dark",
    primary="#5cc8e8",
    secondary="#7f9bc4",
    accent="#b99af8",
    success="#7fd49a",
    warning="#f0b65f",
    error="#f27781",
    foreground="#d5dbe6",
    background="#10141b",
    surface="#161c26",
    panel="#1e2633",
    dark=True,
    variables={
        "footer-background": "#161c26",
        "footer-key-foreground": "#5cc8e8",
        "footer-description-foreground": "#9aa6b8",
        "block-cursor-text-style": "none",
        "scrollbar": "#2d3849",
        "scrollbar-hover": "#3c4a60",
        "scrollbar-active": "#5cc8e8",
        "scrollbar-background": "#10141b",
        "scrollbar-background-hover": "#10141b",
        "scrollbar-background-active": "#10141b",
    },
)

LIGHT = Theme(
    name="fluvio-light",
    primary="#0a7597",
    secondary="#4a6a94",
    accent="#7546c8",
    success="#1f7a46",
    warning="#a35a00",
    error="#c02b3c",
    foreground="#232a35",
    background="#fcfcfd",
    surface="#f2f4f8",
    panel="#e4e8ef",
    dark=False,
    variables={
        "footer-background": "#f2f4f8",
        "footer-key-foreground": "#0a7597",
        "footer-description-foreground": "#5a6575",
        "block-cursor-text-style": "none",
        "scrollbar": "#cdd4df",
        "scrollbar-hover": "#b3bdcc",
        "scrollbar-active": "#0a7597",
        "scrollbar-background": "#fcfcfd",
        "scrollbar-background-hover": "#fcfcfd",
        "scrollbar-background-active": "#fcfcfd",
    },
)

DARK_ANSI = TerminalTheme(
    (16, 20, 27),
    (213, 219, 230),
    [
        (30, 38, 51),
        (242, 119, 129),
        (127, 212, 154),
        (240, 182, 95),
        (110, 168, 247),
        (185, 154, 248),
        (92, 200, 232),
        (213, 219, 230),
    ],
)
LIGHT_ANSI = TerminalTheme(
    (252, 252, 253),
    (35, 42, 53),
    [
        (35, 42, 53),
        (192, 43, 60),
        (31, 122, 70),
        (163, 90, 0),
        (28, 92, 190),
        (117, 70, 200),
        (10, 117, 151),
        (90, 101, 117),
    ],
)
"""A terminal's sixteen colours, which rustc uses, in these themes."""


def variables(theme: Theme) -> dict[str, str]:
    """The style variables of this program for a theme that does not set them."""
    filters = _ANSI_FILTERS if theme.ansi else _DARK_FILTERS if theme.dark else _LIGHT_FILTERS
    return {f"filter-{number}": colour for number, colour in enumerate(filters, 1)}
