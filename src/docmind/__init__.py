"""DocMind: ask your own documents; local, private, every sentence tied to a place in a page.

The library, in the order in which its parts meet:

    Settings, load_settings      what may be chosen
    Workspace                    one open library
    ingest                       files in, searchable chunks out
    Limits                       which documents are asked: named, in collections, of a type, added when
    Question                     what is asked, of which documents, after what
    ask                          question in, events out
    export_answers               answers as a file that can be checked again
    verify_file                  which quotations of such a file still stand in the documents
    query_engine, QueryEngine    the ask path as a LlamaIndex query engine
    DocMindError                 the root of everything raised on purpose
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docmind.answering.ask import ask
    from docmind.answering.events import Answer
    from docmind.answering.query_engine import QueryEngine, query_engine
    from docmind.answering.question import Question
    from docmind.errors import DocMindError
    from docmind.exporting import export_answers, verify_file
    from docmind.ingestion.ingest import ingest
    from docmind.settings import Settings, load_settings
    from docmind.storage.scope import Limits
    from docmind.workspace import Workspace

__version__ = "0.1.0"

# `import openvino` reports itself to Google Analytics without asking, unless this package of its is missing. It has a
# stub for that case. This stands here because every way into DocMind passes here first.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None is how Python spells 'not there'

# Resolved on first use: `import docmind` must not pay for what a program does not touch.
_HOMES = {
    "Settings": "docmind.settings",
    "load_settings": "docmind.settings",
    "Workspace": "docmind.workspace",
    "Answer": "docmind.answering.events",
    "Limits": "docmind.storage.scope",
    "Question": "docmind.answering.question",
    "QueryEngine": "docmind.answering.query_engine",
    "query_engine": "docmind.answering.query_engine",
    "DocMindError": "docmind.errors",
    "ask": "docmind.answering.ask",
    "export_answers": "docmind.exporting",
    "verify_file": "docmind.exporting",
    "ingest": "docmind.ingestion.ingest",
}

__all__ = [
    "Answer",
    "DocMindError",
    "Limits",
    "QueryEngine",
    "Question",
    "Settings",
    "Workspace",
    "ask",
    "export_answers",
    "ingest",
    "load_settings",
    "query_engine",
    "verify_file",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'docmind' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
