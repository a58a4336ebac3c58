"""The writer arrives behind the page while the small starter answers, and takes over, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from running import ask

from docmind.ingestion.ingest import ingest
from docmind.models import WRITER
from docmind.settings import Settings
from docmind.workspace import Workspace
from wheels import write_known

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
SMALL = "smollm2-135m-instruct"
QUESTION = "How often does the coffee machine need descaling?"
PATIENCE = 300_000  # milliseconds, for a gigabyte and its conversion


@pytest.mark.browser
@pytest.mark.timeout(1800)
def test_the_writer_arrives_behind_the_page_and_takes_over(
    start_app: Callable[..., Any],
    page: Page,
    picture: Callable[[str], Path],
    index: Path,
    models_dir: Path,
    writer: Path,
    tmp_path: Path,
) -> None:
    write_known(index, WRITER, writer.parent)
    folder = tmp_path / "models"
    folder.mkdir()
    for name in (SMALL, "all-minilm-l6-v2"):
        (folder / name).symlink_to(models_dir / name)
    with Workspace(Settings(data_dir=tmp_path / "data", models_dir=models_dir)) as workspace:
        assert all(outcome.status == "ingested" for outcome in ingest(workspace, [SAMPLES]))
    app = start_app(DOCMIND_MODELS_DIR=str(folder), DOCMIND_FETCH_WRITER="true")
    page.goto(app.url)
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text(re.compile(rf"Fetching {re.escape(WRITER.name)}: [\d,]+ of 1,\d+ MB"))).to_be_visible(
        timeout=PATIENCE
    )
    picture("15-writer-on-its-way")
    page.get_by_role("link", name="Models").click()
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile(rf"(Fetching|Preparing) {re.escape(WRITER.name)}")).first).to_be_visible()
    picture("16-writer-on-the-models-page")
    page.get_by_role("link", name="Chat").click()
    ask_and_wait(page)
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text(SMALL, timeout=PATIENCE)
    expect(sidebar.get_by_text(f"Preparing {WRITER.name}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(f"DocMind now answers with {WRITER.name}.")).to_be_visible(timeout=PATIENCE)
    picture("17-writer-answers")
    expect(sidebar.get_by_text(WRITER.name)).to_have_count(0)
    ask_and_wait(page)
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text(WRITER.name, timeout=PATIENCE)
    page.get_by_role("link", name="Models").click()
    expect(main.get_by_text("OpenVINO · CPU · window of 32,768 tokens")).to_be_visible()
    assert not list((folder / ".fetching").iterdir())


def ask_and_wait(page: Page) -> None:
    ask(page, QUESTION)
    expect(page.get_by_placeholder("Ask about your documents")).to_be_enabled(timeout=PATIENCE)
