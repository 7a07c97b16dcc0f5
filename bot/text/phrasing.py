"""The sentences of a text that is told: where each ends, which can stand without the one before it, and the place and
day that stand in front of the first (datelines)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.text.openers import ABBREVIATIONS, MAY_END, OPENERS, is_ordinal, opens_sentence

UPPER = "A-ZÀ-ÖØ-ÞА-ЯІЇЄҐ"
_TOWN = rf"[{UPPER}][\w.'’-]{{2,20}}"
DAY = (  # "Nov. 4", "Nov. 4, 2025", "24 oct.", "le 17 mars 2025", "3. Mai", "24.02.2025"
    r"(?:\w{3,9}\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?"
    r"|(?:le )?\d{1,2}(?:\.|er)? \w{3,9}\.?(?: \d{4})?|\d{1,2}\.\d{1,2}\.\d{4})"
)
_REGION = rf"(?:{_TOWN}|of|the|and)(?: (?:{_TOWN}|of|the|and)){{0,4}}"
# Such as "WASHINGTON, Nov. 4 (Yonhap) -- ", "WASHINGTON—Today", "Laos — ", "Washington, 24 oct (EFE).- ",
# "ERBIL, Kurdistan Region - "
DATELINE = re.compile(
    rf"^(?:[{UPPER}][{UPPER}.,'’&/ -]{{2,40}}|[{UPPER}][{UPPER}.'’ -]{{2,30}}, {_REGION}|{_TOWN} {_TOWN}(?=,? {DAY})"
    rf"|{_TOWN}(?:(?:/| and | und | et | y ){_TOWN})?)"
    rf"(?:,? {DAY})?\s*(?:\([^()]{{2,40}}\)\s*)?"
    r"(?:(?:--|//|\s[–—―-]|—|\.-)\s+|(?<=[A-Z]{3})—(?=[A-Z][a-z]))"
)
# "ZURICH/LONDON, Monday (Reuters) - ": which places such a line names in capitals. Nothing is cut off by it, so what
# stands between them and the dash may be anything short.
PLACES_OF_WRITING = re.compile(
    r"(?P<places>[A-Z][A-Z .'’/-]+)\b[^()\n]{0,30}(?:\([A-Z][^()\n]{1,30}\)\s*)?[-–—]{1,2}\s"
)
# A run of stops is tried only from its beginning, and only whole, as in matching/sentences.py.
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？]++[”’」』）]*+|\n++")
_ABBREVIATIONS = ABBREVIATIONS | frozenset(
    """mr mrs ms dr prof gen lt col maj brig capt adm sgt sen rep gov hon rev st jr sr inc ltd co corp plc no vs jan feb
    mar apr jun jul aug sep sept oct nov dec dept approx est incl pte pvt nr bzw usw ca ee uu sra srta tel art al mm тыс
    млн млрд руб долл тис грн вул им г гг messrs cllr""".split()
)
_OPENERS = frozenset("the a an it its he she they we this that these those his her their in on at but and for".split())
_LAST_WORD = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)\.$")
_NEXT_WORD = re.compile(r"[\s\"'“”‘’«(\[]*([^\W_]*)")
# Not "those targeted by the Treasury": who they are is told.
_THOSE = r"those(?!\s(?:who|whose|whom|in|on|at|with|from|newly|now|also|[a-z]+ed|hit|caught)\b)"
_LEANS = re.compile(
    rf"""^[\"“«„'‘]*(?:he|she|it|they|that|this|these|{_THOSE}|his|her|its|their|both|all\sthree|so|nor|neither|but|and|or|here|there(?!\s(?:is|are|was|were|has|have)\b)|then|yes|no
    |she|also|besides|moreover|meanwhile|on\saccount|because\sof\s(?:that|this)|for\s(?:that|this)|as\sa\sresult|hence|thus|however|too|among\sthem|another|others?
    |он|она|они|это|его|ее|их|він|вона|вони|це|його|él|ella|esto|er|sie|es|das|dies|il|elle|ils|elles|ce|cela)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# Before any name: "On account of that", "The stepfather let them", "The bank did not comment".
_STANDS_FOR = re.compile(
    rf"""\b(?:he|she|they|him|them|his|her|their|these|{_THOSE}|the\s(?:latter|former|others?|pair|trio|duo|rest)|one\sof\s(?:them|these|those)
    |the\s(?:two|three|four|first|second|third)(?=[,.]|\s(?:is|are|was|were|has|have|had|will|may|can|also|both|said|did|do)\b)|of\s(?:that|this)|that\s(?:is|was)
    |^(?:the|this|that)\s(?:same\s)?(?:bank|lender|company|firm|group|ship|vessel|tanker|man|woman|men|women|minister|general|brothers?|couple
    |family|network|outfit|organi[sz]ation|trader|businessman|billionaire|pastor|politician|officer|owners?|father|mother|wife|husband
    |sons?|daughters?|stepfather)(?!\s(?-i:[A-Z“"])))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAMED_OR_ENDED = re.compile(r"[,;:]\s|(?<=[\s(“\"])(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|I\b)[A-Z][\w.'’-]+")
_BULLETS = "•–—-*>·●▪◦"
_AHEAD = 45  # characters that are read before the eye looks for who is meant


def split_sentences(text: str) -> Iterator[str]:
    """The sentences of a text. A full stop after an abbreviation or an initial, or before a
    small letter, ends none; nor do dots there."""
    start = 0
    for stop in _STOP.finditer(text):
        if stop.group()[0] in ".…" and not _ends_sentence(text, start, stop):
            continue
        if sentence := text[start : stop.end()].strip():
            yield sentence
        start = stop.end()
    if sentence := text[start:].strip():
        yield sentence


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    following = _NEXT_WORD.match(text, stop.end())
    next_word = following.group(1) if following else ""
    if next_word[:1].islower():
        return False
    last = _LAST_WORD.search(text, max(start, stop.start() - 20), stop.start() + 1)
    if last is None or len(stop.group().rstrip(")]")) > 1:
        return True
    word = last.group(1).lower()
    if is_ordinal(word, text, start, stop.start()):
        return next_word.lower() in _OPENERS
    if len(word) > 1 and "." not in word and word not in _ABBREVIATIONS:
        return True
    return ("." in word or word in MAY_END) and opens_sentence(text, following)


def may_begin_with_name(text: str) -> bool:
    """Whether a sentence opens with a word that opens no others: "Acme denied it", not "It was a busy day"."""
    first = _NEXT_WORD.match(text)
    word = first[1].lower() if first else ""
    return bool(word) and word not in _OPENERS and word not in OPENERS


def leans_back(text: str) -> bool:
    """Whether a sentence opens with a word that stands for something before it: "They", "But", "Its", "The bank"."""
    if _LEANS.match(text):
        return True
    name = _NAMED_OR_ENDED.search(text, 1, _AHEAD)
    return bool(_STANDS_FOR.search(text, 0, name.start() + 1 if name else _AHEAD))


def is_item(text: str) -> bool:
    """A line of a list: it begins with a bullet or a number, or is short and has no full stop."""
    if text[0] in _BULLETS or (text[:2].rstrip(".)").isdigit() and text[1:3].strip() in (".", ")", "")):
        return True
    return len(text) < 90 and text[-1] not in '.!?”"'
