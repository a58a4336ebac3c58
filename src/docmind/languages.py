"""Languages: what they are called by their codes (ISO 639-1), and which one a text is written in (py3langid)."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

_SAMPLE = 3000  # characters whose language is told; more make it no surer
_SURE = 0.8  # how likely a language must be; below, short texts and tables are often told wrongly
_LETTERS = 40  # too few to tell a language by
# A question is short. Told among few languages, none of 587 English ones of an evaluation set came to it.
_SURE_OF_QUESTION = 0.9
_ENGLISH = re.compile(r"\b(the|what|which|when|where|who|why|how|does|did|and|from|with|this|there)\b", re.IGNORECASE)

_NAMES = """
af Afrikaans, am Amharic, ar Arabic, as Assamese, az Azerbaijani, be Belarusian, bg Bulgarian, bn Bengali, br Breton,
bs Bosnian, ca Catalan, cs Czech, cy Welsh, da Danish, de German, el Greek, en English, eo Esperanto, es Spanish,
et Estonian, eu Basque, fa Persian, fi Finnish, fr French, fy Frisian, ga Irish, gd Scottish Gaelic, gl Galician,
gu Gujarati, ha Hausa, he Hebrew, hi Hindi, hr Croatian, ht Haitian Creole, hu Hungarian, hy Armenian, id Indonesian,
ig Igbo, is Icelandic, it Italian, ja Japanese, jv Javanese, ka Georgian, kk Kazakh, km Khmer, kn Kannada, ko Korean,
ku Kurdish, ky Kyrgyz, la Latin, lb Luxembourgish, lo Lao, lt Lithuanian, lv Latvian, mg Malagasy, mk Macedonian,
ml Malayalam, mn Mongolian, mr Marathi, ms Malay, mt Maltese, my Burmese, ne Nepali, nl Dutch, nn Norwegian,
no Norwegian, or Odia, pa Punjabi, pl Polish, ps Pashto, pt Portuguese, ro Romanian, ru Russian, sa Sanskrit,
si Sinhala, sk Slovak, sl Slovenian, so Somali, sq Albanian, sr Serbian, sv Swedish, sw Swahili, ta Tamil, te Telugu,
tg Tajik, th Thai, tk Turkmen, tl Tagalog, tr Turkish, tt Tatar, ug Uyghur, uk Ukrainian, ur Urdu, uz Uzbek,
vi Vietnamese, xh Xhosa, yo Yoruba, zh Chinese, zu Zulu
"""
_BY_CODE = dict(entry.split(" ", 1) for entry in " ".join(_NAMES.split()).split(", "))


def language_of(text: str) -> str | None:
    """The code of the language that a text is written in; None where that is not sure."""
    sample = text[:_SAMPLE]
    if sum(character.isalpha() for character in sample) < _LETTERS:
        return None
    language, likely = _identifier().classify(sample)
    return str(language) if likely >= _SURE else None


def language_of_question(text: str, among: Collection[str]) -> str | None:
    """The code of the language that a question is asked in, where it is surely not English.

    Args:
        text: The question.
        among: The codes that are thought of beside English.

    Returns:
        One of `among`; None where it is English, none of them, or not sure.
    """
    return _language_among(text[:_SAMPLE], frozenset(among))


@lru_cache(maxsize=2000)
def _language_among(sample: str, among: frozenset[str]) -> str | None:
    if _ENGLISH.search(sample):
        return None
    ranked = {code: float(likely) for code, likely in _identifier().rank(sample) if code in {*among, "en"}}
    best = max(ranked, key=ranked.__getitem__)
    return best if best != "en" and ranked[best] >= _SURE_OF_QUESTION * sum(ranked.values()) else None


def language_name(code: str | None) -> str:
    """The English name of a language; '' where it is not known or has none here."""
    return _BY_CODE.get(code or "", "")


@cache
def _identifier() -> Any:
    # Imported when the first text is looked at: its tables take half a second to unpack.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - see above

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
