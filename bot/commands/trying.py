"""`route test`: a message that goes the way of an alert, so that one sees what arrives before an alert does."""

from __future__ import annotations

from collections.abc import Mapping

from bot.commands.asking import Ask, cmd, reply
from bot.commands.phrases import chat_name, known_chats
from bot.errors import CommandError
from bot.model import Chat, ChatKey, Message, NoticeKind, Reply, Severity
from bot.ports import Records
from bot.rights import Right


def try_routes(ask: Ask, words: str) -> Reply:
    """Into all chats where this one's alerts go; into one that is named, for admins. Once a minute into each."""
    put = ask.services.put_notice
    if put is None:
        raise CommandError("This process sends nothing. Ask where the bot itself runs.")
    with ask.store.writing() as records:
        ask.require(records, Right.SUBSCRIBE, "have a test message sent", ask.here)
        ask.remember_chat(records)
        known = known_chats(records)
        chats = [_named(ask, records, words, known)] if words else _destinations(records, ask.request.chat.key)
        if not chats:
            raise CommandError(f"Every severity is switched off here, so no alert goes anywhere. See: {cmd('route')}")
        origin = chat_name(ask.request.chat.key, known)
        told, is_any_sent = [], False
        for chat in chats:
            key = f"test:{ask.now:%Y%m%dT%H%M}:{chat}"
            stopped = known[chat].stopped_reason if chat in known else "the bot has never been spoken to there"
            is_new = not stopped and put(records, NoticeKind.TEST, key, chat, _message(origin))
            is_any_sent |= is_new
            told.append(f"{chat_name(chat, known)}: {_told(stopped, is_new=is_new)}")
        is_subscribed = bool(words or records.subscriptions(ask.request.chat.key))
    return reply(
        "A test message is on its way" if is_any_sent else "No test message is sent",
        "" if is_subscribed else f"No alert will follow: nothing is subscribed to. {cmd('subscribe everything')}",
        bullets=told,
        footer=f"It goes the way of an alert. If one does not come in a minute, admins see why: {cmd('outbox')}",
        ok=is_any_sent,
    )


def _destinations(records: Records, here: ChatKey) -> list[ChatKey]:
    settings = records.routes_of(here)
    by_severity = {one.severity: one.to for one in settings.routes}
    led = [by_severity.get(severity, here) for severity in Severity]
    led += [settings.escalation.to] if settings.escalation else []
    return list(dict.fromkeys(chat for chat in led if chat))


def _named(ask: Ask, records: Records, words: str, known: Mapping[ChatKey, Chat]) -> ChatKey:
    """Webhooks and e-mail addresses are chats too: 'webhook:desk'."""
    ask.require_admin(records, "have a test message sent to another chat")
    wanted = words.removeprefix("to ").strip()
    found = [key for key, chat in known.items() if wanted.casefold() in (str(key).casefold(), chat.title.casefold())]
    if len(found) != 1:
        raise CommandError(
            f"There is no one chat “{wanted[:60]}” that the bot knows. Name it by its id, as slack:C0123."
        )
    return found[0]


def _told(stopped: str | None, *, is_new: bool) -> str:
    if stopped:
        return f"nothing is sent, as {stopped}"
    return "being sent" if is_new else "one was sent within this minute"


def _message(origin: str) -> Message:
    where = f"{'at' if origin.startswith('this machine') else 'in'} {origin}"  # as `seed` calls the console
    return Message("Test message", paragraphs=(f"Somebody {where} asked for it. Alerts arrive here the same way.",))
