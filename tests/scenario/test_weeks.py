"""A month of a desk, as its chats read it: acts that many outlets report over hours, days and weeks, from feeds and pages
to messages, with a new process over the same database every day. One act is one alert for each chat, brought up to date;
nothing is told twice, nothing left out, nothing said that no article says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import cast

from bot.app import build_notices
from bot.commands import Services, answer
from bot.matching.names import NameIndex, name_forms
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
from bot.pipeline import Pipeline
from bot.ports import Engine, Health
from bot.routing import Routing
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

WIRE_US = (
    "US sanctions Volga Shipping and a Singapore lender",
    "WASHINGTON, March 3 (Wire) - The United States on Tuesday imposed sanctions on Volga Shipping, a Russian owner of "
    "tankers, and on Harbour Bank, a lender in Singapore that paid for its oil.",
    "The Treasury Department froze whatever the two have in the United States. Oil rose 2 percent.",
)
# day and hour, outlet, slug, title, paragraphs: what each reports, in the order in which it comes
MONTH: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("03-03 15:00", "wire", "us", WIRE_US),
    (
        "03-03 16:30",
        "treasury",
        "jy0412",
        (
            "Treasury Targets Russian Oil Shipping",
            "WASHINGTON — Today, the Department of the Treasury's Office of Foreign Assets Control (OFAC) is designating "
            "Volga Shipping JSC and Harbour Bank Ltd pursuant to E.O. 14024.",
            "All property and interests in property of the designated persons that are in the United States are blocked.",
        ),
    ),
    ("03-03 17:00", "herald", "us-wire", WIRE_US),  # the agency's text
    (
        "03-04 04:00",
        "straits",
        "bank",
        (
            "Depositors queue at Harbour Bank after US blacklisting",
            "SINGAPORE — Customers lined up at branches of Harbour Bank on Wednesday, a day after Washington put the lender "
            "on its sanctions list.",
            "The central bank said that deposits were safe.",
        ),
    ),
    (
        "03-04 12:00",
        "wire",
        "uk",
        (
            "UK follows US with sanctions on Volga Shipping",
            "LONDON, March 4 (Wire) - Britain on Wednesday imposed sanctions on Volga Shipping, a day after the United "
            "States blacklisted the tanker owner and Harbour Bank.",
        ),
    ),
    (
        "03-09 09:00",
        "brief",
        "leak",
        (
            "EU to list Orlan Works, draft shows",
            "BRUSSELS — The European Union is to put Orlan Works, a maker of drones, on its sanctions list this week, "
            "according to a draft seen by Brief.",
        ),
    ),
    (
        "03-11 08:00",
        "brief",
        "eu",
        (
            "EU adopts new Russia sanctions",
            "BRUSSELS — EU governments adopted new sanctions against Russia on Wednesday. Details are to follow.",
        ),
    ),
    (
        "03-11 09:30",
        "brief",
        "eu",  # the same page, now with the names
        (
            "EU lists Orlan Works in new Russia sanctions",
            "BRUSSELS — EU governments adopted new sanctions against Russia on Wednesday.",
            "The list names Orlan Works, a maker of drones in Izhevsk, whose assets in the Union are frozen.",
        ),
    ),
    (
        "03-11 11:00",
        "zeitung",
        "eu",
        (
            "EU setzt Drohnenbauer Orlan Works auf die Sanktionsliste",
            "BRÜSSEL — Die Europäische Union hat am Mittwoch Sanktionen gegen den Drohnenbauer Orlan Works verhängt.",
            "Seine Vermögen in der EU werden eingefroren.",
        ),
    ),
    (
        "03-13 09:00",
        "herald",
        "week-11",
        (
            "The week in sanctions",
            "On Wednesday the EU put Orlan Works, which makes drones, on its sanctions list.",
            "Britain had listed Volga Shipping the week before, and the US Harbour Bank.",
        ),
    ),
    (
        "03-24 15:00",
        "treasury",
        "jy0431",
        (
            "Treasury Takes Further Action Against Russian Oil Finance",
            "WASHINGTON — Today, the Department of the Treasury's Office of Foreign Assets Control (OFAC) is designating "
            "Merlion Leasing Pte Ltd, a subsidiary of Harbour Bank, pursuant to E.O. 14024.",
            "On March 3, 2026, OFAC designated Harbour Bank.",
        ),
    ),
    (
        "03-24 16:00",
        "wire",
        "us-2",
        (
            "US adds leasing firm to sanctions on Singapore lender",
            "WASHINGTON, March 24 (Wire) - The United States on Tuesday put Merlion Leasing on its sanctions list, three "
            "weeks after it hit its parent, Harbour Bank.",
        ),
    ),
    (
        "03-25 09:00",
        "straits",
        "lender",
        (
            "Harbour Bank to close its London branch",
            "SINGAPORE — Harbour Bank will close its branch in London because the United States imposed sanctions on it, "
            "the lender said on Wednesday. The bank lost a third of its deposits.",
        ),
    ),
    (
        "03-25 10:00",
        "post",
        "canada",
        (
            "Canada sanctions Kranich Trading and Orlan Works",
            "OTTAWA — Canada on Wednesday imposed sanctions on Kranich Trading of Dubai and on Orlan Works over drones.",
        ),
    ),
    (
        "03-25 14:00",
        "post",
        "canada",  # the same page, corrected below its text
        (
            "Canada sanctions Orlan Works",
            "OTTAWA — Canada on Wednesday imposed sanctions on Orlan Works over drones.",
            "This article was amended on 25 March. An earlier version wrongly stated that Kranich Trading was among those "
            "sanctioned.",
        ),
    ),
    (
        "03-27 09:00",
        "herald",
        "week-13",  # the column comes again under its headline
        (
            "The week in sanctions",
            "On Tuesday the US Treasury put Merlion Leasing on its sanctions list.",
            "On Wednesday Canada listed Orlan Works, which makes drones.",
        ),
    ),
    (
        "03-30 15:00",
        "wire",
        "eu-lifts",
        (
            "EU lifts sanctions on Orlan Works",
            "BRUSSELS, March 30 (Wire) - The European Union on Monday removed Orlan Works from its sanctions list, and "
            "released its assets. The maker of drones was listed two weeks before.",
        ),
    ),
    (
        "04-07 09:00",
        "zeitung",
        "orlan",
        (
            "Orlan Works verkauft wieder Drohnen",
            "IZHEVSK — Der Drohnenbauer Orlan Works, den die EU von ihrer Sanktionsliste gestrichen hat, liefert wieder.",
        ),
    ),
    (
        "04-08 09:00",
        "herald",
        "week-15",
        (
            "The week in sanctions",
            "Orlan Works, which the European Union took off its sanctions list, sells drones again.",
        ),
    ),
)


@dataclass
class Pages:
    """Feeds and pages by their address, as a fetcher finds them."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    items: dict[str, dict[str, str]] = field(default_factory=dict)

    def publish(self, outlet: str, slug: str, text: tuple[str, ...], at: datetime) -> None:
        title, *paragraphs = map(escape, text)
        link = f"https://{outlet}.example/{slug}.html"
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        self.bodies[link] = f"<html><head><title>{title}</title></head><article><h1>{title}</h1>{body}</article>".encode()
        self.items.setdefault(outlet, {})[link] = (
            f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{format_datetime(at)}</pubDate>"
            "<description>The latest on sanctions.</description></item>"
        )
        self.carry(outlet)

    def carry(self, outlet: str) -> None:
        items = "".join(self.items.get(outlet, {}).values())
        self.bodies[f"https://{outlet}.example/feed"] = (
            f'<rss version="2.0"><channel><title>T</title><link>x</link><description>d</description>{items}</channel></rss>'
        ).encode()

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
        return [f"{title} ← {answers}" if answers else title for chat, title, answers in self.loud if chat == _key(name)]

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
        self.routing = Routing(build_notices(self.pipeline), self.sources)
        self.pipeline.register()

    async def live_until(self, at: datetime) -> None:
        while self.clock.at < at:
            morning = (self.clock.at + timedelta(days=1)).replace(hour=8, minute=0)
            self.clock.at = min(at, morning)
            self.start()
            self.routing.tick()
            await self.jobs.run()

    async def read(self, at: datetime, outlet: str, slug: str, text: tuple[str, ...]) -> None:
        await self.live_until(at)
        self.pages.publish(outlet, slug, text, at)
        await self.pipeline.poll(outlet)
        await self.jobs.run()


async def _desk(folder: Path) -> Desk:
    url, clock = f"sqlite:///{folder / 'bot.db'}", Clock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    store = SqlStore(url)
    store.migrate()
    outlets = sorted({outlet for _, outlet, _, _ in MONTH})
    sources = {
        key: Source(key, key.title(), f"https://{key}.example/feed", tier=TIERS.get(key, Tier.NEWS)) for key in outlets
    }
    with store.writing() as records:
        for entity in ENTITIES:
            track(records, entity, "test", clock.at)
        for chat, _ in CHATS.values():
            records.save_chat(chat)
    services = Services(store, clock, tuple(sources.values()), name_forms, lambda: Health(clock.at))
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
# each message's sources at the end of the month
TOLD_BY = {
    US: ["Wire (2 reports)", "Treasury", "Herald (2 reports)", "Straits"],
    UK: ["Wire", "Herald"],
    EU: ["Brief", "Zeitung", "Herald"],
    US_2: ["Treasury", "Wire", "Herald"],
    CANADA: ["Post", "Herald"],
    CORRECTED: ["Post"],
    LIFTED: ["Wire", "Herald"],
}
DIGESTED: list[str] = []


def _sources(message: Message) -> list[str]:
    return [link.text for link in message.sources]


async def test_a_month_of_a_desk_is_told_act_by_act(tmp_path: Path) -> None:
    desk = await _desk(tmp_path)
    for day, outlet, slug, text in MONTH:
        at = datetime.strptime(f"2026-{day}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        await desk.read(at, outlet, slug, text)
    await desk.live_until(desk.clock.at + timedelta(days=1))
    assert {name: desk.platform.told(name) for name in CHATS if name != "digest"} == TOLD
    assert {title: _sources(message) for title, message in desk.platform.messages("all").items()} == TOLD_BY
    digests = [message.bullets for message in desk.platform.all_of("digest")]
    assert [bullet.partition(" · ")[0] for bullets in digests for bullet in bullets] == DIGESTED
    (doubted,) = (message for message in desk.platform.all_of("all") if "To be checked" in message.paragraphs[0])
    assert "An earlier version wrongly stated that Kranich Trading was among those sanctioned." in doubted.paragraphs[0]
    (british,) = (message for message in desk.platform.all_of("all") if message.title == UK)
    assert [fact.value for fact in british.facts] == ["Volga Shipping"], "the bank was Washington's the day before"
