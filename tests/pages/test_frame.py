"""Promises about what stands around the pages and beneath them."""

from __future__ import annotations

import logging

import pytest
from driving import ask
from starlette.requests import ClientDisconnect
from streamlit.testing.v1 import AppTest

from docmind.ui.serve import is_no_departure


def test_a_window_closed_in_the_middle_leaves_no_traceback_in_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.error")
    log.addFilter(is_no_departure)
    try:
        for error in (ClientDisconnect(), ValueError("a real one")):
            try:
                raise error
            except Exception:
                log.exception("Exception in ASGI application")
    finally:
        log.removeFilter(is_no_departure)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError]


def test_an_answer_is_announced_once_it_is_there(app_with_samples: AppTest) -> None:
    app = app_with_samples.switch_page("pages/chat.py").run()
    ask(app, "How often does the coffee machine need descaling?")
    assert app.session_state["said"]["text"].startswith("Answered: ")
