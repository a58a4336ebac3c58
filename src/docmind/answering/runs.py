"""Runs: an answer is written in a thread of its own, and any number of followers see it from its start."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

from docmind.answering.ask import ask
from docmind.answering.events import Answer, Event, Failure, Thinking, Token
from docmind.answering.question import Question
from docmind.errors import DocMindError, is_closing, panics_caught
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)
_TICK = 0.25  # seconds between two looks for a click while an answer is awaited
_UNEXPECTED = "Answering failed unexpectedly; the terminal shows the details. Ask again."
_CLOSED = "DocMind was closed before this was answered. Ask again."


class AnswerRun:
    """One answer being written in a thread, which any number of page runs may follow from the start.

    Args:
        workspace: The open library.
        question: What is asked.
        finished: Told the outcome, before anybody who follows sees it.
    """

    def __init__(
        self,
        workspace: Workspace,
        question: Question,
        finished: Callable[[Answer | Failure], None],
    ) -> None:
        self._workspace = workspace
        self._question = question
        self._finished = finished
        self._events: list[Event | Failure] = []
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thinks_since: float | None = None
        self._answers_since: float | None = None

    @property
    def stopping(self) -> bool:
        """Whether the user has ended it; it may take another moment."""
        return self._stopped.is_set()

    @property
    def thinking_seconds(self) -> float:
        """From the first thought to the answer's first word, or until now; 0 where there is no thought."""
        if self._thinks_since is None:
            return 0.0
        return (self._answers_since or time.monotonic()) - self._thinks_since

    def start(self) -> None:
        """Begin to write."""
        threading.Thread(target=self._run, name="answer", daemon=True).start()

    def follow(self) -> Iterator[Event | Failure | None]:
        """All events so far, then each as it happens; ends after an `Answer` or a `Failure`.

        While nothing happens it yields None every now and then, so that the page can notice a click.
        """
        position = 0
        while True:
            with self._changed:
                if position == len(self._events):
                    self._changed.wait(timeout=_TICK)
                event = self._events[position] if position < len(self._events) else None
            yield event
            if event is not None:
                position += 1
            if isinstance(event, Answer | Failure):
                return

    def stop(self) -> None:
        """End the answer where it is."""
        self._stopped.set()

    def _run(self) -> None:
        outcome: Answer | Failure = Failure(_UNEXPECTED)
        try:
            with panics_caught():
                for event in ask(self._workspace, self._question, self._stopped.is_set):
                    if isinstance(event, Answer):
                        outcome = event
                    else:
                        self._publish(event)
        except DocMindError as error:
            outcome = Failure(str(error))
        except Exception as error:  # noqa: BLE001 - the page waits for a last event, and would wait forever
            if is_closing(error):
                outcome = Failure(_CLOSED)
            else:
                _log.exception("Answering failed")
        finally:
            try:
                self._finished(outcome)
            finally:
                self._publish(outcome)

    def _publish(self, event: Event | Failure) -> None:
        if isinstance(event, Thinking) and self._thinks_since is None:
            self._thinks_since = time.monotonic()
        if isinstance(event, Token) and self._answers_since is None:
            self._answers_since = time.monotonic()
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()
