"""Where each setting comes from, and writing one into the settings file."""

from __future__ import annotations

import dotenv

from docmind.errors import SettingsError
from docmind.settings import given, settings_file, variable


def set_in(field: str) -> str:
    """Where a setting is set: 'the environment', the path of the settings file, or '' where its default holds.

    Raises:
        SettingsError: the settings file cannot be read.
    """
    value, where = given().get(variable(field), ("", ""))
    return where if value else ""


def keep_setting(field: str, value: str | None) -> None:
    """Write a setting into the settings file; the environment still overrules it.

    Args:
        field: Name of the setting.
        value: As it is written there; None takes it out, so that the default holds.

    Raises:
        SettingsError: the file cannot be written.
    """
    file = settings_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Names are read in capitals and small letters alike, so one written by hand may be spelt otherwise.
        for name in dotenv.dotenv_values(file, interpolate=False, encoding="utf-8-sig"):
            if name.upper() == variable(field) and (value is None or name != variable(field)):
                dotenv.unset_key(file, name, follow_symlinks=True)
        if value is not None:
            dotenv.set_key(file, variable(field), value, quote_mode="auto", follow_symlinks=True)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} cannot be written: {error}. Make it yours to write.") from error
