"""Who imposes sanctions, how articles name them and how an act of theirs is called (authorities.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.text.patterns import read_table

__all__ = ["Authority", "load_authorities", "load_nations", "told_authority"]


@dataclass(frozen=True, slots=True)
class Authority:
    names: tuple[str, ...]
    adjective: str = ""  # "Swiss"; "" where the code says it better: "US"
    signatures: tuple[str, ...] = ()  # in small letters: what only its own notices cite
    seldom_alone: bool = False


@cache
def load_authorities() -> Mapping[str, Authority]:
    """Those that act by themselves, by code: "US"."""
    return {code: one for code, one in _load().items() if not one.seldom_alone}


@cache
def load_nations() -> Mapping[str, Authority]:
    """The states that seldom act alone, by code: "FR"."""
    return {code: one for code, one in _load().items() if one.seldom_alone}


def told_authority(code: str) -> str:
    """As in "new Swiss sanctions", "new US sanctions"; a code that is unknown as it is."""
    known = _load().get(code)
    return (known.adjective if known else "") or code


@cache
def _load() -> Mapping[str, Authority]:
    data = read_table("authorities.toml")
    return {
        code: Authority(
            tuple(of["names"]), of.get("adjective", ""), tuple(of.get("signatures", ())), of.get("seldom_alone", False)
        )
        for code, of in data.items()
    }
