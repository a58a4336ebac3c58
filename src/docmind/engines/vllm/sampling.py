"""The names of LlamaIndex's `Vllm` for how an answer is written, honoured or refused, and what vLLM is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from docmind.engines.options import Options
from docmind.errors import EngineError, SettingsError

SAMPLING = ("temperature", "top_p", "top_k")
# Fields of `Vllm` that hold for every call on which nothing else is asked for.
FIELDS = (
    *SAMPLING, "stop", "max_new_tokens", "presence_penalty", "frequency_penalty", "ignore_eos", "n", "best_of",
    "logprobs", "trust_remote_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VLLMOptions(Options):
    """What `Vllm` offers besides what every engine does.

    Attributes:
        stop: The answer ends before any of these.
        presence_penalty: How much tokens are discouraged that the answer already holds.
        frequency_penalty: The same, for each time.
        ignore_eos: Whether the answer goes on to its full length.
    """

    stop: tuple[str, ...] = ()
    # An answer about a document has to repeat the document.
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    ignore_eos: bool = False


def refuse(given: Mapping[str, Any]) -> None:
    """Raise where something is asked for that cannot be, or must not be.

    Raises:
        EngineError: several answers at once, or the tokens' probabilities.
        SettingsError: running code that comes with a model.
    """
    if (given.get("n") or 1) > 1 or (given.get("best_of") or 1) > 1:
        raise EngineError("A call writes one answer. Leave out n and best_of, and call again for another answer.")
    if given.get("logprobs") is not None:
        raise EngineError("Probabilities of tokens are not handed out. Leave out logprobs.")
    if given.get("trust_remote_code"):
        raise SettingsError(
            "Code that comes with a model is never run. Leave out trust_remote_code; where vLLM cannot read the model "
            "without it, choose another one from `docmind models`."
        )


def vllm_options(options: Options, given: Mapping[str, Any]) -> VLLMOptions:
    """The options of a call, with those that `Vllm` knows by its own names."""
    refuse(given)
    chosen = {name: given[name] for name in SAMPLING if given.get(name) is not None}
    if "top_k" in chosen:
        chosen["top_k"] = max(0, chosen["top_k"])  # -1 is all to `Vllm`
    stop = given.get("stop") or ()
    return VLLMOptions(
        max_tokens=options.max_tokens,
        sampling=replace(options.sampling, **chosen),
        thinking=options.thinking,
        tools=options.tools,
        json_schema=options.json_schema,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        presence_penalty=given.get("presence_penalty") or 0.0,
        frequency_penalty=given.get("frequency_penalty") or 0.0,
        ignore_eos=bool(given.get("ignore_eos")),
    )


def sampling_parameters(options: VLLMOptions) -> Any:
    """vLLM's `SamplingParams`."""
    from vllm.sampling_params import RequestOutputKind, SamplingParams, StructuredOutputsParams  # noqa: PLC0415 - late

    sampling, schema = options.sampling, options.json_schema
    return SamplingParams(
        max_tokens=options.max_tokens,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        min_p=sampling.min_p,
        seed=sampling.seed,
        stop=list(options.stop) or None,
        presence_penalty=options.presence_penalty,
        frequency_penalty=options.frequency_penalty,
        ignore_eos=options.ignore_eos,
        # Free whitespace lets a small model fill its answer with blanks.
        structured_outputs=StructuredOutputsParams(json=dict(schema), disable_any_whitespace=True) if schema else None,
        output_kind=RequestOutputKind.DELTA,
        skip_special_tokens=False,  # the output parser needs them
        spaces_between_special_tokens=False,
    )
