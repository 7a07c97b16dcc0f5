"""A Telegram Bot API on loopback: people, groups, topics and channels in memory, real HTTP, real limits, and faults to
order. HTML is judged by Telegram's own parser (tdjson). What is checked is what core.telegram.org/bots/api promises.

    async with TelegramServer() as server:
        ana = server.private("Ana")
        ...                                             # start the bot at server.url with server.token
        await server.user_says(ana, "/subscribe")
        (reply,) = await server.wait_messages(ana)
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import itertools
import json
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

import tdjson
from aiohttp import web

Json = dict[str, Any]
Where = Literal["answer", "close", "close after", "hang after"]

MAX_UNITS = 4_096
MAX_CAPTION = 1_024
MAX_DOWNLOAD = 20 * 1024 * 1024
MAX_CALLBACK_BYTES = 64


class HtmlError(ValueError):
    """What Telegram's parser says of bad markup."""


def _td(**query: Any) -> Json:
    answer: Json = json.loads(tdjson.td_execute(json.dumps(query).encode()))
    return answer


_td(**{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def parse_html(text: str) -> tuple[str, list[Json]]:
    """(text, entities) as Telegram reads HTML; offsets in UTF-16 units. Raises HtmlError."""
    mode = {"@type": "textParseModeHTML"}
    answer = _td(**{"@type": "parseTextEntities", "text": text, "parse_mode": mode})
    if answer["@type"] == "error":
        raise HtmlError(answer["message"])
    return answer["text"], answer["entities"]


def found_entities(text: str) -> list[str]:
    """The kinds of what Telegram makes clickable by itself: Mention, BotCommand, Url, Hashtag …"""
    answer = _td(**{"@type": "getTextEntities", "text": text})
    return [entity["type"]["@type"].removeprefix("textEntityType") for entity in answer["entities"]]


def count_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class FakeUser:
    id: int
    name: str

    @property
    def json(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "username": self.name.lower()}


@dataclass(eq=False)
class FakeChat:
    id: int
    type: str
    title: str
    members: list[FakeUser] = field(default_factory=list)
    admins: list[FakeUser] = field(default_factory=list)
    topics: dict[int, str] = field(default_factory=dict)
    is_forum: bool = False
    refused: str = ""  # 403 with these words while set
    closed_topics: set[int] = field(default_factory=set)
    moved_to: int | None = None

    @property
    def json(self) -> Json:
        if self.type == "private":
            return {"id": self.id, "type": "private", "first_name": self.title}
        return {"id": self.id, "type": self.type, "title": self.title, **({"is_forum": True} if self.is_forum else {})}


@dataclass(frozen=True)
class SentFile:
    """A file of the bot. `kind`: "photo" or "document"."""

    kind: str
    name: str
    content: bytes


@dataclass
class SentMessage:
    """A message of the bot, as it stands now. `texts` has every version of it, the newest last."""

    id: int
    chat: FakeChat
    text: str
    html: str | None
    entities: list[Json]
    keyboard: list[list[Json]]
    thread: int | None
    reply_to: int | None
    silent: bool
    preview: bool
    sent_at: float
    file: SentFile | None = None
    texts: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]

    @property
    def edits(self) -> int:
        return len(self.texts) - 1

    def kinds(self) -> set[str]:
        return {entity["type"]["@type"].removeprefix("textEntityType") for entity in self.entities}


@dataclass(frozen=True)
class Toast:
    text: str
    is_alert: bool


@dataclass
class Fault:
    method: str
    where: Where
    answer: Json
    status: int
    times: int
    chat: FakeChat | None


class RefusalError(Exception):
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        self.status, self.description, self.parameters = status, description, parameters
        super().__init__(description)


class TelegramServer:
    """One bot account and everybody it can meet."""

    def __init__(self, token: str = "123456:AAtest-token_of-the-fake-server") -> None:
        self.token, self.url = token, ""
        self.rights = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
        }
        self.bot: Json = {"id": 123456, "is_bot": True, "first_name": "Sanctions", "username": "sanctions_test_bot"}
        self.menus: dict[str, list[str]] = {}
        self.calls: list[tuple[str, Json]] = []
        self.webhook = "https://old.example/hook"
        self.conflict = False
        self.hang_for: float | None = None  # seconds of "hang after"; None: until the server stops
        self._chats: dict[int, FakeChat] = {}
        self._sent: list[SentMessage] = []
        self._toasts: dict[str, asyncio.Future[Toast]] = {}
        self._faults: list[Fault] = []
        self._files: dict[str, bytes] = {}
        self.downloads: list[str] = []
        self._inline: dict[str, asyncio.Future[Json]] = {}
        self._updates: list[Json] = []
        self._news = asyncio.Condition()
        self._pollers = 0
        self._ids = itertools.count(1)
        self._people = itertools.count(1_001)
        self._message_ids: dict[int, itertools.count[int]] = {}
        self._runner: web.AppRunner | None = None
        self._ended = asyncio.Event()

    # ------------------------------------------------------------ life

    async def __aenter__(self) -> TelegramServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._ended.clear()
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        app.router.add_route("*", "/as/{caller}/bot{token}/{method}", self._serve)  # tells several processes apart
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._ended.set()
        async with self._news:
            self._news.notify_all()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    # ------------------------------------------------------------ people and chats

    def user(self, name: str) -> FakeUser:
        return FakeUser(next(self._people), name)

    def private(self, user: FakeUser | str) -> FakeChat:
        user = self.user(user) if isinstance(user, str) else user
        return self._add(FakeChat(user.id, "private", user.name, [user]))

    def group(
        self,
        title: str,
        *members: FakeUser,
        admins: tuple[FakeUser, ...] = (),
        is_super: bool = True,
        topics: tuple[str, ...] = (),
    ) -> FakeChat:
        number = next(self._people)
        chat_id = -1_000_000_000_000 - number if is_super else -number
        chat = FakeChat(chat_id, "supergroup" if is_super else "group", title, [*members, *admins], list(admins))
        chat.topics = dict(enumerate(topics, 2))
        chat.is_forum = bool(topics)
        return self._add(chat)

    def channel(self, title: str) -> FakeChat:
        return self._add(FakeChat(-1_000_000_000_000 - next(self._people), "channel", title))

    def _add(self, chat: FakeChat) -> FakeChat:
        self._chats[chat.id] = chat
        self._message_ids.setdefault(chat.id, itertools.count(1))
        return chat

    # ------------------------------------------------------------ what people do

    async def user_says(
        self,
        chat: FakeChat,
        text: str,
        *,
        user: FakeUser | None = None,
        thread: int | None = None,
        is_anonymous: bool = False,
        as_channel: FakeChat | None = None,
        **extra: Any,
    ) -> int:
        """A message in the chat; the first member speaks unless told otherwise, `as_channel` in the name of a channel.
        Returns its id."""
        message_id = next(self._message_ids[chat.id])
        spoken = {"text": text} if "document" not in extra else {}
        message: Json = {"message_id": message_id, "date": int(time.time()), "chat": chat.json, **spoken, **extra}
        if chat.type == "channel" or is_anonymous:
            message["sender_chat"] = chat.json
        if chat.type != "channel":
            speaker = user or chat.members[0]
            message["from"] = GROUP_ANONYMOUS_BOT if is_anonymous else speaker.json
        if as_channel:
            message |= {"sender_chat": as_channel.json, "from": CHANNEL_BOT}
        if thread is not None:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        await self._push({"channel_post" if chat.type == "channel" else "message": message})
        return message_id

    async def user_sends(
        self,
        chat: FakeChat,
        name: str,
        content: bytes,
        *,
        caption: str = "",
        size: int | None = None,
        reply_to: SentMessage | None = None,
        **said: Any,
    ) -> int:
        """A document; `size` is what is told of it where that is not the truth."""
        file_id = f"file-{next(self._ids)}"
        self._files[file_id] = content
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name, "mime_type": "text/csv"}
        said["document"] = document | {"file_size": len(content) if size is None else size}
        if caption:
            said["caption"] = caption
        if reply_to:
            said["reply_to_message"] = self._message_json(reply_to)
        return await self.user_says(chat, "", **said)

    async def asks_inline(self, user: FakeUser, query: str, *, seconds: float = 5) -> Json:
        """@bot QUERY in any chat; returns what answerInlineQuery was given."""
        number = str(next(self._ids))
        answered = self._inline[number] = asyncio.get_running_loop().create_future()
        await self._push({"inline_query": {"id": number, "from": user.json, "query": query, "offset": ""}})
        return await asyncio.wait_for(answered, seconds)

    async def press(
        self,
        message: SentMessage,
        label: str,
        *,
        user: FakeUser | None = None,
        is_old: bool = False,
        seconds: float = 5,
    ) -> Toast:
        """Press a button by its label; returns the answer the person sees on it. Of an old message no more is told than
        its chat and its id."""
        button = next(button for row in message.keyboard for button in row if button["text"] == label)
        query = str(next(self._ids))
        answered = self._toasts[query] = asyncio.get_running_loop().create_future()
        person = user or message.chat.members[0]
        await self._push(
            {
                "callback_query": {
                    "id": query,
                    "from": person.json,
                    "message": {"chat": message.chat.json, "message_id": message.id, "date": 0}
                    if is_old
                    else self._message_json(message),
                    "chat_instance": "1",
                    "data": button["callback_data"],
                }
            }
        )
        return await asyncio.wait_for(answered, seconds)

    async def add_bot(self, chat: FakeChat, *, as_admin: bool = False) -> None:
        chat.refused = ""
        await self._membership(chat, "left", "administrator" if as_admin else "member")

    async def remove_bot(self, chat: FakeChat, *, tell: bool = True) -> None:
        chat.refused = f"Forbidden: bot was kicked from the {chat.type} chat"
        if tell:
            await self._membership(chat, "member", "kicked")

    async def block_bot(self, chat: FakeChat, *, tell: bool = True) -> None:
        chat.refused = "Forbidden: bot was blocked by the user"
        if tell:
            await self._membership(chat, "member", "kicked")

    async def migrate(self, chat: FakeChat, *, tell: bool = True) -> FakeChat:
        """The group becomes a supergroup with another id; the old one refuses from now on."""
        new = self._add(FakeChat(-1_000_000_000_000 + chat.id, "supergroup", chat.title, chat.members, chat.admins))
        chat.moved_to = new.id
        if tell:
            await self.user_says(chat, "", migrate_to_chat_id=new.id)
        return new

    async def _membership(self, chat: FakeChat, old: str, new: str) -> None:
        by = (chat.members or [FakeUser(1, "Owner")])[0]
        change = {
            "chat": chat.json,
            "from": by.json,
            "date": int(time.time()),
            "old_chat_member": self._member(old),
            "new_chat_member": self._member(new),
        }
        await self._push({"my_chat_member": change})

    def _member(self, status: str) -> Json:
        member: Json = {"status": status, "user": self.bot}
        if status == "kicked":
            member["until_date"] = 0
        if status == "administrator":
            member |= {"can_be_edited": False, **dict.fromkeys(_ADMIN_RIGHTS, False)}
        return member

    # ------------------------------------------------------------ what the bot did

    def messages(self, chat: FakeChat, thread: int | None = None) -> list[SentMessage]:
        """The bot's messages there, oldest first; with `thread` only that topic's."""
        return [m for m in self._sent if m.chat is chat and (thread is None or m.thread == thread)]

    async def wait_messages(
        self, chat: FakeChat, count: int = 1, *, seconds: float = 5, thread: int | None = None
    ) -> list[SentMessage]:
        """The same, once there are at least `count`."""
        deadline = time.monotonic() + seconds
        while len(found := self.messages(chat, thread)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} of {count} messages in {chat.title} after {seconds:g} s")
            await asyncio.sleep(0.01)
        return found

    def called(self, method: str) -> list[Json]:
        return [values for name, values in self.calls if name == method.lower()]

    def fail(
        self,
        method: str,
        status: int = 500,
        description: str = "Internal Server Error",
        *,
        where: Where = "answer",
        times: int = 1,
        chat: FakeChat | None = None,
        **parameters: Any,
    ) -> None:
        """The next `times` calls of `method` (in `chat`) go wrong. `where`: "answer" with the error, without doing
        anything; "close" the connection before, or "close after", or "hang after" doing it."""
        answer = {"ok": False, "error_code": status, "description": description}
        if parameters:
            answer["parameters"] = parameters
        self._faults.append(Fault(method.lower(), where, answer, status, times, chat))

    def heal(self) -> None:
        """No more of the faults that were ordered."""
        self._faults.clear()

    # ------------------------------------------------------------ HTTP

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        if request.match_info["token"] != self.token:
            return _json(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        values = await _values(request)
        self.calls.append((method, values))
        fault = self._fault(method, values)
        if fault and fault.where == "answer":
            return _json(fault.status, fault.answer)
        if fault and fault.where == "close":
            return _close(request)
        answer = getattr(self, f"_do_{method}", None)
        if answer is None:
            return _json(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        try:
            result = await answer(values)
        except RefusalError as refusal:
            body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
            if refusal.parameters:
                body["parameters"] = refusal.parameters
            return _json(refusal.status, body)
        if fault and fault.where == "close after":
            return _close(request)
        if fault and fault.where == "hang after":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), self.hang_for)
            return _close(request)
        return _json(200, {"ok": True, "result": result})

    def _fault(self, method: str, values: Json) -> Fault | None:
        for fault in self._faults:
            here = fault.chat is None or str(values.get("chat_id")) == str(fault.chat.id)
            if fault.method == method and fault.times and here:
                fault.times -= 1
                return fault
        return None

    # ------------------------------------------------------------ methods

    async def _do_getme(self, values: Json) -> Json:
        return self.bot | self.rights

    async def _do_deletewebhook(self, values: Json) -> bool:
        self.webhook = ""
        return True

    async def _do_setmycommands(self, values: Json) -> bool:
        commands = values["commands"]
        if len(commands) > 100:
            raise RefusalError(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            name, description = command["command"], command["description"]
            if not 1 <= len(name) <= 32 or name != name.lower() or not name.replace("_", "a").isalnum():
                raise RefusalError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(description) <= 256:
                raise RefusalError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.menus[values.get("scope", {"type": "default"})["type"]] = [command["command"] for command in commands]
        return True

    async def _do_getupdates(self, values: Json) -> list[Json]:
        if self.webhook:
            raise RefusalError(409, "Conflict: can't use getUpdates method while webhook is active")
        if self.conflict:
            raise RefusalError(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot runs"
            )
        offset, allowed = int(values.get("offset") or 0), values.get("allowed_updates") or []
        self._pollers += 1
        mine = self._pollers
        async with self._news:
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            self._news.notify_all()

            def asked() -> list[Json]:
                return [update for update in self._updates if not allowed or set(update) & set(allowed)]

            def ready() -> bool:
                return bool(asked()) or self._ended.is_set() or self._pollers != mine

            try:
                await asyncio.wait_for(self._news.wait_for(ready), float(values.get("timeout") or 0) or 0.001)
            except TimeoutError:
                return []
        if self._pollers != mine:
            raise RefusalError(409, "Conflict: terminated by other getUpdates request")
        return asked()[:100]

    async def _do_sendmessage(self, values: Json) -> Json:
        chat = self._chat(values)
        thread = int(values["message_thread_id"]) if values.get("message_thread_id") else None
        if thread is not None and thread not in chat.topics:
            raise RefusalError(400, "Bad Request: message thread not found")
        if thread in chat.closed_topics:
            raise RefusalError(400, "Bad Request: TOPIC_CLOSED")
        reply = values.get("reply_parameters") or {}
        if reply and not reply.get("allow_sending_without_reply") and not self._find(chat, reply["message_id"]):
            raise RefusalError(400, "Bad Request: message to be replied not found")
        text, entities = _checked_text(values)
        message = SentMessage(
            id=next(self._message_ids[chat.id]),
            chat=chat,
            text=text,
            html=values["text"] if values.get("parse_mode") else None,
            entities=entities,
            keyboard=_checked_keyboard(values),
            thread=thread,
            reply_to=reply.get("message_id"),
            silent=values.get("disable_notification") in ("true", True),
            preview=not (values.get("link_preview_options") or {}).get("is_disabled"),
            sent_at=time.monotonic(),
            texts=[text],
        )
        self._sent.append(message)
        return self._message_json(message)

    async def _do_senddocument(self, values: Json) -> Json:
        return self._send_file(values, "document")

    async def _do_sendphoto(self, values: Json) -> Json:
        content = values["photo"].content if isinstance(values["photo"], SentFile) else b""
        if not content.startswith(b"\x89PNG"):
            raise RefusalError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise RefusalError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        return self._send_file(values, "photo")

    def _send_file(self, values: Json, kind: str) -> Json:
        chat = self._chat(values)
        upload = values.get(kind)
        if not isinstance(upload, SentFile) or not upload.content:
            raise RefusalError(400, "Bad Request: file must be non-empty")
        caption = str(values.get("caption", ""))
        text, entities = _checked_text(values | {"text": caption}, MAX_CAPTION) if caption else ("", [])
        reply = values.get("reply_parameters") or {}
        message = SentMessage(
            id=next(self._message_ids[chat.id]),
            chat=chat,
            text=text,
            html=caption if values.get("parse_mode") else None,
            entities=entities,
            keyboard=_checked_keyboard(values),
            thread=int(values["message_thread_id"]) if values.get("message_thread_id") else None,
            reply_to=reply.get("message_id"),
            silent=values.get("disable_notification") in ("true", True),
            preview=False,
            sent_at=time.monotonic(),
            file=SentFile(kind, upload.name, upload.content),
            texts=[text],
        )
        self._sent.append(message)
        return self._message_json(message)

    async def _do_getfile(self, values: Json) -> Json:
        content = self._files.get(str(values["file_id"]))
        if content is None:
            raise RefusalError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(content) > MAX_DOWNLOAD:
            raise RefusalError(400, "Bad Request: file is too big")
        file_id = str(values["file_id"])
        return {"file_id": file_id, "file_unique_id": file_id, "file_path": f"documents/{file_id}.csv"}

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        file_id = request.match_info["path"].removeprefix("documents/").removesuffix(".csv")
        self.downloads.append(file_id)
        if request.match_info["token"] != self.token or file_id not in self._files:
            return _json(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        return web.Response(body=self._files[file_id])

    async def _do_answerinlinequery(self, values: Json) -> bool:
        answered = self._inline.pop(str(values["inline_query_id"]), None)
        if answered is None:
            raise RefusalError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        results = values["results"]
        if len(results) > 50:
            raise RefusalError(400, "Bad Request: RESULTS_TOO_MUCH")
        ids = [result["id"] for result in results]
        if len(ids) != len(set(ids)) or not all(1 <= len(one.encode()) <= 64 for one in ids):
            raise RefusalError(400, "Bad Request: RESULT_ID_INVALID")
        for result in results:
            if not result.get("title") or result["type"] != "article":
                raise RefusalError(400, "Bad Request: RESULT_TYPE_INVALID")
            content = result["input_message_content"]
            _checked_text({"text": content["message_text"], "parse_mode": content.get("parse_mode")})
            _checked_keyboard(result)
        button = values.get("button")
        if button and not 1 <= len(button.get("start_parameter", "x")) <= 64:
            raise RefusalError(400, "Bad Request: START_PARAM_INVALID")
        if not answered.done():
            answered.set_result(values)
        return True

    async def _do_editmessagetext(self, values: Json) -> Json:
        chat = self._chat(values)
        message = self._find(chat, values["message_id"])
        if message is None:
            raise RefusalError(400, "Bad Request: message to edit not found")
        text, entities = _checked_text(values)
        keyboard = _checked_keyboard(values)
        if (text, entities, keyboard) == (message.text, message.entities, message.keyboard):
            raise RefusalError(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message",
            )
        message.text, message.entities, message.keyboard = text, entities, keyboard
        message.html = values["text"] if values.get("parse_mode") else None
        message.texts.append(text)
        return self._message_json(message)

    async def _do_editmessagereplymarkup(self, values: Json) -> Json:
        message = self._find(self._chat(values), values["message_id"])
        if message is None:
            raise RefusalError(400, "Bad Request: message to edit not found")
        message.keyboard = _checked_keyboard(values)
        return self._message_json(message)

    async def _do_answercallbackquery(self, values: Json) -> bool:
        answered = self._toasts.pop(str(values["callback_query_id"]), None)
        if answered is None:
            raise RefusalError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if count_units(values.get("text", "")) > 200:
            raise RefusalError(400, "Bad Request: MESSAGE_TOO_LONG")
        if not answered.done():
            answered.set_result(Toast(values.get("text", ""), values.get("show_alert") in ("true", True)))
        return True

    async def _do_getchatadministrators(self, values: Json) -> list[Json]:
        chat = self._chat(values)
        if chat.type == "private":
            raise RefusalError(400, "Bad Request: there are no administrators in the private chat")
        rights = {"can_be_edited": False, **dict.fromkeys(_ADMIN_RIGHTS, True)}
        return [{"status": "administrator", "user": admin.json, **rights} for admin in chat.admins]

    async def _do_getchatmember(self, values: Json) -> Json:
        chat, user = self._chat(values), int(values["user_id"])
        member = next((member for member in chat.members if member.id == user), None)
        if member is None:
            raise RefusalError(400, "Bad Request: member not found")
        return {"status": "member", "user": member.json}

    # ------------------------------------------------------------ parts

    async def _push(self, update: Json) -> None:
        async with self._news:
            self._updates.append({"update_id": next(self._ids), **update})
            self._news.notify_all()

    def _chat(self, values: Json) -> FakeChat:
        chat = self._chats.get(int(values["chat_id"]))
        if chat is None:
            raise RefusalError(400, "Bad Request: chat not found")
        if chat.moved_to:
            raise RefusalError(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to
            )
        if chat.refused:
            raise RefusalError(403, chat.refused)
        return chat

    def _find(self, chat: FakeChat, message_id: object) -> SentMessage | None:
        return next((m for m in self._sent if m.chat is chat and m.id == int(str(message_id))), None)

    def forget_message(self, message: SentMessage) -> None:
        """Somebody deleted it."""
        self._sent.remove(message)

    def _message_json(self, message: SentMessage) -> Json:
        body: Json = {
            "message_id": message.id,
            "date": int(time.time()),
            "chat": message.chat.json,
            "from": self.bot,
            "text": message.text,
        }
        if message.thread:
            body |= {"message_thread_id": message.thread, "is_topic_message": True}
        if message.file:
            body["caption"] = body.pop("text")
            kept = {"file_id": "sent", "file_unique_id": "sent", "file_size": len(message.file.content)}
            is_photo = message.file.kind == "photo"
            body[message.file.kind] = [kept | {"width": 1, "height": 1}] if is_photo else kept
        if message.keyboard:
            body["reply_markup"] = {"inline_keyboard": message.keyboard}
        return body


CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
GROUP_ANONYMOUS_BOT = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}

_ADMIN_RIGHTS = (
    "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories",
)  # fmt: skip


def _checked_text(values: Json, most: int = MAX_UNITS) -> tuple[str, list[Json]]:
    text, entities = str(values.get("text", "")), []
    if values.get("parse_mode") == "HTML":
        try:
            text, entities = parse_html(text)
        except HtmlError as error:
            raise RefusalError(400, f"Bad Request: can't parse entities: {error}") from error
    if not text.strip():
        raise RefusalError(400, "Bad Request: message text is empty")
    if count_units(text) > most:
        too_long = "message is too long" if most == MAX_UNITS else "message caption is too long"
        raise RefusalError(400, f"Bad Request: {too_long}")
    return text, entities


def _checked_keyboard(values: Json) -> list[list[Json]]:
    keyboard: list[list[Json]] = (values.get("reply_markup") or {}).get("inline_keyboard", [])
    buttons = [button for row in keyboard for button in row]
    if len(buttons) > 100 or any(len(row) > 8 for row in keyboard):
        raise RefusalError(400, "Bad Request: reply markup is too long")
    for button in buttons:
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= MAX_CALLBACK_BYTES:
            raise RefusalError(400, "Bad Request: BUTTON_DATA_INVALID")
        url = button.get("url")
        if url is not None and ("://" not in url or "." not in url.split("/")[2]):
            raise RefusalError(
                400, f"Bad Request: inline keyboard button URL '{html.escape(url)}' is invalid: Wrong HTTP URL"
            )
    return keyboard


_IN_JSON = (
    "reply_markup", "link_preview_options", "reply_parameters", "allowed_updates", "scope", "commands", "results",
    "button",
)  # fmt: skip


async def _values(request: web.Request) -> Json:
    """The call's arguments, those that are JSON in a form field decoded."""
    if request.content_type == "application/json":
        return dict(await request.json())
    values: Json = dict(request.query) | dict(await request.post())
    for name, value in list(values.items()):
        if isinstance(value, web.FileField):
            values[name] = SentFile(name, value.filename, value.file.read())
    for name in list(values):  # python-telegram-bot sends a file as a part of its own, and names it
        if isinstance(values[name], str) and values[name].startswith("attach://"):
            values[name] = values[values[name].removeprefix("attach://")]
    for name in _IN_JSON:
        if isinstance(values.get(name), str):
            values[name] = json.loads(values[name])
    return values


def _json(status: int, body: Json) -> web.Response:
    return web.json_response(body, status=status)


def _close(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
