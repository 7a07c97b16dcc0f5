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
_IS_NOT = re.compile(
    r" (is|was|has been|are|were|have been)(?: not|n't)(?: (?:itself|themselves|currently|directly))?(?: been)? "
    rf"{_LISTED}"
)
_IS = re.compile(rf" (?:is|are|has been|have been) {_LISTED}")
_WAS_LISTED = re.compile(
    r" (?:is|was|has been|had been)(?: (?!not\b)\w+)? "
    r"(?:designated|included|added|listed|sanctioned|placed|put|blocked)\b"
)
_ACTS = ("new", "undated")
_ITSELF = ("thing", "company", "vessel")  # what stands in the target's place: "it", "the company"
_OF_MANY = ("are", "were", "have been")
_JOINS = re.compile(r" (?:and|or) ")
_MEASURES = re.compile(r"\b(?:sanctions?|measures?|designations?|listings?|restrictions|asset freeze)\b")
_REACHES_NOT = re.compile(r"\b(?:do|does|did|will)(?: not|n't) (?:apply|extend|relate) to $")
_OPENS = re.compile(r"(?:^|\bthat |\band |[,)] )$")
_NEITHER = re.compile(r"\b[Nn]either $")
_REACH = 400  # characters from the term to what clears it, or to the measures that do not reach it


def set_issuers_apart(sentences: Sequence[Sentence]) -> None:
    """Mark who was so defined as no target, where a later sentence clears it, and none says that it was listed: it may
    be on one list and not on another."""
    for sentence, name, term in _definitions(sentences):
        listed = re.compile(rf"\b[Tt]he {term}{_WAS_LISTED.pattern}")
        if _tells_of_itself(sentence) or any(listed.search(one.text) for one in sentences):
            continue
        if any(_clears(later.text, term) for later in sentences if later.ordinal > sentence.ordinal):
            sentence.apart |= {name}


def _tells_of_itself(sentence: Sentence) -> bool:
    """ "Acme (the "Company") confirms that it was designated"."""
    return any(act.kind in _ACTS and act.open_slot in _ITSELF and not act.negated for act in sentence.acts)


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


def _clears(text: str, term: str) -> bool:
    """Does it clear the term, alone or with others: "neither the Company nor its parent is subject to sanctions"?"""
    return any(
        _clears_at(text[max(0, it.start() - _REACH) : it.start()], text[it.end() : it.end() + _REACH])
        for it in re.finditer(rf"\b[Tt]he {term}\b(?!['’]|\s+[A-Z])", text)
    )


def _clears_at(before: str, behind: str) -> bool:
    if _NEITHER.search(before):
        return behind.startswith(" nor ") and _IS.search(behind) is not None
    if _REACHES_NOT.search(before):
        return _MEASURES.search(before) is not None
    told = _IS_NOT.search(behind) if _OPENS.search(before) else None
    if told is None:
        return False
    between = behind[: told.start()]
    is_aside = not between or (between[0] == "," and between[-1] == ",")
    return is_aside or (told[1] in _OF_MANY and _JOINS.search(between) is not None)
