"""What a chat asks stands in the page's address: documents and collections, kept while another page is visited."""

from __future__ import annotations

from driving import ask, wait_until
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
    app.multiselect[0].set_value([]).run()
    assert "scope" not in app.query_params
