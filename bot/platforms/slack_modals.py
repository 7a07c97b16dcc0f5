"""Forms in Slack: opened by a command's or a button's trigger, judged when sent in, shown once more, then confirmed.

A trigger lives for three seconds, and so does a submission that waits for its answer: what takes longer is shown by an
update of the same modal.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Chat, ChatKey, ChatKind, Form, Message, Reply, User
from bot.rendering import shorten
from bot.rendering.slack_forms import FORM, MOST_TITLE, SHOWN, read_form, render_form, render_shown

log = structlog.get_logger(__name__)

ANSWER_WITHIN = 2.0  # seconds: Slack waits three
SETTLES = 0.5  # seconds until Slack has carried out an answer: an update that overtakes it is lost
Json = dict[str, Any]
AskCommand = Callable[[Chat, User, str, Mapping[str, str]], Awaitable[Reply | None]]
Tell = Callable[[Chat, User, Reply], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Place:
    """What a modal brings back: the chat that it was opened in, and what its buttons mean."""

    chat: Chat
    title: str
    command: str = ""  # sent when it is sent in
    closing: str = ""  # sent when it is closed

    def dump(self) -> str:
        chat = self.chat
        return json.dumps([chat.key.id, chat.kind, chat.title, self.title, self.command, self.closing])

    @classmethod
    def load(cls, platform: str, text: str) -> Place:
        chat, kind, chat_title, title, command, closing = json.loads(text)
        return cls(Chat(ChatKey(platform, chat), ChatKind(kind), chat_title), title, command, closing)


class Modals:
    """`ask` answers a command, with a form's fields; `tell` posts an answer in the chat."""

    def __init__(self, platform: str, client: AsyncWebClient, ask: AskCommand, tell: Tell) -> None:
        self._platform, self._client, self._ask, self._tell = platform, client, ask, tell

    def register(self, bolt: AsyncApp) -> None:
        bolt.view(FORM)(self._on_filled)
        bolt.view(SHOWN)(self._on_confirmed)
        for callback in (FORM, SHOWN):
            bolt.view_closed(callback)(self._on_closed)

    async def open(self, trigger: str, chat: Chat, form: Form) -> bool:
        """False if Slack does not open it: the trigger is too old, or was used."""
        place = Place(chat, form.title, form.command, "watch cancel")
        try:
            await self._client.views_open(trigger_id=trigger, view=render_form(form, place.dump()))
        except (TimeoutError, SlackApiError, aiohttp.ClientError, OSError) as error:
            log.info("form not opened", chat=str(chat.key), problem=str(error))
            return False
        return True

    # ------------------------------------------------------------ what people do

    async def _on_filled(self, ack: Any, body: Json) -> None:
        """Slack keeps the form open where fields are wrong, and shows each field what is."""
        view, place = body["view"], Place.load(self._platform, body["view"]["private_metadata"])
        fields = read_form(view["state"]["values"])
        asked = asyncio.ensure_future(self._ask(place.chat, _user(self._platform, body), place.command, fields))
        done, _ = await asyncio.wait({asked}, timeout=ANSWER_WITHIN)
        if not done:
            waits = Message("Trying it on what was read so far …", paragraphs=("Nothing is saved yet.",))
            await ack(response_action="update", view=render_shown(place.title, waits))
            reply, _ = await asyncio.gather(asked, asyncio.sleep(SETTLES))
            await self._update(view, _next_view(place, reply))
            return
        reply = await asked
        if reply and reply.form:
            await ack(response_action="errors", errors=_errors(reply.form, view))
        else:
            await ack(response_action="update", view=_next_view(place, reply))

    async def _on_confirmed(self, ack: Any, body: Json) -> None:
        """The answer, with its buttons, stands in the chat."""
        await ack(response_action="clear")
        place, user = Place.load(self._platform, body["view"]["private_metadata"]), _user(self._platform, body)
        if place.command and (reply := await self._ask(place.chat, user, place.command, {})):
            await self._tell(place.chat, user, reply)

    async def _on_closed(self, ack: Any, body: Json) -> None:
        await ack()
        place = Place.load(self._platform, body["view"]["private_metadata"])
        if place.closing:
            await self._ask(place.chat, _user(self._platform, body), place.closing, {})

    async def _update(self, view: Json, shown: Json) -> None:
        try:
            await self._client.views_update(view_id=view["id"], view=shown)
        except (TimeoutError, SlackApiError, aiohttp.ClientError, OSError) as error:
            log.warning("form not brought up to date", problem=str(error))


def _next_view(place: Place, reply: Reply | None) -> Json:
    """What follows a form: itself with what is wrong, or its preview with a button that confirms it."""
    if reply is None:
        return render_shown(place.title, Message("The bot is stopping. Please send it again in a moment."))
    if reply.form:
        return render_form(reply.form, place.dump())
    go_on, *others = reply.message.actions or (None,)
    if not reply.ok or go_on is None or not go_on.data:
        return render_shown(place.title, reply.message)
    no = others[0] if others else None
    then = Place(place.chat, place.title, go_on.data, no.data if no else "")
    submit, close = shorten(go_on.label, MOST_TITLE), shorten(no.label, MOST_TITLE) if no else "Close"
    return render_shown(place.title, reply.message, then.dump(), submit, close)


def _errors(form: Form, view: Json) -> dict[str, str]:
    """By the fields that the open form has."""
    there = list(view["state"]["values"])
    return {one.key if one.key in there else there[0]: one.wrong for one in form.fields if one.wrong}


def _user(platform: str, body: Json) -> User:
    who = body["user"]
    return User(platform, who["id"], who.get("username") or who.get("name", ""))
