"""Files in, text and page pictures out. The only door is `Reader`.

Every document is read in a child process that can be killed, because parsers of PDF, HTML and ZIP
abort, hang or swallow all memory on hostile files. Importing this package is cheap: parsing libraries
are imported by the child, and there only the one a document needs.

The formats that are read are one table, `formats`.
"""

from __future__ import annotations

from docmind.parsing.formats import FORMATS, SUPPORTED_SUFFIXES
from docmind.parsing.sandbox.reader import Reader

__all__ = ["FORMATS", "SUPPORTED_SUFFIXES", "Reader"]
