"""The table of commands, the same on every platform, and `answer`: a request -> a reply."""

from __future__ import annotations

import re
from dataclasses import replace

import structlog
from rapidfuzz import fuzz, process

from bot.commands.asking import COMMAND_MARK, Ask, Command, Handler, Services, button, cmd, reply
from bot.commands.correcting import feedback
from bot.commands.explaining import why
from bot.commands.judging import LEAST_TEXT, find_link, judged_text, whynot
from bot.commands.looking import latest, lookup
from bot.commands.muting import mutes, notmine
from bot.commands.outbox import outbox, tend_outbox
from bot.commands.people import admin, start
from bot.commands.phrases import shortened
from bot.commands.running import feeds, status, version
from bot.commands.story import event
from bot.commands.subscribing import subscribe, subscriptions, unsubscribe
from bot.commands.watching import watch
from bot.errors import CommandError, StoreError
from bot.model import Chat, ChatKey, Message, Reply, Request, User

log = structlog.get_logger(__name__)

MOST_WORDS = 4_000  # characters: Telegram's longest message
_LONG_COMMAND = 3  # words: "why" and an address, say


def help_(ask: Ask) -> Reply:
    if ask.words:
        return _help_on(_find(ask.words.split()[0]))
    with ask.store.reading() as records:
        is_admin = ask.is_admin(records)
    shown = [command for command in COMMANDS if is_admin or not command.admin]
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
        f"{command.summary[0].upper()}{command.summary[1:]}.",
        *command.help,
        f"Example: {cmd(command.example)}",
        *(["For admins of the bot."] if command.admin else []),
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "start", "", "what this bot does, and the next step",
        ("In a chat that had stopped, it wakes the alerts again.",), "start", start,
    ),
    Command(
        "subscribe", "[everything | NAME | topic TAG | country NAME]", "be told of new sanctions here",
        (
            "Plain words do: a tracked name or a part of it, a topic, a country in any language or as two letters. "
            "What is not certain is asked back.",
            "In a group, its administrators may do it. The answer restates what this chat is told of.",
        ),
        "subscribe country Russia", subscribe,
    ),
    Command(
        "unsubscribe", "[everything | NAME | topic TAG | country NAME]", "be told of less, or of nothing",
        ("Without words it shows what there is to choose from.",), "unsubscribe topic supplier", unsubscribe,
    ),
    Command(
        "subscriptions", "", "what this chat is told of", ("In plain words, with buttons to end each.",),
        "subscriptions", subscriptions,
    ),
    Command(
        "lookup", "NAME", "is it tracked, under which names, and what was found of it?",
        ("A key, a whole name, some words of it, or nearly the right spelling.",), "lookup Rosneft", lookup,
    ),
    Command(
        "latest", "[N]", "the newest events", ("The last 5, or as many as you say, up to 20.",), "latest 10", latest,
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
        "event", "EVENT [withdraw WHY | restore]", "the whole story of one event: targets, sources, what changed when",
        (
            "Every target with its verdict, every source in order, which figures differ, and what changed when.",
            "Admins withdraw an event that proved wrong: its messages are struck through, a reply says why, nothing is "
            "deleted. “restore” undoes it.",
        ),
        "event 3f2a9c41", event,
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
        "feedback", "EVENT right | wrong | KIND [NAME]", "say whether an alert was right, or what it is instead",
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
        "notmine", "EVENT [NAME] [; WHO IT IS] [everywhere]",
        "an alert is about somebody else of the same name: mute that one",
        (
            "The other one is remembered by its longer name, or by what the article says beside the name, and does not "
            "raise your entity again. Your entity itself is told as before, under a fuller name or in another context.",
            "It holds for this chat; in a group its administrators may do it. “everywhere” is for admins of the bot.",
        ),
        "notmine 3f2a9c41 Fortuna; Fortuna Mining", notmine,
    ),
    Command(
        "mutes", "[undo N | all]", "who is muted as somebody else of the same name",
        ("Who muted whom, when and where, with buttons to take each back. “all” shows admins those of all chats.",),
        "mutes undo 3", mutes,
    ),
    Command(
        "feeds", "", "is every source being read?", ("Each source: fine, failing since when and why, or paused.",),
        "feeds", feeds,
    ),
    Command(
        "status", "", "is all well? sources, entries, alerts, platforms",
        ("One line that proves that it looks even when it finds nothing, then the details.",), "status", status,
    ),
    Command("help", "[COMMAND]", "what you can send", ("On one command it tells more.",), "help subscribe", help_),
    Command("version", "", "which version runs", ("The bot's version number.",), "version", version),
    Command(
        "watch", "add NAME; OTHER NAME … [confirm] | remove NAME | list [WORDS]", "change or see who is tracked",
        (
            "Other names follow after semicolons. What else is known comes last: schema=Company country=ru "
            "topic=supplier weak=ABC imo=9187629 key=ABC-1. Schemas are Person, Company, Organization, PublicBody, "
            "LegalEntity, Vessel, Airplane, CryptoWallet.",
            "The answer shows which forms of the names are searched for, which are weak, and what the name would have "
            "raised in the last 30 days. If that is anything, you are asked before it is saved; “confirm” at the end "
            "saves it at once.",
        ),
        "watch add Gefest-M LLC; ООО Гефест-М | country=Russia topic=supplier", watch, admin=True,
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
        "admin", "CODE | add USER | remove USER | list", "become the first admin, appoint and dismiss others",
        ("The code is printed by the bot at its start, as long as it has no admin. A user is platform:id.",),
        "admin add telegram:123456789", admin, admin=True,
    ),
)  # fmt: skip
_BY_NAME = {command.name: command for command in COMMANDS}


def answer(request: Request, services: Services) -> Reply:
    """Carry out one command. Never raises: what went wrong is told to the person, with the next step."""
    answered = _answer(request, services)
    toast = answered.toast.replace(COMMAND_MARK, request.prefix)
    return replace(answered, message=_spelt(answered.message, request.prefix), toast=toast)


def answer_owner(words: str, services: Services) -> Reply:
    """`outbox` for whoever sits at the machine that the bot runs on, and so owns it."""
    request = Request(Chat(ChatKey("terminal", "stdout")), User("terminal", "owner"), f"outbox {words}")
    try:
        answered = tend_outbox(Ask(request, services, words, services.now()))
    except (CommandError, StoreError) as error:
        answered = reply("Not done", str(error), ok=False)
    return replace(answered, message=_spelt(answered.message, "sanctions-bot "))


def _spelt(message: Message, prefix: str) -> Message:
    """The commands in our texts as they are begun on the asker's platform."""

    def spelt(text: str) -> str:
        return text.replace(COMMAND_MARK, prefix)

    return replace(
        message,
        title=spelt(message.title),
        paragraphs=tuple(map(spelt, message.paragraphs)),
        bullets=tuple(map(spelt, message.bullets)),
        footer=spelt(message.footer),
    )


def _answer(request: Request, services: Services) -> Reply:
    ask = Ask(request, services, "", services.now())
    try:
        asked = find_question(request.text)
        if asked:
            handler, words = asked
            return handler(Ask(request, services, words, ask.now))
        name, words = read_command(request.text)
        return _find(name).handler(Ask(request, services, words, ask.now))
    except CommandError as error:
        return reply("Not done", str(error), ok=False)
    except StoreError as error:
        log.warning("command failed", text=request.text[:100], problem=str(error))
        return reply("Not done", f"The database refused: {error}. Nothing was changed; please try again.", ok=False)
    except Exception:  # the edge of a person's request: whatever broke, they get an answer and the log has the trace
        log.exception("command failed", text=request.text[:100], user=str(request.user))
        return reply("Not done", "Something went wrong on our side; the log has it. Nothing was changed.", ok=False)


def find_question(text: str) -> tuple[Handler, str] | None:
    """A message that is no command but a link, or the text of an article: (what judges it, the words). Articles may
    begin with a word that is a command ("Latest sanctions …"); a long command is `watch`, or has a long word or two."""
    words = text.split()
    is_command = bool(words) and words[0].casefold().lstrip("/").partition("@")[0] in _BY_NAME
    if link := "" if is_command else find_link(text):
        return whynot, link
    is_long_command = is_command and (words[0].casefold().lstrip("/") == "watch" or len(words) <= _LONG_COMMAND)
    is_prose = len(words) > _LONG_COMMAND or not text.isascii()  # Chinese has no blanks
    if len(text.strip()) < LEAST_TEXT or not is_prose or is_long_command:
        return None
    return judged_text, text.strip()


def read_command(text: str) -> tuple[str, str]:
    """'/Subscribe@my_bot  Rosneft' -> ('subscribe', 'Rosneft'). Raises CommandError."""
    if len(text) > MOST_WORDS:
        raise CommandError(f"That is {len(text):,} characters long: at most {MOST_WORDS:,} are read. Please send less.")
    match = re.match(r"\s*/?([^\s@]*)(?:@\S*)?\s*", text)
    name = match[1].casefold() if match else ""
    rest = text[match.end() :] if match else ""
    return name or "help", "\n".join(" ".join(line.split()) for line in rest.splitlines()).strip()


def _find(name: str) -> Command:
    command = _BY_NAME.get(name.casefold().lstrip("/"))
    if command:
        return command
    near = process.extractOne(name.casefold(), list(_BY_NAME), scorer=fuzz.ratio, score_cutoff=60)
    meant = f" Did you mean {cmd(near[0])}?" if near else ""
    raise CommandError(f"There is no command “{shortened(name, 30)}”.{meant} All commands: {cmd('help')}")
