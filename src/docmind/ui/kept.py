"""Kept documents: what the user has pinned for the chat that is shown, to be read for each further question."""

from __future__ import annotations

import streamlit as st

_KEY = "kept"


def kept_documents() -> tuple[str, ...]:
    """Ids of the documents that are kept."""
    return tuple(sorted(st.session_state.get(_KEY, ())))


def forget_kept() -> None:
    """Keep none, because another chat is shown."""
    st.session_state.pop(_KEY, None)


def keep_toggle(document_id: str) -> None:
    """Draw the switch that keeps a document, or lets it go."""
    st.toggle(
        "Keep",
        document_id in kept_documents(),
        key=f"keep-{document_id}",
        on_change=_switch,
        args=(document_id,),
        help="Read what this document says nearest to each further question of this chat, before anything else.",
    )


def _switch(document_id: str) -> None:
    st.session_state[_KEY] = set(kept_documents()) ^ {document_id}
