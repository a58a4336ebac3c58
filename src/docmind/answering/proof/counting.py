"""Rules of counting and dating: another number of the same sentence than the one that belongs to what is asked."""

from __future__ import annotations

from collections.abc import Iterator

from docmind.answering.proof.case import Case, Conflict
from docmind.answering.proof.clauses import clauses
from docmind.answering.proof.tokens import Word, is_year, words_in

_COUNTING = 3  # places, at most, from a number to what it counts
_DATING = words_in("in on since from of and or the a an both also later again as with joined by")


def counted(case: Case) -> Iterator[Conflict]:
    """Asked how many floors there are, a statement has the number of the rooms and not that of the floors."""
    c, things = case.comparison, _how_many(case.asked_words)
    own = [i for i, word in enumerate(c.statement) if word.kind == "number"]
    if not things or not own:
        return
    counting = [(number, thing) for j, number in enumerate(c.source) if (thing := _counted_by(c.source, j, things))]
    said = frozenset().union(*(c.statement[i].keys for i in own))
    if counting and not any(number.keys & said for number, _ in counting) and not _leaves_out(c.source, said, things):
        number, thing = counting[0]
        yield Conflict(own[0], own[0] + 1, f"the source says “{number.text} {thing.text}”", "number")


def _leaves_out(source: tuple[Word, ...], said: frozenset[str], things: frozenset[str]) -> bool:
    """Whether the number stands in a clause that need not say what it counts: 'Oslo has 12 bridges and Bergen 15'."""
    parts = clauses(source)
    for part in parts:
        said_here = [j for j in part.places if source[j].kind == "number" and source[j].keys & said]
        bare = any(not is_year(source[j]) and source[j].unit is None and _counts_nothing(source, j) for j in said_here)
        counted_here = any(_counted_by(source, j, things) for j in part.places)
        if said_here and (part.taken & things or (len(parts) > 1 and bare and not counted_here)):
            return True
    # 'Of the 45 members, 31 voted': the 45 are what the others are a part of.
    return bool(source) and source[0].lower == "of"


def _counts_nothing(source: tuple[Word, ...], j: int) -> bool:
    """Whether no word that a number might count stands behind it."""
    return j + 1 == len(source) or not source[j + 1].telling


def _counted_by(source: tuple[Word, ...], j: int, things: frozenset[str]) -> Word | None:
    """The word behind a number that is one of the things, with no other number between."""
    if source[j].kind != "number":
        return None
    for word in source[j + 1 : j + 1 + _COUNTING]:
        if word.kind == "number":
            return None
        if word.keys & things:
            return word
    return None


def _how_many(asked: tuple[Word, ...]) -> frozenset[str]:
    """The keys of the word that is counted."""
    for one, other, thing in zip(asked, asked[1:], asked[2:], strict=False):
        if (one.lower, other.lower) == ("how", "many") and thing.telling:
            return thing.keys
    return frozenset()


def dated(case: Case) -> Iterator[Conflict]:
    """'Oslo signed in 1994', of 'Oslo and Bergen in 1972, Narvik in 1994'.

    In a list of names with their years a name belongs to the year that follows it with nothing but names between.
    """
    c = case.comparison
    years = [i for i, j in enumerate(c.at) if j is not None and is_year(c.source[j])]
    if len(years) != 1 or sum(is_year(word) for word in c.source) < 2:
        return
    year = years[0]
    for i, j in enumerate(c.at):
        if j is None or not c.statement[i].name:
            continue
        its_year = _year_of(c.source, j)
        if its_year and not its_year.keys & c.statement[year].keys:
            yield Conflict(year, year + 1, f"the source says “{its_year.text}”", "number")
            return


def _year_of(source: tuple[Word, ...], j: int) -> Word | None:
    """The year behind a name, where only names and small words stand between, and a name's list ends there."""
    for word in source[j + 1 :]:
        if is_year(word):
            return word
        if not (word.name or word.lower in _DATING or word.text == ","):
            return None
    return None
