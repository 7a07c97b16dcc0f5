"""What settings and sources share: files in the configuration folder, durations."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

WATCHLIST_FILE = "watchlist.csv"


def parse_duration(text: object) -> timedelta:
    """'90s', '15m', '6h', '7d' -> timedelta. Raises ValueError that says the form."""
    if isinstance(text, timedelta):
        return text
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*", str(text))
    if not match:
        raise ValueError(f"{text!r} is no duration: write a number and s, m, h or d, as in 15m")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    try:
        return timedelta(**{unit: float(match[1])})
    except OverflowError:
        raise ValueError(f"{text!r} is longer than can be counted: write 3650d for ten years, say") from None


def is_there(path: Path) -> bool:
    """Raises ConfigError where it cannot be seen: what is in a folder that this user may not enter still counts."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", "let this user read it") from error
    return True


def read_toml(path: Path) -> dict[str, Any]:
    """Raises ConfigError that names the file and the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"is not valid TOML: {error}") from error
