"""Answers, passages, documents and models as JSON values: what `--json` prints, and whatever else speaks JSON.

Sizes are in bytes, times in seconds, windows in tokens. Names only ever join these forms; none is renamed or dropped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docmind.answering.utilisation import advice, grade
from docmind.records import TABLE, Locator

if TYPE_CHECKING:
    # For annotations only: these modules cost seconds to import.
    from llama_index.core.schema import NodeWithScore

    from docmind.answering.citations import AnswerSentence, Citation
    from docmind.answering.events import Answer
    from docmind.answering.whole.analysis import Analysis
    from docmind.models import Row
    from docmind.settings import Settings
    from docmind.storage.catalog import Document
    from docmind.storage.folders import Folder


def answer_values(answer: Answer) -> dict[str, Any]:
    """An answer as JSON values."""
    return {
        "question": answer.question,
        "asked_as": answer.asked_as,
        "answer": answer.text,
        "found": answer.found,
        "asked_of": list(answer.asked_of),
        "by_document": answer.by_document,
        "nothing_in": list(answer.nothing_in),
        "not_asked": list(answer.not_asked),
        "closest": [_citation_values(citation) for citation in answer.closest],
        "draft": answer.draft,
        "sentences": [_sentence_values(sentence) for sentence in answer.sentences],
        "citations": [_citation_values(citation) for citation in answer.citations],
        "correction": answer.correction or None,
        "looked_first": list(answer.looked_first),
        "reranked": dataclasses.asdict(answer.reranked) if answer.reranked else None,
        "alternative": _citation_values(answer.alternative) if answer.alternative else None,
        "preview": _citation_values(answer.preview) if answer.preview else None,
        "read": {**dataclasses.asdict(answer.read), **_utilisation(answer.read.utilisation)},
        "seconds": {
            "retrieve": answer.retrieve_seconds,
            "preview": answer.preview_seconds,
            "first_token": answer.first_token_seconds,
            "total": answer.total_seconds,
        },
        "tokens_per_second": answer.tokens_per_second,
        "thoughts": answer.thoughts or None,
        "thinking_seconds": answer.thinking_seconds,
        "engine": answer.engine,
        "model": answer.model,
        "device": answer.device,
        "left_machine": answer.left_machine,
        "from_cache": dataclasses.asdict(answer.from_cache) if answer.from_cache else None,
    }


def _utilisation(share: float | None) -> dict[str, float | str | None]:
    """How much of the room for a prompt was used, 0 to 1, with its grade and advice; null where no model was asked."""
    if share is None:
        return {"utilisation": None, "grade": None, "advice": None}
    return {"utilisation": share, "grade": grade(share), "advice": advice(share) or None}


def analysis_values(analysis: Analysis) -> dict[str, Any]:
    """An analysis as JSON values."""
    return {
        "kind": analysis.kind,
        "length": analysis.length,
        "question": analysis.question or None,
        "documents": [dataclasses.asdict(document) for document in analysis.documents],
        "parts": [
            {
                "heading": part.heading,
                "statements": [
                    {"label": entry.label, "count": entry.count, **_sentence_values(entry.sentence)}
                    for entry in part.entries
                ],
            }
            for part in analysis.parts
        ],
        "citations": [_citation_values(citation) for citation in analysis.citations],
        "left_out": analysis.left_out,
        "notes": list(analysis.notes),
        "method": analysis.method,
        "verbatim": analysis.verbatim,
        "prompt_tokens": analysis.prompt_tokens,
        "written_tokens": analysis.written_tokens,
        "seconds": {"estimated": analysis.estimated_seconds, "total": analysis.seconds},
        "engine": analysis.engine,
        "model": analysis.model,
        "device": analysis.device,
        "left_machine": analysis.left_machine,
        "made": analysis.made,
    }


def _sentence_values(sentence: AnswerSentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "supported": sentence.supported,
        "score": sentence.score,
        "citations": list(sentence.citations),
        "verdict": sentence.verdict,
        "doubts": [
            {"start": d.start, "end": d.end, "text": sentence.text[d.start : d.end], "reason": d.reason}
            for d in sentence.doubts
        ],
    }


def _citation_values(citation: Citation) -> dict[str, Any]:
    return {**dataclasses.asdict(citation), "page": citation.locator.page, "locator": citation.locator.values()}


def passage_values(rank: int, found: NodeWithScore) -> dict[str, Any]:
    """A passage that was found; `rank` 1 is the best."""
    node = found.node
    return {
        "rank": rank,
        "score": round(float(found.score or 0.0), 6),
        "document": node.metadata["document"],
        "document_id": node.ref_doc_id,
        "page": node.metadata["page"],
        "locator": Locator.from_values(node.metadata).values(),
        "heading": node.metadata["heading"] or None,
        "table_head": node.metadata.get(TABLE) or None,
        "text": node.get_content(),
    }


def document_values(document: Document, collections: Sequence[str] = ()) -> dict[str, Any]:
    """One document, and the collections that it is in, as JSON values."""
    return {
        "document_id": document.id,
        "document": document.name,
        "status": document.state,
        "title": document.title,
        "format": document.format,
        "pages": document.pages,
        "chunks": document.chunks,
        "size": document.size,
        "added": document.added,
        "seconds": document.seconds,
        "error": document.error,
        "warnings": list(document.warnings),
        "description": document.description or None,
        "language": document.language,
        "collections": list(collections),
    }


def model_values(settings: Settings) -> list[dict[str, Any]]:
    """The known models, then the user's own, as JSON values."""
    from docmind.models import installed, known_models  # noqa: PLC0415 - the rest needs no models

    present = {model.name: str(model.path) for model in installed(settings)}
    known = [
        {
            "name": model.name,
            "kind": model.kind,
            "present": model.name in present,
            "path": present.get(model.name),
            "size_bytes": model.size_bytes,
            "max_tokens": model.max_tokens,
            "dimensions": model.dimensions,
            "licence": model.licence,
            "description": model.description,
        }
        for model in known_models()
    ]
    names = {entry["name"] for entry in known}
    own = [
        {"name": model.name, "kind": model.kind, "present": True, "path": str(model.path)}
        for model in installed(settings)
        if model.name not in names
    ]
    return known + own


def folder_values(folder: Folder, counts: tuple[int, int]) -> dict[str, Any]:
    """A folder that is kept in step as JSON values; `looked` is in seconds since 1970.

    Args:
        folder: The folder.
        counts: How many of its files are wanted, and how many stay out.
    """
    return {
        "path": str(folder.path),
        "label": folder.label,
        "files": counts[0],
        "left_out": counts[1],
        "looked": folder.looked,
        "problem": folder.problem,
    }


def overview_values(row: Row) -> dict[str, Any]:
    """One model and what this machine makes of it, as JSON values; sizes in bytes, windows in tokens."""
    return {
        "name": row.name,
        "present": row.path is not None,
        "chosen": row.chosen,
        "form": row.form,
        "parameters": row.model.parameters if row.model else None,
        "native_window": row.facts.window if row.facts else None,
        "modes": list(row.model.modes) if row.model else None,
        "engine": row.engine,
        "fit": {**dataclasses.asdict(row.fit), "needed_bytes": row.fit.needed_bytes} if row.fit else None,
        "why": row.why,
        "advice": row.advice,
    }
