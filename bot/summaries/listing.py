"""The bullet that names those newly sanctioned, where no one sentence of the article does."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from bot.bullets import LIST_LABELS, MAX_LENGTH, with_more
from bot.model import Block, BlockKind, Mention, Strength, Verdict
from bot.summaries.reading import Reading
from bot.summaries.wording import LEGAL_TAILS, has_legal_form
from bot.text.datelines import is_list_item, one_line, without_mark
from bot.text.folding import fold_key
from bot.text.furniture import is_furniture

_PART = re.compile(r" [2-4]: ?")  # "LUCKSON 2: ELAN", as lists of the United Nations number a name
_MAX_ITEMS = 30  # of a list, each way


def list_of_names(reading: Reading, told: Sequence[str]) -> str:
    """Those newly sanctioned, as the article names them, if they are two or more and no one sentence has them all."""
    names = list(_new_names(reading)) if reading.event is Verdict.NEW_SANCTIONS else []
    if len(names) < 2 or any(len(text) <= MAX_LENGTH and all(name in text for name in names) for text in told):
        return ""
    language = reading.article.language.partition("-")[0].lower()
    return with_more(LIST_LABELS.get(language, ""), names, "、" if language == "zh" else ", ")


def _new_names(reading: Reading) -> Iterator[str]:
    """The longest surface of each name newly sanctioned, in the article's order, and what is beside it in a list."""
    blocks = reading.article.blocks
    declines = reading.article.language.startswith(("ru", "uk"))
    new = [finding.mentions for finding in reading.findings if finding.verdict is Verdict.NEW_SANCTIONS]
    listed: dict[int, list[Mention]] = {}
    for mention in (mention for mentions in new for mention in mentions if 0 <= mention.block < len(blocks)):
        listed.setdefault(mention.block, []).append(mention)
    spoken_for = {mention.block for finding in reading.findings for mention in finding.mentions}
    found: list[tuple[int, int, str]] = []
    for mentions in new:
        own = [one for one in mentions if one.block in listed and not _is_within(one, listed[one.block])]
        if own:
            best = _best(own, declines=declines)
            name = _PART.sub(" ", _with_both_quotes(one_line(best.surface)))
            found.append((best.block, best.start, name))
    for block in listed:
        beside = _items_beside(block, listed, blocks)
        found += [(place, 0, name) for place, name in beside if place not in spoken_for]
    known: set[str] = set()
    for _, _, name in sorted(found):
        key = fold_key(name)
        if key and len(name) < MAX_LENGTH // 2 and key not in known:
            known.add(key)
            yield name


def _best(mentions: Sequence[Mention], *, declines: bool) -> Mention:
    """How a list calls somebody: by the name that the article has first, which the alert calls it by, at its longest;
    not by a number where there is a name."""
    named = [mention for mention in mentions if mention.strength is not Strength.IDENTIFIER] or mentions
    if declines:
        return max(named, key=_as_in_a_list)
    first = fold_key(named[0].surface)
    with_first = (mention for mention in named if first in fold_key(mention.surface))
    return max(with_first, key=lambda mention: len(mention.surface))


def _as_in_a_list(mention: Mention) -> tuple[bool, int, bool, int]:
    """Russian and Ukrainian: as the watchlist has it, else with most words, in the nominative, which most cases only
    add to: «Лукойл», «Роснефть» and not "Лукойла", "Роснефти"."""
    words = mention.surface.split()
    return _is_own_form(mention), len(words), mention.surface[-1] not in "иіуюеыї", -len(mention.surface)


_QUOTES = {'"': '"', "“": "”", "«": "»", "„": "“"}


def _with_both_quotes(name: str) -> str:
    """'LLC "Grani', where a name that is quoted in part ends before the closing mark, with that mark."""
    for opens, closes in _QUOTES.items():
        at = name.rfind(opens)
        is_open = at >= 0 and closes not in name[at + 1 :] and not (opens == closes and name.count(opens) % 2 == 0)
        if is_open and name[at + 1 : at + 2].isalnum() and name[at - 1 : at] in ("", " "):
            return name + closes
    return name


def _is_within(mention: Mention, others: Sequence[Mention]) -> bool:
    """Whether it is a part of another's longer name: "Rosneft" in "Rosneft Trading SA"."""
    length = mention.end - mention.start
    return any(
        other.start <= mention.start and mention.end <= other.end and other.end - other.start > length
        for other in others
        if other.entity != mention.entity
    )


def _is_own_form(mention: Mention) -> bool:
    """Whether the article writes a name as the watchlist has it, not in another case ("Роснефти")."""
    return fold_key(mention.surface) == fold_key(mention.form)


def _items_beside(block: int, listed: Container[int], blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """The neighbours of an item of a list, as far as the list goes, each with its name. Without the marks of a list, a
    heading or another story's headline looks like a name: there only what has a legal form goes on with it, and what is
    `listed` itself."""
    if _item_name(blocks[block].text) is None:
        return
    is_marked = _is_marked(blocks[block].text)
    for step in (-1, 1):
        place = block + step
        while (
            0 <= place < len(blocks) and abs(place - block) <= _MAX_ITEMS and blocks[place].kind is BlockKind.PARAGRAPH
        ):
            name = _item_name(blocks[place].text)
            if name is None or not (
                _is_marked(blocks[place].text) if is_marked else place in listed or has_legal_form(name)
            ):
                break
            yield place, name
            place += step


_NUMBER = re.compile(r"^\(?\d{1,3}[.)]\s+")
_NAME_END = re.compile(rf"\s*(?:,(?!\s*(?:{LEGAL_TAILS})\b)|[:;(（–—])|\s-\s", re.IGNORECASE)


def _is_marked(text: str) -> bool:
    return is_list_item(text) or bool(_NUMBER.match(text))


def _item_name(text: str) -> str | None:
    """The name that a line of a list begins with ("- Evin Prison, where …"), or None if the line is no such item."""
    text = _NUMBER.sub("", without_mark(text[:300]), count=1)
    if not 3 < len(text) < 140 or text[-1] in "!?:" or is_furniture(text):
        return None
    name = _NAME_END.split(text, maxsplit=1)[0].removeprefix("the ").strip()
    words = name.split()
    capitals = sum(word[0].isupper() for word in words)
    if text.endswith(".") and not (has_legal_form(name) and capitals == len(words)):  # "… Co., Ltd." is no sentence
        return None
    is_name = 0 < len(words) <= 8 and capitals * 2 > len(words)
    return name if is_name and 3 < len(name) < 80 else None
