"""Slack on loopback: the Web API calls that we make, Socket Mode or signed HTTP, response URLs, people and channels in
memory, and faults to order. Blocks are judged by slack_sdk's models and by the limits that those miss.

    async with SlackServer() as server:
        alerts = server.channel("alerts")
        ...                                             # start the bot at server.url with server.token
        await server.user_says(alerts, "/sanctions subscribe")
        (reply,) = await server.wait_messages(alerts)
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.signature import SignatureVerifier

Json = dict[str, Any]
Where = Literal["answer", "close", "close after", "hang after"]

BOT = "U0BOT"


@dataclass(eq=False)
class FakeUser:
    id: str
    name: str
    is_admin: bool = False
    is_owner: bool = False
    team: str = "T1"
    teams: tuple[str, ...] = ()  # in an organisation


@dataclass(eq=False)
class FakeChannel:
    id: str
    name: str
    is_private: bool = False
    is_member: bool = True
    is_archived: bool = False

    @property
    def is_direct(self) -> bool:
        return self.id.startswith("D")


@dataclass
class SentMessage:
    """A message of the bot, as it stands now. `seen_by`: of an ephemeral one, whom it was shown to."""

    ts: str
    channel: FakeChannel
    text: str
    blocks: list[Json]
    thread: str | None = None
    seen_by: str | None = None
    metadata: Json = field(default_factory=dict)
    sent_at: float = field(default_factory=time.monotonic)
    texts: list[str] = field(default_factory=list)
    aloud: bool = False  # of a reply: it is shown in the channel too

    @property
    def edits(self) -> int:
        return len(self.texts) - 1

    @property
    def shown(self) -> str:
        """All that a reader sees, line by line."""
        return "\n".join(_texts(self.blocks)) or self.text

    @property
    def buttons(self) -> list[Json]:
        return [element for block in self.blocks if block["type"] == "actions" for element in block["elements"]]

    @property
    def labels(self) -> list[str]:
        return [button["text"]["text"] for button in self.buttons]


@dataclass
class KeptFile:
    """A file in the workspace. `channel`: where the app's own was shared, once it was."""

    id: str
    name: str
    content: bytes
    title: str = ""
    alt: str = ""
    channel: FakeChannel | None = None
    thread: str = ""


@dataclass
class Fault:
    method: str
    where: Where
    error: str
    status: int
    headers: dict[str, str]
    times: int


class SlackServer:
    """One workspace with one app."""

    def __init__(self) -> None:
        self.token, self.app_token, self.signing_secret = "xoxb-1-test", "xapp-1-A1-test", "8f742231b10e8888abcd99yyyzz"
        self.url = ""
        self.scopes: list[str] = []  # of the bot token, as answers carry them in a header; none: they carry none
        self.endpoint = ""  # set: the app is called there by signed HTTP, else by Socket Mode
        self.acks: list[Json] = []
        self.calls: list[tuple[str, Json]] = []
        self.hang_for: float | None = None  # seconds of "hang after"; None: until the server stops
        self.page = 100  # messages of one answer of conversations.history, at most
        self._channels: dict[str, FakeChannel] = {}
        self._users: dict[str, FakeUser] = {}
        self._sent: list[SentMessage] = []
        self._faults: list[Fault] = []
        self.files: dict[str, KeptFile] = {}
        self.downloads: list[tuple[str, str]] = []  # (file, Authorization header)
        self.lacks_file_scope = False
        self.views: dict[str, Json] = {}  # modals that stand open, by id
        self._answers: dict[str, FakeChannel] = {}
        self._askers: dict[str, str] = {}
        self._sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._tickets: set[str] = set()
        self._ids = itertools.count(1)
        self._base = ""
        self._runner: web.AppRunner | None = None
        self._ended = asyncio.Event()
        self.ana = self.user("Ana")

    # ------------------------------------------------------------ life

    async def __aenter__(self) -> SlackServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._ended.clear()
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/api/{method}", self._serve)
        app.router.add_route("*", "/as/{caller}/api/{method}", self._serve)  # tells several processes apart
        app.router.add_post("/response/{id}", self._respond)
        app.router.add_post("/upload/{id}", self._take_upload)
        app.router.add_get("/files-pri/{id}/{name}", self._serve_file)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._base = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.url = f"http://{self._base}/api/"

    async def stop(self) -> None:
        self._ended.set()
        for socket in list(self._sockets):
            await socket.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    # ------------------------------------------------------------ people and channels

    def user(self, name: str, *, is_admin: bool = False, is_owner: bool = False) -> FakeUser:
        user = FakeUser(f"U{next(self._ids):04}", name.lower(), is_admin, is_owner)
        self._users[user.id] = user
        return user

    def channel(self, name: str, *, is_private: bool = False, is_member: bool = True) -> FakeChannel:
        channel = FakeChannel(f"C{next(self._ids):04}", name, is_private, is_member)
        self._channels[channel.id] = channel
        return channel

    def direct(self) -> FakeChannel:
        channel = FakeChannel(f"D{next(self._ids):04}", "directmessage")
        self._channels[channel.id] = channel
        return channel

    # ------------------------------------------------------------ what people do

    async def user_says(
        self, channel: FakeChannel, text: str, *, user: FakeUser | None = None, trigger: str = "", **event: Any
    ) -> Json:
        """A slash command, a mention (text with <@U0BOT>), or what is said in a direct chat. Returns the app's ack."""
        person = user or self.ana
        if text.startswith("/"):
            name, _, rest = text.partition(" ")
            return await self._deliver("slash_commands", self._slash(channel, person, name, rest, trigger))
        kind = "message" if channel.is_direct else "app_mention"
        place = {"channel": channel.id, "channel_type": "im" if channel.is_direct else "channel"}
        spoken = {"type": kind, "user": person.id, "text": text, "ts": self._ts(), **place, **event}
        return await self.happens(spoken)

    async def user_sends(
        self, channel: FakeChannel, name: str, content: bytes, text: str = "", *, told: Json | None = None, **said: Any
    ) -> Json:
        """A file, with what is said beside it. `told`: what the event tells of it otherwise than is true."""
        file = KeptFile(f"F{next(self._ids):04}", name, content)
        self.files[file.id] = file
        subtype = {"subtype": "file_share"} if channel.is_direct else {}
        return await self.user_says(channel, text, files=[self.file_json(file) | (told or {})], **subtype, **said)

    def file_json(self, file: KeptFile) -> Json:
        address = f"http://{self._base}/files-pri/{file.id}/{file.name}"
        return {
            "id": file.id,
            "name": file.name,
            "mimetype": "text/csv",
            "size": len(file.content),
            "url_private": address,
            "url_private_download": address,
        }

    def shared_files(self, channel: FakeChannel) -> list[KeptFile]:
        """The app's files there, oldest first."""
        return [file for file in self.files.values() if file.channel is channel]

    async def happens(self, event: Json, event_id: str = "") -> Json:
        """An event of the Events API: {"type": "member_joined_channel", "user": …, "channel": …}."""
        body = {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A1",
            "event_id": event_id or f"Ev{next(self._ids)}",
            "event_time": int(time.time()),
            "event": event,
        }
        return await self._deliver("events_api", body)

    async def press(self, message: SentMessage, label: str, *, user: FakeUser | None = None) -> Json:
        """Press a button by its label; the answer comes as a message."""
        person = user or self.ana
        button = next(button for button in message.buttons if button["text"]["text"] == label)
        thread = {"thread_ts": message.thread} if message.thread else {}
        body = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "api_app_id": "A1",
            "user": {"id": person.id, "username": person.name, "name": person.name},
            "channel": {"id": message.channel.id, "name": message.channel.name},
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel.id},
            "message": {"ts": message.ts, "text": message.text, **thread},
            "actions": [{"type": "button", "action_id": button["action_id"], "value": button.get("value")}],
            "trigger_id": f"t.{next(self._ids)}",
            "response_url": self._response_url(message.channel, person),
        }
        return await self._deliver("interactive", body)

    async def submit(self, view_id: str, *, user: FakeUser | None = None, **fields: str) -> Json:
        """Send a modal in, with these values of its inputs. Returns what the app answered, which is carried out."""
        view = self.views[view_id]
        said = {
            block["block_id"]: {
                "value": {"type": "static_select", "selected_option": {"value": value}}
                if (block["element"]["type"] == "static_select") and value
                else {"type": block["element"]["type"], "value": value or None}
            }
            for block in view["blocks"]
            if block["type"] == "input"
            for value in [fields.get(block["block_id"], _initial(block["element"]))]
        }
        ack = await self._deliver("interactive", self._of_view("view_submission", view_id, user, said))
        answer: Json = json.loads(ack["text"] or "{}") if "text" in ack else ack.get("payload") or {}
        match answer.get("response_action"):
            case "errors":
                unknown = set(answer["errors"]) - set(said)
                assert not unknown, f"no input has the block_id {unknown}"
            case "update":
                assert not find_view_problem(answer["view"]), find_view_problem(answer["view"])
                self.views[view_id] = answer["view"]
            case _:
                del self.views[view_id]
        return answer

    async def close(self, view_id: str, *, user: FakeUser | None = None) -> None:
        """Close a modal; the app hears of it if it asked to."""
        if self.views[view_id].get("notify_on_close"):
            await self._deliver("interactive", self._of_view("view_closed", view_id, user, {}))
        del self.views[view_id]

    async def wait_view(self, seconds: float = 5) -> str:
        """The id of the modal that stands open."""
        async with asyncio.timeout(seconds):
            while not self.views:
                await asyncio.sleep(0.01)
        return next(reversed(self.views))

    def _of_view(self, kind: str, view_id: str, user: FakeUser | None, said: Json) -> Json:
        person, view = user or self.ana, self.views[view_id]
        return {
            "type": kind,
            "team": {"id": "T1"},
            "api_app_id": "A1",
            "user": {"id": person.id, "username": person.name, "name": person.name},
            "trigger_id": f"t.{next(self._ids)}",
            "is_cleared": False,
            "view": {
                "id": view_id,
                "type": "modal",
                "callback_id": view["callback_id"],
                "private_metadata": view.get("private_metadata", ""),
                "state": {"values": said},
            },
        }

    def _slash(self, channel: FakeChannel, person: FakeUser, name: str, rest: str, trigger: str) -> Json:
        return {
            "command": name,
            "text": rest,
            "team_id": "T1",
            "api_app_id": "A1",
            "user_id": person.id,
            "user_name": person.name,
            "channel_id": channel.id,
            "channel_name": "privategroup" if channel.is_private else channel.name,
            "trigger_id": trigger or f"t.{next(self._ids)}",
            "response_url": self._response_url(channel, person),
        }

    def _response_url(self, channel: FakeChannel, person: FakeUser) -> str:
        key = str(next(self._ids))
        self._answers[key], self._askers[key] = channel, person.id
        return f"http://{self._base}/response/{key}"

    # ------------------------------------------------------------ what the bot did

    def messages(self, channel: FakeChannel) -> list[SentMessage]:
        """The bot's messages there, ephemeral ones included, oldest first."""
        return [message for message in self._sent if message.channel is channel]

    async def wait_messages(self, channel: FakeChannel, count: int = 1, *, seconds: float = 5) -> list[SentMessage]:
        deadline = time.monotonic() + seconds
        while len(found := self.messages(channel)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} of {count} messages in #{channel.name} after {seconds:g} s")
            await asyncio.sleep(0.01)
        return found

    def called(self, method: str) -> list[Json]:
        return [values for name, values in self.calls if name == method]

    def delete(self, message: SentMessage) -> None:
        self._sent.remove(message)

    def fail(
        self,
        method: str,
        error: str = "internal_error",
        *,
        status: int = 200,
        retry_after: int | None = None,
        where: Where = "answer",
        times: int = 1,
    ) -> None:
        """The next `times` calls of `method` ("response_url" for those) go wrong, as in TelegramServer.fail."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._faults.append(Fault(method, where, error, status, headers, times))

    def heal(self) -> None:
        """No more of the faults that were ordered."""
        self._faults.clear()

    # ------------------------------------------------------------ calling the app

    async def drop_sockets(self) -> None:
        """Slack asks every connection to come again, as it does every few hours."""
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def wait_socket(self, seconds: float = 5) -> web.WebSocketResponse:
        async with asyncio.timeout(seconds):
            while not self._sockets:
                await asyncio.sleep(0.01)
        return self._sockets[-1]

    async def _deliver(self, kind: str, payload: Json) -> Json:
        return await (self._post(kind, payload) if self.endpoint else self._push(kind, payload))

    async def _push(self, kind: str, payload: Json) -> Json:
        socket = await self.wait_socket()
        envelope = f"env-{next(self._ids)}"
        answered = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        frame = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        await socket.send_json(frame)
        return await asyncio.wait_for(answered, 3)  # Slack waits no longer either

    async def _post(self, kind: str, payload: Json) -> Json:
        content_type = "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
        if kind == "events_api":
            body = json.dumps(payload)
        elif kind == "interactive":
            body = urlencode({"payload": json.dumps(payload)})
        else:
            body = urlencode(payload)
        status, text = await self.post_signed(body, content_type)
        return {"status": status, "text": text}

    async def post_signed(
        self, body: str, content_type: str, *, age: float = 0, secret: str | None = None
    ) -> tuple[int, str]:
        """POST as Slack does; (status, text)."""
        stamp = str(int(time.time() - age))
        signature = SignatureVerifier(secret or self.signing_secret).generate_signature(timestamp=stamp, body=body)
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": str(signature),
        }
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session,
            session.post(self.endpoint, data=body.encode(), headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self._sockets) + 1})
        self._sockets.append(socket)
        try:
            async for frame in socket:
                self._take_ack(frame)
        finally:
            self._sockets.remove(socket)
        return socket

    def _take_ack(self, frame: aiohttp.WSMessage) -> None:
        if frame.type is not aiohttp.WSMsgType.TEXT:
            return
        ack = json.loads(frame.data)
        self.acks.append(ack)
        answered = self._waiting.pop(ack.get("envelope_id", ""), None)
        if answered and not answered.done():
            answered.set_result(ack)

    # ------------------------------------------------------------ HTTP

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        values = await _values(request)
        self.calls.append((method, values))
        fault = self._fault(method)
        if fault and fault.where == "answer":
            return web.json_response({"ok": False, "error": fault.error}, status=fault.status, headers=fault.headers)
        if fault and fault.where == "close":
            return _close(request)
        body = self._answer(method, values, request.headers.get("Authorization", "").removeprefix("Bearer "))
        if fault and fault.where == "close after":
            return _close(request)
        if fault and fault.where == "hang after":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), self.hang_for)
            return _close(request)
        headers = {"x-oauth-scopes": ",".join(self.scopes)} if self.scopes else None
        return web.json_response(body, headers=headers)

    def _answer(self, method: str, values: Json, token: str) -> Json:
        wanted = self.app_token if method == "apps.connections.open" else self.token
        if (token or values.get("token")) != wanted:
            return {"ok": False, "error": "invalid_auth"}
        call = getattr(self, "_do_" + method.replace(".", "_"), None)
        if call is None:
            return {"ok": False, "error": "unknown_method"}
        try:
            result: Json = call(values)
        except ValueError as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, **result}

    def _fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.method == method and fault.times:
                fault.times -= 1
                return fault
        return None

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        fault = self._fault("response_url")
        if fault:
            return web.Response(status=404, text="expired_url")
        channel, asker = self._answers[request.match_info["id"]], self._askers[request.match_info["id"]]
        values = await request.json()
        problem = find_problem(values)
        if problem:
            return web.Response(status=400, text=problem)
        ephemeral = values.get("response_type", "ephemeral") == "ephemeral"
        self._keep(channel, values, seen_by=asker if ephemeral else None)
        return web.Response(text="ok")

    # ------------------------------------------------------------ methods

    def _do_auth_test(self, values: Json) -> Json:
        return {
            "user_id": BOT,
            "user": "sanctions",
            "bot_id": "B0BOT",
            "team_id": "T1",
            "team": "Desk",
            "url": self.url,
        }

    def _do_apps_connections_open(self, values: Json) -> Json:
        ticket = f"ticket-{next(self._ids)}"
        self._tickets.add(ticket)
        return {"url": f"ws://{self._base}/link?ticket={ticket}"}

    def _do_chat_postMessage(self, values: Json) -> Json:
        person = self._users.get(values.get("channel", ""))
        if person:  # a person's id stands for their direct chat here, and in no other method
            values = values | {"channel": self.direct_of(person).id}
        channel = self._open_channel(values)
        message = self._keep(channel, _checked(values))
        return {"channel": channel.id, "ts": message.ts, "message": {"text": message.text}}

    def _do_chat_postEphemeral(self, values: Json) -> Json:
        channel = self._open_channel(values)
        if values.get("user") not in self._users:
            raise ValueError("user_not_in_channel")
        message = self._keep(channel, _checked(values), seen_by=values["user"])
        return {"message_ts": message.ts}

    def _do_views_open(self, values: Json) -> Json:
        if not values.get("trigger_id"):
            raise ValueError("invalid_trigger_id")
        view_id = f"V{next(self._ids)}"
        self.views[view_id] = _checked_view(values)
        return {"view": {"id": view_id}}

    def _do_views_update(self, values: Json) -> Json:
        if values.get("view_id") not in self.views:
            raise ValueError("not_found")
        self.views[values["view_id"]] = _checked_view(values)
        return {"view": {"id": values["view_id"]}}

    def _do_chat_update(self, values: Json) -> Json:
        channel = self._open_channel(values)
        found = (m for m in self._sent if m.channel is channel and m.ts == values.get("ts") and not m.seen_by)
        message = next(found, None)
        if message is None:
            raise ValueError("message_not_found")
        if len(values.get("text", "")) > 4_000:
            raise ValueError("msg_too_long")
        _checked(values)
        message.text, message.blocks = values.get("text", ""), values.get("blocks") or []
        message.texts.append(message.text)
        return {"channel": channel.id, "ts": message.ts, "text": message.text}

    def _do_conversations_history(self, values: Json) -> Json:
        channel = self._open_channel(values)
        return self._history(values, [m for m in self._sent if m.channel is channel and (m.aloud or not m.thread)])

    def _do_conversations_replies(self, values: Json) -> Json:
        channel = self._open_channel(values)
        parent = next((m for m in self._sent if m.channel is channel and m.ts == values.get("ts")), None)
        if parent is None:
            raise ValueError("thread_not_found")
        replies = [m for m in self._sent if m.channel is channel and m.thread == parent.ts]
        return self._history(values, [parent, *replies])

    def _history(self, values: Json, messages: list[SentMessage]) -> Json:
        """Newest first, those that one person alone sees left out; metadata only if they were asked for."""
        shows = str(values.get("include_all_metadata", "")).lower() in ("1", "true")
        since = float(values.get("oldest") or 0)
        shown = [m for m in reversed(messages) if not m.seen_by and float(m.ts) >= since]
        start = int(values.get("cursor") or 0)
        page = shown[start : start + min(int(values.get("limit") or 100), self.page)]
        rest = str(start + len(page)) if start + len(page) < len(shown) else ""
        return {
            "messages": [{"ts": m.ts, "text": m.text, **({"metadata": m.metadata} if shows else {})} for m in page],
            "response_metadata": {"next_cursor": rest},
        }

    def _do_conversations_info(self, values: Json) -> Json:
        channel = self._channels.get(values.get("channel", ""))
        if channel is None or (channel.is_private and not channel.is_member):
            raise ValueError("channel_not_found")
        return {"channel": {"id": channel.id, "name": channel.name, "is_member": channel.is_member}}

    def _do_users_info(self, values: Json) -> Json:
        user = self._users.get(values.get("user", ""))
        if user is None:
            raise ValueError("user_not_found")
        person = {"id": user.id, "name": user.name, "team_id": user.team, "enterprise_user": {"teams": [*user.teams]}}
        return {"user": person | {"is_admin": user.is_admin, "is_owner": user.is_owner}}

    def _do_files_info(self, values: Json) -> Json:
        file = self.files.get(values.get("file", ""))
        if file is None:
            raise ValueError("file_not_found")
        return {"file": self.file_json(file)}

    def _do_files_getUploadURLExternal(self, values: Json) -> Json:
        if int(values["length"]) <= 0:
            raise ValueError("invalid_arguments")
        file = KeptFile(f"F{next(self._ids):04}", values["filename"], b"", alt=values.get("alt_txt", ""))
        self.files[file.id] = file
        return {"file_id": file.id, "upload_url": f"http://{self._base}/upload/{file.id}"}

    def _do_files_completeUploadExternal(self, values: Json) -> Json:
        channel = self._open_channel({"channel": values.get("channel_id", "")})
        (told,) = json.loads(values["files"])
        file = self.files.get(told["id"])
        if file is None or not file.content:
            raise ValueError("file_not_found")
        file.title, file.channel, file.thread = told.get("title", ""), channel, values.get("thread_ts", "")
        return {"files": [self.file_json(file)]}

    def _do_conversations_open(self, values: Json) -> Json:
        user = self._users.get(values.get("users", ""))
        if user is None:
            raise ValueError("user_not_found")
        return {"channel": {"id": self.direct_of(user).id}}

    def direct_of(self, user: FakeUser) -> FakeChannel:
        """The direct chat of the app with a person."""
        key = f"D-{user.id}"
        return self._channels.setdefault(key, FakeChannel(key, "directmessage"))

    async def _take_upload(self, request: web.Request) -> web.StreamResponse:
        file = self.files[request.match_info["id"]]
        file.content = await request.read()
        return web.Response(text=f"OK - {len(file.content)}")

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        authorization = request.headers.get("Authorization", "")
        self.downloads.append((request.match_info["id"], authorization))
        if authorization != f"Bearer {self.token}" or self.lacks_file_scope:
            return web.Response(status=302, headers={"Location": f"http://{self._base}/login"})
        return web.Response(body=self.files[request.match_info["id"]].content, content_type="text/csv")

    def _open_channel(self, values: Json) -> FakeChannel:
        channel = self._channels.get(values.get("channel", ""))
        if channel is None or (channel.is_private and not channel.is_member):
            raise ValueError("channel_not_found")
        if channel.is_archived:
            raise ValueError("is_archived")
        if not channel.is_member:
            raise ValueError("not_in_channel")
        return channel

    def _keep(self, channel: FakeChannel, values: Json, seen_by: str | None = None) -> SentMessage:
        text, blocks = values.get("text", ""), values.get("blocks") or []
        metadata = values.get("metadata") or {}
        thread, aloud = values.get("thread_ts"), bool(values.get("reply_broadcast"))
        message = SentMessage(self._ts(), channel, text, blocks, thread, seen_by, metadata, texts=[text], aloud=aloud)
        self._sent.append(message)
        return message

    def _ts(self) -> str:
        """As Slack dates messages: by its clock, and never twice the same."""
        return f"{int(time.time())}.{next(self._ids):06}"


# ---------------------------------------------------------------- judging messages

_RICH = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
_RUNS = {"text", "link", "emoji", "date"}


def find_problem(values: Json) -> str:
    """Slack's word for what is wrong with a message; "" if nothing is."""
    text, blocks = values.get("text") or "", values.get("blocks") or []
    if not text and not blocks:
        return "no_text"
    if len(text) > 40_000:
        return "msg_too_long"
    if len(blocks) > 50:
        return "invalid_blocks"
    if sum(len(piece) for piece in _texts(blocks)) > 12_000:
        return "msg_blocks_too_long"
    try:
        for block in Block.parse_all(blocks):
            assert block is not None
            block.to_dict()  # raises where a limit of the block is broken
        for block in blocks:
            _check_block(block)
    except Exception as error:  # the models raise several kinds; all mean that Slack would refuse
        return f"invalid_blocks: {error}"
    return ""


def _checked(values: Json) -> Json:
    problem = find_problem(values)
    if problem:
        raise ValueError(problem)
    return values


def _checked_view(values: Json) -> Json:
    view: Json = values["view"] if isinstance(values["view"], dict) else json.loads(values["view"])
    problem = find_view_problem(view)
    if problem:
        raise ValueError(f"invalid_arguments: {problem}")
    return view


def find_view_problem(view: Json) -> str:
    """Why Slack would refuse a modal, or ""."""
    try:
        assert view["type"] == "modal", view["type"]
        View(**view).validate_json()
        assert 1 <= len(view["blocks"]) <= 100, "blocks"
        for block, parsed in zip(view["blocks"], Block.parse_all(view["blocks"]), strict=True):
            parsed.validate_json()
            _check_block(block)
        inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
        assert len(inputs) == len(set(inputs)), "block_id twice"
        assert not inputs or view.get("submit"), "a modal with inputs needs a submit"
        assert len(view.get("private_metadata", "")) <= 3_000, "private_metadata"
    except (AssertionError, SlackObjectFormationError, KeyError) as error:
        return str(error) or type(error).__name__
    return ""


def _initial(element: Json) -> str:
    """What an input holds that nobody touched."""
    return str(element.get("initial_option", {}).get("value") or element.get("initial_value") or "")


def _check_block(block: Json) -> None:
    """What slack_sdk's models let pass."""
    if block["type"] == "rich_text":
        assert block["elements"], "a rich_text needs elements"
        for element in block["elements"]:
            _check_rich(element)
    elif block["type"] == "actions":
        ids = [element["action_id"] for element in block["elements"]]
        assert len(ids) == len(set(ids)), "action_id twice"
        assert 1 <= len(ids) <= 25, "actions"
    elif block["type"] == "header":
        assert 1 <= len(block["text"]["text"]) <= 150, "header"
    elif block["type"] == "context":
        assert 1 <= len(block["elements"]) <= 10, "context"
    if block["type"] in ("header", "context"):
        texts = [block["text"]] if block["type"] == "header" else block["elements"]
        assert all(text["text"].strip() for text in texts), "empty text"


def _check_rich(element: Json) -> None:
    assert element["type"] in _RICH, element["type"]
    assert element["elements"], f"an empty {element['type']}"
    for inner in element["elements"]:
        if element["type"] == "rich_text_list":
            assert inner["type"] == "rich_text_section", inner["type"]
            _check_rich(inner)
            continue
        assert inner["type"] in _RUNS, inner["type"]
        assert inner.get("text", "-"), "must be more than 0 characters"
        if inner["type"] == "link":
            assert inner["url"].startswith(("http://", "https://")), inner["url"]
            assert len(inner["url"]) <= 3_000, "url"


def _texts(value: object, name: str = "") -> list[str]:
    """Every text in the blocks, in order."""
    if isinstance(value, dict):
        if "text" in value and isinstance(value["text"], str) and value.get("type") in ("text", "link"):
            return [value["text"]]
        if value.get("type") in ("rich_text_section", "rich_text_quote"):
            return ["".join(text for element in value["elements"] for text in _texts(element))]
        return [text for key, item in value.items() for text in _texts(item, key)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, name)]
    return [value] if isinstance(value, str) and name == "text" else []


async def _values(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return dict(request.query) | dict(await request.json())
    values: Json = dict(request.query) | dict(await request.post())
    for name in ("blocks", "metadata"):
        if isinstance(values.get(name), str):
            values[name] = json.loads(values[name])
    return values


def _close(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
