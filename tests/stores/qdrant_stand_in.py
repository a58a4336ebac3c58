"""A stand-in for a Qdrant server: the REST calls that the store makes, answered by Qdrant's own local mode.

Requests are read, and answers written, with the models that Qdrant generates from its server's OpenAPI description, so
a request that a server could not read is refused here too. It is no Qdrant server: no graphs, no log, no cluster.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from qdrant_client import QdrantClient, models

Answer = Callable[[QdrantClient, str, Any], Any]


def _create(client: QdrantClient, name: str, body: Any) -> bool:
    wanted = models.CreateCollection.model_validate(body)
    return client.create_collection(
        name, vectors_config=wanted.vectors, sparse_vectors_config=wanted.sparse_vectors, hnsw_config=wanted.hnsw_config
    )


def _index(client: QdrantClient, name: str, body: Any) -> Any:
    models.CreateFieldIndex.model_validate(body)
    # Local mode searches without indexes, and warns where it is asked for one.
    client.get_collection(name)
    return models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)


def _upsert(client: QdrantClient, name: str, body: Any) -> Any:
    return client.upsert(name, models.PointsList.model_validate(body).points)


def _change(client: QdrantClient, name: str, body: Any) -> Any:
    wanted = models.UpdateOperations.model_validate(body)
    client.batch_update_points(name, wanted.operations)
    return [models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED).model_dump(mode="json")]


def _delete(client: QdrantClient, name: str, body: Any) -> Any:
    return client.delete(name, models.FilterSelector.model_validate(body))


def _count(client: QdrantClient, name: str, body: Any) -> Any:
    wanted = models.CountRequest.model_validate(body)
    return client.count(name, count_filter=wanted.filter, exact=bool(wanted.exact))


def _scroll(client: QdrantClient, name: str, body: Any) -> Any:
    wanted = models.ScrollRequest.model_validate(body)
    points, start = client.scroll(
        name,
        scroll_filter=wanted.filter,
        limit=wanted.limit or 10,
        offset=wanted.offset,
        with_payload=wanted.with_payload or False,
    )
    return models.ScrollResult(points=points, next_page_offset=start)


def _retrieve(client: QdrantClient, name: str, body: Any) -> Any:
    wanted = models.PointRequest.model_validate(body)
    found = client.retrieve(name, wanted.ids, with_payload=wanted.with_payload or False)
    return [record.model_dump(mode="json") for record in found]


def _query(client: QdrantClient, name: str, body: Any) -> Any:
    wanted = models.QueryRequestBatch.model_validate(body)
    found = client.query_batch_points(name, wanted.searches)
    return [answer.model_dump(mode="json") for answer in found]


_ANSWERS: dict[tuple[str, str], Answer] = {
    ("GET", "/exists"): lambda client, name, _: {"exists": client.collection_exists(name)},
    ("GET", ""): lambda client, name, _: client.get_collection(name),
    ("PUT", ""): _create,
    ("DELETE", ""): lambda client, name, _: client.delete_collection(name),
    ("PUT", "/index"): _index,
    ("PUT", "/points"): _upsert,
    ("POST", "/points"): _retrieve,
    ("POST", "/points/batch"): _change,
    ("POST", "/points/delete"): _delete,
    ("POST", "/points/count"): _count,
    ("POST", "/points/query/batch"): _query,
    ("POST", "/points/scroll"): _scroll,
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    client: ClassVar[QdrantClient]
    key: ClassVar[str]
    version: ClassVar[str]
    lock: ClassVar[threading.Lock]  # local mode is for one thread

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if self.key and self.headers.get("api-key") != self.key:
            return self._say(401, {"status": {"error": "Must provide an API key"}})
        if path == "/":
            return self._say(200, {"title": "stand-in for qdrant", "version": self.version})
        parts = re.fullmatch(r"/collections/([^/]+)(/.*)?", path)
        answer = _ANSWERS.get((self.command, parts[2] or "")) if parts else None
        if parts is None or answer is None:
            return self._say(404, {"status": {"error": f"no {self.command} {path}"}})
        try:
            with self.lock:
                result = answer(self.client, parts[1], json.loads(body) if body else None)
        except ValidationError as error:
            return self._say(400, {"status": {"error": str(error)}})
        except ValueError as error:
            return self._say(404, {"status": {"error": str(error)}})
        if isinstance(result, BaseModel):
            result = TypeAdapter(type(result)).dump_python(result, mode="json")
        return self._say(200, {"result": result, "status": "ok", "time": 0.0})

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a test's output is for what failed."""

    def _say(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(ConnectionError):  # a client that closed does not wait for it
            self.wfile.write(content)


@contextmanager
def qdrant_stand_in(*, key: str = "", version: str = "1.19.1") -> Iterator[str]:
    """A stand-in on a free loopback port, empty at first and gone when the context is left.

    Args:
        key: What requests must carry as `api-key`; '' asks for none.
        version: What it says that it is.

    Yields:
        Its address.
    """
    members = {"client": QdrantClient(":memory:"), "key": key, "version": version, "lock": threading.Lock()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), members))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
