"""Crates that are fetched from a folder, as your configuration of cargo may say."""

import json
from pathlib import Path

CONFIG = '[source.crates-io]\nreplace-with = "near"\n[source.near]\ndirectory = "{folder}"\n'


class LocalRegistry:
    """A folder of crates that replaces crates.io, and a cargo home that says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "near"
        self.folder.mkdir()
        self.home = folder / "cargo-home"
        self.home.mkdir()
        # Relative to the folder that has the home in it.
        (self.home / "config.toml").write_text(CONFIG.format(folder=self.folder.name))

    def add(
        self, name: str, code: str, *, manifest: str = "", version: str = "1.0.0", build: str = ""
    ) -> None:
        """Publish a crate, with a build script if `build` is its code."""
        folder = self.folder / f"{name}-{version}"
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "lib.rs").write_text(code)
        if build:
            (folder / "build.rs").write_text(build)
        package = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n{manifest}'
        (folder / "Cargo.toml").write_text(package)
        (folder / ".cargo-checksum.json").write_text(json.dumps({"files": {}}))
