"""Where sentences begin and end. Knows abbreviations and CJK stops; nothing of sanctions."""

from __future__ import annotations

import re

from bot.text.openers import ABBREVIATIONS, MAY_END, OPENERS, is_ordinal, opens_sentence

# A stop, the quotes and brackets that close with it, then a blank; CJK stops need none. A line break always parts.
# A run of stops is tried only from its beginning, and only whole: 20,000 dots take no longer than other text.
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？；]++[”’」』）]*+|\n++")

_ABBREVIATIONS = ABBREVIATIONS | frozenset(
    """mr mrs ms dr prof gen lt col maj brig capt cmdr adm sgt sen rep gov hon rev st jr sr inc ltd co corp plc llc no
    nos vs etc al art sec jan feb mar apr jun jul aug sep sept oct nov dec dept est approx fig vol ed eds pp cf eg ie
    pte pvt sa bros messrs mt ft univ assn gmbh nr bzw str art. z.b ca bsp hrn fr im incl ул им г гг стр тыс млн млрд
    руб долл св см пр sra srta dra lic ing ee uu mme mm mlle m cllr""".split()
)
_STARTERS = frozenset(
    """the a an it he she they we i in on at but and or this that these those his her its their our as if when while
    after before since for with there not no nor some many most one two what who how why so yet also among under from
    by""".split()
)
_ANY_STARTERS = _STARTERS | OPENERS
_LAST_WORD = re.compile(r"([^\W_][\w.&'’-]*)\.$")
_NEXT_WORD = re.compile(r"\s*[\"'“”‘’«(\[]*([^\W_]*)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]$|ee\.uu$")

_BRACKETED = re.compile(r"\((?:[^\W\d_]\.){2,}\)$")  # "Executive Order (E.O.) 13902"


def split_sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Spans (start, end) of the sentences of a text, without the blanks around them; empty for blank text."""
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        if stop.group()[0] == "." and not _ends_sentence(text, start, stop):
            continue
        _keep(text, start, stop.end(), spans)
        start = stop.end()
    _keep(text, start, len(text), spans)
    return tuple(spans)


def _keep(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether a full stop ends its sentence: not after an abbreviation or initial, nor before a small letter."""
    following = _NEXT_WORD.match(text, stop.end())
    next_word = following.group(1) if following else ""
    if next_word and next_word[0].islower():
        return False
    if _BRACKETED.search(text, max(start, stop.start() - 24), stop.end()):
        return opens_sentence(text, following, _ANY_STARTERS)
    if len(stop.group()) > 1 and stop.group() != "..":
        return True
    last = _LAST_WORD.search(text, max(start, stop.start() - 24), stop.start() + 1)
    if last is None:
        return True
    word = last.group(1).lower()
    if _INITIALS.match(word) and word not in MAY_END:
        # "U.S.", "J.S.", "J.": an end only if a word follows that opens sentences
        return "." in word and opens_sentence(text, following, _ANY_STARTERS)
    if is_ordinal(word, text, start, stop.start()):
        return next_word.lower() in _ANY_STARTERS and text[start : stop.start()].strip() != word
    return word not in _ABBREVIATIONS or (word in MAY_END and opens_sentence(text, following))
