"""Rules of belonging: what stands in the source, but in another clause than what it is said of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docmind.answering.proof.case import PREPOSITIONS, Case, Conflict
from docmind.answering.proof.clauses import Clause, clauses, is_verb, of_one_kind
from docmind.answering.proof.opposites import alike, opposite
from docmind.answering.proof.tokens import Word, words_in

_ASIDES = words_in("which who whose whom than compared")


def siblings(case: Case) -> Iterator[Conflict]:
    """'Costs rose to 40', of 'Revenue rose to 40 while costs rose to 31'.

    A word belongs elsewhere where every clause that has it has fewer words of question and statement than another
    clause, and has something of its own in their place.
    """
    c = case.comparison
    parts = clauses(c.source, frozenset(j for j, i in enumerate(c.back) if i is not None and not c.source[j].telling))
    if len(parts) < 2:
        return
    added = [i for i, word in enumerate(c.statement) if word.telling and not word.keys & case.asked]
    answers = added or [i for i, word in enumerate(c.statement) if word.name or word.kind == "number"]
    for i in answers:
        word = c.statement[i]
        homes = [
            (part, j) for part in parts for j in part.places if c.source[j].telling and c.source[j].keys & word.keys
        ]
        others_said = () if case.fragment and case.asked else _apart_from_name(c.statement, i)
        said = [w for w in (*others_said, *case.asked_words) if w.telling and not w.keys & word.keys]
        others = [_told_of(case, said, part, j, parts) for part, j in homes]
        if others and all(others):
            yield Conflict(i, i + 1, f"the source says this of “{others[0]}”", "sibling")
            return


def _apart_from_name(words: Sequence[Word], i: int) -> list[Word]:
    """The other words of a statement, without those that are one name with a word."""
    begin, end = i, i + 1
    while words[i].name and begin > 0 and words[begin - 1].name:
        begin -= 1
    while words[i].name and end < len(words) and words[end].name:
        end += 1
    return [*words[:begin], *words[end:]]


def _told_of(case: Case, said: list[Word], home: Clause, j: int, parts: tuple[Clause, ...]) -> str:
    """What a clause tells something of, where another one has more of what was said and asked; '' where none has."""
    source = case.comparison.source
    known = [*said, *case.comparison.statement]
    there = [k for k in home.places if k != j and source[k].telling and not source[k].keys & source[j].keys]
    own = [k for k in there if not _said(source[k], known, source)]
    for part in parts:
        if not own or part is home or part.taken & source[j].keys:
            continue
        shared = home.taken | part.taken
        more = [
            k
            for k in part.places
            if source[k].telling and _said(source[k], said, source) and not source[k].keys & (home.own | shared)
        ]
        fewer = [
            word
            for k in home.places
            if k != j and (word := source[k]).telling and not word.keys & (part.own | shared)
            if _said(word, said, source)
        ]
        if not _tells_more([source[k] for k in more], fewer, [source[k] for k in own]):
            continue
        rivals = [
            source[k]
            for k in _main(source, part)
            if not source[k].keys & source[j].keys and not _said(source[k], known, source)
        ]
        firsts = (home.first, part.first)
        labels = [one for one in own if any((one, other) == firsts or _beside(source, one, other) for other in more)]
        if labels and any(of_one_kind(source[j], rival) for rival in rivals):
            return source[labels[0]].text
        if home.first in own and part.first in more and of_one_kind(source[home.first], source[part.first]):
            return source[home.first].text  # 'chemistry' of 'Reed taught chemistry', where Berg is asked about
    return ""


def _tells_more(more: list[Word], fewer: list[Word], own: list[Word]) -> bool:
    """Whether what one clause alone has of what was said outweighs what the other has; names outweigh all else."""
    named, other_named = ({word.key for word in words if word.name} for words in (more, fewer))
    if other_named and not named:
        return False
    # 'The first costs 2, the second 5': both leave the same out.
    ordinals = any(one.key[:1] == two.key[:1] == "#" for one in own for two in more)
    return len({word.key for word in more}) + ordinals > len({word.key for word in fewer})


def _main(source: tuple[Word, ...], part: Clause) -> range:
    """The places of a clause up to where it begins to compare or to explain: 'which is more than in 2020'."""
    end = next((k for k in part.places if source[k].lower in _ASIDES), part.places.stop)
    return range(part.places.start, end)


def _beside(source: tuple[Word, ...], one: int, other: int) -> bool:
    """Whether two words tell things apart in the same way: two verbs, two names, 'north' and 'south' before a tower."""
    first, second = source[one], source[other]
    if of_one_kind(first, second) or (is_verb(first) and is_verb(second)) or opposite(first, second):
        return True
    behind = [source[k + 1].lower for k in (one, other) if k + 1 < len(source)]
    if len(behind) == 2 and behind[0] == behind[1] and behind[0] in PREPOSITIONS:
        return True  # 'boils at' and 'freezes at'
    if min(one, other) > 0 and {source[one - 1].lower, source[other - 1].lower} <= PREPOSITIONS:
        return True
    return any(
        source[one + step].keys & source[other + step].keys
        for step in (-1, 1)
        if 0 <= one + step < len(source) and 0 <= other + step < len(source) and source[one + step].telling
    )


def _said(word: Word, said: Sequence[Word], source: Sequence[Word]) -> bool:
    """Whether a word was said; or one that means the same and that the source has not itself."""
    if any(word.keys & other.keys for other in said):
        return True
    return any(_alike(word, other) and not any(other.keys & own.keys for own in source) for other in said)


def _alike(one: Word, other: Word) -> bool:
    return one.kind == other.kind == "word" and not (one.name and other.name) and alike(one, other)
