"""Files that people sent, kept in memory until they say what is to be done with them. Gone when the program ends."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Attachment, Request

KEPT_FOR = timedelta(minutes=15)
MOST_FILES, MOST_BYTES = 40, 120_000_000  # over all people
MOST_OF_ONE = 3  # a person's files at a time

_Place = tuple[str, str]  # (the person, the chat)


@dataclass(frozen=True, slots=True)
class _Kept:
    attachment: Attachment
    place: _Place
    until: datetime


class PendingFiles:
    """Bounded: the oldest give way. A file is handed out only to who sent it, in the chat that it was sent in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}  # by code, oldest first
        self._expected: dict[_Place, tuple[str, datetime]] = {}

    def keep(self, request: Request, attachment: Attachment, now: datetime) -> str:
        """The code by which `find` knows it."""
        code = secrets.token_hex(4)
        with self._lock:
            self._kept[code] = _Kept(attachment, _place(request), now + KEPT_FOR)
            self._make_room(now)
        return code

    def find(self, request: Request, code: str, now: datetime) -> Attachment | None:
        with self._lock:
            kept = self._kept.get(code)
        return kept.attachment if kept and kept.place == _place(request) and kept.until > now else None

    def expect(self, request: Request, command: str, now: datetime) -> None:
        """The next file of this person in this chat is for `command`."""
        with self._lock:
            self._expected[_place(request)] = (command, now + KEPT_FOR)
            self._expected = {place: it for place, it in self._expected.items() if it[1] > now}

    def expected(self, request: Request, now: datetime) -> str:
        """The command that a file was asked for by, told once."""
        with self._lock:
            command, until = self._expected.pop(_place(request), ("", now))
        return command if until > now else ""

    def _make_room(self, now: datetime) -> None:
        kept = {code: file for code, file in self._kept.items() if file.until > now}
        for code, file in list(kept.items())[:-1]:  # the newest stays, whatever its size
            own = sum(other.place == file.place for other in kept.values())
            size = sum(len(other.attachment.content) for other in kept.values())
            if own > MOST_OF_ONE or len(kept) > MOST_FILES or size > MOST_BYTES:
                del kept[code]
        self._kept = kept


def _place(request: Request) -> _Place:
    return str(request.user), str(request.chat.key)
