"""In which language an article is written: as it is declared where that can be, else by its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# The vocabulary's languages, and their neighbours that would else be taken for them.
_LANGUAGES = (
    "en de fr es ru uk zh ja ko ar fa he tr it pt nl pl cs sk bg sr hr ro el hu sv da no fi be kk ka az hi id vi th"
).split()
_ENOUGH = 40  # letters, to tell a language
_SURE = 0.8  # the classifier's odds from which its word on so few counts, and on what may be Russian or Bulgarian
_LIKELY = 0.6
_HANGUL, _KANA, _HAN = (re.compile(f"[{span}]") for span in ("\uac00-\ud7a3", "\u3040-\u30ff", "\u3400-\u9fff"))
_CYRILLIC, _ONLY_UKRAINIAN = re.compile("[\u0400-\u04ff]"), re.compile("[іїєґ]", re.IGNORECASE)
_NON_LATIN = frozenset("ru uk be bg sr kk zh ja ko ar fa he el ka hi th mk ky tg mn hy am ur ps bn ta te".split())


def find_language(declared: str | None, by_page: str, texts: Sequence[str]) -> str:
    """The first that is told and can be: by feed or settings, by the page, else by the text."""
    sample = " ".join(texts)[:3_000]
    for told in (declared, by_page):
        tag = (told or "").strip().replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) and _fits_script(tag, sample):
            return tag.split("-")[0].lower() if len(tag.split("-")[0]) == 2 else tag
    return _guess(sample)


def _guess(sample: str) -> str:
    """The language of a text. A flash of few words is told by its script, then by the classifier where that is sure."""
    letters = sum(char.isalpha() for char in sample)
    hangul, kana, han = (len(script.findall(sample)) for script in (_HANGUL, _KANA, _HAN))
    if letters < _ENOUGH and 2 * (hangul + kana + han) > letters:
        return "ko" if hangul > han else "ja" if kana else "zh"
    found, odds = _identifier().classify(sample)
    if odds < _SURE and letters < 3 * _ENOUGH and 2 * len(_CYRILLIC.findall(sample)) > letters:
        return "uk" if _ONLY_UKRAINIAN.search(sample) or (found == "uk" and odds > _LIKELY) else "ru"
    return found if odds >= _SURE or letters >= _ENOUGH else "en"


def _fits_script(tag: str, sample: str) -> bool:
    """Templates declare English over Russian text, so the script must fit."""
    letters = [char for char in sample if char.isalpha()]
    if len(letters) < _ENOUGH:
        return True
    latin = sum(ord(char) < 0x250 for char in letters) / len(letters)
    is_latin = tag.split("-")[0].lower() not in _NON_LATIN
    return latin > 0.3 if is_latin else latin < 0.9


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
