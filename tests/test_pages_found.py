"""Each page stands once among what was found, with its neighbours, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.utils import node_to_metadata_dict

from docmind.records import TABLE
from docmind.retrieval.pages import Passage, alone, one_a_page
from docmind.stores.queries import Hit


def chunk(ordinal: int, page: int | None, score: float, document: str = "lease", **metadata: str) -> tuple[Hit, float]:
    node = TextNode(
        id_=f"{document}/{ordinal}",
        text=f"Text {ordinal}.",
        metadata={"page": page, "ordinal": ordinal, "heading": f"§ {ordinal}", **metadata},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document)},
    )
    return Hit(node.node_id, 0.0, node_to_metadata_dict(node)), score


def told(passages: list[Passage]) -> list[tuple[str, str]]:
    nodes = [passage.node() for passage in passages]
    return [(item.node.node_id, item.node.get_content()) for item in nodes]


def test_neighbours_of_the_best_are_read_with_it_in_their_order() -> None:
    found = one_a_page([chunk(5, 2, 0.9), chunk(1, 1, 0.8), chunk(6, 2, 0.7), chunk(4, 2, 0.6)])
    assert told(found) == [("lease/5", "Text 4.\n\nText 5.\n\nText 6."), ("lease/1", "Text 1.")]
    first = found[0].node()
    assert first.score == 0.9
    assert first.node.metadata["heading"] == "§ 4"  # where the passage begins


def test_rows_that_go_on_follow_their_table() -> None:
    found = one_a_page([chunk(2, 1, 0.9, **{TABLE: "Year | Rent"}), chunk(1, 1, 0.8)])
    assert told(found) == [("lease/2", "Text 1.\nText 2.")]
    assert TABLE not in found[0].node().node.metadata  # its header stands in the text


def test_what_stands_elsewhere_on_a_page_waits_behind_other_pages() -> None:
    found = one_a_page([chunk(1, 1, 0.9), chunk(3, 1, 0.8), chunk(9, 4, 0.1)])
    assert [passage.best.id for passage in found] == ["lease/1", "lease/9", "lease/3"]


def test_the_same_page_of_two_documents_is_two_pages_and_no_page_is_none() -> None:
    found = [
        chunk(1, 1, 0.9),
        chunk(1, 1, 0.8, "contract"),
        chunk(1, None, 0.7, "notes"),
        chunk(2, None, 0.6, "notes"),
    ]
    assert one_a_page(found) == [alone(*each) for each in found]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 3), st.floats(0, 1)), unique_by=lambda each: each[0]))
def test_nothing_is_lost_and_nothing_stands_twice(made: list[tuple[int, int, float]]) -> None:
    # Chunks of a document come page by page.
    ordered = zip(sorted(ordinal for ordinal, _, _ in made), sorted(page for _, page, _ in made), strict=True)
    scored = [chunk(ordinal, page, made[at][2]) for at, (ordinal, page) in enumerate(ordered)]
    found = one_a_page(sorted(scored, key=lambda each: -each[1]))
    texts = " ".join(text for _, text in told(found)).split("Text ")[1:]
    assert sorted(int(text.split(".")[0]) for text in texts) == sorted(ordinal for ordinal, _, _ in made)
    pages = [passage.best.payload["page"] for passage in found]
    assert len(set(pages)) == len(set(pages[: len(set(pages))]))  # all pages come before any comes again
