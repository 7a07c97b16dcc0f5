"""Where a Russian or Ukrainian page lists banks, whose names are words that anything else may have too."""

from __future__ import annotations

import re

from bot.matching.pages import Page

_BANKS = re.compile(
    r"\b(?:банк(?:и|ов|ам|ами|ах|ів)"
    r"|(?:кредитн|фінансов|финансов)\w+ (?:организаци|учреждени|установ|організаці)\w*)\b",
    re.IGNORECASE,
)
_A_BANK = re.compile(r"\w[-\w]*банк\w{0,2}\b", re.IGNORECASE)  # "Промсвязьбанк", "Фора-банк"
_SENTENCE_ENDS = re.compile(r"[.!?…]\s|\n")
_REACH = 400  # letters
_OPENING, _CLOSING = frozenset('«“„"'), frozenset('»”“"')


def is_among_banks(page: Page, first: int, last: int) -> bool:
    """Do words first..last stand in a list behind "banks", each in quotes or set off by commas: "Из банков в перечень
    вошли «Россия», …", "названы Фора-банк, Ак Барс, …"?"""
    words, text = page.words, page.text
    start, end = words[first].start, words[last].end
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    sentence = _SENTENCE_ENDS.split(before)[-1]
    if not first or _BANKS.search(sentence) is None:
        return False
    if before[-1:] in _OPENING:
        return after[:1] in _CLOSING
    is_of_a_list = before.rstrip().endswith((",", ":")) and after[:1] in (",", ".", ";") and last > first
    return is_of_a_list and _A_BANK.search(sentence + _SENTENCE_ENDS.split(after)[0]) is not None
