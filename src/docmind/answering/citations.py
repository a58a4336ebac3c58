"""Citations: each sentence of an answer, tied to the sentence of the documents that supports it, or marked.

The check does not trust the model. A sentence is supported when its words and its meaning stand in one place of the
passages and nothing in it says otherwise; a bare answer is proved together with its question (`proof/`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from docmind.answering.evidence import Evidence, Vector, embed
from docmind.answering.proof.proving import Doubt, Proof, Source, Statement, halves_of, prove, statement_of
from docmind.answering.proof.words import keys, read
from docmind.embeddings import Embedder
from docmind.records import Locator
from docmind.sentences import content_terms, split_sentences

Verdict = Literal["supported", "partly supported", "not supported"]

# Among places that support a sentence equally well, the one nearer to the question is cited.
_RELEVANCE_WEIGHT = 0.05
# Only so many sentences that share most with a statement are held against it word by word.
_CANDIDATES = 6
# A sentence of which at least this share of telling words stands in a source is partly supported.
_PARTLY = 0.5
# From this share on it is about what that one source says.
_ONE_SOURCE = 0.75
# Where to look: shared words tell more than similar meaning, and a bare word stands in many places.
_CANDIDATE_WORDS = 2.0
_CANDIDATE_RELEVANCE = 0.25
_MARKER = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_WRITTEN_OUT = re.compile(r"\b[A-Z][\w&.'-]*(?: (?:[A-Z][\w&.'-]*|of|and|for|the))* \(([A-Z]{2,6})\)")


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document.

    Attributes:
        n: Its number in the answer, from 1.
        document: The document's name.
        document_id: The document's id.
        locator: Where in it the sentence stands.
        heading: Section path of the passage.
        quote: The sentence, as it stands in the document.
        passage: The passage around it.
        document_sha256: SHA-256 of the document's bytes; '' where nobody has looked it up.
        lead: Caption and header of the table that a row is from, a line each; '' for what is no row.
    """

    n: int
    document: str
    document_id: str
    locator: Locator
    heading: str
    quote: str
    passage: str
    document_sha256: str = ""
    lead: str = ""

    @property
    def read_alone(self) -> str:
        """The quotation as it can be read without its passage: a row beneath caption and header."""
        return f"{self.lead}\n{self.quote}" if self.lead else self.quote

    @property
    def place(self) -> str:
        """Document and locator in words."""
        return self.locator.words(self.document)


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer and what the passages say to it.

    Attributes:
        text: The sentence.
        supported: Whether they bear it out.
        score: How strongly, 0 to 1.
        citations: Numbers of those that do; where it is partly supported, of the one that bears out the rest.
        doubts: Its words that they do not bear out, with the reason.
        partly: Whether the rest stands in them but those words do not.
    """

    text: str
    supported: bool
    score: float
    citations: tuple[int, ...]
    doubts: tuple[Doubt, ...] = ()
    partly: bool = False

    @property
    def verdict(self) -> Verdict:
        """'supported', 'partly supported' or 'not supported'."""
        return "supported" if self.supported else "partly supported" if self.partly else "not supported"

    def behind(self, before: str) -> AnswerSentence:
        """The same behind other words; words in doubt keep their places."""
        moved = (replace(each, start=each.start + len(before), end=each.end + len(before)) for each in self.doubts)
        return replace(self, text=before + self.text, doubts=tuple(moved))

    @property
    def parts(self) -> tuple[tuple[str, str | None], ...]:
        """The sentence in pieces, each with the reason to doubt it, if there is one."""
        cut: list[tuple[str, str | None]] = []
        end = 0
        for doubt in self.doubts:
            cut += [(self.text[end : doubt.start], None), (self.text[doubt.start : doubt.end], doubt.reason)]
            end = doubt.end
        return tuple(part for part in [*cut, (self.text[end:], None)] if part[0])


def align(
    question: str, answer: str, evidence: Sequence[Evidence], embedder: Embedder, threshold: float
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """Find, for each sentence of an answer, the sentence of the passages that supports it, or two that do together.

    Args:
        question: What was asked; with it a bare answer is one statement.
        answer: The model's words; citation marks of its own are ignored.
        evidence: The sentences of the passages that the model was given.
        embedder: Compares meanings.
        threshold: Score from which a sentence is supported.
    """
    sentences = _without_echo(question, answer_sentences(answer))
    if not sentences or not evidence:
        return tuple(AnswerSentence(text, False, 0.0, ()) for text in sentences), ()
    sources = _sources(evidence)
    aligned: list[AnswerSentence] = []
    cited: list[Evidence] = []
    statements = [statement_of(question, sentence) for sentence in sentences]
    vectors = embed([statement.said for statement in statements], embedder)
    for statement, vector in zip(statements, vectors, strict=True):
        sentence = statement.text
        finding = _proved(statement, vector, evidence, sources, embedder, threshold)
        if finding.proof.score < threshold and (short := _abbreviated(sentence, evidence)):
            finding = max(
                finding,
                _proved(statement_of(question, short), vector, evidence, sources, embedder, threshold),
                key=lambda each: each.proof.score >= threshold,
            )
        supported = finding.proof.score >= threshold
        partly = not supported and bool(finding.proof.doubts) and finding.proof.rest >= _PARTLY
        places = finding.places if supported or partly else ()
        cited += [evidence[at] for at in places if evidence[at] not in cited]
        numbered = tuple(cited.index(evidence[at]) + 1 for at in places)
        doubts = finding.proof.doubts if partly else ()
        aligned.append(AnswerSentence(sentence, supported, round(finding.proof.score, 3), numbered, doubts, partly))
    return tuple(aligned), cite(cited)


def _abbreviated(sentence: str, evidence: Sequence[Evidence]) -> str:
    """The sentence with names as the documents abbreviate them: 'NYSE' for a 'New York Stock Exchange (NYSE)' that
    stands in a passage. '' where there is none.
    """
    short = sentence
    for found in _WRITTEN_OUT.finditer(sentence):
        if any(found[0] in passage for passage in {item.node.get_content() for item in evidence}):
            short = short.replace(found[0], found[1])
    return short if short != sentence else ""


def _without_echo(question: str, sentences: list[str]) -> list[str]:
    """The sentences without the question, where a model said it again before it answered."""
    asked = content_terms(question)
    said = [sentence for sentence in sentences if not (sentence.endswith("?") and content_terms(sentence) == asked)]
    return said or sentences


@dataclass(frozen=True, slots=True)
class _Finding:
    """The best proof of a sentence, and the places of its sources in the evidence."""

    proof: Proof
    places: tuple[int, ...]


def _proved(
    statement: Statement,
    vector: Vector,
    evidence: Sequence[Evidence],
    sources: Sequence[Source],
    embedder: Embedder,
    threshold: float,
) -> _Finding:
    """The best that one source, or two for its two halves, can do for a sentence."""
    whole = _best(statement, vector, evidence, sources, threshold)
    # What one source nearly says, and contradicts, is not made true by taking it apart.
    if whole.proof.score >= threshold or whole.proof.shared >= _ONE_SOURCE:
        return whole
    for halves in halves_of(statement.text):
        found = [
            _best(statement_of("", half), part, evidence, sources, threshold)
            for half, part in zip(halves, embed(halves, embedder), strict=True)
        ]
        places = tuple(dict.fromkeys(at for finding in found for at in finding.places))
        one_document = len({evidence[at].node.ref_doc_id for at in places}) == 1
        if len(places) > 1 and one_document and all(finding.proof.score >= threshold for finding in found):
            return _Finding(Proof(min(finding.proof.score for finding in found), rest=1.0), places)
    return whole


def _best(
    statement: Statement, vector: Vector, evidence: Sequence[Evidence], sources: Sequence[Source], threshold: float
) -> _Finding:
    similar = [float(vector @ item.vector) for item in evidence]
    nearest_of_all = max(item.relevance for item in evidence)
    own = keys(statement.words)
    shared = [len(own & (source.own | source.context)) / max(1, len(own)) for source in sources]
    near = [
        _CANDIDATE_WORDS * shared[at] + similar[at] + _CANDIDATE_RELEVANCE * evidence[at].relevance
        for at in range(len(evidence))
    ]
    candidates = sorted(range(len(evidence)), key=lambda at: -near[at])[:_CANDIDATES]
    proofs = {
        at: prove(statement, sources[at], similar[at], evidence[at].relevance - nearest_of_all) for at in candidates
    }

    def worth(at: int) -> tuple[bool, float, float]:
        supported, near = proofs[at].score >= threshold, _RELEVANCE_WEIGHT * evidence[at].relevance
        # Where nothing supports it, the source that shares most of it says best what is wrong.
        return supported, (0.0 if supported else proofs[at].shared), proofs[at].score + near

    best = max(candidates, key=worth)
    shared_most = max(proof.shared for proof in proofs.values())
    return _Finding(replace(proofs[best], shared=shared_most), (best,))


def _sources(evidence: Sequence[Evidence]) -> list[Source]:
    """The evidence as the proof reads it: each sentence with its surroundings."""
    own = [keys(read(item.quoted)) for item in evidence]
    passages = {id(item.node): item.node for item in evidence}
    contexts = {
        key: (
            keys(read(f"{node.metadata['title']}\n{node.metadata['heading']}")),
            frozenset().union(*(own[at] for at, item in enumerate(evidence) if item.node is node)),
        )
        for key, node in passages.items()
    }
    sources = []
    for at, item in enumerate(evidence):
        beside = [k for k in (at - 1, at + 1) if 0 <= k < len(evidence) and evidence[k].node is item.node]
        context, passage = contexts[id(item.node)]
        if item.quoted != item.text:  # a row says what it says under its table's header and caption
            context |= keys(read(item.quoted))
        near = frozenset(key for k in beside for key in own[k])
        sources.append(Source(read(item.quoted), own[at], context, near, passage))
    return sources


def nearest(evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """The sentence of each passage nearest to the question, the nearest first: what to show when nothing answers."""
    best: dict[str, Evidence] = {}
    for item in evidence:
        known = best.get(item.node.node_id)
        if known is None or item.relevance > known.relevance:
            best[item.node.node_id] = item
    return cite(sorted(best.values(), key=lambda item: -item.relevance))


def cite(evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """Citations of those sentences, numbered from 1."""
    return tuple(
        Citation(
            n=number,
            document=item.node.metadata["document"],
            document_id=str(item.node.ref_doc_id),
            locator=Locator.from_values(item.node.metadata),
            heading=item.node.metadata["heading"],
            quote=item.text,
            passage=item.node.get_content(),
            lead=item.statement.lead if item.text == item.statement.text else "",  # not of several as one
        )
        for number, item in enumerate(evidence, start=1)
    )


def with_hashes(citations: Sequence[Citation], hashes: Mapping[str, str]) -> tuple[Citation, ...]:
    """The citations, each with the hash of its document's bytes, so that they can be checked again later.

    Args:
        citations: Places in documents.
        hashes: SHA-256 by document id; '' is put where one is not known.
    """
    return tuple(replace(item, document_sha256=hashes.get(item.document_id, "")) for item in citations)


def answer_sentences(answer: str) -> list[str]:
    """The sentences of an answer without citation marks; a bare '1.' joins the sentence that it numbers."""
    sentences: list[str] = []
    prefix = ""
    for sentence in split_sentences(_MARKER.sub("", answer)):
        if re.fullmatch(r"\W*\d{1,2}[.)]\W*", sentence):
            prefix += sentence + " "
        elif not re.search(r"\w", sentence):
            continue
        else:
            sentences.append(prefix + sentence)
            prefix = ""
    if prefix:
        sentences.append(prefix.strip())
    return sentences
