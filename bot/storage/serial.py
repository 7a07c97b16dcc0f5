"""Frozen values <-> JSON text. A field that is added later needs a default; one that is gone is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from bot.errors import StoreError
from bot.storage.tables import clean

T = TypeVar("T")


_adapter = cast(Callable[[Any], TypeAdapter[Any]], cache(TypeAdapter))


def dump(value: object) -> str:
    """`value`, a dataclass of `bot.model` or `bot.ports`, as JSON."""
    adapter = _adapter(type(value))
    try:
        return adapter.dump_json(value).decode()
    except PydanticSerializationError:  # half a surrogate pair, from a page's broken character reference
        return clean(json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False))


def load(cls: type[T], text: str) -> T:
    """The value that `dump` wrote. Raises StoreError if it does not read as a `cls`."""
    try:
        return cast(T, _adapter(cls).validate_json(text))
    except ValueError as error:
        raise StoreError(f"a stored {cls.__name__} cannot be read: {error}") from error
