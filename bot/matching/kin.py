"""Relatives who are called by a given name alone: "Anton Zelkov and his brother Pavel".

A word of kinship says that a family name goes without saying; which one stands nearby. Whether anybody who is tracked
is called so is asked of the index, for all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from bot.folding import BREAK
from bot.matching.forms import NameForm
from bot.matching.keys import folded_keys
from bot.matching.names import NameIndex
from bot.matching.neighbours import Neighbours
from bot.matching.pages import Page
from bot.matching.terms import load_terms
from bot.model import Schema, Strength

__all__ = ["AND", "Relative", "relatives"]

AND = frozenset("and y e und et и і та i oraz".split())
_MOST_FAMILY_NAMES = 40  # in a block and the one before


class Relative(NamedTuple):
    """An entity whose given names are words first..last."""

    entity: str
    form: NameForm
    first: int
    last: int


def relatives(page: Page, beside: Neighbours, index: NameIndex) -> Iterator[Relative]:
    """The tracked people who have a given name that stands by a word of kinship, and a family name that stands near."""
    tokens: list[str] = []
    spans: dict[int, tuple[int, int]] = {}  # where a name begins in `tokens` -> words of its given names
    for first, last in dict.fromkeys(_given_names(page, beside)):
        given = page.words.lows[first : last + 1]
        for family in _family_names(page, first, last):
            spans[len(tokens)] = first, last
            tokens += [*given, family, BREAK]
    if not tokens:
        return
    keys = folded_keys(tokens)
    begins = {at: number for number, at in enumerate(accumulate((len(token) + 2 for token in tokens), initial=0))}
    for hit in index.hits(tokens, index.candidates(keys, index.look(keys))):
        number, end = begins[hit.start], begins[hit.end]
        if number not in spans or tokens[end : end + 1] != [BREAK] or hit.form.strength is not Strength.STRONG:
            continue
        if hit.variant and tokens[number].isascii() and hit.form.tokens[0] != tokens[number]:
            continue  # another spelling of the family name only: "Tsivilev's wife Anna"
        if index.entities[hit.entity].schema is Schema.PERSON:
            yield Relative(hit.entity, hit.form, *spans[number])


def _given_names(page: Page, beside: Neighbours) -> Iterator[tuple[int, int]]:
    """Names by a word of kinship: "his sons Igor and Lev", "Lena, la fille"."""
    kin = load_terms().kin
    for at, low in enumerate(page.words.lows):
        if low not in kin:
            continue
        yield from _after(page, beside, at)
        before = at - 1
        while before >= 0 and at - before <= 2 and not page.words[before].capital:
            before -= 1
        if before >= 0 and page.words[before].gap.startswith(",") and _stands_alone(page, beside, before, before):
            yield before, before


def _after(page: Page, beside: Neighbours, at: int) -> Iterator[tuple[int, int]]:
    words, given = page.words, load_terms().given
    while words[at].gap in (" ", ", ") and at + 1 < len(words):
        if words[at + 1].low in AND and at + 2 < len(words) and words[at + 1].gap == " ":
            at += 1
        first = last = at + 1
        two = {word.low for word in words[first : first + 2]}
        if last + 1 < len(words) and words[first].gap in (" ", "-") and two <= given:
            last += 1
        if not _stands_alone(page, beside, first, last):
            return
        yield first, last
        at = last


def _stands_alone(page: Page, beside: Neighbours, first: int, last: int) -> bool:
    if not all(word.capital and word.low.isalpha() for word in page.words[first : last + 1]):
        return False
    right = beside.right(last)
    if right is not None and right.capital:
        return False
    left = beside.left(first)
    return left is None or left.low in load_terms().kin or not beside.is_name_word(first - 1)


def _family_names(page: Page, first: int, last: int) -> list[str]:
    """Words with a capital in the block of the given name and the one before."""
    block, terms = page.block_of(first), load_terms()
    none = terms.calendar | terms.titles | terms.very_common
    begin, end = page.block_starts[max(0, block - 1)], page.block_starts[block] + len(page.block_text(block))
    found: dict[str, None] = {}
    near = [at for at in range(max(0, first - 300), min(len(page.words), last + 100)) if not first <= at <= last]
    for at in sorted(near, key=lambda at: abs(at - first)):
        word = page.words[at]
        is_name = word.capital and len(word.low) > 2 and word.low.isalpha() and word.low not in none
        if is_name and begin <= word.start < end:
            found[word.low] = None
        if len(found) == _MOST_FAMILY_NAMES:
            break
    return list(found)
