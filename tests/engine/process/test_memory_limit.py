import resource

import pytest

from engine.process.memory_limit import limit_memory


def test_on_macos_which_would_refuse_it_no_limit_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    monkeypatch.setattr("sys.platform", "darwin")
    limit_memory(1 << 40)  # so much that these tests are not held to it where it is set after all
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
