"""whynot, a link or a pasted text: judged now with the live watchlist, beside what is known of it already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.alerts import headline
from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.explaining import find_article, told_verdicts, trace_message, visible_stages
from bot.commands.phrases import chat_name, known_chats
from bot.commands.running import load_all, told_state
from bot.commands.seeing import load_seen, see, see_article
from bot.counted import joined, shortened
from bot.delivery import Plans
from bot.errors import ArticleError, CommandError, FetchError
from bot.events import cluster, load_known
from bot.links import clean_link
from bot.model import Chat, ChatKey, DeliveryKind, Entity, Event, EventChange, Reply, SourceState
from bot.ports import ArticleRecord, Records
from bot.zones import told_moment

LEAST_TEXT = 200  # characters of a text that is an article, not a mistyped command
MOST_TEXT = 60_000
_LINK = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)
_MOST_BESIDE = 40  # words beside a link that phones share with it: a headline


def find_link(text: str) -> str:
    """The address in a message that is a link, alone or with its headline as phones share it; else ""."""
    links = _LINK.findall(text)
    words = text.split()
    at_an_end = bool(words) and any(_LINK.fullmatch(word) for word in (words[0], words[-1]))
    return links[0] if len(links) == 1 and at_an_end and len(words) <= _MOST_BESIDE else ""


def whynot(ask: Ask) -> Reply:
    if not ask.words:
        raise CommandError(
            f"Of what? Send: {cmd('whynot ADDRESS')}. A link alone does too, and so does the text of an article."
        )
    url = clean_link(find_link(ask.words))
    if url:
        return _judged_url(ask, url)
    if len(ask.words) < LEAST_TEXT:
        raise CommandError(
            f"“{shortened(ask.words, 80)}” is no address. Send a link that begins with https://, "
            f"or the text of an article, of {LEAST_TEXT} characters or more."
        )
    return judged_text(ask)


def judged_text(ask: Ask) -> Reply:
    """The words are an article that somebody pasted or forwarded."""
    if len(ask.words) > MOST_TEXT:
        raise CommandError(f"That is {len(ask.words):,} characters long: at most {MOST_TEXT:,} are read.")
    record = _judge(ask.services.judge_text, ask.words)
    if isinstance(record, str):
        raise CommandError(f"That text could not be judged: {record}")
    with ask.store.reading() as records:
        return _told(ask, records, see_article(ask, records, record), [])


def _judged_url(ask: Ask, url: str) -> Reply:
    judged = _judge(ask.services.judge_url, url)
    with ask.store.reading() as records:
        known = _known(ask, records, url)
        if isinstance(judged, ArticleRecord):
            lines = (*known.lines, *_other_text(known.record, judged))
            return _told(ask, records, see_article(ask, records, judged), lines)
        stored = known.record
        if stored:
            trace = trace_message(
                replace(stored, stages=visible_stages(ask, records, stored)), by_key(records.entities()), ask.zone
            )
            return Reply(replace(trace, footer=f"It could not be read again now: {judged}"))
    return reply(
        "That page could not be read",
        judged,
        "Its text can be judged without the page: paste it here.",
        bullets=known.lines,
        ok=False,
    )


def _judge(judge: Callable[[str], ArticleRecord] | None, what: str) -> ArticleRecord | str:
    """The judgement, or why there is none."""
    if judge is None:
        return "the running bot does that, not this program; here: sanctions-bot explain ADDRESS"
    try:
        return judge(what)
    except FetchError as error:
        return f"{error.url}: {error.problem}"
    except ArticleError as error:
        return str(error)


# ---------------------------------------------------------------- what it comes to now


def _told(ask: Ask, records: Records, record: ArticleRecord, known: Sequence[str]) -> Reply:
    """The trace, with what would follow from it first, and what is known of its address."""
    entities = by_key(records.entities())
    change = _change(ask, records, record, entities)
    trace = trace_message(record, entities, ask.zone)
    event = _stored(ask, records, change)
    return Reply(
        replace(
            trace,
            subtitle=trace.subtitle.replace("raised nothing", "nothing to raise"),
            paragraphs=(
                *_comes_to(ask, records, record, change),
                *_asked(ask, records, record, change),
                *trace.paragraphs,
            ),
            facts=tuple(fact for fact in trace.facts if fact.label != "Judged"),
            bullets=(*known, *trace.bullets),
            actions=tuple(filter(None, [button("Its event", f"why {event.key}") if event else None])),
        ),
        event=event.key if event else "",
    )


def _change(ask: Ask, records: Records, record: ArticleRecord, entities: Mapping[str, Entity]) -> EventChange | None:
    if record.judgement is None:
        return None
    known = load_known(records, entities, ask.now)
    return next(iter(cluster(record.article, record.judgement, entities, known, ask.now)), None)


def _stored(ask: Ask, records: Records, change: EventChange | None) -> Event | None:
    return load_seen(ask, records, change.event.key) if change else None


def _comes_to(ask: Ask, records: Records, record: ArticleRecord, change: EventChange | None) -> list[str]:
    """'It would raise an alert …', who would be told of it and who not."""
    if change is None:
        named = record.judgement.findings if record.judgement else ()
        return ["No alert: it says of no tracked name that it is newly sanctioned."] if named else []
    lines = [_would_be(ask, records, change)]
    if ask.services.plan is None:
        return [*lines, "Who would be told of it, only the running bot knows."]
    return [*lines, *_who(ask, records, ask.services.plan(records, change, record))]


def _asked(ask: Ask, records: Records, record: ArticleRecord, change: EventChange | None) -> list[str]:
    """That it is close to an alert, where somebody reviews what is."""
    review = ask.services.plan_review
    asked = review(records, [change] if change else [], record) if review else ""
    return [f"The review chat would be asked: {asked}."] if asked else []


def _would_be(ask: Ask, records: Records, change: EventChange) -> str:
    """Without the names that the chat does not see, nor why it is known, where that may name them."""
    stored = _stored(ask, records, change)
    seen = stored or next(iter(see(ask, records, [change.event])), None)
    if seen is None:
        return "It would raise an alert, on names that this chat does not see."
    title = headline(seen, seen.targets)
    if stored is None:
        return f"It would raise an alert: {title}."
    sees_all = {target.entity for target in change.event.targets} <= {target.entity for target in seen.targets}
    return f"It tells of an event that is known: {title}{f' ({change.reason})' if sees_all else ''}."


def _who(ask: Ask, records: Records, plans: Plans) -> list[str]:
    """Which chats would be told and why; others than this one are named to admins only."""
    here, chats = ask.request.chat.key, known_chats(records)
    admin = ask.is_admin(records)
    lines = [
        f"{_name(key, here, chats)}: {what}"
        for key, what in (
            *((plan.chat, f"{_PLANS[plan.kind]}, {plan.reason}.") for plan in plans.planned),
            *((held.chat, f"it would wait: {held.reason.removeprefix('held: ')}.") for held in plans.held),
            *((one.chat, f"not told, {one.reason}.") for one in plans.withheld),
        )
        if admin or key == here
    ]
    if here not in chats:
        lines.append(f"This chat would not be told: it has no subscription. To begin: {cmd('subscribe everything')}")
    return ["\n".join(dict.fromkeys(lines))] if lines else []


_PLANS = {
    DeliveryKind.ALERT: "would get the alert",
    DeliveryKind.EDIT: "has the alert already, its message would be brought up to date",
    DeliveryKind.FOLLOW_UP: "would get a reply under its alert",
}


def _name(key: ChatKey, here: ChatKey, chats: Mapping[ChatKey, Chat]) -> str:
    return "This chat" if key == here else chat_name(key, chats)


# ---------------------------------------------------------------- what is known already


@dataclass(frozen=True, slots=True)
class _Known:
    record: ArticleRecord | None
    lines: tuple[str, ...]


def _known(ask: Ask, records: Records, url: str) -> _Known:
    """What the bot did with an address by itself: carried by a source, held, judged, who was told."""
    record, entry = find_article(records, url), records.entry_by_url(url)
    record = see_article(ask, records, record) if record else None
    lines = []
    if entry:
        outlet = entry.entry.outlet or entry.entry.source
        came = f"{outlet} carried it, first seen {told_moment(entry.entry.first_seen_at, ask.zone)}"
        held = "" if entry.reason == "new" else f"; it was not read by itself: {entry.reason}"
        waits = "; it waits to be read" if entry.reason == "new" and record is None else ""
        lines.append(f"{came}{held}{waits}.")
    if record:
        judged = told_verdicts(record, by_key(records.entities()))
        lines.append(f"Judged by itself {told_moment(record.judged_at, ask.zone)}: {judged}.")
        lines += [stage for stage in visible_stages(ask, records, record) if _is_outcome(stage)]
    if not lines:
        lines = [_unknown(ask, records, url)]
    return _Known(record, tuple(lines))


def _other_text(then: ArticleRecord | None, now: ArticleRecord) -> tuple[str, ...]:
    """That what was judged by itself is not what is judged now: only its teaser, say, or the page as it was."""
    if then is None or then.article.texts == now.article.texts:
        return ()
    note = then.article.full_text_note
    return (f"That was another text than is judged now{f': {note}' if note else ''}.",)


def _is_outcome(stage: str) -> bool:
    """What became of it, of the stages that an article passed."""
    return bool(re.match(r"(?:opened|joined) event |no alert|\w+ for ", stage))


def _unknown(ask: Ask, records: Records, url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    sources = load_all(ask, records)
    near = [source for source in sources if (urlsplit(source.url).hostname or "").removeprefix("www.") == host]
    if not near:
        return "It was never judged by itself: none of the sources carried it, and none is of that site."
    states = records.source_states()
    told = joined(
        f"{source.title} ({told_state(states.get(source.key, SourceState(source.key)), ask.now)})"
        if source.enabled
        else f"{source.title} (switched off)"
        for source in near[:3]
    )
    return f"It was never judged by itself: {told} did not carry it so far."
