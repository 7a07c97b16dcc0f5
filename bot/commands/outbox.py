"""outbox: what waits, what is being sent, what was given up; retry and drop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from bot.commands.asking import Ask, cmd, reply
from bot.commands.phrases import ago, until
from bot.counted import number, shortened
from bot.errors import CommandError
from bot.model import ChatKey, DeadJob, Delivery, DeliveryKind, DeliveryState, Notice, NoticeKind, Reply, is_notice_mark
from bot.ports import Outbox, Records

Key = TypeVar("Key", int, str)  # of a row: a delivery's number, a notice's mark
Row = TypeVar("Row", Delivery, Notice)

_CHATS_SHOWN, _DEAD_SHOWN, _LISTED = 10, 10, 2_000
_REASON = 200  # characters
_KINDS = {DeliveryKind.ALERT: "alert", DeliveryKind.EDIT: "update", DeliveryKind.FOLLOW_UP: "follow-up"}
_NOTICES = {
    NoticeKind.BATCH: "what came in during quiet hours",
    NoticeKind.DIGEST: "the digest",
    NoticeKind.ESCALATION: "the escalation",
    NoticeKind.REMINDER: "the reminder",
    NoticeKind.CORRECTION: "the correction",
    NoticeKind.TEST: "a test message",
    NoticeKind.APPROVAL: "an answer to what somebody asked for",
    NoticeKind.TROUBLE: "a notice of trouble",
}


def outbox(ask: Ask) -> Reply:
    """For admins, in any chat."""
    with ask.store.reading() as records:
        ask.require_admin(records, "see and change the outbox")
    return tend_outbox(ask)


def tend_outbox(ask: Ask) -> Reply:
    """The same for whoever sits at this machine."""
    verb, rest = ask.first_word()
    match verb:
        case "":
            return _shown(ask)
        case "retry":
            return _retry(ask, rest)
        case "drop":
            return _drop(ask, rest)
        case _:
            raise CommandError(f"“{shortened(verb, 30)}” is not known here. Send: {cmd('outbox')} to see what it holds")


# ---------------------------------------------------------------- seeing


def _shown(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        box = records.outbox(_LISTED)
        titles = {chat.key: chat.title for chat in records.chats()}
    jobs = _dead_jobs(ask)
    given_up = box.dead_in_all + len(jobs)
    bullets = [*_told_waiting(ask, box, titles), *_told_sending(ask, box, titles)]
    bullets += [_told_open(notice, ask, titles) for notice in box.open_notices[:_CHATS_SHOWN]]
    bullets += [_told_dead(row, ask, titles) for row in box.dead[:_DEAD_SHOWN]]
    bullets += [_told_dead_notice(notice, ask, titles) for notice in box.dead_notices[:_DEAD_SHOWN]]
    bullets += [_told_job(job, ask) for job in jobs[:_DEAD_SHOWN]]
    shown = sum(min(len(some), _DEAD_SHOWN) for some in (box.dead, box.dead_notices, jobs))
    if given_up > shown:
        bullets.append(f"and {given_up - shown} more were given up")
    again = f"{cmd('outbox retry ID')} or {cmd('outbox retry all')} tries again, {cmd('outbox drop ID WHY')} drops it."
    return reply(
        f"{box.waiting_in_all:,} waiting, {len(box.sending):,} being sent, {given_up:,} given up",
        "All that was to be sent is sent." if not bullets else "",
        _told_twice(box.perhaps_twice) if box.perhaps_twice else "",
        bullets=bullets,
        footer=again if given_up else "",
    )


def _told_twice(count: int) -> str:
    messages = number(count, "message was", "messages were")
    return f"{messages} perhaps sent twice: the platform's answer was lost, and it cannot be asked what arrived."


def _told_waiting(ask: Ask, box: Outbox, titles: dict[ChatKey, str]) -> Iterator[str]:
    """'telegram:7 (Desk): 3 waiting, the oldest since 5 min ago; next try in 2 min: Telegram asks for a pause'."""
    by_chat = sorted(box.waiting, key=lambda row: (str(row.chat), row.id))
    groups = [(chat, list(rows)) for chat, rows in groupby(by_chat, key=lambda row: row.chat)]
    groups.sort(key=lambda group: group[1][0].id)
    for chat, rows in groups[:_CHATS_SHOWN]:
        tried = next((row for row in rows if row.next_try_at), None)
        line = f"{_chat(chat, titles)}: {number(len(rows), 'message')} waiting, the oldest {_since(rows[0], ask)}"
        if tried and tried.next_try_at:
            line += f"; next try {until(tried.next_try_at, ask.now)}: {shortened(tried.reason, _REASON)}"
        yield line
    if len(groups) > _CHATS_SHOWN:
        yield f"and messages for {number(len(groups) - _CHATS_SHOWN, 'more chat')}"


def _told_sending(ask: Ask, box: Outbox, titles: dict[ChatKey, str]) -> Iterator[str]:
    for row in box.sending[:_CHATS_SHOWN]:
        began = ago(row.tried_at, ask.now) if row.tried_at else "just now"
        yield f"{_chat(row.chat, titles)}: {_what(row)} is being sent, try {row.tries}, begun {began}"


def _told_dead(row: Delivery, ask: Ask, titles: dict[ChatKey, str]) -> str:
    tried = f", last tried {ago(row.tried_at, ask.now)}" if row.tried_at else ""
    arrived = "; it may have arrived" if row.unsure else ""
    reason = shortened(row.reason, _REASON) or "no reason known"
    return f"{row.id}: {_what(row)} to {_chat(row.chat, titles)} given up: {reason}{tried}{arrived}"


def _told_open(notice: Notice, ask: Ask, titles: dict[ChatKey, str]) -> str:
    tries = f", {number(notice.tries, 'try', 'tries')} so far" if notice.tries else ""
    planned = ago(notice.created_at, ask.now)
    return f"{_chat(notice.chat, titles)}: {_what_notice(notice)} waiting, planned {planned}{tries}"


def _told_dead_notice(notice: Notice, ask: Ask, titles: dict[ChatKey, str]) -> str:
    reason = shortened(notice.reason, _REASON) or "no reason known"
    when = f", planned {ago(notice.created_at, ask.now)}"
    return f"{notice.mark}: {_what_notice(notice)} to {_chat(notice.chat, titles)} given up: {reason}{when}"


def _what_notice(notice: Notice) -> str:
    """'the escalation (“Volga Shipping — new US sanctions”)'"""
    return f"{_NOTICES[notice.kind]} (“{shortened(notice.message.title, 60)}”)"


def _told_job(job: DeadJob, ask: Ask) -> str:
    when = f" {ago(job.at, ask.now)}" if job.at else ""
    return f"{job.id}: job given up{when}: {shortened(job.reason, _REASON)}"


def _what(row: Delivery) -> str:
    return f"the {_KINDS[row.kind]} of event {row.event}"


def _chat(chat: ChatKey, titles: dict[ChatKey, str]) -> str:
    title = titles.get(chat, "")
    return f"{chat} ({shortened(title, 40)})" if title else str(chat)


def _since(row: Delivery, ask: Ask) -> str:
    return ago(row.created_at, ask.now)


# ---------------------------------------------------------------- changing


def _retry(ask: Ask, words: str) -> Reply:
    key = words.strip()
    if not key:
        raise CommandError(f"Say which: {cmd('outbox retry ID')}, or {cmd('outbox retry all')}")
    if key.casefold() == "all":
        return _retry_all(ask)
    if key.isdecimal():
        rows = _renewed(ask, ask.services.renew_delivery, [int(key)])
        if not rows:
            raise CommandError(f"No message {key} was given up. See {cmd('outbox')}")
        return reply("Tried again", f"{_what(rows[0]).capitalize()} to {rows[0].chat} waits to be sent.")
    if is_notice_mark(key):
        notices = _renewed(ask, ask.services.renew_notice, [key.casefold()])
        if not notices:
            raise CommandError(f"No message {key} was given up. See {cmd('outbox')}")
        what = _what_notice(notices[0])
        return reply("Tried again", f"{what[:1].upper()}{what[1:]} to {notices[0].chat} waits to be sent.")
    _find_job(ask, key)
    _dead_jobs(ask, revive=[key])
    _audit(ask, f"outbox retry {key}")
    return reply("Tried again", f"The job {key} waits to be run.")


def _retry_all(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        box = records.outbox(_LISTED)
    services = ask.services
    rows: list[Delivery | Notice] = [*_renewed(ask, services.renew_delivery, sorted(row.id for row in box.dead))]
    rows += _renewed(ask, services.renew_notice, [notice.mark for notice in reversed(box.dead_notices)])
    jobs = [job.id for job in _dead_jobs(ask)]
    if jobs:
        _dead_jobs(ask, revive=jobs)
        _audit(ask, "outbox retry all", f"{len(jobs)} jobs")
    if not rows and not jobs:
        return reply("Nothing to try again", "No message and no job was given up.")
    told = " and ".join(
        part for part in (rows and number(len(rows), "message"), jobs and number(len(jobs), "job")) if part
    )
    verb = "is" if len(rows) + len(jobs) == 1 else "are"
    return reply("Tried again", f"{told} that had been given up {verb} tried again.")


def _renewed(ask: Ask, renew: Callable[[Records, Key], Row | None] | None, keys: Sequence[Key]) -> list[Row]:
    """The rows of these keys, those that were given up: they wait again."""
    if renew is None:
        raise CommandError("This process cannot send. Send it where the bot runs, or: sanctions-bot outbox retry")
    with ask.store.writing() as records:
        found = {key: row for key in keys if (row := renew(records, key))}
        for row in found.values():
            _wake(records, row.chat)
        if found:
            ask.audit(records, "outbox retry", after=", ".join(map(str, list(found)[:50])))
    return list(found.values())


def _wake(records: Records, key: ChatKey) -> None:
    """To try again is to say that the chat can be reached again; if not, the next try stops it again."""
    chat = records.chat(key)
    if chat and chat.stopped_reason:
        records.save_chat(replace(chat, stopped_reason=None))


def _drop(ask: Ask, words: str) -> Reply:
    key, _, why = words.strip().partition(" ")
    if not key or not why.strip():
        raise CommandError(f"Say which and why: {cmd('outbox drop ID WHY')}")
    if is_notice_mark(key):
        return _drop_notice(ask, key.casefold(), why.strip())
    if not key.isdecimal():
        _find_job(ask, key)
        _dead_jobs(ask, drop=[key])
        _audit(ask, f"outbox drop {key}", why)
        return reply("Dropped", f"The job {key} is forgotten. It is in the audit log with your reason.")
    with ask.store.writing() as records:
        row = records.delivery(int(key))
        if row is None or row.state not in (DeliveryState.DEAD, DeliveryState.WAITING):
            busy = row is not None and row.state is DeliveryState.SENDING
            why_not = "is being sent just now" if busy else "does not wait, and was not given up"
            raise CommandError(f"Message {key} {why_not}. See {cmd('outbox')}")
        records.settle_delivery(row.id, DeliveryState.SKIPPED, ask.now, f"dropped by {ask.who}: {why}")
        ask.audit(records, f"outbox drop {row.id}", row.reason, why)
    return reply("Dropped", f"{_what(row).capitalize()} is not sent to {row.chat}. The row and your reason stay.")


def _drop_notice(ask: Ask, mark: str, why: str) -> Reply:
    with ask.store.writing() as records:
        notice = records.drop_notice(mark, ask.now, f"dropped by {ask.who}: {why}")
        if notice is None:
            raise CommandError(f"Message {mark} does not wait, and was not given up. See {cmd('outbox')}")
        ask.audit(records, f"outbox drop {mark}", notice.key, why)
    what = _what_notice(notice)
    return reply("Dropped", f"{what[:1].upper()}{what[1:]} is not sent to {notice.chat}. The row and your reason stay.")


def _find_job(ask: Ask, key: str) -> DeadJob:
    job = next((job for job in _dead_jobs(ask) if job.id == key), None)
    if job is None:
        raise CommandError(f"No job “{shortened(key, 60)}” was given up. See {cmd('outbox')}")
    return job


def _dead_jobs(ask: Ask, revive: Sequence[str] = (), drop: Sequence[str] = ()) -> tuple[DeadJob, ...]:
    """Those of deliveries and notices are left out: their rows tell of them."""
    jobs = ask.services.dead_jobs
    if jobs is None:
        return ()
    return tuple(job for job in jobs(revive, drop) if job.job not in ("deliver", "notice"))


def _audit(ask: Ask, what: str, after: str = "") -> None:
    with ask.store.writing() as records:
        ask.audit(records, what, after=after)
