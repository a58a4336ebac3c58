"""Texts that every way of computing an embedding model is held against: long and short, in several scripts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_TEXTS, _SENTENCES = 12, 10
_PROBE = (
    "Either party may end this agreement by giving ninety days' notice in writing to the other.",
    "Net cash provided by operating activities was 1,577 million dollars in fiscal 2018, against 6,439 million before.",
    "Before you remove the cover, switch the appliance off and wait until the heating element has cooled down.",
    "The results (Table 3) suggest that erosion, rather than uplift, explains the slope of the older terraces.",
    "Goods that arrive damaged must be reported to the carrier within seven days of their delivery.",
    "Cuprins: § 4.10 – obligațiile părților; 付款条件; условия оплаты; شروط الدفع.",
    "x = a·b² / (1 - e⁻ᵏᵗ), for 0 < t ≤ 24 h and k = 0.35 h⁻¹.",
)


def probe_texts() -> list[str]:
    """Texts of about 200 tokens and some short ones, always the same."""
    several = _PROBE * 3
    return [" ".join(several[number % 7 :][: 1 + (number * 3) % _SENTENCES]) for number in range(_TEXTS)]


def least_cosine(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """The least cosine similarity of vectors, row by row; both are [texts, dimensions]."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / lengths).min())
