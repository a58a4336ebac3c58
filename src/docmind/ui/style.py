"""The few styles that Streamlit's theme cannot express, and the logo. Colours are tints that suit light and dark."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

# A file, not one of Streamlit's named icons: the browser would fetch those from another machine for the tab's icon.
LOGO = str(Path(__file__).with_name("logo.svg"))

_STYLE = """
<style>
:is(.st-key-unseen, .st-key-unseen-work) { display: none; }
/* Streamlit's focus is a faint shadow, and none at all in places. */
:is(a, button, summary, input:not([role="combobox"]), [role="radio"],
  [tabindex="0"]:not([data-testid="stMain"])):focus-visible {
  outline: 2px solid light-dark(#1f5f5b, #7cc4bc); outline-offset: 1px; }
/* Dialogues are not told whether the theme is a dark one; this is seen on both. */
[role="dialog"] :is(a, button, input, [tabindex="0"]):focus-visible { outline-color: #35827c; }
[role="dialog"] h2 { font-family: "Iowan Old Style", Charter, "Source Serif 4", Georgia, "Noto Serif", "DejaVu Serif",
  serif; }
.dm-skip { position: fixed; top: .5rem; left: .5rem; z-index: 1000002; padding: .5rem 1rem; border-radius: .5rem;
  background: #1f5f5b; color: #fff; transform: translateY(-4rem); }
.dm-skip:focus { transform: none; }
body:not(:has([data-testid="stChatInputTextArea"])) .dm-skip { display: none; }
[role="dialog"] [data-testid="InputInstructions"] { display: none; } /* 'Press Enter', next to a button that saves */
dl.dm-places { padding: 0; } /* in line with all else on the page */
.dm-places { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.2rem; margin: 0; }
.dm-places dt { font-weight: 600; }
.dm-places dd { margin: 0; overflow-wrap: anywhere; }
.dm-places kbd { padding: .05rem .4rem; border: 1px solid rgba(128, 128, 128, .5); border-radius: .3rem; font: inherit;
  font-weight: 400; }
.dm-keys { max-width: 34rem; padding: 1.5rem; border: 1px solid rgba(128, 128, 128, .35); border-radius: .8rem;
  color-scheme: light dark; font-family: Inter, "Segoe UI", system-ui, "Noto Sans", "DejaVu Sans", sans-serif;
  color: light-dark(#24272b, #e8e4da); background: light-dark(#fcfbf8, #1a1c1e); }
.dm-keys::backdrop { background: rgba(0, 0, 0, .35); }
.dm-keys h2 { margin: 0 0 1rem; font-size: 1.25rem; }
.dm-keys button { margin-top: 1.2rem; padding: .4rem 1rem; border-radius: .5rem; font: inherit; cursor: pointer;
  color: inherit; background: none; border: 1px solid rgba(128, 128, 128, .5); }
[data-testid="stElementContainer"]:has(> .stHtml > .dm-heard) { position: absolute; }
.dm-live, .dm-heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
/* Streamlit's captions do not reach 4.5:1; these do. Made of the colour of the text around them, since dialogues lie
   outside of what is told whether the theme is a dark one. */
[data-testid="stCaptionContainer"] { color: color-mix(in srgb, currentColor 74%, transparent); opacity: 1; }
[data-testid="stExpander"] summary { opacity: .85; }
[data-testid="stMainBlockContainer"] { padding-top: 3.5rem; max-width: 92rem; }
[data-testid="stColumn"]:has(.st-key-evidence) { position: sticky; top: 3.5rem; align-self: flex-start; }
.st-key-evidence { max-height: calc(100vh - 16rem); overflow-y: auto; --dm-reader-height: calc(100vh - 21.9rem); }
:is(.st-key-evidence, .st-key-reader) [data-stale="true"] { opacity: 1; }
.st-key-evidence-head { flex-wrap: nowrap; }
[data-testid="stColumn"]:has(.dm-closed) { display: none; }
[data-testid="stColumn"]:has(+ [data-testid="stColumn"] .dm-closed) { flex: 1 1 100%; }
/* A title next to the evidence has a third of the page. */
[data-testid="stColumn"]:has(+ [data-testid="stColumn"] .st-key-evidence) h1 {
  font-size: 1.5rem; padding-block: .5rem; }
.dm-name { margin: 0; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; overflow: hidden;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
/* Over what follows, so that nothing moves from under the pointer when it is folded again. */
.st-key-evidence-head .stHtml:has(.dm-name) { position: relative; min-height: 2.5rem; align-content: center; }
.dm-name:focus { -webkit-line-clamp: none; position: absolute; inset: 0 -.5rem auto; padding: .1rem .5rem .5rem;
  z-index: 2; background: light-dark(#fcfbf8, #1a1c1e); border-radius: .5rem; box-shadow: 0 4px 16px rgba(0, 0, 0, .18);
  outline: none; }
.st-key-reader { --dm-reader-height: calc(100dvh - 14rem); }
[data-testid="stMainBlockContainer"]:has(.st-key-evidence) { padding-left: 2rem; padding-right: 2rem; }
[data-testid="stTooltipContent"] { max-width: 24rem; }
.stChatMessage .stButton button p { white-space: normal; overflow-wrap: anywhere; text-align: left; overflow: hidden;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; }
/* What the page showed before is no longer beneath the answer that is awaited. */
[data-testid="stVerticalBlock"] > :has(.stChatMessage :is(.dm-waiting, .dm-caret)) ~ [data-stale="true"],
[data-testid="stVerticalBlock"] > :has(.stChatMessage :is(.dm-waiting, .dm-caret)) ~ :has([data-stale="true"]) {
  display: none; }
.stChatMessage:has(> [aria-label$="user"]) { background: light-dark(#f2efe8, #25282b); }
@media (min-width: 1024px) and (max-width: 1279.98px) {
  [data-testid="stColumn"]:has(+ [data-testid="stColumn"] .st-key-evidence) .stChatMessage { padding: .25rem;
    > [data-testid^="stChatMessageAvatar"] { display: none; } }
}
@media (max-width: 640px) {
  .stChatMessage { padding-inline: .5rem; }
  .stChatMessage > [data-testid^="stChatMessageAvatar"] { display: none; }
}
[data-testid="stSidebar"] [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; }
[data-testid="stSidebar"] [data-testid="stColumn"] { min-width: 0; }
[class*="st-key-document-"] { border-bottom: 1px solid rgba(128, 128, 128, .22); padding: .55rem 0; }
[class*="st-key-document-"] .stCheckbox { padding-top: .2rem; }
[class*="st-key-document-"] :is([class*="st-key-ask-"], [class*="st-key-menu-"]) button {
  min-height: 1.8rem; min-width: 1.8rem; padding: .1rem .3rem; }
/* Streamlit darkens the accent of a button whose popover or menu is open, beyond reading in the dark. */
:is([data-testid="stPopoverButton"], [data-testid="stMenuButtonButton"])[aria-expanded="true"] { color: inherit; }
/* Heard only: what the button of one row does it to, and the words of a menu that shows its icon. */
.stButton button em, [class*="st-key-document-"] .stMenuButton [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
[class*="st-key-document-"] .stMenuButton button div[aria-hidden="true"] { display: none; }
[class*="st-key-document-"] [class*="st-key-open-"] button { min-height: 0; padding: .1rem 0; text-align: left;
  overflow-wrap: anywhere; }
@media (max-width: 640px) {
  :is(.st-key-library-tools, .st-key-library-head) > :first-child { flex: 1 1 100%; }
  [class*="st-key-document-"] { flex-wrap: wrap; }
  [class*="st-key-document-"] > [data-testid="stLayoutWrapper"] { flex-basis: calc(100% - 3rem); }
}
.dm-document p { margin: 0; font-size: .88rem; opacity: .75; overflow-wrap: anywhere; }
.dm-document .dm-first-words { opacity: .95; margin-top: .15rem; }
.dm-document .dm-warning { opacity: 1; margin-top: .15rem; }
.dm-document .dm-tags { display: flex; flex-wrap: wrap; gap: .3rem; margin-top: .3rem; opacity: 1; }
.dm-tags span { padding: .05rem .5rem; border-radius: 1rem; background: rgba(53, 130, 124, .14); font-size: .82rem; }
.dm-answer { font-size: 1rem; line-height: 1.65; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.dm-waiting { opacity: .75; margin: 0; animation: dm-breathe 1.6s ease-in-out infinite; }
.dm-preview { margin: 0 0 .3rem; padding: .5rem .9rem; border-left: 3px solid #35827c; border-radius: .2rem;
  background: rgba(53, 130, 124, .1); overflow-wrap: anywhere; }
.dm-preview figcaption, .dm-preview cite { display: block; font-size: .82rem; font-style: normal; opacity: .8; }
.dm-preview blockquote { margin: .15rem 0; padding: 0; border: 0; color: inherit; opacity: 1; line-height: 1.65;
  white-space: pre-wrap; }
.dm-caret { display: inline-block; width: .5em; height: 1em; margin-left: .1em; vertical-align: text-bottom;
  background: currentColor; opacity: .6; animation: dm-breathe 1s steps(2) infinite; }
.dm-thoughts { font-size: .92rem; line-height: 1.6; opacity: .85; white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 20rem; overflow-y: auto; }
.dm-read { font-size: .82rem; opacity: .8; margin: .2rem 0 0; }
.dm-meter { display: inline-block; width: 5rem; height: .45rem; margin-right: .6rem; border-radius: 1rem;
  background: rgba(128, 128, 128, .28); overflow: hidden; vertical-align: middle; }
.dm-meter span { display: block; height: 100%; min-width: 3px; background: #35827c; }
.stButtonGroup button[data-selected="true"][aria-checked="true"], [data-testid="stSliderThumbValue"] { color: inherit; }
.dm-chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; }
.dm-chips span { padding: .15rem .6rem; border: 1px solid rgba(128, 128, 128, .35); border-radius: 1rem;
  font-size: .88rem; overflow-wrap: anywhere; }
.dm-model { margin: 0; overflow-wrap: anywhere; }
.dm-model b { display: block; }
.dm-label { margin: 0; font-size: .875rem; } /* as Streamlit's labels, among which these stand */
.dm-fact { margin: .35rem 0 0; padding: .45rem .8rem; border-radius: .5rem; background: rgba(128, 128, 128, .12);
  overflow-wrap: anywhere; }
.dm-model span { display: block; opacity: .75; font-size: .88rem; }
.dm-memory { position: relative; height: .8rem; margin: .2rem 0; }
.dm-memory > div { display: flex; height: 100%; border-radius: .4rem; overflow: hidden;
  background: rgba(128, 128, 128, .2); }
.dm-memory > b { position: absolute; top: -.2rem; bottom: -.2rem; width: 2px; background: currentColor; }
.dm-legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0; font-size: .82rem; opacity: .85; }
.dm-legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; border-radius: .2rem;
  vertical-align: -.1rem; }
.dm-legend i.dm-limit { width: 2px; border-radius: 0; background: currentColor; }
.dm-weights { background: #35827c; }
.dm-cache { background: #d29a3a; }
.dm-overhead { background: #8a8f98; }
.dm-quote { border-left: 3px solid rgba(128, 128, 128, .5); padding-left: .8rem; margin: 0; white-space: pre-wrap; }
.dm-quote p { margin: 0; }
.dm-quote :is(th, td) { padding: .25em .9em .25em 0; text-align: left; vertical-align: top; overflow-wrap: anywhere;
  white-space: normal; border: 0; border-bottom: 1px solid rgba(128, 128, 128, .35); }
.dm-passage { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.6; max-height: 70vh; overflow-y: auto; }
.dm-passage mark { background: light-dark(rgba(255, 205, 40, .45), rgba(255, 205, 40, .25)); color: inherit;
  padding: .1em 0; border-radius: .2em; }
.st-key-naming-buttons { flex-direction: row-reverse; justify-content: flex-start; }
.st-key-confirm-delete button { background: #b3261e; border-color: #b3261e; }
.st-key-confirm-delete button:hover { background: #8c1d18; border-color: #8c1d18; }
[data-testid="stChatInputTextArea"]::placeholder { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.st-key-suggested button, .st-key-recent button { text-align: left; }
.st-key-recent button p { overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.st-key-queue-name [data-testid="stCaptionContainer"] p { overflow: hidden; overflow-wrap: anywhere;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
[data-testid="stLayoutWrapper"]:has(> .st-key-queue-line) { display: none; }
/* Where the sidebar is folded, in the band above the page, next to the button that opens it. */
@media (max-width: 768px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-queue-line) { display: grid; position: fixed; inset: 0 1rem auto 7.5rem;
    width: auto; height: 3.75rem; align-content: center; z-index: 999990; pointer-events: none; }
  .st-key-queue-line [data-testid="stCaptionContainer"] { margin: 0; }
  .st-key-queue-line p { text-align: right; line-height: 1.3; }
}
.st-key-above-question { row-gap: .3rem; }
.st-key-library-head { column-gap: .8rem; }
[class*="st-key-listed-"] button { min-height: 36px; height: 36px; padding: 0 .6rem; }
[class*="st-key-listed-"] .stButton button > div { width: 100%; justify-content: flex-start; }
[class*="st-key-listed-"] .stMenuButton button { width: 36px; opacity: .7; }
[class*="st-key-listed-"] .stMenuButton button:is(:hover, :focus-visible, [aria-expanded="true"]) { opacity: 1; }
[class*="st-key-listed-"] .stMenuButton [data-testid="stMarkdownContainer"] { position: absolute; width: 1px;
  height: 1px; overflow: hidden; clip-path: inset(50%); }
[class*="st-key-listed-"] .stMenuButton button div[aria-hidden="true"] { display: none; }
/* On a phone or a tablet the evidence lies over the page. The colours are the theme's backgrounds. */
@media (max-width: 1023.98px) {
  [data-testid="stColumn"]:has(.st-key-evidence) { position: fixed; inset: 0; z-index: 1000001; width: 100vw;
    max-width: none; background: light-dark(#fcfbf8, #1a1c1e); }
  [data-testid="stColumn"]:has(+ [data-testid="stColumn"] .st-key-evidence) { flex: 1 1 100%; width: 100%; }
  .st-key-evidence { min-height: 100dvh; max-height: 100dvh; border: 0; border-radius: 0;
    --dm-reader-height: calc(100dvh - 6.4rem); }
  .dm-passage { max-height: none; }
}
@keyframes dm-breathe { 50% { opacity: .35; } }
@media (prefers-reduced-motion: reduce) { .dm-waiting, .dm-caret { animation: none; } }
</style>
"""


def apply_style() -> None:
    """Put the styles into the page."""
    st.html(_STYLE)
    st.logo(LOGO, size="large")
