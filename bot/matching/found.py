"""A hit of the name index on a page."""

from __future__ import annotations

from dataclasses import dataclass

from bot.matching.forms import NameForm


@dataclass(slots=True)
class Found:
    """A form of an entity's name on a page: words first..last, and how it was found."""

    entity: str
    form: NameForm
    first: int
    last: int
    how: str

    @property
    def single(self) -> bool:
        return self.first == self.last

    @property
    def size(self) -> int:
        return self.last - self.first
