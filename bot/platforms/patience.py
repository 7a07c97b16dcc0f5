"""How often one person is answered, so that nobody keeps the bot from the others, nor uses up with answers the messages
that a chat may get (Telegram: 20 a minute in a group)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto

from bot.model import Message, Reply

MOST, WITHIN = 30, timedelta(minutes=1)
_PEOPLE = 10_000  # remembered at a time

TOO_FAST = Reply(
    Message("Slower, please", paragraphs=(f"I answer {MOST} commands of one person in a minute. Please wait.",)),
    ok=False,
)


class Turn(Enum):
    ANSWER = auto()
    REFUSE = auto()  # told so, once
    IGNORE = auto()


class Patience:
    """Of one process. Counts commands and buttons alike, a minute at a time, which begins with a person's first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many

    def turn(self, person: str) -> Turn:
        now = self._clock()
        since, asked = self._asked.pop(person, (now, 0))
        if now - since >= WITHIN.total_seconds():
            since, asked = now, 0
        self._asked[person] = since, asked + 1
        if len(self._asked) > _PEOPLE:
            self._asked.popitem(last=False)
        if asked < MOST:
            return Turn.ANSWER
        return Turn.REFUSE if asked == MOST else Turn.IGNORE
