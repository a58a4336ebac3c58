"""Chats: the last used first, found again by their words, deleted for good and yet brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docmind.storage.catalog import Catalog
from docmind.storage.chats import Chats, Message


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog.chats
    catalog.close()


def said(chats: Chats, title: str, *questions: str) -> str:
    """A chat in which these were asked and answered; its id."""
    chat = chats.new(title)
    for question in questions:
        chats.add(chat.id, Message("user", {"text": question}))
        chats.add(chat.id, Message("assistant", {"text": f"That is so: {question}"}))
    return chat.id


def titles(chats: Chats) -> list[str]:
    return [chat.title for chat in chats.all()]


def test_the_last_used_comes_first_and_what_is_pinned_before_it(chats: Chats) -> None:
    rent, pets, roof = (said(chats, title, "And?") for title in ("Rent", "Pets", "Roof"))
    assert titles(chats) == ["Roof", "Pets", "Rent"]
    chats.add(rent, Message("user", {"text": "And the deposit?"}))
    assert titles(chats) == ["Rent", "Roof", "Pets"]
    chats.pin(pets, pinned=True)
    chats.rename(roof, "The roof")
    assert [(chat.title, chat.pinned) for chat in chats.all()] == [("Pets", True), ("Rent", False), ("The roof", False)]
    chats.pin(pets, pinned=False)
    assert titles(chats) == ["Rent", "The roof", "Pets"]
    chats.pin("gone", pinned=True)
    assert not any(chat.pinned for chat in chats.all())


def test_a_chat_is_found_by_its_title_and_its_questions_in_any_case(chats: Chats) -> None:
    rent = said(chats, "Rent", "How much is the DEPOSIT for Überlingen?")
    pets = said(chats, "Pets and deposit", "Are cats allowed?")
    assert chats.about("deposit") == {rent, pets}
    assert chats.about("überlingen") == {rent}
    assert chats.about("that is so") == set()  # answers are not what one remembers a chat by
    assert chats.about("100%") == set()


@pytest.mark.parametrize("number_is_taken", [False, True])
def test_a_deleted_chat_is_gone_and_comes_back_whole(chats: Chats, number_is_taken: bool) -> None:
    other = said(chats, "Other", "And?")
    chat_id = said(chats, "Rent", "How much?", "When?")
    chats.pin(chat_id, pinned=True)
    before = chats.messages(chat_id)
    assert before[1].id is not None
    chats.feedback.give(before[1].id, helpful=True, why="It says so.")
    deleted = chats.delete(chat_id)
    assert deleted is not None
    assert titles(chats) == ["Other"]
    assert chats.messages(chat_id) == chats.feedback.all() == []
    assert chats.delete(chat_id) is None
    if number_is_taken:
        chats.add(other, Message("user", {"text": "Meanwhile"}))
    chats.restore(deleted)
    assert [(chat.title, chat.pinned) for chat in chats.all()] == [("Rent", True), ("Other", False)]
    assert chats.messages(chat_id) == before
    [(given, answer)] = chats.feedback.all()
    assert (given.why, answer["text"]) == ("It says so.", "That is so: How much?")
