"""Runs a test with each way to call a guest."""

import pytest


@pytest.fixture(params=["C functions", "public API"])
def each_call_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "public API":
        monkeypatch.setattr("engine.runtime.wasmtime_calls.FAST_CALLS", False)
