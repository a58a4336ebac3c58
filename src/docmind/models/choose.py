"""Which engine opens which model: what the settings name, or the best that is here and fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from docmind.errors import ModelError, ModelNotFoundError
from docmind.models.facts import ModelFacts, facts_of, is_split
from docmind.models.fit import Fit, best_place, cache_gib
from docmind.models.hardware import Hardware, detect
from docmind.models.installed import find_model, language_models
from docmind.models.model import ModelKind
from docmind.models.runtimes import (
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
from docmind.resources import free_disk
from docmind.settings import CacheType, EngineName, LocalEngine, Settings

# Windows where none is set, at most: what the design asks of a card; and what llama.cpp, which takes the whole cache
# when it starts, may take of a laptop's memory.
_USUAL_WINDOW: dict[LocalEngine, int] = {"vllm": 131_072, "openvino": 131_072, "llamacpp": 32_768}
# Less leaves no room for passages, question and answer, so another model is better.
_SMALLEST_WINDOW = 2_048
_EXTRACTIVE_WINDOW = 32_768
# Bytes that the writer takes: memory while its predecessor still answers; disk for its file and OpenVINO's form of it.
_WRITER_MEMORY, _WRITER_DISK = 6 << 30, 4 << 30
_NO_CARD = "no CUDA device is here, and it is the best that fits."


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
    passed: list[str] = []
    for name, path in _models(settings):
        try:
            facts = facts_of(path)
        except ModelError as error:
            passed.append(str(error))
            continue
        told = len(passed)
        for trial in trials(facts, path, hardware, settings):
            engine, fit, place = trial.engine, trial.fit, trial.place
            if fit is None or place is None:
                passed.append(f"{name}: {trial.trouble}.")
            elif not is_installed(engine):
                # Said before what the other engines cannot do, because this can be mended.
                passed.insert(told, f"{name}: {words(engine)} is not installed. {install_advice(engine, hardware)}")
            elif fit.largest_window < min(_SMALLEST_WINDOW, fit.window, facts.window):
                passed.append(f"{name} in {words(engine)}: {fit.reason}")
            else:
                window, cache_type = fit.largest_window, fit.cache_type
                return Choice(
                    engine=engine,
                    model_name=name,
                    path=path,
                    window=window,
                    cache_type=cache_type,
                    device=place.device,
                    reason=f"{words(engine)} on {place.name} with {name}: {_why(fit, settings, hardware, passed)}",
                    cache_gib=cache_gib(facts.shape, hardware, engine, window, cache_type, settings),
                )
    named, verb = ("No model here", "can") if settings.model == "auto" else (settings.model, "cannot")
    found = " ".join(dict.fromkeys(passed))
    raise ModelError(f"{named} {verb} be opened on this machine. {found} `docmind models` shows what fits.")


@dataclass(frozen=True, slots=True)
class Trial:
    """A model in an engine, without loading it.

    Attributes:
        engine: The engine, which need not be installed.
        fit: How the model lies in memory; None where the engine cannot have it.
        place: Where it would compute; None as well.
        trouble: Why the engine cannot have it, as a sentence without its full stop.
    """

    engine: LocalEngine
    fit: Fit | None = None
    place: Place | None = None
    trouble: str = ""


def trials(
    facts: ModelFacts, path: Path | None, hardware: Hardware, settings: Settings, window: int | None = None
) -> list[Trial]:
    """The model in every engine that the settings and the machine suggest, best first.

    Args:
        facts: The model.
        path: Where it lies; None where it is not on this machine.
        hardware: The machine.
        settings: Engine, device, cache and window.
        window: Tokens to try with; None for the settings', or what each engine usually opens a model with.
    """
    engines = (settings.engine,) if is_local(settings.engine) else engines_in_order(settings, hardware)
    tried = []
    for engine in engines:
        tokens = window or settings.window or min(facts.window, _USUAL_WINDOW[engine])
        trouble = obstacle(engine, facts, hardware, split=path is not None and is_split(path))
        try:
            fit, place = (None, None) if trouble else best_place(facts, hardware, engine, tokens, settings)
            tried.append(Trial(engine, fit, place, trouble))
        except ModelError as error:  # another engine may have the cache or the device that is set
            tried.append(Trial(engine, trouble=str(error).rstrip(".")))
    return tried


def missing(settings: Settings) -> dict[ModelKind, str]:
    """The kinds of model that the settings need and this machine lacks, each with what to do about it.

    Nothing is opened or measured, and nothing is looked for where a server answers.
    """
    needed: dict[ModelKind, str] = {}
    if settings.embedder != "hash":
        needed["embedding"] = settings.embedder
    if needs_weights(settings):
        needed["language"] = settings.model
    found: dict[ModelKind, str] = {}
    for kind, name in needed.items():
        try:
            find_model(name, kind, settings)
        except ModelNotFoundError as error:
            found[kind] = str(error)
    return found


def needs_weights(settings: Settings) -> bool:
    """Whether the engine that the settings name loads a model from this machine's models folder."""
    return settings.engine == "auto" or is_local(settings.engine)


def has_room_for_writer(settings: Settings, hardware: Hardware) -> bool:
    """Whether the writer would be the best model here, and memory and disk are large enough to fetch it unasked."""
    if (settings.engine, settings.model) != ("auto", "auto"):
        return False
    if not all(entry.model and entry.model.starter for entry in language_models(settings)):
        return False
    return hardware.free_bytes >= _WRITER_MEMORY and free_disk(settings.models_path)[0] >= _WRITER_DISK


def _models(settings: Settings) -> list[tuple[str, Path]]:
    """Name and path of the models to consider, best first: the named one alone, or all that are here."""
    if settings.model != "auto":
        path = find_model(settings.model, "language", settings)
        return [(path.parent.name if path.suffix == ".gguf" else path.name, path)]
    here = language_models(settings)
    if not here:
        find_model("auto", "language", settings)  # says how to get one
    return [(entry.name, entry.path) for entry in here]


def _why(fit: Fit, settings: Settings, hardware: Hardware, passed: list[str]) -> str:
    if (settings.engine, settings.model) == ("auto", "auto"):
        why = "the best model here that fits." if hardware.cuda else _NO_CARD
    elif "auto" in (settings.engine, settings.model):
        why = f"the {'model' if settings.engine == 'auto' else 'engine'} is the one that was chosen."
    else:
        why = "both were chosen."
    if hardware.cuda and settings.engine == settings.device == "auto" and not vllm_drives_cuda():
        why += f" {hardware.cuda[0].name} is not used: vLLM for CUDA is missing. {install_advice('vllm', hardware)}"
    if fit.verdict == "smaller window":
        why += f" {fit.reason}"
    return f"{why} Passed over: {passed[0]}" if passed else why
