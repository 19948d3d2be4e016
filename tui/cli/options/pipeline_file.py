"""A pipeline file named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.options.input_files import check_readable
from tui.cli.options.steps import check_step_files

if TYPE_CHECKING:
    from engine.pipeline.spec import PipelineDescription


def pipeline_in(file: str) -> PipelineDescription:
    """What a pipeline file describes; the files of its steps exist.

    `Failure`, `ChainFileError` or `PipelineError`.
    """
    from engine.pipeline.spec import read_pipeline_file

    found = read_pipeline_file(check_readable(file, "pipeline file"))
    check_step_files(found.steps, file)
    return found
