"""Settings say what is wrong with them, .env.example is true, and the theme can be read.

`make env-example` (or `python tests/test_settings.py`) writes .env.example anew after a setting has changed.
"""

from __future__ import annotations

import itertools
import os
import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from docmind.cli.launch import told
from docmind.errors import SettingsError
from docmind.settings import Settings, load_settings, settings_file, settings_notices

REPOSITORY = Path(__file__).resolve().parent.parent
HEADER = """\
# Every setting of DocMind with its default. Copy this file to docmind.env in your configuration folder, where
# `docmind doctor` says it belongs, or in a checkout to .env beside this file, which `make run` reads. Take the #
# away from a line and change its value. A variable in the environment wins.
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
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of whoever runs the tests, and a settings file that is not there yet."""
    for name in list(os.environ):
        if name.startswith(("DOCMIND_", "VLLM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert settings_file() == tmp_path / "config" / "docmind" / "docmind.env"
    settings_file().parent.mkdir(parents=True)
    return settings_file()


def test_env_example_lists_every_setting_with_its_default() -> None:
    written = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    assert written == env_example(), "run `make env-example`"


def test_env_example_with_every_line_taken_in_changes_nothing(file: Path) -> None:
    file.write_text(env_example().replace("#DOCMIND_", "DOCMIND_"), encoding="utf-8")
    assert settings_notices() == ()
    loaded = load_settings()
    file.unlink()
    assert loaded == load_settings()


def test_there_are_at_most_forty_settings_and_each_is_described() -> None:
    assert len(Settings.model_fields) <= 40
    assert all(field.description for field in Settings.model_fields.values())


def test_the_settings_file_is_read_and_the_environment_wins(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("\ufeffDOCMIND_PORT=9001\nDOCMIND_DEVICE=GPU\n", encoding="utf-8")  # as Windows writes text
    monkeypatch.setenv("DOCMIND_PORT", "9002")
    loaded = load_settings()
    assert (loaded.port, loaded.device) == (9002, "GPU")


def test_another_settings_file_is_named_by_its_whole_path_or_refused(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("DOCMIND_PORT=9001\n", encoding="utf-8")
    (tmp_path / ".env").write_text("DOCMIND_PORT=9002\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCMIND_ENV_FILE", str(tmp_path / ".env"))
    assert load_settings().port == 9002
    assert settings_notices() == ()
    for wrong in (".env", str(tmp_path / "none.env"), str(tmp_path)):
        monkeypatch.setenv("DOCMIND_ENV_FILE", wrong)
        with pytest.raises(SettingsError, match="DOCMIND_ENV_FILE"):
            load_settings()


def test_a_settings_file_that_is_no_text_is_named(file: Path) -> None:
    file.write_bytes(b"DOCMIND_MODEL=\xff\xfe")
    with pytest.raises(SettingsError, match=re.escape(str(file))):
        load_settings()


EARLIER = [
    ("DOCMIND_CONTEXT_LENGTH", "131072", {"window": 131_072}, "DOCMIND_WINDOW"),
    ("DOCMIND_DEVICE", "cuda", {"device": "auto"}, "DOCMIND_ENGINE=vllm"),
    ("VLLM_GPU_MEMORY_UTILIZATION", "0.7", {"gpu_memory_share": 0.7}, "DOCMIND_GPU_MEMORY_SHARE"),
    ("VLLM_KV_CACHE_DTYPE", "fp8", {"cache_type": "fp8"}, "DOCMIND_CACHE_TYPE"),
    ("VLLM_KV_CACHE_DTYPE", "fp8_e5m2", {"cache_type": "fp8"}, "DOCMIND_CACHE_TYPE"),
]


@pytest.mark.parametrize("in_file", [True, False])
@pytest.mark.parametrize(("name", "value", "means", "now"), EARLIER)
def test_an_earlier_name_still_works_and_the_new_one_is_told(
    name: str, value: str, means: dict[str, Any], now: str, in_file: bool, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if in_file:
        file.write_text(f"{name}={value}\n", encoding="utf-8")
    else:
        monkeypatch.setenv(name, value)
    assert load_settings() == Settings().model_copy(update=means)
    (notice,) = settings_notices()
    assert name in notice
    assert now in notice
    assert (str(file) if in_file else "the environment") in notice


def test_the_new_name_wins_over_the_earlier_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("DOCMIND_WINDOW=4096\n", encoding="utf-8")
    monkeypatch.setenv("DOCMIND_CONTEXT_LENGTH", "131072")
    assert load_settings().window == 4096


def test_a_bad_value_of_an_earlier_name_is_named_by_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCMIND_CONTEXT_LENGTH", "many")
    with pytest.raises(SettingsError, match="DOCMIND_WINDOW"):
        load_settings()


def test_the_processor_is_asked_for_by_its_earlier_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCMIND_DEVICE", "cpu")
    assert load_settings().device == "CPU"
    assert settings_notices() == ()


def test_a_name_that_is_no_setting_is_told_with_the_nearest_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("DOCMIND_SERVER_ADRESS=x\nDOCMIND_VLLM_WINDOW=4096\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("DOCMIND_CACHE_TYP", "f16")
    monkeypatch.setenv("DOCMIND_XYZ", "")  # an empty value is as good as none
    misspelt, cache = settings_notices()
    assert "DOCMIND_SERVER_ADRESS" in misspelt
    assert str(file) in misspelt
    assert "DOCMIND_SERVER_" in misspelt.partition("nearest name is ")[2]
    assert "nearest name is DOCMIND_CACHE_TYPE." in cache


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
    name: str, value: str, says: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert name in str(caught.value)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)


def test_two_bad_values_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCMIND_PORT", "80")
    monkeypatch.setenv("DOCMIND_ENGINE", "abacus")
    with pytest.raises(SettingsError, match=r"(?s)(DOCMIND_ENGINE.*DOCMIND_PORT)|(DOCMIND_PORT.*DOCMIND_ENGINE)"):
        load_settings()


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 9000  # type: ignore[misc]  # what must fail


def test_models_belong_to_the_user_and_not_to_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    usual = tmp_path / "home" / "docmind" / "models"
    assert Settings().model_folders == (Settings().models_path,) == (usual,)
    assert Settings(data_dir=tmp_path).models_path == usual
    assert Settings(data_dir=tmp_path).model_folders == (usual, tmp_path / "models")
    told = Settings(data_dir=tmp_path, models_dir=tmp_path / "other")
    assert told.model_folders == (told.models_path,) == (tmp_path / "other",)
    assert Settings(data_dir=Path("~/library")).data_dir == Path.home() / "library"


@pytest.mark.parametrize(
    ("in_the_file", "in_the_environment", "fetched"),
    [("", "", "true"), ("false", "", None), ("true", "", None), ("", "false", None), ("false", "true", None)],
)
def test_make_run_fetches_the_writer_only_where_nobody_said_otherwise(
    in_the_file: str, in_the_environment: str, fetched: str | None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is told is a wish, and not a setting that would overrule the user's own."""
    if in_the_file:
        file.write_text(f"DOCMIND_FETCH_WRITER={in_the_file}\n", encoding="utf-8")
    if in_the_environment:
        monkeypatch.setenv("DOCMIND_FETCH_WRITER", in_the_environment)
    settings = load_settings()
    assert told(settings, fetch_writer=True).get("DOCMIND_FETCH_WRITER") == fetched
    assert "DOCMIND_FETCH_WRITER" not in told(settings)


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
