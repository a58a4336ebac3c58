"""What stands around every page in the browser: a way to the question, announcements, words for a closed app."""

from __future__ import annotations

import json
import time
from pathlib import Path

import streamlit as st

from docmind.plain_text import shortened
from docmind.resources import app_folder

_SCRIPT = Path(__file__).with_name("frame.js").read_text(encoding="utf-8")
KEYS = (
    ("?", "shows these keys"),
    ("/", "goes to the question, or in the reader to its search"),
    ("← →", "turn the page in the reader"),
    ("n p", "go to the next and the previous source of the answer in the reader"),
    ("+ - 0", "make the page larger and smaller, and fit its width"),
    ("Esc", "closes the reader"),
)
_SAID = "said"
_LONGEST_SAID = 1_000  # characters; the answer itself is there to be read


def announce(words: str) -> None:
    """Have screen readers say it, from the next time that a page is drawn."""
    st.session_state[_SAID] = {"id": str(time.monotonic_ns()), "text": shortened(words, _LONGEST_SAID)}


def draw_frame() -> None:
    """Put it into the page; what is there already stays as it is."""
    folder = app_folder()
    data = {
        "closed": {
            "title": "DocMind was closed",
            "words": [
                "The app has ended in its terminal. Documents, questions and answers are kept.",
                "Start it again with this command; this page then goes on by itself.",
            ],
            "command": f"cd {folder} && make run" if (folder / "Makefile").is_file() else "docmind",
        },
        "keys": KEYS,
        "said": st.session_state.get(_SAID),
    }
    # Nothing that a document says can end the script.
    script = _SCRIPT.replace("DATA", json.dumps(data).replace("<", "\\u003c"), 1)
    with st.container(key="unseen"):
        st.html(f"<script>\n{script}</script>", unsafe_allow_javascript=True)
