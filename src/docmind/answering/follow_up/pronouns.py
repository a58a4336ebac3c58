"""Pronouns: what 'it', 'they', 'she', 'that' and 'this agreement' of a follow-up stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docmind.answering.follow_up.phrases import Phrase, Word, periods_of, phrases_of, words_of
from docmind.answering.follow_up.words import AUXILIARIES, DOCUMENTS, PREPOSITIONS, QUESTION_WORDS, ROLES, SMALL, VERBS
from docmind.answering.question import Turn

# Questions for a figure: of the same period as the figure that was asked for before.
_FIGURE = re.compile(
    r"^(?:how (?:much|many|high|large|big)\b|what (?:was|is|were|are) (?:the|its|their|his|her)\b)", re.IGNORECASE
)
_SAME_KIND = re.compile(r"^(?:how much|what (?:was|is|were|are) (?:its|their|his|her|that))\b", re.IGNORECASE)
_THING = frozenset({"it", "its"})
_SEVERAL = frozenset({"they", "them", "their", "theirs"})
_PERSON = frozenset({"he", "him", "his", "she", "her", "hers"})
_POINTING = frozenset({"this", "that", "these", "those"})
_POSSESSIVE = frozenset({"its", "their", "theirs", "his", "hers"})
_PRONOUNS = _THING | _SEVERAL | _PERSON
_OF = frozenset({"of", "for", "in", "to", "from", "with", "on", "by", "as", "than"})
_SEVERAL_THINGS = re.compile(r"^(?:people|men|women|children)$|\w{2}[^su]s$")
_SUBORDINATE = frozenset(
    {"when", "because", "if", "that", "while", "after", "before", "since", "until", "although", "which"}
)
# 'It' that means nothing: 'what time is it', 'is it true that', 'how long does it take to'.
_EMPTY_IT = re.compile(
    r"\bwhat (?:time|day|year) (?:is|was) it\b|\bit called (?:when|if)\b|"
    r"\b(?:is|was) it (?:true|possible|necessary|allowed|likely|legal|worth|"
    r"correct|important|said)\b|\b(?:does|did|will|would) it (?:take|mean|matter|cost to)\b|"
    r"\bit (?:is|was) \w+ (?:that|to)\b",
    re.IGNORECASE,
)
# 'What causes rust?': what the verb of a question without an auxiliary is done to.
_OBJECT = re.compile(
    r"^(?:what|who|which)(?: [\w-]+){0,2}? (?P<verb>\w+(?:s|ed)) (?P<object>[\w-]+(?: [\w-]+){0,2})\?*$", re.IGNORECASE
)
_TIMES = frozenset({"year", "quarter", "month", "period", "time", "day", "date", "week", "decade", "century", "point"})


@dataclass(frozen=True, slots=True)
class Antecedents:
    """What a turn speaks of, the likeliest first: in its question, and the names that only its answer has.

    Attributes:
        of_question: What the question speaks of.
        of_answer: The names that only the answer has.
        asks_who: Whether the question asks for a person.
    """

    of_question: tuple[Phrase, ...]
    of_answer: tuple[Phrase, ...]
    asks_who: bool = False

    def fitting(self, pronoun: str) -> list[Phrase]:
        """Those that a pronoun may stand for, the likeliest first."""
        if pronoun in _PERSON:
            people = [phrase for phrase in self.of_question if phrase.may_be_person]
            answered = [phrase for phrase in self.of_answer if phrase.may_be_person]
            # 'Who is the head of Acme?': he is the answer.
            named = [each for each in people if not (self.asks_who and each.before == "of")]
            return named or answered or people or list(self.of_question[:1])
        things = [phrase for phrase in self.of_question if phrase.head not in ROLES]
        ordered = things or list(self.of_question) or list(self.of_answer)
        if pronoun in _SEVERAL or pronoun in ("these", "those"):
            return sorted(ordered, key=lambda phrase: (phrase.asked_for, not phrase.plural))
        if pronoun in ("this", "that"):  # a fact or a figure rather than somebody
            return sorted(ordered, key=lambda phrase: (phrase.asked_for, phrase.kind == "name"))
        return sorted(ordered, key=lambda phrase: (phrase.asked_for, phrase.plural))


def free_pronouns(question: str) -> list[tuple[int, Word]]:
    """The pronouns that refer to something outside the question, with their place among its words."""
    words = words_of(question)
    empty = [match.span() for match in _EMPTY_IT.finditer(question)]
    found = []
    for position, word in enumerate(words):
        small = word.small
        if any(start <= word.start < end for start, end in empty):
            continue
        if small in _THING | _SEVERAL | _PERSON:
            if not _bound(question, words, position):
                found.append((position, word))
        elif small in _POINTING and _points_outside(words, position) and not _begins_with_a_clause(words):
            found.append((position, word))
    return found


def _bound(question: str, words: Sequence[Word], position: int) -> bool:
    """Whether a pronoun refers to something in the question itself that stands before it.

    Within one clause 'it' is somebody else than the clause's own subject. 'Its', another clause's 'it', and 'them'
    after several are not.
    """
    word, possessive = words[position], _is_possessive(words, position)
    if _begins_with_a_clause(words):
        return True
    for before in range(position):
        if words[before].small in _PRONOUNS and not _is_possessive(words, before):
            return possessive or _bound(question, words, before)  # 'did it publish its report': settled with the first
    earlier = [
        phrase
        for phrase in phrases_of(question)
        # 'The size of its garden': what it is a part of is not what it stands for.
        if phrase.end <= word.start and not phrase.asked_for and question[phrase.end : word.start].strip() not in _OF
    ]
    # 'How many houses did they build': those that did are not the houses.
    apart = words[position - 1].small in AUXILIARIES | {"of"} and words[position - 2].small != "to"
    several = not apart and any(item.text.islower() and _SEVERAL_THINGS.search(item.small) for item in words[:position])
    between = [item.small for item in words if earlier and earlier[-1].end <= item.start < word.start]
    another_clause = "to" in between[:-1] or any(small.endswith("ing") for small in between)
    if earlier and (possessive or another_clause or any(item.small in _SUBORDINATE for item in words[1:position])):
        return True
    if word.small in _SEVERAL:
        return (several and position > 2) or any(phrase.plural for phrase in earlier)
    return word.small in _PERSON and any(phrase.may_be_person for phrase in earlier)


def _begins_with_a_clause(words: Sequence[Word]) -> bool:
    """Whether it sets a scene first, which its pronouns then refer to: 'When a tenant leaves, what does it cost?'."""
    scene = words[0].small in _SUBORDINATE - {"which", "that"}
    return scene and len(words) > 1 and words[1].small not in AUXILIARIES


def _is_possessive(words: Sequence[Word], position: int) -> bool:
    """Whether a pronoun says whose something is; many write 'it's' for that too."""
    word = words[position]
    return word.small in _POSSESSIVE or (
        (word.small == "her" or word.text.casefold() in ("it's", "it’s")) and noun_follows(words, position)
    )


def _points_outside(words: Sequence[Word], position: int) -> bool:
    """Whether 'that' or 'this' points at what was said before: it is no conjunction and opens no relative clause."""
    small = words[position].small
    before = [word.small for word in words[:position]]
    following = words[position + 1].small if position + 1 < len(words) else ""
    if small != "that":
        return following not in ("who", "which", "that", "of")
    if not following or not following[0].isalnum():  # at its end
        return bool(before)
    asks = len(before) == 1 or before[-2:-1] in ([word] for word in (*QUESTION_WORDS, "much", "many", "long", "often"))
    if before[-1:] and before[-1] in AUXILIARIES:
        return asks
    return bool(before) and before[-1] in PREPOSITIONS and following not in AUXILIARIES


def noun_follows(words: Sequence[Word], position: int) -> bool:
    """Whether a noun comes after a word: 'that company', and neither 'that is' nor 'did that change'."""
    if position + 1 >= len(words) or not words[position + 1].text[0].isalnum():
        return False
    asks = position > 0 and words[position - 1].small in AUXILIARIES
    return words[position + 1].small not in SMALL and not (asks and words[position + 1].small in VERBS)


def with_pronouns_resolved(question: str, history: Sequence[Turn]) -> tuple[str, bool] | None:
    """Every free pronoun exchanged for what it stands for."""
    free = free_pronouns(question)
    if not free:
        return None
    words = words_of(question)
    asked, sure = question, True
    meant: dict[str, Phrase] = {}
    replacements: list[tuple[int, int, str]] = []
    for position, word in free:
        noun = words[position + 1] if word.small in _POINTING and noun_follows(words, position) else None
        end = noun.end if noun else word.end
        if noun and noun.small in _TIMES:
            if period := _last_period(history, noun.small):
                replacements.append((word.start, end, period))
            continue
        possessive = _is_possessive(words, position)
        others = [] if possessive else [phrase for small, phrase in meant.items() if small != word.small]
        if (noun and noun.small in DOCUMENTS) or not (found := antecedent(history, word.small, others)):
            continue
        phrase, only = found
        text = in_place(phrase, possessive=possessive, whole=word.small in _POINTING)
        if noun:
            if same := _phrase_with_head(history, noun.small):  # 'this agreement': the one of that name
                phrase, text = same, in_place(same, whole=True)
            elif phrase.kind == "name" and only:  # 'this leader': 'the leader Wat Tyler'
                text, only = f"the {noun.text} {in_place(phrase).removeprefix('the ')}", False
            else:
                continue
        meant[word.small] = phrase
        sure = sure and only
        replacements.append((word.start, end, text))
    if not replacements:
        return None
    for start, end, text in reversed(replacements):
        asked = asked[:start] + text + asked[end:]
    if _SAME_KIND.match(question) and _FIGURE.match(history[-1].question):
        asked = _with_period(asked, history[-1].question)
    return asked, sure


def in_place(phrase: Phrase, *, possessive: bool = False, whole: bool = False) -> str:
    """A phrase as it takes the place of a pronoun.

    Args:
        phrase: What the pronoun stands for.
        possessive: Whether it says whose something is.
        whole: Whether the 'of ...' after it is meant too.
    """
    text = phrase.whole if whole else phrase.text
    if text.split()[0] in ("The", "A", "An", "My", "Our", "Your"):
        text = text[0].lower() + text[1:]
    text = re.sub(r"^an? ", "the ", text)
    if not possessive:
        return text
    return f"{text}'" if text.endswith("s") and phrase.plural else f"{text}'s"


def antecedent(history: Sequence[Turn], pronoun: str, taken: Sequence[Phrase] = ()) -> tuple[Phrase, bool] | None:
    """What a pronoun stands for, and whether nothing else could be meant.

    Args:
        history: The turns before, oldest first.
        pronoun: In small letters.
        taken: What other pronouns of the question stand for.
    """
    for turn in reversed(history):
        fitting = [phrase for phrase in antecedents_of(turn).fitting(pronoun) if phrase not in taken]
        if fitting:
            best = fitting[0]
            others = {phrase.text.casefold() for phrase in fitting[1:]} - {best.text.casefold()}
            # 'It' is hardly a person, and many a name is one: what else might be meant the rules do not see.
            doubtful = (
                best.asked_for
                or (pronoun in _THING and best.may_be_person)
                or (pronoun in _POINTING and best.kind == "name" and best.whole == best.text)
            )
            return best, not doubtful and (not others or best.subject)
    return None


def antecedents_of(turn: Turn) -> Antecedents:
    """What a turn speaks of."""
    phrases = phrases_of(turn.question)
    # A name that is the subject, then any name, then a noun that is the subject, then any noun.
    rank: Callable[[Phrase], tuple[bool, bool]] = lambda phrase: (phrase.kind != "name", not phrase.subject)  # noqa: E731
    asked = {word.small for word in words_of(turn.question)}
    said = [
        phrase
        for phrase in phrases_of(turn.said)
        if phrase.kind == "name" and not {word.small for word in words_of(phrase.text)} <= asked
    ]
    if not phrases and (match := _OBJECT.match(turn.question)) and match["verb"].casefold() not in AUXILIARIES:
        phrases = [
            Phrase(
                match["object"],
                match.start("object"),
                match.end("object"),
                "noun",
                whole=match["object"],
                asked_for=True,
            )
        ]
    asks_who = turn.question.casefold().startswith("who")
    return Antecedents(tuple(sorted(phrases, key=rank)), tuple(said), asks_who)


def _phrase_with_head(history: Sequence[Turn], noun: str) -> Phrase | None:
    """The phrase of an earlier question that ends with a noun: 'this agreement' after 'the lease agreement'."""
    for turn in reversed(history):
        for phrase in phrases_of(turn.question):
            if phrase.head == noun or phrase.head.rstrip("s") == noun.rstrip("s"):
                return phrase
    return None


def _last_period(history: Sequence[Turn], noun: str) -> str | None:
    """The period of the turn before: that of its question, or the first of its answer; of a date 'that year' is one."""
    for turn in reversed(history):
        for text in (turn.question, turn.said):
            if periods := periods_of(text):
                period = periods[-1 if text is turn.question else 0][0]
                year = re.search(r"\d{4}", period) if noun == "year" else None
                return year[0] if year else period
    return None


def _with_period(asked: str, before: str) -> str:
    """A question for a figure, of the same period as the figure that was asked for before it."""
    periods = periods_of(before)
    if not periods or periods_of(asked):
        return asked
    last = periods[-1]
    preposition = re.search(r"\b(in|on|for|during|of|since|until|by|at) $", before[: last.start()], re.IGNORECASE)
    return f"{asked.rstrip(' ?')} {preposition[1] if preposition else 'in'} {last[0]}?"
