"""Exports as a page to be printed, or saved as PDF by the browser, which has the letters of every script.

It is for people alone: `docmind verify` reads the other forms.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from docmind.answering.export.for_people import body, source, sources_heading, titled_by_question, written_by
from docmind.answering.export.record import Record
from docmind.plain_text import readable

_HEAD = (
    '<!doctype html><html><head><meta charset="utf-8">'
    # It holds words of documents: nothing in it may run or be fetched, even if it were markup.
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<title>{title}</title><style>"
    "@page {{ margin: 20mm 18mm; }} body {{ font: 11pt/1.55 system-ui, sans-serif; color: #1d2023; }}"
    "h1 {{ font-size: 17pt; line-height: 1.3; }} h2 {{ font-size: 13pt; margin: 1.6em 0 .5em; }}"
    "h1, h2, h3 {{ break-after: avoid; }} h3 {{ font-size: 10pt; margin: 1.2em 0 .3em; color: #1f5f5b; }}"
    "p {{ margin: .4em 0; white-space: pre-line; }} li {{ margin: .3em 0; break-inside: avoid; }}"
    "ul {{ list-style: none; padding: 0; font-size: 10pt; }}"
    "footer {{ font-size: 9pt; color: #5a6067; margin-top: 1em; }}"
    "h1, h2, p, li {{ overflow-wrap: anywhere; }}"
    "</style></head><body>"
)


def to_page(record: Record) -> str:
    """A record as an HTML page that needs nothing else."""
    return "".join(_parts(record))


def _parts(record: Record) -> Iterator[str]:
    title = record["title"]
    yield _HEAD.format(title=_plain(title))
    yield f'<h1 dir="auto">{_plain(title)}</h1>'
    for answer in record["answers"]:
        if not titled_by_question(record):
            yield f'<h2 dir="auto">{_plain(answer["question"])}</h2>'
        for item, words in body(record, answer):
            yield f'<p dir="auto">{"• " if item else ""}{_plain(words)}</p>'
        if answer["citations"]:
            listed = "".join(f'<li dir="auto">{_plain(source(citation))}</li>' for citation in answer["citations"])
            yield f"<h3>{sources_heading(answer)}</h3><ul>{listed}</ul>"
        yield f"<footer>{_plain(written_by(answer))}</footer>"
    yield "</body></html>"


def _plain(text: str) -> str:
    """Text in which HTML finds no mark."""
    return html.escape(readable(text))
