"""The reference pages in docs/ say what the program says."""

import pytest

from docs.generate import PAGES, is_stale


@pytest.mark.parametrize("name", PAGES)
def test_page_is_up_to_date(name: str) -> None:
    assert not is_stale(name), f"docs/{name} is stale: run `make docs`"
