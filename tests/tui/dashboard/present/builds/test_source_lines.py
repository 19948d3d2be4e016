"""The source of a build in lines."""

from pathlib import Path

from engine.builds.source_text import Sources, SourceText
from tui.dashboard.present.builds.source_lines import MOST_LINES, Tone, difference_lines, source_lines


def sources(**texts: str) -> Sources:
    return tuple(SourceText(path=Path(f"{name}.rs"), text=text) for name, text in texts.items())


def test_files_are_numbered_one_after_another() -> None:
    lines = source_lines(sources(a="one\n\x1b[2J\n", b="two"))
    assert [line.tone for line in lines] == [Tone.TITLE, Tone.TEXT, Tone.TEXT, Tone.TITLE, Tone.TEXT]
    assert [line.text for line in lines] == ["a.rs", "   1  one", r"   2  \x1b[2J", "b.rs", "   1  two"]


def test_difference_is_from_the_build_to_the_file() -> None:
    old, new = sources(a="same\n--old\n", b="b", c="c"), sources(a="same\n++new\n", b="b")
    lines = difference_lines(old, new)
    assert [line for line in lines if line.tone in (Tone.REMOVED, Tone.ADDED)] == [
        (Tone.REMOVED, "---old"),
        (Tone.ADDED, "+++new"),
        (Tone.REMOVED, "-c"),
    ]
    assert [line.text for line in lines if line.tone is Tone.TITLE] == ["a.rs", "c.rs"]
    assert difference_lines(old, old) == []


def test_long_source_is_cut() -> None:
    lines = source_lines(sources(a="x\n" * MOST_LINES))
    assert len(lines) == MOST_LINES + 1
    assert lines[-1].text == "… 1 more lines"
