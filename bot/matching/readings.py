"""A sentence as it is read: its tokens, cues, times, clauses and tracked names, and the acts that acts.py finds in it.

Tells of a name, too, whether it only says whose something is, or with whom or for whom somebody acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from bot.matching.clauses import Structure, read_structure
from bot.matching.cues import Hit, Vocabulary
from bot.matching.notices import Section
from bot.matching.times import Time, When, find_times
from bot.matching.words import Kind, Token, tokenize
from bot.model import BlockKind

_STANDS_FOR = frozenset("name names entry entries listing designation assets accounts property funds".split())
_OF_NAME = frozenset(
    """employee employees executive executives official officials boss chief founder financier financiers leader leaders
    fighters members member subsidiary unit arm affiliate shares stock scheme spokesman spokeswoman spokesperson lawyer
    lawyers ally allies operative operatives commander commanders customers clients fans investors shareholders chairman
    president minister deal contract brand products headquarters""".split()
)
_HOLDERS = frozenset(
    "owner head chairman chief boss founder director leader president ceo commander governor minister executive wife "
    "husband son daughter brother sister manager captain editor secretary judge mayor spokesman deputy".split()
)
_PART = frozenset("and or to who which that was is were of by".split())  # what they stand between has nothing to do


@dataclass(slots=True)
class Sentence:
    block: int
    kind: BlockKind
    ordinal: int  # among the sentences of the article, title first
    start: int
    end: int
    text: str
    tokens: list[Token]
    hits: list[Hit]
    times: list[Time]
    structure: Structure
    names: list[int]  # tokens that are tracked names
    acts: list[Act] = field(default_factory=list)
    is_item: bool = False
    first_of_block: bool = False
    apart: frozenset[int] = frozenset()  # names that are said not to be targets: "but not X", "X was left off"
    blocked: frozenset[int] = frozenset()  # names that are said to be blocked already
    sections: dict[int, Section] = field(default_factory=dict)  # of an official notice, in which names stand
    _related: frozenset[int] | None = field(default=None, init=False, repr=False, compare=False)

    def low(self, index: int) -> str:
        """The folded word of a token; "" behind the last."""
        return self.tokens[index].low if index < len(self.tokens) else ""

    @property
    def related(self) -> frozenset[int]:
        """The names that only say whose, with whom, or for whom; found once, when they are first asked for."""
        if self._related is None:
            self._related = _find_related(self)
        return self._related


@dataclass(slots=True)
class Act:
    """An action cue as it stands in its sentence: what it says, of whom, when."""

    # new, undated, earlier, possible, state, standing, exclusion, relief, hoped_relief, earlier_relief, renewal,
    # hoped_renewal, enforcement or hoped_enforcement
    kind: str
    strong: bool
    hit: Hit
    clause: int
    when: When | None
    targets: list[int]  # name tokens in the target's place
    agents: list[int]
    open_slot: str = ""  # what stands in the target's place instead of a name: "he", "they", "firm", "some"
    slot_at: int = -1  # the token of that word
    negated: bool = False
    modal: bool = False
    on: date | None = None


def read_sentence(
    text: str,
    span: tuple[int, int],
    known: Iterable[tuple[int, int, tuple[str, ...]]],
    vocabulary: Vocabulary,
    published: date,
) -> tuple[list[Token], list[Hit], list[Time], Structure]:
    """The tokens of a text from `span[0]` to `span[1]`, and what the vocabulary finds among them. `known`: where
    tracked names stand, (start, end, their keys)."""
    tokens = vocabulary.mark_authorities(tokenize(text, span[0], span[1], known))
    times = find_times(tokens, vocabulary.calendar, published)
    hits = vocabulary.find(tokens, frozenset(time.start for time in times))
    return tokens, hits, times, read_structure(tokens, vocabulary)


def owns_next(sentence: Sentence, index: int) -> bool:
    """ "Acme's parent", "an Acme employee": the name is not what the sentence speaks of."""
    if index + 1 >= len(sentence.tokens):
        return False
    after = sentence.tokens[index + 1]
    if after.low in ("'", "’") and index + 2 < len(sentence.tokens) and sentence.tokens[index + 2].kind is Kind.WORD:
        return True  # "the Forces' leader"
    if after.low == "'s" and index + 2 < len(sentence.tokens) and sentence.tokens[index + 2].low in _STANDS_FOR:
        return False
    return after.low in ("'s", "의", "的") or (after.kind is Kind.WORD and after.low in _OF_NAME)


def is_related(sentence: Sentence, index: int) -> bool:
    """Whether a name only says whose, with whom, or for whom: "owned by X", "chairman of X", "linked to X and Y"."""
    return index in sentence.related


def _find_related(sentence: Sentence) -> frozenset[int]:
    """From left to right, as the names of a list are like the one before them."""
    tokens, clause_of = sentence.tokens, sentence.structure.clause_of
    told = _told_related(sentence)
    found: set[int] = set()
    for index in sentence.names:
        before = tokens[index - 1].low if index else ""
        if before in ("unlike", "like") or index in told:
            found.add(index)
            continue
        if index > 1 and before in ("of", "at", "from") and _is_name(sentence, index - 2):
            found.add(index)  # "Jane Roe of Acme"
            continue
        if before == "," and _names_holder(sentence, index):
            continue
        back = index - 1  # the next of a list of such names
        while back > 0 and tokens[back].low in (",", "and", "or", "the"):
            back -= 1
        if back != index - 1 and back in found and clause_of[back] == clause_of[index]:
            found.add(index)
    return frozenset(found)


def _told_related(sentence: Sentence) -> frozenset[int]:
    """The tokens at which a name would be told to be related by the words before it: "owned by", "chairman of the"."""
    told: set[int] = set()
    for hit in sentence.hits:
        if hit.pattern.kind == "relation" and hit.pattern.frame == "before":
            for index in range(hit.end, min(hit.end + 5, len(sentence.tokens))):
                told.add(index)
                if not _fills(sentence.tokens[index]):
                    break
    return frozenset(told)


def _names_holder(sentence: Sentence, index: int) -> bool:
    """ "the owner of Acme, Jane Roe": the name after the comma is the owner's."""
    if index < 3 or sentence.tokens[index - 2].kind is not Kind.MENTION:
        return False
    window = sentence.tokens[max(0, index - 9) : index - 2]
    return any(token.low in _HOLDERS for token in window) and any(token.low in ("of", "at", "for") for token in window)


def _is_name(sentence: Sentence, index: int) -> bool:
    token = sentence.tokens[index]
    return index > 0 and token.kind is Kind.WORD and token.capital and sentence.tokens[index - 1].capital


def _fills(token: Token) -> bool:
    """Words that may stand between "chairman of" and a name: "the Russian state lender", "its parent company"."""
    return token.kind in (Kind.AUTHORITY, Kind.WORD) and token.low not in _PART
