"""What a start puts into the store: the watchlist's new entries, the chats of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import structlog

from bot.app import Bot
from bot.commands.watch.doubles import find_doubles
from bot.commands.watch.keyless import untracked
from bot.commands.watch.nearly import find_pairs
from bot.connections import SEEDED_BY, keep_notified
from bot.counted import some_of
from bot.errors import EditedMeanwhileError
from bot.model import TERMINAL, Chat, ChatKey, ChatKind, Entity, EntityEdit, Subscription, SubscriptionKind, Watchlist
from bot.platforms.web import CONSOLE
from bot.ports import AuditRow
from bot.watchlist import WatchlistFile

log = structlog.get_logger(__name__)

SEEDERS = 20  # processes that may start at once on an empty database
COMPARED = 10_000  # new names, each of which may be another in another spelling: three seconds
SEEDED_NAMED = 50  # keys that one row of the audit log names


def seed(bot: Bot, watchlist: WatchlistFile | None) -> None:
    """What a first start needs: the watchlist's new entries, the console's subscription.
    What people changed in chat wins: an entity that was edited or removed stays so."""
    for _ in range(SEEDERS):
        with contextlib.suppress(EditedMeanwhileError):  # another process starts too, and was faster: look again
            _seed(bot, watchlist)
            break
    if watchlist:
        _log_file(watchlist)


def _log_file(watchlist: WatchlistFile) -> None:
    for note in watchlist.notes:
        log.info("watchlist file read", note=note)
    for refused in watchlist.lost:
        log.error("watchlist row refused", line=refused.line, problem=refused.reason)
    for left_out in watchlist.partly:
        log.warning("watchlist row taken in part", line=left_out.line, problem=left_out.reason)


def _seed(bot: Bot, watchlist: WatchlistFile | None) -> None:
    now = datetime.now(UTC)
    with bot.store.writing() as records:
        new = untracked(records, watchlist) if watchlist else []
        watchlists = [one.key for one in records.watchlists()]
        doubles = find_doubles(records, new, watchlists) if new else ()
        alike = find_pairs(records, new, watchlists) if 0 < len(new) <= COMPARED else ()
        if new:
            edits = [EntityEdit(entity.key, entity, 0) for entity in new]
            records.edit_watchlist(edits, SEEDED_BY, now, "from the watchlist file")
        for watchlist_key in sorted({entity.watchlist for entity in new}):
            records.add_watchlist(Watchlist(watchlist_key, watchlist_key.capitalize(), now, SEEDED_BY))
        local = [key for key in (CONSOLE, *_terminal_chats(bot)) if records.chat(key) is None]
        for key in local:
            records.save_chat(Chat(key, ChatKind.CHANNEL, "this machine"))
            records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING, "", now, SEEDED_BY))
        for what, after in _seeded(new, local):
            records.add_audit(AuditRow(now, SEEDED_BY, "", what, "", after))
        if "deliver" in bot.settings.roles:
            keep_notified(records, bot.settings, now)
    for double in doubles:  # of what this start took alone: the next one is silent
        merge = f"watch merge {double.entity.key} into {double.other.key}"
        log.warning("watchlist row of a known number", name=double.entity.caption, problem=str(double), if_one=merge)
    for pair in alike:
        merge = f"watch merge {pair.entity.key} into {pair.other.key}"
        log.warning("perhaps one in two watchlist rows", names=str(pair), if_one=merge)


def _seeded(entities: Sequence[Entity], chats: Sequence[ChatKey]) -> Iterator[tuple[str, str]]:
    """What a start changed, for the audit log: (what, after). A watchlist of thousands is one row."""
    if entities:
        keys = some_of([entity.key for entity in entities], SEEDED_NAMED)
        yield "watch add", f"{len(entities)} of the watchlist file: {keys}"
    yield from (("subscribe", f"everything for {key}") for key in chats)


def _terminal_chats(bot: Bot) -> list[ChatKey]:
    return [TERMINAL] if "terminal" in bot.platforms else []
