"""How fast an engine reads and writes on this machine: measured when it is opened, and remembered for its model."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from llama_index.core.bridge.pydantic import BaseModel

from docmind.engines.trial import ask_once, prompt
from docmind.errors import EngineError
from docmind.models.kept import kept_form
from docmind.models.measured import recall, remember
from docmind.settings import CacheType, Settings

if TYPE_CHECKING:
    from docmind.engines.base import Engine

_SHORT, _LONG = 8, 200  # words; the first prompt only has libraries and kernels loaded
_WRITTEN = 16  # tokens
# What else runs while a model is opened, the embedding model that is opened at the same time above all, slows it down
# and never speeds it up. So the best of several openings counts, and those on a busy machine are not among the several.
_OPENINGS = 3


class Speed(BaseModel):
    """How fast a model is, on this machine.

    Attributes:
        reads: Tokens a second of a prompt that no cache knows.
        writes: Tokens a second of an answer; 0 where the model wrote no second one.
        openings: How many measurements these are the best of, those that a busy machine may have slowed down left out.
    """

    reads: float
    writes: float
    openings: int = 1


def speed_of(engine: Engine, model: Path, cache_type: CacheType, settings: Settings) -> Speed | None:
    """What is known of an engine that was just opened; in its first openings here it is measured, which takes seconds.

    Where more programs wanted to run in the minute before than there are cores, the next opening measures again.

    None where it cannot be measured: the first question then tells why.
    """
    depends_on = kept_form(model, settings, engine.engine_name, engine.device, cache_type).name
    known = recall(Speed, settings, depends_on)
    if known and known.openings >= _OPENINGS:
        return known
    busy = psutil.getloadavg()[0] > (os.cpu_count() or 1)
    if speed := measure(engine):
        before = known or Speed(reads=0, writes=0, openings=0)
        speed = Speed(
            reads=max(speed.reads, before.reads),
            writes=max(speed.writes, before.writes),
            openings=before.openings + (not busy),
        )
        remember(speed, settings, depends_on)
    return speed or known


def measure(engine: Engine) -> Speed | None:
    """Have the engine read some two hundred words and write a few tokens; None where that failed."""
    try:
        for words, tokens in ((_SHORT, 2), (_LONG, _WRITTEN)):
            number = random.randrange(1_000, 10_000)  # noqa: S311 - no secret
            timed = ask_once(engine, prompt(number, words), tokens)
    except EngineError:  # a template that refuses such a conversation, say
        return None
    if timed.first_seconds is None:
        return None
    return Speed(reads=round(timed.prompt_tokens / timed.first_seconds, 1), writes=round(timed.decode_speed or 0.0, 1))
