"""The small words of questions: which ask, which only help, which turn a meaning."""

from __future__ import annotations

from docmind.answering.proof.tokens import words_in

ASKING = words_in("who whom whose what which when where why how")
BE = words_in("is are was were be been being am")
PRESENT = words_in("is are am does do has have")
PAST = words_in("was were did had")
MODALS = words_in("can could may might must shall should will would")
AUXILIARIES = BE | PRESENT | PAST | MODALS
HOW = words_in(
    "many much long old far often big tall high large fast deep wide few little soon quickly heavy hot cold strong "
    "small low close thick short early late well frequently"
)
"""What 'how' may ask for together with it: 'how many'."""
PLAIN = BE | words_in("a an the do does did done has have had that which who also and there s so")
"""Those that say nothing by themselves: one more or less asks the same."""
OPENING = words_in("a an the this that these those his her its their our my your any some each every all no")
"""Those that begin a noun phrase, and so end the phrase before."""
MOMENTS = words_in("year years date time")
PLACES = words_in("place location")
_PREPOSITIONS = (
    "in on at within inside into onto during throughout", "to toward", "about regarding concerning",
    "against versus vs", "between among", "under below beneath", "over above", "through across via", "around near",
    "of", "from", "by", "with", "without", "for", "before", "after", "since", "until", "behind", "beyond", "as", "than",
    "like", "per", "off", "out", "up", "down", "along", "besides", "except", "despite", "because", "while",
)  # fmt: skip
PREPOSITIONS = {word: line.split()[0] for line in _PREPOSITIONS for word in line.split()}
"""Each with the first of its kind; within a kind they may be exchanged."""
LIGHT = words_in("in of to by for from with as about")
"""Kinds that only say what belongs to what; the others turn the meaning wherever they stand."""
_FURTHER = words_in(
    "there other itself himself herself themselves without doing having month week hour minute first second third "
    "fourth fifth seven eight three four five nine twelve further another because during between"
)
MENDED = frozenset(
    word for word in ASKING | AUXILIARIES | OPENING | MOMENTS | _FURTHER | set(PREPOSITIONS) if len(word) >= 4
)
"""So few and so well known that a slip in one of them can be mended."""
