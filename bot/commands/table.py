"""The table of commands, the same on every platform, and `answer`: a request -> a reply."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog
from rapidfuzz import fuzz, process

from bot.commands.adjacency import adjacent
from bot.commands.admitting import turned_away
from bot.commands.asking import COMMAND_MARK, Ask, Command, Handler, Services, Show, Work, button, cmd, reply
from bot.commands.auditing import audit
from bot.commands.correcting import feedback
from bot.commands.explaining import why
from bot.commands.feeds import feeds, tend_feeds
from bot.commands.files import offer, with_file
from bot.commands.handling import acknowledge
from bot.commands.inviting import invite
from bot.commands.judging import LEAST_TEXT, find_link, judged_text, whynot
from bot.commands.latest import latest
from bot.commands.listing import lists
from bot.commands.looking import lookup
from bot.commands.mute import mute
from bot.commands.notmine import mutes, notmine
from bot.commands.outbox import outbox, tend_outbox
from bot.commands.people import admin, role, start, tend_people
from bot.commands.privacy import privacy
from bot.commands.routes import digest, escalate, quiet, route, timezone
from bot.commands.running import status, version
from bot.commands.story import event
from bot.commands.subscribing import subscribe, subscriptions, unsubscribe
from bot.commands.timelines import timeline
from bot.commands.watch import adding, drafting
from bot.commands.watch.approving import approve
from bot.commands.watch.table import watch
from bot.counted import shortened
from bot.errors import CommandError, DatabaseError, SpreadsheetError, StoppedError, StoreError, UnclearError
from bot.model import TERMINAL, Attachment, Chat, Message, Reply, Request, Role, User
from bot.rendering import defang, tidy_lines, with_texts
from bot.rights import LOCAL
from bot.zones import load_zone

log = structlog.get_logger(__name__)

MOST_WORDS = 4_000  # characters: Telegram's longest message
_LONGEST_NAME = 80  # characters
_SURELY_MISSPELT = 80  # percent: "subscrib", "looku"; "weather" is 67 % of "watch"
_LONG_COMMAND = 3  # words: "why" and an address, say
_EVENT_KEY = re.compile(r"[0-9a-f]{8}(?:[0-9a-f]{4})?")
# Commands that an article's first sentence may begin with: "Latest sanctions hit …".
_PROSE_WORDS = frozenset({"start", "route", "quiet", "digest", "latest", "why", "event", "lists", "status", "help",
                          "version", "role", "adjacent", "follow", "unfollow"})  # fmt: skip


def help_(ask: Ask) -> Reply:
    if ask.words:
        return _help_on(_find(ask.words.split()[0]))
    with ask.store.reading() as records:
        has_work = any(grant.is_given and grant.role.rank >= Role.EDITOR.rank for grant in ask.grants(records))
    shown = [command for command in COMMANDS if has_work or not command.admin]
    return reply(
        "What you can send",
        "One message for each real event: when an article reports new sanctions on somebody tracked.",
        bullets=[f"{cmd(command.line)}: {command.summary}" for command in shown],
        footer=f"More on one, with examples: {cmd('help subscribe')}",
        actions=[
            button("What am I told of?", "subscriptions"),
            button("Latest events", "latest"),
            button("Status", "status"),
        ],
    )


def _help_on(command: Command) -> Reply:
    return reply(
        cmd(command.line),
        f"{command.summary[0].upper()}{command.summary[1:]}" + ("" if command.summary.endswith("?") else "."),
        *command.help,
        f"Example: {cmd(command.example)}",
        "For people with a role on the bot." if command.admin else "",
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "start", "", "what this bot does, and the next step",
        ("In a chat that had stopped, it wakes the alerts again.",), "start", start,
    ),
    Command(
        "subscribe",
        "[everything | NAME | topic TAG | country NAME | …] [with relief] [official only] [from 80%] [with words …]",
        "be told of new sanctions here",
        (
            "Plain words do: a tracked name or a part of it, a topic, a country in any language or as two letters. "
            "What is not certain is asked back. Everything is what stands on the watchlists that this chat sees; an "
            "authority (US, EU, UK …) or a programme (Russia, counter-terrorism …) covers all names in its events.",
            "New sanctions are told, and that those which were told here are eased or lifted; more if you say so: with "
            "relief (all of it), renewals, enforcement, possible, or all. “only relief” leaves the rest out. Less: "
            "“without relief”, “official only” (or wire, news, trade), “from 80%” sure. "
            "“subscribe relief” adds it to all that the chat follows; “without filters” ends them.",
            "“with words oil, tanker*” tells only what a report has one of these words of, in its headline or text; * "
            "stands for any ending. “without words court, football” leaves out reports that have one of those. A "
            "phrase stands in quotes; “any words” ends both.",
            "In a group, its administrators may do it. The answer restates what this chat is told of.",
        ),
        "subscribe Rosneft with relief", subscribe,
    ),
    Command(
        "unsubscribe", "[everything | NAME | topic TAG | country NAME]", "be told of less, or of nothing",
        ("Without words it shows what there is to choose from.",), "unsubscribe topic supplier", unsubscribe,
    ),
    Command(
        "subscriptions", "[last N]", "what this chat is told of, and past events that it covers",
        ("In plain words, with buttons to end each. “last 3” shows the newest events that they cover.",),
        "subscriptions", subscriptions,
    ),
    Command(
        "route", "[high | medium | low | other] [here | to CHAT | to topic NAME | off] | test",
        "which alerts go where, by how severe they are",
        (
            "High: new on somebody tracked, and sure. Medium: new, less sure, or by adjacency: on the owner, a "
            "subsidiary or another link of whom this chat follows. Low, or other: relief, proposals, renewals, "
            "enforcement, where somebody asked for them. Without a route all come here.",
            "Alone it restates all that this chat has set. To send to another chat, you need a role there. A Telegram "
            "topic goes by its name, once the bot has seen it, or by its number.",
            "“test” sends a message the way of an alert, to where this chat's alerts go: so you see that it arrives. "
            "Admins test any chat: “route test webhook:desk”.",
        ),
        "route other to topic 12", route,
    ),
    Command(
        "quiet", "[22:00-07:00 [ZONE] [except high | none] | off]", "hours in which alerts wait",
        (
            "What comes in then waits and is told in one message at the end; high alerts pass, unless you say “except "
            "none”. The zone is named as Europe/Berlin; without one it is the chat's (see “timezone”), the one named "
            "before, or UTC.",
        ),
        "quiet 22:00-07:00 Europe/Berlin", quiet,
    ),
    Command(
        "digest", "[daily 08:00 [ZONE] | weekly monday 08:00 | only low | empty on | off]",
        "a summary every day or week",
        (
            "What was told since the last one, what changed of it, and what was muted. “empty on” sends it also when "
            "nothing happened, with how many sources were checked.",
            "“only low” tells low alerts in the digest alone; “only off” ends that.",
        ),
        "digest daily 08:00 Europe/Berlin", digest,
    ),
    Command(
        "timezone", "[Europe/Berlin | off]", "in which time zone times are told here",
        (
            "It holds for alerts, digests and answers in this chat, and for “quiet” and “digest” where they name none. "
            "A city does: Berlin, New York. Without one times are told in UTC; a topic has its group's. Every time "
            "says in which zone it is.",
        ),
        "timezone Europe/Berlin", timezone,
    ),
    Command(
        "mute",
        "EVENT | NAME | source OUTLET | authority US | programme NAME | relief … 1h | 24h | 7d | until undone [WHY]",
        "not be told of something here for a while",
        (
            "An event, a tracked name, what one outlet alone tells, what one authority alone does, what is under one "
            "programme alone, or a verdict. It is kept with your name and why, "
            "listed by “mutes”, and what it held is told in the digest and by “why”.",
            "“snooze” in front of the time reminds this chat of the event at its end.",
        ),
        "mute Rosneft 24h being handled", mute,
    ),
    Command(
        "ack", "EVENT [undo]", "say that you handle an alert",
        ("Everybody in the chat sees who handles it and since when. It is not escalated any more.",),
        "ack 3f2a9c41", acknowledge,
    ),
    Command(
        "escalate", "[after 30m to CHAT [high | all] | off]",
        "tell a second chat what nobody acknowledged here",
        (
            "Once for each alert, that long after it was sent. High and medium alerts, unless you say otherwise. "
            "Who acknowledges it there does so here too. You need a role in that chat.",
        ),
        "escalate after 30m to Duty desk", escalate,
    ),
    Command(
        "lookup", "NAME | NUMBER | LIST ID [born 1975] [country RU] [on 2024-05-01]",
        "is it tracked or on an official list, how surely and why, and what was found of it?",
        (
            "A key, a whole name, some words of it, in any script and nearly the right spelling; an identifier too.",
            "“born 1975” (or a day: 2 Mar 1975) and “country Russia” behind the name, also as | born=1975 country=ru, "
            "move the score of each record, and its reason says by what. Who is a hit by the name alone is still told, "
            "apart. “on 2024-05-01” asks whether it was listed then.",
            "With a CSV or XLSX of names (a column called name, up to 10,000 rows) the answer is a file with hits, "
            "scores and reasons.",
        ),
        "lookup Igor Sechin born 1960 country Russia", lookup,
    ),
    Command(
        "latest", "[N | export] [authority US | programme X | country Y | topic T | watchlist Z | WORDS]",
        "the newest events",
        (
            "The last 5, or as many as you say, up to 20; of all, or of those that fit: who acted, under which "
            "programme, names from a country, of a topic or a watchlist, or words of the names and headlines.",
            "“latest export since 90d” gives them all, or those that fit, as a CSV (or “export xlsx”): a row for each "
            "name, with the evidence, the sources, what was withdrawn and why, and what became of it here.",
        ),
        "latest 10 authority US programme Russia", latest,
    ),
    Command(
        "timeline", "NAME | PROGRAMME | AUTHORITY [90d]", "a picture of what happened over time",
        (
            "What was done to a tracked name, under a programme or by an authority: new sanctions, proposals, relief, "
            "renewals, fines, each with its day. “name”, “programme” or “authority” in front says which is meant.",
            "The last 90 days, or as long as you say: 30d, 12w, 6m, 2y.",
        ),
        "timeline programme Russia 1y", timeline,
    ),
    Command(
        "why", "EVENT or ADDRESS", "why an article raised an alert, or raised none",
        (
            "Every stage that it passed, the names found in it, the sentence that decided, what spoke for and against, "
            "how sure it is, and who was told.",
        ),
        "why https://news.example/article", why,
    ),
    Command(
        "event", "EVENT [all | pages | withdraw [NAME:] WHY | restore [NAME]]",
        "the whole story of one event: targets, sources, what changed when",
        (
            "Every target with its verdict, the sources in order, which figures differ, and what changed when. “all” "
            "behind the event shows each step where reports that joined are told in one line.",
            "“pages” sends the sources' pages as they were fetched, with their SHA-256 digests, as one file: evidence "
            "of what they said then, also where one was edited or is gone.",
            "Admins withdraw an event that proved wrong: its messages are struck through, a reply tells the reason, "
            "nothing is deleted. Without a reason it is asked for. “restore” undoes it.",
            "Where one name alone proved wrong: “event 3f2a9c41 withdraw Lukoil: it was spared”. The others hold.",
        ),
        "event 3f2a9c41", event,
    ),
    Command(
        "adjacent", "EVENT", "whom a designation names besides those who are tracked",
        (
            "Names in the sentences that tell of the act, and in the lists below them, which nobody tracks: each with "
            "its sentence, the other names that the articles give, and a button to track it.",
            "Nothing is tracked by itself. Only English articles are read for this.",
        ),
        "adjacent 3f2a9c41", adjacent,
    ),
    Command(
        "whynot", "ADDRESS", "fetch an article and judge it now: would it raise an alert, and if not, why?",
        (
            "It is judged with the names tracked now. The answer also tells what the bot did with that address by "
            "itself: carried by which source, held, judged, and who was told.",
            "A link alone does too, and so does the text of an article, pasted or forwarded.",
        ),
        "whynot https://news.example/article", whynot,
    ),
    Command(
        "feedback", "EVENT right | wrong | KIND | undo [NAME]", "say whether an alert was right, or what it is instead",
        (
            "The words below an alert's buttons: “right” confirms it, “wrong” is “Not relevant”. What it is instead: "
            "background (listed before), possible (only proposed), bystander (only mentioned), relief, renewal, "
            "enforcement, unrelated. “wrong” alone is kept as bystander.",
            "Without a name it holds for all names of the alert. Everybody has one opinion, may change it, and take it "
            "back with “undo”. It is kept with your name, the time and the article; no alert changes by it.",
        ),
        "feedback 3f2a9c41 background", feedback,
    ),
    Command(
        "notmine", "EVENT [NAME] [; WHO IT IS] [everywhere] [for 90d]",
        "an alert is about somebody else of the same name: mute that one",
        (
            "The other one is remembered by its longer name, or by what the article says beside the name, and does not "
            "raise your entity again. Your entity itself is told as before, under a fuller name or in another context.",
            "It holds for this chat; in a group its administrators may do it. “everywhere” is for admins of the bot.",
            "It holds until somebody undoes it, or “for 90d” (up to 366d): events after that are told again, those of "
            "before stay held.",
        ),
        "notmine 3f2a9c41 Fortuna; Fortuna Mining", notmine,
    ),
    Command(
        "mutes", "[all | undo N]", "what is muted for a while, and who as somebody else of the same name",
        ("Who muted what, when, where and until when, with buttons to take each back. “all” shows admins those of all "
         "chats.",),
        "mutes undo 3", mutes,
    ),
    Command(
        "feeds",
        "[add ADDRESS [NAME] | remove NAME | pause NAME | resume NAME | move NAME ADDRESS | undo | import | export]",
        "is every source being read? Admins add and remove feeds",
        (
            "Each source: fine, failing since when and why, or paused; who added it and when, if it was added here.",
            "“add” takes the address of a feed, or of a page that names its feed, and shows first what it is: title, "
            "language, newest entries. What is in it then raises no alert; what comes later is read every 15 minutes.",
            "“pause”, “resume” and “remove” take its name, or a part of it; “undo” takes back your last change in this "
            "chat, “undo NAME” that of one feed. “import” takes an OPML file, as feed readers write it; “export” "
            "gives one.",
            "“move” is for a feed that has a new address: it keeps its name and its place, so nothing is told twice, "
            "and what came since it was last read is not lost.",
            "Sources of config/sources.toml stay the file's; “resume” goes on with one that the bot paused by itself.",
        ),
        "feeds add https://news.example/feed.xml Harbour News", feeds,
    ),
    Command(
        "status", "", "is all well? Sources, entries, alerts, platforms",
        ("First a line that shows that the bot is looking, even when it finds nothing; then the details.",),
        "status", status,
    ),
    Command(
        "lists", "[status | sync NAME]", "the official lists that are read, and a look at one now",
        (
            "Each list: on or off, when it was last read, how many entries it has, what the last reading changed, when "
            "the next look is due, what is in the way, and its licence.",
            "“sync” looks now; a name, a part of it or the list's key will do: “sync ofac”. What changed for tracked "
            "names is told as an alert.",
        ),
        "lists sync us_ofac_sdn", lists, admin=True,
    ),
    Command("help", "[COMMAND]", "what you can send", ("On one command it tells more.",), "help subscribe", help_),
    Command(
        "privacy", "[export | forget]", "what is kept of you and of this chat, as a file, and its deletion",
        (
            "“export” gives what is kept as a JSON file: of this chat, and in a private chat of you. “forget” deletes "
            "it, once you confirm; in a group its administrators may.",
            "The log of changes stays whole, and so does a role, until an admin takes it.",
        ),
        "privacy export", privacy,
    ),
    Command("version", "", "which version runs", ("The bot's version number.",), "version", version),
    Command(
        "watch", "add [NAME] | edit NAME FIELD=VALUE | remove NAME | list [WORDS] | import | undo …",
        "change or see who is tracked",
        (
            "“add NAME” asks what is missing; with “confirm” at the end it asks nothing. Other names follow after "
            "semicolons, what else is known comes last: schema=Company country=ru topic=supplier weak=ABC imo=9187629 "
            "(or lei, tax, passport, wallet) owned_by=NK-1. Several lines, a CSV, XLSX or JSON file with “watch "
            "import”, or an official list's entry, as in “add OFAC 22603”, are shown first and saved when you say so.",
            "To change it: “edit NAME country=ru alias+=Foo Ltd topic-=oil”, “alias NAME + OTHER NAME” (“-” takes one "
            "away), “rename NAME to NEW NAME”, “merge A into B”, “remove NAME; NAME”. As a file: “export csv”, xlsx or "
            "json.",
            "“history NAME” shows every version with who, when and why; “undo” takes back your last change in this "
            "chat, “undo 12” that edit; “rollback NAME 3” goes back to that version. Nothing is ever deleted.",
            "“lists” shows the watchlists, “new NAME” makes one, “use NAME” lets this chat see it, and no other.",
            "The answer shows which forms of the names are searched for, which are weak, and what the name would have "
            "raised in the last 30 days.",
        ),
        "watch add Gefest-M LLC; ООО Гефест-М | country=Russia topic=supplier", watch, admin=True,
    ),
    Command("role", "", "what you may do here, and who can give you more", ("In plain words.",), "role", role),
    Command(
        "admin", "CODE | add USER [ROLE] [for …] | remove USER | list | map | allow | forbid | chats",
        "become the owner, appoint and dismiss others, allow chats",
        (
            "The code is printed by the bot at its start, as long as it has no owner. A user is platform:id. The roles "
            "are reader, editor, admin and owner; without one it is admin. “for chat NAME” or “for watchlist NAME” "
            "says where it holds; else it is the whole bot. Nobody gives more than they have.",
            f"What a group's own administrators may in it: {cmd('admin map telegram-admins editor here')} "
            "(slack-admins; reader, editor, admin, default).",
            f"Where only listed chats may talk to the bot: {cmd('admin allow chat here')}, "
            f"{cmd('admin forbid chat ID')}, {cmd('admin chats')}",
        ),
        "admin add telegram:123456789", admin, admin=True,
    ),
    Command(
        "outbox", "[retry ID | retry all | drop ID WHY]", "what waits to be sent, what was given up and why",
        (
            "By chat: since when, when it is tried next and why not before; what is being sent; what was given up, "
            "messages and jobs, with the reason. It also counts what was perhaps sent twice.",
            "“retry” tries again what was given up, and wakes its chat; “drop” lets it be, with your reason.",
        ),
        "outbox retry 4711", outbox, admin=True,
    ),
    Command(
        "approve", "[NUMBER | refuse NUMBER [WHY]]", "as a second admin, allow or refuse what removes many names",
        (
            "Removing many names at once, or an import that removes a large share of a watchlist, waits for the word "
            "of another admin than the one who asked, for a day. Who asked is told if it is refused, and why. Without "
            "words it shows what waits.",
        ),
        "approve 3f2a9c", approve, admin=True,
    ),
    Command(
        "invite", "[ROLE] [for …] [valid 7d] | list | revoke N",
        "a link that gives one person a role",
        (
            "It works once, for seven days unless you say otherwise. Without a role it makes a reader, and without "
            "“for chat NAME” or “for watchlist NAME” one of the whole bot. The link is shown only in the answer, so in "
            "Telegram ask for it in a private chat.",
            f"What is open, and who used which: {cmd('invite list')}",
        ),
        "invite editor for watchlist main valid 3d", invite, admin=True,
    ),
    Command(
        "audit", "[N] [of NAME | by USER | since 7d] | export", "who changed what, when, from where",
        (
            "The newest first. “export” gives a file of all, or of those that fit. Nothing in the log can be changed "
            "or taken out without a trace: on the command line `sanctions-bot audit verify` checks it.",
        ),
        "audit 20 since 7d", audit, admin=True,
    ),
)  # fmt: skip
_BY_NAME = {command.name: command for command in COMMANDS}
_BY_NAME |= {"follow": _BY_NAME["subscribe"], "unfollow": _BY_NAME["unsubscribe"]}  # what people say as well

# What other bots call it, and what people say. It is told as what may be meant, and not taken as a command: a name may
# begin with such a word.
_SAID_FOR = {
    "stop": "unsubscribe", "pause": "quiet", "settings": "route", "search": "lookup", "find": "lookup",
    "check": "lookup", "screen": "lookup", "snooze": "mute", "unmute": "mutes", "unsnooze": "mutes",
    "acknowledge": "ack", "news": "latest", "alerts": "latest", "history": "latest", "add": "watch add",
    "track": "watch add", "remove": "watch remove", "import": "watch import", "watchlist": "watch list",
    "sources": "feeds", "forget": "privacy forget", "gdpr": "privacy", "test": "route test",
    "whoami": "role", "undo": "watch undo", "unack": "ack", "tz": "timezone", "zone": "timezone", "time": "timezone",
}  # fmt: skip


def answer(request: Request, services: Services) -> Reply:
    """Carry out one command. Never raises: what went wrong is told to the person, with the next step."""
    if services.run_long:
        services = replace(services, run_long=_long(services.run_long))
    return _spelt_reply(_answer(request, services), request)


def _long(run_long: Callable[[Request, Work], Reply]) -> Callable[[Request, Work], Reply]:
    """Long work whose messages and answer are spelt, and whose errors are told, as those of any command."""

    def run(request: Request, work: Work) -> Reply:
        def whole(show: Show) -> Reply:
            def spelt(message: Message) -> None:
                show(_spelt(message, request.prefix, is_tapped=_is_tapped(request)))

            return _spelt_reply(_guarded(request, lambda: work(spelt)), request)

        return run_long(request, whole)

    return run


def _spelt_reply(answered: Reply, request: Request) -> Reply:
    toast = answered.toast.replace(COMMAND_MARK, request.prefix)
    message = _spelt(answered.message, request.prefix, is_tapped=_is_tapped(request))
    return replace(answered, message=message, toast=toast)


def _is_tapped(request: Request) -> bool:
    """Whether a command in a text is sent by a tap on it, as in Telegram."""
    return request.prefix == "/" and request.chat.key.platform not in LOCAL


_OWNERS: Mapping[str, Handler] = {"outbox": tend_outbox, "feeds": tend_feeds, "admin": tend_people}


def answer_owner(command: str, words: str, services: Services, attachment: Attachment | None = None) -> Reply:
    """A command of `_OWNERS` for whoever sits at the machine that the bot runs on, and so owns it."""
    chat, owner = Chat(TERMINAL), User("terminal", "owner")
    request = Request(chat, owner, f"{command} {words}", attachment=attachment)
    try:
        answered = _OWNERS[command](Ask(request, services, words, services.now()))
    except UnclearError as error:
        answered = error.question
    except (CommandError, StoreError) as error:
        answered = reply("Not done", str(error), ok=False)
    return replace(answered, message=_spelt(answered.message, "sanctions-bot "))


def _spelt(message: Message, prefix: str, *, is_tapped: bool = False) -> Message:
    """The commands in our texts as they are begun on the asker's platform. Where they are tapped, no other text has one
    to tap: an article's title may say "/unsubscribe"."""

    def spelt(text: str) -> str:
        harmless = defang(tidy_lines(text)) if is_tapped else text
        return harmless.replace(COMMAND_MARK, prefix)

    return replace(with_texts(message, spelt), has_commands=is_tapped)


def _answer(request: Request, services: Services) -> Reply:
    ask = Ask(request, services, "", services.now())
    return _guarded(request, lambda: _carried_out(ask))


def _carried_out(ask: Ask) -> Reply:
    refused = turned_away(ask, *_opening(ask.request.text))
    if refused:
        return refused
    if ask.request.is_forwarded:
        ask = replace(ask, request=_harmless(ask.request))
    _keep_title(ask)
    _keep_name(ask)
    with ask.store.reading() as records:
        ask = replace(ask, zone=load_zone(records, ask.request.chat.key))
    request = with_file(ask, begins_with_command(ask.request.text))
    if request.attachment is not None and not request.text:
        return offer(ask, request.attachment)
    if request.attachment is None and _answers(ask):
        return adding.answer(ask, request.text.strip().removeprefix("/"))
    asked = None if request.attachment else find_question(request.text)
    if asked:
        handler, words = asked
    else:
        name, words = read_command(request.text)
        if _may_be_name(name, request.text):
            return _offer_lookup(name, " ".join(request.text.split()))
        handler = _find(name).handler
    answered = handler(replace(ask, request=request, words=words))
    if answered.awaits_file:
        ask.services.files.expect(request, answered.awaits_file, ask.now)
    return answered


def _harmless(request: Request) -> Request:
    """What somebody else wrote, to be read: an article, a link, a list of names. Raises CommandError for a command: an
    admin who shows the bot what they were sent does not mean it."""
    if request.attachment is not None:
        return replace(request, text="")
    is_slashed = request.text.lstrip().startswith("/")
    if link := "" if is_slashed else find_link(request.text):
        return replace(request, text=link)  # "Latest US sanctions hit Volga Ship https://…" is a headline
    if (is_slashed or begins_with_command(request.text)) and not find_question(request.text):
        raise CommandError(
            "A command that was forwarded, or picked from another bot, is not carried out: its words may be somebody "
            "else's. If you mean it, write it yourself."
        )
    return request


def _keep_title(ask: Ask) -> None:
    """A chat that was renamed is called by its new name from its next command on; topics keep the name they began with,
    which is not told with each message."""
    chat = ask.request.chat
    if not chat.title or chat.key.thread:
        return
    with ask.store.reading() as records:
        stored = records.chat(chat.key)
    if stored is None or stored.title == chat.title or stored.stopped_reason:  # of a forgotten one no name is kept
        return
    with ask.store.writing() as records:
        if stored := records.chat(chat.key):
            records.save_chat(replace(stored, title=chat.title))


def _keep_name(ask: Ask) -> None:
    """Who was appointed by id alone has a name from their next command on, for the log and `admin list`; who took
    another name, that one."""
    user = ask.request.user
    if not user.name or ask.request.is_anonymous:
        return
    with ask.store.reading() as records:
        if all(grant.user.name == user.name for grant in records.grants(user)):
            return
    with ask.store.writing() as records:
        records.lock_people()
        for grant in records.grants(user):
            records.save_grant(replace(grant, user=user))


def _guarded(request: Request, work: Callable[[], Reply]) -> Reply:
    try:
        return work()
    except StoppedError:
        raise
    except UnclearError as error:
        return error.question
    except (CommandError, SpreadsheetError) as error:
        return reply("Not done", str(error), ok=False)
    except StoreError as error:
        log.warning("command failed", command=_opening(request.text)[0], problem=str(error))
        why = "" if isinstance(error, DatabaseError) else f": {error}"
        return reply("Not done", f"The database refused{why}. Nothing was changed; please try again.", ok=False)
    except Exception:  # the edge of a person's request: whatever broke, they get an answer and the log has the trace
        log.exception("command failed", command=_opening(request.text)[0], user=str(request.user))
        return reply("Not done", "Something went wrong on our side; the log has it. Nothing was changed.", ok=False)


def _opening(text: str) -> tuple[str, str]:
    """(the first word as a command's name, the rest). The log gets the name alone: the rest may be an invitation."""
    first, *rest = text.split(maxsplit=1) or [""]
    return first.casefold().lstrip("/").partition("@")[0][:40], "".join(rest)


def begins_with_command(text: str) -> bool:
    first = text.split(maxsplit=1)[:1]
    return bool(first) and first[0].casefold().lstrip("/").partition("@")[0] in _BY_NAME


def _answers(ask: Ask) -> bool:
    """A message that is no command and no link, from somebody who is being asked something. `/cancel` is one too."""
    words = ask.request.text.split()
    if ask.request.text.strip().removeprefix("/").casefold() in drafting.WORDS:
        return drafting.is_asked(ask)
    if not words or words[0].startswith("/") or begins_with_command(words[0]) or find_link(ask.request.text):
        return False  # with a slash before it, it is a command that is misspelt
    return len(ask.request.text) < LEAST_TEXT * 5 and drafting.is_asked(ask)


def find_question(text: str) -> tuple[Handler, str] | None:
    """A message that is no command but a link, or the text of an article: (what judges it, the words). Articles may
    begin with a word that is a command ("Latest sanctions …"): see `_PROSE_WORDS`."""
    words = text.split()
    is_command = begins_with_command(text)
    if link := "" if is_command else find_link(text):
        return whynot, link
    is_prose = len(words) > _LONG_COMMAND or not text.isascii()  # Chinese has no blanks
    if len(text.strip()) < LEAST_TEXT or not is_prose:
        return None
    if not is_command:
        return judged_text, text.strip()
    name, rest = _opening(text)
    if name == "whynot" and not find_link(rest):
        return judged_text, rest.strip()
    return None if _is_surely_command(text, name, words) else (judged_text, text.strip())


def _is_surely_command(text: str, name: str, words: list[str]) -> bool:
    speaks_of_event = len(words) > 1 and bool(_EVENT_KEY.fullmatch(words[1]))
    return text.lstrip().startswith("/") or name not in _PROSE_WORDS or len(words) <= _LONG_COMMAND or speaks_of_event


def read_command(text: str) -> tuple[str, str]:
    """'/Subscribe@my_bot  Rosneft' -> ('subscribe', 'Rosneft'). Raises CommandError."""
    if len(text) > MOST_WORDS:
        raise CommandError(f"That is {len(text):,} characters long: at most {MOST_WORDS:,} are read. Please send less.")
    match = re.match(r"\s*/?([^\s@]*)(?:@\S*)?\s*", text)
    name = match[1].casefold() if match else ""
    rest = text[match.end() :] if match else ""
    return name or "help", "\n".join(" ".join(line.split()) for line in rest.splitlines()).strip()


def _find(name: str) -> Command:
    """Raises CommandError that tells what is near."""
    command = _BY_NAME.get(name.casefold().lstrip("/"))
    if command:
        return command
    raise CommandError(f"{_told_unknown(name)} All commands: {cmd('help')}")


def _told_unknown(name: str) -> str:
    near = _SAID_FOR.get(name.casefold().lstrip("/")) or _nearest(name)
    return f"There is no command “{shortened(name, 30)}”." + (f" Did you mean {cmd(near)}?" if near else "")


def _may_be_name(name: str, text: str) -> bool:
    """Whether `text`, all that was said, may be whom to look up; `name` is its first word, as a command's."""
    is_command = text.lstrip().startswith("/") or is_meant(name) or name in _SAID_FOR
    return not is_command and 0 < len(" ".join(text.split())) <= _LONGEST_NAME


def _offer_lookup(name: str, text: str) -> Reply:
    """By a button: a tap on a command in a text sends the command without the name."""
    look = button(f"Look up {shortened(text, 40)}", f"lookup {text}")
    how = "If it is a name, the button looks it up." if look else f"To look it up as a name: {cmd(f'lookup {text}')}."
    return reply(
        f"Look up “{text}”?", f"{_told_unknown(name)} {how} All commands: {cmd('help')}", actions=[look], ok=False
    )


def is_meant(name: str) -> bool:
    """Whether it is one of our commands, or one that is surely misspelt."""
    near = process.extractOne(name.casefold(), list(_BY_NAME), scorer=fuzz.ratio, score_cutoff=_SURELY_MISSPELT)
    return near is not None


def _nearest(name: str) -> str:
    found = process.extractOne(name.casefold(), list(_BY_NAME), scorer=fuzz.ratio, score_cutoff=60)
    return _BY_NAME[found[0]].name if found else ""  # as /help has it
