"""Platforms that cannot be asked what arrived. A message whose answer was lost is sent again there, and counted."""

from __future__ import annotations

from datetime import datetime

from bot.model import ChatKey, Receipt
from bot.ports import Sight


class Unasked:
    """Telegram: a bot cannot read what it wrote, core.telegram.org/bots/api has no method for it. Webhook: the receiver
    drops what it knows by its Idempotency-Key, which we cannot see. Apprise, the terminal: nothing comes back."""

    async def find_sent(
        self,
        chat: ChatKey,  # noqa: ARG002 (the port's)
        mark: str,  # noqa: ARG002
        since: datetime,  # noqa: ARG002
        *,
        reply_to: Receipt | None = None,  # noqa: ARG002
    ) -> Receipt | Sight:
        return Sight.UNKNOWN
