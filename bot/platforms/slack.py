"""Slack by slack-bolt: one slash command, mentions, direct messages and buttons -> Request; Message -> blocks.

Socket Mode with an app token; with a signing secret instead, Slack calls `http_routes()`. With neither it only sends.
Nothing is retried here: a send that Slack refuses, or whose answer is lost, is told as a DeliveryError.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import CommandError, DeliveryError
from bot.model import Attachment, Chat, ChatKey, ChatKind, Message, Receipt, Reply, Request, User
from bot.platforms import UPLOAD_BYTES, CommandSpec, OnChat, OnChatGone, OnChatMoved
from bot.platforms.patience import TOO_FAST, Patience, Turn
from bot.platforms.slack_errors import (
    BAD_BLOCKS,
    CHAT_ENDED,
    GONE_MESSAGE,
    NEVER_SENT,
    TOKEN_REFUSED,
    error_code,
    refused_start,
    retry_after,
    told_error,
)
from bot.platforms.slack_modals import Modals
from bot.ports import Answer, Sight
from bot.rendering import SlackMessage, file_name, render_plain, render_slack, shorten, tidy, told_too_large
from bot.rendering.slack import ACTION_PREFIX, LINK_PREFIX

log = structlog.get_logger(__name__)

BOT_TOKEN_KEY = "SANCTIONS_BOT_SLACK_BOT_TOKEN"  # noqa: S105 (a setting's name)
APP_TOKEN_KEY = "SANCTIONS_BOT_SLACK_APP_TOKEN"  # noqa: S105
API = "https://slack.com/api/"
SLASH = "/sanctions"
HTTP_PATH = "/slack/events"

MOST_CALL = 1_000_000  # bytes; a form with all its fields filled in has some 100 kB
FILE_HOST = "files.slack.com"
FILE_WITHIN = 60.0  # seconds
CHANNEL_EVERY = timedelta(seconds=1)  # docs.slack.dev: chat.postMessage, one a second for each channel
CONNECT_WITHIN = 20.0  # seconds
KNOWN_FOR = 300.0  # seconds that a person's rights and a channel's membership are remembered
REMEMBERED = 2_000  # events, to know a retry again
STOPPED_FOR = timedelta(minutes=10)  # before the next try with a token that Slack refuses

MARKED = "sanctions_bot_delivery"  # metadata.event_type
CLOCKS_APART = timedelta(minutes=5)  # ours and Slack's, by which it dates messages
MOST_PAGES = 10
# The manifest's scopes, and what goes missing with each (docs/configuration.md).
SCOPES = {
    "app_mentions:read": "mentions of the bot are not read",
    "channels:history": "whether an alert arrived whose answer was lost is not known in public channels",
    "channels:read": "public channels are not known by name, nor when the bot is removed from one",
    "chat:write": "nothing can be sent",
    "commands": "/sanctions does not work",
    "files:read": "lists of names that people send cannot be read",
    "files:write": "answers that are files or pictures cannot be sent",
    "groups:history": "whether an alert arrived whose answer was lost is not known in private channels",
    "groups:read": "private channels are not known by name, nor when the bot is removed from one",
    "im:history": "direct messages to the bot are not read",
    "im:read": "direct messages to the bot are not known as such",
    "im:write": "files that are for one person alone cannot be sent",
    "users:read": "who administers the workspace is not known",
}
# Without the scope channels:history (groups:history, im:history), or where Slack gives the app no history.
_MAY_NOT_READ = frozenset({"missing_scope", "not_allowed_token_type", "no_permission", "access_denied"})


@dataclass(frozen=True, slots=True)
class _Me:
    user: str
    name: str
    team: str = ""


class SlackPlatform:
    """One app in one workspace."""

    name = "slack"
    prefix = f"{SLASH} "  # of commands, in our texts

    def __init__(
        self,
        bot_token: str,
        *,
        app_token: str | None = None,
        signing_secret: str | None = None,
        base_url: str = API,
        commands: Sequence[CommandSpec] = (),
        on_chat: OnChat | None = None,
        on_chat_gone: OnChatGone | None = None,
        on_chat_moved: OnChatMoved | None = None,
        listens: bool = True,
        upload_max_bytes: int = UPLOAD_BYTES,
        timeout: timedelta = timedelta(seconds=20),
    ) -> None:
        self._token, self._app_token, self._signing_secret = bot_token.strip(), app_token, signing_secret
        self._base_url = base_url.rstrip("/") + "/"
        self._commands, self._listens, self._timeout = tuple(commands), listens, timeout
        self._upload_max_bytes = upload_max_bytes
        self.on_chat, self.on_chat_gone, self.on_chat_moved = on_chat, on_chat_gone, on_chat_moved
        # Sends are not retried below us: a retry after a lost answer posts twice.
        self._sender = self._client(self._token)
        self._reader = self._client(self._token, AsyncConnectionErrorRetryHandler(), AsyncRateLimitErrorRetryHandler())
        self._answer: Answer | None = None
        self._me: _Me | None = None
        self._trouble = ""
        self._missing: tuple[str, ...] = ()  # scopes
        self.on_trouble: Callable[[str], None] = lambda _text: None
        self._modals = Modals(self.name, self._sender, self._answered_form, self._tell)
        self._bolt: AsyncApp | None = None
        self._socket: AsyncSocketModeHandler | None = None
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._patience = Patience()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}
        self._names: dict[str, str] = {}  # of people and channels, by id

    # ------------------------------------------------------------ port

    async def start(self, answer: Answer) -> None:
        self._me = await self._who_am_i()
        self._answer, self._trouble = answer, ""
        if self._missing:
            self.on_trouble(self._told_missing())
        if self._listens and (self._app_token or self._signing_secret):
            self._bolt = self._new_bolt()
        if self._bolt and self._app_token:
            await self._open_socket(self._bolt, self._app_token)

    async def stop(self) -> None:
        socket, self._socket, self._answer, self._bolt = self._socket, None, None, None
        if socket:
            await socket.close_async()  # type: ignore[no-untyped-call]

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,
        silent: bool = False,  # noqa: ARG002 (Slack leaves that to each reader)
        attachment: Attachment | None = None,
        mark: str = "",
    ) -> Receipt:
        root = _root(reply_to) if reply_to else ""
        thread = {"thread_ts": root} if root else {}
        extra: dict[str, Any] = {**thread, **({"reply_broadcast": True} if root and aloud else {})}
        if mark:
            extra["metadata"] = {"event_type": MARKED, "event_payload": {"mark": mark}}
        answer = await self._call(chat, self._sender.chat_postMessage, render_slack(message), channel=chat.id, **extra)
        # A person's id stands for their direct chat, which has an id of its own; edits and files want that one.
        sent = Receipt(replace(chat, id=str(answer.get("channel") or chat.id), thread=root), str(answer["ts"]))
        if attachment:
            await self._upload(sent.chat, attachment, message, **thread)
        return sent

    async def find_sent(
        self, chat: ChatKey, mark: str, since: datetime, *, reply_to: Receipt | None = None
    ) -> Receipt | Sight:
        """Looks through the channel, or the thread, for the mark (docs.slack.dev/messaging/message-metadata)."""
        where: dict[str, Any] = {"channel": chat.id, "oldest": f"{(since - CLOCKS_APART).timestamp():.6f}"}
        if reply_to:
            where["ts"] = _root(reply_to)
        method = self._reader.conversations_replies if reply_to else self._reader.conversations_history
        cursor = ""
        for _page in range(MOST_PAGES):
            try:
                answer = await method(
                    **where, include_all_metadata=True, inclusive=True, limit=200, cursor=cursor or None
                )
            except SlackApiError as error:
                if error_code(error) == "thread_not_found":
                    return Sight.ABSENT
                if error_code(error) in _MAY_NOT_READ:
                    log.warning(
                        "slack may not be read", chat=str(chat), problem=error_code(error), scope="channels:history"
                    )
                    return Sight.UNKNOWN
                raise self._delivery_error(chat, error) from None
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                raise DeliveryError(chat, f"cannot reach Slack: {told_error(error)}") from None
            if found := _find_mark(answer.get("messages") or (), mark):
                return Receipt(replace(chat, thread=_root(reply_to) if reply_to else ""), found)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return Sight.ABSENT
        return Sight.UNKNOWN

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        chat, content = receipt.chat, render_slack(message)
        try:
            await self._call(chat, self._sender.chat_update, content, channel=chat.id, ts=receipt.message_id)
        except _MessageGoneError:
            return await self.send(chat, message)
        except DeliveryError as error:
            error.uncertain = False  # the same edit twice is one edit
            raise
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002 (the same for all)
        return timedelta(0), CHANNEL_EVERY

    def health(self) -> str:
        if self._me is None:
            return "not connected"
        if self._trouble:
            return f"trouble: {self._trouble}"
        if self._socket is not None:
            session = self._socket.client.current_session
            if session is None or session.closed:
                return "trouble: Slack ended the connection; connecting again"
            return self._connected("")
        if self._bolt is not None:
            return self._connected(f", Slack calls {HTTP_PATH}")
        if self._listens:
            return self._connected(f", only sends: set {APP_TOKEN_KEY} for it to take commands")
        return self._connected(" to send")  # another connection takes the commands

    def _connected(self, how: str) -> str:
        name = self._me.name if self._me else ""
        return f"connected as @{name}{how}" + (f". {self._told_missing()}" if self._missing else "")

    def _told_missing(self) -> str:
        which = "the scope" if len(self._missing) == 1 else "the scopes"
        return (
            f"The Slack app lacks {which} {', '.join(self._missing)}: add under OAuth & Permissions and install it "
            f"again; until then {'; '.join(SCOPES[scope] for scope in self._missing)}"
        )

    def http_routes(self) -> tuple[Route, ...]:
        """What Slack calls when there is no app token: commands, events and buttons alike. Requests are taken once
        the platform has started, and only with Slack's signature of the last five minutes."""
        if self._app_token or not self._signing_secret:
            return ()

        async def handle(request: HttpRequest) -> Response:
            if self._bolt is None:
                return PlainTextResponse("not connected to Slack yet", 503)
            # Whoever calls is known by a signature of the whole body, and anybody may call.
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_CALL:
                    return PlainTextResponse("larger than what Slack sends", 413)
            return await AsyncSlackRequestHandler(self._bolt).handle(_with_body(request, bytes(body)))

        return (Route(HTTP_PATH, handle, methods=["POST"]),)

    # ------------------------------------------------------------ connecting

    def _client(self, token: str, *retries: Any) -> AsyncWebClient:
        seconds = int(self._timeout.total_seconds()) or 1
        return AsyncWebClient(token, base_url=self._base_url, timeout=seconds, retry_handlers=list(retries))

    async def _who_am_i(self) -> _Me:
        try:
            me = await self._reader.auth_test()
        except SlackApiError as error:
            raise refused_start(error, BOT_TOKEN_KEY, "xoxb-", "OAuth & Permissions, Bot User OAuth Token") from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise ConnectionError(f"cannot reach Slack: {told_error(error)}") from None
        granted = _granted(me)
        self._missing = tuple(scope for scope in SCOPES if granted and scope not in granted)
        return _Me(str(me["user_id"]), str(me["user"]), str(me.get("team_id") or ""))

    async def _open_socket(self, bolt: AsyncApp, app_token: str) -> None:
        """Bolt's own connect() tries for ever and tells nobody, so the address is asked for here first."""
        client = self._client(app_token, AsyncConnectionErrorRetryHandler())
        try:
            address = await client.apps_connections_open(app_token=app_token)
        except SlackApiError as error:
            advice = "Basic Information, App-Level Tokens, with the scope connections:write"
            raise refused_start(error, APP_TOKEN_KEY, "xapp-", advice) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise ConnectionError(f"cannot reach Slack: {told_error(error)}") from None
        socket = AsyncSocketModeHandler(bolt, app_token, web_client=client)
        socket.client.wss_uri = address["url"]
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await socket.connect_async()  # type: ignore[no-untyped-call]
        except BaseException as error:
            await socket.close_async()  # type: ignore[no-untyped-call]
            if isinstance(error, TimeoutError):
                raise ConnectionError(f"Slack did not take the connection in {CONNECT_WITHIN:g} s") from None
            raise
        self._socket = socket

    def _new_bolt(self) -> AsyncApp:
        bolt = AsyncApp(
            client=self._client(self._token, AsyncConnectionErrorRetryHandler()),
            signing_secret=self._signing_secret,
            # Socket Mode is authenticated by its app token; over HTTP every request is checked.
            request_verification_enabled=not self._app_token,
        )
        bolt.command(SLASH)(self._on_slash)
        bolt.action(re.compile(f"^{ACTION_PREFIX}"))(self._on_button)
        bolt.action(re.compile(f"^{LINK_PREFIX}"))(_acknowledge)
        self._modals.register(bolt)
        bolt.event("app_mention")(self._on_mention)
        bolt.event("message")(self._on_message)
        bolt.event("member_joined_channel")(self._on_joined)
        for event in ("member_left_channel", "channel_left", "group_left"):
            bolt.event(event)(self._on_left)
        for event, reason in _ENDINGS.items():
            bolt.event(event)(self._ending(reason))
        for event in ("channel_unarchive", "group_unarchive"):
            bolt.event(event)(self._on_reopened)
        bolt.event("channel_id_changed")(self._on_moved)
        for event in ("tokens_revoked", "app_uninstalled"):
            bolt.event(event)(self._on_revoked)
        return bolt

    # ------------------------------------------------------------ what people do

    async def _on_slash(self, ack: Any, respond: Any, body: dict[str, Any]) -> None:
        await ack()  # Slack wants it within three seconds
        if self._is_retry(body.get("trigger_id")):
            return
        chat = self._chat(body["channel_id"], body.get("channel_name", ""))
        user = User(self.name, body["user_id"], body.get("user_name", ""))
        reply = await self._answered(chat, user, plain_text(body.get("text", "")))
        if reply is None or await self._opened(body, chat, reply):
            return
        if not await self._is_member(chat):
            reply = replace(reply, message=_with_invitation(reply.message, self._me))
        await self._respond(respond, chat, user, reply)

    async def _on_button(self, ack: Any, respond: Any, body: dict[str, Any]) -> None:
        await ack()
        action = body["actions"][0]
        if self._is_retry(body.get("trigger_id")) or not action.get("value"):
            return
        place, who = body.get("channel") or {}, body["user"]
        chat = self._chat(place.get("id", who["id"]), place.get("name", ""))
        user = User(self.name, who["id"], who.get("username") or who.get("name", ""))
        reply = await self._answered(chat, user, action["value"])
        if reply and not await self._opened(body, chat, reply):
            await self._respond(respond, chat, user, reply, **_thread_of(body))

    async def _opened(self, body: dict[str, Any], chat: Chat, reply: Reply) -> bool:
        """Whether the answer is a form, and stands open before the person."""
        return reply.form is not None and await self._modals.open(body.get("trigger_id", ""), chat, reply.form)

    async def _on_mention(self, ack: Any, event: dict[str, Any], body: dict[str, Any]) -> None:
        await ack()
        if not self._is_retry(body.get("event_id")) and event.get("user"):
            await self._on_words(event, re.sub(r"^\s*(?:<@\w+(?:\|[^>]*)?>\s*)+", "", event.get("text", "")))

    async def _on_message(self, ack: Any, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Direct messages; what is said in channels is none of our business."""
        await ack()
        is_spoken = event.get("user") and not event.get("bot_id") and event.get("subtype") in (None, "file_share")
        if event.get("channel_type") == "im" and is_spoken and not self._is_retry(body.get("event_id")):
            await self._on_words(event, event.get("text", ""))

    async def _on_words(self, event: dict[str, Any], text: str) -> None:
        chat, user = self._chat(event["channel"]), User(self.name, event["user"])
        files = event.get("files") or []
        reply = await self._answered(chat, user, plain_text(text), files[0] if files else None)
        if reply is None:
            return
        if len(files) > 1:
            reply = replace(reply, message=_with_note(reply.message, "One file at a time: only the first was taken."))
        thread = {"thread_ts": event["thread_ts"]} if event.get("thread_ts") else {}
        try:
            if reply.private and chat.kind is not ChatKind.PRIVATE:
                reply = await self._with_file_aside(user, reply)
                await self._whisper(chat, user, reply.message, **thread)
            else:
                content = render_slack(reply.message)
                await self._call(chat.key, self._sender.chat_postMessage, content, channel=chat.key.id, **thread)
                if reply.attachment:
                    await self._upload(chat.key, reply.attachment, reply.message, **thread)
        except DeliveryError as error:
            log.warning("reply not sent", chat=str(chat.key), problem=error.problem)

    async def _answered_form(self, chat: Chat, user: User, text: str, fields: Mapping[str, str]) -> Reply | None:
        return await self._answered(chat, user, text, fields=fields)

    async def _answered(
        self,
        chat: Chat,
        user: User,
        text: str,
        file: dict[str, Any] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Reply | None:
        """The answer to one command; those of one chat are taken in order. None while the platform stops."""
        turn = self._turns.setdefault(chat.key.id, asyncio.Lock())
        async with turn:
            if self._answer is None:
                return None
            patience = self._patience.turn(user.id)
            if patience is not Turn.ANSWER:
                return replace(TOO_FAST, private=True) if patience is Turn.REFUSE else None
            is_admin = await self._is_admin(chat, user)
            chat, user = await self._named(chat, user)
            words = text.strip() or ("" if file else "help")
            request = Request(chat, user, words, is_chat_admin=is_admin, prefix=self.prefix, fields=fields or {})
            try:
                if file:
                    request = replace(request, attachment=await self._download(file))
                return await self._answer(request)
            except CommandError as error:
                return Reply(Message(str(error)), ok=False)
            except Exception as error:  # the edge: whatever went wrong inside, the person hears that it did
                log.error("command failed", chat=str(chat.key), command=text.split(maxsplit=1)[:1], problem=repr(error))
                return Reply(Message("Something went wrong here. It is in the bot's log; please try again."), ok=False)

    async def _respond(self, respond: Any, chat: Chat, user: User, reply: Reply, **thread: str) -> None:
        """By the response_url, which works where the bot is no member; by a whisper if that fails."""
        reply = await self._with_file(chat, user, reply)
        content = render_slack(reply.message)
        try:
            answer = await respond(
                text=content.text,
                blocks=list(content.blocks),
                response_type="ephemeral" if reply.private else "in_channel",
                replace_original=False,
                unfurl_links=False,
                unfurl_media=False,
                **thread,
            )
            if answer.status_code == 200:
                return
            problem = f"{answer.status_code} {tidy(str(answer.body))[:100]}"
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            problem = told_error(error)
        log.info("response_url failed", chat=str(chat.key), problem=problem)
        try:
            await self._whisper(chat, user, reply.message, **thread)
        except DeliveryError as error:
            log.warning("reply not sent", chat=str(chat.key), problem=error.problem)

    async def _whisper(self, chat: Chat, user: User, message: Message, **thread: str) -> None:
        content = render_slack(message)
        sender = self._sender.chat_postEphemeral
        await self._call(chat.key, sender, content, channel=chat.key.id, user=user.id, **thread)

    async def _tell(self, chat: Chat, user: User, reply: Reply) -> None:
        """An answer without a response_url: shown to the asker in the chat, or directly where the bot is no member."""
        try:
            if chat.kind is not ChatKind.PRIVATE and await self._is_member(chat):
                await self._whisper(chat, user, reply.message)
            else:
                place = chat.key if chat.kind is ChatKind.PRIVATE else await self._direct(user)
                await self.send(place, reply.message)
        except DeliveryError as error:
            log.warning("reply not sent", chat=str(chat.key), problem=error.problem)

    # ------------------------------------------------------------ files

    async def _download(self, file: dict[str, Any]) -> Attachment:
        """What somebody sent. Raises CommandError."""
        if file.get("file_access") == "check_file_info" or not file.get("url_private"):
            try:
                answer = await self._reader.files_info(file=str(file.get("id", "")))
                file = answer["file"] or {}
            except (TimeoutError, SlackApiError, aiohttp.ClientError, OSError) as error:
                raise CommandError(_unread(file, told_error(error))) from None
        name, most = str(file.get("name") or "file"), self._upload_max_bytes
        if int(file.get("size") or 0) > most:
            raise CommandError(told_too_large(name, int(file["size"]), most))
        address = str(file.get("url_private_download") or file.get("url_private") or "")
        if not self._is_slacks(address):
            raise CommandError(_unread(file, "it is not kept by Slack itself"))
        try:
            content = await self._fetch(address, name)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise CommandError(_unread(file, told_error(error))) from None
        return Attachment(file_name(name), content, str(file.get("mimetype") or "application/octet-stream"))

    def _is_slacks(self, address: str) -> bool:
        """Whether the token may go there: to Slack's file host, or to where the API is."""
        try:
            parts, api = urlsplit(address), urlsplit(self._base_url)
        except ValueError:
            return False
        return (parts.scheme, parts.netloc) in (("https", FILE_HOST), (api.scheme, api.netloc))

    async def _fetch(self, address: str, name: str) -> bytes:
        """Redirects are not followed: Slack sends whoever may not read the file to its login page."""
        headers, most = {"Authorization": f"Bearer {self._token}"}, self._upload_max_bytes
        limit = aiohttp.ClientTimeout(total=FILE_WITHIN)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.get(address, headers=headers, allow_redirects=False) as answer,
        ):
            is_page = answer.content_type == "text/html" and not name.lower().endswith((".html", ".htm"))
            if answer.status in (301, 302, 303, 307, 401, 403) or (answer.status == 200 and is_page):
                raise CommandError(_unread({"name": name}, "the app lacks the scope files:read; an admin can add it"))
            if answer.status != 200:
                raise CommandError(_unread({"name": name}, f"Slack answered {answer.status}"))
            content = bytearray()
            async for chunk in answer.content.iter_chunked(1 << 16):
                content += chunk
                if len(content) > most:
                    raise CommandError(told_too_large(name, None, most))
        return bytes(content)

    async def _with_file(self, chat: Chat, user: User, reply: Reply) -> Reply:
        """The reply once its file is sent: into the chat if all may see it and the bot is there, else to the asker."""
        if reply.attachment is None:
            return reply
        if chat.kind is not ChatKind.PRIVATE and (reply.private or not await self._is_member(chat)):
            return await self._with_file_aside(user, reply)
        try:
            await self._upload(chat.key, reply.attachment, reply.message)
        except DeliveryError as error:
            return replace(reply, message=_with_note(reply.message, f"The file did not arrive: {error.problem}."))
        return reply

    async def _with_file_aside(self, user: User, reply: Reply) -> Reply:
        """Slack shows files to nobody alone in a channel, so a private one goes to the asker's direct chat."""
        if reply.attachment is None:
            return reply
        try:
            await self._upload(await self._direct(user), reply.attachment, reply.message)
            note = f"The file {file_name(reply.attachment.name)} is in your direct messages with me."
        except DeliveryError as error:
            note = f"The file did not arrive: {error.problem}."
        return replace(reply, message=_with_note(reply.message, note))

    async def _direct(self, user: User) -> ChatKey:
        place = ChatKey(self.name, user.id)
        try:
            answer = await self._sender.conversations_open(users=user.id)
        except SlackApiError as error:
            raise self._delivery_error(place, error) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise DeliveryError(place, f"cannot reach Slack: {told_error(error)}") from None
        return ChatKey(self.name, str((answer["channel"] or {}).get("id", user.id)))

    async def _upload(self, chat: ChatKey, attachment: Attachment, message: Message, **thread: str) -> None:
        """The file into the chat, in Slack's three steps. Raises DeliveryError."""
        name, is_picture = file_name(attachment.name), attachment.media_type.startswith("image/")
        try:
            await self._sender.files_upload_v2(
                filename=name,
                content=attachment.content,
                title=shorten(tidy(message.title), 150) or name,
                alt_txt=shorten(tidy(render_plain(message)), 900) if is_picture else None,
                channel=chat.id,
                **thread,  # type: ignore[arg-type]
            )
        except SlackApiError as error:
            raise self._delivery_error(chat, error) from None
        except (TimeoutError, SlackRequestError, aiohttp.ClientError, OSError) as error:
            raise DeliveryError(chat, f"the file was not taken by Slack: {told_error(error)}") from None

    # ------------------------------------------------------------ what happens to channels

    async def _on_joined(self, event: dict[str, Any]) -> None:
        if self._me and event.get("user") == self._me.user:
            self._known.pop(("member", event["channel"]), None)
            if self.on_chat:
                chat, _ = await self._named(self._chat(event["channel"]), User(self.name, self._me.user, self._me.name))
                await self.on_chat(chat)

    async def _on_left(self, event: dict[str, Any]) -> None:
        # channel_left tells the bot of itself and has no user.
        if self._me and event.get("user", self._me.user) == self._me.user:
            await self._gone(event["channel"], f"the bot was removed; invite it again: /invite @{self._me.name}")

    def _ending(self, reason: str) -> Callable[..., Awaitable[None]]:
        async def on_ended(event: dict[str, Any]) -> None:
            await self._gone(event["channel"], reason)

        return on_ended

    async def _gone(self, channel: str, reason: str) -> None:
        self._known.pop(("member", channel), None)
        if self.on_chat_gone:
            await self.on_chat_gone(self._chat(channel), reason)

    async def _on_reopened(self, event: dict[str, Any]) -> None:
        if self.on_chat:
            await self.on_chat(self._chat(event["channel"]))

    async def _on_moved(self, event: dict[str, Any]) -> None:
        if self.on_chat_moved:
            await self.on_chat_moved(ChatKey(self.name, event["old_channel_id"]), event["new_channel_id"])

    async def _on_revoked(self) -> None:
        self._trouble = f"the app was removed from the workspace; install it again and renew {BOT_TOKEN_KEY}"
        log.error("slack revoked", problem=self._trouble)

    def _is_retry(self, key: str | None) -> bool:
        """Slack sends again what it believes we missed: now, after a minute, after five."""
        if not key:
            return False
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    # ------------------------------------------------------------ rights and places

    def _chat(self, channel: str, title: str = "") -> Chat:
        is_direct = channel.startswith(("D", "U", "W"))
        shown = "" if is_direct or title in ("privategroup", "directmessage") else title
        return Chat(ChatKey(self.name, channel), ChatKind.PRIVATE if is_direct else ChatKind.CHANNEL, shown)

    async def _named(self, chat: Chat, user: User) -> tuple[Chat, User]:
        """With the names that Slack did not send along: a mention brings none, a private channel never has its own."""
        if chat.kind is not ChatKind.PRIVATE and not chat.title:
            await self._is_member(chat)  # which tells its name too
            chat = replace(chat, title=self._names.get(chat.key.id, ""))
        return chat, user if user.name else replace(user, name=self._names.get(user.id, ""))

    async def _is_admin(self, chat: Chat, user: User) -> bool:
        """Everybody in a direct chat; elsewhere the workspace's owners and administrators."""
        if chat.kind is ChatKind.PRIVATE:
            return True

        async def ask() -> bool:
            person = (await self._reader.users_info(user=user.id))["user"] or {}
            self._names[user.id] = str(person.get("name") or "")
            is_admin = bool(person.get("is_admin") or person.get("is_owner"))
            return is_admin and _is_of(person, self._me.team if self._me else "")

        return await self._remembered("admin", user.id, ask, otherwise=False)

    async def _is_member(self, chat: Chat) -> bool:
        """Whether alerts can arrive there; True if Slack does not tell."""
        if chat.kind is ChatKind.PRIVATE:
            return True

        async def ask() -> bool:
            try:
                answer = await self._reader.conversations_info(channel=chat.key.id)
            except SlackApiError as error:
                if error_code(error) == "channel_not_found":  # a private channel without us
                    return False
                raise
            channel = answer["channel"] or {}
            self._names[chat.key.id] = str(channel.get("name") or "")
            return bool(channel.get("is_member"))

        is_member = await self._remembered("member", chat.key.id, ask, otherwise=True)
        if not is_member:  # it may be invited any moment, on our own advice
            self._known.pop(("member", chat.key.id), None)
        return is_member

    async def _remembered(self, what: str, key: str, ask: Callable[[], Awaitable[bool]], *, otherwise: bool) -> bool:
        until, known = self._known.get((what, key), (0.0, False))
        if time.monotonic() < until:
            return known
        try:
            known = await ask()
        except (TimeoutError, SlackApiError, aiohttp.ClientError, OSError) as error:
            log.warning("slack did not tell", what=what, of=key, problem=told_error(error))
            return otherwise
        self._known[(what, key)] = (time.monotonic() + KNOWN_FOR, known)
        return known

    # ------------------------------------------------------------ sending

    async def _call(
        self, chat: ChatKey, method: Callable[..., Awaitable[Any]], content: SlackMessage, **values: Any
    ) -> Any:
        """One call with the message; its text alone if Slack does not take the blocks. Raises DeliveryError."""
        if self._me is None:
            raise DeliveryError(chat, "Slack is not connected", retry_after=timedelta(seconds=5))
        if method != self._sender.chat_update:
            values |= {"unfurl_links": False, "unfurl_media": False}
        for blocks in (list(content.blocks), None):
            try:
                return await method(text=content.text, blocks=blocks, **values)
            except SlackApiError as error:
                if blocks is None or error_code(error) not in BAD_BLOCKS:
                    raise self._delivery_error(chat, error) from None
                log.warning("sent without blocks", chat=str(chat), problem=told_error(error))
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                is_lost = not isinstance(error, NEVER_SENT)
                raise DeliveryError(chat, f"cannot reach Slack: {told_error(error)}", uncertain=is_lost) from None
        raise AssertionError("unreachable: the second try returns or raises")

    def _delivery_error(self, chat: ChatKey, error: SlackApiError) -> DeliveryError:
        code, bot = error_code(error), self._me.name if self._me else "the bot"
        if code in GONE_MESSAGE:
            return _MessageGoneError(chat, f"Slack says {code}")
        if code in ("ratelimited", "rate_limited", "message_limit_exceeded") or error.response.status_code == 429:
            return DeliveryError(chat, "Slack asks for a pause", retry_after=retry_after(error))
        if code in CHAT_ENDED:
            return DeliveryError(chat, CHAT_ENDED[code].format(bot=bot), permanent=True)
        if code in TOKEN_REFUSED:
            # Not the chat's fault: its subscriptions must not stop with the token.
            self._trouble = f"{TOKEN_REFUSED[code]}; check {BOT_TOKEN_KEY}"
            return DeliveryError(chat, self._trouble, retry_after=STOPPED_FOR)
        if code == "missing_scope":
            needed = error.response.get("needed", "")
            self._trouble = f"the app lacks the scope {needed}; add it under OAuth & Permissions and install it again"
            return DeliveryError(chat, self._trouble, retry_after=STOPPED_FOR)
        if code in ("HTTP 502", "HTTP 504"):  # a gateway does not know what the server behind it did
            return DeliveryError(chat, f"Slack says {code}", uncertain=True)
        is_refused = code in BAD_BLOCKS or code in ("no_text", "too_many_attachments", "invalid_arguments")
        return DeliveryError(chat, f"Slack says {code}", refused=is_refused)


def _with_body(request: HttpRequest, body: bytes) -> HttpRequest:
    """The request as if its body came only now."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return HttpRequest(request.scope, receive)


def _granted(answer: AsyncSlackResponse) -> frozenset[str]:
    """The token's scopes, as Slack puts them into a header of each answer (docs.slack.dev/reference/scopes)."""
    headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
    return frozenset(filter(None, (scope.strip() for scope in headers.get("x-oauth-scopes", "").split(","))))


def _is_of(person: Mapping[str, Any], team: str) -> bool:
    """False for a person of another workspace in a shared channel, where they may well be an administrator. In an
    organisation a person has several workspaces (docs.slack.dev/reference/objects/user-object)."""
    teams = {person.get("team_id"), *((person.get("enterprise_user") or {}).get("teams") or ())} - {None, ""}
    return not team or not teams or team in teams


class _MessageGoneError(DeliveryError):
    """The message to edit is not there any more, or too old to be edited."""


_ENDINGS = {
    "channel_archive": "the channel was archived",
    "group_archive": "the channel was archived",
    "channel_deleted": "the channel was deleted",
    "group_deleted": "the channel was deleted",
}


def _root(receipt: Receipt) -> str:
    """The message that a thread is of: what answers an answer stands in the same one. Slack asks for that, and not for
    the answer (docs.slack.dev/reference/methods/chat.postMessage); its receipt keeps it."""
    return receipt.chat.thread or receipt.message_id


def _find_mark(messages: Sequence[Mapping[str, Any]], mark: str) -> str:
    """The `ts` of the message with this mark, or ""."""
    for message in messages:
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == MARKED and (metadata.get("event_payload") or {}).get("mark") == mark:
            return str(message.get("ts", ""))
    return ""


def _thread_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Where the answer to a button below a reply in a thread belongs; {} for one in the channel itself."""
    message = body.get("message") or {}
    thread = message.get("thread_ts") or (body.get("container") or {}).get("thread_ts")
    return {"thread_ts": str(thread)} if thread and thread != message.get("ts") else {}


async def _acknowledge(ack: Any) -> None:
    """Buttons that open an address tell us too."""
    await ack()


def plain_text(text: str) -> str:
    """What a person typed, from Slack's markup: '<https://a.org|a.org> &amp; <#C1|news>' -> 'https://a.org & slack:C1'.
    A channel by its id, as the commands take it: another may have the same name. People stay as they are."""
    text = re.sub(r"<(https?://[^|>]+)(?:\|[^>]*)?>", r"\1", text)
    text = re.sub(r"<#([A-Z0-9]+)(?:\|[^>]*)?>", r"slack:\1", text)
    text = re.sub(r"<![^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<(?:mailto:|tel:)[^|>]*\|([^>]*)>", r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _unread(file: Mapping[str, Any], why: str) -> str:
    return f"{file_name(str(file.get('name') or 'The file'))} could not be read: {why}. Please send it again."


def _with_note(message: Message, note: str) -> Message:
    """Parted from what stands there: that may end with a command, to be copied."""
    return replace(message, footer=f"{message.footer} · {note}" if message.footer else note)


def _with_invitation(message: Message, me: _Me | None) -> Message:
    invitation = f"I am not in this channel, so no alert can arrive here: send /invite @{me.name if me else 'bot'}"
    return _with_note(message, invitation)
