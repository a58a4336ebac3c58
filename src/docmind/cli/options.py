"""Options that several commands take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Scope = Annotated[
    list[str] | None, typer.Option("--document", help="Only this document, by name or id; may be repeated.")
]
InCollections = Annotated[
    list[str] | None, typer.Option("--collection", help="Only the documents of this collection; may be repeated.")
]
OfTypes = Annotated[
    list[str] | None, typer.Option("--type", help="Only documents of this type, such as pdf; may be repeated.")
]
AddedAfter = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only documents added on this day or later.")
]
AddedBefore = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only documents added before this day.")
]
