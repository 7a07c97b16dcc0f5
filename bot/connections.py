"""The platforms as the settings connect them: to send, to take commands, to look at in a browser."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr

from bot.commands import COMMANDS
from bot.config import Settings, named_addresses
from bot.engine import DbosEngine
from bot.fetching import HttpFetcher
from bot.listening import Listener
from bot.model import NOTIFIERS, Chat, ChatKey, ChatKind, Source, Subscription, SubscriptionKind
from bot.platforms import CommandSpec
from bot.platforms.apprise import ApprisePlatform
from bot.platforms.slack import SlackPlatform
from bot.platforms.telegram import TelegramPlatform
from bot.platforms.web import WebPlatform
from bot.platforms.webhook import WebhookPlatform
from bot.ports import Platform, Records, Store
from bot.sources import load_sources

SEEDED_BY = "config"


NOT_SET = "it is not in the settings any more"


def chat_platforms(settings: Settings) -> list[Platform]:
    """Those whose tokens are set, to send; none unless this process may speak to chats. Slack over HTTP takes commands
    too: each call comes to one process, whichever it is."""
    if not {"chat", "deliver"} & set(settings.roles):
        return []
    platforms: list[Platform] = []
    if settings.telegram_token:
        platforms.append(_telegram(settings, settings.telegram_token, polls=False))
    if settings.slack_bot_token:
        listens = "chat" in settings.roles and not settings.slack_app_token
        platforms.append(_slack(settings, settings.slack_bot_token, listens=listens))
    return platforms


def notifiers(settings: Settings, store: Store, fetcher: HttpFetcher) -> list[Platform]:
    """What takes alerts and no commands, as far as it is set."""
    if not {"chat", "deliver"} & set(settings.roles):
        return []
    platforms: list[Platform] = []
    addresses = _notified(settings)
    if webhooks := addresses["webhook"]:
        platforms.append(WebhookPlatform(store, webhooks, secret_text(settings.webhook_secret) or "", fetcher.post))
    if services := addresses["apprise"]:
        platforms.append(ApprisePlatform(services))
    return platforms


def _notified(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """Each of `NOTIFIERS` -> its addresses by the names that the setting gives them."""
    return {platform: named_addresses(getattr(settings, setting)) for platform, setting in NOTIFIERS.items()}


def keep_notified(records: Records, settings: Settings, now: datetime) -> None:
    """A chat for each address of the settings, told everything; one that is gone from there stops, one that is back
    wakes."""
    wanted = {ChatKey(platform, name) for platform, names in _notified(settings).items() for name in names}
    known = {chat.key: chat for chat in records.chats() if chat.key.platform in NOTIFIERS}
    for key in sorted(wanted - known.keys(), key=str):
        records.save_chat(Chat(key, ChatKind.CHANNEL, f"{key.platform} {key.id}"))
        records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING, "", now, SEEDED_BY))
    for key, chat in known.items():
        if key in wanted and chat.stopped_reason == NOT_SET:
            records.save_chat(replace(chat, stopped_reason=None))
        elif key not in wanted and not chat.stopped_reason:
            records.save_chat(replace(chat, stopped_reason=NOT_SET))


def listeners_of(settings: Settings, engine: DbosEngine) -> dict[str, Listener]:
    """For each account whose commands only one process may take. A lock's name tells which account it is, not its
    token."""
    if "chat" not in settings.roles:
        return {}
    listeners = {}
    if settings.telegram_token:
        account = settings.telegram_token.get_secret_value().strip().partition(":")[0]
        telegram = _telegram(settings, settings.telegram_token, polls=True)
        listeners[telegram.name] = Listener(telegram, engine.sole(f"telegram commands of bot {account}"))
    if settings.slack_bot_token and settings.slack_app_token:
        account = hashlib.sha256(settings.slack_app_token.get_secret_value().strip().encode()).hexdigest()[:8]
        slack = _slack(settings, settings.slack_bot_token, listens=True)
        listeners[slack.name] = Listener(slack, engine.sole(f"slack commands of app {account}"))
    return listeners


def _specs() -> list[CommandSpec]:
    return [CommandSpec(command.name, command.summary, command.admin) for command in COMMANDS]


def _telegram(settings: Settings, token: SecretStr, *, polls: bool) -> TelegramPlatform:
    return TelegramPlatform(
        token.get_secret_value(),
        base_url=f"{settings.telegram_api_url.rstrip('/')}/bot",
        base_file_url=f"{settings.telegram_api_url.rstrip('/')}/file/bot",
        commands=_specs(),
        polls=polls,
        upload_max_bytes=settings.upload_max_bytes,
    )


def _slack(settings: Settings, token: SecretStr, *, listens: bool) -> SlackPlatform:
    return SlackPlatform(
        token.get_secret_value(),
        app_token=secret_text(settings.slack_app_token),
        signing_secret=secret_text(settings.slack_signing_secret),
        base_url=settings.slack_api_url,
        commands=_specs(),
        listens=listens,
        upload_max_bytes=settings.upload_max_bytes,
    )


def secret_text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def web_platform(
    settings: Settings, store: Store, platforms: Mapping[str, Platform], sources: Mapping[str, Source]
) -> WebPlatform:
    slack = platforms.get("slack")
    routes = slack.http_routes() if isinstance(slack, SlackPlatform) else ()
    return WebPlatform(
        store,
        names=frozenset(settings.web_names),
        extra_routes=routes,
        sources=lambda records: load_sources(records, sources).values(),
        upload_max_bytes=settings.upload_max_bytes,
    )
