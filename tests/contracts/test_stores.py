"""What every vector store promises. A new store is added to STORES and has to keep all of it.

'edge' is the embedded store itself. 'server' is the store over Qdrant's client and real HTTP, with a stand-in at the
other end: Qdrant's own local mode (tests/stores/qdrant_stand_in.py). 'qdrant' is a real server, whose address
DOCMIND_TEST_QDRANT_URL gives; where it gives none, these tests are skipped and say so.
"""

from __future__ import annotations

import itertools
import math
import queue
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)
from llama_index.core.vector_stores.utils import metadata_dict_to_node
from qdrant_stand_in import qdrant_stand_in

from docmind.environment import process_environment
from docmind.errors import EmbedderMismatchError, LibraryError, LibraryInUseError
from docmind.settings import Settings
from docmind.stores import VectorStore, bm25, node_of, open_store, remove_store
from docmind.stores.bm25 import LearnedWords

Opener = Callable[[Path, int], VectorStore]
STORES = ("edge", "server", "qdrant")

TEXTS = {
    "lease": ["The rent is 1450 pounds a month.", "Pets need written consent.", "Keys cost 45 pounds."],
    "manual": ["Descale the machine every three months.", "Vinegar damages the seals."],
    "report": ["Turnover grew by eleven per cent.", "Zyxwort was recalled in July."],
}
DIMENSIONS = 8

# A writer in another process: it fills a store and says so, then waits to be killed.
WRITER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2].split(":")
from test_stores import DIMENSIONS, library_nodes, node, opener_at
store = opener_at(sys.argv[3] or None)(Path(sys.argv[1]), DIMENSIONS)
store.add(library_nodes())
for number in range(1000):
    store.add([node("long", number, f"Line {number}.")])
print("written", flush=True)
sys.stdin.read()
"""


def vector(seed: str) -> list[float]:
    """A vector that belongs to a text: the same text, the same vector."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return [chance.uniform(-1, 1) for _ in range(DIMENSIONS)]


def node(owner: str, number: int, text: str, **metadata: str) -> TextNode:
    return TextNode(
        id_=f"00000000-0000-4000-8000-{abs(hash_of(owner)) % 10**6:06d}{number:06d}",
        text=text,
        metadata={"kind": owner, **metadata},
        excluded_embed_metadata_keys=["kind"],
        embedding=vector(text),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=owner)},
    )


def hash_of(text: str) -> int:
    """The same in every process, which the built-in hash is not."""
    return int.from_bytes(text.encode()) % 1_000_003


def library_nodes() -> list[TextNode]:
    return [node(owner, number, text) for owner, texts in TEXTS.items() for number, text in enumerate(texts)]


def texts_of(store: VectorStore, query: VectorStoreQuery) -> list[str]:
    return [found.get_content() for found in store.query(query).nodes or []]


def _scored(store: VectorStore, query: VectorStoreQuery) -> tuple[list[str], list[float]]:
    """Ids and scores of what is found."""
    result = store.query(query)
    return result.ids or [], result.similarities or []


def by_meaning(text: str, limit: int = 3, **options: object) -> VectorStoreQuery:
    return VectorStoreQuery(query_embedding=vector(text), similarity_top_k=limit, **options)  # type: ignore[arg-type]  # passed on


def by_words(words: str, limit: int = 3, **options: object) -> VectorStoreQuery:
    mode = VectorStoreQueryMode.TEXT_SEARCH
    return VectorStoreQuery(query_str=words, similarity_top_k=limit, mode=mode, **options)  # type: ignore[arg-type]  # passed on


def by_both(words: str, text: str, limit: int = 3, **options: object) -> VectorStoreQuery:
    return VectorStoreQuery(
        query_embedding=vector(text),
        query_str=words,
        similarity_top_k=limit,
        mode=VectorStoreQueryMode.HYBRID,
        **options,  # type: ignore[arg-type]  # passed on
    )


def not_in(*owners: str) -> MetadataFilters:
    return MetadataFilters(
        filters=[MetadataFilter(key="doc_id", value=list(owners), operator=FilterOperator.NIN)],
    )


def opener_at(url: str | None) -> Opener:
    """Opens a library's store: on the server at an address, or in the library's folder."""
    return lambda folder, dimensions: open_store(
        folder, dimensions, Settings(data_dir=folder.parent, qdrant_url=url, qdrant_key=None)
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a stand-in for a Qdrant server, which outlives the stores that use it."""
    with qdrant_stand_in() as url:
        yield url


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, server: str, tmp_path: Path) -> Iterator[str | None]:
    """Where each store in turn keeps its vectors: at an address, or in a folder."""
    match request.param:
        case "edge":
            yield None
        case "server":
            yield server
        case _:
            address = process_environment().get("DOCMIND_TEST_QDRANT_URL")
            if not address:
                pytest.skip("no Qdrant server: DOCMIND_TEST_QDRANT_URL names none")
            yield address
            for marker in tmp_path.rglob("*.server"):
                remove_store(marker.with_suffix(""), Settings(data_dir=marker.parent, qdrant_url=address))


@pytest.fixture
def opener(url: str | None) -> Opener:
    """Opens each store in turn."""
    return opener_at(url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library" / "vectors"


@pytest.fixture
def store(opener: Opener, folder: Path) -> Iterator[VectorStore]:
    """A store that holds three small documents."""
    opened = opener(folder, DIMENSIONS)
    opened.add(library_nodes())
    yield opened
    opened.close()


def test_an_empty_store_finds_nothing(opener: Opener, folder: Path) -> None:
    empty = opener(folder, DIMENSIONS)
    assert empty.count() == 0
    assert texts_of(empty, by_meaning("anything")) == []
    assert texts_of(empty, by_words("anything")) == []
    assert texts_of(empty, by_both("anything", "anything")) == []
    empty.delete("nobody")
    empty.optimize()
    empty.close()


def test_adding_nothing_is_allowed(store: VectorStore) -> None:
    assert store.add([]) == []
    assert store.count() == 7


def test_a_search_by_meaning_finds_the_nearest_first(store: VectorStore) -> None:
    result = store.query(by_meaning("Pets need written consent."))
    assert result.nodes and result.similarities and result.ids
    assert result.nodes[0].get_content() == "Pets need written consent."
    assert result.similarities[0] == pytest.approx(1.0, abs=1e-4)
    assert result.similarities == sorted(result.similarities, reverse=True)
    assert result.ids == [found.node_id for found in result.nodes]


def test_a_search_by_words_finds_a_rare_word_in_any_form(store: VectorStore) -> None:
    assert texts_of(store, by_words("zyxwort")) == ["Zyxwort was recalled in July."]
    assert texts_of(store, by_words("descaling machines"))[0] == "Descale the machine every three months."
    assert texts_of(store, by_words("qqqq")) == []


def test_a_fused_search_finds_what_either_finds(store: VectorStore) -> None:
    found = texts_of(store, by_both("zyxwort", "Vinegar damages the seals.", limit=2))
    assert set(found) == {"Zyxwort was recalled in July.", "Vinegar damages the seals."}


def test_the_weight_decides_which_search_counts(store: VectorStore) -> None:
    meaning, words = "Vinegar damages the seals.", "Zyxwort was recalled in July."
    assert texts_of(store, by_both("zyxwort", meaning, alpha=1.0))[0] == meaning
    assert texts_of(store, by_both("zyxwort", meaning, alpha=0.0))[0] == words


def test_a_fused_score_is_the_weighed_sum_of_both_searches(store: VectorStore) -> None:
    """Also for what one of the two searches alone would have left out."""
    words, meaning = "machine seals rent", "Keys cost 45 pounds."
    nearness = dict(zip(*_scored(store, by_meaning(meaning, 7)), strict=True))
    said = dict(zip(*_scored(store, by_words(words, 7)), strict=True))
    # Three words that stand in one chunk of seven each: Qdrant's idf is ln(1 + (7 - 1 + 0.5) / (1 + 0.5)).
    highest = 3 * 2.2 * math.log(1 + 6.5 / 1.5)
    fused = zip(*_scored(store, by_both(words, meaning, 7, alpha=0.6)), strict=True)
    expected = {id: 0.6 * near + 0.4 * said.get(id, 0.0) / highest for id, near in nearness.items()}
    assert dict(fused) == pytest.approx(expected, rel=1e-3)
    assert len(said) == 3


def test_a_word_is_as_rare_as_the_last_write_left_it(store: VectorStore) -> None:
    (word,) = bm25.of_query("vinegar").indices
    assert store.rarities([word]) == pytest.approx([math.log(1 + 6.5 / 1.5)], rel=1e-3)
    store.add([node("more", 0, "Vinegar is an acid."), node("more", 1, "Malt vinegar is brown.")])
    assert store.rarities([word]) == pytest.approx([math.log(1 + 6.5 / 3.5)], rel=1e-3)
    assert store.rarities(bm25.of_query("qqqq").indices) == [0.0]
    assert store.rarities([]) == []


# Learned words of the seven chunks: word 7 in three of them, once more heavily than any question weighs it.
LEARNED = [
    LearnedWords((7, 9), (0.5, 0.25)),
    LearnedWords((9,), (0.5,)),
    LearnedWords((), ()),
    LearnedWords((7,), (4.0,)),
    LearnedWords((3, 7, 250_001), (0.1, 0.2, 0.3)),
    LearnedWords((3,), (1.0,)),
    LearnedWords((250_001,), (0.5,)),
]
ASKED = LearnedWords((7, 250_001), (0.5, 0.25))


def open_learned(url: str | None, folder: Path) -> VectorStore:
    settings = Settings(data_dir=folder.parent, qdrant_url=url, qdrant_key=None)
    return open_store(folder, DIMENSIONS, settings, learned=True)


def test_a_fusion_takes_learned_words_in_place_of_bm25(url: str | None, folder: Path) -> None:
    store = open_learned(url, folder)
    nodes, meaning = library_nodes(), "Keys cost 45 pounds."
    store.add(nodes, LEARNED)
    query = by_both("rent", meaning, 7, alpha=0.6)
    # What each scores by words, over the question's own 0.5 * 0.5 + 0.25 * 0.25; 1 at most, as of the fourth.
    said = [each / 0.3125 for each in (0.25, 0, 0, 0.3125, 0.1 + 0.075, 0, 0.125)]
    near = dict(zip(*_scored(store, by_meaning(meaning, 7)), strict=True))
    expected = {node.node_id: 0.6 * near[node.node_id] + 0.4 * by for node, by in zip(nodes, said, strict=True)}
    assert {hit.id: hit.score for hit in store.hits(query, ASKED)} == pytest.approx(expected, rel=1e-3)
    store.relabel("lease", kind="contract")
    store.optimize()
    store.close()
    again = open_learned(url, folder)
    assert {hit.id: hit.score for hit in again.hits(query, ASKED)} == pytest.approx(expected, rel=1e-3)
    only = by_both("rent", meaning, 7, alpha=0.0, doc_ids=["report"])
    assert [hit.score for hit in again.hits(only, ASKED)] == pytest.approx([0.4, 0.0], rel=1e-3)
    assert {hit.score for hit in again.hits(only, LearnedWords((), ()))} == {0.0}  # a question without words
    again.close()


def test_words_of_bm25_stay_beside_learned_ones(store: VectorStore, url: str | None, folder: Path) -> None:
    beside = open_learned(url, folder.parent / "beside" / "vectors")
    beside.add(library_nodes(), LEARNED)
    for query in (by_words("machine seals rent", 7), by_both("machine seals rent", "Keys cost 45 pounds.", 7)):
        assert _scored(beside, query)[1] == pytest.approx(_scored(store, query)[1])
    words = bm25.of_query("vinegar rent").indices
    assert beside.rarities(words) == pytest.approx(store.rarities(words))
    beside.close()


def test_learned_words_are_kept_and_looked_for_only_where_a_store_is_made_for_them(
    store: VectorStore, url: str | None, folder: Path
) -> None:
    learned = open_learned(url, folder.parent / "learned" / "vectors")
    with pytest.raises(ValueError, match="learned words"):
        store.hits(by_both("rent", "x"), ASKED)
    with pytest.raises(ValueError, match="learned words"):
        store.add(library_nodes(), LEARNED)
    with pytest.raises(ValueError, match="learned words"):
        learned.add(library_nodes())
    assert (store.count(), learned.count()) == (7, 0)
    learned.close()


def test_chunks_of_one_score_come_in_the_order_of_their_ids(store: VectorStore) -> None:
    for number in (3, 1, 2):
        store.add([node("twins", number, "Twice the same.")])
    result = store.query(by_both("twice same", "Twice the same.", 3))
    assert result.ids == sorted(result.ids or [])
    assert len(result.ids) == 3


def test_a_search_gives_at_most_what_was_asked_for(store: VectorStore) -> None:
    for query in (by_meaning("x", 2), by_both("the", "x", 2)):
        assert len(texts_of(store, query)) == 2


def test_what_comes_back_is_what_went_in(store: VectorStore) -> None:
    (found,) = store.query(by_words("vinegar")).nodes or []
    (written,) = [item for item in library_nodes() if "Vinegar" in item.text]
    assert found.node_id == written.node_id
    assert found.ref_doc_id == "manual"
    assert found.metadata == {"kind": "manual"}
    assert found.excluded_embed_metadata_keys == ["kind"]


def test_any_script_and_any_mark_comes_back_unchanged(store: VectorStore) -> None:
    text = "Zürich – 北京 🦩 “quoted”\n\tstraße\x07 ﷺ e\u0301"
    store.add([node("odd", 0, text)])
    assert texts_of(store, by_meaning(text, 1)) == [text]


@pytest.mark.parametrize("mode", ["meaning", "words", "both"])
def test_every_search_keeps_to_the_chosen_documents(store: VectorStore, mode: str) -> None:
    def search(**options: object) -> list[str]:
        ask = {"meaning": by_meaning("x", 10, **options), "words": by_words("the a machine rent july", 10, **options)}
        return texts_of(store, ask.get(mode) or by_both("the a machine rent july", "x", 10, **options))

    assert set(search(doc_ids=["manual"])) <= set(TEXTS["manual"])
    assert search(doc_ids=["manual"])
    assert set(search(doc_ids=["manual", "lease"])) <= {*TEXTS["manual"], *TEXTS["lease"]}
    assert search(doc_ids=["nobody"]) == []
    assert search(doc_ids=[]) == []
    assert not set(search(filters=not_in("manual"))) & set(TEXTS["manual"])
    assert search(filters=not_in("manual"))
    assert search(filters=not_in(*TEXTS)) == []
    assert set(search(doc_ids=["manual", "lease"], filters=not_in("lease"))) <= set(TEXTS["manual"])


def test_filters_combine(store: VectorStore) -> None:
    def equal(owner: str) -> MetadataFilter:
        return MetadataFilter(key="kind", value=owner)

    either = MetadataFilters(filters=[equal("manual"), equal("report")], condition=FilterCondition.OR)
    neither = MetadataFilters(filters=[equal("manual"), equal("report")], condition=FilterCondition.NOT)
    both = MetadataFilters(filters=[equal("manual"), equal("report")], condition=FilterCondition.AND)
    assert set(texts_of(store, by_meaning("x", 10, filters=either))) == {*TEXTS["manual"], *TEXTS["report"]}
    assert set(texts_of(store, by_meaning("x", 10, filters=neither))) == set(TEXTS["lease"])
    assert texts_of(store, by_meaning("x", 10, filters=both)) == []


def test_what_is_not_offered_is_refused(store: VectorStore) -> None:
    with pytest.raises(ValueError, match="HYBRID"):
        store.query(VectorStoreQuery(query_embedding=vector("x"), mode=VectorStoreQueryMode.MMR))
    greater = MetadataFilters(filters=[MetadataFilter(key="page", value=3, operator=FilterOperator.GT)])
    with pytest.raises(ValueError, match="nin"):
        store.query(by_meaning("x", filters=greater))
    with pytest.raises(ValueError, match="query_str"):
        store.query(VectorStoreQuery(query_embedding=vector("x"), mode=VectorStoreQueryMode.HYBRID))
    with pytest.raises(ValueError, match="query_embedding"):
        store.query(VectorStoreQuery(query_str="x"))


def test_a_deleted_document_is_gone_from_every_search(store: VectorStore) -> None:
    store.delete("report")
    assert store.count("report") == 0
    assert store.count() == 5
    assert texts_of(store, by_words("zyxwort")) == []
    assert not set(texts_of(store, by_meaning("Zyxwort was recalled in July.", 10))) & set(TEXTS["report"])
    store.optimize()
    assert store.count("report") == 0


def test_a_node_of_the_same_id_is_overwritten(store: VectorStore) -> None:
    store.add([node("lease", 0, "The rent is 1500 pounds a month.")])
    assert store.count() == 7
    assert texts_of(store, by_words("1450")) == []
    assert texts_of(store, by_words("1500")) == ["The rent is 1500 pounds a month."]


def test_a_relabelled_document_says_so_and_is_found_as_before(store: VectorStore) -> None:
    before = texts_of(store, by_both("vinegar", "Vinegar damages the seals.", 10))
    store.relabel("manual", kind="coffee")
    assert texts_of(store, by_both("vinegar", "Vinegar damages the seals.", 10)) == before
    assert [item.metadata["kind"] for item in store.chunks_of("manual")] == ["coffee", "coffee"]
    assert {item.metadata["kind"] for item in store.get_nodes()} == {"lease", "coffee", "report"}
    (found,) = store.query(by_words("vinegar")).nodes or []
    assert (found.ref_doc_id, found.metadata["kind"]) == ("manual", "coffee")
    assert store.count("manual") == len(TEXTS["manual"])


def test_closing_and_opening_keeps_everything(opener: Opener, folder: Path) -> None:
    first = opener(folder, DIMENSIONS)
    first.add(library_nodes())
    first.delete("manual")
    first.close()
    again = opener(folder, DIMENSIONS)
    assert again.count() == 5
    assert again.count("manual") == 0
    assert texts_of(again, by_words("zyxwort")) == ["Zyxwort was recalled in July."]
    assert texts_of(again, by_meaning("Keys cost 45 pounds.", 1)) == ["Keys cost 45 pounds."]
    again.close()


def test_optimising_changes_no_result(store: VectorStore) -> None:
    many = [node("many", number, f"Entry {number} of the long list.") for number in range(500)]
    store.add(many)
    before = texts_of(store, by_meaning(many[77].text, 5))
    store.optimize()
    assert texts_of(store, by_meaning(many[77].text, 5)) == before
    assert store.count("many") == 500


def test_vectors_of_another_length_are_refused_with_advice(opener: Opener, folder: Path) -> None:
    first = opener(folder, DIMENSIONS)
    first.add(library_nodes())
    first.close()
    with pytest.raises(EmbedderMismatchError, match="DOCMIND_EMBEDDER"):
        opener(folder, DIMENSIONS * 2)
    again = opener(folder, DIMENSIONS)  # the refusal harmed nothing
    assert again.count() == 7
    again.close()


def test_a_folder_that_was_only_begun_is_used(opener: Opener, folder: Path) -> None:
    """What a process killed in the middle of creating the store leaves behind."""
    folder.mkdir(parents=True)
    (folder / "segments").mkdir()
    (folder / "wal").mkdir()
    store = opener(folder, DIMENSIONS)
    store.add(library_nodes())
    assert store.count() == 7
    store.close()


def test_a_damaged_folder_is_named_with_advice(folder: Path) -> None:
    opener = opener_at(None)
    first = opener(folder, DIMENSIONS)
    first.add(library_nodes())
    first.close()
    (folder / "edge_config.json").write_text("{ nonsense", encoding="utf-8")
    with pytest.raises(LibraryError, match="move that folder away"):
        opener(folder, DIMENSIONS)


def damaged(folder: Path, pattern: str, content: bytes) -> None:
    """Write over files of a store that was filled, optimised and closed."""
    store = open_store(folder, DIMENSIONS)
    store.add(library_nodes())
    store.flush()
    store.close()
    found = list(folder.rglob(pattern))
    assert found
    for file in found:
        file.write_bytes(content)


def test_damage_that_edge_panics_at_is_named_with_advice(folder: Path) -> None:
    """A panic in Rust is no Exception in Python, and would end the program."""
    damaged(folder, "status.dat", b"")
    with pytest.raises(LibraryError, match="move that folder away"):
        open_store(folder, DIMENSIONS)


def test_damage_that_shows_only_at_a_search_is_named_with_advice(folder: Path) -> None:
    damaged(folder, "chunk_0.mmap", b"")
    store = open_store(folder, DIMENSIONS)
    with pytest.raises(LibraryError, match="move that folder away"):
        store.query(by_meaning("x"))
    store.close()


def test_what_cannot_be_written_to_disk_is_named_with_advice(folder: Path) -> None:
    store = open_store(folder, DIMENSIONS)
    store.add(library_nodes())
    shutil.rmtree(folder)
    with pytest.raises(LibraryError, match="move that folder away"):
        store.flush()
    store.close()


def test_a_vector_of_another_length_is_refused(store: VectorStore) -> None:
    short = node("short", 0, "A short vector.").model_copy(update={"embedding": [1.0, 2.0]})
    with pytest.raises(LibraryError):
        store.add([short])
    assert store.count() == 7


def test_a_closed_store_says_so(opener: Opener, folder: Path) -> None:
    store = opener(folder, DIMENSIONS)
    store.add(library_nodes())
    store.close()
    store.close()  # once is enough, twice does no harm
    uses: list[Callable[[], object]] = [
        lambda: store.add(library_nodes()),
        lambda: store.delete("lease"),
        lambda: store.query(by_meaning("x")),
        store.count,
        store.get_nodes,
        lambda: list(store.chunks_of("lease")),
    ]
    for use in uses:
        with pytest.raises(LibraryError, match="Open it again"):
            use()


def test_a_store_that_is_closed_while_others_read_lets_them_finish(opener: Opener, folder: Path) -> None:
    store = opener(folder, DIMENSIONS)
    store.add([node("long", number, f"Passage {number}.") for number in range(2000)])
    started, ends = threading.Barrier(5), queue.SimpleQueue[Exception]()

    def read() -> None:
        try:
            for number in itertools.count():
                list(store.scroll(None))
                if not number:
                    started.wait()  # from here on there is one in the store nearly always
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the test
            ends.put(error)

    readers = [threading.Thread(target=read, daemon=True) for _ in range(4)]
    for reader in readers:
        reader.start()
    started.wait()
    time.sleep(0.1)
    store.close()
    for reader in readers:
        reader.join()
        assert "Open it again" in str(ends.get_nowait())


def test_nodes_come_by_their_ids_and_by_their_metadata(store: VectorStore) -> None:
    ids = [item.node_id for item in library_nodes()]
    wanted = [ids[5], ids[0], "00000000-0000-4000-8000-999999999999"]
    found = store.get_nodes(wanted)
    assert [item.node_id for item in found] == wanted[:2]  # in the order asked for; what is not there is left out
    assert found[1].get_content() == "The rent is 1450 pounds a month."
    assert found[1].ref_doc_id == "lease"
    assert {item.node_id for item in store.get_nodes()} == set(ids)
    assert {item.ref_doc_id for item in store.get_nodes(filters=not_in("manual"))} == {"lease", "report"}
    assert [item.node_id for item in store.get_nodes(ids[3:6], not_in("manual"))] == [ids[5]]
    assert store.get_nodes([]) == []


def test_hits_are_what_a_query_finds_with_their_metadata(store: VectorStore) -> None:
    """For whoever looks at many and needs the nodes of a few."""
    query = by_both("vinegar", "Keys cost 45 pounds.", 7)
    hits, result = store.hits(query), store.query(query)
    assert [hit.id for hit in hits] == result.ids
    assert [hit.payload["kind"] for hit in hits] == [item.metadata["kind"] for item in result.nodes or []]
    assert [node_of(hit.payload) for hit in hits] == result.nodes
    assert [metadata_dict_to_node(dict(hit.payload)) for hit in hits] == result.nodes  # as LlamaIndex reads it
    missing = "00000000-0000-4000-8000-999999999999"
    assert list(store.payloads([missing, hits[0].id])) == [hits[0].id]
    assert store.payloads([]) == {}


def test_a_documents_chunks_come_in_reading_order_however_many(store: VectorStore) -> None:
    """Ids say nothing about the order; more than two pages of what a store reads at a time."""
    many = 2100
    for begin in range(0, many, 700):
        store.add([numbered("long", number, many) for number in range(begin, begin + 700)])
    assert [item.metadata["ordinal"] for item in store.chunks_of("long")] == list(range(many))
    assert next(iter(store.chunks_of("long"))).get_content() == "Line 0."
    assert list(store.chunks_of("nobody")) == []


def numbered(owner: str, ordinal: int, many: int) -> TextNode:
    """A chunk that knows its number, with an id that runs the other way."""
    made = node(owner, many - ordinal, f"Line {ordinal}.")
    made.metadata["ordinal"] = ordinal
    return made


def test_several_threads_write_while_others_read_and_optimise(store: VectorStore) -> None:
    """The app deletes a document while another is being read: nothing is lost, and nothing comes back."""
    done = threading.Event()
    problems: list[str] = []

    def watched(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test must show it
                problems.append(repr(error))

        return threading.Thread(target=run)

    def write(own: str) -> None:
        for turn in range(8):
            store.add([node(own, number, f"{own} {turn} {number}.") for number in range(60)])
            store.add([node("shared", number, f"Shared {number}.") for number in range(30)])
            assert (store.count(own), store.count("shared")) == (60, 30)
            store.delete(own)
            store.flush()
            assert store.count(own) == 0

    def search() -> None:
        while not done.is_set():
            found = texts_of(store, by_both("zyxwort", "Vinegar damages the seals.", 10, alpha=0.3))
            assert {"Zyxwort was recalled in July.", "Vinegar damages the seals."} <= set(found)

    def optimise() -> None:
        while not done.is_set():
            store.optimize()
            done.wait(0.01)

    writers = [watched(partial(write, own)) for own in ("first", "second")]
    others = [watched(search), watched(search), watched(optimise)]
    for thread in (*others, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in others:
        thread.join()
    assert not problems
    assert (store.count("first"), store.count("second"), store.count("shared"), store.count()) == (0, 0, 30, 37)


def writer(url: str | None, folder: Path) -> subprocess.Popen[str]:
    """Another process that has filled the store and holds it open."""
    here = Path(__file__).parent
    paths = f"{here}:{here.parent / 'stores'}"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), paths, url or ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    return process


def test_a_second_process_is_refused_with_advice(folder: Path) -> None:
    """A folder has one owner. A server may have many; that a library has one, its own lock sees to."""
    opener = opener_at(None)
    with writer(None, folder) as other:
        with pytest.raises(LibraryInUseError, match="Close it") as refusal:
            opener(folder, DIMENSIONS)
        assert str(folder.parent) in str(refusal.value)
        other.communicate("")
    store = opener(folder, DIMENSIONS)
    assert store.count() == 1007
    store.close()


def test_a_kill_right_after_writing_loses_nothing(url: str | None, folder: Path) -> None:
    """The app is killed. What a killed server keeps, its makers promise: a stand-in could not show it."""
    with writer(url, folder) as other:
        other.send_signal(signal.SIGKILL)
    store = opener_at(url)(folder, DIMENSIONS)
    assert store.count() == 1007
    assert store.count("long") == 1000
    assert texts_of(store, by_meaning("Line 999.", 1)) == ["Line 999."]
    assert texts_of(store, by_words("zyxwort")) == ["Zyxwort was recalled in July."]
    store.close()
