"""The fake Telegram and Slack, failing at random: they answer 429 and 500, close before and after accepting, and hang
after accepting. Every copy of an alert that they accept is noted, with the process that sent it."""

from __future__ import annotations

import asyncio
import random
import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes import slack_server, telegram_server

ALERT = re.compile(r"Target (\d{5})")
ANSWER_LOST = ("close after", "hang after")


@dataclass(frozen=True)
class Faults:
    """How probable each is for one send, and how long a hanging answer hangs (seconds; None: for ever)."""

    too_many: float = 0.02
    broken: float = 0.02
    close: float = 0.015
    close_after: float = 0.02
    hang_after: float = 0.008
    hang_for: float | None = None

    def draw(self, dice: random.Random) -> str:
        kinds = ("too many", "broken", "close", "close after", "hang after")
        odds = (self.too_many, self.broken, self.close, self.close_after, self.hang_after)
        drawn = dice.choices((*kinds, ""), (*odds, 1 - sum(odds)))
        return drawn[0]


@dataclass(frozen=True)
class Copy:
    """An alert that arrived. `fault`: what then happened to the answer."""

    alert: int
    chat: str
    at: float  # monotonic
    process: str
    fault: str


@dataclass
class Notes:
    """What both servers saw."""

    dice: random.Random
    faults: Faults
    copies: list[Copy] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)
    looked: int = 0

    def draw(self) -> str:
        fault = self.faults.draw(self.dice)
        if fault:
            self.failed[fault] = self.failed.get(fault, 0) + 1
        return fault

    def arrived(self, chat: str, text: str, fault: str) -> None:
        if found := ALERT.search(text):
            copy = Copy(int(found[1]), chat, time.monotonic(), _PROCESS.get(), fault)
            self.copies.append(copy)


_PROCESS: ContextVar[str] = ContextVar("process", default="")
_FAULT: ContextVar[str] = ContextVar("fault", default="")


class FaultyTelegram(telegram_server.TelegramServer):
    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes, self.hang_for = notes, notes.faults.hang_for

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        _PROCESS.set(request.match_info.get("caller", ""))
        return await super()._serve(request)

    def _fault(self, method: str, values: dict[str, Any]) -> telegram_server.Fault | None:
        fault = self.notes.draw() if method in ("sendmessage", "editmessagetext") else ""
        _FAULT.set(fault)
        if fault == "too many":
            answer = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": _PAUSE}
            return telegram_server.Fault(method, "answer", answer, 429, 1, None)
        if fault == "broken":
            answer = {"ok": False, "error_code": 500, "description": "Internal Server Error"}
            return telegram_server.Fault(method, "answer", answer, 500, 1, None)
        return telegram_server.Fault(method, fault, {}, 0, 1, None) if fault else None  # type: ignore[arg-type]

    async def _do_sendmessage(self, values: dict[str, Any]) -> dict[str, Any]:
        answer = await super()._do_sendmessage(values)
        self.notes.arrived(str(values["chat_id"]), answer["text"], _FAULT.get())
        await asyncio.sleep(self.notes.dice.uniform(0.02, 0.08))  # the way back
        return answer

    def told(self) -> list[str]:
        """Every message as it reads now."""
        return [message.text for message in self._sent]


class FaultySlack(slack_server.SlackServer):
    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes, self.hang_for = notes, notes.faults.hang_for

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        _PROCESS.set(request.match_info.get("caller", ""))
        return await super()._serve(request)

    def _fault(self, method: str) -> slack_server.Fault | None:
        fault = self.notes.draw() if method in ("chat.postMessage", "chat.update") else ""
        _FAULT.set(fault)
        if fault == "too many":
            return slack_server.Fault(method, "answer", "ratelimited", 429, {"Retry-After": "2"}, 1)
        if fault == "broken":
            return slack_server.Fault(method, "answer", "internal_error", 500, {}, 1)
        return slack_server.Fault(method, fault, "", 0, {}, 1) if fault else None  # type: ignore[arg-type]

    def _do_chat_postMessage(self, values: dict[str, Any]) -> dict[str, Any]:
        answer = super()._do_chat_postMessage(values)
        self.notes.arrived(values["channel"], values.get("text", ""), _FAULT.get())
        return answer

    def _do_conversations_history(self, values: dict[str, Any]) -> dict[str, Any]:
        self.notes.looked += 1
        return super()._do_conversations_history(values)

    def told(self) -> list[str]:
        return [message.text for message in self._sent]


_PAUSE = {"retry_after": 2}
