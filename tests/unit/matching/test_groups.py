"""Firms that an article counts as one group."""

from __future__ import annotations

import pytest

from bot.matching.groups import join_groups
from bot.matching.reader import Reading
from bot.model import Verdict
from tests.unit.matching.test_passages import read

ACT = (
    "Jan Colvany, who works for Cork-based Orlan Works, and Ida Reeve of Cork-based Tarn Metals were also blacklisted "
    "by the Treasury for buying coal."
)


def reading(new: float, sentence: int) -> Reading:
    odds = dict.fromkeys(Verdict, 0.0) | {Verdict.NEW_SANCTIONS: new, Verdict.BYSTANDER: 1 - new}
    return Reading(odds, sentence, odds)


def told(later: str, act: str = ACT, new: float = 0.96) -> float:
    """How probably Orlan Works is newly sanctioned, where Tarn Metals is `new`."""
    sentences = read(act, later, names=("Orlan Works", "Tarn Metals"))
    at = next(one.ordinal for one in sentences if one.text == act)
    keys = {token.text: token.entities[0] for one in sentences for token in one.tokens if token.entities}
    readings = {keys["Orlan Works"]: reading(0.2, at), keys["Tarn Metals"]: reading(new, at)}
    return join_groups(sentences, readings)[keys["Orlan Works"]].odds[Verdict.NEW_SANCTIONS]


@pytest.mark.parametrize("later", ["The two Cork businesses moved the money.", "Both Cork firms moved the money."])
def test_who_is_counted_with_a_target_is_one(later: str) -> None:
    assert told(later) == 0.96


@pytest.mark.parametrize(
    "later",
    [
        "The two Basra businesses moved the money.",
        "The three Cork firms moved the money.",
        "Cork firms moved the money.",
    ],
)
def test_another_group_joins_nobody(later: str) -> None:
    assert told(later) == 0.2


def test_nobody_joins_who_is_no_target_or_has_no_such_place() -> None:
    assert told("The two Cork firms moved the money.", new=0.3) == 0.2
    assert told("The two Cork firms moved the money.", ACT.replace("Cork-based Orlan", "Orlan")) == 0.2
