"""One real reading process for all tests that do not harm it: it is meant to be reused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from docmind.parsing import Reader


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader(parse_seconds=60) as reader:
        yield reader
