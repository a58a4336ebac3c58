"""The events of an answer: what was found, each piece of text, and in the end the answer with its sources."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from llama_index.core.schema import NodeWithScore

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.whole.analysis import Planned, Progress
from docmind.retrieval.reranking import Reranking


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that was waiting or being read when the others were searched; its id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Event: the passages that were retrieved, best first, and how long it took in seconds.

    Attributes:
        passages: Best first.
        seconds: How long it took.
        asked_as: A follow-up as it was searched, said so that it stands alone; None where that is what was asked.
        by_part: Where several things were asked at once, the same for each of them alone.
        looked_first: Names of documents that the question names, where that changed which passages are the first.
        reranked: What a reranker did to their order; None where there is none.
        unread: Documents that could not be searched, because they were not read yet.
    """

    passages: tuple[NodeWithScore, ...]
    seconds: float
    asked_as: str | None = None
    by_part: tuple[tuple[NodeWithScore, ...], ...] = ()
    looked_first: tuple[str, ...] = ()
    reranked: Reranking | None = None
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """Event: the sentence nearest to the question, to be read while the answer is written; seconds since the question.

    It comes before any model is asked or opened, and only where one will be: nothing of it is judged.
    """

    citation: Citation
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadingModel:
    """Event: another model is opened first, which takes a while; its name."""

    model: str


@dataclass(frozen=True, slots=True)
class Queued:
    """Event: others are answered first; one's position in the queue, 1 for the next."""

    position: int


@dataclass(frozen=True, slots=True)
class Thinking:
    """Event: the model's next piece of thought, which is no part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """Event: the answer's next piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What a prompt is made of, in the model's tokens: the first four are the prompt, the last is kept free.

    Attributes:
        instructions: What the model is told to do, with the marks of its template.
        history: Earlier turns of the chat.
        passages: Text of documents.
        question: What is asked.
        answer_reserve: Kept free for the answer, thoughts included.
    """

    instructions: int
    history: int
    passages: int
    question: int
    answer_reserve: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was not read, or not all of it.

    Attributes:
        what: Which passage, by its place, or which earlier turn, by its question.
        how: Whether it was dropped, shortened to sentences, or summarised.
        why: The reason in words.
    """

    what: str
    how: Literal["dropped", "shortened", "summarised"]
    why: str


@dataclass(frozen=True, slots=True)
class Read:
    """What the model was given.

    Attributes:
        documents: How many.
        chunks: Passages of them.
        prompt_tokens: Exact length of the prompt.
        context_window: Of so many tokens.
        most_chunks: How many passages it might have been given; None in answers from before there was a budget.
        most_chunk_tokens: And how many tokens of them; None where the window alone limits that.
        reads_per_second: Tokens of a prompt that it reads in a second, as measured here; None where nobody knows.
        writes_per_second: Tokens of an answer that it writes.
        prompt_limit: The part of the window that is meant for a prompt; None in answers from before it was told.
        parts: What the prompt was made of.
        left_out: What was not read, or not whole, in the order in which it was decided.
        whole: Whether the documents were read from their first sentence to their last; `chunks` are then the passages
            that are cited, and `prompt_tokens` are those of all prompts together.
    """

    documents: int
    chunks: int
    prompt_tokens: int
    context_window: int
    most_chunks: int | None = None
    most_chunk_tokens: int | None = None
    reads_per_second: float | None = None
    writes_per_second: float | None = None
    prompt_limit: int | None = None
    parts: Parts | None = None
    left_out: tuple[LeftOut, ...] = ()
    whole: bool = False

    @property
    def utilisation(self) -> float | None:
        """The share (0 to 1) of what is meant for a prompt that this one took; None where that is not known."""
        return self.prompt_tokens / self.prompt_limit if self.prompt_limit and self.chunks else None

    @property
    def tokens_words(self) -> str:
        """What a model read of it: '900 of 8,192 tokens'; '' where none was asked."""
        if not self.prompt_tokens:
            return ""
        of = f" of {self.context_window:,}" if self.context_window else ""  # none where there were several prompts
        return f"{self.prompt_tokens:,}{of} tokens"


@dataclass(frozen=True, slots=True)
class FromCache:
    """Where an answer was kept from.

    Attributes:
        question: What had been asked then, which means the same.
        kept: When it was answered, in seconds since 1970.
        seconds_saved: What answering anew would have taken, about.
    """

    question: str
    kept: float
    seconds_saved: float

    @property
    def words(self) -> str:
        """When it was answered and what that saved, in words: 'answered 5 minutes ago, 3.1 s saved'."""
        return f"answered {_ago(time.time() - self.kept)}, {self.seconds_saved:.1f} s saved"


def _ago(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (number := int(seconds // length)) > 0:
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"


@dataclass(frozen=True, slots=True)
class Answer:
    """Event, always the last: the finished answer.

    Attributes:
        question: What was asked.
        text: The answer to show; `NOT_FOUND` where nothing supports one.
        found: Whether at least one sentence is supported.
        stopped: Whether the user stopped it; `text` is then what there was.
        draft: What the model wrote where none of it is supported, so that nothing is hidden; of several documents that
            were asked by themselves, of each of which that is so.
        sentences: The answer's sentences, each supported or not.
        citations: Their sources; where nothing was found, the nearest passages.
        read: What the model was given.
        retrieve_seconds: Time to retrieve.
        first_token_seconds: From the question to the first token; None where no model was asked.
        total_seconds: From the question to this event.
        tokens_per_second: Speed of writing; None where fewer than two tokens were written.
        engine: Name of the engine.
        model: Name of the model.
        device: What computed it, in words.
        left_machine: Whether question and passages went to another machine.
        thoughts: What the model thought before it answered; '' where it did not.
        thinking_seconds: How long that took; None where it did not.
        preview: The sentence that was shown while the answer was written; None where no model was asked.
        preview_seconds: From the question to that.
        asked_as: A follow-up as it was understood, said so that it stands alone: what was searched, answered and
            checked; None where that is what was asked.
        gist: The answer in one sentence, for later turns of the chat; '' where nothing was found.
        answered: When it was finished, in seconds since 1970; None in answers from before that was noted.
        from_cache: Where it was kept from; None where it was made for this question.
        alternative: Where the answer is a quotation, the statement that would have been the next best.
        correction: What the documents say in place of what the question takes for granted, with which `text` then
            begins; '' where there is nothing to correct.
        looked_first: Names of documents that the question names, where that changed which passages are the first.
        reranked: What a reranker did to the order of the passages; None where there is none.
        unread: Documents that it knows nothing of, because they were not read yet.
        asked_of: Names of the documents that the user chose, the first of them where they are many; none where all
            were asked.
        by_document: Whether each document was asked by itself.
        nothing_in: Names of those in which nothing was found then.
        not_asked: Names of those that were not asked any more, since the user stopped it or the model failed.
        closest: The passage of each of these that is nearest to the question, where others answered it.
    """

    question: str
    text: str
    found: bool
    stopped: bool
    draft: str | None
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    read: Read
    retrieve_seconds: float
    first_token_seconds: float | None
    total_seconds: float
    tokens_per_second: float | None
    engine: str
    model: str
    device: str = ""
    left_machine: bool = False
    thoughts: str = ""
    thinking_seconds: float | None = None
    preview: Citation | None = None
    preview_seconds: float | None = None
    asked_as: str | None = None
    gist: str = ""
    answered: float | None = None
    from_cache: FromCache | None = None
    alternative: Citation | None = None
    correction: str = ""
    looked_first: tuple[str, ...] = ()
    reranked: Reranking | None = None
    unread: tuple[Unread, ...] = ()
    asked_of: tuple[str, ...] = ()
    by_document: bool = False
    nothing_in: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    closest: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an answer could not be finished, in words; the last event where nobody can catch an error."""

    message: str


Event = Retrieved | Preview | LoadingModel | Queued | Thinking | Token | Planned | Progress | Answer
