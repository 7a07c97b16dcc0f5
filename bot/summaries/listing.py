"""The bullet that names those newly sanctioned, where no one sentence of the article does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.bullets import LIST_LABELS, MAX_LENGTH, with_more
from bot.folding import fold_key
from bot.model import BlockKind, Mention, Verdict
from bot.summaries.reading import Reading
from bot.summaries.sentences import one_line, plain
from bot.summaries.wording import is_furniture

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
    spoken_for = {m.block for f in reading.findings if f.verdict is not Verdict.NEW_SANCTIONS for m in f.mentions}
    found: list[tuple[int, int, str]] = []
    for finding in reading.findings:
        mentions = [mention for mention in finding.mentions if 0 <= mention.block < len(blocks)]
        if finding.verdict is Verdict.NEW_SANCTIONS and mentions:
            best = max(mentions, key=lambda mention: (declines and _is_own_form(mention), len(mention.surface)))
            found.append((best.block, best.start, one_line(best.surface)))
            for mention in mentions:
                found += [
                    (place, 0, name) for place, name in _items_beside(mention.block, reading) if place not in spoken_for
                ]
    known: list[str] = []
    for _, _, name in sorted(found):
        key = fold_key(name)
        if key and len(name) < MAX_LENGTH // 2 and not any(key in other or other in key for other in known):
            known.append(key)
            yield name


def _is_own_form(mention: Mention) -> bool:
    """Whether the article writes a name as the watchlist has it, not in another case ("Роснефти")."""
    return fold_key(mention.surface) == fold_key(mention.form)


def _items_beside(block: int, reading: Reading) -> Iterator[tuple[int, str]]:
    """The neighbours of an item of a list, as far as the list goes, each with its name."""
    blocks = reading.article.blocks
    if _item_name(blocks[block].text) is None:
        return
    for step in (-1, 1):
        place = block + step
        while (
            0 <= place < len(blocks) and abs(place - block) <= _MAX_ITEMS and blocks[place].kind is BlockKind.PARAGRAPH
        ):
            name = _item_name(blocks[place].text)
            if name is None:
                break
            yield place, name
            place += step


_NAME_END = re.compile(r"\s*[,:;(（–—]|\s-\s")


def _item_name(text: str) -> str | None:
    """The name that a line of a list begins with ("- Evin Prison, where …"), or None if the line is no such item."""
    text = plain(text[:300])
    if not 3 < len(text) < 140 or text[-1] in ".!?:" or is_furniture(text):
        return None
    name = _NAME_END.split(text, maxsplit=1)[0].removeprefix("the ").strip()
    words = name.split()
    is_name = 0 < len(words) <= 8 and sum(word[0].isupper() for word in words) * 2 > len(words)
    return name if is_name and 3 < len(name) < 80 else None
