"""What the package says on PyPI, where the README's links have no files to lead to.

FLUVIO_TUI_REPOSITORY (https://github.com/OWNER/NAME), set by the workflow that publishes a release, makes the
package's links, and absolute ones of the README's, whose commands then install what was published. Without it
the README stays as it is.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")


class CustomMetadataHook(MetadataHookInterface):
    """Sets the README and the project's links."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text("utf-8")
        metadata["urls"] = {}
        if repository := os.environ.get("FLUVIO_TUI_REPOSITORY"):
            tree = f"{repository}/blob/v{metadata['version']}"
            metadata["urls"] = {
                "Source": repository,
                "Documentation": f"{tree}/docs/README.md",
                "Changelog": f"{tree}/CHANGELOG.md",
                "Issues": f"{repository}/issues",
            }
            # A file's page on GitHub is no picture: its text is.
            text = LINK.sub(rf"\1[\2]({tree}/\3)", text)
            text = re.sub(r"(!\[[^\]]*\]\([^)]*/)blob/", r"\1raw/", text)
            text = text.replace("git+REPOSITORY", metadata["name"]).replace("REPOSITORY", repository)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
