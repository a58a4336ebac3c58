"""How a finished analysis is drawn: statements with marks that open their source, a table where it compares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from docmind.answering.citations import Citation
from docmind.answering.whole.analysis import Analysis, Entry, Part
from docmind.answering.whole.as_answers import as_answers
from docmind.answering.whole.between import DIFFERENCE
from docmind.plain_text import readable
from docmind.ui.app_state import AppState
from docmind.ui.download_view import export_buttons
from docmind.ui.evidence_view import opened_among
from docmind.ui.source_marks import MARKS, MARKS_STYLE, TIP, sources_of
from docmind.ui.table_rows import LAID_OUT, quoted_rows
from docmind.ui.text import count, plain_html, plain_label

_here = Path(__file__)
_statements = st.components.v2.component(
    "docmind_analysis",
    html=f"<section></section>{TIP}",
    css=_here.with_name("analysis.css").read_text(encoding="utf-8") + MARKS_STYLE,
    js=_here.with_name("analysis.js").read_text(encoding="utf-8") + MARKS + LAID_OUT,
)


def show_analysis(opened: AppState, analysis: Analysis, title: str, key: str) -> Citation | None:
    """Draw a finished analysis under a title; returns the citation that the user just opened, if any."""
    st.title(plain_label(title), anchor=False)
    if analysis.question:
        st.caption(plain_label(analysis.question))
    if not analysis.entries:
        st.info(plain_label(analysis.nothing), icon=":material/search_off:")
        _show_read(analysis)
        return None
    tables, lists = _apart(analysis)
    number = None
    for name, parts in (("table", tables), ("list", lists)):
        if parts:
            number = _drawn(analysis, parts, f"{key}-{name}", table=name == "table") or number
    if analysis.left_out:
        st.caption(
            f":orange[:material/warning:] {count(analysis.left_out, 'statement')} that nothing in the documents "
            "supports left out."
        )
    for note in analysis.notes:
        st.caption(plain_label(note))
    _show_read(analysis)
    export_buttons(opened.workspace, lambda: as_answers(analysis, title), "analysis", title, f"{key}-export")
    citation = next((citation for citation in analysis.citations if citation.n == number), None)
    if citation:
        opened_among(analysis.citations)
    return citation


def _apart(analysis: Analysis) -> tuple[list[Part], list[Part]]:
    """The parts that are rows of a table, and those that are lists."""
    names = {document.name for document in analysis.documents}
    rows = [
        part
        for part in analysis.parts
        if analysis.kind in ("comparison", "contradictions") and any(entry.label in names for entry in part.entries)
    ]
    return rows, [part for part in analysis.parts if part not in rows]


def _drawn(analysis: Analysis, parts: list[Part], key: str, *, table: bool) -> int | None:
    columns: list[str] = []
    if table:
        columns = [document.name for document in analysis.documents]
        if any(entry.label == DIFFERENCE for part in parts for entry in part.entries):
            columns.append(DIFFERENCE)
    cited = {number for part in parts for entry in part.entries for number in entry.sentence.citations}
    quoted = {citation.read_alone for citation in analysis.citations}
    data = {
        "columns": [readable(column) for column in columns],
        "parts": [
            {
                "heading": readable(part.heading),
                "statements": [
                    {
                        "label": readable(_label(entry)),
                        "text": readable(entry.sentence.text),
                        **quoted_rows(entry.sentence.text, quoted),
                        "citations": list(entry.sentence.citations),
                    }
                    for entry in part.entries
                ],
            }
            for part in parts
        ],
        "sources": sources_of([each for each in analysis.citations if each.n in cited]),
    }
    result = _statements(data=data, key=key, on_opened_change=_nothing)
    opened: int | None = result.opened
    return opened


def _label(entry: Entry) -> str:
    return f"{entry.label} ({count(entry.count, 'sentence')})" if entry.count > 1 else entry.label


def _show_read(analysis: Analysis) -> None:
    cited = [document for document in analysis.documents if document.tenths_cited]
    parts = [analysis.method]
    if len(cited) == 1 and len(cited[0].tenths_cited) == 10:
        parts.append("cites every tenth of the document")
    if analysis.model:
        parts.append(f"{analysis.prompt_tokens:,} tokens read, {analysis.written_tokens:,} written")
        parts.append(f"{analysis.model} ({', '.join(filter(None, (analysis.engine, analysis.device)))})")
    parts.append(f"{analysis.seconds:.1f} s")
    st.html(f'<p class="dm-read">{plain_html(" · ".join(parts))}</p>')
    if analysis.left_machine:
        st.markdown(":small[:orange[:material/public: Text of these documents was sent to another machine\\.]]")


def _nothing(*_: Any) -> None:
    """The component needs a callback to report a click; the click is read from its result."""
