"""An answer out of the cache says so in the chat, and can be asked for anew; the Documents page counts and clears."""

from __future__ import annotations

import pytest
from driving import ask, labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering.remembering import kept_answers
from docmind.ui.app_state import app_state

QUESTION = "What is the rent a month payable in advance?"


@pytest.fixture
def chat(app_with_samples: AppTest) -> AppTest:
    """The chat over the samples, everything open."""
    wait_until(app_state().warm.is_set)
    return app_with_samples.switch_page("pages/chat.py").run()


def test_a_kept_answer_says_so_and_is_made_anew_on_demand(chat: AppTest) -> None:
    ask(chat, QUESTION)
    assert "From cache" not in words(chat)
    ask(chat, QUESTION.upper())
    assert words(chat).count("From cache") == 1
    press(chat, "Ask again without it")
    wait_until(lambda: not app_state().answers)
    chat.run()
    assert words(chat).count("From cache") == 1
    assert kept_answers(app_state().workspace).statistics().hits == 1
    chat.switch_page("pages/documents.py").run()
    assert [expander.label for expander in chat.expander] == ["Kept answers: 1"]
    press(chat, "Delete kept answers")
    assert kept_answers(app_state().workspace).statistics().entries == 0
    assert "Delete kept answers" in labels(chat)
