"""The cache's files: how many answers, for how long, in which order, after a damage, under a lock, between threads."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from docmind.answering.cache import AnswerCache, Embedding, Scope

HERE = Scope("*", "state", "circumstances")
Opener = Callable[..., AnswerCache]


def vector(text: str) -> list[float]:
    digest = hashlib.sha256(text.casefold().encode()).digest()
    return [byte / 255 for byte in digest]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """Opens the cache in the test's folder."""

    def open_cache(most: int = 100, days: float = 1.0, name: str = "hash") -> AnswerCache:
        embedding = Embedding(name, 32, vector, lambda texts: [1 for _ in texts])
        return AnswerCache(tmp_path / "cache", lambda: embedding, most, days)

    return open_cache


def keep(cache: AnswerCache, *names: str, scope: Scope = HERE) -> None:
    for name in names:
        assert cache.put(f"What is {name}?", scope, f"It is {name}.", lambda: True)


def kept(cache: AnswerCache, *names: str) -> list[str]:
    return [name for name in names if cache.get(f"What is {name}?", HERE)]


@pytest.mark.parametrize("most", [1, 4])
def test_there_are_never_more_answers_than_wanted(opened: Opener, most: int) -> None:
    cache = opened(most)
    keep(cache, *"abcdefghij")
    assert cache.statistics().entries == most
    assert kept(cache, *"abcdefghij") == list("abcdefghij")[-most:]
    cache.close()


def test_the_answer_that_was_used_longest_ago_goes_first_also_after_opening_it_again(opened: Opener) -> None:
    cache = opened(3)
    keep(cache, "a", "b", "c")
    assert kept(cache, "a") == ["a"]
    cache.close()
    cache = opened(3)
    keep(cache, "d")
    assert kept(cache, "a", "b", "c", "d") == ["a", "c", "d"]
    cache.close()


def test_a_smaller_cache_drops_at_opening_what_is_too_much(opened: Opener) -> None:
    cache = opened(5)
    keep(cache, *"abcde")
    cache.close()
    cache = opened(2)
    assert kept(cache, *"abcde") == ["d", "e"]
    cache.close()


def test_an_answer_is_kept_for_so_long(opened: Opener, tmp_path: Path) -> None:
    cache = opened(days=0.5 / 86_400)
    keep(cache, "a")
    assert kept(cache, "a") == ["a"]
    time.sleep(0.6)
    assert kept(cache, "a") == []
    cache.close()
    cache = opened(days=0.5 / 86_400)
    assert cache.statistics().entries == 0
    assert b"It is a." not in (tmp_path / "cache" / "answers.sqlite").read_bytes()
    cache.close()


def test_the_counts_outlive_the_app_until_they_are_cleared(opened: Opener, tmp_path: Path) -> None:
    cache = opened()
    cache.count(hit=False)
    cache.count(hit=True, seconds_saved=2.5)
    cache.count(hit=True, seconds_saved=1.5)
    cache.close()
    cache = opened()
    counted = cache.statistics()
    assert (counted.hits, counted.misses, counted.seconds_saved) == (2, 1, 4.0)
    cache.clear()
    assert not (tmp_path / "cache").exists()
    assert cache.statistics().hits == 0
    cache.close()


def test_nothing_is_written_for_looking_at_what_is_not_there(opened: Opener, tmp_path: Path) -> None:
    cache = opened()
    assert cache.statistics().entries == cache.drop_where(lambda _, __: True) == 0
    assert not (tmp_path / "cache").exists()


def test_what_is_dropped_goes_from_tables_vectors_order_and_reports(opened: Opener, tmp_path: Path) -> None:
    cache = opened(3)
    keep(cache, "a", "b")
    file = tmp_path / "cache" / "answers.sqlite"
    with sqlite3.connect(file) as database:  # as GPTCache would write it, were its reports not off
        database.execute(
            "INSERT INTO gptcache_report (user_question, cache_question_id, cache_question, cache_answer, similarity, "
            "cache_delta_time) SELECT question, id, question, 'It is a.', 1, 1 FROM gptcache_question LIMIT 1"
        )
    keep(cache, "c", scope=Scope("one", "other", "circumstances"))
    assert cache.drop_where(lambda documents, _: documents == "*") == 2
    assert cache.statistics().entries == 1
    cache.close()
    with sqlite3.connect(file) as database:
        for table in ("question", "answer", "report", "question_dep", "session"):
            rows = database.execute(f"SELECT COUNT(*) FROM gptcache_{table}").fetchone()  # noqa: S608 - our own names
            assert rows[0] == {"question": 1, "answer": 1, "question_dep": 3}.get(table, 0)
    assert b"It is a." not in file.read_bytes()


def test_nothing_is_reported_when_an_answer_is_given_again(opened: Opener, tmp_path: Path) -> None:
    cache = opened()
    keep(cache, "a")
    assert kept(cache, "a") == ["a"]
    cache.close()
    with sqlite3.connect(tmp_path / "cache" / "answers.sqlite") as database:
        assert database.execute("SELECT COUNT(*) FROM gptcache_report").fetchone() == (0,)


def test_lost_vectors_are_made_anew_from_the_tables(opened: Opener, tmp_path: Path) -> None:
    cache = opened()
    keep(cache, "a", "b")
    cache.close()
    (tmp_path / "cache" / "vectors" / "edge_config.json").unlink()
    cache = opened()
    assert kept(cache, "a", "b") in (["a", "b"], [])  # made anew, or the whole cache is
    keep(cache, "c")
    assert kept(cache, "c") == ["c"]
    cache.close()


@pytest.mark.parametrize("damage", [b"", b"no database" * 5000])
def test_a_damaged_file_costs_the_answers_and_nothing_else(opened: Opener, tmp_path: Path, damage: bytes) -> None:
    cache = opened()
    keep(cache, "a")
    cache.close()
    (tmp_path / "cache" / "answers.sqlite").write_bytes(damage)
    cache = opened()
    assert kept(cache, "a") == []
    keep(cache, "b")
    assert kept(cache, "b") == ["b"]
    cache.close()


def test_answers_kept_under_another_embedding_model_are_dropped(opened: Opener) -> None:
    cache = opened()
    keep(cache, "a")
    cache.close()
    cache = opened(name="another")
    assert kept(cache, "a") == []
    keep(cache, "b")
    assert kept(cache, "b") == ["b"]
    cache.close()


def test_a_locked_file_is_done_without_and_used_again_later(opened: Opener, tmp_path: Path) -> None:
    cache = opened()
    keep(cache, "a")
    blocker = sqlite3.connect(tmp_path / "cache" / "answers.sqlite", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    assert cache.get("What is a?", HERE) is None
    assert "locked" in cache.problem
    assert not cache.put("What is b?", HERE, "It is b.", lambda: True)
    blocker.execute("ROLLBACK")
    blocker.close()
    assert kept(cache, "a", "b") == ["a"]
    assert cache.problem == ""
    cache.close()


def test_a_locked_cache_is_removed_as_a_whole_rather_than_keep_what_must_go(opened: Opener, tmp_path: Path) -> None:
    cache = opened()
    keep(cache, "a")
    blocker = sqlite3.connect(tmp_path / "cache" / "answers.sqlite", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    cache.drop_where(lambda _, __: True)
    assert not (tmp_path / "cache").exists()
    blocker.close()
    cache.close()


def test_threads_ask_and_keep_side_by_side(opened: Opener) -> None:
    cache = opened()

    def work(thread: int) -> int:
        keep(cache, *(f"x{thread}{number}" for number in range(5)))
        return len(kept(cache, *(f"x{other}{number}" for other in range(4) for number in range(5))))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(4)))
    assert min(found) >= 5
    assert cache.statistics().entries == 20
    cache.close()


def test_a_closed_cache_gives_and_keeps_nothing(opened: Opener) -> None:
    cache = opened()
    keep(cache, "a")
    cache.close()
    cache.close()
    assert cache.get("What is a?", HERE) is None
    assert not cache.put("What is b?", HERE, "It is b.", lambda: True)
