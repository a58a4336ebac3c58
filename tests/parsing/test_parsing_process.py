"""Promises about the reading process: killed, starved, hung or hijacked, it harms one document only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from making import flate_bomb, lines, make_pdf

from docmind.errors import DocumentError, DocumentNotFoundError, DocumentTooLargeError, ParserCrashedError
from docmind.parsing import Reader


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "docmind.parsing.sandbox.child" in child.cmdline()]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.txt"
    path.write_text("Plain words.")
    return path


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A document that keeps a parser busy for long: nested brackets cost Markdown the square of their number."""
    path = tmp_path / "slow.md"
    path.write_text("[a](" * 1_000_000)
    return path


def test_one_process_serves_many_documents(good: Path) -> None:
    before = {child.pid for child in children()}
    with Reader() as reader:
        reader.parse(good)
        (first,) = {child.pid for child in children()} - before
        for _ in range(5):
            reader.parse(good)
        assert {child.pid for child in children()} - before == {first}
        for _ in range(50):
            reader.parse(good)
        assert {child.pid for child in children()} - before != {first}  # replaced after fifty
    assert {child.pid for child in children()} == before


def test_a_killed_process_costs_one_document(good: Path, slow: Path) -> None:
    before = {child.pid for child in children()}
    with Reader(parse_seconds=60) as reader:
        reader.parse(good)
        (victim,) = {child.pid for child in children()} - before
        threading.Timer(0.5, os.kill, (victim, signal.SIGKILL)).start()
        with pytest.raises(ParserCrashedError, match=r"'slow\.md'.*Save it again"):
            reader.parse(slow)
        assert reader.parse(good).blocks[0].text == "Plain words."


def test_a_process_that_died_between_documents_is_replaced(good: Path) -> None:
    before = {child.pid for child in children()}
    with Reader() as reader:
        reader.parse(good)
        (victim,) = [child for child in children() if child.pid not in before]
        victim.kill()
        victim.wait(10)
        assert reader.parse(good).blocks[0].text == "Plain words."


def test_a_time_out_stops_the_document_and_not_the_reader(good: Path, slow: Path) -> None:
    with Reader(parse_seconds=1) as reader:
        with pytest.raises(ParserCrashedError, match=r"longer than 1 seconds.*DOCMIND_PARSE_SECONDS"):
            reader.parse(slow)
        assert reader.parse(good).blocks[0].text == "Plain words."


def test_a_document_that_is_given_up_ends_at_once_and_no_other_does(good: Path, slow: Path) -> None:
    before = {child.pid for child in children()}
    with Reader(parse_seconds=600) as reader:
        assert reader.parse(good)
        (first,) = {child.pid for child in children()} - before
        reader.give_up(good, good.name)  # through already
        assert reader.parse(good)
        assert {child.pid for child in children()} - before == {first}
        threading.Timer(0.5, reader.give_up, (good, good.name)).start()  # another one is being read then
        threading.Timer(1.0, reader.give_up, (slow, slow.name)).start()
        began = time.monotonic()
        with pytest.raises(DocumentNotFoundError, match=r"'slow\.md' was cancelled"):
            reader.parse(slow)
        assert time.monotonic() - began >= 1.0
        assert reader.parse(good).blocks[0].text == "Plain words."


@pytest.mark.faults
def test_a_flate_bomb_is_contained(tmp_path: Path, good: Path) -> None:
    bomb = flate_bomb(tmp_path / "bomb.pdf", 1024)
    assert bomb.stat().st_size < 2 * 2**20
    with Reader(parse_seconds=60, memory_mib=768) as reader:
        with pytest.raises(DocumentError, match=r"'bomb\.pdf'"):
            reader.parse(bomb)
        assert reader.parse(good).blocks[0].text == "Plain words."


@pytest.mark.faults
def test_memory_is_limited(tmp_path: Path, good: Path) -> None:
    huge = tmp_path / "huge.md"
    huge.write_text("word *x* " * 8_000_000)
    with Reader(parse_seconds=120, memory_mib=512) as reader:
        with pytest.raises(ParserCrashedError, match="memory"):
            reader.parse(huge)
        assert reader.parse(good).blocks[0].text == "Plain words."


def test_a_pdf_is_read_where_memory_is_short(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", lines("A sentence that is long enough to be a sentence."))
    with Reader(memory_mib=512) as reader:
        assert reader.parse(path).blocks[0].text == "A sentence that is long enough to be a sentence."


def test_an_answer_over_the_limit_is_refused(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 100_000)
    with Reader(max_answer_bytes=100_000) as reader:
        with pytest.raises(DocumentTooLargeError, match=r"'long\.txt'.*Split"):
            reader.parse(path)
        assert reader.parse(good).blocks[0].text == "Plain words."


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"a" * 2**20)
    with Reader(max_file_bytes=2**19) as reader, pytest.raises(DocumentTooLargeError, match="DOCMIND_MAX_FILE_MIB"):
        reader.parse(path)


def test_many_threads_share_a_reader(reader: Reader, tmp_path: Path) -> None:
    seen: dict[int, str] = {}

    def read(number: int) -> None:
        path = tmp_path / f"{number}.txt"
        path.write_text(f"words {number}")
        seen[number] = reader.parse(path).blocks[0].text

    threads = [threading.Thread(target=read, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: f"words {number}" for number in range(12)}


def test_the_process_outlives_the_thread_that_asked_first(good: Path) -> None:
    before = {child.pid for child in children()}
    with Reader() as reader:
        thread = threading.Thread(target=reader.parse, args=(good,))
        thread.start()
        thread.join()
        (first,) = {child.pid for child in children()} - before
        reader.parse(good)
        assert {child.pid for child in children()} - before == {first}


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a busy child that its parent died")
def test_a_killed_app_leaves_no_busy_process_behind(slow: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from docmind.parsing import Reader; Reader().parse(Path(sys.argv[1]))"
    )
    app = subprocess.Popen([sys.executable, "-c", program, str(slow)])
    while not (inner := psutil.Process(app.pid).children()):
        time.sleep(0.05)
    time.sleep(0.7)  # well inside the parser
    app.kill()
    app.wait()
    _, alive = psutil.wait_procs(inner, timeout=10)
    assert not alive


def test_the_door_imports_no_library() -> None:
    program = (
        "import sys, docmind.parsing;"
        "print([m for m in ('pypdfium2','mammoth','selectolax','PIL','torch','llama_index','pydantic')"
        " if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"
