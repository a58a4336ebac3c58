"""All models on this machine's terms: installed or not, which engine reads them, how much memory they take."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from docmind.errors import DocMindError, ModelError
from docmind.models.choose import Choice, choose, trials
from docmind.models.facts import ModelFacts, WeightsFormat, facts_of
from docmind.models.fit import Fit, fit
from docmind.models.hardware import Hardware
from docmind.models.installed import how_to_get, installed
from docmind.models.known_models import KNOWN_MODELS
from docmind.models.model import Model
from docmind.models.runtimes import install_advice, is_installed, is_local, words
from docmind.settings import LocalEngine, Settings

_USUAL_WINDOW = 131_072  # tokens; what the design asks of a card
# Where no engine can read a model on this machine, its memory is still told, as the engine would use it that could.
_READERS: dict[WeightsFormat, LocalEngine] = {"safetensors": "vllm", "openvino": "openvino", "gguf": "llamacpp"}


@dataclass(frozen=True, slots=True)
class Row:
    """One language model, and what this machine makes of it.

    Attributes:
        name: What users type.
        model: What the catalogue says; None for a model the user brought along.
        path: Where it lies; None where it is not on this machine.
        why: One sentence or two for people.
        advice: What to do to use it; '' where nothing is missing.
        facts: Shape and weights; None where its files cannot be read.
        fit: How it lies in memory; None where its shape is not known.
        engine: The engine that would open it; None where none can.
        chosen: Whether DocMind opens it as things are.
    """

    name: str
    model: Model | None
    path: Path | None
    why: str
    advice: str = ""
    facts: ModelFacts | None = None
    fit: Fit | None = None
    engine: LocalEngine | None = None
    chosen: bool = False

    @property
    def form(self) -> str:
        """In which numbers its weights lie: 'FP8', 'Q4_K_M', 'BF16'."""
        return self.facts.quantization if self.facts else ""


def overview(settings: Settings, hardware: Hardware) -> tuple[Row, ...]:
    """Every known language model and every one on this machine; those that are here first.

    Estimates are for the window, the cache type and the engine that the settings name; else for each model's own window
    up to 131,072 tokens, and what DocMind would choose.
    """
    chosen: Choice | None = None
    with suppress(DocMindError):  # the rows say why nothing can be opened
        chosen = choose(settings, hardware)
    found: dict[str, tuple[Model | None, Path | None]] = {
        entry.name: (entry.model, entry.path) for entry in installed(settings) if entry.kind == "language"
    }
    for model in KNOWN_MODELS:
        if model.kind == "language":
            found.setdefault(model.name, (model, None))
    return tuple(_row(name, model, path, settings, hardware, chosen) for name, (model, path) in found.items())


def _row(
    name: str, model: Model | None, path: Path | None, settings: Settings, hardware: Hardware, chosen: Choice | None
) -> Row:
    try:
        facts = facts_of(path) if path else model.facts if model else None
    except ModelError as error:
        return Row(name, model, path, str(error))
    if facts is None:
        return Row(name, model, path, "Its shape is not known.")
    missing = how_to_get(model, settings) if model and path is None else ""
    window = settings.window or min(facts.window, _USUAL_WINDOW)
    tried = trials(facts, path, hardware, settings, window)
    options = [(trial.engine, trial.fit) for trial in tried if trial.fit]
    if not options:
        why = f"{'; '.join(trial.trouble for trial in tried)}."
        anywhere = settings.model_copy(update={"device": "auto"})  # the one that is set may not be here
        sums = fit(facts, hardware, _READERS[facts.format], window, "auto", anywhere)
        sums = replace(sums, verdict="does not fit", largest_window=0, reason=why)
        return Row(name, model, path, why, missing, facts, sums)
    if chosen and path and chosen.path == path:
        found = next((found for engine, found in options if engine == chosen.engine), None)
        if found and is_local(chosen.engine):
            return Row(name, model, path, chosen.reason, missing, facts, found, chosen.engine, chosen=True)
    # As `choose` does: the first engine that is here and has room; of those that are not, the first with most room.
    usable = [option for option in options if is_installed(option[0]) and option[1].largest_window]
    best, found = usable[0] if usable else max(options, key=lambda option: option[1].largest_window)
    advice = missing or ("" if is_installed(best) else f"{words(best)} is missing. {install_advice(best, hardware)}")
    return Row(name, model, path, found.reason, advice, facts, found, best)
