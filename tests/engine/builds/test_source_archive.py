"""The sources of builds: kept across sessions within bounds, and restored without losing what is there."""

import json
import stat
from pathlib import Path

import pytest

from engine.builds import source_archive
from engine.builds.source_archive import KeptBuild, SourceArchive
from engine.builds.source_text import (
    LARGEST_SOURCES,
    RestoringError,
    Sources,
    SourceText,
    read_sources,
    unchanged,
)


def sources(path: Path, *texts: str) -> Sources:
    """A file, and others that it includes."""
    return tuple(
        SourceText(path=path if not number else path.with_name(f"{number}.rs"), text=text)
        for number, text in enumerate(texts)
    )


def kept(archive: SourceArchive, path: Path, *texts: str, first: int = 1) -> None:
    for started, text in enumerate(texts, first):
        archive.keep(
            KeptBuild(trigger="saved", started=started, ready=True, sources=sources(path, text, "part"))
        )


def texts(archive: SourceArchive, path: Path) -> list[str]:
    return [build.sources[0].text for build in archive.builds(path)]


@pytest.fixture
def archive(tmp_path: Path) -> SourceArchive:
    return SourceArchive(tmp_path / "state" / "sources")


def test_builds_are_found_again_newest_first(archive: SourceArchive, tmp_path: Path) -> None:
    path = tmp_path / "f.rs"
    kept(archive, path, "a 🦀\r\n", "b", "b", "a 🦀\r\n")
    kept(archive, tmp_path / "g.rs", "other")
    again = SourceArchive(tmp_path / "state" / "sources")
    assert texts(again, path) == ["a 🦀\r\n", "b", "a 🦀\r\n"]
    assert again.builds(path)[0].sources[1] == SourceText(path=tmp_path / "1.rs", text="part")
    assert again.builds(tmp_path / "none.rs") == ()


def test_only_the_owner_may_read_them(archive: SourceArchive, tmp_path: Path) -> None:
    kept(archive, tmp_path / "f.rs", "a")
    for path in [tmp_path / "state", *(tmp_path / "state").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_number_and_bytes_are_bounded(
    archive: SourceArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.rs"
    kept(archive, path, *map(str, range(source_archive.BUILDS + 5)))
    assert texts(archive, path)[-1] == "5"
    monkeypatch.setattr(source_archive, "BUILDS_BYTES", 3_000)
    kept(archive, tmp_path / "g.rs", *(str(number) * 1_000 for number in range(5)))
    assert len(texts(archive, tmp_path / "g.rs")) == 2
    monkeypatch.setattr(source_archive, "ALL_BYTES", 2_000)
    kept(archive, tmp_path / "h.rs", "x" * 5_000, first=100)
    assert texts(archive, tmp_path / "h.rs") == ["x" * 5_000], "the newest always stays"
    assert len(list((tmp_path / "state").rglob("*.json"))) == 1


def test_what_is_damaged_is_left_out(archive: SourceArchive, tmp_path: Path) -> None:
    path = tmp_path / "f.rs"
    kept(archive, path, "a", "b", "c", "d")
    files = sorted((tmp_path / "state").rglob("*.json"))
    for file, text in zip(files[:3], ("", "[1]", json.dumps({"trigger": "t"})), strict=True):
        file.write_text(text)
    assert texts(archive, path) == ["d"]


def test_too_large_a_source_is_not_kept(archive: SourceArchive, tmp_path: Path) -> None:
    (tmp_path / "f.rs").write_text("x" * (LARGEST_SOURCES + 1))
    assert read_sources([tmp_path / "f.rs"]) == ()
    archive.keep(KeptBuild(trigger="saved", started=1, ready=True, sources=()))
    assert not (tmp_path / "state").exists()


def test_source_that_was_saved_during_its_build_is_not_kept(tmp_path: Path) -> None:
    before, after = sources(tmp_path / "f.rs", "a"), sources(tmp_path / "f.rs", "a", "included")
    assert unchanged(before, after) == after
    assert unchanged(before, sources(tmp_path / "f.rs", "b")) == ()
    assert unchanged(after, before) == before, "the other file is no longer included"


def test_restoring_keeps_what_was_there(archive: SourceArchive, tmp_path: Path) -> None:
    path = tmp_path / "f.rs"
    path.write_text("never built")
    path.chmod(0o640)
    assert archive.restore(sources(path, "old", "part")) == (path, tmp_path / "1.rs")
    assert (path.read_text(), (tmp_path / "1.rs").read_text()) == ("old", "part")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    newest = archive.builds(path)[0]
    assert (newest.trigger, newest.sources[0].text) == ("before restoring", "never built")
    assert archive.restore(newest.sources) == (path,)
    assert path.read_text() == "never built"


def test_a_link_stays_one(archive: SourceArchive, tmp_path: Path) -> None:
    (tmp_path / "target.rs").write_text("new")
    (tmp_path / "f.rs").symlink_to(tmp_path / "target.rs")
    archive.restore(sources(tmp_path / "f.rs", "old"))
    assert (tmp_path / "f.rs").is_symlink()
    assert (tmp_path / "target.rs").read_text() == "old"


def test_nothing_is_written_over_what_cannot_be_kept(archive: SourceArchive, tmp_path: Path) -> None:
    path = tmp_path / "f.rs"
    path.write_bytes(b"\xff not text")
    with pytest.raises(RestoringError, match=r"f.rs cannot be read, and would be lost"):
        archive.restore(sources(path, "old"))
    assert path.read_bytes() == b"\xff not text"
    path.write_text("new")
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(RestoringError, match="now cannot be kept"):
        archive.restore(sources(path, "old"))
    assert path.read_text() == "new"
