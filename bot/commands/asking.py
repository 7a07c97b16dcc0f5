"""What a command is given and what it may use: Services, Ask, Command; who may do what."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.commands.pending import PendingFiles
from bot.delivery import Plans
from bot.errors import NotAllowedError
from bot.lists import OfficialList
from bot.lookups import DEFAULT_THRESHOLD
from bot.lookups.found import Search
from bot.model import (
    WHOLE_BOT,
    Action,
    Attachment,
    Backtest,
    ChatKey,
    Correction,
    DeadJob,
    Delivery,
    Drawing,
    Entity,
    Event,
    EventChange,
    Fact,
    Grant,
    Link,
    Listing,
    Message,
    Notice,
    NoticeKind,
    Quote,
    Reply,
    Request,
    Role,
    Scope,
    ScopeKind,
    Source,
)
from bot.ports import ArticleRecord, AuditRow, Health, ListImport, Records, Store
from bot.rights import LEAST, OF_THE_PLACE, ChatMode, Decision, Right, find_best, find_grants, may, told_scope
from bot.sources import FeedLook

# In front of a command in our texts: `answer` puts there what begins one on that platform. A private character that is
# another one after each start: nobody outside can write it, so no article's title becomes a command.
COMMAND_MARK = chr(0xF0000 + secrets.randbelow(0xFFFE))
MOST_ACTION = 64  # bytes of Action.data: core.telegram.org/bots/api#inlinekeyboardbutton

Show = Callable[[Message], None]
"""Tells the asker how far long work is; may be called as often as one likes, and raises StoppedError at the end of the
program."""
Work = Callable[[Show], Reply]


class SyncOutcome(Protocol):
    """What a look at a list brought, for a person."""

    @property
    def text(self) -> str: ...
    @property
    def is_fine(self) -> bool: ...


SyncList = Callable[[str, str, Callable[[float], None]], SyncOutcome]
"""(list, who asks, told how far it is from 0 to 1) -> what it brought."""


@dataclass(frozen=True, slots=True)
class ListServices:
    """The official lists that there are, and the keys of those that are read. `sync` looks at one now; None: this
    process cannot. `next_step` says what an admin can do about a stopped import, "" if nothing."""

    known: Mapping[str, OfficialList]
    on: frozenset[str]
    sync: SyncList | None = None
    next_step: Callable[[ListImport], str] = lambda _record: ""


@dataclass(frozen=True, slots=True)
class Services:
    """What the commands need from outside. What is None, this process cannot."""

    store: Store
    now: Callable[[], datetime]
    sources: Sequence[Source]
    health: Callable[[], Health]
    # fetches a page, or takes a text, and judges it with the live watchlist: FetchError, ArticleError, CommandError
    judge_url: Callable[[str], ArticleRecord] | None = None
    judge_text: Callable[[str], ArticleRecord] | None = None
    backtest: Callable[[Sequence[Entity]], Backtest] | None = None  # what names would have raised
    # what an article that is not stored would come to for each chat
    plan: Callable[[Records, EventChange, ArticleRecord], Plans] | None = None
    # what the review chat would be asked of it, beside the changes that it would make; "" if nothing
    plan_review: Callable[[Records, Sequence[EventChange], ArticleRecord], str] | None = None
    # saves an event, has those who were told of it told what is said of it now; how many chats they are
    put_correction: Callable[[Records, Event, Correction], int] | None = None
    # what somebody, by name, confirms of an event for review is told as an alert: which it is, if one comes of it
    put_confirmed: Callable[[Records, Event, frozenset[str], str], Event | None] | None = None
    allow_chats: ChatMode = ChatMode.ANYONE  # which chats are answered
    telegram_name: Callable[[], str] = lambda: ""  # the bot's user name there, without "@"; "" while not connected
    # begins work that takes more than seconds and returns at once; the work gets `show`, for messages on how far it is,
    # and returns the answer: `Ask.run_long`
    run_long: Callable[[Request, Work], Reply] | None = None
    draw: Callable[[Drawing], bytes] | None = None  # a PNG
    listed: Callable[[str], Sequence[Listing]] | None = None  # entries of official lists under a name, the best first
    search: Search | None = None  # whom a name may mean, tracked or on official lists: CommandError, StoreError
    lookup_threshold: float = DEFAULT_THRESHOLD  # from here on it is a hit
    lists: ListServices | None = None
    files: PendingFiles = field(default_factory=PendingFiles)
    entry_of: Callable[[str], Entity | None] | None = None  # "OFAC 22603" -> the entity of that entry on a list
    approval_entities: int = 20  # more removed at once need a second admin; 0: never
    approval_share: float = 0.1  # a larger share of a watchlist removed by an import needs one too; 0: never
    upload_bytes: int = 20_000_000
    told_days: int = 1825  # how long is known what was sent where
    renew_delivery: Callable[[Records, int], Delivery | None] | None = None  # has a dead letter sent again
    renew_notice: Callable[[Records, str], Notice | None] | None = None  # and a dead notice, by its mark
    # an event waits anew, from now on, to be acknowledged in a chat: is it not, the second chat is told
    put_escalation: Callable[[Records, str, ChatKey], None] | None = None
    # sends a message to a chat by the outbox: False if one of that key was sent before
    put_notice: Callable[[Records, NoticeKind, str, ChatKey, Message], bool] | None = None
    # the jobs that were given up, having put back those of the first argument and forgotten those of the second
    dead_jobs: Callable[[Sequence[str], Sequence[str]], tuple[DeadJob, ...]] | None = None
    look_at_feed: Callable[[str], FeedLook] | None = None  # what feed stands at an address: FeedError, CommandError


@dataclass(frozen=True, slots=True)
class Ask:
    """One command that somebody sent. `words` is what follows its name; `now` is when it came."""

    request: Request
    services: Services
    words: str
    now: datetime
    zone: str = ""  # in which times are told here; empty: UTC

    @property
    def store(self) -> Store:
        return self.services.store

    @property
    def who(self) -> str:
        return str(self.request.user)

    @property
    def place(self) -> str:
        """The chat, as edits and the audit log name it."""
        return str(self.request.chat.key)

    @property
    def has_lists(self) -> bool:
        """Whether an official list was ever read."""
        with self.store.reading() as records:
            return records.listings_revision() > 0

    def first_word(self) -> tuple[str, str]:
        """(the first word in lower case, the rest)."""
        first, *rest = self.words.split(maxsplit=1) or [""]
        return first.casefold(), "".join(rest)

    @property
    def here(self) -> Scope:
        return Scope.of_chat(self.request.chat.key)

    def grants(self, records: Records) -> tuple[Grant, ...]:
        """All that hold for who speaks, where they speak."""
        request = self.request
        mapped = records.role_mapping(request.chat.key) if request.is_chat_admin else None
        return find_grants(
            request.user,
            records.grants(request.user),
            request.chat,
            is_chat_admin=request.is_chat_admin,
            is_anonymous=request.is_anonymous,
            mapped=mapped,
        )

    def may(self, records: Records, right: Right, *scopes: Scope) -> Decision:
        """No scope: the whole bot."""
        return may(self.grants(records), right, *scopes)

    def require(self, records: Records, right: Right, what: str = "", *scopes: Scope) -> None:
        """`what` completes "may …". Raises NotAllowedError that says who may, and how one comes to it."""
        if not self.may(records, right, *scopes).allowed:
            raise NotAllowedError(self._refusal(records, right, what or right, scopes))

    def _refusal(self, records: Records, right: Right, what: str, scopes: Sequence[Scope]) -> str:
        least = LEAST[right] or Role.READER
        if self.here in scopes and right in OF_THE_PLACE:
            return (
                "Only an administrator of this chat, or an editor or an admin of it or of the bot, may "
                f"{what} here. You can do it for yourself in a private chat with the bot, or ask an admin: "
                f"{cmd(f'admin add {self.who} editor for chat {self.here.key}')}"
            )
        part = next((scope for scope in scopes if scope.kind is not ScopeKind.BOT and scope != self.here), None)
        of = "for" if least is Role.READER else "of"
        only = f"Only {_WHO[least]} this bot{f' or {of} {told_scope(part)}' if part else ''} may {what}"
        if not records.admins():
            only = f"Only {_WHO[least]} this bot may {what}"
            send = f"Send: {cmd('admin CODE')}, with the code that the bot printed when it started."
            return f"{only}, and it has none yet. {send}"
        if self.request.is_anonymous:
            return f"{only}, and you write in the name of a chat: nobody can tell who you are. Write as yourself."
        role = "" if least is Role.ADMIN else f" {least}"
        of_it = f" for {part.kind} {part.key}" if part else ""
        at_machine = ""
        if (
            self.request.user.platform == "web"
        ):  # mostly its owner, in another browser, or after the cookies were cleared
            at_machine = f". So can you on its machine: sanctions-bot admin add {self.who}{role}{of_it}"
        return f"{only}. Admins can appoint you: {cmd(f'admin add {self.who}{role}{of_it}')}{at_machine}"

    def scopes_of_watchlist(self, key: str, given: Sequence[str]) -> tuple[Scope, ...]:
        """For what a role may be that lets somebody change a watchlist from here: for the list, and for this chat if
        the list is one of those that somebody gave to it (`given`)."""
        return (Scope.of_watchlist(key), *([self.here] if key in given else []))

    def is_admin(self, records: Records) -> bool:
        """Of the whole bot."""
        return self.has_role(records, Role.ADMIN)

    def has_role(self, records: Records, least: Role, *scopes: Scope) -> bool:
        best = find_best(self.grants(records), scopes or (WHOLE_BOT,))
        return best is not None and best.role.rank >= least.rank

    def require_admin(self, records: Records, what: str) -> None:
        self.require(records, Right.ADMINISTER, what)

    @property
    def signature(self) -> str:
        """Who the audit log says it was."""
        request = self.request
        if request.is_anonymous and request.is_chat_admin:
            return f"an anonymous administrator of chat {request.chat.key}"
        return f"{self.who} (in the name of a chat)" if request.is_anonymous else self.who

    def remember_chat(self, records: Records) -> None:
        """The bot was spoken to here: it is a place to route or escalate to."""
        if records.chat(self.request.chat.key) is None:
            records.save_chat(self.request.chat)

    def run_long(self, work: Work) -> Reply:
        """Begin `work` and tell the asker so; its answer comes to this chat by itself. Where nothing can come later (a
        shell command), it is done now. `work` calls `show` every second or so. Raises CommandError if too much runs."""
        if self.services.run_long is None:
            return work(lambda _message: None)
        return self.services.run_long(self.request, work)

    def audit(self, records: Records, what: str, before: str = "", after: str = "") -> None:
        """Last of all in a transaction: from here to its end nobody else can write to the log."""
        records.add_audit(AuditRow(self.now, self.signature, self.place, what, before, after))


_WHO = {
    Role.READER: "people with a role on",
    Role.EDITOR: "an editor or an admin of",
    Role.ADMIN: "an admin of",
    Role.OWNER: "an owner of",
}

Handler = Callable[[Ask], Reply]


@dataclass(frozen=True, slots=True)
class Command:
    """`usage` is the line after the name; `admin`: of use to admins only, and refused to others by its handler."""

    name: str
    usage: str
    summary: str
    help: tuple[str, ...]
    example: str
    handler: Handler
    admin: bool = False

    @property
    def line(self) -> str:
        return f"{self.name} {self.usage}".strip()


def reply(
    title: str,
    *paragraphs: str,
    ok: bool = True,
    subtitle: str = "",
    facts: Sequence[Fact | None] = (),
    bullets: Sequence[str] = (),
    bullet_urls: Sequence[str] = (),
    quotes: Sequence[Quote] = (),
    sources: Sequence[Link] = (),
    footer: str = "",
    actions: Sequence[Action | None] = (),
    at: datetime | None = None,
    event: str = "",
    attachment: Attachment | None = None,
) -> Reply:
    """Paragraphs that are empty, facts and actions that are None are left out."""
    message = Message(
        title=title,
        at=at,
        subtitle=subtitle,
        paragraphs=tuple(filter(None, paragraphs)),
        facts=tuple(filter(None, facts)),
        bullets=tuple(bullets),
        bullet_urls=tuple(bullet_urls),
        quotes=tuple(quotes),
        sources=tuple(sources),
        footer=footer,
        actions=tuple(action for action in actions if action),
    )
    return Reply(message, ok=ok, event=event, attachment=attachment)


def cmd(text: str) -> str:
    """A command inside a text: shown as it has to be sent on the asker's platform."""
    return f"{COMMAND_MARK}{text}"


def told_first(answered: Reply, lines: Sequence[str]) -> Reply:
    """With more to say before all else."""
    message = answered.message
    return replace(answered, message=replace(message, paragraphs=(*lines, *message.paragraphs)))


def button(label: str, command: str) -> Action | None:
    """A button that sends `command`; None if that is too long for one."""
    return Action(label, data=command) if len(command.encode()) <= MOST_ACTION else None


def by_key(entities: Sequence[Entity]) -> Mapping[str, Entity]:
    return {entity.key: entity for entity in entities}
