"""What is done with documents of the library: asked, renamed, collected, downloaded, deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from docmind.errors import DocMindError
from docmind.ingestion.removal import delete
from docmind.ingestion.renaming import rename
from docmind.storage.catalog import Document
from docmind.storage.collections import Collections
from docmind.ui.address import show_new_analysis
from docmind.ui.analysis_form import ANALYSED
from docmind.ui.app_state import AppState
from docmind.ui.confirm import confirm_delete
from docmind.ui.naming import PROBLEM, ask_name, refusal, show_problem
from docmind.ui.navigation import ANALYSE, CHAT
from docmind.ui.scope import SCOPE, collection_choice
from docmind.ui.text import count, file_size, named, plain_label

_LONGEST_NAME, _LONGEST_COLLECTION = 200, 60  # characters
_NEW, _WANTED = "collections-new", "collections-wanted"


def ask_documents(opened: AppState, documents: Sequence[Document]) -> None:
    """Go to a new chat whose scope they are, by the name of the collection where they are one."""
    ids = [document.id for document in documents]
    collections = opened.workspace.catalog.collections
    alike = [name for name, held in collections.all().items() if held == len(ids) > 1]
    same = [name for name in alike if set(collections.documents_of([name])) == set(ids)]
    _ask([collection_choice(same[0])] if same else ids)


def analyse_documents(documents: Sequence[Document]) -> None:
    """Go to a new analysis of them."""
    st.session_state[ANALYSED] = [document.id for document in documents]
    show_new_analysis()
    st.switch_page(ANALYSE)


def ask_collection(name: str) -> None:
    """Go to a new chat whose scope it is, alone."""
    _ask([collection_choice(name)])


def _ask(chosen: list[str]) -> None:
    st.switch_page(CHAT, query_params={SCOPE: chosen})


def rename_document(opened: AppState, document: Document) -> None:
    """Ask for another name."""

    def keep(name: str) -> None:
        rename(opened.workspace, document, name)

    note = "Answers that were given keep the name they were given with."
    ask_name("Rename this document", "Name", document.name, _LONGEST_NAME, keep, note=note)


def collect(opened: AppState, documents: Sequence[Document]) -> None:
    """Ask which collections they are to be in."""
    collections = opened.workspace.catalog.collections
    by_document = collections.by_document()
    ids = [document.id for document in documents]
    shared = sorted(set.intersection(*(set(by_document.get(one, ())) for one in ids)), key=str.casefold)
    some = sorted({name for one in ids for name in by_document.get(one, ())} - set(shared), key=str.casefold)

    known = list(collections.all())
    # What was chosen and typed, and left by Escape, would stand there else.
    st.session_state[_NEW] = ""
    if known:
        st.session_state[_WANTED] = shared
    st.session_state[PROBLEM] = None

    def save() -> None:
        new, wanted = st.session_state[_NEW], st.session_state.get(_WANTED) if known else []
        st.session_state[PROBLEM] = refusal(new, _LONGEST_COLLECTION) if new.strip() else None
        if st.session_state[PROBLEM] is None:
            try:
                set_collections(collections, ids, shared, [*(wanted or ()), new])
            except DocMindError as error:
                st.session_state[PROBLEM] = str(error)

    @st.dialog("Collections")
    def ask() -> None:
        st.write(plain_label(documents[0].name) if len(documents) == 1 else count(len(documents), "document"))
        if known:
            st.pills(
                "In these collections",
                known,
                selection_mode="multi",
                format_func=plain_label,
                key=_WANTED,
            )
        label = "And in a new one" if known else "Name of the collection"
        hint = "Its name" if known else None
        st.text_input(label, placeholder=hint, key=_NEW)
        if some:
            st.caption(f"Some of them are in: {plain_label(', '.join(some))}")
        with st.container(horizontal=True, horizontal_alignment="right"):
            cancelled = st.button("Cancel", key="cancel")
            saved = st.button("Save", type="primary", key="collections-save", on_click=save)
        if not show_problem() and (saved or cancelled):
            if saved:
                st.toast("Saved. The box above the list shows one collection alone.", icon=":material/folder:")
            st.rerun()

    ask()


def set_collections(
    collections: Collections, document_ids: Sequence[str], before: Collection[str], wanted: Collection[str]
) -> None:
    """Put documents into the collections that are wanted, and out of those that they were all in and are not."""
    kept = {collections.add(name, document_ids).casefold() for name in wanted if name.strip()}
    for name in before:
        if name.casefold() not in kept:
            collections.remove(name, document_ids)


def download(opened: AppState, document: Document) -> None:
    """Offer the document as it was added."""

    @st.dialog("Download the original")
    def offer() -> None:
        st.write(plain_label(f"{document.name}, {file_size(document.size)}, as you added it."))
        path = opened.workspace.originals / document.sha256
        if not path.is_file():
            st.warning("Its bytes are not in the library any more. Add the document again.", icon=":material/warning:")
            return
        name = document.name.rsplit("/", 1)[-1]
        icon = ":material/download:"
        # Read when the button is pressed, since the file may be large; a run of the page would take it away from there.
        st.download_button("Download", path.read_bytes, name, type="primary", icon=icon, on_click="ignore")

    offer()


def delete_documents(opened: AppState, documents: Sequence[Document]) -> None:
    """Ask once, then delete them."""
    passages = count(sum(document.chunks for document in documents), "passage")
    if len(documents) == 1:
        title, whose = "Delete this document?", f"{documents[0].name} and its {passages}"
        files = "The file that you added it from is not touched."
    else:
        title, whose = f"Delete {count(len(documents), 'document')}?", f"{_named(documents)} and their {passages}"
        files = "The files that you added them from are not touched."
    confirm_delete(title, f"{whose} are removed from this library. {files}", lambda: _delete(opened, documents))


def _named(documents: Sequence[Document]) -> str:
    return named([document.name for document in documents])


def _delete(opened: AppState, documents: Sequence[Document]) -> None:
    removed = sum(delete(opened.workspace, document) for document in documents)
    was = "was" if len(documents) == 1 else "were"
    st.session_state["notes"] = [
        f"{_named(documents)} {was} deleted: {count(removed, 'passage')} removed, 0 left.",
    ]
