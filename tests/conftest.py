"""What every test may ask for. Real models, real folders; nothing of ours is patched."""

from __future__ import annotations

from pathlib import Path

import pytest

from docmind import models
from docmind.settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The two starter models, fetched once for all test runs of this checkout."""
    folder = REPOSITORY / ".cache" / "models"
    settings = Settings(data_dir=folder.parent / "data", models_dir=folder)
    for model in models.starter_models():
        models.pull(model.name, settings)
    return folder


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path) -> Settings:
    """Settings whose library is empty and whose models are the starters."""
    return Settings(data_dir=tmp_path / "data", models_dir=models_dir)
