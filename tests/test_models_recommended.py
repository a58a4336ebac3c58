"""The models that are recommended for a machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from docmind.models import Hardware, detect, overview, recommended
from docmind.settings import Settings

GIB = 1 << 30


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Hardware:
    """This machine, without its cards."""
    return replace(detect(Settings(models_dir=tmp_path_factory.mktemp("none"))), cuda=())


@pytest.mark.parametrize(
    ("memory", "name"),
    [
        (64, "qwen3-30b-a3b-instruct-2507-openvino"),
        (16, "qwen3-4b-instruct-2507-gguf"),
        (4, "qwen2.5-coder-1.5b-instruct"),
    ],
)
def test_a_processor_is_recommended_what_fits_and_writes_as_fast_as_one_reads(
    machine: Hardware, tmp_path: Path, memory: int, name: str
) -> None:
    hardware = replace(machine, memory_bytes=memory * GIB, free_bytes=int(memory * 0.8) * GIB)
    best, *_ = recommended(overview(Settings(models_dir=tmp_path), hardware), hardware)
    assert best.name == name


def test_nothing_is_recommended_where_nothing_fits(machine: Hardware, tmp_path: Path) -> None:
    hardware = replace(machine, memory_bytes=GIB // 8, free_bytes=GIB // 8)
    assert recommended(overview(Settings(models_dir=tmp_path), hardware), hardware) == []
