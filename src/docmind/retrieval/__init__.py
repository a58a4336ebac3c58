"""Retrieval: from a question to the passages nearest to it."""

from __future__ import annotations

from docmind.retrieval.hybrid import MEANING_WEIGHT, HybridRetriever

__all__ = ["MEANING_WEIGHT", "HybridRetriever"]
