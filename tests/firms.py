"""Reports of five firms; one is found by its name only, which its file writes as one word and people as two."""

from __future__ import annotations

from pathlib import Path

QUESTION = "How high were the costs of Blue Harbour?"


def write_reports(folder: Path) -> list[Path]:
    """Write them; the one that is asked about is a little less like the question than the other four."""
    for number, name in enumerate(("orrin", "vela", "kestrel", "linden")):
        (folder / f"{name}.txt").write_text(f"The costs were {number + 2} million pounds, which is high.", "utf-8")
    (folder / "blueharbour.txt").write_text("The costs, nine million pounds, were high.", "utf-8")
    return sorted(folder.glob("*.txt"))
