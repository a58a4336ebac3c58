"""Which engine opens which model: what the settings name, or the best that is here and fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docmind.errors import ModelError
from docmind.models.facts import ModelFacts, Shape, facts_of, is_split
from docmind.models.fit import Fit, best_place, cache_gib
from docmind.models.hardware import Hardware, detect
from docmind.models.installed import find_model, language_models
from docmind.models.runtimes import (
    LocalEngine,
    Place,
    engines_in_order,
    install_advice,
    is_installed,
    is_local,
    obstacle,
    require_package,
    vllm_drives_cuda,
    words,
)
from docmind.settings import CacheType, EngineName, Settings

# Windows where none is set, at most: what the design asks of a card; and what llama.cpp, which takes the whole cache
# when it starts, may take of a laptop's memory.
_USUAL_WINDOW: dict[LocalEngine, int] = {"vllm": 131_072, "openvino": 131_072, "llamacpp": 32_768}
# Less leaves no room for passages, question and answer, so another model is better.
_SMALLEST_WINDOW = 2_048
_EXTRACTIVE_WINDOW = 32_768


@dataclass(frozen=True, slots=True)
class Choice:
    """What to open, and why.

    Attributes:
        engine: The engine.
        model_name: The model as users know it; for a server engine 'auto' where it is to offer one itself.
        path: What the engine opens: a .gguf file or a folder; None for servers and the extractive engine.
        window: Prompt and answer together, in tokens; 0 where none is set and only the server knows.
        cache_type: The numbers in the KV cache.
        device: 'CPU', 'GPU', 'GPU.1' or 'NPU' for OpenVINO, 'cuda' or 'cpu' for vLLM, 'CPU' for llama.cpp, 'server'.
        reason: One sentence for people.
        cache_gib: GiB set apart for the KV cache, by engines that must be told: OpenVINO, and vLLM on a CPU.
    """

    engine: EngineName
    model_name: str
    path: Path | None
    window: int
    cache_type: CacheType
    device: str
    reason: str
    cache_gib: int = 1


def choose(settings: Settings, hardware: Hardware | None = None) -> Choice:
    """What the settings name, or the best engine and model that is present, installed and fits.

    Args:
        settings: What the user chose.
        hardware: The machine; None looks at this one.

    Raises:
        ModelNotFoundError: no such model is here; the message says how to get one.
        MissingExtraError: the named engine's package is not installed; the message has the command.
        ModelError: the engine cannot load the model, or it does not fit.
    """
    if settings.engine == "extractive":
        reason = "Quotes sentences without a model, as the settings say."
        return Choice("extractive", "none", None, _EXTRACTIVE_WINDOW, "f16", "CPU", reason)
    if settings.engine != "auto" and not is_local(settings.engine):
        require_package(settings.engine)
        reason = f"{words(settings.engine)} answers, as the settings say."
        return Choice(settings.engine, settings.model, None, settings.window or 0, "f16", "server", reason)
    hardware = hardware or detect(settings)
    if settings.engine != "auto":
        require_package(settings.engine, hardware)
    models = _models(settings)
    passed: list[str] = []
    for option in _options(models, settings, hardware, passed):
        return _choice(option, settings, hardware, passed)
    raise ModelError(_nothing_fits(passed, settings))


def require(settings: Settings) -> None:
    """Raise what opening the models would raise because one is missing, without opening or measuring anything.

    Raises:
        ModelNotFoundError: a model that the settings need is not on this machine.
    """
    if settings.embedder != "hash":
        find_model(settings.embedder, "embedding", settings)
    if needs_weights(settings):
        find_model(settings.model, "language", settings)


def needs_weights(settings: Settings) -> bool:
    """Whether the engine that the settings name loads a model from this machine's models folder."""
    return settings.engine == "auto" or is_local(settings.engine)


@dataclass(frozen=True, slots=True)
class _Option:
    """A model in an engine."""

    engine: LocalEngine
    name: str
    path: Path
    shape: Shape
    fit: Fit
    place: Place


def _models(settings: Settings) -> list[tuple[str, Path]]:
    """Name and path of the models to consider, best first: the named one alone, or all that are here."""
    if settings.model != "auto":
        path = find_model(settings.model, "language", settings)
        return [(path.parent.name if path.suffix == ".gguf" else path.name, path)]
    here = language_models(settings)
    if not here:
        find_model("auto", "language", settings)  # says how to get one
    return [(entry.name, entry.path) for entry in here]


def _options(
    models: list[tuple[str, Path]], settings: Settings, hardware: Hardware, passed: list[str]
) -> Iterator[_Option]:
    """What can be opened, best first; `passed` gathers in words what was passed over."""
    for name, path in models:
        try:
            facts = facts_of(path)
        except ModelError as error:
            passed.append(str(error))
            continue
        told = len(passed)
        for engine in _engines(settings, hardware):
            if trouble := obstacle(engine, facts, hardware, split=is_split(path)):
                passed.append(f"{name}: {trouble}.")
            elif not is_installed(engine):
                # Said before what the other engines cannot do, because this can be mended.
                passed.insert(told, f"{name}: {words(engine)} is not installed. {install_advice(engine, hardware)}")
            else:
                try:
                    fit, place = best_place(facts, hardware, engine, _window(engine, facts, settings), settings)
                except ModelError as error:  # another engine may have the cache or the device that is set
                    passed.append(str(error))
                    continue
                if fit.largest_window >= min(_SMALLEST_WINDOW, fit.window, facts.window):
                    yield _Option(engine, name, path, facts.shape, fit, place)
                else:
                    passed.append(f"{name} in {words(engine)}: {fit.reason}")


def _engines(settings: Settings, hardware: Hardware) -> tuple[LocalEngine, ...]:
    match settings.engine:
        case "vllm" | "openvino" | "llamacpp":
            return (settings.engine,)
        case _:
            return engines_in_order(settings, hardware)


def _window(engine: LocalEngine, facts: ModelFacts, settings: Settings) -> int:
    return settings.window or min(facts.window, _USUAL_WINDOW[engine])


def _choice(option: _Option, settings: Settings, hardware: Hardware, passed: list[str]) -> Choice:
    if (settings.engine, settings.model) == ("auto", "auto"):
        why = (
            "the best model here that fits" if hardware.cuda else "no CUDA device is here, and it is the best that fits"
        )
    elif settings.engine == "auto":
        why = "the model is the one that was chosen"
    elif settings.model == "auto":
        why = "the engine is the one that was chosen"
    else:
        why = "both were chosen"
    reason = f"{words(option.engine)} on {option.place.name} with {option.name}: {why}."
    if hardware.cuda and settings.engine == settings.device == "auto" and not vllm_drives_cuda():
        reason += f" {hardware.cuda[0].name} is not used: vLLM for CUDA is missing. {install_advice('vllm', hardware)}"
    if option.fit.verdict == "smaller window":
        reason += f" {option.fit.reason}"
    if passed:
        reason += f" Passed over: {passed[0]}"
    window, cache_type = option.fit.largest_window, option.fit.cache_type
    return Choice(
        engine=option.engine,
        model_name=option.name,
        path=option.path,
        window=window,
        cache_type=cache_type,
        device=option.place.device,
        reason=reason,
        cache_gib=cache_gib(option.shape, hardware, option.engine, window, cache_type, settings),
    )


def _nothing_fits(passed: list[str], settings: Settings) -> str:
    named = settings.model if settings.model != "auto" else "No model here"
    found = " ".join(dict.fromkeys(passed))
    verb = "cannot be opened" if settings.model != "auto" else "can be opened"
    return f"{named} {verb} on this machine. {found} `docmind models` shows what fits."
