"""Numbered vectors in a folder, in Qdrant Edge: what needs a nearest-neighbour search and no LlamaIndex nodes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as qdrant

from docmind.errors import LibraryError, is_panic

_VECTOR = "dense"
_GROUP = "group"
_PAGE = 1000
_PAUSE = 0.005  # seconds between two tries to close


class VectorShard:
    """Vectors by number, each in a group; a search looks through one group, by cosine.

    Edge takes writes one at a time by itself. Whatever it refuses is raised as `LibraryError`.
    """

    def __init__(self, folder: Path, dimensions: int) -> None:
        """Open the shard in `folder`, making it where there is none.

        Raises:
            LibraryError: it is damaged, open elsewhere, or its vectors have another length.
        """
        configuration = qdrant.EdgeConfig(
            vectors={_VECTOR: qdrant.EdgeVectorParams(size=dimensions, distance=qdrant.Distance.Cosine)}
        )
        with _errors(folder):
            # The configuration file is written last, so without it a creation was cut short and holds nothing.
            if (folder / "edge_config.json").exists():
                self._shard = qdrant.EdgeShard.load(str(folder), configuration)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self._shard = qdrant.EdgeShard.create(str(folder), configuration)
            self._shard.update(qdrant.UpdateOperation.create_field_index(_GROUP, qdrant.PayloadSchemaType.Keyword))
        self._folder = folder

    def add(self, entries: Sequence[tuple[int, Sequence[float], str]]) -> None:
        """Keep vectors, each with its number and its group; what has the number already is replaced."""
        points = [qdrant.Point(number, {_VECTOR: list(vector)}, {_GROUP: group}) for number, vector, group in entries]
        if points:
            with _errors(self._folder):
                self._shard.update(qdrant.UpdateOperation.upsert_points(points))

    def search(self, vector: Sequence[float], group: str, limit: int) -> list[tuple[float, int]]:
        """The nearest vectors of a group, best first: cosine similarity (-1 to 1) and number."""
        within = qdrant.Filter(must=[qdrant.FieldCondition(_GROUP, match=qdrant.MatchValue(group))])
        request = qdrant.QueryRequest(
            limit=limit, query=qdrant.Query.Nearest(list(vector), using=_VECTOR), filter=within
        )
        with _errors(self._folder):
            return [(point.score, int(point.id)) for point in self._shard.query(request)]

    def delete(self, numbers: Sequence[int]) -> None:
        """Remove vectors; numbers that are not there are passed over."""
        if numbers:
            with _errors(self._folder):
                self._shard.update(qdrant.UpdateOperation.delete_points(list(numbers)))

    def numbers(self) -> set[int]:
        """The numbers of all vectors."""
        found: set[int] = set()
        start: qdrant.PointId | None = None
        while True:
            with _errors(self._folder):
                page, start = self._shard.scroll(qdrant.ScrollRequest(start, _PAGE, None, with_payload=False))
            found.update(int(record.id) for record in page)
            if start is None:
                return found

    def flush(self) -> None:
        """Have everything on disk."""
        with _errors(self._folder):
            self._shard.flush()

    def close(self) -> None:
        """Release the folder."""
        with _errors(self._folder):
            close_shard(self._shard)


def close_shard(shard: qdrant.EdgeShard) -> None:
    """Flush a shard and release its folder, once the calls that are in it have returned.

    Edge refuses to close under them; calls that come later are refused as those on a closed shard.
    """
    while True:
        try:
            return shard.close()
        except RuntimeError as error:
            if "Already borrowed" not in str(error):
                raise
            time.sleep(_PAUSE)


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        # Where Edge meets damage that it does not expect it panics, and a panic in Rust is no Exception in Python.
        if not (isinstance(error, Exception) or is_panic(error)):
            raise
        raise LibraryError(f"The vectors in {folder} cannot be used ({error}).") from error
