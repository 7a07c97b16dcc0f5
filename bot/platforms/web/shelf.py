"""Files that the console's answers carry, held in memory for an hour under an address that nobody can guess."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Attachment
from bot.rendering import file_name

KEPT_FOR = timedelta(hours=1)
MOST_FILES, MOST_BYTES = 50, 100_000_000
_PATH = re.compile(r"/files/[\w-]{22}")


@dataclass(frozen=True, slots=True)
class Shelved:
    """A file as the console serves it: at `path`, until `until`."""

    path: str
    name: str
    attachment: Attachment
    until: datetime

    @property
    def is_picture(self) -> bool:
        return self.attachment.media_type == "image/png"


class Shelf:
    """Bounded: the oldest give way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, Shelved] = {}  # by path, oldest first

    def put(self, attachment: Attachment, now: datetime) -> Shelved:
        path = f"/files/{secrets.token_urlsafe(16)}"
        shelved = Shelved(path, file_name(attachment.name), attachment, now + KEPT_FOR)
        with self._lock:
            self._files[path] = shelved
            self._make_room(now)
        return shelved

    def get(self, path: str, now: datetime) -> Shelved | None:
        with self._lock:
            found = self._files.get(path)
        return found if found and found.until > now else None

    def _make_room(self, now: datetime) -> None:
        files = {path: file for path, file in self._files.items() if file.until > now}
        for path in list(files)[:-1]:
            size = sum(len(file.attachment.content) for file in files.values())
            if len(files) > MOST_FILES or size > MOST_BYTES:
                del files[path]
        self._files = files


def is_file_path(url: str) -> bool:
    return _PATH.fullmatch(url) is not None
