"""Thinking, waiting, stopping, failing and leaving the machine, as the chat shows them."""

from __future__ import annotations

import html
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from driving import PATIENCE, ask, labels, messages, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering import judging
from docmind.answering.events import Answer, Event, Failure, Queued
from docmind.answering.judging import STOPPED
from docmind.answering.question import Question
from docmind.answering.runs import AnswerRun
from docmind.answering.whole.analysis import Planned, Progress
from docmind.engines import Piece, PreparedPrompt
from docmind.engines.extractive import ExtractiveEngine
from docmind.engines.speed import Speed
from docmind.errors import EngineLostError
from docmind.ingestion.ingest import ingest
from docmind.records import AnswerStyle
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.ui.app_state import app_state
from docmind.ui.chats import ask_in_chat, forget_chat
from docmind.ui.remote_notice import notices
from docmind.ui.scope import Scope
from docmind.ui.streaming_view import queue_words
from docmind.workspace import Workspace

QUESTION = "How often does the coffee machine need descaling?"
LEFT_ALONE = (
    "No answer to this was kept: DocMind may have been closed, or this chat deleted, while it was written. Ask again."
)


class Failing(ExtractiveEngine):
    """Breaks at the first word."""

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        yield Piece()
        raise EngineLostError("The graphics card was unplugged. Plug it in and ask again.")


class Patient(ExtractiveEngine):
    """Reads for ever; one at a time."""

    parallel_answers: int = 1

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        while True:
            yield Piece()


class Remote(ExtractiveEngine):
    """Answers from elsewhere."""

    device: str = "server at models.example:8000"
    leaves_machine: bool = True


@pytest.fixture
def chat(app_with_samples: AppTest) -> AppTest:
    """The chat over the samples, everything open."""
    wait_until(app_state().warm.is_set)
    return app_with_samples.switch_page("pages/chat.py").run()


def answers() -> list[dict[str, object]]:
    catalog = app_state().workspace.catalog
    [only] = catalog.chats.all()
    return [message.content for message in catalog.chats.messages(only.id) if message.role == "assistant"]


@pytest.mark.parametrize(("wish", "thinks"), [("always", True), ("never", False)])
def test_it_thinks_first_as_the_user_wishes(chat: AppTest, wish: str, thinks: bool) -> None:
    chat.button_group(key="thinking").set_value(wish).run()
    ask(chat, QUESTION)
    [answer] = answers()
    assert bool(answer["thoughts"]) is thinks
    folded = [expander for expander in chat.expander if expander.label.startswith("Thought for")]
    assert len(folded) == thinks
    assert not any(expander.proto.expanded for expander in folded)
    assert "share most words" not in str(answer["text"])


def test_a_failure_is_shown_once_and_asking_again_recovers(chat: AppTest) -> None:
    opened = app_state()
    opened.workspace.current_engine.replace(Failing)
    ask(chat, QUESTION)
    assert [message for message in messages(chat) if "unplugged" in message]
    press(chat, "Try again")
    assert not chat.exception
    assert not chat.error
    assert "Try again" not in labels(chat)
    assert len(chat.chat_message) == 2
    assert "failure" in answers()[0]
    assert "failure" not in answers()[1]


def test_a_question_that_a_kill_left_without_an_answer_says_so_and_is_answered_at_a_click(chat: AppTest) -> None:
    chats = app_state().workspace.catalog.chats
    killed = chats.new(QUESTION)
    for _ in range(2):  # and again, when it was asked once more
        chats.add(killed.id, Message("user", {"text": QUESTION}))
    chat.query_params["chat"] = killed.id
    chat.run()
    assert not chat.exception
    assert [message.name for message in chat.chat_message] == ["user", "assistant"] * 2
    assert messages(chat) == [LEFT_ALONE] * 2
    assert [button.label for button in chat.button].count("Try again") == 1
    press(chat, "Try again")
    wait_until(lambda: not app_state().answers)
    chat.run()
    assert not chat.exception
    assert messages(chat) == [LEFT_ALONE]  # at the first, which nobody has asked again
    assert "Try again" not in labels(chat)
    [answer] = answers()
    assert answer["citations"]


def test_a_chat_that_was_deleted_while_it_was_answered_comes_back_with_a_way_to_ask_again(chat: AppTest) -> None:
    opened = app_state()
    opened.workspace.current_engine.replace(Patient)
    asked = ask_in_chat(opened, None, QUESTION, Scope())
    deleted = forget_chat(opened, asked.id)
    wait_until(lambda: not opened.answers)
    assert deleted
    opened.workspace.catalog.chats.restore(deleted)
    chat.query_params["chat"] = asked.id
    chat.run()
    assert messages(chat) == [LEFT_ALONE]
    assert "Try again" in labels(chat)


def test_a_chat_that_a_kill_left_without_its_question_opens(chat: AppTest) -> None:
    chat.query_params["chat"] = app_state().workspace.catalog.chats.new(QUESTION).id
    chat.run()
    assert not chat.exception
    assert not chat.chat_message


def test_text_that_leaves_the_machine_is_announced_and_noted(chat: AppTest) -> None:
    assert not chat.warning
    app_state().workspace.current_engine.replace(Remote)
    chat.run()
    assert "models.example:8000" in chat.sidebar.warning[0].value.replace("\\", "")
    ask(chat, QUESTION)
    noted = [element.value.replace("\\", "") for element in chat.chat_message[1].markdown]
    assert any("were sent to server at models.example:8000" in note for note in noted)
    assert "Questions and passages are sent to server at models.example:8000" in words(chat).replace("\\", "")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"engine": "openai_compatible", "server_url": "http://192.0.2.7:8000"}, "sent to server at 192.0.2.7:8000"),
        ({"engine": "openai_compatible", "server_url": "http://127.0.0.1:8000"}, ""),
        ({"engine": "extractive", "server_url": "http://192.0.2.7:8000"}, ""),
        ({"engine": "extractive", "qdrant_url": "http://192.0.2.8:6333"}, "kept at server at 192.0.2.8:6333"),
    ],
)
def test_what_the_settings_name_is_announced_before_it_is_used(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    chosen = Settings(data_dir=tmp_path / "data", embedder="hash", allow_remote_server=True, **settings)
    with Workspace(chosen) as workspace:
        shown = " ".join(notices(workspace))
    assert (said in shown) if said else shown == ""


def test_a_question_can_be_stopped_before_its_first_word_and_others_see_their_place(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    document = tmp_path / "manual.txt"
    document.write_text("The coffee machine needs descaling every three months.", encoding="utf-8")
    list(ingest(plain_workspace, [document]))
    plain_workspace.current_engine.replace(Patient)
    outcomes: list[Answer | Failure] = []
    runs = [AnswerRun(plain_workspace, Question(QUESTION), outcomes.append) for _ in range(3)]
    places: list[Event | Failure | None] = []
    for number, run in enumerate(runs):
        run.start()
        for event in run.follow():
            if isinstance(event, Queued) or (number == 0 and event is None):
                places.append(event)
                break
    assert places == [None, Queued(1), Queued(2)]
    for run in reversed(runs):
        run.stop()
        *_, last = run.follow()
        assert isinstance(last, Answer)
        assert last.stopped
        assert last.text == STOPPED
    assert len(outcomes) == 3


def test_an_answer_that_the_end_of_the_app_cuts_off_says_so_and_leaves_no_traceback(
    plain_workspace: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = tmp_path / "manual.txt"
    document.write_text("The coffee machine needs descaling every three months.", encoding="utf-8")
    list(ingest(plain_workspace, [document]))
    pool = ThreadPoolExecutor()
    pool.shutdown()
    # As the embedding model does whose threads have ended with the app.
    monkeypatch.setattr(judging, "align", lambda *_: pool.submit(print))
    plain_workspace.current_engine.replace(lambda: ExtractiveEngine(best_style="write"))
    run = AnswerRun(plain_workspace, Question(QUESTION), lambda _: None)
    run.start()
    *_, last = run.follow()
    assert last == Failure("DocMind was closed before this was answered. Ask again.")
    assert "Traceback" not in caplog.text


def test_a_place_in_the_queue_is_said_in_words() -> None:
    assert queue_words(3) == "2 questions are ahead of yours …"
    assert queue_words(2) == "1 question is ahead of yours …"
    assert "Yours is the next" in queue_words(1)


def test_the_choice_of_thinking_is_offered_only_where_something_can_think(
    chat: AppTest,
) -> None:
    class Plain(ExtractiveEngine):
        modes: frozenset[str] = frozenset({"plain"})  # type: ignore[assignment]  # pydantic takes the wider name

    assert "Think first" in words(chat)
    app_state().workspace.current_engine.replace(Plain)
    chat.run()
    assert "Think first" not in words(chat)


@pytest.mark.usefixtures("chat")
def test_a_whole_document_is_read_under_its_estimate_until_it_is_stopped() -> None:
    class Slow(Patient):
        """Reads for ever, and knows how slowly."""

        model_name: str = "slow"
        best_style: AnswerStyle = "write"
        speed: Speed | None = Speed(reads=100, writes=10)

    workspace = app_state().workspace
    workspace.current_engine.replace(Slow)
    lease = workspace.catalog.find("residential-lease.pdf").id
    run = AnswerRun(workspace, Question("Summarise this document", (lease,)), lambda _: None)
    run.start()
    seen: list[str] = []
    with ThreadPoolExecutor(1) as elsewhere:
        page = AppTest.from_function(streaming_page, default_timeout=PATIENCE)
        page.session_state["run"] = run
        shown = elsewhere.submit(page.run)
        for event in run.follow():
            if isinstance(event, Planned):
                seen.append(event.words)
            if isinstance(event, Progress) and event.stage.startswith("The model reads"):
                run.stop()
        shown.result()
    [words_then] = seen
    assert "tokens to read" in words_then
    assert words_then in words(page).replace("\\", "")


def streaming_page() -> None:
    import streamlit as st

    from docmind.ui.streaming_view import show_streaming

    show_streaming(st.session_state["run"])


def test_the_nearest_sentence_stands_as_text_above_the_words_while_they_are_written(
    plain_workspace: Workspace, tmp_path: Path
) -> None:
    sentence = "The <b>coffee machine</b> needs descaling & care every three months."
    document = tmp_path / "manual <i>new.txt"
    document.write_text(sentence, encoding="utf-8")
    list(ingest(plain_workspace, [document]))
    run = AnswerRun(plain_workspace, Question(QUESTION), lambda _: None)
    run.start()
    page = AppTest.from_function(streaming_page, default_timeout=PATIENCE)
    page.session_state["run"] = run
    page.run()
    assert not page.exception
    preview, answer = [str(element.value) for element in page.get("html")]
    assert "Nearest sentence, while the answer is written" in preview
    assert f"<blockquote>{html.escape(sentence)}</blockquote>" in preview
    assert "<cite>manual &lt;i&gt;new.txt</cite>" in preview
    assert answer.startswith('<p class="dm-answer">The ')  # as far as it was drawn when it ended
