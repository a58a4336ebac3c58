"""Settings say what is wrong with them, .env.example is true, and the theme can be read.

`make env-example` (or `python tests/test_settings.py`) writes .env.example anew after a setting has changed.
"""

from __future__ import annotations

import itertools
import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from docmind.errors import SettingsError
from docmind.settings import Settings, load_settings

REPOSITORY = Path(__file__).resolve().parent.parent
HEADER = """\
# Every setting of DocMind with its default. Copy this file to .env, take the # away from a line and change
# its value. A variable in the environment wins over .env.
"""


def env_example() -> str:
    """What .env.example must say."""
    paragraphs = [HEADER]
    for name, field in Settings.model_fields.items():
        described = textwrap.fill(
            field.description or "", 108, initial_indent="# ", subsequent_indent="# ", break_long_words=False
        )
        # A default that depends on the machine, or that is nothing, is left blank; blank means the default.
        default = "" if field.default_factory or field.default is None else str(field.default)
        paragraphs.append(f"{described}\n#DOCMIND_{name.upper()}={default}\n")
    return "\n".join(paragraphs)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and no .env of theirs."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DOCMIND_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_env_example_lists_every_setting_with_its_default() -> None:
    written = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    assert written == env_example(), "run `make env-example`"


def test_env_example_with_every_line_taken_in_changes_nothing(tmp_path: Path) -> None:
    lines = env_example().replace("#DOCMIND_", "DOCMIND_")
    (tmp_path / ".env").write_text(lines, encoding="utf-8")
    loaded = load_settings()
    (tmp_path / ".env").unlink()
    assert loaded == load_settings()


def test_there_are_at_most_forty_settings_and_each_is_described() -> None:
    assert len(Settings.model_fields) <= 40
    assert all(field.description for field in Settings.model_fields.values())


def test_env_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DOCMIND_PORT=9001\nDOCMIND_DEVICE=GPU\n", encoding="utf-8")
    monkeypatch.setenv("DOCMIND_PORT", "9002")
    loaded = load_settings()
    assert (loaded.port, loaded.device) == (9002, "GPU")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DOCMIND_PORT", "80", "greater than or equal to 1024"),
        ("DOCMIND_PORT", "eighty", "valid integer"),
        ("DOCMIND_ENGINE", "abacus", "'openvino'"),
        ("DOCMIND_SUPPORT_THRESHOLD", "1.5", "less than or equal to 1"),
        ("DOCMIND_PARSE_SECONDS", "inf", "less than or equal to 86400"),
    ],
)
def test_a_bad_value_is_named_with_what_it_may_be(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert name in str(caught.value)
    assert says in str(caught.value)
    assert ".env" in str(caught.value)


def test_two_bad_values_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCMIND_PORT", "80")
    monkeypatch.setenv("DOCMIND_ENGINE", "abacus")
    with pytest.raises(SettingsError, match=r"(?s)(DOCMIND_ENGINE.*DOCMIND_PORT)|(DOCMIND_PORT.*DOCMIND_ENGINE)"):
        load_settings()


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 9000  # type: ignore[misc]  # what must fail


def test_models_live_inside_the_library_unless_told_otherwise(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).models_path == tmp_path / "models"
    assert Settings(data_dir=tmp_path, models_dir=tmp_path / "other").models_path == tmp_path / "other"
    assert Settings(data_dir=Path("~/library")).data_dir == Path.home() / "library"


def test_the_app_listens_to_this_machine_alone_and_reports_to_nobody() -> None:
    config = streamlit_config()
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["allowedHosts"] == ["127.0.0.1", "localhost"]
    assert config["server"]["enableXsrfProtection"] is True
    assert config["browser"]["gatherUsageStats"] is False
    assert not re.search(r"https?://", (REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_every_text_can_be_read_on_every_background(theme_name: str) -> None:
    theme = streamlit_config()["theme"][theme_name]
    surfaces = [theme["backgroundColor"], theme["secondaryBackgroundColor"], theme["codeBackgroundColor"]]
    surfaces += [theme["sidebar"]["backgroundColor"], theme["sidebar"]["secondaryBackgroundColor"]]
    tinted = {name: value for name, value in theme.items() if re.fullmatch("[a-z]+BackgroundColor", name)}
    for text, surface in itertools.product(("textColor", "linkColor", "grayTextColor", "codeTextColor"), surfaces):
        assert contrast(theme[text], surface) >= 4.5, (text, surface)
    for colour in ("green", "orange", "yellow", "red", "blue", "gray"):
        for surface in (*surfaces, theme[f"{colour}BackgroundColor"]):
            assert contrast(theme[f"{colour}TextColor"], surface) >= 4.5, (colour, surface)
    for surface in tinted.values():
        assert contrast(theme["textColor"], surface) >= 4.5, surface
    assert contrast("#ffffff", theme["primaryColor"]) >= 4.5  # the words on a button
    for surface in surfaces:
        assert contrast(theme["primaryColor"], surface) >= 3  # the outline of what has the focus


def streamlit_config() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, as WCAG 2 defines it: 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


if __name__ == "__main__":
    (REPOSITORY / ".env.example").write_text(env_example(), encoding="utf-8")
