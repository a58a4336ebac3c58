"""Loading a model on the device that was asked for, or on the next one that can: NPU, then GPU, then CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import openvino  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so
import openvino_genai as genai
import psutil

from docmind.engines.openvino.batch import Batch
from docmind.engines.openvino.compiled import let_go_of_files, source_of
from docmind.engines.openvino.npu import npu_problems, npu_properties
from docmind.engines.openvino.requests import Worker, last_line
from docmind.engines.openvino.single import Single
from docmind.engines.options import SMALL_MODEL_BYTES
from docmind.errors import ModelError
from docmind.models import Choice, weight_bytes
from docmind.models.fit import NPU_PROMPT_TOKENS
from docmind.models.kept import kept_folder
from docmind.settings import CacheType, Settings

Opened = TypeVar("Opened")

_GIB = 1024**3
PARALLEL_ANSWERS = 8  # answers that the batching pipeline writes at once
# Tokens of a step: nothing can be cancelled within one, so a large model takes smaller ones.
_STEP_SMALL, _STEP_LARGE = 256, 128
# Tokens of a block of the KV cache; source: OpenVINO GenAI, and the CPU's measured with its own metrics.
_BLOCK = {"CPU": 32, "GPU": 16}
# OpenVINO's CPU computes with these; four bits took more room (176 bytes a token and head of 64) than eight (152).
_PRECISIONS: dict[CacheType, str] = {"f16": "f16", "bf16": "bf16", "q8_0": "u8", "q4_0": "u8", "fp8": "u8"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to answer.

    Attributes:
        worker: The thread that owns it.
        tokenizer: Its tokenizer.
        device: What computes.
        window: Prompt and answer together, in tokens, that really fit.
        longest_prompt: Longest prompt, in tokens; None where only the window limits it.
        parallel_answers: Answers written at once.
        note: What the user should know; '' for nothing.
    """

    worker: Worker
    tokenizer: genai.Tokenizer
    device: str
    window: int
    longest_prompt: int | None
    parallel_answers: int
    note: str


def load(settings: Settings, choice: Choice, model: Path) -> Loaded:
    """Load a model on the chosen device, or on the next one that can.

    Raises:
        ModelError: no device can; the message names what to do.
    """

    def on(device: str, note: str) -> Loaded:
        check_device(device)
        if device == "NPU":
            return load_single(settings, choice, model, device, note)
        return load_batch(settings, choice, model, device, note)

    return first_that_loads(fallbacks(choice.device), on)


def fallbacks(device: str) -> tuple[str, ...]:
    """The devices to try one after the other."""
    following = {"NPU": ("GPU", "CPU"), "GPU": ("CPU",), "CPU": ()}
    kind = device.partition(".")[0]
    if kind not in following:
        raise ModelError(f"OpenVINO drives no device '{device}'. Set DOCMIND_DEVICE to auto, CPU, GPU, GPU.1 or NPU.")
    return (device, *following[kind])


def first_that_loads(devices: Sequence[str], on: Callable[[str, str], Opened]) -> Opened:
    """What the first device makes that does not raise ModelError; `on` takes a device and what happened before."""
    failures = ""
    for device in devices[:-1]:
        try:
            return on(device, failures and f"{failures}The model runs on the {device} instead.")
        except ModelError as error:
            failures += f"The {device} could not take the model: {str(error).rstrip('.')}. "
    return on(devices[-1], failures and f"{failures}The model runs on the {devices[-1]} instead.")


def check_device(device: str) -> None:
    """Raise ModelError where OpenVINO does not find a device on this machine."""
    found = openvino.Core().available_devices
    if not any(name == device or name.startswith(f"{device}.") for name in found):
        raise ModelError(
            f"OpenVINO finds no {device} here, only {', '.join(found)}; `docmind doctor` shows what it needs."
        )


def load_batch(settings: Settings, choice: Choice, model: Path, device: str, note: str = "") -> Loaded:
    """Load a model into the batching pipeline. On a GPU not verified here.

    Where memory does not suffice, the KV cache is halved until it does, down to 1 GiB; the note says so.

    Raises:
        ModelError: it cannot be loaded on this device.
    """
    notes = [note]
    gib = choice.cache_gib
    # Each attempt takes seconds, so what cannot be there is not tried.
    while gib > 1 and gib * _GIB > psutil.virtual_memory().available:
        gib //= 2
    pipeline: genai.ContinuousBatchingPipeline | None = None
    while True:
        try:
            pipeline = _pipeline(settings, model, device, gib, choice.cache_type)
            held = _tokens_held(pipeline, device)
            let_go_of_files()
            break
        except (RuntimeError, IndexError, ValueError, MemoryError) as error:  # a damaged GGUF file raises any of them
            pipeline = None  # two copies must not be there just when memory is short
            if gib == 1 or "memory" not in str(error).lower():
                raise _cannot_load(model, device, error) from error
            gib //= 2
    if gib < choice.cache_gib:
        notes.append(f"The KV cache has {gib} GiB rather than {choice.cache_gib}, because memory is short.")
    if choice.cache_type in ("q4_0", "fp8"):
        notes.append(f"OpenVINO keeps its KV cache in 8 bits (q8_0), not {choice.cache_type}.")
    window = min(choice.window, held) if held else choice.window
    if window < choice.window:
        notes.append(
            f"The window is {window:,} tokens rather than {choice.window:,}, because a KV cache of {gib} GiB holds no "
            "more. Raise DOCMIND_KV_CACHE_GIB for a longer one."
        )
    tokenizer = pipeline.get_tokenizer()
    return Loaded(Batch(pipeline), tokenizer, device, window, None, PARALLEL_ANSWERS, " ".join(filter(None, notes)))


def load_single(settings: Settings, choice: Choice, model: Path, device: str, note: str = "") -> Loaded:
    """Load a model into the plain pipeline, with an NPU's configuration where it is one. There not verified here.

    Raises:
        ModelError: its configuration cannot work, with everything that is wrong, or it cannot be loaded.
    """
    properties: dict[str, Any] = {"ATTENTION_BACKEND": "SDPA"}
    window, longest = choice.window, None
    if device == "NPU":
        if wrong := npu_problems(settings, model, choice.window):
            raise ModelError(f"The NPU cannot run {model.name}: {'; '.join(wrong)}.")
        properties = dict(npu_properties(settings, kept_folder(settings)))
        # So much that a prompt as long as the profile allows leaves exactly the answer that the settings allow.
        longest = NPU_PROMPT_TOKENS[settings.npu_profile]
        window = longest + settings.answer_room
    try:
        pipeline = genai.LLMPipeline(str(model), device, **properties)
    except (RuntimeError, IndexError, ValueError, MemoryError) as error:
        raise _cannot_load(model, device, error) from error
    return Loaded(Single(pipeline), pipeline.get_tokenizer(), device, window, longest, 1, note)


def _pipeline(
    settings: Settings, model: Path, device: str, gib: int, cache_type: CacheType
) -> genai.ContinuousBatchingPipeline:
    scheduler = genai.SchedulerConfig()
    scheduler.enable_prefix_caching = True
    scheduler.cache_size = gib
    scheduler.max_num_seqs = PARALLEL_ANSWERS
    scheduler.max_num_batched_tokens = _STEP_SMALL if weight_bytes(model) < SMALL_MODEL_BYTES else _STEP_LARGE
    properties: dict[str, Any] = {}
    if device == "CPU":
        # Its own cache of compiled models brought nothing on a CPU (1.0 s without, 1.2 s with it).
        properties["KV_CACHE_PRECISION"] = _PRECISIONS[cache_type]
    else:
        properties["CACHE_DIR"] = str(kept_folder(settings))
    with source_of(model, settings) as source:
        saving = {"enable_save_ov_model": True} if source.is_symlink() and source != model else {}
        return genai.ContinuousBatchingPipeline(str(source), scheduler, device, {**properties, **saving}, saving)


def _tokens_held(pipeline: genai.ContinuousBatchingPipeline, device: str) -> int | None:
    """Tokens that the KV cache has room for, by the pipeline's own report; None where it reports nothing.

    The cache is made in the first step, so one token is computed; the first answer is then the faster for it.
    """
    config = genai.GenerationConfig()
    config.max_new_tokens = 1
    config.apply_chat_template = False
    handle = pipeline.add_request(0, openvino.Tensor(np.zeros((1, 1), dtype=np.int64)), config)
    used = 0.0
    while pipeline.has_non_finished_requests():
        pipeline.step()
        used = max(used, pipeline.get_metrics().cache_usage)
    handle.read_all()
    # One block is in use, and the report says how many hundredths of the cache that is.
    return round(100 / used) * _BLOCK[device.partition(".")[0]] if used else None


def _cannot_load(model: Path, device: str, error: Exception) -> ModelError:
    return ModelError(
        f"OpenVINO cannot load {model.name} on the {device} ({last_line(error)}). `docmind doctor` shows the devices "
        "of this machine; `docmind models` shows the models."
    )
