"""How values are put in a person's words: times, numbers, entities, name forms, subscriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.matching.names import NameForm
from bot.model import Chat, ChatKey, Entity, Message, Schema, Strength, Subscription, SubscriptionKind
from bot.watchlist import country_name

_SCHEMAS = {
    Schema.PERSON: "person",
    Schema.COMPANY: "company",
    Schema.ORGANIZATION: "organisation",
    Schema.PUBLIC_BODY: "public body",
    Schema.LEGAL_ENTITY: "person or organisation",
    Schema.VESSEL: "vessel",
    Schema.AIRPLANE: "aircraft",
    Schema.CRYPTO_WALLET: "crypto wallet",
}
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


def day(moment: datetime) -> str:
    """'22 Aug 2017'."""
    return f"{moment.day} {moment:%b %Y}"


def moment(at: datetime) -> str:
    """'22 Aug 2017, 13:05 UTC'."""
    return f"{day(at)}, {at:%H:%M} UTC"


def number(count: int, one: str, many: str = "") -> str:
    """'1 alert', '1,310 entries'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def progress(title: str, done: int, total: int, unit: str) -> Message:
    """How far long work is: '37 % · 3,700 of 10,000 names', with a bar."""
    share = min(max(done / total, 0.0), 1.0) if total else 1.0
    filled = int(share * 20)
    return Message(
        title,
        paragraphs=(f"{'█' * filled}{'░' * (20 - filled)}", f"{int(share * 100)} % · {done:,} of {total:,} {unit}"),
    )


def joined(words: Iterable[str], last: str = "and") -> str:
    """'a, b and c'."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def shortened(text: str, most: int) -> str:
    """Cut at a word, so that a button's label stays readable."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,.;") + "…"


def schema_word(schema: Schema) -> str:
    return _SCHEMAS[schema]


def entity_line(entity: Entity) -> str:
    """'company, Russia, topic supplier · key NK-002'."""
    parts = [schema_word(entity.schema), *(country_name(code) for code in entity.countries)]
    if entity.topics:
        parts.append(f"topic {', '.join(entity.topics)}")
    return f"{', '.join(parts)} · key {entity.key}"


def form_text(form: NameForm) -> str:
    """A folded form as a person reads it; forms that must stand in capitals do so here too."""
    text = _CJK_GAP.sub("", form.text)
    return f"“{text.upper() if form.upper else text}”"


def strong_forms(forms: Sequence[NameForm]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form_text(form) for form in forms if form.strength is not Strength.WEAK))


def weak_forms(forms: Sequence[NameForm]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form_text(form) for form in forms if form.strength is Strength.WEAK))


def interest(subscription: Subscription, entities: Mapping[str, Entity]) -> str:
    """What one subscription is on, in plain words."""
    match subscription.kind:
        case SubscriptionKind.EVERYTHING:
            return f"everything tracked ({number(len(entities), 'name')} today)"
        case SubscriptionKind.ENTITY:
            entity = entities.get(subscription.value)
            return entity.caption if entity else f"{subscription.value} (no longer tracked)"
        case SubscriptionKind.TOPIC:
            covered = sum(subscription.value in entity.topics for entity in entities.values())
            return f"the topic {subscription.value} ({number(covered, 'name')})"
        case SubscriptionKind.COUNTRY:
            covered = sum(subscription.value in entity.countries for entity in entities.values())
            return f"names from {country_name(subscription.value)} ({number(covered, 'name')})"


def chat_name(key: ChatKey, chats: Mapping[ChatKey, Chat]) -> str:
    chat = chats.get(key)
    return f"{chat.title} ({key.platform})" if chat and chat.title else str(key)


def sureness(confidence: float) -> str:
    """'almost certain (97 %)': a share of right findings as a person says it."""
    phrase = next((phrase for least, phrase in _SURENESS if confidence >= least), "unsure")
    return f"{phrase} ({round(100 * confidence)} %)"
