"""Re-embedding: a library is taken to another embedding model while it goes on answering with the one before.

    begin     note the model that is wanted                     -> a fact; nothing is opened
    fill      document by document, a batch at a time           -> a second store, which no search sees
    exchange  once it holds every searchable document           -> one transaction; the earlier store is removed

What the second store holds already is not embedded again, so it may be killed and goes on. Documents that are added
meanwhile are read into the index that is searched, and caught up with; one that is removed leaves both.

A document is cut anew from its original where the new model's chunks have another length, which they nearly always
have: parsing takes little beside embedding, and chunks that are cut for a model are what its other chunks are like.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from llama_index.core.schema import BaseNode, TextNode

from docmind.answering.remembering import kept_answers
from docmind.current_index import CANCELLED, Upcoming
from docmind.errors import DocumentError, DocumentNotFoundError, LibraryError
from docmind.ingestion.chunking import CHUNKING_VERSION, embedded_text
from docmind.ingestion.originals import disk_errors_in_words
from docmind.ingestion.reading import read
from docmind.models import installed, known_models
from docmind.models.embedders import Wish, has_other_weights, name_of, wished_embedder, wished_words
from docmind.storage.catalog import Document
from docmind.storage.index_facts import Filled
from docmind.stores.queries import OWNER
from docmind.workspace import Workspace

_SPECIAL_TOKENS = 2  # around each text
_BYTES_A_NUMBER = 4
# Of a store of vectors so many bytes are taken beside the numbers themselves: texts, words, graph, log.
_BYTES_A_CHUNK = 8_192
_BYTES_OF_LEARNED_WORDS = 8_192  # up to 512 tokens of 8 bytes, kept and indexed
_LEAST_FREE = 256 * 1024 * 1024  # bytes; Edge makes its files larger than they are filled
_PATIENCE = 0.5  # seconds between two looks whether nobody asks anything
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Filling:
    """How far the next index is.

    Attributes:
        name: Name of the document at hand; '' where only answers that are being written are waited for.
        done: Passages that are through, as the index before counts them.
        total: Passages in all.
        seconds_left: None where that cannot be estimated yet.
    """

    name: str
    done: int
    total: int
    seconds_left: float | None = None

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / max(1, self.total))


def wish(workspace: Workspace) -> Wish | None:
    """What the settings, or what lies on this machine, suggest for a library that is filled. Opens no model."""
    filled_with = workspace.catalog.fact("embedder")
    if filled_with is None:
        return None
    if other := wished_embedder(workspace.settings, filled_with):
        return other
    made = workspace.index.fingerprint
    if made and has_other_weights(workspace.settings, filled_with, made.weights):
        return Wish(filled_with, "weights")
    if (made.words if made else "bm25") != wished_words(workspace.settings):
        return Wish(filled_with, "words")
    return Wish(filled_with, "chunks") if made and made.chunking not in ("", CHUNKING_VERSION) else None


def begin(workspace: Workspace, wanted: str) -> None:
    """Have the library embedded anew with a model; `reembed` does it. One that is being taken up already goes on.

    Raises:
        LibraryError: the library is empty, or what an earlier change left cannot be removed.
    """
    if workspace.catalog.fact("embedder") is None:
        raise LibraryError(
            "The library is empty, so there is nothing to embed anew: it takes the model that DOCMIND_EMBEDDER names."
        )
    under_way = workspace.catalog.index.next
    if under_way and name_of(under_way.wanted) == name_of(wanted):
        return
    workspace.index.give_up()
    workspace.index.remove_left_over()
    workspace.catalog.index.begin(wanted)


def begin_if_chosen(workspace: Workspace) -> None:
    """Begin where the settings name another model, unless the user has cancelled that."""
    index, wanted = workspace.catalog.index, wish(workspace)
    if wanted and wanted.reason == "chosen" and wanted.name != index.declined and index.next is None:
        begin(workspace, wanted.name)


def cancel_reembedding(workspace: Workspace) -> None:
    """Stay with the index that is searched; what there is of the next one is removed."""
    under_way = workspace.catalog.index.next
    workspace.index.give_up(under_way.wanted if under_way else "")


def estimated_seconds(workspace: Workspace, wanted: str) -> float | None:
    """How long embedding the library with a model takes, before it was opened; None where that cannot be told.

    A model's time for a passage grows with its weights; the library knows how long the one that filled it took.
    """
    sizes = {entry.name.casefold(): entry.size_bytes for entry in installed(workspace.settings)}
    sizes |= {model.name: model.size_bytes for model in known_models()}
    before, after = (sizes.get(name_of(name)) for name in (workspace.catalog.fact("embedder") or "", wanted))
    took = sum(document.seconds or 0.0 for document in workspace.catalog.documents("ready"))
    return took * after / before if before and after else None


def reembed(workspace: Workspace) -> Iterator[Filling]:
    """Fill the next index to its end, then search it in place of the one before.

    It may be ended between two steps, and taken up again at any time.

    Yields:
        How far it is, after each batch.

    Raises:
        ModelNotFoundError: the model is not on this machine.
        LibraryError: it was cancelled, the disk is full, or a document can be had neither from its original nor, since
            its passages are too long for the model, from the index before. That one is searched as ever.
    """
    upcoming = workspace.index.open_next(CHUNKING_VERSION)
    _require_room(workspace, upcoming)
    pace = _Pace(workspace)
    while True:
        while left := _left(workspace):
            for document in left:
                for share in _fill(workspace, document, upcoming):
                    yield pace.at(document, share)
        upcoming.store.flush()
        upcoming.store.optimize()
        while not _left(workspace):
            if _exchange(workspace, upcoming):
                return
            yield pace.at(None, 0.0)


class _Pace:
    """What is done, what is left, and how long that takes at the speed so far."""

    def __init__(self, workspace: Workspace) -> None:
        self._catalog = workspace.catalog
        self._began, self._before = time.monotonic(), self._through()

    def _through(self) -> int:
        filled = self._catalog.index.filled()
        return sum(document.chunks for document in self._catalog.documents("ready") if document.id in filled)

    def at(self, document: Document | None, share: float) -> Filling:
        total = self._catalog.ready_chunks()
        done = self._through() + (round(document.chunks * share) if document and share < 1 else 0)
        now, so_far = time.monotonic() - self._began, done - self._before
        left = now / so_far * (total - done) if so_far > 0 else None
        return Filling(document.name if document else "", done, total, left)


def _left(workspace: Workspace) -> list[Document]:
    """The searchable documents that the next index does not hold yet."""
    filled = workspace.catalog.index.filled()
    return [document for document in workspace.catalog.documents("ready") if document.id not in filled]


def _fill(workspace: Workspace, document: Document, upcoming: Upcoming) -> Iterator[float]:
    """Write a document's passages into the next index; yields how much of them is there, from 0 to 1.

    Where the document was removed or renamed meanwhile it ends, and `reembed` looks again.
    """
    if not _is_as_it_was(workspace, document, upcoming):
        return
    began, store = time.perf_counter(), upcoming.store
    try:
        nodes = _passages(workspace, document, upcoming)
    except LibraryError:
        if _is_as_it_was(workspace, document, upcoming):
            raise
        return
    there = {node.node_id: _text(node) for node in store.chunks_of(document.id)}
    if not there.keys() <= {node.node_id for node in nodes}:  # of an attempt that cut it otherwise
        store.delete(document.id)
        there = {}
    missing = [node for node in nodes if there.get(node.node_id) != embedded_text(node)]
    reading, embedding = time.perf_counter() - began, 0.0
    batch = workspace.settings.embed_batch_size
    for begun in range(0, len(missing), batch):
        began = time.perf_counter()
        part = missing[begun : begun + batch]
        vectors, learned = upcoming.embedder.embed([embedded_text(node) for node in part])
        for node, vector in zip(part, vectors, strict=True):
            node.embedding = vector
        with workspace.index.writing:
            if not _is_as_it_was(workspace, document, upcoming):
                return
            store.add(part, learned)
        for node in part:
            node.embedding = None
        embedding += time.perf_counter() - began
        yield (len(nodes) - len(missing) + begun + len(part)) / (len(nodes) + 1)
    store.flush()
    # What was there from before took as long, chunk by chunk; of a document that was there whole nobody knows.
    seconds = reading + embedding * len(nodes) / len(missing) if missing else document.seconds or reading
    with workspace.index.writing:
        if _is_as_it_was(workspace, document, upcoming):
            workspace.catalog.index.fill(document.id, Filled(len(nodes), round(seconds, 3)))
    yield 1.0


def _is_as_it_was(workspace: Workspace, document: Document, upcoming: Upcoming) -> bool:
    """Whether a document is searchable under its name; raises LibraryError where the next index is wanted no more."""
    _require_wanted(workspace, upcoming)
    try:
        now = workspace.catalog.document(document.id)
    except DocumentNotFoundError:
        return False
    return (now.state, now.name) == ("ready", document.name)


def _require_wanted(workspace: Workspace, upcoming: Upcoming) -> None:
    if workspace.catalog.index.next != upcoming.noted:
        raise LibraryError(CANCELLED)


def _passages(workspace: Workspace, document: Document, upcoming: Upcoming) -> list[TextNode]:
    """A document's passages as the next index is to hold them, without vectors."""
    before = workspace.index.fingerprint
    as_they_are: list[TextNode] | None = None
    if before and before.cuts_like(upcoming.fingerprint):
        as_they_are = _kept(workspace, document)
        if _fit(as_they_are, upcoming):  # the tokenizer may be another
            return as_they_are
    try:
        if nodes := read(workspace, document, upcoming.embedder).nodes:
            return nodes
        reason = "it holds no text that could be searched"
    except DocumentError as error:
        reason = str(error)
    except OSError as error:
        reason = error.strerror or str(error)
    as_they_are = as_they_are or _kept(workspace, document)
    if not _fit(as_they_are, upcoming):
        raise LibraryError(
            f"{document.name} cannot be read again ({reason}), and its passages are too long for "
            f"{upcoming.embedder.name}. Add it again or delete it; the rest goes on then."
        )
    _log.warning("%s cannot be read again (%s); its passages stay as they are", document.name, reason)
    return as_they_are


def _kept(workspace: Workspace, document: Document) -> list[TextNode]:
    return [node for node in workspace.store.chunks_of(document.id) if isinstance(node, TextNode)]


def _fit(nodes: Sequence[TextNode], upcoming: Upcoming) -> bool:
    """Whether the model reads each of them to its end."""
    counts = upcoming.embedder.count_tokens([embedded_text(node) for node in nodes])
    return bool(counts) and max(counts) + _SPECIAL_TOKENS <= upcoming.embedder.max_tokens


def _text(node: BaseNode) -> str:
    return embedded_text(node) if isinstance(node, TextNode) else ""


def _require_room(workspace: Workspace, upcoming: Upcoming) -> None:
    """Raises LibraryError where the disk cannot hold both indexes; a server sees to its own."""
    if workspace.settings.qdrant_url:
        return
    left = sum(document.chunks for document in _left(workspace))
    beside = _BYTES_A_CHUNK + (_BYTES_OF_LEARNED_WORDS if upcoming.embedder.learned else 0)
    needed = left * (upcoming.embedder.dimensions * _BYTES_A_NUMBER + beside) + _LEAST_FREE
    with disk_errors_in_words(workspace):
        free = shutil.disk_usage(workspace.settings.data_dir).free
    if free < needed:
        raise LibraryError(
            f"A second index takes some {needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free in "
            f"{workspace.settings.data_dir}. Make room there and try again; the present one answers meanwhile."
        )


def _exchange(workspace: Workspace, upcoming: Upcoming) -> bool:
    """Search the next index, unless somebody asks right now or a document has come meanwhile; returns whether it is."""
    index, catalog = workspace.index, workspace.catalog
    with index.alone(_PATIENCE) as alone, index.writing:
        _require_wanted(workspace, upcoming)
        if not alone or _left(workspace):
            return False
        filled = catalog.index.filled()
        documents = {document.id: filled[document.id] for document in catalog.documents("ready")}
        if upcoming.store.count() != sum(each.chunks for each in documents.values()):
            _mend(workspace, upcoming, documents)
            if _left(workspace):
                return False
        index.exchange(documents)
        try:
            kept_answers(workspace).clear()  # their questions were compared by the model before
        except LibraryError as error:  # they are dropped when they are opened next, being made for another model
            _log.warning("%s", error)
    return True


def _mend(workspace: Workspace, upcoming: Upcoming, documents: Mapping[str, Filled]) -> None:
    """Remove from the next index what belongs to no document, and have those filled again that lack passages."""
    owners = {str(payload.get(OWNER)) for _, payload in upcoming.store.scroll(None, [OWNER])}
    for stray in owners - documents.keys():
        upcoming.store.delete(stray)
    for document_id, filled in documents.items():
        if upcoming.store.count(document_id) != filled.chunks:
            workspace.catalog.index.undo(document_id)
