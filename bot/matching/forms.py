"""A name as an article may write it, and how strong that is; what gathers an entity's.

naming.py makes them all; whether one that is found is a mention is decided in mentions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.matching.terms import load_terms
from bot.model import Entity, Strength
from bot.text.folding import fold_key

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
WITHOUT_WHOSE_IT_IS = "without whose it is"  # how "First Branch" is made of "First Branch of …"
AMONG_BANKS = "among banks"  # how «Россия» is made of «банк Россия»
OF_THE_COUNTRY = "of the country"  # how "the country's army" is made
BRACKETS = re.compile(r"[(\[（【]([^()\[\]（）【】]*)[)\]）】]")


@dataclass(frozen=True, slots=True)
class NameForm:
    """One way to write a name. `text` is folded and single-spaced; `source` is the name it was made of. A form with
    `alone` False counts only in an article that names the entity in full; `upper` ones must be written in capitals."""

    text: str
    strength: Strength
    how: str
    source: str
    alone: bool = True
    upper: bool = False

    @property
    def tokens(self) -> list[str]:
        return self.text.split()


@lru_cache(maxsize=4096)
def own_words(entity: Entity) -> frozenset[str]:
    """All words of an entity's names: beside a hit they make no other name of it."""
    names = (entity.caption, *entity.aliases, *entity.weak_aliases)
    return frozenset(token for name in names for token in fold_key(name).split())


class Forms:
    """Collects forms; the first, strongest one of each text stays."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.terms = load_terms()
        self.found: dict[str, NameForm] = {}

    def add(
        self,
        tokens: Iterable[str],
        strength: Strength,
        how: str,
        source: str,
        *,
        alone: bool = True,
        upper: bool = False,
    ) -> None:
        text = " ".join(tokens)
        if len(text) < 2 and not CJK.match(text):
            return
        form = NameForm(text, strength, how, source, alone, upper)
        kept = self.found.get(text)
        if kept is None or _rank(form) > _rank(kept):
            self.found[text] = form if kept is None or kept.upper else replace(form, upper=False)
        elif kept.upper and not upper:
            self.found[text] = replace(kept, upper=False)


def _rank(form: NameForm) -> tuple[bool, bool, bool]:
    """The alias "airBaltic" comes before what "Air Baltic" is written together, as it begins small in texts too."""
    return form.strength is not Strength.WEAK, form.alone, " " not in form.text and form.source[:1].islower()


def is_acronym(name: str) -> bool:
    letters = re.sub(r"[\W_]", "", name)
    return (
        1 < len(letters) <= 6
        and letters.isascii()
        and (letters.isupper() or sum(map(str.isupper, letters)) >= len(letters) - 1 > 1)
    )
