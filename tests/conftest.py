"""What every test may ask for. Real models, real folders; nothing of ours is patched."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from docmind import models
from docmind.embeddings import Embedder
from docmind.errors import ModelNotFoundError
from docmind.ingestion.ingest import ingest
from docmind.models.writer import WRITER
from docmind.settings import Settings
from docmind.workspace import Workspace

if TYPE_CHECKING:
    import openvino_genai as genai

REPOSITORY = Path(__file__).resolve().parent.parent

# Neither the settings file nor the models of whoever runs the tests; the processes that tests start inherit this.
_nobodys = tempfile.TemporaryDirectory(prefix="docmind-tests-")
os.environ.update(XDG_CONFIG_HOME=f"{_nobodys.name}/config", XDG_DATA_HOME=f"{_nobodys.name}/data")

# The same cases at each run, none of them kept in the folder, and none judged by a clock.
hypothesis.settings.register_profile("docmind", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("docmind")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The two starter models, fetched once for all test runs of this checkout."""
    folder = REPOSITORY / ".cache" / "models"
    settings = Settings(data_dir=folder.parent / "data", models_dir=folder)
    for model in models.starter_models():
        models.pull(model.name, settings)
    return folder


@pytest.fixture(scope="session")
def writer() -> Path:
    """The GGUF file of the writer, for `Settings(model=str(writer))`.

    It lies in a folder of its own, so that 'auto' is the small starter in all other tests.
    """
    try:
        return models.find_model(WRITER.name, "language", Settings(models_dir=REPOSITORY / ".cache" / "writer"))
    except ModelNotFoundError:
        pytest.skip("the writer is not here: `make writer` fetches it (1.1 GB)")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the only place pip looks in."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path) -> Settings:
    """Settings whose library is empty and whose models are the starters; what is asked twice is answered twice."""
    return Settings(data_dir=tmp_path / "data", models_dir=models_dir, cache=False)


@pytest.fixture
def plain_settings(tmp_path: Path) -> Settings:
    """Settings that need no model: the engine quotes, the embedder hashes. What is asked twice is answered twice."""
    return Settings(data_dir=tmp_path / "data", engine="extractive", embedder="hash", cache=False)


@pytest.fixture
def plain_workspace(plain_settings: Settings) -> Iterator[Workspace]:
    """An empty library that needs no model."""
    with Workspace(plain_settings) as workspace:
        yield workspace


@pytest.fixture(scope="session")
def sample_library(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Workspace]:
    """The sample documents, read by the real models. Everybody may ask; nobody may add or delete."""
    # As many passages on a busy machine, whose models are measured to be slow, as on an idle one.
    # No answer is kept for the next test that asks the same.
    folder = tmp_path_factory.mktemp("samples") / "data"
    settings = Settings(data_dir=folder, models_dir=models_dir, prompt_passages=3, cache=False)
    with Workspace(settings) as workspace:
        assert all(outcome.status == "ingested" for outcome in ingest(workspace, [REPOSITORY / "data" / "samples"]))
        yield workspace


@pytest.fixture(scope="session")
def minilm(sample_library: Workspace) -> Embedder:
    """The real embedding model."""
    return sample_library.embedder


@pytest.fixture(scope="session")
def tokenizer(models_dir: Path) -> genai.Tokenizer:
    """The starter language model's tokenizer, opened from its file without the engine."""
    import openvino_genai as genai  # after docmind, which keeps its telemetry out

    return genai.Tokenizer(str(models.find_model("auto", "language", Settings(models_dir=models_dir))))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a file system of so many bytes."""
    mounted: list[Path] = []

    def mount(size_bytes: int) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder)],  # noqa: S607 - where it is varies
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("mounting a small disk needs more rights than this run has")
        mounted.append(folder)
        return folder

    if sys.platform != "linux":
        pytest.skip("small disks are made with Linux's tmpfs")
    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - where it is varies
