"""feeds: the sources, how each is; and for admins: add one by its address, pause, resume and remove it. Those of
config/sources.toml stay the file's."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from bot.commands.asking import Ask, Show, button, cmd, reply
from bot.commands.phrases import progress
from bot.commands.running import load_all, show_feeds
from bot.commands.watch import watching
from bot.counted import first_of, joined, number, shortened
from bot.errors import CommandError, FeedError, UnclearError
from bot.links import normalise_link
from bot.matching.cues import LANGUAGES, load_vocabulary
from bot.model import (
    AddedFeed,
    Attachment,
    Entry,
    Fact,
    FeedState,
    PendingEdit,
    PendingKind,
    Reply,
    Source,
    SourceState,
)
from bot.ports import Records
from bot.rights import is_same
from bot.sources import FeedLook, full_address
from bot.sources.added import find_named, find_same, new_source
from bot.sources.opml import Outline, read_opml, write_opml
from bot.sources.polling import at_new_address
from bot.zones import told_date, told_moment

GRAMMAR = "feeds add ADDRESS [NAME]"
MOVE = "feeds move NAME ADDRESS"
MOST_IMPORTED = 100  # feeds of one file
_LOOKED_AT_ONCE = 3
_LOCK = "feeds that are added"
_SHOWN, _CHOICES = 5, 6
_LISTED = 30  # feeds of a file
_SAME_SHARE = 0.5  # of the entries: from here on another source's feed may be the same
_FILE = "config/sources.toml"


def feeds(ask: Ask) -> Reply:
    """For everybody the list, for admins all of it, in any chat."""
    if ask.words:
        with ask.store.reading() as records:
            ask.require_admin(records, "add, pause and remove feeds")
    return tend_feeds(ask)


def tend_feeds(ask: Ask) -> Reply:
    """The same for whoever sits at this machine."""
    verb, rest = ask.first_word()
    if not verb:
        return show_feeds(ask)
    handler = _HANDLERS.get(verb)
    if handler is None:
        known = joined((cmd(f"feeds {one}") for one in _HANDLERS if one not in ("confirm", "cancel")), "or")
        raise CommandError(f"“{shortened(verb, 30)}” is not known here. Send {cmd('feeds')}, {known}")
    return handler(ask, rest)


# ---------------------------------------------------------------- add


def _add(ask: Ask, words: str) -> Reply:
    """Shown first; added when its person says so."""
    address, _, name = words.partition(" ")
    if not address:
        raise CommandError(f"Send: {cmd(GRAMMAR)}. The address of a page does too, if it names its feed.")
    name = name.strip()
    with ask.store.reading() as records:
        known = load_all(ask, records)
    _refuse_known([full_address(address)], known)
    if name and (other := find_named(name, known)):
        raise CommandError(f"A source is called {other.title} already: {other.url}. Give this one another name.")
    look = _look(ask, address)
    with ask.store.reading() as records:
        source = _new(ask, records, look, name)
        same = _likely_same(ask, records, look)
    pending = _keep(ask, [source])
    return reply(
        f"Read {source.title}? It is not added yet",
        *same,
        f"The feed has trouble: {look.parsed.trouble}." if look.parsed.trouble else "",
        "What is in it now raises no alert. What comes later is read every "
        f"{source.every.total_seconds() / 60:.0f} minutes and judged.",
        facts=_facts(look, ask.zone),
        bullets=[_entry_line(entry) for entry in _newest(look)],
        bullet_urls=[entry.link if entry.title else "" for entry in _newest(look)],
        footer=f"To add it: {cmd(f'feeds confirm {pending.id}')}. Under another name: "
        f"{cmd(f'feeds add {look.url} NAME')}" + _told_others(look),
        actions=[button("Add it", f"feeds confirm {pending.id}"), button("No", f"feeds cancel {pending.id}")],
    )


def _look(ask: Ask, told: str, moved: str = "") -> FeedLook:
    """At an address as a person writes it. `moved`: the source that is to be read there from now on."""
    if re.fullmatch(r"[^\W_][\w-]*", told) and told.casefold() != "localhost":
        raise CommandError(
            f"“{shortened(told, 60)}” is a word and no address. Send the address of a feed, or of a page that names "
            f"its own: {cmd('feeds add example.org/feed')}"
        )
    address = full_address(told)
    if ask.services.look_at_feed is None:
        raise CommandError("The running bot does that, not this program: send it to the bot in a chat.")
    try:
        return ask.services.look_at_feed(address)
    except FeedError as error:
        is_guess = address.startswith("https:") and not told.lstrip("<").casefold().startswith(("https:", "feed:"))
        again = f"feeds move {moved}" if moved else "feeds add"
        hint = f" Where it has no https: {cmd(f'{again} http://{shortened(told, 200)}')}" if is_guess else ""
        done = "read, so nothing was moved" if moved else "added"
        raise CommandError(f"{shortened(address, 200)} cannot be {done}: {error}.{hint}") from error


def _new(ask: Ask, records: Records, look: FeedLook, name: str) -> Source:
    """Raises CommandError if it is a known one, by any of the addresses that led to it."""
    known = load_all(ask, records)
    _refuse_known((look.url, *look.addresses), known)
    source = new_source(look, name, known, {feed.source.key for feed in records.added_feeds()})
    again = find_same([look.url], (feed.source for feed in records.added_feeds()))
    return replace(source, key=again.key) if again else source


def _refuse_known(addresses: Sequence[str], known: Sequence[Source]) -> None:
    if same := find_same(addresses, known):
        how = "" if same.enabled else f", and not read now: {cmd(f'feeds resume {same.title}')}"
        raise CommandError(f"That feed is known already, as {same.title}{how}. How it is: {cmd('feeds')}")


def _likely_same(ask: Ask, records: Records, look: FeedLook) -> tuple[str, ...]:
    links = {key for entry in look.parsed.entries if (key := normalise_link(entry.link))}
    titles = {source.key: source.title for source in load_all(ask, records)}
    carried = {key: count for key, count in records.sources_carrying(links).items() if key in titles}
    key = max(carried, key=lambda one: carried[one], default="")
    if not key or carried[key] < _SAME_SHARE * len(links):
        return ()
    share = f"{carried[key]} of its {number(len(links), 'entry', 'entries')}"
    return (f"Perhaps it is the same as {titles[key]}, which carried {share}.",)


def _facts(look: FeedLook, zone: str) -> tuple[Fact, ...]:
    parsed = look.parsed
    newest = max((entry.published_at for entry in parsed.entries if entry.published_at), default=None)
    entries = number(parsed.total, "entry", "entries") + (
        f", the newest of {told_moment(newest, zone)}" if newest else ""
    )
    facts = (
        Fact("Address", look.url),
        Fact("Found on", look.page) if look.page else None,
        Fact("Its own title", parsed.title) if parsed.title else None,
        Fact("Language", _told_language(parsed.language)),
        Fact("Entries", entries if parsed.total else "none now"),
    )
    return tuple(fact for fact in facts if fact)


def _told_language(language: str | None) -> str:
    """The feed's, and that nothing in it can raise an alert where the bot has no vocabulary for it."""
    if not language:
        return "it does not say: each article's text tells"
    if load_vocabulary(language):
        return language
    read = ", ".join(LANGUAGES)
    return f"{language}, which is not read: no article in it raises an alert, only those in {read} do"


def _newest(look: FeedLook) -> list[Entry]:
    return sorted(look.parsed.entries, key=lambda entry: entry.effective_at, reverse=True)[:_SHOWN]


def _entry_line(entry: Entry) -> str:
    dated = f"{told_date(entry.published_at)}: " if entry.published_at else ""
    return f"{dated}{shortened(entry.title or entry.link, 150)}"


def _told_others(look: FeedLook) -> str:
    if not look.others:
        return ""
    others = " · ".join(
        cmd(f"feeds add {one.url}") + (f" ({one.title})" if one.title else "") for one in look.others[:3]
    )
    return f". That page names other feeds too: {others}"


def _keep(ask: Ask, sources: Sequence[Source]) -> PendingEdit:
    pending = PendingEdit(
        id=secrets.token_hex(4),
        kind=PendingKind.FEEDS,
        by=ask.request.user,
        chat=ask.request.chat.key,
        at=ask.now,
        expires_at=ask.now + watching.PREVIEWED,
        what="added feeds",
        feeds=tuple(sources),
    )
    with ask.store.writing() as records:
        records.save_pending(pending)
    return pending


def _confirm(ask: Ask, code: str) -> Reply:
    """The button below a preview: adds what this person was shown."""
    with ask.store.writing() as records:
        pending = records.pending(code.strip(), ask.now)
        if pending is None or pending.kind is not PendingKind.FEEDS or not is_same(pending.by, ask.request.user):
            raise CommandError(f"That is not waiting for you any more. Send it again: {cmd(GRAMMAR)}")
        records.lock_source(_LOCK)
        records.drop_pending(pending.id)
        new, refused = _still_new(ask, records, pending.feeds)
        if not new:
            raise CommandError(f"Nothing was added: {'; '.join(refused)}")
        for source in new:
            _save(ask, records, AddedFeed(source, ask.who, ask.now))
            records.save_source_state(SourceState(source.key))  # where it was read before, its baseline is made anew
        ask.audit(records, "feeds add", after="; ".join(f"{one.title} ({one.url})" for one in new))
    one = new[0] if len(new) == 1 else None
    return reply(
        f"Now read: {one.title if one else number(len(new), 'feed')}",
        "It is read for the first time within a minute, where a process polls. What is in it by then raises no alert.",
        f"Not added: {'; '.join(refused)}" if refused else "",
        footer=f"How each source is: {cmd('feeds')}",
        actions=[button("Undo", f"feeds undo {one.key}" if one else "feeds undo"), button("All sources", "feeds")],
    )


def _still_new(ask: Ask, records: Records, sources: Sequence[Source]) -> tuple[list[Source], list[str]]:
    """Those that nobody added meanwhile, and why the others are not."""
    known, refused = list(load_all(ask, records)), []
    new: list[Source] = []
    for source in sources:
        if same := find_same([source.url], known):
            refused.append(f"{source.title} is known already, as {same.title}")
        elif any(source.key == one.key for one in known) or find_named(source.title, known):
            refused.append(f"another source is called {source.title} since: send it again with another name")
        else:
            new.append(source)
            known.append(source)
    return new, refused


def _save(ask: Ask, records: Records, feed: AddedFeed) -> None:
    records.save_added_feed(replace(feed, changed_by=ask.who, changed_at=ask.now, chat=ask.place))


# ---------------------------------------------------------------- remove, pause, resume


def _remove(ask: Ask, words: str) -> Reply:
    return _change(ask, words, "remove", FeedState.REMOVED)


def _pause(ask: Ask, words: str) -> Reply:
    return _change(ask, words, "pause", FeedState.PAUSED)


def _change(ask: Ask, words: str, verb: str, state: FeedState) -> Reply:
    with ask.store.writing() as records:
        records.lock_source(_LOCK)
        source = _find(load_all(ask, records), words, verb)
        feed = records.added_feed(source.key)
        if feed is None or not source.is_added:
            raise CommandError(_of_the_file(source, verb))
        if feed.state is state:
            raise CommandError(
                f"{source.title} is paused already. To go on with it: {cmd(f'feeds resume {source.title}')}"
            )
        _save(ask, records, replace(feed, state=state, was=feed.state, was_url="", is_undo=False))
        ask.audit(records, f"feeds {verb}", before=f"{source.title} ({source.url})")
    is_gone = state is FeedState.REMOVED
    return reply(
        f"No longer read: {source.title}" if is_gone else f"Paused: {source.title}",
        "What it told stays, and so does what was sent of it.",
        footer="" if is_gone else f"To go on with it: {cmd(f'feeds resume {source.title}')}",
        actions=[button("Undo", f"feeds undo {source.key}")],
    )


def _of_the_file(source: Source, verb: str) -> str:
    if verb == "move":
        step = "change its url there, and start the bot anew."
        return f"{source.title} stands in {_FILE}, and that stays the file's: {step}"
    what = {"remove": "take it out, or set enabled = false", "pause": "set enabled = false"}[verb]
    mute = cmd(f"mute source {source.title} 24h")
    return (
        f"{source.title} stands in {_FILE}, and that stays the file's: {what} there, and start the bot anew. "
        f"To be told nothing here meanwhile that it alone tells: {mute}"
    )


def _resume(ask: Ask, words: str) -> Reply:
    """Also a source of the file, where the bot paused it by itself, as its publisher said that it is gone."""
    with ask.store.writing() as records:
        records.lock_source(_LOCK)
        source = _find(load_all(ask, records), words, "resume")
        records.lock_source(source.key)
        feed, state = records.added_feed(source.key), records.source_states().get(source.key)
        is_paused = feed is not None and feed.state is FeedState.PAUSED
        if not is_paused and not source.enabled:
            raise CommandError(f"{source.title} is switched off in {_FILE}: set enabled = true there, and start anew.")
        if not is_paused and not (state and state.paused_reason):
            raise CommandError(f"{source.title} is not paused. How it is: {cmd('feeds')}")
        if feed and is_paused:
            _save(ask, records, replace(feed, state=FeedState.READ, was=FeedState.PAUSED, was_url="", is_undo=False))
        if state and state.paused_reason:
            fresh = replace(state, paused_reason=None, failures=0, last_error=None, next_poll_at=None)
            records.save_source_state(fresh)
        ask.audit(records, "feeds resume", after=f"{source.title} ({source.url})")
    return reply(
        f"Read again: {source.title}",
        "What came meanwhile is judged, unless it is too old by now.",
        footer=f"How it is: {cmd('feeds')}",
        actions=[button("Undo", f"feeds undo {source.key}") if is_paused else None],
    )


# ---------------------------------------------------------------- move


def _move(ask: Ask, words: str) -> Reply:
    """Read at another address what was read before: with its name, and without beginning anew. Looked at first."""
    name, _, address = words.rpartition(" ")
    if not name:
        raise CommandError(f"Send: {cmd(MOVE)}. It keeps its name, and what it told is not told again.")
    with ask.store.reading() as records:
        known = load_all(ask, records)
    try:
        source = _find(known, name, "move")
    except UnclearError as error:  # an address is too long for a button
        asked = error.question
        return replace(asked, message=replace(asked.message, actions=(), footer=f"Then send: {cmd(MOVE)}"))
    if not source.is_added:
        raise CommandError(_of_the_file(source, "move"))
    _refuse_taken(source, [full_address(address)], known)
    look = _look(ask, address, source.title)
    with ask.store.writing() as records:
        records.lock_source(_LOCK)
        feed = records.added_feed(source.key)
        if feed is None or feed.state is FeedState.REMOVED:
            raise CommandError(f"{source.title} was removed meanwhile. To read it: {cmd(f'feeds add {look.url}')}")
        _refuse_taken(feed.source, (look.url, *look.addresses), load_all(ask, records))
        links = {key for entry in look.parsed.entries if (key := normalise_link(entry.link))}
        carried = records.sources_carrying(links).get(source.key, 0)
        _move_to(ask, records, replace(feed, was=feed.state, is_undo=False), look.url)
        ask.audit(records, "feeds move", before=f"{source.title} ({feed.source.url})", after=look.url)
    is_paused = feed.state is FeedState.PAUSED
    return reply(
        f"Moved: {source.title}",
        _told_carried(carried, len(links)),
        f"It stays paused. To go on with it: {cmd(f'feeds resume {source.title}')}"
        if is_paused
        else "It is read there at its next turn. What came since it was last read is judged.",
        f"The feed has trouble: {look.parsed.trouble}." if look.parsed.trouble else "",
        facts=(Fact("Until now", feed.source.url), *_facts(look, ask.zone)),
        bullets=[_entry_line(entry) for entry in _newest(look)],
        bullet_urls=[entry.link if entry.title else "" for entry in _newest(look)],
        actions=[button("Undo", f"feeds undo {source.key}")],
    )


def _refuse_taken(source: Source, addresses: Sequence[str], known: Sequence[Source]) -> None:
    if find_same(addresses, [source]):
        raise CommandError(f"{source.title} is read there already: {source.url}")
    _refuse_known(addresses, [one for one in known if one.key != source.key])


def _told_carried(carried: int, total: int) -> str:
    entries = number(total, "entry", "entries")
    if carried or not total:
        return f"{carried} of its {entries} came from the old address too, and are not told again."
    return (
        f"None of its {entries} came from the old address: if it is another outlet's feed, undo this and add it by "
        f"{cmd(GRAMMAR)}."
    )


def _move_to(ask: Ask, records: Records, feed: AddedFeed, url: str) -> None:
    records.lock_source(feed.source.key)  # a poll of the old address may be ending
    _save(ask, records, replace(feed, source=replace(feed.source, url=url), was_url=feed.source.url))
    state = records.source_states().get(feed.source.key) or SourceState(feed.source.key)
    records.save_source_state(at_new_address(state))


# ---------------------------------------------------------------- which one


def _find(sources: Sequence[Source], words: str, verb: str) -> Source:
    """Which source the words mean: its key, name or address, or a part of its name. Raises CommandError."""
    if not words:
        raise CommandError(f"Which one? Send: {cmd(f'feeds {verb} NAME')}. Their names: {cmd('feeds')}")
    said = words.casefold()
    exact = [one for one in sources if said in (one.key.casefold(), one.title.casefold())]
    same = find_same([full_address(words)], sources) if re.search(r"[./]", words) else None
    found = exact or ([same] if same else [one for one in sources if said in one.title.casefold()])
    if len(found) == 1:
        return found[0]
    if not found:
        titles = {one.title.casefold(): one.title for one in sources}
        near = process.extractOne(said, list(titles), scorer=fuzz.WRatio, score_cutoff=75)
        meant = f" Did you mean {titles[near[0]]}?" if near else ""
        raise CommandError(f"No source is called “{shortened(words, 80)}”.{meant} Their names: {cmd('feeds')}")
    question = reply(
        "Which do you mean?",
        bullets=[f"{one.title} · {one.url}" for one in found[:_CHOICES]],
        footer=f"And {len(found) - _CHOICES} more: write more of the name." if len(found) > _CHOICES else "",
        actions=[button(shortened(one.title, 40), f"feeds {verb} {one.key}") for one in found[:_CHOICES]],
        ok=False,
    )
    raise UnclearError(question)


# ---------------------------------------------------------------- undo


def _undo(ask: Ask, words: str) -> Reply:
    """The last change that this person made in this chat, or that of one feed."""
    with ask.store.writing() as records:
        records.lock_source(_LOCK)
        added = records.added_feeds()
        chosen = _of_name(added, words) if words else _last_of(ask, added)
        back, refused = _taken_back(ask, records, chosen)
        if not back:
            raise CommandError(f"Not undone: {'; '.join(refused)}")
        for feed in back:
            if feed.was_url:
                _move_to(ask, records, feed, feed.was_url)
            else:
                _save(ask, records, feed)
        ask.audit(records, "feeds undo", after="; ".join(_told_back(feed) for feed in back))
    return reply(
        "Undone",
        f"Not undone: {'; '.join(refused)}" if refused else "",
        bullets=[_told_back(feed) for feed in back[:_LISTED]],
        footer=f"And {len(back) - _LISTED} more." if len(back) > _LISTED else "",
        actions=[button("Redo", f"feeds undo {back[0].source.key}")] if len(back) == 1 else [],
    )


def _of_name(added: Sequence[AddedFeed], words: str) -> list[AddedFeed]:
    source = _find([feed.source for feed in added], words, "undo")
    return [feed for feed in added if feed.source.key == source.key]


def _last_of(ask: Ask, added: Sequence[AddedFeed]) -> list[AddedFeed]:
    own = [feed for feed in added if (feed.changed_by, feed.chat) == (ask.who, ask.place) and not feed.is_undo]
    last = max((feed.changed_at for feed in own if feed.changed_at), default=None)
    if last is None:
        raise CommandError(
            f"You changed no feed in this chat that could be undone. Of a feed: {cmd('feeds undo NAME')}"
        )
    return [feed for feed in own if feed.changed_at == last]


def _taken_back(ask: Ask, records: Records, chosen: Sequence[AddedFeed]) -> tuple[list[AddedFeed], list[str]]:
    """A feed that comes back may be known under another name by now."""
    known, back, refused = list(load_all(ask, records)), [], []
    for feed in chosen:
        others = [one for one in known if one.key != feed.source.key]
        same = find_same([feed.was_url or feed.source.url], others) or find_named(feed.source.title, others)
        if same and feed.was is not FeedState.REMOVED:
            refused.append(f"{feed.source.title} is known already, as {same.title}")
        else:
            back.append(replace(feed, state=feed.was, was=feed.state, is_undo=True))
    return back, refused


def _told_back(feed: AddedFeed) -> str:
    if feed.was_url:
        return f"{feed.source.title} is at {feed.was_url} again"
    how = {FeedState.READ: "is read", FeedState.PAUSED: "is paused", FeedState.REMOVED: "is read no longer"}
    return f"{feed.source.title} {how[feed.state]}"


# ---------------------------------------------------------------- OPML


@dataclass(frozen=True, slots=True)
class _Looked:
    """Feeds of a file: those to be added, and why the others are not."""

    new: list[Source]
    refused: list[str]


def _import(ask: Ask, _words: str) -> Reply:
    """An OPML file, as feed readers write it: each feed is looked at, then all are shown."""
    file = ask.request.attachment
    if file is None:
        told = reply(
            "Send the OPML file", "Feed readers export it, and so does the command " + cmd("feeds export") + "."
        )
        return replace(told, awaits_file="feeds import")
    outlines = read_opml(file.content)
    if not outlines:
        raise CommandError(f"{shortened(file.name, 60)} is no OPML file that names feeds (outlines with xmlUrl).")
    if len(outlines) > MOST_IMPORTED:
        raise CommandError(f"It names {len(outlines):,} feeds: at most {MOST_IMPORTED} are read. Send it in parts.")
    return ask.run_long(lambda show: _shown_import(ask, shortened(file.name, 60), outlines, show))


def _shown_import(ask: Ask, name: str, outlines: Sequence[Outline], show: Show) -> Reply:
    looks = _look_at_all(ask, outlines, show)
    with ask.store.reading() as records:
        found = _sorted_out(ask, records, outlines, looks)
    if not found.new:
        return reply(f"{name}: nothing to add", bullets=_cut(found.refused), ok=False)
    pending = _keep(ask, found.new)
    return reply(
        f"Read {number(len(found.new), 'feed')} of {name}? Nothing is added yet",
        f"Left out: {'; '.join(_cut(found.refused))}" if found.refused else "",
        "What is in them now raises no alert.",
        bullets=_cut([f"{source.title} · {source.url}" for source in found.new]),
        footer=f"To add them: {cmd(f'feeds confirm {pending.id}')}",
        actions=[button("Add them", f"feeds confirm {pending.id}"), button("No", f"feeds cancel {pending.id}")],
    )


def _look_at_all(ask: Ask, outlines: Sequence[Outline], show: Show) -> Mapping[str, FeedLook | CommandError]:
    """By the address that the file has. What is known already is not asked for again."""
    with ask.store.reading() as records:
        known = load_all(ask, records)
    wanted = [one.url for one in outlines if not find_same([one.url], known)]
    looks: dict[str, FeedLook | CommandError] = {}
    pool = ThreadPoolExecutor(_LOOKED_AT_ONCE, thread_name_prefix="feeds")
    try:
        asked = {pool.submit(_tried, ask, url): url for url in wanted}
        for done in as_completed(asked):
            looks[asked[done]] = done.result()
            show(progress("Looking at the feeds", len(looks), len(wanted), "feeds"))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return looks


def _tried(ask: Ask, url: str) -> FeedLook | CommandError:
    try:
        return _look(ask, url)
    except CommandError as error:
        return error


def _sorted_out(
    ask: Ask, records: Records, outlines: Sequence[Outline], looks: Mapping[str, FeedLook | CommandError]
) -> _Looked:
    known, found = list(load_all(ask, records)), _Looked([], [])
    taken = {feed.source.key for feed in records.added_feeds()}
    removed = [feed.source for feed in records.added_feeds()]
    for outline in outlines:
        look = looks.get(outline.url)
        addresses = (look.url, *look.addresses) if isinstance(look, FeedLook) else (outline.url,)
        if isinstance(look, CommandError):
            found.refused.append(str(look).rstrip("."))
        elif look is None or (same := find_same(addresses, known)):
            same = find_same(addresses, known)
            found.refused.append(f"{outline.title or outline.url} is known already, as {same.title if same else '?'}")
        else:
            title = "" if find_named(outline.title, known) else outline.title
            source = new_source(look, title, known, taken)
            again = find_same([look.url], removed)
            source = replace(source, key=again.key) if again else source
            taken.add(source.key)
            known.append(source)
            found.new.append(source)
    return found


def _cut(lines: Sequence[str]) -> list[str]:
    return first_of([shortened(line, 200) for line in lines], _LISTED)


def _export(ask: Ask, _words: str) -> Reply:
    with ask.store.reading() as records:
        sources = list(_readable(load_all(ask, records)))
    file = Attachment(f"feeds-{ask.now:%Y-%m-%d}.opml", write_opml(sources, ask.now), "text/x-opml")
    told = reply(
        number(len(sources), "feed"),
        f"As OPML: feed readers take it, and so does {cmd('feeds import')}. Pages that are read without a feed are not "
        "in it.",
    )
    return Reply(told.message, attachment=file)


def _readable(sources: Sequence[Source]) -> Iterator[Source]:
    """What a feed reader can read too."""
    return (source for source in sources if not source.select)


_HANDLERS: Mapping[str, Callable[[Ask, str], Reply]] = {
    "add": _add,
    "remove": _remove,
    "pause": _pause,
    "resume": _resume,
    "move": _move,
    "undo": _undo,
    "import": _import,
    "export": _export,
    "confirm": _confirm,
    "cancel": watching.cancel,
}
