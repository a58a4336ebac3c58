"""What holds for vectors on a Qdrant server alone; what it shares with the folder is in tests/contracts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryMode
from pydantic import SecretStr
from qdrant_client import QdrantClient, models
from qdrant_stand_in import qdrant_stand_in

from docmind.errors import LibraryError, SettingsError
from docmind.ingestion.ingest import ingest
from docmind.ingestion.recovery import recover
from docmind.ingestion.reembedding import begin, reembed
from docmind.settings import Settings
from docmind.stores import open_store, remove_store
from docmind.workspace import Workspace
from some_models import SomeModels

DIMENSIONS = 8
WORDS = (
    *("rent", "pets", "keys", "lease", "seal", "valve", "pump", "turnover"),
    *("growth", "recall", "july", "march", "north", "harbour", "bridge", "clause"),
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with qdrant_stand_in() as url:
        yield url


def library(folder: Path, url: str | None, key: str = "", *, remote: bool = False) -> tuple[Path, int, Settings]:
    """What a library in a folder hands the door."""
    secret = SecretStr(key) if key else None
    settings = Settings(data_dir=folder, qdrant_url=url, qdrant_key=secret, allow_remote_server=remote)
    return folder / "vectors", DIMENSIONS, settings


def node(number: int, chance: random.Random) -> TextNode:
    """A chunk of a length of its own, so that no two chunks score the same."""
    return TextNode(
        id_=f"00000000-0000-4000-8000-{number:012d}",
        text=" ".join(chance.choices(WORDS, k=number + 5)),
        embedding=[chance.uniform(-1, 1) for _ in range(DIMENSIONS)],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"document-{number % 7}")},
    )


def test_a_server_and_a_folder_rank_alike(server: str, tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - repeatable, not secret
    nodes = [node(number, chance) for number in range(150)]
    queries = [
        VectorStoreQuery(
            query_embedding=[chance.uniform(-1, 1) for _ in range(DIMENSIONS)],
            query_str=" ".join(chance.sample(WORDS, 3)),
            similarity_top_k=8,
            mode=mode,
            alpha=alpha,
            doc_ids=owners,
        )
        for mode, alpha in [
            (VectorStoreQueryMode.DEFAULT, None),
            (VectorStoreQueryMode.TEXT_SEARCH, None),
            *((VectorStoreQueryMode.HYBRID, alpha) for alpha in (None, 0.2, 0.8)),
        ]
        for owners in (None, ["document-1", "document-4"])
        for _ in range(5)
    ]
    found = []
    for url in (None, server):
        store = open_store(*library(tmp_path / ("server" if url else "folder"), url))
        store.add(nodes)
        found.append([store.query(query) for query in queries])
        store.close()
    for folder, remote in zip(*found, strict=True):
        assert folder.ids
        assert remote.similarities == pytest.approx(folder.similarities, rel=1e-3)
        assert remote.ids == folder.ids


def test_libraries_share_a_server_but_no_chunk(server: str, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    mine, yours = (open_store(*library(tmp_path / name, server)) for name in ("mine", "yours"))
    mine.add([node(1, chance), node(2, chance)])
    assert (mine.count(), yours.count()) == (2, 0)
    mine.close()
    yours.close()


def test_a_removed_store_is_gone_from_the_server(server: str, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    folder, dimensions, settings = library(tmp_path, server)
    remove_store(folder, settings)  # there is none, which is fine
    store = open_store(folder, dimensions, settings)
    store.add([node(1, chance)])
    store.close()
    client = QdrantClient(url=server, check_compatibility=False)
    name = (tmp_path / "vectors.server").read_text().strip()
    assert client.collection_exists(name)
    remove_store(folder, settings)
    assert not client.collection_exists(name)
    client.close()
    again = open_store(folder, dimensions * 2, settings)
    assert again.count() == 0
    again.close()


@pytest.mark.parametrize("url", ["http://192.0.2.1:6333", "https://[2001:db8::1]", "http://0.0.0.0:6333"])
def test_another_machine_needs_the_users_word(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DOCMIND_ALLOW_REMOTE_SERVER=true"):
        open_store(*library(tmp_path, url))


def test_a_key_never_travels_unencrypted(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="https://") as refusal:
        open_store(*library(tmp_path, "http://192.0.2.1:6333", "hidden", remote=True))
    assert "hidden" not in str(refusal.value)


def test_the_key_is_needed_where_the_server_asks_for_one(tmp_path: Path) -> None:
    with qdrant_stand_in(key="open sesame") as url:
        for key in ("", "wrong"):
            with pytest.raises(SettingsError, match="DOCMIND_QDRANT_KEY"):
                open_store(*library(tmp_path, url, key))
        store = open_store(*library(tmp_path, url, "open sesame"))
        assert store.count() == 0
        store.close()


def test_a_name_for_this_machine_will_do(server: str, tmp_path: Path) -> None:
    store = open_store(*library(tmp_path, server.replace("127.0.0.1", "localhost")))
    assert store.count() == 0
    assert not store.leaves_machine
    store.close()


def test_no_proxy_is_asked(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there
    store = open_store(*library(tmp_path, server))
    assert store.count() == 0
    store.close()


def test_an_old_server_is_refused(tmp_path: Path) -> None:
    with qdrant_stand_in(version="1.12.4") as url, pytest.raises(LibraryError, match=r"1\.12\.4.*1\.19 or later"):
        open_store(*library(tmp_path, url))


def test_a_server_that_does_not_answer_is_named_with_advice(tmp_path: Path) -> None:
    with qdrant_stand_in() as url:
        arguments = library(tmp_path, url)
        store = open_store(*arguments)
    with pytest.raises(LibraryError, match="DOCMIND_QDRANT_URL"):
        store.count()
    store.close()
    with pytest.raises(LibraryError, match="Start it"):
        open_store(*arguments)


def test_a_collection_that_is_gone_is_named_with_advice_and_made_again(server: str, tmp_path: Path) -> None:
    store = open_store(*library(tmp_path, server))
    client = QdrantClient(url=server, check_compatibility=False)
    client.delete_collection((tmp_path / "vectors.server").read_text().strip())
    with pytest.raises(LibraryError, match="open it again"):
        store.count()
    store.close()
    again = open_store(*library(tmp_path, server))
    assert again.count() == 0
    again.close()
    client.close()


def test_a_collection_of_others_is_left_alone(server: str, tmp_path: Path) -> None:
    name = "docmind-" + "0" * 32
    (tmp_path / "vectors.server").write_text(name)
    client = QdrantClient(url=server, check_compatibility=False)
    client.create_collection(name, models.VectorParams(size=DIMENSIONS, distance=models.Distance.DOT))
    with pytest.raises(LibraryError, match="not made by DocMind"):
        open_store(*library(tmp_path, server))
    client.close()


@pytest.mark.parametrize("content", [b"", b"../../etc", b"docmind-xyz", b"\xff\xfe"])
def test_a_damaged_marker_is_named_with_advice(server: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vectors.server").write_bytes(content)
    with pytest.raises(LibraryError, match=r"vectors\.server.*[Rr]emove it"):
        open_store(*library(tmp_path, server))


def test_a_library_moves_to_a_server_and_back_by_reading_its_documents_again(
    server: str, plain_settings: Settings, tmp_path: Path
) -> None:
    document = tmp_path / "harbour.txt"
    document.write_text("The harbour of Corran was rebuilt in 1931. Its bridge is 58 metres long.", encoding="utf-8")

    def passages(url: str | None) -> list[str]:
        with Workspace(plain_settings.model_copy(update={"qdrant_url": url})) as workspace:
            recover(workspace)
            list(ingest(workspace, [document]))
            return [found.get_content() for found in workspace.retriever().retrieve("How long is the bridge?")]

    first = passages(None)
    assert first
    assert passages(server) == first
    assert (plain_settings.data_dir / "vectors.server").is_file()
    assert passages(None) == first


def test_another_embedding_model_fills_a_second_collection_that_takes_the_place_of_the_first(
    server: str, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", engine="extractive", embedder="small", qdrant_url=server)
    (tmp_path / "note.txt").write_text("The zebra fee is 3 pounds.", encoding="utf-8")
    client = QdrantClient(url=server, check_compatibility=False)
    with SomeModels(settings) as workspace:
        list(ingest(workspace, [tmp_path / "note.txt"]))
        first = (settings.data_dir / "vectors.server").read_text(encoding="utf-8").strip()
        assert client.collection_exists(first)
        begin(workspace, "wide")
        for _ in reembed(workspace):
            assert workspace.store.dimensions == 64
        assert workspace.store.dimensions == 96
        (passage,) = workspace.retriever(limit=5).retrieve("zebra fee")
        assert "3 pounds" in passage.node.get_content()
    assert [marker.name for marker in settings.data_dir.glob("*.server")] == ["vectors-2.server"]
    assert not client.collection_exists(first)
    client.close()
