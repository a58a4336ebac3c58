"""Alike: words that ask for the same in a question, whatever it is about, by a short list written by hand.

It is narrower than the proof's list out of WordNet, whose words may stand for one another in some sentence only.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from docmind.sentences import content_terms


@cache
def groups() -> dict[str, str]:
    """Each word of a group in its base form, with a name for the group."""
    known: dict[str, str] = {}
    for line in files(__package__).joinpath("alike.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            known |= dict.fromkeys(line.split(), f"~{line.split()[0]}")
    return known


def words_alike(word: str) -> list[str]:
    """The word, and the others of its group, in their base forms."""
    group = groups().get(word)
    return [word, *(other for other, its in groups().items() if its == group and other != word)]


def alike_to(terms: Iterable[str]) -> set[str]:
    """Terms, as `content_terms` makes them, that ask for the same as some of these; terms of no group have none."""
    known = _of_terms()
    return {alike for term in terms for alike in known.get(term, ())}


@cache
def _of_terms() -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = {}
    for word, group in groups().items():
        members.setdefault(group, []).extend(content_terms(word))
    return {term: tuple(terms) for terms in members.values() for term in terms}
