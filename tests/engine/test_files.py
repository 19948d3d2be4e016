import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import BuildError
from engine.files import check_folder, create_folder, create_private, make_private, open_private, replace_file


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_created_for_their_owner_only(tmp_path: Path, no_umask: None) -> None:
    create_folder(tmp_path / "a" / "b")
    create_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(FileExistsError):
        create_folder(file)
    with pytest.raises(NotADirectoryError):
        create_folder(file / "below")


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    create_folder(tmp_path / "shared")
    assert mode(tmp_path / "shared") == 0o755


def test_files_are_opened_for_their_owner_only(tmp_path: Path, no_umask: None) -> None:
    earlier = tmp_path / "earlier"
    earlier.touch(0o666)
    for path in (earlier, tmp_path / "fresh"):
        os.close(open_private(path))
        assert mode(path) == 0o600
    os.close(create_private(tmp_path / "created"))
    assert mode(tmp_path / "created") == 0o600
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "created")


def test_a_file_is_private_from_its_first_moment(
    tmp_path: Path, no_umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fchmod", lambda *_: None)  # what would close it a moment later
    os.close(open_private(tmp_path / "fresh"))
    assert mode(tmp_path / "fresh") == 0o600


@pytest.mark.parametrize("dangling", [True, False])
def test_links_are_not_followed(tmp_path: Path, dangling: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if not dangling:
        target.touch(0o644)
    link.symlink_to(target)
    for opened in (open_private, create_private):
        with pytest.raises(OSError, match=r"symbolic links|File exists"):
            opened(link)
    assert target.exists() is not dangling


def test_the_files_of_a_user_keep_to_the_umask(tmp_path: Path, no_umask: None) -> None:
    replace_file(tmp_path / "public", b"x")
    replace_file(tmp_path / "private", b"x", private=True)
    assert (mode(tmp_path / "public"), mode(tmp_path / "private")) == (0o666, 0o600)


def test_a_link_under_the_temporary_name_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("kept")
    (tmp_path / f".file.{os.getpid()}").symlink_to(target)
    replace_file(tmp_path / "file", b"new")
    assert (target.read_text(), (tmp_path / "file").read_bytes()) == ("kept", b"new")
    assert not (tmp_path / "file").is_symlink()


def test_permissions_of_others_are_taken_away(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    folder.chmod(0o775)
    file.touch()
    file.chmod(0o644)
    make_private(folder)
    make_private(file)
    assert (mode(folder), mode(file)) == (0o700, 0o600)


@pytest.mark.parametrize("bits", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, bits: int) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(bits)
    with pytest.raises(BuildError, match="other users may write") as raised:
        check_folder(folder, BuildError)
    assert f"chmod go-w {folder}" in raised.value.remedy
    folder.chmod(0o755)
    check_folder(folder, BuildError)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(0o700)
    os.chown(folder, 12345, 12345)
    with pytest.raises(BuildError, match="belongs to another user"):
        check_folder(folder, BuildError)
