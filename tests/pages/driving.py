"""How tests of the pages drive the app."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

PATIENCE = 60  # seconds


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def press(driver: AppTest, label: str) -> None:
    next(button for button in driver.button if button.label == label).click().run()


def words(driver: AppTest) -> str:
    return " ".join(
        str(element.value) for kind in ("markdown", "caption", "title", "header") for element in driver.get(kind)
    )


def ask(driver: AppTest, question: str) -> None:
    driver.chat_input[0].set_value(question).run()
    assert not driver.exception


def messages(driver: AppTest) -> list[str]:
    """What errors, warnings and notes say."""
    kinds = (driver.error, driver.warning, driver.info)
    return [str(element.value).replace("\\", "") for kind in kinds for element in kind]


def labels(driver: AppTest) -> set[str]:
    return {button.label for button in driver.button}
