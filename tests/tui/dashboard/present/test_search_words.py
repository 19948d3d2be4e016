"""The words for what a search has found."""

import pytest

from engine.live.scrollback.log_search import LogProgress
from tui.dashboard.present.search_words import found_words, log_words, wrapped_words


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (
            LogProgress(searched=3_200_000, total=10_000_000, hits=12, running=True),
            "log: searched 3.2M of 10M, 12 hits",
        ),
        (LogProgress(searched=900, total=900, hits=1, complete=True), "log: all 900 searched, 1 hit"),
        (LogProgress(problem="the broker does not answer"), "log: the broker does not answer"),
    ],
)
def test_progress_in_words(progress: LogProgress, words: str) -> None:
    assert log_words(progress, raw=True) == words
    assert log_words(progress, raw=False) == words.replace("log:", "records of the log:")


def test_going_on_from_the_other_end_is_said() -> None:
    assert wrapped_words(1, 270, older=False) == " · back at the oldest"
    assert wrapped_words(1, 270, older=True) == " · back at the oldest loaded"
    assert wrapped_words(-1, 270, older=False) == " · back at the newest"
    assert wrapped_words(1, 1, older=True) == ""


def test_a_hit_under_the_cursor_has_a_number() -> None:
    assert found_words(1, 2_000, hit=0, shown=1) == "1 record of 2,000"
    assert found_words(1_200, 2_000, hit=1_001, shown=1_100, wrapped=" · back") == "hit 1,001 of 1,100 · back"
