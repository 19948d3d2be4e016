import sys

import pytest

from engine import extras


@pytest.mark.parametrize(
    "pip, remedy",
    [
        (True, "install it with: '/home/an ant/python' -m pip install 'fluvio-tui[kafka]'"),
        (False, "install it with: uv pip install --python '/home/an ant/python' 'fluvio-tui[kafka]'"),
    ],
)
def test_an_extra_is_installed_where_the_program_runs(
    monkeypatch: pytest.MonkeyPatch, pip: bool, remedy: str
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: pip or None)
    monkeypatch.setattr(sys, "executable", "/home/an ant/python")
    assert extras.remedy("kafka") == remedy
