"""Invitations: the shape of a token, whether one may be used, and how often somebody may guess. Decides only."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Grant, Invitation
from bot.rights.table import Decision, Right, decide_role, is_same, may

TOKEN_BYTES = 16  # 128 bits: not to be guessed within any limit
VALID = timedelta(days=7)
LONGEST_VALID = timedelta(days=90)
MOST_GUESSES = 5
GUESSES_FORGOTTEN = timedelta(minutes=15)
_TOKEN = re.compile(r"inv-[0-9a-f]{32}")  # a deep link takes 64 of A-Za-z0-9_-: core.telegram.org/bots/features


def make_token(entropy: bytes) -> str:
    """`entropy`: TOKEN_BYTES from a source that nobody can foresee."""
    return f"inv-{entropy.hex()}"


def is_token(words: str) -> bool:
    """Whether it looks like one, whoever made it."""
    return _TOKEN.fullmatch(words.strip().casefold()) is not None


def token_digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.strip().casefold().encode()).hexdigest()


def is_token_of(token: str, digest: str) -> bool:
    """In a time that does not tell how much of it is right."""
    return hmac.compare_digest(token_digest(token), digest)


def decide_use(invitation: Invitation, everybody: Sequence[Grant], now: datetime) -> Decision:
    """May it be used now? It is worth no more than what who made it may still give. `everybody`: all stored grants."""
    if invitation.revoked_at:
        return Decision(False, "this invitation was taken back")
    if invitation.used_at:
        return Decision(False, "this invitation was used already, and each works once")
    if now >= invitation.expires_at:
        return Decision(False, f"this invitation ended on {invitation.expires_at:%d %b %Y, %H:%M} UTC")
    if not _may_still_give(invitation, everybody):
        return Decision(False, "who made this invitation may not give that role any more")
    return Decision(True, "it is open")


def _may_still_give(invitation: Invitation, everybody: Sequence[Grant]) -> bool:
    by = invitation.by
    own = [grant for grant in everybody if is_same(grant.user, by)]
    if not may(own, Right.INVITE, invitation.scope).allowed:
        return False
    nobody = type(by)("", "")  # the one who will come has no role yet
    return decide_role(own, everybody, by, nobody, invitation.role, invitation.scope).allowed


def decide_guess(guesses: Sequence[datetime], now: datetime) -> Decision:
    """May somebody who showed something wrong at these times show another? `guesses` oldest first."""
    recent = [at for at in guesses if now - at < GUESSES_FORGOTTEN]
    if len(recent) < MOST_GUESSES:
        return Decision(True, f"{MOST_GUESSES - len(recent)} more tries")
    free_at = recent[-MOST_GUESSES] + GUESSES_FORGOTTEN
    minutes = max(1, -(-int((free_at - now).total_seconds()) // 60))
    return Decision(False, f"that were too many wrong codes; try again in {minutes} min")
