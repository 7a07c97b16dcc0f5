"""watch list, lists, new, use, export: the watchlists, which of them a chat sees, and what stands on them."""

from __future__ import annotations

import re

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import entity_line, known_people, person_name
from bot.commands.seeing import named_watchlists
from bot.commands.watch import watching
from bot.counted import joined, number, shortened
from bot.errors import CommandError
from bot.model import MAIN_WATCHLIST, Attachment, Reply, Watchlist
from bot.ports import Records
from bot.rights import Right
from bot.watchlist import export_csv, export_json, export_xlsx, parse_watchlist_key

_LISTED = 40  # names that one answer shows
_TOPICS = 20
_MOST_WATCHLISTS = 200


def list_entities(ask: Ask, words: str) -> Reply:
    """The names that this chat sees, or those that fit `words` (a name, a topic, a country's code); by pages."""
    words, page = _page(words)
    with ask.store.reading() as records:
        watching.require_reader(ask, records)
        seen = records.watchlists_of(ask.request.chat.key)
        count, part = records.entities_page(seen, words, (page - 1) * _LISTED, _LISTED)
        topics = [] if words else list(records.count_terms("topic", seen))
        others = len(named_watchlists(ask, records)) > len(seen)
    if not count:
        raise CommandError(
            f"Nothing tracked fits “{words}”. See all: {cmd('watch list')}"
            if words
            else f"Nothing is tracked yet. Send: {watching.GRAMMAR}"
        )
    more = max(count - (page - 1) * _LISTED - len(part), 0)
    told = [f"Topics: {joined(topics[:_TOPICS])}{' …' if len(topics) > _TOPICS else ''}."] if topics else []
    if seen != (MAIN_WATCHLIST,) or others:
        told.append(f"On {_told_seen(seen)}, which this chat sees. All watchlists: {cmd('watch lists')}")
    return reply(
        f"{number(count, 'name')} tracked" + (f" that {'fits' if count == 1 else 'fit'} “{words}”" if words else ""),
        *told,
        bullets=[f"{entity.caption} · {entity_line(entity)}" for entity in part],
        footer=f"{number(more, 'more name')}." if more > 0 else "",
        actions=[button("Next page", f"watch list {words} page {page + 1}".replace("  ", " "))] if more > 0 else [],
    )


def _page(words: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*?)\s*\bpage (\d{1,6})", words)
    return (match[1], max(1, int(match[2]))) if match else (words, 1)


def _told_seen(seen: tuple[str, ...]) -> str:
    return f"the watchlist{'s' if len(seen) > 1 else ''} {joined(seen)}"


def show(ask: Ask, _words: str) -> Reply:
    with ask.store.reading() as records:
        watching.require_reader(ask, records)
        watchlists, seen = named_watchlists(ask, records), records.watchlists_of(ask.request.chat.key)
        counts = {watchlist.key: records.count_entities([watchlist.key]) for watchlist in watchlists}
        people = known_people(records)
    return reply(
        number(len(watchlists), "watchlist"),
        _rule(seen),
        bullets=[
            f"{one.title} ({one.key}): {number(counts[one.key], 'name')}"
            + (f", made by {person_name(one.created_by, people)}" if one.created_by else "")
            + ("" if one.key in seen else " · not seen here")
            for one in watchlists
        ],
        footer=f"A new one: {cmd('watch new NAME')}",
        actions=[
            button(f"See {one.key} here", f"watch use {one.key}") for one in watchlists[:5] if one.key not in seen
        ],
    )


def _rule(seen: tuple[str, ...]) -> str:
    adds = f" New names go to {seen[0]}." if len(seen) > 1 else ""
    return f"This chat sees {_told_seen(seen)}: its look-ups and alerts are about the names on it, and no others.{adds}"


def new(ask: Ask, words: str) -> Reply:
    title = " ".join(words.split())
    try:
        key = parse_watchlist_key(title)
    except ValueError as error:
        raise CommandError(f"Not made: {error}. For example: {cmd('watch new Oil desk')}") from error
    with ask.store.writing() as records:
        ask.require(records, Right.EDIT_WATCHLIST, "make a watchlist")
        if len(records.watchlists()) >= _MOST_WATCHLISTS:
            raise CommandError(f"There are {_MOST_WATCHLISTS} watchlists, which is the most.")
        if not records.add_watchlist(Watchlist(key, title, ask.now, ask.who)):
            raise CommandError(f"There is a watchlist {key} already. To see it here: {cmd(f'watch use {key}')}")
        ask.audit(records, "watch new", after=key)
        seen = records.watchlists_of(ask.request.chat.key)
    return reply(
        f"New watchlist: {title} ({key})",
        "Nothing is on it yet, and no chat sees it.",
        _rule(seen),
        actions=[
            button(f"See only {shortened(key, 20)} here", f"watch use {key}"),
            button("See it besides", f"watch use {'; '.join((*seen, key))}"),
        ],
    )


def use(ask: Ask, words: str) -> Reply:
    """`watch use NAME; NAME`: this chat sees these watchlists from now on, and adds to the first."""
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        keys = _named(ask, records, words)
        for key in keys:
            watching.require_watchlist(ask, records, key)
        chat = ask.request.chat.key
        before = records.watchlists_of(chat)
        records.set_watchlists(chat, () if keys == [MAIN_WATCHLIST] else keys)
        ask.audit(records, "watch use", before="; ".join(before), after="; ".join(keys))
        seen = records.watchlists_of(chat)
        names = records.count_entities(seen)
    undo = button("Back", f"watch use {'; '.join(before)}") if before != seen else None
    return reply(
        f"This chat sees {_told_seen(seen)} now", _rule(seen), f"{number(names, 'name')} today.", actions=[undo]
    )


def _named(ask: Ask, records: Records, words: str) -> list[str]:
    there = {watchlist.key: watchlist for watchlist in named_watchlists(ask, records)}
    titles = {watchlist.title.casefold(): watchlist.key for watchlist in there.values()}
    asked = [word.strip().casefold() for word in re.split(r"[;,\n]", words) if word.strip()]
    keys = [titles.get(word, word) for word in asked]
    unknown = [key for key in keys if key not in there]
    if unknown or not keys:
        what = f"You may see no watchlist “{shortened(unknown[0], 40)}”" if unknown else "Say which"
        raise CommandError(f"{what}: there are {joined(there)}. To make one: {cmd('watch new NAME')}")
    return list(dict.fromkeys(keys))


_FORMATS = {
    "csv": (export_csv, "text/csv"),
    "xlsx": (export_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (export_json, "application/json"),
}


def export(ask: Ask, words: str) -> Reply:
    """`watch export [csv|xlsx|json] [WATCHLIST]`: a file of the names that this chat sees."""
    first, _, rest = (words.strip().casefold() or "csv").partition(" ")
    form, rest = (first, rest) if first in _FORMATS else ("csv", words.strip().casefold())
    with ask.store.reading() as records:
        watching.require_reader(ask, records)
        seen = records.watchlists_of(ask.request.chat.key)
        if rest and rest not in seen:
            raise CommandError(f"{watching.unseen(rest, seen)}. Formats are {', '.join(_FORMATS)}.")
        wanted = (rest,) if rest else seen
        entities = records.entities(wanted)
    write, media_type = _FORMATS[form]
    file = Attachment(f"watchlist-{ask.now:%Y-%m-%d}.{form}", write(entities), media_type)
    told = reply(
        f"{number(len(entities), 'name')} of {_told_seen(wanted)}",
        f"As {form.upper()}, with every column. Changed there, it can be sent back with {cmd('watch import')}: you are "
        "shown what would change first.",
        "An apostrophe stands before what a spreadsheet would take for a formula; it goes away on import."
        if form != "json"
        else "",
    )
    return Reply(told.message, attachment=file)
