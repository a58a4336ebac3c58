"""Where something stands: in words, as flat values, and read again whoever wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docmind.records import NOWHERE, Locator

PLACES = [
    (Locator(page=3), "lease.pdf, page 3"),
    (Locator(slide=12), "lease.pdf, slide 12"),
    (Locator(sheet="Q1 costs", cells="A1:C7"), "lease.pdf, sheet Q1 costs, A1:C7"),
    (Locator(page=47, page_label="44"), "lease.pdf, page 47, printed 44"),
    (Locator(part="body"), "lease.pdf, part body"),
    (NOWHERE, "lease.pdf"),
]


@pytest.mark.parametrize(("locator", "words"), PLACES)
def test_a_place_reads_as_a_person_would_say_it(locator: Locator, words: str) -> None:
    assert locator.words("lease.pdf") == words
    assert locator.words() == words.removeprefix("lease.pdf").removeprefix(", ")


@pytest.mark.parametrize("locator", [locator for locator, _ in PLACES])
def test_a_place_is_read_again_among_other_values(locator: Locator) -> None:
    values = {"title": "Lease", "ordinal": 4, **json.loads(json.dumps(locator.values()))}
    assert Locator.from_values(values) == locator
    assert Locator.from_values(values).words() == locator.words()


def test_what_is_printed_on_a_page_makes_it_no_other_place() -> None:
    assert Locator(page=47, page_label="44") == Locator(page=47)
    assert len({Locator(page=47, page_label="44"), Locator(page=47)}) == 1


def test_a_page_that_an_earlier_version_wrote_is_read() -> None:
    assert Locator.from_values({"title": "Lease", "page": 3}) == Locator(page=3)
    assert Locator.from_values({"title": "Lease", "page": None}) == NOWHERE


@pytest.mark.parametrize("page", ["three", [3], float("inf"), {}])
def test_what_is_no_page_is_refused(page: Any) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        Locator.from_values({"page": page})
