"""What limits a chat to some documents: those that are chosen, their type, and when they were added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import streamlit as st

from docmind.errors import DocumentNotFoundError
from docmind.storage.catalog import Catalog, Document
from docmind.storage.scope import Limits, documents_within
from docmind.ui.address import (
    ADDED,
    TYPES,
    added_of,
    keep_added,
    keep_scope,
    keep_types,
    scope_of,
    told_scope,
    types_of,
)
from docmind.ui.scope import SCOPE, Scope, awaited_of, documents_of, scope_options
from docmind.ui.text import kind_of, plain_label

_state = st.session_state


def asked_documents(catalog: Catalog, ready: Sequence[Document]) -> Scope | None:
    """Draw the choices.

    Args:
        catalog: Knows the collections.
        ready: The documents that are searchable.

    Returns:
        What is to be asked; None where the choices leave nothing to ask.
    """
    options = scope_options(catalog, ready)
    _state[SCOPE] = scope_of(options)
    chosen = st.multiselect(
        "Ask only these documents",
        options=list(options),
        format_func=lambda choice: options.get(choice, "removed"),
        placeholder="All documents",
        key=SCOPE,
        on_change=keep_scope,
    )
    ids = documents_of(catalog, chosen)
    limits = _type_and_date(ready)
    awaited = awaited_of(catalog, chosen, limits)
    if limits == Limits():
        return Scope(tuple(ids), awaited, told_scope())
    try:
        within = documents_within(catalog, limits) or ()
    except DocumentNotFoundError:
        within = ()
    kept = set(within)
    left = [each for each in ids if each in kept] if ids else list(within)
    if not left:
        of = "of those that you have chosen " if ids else ""
        st.caption(f":orange[:material/warning:] No document {of}has this type and date, so there is nothing to ask.")
        return None
    # What waits may be of another type, so that all of those that are read are not all there will be.
    limited = ids or len(left) < len(ready) or catalog.has("queued", "reading")
    return Scope(tuple(left) if limited else (), awaited, told_scope())


def _type_and_date(ready: Sequence[Document]) -> Limits:
    """Further limits; none where there is nothing to tell apart."""
    if len(ready) < 2:
        return Limits()
    formats = sorted({document.format for document in ready if document.format}, key=kind_of)
    _state[TYPES] = types = types_of(formats)
    _state[ADDED] = added = added_of()
    with st.popover(_label(types, added), icon=":material/filter_list:", type="tertiary", key="type-and-date"):
        st.pills("Type", formats, selection_mode="multi", format_func=kind_of, key=TYPES, on_change=keep_types)
        first = date.fromtimestamp(min(document.added for document in ready))
        st.date_input(
            "Added on these days",
            min_value=min([first, date.today(), *added]),  # clocks are set back
            max_value=max([date.today(), *added]),
            format="YYYY-MM-DD",
            key=ADDED,
            on_change=keep_added,
        )
        if types or added:
            st.button("All types and dates", icon=":material/close:", type="tertiary", on_click=_clear)
    return Limits(
        types=tuple(types) or None,
        added_after=_midnight(added[0]) if added else None,
        added_before=_midnight(added[1] + timedelta(days=1)) if len(added) > 1 else None,
    )


def _midnight(day: date) -> datetime:
    """When a day begins on this machine."""
    return datetime.combine(day, datetime.min.time())


def _label(types: Sequence[str], added: Sequence[date]) -> str:
    """What is chosen, on the button that opens the choices."""
    told = [", ".join(map(kind_of, types))] if types else []
    if len(added) == 1:
        told.append(f"since {_day(added[0])}")
    elif added:
        told.append(" to ".join(map(_day, dict.fromkeys(added))))
    return plain_label(" · ".join(told)) or "Type and date"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _clear() -> None:
    _state[TYPES], _state[ADDED] = [], ()
    keep_types()
    keep_added()
