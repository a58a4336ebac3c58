"""Everything DocMind raises on purpose. Each message says what happened and names the next action.

DocMindError
├── SettingsError              a setting is missing, misspelt or contradicts another
├── DocumentError              one document cannot be read; the others are not affected
│   ├── UnsupportedFormatError     no parser for this kind of file
│   ├── EmptyDocumentError         there is no text in it
│   ├── EncryptedDocumentError     it asks for a password
│   ├── DamagedDocumentError       it is truncated or not what its name says
│   ├── DocumentTooLargeError      it is over a stated limit
│   └── ParserCrashedError         reading it took too long, too much memory, or killed the reader
├── LibraryError               the library on disk cannot be used as asked
│   ├── LibraryInUseError          another DocMind process holds it
│   ├── DocumentNotFoundError      no document of that name or id
│   └── EmbedderMismatchError      it was built with another embedding model
├── ModelError                 a model cannot be had or used
│   ├── ModelNotFoundError         it is not on this machine
│   ├── ModelDownloadError         fetching it failed
│   └── ChecksumError              what arrived is not what was promised
├── ExportError                a file is no export that can be checked
├── EngineError                the language model failed while answering
│   ├── ContextWindowError         the prompt does not fit the model's window
│   ├── EngineLostError            it must be opened again, which the next question does
│   └── ServerError                the server behind it cannot be reached, or refuses
└── MissingExtraError          an optional package is not installed
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LIBRARY_CLOSED = "The library was closed while this was going on. Open it again and repeat what you did."


class DocMindError(Exception):
    """Root of everything raised on purpose; its message is fit to show to a user."""


class SettingsError(DocMindError):
    """A setting is missing, misspelt or contradicts another."""


class DocumentError(DocMindError):
    """One document cannot be read."""


class UnsupportedFormatError(DocumentError):
    """No parser for this kind of file."""


class EmptyDocumentError(DocumentError):
    """The document holds no text."""


class EncryptedDocumentError(DocumentError):
    """The document asks for a password."""


class DamagedDocumentError(DocumentError):
    """The document is truncated, or not what its name says."""


class DocumentTooLargeError(DocumentError):
    """The document is over a stated limit."""


class ParserCrashedError(DocumentError):
    """Reading took too long, too much memory, or killed the reading process."""


class LibraryError(DocMindError):
    """The library on disk cannot be used as asked."""


class LibraryInUseError(LibraryError):
    """Another DocMind process holds the library."""


class DocumentNotFoundError(LibraryError):
    """No document of that name or id."""


class EmbedderMismatchError(LibraryError):
    """The library was built with another embedding model."""


class ModelError(DocMindError):
    """A model cannot be had or used."""


class ModelNotFoundError(ModelError):
    """The model is not on this machine."""


class ModelDownloadError(ModelError):
    """Fetching the model failed."""


class ChecksumError(ModelError):
    """What arrived is not what was promised."""


class ExportError(DocMindError):
    """A file is no export that can be checked."""


class EngineError(DocMindError):
    """The language model failed while answering."""


class ContextWindowError(EngineError):
    """The prompt does not fit the model's window."""


class EngineLostError(EngineError):
    """The engine failed for good; the next question opens it again."""


class ServerError(EngineError):
    """The server behind the engine cannot be reached, or refuses."""


class MissingExtraError(DocMindError):
    """An optional package is not installed."""


@contextmanager
def panics_caught() -> Iterator[None]:
    """Have a panic of a library written in Rust be an exception like any other.

    It is no `Exception` in Python, and so passes whatever catches those: a thread would end in silence, and whoever
    waits for it would wait for ever.
    """
    try:
        yield
    except BaseException as error:
        if not is_panic(error):
            raise
        raise RuntimeError(f"a library panicked: {error}") from error


def is_panic(error: BaseException) -> bool:
    """Whether a library written in Rust has panicked. Each has a class of its own for that, of this name."""
    return not isinstance(error, Exception) and type(error).__name__ == "PanicException"


def is_closing(error: Exception) -> bool:
    """Whether something failed only because the app is being closed; what it was doing is resumed at the next start."""
    # Of a pool of threads that was shut down with its library, or by Python, which names its interpreter.
    return isinstance(error, RuntimeError) and str(error).endswith("shutdown")
