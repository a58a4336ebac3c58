"""Instructions: what a question says of how to answer it, kept apart from what it asks.

'What is the margin? Answer in one sentence, and round to two decimals.' No passage is about answering or rounding, so
those words are told to the model, and not missed in the passages. They are searched for all the same: 'Answer in USD
millions' finds the table that is in millions (docs/benchmarks/retrieval.md).
"""

from __future__ import annotations

import re

from docmind.sentences import content_terms, split_sentences

_LONGEST = 4_000  # characters; what is longer is a text with a question in it
_ANSWER = (
    r"(?:(?:your|the|this|that|an?|its|any)\s+)?(?:final\s+|short\s+|brief\s+|full\s+)?(?:answers?|response|reply|it)\b"
)
_POLITE = r"\W*(?:(?:please|kindly|just|only|and|but|also|then|always|you\s+(?:should|must|may|can))\s+)*"
_TELLS_HOW = re.compile(
    _POLITE + r"(?:"
    # 'Answer in USD millions.', 'Respond in German.'
    r"(?:answer|respond|reply)\b"
    # 'Give your answer in pounds.' and not 'Give the number of employees.'
    rf"|(?:give|provide|state|express|present|return|report|write|format|keep|phrase|put|show|limit|base|justify|explain"
    rf"|support)\s+{_ANSWER}"
    # 'Round to two decimals.'
    r"|round\s+(?:off\s+|up\s+|down\s+)?(?:to|it|the\s+(?:answer|result))\b"
    # 'Use bullet points.', 'Use only the documents.'
    r"|use\s+(?:only\s+)?(?:(?:the|your|my|these|a|an|at\s+most|no\s+more\s+than)\s+)?(?:\w+\s+)?(?:bullet\s?points?|bullets?"
    r"|decimals?(?:\s+places?)?|sentences?|words?|documents?|context|passages?|sources?|plain\s+\w+|simple\s+\w+|tables?)\b"
    # 'Be brief.'
    r"|be\s+(?:as\s+)?(?:brief|concise|short|precise|specific|exact|detailed|thorough|accurate)\b"
    # 'Do not guess.'
    r"|(?:do\s+not|don['’]t|never)\s+(?:guess|speculate|invent|make\s+(?:up|anything)|assume|explain|include|add|use)\b"
    # 'Think step by step.', 'Explain your reasoning.'
    r"|(?:think|reason|go)\s+(?:it\s+through\s+)?(?:step\s+by\s+step|carefully)|(?:explain|show)\s+your\b"
    # 'Cite the page.'
    r"|(?:cite|quote|mention|name|include|add)\s+(?:(?:your|the|all|any)\s+)?(?:relevant\s+)?(?:sources?|pages?|page\s+numbers?"
    r"|passages?|citations?|references?)\W*$"
    # 'In one sentence.'
    r"|(?:in|with)\s+(?:at\s+most\s+|no\s+more\s+than\s+)?(?:one|two|three|a\s+few|\d+)\s+(?:short\s+)?(?:words?|sentences?"
    r"|lines?|bullet\s?points?)\W*$"
    # 'If it does not say so, then state that.'
    r"|if\b[^?]{1,300}?[,;]\s*(?:then\s+)?(?:please\s+)?(?:say|state|answer|reply|respond|write|tell|explain|mention|note"
    r"|indicate)\b"
    r")",
    re.IGNORECASE,
)


def without_instructions(question: str) -> str:
    """What a question asks, without the sentences that say how to answer it; as it is where nothing else would be left.

    Args:
        question: As it stands alone.
    """
    if len(question) > _LONGEST:
        return question
    sentences = split_sentences(question)
    asks = [sentence for sentence in sentences if "?" in sentence or not _TELLS_HOW.match(sentence)]
    if len(asks) == len(sentences) or not content_terms(" ".join(asks)):
        return question
    return " ".join(asks)
