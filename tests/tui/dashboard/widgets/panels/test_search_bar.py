"""What the search bar says."""

from tui.dashboard.widgets.panels.search_bar import wrapped_words


def test_going_on_from_the_other_end_is_said() -> None:
    assert wrapped_words(1, 270, older=False) == " · back at the oldest"
    assert wrapped_words(1, 270, older=True) == " · back at the oldest loaded"
    assert wrapped_words(-1, 270, older=False) == " · back at the newest"
    assert wrapped_words(1, 1, older=True) == ""
