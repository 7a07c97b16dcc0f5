"""E-mail and 100 other services by Apprise (github.com/caronc/apprise), as plain text; takes no commands.

Optional: `pip install sanctions-bot[apprise]`. What was sent cannot be edited there; what is new is a follow-up. Mails
on one alert are one thread: they refer to one id and have one subject, as some programs look at the one and some at the
other. The mail's own Message-ID is the library's."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import ConfigError, DeliveryError
from bot.model import Attachment, Chat, ChatKey, Message, Receipt
from bot.platforms.unasked import Unasked
from bot.ports import Answer
from bot.rendering import defang, render_defanged

KEY = "apprise"
EVERY = timedelta(seconds=2)  # to one address: mail servers take a burst for spam
SEND_WITHIN = 60.0  # seconds
_MOST = 8_000  # characters
_DOMAIN = "sanctions-bot"  # of ids that no mail has: what refers to one of them is one thread all the same


class ApprisePlatform(Unasked):
    """`addresses`: a chat's id -> its Apprise address, which mostly holds a password: it is in no log and no error."""

    name = "apprise"

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = dict(addresses)
        self._services: dict[str, Any] = {}

    async def start(self, answer: Answer) -> None:  # noqa: ARG002 (nobody asks here)
        """Raises ConfigError without the library, or for an address that it does not know."""
        library = _library()
        services = {}
        for name, address in self._addresses.items():
            services[name] = library.Apprise()
            if not services[name].add(address):
                raise ConfigError(KEY, f"the address of {name} is none that Apprise knows", "see its list of services")
        self._services = services

    async def stop(self) -> None:
        self._services = {}

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        silent: bool = False,  # noqa: ARG002
        attachment: Attachment | None = None,  # noqa: ARG002 (alerts have none)
        mark: str = "",
    ) -> Receipt:
        service = self._services.get(chat.id)
        if service is None:
            problem = "is not connected" if chat.id in self._addresses else "is not in the setting apprise"
            raise DeliveryError(chat, f"{chat.id} {problem}", retry_after=timedelta(seconds=5))
        title = defang(message.title)
        mails = [plugin for plugin in service if _is_mail(plugin)]
        anchor, _, subject = (reply_to.message_id if reply_to else "").partition(" ")
        anchor = anchor or f"{mark or 'message'}.{uuid.uuid4().hex[:12]}"
        if subject and len(mails) == len(service):
            title = f"Re: {subject}"  # the mail itself begins with its own title
        for plugin in mails:
            plugin.headers = {**plugin.headers, "References": f"<{anchor}@{_DOMAIN}>"}  # RFC 5322, 3.6.4
            if reply_to:
                plugin.headers["In-Reply-To"] = plugin.headers["References"]
            else:
                plugin.headers.pop("In-Reply-To", None)
        try:
            async with asyncio.timeout(SEND_WITHIN):
                arrived = await service.async_notify(
                    title=title,
                    body=render_defanged(message, _MOST),
                    body_format="text",
                    interpret_escapes=False,
                )
        except TimeoutError:
            raise DeliveryError(chat, f"no answer within {SEND_WITHIN:g} s", uncertain=True) from None
        except Exception as error:  # whatever one of a hundred services raises; its text may hold the address
            raise DeliveryError(chat, f"Apprise failed: {type(error).__name__}", uncertain=True) from None
        if not arrived:
            # it says no more than that, be it a refused password or a lost answer
            raise DeliveryError(chat, "Apprise could not send it; its log lines say why", uncertain=True)
        return Receipt(chat, f"{anchor} {subject or title}")

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:  # noqa: ARG002
        """Nothing: a mail that was sent stays as it is, and each further outlet is no news worth another."""
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002 (the same for all)
        return timedelta(0), EVERY

    def health(self) -> str:
        count = len(self._services)
        return f"{count} address{'' if count == 1 else 'es'}" if self._services else "not connected"


def _is_mail(plugin: Any) -> bool:
    return str(getattr(plugin, "service_name", "")) == "E-Mail" and isinstance(getattr(plugin, "headers", None), dict)


def _library() -> Any:
    try:
        return importlib.import_module("apprise")
    except ImportError:
        raise ConfigError(KEY, "needs the library Apprise", "pip install 'sanctions-bot[apprise]'") from None
