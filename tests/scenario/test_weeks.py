"""A month of a desk, as its chats read it: acts that many outlets report over hours, days and weeks, from feeds and
pages to messages, with a new process over the same database every day. One act is one alert for each chat, brought up
to date; nothing is told twice, nothing left out, nothing said that no article says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import cast

from bot.app import build_notices
from bot.commands import Services, answer
from bot.matching.names import NameIndex
from bot.model import (
    Chat,
    ChatKey,
    ChatKind,
    Entity,
    HttpAnswer,
    Message,
    Receipt,
    Request,
    Schema,
    Source,
    Tier,
)
from bot.notices import DueNotices
from bot.pipeline import Pipeline
from bot.ports import Engine, Health
from bot.storage import SqlStore
from tests.scenario.test_routes import ANA, Chats, Clock, Jobs
from tests.writing import track

ENTITIES = (
    Entity("volga", Schema.COMPANY, "Volga Shipping", countries=("ru",)),
    Entity("harbour", Schema.COMPANY, "Harbour Bank", countries=("sg",)),
    Entity("leasing", Schema.COMPANY, "Merlion Leasing", countries=("sg",)),
    Entity("orlan", Schema.COMPANY, "Orlan Works", countries=("ru",)),
    Entity("kranich", Schema.COMPANY, "Kranich Trading", countries=("ae",)),
)
TIERS = {"wire": Tier.WIRE, "treasury": Tier.OFFICIAL}
CHATS = {
    name: (Chat(ChatKey("telegram", f"-{number}"), ChatKind.GROUP, name), commands)
    for number, (name, commands) in enumerate(
        {
            "all": ("subscribe everything",),
            "bank": ("subscribe Harbour Bank",),
            "relief": ("subscribe Orlan Works with relief",),
            "digest": ("subscribe everything", "digest daily 08:00 only high, medium and low"),
            "muted": ("subscribe everything", "mute Volga Shipping until undone"),
        }.items(),
        start=11,
    )
}

# "== month-day hour | outlet | page | title", then its paragraphs: what each reports, in the order in which it comes.
# Firms and acts are invented. A page that comes twice was edited.
MONTH = Path(__file__).parent.parent / "data" / "month.txt"


@dataclass(frozen=True)
class Report:
    at: datetime
    outlet: str
    page: str
    title: str
    paragraphs: tuple[str, ...]


def load_month() -> list[Report]:
    return [_report(*text.strip().split("\n")) for text in MONTH.read_text(encoding="utf-8").split("== ")[1:]]


def _report(head: str, *paragraphs: str) -> Report:
    day, outlet, page, title = head.split(" | ")
    at = datetime.strptime(f"2026-{day}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return Report(at, outlet, page, title, paragraphs)


@dataclass
class Pages:
    """Feeds and pages by their address, as a fetcher finds them."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    items: dict[str, dict[str, str]] = field(default_factory=dict)

    def publish(self, report: Report) -> None:
        title, link = escape(report.title), f"https://{report.outlet}.example/{report.page}.html"
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in report.paragraphs)
        self.bodies[link] = f"<html><head><title>{title}</title></head><article>{text}</article></html>".encode()
        self.items.setdefault(report.outlet, {})[link] = (
            f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid><description>The latest.</description>"
            f"<pubDate>{format_datetime(report.at)}</pubDate></item>"
        )
        self.carry(report.outlet)

    def carry(self, outlet: str) -> None:
        items = "".join(self.items.get(outlet, {}).values())
        channel = f"<channel><title>T</title><link>x</link><description>d</description>{items}</channel>"
        self.bodies[f"https://{outlet}.example/feed"] = f'<rss version="2.0">{channel}</rss>'.encode()

    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None
    ) -> HttpAnswer:
        kind = "text/html" if url.endswith(".html") else "application/rss+xml"
        return HttpAnswer(200, url, {"content-type": f"{kind}; charset=utf-8"}, self.bodies[url])


@dataclass
class Telling(Chats):
    """Keeps what came to each chat as a message of its own, and what each answers."""

    loud: list[tuple[ChatKey, str, str]] = field(default_factory=list)

    async def send(self, chat: ChatKey, message: Message, **more: object) -> Receipt:  # type: ignore[override]
        reply_to = more.get("reply_to")
        answers = self.sent[int(reply_to.message_id)][1].title if isinstance(reply_to, Receipt) else ""
        self.loud.append((chat, message.title, answers))
        return await super().send(chat, message, **more)  # type: ignore[arg-type]

    def told(self, name: str) -> list[str]:
        return [
            f"{title} ← {answers}" if answers else title for chat, title, answers in self.loud if chat == _key(name)
        ]

    def all_of(self, name: str) -> list[Message]:
        """As they read now."""
        return [message for chat, message in self.sent if chat == _key(name)]

    def messages(self, name: str) -> dict[str, Message]:
        return {message.title: message for message in self.all_of(name)}


def _key(name: str) -> ChatKey:
    return CHATS[name][0].key


@dataclass
class Desk:
    url: str
    clock: Clock
    jobs: Jobs
    pages: Pages
    platform: Telling
    sources: dict[str, Source]

    def start(self) -> None:
        """A new process: nothing but the database and what its engine keeps is there from before."""
        store, index = SqlStore(self.url), NameIndex.compile(ENTITIES)
        self.pipeline = Pipeline(
            store,
            cast(Engine, self.jobs),
            self.pages,
            self.sources,
            {"telegram": self.platform},
            lambda _records: index,
            now=self.clock,
            jitter=lambda: 0.0,
        )
        self.due = DueNotices(build_notices(self.pipeline), self.sources)
        self.pipeline.register()

    async def live_until(self, at: datetime) -> None:
        while self.clock.at < at:
            morning = (self.clock.at + timedelta(days=1)).replace(hour=8, minute=0)
            self.clock.at = min(at, morning)
            self.start()
            self.due.tick()
            await self.jobs.run()

    async def read(self, report: Report) -> None:
        await self.live_until(report.at)
        self.pages.publish(report)
        await self.pipeline.poll(report.outlet)
        await self.jobs.run()


async def _desk(folder: Path, outlets: Sequence[str]) -> Desk:
    url, clock = f"sqlite:///{folder / 'bot.db'}", Clock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    store = SqlStore(url)
    store.migrate()
    sources = {
        key: Source(key, key.title(), f"https://{key}.example/feed", tier=TIERS.get(key, Tier.NEWS)) for key in outlets
    }
    with store.writing() as records:
        for entity in ENTITIES:
            track(records, entity, "test", clock.at)
        for chat, _ in CHATS.values():
            records.save_chat(chat)
    services = Services(store, clock, tuple(sources.values()), lambda: Health(clock.at))
    for chat, commands in CHATS.values():
        for text in commands:
            assert answer(Request(chat, ANA, text, is_chat_admin=True, prefix="/"), services).ok
    desk = Desk(url, clock, Jobs(clock), Pages(), Telling(), sources)
    desk.start()
    for outlet in outlets:  # what is there at first is no news
        desk.pages.carry(outlet)
        await desk.pipeline.poll(outlet)
    return desk


US, UK = "Volga Shipping and Harbour Bank — new US sanctions (Russia)", "Volga Shipping — new UK sanctions"
EU, US_2 = "Orlan Works — new EU sanctions (Russia)", "Merlion Leasing — new US sanctions (Russia)"
CANADA = "Kranich Trading and Orlan Works — new Canadian sanctions"
CORRECTED, LIFTED = "Post corrects its report on Kranich Trading", "Orlan Works — EU sanctions eased or lifted"
EVERYTHING = [US, UK, EU, US_2, CANADA, f"{CORRECTED} ← {CANADA}", f"{LIFTED} ← {EU}"]
CANADA_OF_ORLAN = "Orlan Works and Kranich Trading — new Canadian sanctions"
# chat: its messages, and after the arrow which each answers
TOLD = {
    "all": EVERYTHING,
    "bank": ["Harbour Bank and Volga Shipping — new US sanctions (Russia)"],
    "relief": [EU, CANADA_OF_ORLAN, f"{CORRECTED} ← {CANADA_OF_ORLAN}", f"{LIFTED} ← {EU}"],
    "muted": [told for told in EVERYTHING if told != UK],
}
# of each message's sources at the end of the month, those that have to be there
TOLD_BY = {
    US: ["Wire (2 reports)", "Treasury", "Herald (2 reports)", "Straits"],
    UK: ["Wire", "Herald"],
    EU: ["Brief", "Zeitung", "Herald"],
    US_2: ["Treasury", "Wire", "Herald"],
    CANADA: ["Post", "Herald"],
    CORRECTED: ["Post"],
    LIFTED: ["Wire", "Herald"],
}
DIGESTED = [f"Only here, {'low' if told == LIFTED else 'high'}: {told}" for told in (US, UK, EU, US_2, CANADA, LIFTED)]


def _sources(message: Message) -> list[str]:
    return [link.text for link in message.sources]


async def test_a_month_of_a_desk_is_told_act_by_act(tmp_path: Path) -> None:
    month = load_month()
    desk = await _desk(tmp_path, sorted({report.outlet for report in month}))
    for report in month:
        await desk.read(report)
    await desk.live_until(desk.clock.at + timedelta(days=1))
    assert {name: desk.platform.told(name) for name in CHATS if name != "digest"} == TOLD
    found = {title: _sources(message) for title, message in desk.platform.messages("all").items()}
    assert {title: [one for one in found.get(title, ()) if one in told] for title, told in TOLD_BY.items()} == TOLD_BY
    digests = [message.bullets for message in desk.platform.all_of("digest")]
    assert [bullet.partition(" · ")[0] for bullets in digests for bullet in bullets] == DIGESTED
    (doubted,) = (message for message in desk.platform.all_of("all") if "To be checked" in " ".join(message.paragraphs))
    assert "An earlier version wrongly stated that Kranich Trading was among those sanctioned." in doubted.paragraphs[0]
    (british,) = (message for message in desk.platform.all_of("all") if message.title == UK)
    assert [fact.value for fact in british.facts] == ["Volga Shipping"], "the bank was Washington's the day before"
