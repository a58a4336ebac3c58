"""`docmind documents`: what is in the library, and putting it in order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from docmind.cli import console
from docmind.cli.options import InCollections, Json
from docmind.errors import DocMindError, ModelError
from docmind.json_forms import document_values
from docmind.settings import load_settings

if TYPE_CHECKING:
    from docmind.storage.catalog import Catalog, Document, DocumentState

documents_app = typer.Typer(help="What is in the library.", no_args_is_help=True)
Names = Annotated[list[str], typer.Argument(help="Names or ids.")]


@documents_app.command("list")
def documents_list(collection: InCollections = None, json: Json = False) -> None:
    """List the documents, failed ones with the reason."""
    with console.output(json) as out:
        from docmind.storage.catalog import open_catalog

        with closing(open_catalog(load_settings())) as catalog:
            documents = catalog.documents()
            if collection:
                held = set(catalog.collections.documents_of(collection))
                documents = [document for document in documents if document.id in held]
            collections = catalog.collections.by_document()
        for document in documents:
            out.line(console.document_line(document, collections.get(document.id, ())))
        if not documents:
            empty = "No document is in it." if collection else "The library is empty."
            out.line(f"{empty} Add documents with `docmind ingest PATH`.")
        out.document({"documents": [document_values(each, collections.get(each.id, ())) for each in documents]})


@documents_app.command("delete")
def documents_delete(documents: Names, json: Json = False) -> None:
    """Remove documents: no search finds them any more; earlier answers keep the sentences they quoted."""
    with console.output(json) as out:
        from docmind.ingestion.removal import delete
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            deleted = [
                {
                    "document": document.name,
                    "document_id": document.id,
                    "chunks_deleted": delete(workspace, document),
                    "chunks_left": workspace.store.count(document.id),
                }
                for document in _found(workspace.catalog, documents, "ready", "failed")
            ]
        for entry in deleted:
            out.line(f"deleted {entry['document']} ({entry['chunks_deleted']} passages; {entry['chunks_left']} left)")
        out.document({"documents": deleted})


@documents_app.command("cancel")
def documents_cancel(
    documents: Annotated[list[str] | None, typer.Argument(help="Names or ids.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    json: Json = False,
) -> None:
    """Cancel documents that wait to be read since an earlier run; nothing of them is kept."""
    with console.output(json) as out:
        from docmind.ingestion.removal import cancel
        from docmind.workspace import Workspace

        if bool(documents) == every:
            raise DocMindError("Name the documents to cancel, or give --all.")
        with Workspace(load_settings()) as workspace:
            states: tuple[DocumentState, ...] = ("queued", "reading")
            catalog = workspace.catalog
            chosen = catalog.documents(*states) if every else _found(catalog, documents or (), *states)
            cancelled = [document for document in chosen if cancel(workspace, document)]
        for document in cancelled:
            out.line(f"cancelled {document.name}")
        if not cancelled:
            out.line("Nothing waits.")
        out.document({"documents": [{"document": each.name, "document_id": each.id} for each in cancelled]})


@documents_app.command("rename")
def documents_rename(document: str, name: str, json: Json = False) -> None:
    """Call a document otherwise; it keeps its suffix, and earlier answers keep the name they were given with."""
    with console.output(json) as out:
        from docmind.ingestion.renaming import rename
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            found = workspace.catalog.find(document)
            called = rename(workspace, found, name)
        out.line(f"{found.name} is called {called} now")
        out.document({"document_id": found.id, "before": found.name, "document": called})


@documents_app.command("collect")
def documents_collect(
    collection: str,
    documents: Names,
    remove: Annotated[bool, typer.Option("--remove", help="Take them out of it.")] = False,
    json: Json = False,
) -> None:
    """Put documents into a collection, a new one where there is none of that name, or take them out of it."""
    with console.output(json) as out:
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            collections = workspace.catalog.collections
            ids = [document.id for document in _found(workspace.catalog, documents, "ready")]
            if remove:
                collections.remove(collection, ids)
            elif not (collection := collections.add(collection, ids)):
                raise DocMindError("The name of the collection is empty. Type one.")
            held = [workspace.catalog.document(each) for each in collections.documents_of([collection])]
        out.line(f"{collection}: {', '.join(document.name for document in held) or 'no document'}")
        out.document({"collection": collection, "documents": [document.name for document in held]})


@documents_app.command("reembed")
def documents_reembed(
    model: Annotated[
        str | None,
        typer.Argument(help="The model to take up; default: DOCMIND_EMBEDDER, or a better one here."),
    ] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stay with the model in use after all.")] = False,
    json: Json = False,
) -> None:
    """Search with another embedding model: all passages are embedded anew, which may be ended and resumed."""
    with console.output(json) as out:
        from docmind.ingestion import reembedding
        from docmind.ingestion.recovery import recover
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace, console.progress(remaining=True) as progress:
            before = workspace.catalog.fact("embedder")
            if cancel:
                reembedding.cancel_reembedding(workspace)
                out.line(f"The library stays with {before}.")
                out.document({"embedder": before, "before": before, "passages": workspace.catalog.ready_chunks()})
                return
            under_way, suggested = workspace.catalog.index.next, reembedding.wish(workspace)
            wanted = model or (under_way.wanted if under_way else suggested.name if suggested else before)
            recover(workspace)
            reembedding.begin(workspace, wanted or "auto")
            seconds = reembedding.estimated_seconds(workspace, wanted or "auto")
            console.notice(console.reembedding_line(before, wanted, workspace.catalog.ready_chunks(), seconds))
            try:
                for filling in reembedding.reembed(workspace):
                    progress("Embedding", filling.done, filling.total)
            except ModelError:
                if under_way is None:  # a name that was misspelt, or a model that weighs no words, is not tried again
                    workspace.index.give_up()
                raise
            embedder, passages = workspace.catalog.fact("embedder"), workspace.catalog.ready_chunks()
        out.line(f"The library is searched with {embedder} from now on ({passages:,} passages).")
        out.document({"embedder": embedder, "before": before, "passages": passages})


def _found(catalog: Catalog, names: Sequence[str], *states: DocumentState) -> list[Document]:
    """Those that are meant, each once; all are looked up first, so that a misspelt name changes nothing."""
    chosen = [catalog.find(name, *states) for name in names]
    return list({document.id: document for document in chosen}.values())
