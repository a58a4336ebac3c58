"""Whether a model fits into this machine's memory, before anything is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from docmind.models.facts import ModelFacts, Shape
from docmind.models.hardware import Hardware
from docmind.models.runtimes import Place, cache_types, places
from docmind.settings import CacheType, LocalEngine, Settings

Verdict = Literal["fits", "smaller window", "does not fit"]

_MIB, _GIB = 1 << 20, 1 << 30
_ROUND_TO = 1_024  # tokens
_SMALLEST_STEP = 2_048  # tokens; with less there is no room for passages, question and answer

# Bytes of 32 numbers. Source of the last two: block_q8_0 and block_q4_0 in llama.cpp's ggml-common.h, which keep 32
# numbers with a scale of two bytes.
_BYTES_OF_32 = {"f16": 64, "bf16": 64, "fp8": 32, "q8_0": 34, "q4_0": 18}
# Tokens that an engine's cache grows by. llama.cpp pads its window (llama_context, GGML_PAD to 256); OpenVINO's blocks
# hold 32 tokens on a CPU, as its cache size in bytes shows; vLLM's hold 16 (CacheConfig.DEFAULT_BLOCK_SIZE), and on a
# CPU 128 (CpuPlatform.check_and_update_config).
_BLOCK = {"llamacpp": 256, "openvino": 32, "vllm": 16}
_VLLM_CPU_BLOCK = 128

# Overhead: memory for all but weights and cache. Measured with the starter model: OpenVINO 170 MiB after loading and 80
# more while reading 4,000 tokens, llama.cpp 23 MiB of compute buffers. vLLM's are assumptions: CUDA context, libraries
# and graphs; on a CPU, torch and vLLM themselves.
_RUNTIME = {"openvino": 256 * _MIB, "llamacpp": 256 * _MIB}
_VLLM_RUNTIME = {"cuda": _GIB, "cpu": 3 * _GIB // 2}
_VLLM_BATCH_TOKENS = 8_192  # read at a time; vLLM's own default for chunked prefill on large cards
_VLLM_ACTIVATIONS = 16  # bytes for each number of the hidden state: eight tensors of its size in 16 bits live at once
_VLLM_SEQUENCES = 256  # it tries sampling with so many answers at once before it sizes the cache
_LLAMACPP_BATCH_TOKENS = 512  # llama.cpp's n_ubatch

NPU_PROMPT_TOKENS = {"conservative": 1_024, "balanced": 2_048, "aggressive": 4_096}


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model lies in memory.

    Attributes:
        verdict: 'fits' with the window asked for, with a 'smaller window', or 'does not fit'.
        window: Tokens asked for.
        largest_window: Tokens that fit, at most `window`; rounded down to 1,024 where it is less; 0 where none do.
        cache_type: The numbers in the KV cache.
        weight_bytes: Bytes of the weights.
        kv_bytes: Bytes of the KV cache at `window`.
        overhead_bytes: Bytes of everything else, at `window`.
        available_bytes: Bytes there are.
        where: Whose memory: 'NVIDIA H200', 'memory (RAM)'.
        reason: One sentence for people.
    """

    verdict: Verdict
    window: int
    largest_window: int
    cache_type: CacheType
    weight_bytes: int
    kv_bytes: int
    overhead_bytes: int
    available_bytes: int
    where: str
    reason: str

    @property
    def needed_bytes(self) -> int:
        """All of it together."""
        return self.weight_bytes + self.kv_bytes + self.overhead_bytes


def kv_cache_bytes(
    shape: Shape, tokens: int, cache_type: CacheType, engine: LocalEngine, *, on_cpu: bool = False
) -> int:
    """Exact bytes of the keys and values of so many tokens, padded as the engine pads; vLLM pads more on a CPU.

    2 x layers x KV heads x head size x tokens x bytes a number. Exact for models whose layers all keep every token;
    where some keep a sliding window only, it is an upper bound.
    """
    block = _VLLM_CPU_BLOCK if engine == "vllm" and on_cpu else _BLOCK[engine]
    blocks = -(-tokens // block)
    heads = shape.layers * shape.kv_heads
    if engine == "openvino" and cache_type == "q8_0":
        # Eight bits with scale and zero point, four bytes each: one pair for each number of a block's keys, and one
        # for each token's values. Found from `kv_cache_size_in_bytes`: 152 bytes a token and head of 64.
        keys = shape.head_size * (block + 8)
        values = block * (shape.head_size + 8)
        return blocks * heads * (keys + values)
    numbers = 2 * heads * shape.head_size * blocks * block
    return -(-numbers * _BYTES_OF_32[cache_type] // 32)


def cache_gib(
    shape: Shape, hardware: Hardware, engine: LocalEngine, window: int, cache_type: CacheType, settings: Settings
) -> int:
    """GiB to set apart for the KV cache where that must be said beforehand: OpenVINO, and vLLM on a CPU.

    What the settings say; else what the window needs, up to a quarter of the memory that is free, and at least 1.
    """
    if settings.kv_cache_gib is not None:
        return settings.kv_cache_gib
    needed = -(-kv_cache_bytes(shape, window, cache_type, engine, on_cpu=True) // _GIB)
    return max(1, min(needed, hardware.free_bytes // 4 // _GIB))


def steps(window: int) -> tuple[int, ...]:
    """The windows to try one after the other where loading fails for want of memory: halves, down to 2,048 tokens."""
    tried = [window]
    while (half := tried[-1] // 2 // _ROUND_TO * _ROUND_TO) >= _SMALLEST_STEP:
        tried.append(half)
    return tuple(tried)


def fit(
    facts: ModelFacts,
    hardware: Hardware,
    engine: LocalEngine,
    window: int,
    cache_type: CacheType | Literal["auto"],
    settings: Settings,
) -> Fit:
    """Whether a model fits with a window, in the best place that the engine has on this machine.

    Args:
        facts: The model.
        hardware: The machine.
        engine: What is to load it.
        window: Prompt and answer together, in tokens.
        cache_type: The numbers in the KV cache; 'auto' for the engine's own.
        settings: Share of a card's memory, size of the cache, device.

    Raises:
        ModelError: the engine has no such cache, or the settings name a device that is not here.
    """
    asked = settings.model_copy(update={"cache_type": cache_type})
    return best_place(facts, hardware, engine, window, asked)[0]


def best_place(
    facts: ModelFacts, hardware: Hardware, engine: LocalEngine, window: int, settings: Settings
) -> tuple[Fit, Place]:
    """The first place and cache type with which all of the window fits, else those with the largest one.

    Raises:
        ModelError: as `fit`.
    """
    tried = [
        (_fit_at(facts, hardware, engine, window, cache_type, settings, place), place)
        for place in places(engine, settings, hardware)
        for cache_type in cache_types(engine, place, settings, hardware)
    ]
    return max(tried, key=lambda option: option[0].largest_window)  # the first of equals


@dataclass(frozen=True, slots=True)
class _Room:
    """The memory of a place, and whether the cache has a bound of its own in it and is taken whole at the start."""

    available: int
    where: str
    bounded: bool = False
    taken_whole: bool = False


def _fit_at(
    facts: ModelFacts,
    hardware: Hardware,
    engine: LocalEngine,
    window: int,
    cache_type: CacheType,
    settings: Settings,
    place: Place,
) -> Fit:
    room = _room(hardware, engine, settings, place)
    on_cpu = place.kind == "cpu"
    longest = min(window, facts.window)
    if place.kind == "npu":
        longest = min(longest, NPU_PROMPT_TOKENS[settings.npu_profile] + settings.answer_room)

    def allowed(tokens: int) -> int:
        return cache_gib(facts.shape, hardware, engine, tokens, cache_type, settings) * _GIB

    def holds(tokens: int) -> bool:
        cache = kv_cache_bytes(facts.shape, tokens, cache_type, engine, on_cpu=on_cpu)
        if room.bounded and cache > allowed(tokens):
            return False
        taken = allowed(tokens) if room.taken_whole else cache
        return facts.weight_bytes + taken + _overhead(facts.shape, tokens, engine, place) <= room.available

    largest = longest if holds(longest) else _largest(longest, holds)
    verdict: Verdict = "fits" if largest == window else "smaller window" if largest else "does not fit"
    found = Fit(
        verdict=verdict,
        window=window,
        largest_window=largest,
        cache_type=cache_type,
        weight_bytes=facts.weight_bytes,
        kv_bytes=kv_cache_bytes(facts.shape, window, cache_type, engine, on_cpu=on_cpu),
        overhead_bytes=_overhead(facts.shape, window, engine, place),
        available_bytes=room.available,
        where=room.where,
        reason="",
    )
    return _explained(found, facts, room, longest, allowed(longest))


def _largest(longest: int, holds: Callable[[int], bool]) -> int:
    low, high = 0, longest // _ROUND_TO  # in units of 1,024 tokens; the sums grow with the window
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle * _ROUND_TO) else (low, middle - 1)
    return low * _ROUND_TO


def _overhead(shape: Shape, tokens: int, engine: LocalEngine, place: Place) -> int:
    match engine:
        case "vllm":
            activations = min(_VLLM_BATCH_TOKENS, tokens) * shape.hidden_size * _VLLM_ACTIVATIONS
            sampling = _VLLM_SEQUENCES * shape.vocabulary * 4 * 2  # scores in 32 bits, and sorted
            return _VLLM_RUNTIME["cuda" if place.kind == "cuda" else "cpu"] + activations + sampling
        case "openvino":
            return _RUNTIME["openvino"]
        case "llamacpp":
            # The mask of attention in 16 bits, and sixteen tensors of the hidden state's size in 32.
            mask = _LLAMACPP_BATCH_TOKENS * tokens * 2
            return _RUNTIME["llamacpp"] + mask + _LLAMACPP_BATCH_TOKENS * shape.hidden_size * 16 * 4


def _room(hardware: Hardware, engine: LocalEngine, settings: Settings, place: Place) -> _Room:
    if place.kind == "cuda":
        card = hardware.cuda[0]
        return _Room(min(int(card.memory_bytes * settings.gpu_memory_share), card.free_bytes), card.name)
    available, where = hardware.free_bytes, "memory (RAM)"
    if place.kind == "gpu":
        device = next(d for d in hardware.openvino if place.device in (d.name, d.name.partition(".")[0]))
        available, where = device.memory_bytes or available, device.full_name
    if engine == "llamacpp" or place.kind == "npu":
        return _Room(available, where)
    return _Room(available, where, bounded=True, taken_whole=engine == "vllm")


def _explained(found: Fit, facts: ModelFacts, room: _Room, longest: int, allowed: int) -> Fit:
    cache = f"{gib(found.kv_bytes)} of KV cache for {found.window:,} tokens in {found.cache_type}"
    if room.taken_whole:
        cache = f"{gib(allowed)} of KV cache (DOCMIND_KV_CACHE_GIB)"
    sums = f"{gib(found.weight_bytes)} of weights, {cache} and {gib(found.overhead_bytes)} of overhead"
    free = f"{gib(room.available)} of {room.where}"
    match found.verdict:
        case "fits":
            reason = f"{sums} fit into {free}."
        case "does not fit":
            reason = f"{sums} do not fit into {free}, with any window."
        case "smaller window":
            if found.largest_window == longest:
                reason = f"It reads {longest:,} tokens at most."
                if longest < facts.window and longest < found.window:
                    reason = f"An NPU reads {longest:,} tokens at most with the profile that is set."
            elif room.bounded and found.kv_bytes > allowed:
                reason = (
                    f"{found.window:,} tokens take {gib(found.kv_bytes)} of KV cache, and {gib(allowed)} are "
                    f"allowed (DOCMIND_KV_CACHE_GIB): {found.largest_window:,} fit."
                )
            else:
                reason = f"{sums} do not fit into {free}; {found.largest_window:,} tokens do."
    return replace(found, reason=reason)


def gib(size: int) -> str:
    """Bytes in GiB or MiB, in words."""
    return f"{size / _GIB:.1f} GiB" if size >= _GIB // 10 else f"{size / _MIB:.0f} MiB"
