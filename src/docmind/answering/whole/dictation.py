"""Dictation: a model writes about a text, once; what it wrote of that text is kept and not written again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass

from docmind.answering.whole.analysis import Progress
from docmind.answering.whole.prompts import VERSION, messages
from docmind.engines import Engine
from docmind.storage.analyses import Analyses

_CUT = "\n\x00cut short"  # after a text that reached its longest length


@dataclass(slots=True)
class Tally:
    """What a model read and wrote for one analysis, in its own tokens; `first_seconds` until its first word."""

    prompt_tokens: int = 0
    written_tokens: int = 0
    first_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Dictated:
    """What was written, whether it was still being written when it had to end, and whether it was kept from before."""

    text: str
    cut_short: bool = False
    kept: bool = False


class EndedByUser(Exception):  # noqa: N818 - it is no error
    """The user ended the analysis; never leaves `docmind.answering`."""


def dictate(
    engine: Engine,
    text: str,
    task: str,
    max_tokens: int,
    kept: Analyses,
    document_id: str,
    stopped: Callable[[], bool],
    tally: Tally,
    progress: Progress,
) -> Generator[Progress, None, Dictated]:
    """Have a model write about a text, or take what it wrote of the same text before.

    Args:
        engine: The model.
        text: Of the document.
        task: What to write.
        max_tokens: The longest it may become.
        kept: Where what was written lies.
        document_id: The document, with which it goes.
        stopped: Asked at every sign of life.
        tally: Counts what is read and written.
        progress: Yielded now and then while it writes, so that whoever follows can stop it.

    Raises:
        EndedByUser: `stopped` said yes.
        ContextWindowError: the text does not fit.
        EngineError: the model failed.
    """
    key = step_key(engine.model_name, text, task, max_tokens)
    known = kept.step(document_id, key)
    if known is not None:
        return Dictated(known.removesuffix(_CUT), known.endswith(_CUT), kept=True)
    prepared = engine.prepare(messages(text, task, engine.escape), max_tokens=max_tokens)
    tally.prompt_tokens += prepared.tokens
    began = time.perf_counter()
    written, tokens = "", 0
    with closing(engine.stream_prepared(prepared)) as stream:
        for response in stream:
            if stopped():
                raise EndedByUser
            if response.delta and tally.first_seconds is None:
                tally.first_seconds = round(time.perf_counter() - began, 3)
            written += response.delta or ""
            tokens = response.additional_kwargs.get("tokens", tokens)
            yield progress
    tally.written_tokens += tokens
    cut_short = tokens >= max_tokens
    kept.keep_step(document_id, key, written + (_CUT if cut_short else ""))
    return Dictated(written, cut_short)


def step_key(model: str, text: str, task: str, max_tokens: int) -> str:
    """Names what was written by its text, its task, its model and the version of the prompts."""
    return hashlib.sha256("\x00".join((str(VERSION), model, str(max_tokens), task, text)).encode()).hexdigest()
