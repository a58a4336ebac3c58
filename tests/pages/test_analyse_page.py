"""The Analyse page: choose, see the estimate, watch, read with sources, and find it again."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from driving import labels, messages, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering.analysis_runs import AnalysisRun
from docmind.answering.whole.request import Request
from docmind.engines import Piece, PreparedPrompt
from docmind.engines.extractive import ExtractiveEngine
from docmind.errors import EngineLostError
from docmind.records import AnswerStyle
from docmind.ui.app_state import app_state


@pytest.fixture
def page(app_with_samples: AppTest) -> AppTest:
    app = app_with_samples
    app.switch_page("pages/analyse.py").run()
    assert not app.exception
    return app


def choose(page: AppTest, *names: str, kind: str = "summary") -> None:
    chosen = [app_state().workspace.catalog.find(name).id for name in names]
    page.multiselect(key="analysed-documents").set_value(chosen).run()
    if kind != "summary":
        page.button_group(key="kind").set_value(kind).run()
    assert not page.exception


def analysed(page: AppTest) -> None:
    """Start it, and wait until its result is shown."""
    press(page, "Analyse")
    run = app_state().analysis
    assert run
    wait_until(run.ended.is_set)
    page.run()
    assert not page.exception


def test_an_empty_library_says_what_to_do_first(app: AppTest) -> None:
    app.run()
    app.switch_page("pages/analyse.py").run()
    assert not app.exception
    assert "No documents yet" in words(app)


def test_a_timeline_is_made_shown_and_found_again(page: AppTest) -> None:
    assert "Choose a document to begin" in words(page)
    choose(page, "meeting-minutes.txt", kind="timeline")
    assert "Sentences of the documents, quoted" in words(page)
    analysed(page)
    assert "Timeline\\: meeting\\-minutes\\.txt" in words(page)
    assert len(page.get("download_button")) == 3

    press(page, "New analysis")
    assert "Analyse" in words(page)
    assert not page.query_params
    press(page, "Timeline\\: meeting\\-minutes\\.txt")
    assert "Timeline\\: meeting\\-minutes\\.txt" in words(page)


def test_an_analysis_stands_in_the_address_is_renamed_and_deleted(page: AppTest) -> None:
    choose(page, "meeting-minutes.txt", kind="timeline")
    analysed(page)
    analyses = app_state().workspace.catalog.analyses
    [stored] = analyses.all()
    assert page.query_params["analysis"] == stored.id
    page.switch_page("pages/documents.py").run()
    page.query_params.clear()  # as the links between the pages do
    page.switch_page("pages/analyse.py").run()
    assert page.query_params["analysis"] == stored.id

    page.menu_button(key=f"more-analysis-{stored.id}").click("Rename").run()
    page.text_input(key="new-name").set_value("  The *days*  of March ")
    press(page, "Save")
    assert not page.exception
    assert page.title[0].value == "The \\*days\\* of March"
    assert [each.title for each in analyses.all()] == ["The *days* of March"]

    analyses.delete(stored.id)  # the dialogue that asks before is tried in the browser
    page.run()
    assert messages(page) == ["This analysis is not here any more, or one of its documents is not."]
    assert page.title[0].value == "Analyse"


def test_what_needs_two_documents_says_so_and_cannot_be_started(page: AppTest) -> None:
    choose(page, "meeting-minutes.txt", kind="comparison")
    assert "Choose a second document" in words(page)
    press(page, "Analyse")
    assert messages(page) == ["Choose a second document to compare with."]
    assert app_state().analysis is None
    assert not app_state().workspace.catalog.analyses.all()


def test_a_collection_is_analysed(page: AppTest) -> None:
    catalog = app_state().workspace.catalog
    catalog.collections.add("Flats", [catalog.find("meeting-minutes.txt").id])
    page.run()
    page.multiselect(key="analysed-documents").set_value(["collection:Flats"]).run()
    page.button_group(key="kind").set_value("timeline").run()
    analysed(page)
    assert catalog.analyses.all()[0].title == "Timeline: meeting-minutes.txt"


def test_a_failure_is_told_and_nothing_is_kept(page: AppTest) -> None:
    class Failing(ExtractiveEngine):
        """Writes, and breaks at the first word."""

        model_name: str = "failing"
        best_style: AnswerStyle = "write"

        def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
            yield Piece()
            raise EngineLostError("The graphics card was unplugged. Plug it in and try again.")

    workspace = app_state().workspace
    wait_until(app_state().warm.is_set)
    workspace.current_engine.replace(Failing)
    choose(page, "meeting-minutes.txt")
    analysed(page)
    assert any("unplugged" in message for message in messages(page))
    assert workspace.catalog.analyses.all() == []


def test_an_analysis_can_be_stopped(page: AppTest) -> None:
    class Patient(ExtractiveEngine):
        """Reads for ever."""

        model_name: str = "patient"
        best_style: AnswerStyle = "write"

        def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
            while True:
                yield Piece()

    opened = app_state()
    wait_until(opened.warm.is_set)
    opened.workspace.current_engine.replace(Patient)
    choose(page, "meeting-minutes.txt")
    press(page, "Analyse")
    assert "Stop" in labels(page)
    press(page, "Stop")
    assert opened.analysis
    wait_until(opened.analysis.ended.is_set)
    page.run()
    assert any("You stopped it" in message for message in messages(page))


@pytest.mark.usefixtures("page")
def test_a_document_removed_meanwhile_leaves_no_analysis_behind() -> None:
    from docmind.ingestion.removal import delete

    workspace = app_state().workspace
    document = workspace.catalog.find("meeting-minutes.txt")
    delete(workspace, document)
    run = AnalysisRun(workspace, Request("timeline", (document.id,)))
    wait_until(run.ended.is_set)
    assert run.problem
    assert run.result is None
