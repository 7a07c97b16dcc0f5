"""Those who are told to be on the list from before, without a word of it at their names:

    Since 2022 Canada has sanctioned 31 people. They include X and Y.
    The two banks join X and Y, which were made SDNs under the last government.

Such a name stands in the words of a new listing ("they include", "join on the list"): so these are rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.matching.readings import Sentence, is_related, owns_next
from bot.matching.spared import set_aside
from bot.matching.times import When
from bot.matching.words import Kind

__all__ = ["set_rolls_of_before"]

_GOES_ON = re.compile(
    r"(?:they|these|those)(?: (?:also|have))? include[sd]?\b"
    r"|(?:among|of) (?:them|these|those),? (?:is|are|was|were)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_OF_LISTINGS = ("designation", "standing")  # how kinds of cues begin
_IS_ONE = frozenset(("", "person", "thing"))  # what stands in the names' place is no "31 people" or "the firms"
_JOIN = frozenset("join joins joined joining".split())
_LISTS = frozenset("list lists blacklist blacklists roster register annex sanctions".split())
_PARTS = frozenset(
    (",", ";", ":", "and", "but", "as", "by", "with", "in", "that", "which", "who")
)  # a verb and its object
_PARTS_NAMES = frozenset((",", "and", "the", "(", ")", '"', "“", "”"))
_LIST_REACH = 6  # words behind the last name: "on the bloc's lengthening Russia list"
_OBJECT_REACH = 8  # words from "join" to the first name: "on the list its bigger rival"


def set_rolls_of_before(sentences: Sequence[Sentence]) -> None:
    """Mark the names of such a list as blocked already: they are no targets of an act there. `sentences`: in order."""
    for sentence in sentences:
        _set_listed_before(sentence, _find_joined(sentence))
    for told, names in pairwise(sentences):
        is_next = told.block == names.block and told.ordinal + 1 == names.ordinal
        if is_next and _GOES_ON.match(names.text) and _tells_of_before(told) and not _is_of_now(names):
            _set_listed_before(names, _members(names))


def _set_listed_before(sentence: Sentence, names: frozenset[int]) -> None:
    sentence.blocked |= names
    set_aside(sentence, names)


def _tells_of_before(sentence: Sentence) -> bool:
    """Does it tell of listings of a former time alone, by year or "since" or "previously", and name none of those who
    were listed? "Over the killings of March" may be why somebody is listed now."""
    if not (_has_year_of_before(sentence) or any(hit.pattern.kind == "time_old" for hit in sentence.hits)):
        return False
    acts = [act for act in sentence.acts if act.hit.pattern.kind.startswith(_OF_LISTINGS) and act.strong]
    begins = sentence.low(0) == "since" and any(time.when is When.OLD for time in sentence.times)
    kinds = ("earlier", "standing", "undated") if begins else ("earlier", "standing")
    return (
        not _is_of_now(sentence)
        and any(act.open_slot not in _IS_ONE for act in acts)
        and not any(act.targets or act.negated or act.modal or act.kind not in kinds for act in acts)
    )


def _has_year_of_before(sentence: Sentence) -> bool:
    old = [time for time in sentence.times if time.when is When.OLD]
    return any(_YEAR.fullmatch(sentence.tokens[at].low) for time in old for at in range(time.start, time.end))


def _is_of_now(sentence: Sentence) -> bool:
    recent = any(time.when is When.RECENT for time in sentence.times)
    told = any(hit.pattern.kind == "time_recent" for hit in sentence.hits)
    return recent or told or any(act.kind == "new" for act in sentence.acts)


def _members(sentence: Sentence) -> frozenset[int]:
    """The names that are told to be of the list, and not those that only say whose somebody is."""
    targets = {index for act in sentence.acts if act.kind in ("undated", "state") for index in act.targets}
    return frozenset(i for i in targets if not (is_related(sentence, i) or owns_next(sentence, i)))


def _find_joined(sentence: Sentence) -> frozenset[int]:
    """Whom somebody joins on a list: "They join X, sanctioned in 2023", "it joins X and Y on the EU's list"."""
    tokens = sentence.tokens
    for verb in (index for index, token in enumerate(tokens) if token.low in _JOIN):
        if _is_by_authority(sentence, verb) or _is_recent_behind(sentence, verb):
            continue
        names = _joined_names(sentence, verb)
        if names and (_is_on_list(sentence, verb, names) or _was_listed(sentence, names[-1])):
            return frozenset(names)
    return frozenset()


def _joined_names(sentence: Sentence, verb: int) -> list[int]:
    """The names that are its object: the first near behind it, and those that follow in a list."""
    found: list[int] = []
    for name in (index for index in sentence.names if index > verb):
        if not found:
            between = [token.low for token in sentence.tokens[verb + 1 : name]]
            is_far = len(between) > _OBJECT_REACH or not _PARTS.isdisjoint(between)
            if is_far or owns_next(sentence, name) or is_related(sentence, name):
                return []
        elif any(token.low not in _PARTS_NAMES for token in sentence.tokens[found[-1] + 1 : name]):
            return found
        found.append(name)
    return found


def _is_by_authority(sentence: Sentence, verb: int) -> bool:
    """ "Canada joined the US": who acts with whom."""
    return any(token.kind is Kind.AUTHORITY for token in sentence.tokens[max(0, verb - 3) : verb])


def _is_recent_behind(sentence: Sentence, verb: int) -> bool:
    recent = any(time.when is When.RECENT and time.start > verb for time in sentence.times)
    return recent or any(hit.pattern.kind == "time_recent" and hit.start > verb for hit in sentence.hits)


def _is_on_list(sentence: Sentence, verb: int, names: Sequence[int]) -> bool:
    """Is it a list on which they are joined, told before the names or behind them?"""
    if sentence.low(verb + 1) == "on":
        return any(sentence.low(index) in _LISTS for index in range(verb + 2, names[0]))
    behind = names[-1] + 1
    places = range(behind + 1, behind + _LIST_REACH)
    return sentence.low(behind) in ("on", "under") and any(sentence.low(index) in _LISTS for index in places)


def _was_listed(sentence: Sentence, name: int) -> bool:
    """Is a listing of before told behind the last name?"""
    told = any(hit.start > name and hit.pattern.kind.startswith(_OF_LISTINGS) for hit in sentence.hits)
    old = any(hit.start > name and hit.pattern.kind == "time_old" for hit in sentence.hits)
    return told and (old or any(time.start > name and time.when is When.OLD for time in sentence.times))
