"""What was read for an answer, in a line; folded beneath it the meter, the speed, the parts and what was left out."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from docmind.answering.about_library import BY_THE_APP
from docmind.answering.events import Answer, LeftOut, Read
from docmind.answering.utilisation import advice, grade
from docmind.ui.text import count, plain_html, plain_label

_HOW = {"dropped": "Not read", "shortened": "Read in part", "summarised": "Told in a line"}
_FILLED = {"A": "Nearly all", "B": "Most", "C": "About half", "D": "Less than half", "E": "Little"}
_WITHOUT_MODEL = "extractive"
_NAMED = 8  # of one kind; the rest is counted


def show_read(answer: Answer) -> None:
    """Draw it."""
    read = answer.read
    if answer.engine == BY_THE_APP:
        st.html('<p class="dm-read">Said by DocMind itself; no document was searched.</p>')
        return
    if not (read.chunks or read.whole):
        why = "No model was asked for this." if answer.found else "No passage came near enough to be read."
        st.html(f'<p class="dm-read">{why}</p>')
        _show_reranked(answer)
        return
    share = 100 * read.prompt_tokens / max(1, read.context_window)
    by = f"{answer.model} ({', '.join(filter(None, (answer.engine, answer.device)))})"
    parts = [*filter(None, [read.tokens_words]), "quoted without a model" if answer.engine == _WITHOUT_MODEL else by]
    if answer.first_token_seconds is not None:
        parts.append(f"first word after {answer.first_token_seconds:.1f} s")
    if answer.tokens_per_second is not None and answer.engine != _WITHOUT_MODEL:  # it only picks sentences
        parts.append(f"{answer.tokens_per_second:.0f} tokens/s")
    meter = f'<span class="dm-meter"><span style="width:{share:.1f}%"></span></span>' if read.context_window else ""
    told = f"Read {count(read.chunks, 'passage')} of {count(read.documents, 'document')}"
    if read.whole:
        told = f"Read {count(read.documents, 'document')} from beginning to end"
    with st.expander(told, type="compact"):
        st.html(f'<p class="dm-read">{meter}{plain_html(" · ".join(parts))}</p>')
        if read.parts and read.utilisation is not None:
            st.caption(plain_label(" ".join(usage_words(read))))
        for line in left_out_lines(read.left_out):
            st.caption(plain_label(line))
        _show_reranked(answer)


def _show_reranked(answer: Answer) -> None:
    if answer.reranked and answer.reranked.words:
        st.caption(plain_label(answer.reranked.words))


def usage_words(read: Read) -> list[str]:
    """The prompt's parts, and how much of the room for a prompt it took, in sentences."""
    if read.parts is None or read.utilisation is None or read.prompt_limit is None:
        return []
    parts = read.parts
    told = (
        f"Tokens: {parts.instructions:,} instructions, {parts.history:,} earlier turns, {parts.passages:,} passages, "
        f"{parts.question:,} question; {parts.answer_reserve:,} kept free for the answer."
    )
    letter = grade(read.utilisation)
    used = (
        f"{_FILLED[letter]} of the room that the model has for a prompt was used: "
        f"{read.utilisation:.0%} of {read.prompt_limit:,} tokens (grade {letter} of A to E)."
    )
    return [told, used, *filter(None, [advice(read.utilisation)])]


def left_out_lines(left_out: tuple[LeftOut, ...]) -> list[str]:
    """What was not read, or not whole, by kind and reason."""
    lines = []
    kind = lambda item: (item.how, item.why)  # noqa: E731 - said twice in the next line otherwise
    for (how, why), group in groupby(sorted(left_out, key=kind), key=kind):
        names = [item.what for item in group]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        lines.append(f"{_HOW[how]}, because {why}: {'; '.join(names[:_NAMED])}{more}.")
    return lines
