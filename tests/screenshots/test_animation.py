"""The film: each row drawn once, a frame for each screen, and small enough for a page."""

from pathlib import Path
from xml.etree import ElementTree

import pyte

from tests.screenshots.animation import Frame, film, row_of

SVG = "{http://www.w3.org/2000/svg}"
CAST = Path(__file__).parents[2] / "screenshots/cast.svg"


def shown(*texts: str, seconds: float = 1.0) -> Frame:
    screen = pyte.Screen(20, 2)
    pyte.Stream(screen).feed("\r\n".join(texts))
    return Frame(tuple(row_of(screen, number) for number in range(screen.lines)), seconds)


def test_a_row_that_stays_is_drawn_once() -> None:
    root = ElementTree.fromstring(
        film([shown("one", "two"), shown("one", "\x1b[31mtwo & <three>")], "a film")
    )
    assert [text.text for text in root.iter(f"{SVG}text")] == ["one", "two", "two & <three>", "a film"]
    one = next(group for group in root.iter(f"{SVG}g") if "".join(group.itertext()) == "one")
    assert len([use for use in root.iter(f"{SVG}use") if use.get("href") == f"#{one.get('id')}"]) == 2


def test_frames_last_as_long_as_they_were_seen() -> None:
    played = film([shown("a", seconds=1), shown("b", seconds=3)], "a film")
    assert "0.000% { transform: translateX(0px) } 25.000% {" in played
    assert "film 4.0s step-end" in played


def test_the_film_of_the_readme_fits_a_page() -> None:
    assert CAST.stat().st_size <= 500_000
    root = ElementTree.parse(CAST).getroot()
    texts = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    assert "now pass" in texts
    assert "STALE" in texts
