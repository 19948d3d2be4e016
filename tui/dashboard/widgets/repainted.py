"""A widget that most frames draw again, and that tells the screen so itself."""

from textual.dom import NoScreen
from textual.widget import Widget


class Repainted(Widget):
    """Textual's way takes two messages for each widget and frame, through queues of their own."""

    def check_idle(self) -> None:
        """Have it drawn, if nothing else is to be done; else wait for an idle moment."""
        others = self._layout_required or self._scroll_required or self._refresh_styles_required
        if not self._repaint_required or others or not self._is_mounted:
            super().check_idle()
            return
        try:
            screen = self.screen
        except NoScreen:
            return
        self._repaint_required = False
        if self.display and screen in screen._compositor:
            screen._dirty_widgets.add(self)
            screen.check_idle()
