"""Where kept answers lie: GPTCache's tables in SQLite, its vectors in Qdrant Edge, and which were used last.

What is dropped is overwritten with noughts, so that a deleted document's words are in none of the files any more.
"""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Column, Engine, Float, MetaData, String, Table, create_engine, event, select, text
from sqlalchemy.orm import sessionmaker

from docmind.answering.cache.library import CacheData, EvictionBase, SQLStorage, VectorBase, VectorData
from docmind.errors import LibraryError
from docmind.stores.edge_shard import VectorShard

_WAIT_SECONDS = 0.25  # for another process that holds the file; a question does not wait longer for a shortcut
_BATCH = 500  # SQLite takes some thousand bound values in a statement
_LOOKED_UP = (
    ("answer", "question_id"), ("question_dep", "question_id"), ("session", "question_id"),
    ("report", "cache_question_id"),
)  # fmt: skip
_TABLES = MetaData()
_FACTS = Table("docmind_fact", _TABLES, Column("name", String, primary_key=True), Column("value", String))
_COUNTS = Table("docmind_count", _TABLES, Column("name", String, primary_key=True), Column("value", Float))


class Storage(SQLStorage):  # type: ignore[misc]  # it carries annotations, and inherits from what has none
    """GPTCache's tables, in a file that keeps nothing of what was deleted from it; with facts and counts of ours."""

    def __init__(self, file: Path) -> None:
        self._file = file
        super().__init__(url=f"sqlite:///{file.as_posix()}")
        # GPTCache's own connections would tell the texts in their error messages, and keep what was deleted.
        self._engine.dispose()
        self._engine: Engine = create_engine(
            f"sqlite:///{file.as_posix()}", hide_parameters=True, connect_args={"timeout": _WAIT_SECONDS}
        )
        event.listen(self._engine, "connect", _forgets)
        self.Session = sessionmaker(bind=self._engine)
        _TABLES.create_all(self._engine)
        with self._engine.begin() as connection:
            # Without them SQLite reads every answer to find those of one question.
            for table, column in _LOOKED_UP:
                connection.execute(text(f"CREATE INDEX IF NOT EXISTS docmind_{table} ON gptcache_{table} ({column})"))
        self._check()

    def ids(self) -> list[int]:
        """The numbers of all entries, the one that was used longest ago first."""
        with self.Session() as session:
            rows = session.query(self._ques.id).filter(self._ques.deleted == 0)
            return [row.id for row in rows.order_by(self._ques.last_access, self._ques.id)]

    def older_than(self, moment: datetime) -> list[int]:
        """The entries made before a moment of local time."""
        with self.Session() as session:
            rows = session.query(self._ques.id).filter(self._ques.create_on < moment)
            return [row.id for row in rows]

    def get_data_by_id(self, key: int) -> CacheData | None:
        """An entry; GPTCache would note it as used although it was only looked at, and write to the disk for that."""
        with self.Session() as session:
            found = session.query(self._ques).filter(self._ques.id == key, self._ques.deleted == 0).first()
            if found is None:
                return None
            answers = session.query(self._answer.answer, self._answer.answer_type)
            return CacheData(
                question=found.question,
                answers=[(row.answer, row.answer_type) for row in answers.filter(self._answer.question_id == key)],
                embedding_data=np.frombuffer(found.embedding_data, dtype=np.float32),
                create_on=found.create_on,
                last_access=found.last_access,
            )

    def used(self, entries: Mapping[int, datetime]) -> None:
        """Note when entries were used last, in local time."""
        with self.Session() as session:
            for number, moment in entries.items():
                session.query(self._ques).filter(self._ques.id == number).update({"last_access": moment})
            session.commit()

    def vectors(self) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Every entry's number and vector."""
        with self.Session() as session:
            for row in session.query(self._ques.id, self._ques.embedding_data).filter(self._ques.deleted == 0):
                yield row.id, np.frombuffer(row.embedding_data, dtype=np.float32)

    def notes(self, name: str) -> dict[str, list[int]]:
        """What is noted under a name beside the entries: each value with the entries that have it."""
        found: dict[str, list[int]] = {}
        with self.Session() as session:
            rows = session.query(self._ques_dep.question_id, self._ques_dep.dep_data)
            for row in rows.filter(self._ques_dep.dep_name == name):
                found.setdefault(row.dep_data, []).append(row.question_id)
        return found

    def drop(self, numbers: Sequence[int]) -> None:
        """Delete entries, and whatever GPTCache's reports copied of them."""
        for begin in range(0, len(numbers), _BATCH):
            part = list(numbers[begin : begin + _BATCH])
            self.mark_deleted(part)
            with self.Session() as session:
                session.query(self._report).filter(self._report.cache_question_id.in_(part)).delete()
                session.commit()
            self.clear_deleted_data()

    def shrink(self) -> None:
        """Give back the room that deleted entries took."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))

    def fact(self, name: str) -> str | None:
        """A remembered value."""
        with self._engine.begin() as connection:
            return connection.execute(select(_FACTS.c.value).where(_FACTS.c.name == name)).scalar()

    def remember(self, name: str, value: str) -> None:
        """Remember a value."""
        with self._engine.begin() as connection:
            connection.execute(_FACTS.delete().where(_FACTS.c.name == name))
            connection.execute(_FACTS.insert().values(name=name, value=value))

    def add_to(self, **counts: float) -> None:
        """Add to counts that are kept."""
        with self._engine.begin() as connection:
            for name, more in counts.items():
                known = connection.execute(select(_COUNTS.c.value).where(_COUNTS.c.name == name)).scalar()
                connection.execute(_COUNTS.delete().where(_COUNTS.c.name == name))
                connection.execute(_COUNTS.insert().values(name=name, value=(known or 0.0) + more))

    def counted(self, name: str) -> float:
        """A count; 0 where nothing was ever counted."""
        with self._engine.begin() as connection:
            return float(connection.execute(select(_COUNTS.c.value).where(_COUNTS.c.name == name)).scalar() or 0.0)

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()

    def _check(self) -> None:
        """Have SQLite look through a file that may have been damaged; raises what it finds."""
        with self._engine.begin() as connection:
            found = connection.execute(text("PRAGMA quick_check")).scalar()
        if found != "ok":
            raise DamagedError(str(found))


class DamagedError(Exception):
    """The file is no database any more; never leaves this package."""


def _forgets(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA secure_delete = ON")
    # A log beside the file would keep pages of deleted answers; this journal is removed with each change.
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = OFF")  # a power cut may cost the cache, which is checked when it is opened


class Vectors(VectorBase):  # type: ignore[misc]  # as above
    """Questions' vectors in Qdrant Edge, told apart by scope. What Edge refuses is raised as `DamagedError`."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder, self._dimensions = folder, dimensions
        with _as_damage():
            self._shard = VectorShard(folder, dimensions)

    def mul_add(self, datas: list[VectorData], scope: str = "") -> None:
        """Keep vectors in a scope."""
        with _as_damage():
            self._shard.add([(entry.id, entry.data.tolist(), scope) for entry in datas])

    def search(self, data: npt.NDArray[np.float32], top_k: int, scope: str = "") -> list[tuple[float, int]]:
        """The nearest in a scope, best first: similarity and number."""
        with _as_damage():
            return self._shard.search(data.tolist(), scope, top_k)

    def delete(self, ids: Sequence[int]) -> bool:
        """Remove vectors."""
        with _as_damage():
            self._shard.delete(ids)
        return True

    def rebuild(self, ids: list[int] | None = None) -> bool:
        """Begin again with an empty folder, since Edge removes vectors from its files only now and then."""
        del ids
        with _as_damage():
            self._shard.close()
            shutil.rmtree(self._folder)
            self._shard = VectorShard(self._folder, self._dimensions)
        return True

    def numbers(self) -> set[int]:
        """The numbers of all vectors."""
        with _as_damage():
            return self._shard.numbers()

    def flush(self) -> None:
        """Have everything on disk."""
        with _as_damage():
            self._shard.flush()

    def close(self) -> None:
        """Release the folder."""
        with suppress(LibraryError):  # what is damaged may refuse that too
            self._shard.close()


@contextmanager
def _as_damage() -> Iterator[None]:
    try:
        yield
    except LibraryError as error:
        raise DamagedError(str(error)) from error


class LeastRecentlyUsed(EvictionBase):  # type: ignore[misc]  # as above
    """Which entries go when there are too many. GPTCache's own forgets the order and loops for sizes below five."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._order: OrderedDict[int, None] = OrderedDict()

    def put(self, objs: Iterable[int]) -> None:
        """Note entries as used just now."""
        for number in objs:
            self._order[number] = None
            self._order.move_to_end(number)

    def get(self, obj: int) -> bool:
        """Note one that is there as used just now; whether it is."""
        if obj not in self._order:
            return False
        self._order.move_to_end(obj)
        return True

    def drop(self, numbers: Iterable[int]) -> None:
        """Forget entries."""
        for number in numbers:
            self._order.pop(number, None)

    @property
    def excess(self) -> list[int]:
        """Those that are too many, the one that was used longest ago first."""
        return list(self._order)[: max(0, len(self._order) - self._most)]

    @property
    def policy(self) -> str:
        """Its name in GPTCache."""
        return "LRU"
