"""A calm note at answers whose documents were changed or deleted since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from docmind.answering.citations import Citation
from docmind.errors import DocumentNotFoundError
from docmind.storage.catalog import Catalog, Document
from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.asking_anew import ask_anew_button, note


def outdated(citations: Sequence[Citation], catalog: Catalog) -> list[str]:
    """What became of the cited documents that are not as they were, in words."""
    gone = {item.document_id: item for item in citations if not _is_here(item.document_id, catalog)}
    if not gone:
        return []
    ready = {document.name: document for document in catalog.documents("ready")}
    return [
        _became(item, ready.get(item.document))
        for item in gone.values()
        # Deleted and added again with the same bytes, it is as it was.
        if not (item.document in ready and ready[item.document].sha256 == item.document_sha256)
    ]


def show_outdated(opened: AppState, chat: Chat, number: int, question: str, citations: Sequence[Citation]) -> None:
    """Say which documents of an answer are not as they were, and offer to ask again.

    Args:
        opened: The app, as it is open.
        chat: The chat that is shown.
        number: Which of its messages the answer is.
        question: What was asked, so that it stands alone.
        citations: The sources of the answer.
    """
    became = outdated(citations, opened.workspace.catalog)
    if not became:
        return
    with note("history", f"This answer relied on {', and on '.join(became)}."):
        label, key = "Ask again with today’s documents", f"{chat.id}-{number}-outdated"
        ask_anew_button(opened, chat, number, question, label=label, key=key)


def _is_here(document_id: str, catalog: Catalog) -> bool:
    try:
        return catalog.document(document_id).state == "ready"
    except DocumentNotFoundError:
        return False


def _became(citation: Citation, now: Document | None) -> str:
    if now is None:
        return f"{citation.document}, which was deleted since"
    changed = datetime.fromtimestamp(now.added).astimezone()
    return f"{citation.document}, which was replaced on {changed.day} {changed:%B %Y}"
