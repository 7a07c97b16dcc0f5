"""Where a page speaks of ships, whose names are words that anything else may have too."""

from __future__ import annotations

import re
from functools import cached_property

from bot.matching.found import Found
from bot.matching.pages import Page
from bot.matching.terms import load_terms
from bot.model import Strength

_SHIP_WORDS = re.compile(
    r"\b(?:tankers?|vessels?|ships?|IMO|flag(?:ged)?|cargo(?:es)?|carriers?|VLCC|aframax|suezmax|bulkers?|freighters?|yachts?|barges?|superyacht"
    r"|pipelay\w*|crew|LNG|moored|anchor\w*|sail(?:s|ed|ing)|frigates?|boats?|shadow fleet|ship-?owners?"
    r"|berth(?:s|ed)?|dwt|deadweight|captains? of the"
    r"|buques?|petroleros?|barcos?|yates?|cargueros?|navíos?|navires?|pétroliers?|bateaux?|voiliers?|cargos?|vraquiers?|minéraliers?"
    r"|graneleros?|metaneros?|remolcador(?:es)?|eslora|tripulantes?|tripulación|fondead[oa]s?|amarrad[oa]s?|zarp(?:ó|ar|a)"
    r"|naveg\w+|(?:con|bajo) bandera|pabellón|pavillons?|unter(?: der)? Flagge|под флагом|під прапором"
    r"|équipages?|amarrée?s?|appareill(?:é|e|er)|méthaniers?|Besatzung|ankert(?:e|en)?|экипаж\w*|екіпаж\w*"
    r"|\w*(?:schiffe?[ns]?|frachter[ns]?|tanker\w*|[yj]acht(?:en)?|fähre)|reeder\w*|танкер\w*|суд(?:на|но|ну|не|ні|ном|нам|нами|нах|ен)|судно\w*|судов|кораб\w*|яхт\w*|сухогруз\w*"
    r"|теплоход\w*|балкер\w*|суховантаж\w*)\b|[船轮艇舰]|선박|유조선|화물선|요트|선적",
    re.IGNORECASE,
)
_MANY = 3  # different ones: the whole article is about ships
_LISTED = "•"  # a list's items begin with it
_SET_OFF = tuple("*_“\"'‘«")


class Ships:
    def __init__(self, page: Page) -> None:
        self.page = page
        self._in_block: dict[int, bool] = {}

    def are_told_of(self, found: Found) -> bool:
        """Does the block, the one before, or the one before its list speak of ships, or is the word in capitals?"""
        page, block = self.page, self.page.block_of(found.first)
        if found.first and self._is_prefix(found.first - 1):
            return True
        if page.surface(found.first, found.last).isupper() and not page.is_title_case(found.first):
            return True
        near = (block, block - 1) if block else (block,)
        if any(map(self._are_in, (*near, self._introducing[block]))):
            return True
        return found.form.strength is not Strength.WEAK and self._kinds >= _MANY

    @cached_property
    def _introducing(self) -> list[int]:
        """For each block the one before the list that it is of: "These ships, with their captains:"."""
        found: list[int] = []
        for block in range(len(self.page.block_starts)):
            is_listed = block > 0 and self.page.block_text(block).startswith(_LISTED)
            found.append(found[-1] if is_listed else block)
        return found

    def _are_in(self, block: int) -> bool:
        if block not in self._in_block:
            self._in_block[block] = _SHIP_WORDS.search(self.page.block_text(block)) is not None
        return self._in_block[block]

    def is_set_as_one(self, first: int) -> bool:
        """ "the Kazan", "*Kazan*", and behind what kind of ship she is: no part of her owner's "Kazan Shipping"."""
        if not first:
            return False
        before = self.page.words[first - 1]
        if self._is_prefix(first - 1):
            return True
        return before.low == "the" or before.gap[-1:] in _SET_OFF or _SHIP_WORDS.fullmatch(before.low) is not None

    def _is_prefix(self, at: int) -> bool:
        """ "MT Arcturus", "M/V Arcturus"; "Mt Everest" is none."""
        page = self.page
        if page.words[at].low in load_terms().ship_prefixes:
            return page.surface(at, at).isupper()
        return at > 0 and page.words[at - 1].gap == "/" and page.surface(at - 1, at) in ("M/T", "M/V", "S/T")

    @cached_property
    def _kinds(self) -> int:
        return len(set(map(str.lower, _SHIP_WORDS.findall(self.page.text))))
