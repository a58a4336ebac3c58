"""What fits: sums that agree with published figures and with what the engines themselves report."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from docmind.environment import process_environment
from docmind.errors import ModelError
from docmind.models import (
    CudaDevice,
    Hardware,
    ModelFacts,
    OpenVINODevice,
    Shape,
    facts_of,
    find_model,
    fit,
    known_models,
    kv_cache_bytes,
    steps,
)
from docmind.models.fit import NPU_PROMPT_TOKENS, cache_gib
from docmind.settings import CacheType, Settings

GIB, MIB = 1 << 30, 1 << 20
STARTER = "smollm2-135m-instruct"

LAPTOP = Hardware(8, 16 * GIB, 12 * GIB, (), (OpenVINODevice("CPU", "A processor"),))
SERVER = replace(LAPTOP, memory_bytes=256 * GIB, free_bytes=200 * GIB)


def card(memory_gib: int, free_gib: float | None = None, capability: tuple[int, int] = (9, 0)) -> Hardware:
    """A machine with one CUDA device."""
    free = memory_gib if free_gib is None else free_gib
    return replace(LAPTOP, cuda=(CudaDevice("A card", capability, memory_gib * GIB, int(free * GIB)),))


def known(name: str) -> ModelFacts:
    """The facts of a model of the catalogue."""
    facts = next(model.facts for model in known_models() if model.name == name)
    assert facts is not None
    return facts


# Layers, KV heads and head size as each publisher's config.json has them, and the KV cache in 16 bits that follows:
# bytes a token, and the whole in GiB. The figures of the two Llama models are the table 'KV cache size' in Hugging
# Face's announcement of Llama 3.1, which counts a thousand tokens to the 'k': 0.125 GiB at 1k, 15.62 at 128k for 8B;
# 39.06 at 128k for 70B.
PUBLISHED = {
    "Qwen3-4B": ((36, 8, 128), 147_456, 131_072, 18.0),
    "Qwen3-8B": ((36, 8, 128), 147_456, 32_768, 4.5),
    "Qwen3-14B": ((40, 8, 128), 163_840, 32_768, 5.0),
    "Qwen3-30B-A3B": ((48, 4, 128), 98_304, 262_144, 24.0),
    "SmolLM2-135M": ((30, 3, 64), 23_040, 8_192, 180 / 1024),
    "Llama-3.1-8B": ((32, 8, 128), 131_072, 128_000, 15.62),
    "Llama-3.1-70B": ((80, 8, 128), 327_680, 128_000, 39.06),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_cache_is_as_large_as_published(name: str) -> None:
    (layers, kv_heads, head_size), per_token, tokens, gib = PUBLISHED[name]
    shape = Shape(layers, kv_heads, head_size, 2 * kv_heads, 2 * kv_heads * head_size, 1000)
    for cache_type in ("f16", "bf16"):
        assert kv_cache_bytes(shape, tokens, cache_type, "vllm") == per_token * tokens
    assert kv_cache_bytes(shape, tokens, "f16", "llamacpp") / GIB == pytest.approx(gib, abs=0.01)
    assert kv_cache_bytes(shape, tokens, "fp8", "vllm") * 2 == per_token * tokens
    assert kv_cache_bytes(shape, tokens, "q8_0", "llamacpp") * 64 == per_token * tokens * 34
    assert kv_cache_bytes(shape, tokens, "q4_0", "llamacpp") * 64 == per_token * tokens * 18


@pytest.mark.parametrize(
    ("family", "published"),
    [
        ("qwen3-4b-instruct-2507", "Qwen3-4B"),
        ("qwen3-8b", "Qwen3-8B"),
        ("qwen3-14b", "Qwen3-14B"),
        ("qwen3-30b-a3b", "Qwen3-30B-A3B"),
        ("smollm2-135m", "SmolLM2-135M"),
    ],
)
def test_the_catalogue_has_the_published_shapes(family: str, published: str) -> None:
    forms = [model.facts for model in known_models() if model.name.startswith(family) and model.facts]
    assert forms
    shapes = {(facts.shape.layers, facts.shape.kv_heads, facts.shape.head_size) for facts in forms}
    assert shapes == {PUBLISHED[published][0]}


# A process each, so one of every engine runs with the other tests: what is rounded most.
@pytest.mark.parametrize(
    ("window", "cache_type"),
    [
        (3000, "q4_0"),
        *(
            pytest.param(window, cache_type, marks=pytest.mark.slow)
            for window, cache_type in ((3000, "f16"), (3000, "q8_0"), (8192, "f16"), (8192, "q8_0"), (8192, "q4_0"))
        ),
    ],
)
def test_llama_cpp_reports_the_same_cache(models_dir: Path, window: int, cache_type: CacheType) -> None:
    pytest.importorskip("xllamacpp")
    path = find_model("smollm2-135m-instruct", "language", Settings(models_dir=models_dir))
    script = (
        "import sys, xllamacpp as x\n"
        "p = x.CommonParams()\n"
        "p.model.path, p.n_ctx, p.n_parallel, p.warmup, p.verbosity = sys.argv[1], int(sys.argv[2]), 1, False, 5\n"
        "p.cache_type_k = p.cache_type_v = getattr(x.ggml_type, 'GGML_TYPE_' + sys.argv[3].upper())\n"
        "p.flash_attn_type = x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED\n"
        "server = x.Server(p)\n"
        "input()\n"
    )
    # It is read until it waits for work and then killed: one in some twenty never ends when it is closed that early.
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path), str(window), cache_type],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=process_environment(),
    ) as server:
        assert server.stdout
        lines = []
        for line in server.stdout:
            lines.append(line)
            if "all slots are idle" in line:
                break
        server.kill()
    log = "".join(lines)
    # It first estimates without memory and says 0.00 MiB; what it really takes comes after.
    reported = [float(size) for size in re.findall(r"KV buffer size =\s*([\d.]+) MiB", log)]
    facts = facts_of(path)
    assert max(reported) == pytest.approx(kv_cache_bytes(facts.shape, window, cache_type, "llamacpp") / MIB, abs=0.01)
    computing = max(float(size) for size in re.findall(r"compute buffer size =\s*([\d.]+) MiB", log))
    found = fit(facts, LAPTOP, "llamacpp", min(window, facts.window), cache_type, Settings())
    assert computing * MIB < found.overhead_bytes


@pytest.mark.parametrize(
    ("cache_type", "precision"), [("q8_0", "u8"), pytest.param("f16", "f16", marks=pytest.mark.slow)]
)
def test_openvino_reports_the_same_cache(models_dir: Path, cache_type: CacheType, precision: str) -> None:
    path = find_model("smollm2-135m-instruct", "language", Settings(models_dir=models_dir))
    script = (
        "import sys, docmind, openvino_genai as g\n"
        "s = g.SchedulerConfig()\n"
        "s.cache_size = 1\n"
        "p = g.ContinuousBatchingPipeline(sys.argv[1], s, 'CPU', {'KV_CACHE_PRECISION': sys.argv[2]})\n"
        "c = g.GenerationConfig()\n"
        "c.max_new_tokens, c.apply_chat_template, c.ignore_eos = 2, False, True\n"
        "h = p.add_request(0, 'word ' * 2000, c)\n"
        "used = 0.0\n"
        "while p.has_non_finished_requests():\n"
        "    p.step()\n"
        "    used = max(used, p.get_metrics().max_cache_usage)\n"
        "print('SAID', p.get_metrics().kv_cache_size_in_bytes, used)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(path), precision],
        capture_output=True,
        text=True,
        env=process_environment(),
        timeout=240,
        check=True,
    )
    size, used = re.search(r"SAID (\d+) ([\d.]+)", said.stdout).groups()  # type: ignore[union-attr]  # else it fails here
    shape = facts_of(path).shape
    block = kv_cache_bytes(shape, 32, cache_type, "openvino")
    assert int(size) == GIB // block * block  # as many whole blocks of 32 tokens as a GiB holds
    # 2,000 words are 2,001 tokens, 2,003 with the answer, of which the last is not kept.
    assert float(used) / 100 * int(size) == pytest.approx(kv_cache_bytes(shape, 2002, cache_type, "openvino"), rel=1e-4)


def test_the_design_fits_into_sixteen_gigabytes() -> None:
    """A 131,072-token window of Qwen3-4B-Instruct-2507-FP8 with an FP8 cache."""
    facts = known("qwen3-4b-instruct-2507-fp8")
    found = fit(facts, card(24), "vllm", 131_072, "fp8", Settings())
    assert (found.verdict, found.largest_window, found.where) == ("fits", 131_072, "A card")
    assert found.kv_bytes == 9 * GIB
    assert found.needed_bytes <= 16 * GIB
    assert found.available_bytes == int(24 * GIB * 0.85)


def test_a_smaller_window_is_the_largest_that_fits() -> None:
    facts = known("qwen3-4b-instruct-2507-fp8")
    found = fit(facts, card(12), "vllm", 131_072, "fp8", Settings())
    assert found.verdict == "smaller window"
    assert found.largest_window % 1024 == 0
    assert f"{found.largest_window:,} tokens do" in found.reason
    assert fit(facts, card(12), "vllm", found.largest_window, "fp8", Settings()).verdict == "fits"
    assert fit(facts, card(12), "vllm", found.largest_window + 1024, "fp8", Settings()).verdict == "smaller window"


def test_weights_that_do_not_fit_fit_with_no_window() -> None:
    found = fit(known("qwen3-30b-a3b-instruct-2507-fp8"), card(24), "vllm", 8192, "auto", Settings())
    assert (found.verdict, found.largest_window) == ("does not fit", 0)
    assert "29.1 GiB of weights" in found.reason
    assert "20.4 GiB of A card" in found.reason


def test_what_others_hold_of_a_card_is_not_there() -> None:
    facts = known("qwen3-4b-instruct-2507-fp8")
    assert fit(facts, card(80, free_gib=2), "vllm", 8192, "fp8", Settings()).verdict == "does not fit"


def test_a_card_keeps_its_cache_in_what_it_computes_with() -> None:
    facts = known("qwen3-4b-instruct-2507")
    for capability, cache_type in (((9, 0), "fp8"), ((8, 0), "bf16"), ((7, 5), "f16")):
        assert fit(facts, card(80, capability=capability), "vllm", 8192, "auto", Settings()).cache_type == cache_type


def test_no_window_is_longer_than_the_models_own() -> None:
    found = fit(known("qwen3-8b-gguf"), SERVER, "llamacpp", 131_072, "f16", Settings())
    assert (found.verdict, found.largest_window) == ("smaller window", 40_960)
    assert "40,960 tokens at most" in found.reason


def test_the_cache_of_a_cpu_is_bounded_by_its_setting() -> None:
    facts = known("qwen3-4b-instruct-2507-gguf")
    small = fit(facts, SERVER, "openvino", 32_768, "auto", Settings(kv_cache_gib=1))
    assert small.verdict == "smaller window"
    assert kv_cache_bytes(facts.shape, small.largest_window, "q8_0", "openvino") <= GIB
    assert "DOCMIND_KV_CACHE_GIB" in small.reason
    assert fit(facts, SERVER, "openvino", 32_768, "auto", Settings(kv_cache_gib=4)).verdict == "fits"


def test_the_cache_of_a_cpu_is_what_the_window_needs_up_to_a_quarter_of_what_is_free() -> None:
    facts = known("qwen3-4b-instruct-2507-gguf")
    whole = fit(facts, SERVER, "openvino", 131_072, "auto", Settings())
    assert (whole.verdict, whole.kv_bytes > 10 * GIB) == ("fits", True)
    assert cache_gib(facts.shape, SERVER, "openvino", 131_072, "q8_0", Settings()) == 11
    assert cache_gib(facts.shape, LAPTOP, "openvino", 131_072, "q8_0", Settings()) == 3
    assert cache_gib(facts.shape, LAPTOP, "openvino", 131_072, "q8_0", Settings(kv_cache_gib=7)) == 7
    assert cache_gib(facts.shape, replace(LAPTOP, free_bytes=GIB), "openvino", 131_072, "q8_0", Settings()) == 1
    assert cache_gib(known(STARTER).shape, SERVER, "openvino", 8192, "q8_0", Settings()) == 1
    quarter = fit(facts, LAPTOP, "openvino", 131_072, "auto", Settings())
    assert quarter.verdict == "smaller window"
    assert kv_cache_bytes(facts.shape, quarter.largest_window, "q8_0", "openvino") <= 3 * GIB
    assert kv_cache_bytes(facts.shape, quarter.largest_window + 1024, "q8_0", "openvino") > 3 * GIB


def test_vllm_grows_its_cache_in_larger_blocks_on_a_cpu() -> None:
    shape = known("qwen3-4b-instruct-2507").shape
    assert kv_cache_bytes(shape, 1, "bf16", "vllm") == 16 * 147_456
    assert kv_cache_bytes(shape, 1, "bf16", "vllm", on_cpu=True) == 128 * 147_456
    facts = known("qwen3-4b-instruct-2507")
    assert fit(facts, SERVER, "vllm", 5000, "bf16", Settings()).kv_bytes == 40 * 128 * 147_456
    assert fit(facts, card(80), "vllm", 5000, "bf16", Settings()).kv_bytes == 313 * 16 * 147_456


def test_llama_cpp_keeps_fewer_bits_where_that_saves_the_window() -> None:
    facts = known("qwen3-4b-instruct-2507-gguf")
    assert fit(facts, LAPTOP, "llamacpp", 32_768, "auto", Settings()).cache_type == "f16"
    tight = fit(facts, replace(LAPTOP, free_bytes=6 * GIB), "llamacpp", 32_768, "auto", Settings())
    assert (tight.cache_type, tight.verdict) == ("q8_0", "fits")


def test_an_npu_reads_what_it_was_compiled_for() -> None:
    npu = replace(LAPTOP, openvino=(*LAPTOP.openvino, OpenVINODevice("NPU", "An NPU")))
    for profile, tokens in NPU_PROMPT_TOKENS.items():
        settings = Settings.model_validate({"device": "NPU", "npu_profile": profile})
        found = fit(known("qwen3-4b-instruct-2507-gguf"), npu, "openvino", 32_768, "auto", settings)
        assert found.largest_window == tokens + settings.answer_room


def test_impossible_wishes_are_refused_in_words() -> None:
    facts = known("qwen3-4b-instruct-2507-gguf")
    with pytest.raises(ModelError, match=r"q4_0.*DOCMIND_CACHE_TYPE to auto or one of: q8_0, f16, bf16"):
        fit(facts, LAPTOP, "openvino", 8192, "q4_0", Settings())
    with pytest.raises(ModelError, match=r"no device NPU.*DOCMIND_DEVICE.*CPU.*docmind doctor"):
        fit(facts, LAPTOP, "openvino", 8192, "auto", Settings(device="NPU"))


def test_windows_are_lowered_by_halves_and_never_to_nothing() -> None:
    assert steps(131_072) == (131_072, 65_536, 32_768, 16_384, 8_192, 4_096, 2_048)
    assert steps(40_960) == (40_960, 20_480, 10_240, 5_120, 2_048)
    assert steps(1_500) == (1_500,)
