"""How an answer is drawn: sentences with marks that open their source, what is not supported, what was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import Answer, Failure
from docmind.plain_text import readable
from docmind.ui.evidence_view import NEXT_BEST
from docmind.ui.read_view import show_read
from docmind.ui.text import count, plain_html, plain_label

_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 - Chinese and Japanese end sentences with these
_CLOSING = "\"'”’)]»*` "
_SHORT_PLACE = 60  # characters that three lines of a narrow column hold in any case
_SHOWN_SOURCES = 4  # more buttons than this would push the conversation away; the rest is folded

# Sentences are written into the page as text nodes, so nothing in them can become markup.
_SCRIPT = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector("p");
  const tip = parentElement.querySelector(".tip");
  // A page that is drawn anew with the same answer leaves it, and with it the mark that has the focus.
  root.tell = setTriggerValue;
  const shown = JSON.stringify(data);
  if (root.shown === shown) return;
  root.shown = shown;
  const hide = () => {
    tip.togglePopover(false);
    window.removeEventListener("scroll", tip.place, { capture: true });
  };
  const show = (mark, sentence, place, quote) => {
    hide();
    tip.querySelector("cite").textContent = place;
    tip.querySelector("q").textContent = quote;
    tip.togglePopover(true);
    // Placed again as the page moves: whoever comes with the Tab key moves it by coming.
    tip.place = () => {
      // Above the sentence, so that both are read together; where no room is, below the mark, and above it at last.
      const at = mark.getBoundingClientRect();
      const { width, height } = tip.getBoundingClientRect();
      const tops = [sentence.getBoundingClientRect().top - height - 6, at.bottom + 6, at.top - height - 6];
      const top = tops.find((each) => each >= 8 && each + height <= window.innerHeight - 8) ?? tops[1];
      tip.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
      tip.style.top = `${top}px`;
    };
    tip.place();
    window.addEventListener("scroll", tip.place, { capture: true, passive: true });
  };
  hide();
  root.replaceChildren();
  for (const sentence of data.sentences) {
    const whole = document.createElement("span");
    whole.className = { "supported": "supported", "partly supported": "partly", "stopped": "stopped" }[sentence.verdict]
      ?? "unsupported";
    if (whole.className === "unsupported") {
      whole.title = "Nothing in the passages that were read supports this sentence.";
    } else if (whole.className === "stopped") {
      whole.title = "You stopped the answer in the middle of this sentence, so it was not checked.";
    }
    for (const [text, reason] of sentence.parts) {
      const span = document.createElement("span");
      span.textContent = text;
      if (reason) {
        span.className = "doubted";
        span.title = reason;
      }
      whole.append(span);
    }
    root.append(whole);
    for (const number of sentence.citations) {
      const mark = document.createElement("button");
      mark.textContent = number;
      const [place, quote] = data.sources[number] ?? ["", ""];
      mark.setAttribute("aria-label", `Source ${number}: ${place}`);
      mark.setAttribute("aria-description", quote);
      mark.onclick = () => root.tell("opened", number);
      mark.onmouseenter = mark.onfocus = () => show(mark, whole, place, quote);
      mark.onmouseleave = mark.onblur = hide;
      mark.onkeydown = (event) => { if (event.key === "Escape") hide(); };
      root.append(mark);
    }
    root.append(" ");
  }
}
"""
_STYLE = """
p { margin: 0; font-family: var(--st-font); font-size: 1rem; line-height: 1.65; color: var(--st-text-color);
  white-space: pre-line; }
.stopped { opacity: .7; }
.unsupported { text-decoration: underline dotted var(--st-orange-text-color, #b26a00) 2px; text-underline-offset: 4px; }
.doubted { text-decoration: underline wavy var(--st-orange-text-color, #b26a00) 1.5px; text-underline-offset: 4px; }
button {
  font: 600 0.72rem var(--st-font); vertical-align: 0.35em; margin-left: 0.25em; padding: 0.05em 0.5em;
  color: var(--st-link-color); background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: 1em; cursor: pointer;
}
button:hover, button:focus-visible { background: var(--st-primary-color); color: #fff; outline: none; }
.tip { position: fixed; inset: auto; margin: 0; max-width: min(28rem, calc(100vw - 3rem)); padding: .6rem .8rem;
  font: .88rem/1.5 var(--st-font); color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: .5rem; box-shadow: 0 4px 16px rgba(0, 0, 0, .18); }
.tip cite { display: block; font-style: normal; opacity: .8; margin-bottom: .15rem; }
.tip q { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 8; overflow: hidden;
  overflow-wrap: anywhere; }
"""
_HTML = '<p></p><div class="tip" popover="manual" aria-hidden="true"><cite></cite><q></q></div>'
_sentences = st.components.v2.component("docmind_answer", html=_HTML, css=_STYLE, js=_SCRIPT)


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
    data = {
        "sentences": [
            {
                "parts": [[readable(text), reason] for text, reason in item.parts]
                if item is not broken_off
                else [[readable(item.text), ""]],
                "verdict": item.verdict if item is not broken_off else "stopped",
                "citations": list(item.citations),
            }
            for item in answer.sentences
        ],
        "sources": {citation.n: [readable(citation.place), readable(citation.quote)] for citation in answer.citations},
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
        with st.expander("What the model wrote, which the documents do not support", type="compact"):
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
    st.html(f'<p class="dm-quote">{plain_html(citation.read_alone)}</p>')
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
