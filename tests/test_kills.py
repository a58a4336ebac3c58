"""Kills in the middle of what the app writes beside documents: chats, feedback, analyses, exports, settings."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docmind.answering.export.files import read_export
from docmind.storage.catalog import Catalog

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

TURNS = 30
LIFE = """
import sys
from pathlib import Path
from docmind.answering.export.files import write_export
from docmind.answering.export.record import seal
from docmind.keeping_settings import keep_setting
from docmind.storage.catalog import Catalog
from docmind.storage.chats import Message

folder, turns = Path(sys.argv[1]), int(sys.argv[2])
catalog = Catalog(folder / "catalog.sqlite")
chats, analyses = catalog.chats, catalog.analyses
with catalog.database.transaction():
    for title in {"title 0", "comes and goes"}.difference(
        "title 0" if chat.title.startswith("title") else chat.title for chat in chats.all()
    ):  # a kill between deleting it and undoing that
        chat = chats.new(title)
        for turn in range(turns):
            chats.add(chat.id, Message("assistant", {"text": "x" * 5000, "turn": turn}))
        if title == "comes and goes":
            for message in chats.messages(chat.id):
                chats.feedback.give(message.id, helpful=True, why="0", right_answer="0")
if not catalog.documents():
    document = catalog.enqueue("note.txt", "0" * 64, 1)
    catalog.database.run("UPDATE document SET state = 'ready' WHERE id = ?", (document.id,))
kept = next(chat.id for chat in chats.all() if chat.title.startswith("title"))
(document,) = catalog.documents("ready")
number = int(sys.argv[3])
while True:
    number += 1
    word = str(number)
    chats.rename(kept, f"title {word}")
    for chat in chats.all():
        if chat.title == "comes and goes":
            for message in chats.messages(chat.id):
                chats.feedback.give(message.id, helpful=bool(number % 2), why=word, right_answer=word)
            chats.pin(chat.id, pinned=True)
            deleted = chats.delete(chat.id)
            chats.restore(deleted)
    analyses.add(word, {"text": "x" * 50_000}, [document.id])
    answers = [{"question": word, "answer": "x" * 2_000_000, "sentences": [], "citations": [], "found": True,
                "engine": "e", "model": "none", "left_machine": False, "answered": None}]
    write_export(seal("chat", word, answers), folder / "chat.json")
    keep_setting("retrieve_chunks", word)
    print(number, flush=True)
"""


def check(folder: Path, done: int) -> None:
    """Everything is whole, and nothing that was said to be done is lost; the chat that comes and goes may be gone."""
    catalog = Catalog(folder / "catalog.sqlite")
    run = catalog.database.run
    assert [row["integrity_check"] for row in run("PRAGMA integrity_check")] == ["ok"]
    assert run("PRAGMA foreign_key_check") == []
    by_title = {chat.title: chat for chat in catalog.chats.all()}
    (title,) = [title for title in by_title if title.startswith("title")]
    assert int(title.split()[1]) in (done, done + 1)
    there = by_title.get("comes and goes")
    wanted = [by_title[title], *([there] if there else [])]
    for chat in wanted:
        assert [message.content["turn"] for message in catalog.chats.messages(chat.id)] == list(range(TURNS))
    feedback = [given for given, _ in catalog.chats.feedback.all()]
    assert len(feedback) == (TURNS if there else 0)
    assert all(given.why == given.right_answer for given in feedback)
    pins = run("SELECT key FROM fact WHERE key LIKE 'pinned chat %'")
    assert len(pins) == bool(there and there.pinned)
    titles = [int(analysis.title) for analysis in catalog.analyses.all()]
    assert set(titles) >= set(range(1, done + 1))
    linked = run("SELECT COUNT(*) AS number FROM analysis_document")
    assert linked[0]["number"] == len(titles)
    catalog.close()
    if done:
        claim = read_export(folder / "chat.json")
        assert claim.intact
        assert int(claim.title) in (done, done + 1)
        lines = (folder / "docmind.env").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "DOCMIND_PORT=8600"
        assert [int(line.removeprefix("DOCMIND_RETRIEVE_CHUNKS=")) for line in lines[1:]] in ([done], [done + 1])


@pytest.mark.faults
def test_a_kill_in_the_middle_of_what_is_written_leaves_it_whole(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - repeatable, not secret
    settings = tmp_path / "docmind.env"
    settings.write_text("DOCMIND_PORT=8600\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCMIND_")}
    environment["DOCMIND_ENV_FILE"] = str(settings)
    done = 0
    for _ in range(12):
        arguments = [sys.executable, "-c", LIFE, str(tmp_path), str(TURNS), str(done)]
        with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True) as life:
            assert life.stdout
            for _ in range(chance.randint(1, 3)):
                done = int(life.stdout.readline())
            time.sleep(chance.random() * 0.3)
            life.send_signal(signal.SIGKILL)
            done = max([done, *map(int, life.stdout.read().split())])
        check(tmp_path, done)
