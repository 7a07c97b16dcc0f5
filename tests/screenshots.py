"""Pictures of the web console, with a day of made-up posts about real actions: look at them after every change of it.

    .venv/bin/python -m tests.screenshots [FOLDER]     (FOLDER is ./screenshots if left out; needs Chromium)

Each page is taken light, dark and as on a phone; what the browser complained of is printed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.alerts import alert_message, follow_up_message
from bot.model import (
    Article,
    Chat,
    ChatKind,
    DeliveryKind,
    Entity,
    Event,
    EventSource,
    EventTarget,
    Finding,
    Identifier,
    Judgement,
    Mention,
    Receipt,
    Schema,
    Source,
    SourceState,
    Strength,
    Subscription,
    SubscriptionKind,
    Tier,
    Verdict,
)
from bot.platforms.web import CONSOLE
from bot.ports import ArticleRecord, SentAlert, Store
from bot.storage import SqlStore
from tests.browser import Browser
from tests.fakes.web_console import serve_console
from tests.writing import add_delivery, track

NOW = datetime.now(UTC).replace(microsecond=0)

ENTITIES = (
    Entity(
        "gpn", Schema.COMPANY, "Gazprom Neft PJSC", ("Gazprom Neft", "Газпром нефть"), ("GPN",), ("ru",), ("supplier",)
    ),
    Entity(
        "sng", Schema.COMPANY, "Surgutneftegas PJSC", ("Surgutneftegaz", "Сургутнефтегаз"), (), ("ru",), ("supplier",)
    ),
    Entity("ing", Schema.COMPANY, "Ingosstrakh Insurance Company", ("Ingosstrakh",), (), ("ru",), ("insurer",)),
    Entity("eagle", Schema.VESSEL, "Eagle S", (), (), ("ck",), ("fleet",), (Identifier("imoNumber", "9329760"),)),
    Entity("rtr", Schema.COMPANY, "Reuters", ("Reuters News",), (), ("gb",), ()),
    Entity("litasco", Schema.COMPANY, "Litasco SA", (), (), ("ch",), ("trader",)),
)
SOURCES = (
    Source("ofac", "US Treasury: press releases", "https://home.treasury.gov/news/press-releases", tier=Tier.OFFICIAL),
    Source("uk", "UK Government: sanctions", "https://www.gov.uk/search/all.atom", tier=Tier.OFFICIAL),
    Source("wire", "North Sea Wire", "https://wire.example/feed"),
    Source("post", "Harbour Post", "https://post.example/rss"),
    Source("trade", "Tanker & Trade", "https://tanker.example/feed", tier=Tier.TRADE),
    Source("eu", "EU Council: press", "https://www.consilium.europa.eu/en/rss/", tier=Tier.OFFICIAL),
    Source("old", "An older feed", "https://old.example/rss", enabled=False),
)
SENTENCE = (
    "The Treasury blocked Gazprom Neft and Surgutneftegas, two of the largest oil producers in Russia, together with "
    "more than 180 tankers that carry their crude."
)
SECOND = "Ingosstrakh, which insures many of those tankers, was also added to the list."


def article() -> Article:
    return Article(
        key="a1f3c0ffee",
        url="https://wire.example/oil-majors",
        outlet="North Sea Wire",
        title="US and UK hit two Russian oil majors and the tankers that serve them",
        summary="Washington and London act together in the broadest step against Russian energy yet.",
        paragraphs=(
            SENTENCE,
            SECOND,
            "Officials told Reuters that the aim was to cut revenue, not supply. Traders in Geneva, Litasco SA among "
            "them, said that they were studying the licences.",
        ),
        published_at=NOW - timedelta(minutes=52),
        key_points=("Two producers and 183 vessels are blocked.", "Licences end on 12 March."),
    )


def mention(entity: str, block: int, surface: str, text: str) -> Mention:
    start = text.index(surface)
    return Mention(entity, block, start, start + len(surface), surface, Strength.STRONG, surface.casefold())


def judgement() -> Judgement:
    named = ("named as the object of “blocked”", "the authority acts itself: “the Treasury”")
    paragraphs = article().paragraphs
    found = [
        Finding("gpn", Verdict.NEW_SANCTIONS, 0.97, SENTENCE, named,
                (mention("gpn", 4, "Gazprom Neft", SENTENCE),),
                "if the sentence spoke of a plan or of an earlier year: possible, or background"),
        Finding("sng", Verdict.NEW_SANCTIONS, 0.95, SENTENCE, named,
                (mention("sng", 4, "Surgutneftegas", SENTENCE),)),
        Finding("ing", Verdict.NEW_SANCTIONS, 0.91, SECOND, ("“also added to the list”",),
                (mention("ing", 5, "Ingosstrakh", SECOND),)),
        Finding("rtr", Verdict.BYSTANDER, 0.93, "Officials told Reuters that the aim was to cut revenue, not supply.",
                ("it is told something: a source, not a target",),
                (mention("rtr", 6, "Reuters", paragraphs[2]),)),
        Finding("litasco", Verdict.BYSTANDER, 0.88, "", ("it comments: “said that they were studying”",),
                (mention("litasco", 6, "Litasco SA", paragraphs[2]),)),
    ]  # fmt: skip
    return Judgement("a1f3c0ffee", tuple(found), Verdict.NEW_SANCTIONS, ("US", "UK"), "Russia", date(2025, 1, 10))


def oil_event() -> Event:
    captions = {entity.key: entity.caption for entity in ENTITIES}
    url, outlet = article().url, article().outlet
    return Event(
        key="3f2a9c41",
        kind=Verdict.NEW_SANCTIONS,
        authorities=("US", "UK"),
        programme="Russia",
        acted_on=date(2025, 1, 10),
        opened_at=NOW - timedelta(minutes=50),
        updated_at=NOW - timedelta(minutes=31),
        targets=tuple(
            EventTarget(one.entity, captions[one.entity], one.verdict, one.confidence, one.evidence,
                        one.mentions[0].surface, url, outlet)
            for one in judgement().of(Verdict.NEW_SANCTIONS)
        ),
        sources=(
            EventSource("a1f3c0ffee", url, outlet, article().title, Tier.WIRE, article().published_at,
                        NOW - timedelta(minutes=50), article().key_points),
            EventSource("b2", "https://home.treasury.gov/news/press-releases/jy2777", "US Treasury",
                        "Treasury intensifies sanctions on Russian oil", Tier.OFFICIAL, NOW - timedelta(minutes=47),
                        NOW - timedelta(minutes=44)),
            EventSource("c3", "https://post.example/story", "Harbour Post", "Oil jumps as sanctions widen", Tier.NEWS,
                        NOW - timedelta(minutes=35), NOW - timedelta(minutes=31)),
        ),
        key_points=(
            "The US Treasury and the UK put Gazprom Neft and Surgutneftegas on their lists.",
            "More than 180 tankers are blocked with them, and the insurer Ingosstrakh.",
            "A licence lets energy payments run on until 12 March 2025.",
        ),
        revision=3,
    )  # fmt: skip


def vessel_event() -> Event:
    sentence = "The Council added the tanker Eagle S to the list of vessels that are denied ports and services."
    at = NOW - timedelta(hours=5)
    target = EventTarget(
        "eagle", "Eagle S", Verdict.NEW_SANCTIONS, 0.66, sentence, "Eagle S", "https://tanker.example/e", "T&T"
    )
    source = EventSource(
        "d4", "https://tanker.example/e", "Tanker & Trade", "EU lists more tankers", Tier.TRADE, at, at
    )
    return Event("77b0d1e2", Verdict.NEW_SANCTIONS, ("EU",), "Russia", date(2025, 2, 24), at, at, (target,), (source,),
                 ("The EU denies ports and services to the tanker Eagle S (IMO 9329760).",))  # fmt: skip


def quiet_article(key: str, title: str, findings: tuple[Finding, ...], minutes: int, outlet: str) -> ArticleRecord:
    at = NOW - timedelta(minutes=minutes)
    told = Article(key, f"https://post.example/{key}", outlet, title, "", ("Text.",), at)
    reason = "no alert: nothing tracked is newly sanctioned in it"
    return ArticleRecord(told, Judgement(key, findings, None), (f"new entry of {outlet}", reason), None, at)


def fill(store: Store) -> None:
    oil, vessel = oil_event(), vessel_event()
    with store.writing() as records:
        for entity in ENTITIES:
            track(records, entity, "sample", NOW)
        records.save_chat(Chat(CONSOLE, ChatKind.CHANNEL, "this machine"))
        records.add_subscription(Subscription(CONSOLE, SubscriptionKind.EVERYTHING, "", NOW, "sample"))
        for number, source in enumerate(SOURCES[:5]):
            at = NOW - timedelta(minutes=2 + 3 * number)
            records.save_source_state(
                SourceState(source.key, last_success_at=at, last_new_at=at - timedelta(hours=number),
                            next_poll_at=at + timedelta(minutes=15), entries_seen=412 * (number + 1))
            )  # fmt: skip
        records.save_source_state(
            SourceState("eu", failures=4, last_error="the server answered 403: a page of HTML, not a feed",
                        last_success_at=NOW - timedelta(hours=9), next_poll_at=NOW + timedelta(minutes=28),
                        entries_seen=97)
        )  # fmt: skip
        for event in (vessel, oil):
            records.save_event(event)
        stages = ("new entry of North Sea Wire", "page read: its title speaks of “sanctions”", "names found: 5",
                  f"opened event {oil.key}: no event of these authorities and targets is open",
                  "alert for web:console: subscribed to everything that is tracked")  # fmt: skip
        records.save_article(ArticleRecord(article(), judgement(), stages, oil.key, NOW - timedelta(minutes=50)))
        records.save_article(
            quiet_article(
                "q1",
                "Cabinet weighs measures against traders that move Russian crude",
                (Finding("litasco", Verdict.POSSIBLE, 0.84, "", ("“weighs”: considered, not imposed",)),),
                80,
                "Harbour Post",
            )
        )
        records.save_article(quiet_article("q2", "League sanctions club over crowd trouble", (), 95, "Harbour Post"))
        records.save_article(
            quiet_article(
                "q3",
                "Reuters names a new editor in Brussels",
                (Finding("rtr", Verdict.UNRELATED, 0.97, "", ("no sanctions are spoken of",)),),
                130,
                "North Sea Wire",
            )
        )
        told = add_delivery(records, oil.key, CONSOLE, DeliveryKind.ALERT, 1, oil.opened_at)
        assert told
        records.add_post(CONSOLE, vessel.key, alert_message(vessel), vessel.opened_at)
        post = records.add_post(CONSOLE, oil.key, alert_message(oil), oil.opened_at)
        sent = SentAlert(Receipt(CONSOLE, str(post)), 1, "", oil.opened_at)
        records.settle_sent(told, sent, 0, oil.opened_at, CONSOLE, oil.opened_at)
        records.edit_post(post, alert_message(oil), oil.updated_at)
        follow_up = follow_up_message(oil, ["ing"], "")
        records.add_post(CONSOLE, oil.key, follow_up, NOW - timedelta(minutes=44), reply_to=post)


LOOKS = {"light": {}, "dark": {"dark": True}, "phone": {"width": 390, "height": 844}}
PAGES = {
    "alerts": "/", "event": "/events/3f2a9c41", "articles": "/articles", "article": "/articles/a1f3c0ffee",
    "watchlist": "/watchlist", "feeds": "/feeds", "missing": "/events/none",
}  # fmt: skip


async def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as data:
        store = SqlStore(f"sqlite:///{data}/shots.db")
        store.migrate()
        fill(store)
        async with serve_console(store, SOURCES) as (base, web), Browser() as browser:
            for look, options in LOOKS.items():
                for name, path in PAGES.items():
                    page = await browser.open(base + path, **options)
                    await page.screenshot(folder / f"{name}-{look}.png", whole=look == "phone")
                    for problem in page.problems if name != "missing" else ():
                        print(f"{name}, {look}: {problem}")
                    await page.close()
                page = await browser.open(base, **options)
                for command in ("help", "lookup Gazprom Neft", "subscribe topic suplier"):
                    await page.run("document.getElementById('text').focus()")
                    await page.type(command)
                    await page.press("Enter", 13)
                    await page.until(f"document.querySelector('#reply .asked')?.textContent === '{command}'")
                    await page.screenshot(folder / f"reply-{command.split()[0]}-{look}.png")
                late = replace(vessel_event(), key=f"late{look}")
                await web.send(CONSOLE, alert_message(late))
                await page.until("document.querySelectorAll('#alerts > .alert').length > 2")
                await page.screenshot(folder / f"live-{look}.png")
                for problem in page.problems:
                    print(f"live, {look}: {problem}")
                await page.close()
        store.close()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target))
