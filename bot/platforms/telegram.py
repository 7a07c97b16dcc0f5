"""Telegram by long polling: updates -> Request, Reply and Message -> messages, Telegram's errors -> ours.

Polls by itself on top of telegram.Bot, not by telegram.ext.Updater: that one stops for good on the first answer of 404
or 401, which a gateway in trouble gives too, and hands on updates one after the other. Pace is the caller's matter
(`spacing`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog
import telegram
from telegram import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    InlineQueryResultsButton,
    InputFile,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatID, ChatType, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.errors import ChatMovedError, CommandError, ConfigError, DeliveryError
from bot.model import Attachment, Chat, ChatKey, ChatKind, Message, Receipt, Reply, Request, Severity, User
from bot.platforms import UPLOAD_BYTES, CommandSpec, Knows, OnChat, OnChatGone, OnChatMoved, OnTopic, Takes
from bot.platforms.patience import TOO_FAST, Patience, Turn
from bot.platforms.telegram_errors import (
    BAD_PHOTO,
    CHAT_ENDED,
    GONE_MESSAGE,
    NO_THREAD,
    may_have_arrived,
    mended_values,
    pause_after,
    retry_after,
    says_any,
)
from bot.platforms.telegram_http import TelegramRequest
from bot.platforms.telegram_texts import (
    TOAST,
    content_of,
    has_more_than_toast,
    inline_card,
    keyboard_of,
    telegram_id,
    toast_text,
)
from bot.platforms.telegram_updates import (
    chat_kind,
    chat_of,
    chat_title,
    find_command,
    first_name,
    is_file_for_us,
    is_in,
    is_said_to,
    speaker_id,
    user_of,
)
from bot.platforms.unasked import Unasked
from bot.ports import Answer
from bot.rendering import TelegramText, file_name, one_stop, render_telegram, shorten, tidy, told_too_large
from bot.rendering.telegram import MAX_CAPTION, units

log = structlog.get_logger(__name__)

TOKEN_KEY = "SANCTIONS_BOT_TELEGRAM_TOKEN"  # noqa: S105 (the setting's name)
API_KEY = "SANCTIONS_BOT_TELEGRAM_API_URL"
API = "https://api.telegram.org"
UPDATES = ("message", "channel_post", "callback_query", "my_chat_member", "inline_query")

PRIVATE_EVERY = timedelta(seconds=1)
GROUP_EVERY = timedelta(seconds=3)  # 20 messages a minute, edits counted
BOT_EVERY = timedelta(seconds=1) / 28.5  # 30 a second over all chats, however late some of them arrive

POLL_FOR = timedelta(seconds=25)
ADMINS_KNOWN_FOR = 300.0  # seconds
AT_ONCE = 32  # commands answered at a time
LAST_WORDS = 5.0  # seconds that running commands get at the end
REPLY_PATIENCE = timedelta(seconds=30)
DOWNLOAD_BYTES = 20 * 1024 * 1024  # what bots may fetch: core.telegram.org/bots/api#getfile
PHOTO_BYTES = 10_000_000  # core.telegram.org/bots/api#sendphoto
FILE_PATIENCE = 60  # seconds for a file, in or out
INLINE_MOST = 6  # cards
INLINE_KNOWN_FOR = 30  # seconds that Telegram may show the same person the same answer
# Accounts that speak for others: core.telegram.org/bots/api#message, from
_STAND_INS = frozenset({ChatID.ANONYMOUS_ADMIN, ChatID.FAKE_CHANNEL, ChatID.SERVICE_CHAT})
_TOKEN = re.compile(r"\d+:[\w-]+")

_WHY_NO_MORE = "(Telegram hands bots files of up to 20 MB; the web console may take larger ones.)"

# Libraries that log the addresses they call, and the token is part of an address.
_LOGS_WITH_ADDRESSES = ("httpx", "telegram.Bot")

Result = TypeVar("Result")


@dataclass(frozen=True)
class _Unsaid(logging.Filter):
    """Takes a secret out of log lines. Equal for equal secrets, so that a logger has it once."""

    secret: str

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        if self.secret and self.secret in line:
            record.msg, record.args = line.replace(self.secret, "<token>"), ()
        return True


@dataclass(slots=True)
class _Running:
    """What exists between start and stop."""

    bot: telegram.Bot
    answer: Answer
    username: str
    advice: tuple[str, ...] = ()  # what to set at @BotFather
    offset: int = 0  # of the next update to ask for
    polling: asyncio.Task[None] | None = None
    handling: set[asyncio.Task[None]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Asker:
    user: User
    is_admin: bool
    is_anonymous: bool


class TelegramPlatform(Unasked):
    """One bot account. With `polls=False` it only sends: a second poller of one token gets nothing but conflicts.

    `base_url` ends in "/bot", as python-telegram-bot wants it; the token is appended.
    """

    name = "telegram"
    prefix = "/"  # of commands, in our texts

    def __init__(
        self,
        token: str,
        *,
        base_url: str = f"{API}/bot",
        base_file_url: str = f"{API}/file/bot",
        commands: Sequence[CommandSpec] = (),
        on_chat: OnChat | None = None,
        on_chat_gone: OnChatGone | None = None,
        on_chat_moved: OnChatMoved | None = None,
        polls: bool = True,
        knows: Knows | None = None,
        takes: Takes = lambda _name: True,
        upload_max_bytes: int = UPLOAD_BYTES,
        read_timeout: timedelta = timedelta(seconds=15),
    ) -> None:
        self._token = token.strip()
        for logger in _LOGS_WITH_ADDRESSES:
            logging.getLogger(logger).addFilter(_Unsaid(self._token))
        self._base_url, self._base_file_url = base_url, base_file_url
        self._commands, self._polls, self._read_timeout = tuple(commands), polls, read_timeout
        self.knows, self.takes = knows, takes
        self._upload_max_bytes = min(upload_max_bytes, DOWNLOAD_BYTES)
        self.on_chat, self.on_chat_gone, self.on_chat_moved = on_chat, on_chat_gone, on_chat_moved
        self.on_topic: OnTopic | None = None
        self.on_trouble: Callable[[str], None] = lambda _text: None
        self._running: _Running | None = None
        self._trouble = ""
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._patience = Patience()
        self._admins: dict[int, tuple[float, frozenset[int]]] = {}
        self._topics_seen: set[ChatKey] = set()

    # ------------------------------------------------------------ port

    async def start(self, answer: Answer) -> None:
        if not _TOKEN.fullmatch(self._token):
            raise ConfigError(TOKEN_KEY, "is no bot token", "it looks like 123456:ABC-DEF, and @BotFather shows it")
        bot = self._new_bot()
        try:
            me = await self._connect(bot)
        except BaseException:
            await bot.shutdown()
            raise
        self._running = running = _Running(bot, answer, me.username or "", _advice(me))
        self._trouble = ""
        if self._polls:
            await self._set_menus(bot)
            running.polling = asyncio.create_task(self._poll(running), name="telegram polling")

    async def stop(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        if running.polling:
            running.polling.cancel()
            await asyncio.gather(running.polling, return_exceptions=True)
            await self._confirm(running)
        if running.handling:
            _, late = await asyncio.wait(running.handling, timeout=LAST_WORDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await running.bot.shutdown()

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,  # noqa: ARG002 (so do all)
        silent: bool = False,
        attachment: Attachment | None = None,
        mark: str = "",  # noqa: ARG002 (a message carries nothing that a reader does not see)
    ) -> Receipt:
        reply = int(reply_to.message_id) if reply_to else None
        is_silent = silent or message.severity is Severity.LOW
        try:
            sent = await self._deliver(chat, message, attachment, reply_to=reply, silent=is_silent)
        except TelegramError as error:
            raise await self._delivery_error(chat, error) from None
        return Receipt(chat, str(sent.message_id))

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        text = render_telegram(message)
        try:
            await self._rewrite(receipt, text)
        except BadRequest as error:
            if not says_any(error, (*GONE_MESSAGE, *NO_THREAD)):
                raise await self._delivery_error(receipt.chat, error) from None
            # Nobody asked to be told again: the new message comes without a sound.
            return await self.send(receipt.chat, message, silent=True)
        except TelegramError as error:
            failure = await self._delivery_error(receipt.chat, error)
            failure.uncertain = False  # the same edit twice is one edit
            raise failure from None
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:
        return BOT_EVERY, PRIVATE_EVERY if chat.kind is ChatKind.PRIVATE else GROUP_EVERY

    @property
    def username(self) -> str:
        """The account's name without "@"; "" while not connected."""
        return self._running.username if self._running else ""

    def health(self) -> str:
        if self._running is None:
            return "not connected"
        if self._trouble:
            return f"trouble: {self._trouble}"
        if not self._polls:
            return f"connected as @{self._running.username} to send"  # another connection takes the commands
        return "; ".join([f"connected as @{self._running.username}", *self._running.advice])

    # ------------------------------------------------------------ connecting

    def _new_bot(self) -> telegram.Bot:
        seconds = self._read_timeout.total_seconds()
        return telegram.Bot(
            self._token,
            base_url=self._base_url,
            base_file_url=self._base_file_url,
            request=TelegramRequest(self._base_url, AT_ONCE, seconds),
            get_updates_request=HTTPXRequest(connection_pool_size=1, read_timeout=seconds),
        )

    async def _connect(self, bot: telegram.Bot) -> telegram.User:
        try:
            await bot.initialize()
            if self._polls:
                await bot.delete_webhook()  # polling and a webhook exclude each other
        except InvalidToken:
            # 401: unknown token; 404: malformed token, or an address that is not the Bot API's.
            raise ConfigError(
                TOKEN_KEY,
                "Telegram refuses the token",
                f"copy it again from @BotFather (/mybots, API Token); if {API_KEY} is set, check that address too",
            ) from None
        except TelegramError as error:
            raise ConnectionError(f"cannot reach Telegram: {self._words(error)}") from None
        return bot.bot

    async def _set_menus(self, bot: telegram.Bot) -> None:
        """What a chat's menu shows; rights are checked by the commands themselves."""
        everyone = [command for command in self._menu() if not command[1]]
        both = self._menu()
        scopes = (
            (everyone, BotCommandScopeDefault()),
            (both, BotCommandScopeAllPrivateChats()),
            (everyone, BotCommandScopeAllGroupChats()),
            (both, BotCommandScopeAllChatAdministrators()),
        )
        for menu, scope in scopes:
            try:
                await bot.set_my_commands([command for command, _ in menu], scope=scope)
            except TelegramError as error:
                log.warning("menu not set", scope=scope.type, problem=self._words(error))

    def _menu(self) -> list[tuple[BotCommand, bool]]:
        # Limits of names and descriptions: core.telegram.org/bots/api#botcommand
        return [
            (BotCommand(spec.name, shorten(tidy(spec.summary), 256) or spec.name), spec.admin)
            for spec in self._commands
            if re.fullmatch(r"[a-z0-9_]{1,32}", spec.name)
        ]

    # ------------------------------------------------------------ polling

    async def _poll(self, running: _Running) -> None:
        """For ever: take updates, hand each to its own task. Trouble is shown by `health` and waited out."""
        failures = 0
        while True:
            try:
                updates = await running.bot.get_updates(
                    offset=running.offset or None, timeout=POLL_FOR, allowed_updates=UPDATES
                )
            except Exception as error:  # whatever it is, a bot that polls no more is deaf and nobody knows
                failures += 1
                self._trouble = self._polling_trouble(error)
                log.warning("polling failed", problem=self._trouble, failures=failures)
                await asyncio.sleep(pause_after(error, failures))
            else:
                failures, self._trouble = 0, ""
                for update in updates:
                    running.offset = update.update_id + 1
                    self._spawn(running, self._take(running, update))

    async def _confirm(self, running: _Running) -> None:
        """Tell Telegram which updates were taken, or the next start answers them again."""
        if running.offset:
            with contextlib.suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await running.bot.get_updates(offset=running.offset, timeout=0, allowed_updates=UPDATES)

    def _polling_trouble(self, error: Exception) -> str:
        if isinstance(error, Conflict):
            return "another program polls with this token; stop one of the two"
        if isinstance(error, InvalidToken):
            return f"Telegram refuses the token; check {TOKEN_KEY}"
        return self._words(error)

    def _spawn(self, running: _Running, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        running.handling.add(task)
        task.add_done_callback(running.handling.discard)

    async def _take(self, running: _Running, update: Update) -> None:
        """One update. Those of one chat are taken in order, those of different chats side by side."""
        place = update.effective_chat.id if update.effective_chat else None
        if update.inline_query:
            place = int(update.inline_query.from_user.id)
        if place is None:
            return
        turn = self._turns.setdefault(int(place), asyncio.Lock())
        async with turn, self._places:
            try:
                await self._handle(running, update)
            except Exception as error:  # one update must not end the bot, whatever is in it
                log.error("update not handled", update=update.update_id, problem=self._words(error))

    async def _handle(self, running: _Running, update: Update) -> None:
        if update.my_chat_member:
            await self._on_membership(update.my_chat_member)
        elif update.callback_query:
            await self._on_button(running, update.callback_query)
        elif update.inline_query:
            await self._on_inline(running, update.inline_query)
        elif spoken := update.message or update.channel_post:  # what was edited was a command once, and is none again
            await self._on_message(running, spoken)

    # ------------------------------------------------------------ what people do

    async def _on_message(self, running: _Running, message: telegram.Message) -> None:
        if message.migrate_to_chat_id:
            if self.on_chat_moved:
                await self.on_chat_moved(ChatKey(self.name, str(message.chat.id)), str(message.migrate_to_chat_id))
            return
        await self._see_topic(message)
        text = find_command(message, running.username)
        document = message.document if text or is_file_for_us(message, running.username) else None
        if not (text or document) or message.is_automatic_forward:  # a channel's post in its discussion group
            return
        # An inline bot's words are not the person's either: they picked a picture, say.
        is_forwarded = message.forward_origin is not None or message.via_bot is not None
        if is_forwarded and message.chat.type != ChatType.PRIVATE:
            return
        if (
            text
            and not is_said_to(message, running.username)
            and not self.takes(text.split(maxsplit=1)[0].removeprefix("/"))
        ):
            return
        turn = self._patience.turn(speaker_id(message))
        if turn is Turn.IGNORE:
            return
        asker = await self._asker(running, message)
        request = Request(
            chat_of(message),
            asker.user,
            text,
            is_chat_admin=asker.is_admin,
            prefix=self.prefix,
            is_anonymous=asker.is_anonymous,
            is_forwarded=is_forwarded,
        )
        reply = TOO_FAST if turn is Turn.REFUSE else await self._answered(running, request, document)
        in_private = message.chat.type == ChatType.PRIVATE
        await self._tell(request.chat.key, reply, reply_to=None if in_private else message.message_id)

    async def _see_topic(self, message: telegram.Message) -> None:
        """Telegram tells a topic's name when that is given, and beside what is said in the topic the first one."""
        key, given = chat_of(message).key, message.forum_topic_edited or message.forum_topic_created
        name = (given and given.name) or first_name(message)
        is_told = key in self._topics_seen and not given
        if not (self.on_topic and key.thread and name) or is_told:
            return
        self._topics_seen.add(key)
        await self.on_topic(key, tidy(name), bool(given))

    async def _on_button(self, running: _Running, query: telegram.CallbackQuery) -> None:
        """The answer as a toast; what does not fit in one follows as a reply under the message. What only the person is
        to read stays a toast in a shared chat: Telegram shows nothing else to one member."""
        pressed = query.message
        if pressed is None or not query.data:
            await self._toast(query, "This button is too old. Send the command instead.")
            return
        if not pressed.is_accessible and pressed.chat.is_forum:
            # Of an old message Telegram tells the group and not the topic, which is a chat of its own.
            await self._toast(
                query, f"This button is too old to tell its topic. Send there: /{query.data}", is_alert=True
            )
            return
        if self._patience.turn(str(query.from_user.id)) is not Turn.ANSWER:
            await self._toast(query, toast_text(TOO_FAST), is_alert=True)
            return
        is_admin = await self._is_admin(running, pressed.chat, query.from_user.id)
        request = Request(
            chat_of(pressed), user_of(query.from_user), query.data, is_chat_admin=is_admin, prefix=self.prefix
        )
        reply = await self._answered(running, request)
        if reply.toast and request.chat.kind is not ChatKind.PRIVATE:
            await self._toast(query, one_stop(reply.toast), is_alert=True)
            return
        await self._toast(query, toast_text(reply), is_alert=not reply.ok)
        if has_more_than_toast(reply):
            await self._tell(request.chat.key, reply, reply_to=pressed.message_id)

    async def _answered(self, running: _Running, request: Request, document: telegram.Document | None = None) -> Reply:
        try:
            if document:
                request = replace(request, attachment=await self._download(running, document))
            return await running.answer(request)
        except CommandError as error:
            return Reply(Message(str(error), has_commands=True), ok=False)
        except Exception as error:  # the edge: whatever went wrong inside, the person hears that it did
            log.error(
                "command failed",
                chat=str(request.chat.key),
                command=request.text.split(maxsplit=1)[:1],
                problem=repr(error),
            )
            return Reply(Message("Something went wrong here. It is in the bot's log; please try again."), ok=False)

    async def _tell(self, chat: ChatKey, reply: Reply, *, reply_to: int | None) -> None:
        """A reply to a person: tried again once when Telegram asks for a short pause, else given up with a log line."""
        try:
            await self._deliver(chat, reply.message, reply.attachment, reply_to=reply_to, silent=False)
        except RetryAfter as error:
            if retry_after(error) > REPLY_PATIENCE:
                raise
            await asyncio.sleep(retry_after(error).total_seconds())
            await self._deliver(chat, reply.message, reply.attachment, reply_to=reply_to, silent=False)

    async def _download(self, running: _Running, document: telegram.Document) -> Attachment:
        """What somebody sent. Raises CommandError."""
        name, most = document.file_name or "file", self._upload_max_bytes
        if document.file_size and document.file_size > most:
            raise CommandError(f"{told_too_large(name, document.file_size, most)} {_WHY_NO_MORE}")
        try:
            file = await running.bot.get_file(document.file_id)
            if file.file_size and file.file_size > most:
                raise CommandError(f"{told_too_large(name, file.file_size, most)} {_WHY_NO_MORE}")
            content = bytes(await file.download_as_bytearray(read_timeout=FILE_PATIENCE))
        except TelegramError as error:
            if "file is too big" in error.message.lower():
                raise CommandError(f"{told_too_large(name, None, most)} {_WHY_NO_MORE}") from None
            log.warning("file not fetched", problem=self._words(error))
            raise CommandError(f"{file_name(name)} could not be fetched from Telegram. Please send it again.") from None
        if len(content) > most:
            raise CommandError(told_too_large(name, len(content), most))
        return Attachment(file_name(name), content, document.mime_type or "application/octet-stream")

    async def _toast(self, query: telegram.CallbackQuery, text: str, *, is_alert: bool = False) -> None:
        try:
            await query.answer(shorten(text, TOAST) or None, show_alert=is_alert)
        except TelegramError as error:
            # "query is too old": the person waited long enough to have given up on it.
            log.info("button not answered", problem=self._words(error))

    async def _on_membership(self, change: telegram.ChatMemberUpdated) -> None:
        chat = Chat(ChatKey(self.name, str(change.chat.id)), chat_kind(change.chat), chat_title(change.chat))
        self._admins.pop(change.chat.id, None)
        if is_in(change):
            if self.on_chat:
                await self.on_chat(chat)
        elif self.on_chat_gone:
            is_private = change.chat.type == ChatType.PRIVATE
            reason = "the user blocked the bot" if is_private else "the bot was removed from the chat"
            await self.on_chat_gone(chat, reason)

    # ------------------------------------------------------------ inline mode

    async def _on_inline(self, running: _Running, query: telegram.InlineQuery) -> None:
        """@bot NAME in any chat: the cards of `lookup`, to be sent there. Only people whom the bot knows get any."""
        user, words = user_of(query.from_user), query.query.strip()
        is_known = self.knows is not None and await self.knows(user)
        if not is_known:
            cards = [
                Message("Speak to me first", paragraphs=("Only people who have a chat with this bot may look up.",))
            ]
        elif not words:
            cards = []
        else:
            chat = Chat(ChatKey(self.name, user.id), title=user.name)
            cards = await self._inline_cards(running, Request(chat, user, f"lookup {words}", prefix=self.prefix))
        button = InlineQueryResultsButton(
            "Open the chat with the bot" if not is_known else "Write a name to look it up", start_parameter="inline"
        )
        try:
            await query.answer(
                [inline_card(number, card) for number, card in enumerate(cards)],
                cache_time=INLINE_KNOWN_FOR if is_known else 5,
                is_personal=True,
                button=None if is_known and words else button,
            )
        except TelegramError as error:  # "query is too old": the person has typed on
            log.info("inline query not answered", problem=self._words(error))

    async def _inline_cards(self, running: _Running, request: Request) -> list[Message]:
        """What `lookup` answers; where it asks back which name is meant, the card of each."""
        first = await self._answered(running, request)
        choices = [action.data for action in first.message.actions if action.data]
        if not choices or not all(choice.startswith("lookup ") for choice in choices):
            return [first.message]
        replies = [await self._answered(running, replace(request, text=choice)) for choice in choices[:INLINE_MOST]]
        return [reply.message for reply in replies]

    # ------------------------------------------------------------ rights

    async def _asker(self, running: _Running, message: telegram.Message) -> _Asker:
        """Who speaks, and whether they administer the chat. Anonymous administrators speak as their group, a channel's
        as the channel (core.telegram.org/bots/api#message, sender_chat); who speaks as another channel, a linked one
        included, administers nothing here."""
        speaker, person = message.sender_chat, message.from_user
        if speaker is not None:
            user = User(self.name, str(speaker.id), chat_title(speaker))
            return _Asker(user, is_admin=speaker.id == message.chat.id, is_anonymous=True)
        if person is None or person.id in _STAND_INS:
            user = User(self.name, str(message.chat.id), chat_title(message.chat))
            is_group_admin = person is not None and person.id == ChatID.ANONYMOUS_ADMIN
            return _Asker(user, is_admin=is_group_admin and message.chat.type != ChatType.PRIVATE, is_anonymous=True)
        return _Asker(user_of(person), await self._is_admin(running, message.chat, person.id), is_anonymous=False)

    async def _is_admin(self, running: _Running, chat: telegram.Chat, user: int) -> bool:
        if chat.type == ChatType.PRIVATE:
            return True
        until, admins = self._admins.get(chat.id, (0.0, frozenset()))
        if time.monotonic() >= until:
            try:
                members = await running.bot.get_chat_administrators(chat.id)
            except TelegramError as error:
                log.warning("administrators not known", chat=chat.id, problem=self._words(error))
                return False
            admins = frozenset(member.user.id for member in members)
            self._admins[chat.id] = (time.monotonic() + ADMINS_KNOWN_FOR, admins)
        return user in admins

    # ------------------------------------------------------------ sending

    async def _deliver(
        self, chat: ChatKey, message: Message, attachment: Attachment | None, *, reply_to: int | None, silent: bool
    ) -> telegram.Message:
        """The message, as the file's caption where it fits into one, else below the file. Returns the one with the
        text."""
        text = render_telegram(message)
        if attachment is None:
            return await self._post(chat, text, reply_to=reply_to, silent=silent)
        if units(text.shown) <= MAX_CAPTION:
            return await self._post_file(chat, attachment, text, reply_to=reply_to, silent=silent)
        title = render_telegram(Message(message.title))
        await self._post_file(chat, attachment, title, reply_to=reply_to, silent=silent)
        return await self._post(chat, text, reply_to=None, silent=True)

    async def _post_file(
        self, chat: ChatKey, attachment: Attachment, text: TelegramText, *, reply_to: int | None, silent: bool
    ) -> telegram.Message:
        """A picture as a photo, anything else, and a picture that Telegram does not take as one, as a document."""
        sending = self._place(chat, reply_to, silent) | {
            "caption": text.html,
            "parse_mode": ParseMode.HTML,
            "reply_markup": keyboard_of(text.keyboard),
            "write_timeout": FILE_PATIENCE,
        }
        bot, name = self._bot(chat), file_name(attachment.name)
        if attachment.media_type == "image/png" and len(attachment.content) <= PHOTO_BYTES:
            try:
                return await self._mended(chat, text, sending | {"photo": attachment.content}, bot.send_photo)
            except BadRequest as error:
                if not says_any(error, BAD_PHOTO):
                    raise
        document = InputFile(attachment.content, filename=name)
        return await self._mended(chat, text, sending | {"document": document}, bot.send_document)

    def _place(self, chat: ChatKey, reply_to: int | None, silent: bool) -> dict[str, Any]:
        return {
            "chat_id": telegram_id(chat),
            "message_thread_id": int(chat.thread) if chat.thread else None,
            "disable_notification": silent or None,
            "reply_parameters": ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None,
        }

    async def _post(self, chat: ChatKey, text: TelegramText, *, reply_to: int | None, silent: bool) -> telegram.Message:
        """One message. What Telegram refuses in it (markup, buttons, the topic) is left out, never the content."""
        sending = self._place(chat, reply_to, silent) | content_of(text)
        return await self._mended(chat, text, sending, self._bot(chat).send_message)

    async def _rewrite(self, receipt: Receipt, text: TelegramText) -> None:
        editing = {
            "chat_id": telegram_id(receipt.chat),
            "message_id": int(receipt.message_id),
            **content_of(text),
        }
        try:
            await self._mended(receipt.chat, text, editing, self._bot(receipt.chat).edit_message_text)
        except BadRequest as error:
            if "message is not modified" not in error.message.lower():
                raise

    async def _mended(
        self, chat: ChatKey, text: TelegramText, values: dict[str, Any], call: Callable[..., Awaitable[Result]]
    ) -> Result:
        while True:
            try:
                return await call(**values)
            except BadRequest as error:
                mended = mended_values(values, text, error)
                if mended is None:
                    raise
                log.warning("sent without what Telegram refused", chat=str(chat), problem=self._words(error))
                if mended.get("message_thread_id") != values.get("message_thread_id"):
                    self.on_trouble(f"{chat}: the topic is closed or gone, so its alerts go to the general topic")
                values = mended

    def _bot(self, chat: ChatKey) -> telegram.Bot:
        if self._running is None:
            raise DeliveryError(chat, "Telegram is not connected", retry_after=timedelta(seconds=5))
        return self._running.bot

    async def _delivery_error(self, chat: ChatKey, error: TelegramError) -> DeliveryError:
        match error:
            case RetryAfter():
                return DeliveryError(chat, "Telegram asks for a pause", retry_after=retry_after(error))
            case ChatMigrated():
                return ChatMovedError(chat, str(error.new_chat_id))
            case InvalidToken():
                return DeliveryError(chat, await self._token_trouble())
            case TimedOut() | NetworkError() if not isinstance(error, BadRequest):
                return DeliveryError(chat, self._words(error), uncertain=may_have_arrived(error))
            case _:
                ended = next((advice for words, advice in CHAT_ENDED if words in error.message.lower()), "")
                is_permanent = bool(ended) or isinstance(error, Forbidden)
                is_refused = not is_permanent and isinstance(error, BadRequest)
                return DeliveryError(chat, ended or self._words(error), permanent=is_permanent, refused=is_refused)

    async def _token_trouble(self) -> str:
        """404 and 401 look alike and may come from a gateway: only getMe tells whether the token is refused."""
        if self._running is not None:
            try:
                await self._running.bot.get_me()
            except InvalidToken:
                self._trouble = f"Telegram refuses the token; check {TOKEN_KEY}"
                return self._trouble
            except TelegramError as error:
                return self._words(error)
        return "the Bot API does not know the method, though the token is good"

    def _words(self, error: BaseException) -> str:
        """The error's own words without the token, which addresses carry."""
        return tidy(f"{error}" or type(error).__name__).replace(self._token, "<token>")


def _advice(me: telegram.User) -> tuple[str, ...]:
    """What @BotFather has set otherwise than this bot expects (core.telegram.org/bots/api#user)."""
    inline = "inline mode is off (switch it on with /setinline at @BotFather)"
    privacy = "privacy mode is off: it is shown all that people write in its groups (/setprivacy at @BotFather)"
    joins = "it cannot be added to groups (/setjoingroups at @BotFather)"
    return (
        *([] if me.supports_inline_queries else [inline]),
        *([privacy] if me.can_read_all_group_messages else []),
        *([joins] if me.can_join_groups is False else []),
    )
