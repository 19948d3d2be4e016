"""The theme and the keys that a config file asks for, checked."""

from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from textual.theme import BUILTIN_THEMES

from tui.config.file import ConfigFile
from tui.config.settings import KEYS, THEME
from tui.dashboard.app import theme
from tui.dashboard.keys.keymap import Remapping, remap

THEMES = (theme.DARK.name, theme.LIGHT.name, *BUILTIN_THEMES)


@dataclass(frozen=True, slots=True)
class Appearance:
    """The theme and the keys of the dashboard."""

    theme: str = THEME
    chosen: bool = False
    """Whether that is the choice of the user, and not the default, which suits the terminal's background."""
    keys: Remapping = field(default_factory=lambda: remap({}))


def appearance(config: ConfigFile, chosen: str | None) -> tuple[Appearance, ConfigFile]:
    """What a config file asks for, as far as that can be; and the file, with what cannot be as problems.

    Where it names no theme, it is the one that was `chosen` last.
    """
    config = _with_theme(config, chosen if chosen in THEMES else THEME)
    keys = remap(config.settings.keys)
    problems = (f"{config.path}: {KEYS}.{problem}" for problem in keys.problems)
    refused = {f"{KEYS}.{identity}" for identity in keys.refused}
    config = replace(config, given=config.given - refused, problems=(*config.problems, *problems))
    own = "theme" in config.given or config.settings.theme == chosen
    return Appearance(config.settings.theme, chosen=own, keys=keys), config


def _with_theme(config: ConfigFile, otherwise: str) -> ConfigFile:
    asked = config.settings.theme
    if "theme" in config.given and asked in THEMES:
        return config
    config = replace(
        config, settings=replace(config.settings, theme=otherwise), given=config.given - {"theme"}
    )
    if asked in THEMES:
        return config
    near = get_close_matches(asked, THEMES, n=1)
    hint = f"did you mean {near[0]}?" if near else "'Theme' in the palette (ctrl+p) lists them"
    problem = f"{config.path}: theme: unknown theme '{asked}', using {otherwise}; {hint}"
    return replace(config, problems=(*config.problems, problem))
