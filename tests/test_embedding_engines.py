"""What computes an embedding model: both engines give the same vectors, and a conversion is kept whole or not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from docmind.embeddings import Embedder, open_embedder
from docmind.embeddings.choice import LEAST_COSINE, Way, known_way, way_of
from docmind.embeddings.probe import least_cosine, probe_texts
from docmind.errors import ModelError
from docmind.ingestion.ingest import ingest
from docmind.models import find_model
from docmind.settings import Settings
from docmind.workspace import Workspace
from some_models import random_bge_m3

TEXTS = [*probe_texts(), "rent", "", "北京 🦩", "word " * 2_000]


def opened(settings: Settings, **changes: str) -> Embedder:
    return open_embedder(settings.model_copy(update=changes))


def vectors(embedder: Embedder, texts: list[str]) -> np.ndarray:
    return np.array(embedder.model.get_text_embedding_batch(texts), dtype=np.float32)


@pytest.fixture
def bge_m3_shape(tmp_path: Path) -> Path:
    """A model built as BGE-M3 is (XLM-R, the first token's vector, Unigram tokens), small and with random weights."""
    return random_bge_m3(tmp_path)


@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_both_engines_give_the_same_vectors(settings: Settings, precision: str) -> None:
    torch_vectors = vectors(opened(settings, embedder_engine="torch"), TEXTS)
    embedder = opened(settings, embedder_engine="openvino", embedder_precision=precision)
    assert embedder.computed_by == f"OpenVINO, {precision}"
    assert least_cosine(torch_vectors, vectors(embedder, TEXTS)) >= LEAST_COSINE


@pytest.mark.slow  # quantising takes a quarter of a minute
def test_eight_bits_are_near_and_kept_next_to_the_whole_model(settings: Settings, tmp_path: Path) -> None:
    mine = settings.model_copy(update={"models_dir": tmp_path / "models", "embedder_engine": "openvino"})
    shutil.copytree(find_model("auto", "embedding", settings), tmp_path / "models" / "mine")
    whole = vectors(opened(mine, embedder="mine", embedder_precision="f32"), probe_texts())
    for _ in range(2):  # made, then opened as it was kept
        found = vectors(opened(mine, embedder="mine", embedder_precision="int8"), probe_texts())
        assert 0.95 < least_cosine(whole, found) < LEAST_COSINE
    kept = list((tmp_path / "models" / ".compiled").iterdir())
    assert len(kept) == 2
    assert all((form / "embedding.json").is_file() and (form / "embedding.xml").is_file() for form in kept)


def test_both_engines_count_and_bound_alike(settings: Settings) -> None:
    one, other = (opened(settings, embedder_engine=engine) for engine in ("torch", "openvino"))
    assert one.count_tokens(TEXTS) == other.count_tokens(TEXTS)
    assert (one.name, one.dimensions, one.max_tokens) == (other.name, other.dimensions, other.max_tokens)


def test_a_model_of_bge_m3s_shape_is_converted(bge_m3_shape: Path) -> None:
    settings = Settings(models_dir=bge_m3_shape.parent, embedder=bge_m3_shape.name)
    torch_embedder = opened(settings, embedder_engine="torch")
    embedder = opened(settings, embedder_engine="openvino", embedder_precision="f32")
    assert (
        (embedder.dimensions, embedder.max_tokens)
        == (64, 128)
        == (torch_embedder.dimensions, torch_embedder.max_tokens)
    )
    assert least_cosine(vectors(torch_embedder, TEXTS), vectors(embedder, TEXTS)) >= LEAST_COSINE
    asked = "What is the rent?"
    assert np.dot(
        torch_embedder.model.get_query_embedding(asked), embedder.model.get_query_embedding(asked)
    ) == pytest.approx(1, abs=1e-4)


def test_a_library_filled_by_one_engine_is_searched_by_the_other(settings: Settings, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The rent is 1,450 pounds a month.\n\nThe cat sleeps on the sofa all day.\n" * 2, encoding="utf-8")
    for filler, searcher in (("torch", "openvino"), ("openvino", "torch")):
        mine = settings.model_copy(update={"data_dir": tmp_path / filler, "embedder_engine": filler})
        with Workspace(mine) as workspace:
            assert [outcome.status for outcome in ingest(workspace, [note])] == ["ingested"]
        with Workspace(mine.model_copy(update={"embedder_engine": searcher})) as workspace:
            asked = workspace.embedder.model.get_query_embedding("How much is the rent?")
            (found, *_) = workspace.retriever().search("How much is the rent?", asked)
            assert "1,450" in found.node.get_content()


QUERY = "open_embedder(Settings()).model.get_query_embedding('rent')"
APP = "state = AppState(); state.warm.wait(); assert not state.problem, state.problem; state.close()"


@pytest.mark.parametrize("work", [QUERY, APP], ids=["a query", "the whole app"])
def test_torch_is_not_imported_once_the_model_is_converted(settings: Settings, tmp_path: Path, work: str) -> None:
    assert way_of(find_model("auto", "embedding", settings), settings).engine == "openvino"
    open_embedder(settings)
    code = (
        "import sys; from docmind.embeddings import open_embedder; from docmind.settings import Settings; "
        f"from docmind.ui.app_state import AppState; {work}; "
        "print([name for name in ('torch', 'transformers', 'sentence_transformers', 'sklearn') if name in sys.modules])"
    )
    places = {"DOCMIND_MODELS_DIR": str(settings.models_dir), "DOCMIND_DATA_DIR": str(tmp_path / "data")}
    environment = {**os.environ, **places}
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_fastest_way_is_measured_once_and_remembered(bge_m3_shape: Path) -> None:
    settings = Settings(models_dir=bge_m3_shape.parent, embedder=bge_m3_shape.name)
    assert known_way(bge_m3_shape, settings) is None
    chosen = way_of(bge_m3_shape, settings)
    assert known_way(bge_m3_shape, settings) == chosen == way_of(bge_m3_shape, settings)
    (bge_m3_shape / "README.md").write_text("Another version.", encoding="utf-8")  # its files have changed
    assert known_way(bge_m3_shape, settings) is None


def test_what_the_settings_name_is_not_measured(bge_m3_shape: Path) -> None:
    mine = Settings(models_dir=bge_m3_shape.parent, embedder_engine="torch")
    assert way_of(bge_m3_shape, mine) == Way(engine="torch", reason="DOCMIND_EMBEDDER_ENGINE says so.")
    mine = mine.model_copy(update={"embedder_engine": "auto", "embedder_precision": "bf16"})
    assert way_of(bge_m3_shape, mine).precision == "bf16"
    assert not (bge_m3_shape.parent / ".measured").exists()


def test_a_kept_model_that_is_damaged_is_made_again(bge_m3_shape: Path) -> None:
    settings = Settings(models_dir=bge_m3_shape.parent, embedder=bge_m3_shape.name, embedder_engine="openvino")
    whole = vectors(open_embedder(settings), ["rent"])
    (kept,) = (path for path in (bge_m3_shape.parent / ".compiled").iterdir())
    description = (kept / "embedding.json").read_bytes()
    (kept / "embedding.json").write_text("{", encoding="utf-8")
    assert np.allclose(vectors(open_embedder(settings), ["rent"]), whole)
    assert (kept / "embedding.json").read_bytes() == description


@pytest.mark.slow  # loads torch in a process of its own
def test_a_conversion_that_is_killed_leaves_nothing_that_is_taken_for_a_model(bge_m3_shape: Path) -> None:
    settings = Settings(models_dir=bge_m3_shape.parent, embedder=bge_m3_shape.name, embedder_engine="openvino")
    # Ends the process where the first file was written and the form is not complete.
    code = (
        "import os, openvino; write = openvino.save_model\n"
        "def then_die(*given, **more): write(*given, **more); os._exit(9)\n"
        "openvino.save_model = then_die\n"
        "from docmind.embeddings import open_embedder; from docmind.settings import Settings; open_embedder(Settings())"
    )
    environment = {
        **os.environ,
        "DOCMIND_MODELS_DIR": str(settings.models_dir),
        "DOCMIND_EMBEDDER": settings.embedder,
        "DOCMIND_EMBEDDER_ENGINE": "openvino",
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False)
    assert done.returncode == 9, done.stderr
    kept = bge_m3_shape.parent / ".compiled"
    assert not list(kept.glob("*/embedding.json"))
    assert len(vectors(open_embedder(settings), ["rent"])[0]) == 64
    assert {path.name for path in kept.glob("*/embedding.*")} >= {"embedding.json", "embedding.xml"}


def test_a_full_disk_or_a_folder_that_may_only_be_read_costs_no_more_than_time(bge_m3_shape: Path) -> None:
    settings = Settings(models_dir=bge_m3_shape.parent, embedder=bge_m3_shape.name, embedder_engine="openvino")
    (bge_m3_shape.parent / ".compiled").write_text("in the way", encoding="utf-8")
    (bge_m3_shape.parent / ".measured").write_text("in the way", encoding="utf-8")
    assert len(vectors(open_embedder(settings), ["rent"])[0]) == 64


def test_several_threads_embed_at_once(settings: Settings) -> None:
    embedder = opened(settings, embedder_engine="openvino", embedder_precision="f32")
    expected = vectors(embedder, TEXTS)
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(vectors(embedder, TEXTS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(each, expected, atol=1e-4) for each in found)
    assert len(found) == 4


def test_a_damaged_tokenizer_is_named(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "mine"
    shutil.copytree(find_model("auto", "embedding", settings), folder)
    mine = Settings(models_dir=folder.parent, embedder="mine", embedder_engine="openvino", embedder_precision="f32")
    open_embedder(mine)
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="mine"):
        open_embedder(mine)
