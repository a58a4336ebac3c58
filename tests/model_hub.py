"""A stand-in for a model hub: it lists and sends files as one does, and stalls or breaks off where it is told to."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from docmind.models import by_name
from docmind.models.model import HubRepository

COMMIT = "c0ffee00"


def source_of(name: str) -> HubRepository:
    model = by_name(name)
    assert model
    assert isinstance(model.source, HubRepository)
    return model.source


@dataclass
class Hub:
    """What lies on the stand-in and how it behaves.

    Attributes:
        files: What its only repository holds, by path.
        break_off_after: The bytes of a file after which it hangs up; None where it sends all.
        stall_after: The bytes of a file after which it waits for `goes_on`; None where it does not.
        listed: What it lists otherwise than is so.
        status: What it answers instead of 200.
        asked: The paths that were asked for, each with its range.
        address: Where it answers.
    """

    files: dict[str, bytes]
    break_off_after: int | None = None
    stall_after: int | None = None
    goes_on: threading.Event = field(default_factory=threading.Event)
    listed: dict[str, object] | None = None
    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def listing(self) -> bytes:
        siblings = []
        for path, content in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
            large = (
                {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} if len(content) > 1000 else None
            )
            siblings.append({"rfilename": path, "size": len(content), "blobId": blob, "lfs": large})
        return json.dumps({"sha": COMMIT, "siblings": siblings, **(self.listed or {})}).encode()


@contextmanager
def standing(held: Hub) -> Iterator[Hub]:
    """Have it answer at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, wanted = urlsplit(self.path).path, self.headers.get("Range", "")
            held.asked.append((path, wanted))
            if held.status != 200:
                self.send_error(held.status)
                return
            if path.startswith("/api/models/"):
                self.answer(held.listing(), 200)
                return
            content = held.files[path.partition(f"/resolve/{COMMIT}/")[2]]
            begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.answer(content[begin:], 206 if wanted else 200)

        def answer(self, content: bytes, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.path.startswith("/api/"):
                self.wfile.write(content)
                return
            content = content[: held.break_off_after]
            before = content[: held.stall_after]
            self.wfile.write(before)
            if before != content:
                self.wfile.flush()
                held.goes_on.wait()
                self.wfile.write(content[len(before) :])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    held.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield held
    finally:
        held.goes_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
