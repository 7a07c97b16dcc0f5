"""Whom an announcement calls "the Company" and says not to be listed:

    Acme Holdings Limited (the "Company") notes … The Company and its shareholders are not on the SDN List.

Who announces that a shareholder or a joint venture was designated is told with it in every sentence, and is named in
none that clears it: so this is a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.matching.readings import Sentence, owns_next

__all__ = ["set_issuers_apart"]

_DEFINED = re.compile(
    r",? \((?:[\"“][^()\"“”]{2,40}[\"”],? (?:(?:or|and) )?)?(?:hereinafter )?the [\"“]"
    r"(Company|Bank|Issuer|Corporation|Fund|Firm|Group)[\"”]"
)
_LISTED = (
    r"(?:on|included in|named in|subject to|listed|designated|sanctioned|targeted|a target|the subject of"
    r"|a designated|a sanctioned|a blocked)\b"
)
_NOT = r"(?: not|n't)(?: (?:itself|themselves|currently|directly))?(?: been)? "
_BETWEEN = r"[^;:?]{1,400}?"  # names have full stops: "Acme Co., Ltd."
_MEASURES = r"\b(?:sanctions?|measures?|designations?|listings?|restrictions|asset freeze)\b"
_REACHES = r"\b(?:do|does|did|will)(?: not|n't) (?:apply|extend|relate) to "


def set_issuers_apart(sentences: Sequence[Sentence]) -> None:
    """Mark who was so defined as no target, where a later sentence clears it."""
    for sentence, name, term in _definitions(sentences):
        clears = _clearing(term)
        if any(clears.search(later.text) for later in sentences if later.ordinal > sentence.ordinal):
            sentence.apart |= {name}


def _definitions(sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, int, str]]:
    """The names that a term stands for, each with its sentence. A term that stands for two is nobody's."""
    found = [
        (sentence, name, defined[1])
        for sentence in sentences
        for name in sentence.names
        if not owns_next(sentence, name)
        and (defined := _DEFINED.match(sentence.text, sentence.tokens[name].end - sentence.start))
    ]
    terms = [term for _, _, term in found]
    yield from (one for one in found if terms.count(one[2]) == 1)


def _clearing(term: str) -> re.Pattern[str]:
    """Words that clear the term, alone or with others: "neither the Company nor its parent is subject to sanctions"."""
    it = rf"[Tt]he {term}(?!['’]|\s+[A-Z])"
    return re.compile(
        rf"(?:^|\bthat |\band |[,)] )(?:[Nn]either {it} nor {_BETWEEN} (?:is|are|has been|have been) {_LISTED}"
        rf"|{it}(?:,{_BETWEEN},)? (?:is|was|are|were|has been|have been){_NOT}{_LISTED}"
        rf"|{it}(?:,{_BETWEEN})?,? (?:and|or){_BETWEEN},? (?:are|were|have been){_NOT}{_LISTED})"
        rf"|{_MEASURES}{_BETWEEN}{_REACHES}{it}"
    )
