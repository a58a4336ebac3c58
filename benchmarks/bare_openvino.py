"""OpenVINO GenAI without our engine around it, on the same model: what the engine's own cost is measured against."""

from __future__ import annotations

from collections.abc import Callable

import openvino_genai as genai

from docmind.errors import EngineError
from docmind.models import Choice

_PRECISIONS = {"f16": "f16", "bf16": "bf16"}  # of the KV cache, as the engine asks for it; otherwise eight bits


def open_bare(choice: Choice) -> Callable[[str, int], int]:
    """Load a model a second time, on the processor.

    Returns:
        A function that takes a prompt and the most tokens to write, and returns how many it wrote. It takes the
        likeliest tokens, and keeps a prompt that it knows in its cache, as the engine does.

    Raises:
        EngineError: it cannot be loaded again.
    """
    scheduler = genai.SchedulerConfig()
    scheduler.enable_prefix_caching = True
    scheduler.cache_size = 1  # GiB
    precision = {"KV_CACHE_PRECISION": _PRECISIONS.get(choice.cache_type, "u8")}
    try:
        pipeline = genai.ContinuousBatchingPipeline(str(choice.path), scheduler, "CPU", precision)
    except RuntimeError as error:
        raise EngineError(
            f"OpenVINO cannot load {choice.model_name} a second time, to be measured without the engine. Close other "
            "programs and try again."
        ) from error
    tokenizer = pipeline.get_tokenizer()
    config = genai.GenerationConfig()
    config.do_sample = False
    config.apply_chat_template = False
    config.set_eos_token_id(tokenizer.get_eos_token_id())

    def write(prompt: str, max_tokens: int) -> int:
        config.max_new_tokens = max_tokens
        handle = pipeline.add_request(0, tokenizer.encode(prompt, add_special_tokens=False).input_ids, config)
        tokens = 0
        while pipeline.has_non_finished_requests():
            pipeline.step()
            while handle.can_read():
                tokens += sum(len(output.generated_ids) for output in handle.read().values())
        return tokens

    return write
