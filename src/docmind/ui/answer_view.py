"""How an answer is drawn: sentences with marks that open their source, what is not supported, what was read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import Answer, Failure
from docmind.plain_text import readable
from docmind.ui.evidence_view import NEXT_BEST
from docmind.ui.read_view import show_read
from docmind.ui.source_marks import MARKS, MARKS_STYLE, TIP, sources_of
from docmind.ui.table_rows import LAID_OUT, quoted_html, quoted_rows
from docmind.ui.text import count, plain_html, plain_label

_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 - Chinese and Japanese end sentences with these
_CLOSING = "\"'”’)]»*` "
_SHORT_PLACE = 60  # characters that three lines of a narrow column hold in any case
_SHOWN_SOURCES = 4  # more buttons than this would push the conversation away; the rest is folded

_here = Path(__file__)
_sentences = st.components.v2.component(
    "docmind_answer",
    html=f"<p></p>{TIP}",
    css=_here.with_name("answer.css").read_text(encoding="utf-8") + MARKS_STYLE,
    js=_here.with_name("answer.js").read_text(encoding="utf-8") + MARKS + LAID_OUT,
)


def show_answer(
    answer: Answer | Failure, key: str, before_sources: Callable[[], None] = lambda: None
) -> Citation | None:
    """Draw a finished answer; returns the citation that the user just opened, if any.

    Args:
        answer: What became of a question.
        key: Tells it from the other answers of the page.
        before_sources: Draws what stands between the text and its sources.
    """
    if isinstance(answer, Failure):
        st.error(plain_label(answer.message), icon=":material/error:")
        return None
    _show_thoughts(answer)
    opened = _show_text(answer, key)
    before_sources()
    if answer.citations and not answer.found and not answer.stopped:
        opened = _show_nearest(answer.citations, key)
    elif answer.citations:
        st.caption("Sources")
        shown, folded = answer.citations[:_SHOWN_SOURCES], answer.citations[_SHOWN_SOURCES:]
        opened = _source_buttons(shown, key) or opened
        if folded:
            with st.expander(count(len(folded), "more source"), type="compact"):
                opened = _source_buttons(folded, key) or opened
    if answer.closest:
        with st.expander("Closest passages of the other documents, may not answer this", type="compact"):
            for number, citation in enumerate(answer.closest):
                opened = _show_passage(citation, f"{key}-closest-{number}", numbered=False) or opened
    if answer.alternative:
        with st.expander(f"{NEXT_BEST}, if that was not it", type="compact"):
            opened = _show_passage(answer.alternative, f"{key}-alternative", numbered=False) or opened
    _show_read(answer)
    return opened


def _show_thoughts(answer: Answer) -> None:
    """What the model thought before it answered, folded: it is no part of the answer, and nothing in it is proved."""
    if answer.thoughts:
        with st.expander(thought_for(answer.thinking_seconds or 0.0), icon=":material/psychology:", type="compact"):
            st.html(f'<div class="dm-thoughts">{plain_html(answer.thoughts)}</div>')


def thought_for(seconds: float) -> str:
    """The heading of thoughts that are complete."""
    return f"Thought for {seconds:.1f} s"


def _show_text(answer: Answer, key: str) -> Citation | None:
    if not answer.sentences:
        st.html(f'<p class="dm-answer">{plain_html(answer.text)}</p>')
        _show_draft(answer)
        return None
    if answer.correction:
        st.html(f'<p class="dm-answer"><strong>{plain_html(answer.correction)}</strong></p>')
    broken_off = _broken_off(answer)
    checked = [item for item in answer.sentences if item is not broken_off]
    quoted = {text for citation in answer.citations for text in (citation.quote, citation.read_alone)}
    data = {
        "sentences": [
            {
                "parts": [[readable(text), reason] for text, reason in item.parts]
                if item is not broken_off
                else [[readable(item.text), ""]],
                "verdict": item.verdict if item is not broken_off else "stopped",
                "citations": list(item.citations),
                # Where words are in doubt they are underlined, which a table has no way to show.
                **quoted_rows(item.text, quoted if item.supported and not item.doubts else ()),
            }
            for item in answer.sentences
        ],
        "sources": sources_of(answer.citations),
    }
    result = _sentences(data=data, key=f"{key}-text", on_opened_change=_nothing)
    unsupported = sum(item.verdict == "not supported" for item in checked)
    doubted = [doubt for item in checked for doubt in item.parts if doubt[1]]
    if answer.stopped:
        st.caption("You stopped this answer here.")
    if unsupported:
        st.caption(
            f":orange[:material/warning:] {count(unsupported, 'sentence')} (dotted) not supported by the documents."
        )
    if doubted:
        # The pointer shows the reasons too, where there is one.
        told = "; ".join(f"“{text}”: {reason}" for text, reason in doubted)
        st.caption(
            f":orange[:material/warning:] Words (underlined) that the documents do not bear out: {plain_label(told)}"
        )
    _show_draft(answer)
    number = result.opened
    return next((citation for citation in answer.citations if citation.n == number), None)


def _broken_off(answer: Answer) -> AnswerSentence | None:
    """The fragment in which the user stopped an answer: half a sentence cannot be held against the documents."""
    last = answer.sentences[-1]
    whole = last.text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)
    return last if answer.stopped and not whole and last.verdict != "supported" else None


def _show_draft(answer: Answer) -> None:
    if answer.draft:
        with st.expander("What the model wrote, which was not proved", type="compact"):
            st.html(f'<p class="dm-quote">{plain_html(answer.draft)}</p>')


def _show_nearest(citations: tuple[Citation, ...], key: str) -> Citation | None:
    """What stands nearest to a question that nothing answers, in the documents' own words."""
    closest, *others = citations
    st.caption("Closest passage, may not answer this")
    opened = _show_passage(closest, key)
    if others:
        with st.expander(count(len(others), "other near passage"), type="compact"):
            for citation in others:
                opened = _show_passage(citation, key) or opened
    return opened


def _show_passage(citation: Citation, key: str, *, numbered: bool = True) -> Citation | None:
    st.html(quoted_html(citation.read_alone))
    return _source_buttons((citation,), key, numbered=numbered)


def _source_buttons(citations: tuple[Citation, ...], key: str, *, numbered: bool = True) -> Citation | None:
    opened = None
    with st.container(horizontal=True, gap="small"):
        for citation in citations:
            number = f"**{citation.n}** · " if numbered else ""
            label = f"{number}{plain_label(citation.place)}"
            # The button cuts a place that is longer.
            whole = f"**{plain_label(citation.place)}**\n\n" if len(citation.place) > _SHORT_PLACE else ""
            if st.button(label, key=f"{key}-source-{citation.n}", help=whole + plain_label(citation.quote)):
                opened = citation
    return opened


def _show_read(answer: Answer) -> None:
    if answer.left_machine:
        where = plain_label(answer.device) or "another machine"
        st.markdown(f":small[:orange[:material/public: The question and these passages were sent to {where}\\.]]")
    show_read(answer)


def _nothing(*_: Any) -> None:
    """The component needs a callback to report a click; the click is read from its result."""
