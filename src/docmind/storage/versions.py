"""Which version of which document is searchable: what an answer was made of, and whether that still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from docmind.storage.catalog import Catalog

_BATCH = 500  # SQLite takes some thousand bound values in a statement


def state_of(catalog: Catalog, document_ids: Sequence[str] | None = None) -> str:
    """A digest of the searchable documents, or of some of them: their ids, names and the SHA-256 of their bytes.

    It is another one as soon as any of them is added, replaced, renamed or removed.
    """
    run, ready = catalog.database.run, "SELECT id, name, sha256 FROM document WHERE state = 'ready'"
    if document_ids is None:
        rows = run(ready)
    else:
        rows = []
        for begin in range(0, len(document_ids), _BATCH):
            part = list(document_ids[begin : begin + _BATCH])
            # The plus keeps SQLite from going through every ready document, which it would for more than a few ids.
            marks = ", ".join("?" * len(part))
            rows += run(f"{ready.replace('state', '+state')} AND id IN ({marks})", part)
    versions = sorted({f"{row['id']} {row['sha256']} {row['name']}" for row in rows})
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()
