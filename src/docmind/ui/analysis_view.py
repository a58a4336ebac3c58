"""How a finished analysis is drawn: statements with marks that open their source, a table where it compares."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from docmind.answering.citations import Citation
from docmind.answering.export.files import FORMS, Form
from docmind.answering.whole.analysis import Analysis, Entry, Part
from docmind.answering.whole.as_answers import as_answers
from docmind.answering.whole.between import DIFFERENCE
from docmind.exporting import export_record
from docmind.ui.app_state import AppState
from docmind.ui.download_view import file_name
from docmind.ui.evidence_view import opened_among
from docmind.ui.table_rows import LAID_OUT, quoted_rows
from docmind.ui.text import count, plain_html, plain_label
from docmind.workspace import Workspace

# Statements are written into the page as text nodes, so nothing in them can become markup.
_SCRIPT = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector("section");
  root.replaceChildren();
  const marks = (statement, holder) => {
    const text = document.createElement("span");
    if (statement.rows.length) text.append(statement.before, ...laidOut(statement.rows));
    else text.textContent = statement.text;
    holder.append(text);
    for (const number of statement.citations) {
      const mark = document.createElement("button");
      mark.textContent = number;
      mark.title = data.places[number] ?? "";
      mark.setAttribute("aria-label", `Source ${number}: ${mark.title}`);
      mark.onclick = () => setTriggerValue("opened", number);
      holder.append(mark);
    }
  };
  if (data.columns.length) {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const title of ["", ...data.columns]) {
      const cell = document.createElement("th");
      cell.textContent = title;
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    for (const part of data.parts) {
      const row = body.insertRow();
      const topic = document.createElement("th");
      topic.textContent = part.heading;
      topic.scope = "row";
      row.append(topic);
      for (const column of data.columns) {
        const cell = row.insertCell();
        const inside = part.statements.filter((statement) => statement.label === column);
        if (!inside.length) cell.textContent = "–";
        for (const statement of inside) {
          const line = document.createElement("p");
          marks(statement, line);
          cell.append(line);
        }
      }
    }
    const frame = document.createElement("div");
    frame.className = "frame";
    frame.append(table);
    root.append(frame);
    return;
  }
  for (const part of data.parts) {
    if (part.heading) {
      const heading = document.createElement("h3");
      heading.textContent = part.heading;
      root.append(heading);
    }
    const list = document.createElement("ul");
    for (const statement of part.statements) {
      const item = document.createElement("li");
      if (statement.label) {
        const label = document.createElement("b");
        label.textContent = statement.label;
        item.append(label, " ");
      }
      marks(statement, item);
      list.append(item);
    }
    root.append(list);
  }
}
"""
_STYLE = """
section { font-family: var(--st-font); font-size: 1rem; line-height: 1.6; color: var(--st-text-color); }
h3 { margin: 1rem 0 .3rem; font-size: 1rem; font-weight: 600; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.2rem; }
li { margin: .35rem 0; overflow-wrap: anywhere; }
li b { font-weight: 600; margin-right: .2em; }
.frame { overflow-x: auto; }
span table { width: auto; }
.above { display: block; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { border-bottom: 1px solid var(--st-border-color); padding: .5rem .7rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; min-width: 9rem; }
th { font-weight: 600; }
td p { margin: 0 0 .3rem; }
button {
  font: 600 0.72rem var(--st-font); vertical-align: 0.25em; margin-left: 0.3em; padding: 0.05em 0.5em;
  color: var(--st-link-color); background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: 1em; cursor: pointer;
}
button:hover, button:focus-visible { background: var(--st-primary-color); color: #fff; outline: none; }
"""
_statements = st.components.v2.component(
    "docmind_analysis", html="<section></section>", css=_STYLE, js=_SCRIPT + LAID_OUT
)


def show_analysis(opened: AppState, analysis: Analysis, key: str) -> Citation | None:
    """Draw a finished analysis; returns the citation that the user just opened, if any."""
    st.header(plain_label(analysis.title), anchor=False)
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
    _downloads(opened.workspace, analysis, key)
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
    quoted = {citation.read_alone for citation in analysis.citations}
    data = {
        "columns": columns,
        "parts": [
            {
                "heading": part.heading,
                "statements": [
                    {
                        "label": _label(entry),
                        "text": entry.sentence.text,
                        **quoted_rows(entry.sentence.text, quoted),
                        "citations": list(entry.sentence.citations),
                    }
                    for entry in part.entries
                ],
            }
            for part in parts
        ],
        "places": {citation.n: citation.place for citation in analysis.citations},
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


def _downloads(workspace: Workspace, analysis: Analysis, key: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for suffix, form in FORMS.items():
            st.download_button(
                form.title,
                # Made when it is asked for: the quotations are looked for in the documents, which takes a moment.
                partial(_exported, workspace, analysis, form),
                file_name=file_name(analysis.title) + suffix,
                mime=form.media_type,
                key=f"{key}-download{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )


def _exported(workspace: Workspace, analysis: Analysis, form: Form) -> bytes:
    return form.write(export_record(workspace, as_answers(analysis), kind="analysis", title=analysis.title))


def _nothing(*_: Any) -> None:
    """The component needs a callback to report a click; the click is read from its result."""
