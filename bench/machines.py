"""The way of an alert, from the entry in a feed to the message that a Telegram of our own accepted, on SQLite and on a
PostgreSQL of its own: wall time, everything on this one machine, default durability. Feed and Telegram are another
process; "per core" counts the bot's processor time alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

from bench.cases import Figure, Setting
from bench.engines import cost, databases
from bench.servers import ACTS, TOKEN, Accepted, Servers, serving
from bench.timing import milliseconds
from bench.watchlists import grown
from bot.app import Bot, build
from bot.config import Settings
from bot.engine import DbosEngine
from bot.fetching import HttpFetcher
from bot.live_index import LiveIndex
from bot.model import (
    Chat,
    ChatKey,
    ChatKind,
    EntityEdit,
    Event,
    EventChange,
    EventSource,
    EventTarget,
    FirstRun,
    Source,
    Subscription,
    SubscriptionKind,
    Tier,
    Verdict,
)
from bot.pipeline import Outcome, Pipeline
from bot.platforms.telegram import TelegramPlatform
from bot.seeding import seed
from bot.spreading import Spreading
from bot.storage import SqlStore
from bot.watchlist import parse_watchlist

CHATS = 1_000
PACED = 500
FANNED = 10_000
NAMES = 40_000
OVERTAKES_AFTER = 20.0  # seconds of the fan-out
FAN_MOST = 600.0  # seconds after which no more of it is waited for

Plan = Mapping[int, Sequence[int]]  # for each act of `bench.servers` the chats that are told of it


def alerts(_setting: Setting) -> Iterator[Figure]:
    """1,000 chats follow every act, and nothing bounds the pace."""
    for kind in ("sqlite", "postgresql"):
        with databases() as urls, serving() as servers:
            plan = dict.fromkeys(range(len(ACTS)), range(1, CHATS + 1))
            told = asyncio.run(
                _told(urls[kind], servers, plan, Unpaced(TOKEN, base_url=f"{servers.base}/bot", polls=False))
            )
        taken = [one.at - told.visible[one.act] for one in servers.accepted]
        rates = [len(mine) / (mine[-1].at - told.found[act]) for act, mine in _by_act(servers.accepted).items()]
        per_core = len(servers.accepted) / told.cpu
        yield Figure(f"alerts_{kind}", median(rates), "alerts/s")
        yield Figure(f"alerts_{kind}_per_core", per_core, "alerts/core s")
        first = median(mine[0].at - told.visible[act] for act, mine in _by_act(servers.accepted).items())
        yield Figure(f"visible_to_accepted_{kind}_first", first, "s")
        yield Figure(f"visible_to_accepted_{kind}_p50", median(taken), "s")
        yield Figure(f"visible_to_accepted_{kind}_p99", quantiles(taken, n=100)[98], "s")


def pace(_setting: Setting) -> Iterator[Figure]:
    """Bars 1 and 4: 500 private chats, three acts at once, at Telegram's pace."""
    with databases() as urls, serving() as servers:
        plan = dict.fromkeys(range(len(ACTS)), range(1, PACED + 1))
        told = asyncio.run(_told(urls["postgresql"], servers, plan, _telegram(servers), at_once=True))
    times = [one.at for one in servers.accepted]
    seconds = times[-1] - times[0]
    busy = 100 * told.cpu / (times[-1] - min(told.visible.values()))
    yield Figure("pace_500_chats", len(times) / seconds, "messages/s", "≥ 28", len(times) / seconds >= 28)
    yield Figure("pace_500_chats_processor", busy, "% of a core", "≤ 35 %", busy <= 35)
    yield from _kept("pace_500_chats", servers.accepted)


def fan_out(_setting: Setting) -> Iterator[Figure]:
    """One act that 10,000 chats follow, at Telegram's pace (on paper 345 s); 20 s later another, which 50 of them
    follow and 50 others."""
    with databases() as urls, serving() as servers:
        plan = {0: range(1, FANNED + 1), 1: range(FANNED - 49, FANNED + 51)}
        told = asyncio.run(_told(urls["postgresql"], servers, plan, _telegram(servers), pause=OVERTAKES_AFTER))
    first, other = (_by_act(servers.accepted)[act] for act in (0, 1))
    yield Figure("fan_out_10000_reached", len(first), "chats")
    yield Figure("fan_out_10000", first[-1].at - told.found[0], "s", "on paper 345 s")
    yield Figure("fan_out_10000_rate", len(servers.accepted) / (first[-1].at - first[0].at), "messages/s")
    yield Figure("fan_out_10000_first", first[0].at - told.visible[0], "s")
    overtaken = other[0].at - told.found[1]
    yield Figure("fan_out_10000_overtaken_after", overtaken, "s", "≤ 1 s", overtaken <= 1)
    yield Figure("fan_out_10000_other_done_after", other[-1].at - told.found[1], "s")
    yield Figure("fan_out_10000_memory", told.rss, "MB")
    yield from _kept("fan_out_10000", servers.accepted)


def _kept(name: str, accepted: Sequence[Accepted]) -> Iterator[Figure]:
    """The limits of the pace: what arrived."""
    most = _most_within([one.at for one in accepted], 1.0)
    yield Figure(f"{name}_most_in_a_second", most, "messages", "≤ 30", most <= 30)
    chats: dict[str, list[Accepted]] = defaultdict(list)
    for one in accepted:
        chats[one.chat].append(one)
    gaps = [later.at - earlier.at for mine in chats.values() for earlier, later in pairwise(mine)]
    if gaps:
        yield Figure(f"{name}_least_gap", min(gaps), "s", "≥ 0.95 s", min(gaps) >= 0.95)
    twice = sum(len(mine) - len({one.act for one in mine}) for mine in chats.values())
    yield Figure(f"{name}_doubled", twice, "messages", "0", twice == 0)


def _most_within(times: Sequence[float], window: float) -> int:
    most = start = 0
    for end, moment in enumerate(times):
        while moment - times[start] >= window:
            start += 1
        most = max(most, end - start + 1)
    return most


def _by_act(accepted: Iterable[Accepted]) -> dict[int, list[Accepted]]:
    by_act: dict[int, list[Accepted]] = defaultdict(list)
    for one in accepted:
        by_act[one.act].append(one)
    return by_act


@dataclass
class Told:
    """When each act could be seen, and when its event was found; what the bot's process cost."""

    visible: dict[int, float] = field(default_factory=dict)
    found: dict[int, float] = field(default_factory=dict)
    cpu: float = 0.0
    rss: float = 0.0


class Unpaced(TelegramPlatform):
    """The real client, against a server that has no limits."""

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002
        return timedelta(0), timedelta(0)


def _telegram(servers: Servers) -> TelegramPlatform:
    return TelegramPlatform(TOKEN, base_url=f"{servers.base}/bot", polls=False)


async def _told(
    url: str,
    servers: Servers,
    plan: Plan,
    platform: TelegramPlatform,
    *,
    at_once: bool = False,
    pause: float | None = None,
) -> Told:
    """Publish each act of the plan and wait until all its chats are told; or all acts `at_once`, or the next one after
    a `pause`, whatever is left to send."""
    told, number_of = Told(), {name: number for number, (name, _) in enumerate(ACTS)}

    def found(outcome: Outcome) -> None:
        for change in outcome.changes:
            assert change.opened, "acts are events of their own"
            told.found[number_of[change.event.targets[0].caption]] = time.monotonic()

    with tempfile.TemporaryDirectory() as folder:
        bot = _bot(url, Path(folder), servers, platform, found)
        _subscribe(bot, plan)
        async with bot.running():
            await asyncio.sleep(3)  # the first look at the feed, which has nothing
            before, done = time.process_time(), 0
            for act, chats in plan.items():
                told.visible[act] = await asyncio.to_thread(servers.publish, act)
                done += len(chats)
                if pause is not None:
                    await asyncio.sleep(pause)
                elif not at_once:
                    await _accepted(servers, done)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAN_MOST if pause is not None else None):
                    await _accepted(servers, sum(map(len, plan.values())))
            told.cpu, told.rss = time.process_time() - before, cost(os.getpid())["rss"]
        bot.close()
    return told


async def _accepted(servers: Servers, number: int) -> None:
    while len(servers.accepted) < number:
        await asyncio.sleep(0.5)
        await asyncio.to_thread(servers.look)


def _bot(
    url: str, folder: Path, servers: Servers, platform: TelegramPlatform, on_outcome: Callable[[Outcome], None]
) -> Bot:
    settings = Settings().model_copy(
        update={
            "data_dir": folder,
            "database_url": url,
            "fetch_allow_hosts": [servers.base.removeprefix("http://")],
            "roles": ["poll", "match", "deliver"],
            "lists": [],
        }
    )
    feed = Source("feed", "Feed", f"{servers.base}/feed.xml", every=timedelta(seconds=1), first_run=FirstRun(None))
    return build(settings, {"feed": feed}, extra_platforms=[platform], on_outcome=on_outcome)


def _subscribe(bot: Bot, plan: Plan) -> None:
    rows = "".join(f"Z{number},Company,{name}\n" for number, (name, _) in enumerate(ACTS))
    seed(bot, parse_watchlist(f"key,schema,name\n{rows}".encode(), "bench.csv"))
    now = datetime.now(UTC)
    with bot.store.writing() as records:
        for subscription in records.subscriptions():
            records.remove_subscription(subscription)
        for number in sorted({number for chats in plan.values() for number in chats}):
            records.save_chat(Chat(ChatKey("telegram", str(number)), ChatKind.PRIVATE, f"person {number}"))
        for act, chats in plan.items():
            for number in chats:
                key = ChatKey("telegram", str(number))
                records.add_subscription(Subscription(key, SubscriptionKind.ENTITY, f"Z{act}", now, "bench"))


# ---------------------------------------------------------------- what grows with the installation


def loading(setting: Setting) -> Iterator[Figure]:
    """What an event of many chats costs before anything is sent, and what a long watchlist takes to read: processor
    time of our side. docs/scaling.md counts with it."""
    now = datetime.now(UTC)
    with databases() as urls:
        store = SqlStore(urls["sqlite"])
        store.migrate()
        with store.writing() as records:
            for entity in grown(setting.entities, NAMES):
                records.edit_watchlist([EntityEdit(entity.key, entity)], "bench", now, "saved")
            for number in range(FANNED):
                key = ChatKey("telegram", str(number))
                records.save_chat(Chat(key, ChatKind.PRIVATE, f"person {number}"))
                records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING, "", now, "bench"))
        with store.reading() as records:
            watchlist = milliseconds(records.entities)
            chats = milliseconds(lambda: (records.chats(), records.subscriptions()))
        planned = milliseconds(_planning(urls["sqlite"], store))
        store.close()
    yield Figure("plan_event", 1000 * planned / FANNED, "ms/1,000 chats")
    yield Figure("load_watchlist", 1000 * watchlist / NAMES, "ms/1,000 names")
    yield Figure("load_chats", 1000 * chats / FANNED, "ms/1,000 chats")


def _planning(database: str, store: SqlStore) -> Callable[[], None]:
    """Who is told of a new event, and their outbox rows: the transaction that opens it."""
    engine = DbosEngine(database)
    pipeline = Pipeline(store, engine, HttpFetcher(), {}, {}, LiveIndex())
    pipeline.spreading = spreading = Spreading(store, engine, pipeline.put_row)
    pipeline.register()
    spreading.register()
    now = datetime.now(UTC)
    target = EventTarget(
        "E", "Zelkova", Verdict.NEW_SANCTIONS, 0.9, "It was listed.", "Zelkova", "https://a.example", "A"
    )
    source = EventSource("https://a.example", "https://a.example", "A", "Zelkova listed", Tier.WIRE, now, now)
    event = Event("bench", Verdict.NEW_SANCTIONS, ("US",), None, None, now, now, (target,), (source,))
    change = EventChange(event, opened=True, material=True, reason="bench")

    def plan() -> None:
        with store.writing() as records:
            pipeline._save_plan(records, pipeline._plan(records, change, None), now)

    return plan
