"""Whatever happens to the documents, and however the app ends: no answer is given that they do not hold any more."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.question import Question
from docmind.answering.remembering import kept_answers
from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.settings import Settings
from docmind.workspace import Workspace

BOXES = ("amber", "copper", "ivory", "violet")


class Shelf:
    """A library of one document a box, each saying its box's code, and what they ought to say."""

    def __init__(self, workspace: Workspace, folder: Path, chance: random.Random) -> None:
        self.workspace, self.folder, self.chance = workspace, folder, chance
        self.codes: dict[str, int] = {}

    def change(self) -> None:
        """Add, replace or delete a document."""
        box = self.chance.choice(BOXES)
        if box in self.codes and self.chance.random() < 0.35:
            del self.codes[box]
            delete(self.workspace, self.workspace.catalog.find(f"{box}.txt"))
            return
        # Sometimes the bytes of an earlier version come back.
        code = self.chance.choice((1111, 2222, 3333, 4444))
        path = self.folder / f"{box}.txt"
        path.write_text(f"The secret code of the {box} box is {code}. Nobody else may open the {box} box.", "utf-8")
        list(ingest(self.workspace, [path]))
        self.codes[box] = code

    def ask(self) -> bool:
        """Ask for a code, of all documents or of one; returns whether it came from the cache."""
        box = self.chance.choice(BOXES)
        scope = None
        if box in self.codes and self.chance.random() < 0.4:
            scope = (self.workspace.catalog.find(f"{box}.txt").id,)
        *_, answer = ask(self.workspace, Question(f"What is the secret code of the {box} box?", scope))
        assert isinstance(answer, Answer)
        said = [code for code in (1111, 2222, 3333, 4444) if str(code) in answer.text and box in answer.text]
        assert said == ([self.codes[box]] if box in self.codes else []), (box, answer.text, self.codes)
        if answer.from_cache:
            for citation in answer.citations:
                assert self.workspace.catalog.document(citation.document_id).state == "ready"
        return answer.from_cache is not None


def caching(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data", engine="extractive", embedder="hash", cache_entries=6)


@pytest.mark.parametrize(("seed", "steps"), [(1, 24), pytest.param(2, 400, marks=pytest.mark.slow)])
def test_no_answer_outlives_its_documents_in_a_random_life(tmp_path: Path, seed: int, steps: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time is what is wanted
    given = 0
    shelf = None
    for _ in range(2):  # the second half after opening the library again
        with Workspace(caching(tmp_path)) as workspace:
            codes = shelf.codes if shelf else {}
            shelf = Shelf(workspace, tmp_path, chance)
            shelf.codes = codes
            shelf.change()
            for _ in range(steps // 2):
                if chance.random() < 0.25:
                    shelf.change()
                elif shelf.codes:
                    given += shelf.ask()
            assert kept_answers(workspace).statistics().entries <= 6
    assert given


def test_an_answer_that_is_written_while_its_document_is_replaced_is_not_kept(tmp_path: Path) -> None:
    with Workspace(caching(tmp_path)) as workspace:
        shelf = Shelf(workspace, tmp_path, random.Random(3))  # noqa: S311 - as above
        while set(shelf.codes) != set(BOXES):
            shelf.change()
        stop, wrong = threading.Event(), []

        def keep_asking() -> None:
            while not stop.is_set():
                for box in BOXES:
                    before = workspace.catalog.revision
                    *_, answer = ask(workspace, f"What is the secret code of the {box} box?")
                    assert isinstance(answer, Answer)
                    if before == workspace.catalog.revision and answer.from_cache and box in shelf.codes:
                        shown.append((box, answer.text, before))

        shown: list[tuple[str, str, int]] = []
        asking = threading.Thread(target=keep_asking)
        asking.start()
        history: dict[int, dict[str, int]] = {workspace.catalog.revision: dict(shelf.codes)}
        for _ in range(5):
            shelf.change()
            history[workspace.catalog.revision] = dict(shelf.codes)
            time.sleep(0.1)
        stop.set()
        asking.join()
        for box, text, revision in shown:
            code = history.get(revision, {}).get(box)
            if code is not None and str(code) not in text:
                wrong.append((box, text, code))
        assert not wrong


LIFE = """
import random, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from test_cache_consistency import Shelf, caching
from docmind.workspace import Workspace
folder, seed = Path(sys.argv[1]), int(sys.argv[2])
with Workspace(caching(folder)) as workspace:
    shelf = Shelf(workspace, folder, random.Random(seed))
    while True:
        shelf.change()
        print("changed", flush=True)
        for _ in range(3):
            try:
                shelf.ask()
            except AssertionError:
                pass  # documents of the life before, of which this one does not know
"""


@pytest.mark.faults
def test_an_app_that_was_killed_gives_no_stale_answer_afterwards(tmp_path: Path) -> None:
    chance = random.Random(4)  # noqa: S311 - as above
    for seed in range(4):
        arguments = [sys.executable, "-c", LIFE, str(tmp_path), str(seed), str(Path(__file__).parent)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as life:
            assert life.stdout
            for _ in range(chance.randint(1, 3)):
                assert life.stdout.readline() == "changed\n"
            time.sleep(chance.random() * 0.3)
            life.send_signal(signal.SIGKILL)
        with Workspace(caching(tmp_path)) as workspace:
            shelf = Shelf(workspace, tmp_path, chance)
            list(ingest(workspace, []))  # puts in order what the kill left
            for document in workspace.catalog.documents("ready"):
                box = document.name.removesuffix(".txt")
                text = "".join(node.get_content() for node in workspace.store.chunks_of(document.id))
                shelf.codes[box] = next(code for code in (1111, 2222, 3333, 4444) if str(code) in text)
            for _ in range(12):
                if shelf.codes:
                    shelf.ask()
            assert kept_answers(workspace).statistics().problem == ""
