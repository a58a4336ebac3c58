"""Utilisation: how well the room for a prompt was used, as a grade, and what to do about it."""

from __future__ import annotations

_GRADES = ((0.8, "A"), (0.6, "B"), (0.4, "C"), (0.2, "D"))


def grade(utilisation: float) -> str:
    """How well the room for a prompt was used: 'A' from 80%, 'B' from 60, 'C' from 40, 'D' from 20, 'E' below."""
    return next((letter for least, letter in _GRADES if utilisation >= least), "E")


def advice(utilisation: float) -> str:
    """What to do about it; '' for nothing."""
    if utilisation < 0.3:
        return (
            "The model could read more than it was given. Where answers miss something, let it read longer: on the "
            "Settings page, or by DOCMIND_FIRST_WORD_SECONDS. Each passage more takes time."
        )
    if utilisation > 0.9:
        return (
            "The prompt is nearly full, and the next question may leave something out. Ask fewer documents, start a "
            "new chat, or raise DOCMIND_WINDOW where the model reads more."
        )
    return "Well filled, with room for the next turns." if 0.6 <= utilisation <= 0.85 else ""
