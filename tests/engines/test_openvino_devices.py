"""Where the OpenVINO engine runs: devices and what follows when one fails, NPU settings, kept conversions."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docmind.engines import open_engine
from docmind.engines.openvino.compiled import source_of
from docmind.engines.openvino.devices import fallbacks, first_that_loads, load_batch, load_single
from docmind.engines.openvino.engine import OpenVINOEngine
from docmind.engines.openvino.npu import npu_problems, npu_properties
from docmind.errors import ContextWindowError, EngineError, ModelError
from docmind.models import find_model
from docmind.models.choose import Choice
from docmind.models.fit import NPU_PROMPT_TOKENS
from docmind.models.kept import kept_folder
from docmind.settings import Settings

QUESTION = "Tell me about the sea."


@pytest.fixture
def gguf(models_dir: Path) -> Path:
    return find_model("auto", "language", Settings(models_dir=models_dir))


@pytest.fixture(scope="module")
def converted(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter model in OpenVINO's form, made from its GGUF file."""
    settings = Settings(models_dir=tmp_path_factory.mktemp("converted") / "models")
    model = find_model("auto", "language", Settings(models_dir=models_dir))
    open_engine(settings, chosen(model)).close()
    (folder,) = kept_folder(settings).iterdir()
    return folder


def chosen(path: Path, device: str = "CPU") -> Choice:
    return Choice("openvino", "smollm2", path, 8192, "q8_0", device, "It is tested.")


# --- devices


def test_each_device_is_followed_by_the_next_best() -> None:
    assert fallbacks("NPU") == ("NPU", "GPU", "CPU")
    assert fallbacks("GPU.1") == ("GPU.1", "CPU")
    assert fallbacks("CPU") == ("CPU",)
    with pytest.raises(ModelError, match="DOCMIND_DEVICE"):
        fallbacks("TPU")


@pytest.mark.parametrize("device", ["NPU", "GPU", "GPU.1"])
def test_a_device_that_is_not_here_is_replaced_and_the_user_is_told(device: str, gguf: Path, models_dir: Path) -> None:
    engine = open_engine(Settings(models_dir=models_dir), chosen(gguf, device))
    try:
        if engine.device == "CPU":
            assert f"The {device} could not take the model" in engine.note
            assert engine.note.endswith("The model runs on the CPU instead.")
        assert engine.complete(QUESTION, max_tokens=4).text
    finally:
        engine.close()


def test_every_failure_on_the_way_is_told() -> None:
    def on(device: str, note: str) -> str:
        if device == "CPU":
            return note
        raise ModelError(f"the {device} is out of memory.")

    assert first_that_loads(("NPU", "GPU", "CPU"), on) == (
        "The NPU could not take the model: the NPU is out of memory. "
        "The GPU could not take the model: the GPU is out of memory. The model runs on the CPU instead."
    )


def test_where_no_device_can_the_last_one_says_why() -> None:
    def on(device: str, _: str) -> str:
        raise ModelError(f"{device} is full")

    with pytest.raises(ModelError, match="CPU is full"):
        first_that_loads(("GPU", "CPU"), on)


def test_what_openvino_itself_says_of_a_missing_device_is_a_model_error(converted: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models")
    with pytest.raises(ModelError, match="docmind doctor"):
        load_batch(settings, chosen(converted), converted, "GPU.7")
    with pytest.raises(ModelError, match="docmind doctor"):
        load_single(settings, chosen(converted), converted, "NPU")


# --- one request at a time, the way of the NPU


@pytest.fixture(scope="module")
def single(converted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenVINOEngine]:
    settings = Settings(models_dir=tmp_path_factory.mktemp("data") / "models")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing that OpenVINO is about to remove is used
        loaded = load_single(settings, chosen(converted), converted, "CPU")
    engine = OpenVINOEngine.around(loaded, settings, chosen(converted))
    yield engine
    engine.close()


def test_one_at_a_time_answers_as_the_batch_does(single: OpenVINOEngine, gguf: Path, models_dir: Path) -> None:
    batch = open_engine(Settings(models_dir=models_dir), chosen(gguf))
    try:
        assert single.parallel_answers == 1
        for question in (QUESTION, "What is two and two?", QUESTION):  # nothing of one is left for the next
            assert single.complete(question, max_tokens=16).text == batch.complete(question, max_tokens=16).text
    finally:
        batch.close()


def test_others_queue_and_see_their_position(single: OpenVINOEngine) -> None:
    first = single.stream_complete(QUESTION, max_tokens=300)
    next(first)
    second = single.stream_complete("What is two and two?", max_tokens=8)
    assert next(second).additional_kwargs["position"] == 1
    first.close()
    *_, last = second
    assert last.text


def test_a_stopped_answer_leaves_the_pipeline_ready(single: OpenVINOEngine) -> None:
    whole = single.complete(QUESTION, max_tokens=16).text
    for _ in range(3):
        stream = single.stream_complete(QUESTION, max_tokens=400)
        next(stream)
        stream.close()
    assert single.complete(QUESTION, max_tokens=16).text == whole


@pytest.mark.slow
def test_a_long_prompt_gives_signs_of_life_here_too(single: OpenVINOEngine) -> None:
    stream = single.stream_complete("sea " * 3500, formatted=True, max_tokens=2)
    assert next(stream).text == ""
    *_, last = stream
    assert last.additional_kwargs["tokens"] == 2


def test_a_device_of_fixed_shapes_refuses_longer_prompts(converted: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models")
    loaded = replace(load_single(settings, chosen(converted), converted, "CPU"), longest_prompt=64)
    engine = OpenVINOEngine.around(loaded, settings, chosen(converted))
    try:
        with pytest.raises(ContextWindowError, match="DOCMIND_NPU_PROFILE"):
            engine.complete("sea " * 100, max_tokens=4)
        assert engine.complete("Hi", max_tokens=4).text
    finally:
        engine.close()


def test_a_closed_single_engine_says_so(converted: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models")
    engine = OpenVINOEngine.around(
        load_single(settings, chosen(converted), converted, "CPU"), settings, chosen(converted)
    )
    stream = engine.stream_complete(QUESTION, max_tokens=500)
    next(stream)
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        list(stream)
    with pytest.raises(EngineError, match="closed"):
        engine.complete(QUESTION, max_tokens=4)


# --- what an NPU is told


@pytest.mark.parametrize(("profile", "tokens"), NPU_PROMPT_TOKENS.items())
def test_each_profile_names_everything_the_npu_must_know(profile: str, tokens: int, tmp_path: Path) -> None:
    assert npu_properties(Settings(npu_profile=profile, answer_tokens=300), tmp_path) == {
        "MAX_PROMPT_LEN": tokens,
        "MIN_RESPONSE_LEN": 320,  # what the compiler would round it up to
        "NPU_USE_NPUW": "YES",
        "NPUW_LLM": "YES",
        "NPUW_LLM_BATCH_DIM": 0,
        "NPUW_LLM_SEQ_LEN_DIM": 2,
        "NPUW_LLM_MAX_PROMPT_LEN": tokens,
        "NPUW_LLM_MIN_RESPONSE_LEN": 320,
        "CACHE_DIR": str(tmp_path),
    }
    assert tokens % 64 == 0


def test_everything_that_is_wrong_is_listed_before_anything_is_compiled(converted: Path, gguf: Path) -> None:
    assert npu_problems(Settings(), converted, 8192) == []
    assert "reads 2,048" in npu_problems(Settings(), converted, 2048)[0]
    assert "GGUF" in npu_problems(Settings(), gguf, 8192)[0]
    assert "openvino_model.xml" in npu_problems(Settings(), gguf.parent, 8192)[0]
    assert len(npu_problems(Settings(), gguf, 10)) == 2


@pytest.mark.parametrize(
    ("note", "fits"),
    [
        ('<weight_compression><mode value="int4_sym"/></weight_compression>', True),
        ('<weight_compression><mode value="nf4"/></weight_compression>', True),
        ('<weight_compression><mode value="int4_asym"/></weight_compression>', False),
        ('<weight_compression><mode value="int8_sym"/></weight_compression>', False),
        ("", True),
    ],
)
def test_weights_that_an_npu_cannot_take_are_found_in_the_models_own_notes(
    note: str, fits: bool, tmp_path: Path
) -> None:
    (tmp_path / "openvino_model.xml").write_text(f"<net>{' ' * 300_000}<rt_info>{note}</rt_info></net>")
    found = npu_problems(Settings(), tmp_path, 8192)
    assert (not found) == fits
    assert fits or "optimum-cli" in found[0]


def test_optimums_note_counts_where_the_model_has_none(tmp_path: Path) -> None:
    (tmp_path / "openvino_model.xml").write_text("<net/>")
    (tmp_path / "openvino_config.json").write_text('{"quantization_config": {"bits": 8, "sym": false}}')
    assert "int8_asym" in npu_problems(Settings(), tmp_path, 8192)[0]


# --- kept conversions


@pytest.mark.slow
def test_the_kept_form_answers_as_the_gguf_file_does(gguf: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models")
    answers = []
    for _ in range(2):
        engine = open_engine(settings, chosen(gguf))
        answers.append((engine.complete(QUESTION, max_tokens=24).text, engine.special_tokens(), engine.modes))
        engine.close()
        (kept,) = kept_folder(settings).iterdir()
        with source_of(gguf, settings) as source:
            assert source == kept
    assert answers[0] == answers[1]


def test_an_openvino_folder_is_a_model_too(converted: Path, gguf: Path, models_dir: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(converted, tmp_path / "model")
    texts = []
    for path, settings in ((folder, Settings(models_dir=tmp_path / "models")), (gguf, Settings(models_dir=models_dir))):
        engine = open_engine(settings, chosen(path))
        texts.append(engine.complete(QUESTION, max_tokens=24).text)
        engine.close()
    assert texts[0] == texts[1]
    assert not kept_folder(Settings(models_dir=tmp_path / "models")).exists()


@pytest.mark.slow
def test_another_file_of_the_same_name_is_converted_anew_and_the_old_form_goes(gguf: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "data" / "models")
    model = tmp_path / "model.gguf"
    shutil.copy(gguf, model)
    open_engine(settings, chosen(model)).close()
    (before,) = kept_folder(settings).iterdir()
    os.utime(model, ns=(1, 1))
    open_engine(settings, chosen(model)).close()
    (after,) = kept_folder(settings).iterdir()
    assert after != before


def test_a_conversion_that_breaks_off_leaves_nothing(gguf: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models")
    with pytest.raises(RuntimeError), source_of(gguf, settings) as source:
        assert source.resolve() == gguf.resolve()
        (source.parent / "openvino_model.xml").write_text("half")
        raise RuntimeError("no memory")
    assert not list(kept_folder(settings).iterdir())


def test_a_conversion_that_saved_nothing_is_not_kept(gguf: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models")
    with source_of(gguf, settings):
        pass
    assert not list(kept_folder(settings).iterdir())


def test_where_nothing_can_be_written_the_file_itself_is_opened(gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with source_of(gguf, Settings(models_dir=tmp_path / "models")) as source:
        assert source == gguf
