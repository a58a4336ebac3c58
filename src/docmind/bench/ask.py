"""From a question to the first word of its answer, with every model loaded and warm."""

from __future__ import annotations

import tempfile
from pathlib import Path

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.bench.corpus import fill, library_settings, sample_questions, samples_folder
from docmind.bench.report import Plot, Report, Target, median_of
from docmind.settings import Settings
from docmind.workspace import Workspace

_TARGET = Target("<=", 1.5)
_PREVIEW_TARGET = Target("<=", 0.5)
# Not among the questions measured, so that what it leaves in the engine's cache helps them with the fixed part of
# the prompt only, as any earlier question of a user does.
_WARM_UP = "What is this about?"


def bench_ask(settings: Settings) -> Report:
    """Each sample question asked once, then all of them again, which the engine's prefix cache may know.

    The engine, the model and the number of passages are those of the settings.

    Raises:
        ModelNotFoundError: a model is missing.
    """
    with tempfile.TemporaryDirectory() as folder, Workspace(library_settings(settings, Path(folder))) as workspace:
        fill(workspace, samples_folder())
        workspace.warm_up()
        _answer(workspace, _WARM_UP)
        questions = sample_questions()
        first = [_answer(workspace, question) for question in questions]
        again = [_answer(workspace, question) for question in questions]
        embedder = workspace.embedder.name
    asked = [answer for answer in first if answer.first_token_seconds is not None]
    waits = [answer.first_token_seconds or 0.0 for answer in asked]
    previews = [answer.preview_seconds for answer in first if answer.preview_seconds is not None]
    repeated = [answer.first_token_seconds for answer in again if answer.first_token_seconds is not None]
    gated = len(first) - len(asked)
    return Report(
        "ask",
        figures=(
            median_of(
                "warm question to first token", waits, "s", _TARGET, of="questions",
                note=f"{gated} more were answered without the model" if gated else "",
            ),
            median_of("warm question to preview", previews, "s", _PREVIEW_TARGET, of="questions"),
            median_of("the same question again, to first token", repeated, "s", of="questions"),
            median_of("whole answer", [answer.total_seconds for answer in first], "s", of="questions"),
            median_of("retrieval, question embedded", [a.retrieve_seconds for a in first], "s", of="questions"),
            median_of("prompt", [float(answer.read.prompt_tokens) for answer in asked], "tokens", of="questions"),
            median_of("passages in the prompt", [float(a.read.chunks) for a in asked], "", of="questions"),
            median_of(
                "writing", [a.tokens_per_second for a in asked if a.tokens_per_second], "tokens/s", of="questions"
            ),
        ),
        setting={"engine": first[0].engine, "model": first[0].model, "embedder": embedder},
        plots=(
            Plot(
                "histogram", "Question to first token", "seconds", {"first time": waits, "asked again": repeated}
            ),
        ),
        details=tuple(
            {
                "question": answer.question,
                "found": answer.found,
                "preview": answer.preview_seconds,
                "first token": answer.first_token_seconds,
                "total": answer.total_seconds,
                "prompt tokens": answer.read.prompt_tokens,
                "tokens per second": answer.tokens_per_second,
            }
            for answer in first
        ),
    )  # fmt: skip


def _answer(workspace: Workspace, question: str) -> Answer:
    *_, last = ask(workspace, question)
    assert isinstance(last, Answer)  # noqa: S101 - the last event by definition
    return last
