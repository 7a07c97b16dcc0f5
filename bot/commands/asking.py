"""What a command is given and what it may use: Services, Ask, Command; who may do what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import NotAllowedError
from bot.matching.names import NameForm
from bot.model import (
    Action,
    Backtest,
    ChatKind,
    DeadJob,
    Delivery,
    Entity,
    Event,
    Fact,
    Link,
    Message,
    Quote,
    Reply,
    Request,
    Source,
)
from bot.ports import ArticleRecord, AuditRow, Health, Records, Store

WEB = "web"
COMMAND_MARK = "\ue000"  # in front of a command in our texts: `answer` puts there what begins one on that platform
MOST_ACTION = 64  # bytes of Action.data: core.telegram.org/bots/api#inlinekeyboardbutton


@dataclass(frozen=True, slots=True)
class Services:
    """What the commands need from outside. `name_forms` tells which forms of a name are searched. `judge_url` fetches a
    page and judges it with the live watchlist, `judge_text` a text (FetchError, ArticleError, CommandError); `backtest`
    tells what names would have raised; `put_correction` saves an event and has those who were told of it told what is
    said of it now, and tells how many chats they are; `renew_delivery` has a dead letter sent again; `dead_jobs` lists
    the jobs that were given up, having put back those of its first argument and forgotten those of its second. None:
    this process cannot."""

    store: Store
    now: Callable[[], datetime]
    sources: Sequence[Source]
    name_forms: Callable[[Entity], Sequence[NameForm]]
    health: Callable[[], Health]
    judge_url: Callable[[str], ArticleRecord] | None = None
    judge_text: Callable[[str], ArticleRecord] | None = None
    backtest: Callable[[Sequence[Entity]], Backtest] | None = None
    put_correction: Callable[[Records, Event, str], int] | None = None
    renew_delivery: Callable[[Records, int], Delivery | None] | None = None
    dead_jobs: Callable[[Sequence[str], Sequence[str]], tuple[DeadJob, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One command that somebody sent. `words` is what follows its name; `now` is when it came."""

    request: Request
    services: Services
    words: str
    now: datetime

    @property
    def store(self) -> Store:
        return self.services.store

    @property
    def who(self) -> str:
        return str(self.request.user)

    def first_word(self) -> tuple[str, str]:
        """(the first word in lower case, the rest)."""
        first, *rest = self.words.split(maxsplit=1) or [""]
        return first.casefold(), "".join(rest)

    def is_admin(self, records: Records) -> bool:
        user = self.request.user
        return any((admin.platform, admin.id) == (user.platform, user.id) for admin in records.admins())

    def require_admin(self, records: Records, what: str) -> None:
        if self.is_admin(records):
            return
        if not records.admins():
            raise NotAllowedError(
                f"Only an admin of this bot may {what}, and it has none yet. "
                f"Send: {cmd('admin CODE')}, with the code that the bot printed when it started."
            )
        raise NotAllowedError(
            f"Only an admin of this bot may {what}. Admins can appoint you: {cmd(f'admin add {self.who}')}"
        )

    def require_chat_rights(self, records: Records, what: str) -> None:
        """In a group or channel, its administrators and the bot's admins; alone with the bot, anybody."""
        chat = self.request.chat
        shared = chat.kind is not ChatKind.PRIVATE and chat.key.platform != WEB
        if shared and not self.request.is_chat_admin and not self.is_admin(records):
            raise NotAllowedError(
                f"Only an administrator of this chat, or an admin of the bot, may {what} here. "
                "You can do it for yourself in a private chat with the bot."
            )

    def audit(self, records: Records, what: str, before: str = "", after: str = "") -> None:
        records.add_audit(AuditRow(self.now, self.who, str(self.request.chat.key), what, before, after))


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
    facts: Sequence[Fact] = (),
    bullets: Sequence[str] = (),
    quotes: Sequence[Quote] = (),
    sources: Sequence[Link] = (),
    footer: str = "",
    actions: Sequence[Action | None] = (),
    at: datetime | None = None,
    event: str = "",
) -> Reply:
    message = Message(
        title=title,
        at=at,
        subtitle=subtitle,
        paragraphs=paragraphs,
        facts=tuple(facts),
        bullets=tuple(bullets),
        quotes=tuple(quotes),
        sources=tuple(sources),
        footer=footer,
        actions=tuple(action for action in actions if action),
    )
    return Reply(message, ok=ok, event=event)


def cmd(text: str) -> str:
    """A command inside a text: shown as it has to be sent on the asker's platform."""
    return f"{COMMAND_MARK}{text}"


def button(label: str, command: str) -> Action | None:
    """A button that sends `command`; None if that is too long for one."""
    return Action(label, data=command) if len(command.encode()) <= MOST_ACTION else None


def by_key(entities: Sequence[Entity]) -> Mapping[str, Entity]:
    return {entity.key: entity for entity in entities}
