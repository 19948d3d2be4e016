"""The command palette: every action that is possible now, once, with its key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from textual.actions import parse
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from tui.dashboard.keys.key_names import NamesKeys

_KEY_WIDTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One entry."""

    label: str
    """What it is called in the footer."""
    about: str
    """What is shown."""
    run: Callable[[], object]
    key: str = ""


def commands(screen: Screen[object]) -> Iterator[Command]:
    """What can be done now, in the order of the keys."""
    app = screen.app
    assert isinstance(app, NamesKeys), "only the dashboard's app has these screens"
    for node in filter(None, (screen, screen.focused)):
        for binding in node.BINDINGS:
            if isinstance(binding, Binding) and binding.id:
                _, name, parameters = parse(binding.action)
                if node.check_action(name, parameters):
                    yield Command(
                        label=binding.description,
                        about=binding.tooltip or binding.description,
                        run=partial(node.run_action, binding.action),
                        key=app.key_name(binding.id, otherwise=""),
                    )
    yield Command(label="Theme", about="Choose other colors", run=app.action_change_theme)
    yield Command(
        label="Screenshot",
        about="Save a picture of the screen",
        run=partial(app.deliver_screenshot, path="."),
    )


class Commands(Provider):
    """Finds commands by what they do and by what they are called."""

    async def discover(self) -> Hits:
        for one in commands(self.screen):
            yield DiscoveryHit(_line(one.key, Content(one.about)), one.run, one.about)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for one in commands(self.screen):
            found = matcher.match(one.about)
            score = max(found, matcher.match(one.label))
            if score > 0:
                about = matcher.highlight(one.about) if found > 0 else Content(one.about)
                yield Hit(score, _line(one.key, about), one.run, one.about)


def _line(key: str, about: Content) -> Content:
    return Content.styled(f"{key:>{_KEY_WIDTH}}", "bold $primary") + "  " + about
