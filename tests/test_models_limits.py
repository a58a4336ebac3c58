"""Where a model just fits, and where it just does not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from docmind.models import CudaDevice, Fit, Hardware, ModelFacts, OpenVINODevice, Shape, fit, known_models
from docmind.settings import LocalEngine, Settings

MIB, GIB = 1 << 20, 1 << 30
ENGINES: tuple[LocalEngine, ...] = ("openvino", "llamacpp", "vllm")
BOUNDLESS = 1 << 50  # bytes

BIG_CACHE = Settings(kv_cache_gib=512, gpu_memory_share=0.98)


def machine(free: int, *, cuda: bool = False) -> Hardware:
    """A machine, or a card in one, with so many bytes free."""
    cards = (CudaDevice("A card", (9, 0), BOUNDLESS, free),) if cuda else ()
    ram = BOUNDLESS if cuda else free
    return Hardware(8, ram, ram, cards, (OpenVINODevice("CPU", "A processor"),))


def card(memory: int) -> Hardware:
    """A machine with an idle card of so many bytes."""
    return replace(machine(64 * GIB), cuda=(CudaDevice("A card", (8, 9), memory, memory),))


def known(name: str) -> ModelFacts:
    """The facts of a model of the catalogue."""
    facts = next(model.facts for model in known_models() if model.name == name)
    assert facts is not None
    return facts


QWEN3_4B = known("qwen3-4b-instruct-2507")


def tried(engine: LocalEngine, free: int, window: int, settings: Settings = BIG_CACHE) -> Fit:
    """How the 4B model fits, with vLLM on a card."""
    return fit(QWEN3_4B, machine(free, cuda=engine == "vllm"), engine, window, "auto", settings)


@pytest.mark.parametrize("engine", ENGINES)
def test_to_the_byte(engine: LocalEngine) -> None:
    window = 40_000
    settings = BIG_CACHE.model_copy(update={"cache_type": "f16"})
    needed = fit(QWEN3_4B, machine(BOUNDLESS, cuda=engine == "vllm"), engine, window, "f16", settings).needed_bytes
    exact = fit(QWEN3_4B, machine(needed, cuda=engine == "vllm"), engine, window, "f16", settings)
    assert (exact.verdict, exact.largest_window, exact.available_bytes) == ("fits", window, needed)
    less = fit(QWEN3_4B, machine(needed - 1, cuda=engine == "vllm"), engine, window, "f16", settings)
    assert (less.verdict, less.largest_window) == ("smaller window", 39 * 1024)
    assert "39,936 tokens do" in less.reason
    # What is left after a window that fits holds the weights, and not one token of cache more than they need.
    none = fit(QWEN3_4B, machine(QWEN3_4B.weight_bytes, cuda=engine == "vllm"), engine, window, "f16", settings)
    assert (none.verdict, none.largest_window) == ("does not fit", 0)
    assert "with any window" in none.reason


@pytest.mark.parametrize("engine", ENGINES)
def test_more_memory_never_holds_fewer_tokens_and_a_window_that_fits_holds_every_shorter_one(
    engine: LocalEngine,
) -> None:
    chance = random.Random(engine)  # noqa: S311 - not for secrets
    previous = 0
    for free in sorted(chance.randrange(GIB, 64 * GIB) for _ in range(40)):
        found = tried(engine, free, 262_144)
        assert found.largest_window >= previous
        previous = found.largest_window
        if not found.largest_window:
            continue
        assert tried(engine, free, found.largest_window).verdict == "fits"
        for window in (chance.randrange(1, found.largest_window + 1) for _ in range(5)):
            shorter = tried(engine, free, window)
            assert (shorter.verdict, shorter.largest_window) == ("fits", window)
            assert shorter.needed_bytes <= shorter.available_bytes


@pytest.mark.parametrize("engine", ENGINES)
def test_a_smaller_window_is_a_multiple_of_1024_and_the_next_one_does_not_fit(engine: LocalEngine) -> None:
    for gib in (9, 10, 13, 17):
        found = tried(engine, gib * GIB, 262_144)
        assert found.verdict == "smaller window"
        assert found.largest_window % 1024 == 0
        assert tried(engine, gib * GIB, found.largest_window + 1024).verdict != "fits"


def test_any_shape_can_be_estimated() -> None:
    chance = random.Random(7)  # noqa: S311 - not for secrets
    for _ in range(300):
        shape = Shape(*(chance.randrange(1, 1 << chance.randrange(1, 25)) for _ in range(6)))
        facts = ModelFacts("any", shape, chance.randrange(1, 1 << 24), chance.randrange(1, 1 << 45), "gguf")
        for engine in ENGINES:
            window = chance.randrange(1, 1 << 24)
            found = fit(facts, machine(chance.randrange(1 << 40)), engine, window, "f16", Settings())
            assert 0 <= found.largest_window <= min(window, facts.window)
            assert (found.verdict == "fits") == (found.largest_window == window)
            assert (found.verdict == "does not fit") == (found.largest_window == 0)
            assert found.reason.endswith(".")


def test_a_model_with_a_short_window_is_not_rounded_away() -> None:
    facts = replace(QWEN3_4B, window=700, weight_bytes=GIB)
    found = fit(facts, machine(8 * GIB), "llamacpp", 8192, "f16", Settings())
    assert (found.verdict, found.largest_window) == ("smaller window", 700)


def test_the_intended_window_takes_sixteen_gigabytes_of_weights_and_cache() -> None:
    """Qwen3-4B-Instruct-2507-FP8 with 131,072 tokens in FP8: 9 GiB of cache, under 5 GiB of weights."""
    facts = known("qwen3-4b-instruct-2507-fp8")
    found = fit(facts, card(16 * GIB), "vllm", 131_072, "auto", Settings(gpu_memory_share=0.98))
    assert (found.verdict, found.cache_type, found.kv_bytes) == ("fits", "fp8", 9 * GIB)
    assert found.weight_bytes + found.kv_bytes <= 16_000_000_000
    assert found.needed_bytes <= 16 * GIB
    # The usual share leaves the rest to the screen and to other programs, and then a shorter window fits.
    usual = fit(facts, card(16 * GIB), "vllm", 131_072, "auto", Settings())
    assert usual.verdict == "smaller window"
    assert 65_536 < usual.largest_window < 131_072
    assert usual.available_bytes == int(16 * GIB * 0.85)
    # In sixteen bits the cache alone is 18 GiB.
    wide = fit(facts, card(16 * GIB), "vllm", 131_072, "bf16", Settings(gpu_memory_share=0.98))
    assert wide.verdict == "smaller window"


def test_the_share_of_a_card_bounds_it_even_when_it_is_idle() -> None:
    for share in (0.5, 0.85):
        found = fit(QWEN3_4B, card(24 * GIB), "vllm", 8192, "auto", Settings(gpu_memory_share=share))
        assert found.available_bytes == int(24 * GIB * share)


def test_vllm_on_a_cpu_takes_its_whole_cache_at_once_and_says_so() -> None:
    roomy = fit(QWEN3_4B, machine(64 * GIB), "vllm", 4096, "auto", Settings())
    needed = roomy.weight_bytes + GIB + roomy.overhead_bytes
    assert fit(QWEN3_4B, machine(needed), "vllm", 4096, "auto", Settings()).verdict == "fits"
    greedy = fit(QWEN3_4B, machine(needed), "vllm", 4096, "auto", Settings(kv_cache_gib=8))
    assert greedy.verdict == "does not fit"
    assert "8.0 GiB of KV cache (DOCMIND_KV_CACHE_GIB)" in greedy.reason


def test_a_graphics_card_that_openvino_drives_is_estimated_with_its_own_memory() -> None:
    devices = (OpenVINODevice("CPU", "A processor"), OpenVINODevice("GPU.0", "A graphics card", 6 * GIB))
    both = replace(machine(64 * GIB), openvino=devices)
    facts = known("qwen3-4b-instruct-2507-gguf")
    found = fit(facts, both, "openvino", 4096, "auto", Settings())
    assert (found.where, found.available_bytes) == ("A graphics card", 6 * GIB)
    # Where the card is too small and the processor is not, the processor computes.
    small = replace(both, openvino=(devices[0], replace(devices[1], memory_bytes=2 * GIB)))
    assert fit(facts, small, "openvino", 4096, "auto", Settings()).where == "memory (RAM)"
    assert fit(facts, small, "openvino", 4096, "auto", Settings(device="GPU")).verdict == "does not fit"
