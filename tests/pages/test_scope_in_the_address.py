"""What a chat asks stands in the page's address: documents and collections, kept while another page is visited."""

from __future__ import annotations

from driving import ask, messages, press, wait_until, words
from streamlit.testing.v1 import AppTest

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
