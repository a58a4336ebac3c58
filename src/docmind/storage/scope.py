"""Scope: which documents a question may be answered from, as users say it and as ids.

The search itself knows documents only by their ids. What a document is called, which collections it is in, its type and
when it was added stands in the catalogue alone, so that changing it rewrites no chunk.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from docmind.errors import DocumentNotFoundError, LibraryError
from docmind.storage.catalog import Catalog

_DAY: Final = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class Limits:
    """What limits a question to some documents; None limits nothing.

    Documents that are named and those of the collections are taken together; types and dates leave some of them out.

    Attributes:
        documents: Names or ids of documents.
        collections: Names of collections.
        types: Formats, as `docmind documents list --json` calls them ('pdf'); neither a dot nor capitals matter.
        added_after: Added at this time or later; without a time zone it is this machine's.
        added_before: Added before this time.
    """

    documents: tuple[str, ...] | None = None
    collections: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    added_after: datetime | None = None
    added_before: datetime | None = None


def documents_within(catalog: Catalog, limits: Limits) -> tuple[str, ...] | None:
    """Ids of the searchable documents that the limits leave, each once; None where nothing limits.

    Raises:
        DocumentNotFoundError: a document that was named is not there, or no document is left.
        LibraryError: a collection or a type that no document has, or dates that exclude each other.
    """
    if limits == Limits():
        return None
    if limits.added_after and limits.added_before and limits.added_after >= limits.added_before:
        raise LibraryError(
            f"No document can have been added on {limits.added_after:{_DAY}} or later and before "
            f"{limits.added_before:{_DAY}}. Exchange the two dates."
        )
    named = _named(catalog, limits)
    if limits.types is None and limits.added_after is None and limits.added_before is None:
        return named
    left = _of_type_and_time(catalog, limits)
    chosen = tuple(left) if named is None else tuple(each for each in named if each in left)
    if not chosen:
        raise DocumentNotFoundError(
            f"No document {'of those that were named ' if named is not None else ''}{_words(limits)}. "
            "`docmind documents list` shows them all."
        )
    return chosen


def _named(catalog: Catalog, limits: Limits) -> tuple[str, ...] | None:
    """The documents that were named and those of the collections; None where neither limits."""
    if limits.documents is None and limits.collections is None:
        return None
    known = catalog.collections
    ids = [catalog.find(name).id for name in limits.documents or ()]
    for name in limits.collections or ():
        if not (held := known.documents_of([name])):
            there = ", ".join(known.all())
            first = "`docmind documents collect COLLECTION NAME` makes the first one."
            raise LibraryError(f"There is no collection named {name!r}. {f'There is: {there}.' if there else first}")
        ids += held
    return tuple(dict.fromkeys(ids))


def _of_type_and_time(catalog: Catalog, limits: Limits) -> dict[str, None]:
    """Ids of the searchable documents of the types and from the time, oldest first."""
    parts: list[str] = []
    values: list[Any] = []
    if limits.types is not None:
        types = [each.casefold().removeprefix(".") for each in limits.types]
        _require_types(catalog, types)
        parts.append(f"format IN ({', '.join('?' * len(types))})")
        values += types
    if limits.added_after is not None:
        parts.append("added >= ?")
        values.append(limits.added_after.timestamp())
    if limits.added_before is not None:
        parts.append("added < ?")
        values.append(limits.added_before.timestamp())
    where = " AND ".join(["state = 'ready'", *parts])
    # One row, because thousands take five times as long to fetch.
    chosen = f"SELECT id FROM document WHERE {where} ORDER BY rowid"  # noqa: S608 - ours alone, values are bound
    (row,) = catalog.database.run(f"SELECT json_group_array(id) AS ids FROM ({chosen})", values)  # noqa: S608 - as above
    return dict.fromkeys(json.loads(row["ids"]))


def _require_types(catalog: Catalog, types: Collection[str]) -> None:
    run = catalog.database.run
    for wanted in types:
        if not run("SELECT 1 FROM document WHERE state = 'ready' AND format = ? LIMIT 1", (wanted,)):
            rows = run("SELECT DISTINCT format FROM document WHERE state = 'ready' ORDER BY format")
            there = ", ".join(row["format"] for row in rows if row["format"])
            first = "Add documents with `docmind ingest PATH`."
            raise LibraryError(
                f"The library holds no document of the type {wanted!r}. {f'It holds: {there}.' if there else first}"
            )


def _words(limits: Limits) -> str:
    """What types and dates ask for: 'is of the type pdf and was added on 2026-01-01 or later'."""
    parts = []
    if limits.types is not None:
        parts.append(f"is of the type {' or '.join(limits.types)}")
    since = f" on {limits.added_after:{_DAY}} or later" if limits.added_after else ""
    until = f" before {limits.added_before:{_DAY}}" if limits.added_before else ""
    if since or until:
        parts.append(f"was added{since}{' and' if since and until else ''}{until}")
    return " and ".join(parts)
