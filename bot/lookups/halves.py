"""Half a name: 'Dandong Zhicheng' of 'Dandong Zhicheng Metal Materials Co., Ltd.', 'Deripaska' of 'Oleg Deripaska'.

Two names of which one has more than the other are not one name: Gazprom is not Gazprom Neft, and a comparison of pairs
says so. Who looks somebody up knows only so much of the name, and is asked back by nobody: if few bear all that was
asked for, they are meant. Half a name that is misspelt ('Deripazka') is surely nobody's, and comes near. Decides by
what was compared, so it knows only those whom the search brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.lookups.weighing import Comparison, How, Part
from bot.model import Schema
from bot.text.folding import fold_key

__all__ = ["FEW", "Half", "as_half", "as_misspelt", "count_bearers", "half_of"]

FEW = 8  # bearers: of more, none is surely meant
ONE_WORD, MORE_WORDS = 0.83, 0.88  # how sure half a name is, of which every word is the same
_LEAST_WORD = 4  # letters of a person's one word that is asked for alone
_LEAST_FIT, _LEAST_LIKE = 0.85, 0.7  # of each word: to be the same, to be it misspelt
_LEAST_MISSPELT = 5  # letters: a shorter word has too many like it
_TRIFLE = 0.1  # the weight below which it does not matter that a part is missing: legal forms, particles
_OWN = 0.7  # the weight of a part that is a name of its own
_SURE = frozenset({How.EQUAL, How.TRANSLITERATED, How.SPELLING, How.VARIANT, How.JOINED, How.NICKNAME})
_THINGS = frozenset({Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET})


@dataclass(frozen=True, slots=True)
class Half:
    """That all of the left name fits in the right one, which has more. `words`: how many of its own the left one has;
    `is_core`: what it lacks is generic, as "Bank" and "Ltd"; `is_enough`: it is half of the name, or more, and long
    enough to mean somebody."""

    words: int
    is_core: bool
    is_enough: bool
    is_sure: bool = True  # not only alike


def half_of(found: Comparison, schema: Schema) -> Half | None:
    """None if the left name is no part of the right one, or says too little: a number or place alone, a letter or two,
    a vessel's single word ('Cliff' is not 'Sea Cliff')."""
    fitting = [part for part in found.parts if part.left and part.right]
    more = [part for part in found.parts if not part.left and part.weight >= _TRIFLE]
    lacks = any(not part.right and part.weight >= _TRIFLE for part in found.parts)
    own = [part for part in fitting if part.weight >= _OWN and part.how in _SURE and part.what != "place"]
    words = sum(len(part.left.split()) for part in own)
    fit = min((part.score for part in fitting), default=0.0)
    is_sure = fit >= _LEAST_FIT
    if lacks or not more or not _is_telling(own, words, schema) or not (is_sure or _is_misspelt(fitting, fit)):
        return None
    if schema is Schema.PERSON:  # two words are a given name and a family name, and were compared as such
        is_long = words > 1 or len(own[0].left) >= _LEAST_WORD or not own[0].left.isascii()
        return Half(words, is_core=False, is_enough=is_long, is_sure=is_sure) if len(fitting) == 1 else None
    lacking = [part.what for part in more]
    is_enough = "number" not in lacking and lacking.count("name") <= words
    return Half(words, not {"name", "place", "number"} & set(lacking), is_enough, is_sure)


def _is_telling(own: Sequence[Part], words: int, schema: Schema) -> bool:
    if words != 1 or schema is Schema.PERSON:
        return words > 0
    return schema not in _THINGS and (len(own[0].left) >= _LEAST_WORD - 1 or not own[0].left.isascii())


def _is_misspelt(fitting: Sequence[Part], fit: float) -> bool:
    return len(fitting) == 1 and fit >= _LEAST_LIKE and len(fitting[0].left) >= _LEAST_MISSPELT


def count_bearers(names: Iterable[str]) -> int:
    """How many different ones the names are of: 'Arkady Rotenberg' and 'Arkady Romanovich Rotenberg' count as one."""
    words = sorted({frozenset(fold_key(name).split()) for name in names}, key=len)
    distinct: list[frozenset[str]] = []
    for one in words:
        if not any(other <= one for other in distinct):
            distinct.append(one)
    return len(distinct)


def as_half(found: Comparison, half: Half, bearers: int) -> Comparison:
    """The comparison of half a name that so many bear."""
    if bearers > FEW:
        return replace(found, gist="half of a name that many have: write more of it")
    fitting = [part for part in found.parts if part.left and part.right]
    fit = sum(part.score * part.weight for part in fitting) / sum(part.weight for part in fitting)
    score = round(max(found.score, (ONE_WORD if half.words == 1 else MORE_WORDS) * fit), 4)
    told = "half of the name, which " + ("nobody else here has" if bearers == 1 else f"{bearers} here have")
    told = "half of the name, without its generic words" if half.is_core else told
    return replace(found, score=score, gist=told)


def as_misspelt(found: Comparison, least: float) -> Comparison:
    """The comparison of half a name that is written otherwise: a near miss at least."""
    return replace(found, score=max(found.score, least), gist="like half of the name")
