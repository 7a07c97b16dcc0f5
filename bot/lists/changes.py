"""What changed between two states of one listing, in words for an alert. Decides nothing about articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.counted import some_of
from bot.identifiers import IDENTIFIER_WORDS
from bot.model import Identifier, Listing
from bot.text.folding import fold_key

_MOST_NAMED = 5  # so many values are written out, the others counted

Fold = Callable[[str], str]


def compare_listing(old: Listing, new: Listing) -> tuple[str, ...]:
    """What a reader should know: ("2 aliases added: A, B", "programme DPRK3 added", "IMO number 9187629 added").

    () if nothing that matters differs: order, capitals and accents of names, remarks and addresses do not."""
    words: list[str] = []
    if fold_key(old.caption) != fold_key(new.caption):
        words.append(f"name changed from “{old.caption}” to “{new.caption}”")
    if old.schema is not new.schema:
        words.append(f"kind changed from {old.schema} to {new.schema}")
    words += _named(
        "alias", "aliases", _without(old.aliases, new.caption), _without(new.aliases, old.caption), fold_key
    )
    words += _named("weak alias", "weak aliases", old.weak_aliases, new.weak_aliases, fold_key)
    words += _named("programme", "programmes", old.programmes, new.programmes)
    words += _named("measure", "measures", old.provisions, new.provisions)
    words += _identifiers(old.identifiers, new.identifiers)
    words += _named("country", "countries", old.countries, new.countries, show=str.upper)
    words += _named("birth date", "birth dates", old.birth_dates, new.birth_dates)
    words += _days(old, new)
    return tuple(words)


def _without(names: Sequence[str], name: str) -> list[str]:
    """An alias that became the name, or the reverse, is told once."""
    key = fold_key(name)
    return [one for one in names if fold_key(one) != key]


def _named(
    one: str, many: str, old: Sequence[str], new: Sequence[str], fold: Fold = str.strip, show: Fold = str
) -> list[str]:
    before, after = {fold(value): value for value in old}, {fold(value): value for value in new}
    words = []
    for verb, values in (
        ("added", [value for key, value in after.items() if key not in before]),
        ("removed", [value for key, value in before.items() if key not in after]),
    ):
        if len(values) == 1:
            words.append(f"{one} {show(values[0])} {verb}")
        elif values:
            words.append(f"{len(values)} {many} {verb}: {some_of([show(value) for value in values], _MOST_NAMED)}")
    return words


def _identifiers(old: Sequence[Identifier], new: Sequence[Identifier]) -> list[str]:
    words: list[str] = []
    for kind in dict.fromkeys(identifier.kind for identifier in (*new, *old)):
        one, many = IDENTIFIER_WORDS.get(kind, (kind, kind))
        words += _named(
            one, many, [found.value for found in old if found.kind == kind], [a.value for a in new if a.kind == kind]
        )
    return words


def _days(old: Listing, new: Listing) -> list[str]:
    words = []
    if new.listed_on and old.listed_on and old.listed_on != new.listed_on:
        words.append(f"listing date changed from {old.listed_on} to {new.listed_on}")
    if old.delisted_on != new.delisted_on:
        words.append(
            f"delisted on {new.delisted_on}" if new.delisted_on else f"listed again (delisted {old.delisted_on})"
        )
    return words
