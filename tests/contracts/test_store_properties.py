"""Whatever is added, replaced and deleted, in whatever order: each search finds what is there, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llama_index.core.vector_stores.types import VectorStoreQuery

# The stores in turn are opened as in the tests by example.
from test_stores import (  # noqa: F401 - fixtures are used by their names
    DIMENSIONS,
    by_both,
    by_meaning,
    by_words,
    node,
    not_in,
    opener_at,
    server,
    url,
)

from docmind.settings import Settings
from docmind.stores import VectorStore, remove_store

OWNERS = ("lease", "manual", "report", "minutes")
WORDS = ("rent", "seal", "July", "bridge")
MANY = 40  # more than there can be

_texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
_adding = st.tuples(st.just("add"), st.sampled_from(OWNERS), st.integers(0, 4), _texts)
_deleting = st.tuples(st.just("delete"), st.sampled_from(OWNERS), st.just(0), st.just(""))
_folding = st.tuples(st.just("optimize"), st.just(""), st.just(0), st.just(""))
_changes = st.lists(st.one_of(_adding, _adding, _adding, _deleting, _folding), max_size=14)
_scopes = st.lists(st.sampled_from(OWNERS), unique=True)


def searches(words: str, **options: object) -> list[VectorStoreQuery]:
    """One of each kind."""
    return [
        by_meaning(words, MANY, **options),
        by_words(words, MANY, **options),
        by_both(words, words, MANY, **options),
    ]


@pytest.mark.usefixtures("server")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=_changes, words=_texts, asked=_scopes, hidden=_scopes)
def test_a_search_finds_what_is_there_and_in_scope_and_nothing_else(
    url: str | None,  # noqa: F811 - the fixture
    changes: list[tuple[str, str, int, str]],
    words: str,
    asked: list[str],
    hidden: list[str],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library" / "vectors"
        store: VectorStore = opener_at(url)(folder, DIMENSIONS)
        held: dict[str, tuple[str, str]] = {}  # owner and text by id
        for what, owner, number, text in changes:
            if what == "add":
                added = node(owner, number, text)
                store.add([added])
                held[added.node_id] = (owner, text)
            elif what == "delete":
                store.delete(owner)
                held = {key: value for key, value in held.items() if value[0] != owner}
            else:
                store.optimize()
        assert store.count() == len(held)
        for number, query in enumerate(searches(words, doc_ids=asked, filters=not_in(*hidden))):
            result = store.query(query)
            found, scores = result.ids or [], result.similarities or []
            allowed = {key for key, (owner, _) in held.items() if owner in asked and owner not in hidden}
            assert set(found) <= allowed  # nothing that was deleted, nothing beyond the scope
            assert len(found) == len(set(found))
            assert [each.get_content() for each in result.nodes or []] == [held[key][1] for key in found]
            with_word = {key for key in allowed if set(words.split()) & set(held[key][1].split())}
            if number != 1:
                assert set(found) == allowed  # all are near to some extent
            else:
                assert set(found) == with_word
            # Best first, and of equal ones the lowest id: each time the same.
            assert list(zip(found, scores, strict=True)) == sorted(
                zip(found, scores, strict=True), key=lambda scored: (-scored[1], scored[0])
            )
            again = store.query(query)
            assert (again.ids, again.similarities) == (result.ids, result.similarities)
        store.close()
        remove_store(folder, Settings(data_dir=folder.parent, qdrant_url=url))
