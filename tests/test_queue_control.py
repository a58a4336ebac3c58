"""The queue in the user's hands: small ones first, how far it is, paused, and cancelled without a trace."""

from __future__ import annotations

import dataclasses
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docmind.ingestion.ingest import drain
from docmind.ingestion.jobs import Ingestion
from docmind.ingestion.originals import stage
from docmind.ingestion.recovery import recover
from docmind.ingestion.removal import cancel
from docmind.ingestion.standing import Spent, standing
from docmind.records import ParsedDocument
from docmind.settings import Settings
from docmind.storage.catalog import Document
from docmind.storage.particulars import SMALL, Pace
from docmind.workspace import Workspace

PATIENCE = 30  # seconds


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def add(workspace: Workspace, name: str, clauses: int) -> Document:
    text = "\n\n".join(f"Clause {number} of {name}: the rent is {number} pounds." for number in range(clauses))
    document, _ = stage(workspace, io.BytesIO(text.encode()), name)
    return document


def nothing_is_left(workspace: Workspace) -> bool:
    """Whether catalogue, vectors and originals hold the ready documents and nothing else."""
    ready = workspace.catalog.documents("ready")
    return (
        workspace.catalog.documents() == ready
        and workspace.store.count() == sum(document.chunks for document in ready)
        and {file.name for file in workspace.originals.iterdir()} == {document.sha256 for document in ready}
    )


@pytest.fixture
def batches(plain_settings: Settings) -> Iterator[Workspace]:
    """A library that embeds one passage at a time, so that a document takes many batches."""
    with Workspace(plain_settings.model_copy(update={"embed_batch_size": 1})) as workspace:
        yield workspace


def test_small_documents_are_read_first_and_equals_in_the_order_they_came(plain_workspace: Workspace) -> None:
    for name, clauses in (("large.txt", 40), ("small-b.txt", 2), ("small-a.txt", 2), ("middle.txt", 9)):
        add(plain_workspace, name, clauses)
    assert [outcome.path for outcome in drain(plain_workspace)] == [
        "small-b.txt",
        "small-a.txt",
        "middle.txt",
        "large.txt",
    ]


def test_cancelling_leaves_nothing_of_a_document_wherever_it_is(batches: Workspace) -> None:
    first, second, third = (add(batches, f"{number}.txt", 60 + number) for number in range(3))
    seen: list[bool] = []

    def at_the_second_batch(name: str, done: int, _total: int) -> None:
        if name == first.name and done == 2:
            assert batches.store.count(first.id) == 2
            seen.extend([cancel(batches, first), cancel(batches, second)])
            assert {document.name for document in batches.catalog.documents("queued", "reading")} == {third.name}
        assert name != first.name or done <= 2, "it is embedded on"

    assert [outcome.path for outcome in drain(batches, at_the_second_batch)] == [third.name]
    assert seen == [True, True]
    assert nothing_is_left(batches)
    assert not cancel(batches, batches.catalog.find(third.name))  # through already: it stays
    assert nothing_is_left(batches)


@pytest.mark.parametrize("ahead", [False, True], ids=["being read", "read ahead"])
def test_a_document_that_is_cancelled_while_it_is_parsed_holds_up_no_other(
    plain_settings: Settings, monkeypatch: pytest.MonkeyPatch, *, ahead: bool
) -> None:
    begun: list[str] = []
    with Workspace(plain_settings.model_copy(update={"parse_seconds": 600.0})) as workspace:
        parse = workspace.reader.parse

        def noted(path: Path, name: str) -> ParsedDocument:
            begun.append(name)
            return parse(path, name)

        monkeypatch.setattr(workspace.reader, "parse", noted)
        if ahead:
            add(workspace, "first.txt", 1)
        slow, _ = stage(workspace, io.BytesIO(b"[a](" * 1_000_000), "slow.md")
        jobs = Ingestion(workspace)
        wait_until(lambda: "slow.md" in begun)
        time.sleep(0.5)
        last, _ = stage(workspace, io.BytesIO(b"The rent is nine pounds."), "last.txt")
        assert cancel(workspace, slow)
        jobs.wake()
        wait_until(lambda: workspace.catalog.document(last.id).state == "ready")
        wait_until(lambda: nothing_is_left(workspace))
        assert {document.name for document in workspace.catalog.documents()} == {
            *(["first.txt"] if ahead else []),
            last.name,
        }


def test_cancelling_a_new_version_leaves_the_earlier_one(batches: Workspace) -> None:
    add(batches, "lease.txt", 3)
    list(drain(batches))
    newer = add(batches, "lease.txt", 60)
    assert list(drain(batches, lambda _name, done, _total: cancel(batches, newer) if done == 3 else None)) == []
    assert nothing_is_left(batches)
    assert batches.catalog.find("lease.txt").id != newer.id
    assert batches.retriever().retrieve("clause 2 rent")


def test_what_was_cancelled_before_a_crash_is_removed_at_the_next_start(batches: Workspace) -> None:
    document = add(batches, "a.txt", 60)

    def crash(_name: str, done: int, _total: int) -> None:
        if done == 2:
            cancel(batches, document)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(drain(batches, crash))
    recover(batches)
    assert nothing_is_left(batches)
    assert batches.catalog.documents() == []


def test_reading_can_be_paused_in_the_middle_resumed_and_cancelled_while_it_is_paused(batches: Workspace) -> None:
    jobs = Ingestion(batches)
    jobs.pause()
    first = add(batches, "first.txt", 300)
    jobs.wake()
    time.sleep(0.1)
    add(batches, "other.txt", 400)
    jobs.resume()
    wait_until(lambda: batches.catalog.has("reading") and batches.catalog.document(first.id).chunks_done)
    jobs.pause()
    time.sleep(0.3)
    before = batches.catalog.document(first.id).chunks_done
    time.sleep(0.3)
    shown = jobs.standing()
    assert shown is not None
    assert shown.paused
    assert (shown.number, shown.total, shown.name) == (1, 2, "first.txt")
    assert 0 < batches.catalog.document(first.id).chunks_done == before < batches.catalog.document(first.id).chunks
    cancel(batches, first)
    wait_until(lambda: not batches.catalog.has("removing"))
    jobs.resume()
    wait_until(lambda: batches.catalog.has("ready") and jobs.standing() is None)
    assert [document.name for document in batches.catalog.documents()] == ["other.txt"]
    wait_until(lambda: nothing_is_left(batches))


def test_the_time_left_follows_from_what_was_read_and_is_not_said_where_nothing_was(plain_workspace: Workspace) -> None:
    small = add(plain_workspace, "a.txt", 10)
    large = dataclasses.replace(small, id="b", name="b.txt", size=10 * SMALL)
    unknown = standing(0, [small, large], plain_workspace.catalog.particulars.pace())
    assert unknown is not None
    assert unknown.seconds_left is None
    # A kind of file that is refused takes no time; a small one as long as small ones, a larger one by its bytes.
    refused = dataclasses.replace(large, name="c.xyz", size=10**9)
    half = dataclasses.replace(small, state="reading", chunks=4, chunks_done=2)
    known = standing(1, [half, large, refused], {"txt": Pace(0.5, 40.0, 4 * SMALL)}, Spent(3.0, since=1.0))
    assert known is not None
    assert known.seconds_left == pytest.approx((3 - 1) + 100)
    assert (known.number, known.total) == (2, 4)
    assert known.share == pytest.approx(1.5 / 4)
    list(drain(plain_workspace))
    measured = plain_workspace.catalog.particulars.pace()["txt"]
    assert measured.small is not None
    assert measured.size == 0
    assert standing(0, [], {}) is None


def test_small_documents_say_nothing_of_how_long_a_large_one_takes(batches: Workspace) -> None:
    # What a file costs whatever its size was taken for what its bytes cost: an hour instead of minutes.
    catalog = batches.catalog
    for number in range(3):
        document = catalog.enqueue(f"small {number}.txt", f"{number:064}", 60)
        catalog.start(document.id)
        catalog.publish(document.id, format="txt", title="", pages=None, chunks=0, seconds=60.0, warnings=())
    jobs = Ingestion(batches)
    jobs.pause()
    large, other = add(batches, "large.txt", 5000), add(batches, "other.txt", 5010)
    before = jobs.standing()
    assert before is not None
    assert before.seconds_left is None
    jobs.resume()
    jobs.wake()
    wait_until(lambda: catalog.document(large.id).chunks_done > 10)
    jobs.pause()
    time.sleep(0.5)
    shown = jobs.standing()
    assert shown is not None
    assert shown.seconds_left is not None
    assert 0 < shown.seconds_left < 60
    # Pauses are none of the time that it takes.
    spent = shown.seconds_left
    time.sleep(1)
    jobs.resume()
    wait_until(lambda: catalog.document(large.id).chunks_done > 60)
    shown = jobs.standing()
    assert shown is not None
    assert shown.seconds_left is not None
    assert shown.seconds_left < 2 * spent + 1
    cancel(batches, large)
    cancel(batches, other)
    wait_until(lambda: jobs.standing() is None)
