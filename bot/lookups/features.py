"""What is asked beside a name: when somebody was born, and which countries they belong to. Each feature says for itself
whether it agrees, and moves the score; what it moves is never left out of the explanation.

That a country agrees proves little, as millions share it: it puts the likelier first, and makes no hit. A birth date is
shared by few, so that it can make a hit of a weak alias or of half a name, but not where a part of the name differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.lookups.comparing import Named, countries_contradict, dates_contradict, told_countries
from bot.lookups.weighing import Comparison, How

__all__ = ["Feature", "features_of", "weighed", "without_features"]

COUNTRY_DIFFERS, BIRTH_DIFFERS = 0.9, 0.75  # what is left of the score
COUNTRY_AGREES = 0.1  # how much of what the score lacks is made up for
_BIRTH_AGREES = {4: 0.15, 7: 0.3, 10: 0.5}  # by the characters of the date that agree: a year, a month, a day


@dataclass(frozen=True, slots=True)
class Feature:
    """`factor` lowers a score, `gain` (0 to 1) raises it by so much of what it lacks; `makes_hits` lets it do so over
    the threshold."""

    told: str
    factor: float = 1.0
    gain: float = 0.0
    makes_hits: bool = False


def features_of(asked: Named, named: Named) -> tuple[Feature, ...]:
    """One for each that was asked for, birth date first."""
    found = []
    if asked.birth_dates:
        found.append(_birth(asked.birth_dates, named.birth_dates))
    if asked.countries:
        found.append(_country(asked, named))
    return tuple(found)


def _birth(asked: Sequence[str], known: Sequence[str]) -> Feature:
    if not known:
        return Feature("no birth date is known of it")
    told = ", ".join(known[:4])
    if dates_contradict(asked, known):
        return Feature(f"birth date differs: {', '.join(asked)} / {told}", BIRTH_DIFFERS)
    same = [min(len(one), len(other)) for one in asked for other in known if one.startswith(other[: len(one)])]
    gain = _BIRTH_AGREES.get(max(same, default=0), 0.0)
    return Feature(f"birth dates agree: {told}", gain=gain, makes_hits=True)


def _country(asked: Named, named: Named) -> Feature:
    if not named.countries:
        return Feature("no country is known of it")
    if countries_contradict(asked, named):
        return Feature(f"countries differ: {told_countries(asked)} / {told_countries(named)}", COUNTRY_DIFFERS)
    shared = tuple(code for code in named.countries if code in asked.countries)
    return Feature(f"country agrees: {told_countries(replace(named, countries=shared))}", gain=COUNTRY_AGREES)


def without_features(asked: Named) -> Named:
    """Of which the comparison of names and numbers is made; what else is asked for is weighed here."""
    return replace(asked, birth_dates=(), countries=())


def weighed(names: Comparison, features: Sequence[Feature], threshold: float, *, is_sure: bool = False) -> Comparison:
    """The comparison of the names, moved by each feature, which stand first in its explanation: of a long one the end
    is cut off. `is_sure`: a number decided, which they cannot shake."""
    score = names.score
    if not is_sure:
        for feature in features:
            score *= feature.factor
        if not any(part.how is How.DIFFERENT for part in names.parts):
            score = _raised(score, features, threshold)
    told = [feature.told for feature in features]
    return replace(names, score=round(score, 4), gist="; ".join([*told, *([names.gist] if names.gist else [])]))


def _raised(score: float, features: Sequence[Feature], threshold: float) -> float:
    for feature in features:
        higher = score + (1 - score) * feature.gain
        is_kept = feature.makes_hits or score >= threshold or higher < threshold
        score = higher if is_kept else max(score, threshold - 0.01)
    return score
