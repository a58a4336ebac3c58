"""The reading process: JSON requests in on one pipe, JSON answers out on another, one a line.

Run by `docmind.parsing.sandbox.reader` as ``python -m docmind.parsing.sandbox.child MEMORY_MIB``. JSON and not pickle,
because a hostile document may take this process over and must not get further.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from docmind.errors import DocumentError
from docmind.parsing import sniffing
from docmind.parsing.limits import clean_text, show_name
from docmind.records import Locator

_SAVE_AGAIN = "Save it again with the program that made it and add it again."
_LONGEST_TITLE = 500  # characters
_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


def main() -> None:
    """Serve requests until the pipe closes."""
    requests, answers = _take_pipes()
    _limit_process(int(sys.argv[1]))
    for line in requests:
        answer = _answer(json.loads(line))
        answers.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        answers.flush()


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for ourselves and point 0 and 1 to nowhere, so that a library cannot speak on them."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, answers


def _limit_process(memory_mib: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends us after
    if sys.platform == "linux":
        # When the app is killed, a child deep inside a native parser would not notice its pipe closing.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - does not exist on Windows

        limit = memory_mib * 2**20
        with contextlib.suppress(ValueError, OSError):  # macOS refuses to limit address space
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    shown = show_name(request["name"])
    try:
        return _DO[request["do"]](request)
    except DocumentError as error:
        return {"error": type(error).__name__, "message": str(error)}
    except MemoryError:
        message = (
            f"Reading '{shown}' needs more memory than DOCMIND_PARSE_MEMORY_MIB allows. "
            "Split it into smaller files, or raise that setting."
        )
        return {"error": "ParserCrashedError", "message": message, "retire": True}
    except RecursionError:
        message = f"'{shown}' is nested too deeply to be a real document. {_SAVE_AGAIN}"
        return {"error": "DamagedDocumentError", "message": message, "retire": True}
    # Broad on purpose: parsers let whatever a damaged file provokes escape (KeyError, struct.error, errors of
    # their own), and one document must not end the process that the next one needs.
    except Exception as error:  # noqa: BLE001
        message = f"'{shown}' cannot be read; it seems to be damaged ({type(error).__name__}). {_SAVE_AGAIN}"
        return {"error": "DamagedDocumentError", "message": message}


def _parse(request: dict[str, Any]) -> dict[str, Any]:
    document = sniffing.read(Path(request["path"]), request["name"], request["max_file_bytes"])
    return {
        "format": document.format,
        "title": None if document.title is None else clean_text(document.title[:_LONGEST_TITLE]),
        "pages": document.pages,
        "warnings": document.warnings,
        "blocks": [
            (text, block.kind, block.level, _clean_terms(block.locator))
            for block in document.blocks
            if (text := clean_text(block.text).strip())
        ],
        "retire": threading.active_count() > 1,  # a library still busy with this document
    }


def _clean_terms(locator: Locator) -> dict[str, str]:
    return {name: clean_text(str(term)) for name, term in locator.values().items()}


def _render(request: dict[str, Any]) -> dict[str, Any]:
    from docmind.parsing.pdf import page_image  # noqa: PLC0415 - the parsing child never draws

    asked = (request[name] for name in ("page", "quote", "width_px", "words"))
    picture = page_image.render_page(Path(request["path"]), *asked, name=show_name(request["name"]))
    png = base64.b64encode(picture.png).decode("ascii")
    return {**asdict(picture), "png": png, "label": clean_text(picture.label)}


def _search(request: dict[str, Any]) -> dict[str, Any]:
    from docmind.parsing.pdf.searching import count_matches  # noqa: PLC0415 - the parsing child never searches

    asked = (request[name] for name in ("words", "first", "last"))
    return {"counts": count_matches(Path(request["path"]), *asked, name=show_name(request["name"]))}


def _outline(request: dict[str, Any]) -> dict[str, Any]:
    from docmind.parsing.pdf.searching import outline_of  # noqa: PLC0415 - as above

    entries = outline_of(Path(request["path"]), name=show_name(request["name"]))
    return {"entries": [(entry.level, clean_text(entry.title), entry.page) for entry in entries]}


_DO = {"parse": _parse, "render": _render, "search": _search, "outline": _outline}


if __name__ == "__main__":
    main()
