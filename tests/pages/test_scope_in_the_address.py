"""What a chat asks stands in the page's address: documents and collections, kept while another page is visited."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from driving import ask, messages, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.storage.chats import Message
from docmind.ui.app_state import app_state


def test_a_collection_is_asked_and_stays_chosen_while_another_page_is_visited(app_with_samples: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    catalog = app_state().workspace.catalog
    lease = catalog.find("residential-lease.pdf")
    catalog.collections.add("Flats", [lease.id])
    app = app_with_samples.switch_page("pages/chat.py").run()
    app.multiselect[0].select("collection:Flats").run()
    assert app.query_params["scope"] == "collection:Flats"
    ask(app, "When is the rent due?")
    [chat] = catalog.chats.all()
    assert catalog.chats.messages(chat.id)[0].content["scope"] == ["residential-lease.pdf"]

    app.switch_page("pages/documents.py").run()
    app.query_params.clear()  # as the links between the pages do
    app.switch_page("pages/chat.py").run()
    assert not app.exception
    assert (app.query_params["chat"], app.query_params["scope"]) == (chat.id, "collection:Flats")
    assert app.multiselect[0].value == ["collection:Flats"]
    assert len(app.chat_message) == 2
    press(app, "New chat")
    assert not app.exception
    assert dict(app.query_params) == {}
    assert app.multiselect[0].value == []
    assert len(app.chat_message) == 0
    assert "6 documents to ask." in words(app)
    app.multiselect[0].select(lease.id).run()
    assert "Only residential-lease.pdf is asked." in words(app).replace("\\", "")
    app.multiselect[0].select(catalog.find("meeting-minutes.txt").id).run()
    assert "2 of 6 documents are asked." in words(app)
    app.multiselect[0].set_value([]).run()
    assert "scope" not in app.query_params
    assert "6 documents to ask." in words(app)


def test_a_chat_that_is_opened_asks_what_it_asked_last(app_with_samples: AppTest, tmp_path: Path) -> None:
    wait_until(app_state().warm.is_set)
    catalog = app_state().workspace.catalog
    lease = catalog.find("residential-lease.pdf")
    app = app_with_samples.switch_page("pages/chat.py").run()
    app.multiselect[0].select(lease.id).run()
    ask(app, "When is the rent due?")
    press(app, "New chat")
    app.button_group(key="type").set_value(["txt"]).run()
    ask(app, "Who chaired the meeting?")
    earlier = catalog.chats.new("Of an earlier version")
    catalog.chats.add(
        earlier.id, Message("user", {"text": "When?", "scope": ["residential-lease.pdf"], "scope_ids": [lease.id]})
    )
    catalog.chats.new("Nothing asked")
    press(app, "New chat")
    assert app.multiselect[0].value == []

    press(app, "When is the rent due?")
    assert (app.multiselect[0].value, app.query_params["scope"]) == ([lease.id], lease.id)
    press(app, "Who chaired the meeting?")
    assert (app.multiselect[0].value, app.query_params["type"]) == ([], "txt")
    press(app, "Of an earlier version")
    assert (app.multiselect[0].value, "type" in app.query_params) == ([lease.id], False)
    press(app, "Nothing asked")
    assert not app.exception
    assert set(app.query_params) == {"chat"}

    # Asked again, what an earlier version kept is known as before; a new version of the document takes its place.
    press(app, "Of an earlier version")
    press(app, "Try again")
    wait_until(lambda: not app_state().answers)
    workspace = app_state().workspace
    path = tmp_path / "residential-lease.pdf"
    path.write_bytes((workspace.originals / lease.sha256).read_bytes() + b"\n% another version\n")
    list(ingest(workspace, [path]))
    newer = catalog.find("residential-lease.pdf")
    assert newer.id != lease.id
    for title in ("When is the rent due?", "Of an earlier version"):
        press(app, "New chat")
        press(app, title)
        assert app.multiselect[0].value == [newer.id], title
    # Where it is gone, that is said, and all are asked.
    delete(workspace, newer)
    press(app, "New chat")
    press(app, "When is the rent due?")
    assert not app.exception
    assert app.multiselect[0].value == []
    assert [
        "residential-lease.pdf, which this chat asked, is gone" in toast.value.replace("\\", "") for toast in app.toast
    ] == [True]


def test_a_chat_asks_documents_of_a_type_and_from_some_days_and_the_address_keeps_them(
    app_with_samples: AppTest,
) -> None:
    wait_until(app_state().warm.is_set)
    catalog = app_state().workspace.catalog
    app = app_with_samples.switch_page("pages/chat.py").run()
    app.button_group(key="type").set_value(["pdf"]).run()
    assert not app.exception
    assert app.query_params["type"] == "pdf"
    assert "2 of 6 documents are asked." in words(app)
    ask(app, "How often must the coffee machine be descaled?")
    [chat] = catalog.chats.all()
    asked = catalog.chats.messages(chat.id)[0].content["scope"]
    assert sorted(asked) == ["quarterly-report.pdf", "residential-lease.pdf"]

    # With a document of another type nothing is left; the page says so, and nothing else is asked instead.
    press(app, "New chat")
    assert dict(app.query_params) == {}
    app.multiselect[0].select(catalog.find("meeting-minutes.txt").id).run()
    app.button_group(key="type").set_value(["pdf"]).run()
    assert "Nothing is left to ask." in words(app)
    assert "No document of those that you have chosen has this type" in words(app)
    assert app.chat_input[0].disabled
    press(app, "All types and dates")
    assert "type" not in app.query_params
    assert "Only meeting-minutes.txt is asked." in words(app).replace("\\", "")
    assert not app.chat_input[0].disabled

    # Days: all documents were added today.
    press(app, "New chat")
    today, before = date.today(), date.today() - timedelta(days=3)
    app.query_params["added"] = [before.isoformat(), (today - timedelta(days=1)).isoformat()]
    app.run()
    assert "Nothing is left to ask." in words(app)
    assert "No document has this type and date" in words(app)
    app.query_params["added"] = [before.isoformat(), today.isoformat()]
    app.run()
    assert "6 documents to ask." in words(app)
    for strange in ("9999-12-31", "0001-01-01", "no day"):
        app.query_params["added"] = strange
        assert not app.run().exception
    app.query_params["added"] = ["no day", today.isoformat()]
    app.query_params["type"] = "no type"
    app.run()
    assert not app.exception
    assert "6 documents to ask." in words(app)


def test_an_address_of_a_chat_or_document_that_is_gone_says_so_beside_what_is_shown(app_with_samples: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    app = app_with_samples
    assert messages(app.switch_page("pages/chat.py").run()) == []
    app.query_params["chat"] = "gone"
    assert messages(app.run()) == ["This chat is not here any more. Ask anew, or open another one."]
    assert "6 documents to ask." in words(app)
    ask(app, "When is the rent due?")
    assert messages(app) == []
    app.query_params.clear()
    app.query_params["document"] = "gone"
    app.switch_page("pages/documents.py").run()
    assert messages(app) == ["This document is not here any more, or not yet read."]
    assert "6 documents ready" in words(app)
    app.query_params["document"] = app_state().workspace.catalog.find("residential-lease.pdf").name
    assert messages(app.run()) == []
