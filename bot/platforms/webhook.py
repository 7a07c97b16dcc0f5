"""Webhooks: each alert as a signed JSON document, by POST. The format is docs/webhook.md's; it takes no commands.

Addresses are checked and opened by the caller's `post`, which keeps to the border of fetching: no private addresses, no
redirects."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import aiohttp

from bot.counted import number
from bot.errors import BlockedAddressError, DeliveryError, FetchError
from bot.model import Attachment, Chat, ChatKey, Event, HttpAnswer, Message, Receipt
from bot.platforms.unasked import Unasked
from bot.platforms.web.platform import event_of
from bot.ports import Answer, Store
from bot.rendering import render_plain
from bot.visibility import see_event

Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[HttpAnswer]]
"""POST (address, body, headers), no redirects followed. Raises FetchError."""

FORMAT = 1
EVERY = timedelta(milliseconds=100)
_PAUSE = timedelta(seconds=30)  # where a 429 does not say how long
_LONGEST_PAUSE = timedelta(days=1)
_REFUSED = frozenset({400, 413, 415, 422})


class WebhookPlatform(Unasked):
    """`addresses`: a chat's id -> where it is posted. The same `secret` signs all."""

    name = "webhook"

    def __init__(self, store: Store, addresses: Mapping[str, str], secret: str, post: Post) -> None:
        self._store, self._addresses, self._secret, self._post = store, dict(addresses), secret, post
        self._running = False

    async def start(self, answer: Answer) -> None:  # noqa: ARG002 (nobody asks by a webhook)
        self._running = True

    async def stop(self) -> None:
        self._running = False

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,
        silent: bool = False,  # noqa: ARG002
        attachment: Attachment | None = None,  # noqa: ARG002 (alerts have none)
        mark: str = "",
    ) -> Receipt:
        key = mark or uuid.uuid4().hex
        await self._tell(chat, "follow_up" if reply_to and not aloud else "alert", message, key)
        return Receipt(chat, key)

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        version = hashlib.sha256(repr(message).encode()).hexdigest()[:12]
        await self._tell(receipt.chat, "update", message, f"{receipt.message_id}-{version}")
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002 (the same for all)
        return timedelta(0), EVERY

    def health(self) -> str:
        count = len(self._addresses)
        return number(count, "address", "addresses") if self._running else "not started"

    async def _tell(self, chat: ChatKey, kind: str, message: Message, key: str) -> None:
        address = self._addresses.get(chat.id)
        if not self._running or address is None:
            problem = "is not started" if address else "is not in the setting webhooks"
            raise DeliveryError(chat, f"the webhook {problem}", retry_after=timedelta(seconds=5))
        event = await asyncio.to_thread(self._event, event_of(message), chat)
        body = json.dumps(document(kind, key, message, event), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": key,
            "X-Signature": sign(self._secret, body, int(time.time())),
        }
        try:
            answer = await self._post(address, body, headers)
        except BlockedAddressError as blocked:
            raise DeliveryError(chat, blocked.problem, permanent=True) from None
        except FetchError as failed:
            never_sent = isinstance(failed.__cause__, aiohttp.ClientConnectorError)
            raise DeliveryError(chat, failed.problem, uncertain=not never_sent) from None
        if error := delivery_error(chat, answer):
            raise error

    def _event(self, key: str, chat: ChatKey) -> Event | None:
        """As the chat sees it; None if it sees none of it."""
        if not key:
            return None
        with self._store.reading() as records:
            event = records.event(key)
            return see_event(records, chat, event) if event else None


def delivery_error(chat: ChatKey, answer: HttpAnswer) -> DeliveryError | None:
    """What an answer means; None for 2xx."""
    status = answer.status
    if 200 <= status < 300:
        return None
    said = f"the receiver answered {status}"
    if status == 410:
        return DeliveryError(chat, f"{said}: it wants no more", permanent=True)
    if status == 429:
        return DeliveryError(chat, said, retry_after=_asked_pause(answer.headers.get("retry-after", "").strip()))
    if 300 <= status < 400:
        return DeliveryError(chat, f"{said}, and redirects are not followed: put the new address into webhooks")
    return DeliveryError(chat, said, refused=status in _REFUSED, uncertain=status in (502, 504))


def _asked_pause(asked: str) -> timedelta:
    """As long as it asks, a day at most: a slip there must not end what is told, nor overflow."""
    if not asked.isdecimal():
        return _PAUSE
    return min(timedelta(seconds=int(asked[:9])), _LONGEST_PAUSE)


def sign(secret: str, body: bytes, at: int) -> str:
    """'t=UNIX SECONDS,v1=HEX': HMAC-SHA256 of the time, a dot and the body, so that neither can be exchanged."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def document(kind: str, key: str, message: Message, event: Event | None) -> dict[str, Any]:
    """What is posted; docs/webhook.md describes it field by field."""
    return {
        "format": FORMAT,
        "id": key,
        "kind": kind,
        "severity": str(message.severity) if message.severity else None,
        "title": message.title,
        "text": render_plain(message),
        "event": _event_fields(event) if event else None,
    }


def _event_fields(event: Event) -> dict[str, Any]:
    return {
        "id": event.key,
        "kind": str(event.kind),
        "revision": event.revision,
        "withdrawn": event.withdrawn,
        "authorities": list(event.authorities),
        "programme": event.programme,
        "acted_on": event.acted_on.isoformat() if event.acted_on else None,
        "opened_at": event.opened_at.isoformat(),
        "updated_at": event.updated_at.isoformat(),
        "key_points": list(event.key_points),
        "targets": [
            {
                "entity": target.entity,
                "name": target.caption,
                "verdict": str(target.verdict),
                "confidence": round(target.confidence, 3),
                "evidence": target.evidence,
                "lead_in": target.lead_in,
                "url": target.url,
                "outlet": target.outlet,
            }
            for target in event.targets
        ],
        "withdrawn_targets": [
            {
                "entity": gone.target.entity,
                "name": gone.target.caption,
                "reason": gone.reason,
                "at": gone.at.isoformat(),
            }
            for gone in event.withdrawn_targets
        ],
        "eases": [{"entity": one.entity, "event": one.event} for one in event.eases],
        "sources": [
            {
                "url": source.url,
                "outlet": source.outlet,
                "title": source.title,
                "published_at": source.published_at.isoformat(),
            }
            for source in event.sources
        ],
    }
