"""adjacent: whom a new designation names besides those who are tracked, to be tracked with a tap. A person decides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import visibility
from bot.alerts import headline
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import add_command, schema_word
from bot.commands.seeing import load_seen
from bot.counted import number, shortened
from bot.errors import CommandError
from bot.matching.adjacent import find_adjacent, merge_adjacent
from bot.model import Action, Adjacent, ChatKey, Event, Listing, Reply, Schema
from bot.ports import Records
from bot.text.folding import fold_key
from bot.watchlist import names_of

MOST_SHOWN = 12
_MOST_ARTICLES = 12
_SENTENCE = 160


def adjacent(ask: Ask) -> Reply:
    if not ask.words:
        raise CommandError(f"Of which event? Send: {cmd('adjacent EVENT')}, with an event as {cmd('latest')} shows it.")
    with ask.store.reading() as records:
        event = load_seen(ask, records, ask.words)
        if event is None:
            raise CommandError(f"There is no event “{shortened(ask.words, 60)}”. See them: {cmd('latest')}")
        found = event_adjacent(records, event, ask.request.chat.key)
        may_track = ask.is_admin(records)
    title = headline(event, event.targets)
    if not found:
        return reply(
            f"Nobody untracked beside: {title}",
            "No further name stands beside the targets in the sentences that tell of the act, in its articles that are "
            "still kept. Only English ones are read for this.",
            event=event.key,
        )
    shown = found[:MOST_SHOWN]
    listed = [ask.services.listed(one.name) if ask.services.listed else () for one in shown]
    return reply(
        f"{number(len(found), 'name')} beside: {title}",
        "Nobody tracks them. Read from the articles' sentences, so look before you track one.",
        bullets=[_line(one, records) for one, records in zip(shown, listed, strict=True)],
        bullet_urls=[one.places[0].url for one in shown],
        footer=_footer(len(found) - len(shown), may_track),
        actions=[track_button(one) for one in shown] if may_track else [],
        event=event.key,
    )


def event_adjacent(records: Records, event: Event, chat: ChatKey | None) -> tuple[Adjacent, ...]:
    """Those of the event's stored articles, the most often named first. For a `chat`, whom it does not see counts as
    not tracked: a name left out would tell it who is tracked elsewhere."""
    seen = records.watchlists_of(chat) if chat else None
    tracked = {fold_key(name) for entity in records.entities(seen) for name in names_of(entity)}
    outlets = {fold_key(source.outlet) for source in event.sources}
    found: list[Adjacent] = []
    for source in event.sources[:_MOST_ARTICLES]:
        record = records.article(source.article)
        if record and chat:
            record = visibility.see_articles(records, chat, [record])[0]
        if record and record.judgement:
            found += find_adjacent(record.article, record.judgement, tracked | outlets)
    return merge_adjacent(found)


def _line(one: Adjacent, listed: Sequence[Listing]) -> str:
    kind = "" if one.schema is Schema.LEGAL_ENTITY else f", {schema_word(one.schema)}"
    aliases = f", also “{'”, “'.join(one.aliases)}”" if one.aliases else ""
    place = one.places[0]
    on_list = f" · on {listed[0].list}, {listed[0].uid}" if listed else ""
    sentence = shortened(" ".join(place.sentence.split()), _SENTENCE)
    return f"{one.name}{kind}{aliases}{on_list} · {place.outlet}: “{sentence}”"


def track_button(one: Adjacent) -> Action | None:
    """Opens `watch add` with as much of what is known as a button has room for."""
    kind = "" if one.schema is Schema.LEGAL_ENTITY else f" | schema={one.schema}"
    names = [name for name in map(_bare, (one.name, *one.aliases[:2])) if name]
    if not names:
        return None
    commands = map(add_command, (f"{'; '.join(names)}{kind}", f"{names[0]}{kind}", names[0]))
    label = f"Track {shortened(one.name, 34)}"
    return next((made for made in (button(label, command) for command in commands) if made), None)


def _bare(name: str) -> str:
    """Without what would end it or begin a setting in `watch add`: an article must not decide what is saved."""
    return " ".join(re.sub("[;|=]", " ", name).split())


def _footer(more: int, may_track: bool) -> str:
    parts = [f"And {more} more."] if more > 0 else []
    if not may_track:
        parts.append(f"An admin of this bot can track one: {cmd('watch add NAME')}")
    return " ".join(parts)
