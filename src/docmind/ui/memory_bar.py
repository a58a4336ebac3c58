"""The picture of a model in memory: weights, KV cache and overhead, and what this machine has."""

from __future__ import annotations

from docmind.models import Fit
from docmind.ui.text import plain_html

_GIB = 1 << 30
LEGEND = (
    '<p class="dm-legend"><span><i class="dm-weights"></i>weights</span><span><i class="dm-cache"></i>KV cache</span>'
    '<span><i class="dm-overhead"></i>overhead</span><span><i class="dm-limit"></i>what there is</span></p>'
)


def memory_bar(fit: Fit) -> str:
    """It as HTML. What there is ends at the mark; a bar that goes beyond it does not fit."""
    parts = (
        ("dm-weights", "weights", fit.weight_bytes),
        ("dm-cache", "KV cache", fit.kv_bytes),
        ("dm-overhead", "overhead", fit.overhead_bytes),
    )
    whole = max(fit.needed_bytes, fit.available_bytes, 1)
    drawn = "".join(f'<span class="{name}" style="width:{100 * size / whole:.2f}%"></span>' for name, _, size in parts)
    limit = f'<b style="left:{min(99.6, 100 * fit.available_bytes / whole):.2f}%"></b>'
    sums = ", ".join(f"{words} {gib(size)}" for _, words, size in parts)
    total = f"{sums}: {gib(fit.needed_bytes)} of {gib(fit.available_bytes)} of {fit.where}, for {fit.window:,} tokens"
    over = " dm-over" if fit.needed_bytes > fit.available_bytes else ""
    said = plain_html(total)
    return (
        f'<div class="dm-memory{over}" role="img" aria-label="{said}"><div>{drawn}</div>{limit}</div>'
        f'<p class="dm-read">{said}</p>'
    )


def gib(size: int) -> str:
    """Bytes in GiB or MiB, in words."""
    return f"{size / _GIB:.1f} GiB" if size >= _GIB // 10 else f"{size / (1 << 20):.0f} MiB"
