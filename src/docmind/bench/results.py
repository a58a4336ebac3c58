"""Measurements of an engine, and the engine as it was opened: what the report is made from."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from docmind.bench.memory_sampler import Gauge
from docmind.bench.scenarios import Scenario
from docmind.bench.timing import Round
from docmind.engines import Engine
from docmind.models import Choice


@dataclass(frozen=True, slots=True)
class Measured:
    """A scenario and its runs: what was answered in each, and the memory at its peak in bytes, None where unknown."""

    scenario: Scenario
    rounds: tuple[Round, ...]
    peaks: tuple[int | None, ...]

    @classmethod
    def joined(cls, parts: Sequence[Measured]) -> Measured:
        """All runs of one scenario together."""
        return cls(
            parts[0].scenario,
            tuple(each for part in parts for each in part.rounds),
            tuple(peak for part in parts for peak in part.peaks),
        )

    def values(self) -> dict[str, list[float]]:
        """All measurements by the names they have in the JSON document; a value for each answer, or for each run."""
        answers = [answer for each in self.rounds for answer in each.answers]
        reads = self.scenario.kind != "repeat"  # a prompt that the cache knows is not read
        return {
            "prompt_tokens": [float(answer.prompt_tokens) for answer in answers],
            "completion_tokens": [float(answer.tokens) for answer in answers],
            "first_token_seconds": [a.first_seconds for a in answers if a.first_seconds is not None],
            "prefill_tokens_per_second": [r.prefill_speed for r in self.rounds if reads and r.prefill_speed],
            "decode_tokens_per_second": [a.decode_speed for a in answers if a.decode_speed],
            "total_tokens_per_second": [each.total_speed for each in self.rounds],
            "peak_memory_bytes": [float(peak) for peak in self.peaks if peak is not None],
        }

    def median(self, name: str) -> float | None:
        """The median of these measurements; None where nothing could be measured."""
        values = self.values()[name]
        return statistics.median(values) if values else None


@dataclass(frozen=True, slots=True)
class Opened:
    """The engine as it was opened, for the report."""

    engine: str
    model: str
    device: str
    window: int
    seats: int
    note: str
    choice: Choice
    gauge: Gauge

    @classmethod
    def of(cls, engine: Engine, choice: Choice, gauge: Gauge) -> Self:
        """What the engine says of itself."""
        return cls(
            engine.engine_name, engine.model_name, engine.device, engine.context_window, engine.parallel_answers,
            engine.note, choice, gauge,
        )  # fmt: skip


def spread_of(values: Sequence[float]) -> dict[str, float | None]:
    """Median, lowest, highest and number of some measurements; without any, n is 0 and the rest None."""
    if not values:
        return {"median": None, "low": None, "high": None, "n": 0}
    return {"median": statistics.median(values), "low": min(values), "high": max(values), "n": len(values)}
