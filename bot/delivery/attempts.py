"""What follows a failed attempt, and when a message is edited next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from bot.errors import ChatMovedError, DeliveryError
from bot.model import NOTIFIERS, Chat, Message

# An attempt that fails for a passing reason is tried again for about a day: 5 s, 10 s, 20 s … at most an hour apart.
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 30

# What the platform refuses for its content holds up what comes after it in its chat: not for a day.
MOST_REFUSALS = 3
LATE_TRIES = 9  # as many failed for 20 minutes: no passing trouble

# A job that began so much too early, by a clock that is behind, keeps its place until its time; others let alerts pass.
A_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class TryAgain:
    delay: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The delivery becomes a dead letter."""

    reason: str


@dataclass(frozen=True, slots=True)
class StopChat:
    """Nothing more is sent to this chat; its settings stay, and it wakes when it is back."""

    reason: str


@dataclass(frozen=True, slots=True)
class FollowChat:
    """The chat has a new id: rewrite it, then try again."""

    new_id: str


Outcome = TryAgain | GiveUp | StopChat | FollowChat


def decide_after_failure(error: DeliveryError, tries: int, jitter: float) -> Outcome:
    """What to do after attempt number `tries` failed. `jitter` is a random number from 0 to 1."""
    if isinstance(error, ChatMovedError):
        return FollowChat(error.new_id)
    if error.permanent:
        return StopChat(error.problem)
    if error.refused and tries >= MOST_REFUSALS:
        return GiveUp(f"refused {tries} times: {error.problem}")
    if tries >= MOST_TRIES:
        return GiveUp(f"given up after {tries} tries: {error.problem}")
    return TryAgain(next_wait(tries, jitter, error.retry_after), error.problem)


def told_chat(chat: Chat) -> str:
    """'telegram:-5 (Desk)'"""
    return f"{chat.key} ({chat.title})" if chat.title else str(chat.key)


def told_stopped(chat: Chat, reason: str) -> str:
    """That nothing more is sent to a chat, and what ends that: for those who run the bot."""
    back = "outbox retry all sends what was given up"
    if chat.key.platform in NOTIFIERS:  # nobody adds the bot to an address
        ends = f"Once it takes messages again, {back}, and lets alerts go on."
    else:
        ends = f"Its settings stay, and alerts go on once the bot is back in it; {back}."
    return f"{told_chat(chat)} gets nothing more: {reason}. {ends}"


def told_failure(outcome: Outcome, tries: int, chat: Chat, what: str) -> str:
    """What those who run the bot are told of a try that failed; "" if nothing. `what` was to be sent: 'an alert'."""
    match outcome:
        case TryAgain(reason=reason) if tries == LATE_TRIES:
            told = f"{what} could not be sent in {LATE_TRIES} tries, and is tried on: {reason}. See outbox."
            return f"{told_chat(chat)}: {told}"
        case GiveUp(reason):
            return told_given_up(chat, what, reason)
        case StopChat(reason):
            return told_stopped(chat, reason)
    return ""


def told_given_up(chat: Chat, what: str, reason: str) -> str:
    """The same for each message of a kind, chat and reason, so that many of them are one trouble."""
    return f"{told_chat(chat)}: {what} was given up: {reason}. The command outbox lists it and tries it again."


def next_edit(touched_at: datetime, every: timedelta, now: datetime) -> datetime:
    """When a message that was sent, or edited last, at `touched_at` may be edited again: the one rule for edits. What
    changes meanwhile is in that edit too."""
    return max(now, touched_at + every)


# What messages had when the first of these hashes were stored. A field that came later counts where it is set alone, so
# that messages which were sent before read the same, and are not all edited after an update.
_FROM_THE_START = frozenset(
    "title severity at at_is zone subtitle paragraphs facts bullets quotes sources footer actions withdrawn "
    "has_commands".split()
)


def content_hash(message: Message) -> str:
    """Equal for messages that read the same: what the chat has already is not sent again."""
    told = ", ".join(
        f"{one.name}={value!r}"
        for one in fields(message)
        if (value := getattr(message, one.name)) != one.default or one.name in _FROM_THE_START
    )
    return hashlib.sha256(f"Message({told})".encode("utf-8", "replace")).hexdigest()


def next_wait(tries: int, jitter: float, asked: timedelta | None) -> timedelta:
    """The pause after try number `tries` (from 1): doubled each time, at most an hour, never less than was asked."""
    doubled = min(FIRST_WAIT * (1 << min(tries - 1, 20)), LONGEST_WAIT)
    wait = doubled * (0.75 + jitter / 2)
    return max(wait, asked * (1 + jitter / 10)) if asked else wait
