"""Chunks fit, lose nothing, and know where they came from."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import pytest
from llama_index.core.schema import MetadataMode, TextNode
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict

from docmind.embeddings import Embedder, open_hash_embedder
from docmind.ingestion.chunking import chunk_document, embedded_text
from docmind.ingestion.titles import document_title
from docmind.records import SECTION_SEPARATOR, Block, Locator, ParsedDocument

WORDS = [
    *("rent", "lease", "month", "pound", "landlord", "tenant", "notice"),
    *("Straße", "北京", "1,450.00", "key-fob", "fault", "(urgent)", "naïve"),
]


@pytest.fixture(params=["minilm", "hash"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    """Each embedder in turn: their tokens differ."""
    if request.param == "minilm":
        chosen: Embedder = request.getfixturevalue("minilm")
        return chosen
    return open_hash_embedder()


def chunks(blocks: Sequence[Block], embedder: Embedder, name: str = "lease.pdf", **options: str) -> list[TextNode]:
    parsed = ParsedDocument("pdf", tuple(blocks), **options)
    return chunk_document(parsed, name, document_title(parsed, name), "owner-1", embedder)


def sentences(count: int, seed: int = 1) -> str:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return " ".join(" ".join(chance.choices(WORDS, k=chance.randint(3, 25))).capitalize() + "." for _ in range(count))


def squeezed(text: str) -> str:
    return "".join(text.split())


def full_length(node: TextNode, embedder: Embedder) -> int:
    return embedder.count_tokens([embedded_text(node)])[0] + 2


def long_document() -> list[Block]:
    blocks = []
    for page in range(1, 5):
        blocks.append(Block(f"Section {page}", "heading", 1, Locator(page)))
        for part in range(3):
            blocks.append(Block(f"Part {page}.{part}", "heading", 2, Locator(page)))
            blocks.append(Block(sentences(12, seed=page * 10 + part), locator=Locator(page)))
        blocks.append(
            Block("\n".join(f"Row {row} | {row * 17} | yes" for row in range(60)), "table", locator=Locator(page))
        )
        blocks.append(Block("\n".join(f"- item {row} of the list" for row in range(20)), "list", locator=Locator(page)))
    return blocks


def test_every_chunk_fits_the_embedder_title_and_section_included(embedder: Embedder) -> None:
    nodes = chunks(long_document(), embedder, title="A rather long title of the agreement")
    assert len(nodes) > 8
    assert max(full_length(node, embedder) for node in nodes) <= embedder.chunk_tokens


def test_no_text_is_lost_and_its_order_is_kept(embedder: Embedder) -> None:
    blocks = long_document()
    assert squeezed("".join(node.text for node in chunks(blocks, embedder))) == squeezed(
        "".join(block.text for block in blocks)
    )


def test_a_chunk_never_crosses_a_page(embedder: Embedder) -> None:
    blocks = [
        Block("Alpha is first.", locator=Locator(1)),
        Block("Beta is second.", locator=Locator(2)),
        Block("Gamma ends.", locator=Locator(2)),
    ]
    nodes = chunks(blocks, embedder)
    assert [node.metadata["page"] for node in nodes] == [1, 2]
    assert nodes[1].text == "Beta is second.\n\nGamma ends."


def test_a_chunk_never_crosses_any_other_place_either(embedder: Embedder) -> None:
    blocks = [
        Block("Alpha is first.", locator=Locator(sheet="Costs", cells="A1:B9")),
        Block("Beta is second.", locator=Locator(sheet="Costs", cells="D1:E9")),
        Block("Gamma is third.", locator=Locator(slide=3)),
        Block("Delta ends.", locator=Locator(slide=3)),
    ]
    nodes = chunks(blocks, embedder)
    assert [Locator.from_values(node.metadata) for node in nodes] == [block.locator for block in blocks[:3]]
    assert nodes[2].text == "Gamma is third.\n\nDelta ends."


def test_a_place_survives_the_payload_and_is_hidden_from_search_and_model(embedder: Embedder) -> None:
    everywhere = Locator(page=41, slide=42, sheet="Sheet43", cells="A44", section="S45", part="body46")
    (node,) = chunks([Block("Alpha.", locator=everywhere)], embedder)
    payload = json.loads(json.dumps(node_to_metadata_dict(node, flat_metadata=True)))
    kept = metadata_dict_to_node(payload)
    assert Locator.from_values(kept.metadata) == everywhere
    assert payload["page"] == 41
    assert kept.get_content(MetadataMode.EMBED) == "lease\nAlpha."
    assert kept.get_content(MetadataMode.LLM).strip() == "Alpha."


def test_a_format_without_pages_gives_chunks_without_pages(embedder: Embedder) -> None:
    assert chunks([Block("Alpha.")], embedder)[0].metadata["page"] is None


def test_a_chunk_names_its_section_and_all_above_it(embedder: Embedder) -> None:
    blocks = [
        Block("Rent", "heading", 1),
        Block("Due date", "heading", 2),
        Block(sentences(30)),
        Block("Increase", "heading", 2),
        Block(sentences(30, 2)),
        Block("Notice", "heading", 1),
        Block(sentences(30, 3)),
    ]
    found = list(dict.fromkeys(node.metadata["heading"] for node in chunks(blocks, embedder)))
    assert found == [f"Rent{SECTION_SEPARATOR}Due date", f"Rent{SECTION_SEPARATOR}Increase", "Notice"]


def test_a_chunk_that_lies_wholly_in_a_section_names_that_section(embedder: Embedder) -> None:
    """Also where the section began in the chunk before, behind a short one."""
    blocks = [
        Block("Preface", "heading", 1),
        Block("Short words."),
        Block("Deposit", "heading", 1),
        Block(sentences(60)),
    ]
    nodes = chunks(blocks, embedder)
    assert len(nodes) > 2
    assert {node.metadata["heading"] for node in nodes[1:]} == {"Deposit"}
    assert max(full_length(node, embedder) for node in nodes) <= embedder.chunk_tokens


def test_a_row_of_a_table_is_kept_whole(embedder: Embedder) -> None:
    rows = [f"Item {number} | {number * 3} pieces | on request" for number in range(200)]
    nodes = chunks([Block("\n".join(rows), "table")], embedder)
    assert len(nodes) > 1
    assert [line for node in nodes for line in node.text.splitlines()] == rows


def test_a_sentence_is_kept_whole_where_it_fits(embedder: Embedder) -> None:
    lines = [f"Sentence number {number} says something about the rent." for number in range(100)]
    joined = " ".join(lines)
    for node in chunks([Block(joined)], embedder):
        assert node.text.startswith("Sentence number")
        assert node.text.endswith("about the rent.")


@pytest.mark.parametrize(
    "text",
    ["x" * 5000, "word " * 3000, "北京" * 2000, "a.b.c," * 2000, "🦩" * 3000, "1" * 4000],
    ids=["one word", "no full stop", "no spaces", "marks", "emoji", "digits"],
)
def test_endless_sentences_are_cut_and_nothing_of_them_is_lost(embedder: Embedder, text: str) -> None:
    nodes = chunks([Block(text, locator=Locator(7))], embedder)
    assert max(full_length(node, embedder) for node in nodes) <= embedder.chunk_tokens
    assert squeezed("".join(node.text for node in nodes)) == squeezed(text)
    assert {node.metadata["page"] for node in nodes} == {7}


def test_endless_titles_and_headings_leave_room_for_the_text(embedder: Embedder) -> None:
    blocks = [Block("Heading words " * 200, "heading", 1), Block("h" * 3000, "heading", 2), Block(sentences(40))]
    nodes = chunks(blocks, embedder, name="n" * 250 + ".pdf", title="Title words " * 300)
    assert max(full_length(node, embedder) for node in nodes) <= embedder.chunk_tokens
    assert squeezed("".join(node.text for node in nodes)) == squeezed("".join(block.text for block in blocks))


def test_a_heading_without_end_is_not_measured_again_for_each_below_it(embedder: Embedder) -> None:
    measured = 0

    class Counting:
        """The embedder, with a count of what it is asked to measure."""

        def __getattr__(self, name: str) -> object:
            return getattr(embedder, name)

        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            nonlocal measured
            measured += sum(map(len, texts))
            return embedder.count_tokens(texts)

    below = [Block(f"Part {number}", "heading", level=2) for number in range(50)]
    blocks = [Block("word " * 80_000, "heading", level=1), *below, Block("The rent is due.", "paragraph")]
    assert chunks(blocks, Counting())  # type: ignore[arg-type]  # it hands all else on
    assert measured < 3_000_000  # the heading itself, as text; before, that for each of those below it


def test_a_document_without_text_has_no_chunks(embedder: Embedder) -> None:
    assert chunks([], embedder) == []
    assert chunks([Block(" \n ")], embedder) == []


def test_ids_repeat_for_the_same_document_and_differ_between_documents(embedder: Embedder) -> None:
    document = ParsedDocument("txt", tuple(long_document()))
    first, again = (chunk_document(document, "a.txt", "a", "owner-1", embedder) for _ in range(2))
    other = chunk_document(document, "a.txt", "a", "owner-2", embedder)
    assert [node.node_id for node in first] == [node.node_id for node in again]
    assert not {node.node_id for node in first} & {node.node_id for node in other}
    assert {node.ref_doc_id for node in other} == {"owner-2"}
    assert [node.metadata["ordinal"] for node in first] == list(range(len(first)))


def test_search_sees_title_and_section_but_the_model_sees_the_text_alone(embedder: Embedder) -> None:
    (node,) = chunks([Block("Rent", "heading", 1), Block("It is due monthly.")], embedder, title="Flat 3")
    assert embedded_text(node).startswith("lease: Flat 3\nRent\n")
    assert "lease.pdf" not in embedded_text(node)
    assert node.get_content() == "Rent\n\nIt is due monthly."


def long_table(first: int, rows: int, page: int, header: str = "Station | Docks | Opened") -> Block:
    lines = [f"Station {number} | {number * 7} docks | {1950 + number % 70}" for number in range(first, first + rows)]
    return Block("\n".join([header, *lines] if header else lines), "table", locator=Locator(page))


def test_a_table_that_goes_on_carries_its_caption_and_its_header(embedder: Embedder) -> None:
    """In what search and model see, and not in the text itself, which stays the document's."""
    caption = Block("Table 4: stations of the network", locator=Locator(1))
    nodes = chunks([caption, long_table(1, 80, 1), long_table(81, 60, 2, header="")], embedder)
    first, *others = nodes
    assert len({node.metadata["page"] for node in others}) == 2
    assert "table" not in first.metadata
    assert first.text.startswith("Table 4: stations of the network\n\nStation | Docks | Opened\n")
    for node in others:
        assert node.metadata["table"] == "Table 4: stations of the network\nStation | Docks | Opened"
        assert "Station | Docks | Opened" in embedded_text(node)
        assert "Docks" not in node.text
    assert all(full_length(node, embedder) <= embedder.chunk_tokens for node in nodes)


def test_a_header_is_carried_to_no_other_table(embedder: Embedder) -> None:
    narrower = Block("\n".join(f"Line {number} | {number}" for number in range(90)), "table", locator=Locator(2))
    words = Block("The network closes at night.", locator=Locator(2))
    nodes = chunks([long_table(1, 5, 1), narrower], embedder)
    nodes += chunks([long_table(1, 5, 1), words, long_table(6, 90, 2, header="")], embedder)
    assert not any("table" in node.metadata for node in nodes)


def test_a_head_too_long_to_be_carried_is_left_and_the_rows_are_kept(embedder: Embedder) -> None:
    header = " | ".join(f"a column of many words number {'x' * number}" for number in range(30))
    nodes = chunks([long_table(1, 100, 1, header)], embedder)
    assert not any("table" in node.metadata for node in nodes)
    assert "Station 100 | 700 docks | 1980" in nodes[-1].text


def test_a_word_without_end_is_cut_although_a_tokenizer_takes_it_for_one_token(embedder: Embedder) -> None:
    """As data in base64 is: a model that writes reads every letter of it."""
    word = "Qm9" * 20_000
    made = chunks([Block(word, "heading", 1), Block(f"The rent is 900 pounds. {word} It is due in May.")], embedder)
    assert max(len(embedded_text(node)) for node in made) <= embedder.chunk_tokens * 40
    assert squeezed("".join(node.get_content() for node in made)).count("Qm9") >= 39_990
    table = Block(f"Station | {word}\n" + "\n".join(f"Quay {row} | {row} docks" for row in range(200)), "table")
    assert max(len(embedded_text(node)) for node in chunks([table], embedder)) <= embedder.chunk_tokens * 40


def test_a_page_without_a_caption_has_that_of_the_section_in_which_it_begins(embedder: Embedder) -> None:
    """A page that begins with running text is about what the page before it was about."""
    long = "The committee met in the spring and agreed on a plan for the river, and on what is to follow from it all. "
    blocks = [
        Block("Report", "heading", 1, Locator(1)),
        Block("Costs of the works", "heading", 2, Locator(1)),
        Block(long * 3, locator=Locator(1)),
        Block(long * 3, locator=Locator(2)),
        Block(long, locator=Locator(3)),
        Block("Staff", "heading", 2, Locator(3)),
        Block(long * 3, locator=Locator(3)),
    ]
    nodes = chunks(blocks, embedder)
    captions = {(node.metadata["page"], node.metadata["caption"]) for node in nodes}
    assert captions == {(1, "Report Costs of the works"), (2, "Costs of the works"), (3, "Costs of the works")}
