"""How values are put in a person's words: times, numbers, entities, name forms, subscriptions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.counted import joined, number
from bot.matching.names import NameForm
from bot.model import (
    KINDS,
    MAIN_WATCHLIST,
    Chat,
    ChatKey,
    Entity,
    Message,
    Schema,
    Strength,
    Subscription,
    SubscriptionKind,
)
from bot.ports import Records
from bot.watchlist import country_name

_SCHEMAS = {**KINDS, Schema.LEGAL_ENTITY: "person or organisation"}
_SURENESS = ((0.95, "almost certain"), (0.85, "very likely"), (0.7, "likely"), (0.5, "more likely than not"))
_CJK_GAP = re.compile(r"(?<=[\u2e80-\u9fff\uac00-\ud7a3]) (?=[\u2e80-\u9fff\uac00-\ud7a3])")


def span(duration: timedelta) -> str:
    """'9 min', '3 h', '12 days'."""
    minutes = int(duration.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def ago(then: datetime, now: datetime) -> str:
    return "just now" if now - then < timedelta(minutes=1) else f"{span(now - then)} ago"


def until(then: datetime, now: datetime) -> str:
    return "now" if then <= now else f"in {span(then - now)}"


def progress(title: str, done: int, total: int, unit: str) -> Message:
    """How far long work is: '37% · 3,700 of 10,000 names', with a bar."""
    share = min(max(done / total, 0.0), 1.0) if total else 1.0
    filled = int(share * 20)
    return Message(
        title,
        paragraphs=(f"{'█' * filled}{'░' * (20 - filled)}", f"{int(share * 100)}% · {done:,} of {total:,} {unit}"),
    )


def schema_word(schema: Schema) -> str:
    return _SCHEMAS[schema]


SURE = " confirm"  # at the end of `watch add`: no question is asked


def add_command(words: str) -> str:
    """`watch add` of a name that somebody else wrote: one that ends in "confirm" confirms nothing."""
    return f"watch add {words}" + (";" if words.casefold().endswith(SURE) else "")


def entity_line(entity: Entity) -> str:
    """'company, Russia, topic supplier · key NK-002'."""
    parts = [schema_word(entity.schema), *(country_name(code) for code in entity.countries)]
    if entity.topics:
        parts.append(f"topic {', '.join(entity.topics)}")
    watchlist = "" if entity.watchlist == MAIN_WATCHLIST else f" · watchlist {entity.watchlist}"
    return f"{', '.join(parts)} · key {entity.key}{watchlist}"


def told_entity(entity: Entity) -> str:
    """'Gefest-M LLC (company, Russia, topic supplier · key NK-002)'"""
    return f"{entity.caption} ({entity_line(entity)})"


def form_text(form: NameForm) -> str:
    """A folded form as a person reads it; forms that must stand in capitals do so here too."""
    text = _CJK_GAP.sub("", form.text)
    return f"“{text.upper() if form.upper else text}”"


def strong_forms(forms: Sequence[NameForm]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form_text(form) for form in forms if form.strength is not Strength.WEAK))


def weak_forms(forms: Sequence[NameForm]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form_text(form) for form in forms if form.strength is Strength.WEAK))


@dataclass(frozen=True, slots=True)
class Tracked:
    """What of the watchlists is needed to put subscriptions in words: the names of some entities, and how many there
    are of each kind on the watchlists that a chat sees."""

    captions: Mapping[str, str]
    names: int = 0
    topics: Mapping[str, int] = field(default_factory=dict)
    countries: Mapping[str, int] = field(default_factory=dict)
    watchlists: Mapping[str, str] = field(default_factory=dict)  # key -> title, of those the chat sees
    hidden: frozenset[str] = frozenset()  # entities that the chat follows and does not see: moved, or merged


def entity_caption(key: str, tracked: Tracked) -> str:
    return "a name that this chat does not see" if key in tracked.hidden else tracked.captions.get(key, "")


def interest(subscription: Subscription, tracked: Tracked) -> str:
    """What one subscription is on, in plain words."""
    value = subscription.value
    match subscription.kind:
        case SubscriptionKind.EVERYTHING:
            where = f" on {watchlist_names(tracked)}" if list(tracked.watchlists) not in ([], [MAIN_WATCHLIST]) else ""
            return f"everything tracked{where} ({number(tracked.names, 'name')} today)"
        case SubscriptionKind.ENTITY:
            return entity_caption(value, tracked) or f"{value} (no longer tracked)"
        case SubscriptionKind.TOPIC:
            return f"the topic {value} ({number(tracked.topics.get(value, 0), 'name')})"
        case SubscriptionKind.COUNTRY:
            return f"names from {country_name(value)} ({number(tracked.countries.get(value, 0), 'name')})"
        case SubscriptionKind.WATCHLIST:
            title = tracked.watchlists.get(value)
            return f"the watchlist {title}" if title else f"the watchlist {value} (which this chat does not see)"
        case SubscriptionKind.AUTHORITY:
            return f"tracked names when {value} acts"
        case SubscriptionKind.PROGRAMME:
            return f"tracked names under the programme {value}"


def watchlist_names(tracked: Tracked) -> str:
    """'the watchlists Main and Oil desk'."""
    titles = list(tracked.watchlists.values())
    return f"the watchlist{'s' if len(titles) > 1 else ''} {joined(titles)}"


def chat_name(key: ChatKey, chats: Mapping[ChatKey, Chat]) -> str:
    chat = chats.get(key)
    return f"{chat.title} ({key.platform})" if chat and chat.title else str(key)


def known_chats(records: Records) -> Mapping[ChatKey, Chat]:
    return {chat.key: chat for chat in records.chats()}


def known_people(records: Records) -> Mapping[str, str]:
    """Who has a role, as logs name them ("telegram:7") -> the name they had then."""
    return {str(grant.user): grant.user.name for grant in records.grants() if grant.user.name}


def person_name(who: str, people: Mapping[str, str]) -> str:
    """'Ana (telegram:7)': a name alone may be anybody's."""
    return f"{people[who]} ({who})" if who in people else who


def sureness(confidence: float) -> str:
    """'almost certain (97%)': a share of right findings as a person says it."""
    phrase = next((phrase for least, phrase in _SURENESS if confidence >= least), "unsure")
    return f"{phrase} ({round(100 * confidence)}%)"
