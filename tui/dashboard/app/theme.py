"""The two themes of this program, and the variables that it adds to any other theme."""

from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.theme import Theme

_DARK_FILTERS = ("#5cc8e8", "#b99af8", "#e7c26b", "#f28fb6", "#86d99b", "#f0a672")
_LIGHT_FILTERS = ("#0a7597", "#7546c8", "#8a6200", "#b93672", "#24764a", "#b1500f")
_ANSI_FILTERS = ("ansi_cyan", "ansi_magenta", "ansi_yellow", "ansi_blue", "ansi_green", "ansi_bright_red")


def _variables(
    footer: str, key: str, description: str, scrollbar: str, hover: str, background: str
) -> dict[str, str]:
    return {
        "footer-background": footer,
        "footer-key-foreground": key,
        "footer-description-foreground": description,
        "block-cursor-text-style": "none",
        "scrollbar": scrollbar,
        "scrollbar-hover": hover,
        "scrollbar-active": key,
    } | {f"scrollbar-background{when}": background for when in ("", "-hover", "-active")}


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
    variables=_variables("#161c26", "#5cc8e8", "#9aa6b8", "#2d3849", "#3c4a60", "#10141b"),
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
    variables=_variables("#f2f4f8", "#0a7597", "#5a6575", "#cdd4df", "#b3bdcc", "#fcfcfd"),
)


def _ansi(*colours: str) -> TerminalTheme:
    """Of the background, the foreground, and eight colours, each `rrggbb`."""
    background, foreground, *ansi = (Color.parse(f"#{colour}").rgb for colour in colours)
    return TerminalTheme(background, foreground, ansi)


# A terminal's sixteen colours, which rustc uses, in these themes.
DARK_ANSI = _ansi(
    *("10141b", "d5dbe6"),
    *("1e2633", "f27781", "7fd49a", "f0b65f", "6ea8f7", "b99af8", "5cc8e8", "d5dbe6"),
)
LIGHT_ANSI = _ansi(
    *("fcfcfd", "232a35"),
    *("232a35", "c02b3c", "1f7a46", "a35a00", "1c5cbe", "7546c8", "0a7597", "5a6575"),
)


def variables(theme: Theme) -> dict[str, str]:
    """The style variables of this program for a theme that does not set them."""
    filters = _ANSI_FILTERS if theme.ansi else _DARK_FILTERS if theme.dark else _LIGHT_FILTERS
    return {f"filter-{number}": colour for number, colour in enumerate(filters, 1)}
