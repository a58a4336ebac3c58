"""Copying: an answer with the numbers of its sources and beneath it the sources, or a command."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from docmind.answering.events import Answer
from docmind.answering.export.for_people import marked

# The text reaches the clipboard as text. Where the page came without encryption from another machine, browsers offer
# no clipboard, and the older way by a selected field is left.
_SCRIPT = """
export default function (component) {
  const { data, parentElement } = component;
  const button = parentElement.querySelector("button");
  const label = parentElement.querySelector(".label");
  const said = parentElement.querySelector(".said");
  const say = (words) => { label.textContent = said.textContent = words; };
  button.className = data.framed ? "framed" : "";
  if (!said.textContent) label.textContent = data.label;
  const older = () => {
    const field = document.createElement("textarea");
    field.value = data.text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    button.focus();
    if (!done) throw new Error("not copied");
  };
  button.onclick = async () => {
    try {
      await (navigator.clipboard ? navigator.clipboard.writeText(data.text) : older());
      say("Copied");
    } catch {
      say("Could not copy");
    }
    setTimeout(() => { label.textContent = data.label; said.textContent = ""; }, 2000);
  };
}
"""
_STYLE = """
button { display: flex; align-items: center; gap: .4rem; min-height: 2.25rem; padding: 0 .25rem; border: 0;
  background: none; color: var(--st-text-color); font: 400 1rem var(--st-font); font-size: .875rem; cursor: pointer;
  border-radius: var(--st-button-radius, .4rem); white-space: nowrap; }
button.framed { min-height: 2.5rem; padding: 0 .75rem; border: 1px solid var(--st-border-color);
  background: light-dark(#fff, transparent); }
button:hover { color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.icon { font: 400 1.05rem "Material Symbols Rounded"; line-height: 1; }
"""
_copy = st.components.v2.component(
    "docmind_copy",
    html='<button><span class="icon" aria-hidden="true">content_copy</span>'
    '<span class="label">Copy</span></button><span class="said" role="status"></span>',
    css=_STYLE,
    js=_SCRIPT,
)


def show_copy(answer: Answer, key: str) -> None:
    """Draw the button that copies an answer."""
    copy_button(copied(answer), "Copy", f"{key}-copy")


def copy_button(text: str, label: str, key: str, *, framed: bool = False) -> None:
    """Draw a button of that label that copies a text; framed, it looks like Streamlit's own beside it."""
    _copy(data={"text": text, "label": label, "framed": framed}, key=key, width="content")


def copied(answer: Answer) -> str:
    """What is put into the clipboard."""
    sentences = [marked(asdict(sentence)) for sentence in answer.sentences]
    text = " ".join(filter(None, [answer.correction, *sentences])) if sentences else answer.text
    sources = [f"[{citation.n}] {citation.place}: “{citation.quote}”" for citation in answer.citations]
    heading = ["Sources" if answer.found else "Closest passages, which may not answer this"] if sources else []
    return "\n".join([text, *([""] if sources else []), *heading, *sources])
