"""The Models page, thoughts and servers elsewhere, in a real Chromium."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from running import ask
from serving import llama_server

pytestmark = pytest.mark.browser
STARTER = "smollm2-135m-instruct"
QUESTION = "How often does the coffee machine need descaling?"


def add_samples(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Try it with sample documents").click()
    expect(page.get_by_text("6 documents ready")).to_be_visible()
    page.get_by_role("link", name="Chat").click()


def test_another_model_is_chosen_on_the_models_page(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path], models_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    for name in (STARTER, "brought-along"):
        shutil.copytree(models_dir / STARTER, folder / name)
    shutil.copytree(models_dir / "all-minilm-l6-v2", folder / "all-minilm-l6-v2")
    app = start_app(DOCMIND_MODELS_DIR=str(folder))
    page.goto(f"{app.url}/models")
    expect(page.get_by_text("brought-along", exact=True).first).to_be_visible()
    use = page.get_by_role("button", name="Use this model")
    expect(use).to_have_count(1)
    expect(use).to_be_enabled()
    picture("11-models")
    in_use = page.get_by_text(re.compile("^OpenVINO on the CPU with"))
    before = in_use.inner_text()
    use.click()
    expect(page.get_by_text(re.compile(r"^Opening .* \d+ s$"))).to_be_visible()
    expect(in_use).not_to_have_text(before)
    expect(use).to_have_count(1)
    expect(use).to_be_enabled()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    picture("12-models-phone")
    # A picture that is wider than a phone would have to be pushed to and fro.
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


def test_thoughts_are_folded_beside_the_answer(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path]
) -> None:
    app = start_app(DOCMIND_ENGINE="extractive")
    add_samples(page, app.url)
    page.locator(".st-key-above-question").get_by_text("Always").click()
    ask(page, QUESTION)
    heading = page.get_by_text(re.compile(r"^Thought for \d+\.\d s$"))
    expect(heading).to_be_visible()
    thoughts = page.get_by_text("share most words with the question")
    expect(thoughts).to_have_count(1)  # the answer stands in place of what was seen of it as it came
    expect(thoughts).not_to_be_visible()
    heading.click()
    expect(thoughts).to_be_visible()
    picture("13-thoughts")


def test_a_server_elsewhere_is_announced_wherever_one_asks(
    start_app: Callable[..., Any], page: Page, picture: Callable[[str], Path]
) -> None:
    pytest.importorskip("xllamacpp")
    own_address = address_of_this_machine()
    if own_address is None:
        pytest.skip("this machine has no address but loopback")
    with llama_server() as url, passed_on(own_address, int(url.rpartition(":")[2])) as port:
        where = f"{own_address}:{port}"
        app = start_app(
            DOCMIND_ENGINE="openai_compatible",
            DOCMIND_SERVER_URL=f"http://{where}",
            DOCMIND_ALLOW_REMOTE_SERVER="true",
        )
        add_samples(page, app.url)
        notice = page.get_by_test_id("stSidebar").get_by_test_id("stAlert")
        expect(notice).to_contain_text("Text leaves this machine")
        expect(notice).to_contain_text(where)
        expect(page.get_by_test_id("stBottom")).to_contain_text(where)
        ask(page, QUESTION)
        answer = page.get_by_test_id("stChatMessage").last
        expect(answer).to_contain_text("The question and these passages were sent to")
        picture("14-elsewhere")


def address_of_this_machine() -> str | None:
    """An address of its own that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("198.51.100.1", 9))
        found = str(probe.getsockname()[0])
        return None if found.startswith("127.") else found
    return None


@contextmanager
def passed_on(address: str, target: int) -> Iterator[int]:
    """A port of that address behind which a port of loopback answers."""
    with socket.create_server((address, 0)) as listener:
        threading.Thread(target=accept, args=(listener, target), daemon=True).start()
        yield listener.getsockname()[1]


def accept(listener: socket.socket, target: int) -> None:
    with suppress(OSError):  # closed when the test is over
        while True:
            caller, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", target))
            for source, sink in ((caller, server), (server, caller)):
                threading.Thread(target=pump, args=(source, sink), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # either side may hang up
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
