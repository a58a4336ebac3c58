"""Words that the documents do not bear out are marked in the answer, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from docmind.answering.citations import align
from docmind.answering.events import Answer, Read
from docmind.answering.evidence import gather
from docmind.answering.stored import to_stored
from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.workspace import Workspace

pytestmark = pytest.mark.browser

QUESTION = "When must a fault be repaired?"
WRITTEN = (
    "The landlord may repair an urgent fault within 24 hours. The lease <b>never</b> ends on a Sunday in Paris. "
    "The landlord must repair an urgent fault within 24 hours."
)


def test_doubted_words_are_underlined_and_say_why(
    start_app: Callable[..., Any], page: Page, settings: Settings, tmp_path: Path, picture: Callable[[str], Path]
) -> None:
    source = tmp_path / "lease.txt"
    source.write_text("The landlord must repair an urgent fault within 24 hours.\n", encoding="utf-8")
    with Workspace(settings) as workspace:
        list(ingest(workspace, [source]))
        document = workspace.catalog.documents("ready")[0]
        evidence = gather(QUESTION, workspace.store.chunks_of(document.id), workspace.embedder)
        sentences, citations = align(QUESTION, WRITTEN, evidence, workspace.embedder, settings.support_threshold)
        answer = Answer(
            QUESTION, WRITTEN, True, False, None, sentences, citations, Read(1, 1, 9, 99), 0.1, 0.2, 0.3, 9.0, "e", "m"
        )
        chat = workspace.catalog.chats.new(QUESTION)
        workspace.catalog.chats.add(chat.id, Message("user", {"text": QUESTION, "scope": [], "thinking": False}))
        workspace.catalog.chats.add(chat.id, Message("assistant", to_stored(answer)))
    app = start_app()
    page.goto(app.url)
    page.get_by_role("button", name=QUESTION, exact=True).click()
    shown = page.get_by_test_id("stChatMessage").last
    expect(shown.locator(".doubted")).to_have_text("may")
    assert shown.locator(".doubted").get_attribute("title") == "the source says “must”"
    expect(shown.locator(".unsupported")).to_contain_text("<b>never</b>")
    expect(shown.locator(".supported")).to_have_text("The landlord must repair an urgent fault within 24 hours.")
    expect(shown.get_by_text("“may”: the source says “must”")).to_be_visible()
    assert shown.locator("p b").count() == 0
    picture("11-verdicts")
