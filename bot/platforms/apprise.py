"""E-mail and 100 other services by Apprise (github.com/caronc/apprise), as plain text; takes no commands.

Optional: `pip install sanctions-bot[apprise]`. What was sent cannot be edited there; what is new is a follow-up. Mails
on one alert are one thread: they refer to one id and have one subject, as some programs look at the one and some at the
other. The mail's own Message-ID is the library's.

A mail to several is sent to each by itself: the library says only whether all have it, and who has it is not to get it
again each time that it is tried for the others. Who has it is known while the process runs."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import importlib
import logging
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.counted import number
from bot.errors import ConfigError, DeliveryError
from bot.model import Attachment, Chat, ChatKey, Message, Receipt
from bot.platforms.unasked import Unasked
from bot.ports import Answer
from bot.rendering import defang, render_defanged

KEY = "apprise"
EVERY = timedelta(seconds=2)  # to one address: mail servers take a burst for spam
SEND_WITHIN = 60.0  # seconds
MAIL_TRIES = 10  # half an hour: a server that puts off whom it does not know takes it by then
_MOST = 8_000  # characters
_MOST_KEPT = 1_000  # mails that some have and others not
_DOMAIN = "sanctions-bot"  # of ids that no mail has: what refers to one of them is one thread all the same


_heard: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("heard", default=None)
_ANSWER = re.compile(r"\((\d{3}), b?(['\"])(.*?)\2\)")  # as smtplib's errors read
_NO_LINK = re.compile(r"\[Errno (?:111|113|-2|-3|-5)\]|getaddrinfo|CERTIFICATE")  # nothing was sent


class _Reasons(logging.Filter):
    """Why a mail was not taken, the library tells in its lines for debugging alone, beside which others may show an
    address with its password: those of a send are kept for it, none goes on."""

    def filter(self, record: logging.LogRecord) -> bool:
        heard, text = _heard.get(), record.getMessage()
        if heard is not None and text.startswith("Socket Exception: "):
            heard.append(text.removeprefix("Socket Exception: "))
        return record.levelno >= max(logging.INFO, logging.getLogger().getEffectiveLevel())


_REASONS = _Reasons()


@dataclass(slots=True)
class _Part:
    """What is sent by itself: one recipient's mail, `to` them; or one of another service, `to` ""."""

    service: Any
    plugin: Any
    to: str = ""


@dataclass(slots=True)
class _Sending:
    """One message on its way. `arrived`: the places of the parts that have it."""

    anchor: str
    arrived: set[int] = field(default_factory=set)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class _Failed:
    """`uncertain`: it may have arrived all the same."""

    why: str
    uncertain: bool


class ApprisePlatform(Unasked):
    """`addresses`: a chat's id -> its Apprise address, which mostly holds a password: it is in no log and no error."""

    name = "apprise"

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.on_trouble: Callable[[str], None] = lambda _text: None
        self._addresses = dict(addresses)
        self._services: dict[str, list[_Part]] = {}
        self._sendings: dict[str, _Sending] = {}  # by mark: those that some have and others not

    async def start(self, answer: Answer) -> None:  # noqa: ARG002 (nobody asks here)
        """Raises ConfigError without the library, or for an address that it does not know."""
        library = _library()
        lines = logging.getLogger("apprise")
        lines.addFilter(_REASONS)
        lines.setLevel(logging.DEBUG)
        services = {}
        for name, address in self._addresses.items():
            service = library.Apprise()
            if not service.add(address):
                raise ConfigError(KEY, f"the address of {name} is none that Apprise knows", "see its list of services")
            services[name] = [part for plugin in service for part in _parts(library, plugin)]
        self._services = services

    async def stop(self) -> None:
        self._services = {}

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,  # noqa: ARG002 (a mail in a thread is among the newest)
        silent: bool = False,  # noqa: ARG002
        attachment: Attachment | None = None,  # noqa: ARG002 (alerts have none)
        mark: str = "",
    ) -> Receipt:
        parts = self._services.get(chat.id)
        if parts is None:
            problem = "is not connected" if chat.id in self._addresses else "is not in the setting apprise"
            raise DeliveryError(chat, f"{chat.id} {problem}", retry_after=timedelta(seconds=5))
        title = defang(message.title)
        anchor, _, subject = (reply_to.message_id if reply_to else "").partition(" ")
        sending = self._sendings.pop(mark, None) or _Sending(anchor or f"{mark or 'message'}.{uuid.uuid4().hex[:12]}")
        if subject and all(part.to for part in parts):
            title = f"Re: {subject}"  # the mail itself begins with its own title
        for part in parts:
            if part.to:
                _thread(part.plugin, f"<{sending.anchor}@{_DOMAIN}>", is_reply=reply_to is not None)
        try:
            async with asyncio.timeout(SEND_WITHIN):
                failed = await _send_rest(parts, sending, title, render_defanged(message, _MOST))
        except TimeoutError:
            self._keep(mark, sending)
            raise DeliveryError(chat, f"no answer within {SEND_WITHIN:g} s", uncertain=True) from None
        except Exception as error:  # whatever one of a hundred services raises; its text may hold the address
            self._keep(mark, sending)
            raise DeliveryError(chat, f"Apprise failed: {type(error).__name__}", uncertain=True) from None
        if failed:
            why = "; ".join(dict.fromkeys(one.why for one in failed))
            sending.tries += 1
            if not sending.arrived or sending.tries < MAIL_TRIES:
                self._keep(mark, sending)
                raise DeliveryError(chat, why, uncertain=any(one.uncertain for one in failed))
            self.on_trouble(f"{chat}: a mail did not reach all in {MAIL_TRIES} tries, the others have it: {why}")
        return Receipt(chat, f"{sending.anchor} {subject or title}")

    def _keep(self, mark: str, sending: _Sending) -> None:
        """Until it is tried again."""
        if mark and sending.arrived:
            self._sendings[mark] = sending
            while len(self._sendings) > _MOST_KEPT:
                del self._sendings[next(iter(self._sendings))]

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:  # noqa: ARG002
        """Nothing: a mail that was sent stays as it is, and each further outlet is no news worth another."""
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002 (the same for all)
        return timedelta(0), EVERY

    def health(self) -> str:
        count = len(self._services)
        return number(count, "address", "addresses") if self._services else "not connected"


def _parts(library: Any, plugin: Any) -> list[_Part]:
    """A mail for each of its recipients; of other services what they are."""
    targets = getattr(plugin, "targets", None) if _is_mail(plugin) else None
    parts: list[_Part] = []
    for target in targets or [None]:
        one = copy.copy(plugin)
        if target:
            one.targets = [target]
        if parts:
            one.request_rate_per_sec = 0  # the library's pause is between two messages, not between those who get one
        service = library.Apprise()
        service.add(one)
        parts.append(_Part(service, one, str(target[1]) if target else ""))
    return parts


def _thread(plugin: Any, anchor: str, *, is_reply: bool) -> None:
    plugin.headers = {**plugin.headers, "References": anchor}  # RFC 5322, 3.6.4
    if is_reply:
        plugin.headers["In-Reply-To"] = anchor
    else:
        plugin.headers.pop("In-Reply-To", None)


async def _send_rest(parts: Sequence[_Part], sending: _Sending, title: str, body: str) -> list[_Failed]:
    """To those who do not have it yet, one after the other; returns where it failed."""
    failed = []
    for place, part in enumerate(parts):
        if place in sending.arrived:
            continue
        heard: list[str] = []
        token = _heard.set(heard)
        try:
            arrived = await part.service.async_notify(
                title=title, body=body, body_format="text", interpret_escapes=False
            )
        finally:
            _heard.reset(token)
        if arrived:
            sending.arrived.add(place)
        else:
            failed.append(_failure(part, heard))
    return failed


def _failure(part: _Part, heard: Sequence[str]) -> _Failed:
    said = heard[-1] if heard else ""
    if password := getattr(part.plugin, "password", None):
        said = said.replace(str(password), "…")
    answer = _ANSWER.search(said)
    if not part.to or not said:
        # it says no more than that, be it a refused password or a lost answer
        return _Failed("Apprise could not send it; its log lines say why", uncertain=True)
    told = f"{answer[1]} {answer[3]}".replace("\\n", " ") if answer else said
    return _Failed(f"{part.to}: {told[:200]}", uncertain=not (answer or _NO_LINK.search(said)))


def _is_mail(plugin: Any) -> bool:
    return str(getattr(plugin, "service_name", "")) == "E-Mail" and isinstance(getattr(plugin, "headers", None), dict)


def _library() -> Any:
    try:
        return importlib.import_module("apprise")
    except ImportError:
        raise ConfigError(KEY, "needs the library Apprise", "pip install 'sanctions-bot[apprise]'") from None
