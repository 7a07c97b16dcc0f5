"""Which events are meant: '10 authority US programme Russia', 'watchlist suppliers', 'Gazprom'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.alerts import headline
from bot.authorities import load_nations
from bot.commands.asking import cmd
from bot.counted import joined, some_of
from bot.errors import CommandError
from bot.matching.actors import find_authority_code, known_authorities
from bot.matching.facts import known_programmes
from bot.model import Entity, Event, Watchlist
from bot.text.folding import fold_key
from bot.watchlist import country_name, parse_country

MOST_SEARCHED = 2_000  # events, the newest
_KEYWORDS = {
    "authority": "authority", "by": "authority", "programme": "programme", "program": "programme",
    "country": "country", "topic": "topic", "watchlist": "watchlist", "list": "watchlist",
}  # fmt: skip
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """What an event must have, each part that is set. `authority` is a code, `country` too, in lower case; `words` are
    folded."""

    authority: str = ""
    programme: str = ""
    country: str = ""
    topic: str = ""
    watchlist: str = ""
    words: str = ""

    def __str__(self) -> str:
        parts = [f"authority {self.authority}"] if self.authority else []
        parts += [f"programme {self.programme}"] if self.programme else []
        parts += [f"names from {country_name(self.country)}"] if self.country else []
        parts += [f"topic {self.topic}"] if self.topic else []
        parts += [f"watchlist {self.watchlist}"] if self.watchlist else []
        parts += [f"“{self.words}”"] if self.words else []
        return joined(parts)


def parse_choice(words: str) -> Choice:
    """Raises CommandError that says the form."""
    values: dict[str, list[str]] = {}
    part = "words"
    for word in words.split():
        keyword = _KEYWORDS.get(word.casefold())
        if keyword and keyword not in values:
            part = keyword
            values[part] = []
        else:
            values.setdefault(part, []).append(word)
    said = {part: " ".join(found) for part, found in values.items()}
    empty = next((part for part, value in said.items() if not value), "")
    if empty:
        raise CommandError(f"Which {empty}? For example: {cmd(_EXAMPLES[empty])}")
    return _checked(said)


_EXAMPLES = {
    "authority": "latest authority US",
    "programme": "latest programme Russia",
    "country": "latest country Iran",
    "topic": "latest topic supplier",
    "watchlist": "latest watchlist main",
}


def _checked(said: Mapping[str, str]) -> Choice:
    free = said.get("words", "")
    authority = said.get("authority", "")
    if authority and not find_authority_code(authority):
        raise CommandError(f"No authority is called “{authority[:60]}”. Write US, EU, UK, UN, or a country's name.")
    if free and not authority and find_authority_code(free) and not _is_of_a_programme(free):
        authority, free = free, ""
    if free and not fold_key(free):
        raise CommandError(f"“{free[:60]}” has no letters to look for. For example: {cmd('latest 10 authority US')}")
    country = said.get("country", "")
    try:
        code = parse_country(country) if country else ""
    except ValueError as error:
        raise CommandError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    return Choice(
        find_authority_code(authority) if authority else "",
        said.get("programme", ""),
        code,
        said.get("topic", ""),
        said.get("watchlist", ""),
        fold_key(free),
    )


def _is_of_a_programme(words: str) -> bool:
    """Whether a state that seldom acts is called so, and a programme: "Iran" is what others did about it."""
    is_programme = fold_key(words) in map(fold_key, known_programmes())
    return is_programme and find_authority_code(words) in load_nations()


def read_authority(words: str, example: str) -> str:
    """'OFAC' -> 'US'. Raises CommandError."""
    code = find_authority_code(words)
    if not code:
        raise CommandError(
            f"“{words}” is no authority that is known: there are {', '.join(known_authorities())}. "
            f"For example: {cmd(example)}"
        )
    return code


def told_unknown_programme(name: str) -> str:
    """That news is not told under a programme; "" of one that it is."""
    known = known_programmes()
    more = "Another is met only where an official list names it."
    return "" if name in known else f"News is told under these programmes: {', '.join(known)}. {more}"


def by_title(choice: Choice, watchlists: Sequence[Watchlist]) -> Choice:
    """With the key of the watchlist, which may be called by its title; unchanged if none is called so."""
    wanted = choice.watchlist.casefold()
    titles = {" ".join(one.title.split()).casefold(): one.key for one in watchlists}
    keys = {one.key.casefold(): one.key for one in watchlists}
    return replace(choice, watchlist=(titles | keys).get(wanted, choice.watchlist))


def fits(event: Event, choice: Choice, entities: Mapping[str, Entity]) -> bool:
    targets = [entity for target in event.targets if (entity := entities.get(target.entity))]
    return (
        (not choice.authority or choice.authority in event.authorities)
        and (not choice.programme or fold_key(choice.programme) in fold_key(event.programme or ""))
        and (not choice.country or any(choice.country in entity.countries for entity in targets))
        and (not choice.topic or any(choice.topic.casefold() in map(str.casefold, one.topics) for one in targets))
        and (
            not choice.watchlist
            or any(entity.watchlist.casefold() == choice.watchlist.casefold() for entity in targets)
        )
        and all(f" {word}" in f" {_text(event, targets)}" for word in choice.words.split())
    )


def _text(event: Event, targets: Sequence[Entity]) -> str:
    names = [name for entity in targets for name in (entity.caption, *entity.aliases)]
    titles = [source.title for source in event.sources]
    return fold_key(" ".join([headline(event, event.targets), *(t.caption for t in event.targets), *names, *titles]))


def told_choices(events: Sequence[Event], entities: Mapping[str, Entity]) -> list[str]:
    """What there is to choose from: 'Authorities: US (12), EU (3)'."""
    authorities = Counter(authority for event in events for authority in event.authorities)
    programmes = Counter(event.programme for event in events if event.programme)
    known = [[entity for target in event.targets if (entity := entities.get(target.entity))] for event in events]
    # each event once, however many of its targets are from there
    countries = Counter(
        name for some in known for name in {country_name(code) for one in some for code in one.countries}
    )
    counted = {
        "Authorities": authorities,
        "Programmes": programmes,
        "Countries": countries,
        "Topics": Counter(topic for some in known for topic in {topic for one in some for topic in one.topics}),
        "Watchlists": Counter(name for some in known for name in {one.watchlist for one in some}),
    }
    return [f"{label}: {_told(counts)}" for label, counts in counted.items() if counts]


def _told(counts: Counter[str]) -> str:
    told = [f"{name} ({count})" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
    return some_of(told, _SHOWN)


def split_number(words: str) -> tuple[int | None, str]:
    """'10 authority US' and 'authority US 10' -> (10, 'authority US')."""
    said = words.split()
    for at in (0, -1):
        if said and said[at].isascii() and said[at].isdigit():
            return int(said.pop(at)[:6]), " ".join(said)
    return None, " ".join(said)


def is_number_meant(words: str) -> bool:
    """Whether the number that begins or ends the words belongs to what is looked for, as in 'unit 61398' and
    'programme EO 14024', and not in '50 authority US'."""
    try:
        choice = parse_choice(words)
    except CommandError:
        return False
    return len(words.split()) > 1 and not choice.words.isdigit()
