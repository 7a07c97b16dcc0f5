"""Words that open sentences, in the languages that are read, and abbreviations that may end one.

After "S.A.", "2022 г." or "EE. UU." such a word, with a capital, tells that a new sentence begins.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

__all__ = ["MAY_END", "OPENERS", "opens_sentence"]

OPENERS = frozenset(
    """el la los las un una en según su sus también además por con para se al tras entre este esta estos estas
    le les une selon il elle ils elles ce cette ces dans à au aux son sa ses leur mais et pour après parmi
    der die das den dem ein eine einer er sie es im am an auf aus bei mit nach von zum zur auch dort doch und aber seit
    laut zudem betroffen
    в во на он она они это этот эта эти по при с со из у к но и а также его ее её их кроме ранее как для о об до под
    после среди
    він вона вони це цей ця ці за з із зі про але і й та його її їх крім раніше як від під після серед""".split()
)
MAY_END = frozenset("г гг р рр руб тыс млн млрд долл грн ee uu gmbh ag sa".split())


def opens_sentence(text: str, word: re.Match[str] | None, openers: AbstractSet[str] = OPENERS) -> bool:
    """Is a word of a text (group 1 of the match) one of these with a capital, and no initial ("им. В. И. Ленина")?"""
    if word is None or word[1].lower() not in openers or not word[1][:1].isupper():
        return False
    return len(word[1]) > 1 or text[word.end() : word.end() + 1] != "."
