"""How an answer is drawn while it is written: the nearest sentence, what it waits for, the thoughts, the words.

The nearest sentence stays above the words until the finished answer takes the place of both. Whoever waits for a slow
writer is reading it when the first word comes, and words that nobody has judged yet are no better than a quotation.
"""

from __future__ import annotations

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_status_container import StatusContainer

from docmind.answering.citations import Citation
from docmind.answering.events import Answer, Failure, LoadingModel, Preview, Queued, Retrieved, Thinking, Token
from docmind.answering.runs import AnswerRun
from docmind.answering.whole.analysis import Planned, Progress
from docmind.ui.answer_view import thought_for
from docmind.ui.frame import announce
from docmind.ui.table_rows import quoted_html
from docmind.ui.text import count, plain_html, plain_label

_TOLD = 3.0  # seconds of waiting from which on they are told
_REDRAWN = 0.1  # seconds between two drawings of a growing text, which is sent whole each time


def show_streaming(run: AnswerRun) -> None:
    """Draw an answer while it is written; returns when it is finished or the user goes elsewhere."""
    page = _Page()
    for event in run.follow():
        match event:
            case Retrieved(asked_as=asked_as):
                if asked_as:
                    page.asked_as(asked_as)
                page.waits_for("Reading the nearest passages …")
            case Preview(citation):
                page.previews(citation)
            case LoadingModel(model):
                page.waits_for(f"Opening {model}, which may take a minute …")
            case Planned() | Progress():
                page.reads_whole_documents(event)
            case Queued(position):
                page.waits_for(queue_words(position))
            case Thinking(text):
                page.thoughts += text
            case Token(text):
                if not page.text:
                    page.answer_begins(run.thinking_seconds)
                page.text += text
            case Answer(text=text):
                announce(f"Answered: {text}")
            case Failure(message):
                announce(message)
        page.draw(run, at_once=event is None)


def queue_words(position: int) -> str:
    """A position in the queue, 1 for the next, in words."""
    if position <= 1:
        return "Yours is the next question: another one is being answered …"
    ahead = position - 1
    return f"{count(ahead, 'question')} {'is' if ahead == 1 else 'are'} ahead of yours …"


class _Page:
    """The slots of the page that fill, and what is in them."""

    def __init__(self) -> None:
        self.text = ""
        self.thoughts = ""
        self._waits_for = "Searching your documents …"
        self._waits_since = time.monotonic()
        self._asked_as_slot = st.empty()
        self._preview_slot = st.empty()
        self._planned_slot = st.empty()
        self._status_slot = st.empty()
        self._text_slot = st.empty()
        self._status: StatusContainer | None = None
        self._thoughts_slot: DeltaGenerator = self._status_slot
        self._drawn_at = 0.0

    def asked_as(self, text: str) -> None:
        """How a follow-up was understood."""
        self._asked_as_slot.caption(f"Asked as: {plain_label(text)}")

    def waits_for(self, words: str) -> None:
        """What is done before the first word."""
        self._waits_for, self._waits_since = words, time.monotonic()
        self._drawn_at = 0.0

    def previews(self, citation: Citation) -> None:
        """The sentence to read meanwhile, drawn at once."""
        quoted = quoted_html(citation.read_alone) if citation.lead else plain_html(citation.quote)
        self._preview_slot.html(
            '<figure class="dm-preview"><figcaption>Nearest sentence, while the answer is written</figcaption>'
            f"<blockquote>{quoted}</blockquote><cite>{plain_html(citation.place)}</cite></figure>"
        )

    def reads_whole_documents(self, event: Planned | Progress) -> None:
        """How they are read and how long that takes, which stays while it is done, or how far it is."""
        match event:
            case Planned():
                self._planned_slot.caption(plain_label(event.words))
            case Progress(stage, done, total):
                step = f" ({done + 1} of {total})" if total > 1 else ""
                self.waits_for(f"{stage}{step} …")

    def answer_begins(self, thinking_seconds: float) -> None:
        """The thoughts, if there were any, are complete."""
        if self._status:
            self._draw_thoughts()
            self._status.update(label=thought_for(thinking_seconds), state="complete")
        self._drawn_at = 0.0

    def draw(self, run: AnswerRun, *, at_once: bool) -> None:
        """Bring the page up to date, unless that was just done."""
        now = time.monotonic()
        if not at_once and now - self._drawn_at < _REDRAWN:
            return
        self._drawn_at = now
        if self.text:
            self._text_slot.html(f'<p class="dm-answer">{plain_html(self.text)}<span class="dm-caret"></span></p>')
            return
        if self.thoughts.strip():
            self._draw_thoughts()
            self._waits_for = f"Thinking for {run.thinking_seconds:.0f} s …"
        waited = now - self._waits_since
        told = f" {waited:.0f} s" if waited >= _TOLD and not self.thoughts.strip() else ""
        words = "Stopping …" if run.stopping else f"{self._waits_for}{told}"
        self._text_slot.html(f'<p class="dm-waiting">{plain_html(words)}</p>')

    def _draw_thoughts(self) -> None:
        if self._status is None:
            # Its heading stays as it is, because one that changes folds up what the user has unfolded.
            self._status = self._status_slot.status("Thinking …", expanded=False)
            self._thoughts_slot = self._status.empty()
        self._thoughts_slot.html(f'<div class="dm-thoughts">{plain_html(self.thoughts.strip())}</div>')
