"""A sentence as an alert tells it: one line, without dateline, clock or list mark."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.text.folding import fold_key
from bot.text.phrasing import DATELINE, DAY, UPPER

# What is left of "KYIV. May 2 (Interfax) - " when its first full stop ended a sentence.
_DAY_OF_LINE = re.compile(rf"^{DAY}\s*\([^()]{{2,40}}\)\s*(?:--|[–—―-])\s+")
_PLACE = re.compile(  # "QUITO. ", "NEW DELHI: ", "(서울=통신) ", "本报北京8月13日讯 "
    rf"^(?:(?:[{UPPER}]{{4,}}|[{UPPER}]{{2,}} [{UPPER}]{{2,}})(?: [{UPPER}]+)*[.:]"
    r"|[(（【\[][^()（）【】\[\]]{2,24}[)）】\]](?:\s?[\uac00-\ud7a3]{2,5} (?:기자|특파원)(?= ?=))?"
    r"|(?:本报|本報|新华社|中新社|中新网|人民网|中央社|法新社|路透社|美联社)\S{2,14}[讯电訊電](?:[（(][记記]者[^（）()]{1,20}[）)])?)\s*(?:(?:--|[–—=-])\s+)?"
)
_MONTH = "(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)"
_WITHOUT_DASH = re.compile(  # "WASHINGTON, June 27 Ten firms", as wires wrote it
    rf"^(?:[A-Z][A-Z .'/-]{{2,30}},|[A-Z][A-Z.'/-]{{3,30}}) {_MONTH} \d{{1,2}} (?=[A-Z][a-z])"
)
_DASH = re.compile(r"--|\s[–—―-](?=\s)|—")
_HALF, _ZONE = r"(?:\s?[ap]\.?m\.?)", r"(?:\s?(?:GMT|UTC|[A-Z]{2,4}T))"
_CLOCK = re.compile(  # "1.25 Billion" is none
    rf"^\(?\d{{1,2}}(?::\d{{2}}{_HALF}?{_ZONE}?|\.\d{{2}}(?:{_HALF}{_ZONE}?|{_ZONE}))\)?\s*[-–—:]?\s+"
)
_LIST_MARK = re.compile(r"^[•–—*·●▪◦-]\s*(?:[–—-]\s+)?")  # also "• – Ana Roe"

_MARKUP = re.compile(r"\*\*|__|^#+\s|^>+\s?")  # what Markdown leaves


def plain(text: str, names: Collection[str] = ()) -> str:
    """One printable line, without the dateline, the clock or the list mark that a sentence may open with. What has one
    of `names` in it (folded) is no dateline."""
    text = _CLOCK.sub("", without_mark(text), count=1)
    for opening in (DATELINE, _DAY_OF_LINE, _WITHOUT_DASH, _PLACE):
        found = opening.match(text)
        if found and _is_dateline(text, found, names):
            text = text[found.end() :]
    return text


def _is_dateline(text: str, found: re.Match[str], names: Collection[str]) -> bool:
    """Not "Rosneft – Russia's largest oil producer – was hit …": there the dash has a partner behind it."""
    rest = text[found.end() :]
    if not rest or rest[0].islower() or (_DASH.search(found.group()) and len(_DASH.findall(rest)) % 2):
        return False
    said = f" {fold_key(found.group())} " if names else ""
    return not any(f" {name} " in said for name in names)


def without_mark(text: str) -> str:
    """One printable line, without the mark of a list's item."""
    return _LIST_MARK.sub("", _MARKUP.sub("", one_line(text)), count=1)


def one_line(text: str) -> str:
    """Blanks and line breaks become one blank; controls and marks of direction have no place in a chat message."""
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text


def is_list_item(raw: str) -> bool:
    return bool(_LIST_MARK.match(raw))
