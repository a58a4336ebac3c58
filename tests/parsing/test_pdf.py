"""Promises about reading PDFs."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_parsing import PROSE, make_scan, write_lines
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from docmind.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from docmind.parsing import Reader
