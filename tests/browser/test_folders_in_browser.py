"""A folder kept in step, and a question put to each of its contracts, as people do it in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from running import App, ask, findings

pytestmark = pytest.mark.browser

CONTRACTS = {
    "warehouse.txt": "This agreement is made between Northgate Property Ltd (the landlord) and Brightleaf Ltd.",
    "office.txt": "In this lease, the Landlord means Eleanor Whitcombe and whoever holds the freehold after her.",
    "flat.txt": "Landlord: Housing Association of Lower Mill. Tenant: Jonas Petersen.",
}


def test_a_folder_is_kept_in_step_and_each_contract_in_it_names_its_landlord(
    page: Page, start_app: Callable[..., App], picture: Callable[[str], Path], tmp_path: Path
) -> None:
    contracts = tmp_path / "Contracts"
    contracts.mkdir()
    (contracts / "warehouse.txt").write_text(CONTRACTS["warehouse.txt"], encoding="utf-8")
    app = start_app(DOCMIND_ENGINE="extractive", DOCMIND_FETCH_WRITER="false")
    page.goto(f"{app.url}/documents")
    page.get_by_role("link", name="Keep a folder in step").click()
    field = page.get_by_label("Folder to keep in step")
    field.fill("Contracts")
    page.get_by_role("button", name="Keep in step").click()
    expect(page.get_by_text("Contracts is no folder. Name one by its whole path.")).to_be_visible()
    field.fill(str(contracts))
    page.get_by_role("button", name="Keep in step").click()
    kept = page.locator('[class*="st-key-folder-1"]').first
    expect(kept.get_by_text("1 file · looked at")).to_be_visible()
    expect(field).to_have_value("")
    for name, text in CONTRACTS.items():
        (contracts / name).write_text(text, encoding="utf-8")
    expect(kept.get_by_text("3 files · looked at")).to_be_visible()
    kept.get_by_text("What was done").click()
    expect(kept.get_by_text("Added: Contracts/flat.txt")).to_be_visible()
    picture("folder-in-step")
    assert findings(page) == []

    page.get_by_role("link", name="Documents", exact=True).click()
    expect(page.get_by_text("3 documents ready")).to_be_visible()
    (contracts / "flat.txt").rename(contracts / "the flat.txt")
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("button", name="Ask them").click()
    ask(page, "Who is the landlord?")
    answer = page.get_by_test_id("stChatMessage").last
    expect(answer.get_by_text("of the 3 documents that you chose")).to_be_visible()
    picture("from-one-of-three")
    answer.get_by_role("button", name="Ask each of them").click()
    answer = page.get_by_test_id("stChatMessage").last
    for words in ("warehouse.txt: ", "Northgate", "office.txt: ", "Eleanor Whitcombe", "the flat.txt: ", "Lower Mill"):
        expect(answer.locator("p span", has_text=words).first).to_be_visible()
    expect(page.get_by_placeholder("Ask about your documents")).to_be_enabled()
    picture("each-of-three")
    answer.get_by_role("button", name="Source 3").first.click()
    expect(page.locator(".st-key-evidence mark").first).to_be_visible()
