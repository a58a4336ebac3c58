"""The samples are what make_samples draws, and they answer the sample questions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import mammoth
import pypdfium2
import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
QUESTIONS: list[dict[str, Any]] = json.loads((DATA / "sample_questions.json").read_text(encoding="utf-8"))["questions"]


def text_of(path: Path, page: int | None) -> str:
    """The sample's text, read with nothing of ours, with single spaces."""
    match path.suffix:
        case ".pdf":
            assert page
            with pypdfium2.PdfDocument(path) as document:
                text = document[page - 1].get_textpage().get_text_range()
        case ".docx":
            with path.open("rb") as file:
                text = mammoth.extract_raw_text(file).value
        case _:
            text = path.read_text(encoding="utf-8")
    return " ".join(text.split())


@pytest.mark.parametrize("entry", QUESTIONS, ids=lambda entry: entry["question"])
def test_the_answer_stands_where_the_question_says(entry: dict[str, Any]) -> None:
    assert entry["answer"] in text_of(DATA / "samples" / entry["document"], entry["page"])


def test_every_sample_has_a_question() -> None:
    samples = {path.name for path in (DATA / "samples").iterdir()}
    assert {entry["document"] for entry in QUESTIONS} == samples


def test_drawing_the_samples_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for script in DATA.glob("*.py"):
        (tmp_path / script.name).write_bytes(script.read_bytes())
    subprocess.run([sys.executable, str(tmp_path / "make_samples.py")], check=True)
    drawn = list((tmp_path / "samples").iterdir())
    assert len(drawn) == 3
    for path in drawn:
        assert path.read_bytes() == (DATA / "samples" / path.name).read_bytes(), "run `make samples`"
