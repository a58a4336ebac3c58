"""Text in places where Streamlit reads Markdown."""

from __future__ import annotations

import pytest

from docmind.ui.text import heard_label, plain_label


def test_a_command_in_a_message_is_shown_as_it_is_typed() -> None:
    message = plain_label("There is no model. Run `docmind models pull all-minilm-l6-v2`, or none.")
    assert message == r"There is no model\. Run `docmind models pull all-minilm-l6-v2`, or none\."


@pytest.mark.parametrize("name", ["`[x](y)`", "a`.txt", "``a`[x](y)", "`]` x `[x](y)`", "\\`[x](y)`", "`a``[x](y)`"])
def test_a_name_with_backticks_opens_no_place_for_markup_also_beside_another(name: str) -> None:
    shown = plain_label(name) + plain_label(name)
    assert "[" not in shown.replace(r"\[", "")
    assert shown.replace(r"\`", "").count("`") % 2 == 0


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("residential-lease_(2).pdf", "residential-lease_(2).pdf"),
        ("![x](http://a/b.png) <img>.txt", "x (http //a/b.png) img .txt"),
        (":material/delete: `a` $b$ \\*", "material/delete a b"),
    ],
)
def test_a_label_that_is_heard_has_neither_backslashes_nor_what_could_become_a_picture(name: str, heard: str) -> None:
    assert heard_label(name) == heard
