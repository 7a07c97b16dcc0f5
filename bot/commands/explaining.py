"""why: how an article or an event was decided, from what was stored while it was. Concludes nothing anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.alerts import (
    find_quotes,
    headline,
    subtitle,
    told_before,
    told_doubts,
    told_sayings,
    told_why_withdrawn,
    told_withdrawn,
)
from bot.commands.adjacency import event_adjacent
from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.correcting import here
from bot.commands.phrases import chat_name, known_chats, sureness
from bot.commands.seeing import load_seen, offer_latest, see_article, with_own_words
from bot.counted import first_of, joined, number, shortened
from bot.delivery import find_interest, find_severity
from bot.errors import CommandError
from bot.links import clean_link
from bot.matching.lookalikes import load_held
from bot.model import (
    Article,
    BlockKind,
    Chat,
    ChatKey,
    Entity,
    Event,
    EventTarget,
    Fact,
    Finding,
    Link,
    Mention,
    Message,
    Reply,
    Verdict,
)
from bot.ports import ArticleRecord, EntryRecord, Records
from bot.severities import told_ties
from bot.visibility import chat_of, concerned, joined_events, own_stages, without_why
from bot.zones import told_date, told_moment

_TOLD_IN = {
    "batch": "in a message with others",
    "digest": "in a digest",
    "alert": "in an alert",
    "reminder": "in a reminder",
}
_DETAILED = 8  # findings told in full; the rest in a line
_FORMS = 3  # name forms, and places of each, told of one finding
_PLACES = {
    BlockKind.TITLE: "the title",
    BlockKind.SUMMARY: "the teaser",
    BlockKind.KEY_POINT: "the outlet's key points",
}


def why(ask: Ask) -> Reply:
    if not ask.words:
        which = f"Of what? Send: {cmd('why ADDRESS-OF-AN-ARTICLE')}, or {cmd('why EVENT')}"
        none = f"There is no event yet: see {cmd('feeds')} for what is being read."
        return offer_latest(ask, which, "why", head="The latest events:", none=none)
    with ask.store.reading() as records:
        entities = by_key(records.entities())
        key = ask.words.removesuffix(" all")
        event = load_seen(ask, records, key)
        if event:
            return _why_event(ask, records, event, entities, is_whole=key != ask.words)
        record = find_article(records, ask.words)
        if record:
            seen = see_article(ask, records, record)
            seen = replace(seen, stages=visible_stages(ask, records, seen))
            buttons = (
                button("Its event", f"why {seen.event}") if seen.event else None,
                button("Judge it again now", f"whynot {record.article.url}"),
            )
            return Reply(replace(trace_message(seen, entities, ask.zone), actions=tuple(filter(None, buttons))))
        entry = records.entry_by_url(ask.words)
    if entry:
        return _why_entry(entry, ask.zone)
    return _nothing_stored(ask)


def _nothing_stored(ask: Ask) -> Reply:
    url = clean_link(ask.words)
    if not url:
        raise CommandError(
            f"Nothing is stored of “{shortened(ask.words, 80)}”. Send the address of an article, or an event as "
            f"{cmd('latest')} shows it."
        )
    return reply(
        "Nothing is stored of that article",
        f"No source carried it within the weeks that are kept. It can be read and judged now: {cmd(f'whynot {url}')}",
        actions=[button("Judge it now", f"whynot {url}")],
        ok=False,
    )


def find_article(records: Records, words: str) -> ArticleRecord | None:
    cleaned = clean_link(words)
    return (
        records.article(words)
        or records.article_by_url(words)
        or (records.article_by_url(cleaned) if cleaned else None)
    )


def visible_stages(ask: Ask, records: Records, record: ArticleRecord) -> tuple[str, ...]:
    """The stages that the asker may see: what was sent to other chats is for admins."""
    stages = record.stages if ask.is_admin(records) else own_stages(record.stages, ask.request.chat.key)
    chats = known_chats(records) if any(map(chat_of, stages)) else {}
    names = {str(key): chat_name(key, chats) for key in chats} | {str(ask.request.chat.key): "this chat"}
    return tuple(stage.replace(at, names.get(at, at), 1) if (at := chat_of(stage)) else stage for stage in stages)


def _why_entry(record: EntryRecord, zone: str) -> Reply:
    entry = record.entry
    waiting = record.reason == "new"
    return reply(
        entry.title or entry.link,
        "It waits to be read." if waiting else f"It was not read, and raised nothing: {record.reason}.",
        facts=[Fact("From", entry.outlet or entry.source), Fact("First seen", told_moment(entry.first_seen_at, zone))],
        sources=[Link(entry.outlet or "Article", entry.link)],
        actions=[button("Judge it now", f"whynot {entry.link}")],
    )


# ---------------------------------------------------------------- an article


def trace_message(record: ArticleRecord, entities: Mapping[str, Entity], zone: str = "") -> Message:
    """The decision trace of one article: what it came to, each finding with its evidence, the stages it passed."""
    article, judgement = record.article, record.judgement
    findings = sorted(judgement.findings if judgement else (), key=lambda one: one.verdict.rank)
    detailed, rest = findings[:_DETAILED], findings[_DETAILED:]
    paragraphs = [told_finding(finding, article, entities) for finding in detailed]
    if rest:
        paragraphs.append(
            "Also found: " + "; ".join(f"{caption_of(one, entities)} ({one.verdict.words})" for one in rest)
        )
    if not findings:
        paragraphs.append("No tracked name was found in it.")
    facts = [Fact("Judged", told_moment(record.judged_at, zone))]
    if record.event:
        facts.append(Fact("Event", record.event))
    if judgement and judgement.authorities:
        facts.append(Fact("Acting", joined(judgement.authorities)))
    return Message(
        title=article.title or article.url or "The text that you sent",
        subtitle=" · ".join(
            part for part in (article.outlet, told_date(article.published_at), _outcome(record)) if part
        ),
        paragraphs=tuple(paragraphs),
        facts=tuple(facts),
        bullets=tuple(stage for stage in dict.fromkeys(record.stages) if stage),
        sources=(Link(article.outlet or "Article", article.url),) if article.url.startswith("http") else (),
    )


def told_verdicts(record: ArticleRecord, entities: Mapping[str, Entity]) -> str:
    """'Gefest-M LLC: new sanctions, almost certain (97%); Acme Bank: bystander, likely (82%)'"""
    findings = sorted(record.judgement.findings if record.judgement else (), key=lambda one: one.verdict.rank)
    told = [f"{caption_of(one, entities)}: {one.verdict.words}, {sureness(one.confidence)}" for one in findings]
    return "; ".join(first_of(told, _DETAILED)) or "no tracked name was found in it"


def caption_of(finding: Finding, entities: Mapping[str, Entity]) -> str:
    """Who is tracked no more is called as the article calls them."""
    written = finding.mentions[0].surface if finding.mentions else ""
    return entities[finding.entity].caption if finding.entity in entities else written or finding.entity


def _caption(key: str, entities: Mapping[str, Entity]) -> str:
    entity = entities.get(key)
    return entity.caption if entity else key


def _outcome(record: ArticleRecord) -> str:
    if record.event:
        return "part of an alert"
    named = record.judgement.of(Verdict.NEW_SANCTIONS) if record.judgement else ()
    return "new sanctions" if named else "raised nothing"


def told_finding(finding: Finding, article: Article, entities: Mapping[str, Entity]) -> str:
    """One finding, a line for each thing: verdict and how sure, the sentence, what spoke for it and against, the names
    found, what would have changed it."""
    lines = [f"{caption_of(finding, entities)}: {finding.verdict.words}, {sureness(finding.confidence)}"]
    if finding.evidence:
        lines.append(f"“{finding.evidence}”")
    lines += [f"+ {reason}" for reason in finding.reasons]
    lines += [f"– {reason}" for reason in finding.against]
    if finding.mentions:
        lines.append(f"Named {_found_as(finding, article)}")
    if finding.would_change:
        lines.append(f"What would change it: {finding.would_change}")
    return "\n".join(lines)


def _found_as(finding: Finding, article: Article) -> str:
    """'as “Gefest-M” in the title and paragraph 3 (strong); as “Gefest” in paragraph 4 (weak, short form of …)'"""
    places: dict[tuple[str, str], dict[str, None]] = {}
    for mention in finding.mentions:
        how = "" if mention.how in ("exact", "name", "identifier") else f", {mention.how}"
        places.setdefault((mention.surface, f"{mention.strength}{how}"), {})[_place(mention, article)] = None
    told = [f"as “{surface}” in {_some_of(list(found))} ({how})" for (surface, how), found in places.items()]
    return "; ".join(first_of(told, _FORMS, " forms"))


def _place(mention: Mention, article: Article) -> str:
    blocks = article.blocks
    known = _PLACES.get(blocks[mention.block].kind) if mention.block < len(blocks) else "the text"
    return known or f"paragraph {mention.block - len(article.key_points) - 1}"


def _some_of(places: Sequence[str]) -> str:
    more = len(places) - _FORMS
    return f"{', '.join(places[:_FORMS])} and {more} more" if more > 1 else joined(places)


# ---------------------------------------------------------------- an event


_JOINS_SHOWN = 4  # that begin the story, and as many of its end


def folded_joinings(lines: Sequence[str], key: str) -> list[str]:
    """What each of the first and the last reports did; of those between, how many there are and where they stand."""
    between = lines[_JOINS_SHOWN:-1]
    if len(between) < 2:
        return list(lines)
    how = f"and {len(between)} more reports joined; all of them: {cmd(f'why {key} all')}; the last:"
    return [*lines[:_JOINS_SHOWN], how, lines[-1]]


def _why_event(ask: Ask, records: Records, event: Event, entities: Mapping[str, Entity], *, is_whole: bool) -> Reply:
    """`is_whole`: with what each report did, as `why EVENT all` asks."""
    title = headline(event, event.targets)
    did = _joinings(ask, records, event)
    beside = event_adjacent(records, event, ask.request.chat.key)
    answer = reply(
        f"To review: {title}?" if event.review else title,
        _told_review(event) if event.review else "",
        *(
            f"{target.caption}: {_told_judged(event, target)}, "
            f"named as “{target.surface or target.caption}” by {target.outlet}."
            for target in event.targets
        ),
        subtitle=" · ".join(part for part in (subtitle(event), f"event {event.key}") if part),
        facts=[
            Fact("Opened", told_moment(event.opened_at, ask.zone)),
            Fact("Last change", f"{told_moment(event.updated_at, ask.zone)}, version {event.revision}")
            if event.revision > 1
            else None,
            Fact("Withdrawn", told_why_withdrawn(event, ask.zone)) if event.withdrawn else None,
            *told_withdrawn(event),
            *(Fact("To be checked", doubt) for doubt in told_doubts(event, ask.zone)),
            *(Fact("Told before", text) for text, _ in told_before(event, ask.zone)),
            Fact("Told", _told(ask, records, event)),
            *_not_here(ask, records, event),
            *_severity(ask, records, event, entities),
            *_waiting(ask, records, event),
            *_handled(ask, records, event),
            *_held_here(ask, records, event, entities),
            Fact("Beside, not tracked", _some_of([one.name for one in beside])) if beside else None,
            Fact("People say", said) if (said := told_sayings(event, here(ask, records, event))) else None,
        ],
        bullets=did if is_whole else folded_joinings(did, event.key),
        quotes=find_quotes(event.targets),
        sources=[Link(source.outlet, source.url) for source in event.sources],
        actions=[
            button("Acknowledge", f"ack {event.key}") if _may_be_acknowledged(ask, records, event) else None,
            *(
                button(shortened(f"Trace: {source.outlet}", 40), f"why {source.article}")
                for source in event.sources[:5]
            ),
            button(f"{number(len(beside), 'name')} beside, not tracked", f"adjacent {event.key}") if beside else None,
        ],
        event=event.key,
    )
    return replace(answer, message=replace(answer.message, quotes_first=True))


def _told_review(event: Event) -> str:
    if event.told_as:
        return (
            f"Not sure enough for an alert, so the review chat was asked. An alert tells of it: event {event.told_as}."
        )
    return "Not sure enough for an alert: only the review chat was asked."


def _told_judged(event: Event, target: EventTarget) -> str:
    """The confidence of what is for review is that of new sanctions, not of the verdict."""
    if event.review:
        return f"read as {target.verdict.words}, new sanctions {target.confidence:.0%} probable"
    return f"{target.verdict.words}, {sureness(target.confidence)}"


def _severity(ask: Ask, records: Records, event: Event, entities: Mapping[str, Entity]) -> list[Fact]:
    """How much it matters here and why; who of the tracked is close to its targets."""
    if event.review:
        return []
    own = records.subscriptions(ask.request.chat.key)
    event = with_own_words(records, event, own)
    severe = find_severity(own, event, entities)
    here = [Fact("Severity here", f"{severe.severity}: {severe.reason}")] if find_interest(own, event, entities) else []
    return [*here, *([Fact("Close to it", told_ties(event.ties))] if event.ties else [])]


def _joinings(ask: Ask, records: Records, event: Event) -> list[str]:
    """What each outlet's article did to the event, in the words stored with the article; without why, where the chat
    sees less than all of it: that names targets."""
    stored = records.event(event.key)
    sees_all = stored is not None and concerned(stored) == concerned(event)
    lines = []
    for source in event.sources:
        record = records.article(source.article)
        stages = see_article(ask, records, record).stages if record else ()
        stages = stages if sees_all else without_why(stages)
        did = next((stage for stage in stages if f"event {event.key}" in stage), "") or _did_else(record, stages, event)
        lines.append(f"{source.outlet}, {told_moment(source.published_at, ask.zone)}: “{source.title}” {did}")
    return lines


def _did_else(record: ArticleRecord | None, stages: Sequence[str], event: Event) -> str:
    """Of an article whose stages do not name the event: it joined one that proved to be the same act, say."""
    if record is None:
        return "(its article is no longer kept)"
    if event.review:
        return "was put to the review chat"
    return next((stage for stage in stages if stage.startswith(("opened event", "joined event"))), "")


def _held_here(ask: Ask, records: Records, event: Event, entities: Mapping[str, Entity]) -> list[Fact]:
    """The names that this chat is not told of, as somebody else is meant, and who said so."""
    return [
        Fact(_caption(held.entity, entities), held.reason)
        for held in load_held(records, event, entities, zone=ask.zone)
        if held.chat in (None, ask.request.chat.key) or ask.is_admin(records)
    ]


def _not_here(ask: Ask, records: Records, event: Event) -> list[Fact]:
    """Why this chat was not told of it, as it was decided when the last report was read that tells of nothing else."""
    here = ask.request.chat.key
    has_it = here in records.chats_told(event.key) or any(one.chat == here for one in records.notices_on(event.key))
    if event.review or has_it or any(one.chat == here for one in records.held_alerts(event.key)):
        return []
    start = f"nothing for {here}: "
    for source in reversed(event.sources):
        record = records.article(source.article)
        if record and joined_events(record) == (event.key,):
            stages = see_article(ask, records, record).stages
            if stage := next((one for one in stages if one.startswith(start)), ""):
                return [Fact("Not told here", stage.removeprefix(start))]
    return []


def _waiting(ask: Ask, records: Records, event: Event) -> list[Fact]:
    """What was held in this chat, and why: by a mute, quiet hours, a digest."""
    here, chats = ask.request.chat.key, known_chats(records)
    lines = []
    for one in records.held_alerts(event.key):
        if one.chat == here or ask.is_admin(records):
            where = "" if one.chat == here else f"{chat_name(one.chat, chats)}, "
            told = (
                f"; told {_TOLD_IN.get(one.told_in, one.told_in)}, {told_moment(one.told_at, ask.zone)}"
                if one.told_at and one.told_in
                else "; not told so far"
            )
            lines.append(f"{where}{told_moment(one.held_at, ask.zone)}: {one.reason.removeprefix('held: ')}{told}")
    # an alert and what became known of it later are held each, and read alike
    return [Fact("Held", line) for line in list(dict.fromkeys(lines))[-_FORMS:]]


def _handled(ask: Ask, records: Records, event: Event) -> list[Fact]:
    said = records.acknowledgement(event.key, ask.request.chat.key)
    return [Fact("Handled", f"by {said.by.called} since {told_moment(said.at, ask.zone)}")] if said else []


def _may_be_acknowledged(ask: Ask, records: Records, event: Event) -> bool:
    """Whether this chat was told of it, by itself or in a message with others, and nobody here handles it yet."""
    here = ask.request.chat.key
    if not event.stands or records.acknowledgement(event.key, here):
        return False
    is_noticed = any(notice.chat == here for notice in records.notices_on(event.key))
    return is_noticed or records.sent_alert(event.key, here) is not None


def _told(ask: Ask, records: Records, event: Event) -> str:
    """Who has the alert. Other chats are named to admins only."""
    here, chats = ask.request.chat.key, known_chats(records)
    told = records.chats_told(event.key)
    shown = told if ask.is_admin(records) else tuple(key for key in told if key == here)
    parts = [_told_chat(ask, records, event, key, chats) for key in shown]
    hidden = len(told) - len(shown)
    if hidden:
        parts.append(f"{number(hidden, 'other chat')}")
    if not parts and any(one.chat == here for one in records.held_alerts(event.key)):
        return "nobody so far: it was held here"
    return "; ".join(parts) or ("nobody so far" if event.review else "nobody: no subscription covers it")


def _told_chat(ask: Ask, records: Records, event: Event, key: ChatKey, chats: Mapping[ChatKey, Chat]) -> str:
    sent = records.sent_alert(event.key, key)
    name = "this chat" if key == ask.request.chat.key else chat_name(key, chats)
    return f"{name}, {told_moment(sent.sent_at, ask.zone)}" if sent else f"{name}, waiting to be sent"
