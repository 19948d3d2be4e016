"""The words for a search through the log."""

import pytest

from engine.live.scrollback.log_search import LogProgress
from tui.dashboard.present.search_words import log_words


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
