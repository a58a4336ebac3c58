"""The reading process as seen from the app: started late, reused, killed and replaced when it misbehaves."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar, cast, get_args

from docmind import errors
from docmind.errors import DocumentTooLargeError, ParserCrashedError
from docmind.parsing.limits import show_name
from docmind.parsing.sandbox.process import AnswerTooLongError, Child, DiedError, TimedOutError
from docmind.records import Block, BlockKind, Box, Locator, OutlineEntry, PageImage, ParsedDocument

_RAISED = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.DocumentError)
}
Rebuilt = TypeVar("Rebuilt")

_KINDS = frozenset(get_args(BlockKind))


class Reader:
    """Reads documents and draws pages in child processes, safely and from any thread.

    Pages are drawn by a child of their own, so that a click on a citation does not wait for a long import.

    Args:
        parse_seconds: Longest time one document may take.
        memory_mib: Memory a child may address, in MiB (where the system can enforce it).
        max_file_bytes: Largest file accepted.
        render_seconds: Longest time one page picture may take.
        max_answer_bytes: Longest answer accepted from a child, as bytes of JSON.
    """

    def __init__(
        self,
        parse_seconds: float = 300.0,
        memory_mib: int = 4096,
        max_file_bytes: int = 500 * 2**20,
        *,
        render_seconds: float = 30.0,
        max_answer_bytes: int = 256 * 2**20,
    ) -> None:
        self._parse_seconds = parse_seconds
        self._render_seconds = render_seconds
        self._memory_mib = memory_mib
        self._max_file_bytes = max_file_bytes
        self._parsing = Child(memory_mib, max_answer_bytes)
        self._drawing = Child(memory_mib, max_answer_bytes)
        self._closed = threading.Event()
        self._noting = threading.Lock()
        self._being_parsed: tuple[Path, str] | None = None
        self._given_up = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the children at once. A document being read then is not the document's fault, and says so."""
        self._closed.set()
        self._parsing.stop()
        self._drawing.stop()

    def give_up(self, path: Path, name: str) -> None:
        """Stop parsing a document that nobody wants any more, where it is just being parsed; `parse` then says so."""
        with self._noting:  # until it is stopped, so that the next document's process is never meant
            if self._being_parsed == (path, name):
                self._given_up = True
                self._parsing.stop()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed.is_set()

    def parse(self, path: Path, name: str | None = None, *, at_once: bool = False) -> ParsedDocument:
        """Read one document.

        Args:
            path: The file; its own name need not mean anything.
            name: The name the user knows, for messages and for the suffix; default: the file's own.
            at_once: Whether somebody waits to see it, so that it does not wait for a long import.

        Raises:
            UnsupportedFormatError: no parser for this kind of file.
            EmptyDocumentError: no bytes, no pages or no text in it.
            EncryptedDocumentError: it asks for a password.
            DamagedDocumentError: it is truncated, or not what its name says.
            DocumentTooLargeError: the file, its pages or its text are over a limit.
            ParserCrashedError: reading took too long or too much memory, or killed the reader.
            DocumentError: the file cannot be opened.
            DocumentNotFoundError: it was given up meanwhile.
            LibraryError: the reader was closed meanwhile.
        """
        request = {"do": "parse", "max_file_bytes": self._max_file_bytes}
        child = self._drawing if at_once else self._parsing
        return self._ask(child, path, name, request, self._parse_seconds, _document)

    def render_page(
        self, path: Path, page: int, quote: str = "", width_px: int = 1000, *, words: str = "", name: str | None = None
    ) -> PageImage:
        """Draw one page of a PDF, with a quotation marked where it can be found.

        Args:
            path: The PDF.
            page: 1-based page.
            quote: Text to mark; line breaks, hyphens, case and punctuation do not matter.
            width_px: Width of the picture, in pixels; very long pages come out narrower.
            words: What to look for on the page; it is not marked, but found.
            name: The name the user knows; default: the file's own.

        Raises:
            DocumentError: one of those `parse` raises.
        """
        request = {"do": "render", "page": page, "quote": quote, "width_px": width_px, "words": words}
        return self._ask(self._drawing, path, name, request, self._render_seconds, _picture)

    def count_matches(
        self, path: Path, words: str, first: int, last: int, *, name: str | None = None
    ) -> tuple[tuple[int, int], ...]:
        """On which pages of a PDF words stand, and how often: (1-based page, times), whatever their case.

        Args:
            path: The PDF.
            words: What to look for.
            first: 1-based page to begin with.
            last: 1-based page to end with.
            name: The name the user knows; default: the file's own.

        Raises:
            DocumentError: one of those `parse` raises.
        """
        request = {"do": "search", "words": words, "first": first, "last": last}
        return self._ask(self._drawing, path, name, request, self._render_seconds, _counts)

    def outline(self, path: Path, *, name: str | None = None) -> tuple[OutlineEntry, ...]:
        """The outline of a PDF; empty where it has none.

        Raises:
            DocumentError: one of those `parse` raises.
        """
        return self._ask(self._drawing, path, name, {"do": "outline"}, self._render_seconds, _entries)

    def _ask(
        self,
        child: Child,
        path: Path,
        name: str | None,
        request: dict[str, Any],
        seconds: float,
        rebuild: Callable[[dict[str, Any]], Rebuilt],
    ) -> Rebuilt:
        name = name or path.name
        shown = show_name(name)
        with child.lock, self._noted(child, path, name):
            answer = self._answer(child, {**request, "path": str(path.absolute()), "name": name}, seconds, shown)
        try:
            return rebuild(answer)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ParserCrashedError(_crashed(shown, None, self._memory_mib)) from error

    @contextmanager
    def _noted(self, child: Child, path: Path, name: str) -> Iterator[None]:
        """Note what the parsing child is at; raises DocumentNotFoundError in the end where that was given up."""
        if child is not self._parsing:
            yield
            return
        self._being_parsed = (path, name)
        try:
            yield
        finally:
            with self._noting:
                given_up, self._given_up, self._being_parsed = self._given_up, False, None
            if given_up:
                # In place of what became of it, which is for nobody.
                raise errors.DocumentNotFoundError(f"'{show_name(name)}' was cancelled while it was read.")

    def _answer(self, child: Child, request: dict[str, Any], seconds: float, shown: str) -> dict[str, Any]:
        if self._closed.is_set():
            raise errors.LibraryError(_CLOSED)
        try:
            answer = child.ask(request, seconds)
        except TimedOutError:
            raise ParserCrashedError(
                f"Reading '{shown}' took longer than {seconds:g} seconds and was stopped. Split it into "
                "smaller files, or raise DOCMIND_PARSE_SECONDS."
            ) from None
        except AnswerTooLongError:
            raise DocumentTooLargeError(
                f"'{shown}' holds more text than one document may. Split it into smaller files and add those."
            ) from None
        except DiedError as death:
            if self._closed.is_set():
                raise errors.LibraryError(_CLOSED) from None
            raise ParserCrashedError(_crashed(shown, death.args[0], self._memory_mib)) from None
        if "error" in answer:
            raise _RAISED.get(str(answer["error"]), errors.DamagedDocumentError)(str(answer.get("message")))
        return answer


_CLOSED = "DocMind is closing; what it was reading goes on when it is opened again."


def _crashed(shown: str, status: int | None, memory_mib: int) -> str:
    how = f" (exit status {status})" if status is not None else ""
    return (
        f"Reading '{shown}' ended the reading process{how}: the file may be damaged, or need more than "
        f"{memory_mib:,} MiB of memory. Save it again with the program that made it and add it again, "
        "or raise DOCMIND_PARSE_MEMORY_MIB."
    )


# Records are rebuilt trusting nothing: a hostile document may have taken over the child.


def _picture(answer: dict[str, Any]) -> PageImage:
    top = answer["quote_top"]
    png = base64.b64decode(answer["png"], validate=True)
    return PageImage(
        png=png,
        page_count=int(answer["page_count"]),
        quote_top=None if top is None else float(top),
        label=str(answer["label"]),
        marks=tuple(map(_box, answer["marks"])),
        found=tuple(tuple(map(_box, boxes)) for boxes in answer["found"]),
    )


def _box(values: Sequence[Any]) -> Box:
    left, top, right, bottom = (float(value) for value in values)
    return left, top, right, bottom


def _counts(answer: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    return tuple((int(page), int(times)) for page, times in answer["counts"])


def _entries(answer: dict[str, Any]) -> tuple[OutlineEntry, ...]:
    return tuple(OutlineEntry(int(level), str(title), int(page)) for level, title, page in answer["entries"])


def _document(answer: dict[str, Any]) -> ParsedDocument:
    pages = None if answer["pages"] is None else int(answer["pages"])
    blocks = []
    for text, kind, level, locator in answer["blocks"]:
        if kind not in _KINDS or not isinstance(text, str):
            raise ValueError(kind)
        blocks.append(Block(text, cast(BlockKind, kind), int(level), Locator.from_values(dict(locator))))
    return ParsedDocument(
        format=str(answer["format"]),
        blocks=tuple(blocks),
        title=None if answer["title"] is None else str(answer["title"]),
        pages=pages,
        warnings=tuple(str(warning) for warning in answer["warnings"]),
    )
