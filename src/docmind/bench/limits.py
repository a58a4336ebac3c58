"""What a graphics card could do at most, by its memory and its arithmetic, and how near a measurement comes to it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from docmind.bench.report import Figure, Target, median_of
from docmind.bench.results import Measured, Opened
from docmind.errors import ModelError
from docmind.models import ModelFacts, facts_of, known_models, kv_cache_bytes

_TERA = 1e12
_GIB = 2**30
_SHARE_TARGET = Target(">=", 0.6)
_MEMORY_TARGET = Target("<=", 16)  # GiB: a card sold with 16 GB has that many


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card, as its maker states it.

    Attributes:
        bandwidth: Bytes a second between memory and cores.
        flops: Dense 16-bit operations of its tensor cores a second.
        flops_fp8: The same in eight bits; as in sixteen where it has none.
    """

    bandwidth: float
    flops: float
    flops_fp8: float


# Names as the driver gives them. Sources: NVIDIA's datasheets of H100, H200, A100, L40S and L4, whose figures 'with
# sparsity' are halved here, and of the RTX 4090 the appendix of the Ada architecture paper (16 bits with 32-bit sums).
_CARDS = {
    "NVIDIA H100 80GB HBM3": Card(3.35 * _TERA, 989.5 * _TERA, 1979 * _TERA),
    "NVIDIA H100 PCIe": Card(2.0 * _TERA, 756.5 * _TERA, 1513 * _TERA),
    "NVIDIA H200": Card(4.8 * _TERA, 989.5 * _TERA, 1979 * _TERA),
    "NVIDIA A100-SXM4-80GB": Card(2.039 * _TERA, 312 * _TERA, 312 * _TERA),
    "NVIDIA L40S": Card(0.864 * _TERA, 362 * _TERA, 733 * _TERA),
    "NVIDIA L4": Card(0.3 * _TERA, 121 * _TERA, 242 * _TERA),
    "NVIDIA GeForce RTX 4090": Card(1.008 * _TERA, 165.2 * _TERA, 330.3 * _TERA),
}


def card_named(name: str) -> Card | None:
    """The card of this name; None for one whose limits are not known here."""
    return _CARDS.get(name)


def is_mixture(facts: ModelFacts) -> bool:
    """Whether only some of the weights compute each token, so that the limits below say nothing."""
    return "moe" in facts.architecture


def decode_limit(card: Card, weight_bytes: int, kv_bytes: int) -> float:
    """Tokens a second of one answer at most: each token reads all weights, and the keys and values before it, once."""
    return card.bandwidth / (weight_bytes + kv_bytes)


def prefill_limit(card: Card, facts: ModelFacts, parameters: int, tokens: int) -> float:
    """Seconds that reading a prompt takes at least.

    2 x parameters x tokens for the weights, in the arithmetic of the weights, and for attention, in sixteen bits,
    2 x layers x heads x head size x tokens squared: two products of queries, keys and values over the half of all
    pairs that lies before each token.
    """
    shape = facts.shape
    weights = 2.0 * parameters * tokens
    attention = 2.0 * shape.layers * shape.attention_heads * shape.head_size * tokens**2
    return weights / (card.flops_fp8 if "FP8" in facts.quantization else card.flops) + attention / card.flops


def card_figures(opened: Opened, measured: Sequence[Measured]) -> list[Figure]:
    """Memory, and speed beside the card's limits; nothing for an engine that computes elsewhere.

    A figure whose limit is not known for this card or model is left empty, with the reason.
    """
    if not opened.gauge.on_card:
        return []
    peaks = [peak / _GIB for each in measured for peak in each.peaks if peak is not None]
    figures = [
        Figure(
            "memory of the card, at most", max(peaks), "GiB", _MEMORY_TARGET, note="DOCMIND_GPU_MEMORY_SHARE limits it"
        )
        if peaks
        else Figure("memory of the card, at most", None, "GiB", _MEMORY_TARGET, note="not measured")
    ]
    facts, parameters = _known(opened)
    if facts is None:
        return [
            *figures,
            Figure("share of the card's limits", None, "", note="the model's files do not tell its shape"),
        ]
    figures += [
        Figure("weights, by the model's files", facts.weight_bytes / _GIB, "GiB"),
        Figure(f"KV cache of {opened.window:,} tokens", _kv_bytes(opened, facts, opened.window) / _GIB, "GiB"),
    ]
    card = card_named(opened.device)
    if card is None or is_mixture(facts):
        why = "a mixture of experts has no such limit" if card else f"the limits of {opened.device} are not known here"
        return [*figures, Figure("share of the card's limits", None, "", note=why)]
    writing = [each for each in measured if each.scenario.kind == "answer" and each.scenario.answer_tokens >= 128]
    figures += [_share_of_bandwidth(each, card, opened, facts) for each in writing]
    reading = max(
        (each for each in measured if each.scenario.kind == "prefill"), key=lambda each: each.scenario.prompt_tokens
    )
    return [*figures, *_beside_arithmetic(reading, card, facts, parameters)]


def _share_of_bandwidth(measured: Measured, card: Card, opened: Opened, facts: ModelFacts) -> Figure:
    shares = []
    for answer in (answer for each in measured.rounds for answer in each.answers):
        if speed := answer.decode_speed:
            behind = answer.prompt_tokens + answer.tokens // 2  # on average over the answer
            shares.append(speed / decode_limit(card, facts.weight_bytes, _kv_bytes(opened, facts, behind)))
    target = _SHARE_TARGET if measured.scenario.name == "long answer" else None
    return median_of(f"decode over the limit of the card's memory, {measured.scenario.name}", shares, "", target)


def _beside_arithmetic(measured: Measured, card: Card, facts: ModelFacts, parameters: int) -> list[Figure]:
    waits = measured.values()["first_token_seconds"]
    tokens = measured.median("prompt_tokens")
    read = median_of(f"reading {tokens or 0:,.0f} tokens", waits, "s")
    if not parameters or not tokens or not waits:
        return [read, Figure("the arithmetic limit of that", None, "s", note="the model's parameters are not known")]
    limit = prefill_limit(card, facts, parameters, int(tokens))
    share = limit / statistics.median(waits)
    return [read, Figure("the arithmetic limit of that", limit, "s", note=f"{share:.0%} of it was reached")]


def _known(opened: Opened) -> tuple[ModelFacts | None, int]:
    """Shape and parameters: from the catalogue, else the shape from the model's files."""
    for model in known_models():
        if model.name == opened.choice.model_name and model.facts is not None:
            return model.facts, model.parameters
    try:
        return (facts_of(opened.choice.path), 0) if opened.choice.path else (None, 0)
    except ModelError:  # speed was measured all the same
        return None, 0


def _kv_bytes(opened: Opened, facts: ModelFacts, tokens: int) -> int:
    match opened.choice.engine:
        case "vllm" | "openvino" | "llamacpp" as engine:
            return kv_cache_bytes(facts.shape, tokens, opened.choice.cache_type, engine)
        case _:  # no other engine computes in memory that is ours to see
            return 0
