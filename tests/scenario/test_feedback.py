"""The whole bot: an alert is judged by people, a look-alike does not come back, a doubtful finding goes to the review
chat, and what was said is exported in the format that scores the judgement."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from bot.cli import cli
from bot.model import Chat, ChatKey, ChatKind, Request, User, Verdict
from bot.rendering import render_plain
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import SentMessage, TelegramServer
from tests.measure import measure, read_set
from tests.reading import judged_articles
from tests.scenario.conftest import DESIGNATION, FeedServer, eventually, page, running_bot, source

WATCHLIST = """key,schema,name,aliases,countries,topics
FTH,Company,Fortuna Trading House LLC,Fortuna,ru,
VSM,Company,Volga Shipping and Metals JSC,Volga Metals,ru,supplier
ORL,Person,Oleg Ivanovich Orlenko,,ru,
"""
MINER = (
    "The United States imposed sanctions on a mining company on Tuesday, the Treasury said.",
    "The Office of Foreign Assets Control added Fortuna, a Peruvian silver miner, to its blacklist.",
)
MINER_AGAIN = (
    "Britain imposed sanctions on a Peruvian company on Tuesday, the Foreign Office said.",
    "It added Fortuna, the miner from Peru, to its sanctions list. The Peruvian miner Fortuna declined to comment.",
)
TRUE_ONE = (
    "Canada imposed sanctions on a Russian company on Tuesday, Global Affairs Canada said.",
    "It added Fortuna Trading House LLC to its sanctions list and froze its assets.",
)


def settings_for(telegram: TelegramServer) -> dict[str, Any]:
    return {"telegram_token": SecretStr(telegram.token), "telegram_api_url": telegram.url}


async def test_people_of_a_group_say_what_an_alert_is_and_it_is_exported(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds.publish("wire")
    ana = telegram.private("Ana")
    desk = telegram.group("Desk", ana.members[0])
    desk.admins.append(ana.members[0])
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), watchlist=WATCHLIST, **settings_for(telegram)):
        await telegram.user_says(desk, "/subscribe everything")
        await telegram.wait_messages(desk, 1)
        feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
        alert = (await telegram.wait_messages(desk, 2, seconds=30))[-1]
        handling = ["Acknowledge", "Details", "Mute …", "Open article"]
        assert alert.labels == [*handling, "Right", "Not relevant", "Not my entity"]

        toast = await telegram.press(alert, "Not relevant")
        assert toast.is_alert
        assert toast.text.startswith("Noted: not relevant. ")
        assert re.search(r"Undo: /feedback \w{8} undo", toast.text)
        await eventually(lambda: "Ana: not relevant, only mentioned." in alert.text)
        assert "What is it instead?" in alert.labels
        assert len(telegram.messages(desk)) == 2, "the answer is the presser's alone"

        key = re.findall(r"/feedback (\w+) undo", toast.text)[0]
        again = await telegram.press(alert, "Not relevant")
        assert again.text.startswith("Noted already")
        ben = telegram.private("Ben").members[0]
        refused = await telegram.press(alert, "Not my entity", user=ben)
        assert refused.text.startswith("Which of them is not yours?")
        question = (await telegram.wait_messages(desk, 3))[-1]
        refused = await telegram.press(question, "Oleg Ivanovich Orlenko", user=ben)
        assert refused.text.startswith("Noted, but not muted: not Oleg Ivanovich Orlenko.")
        stale = await telegram.press(with_data(alert, "Right", "feedback 00000000 right"), "Right")
        assert stale.is_alert
        assert stale.text.startswith("Not done: There is no event “00000000”.")
        gone = await telegram.press(with_data(alert, "Right", f"feedback {key} right #000000"), "Right")
        assert "is not about" in gone.text
        assert len(telegram.messages(desk)) == 3

        await telegram.user_says(desk, f"/feedback {key} undo", user=ben)
        await telegram.wait_messages(desk, 4)
        await telegram.user_says(desk, f"/feedback {key} right volga")
        await eventually(lambda: "Ana: right (Volga Shipping and Metals JSC)." in alert.text)
        await telegram.user_says(ana, f"/feedback {key} background orlenko")

    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    exported = export(tmp_path)
    (row,) = read_set(str(exported))
    assert row["labels"] == {"VSM": "new_sanctions", "ORL": "background"}
    assert row["title"] == "New round against Russia"
    assert "Harbour Commercial Bank" in row["body"]
    assert "Volga Metals" in row["evidence"]["VSM"]
    check_with_the_scorers(exported)


def with_data(message: SentMessage, label: str, data: str) -> SentMessage:
    """A message whose button was made long ago."""
    rows = [
        [button | {"callback_data": data} if button["text"] == label else button for button in row]
        for row in message.keyboard
    ]
    return replace(message, keyboard=rows)


def export(folder: Path) -> Path:
    target = folder / "feedback.jsonl"
    result = CliRunner().invoke(cli, ["feedback", "export", "--since", "1h", "--output", str(target)])
    assert result.exit_code == 0, result.output
    assert "labels on 1 article written" in result.output
    return target


def check_with_the_scorers(exported: Path) -> None:
    """By tests/measure.py, and by `judge` and a scorer that know only the format."""
    assert measure(read_set(str(exported))).figures()["entities"] == 2
    judged = exported.with_name("judged.jsonl")
    assert CliRunner().invoke(cli, ["judge", str(exported), "-o", str(judged)]).exit_code == 0
    (said,) = map(json.loads, judged.read_text(encoding="utf-8").splitlines())
    assert said["verdicts"] == {"VSM": "new_sanctions", "ORL": "new_sanctions"}, "as live, on the same text"
    scorer = Path(__file__).parents[3] / "shared" / "eval" / "score.py"
    if scorer.exists():
        run = subprocess.run([sys.executable, scorer, exported, judged, "--json"], capture_output=True, check=True)
        assert json.loads(run.stdout)["entities"] == 2


async def test_a_look_alike_does_not_come_back_and_the_entity_itself_does(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer
) -> None:
    feeds.publish("wire")
    ana, ben = telegram.private("Ana"), telegram.private("Ben")
    async with running_bot(
        tmp_path, feeds, source(feeds, "wire"), watchlist=WATCHLIST, **settings_for(telegram)
    ) as bot:
        for person in (ana, ben):
            await telegram.user_says(person, "/subscribe everything")
            await telegram.wait_messages(person, 1)
        feeds.publish("wire", ("miner", "A miner is listed", MINER))
        alert = (await telegram.wait_messages(ana, 2, seconds=30))[-1]
        assert "Fortuna Trading House LLC" in alert.text

        toast = await telegram.press(alert, "Not my entity")
        assert toast.text == "Noted: not Fortuna Trading House LLC"
        answer = (await telegram.wait_messages(ana, 3))[-1]
        assert "It is known again by two of these words beside the name:" in answer.text
        await eventually(lambda: "Ana: not relevant, somebody else of that name." in alert.text)

        feeds.publish("wire", ("again", "Britain follows", MINER_AGAIN))
        await telegram.wait_messages(ben, 3, seconds=30)
        feeds.publish("wire", ("true", "Canada acts", TRUE_ONE))
        await telegram.wait_messages(ben, 4, seconds=30)
        told = (await telegram.wait_messages(ana, 4, seconds=30))[3:]
        assert ["Canada" in message.text or "CA" in message.text for message in told] == [True]

        with bot.store.reading() as records:
            stages = [stage for record in judged_articles(records) for stage in record.stages]
        assert any(stage.startswith(f"nothing for telegram:{ana.id}: held: Ana said on ") for stage in stages)

        undo = await telegram.press(answer, "Undo")
        assert undo.text == "Taken back: another “Fortuna” is told as Fortuna Trading House LLC again"


def reviewed_in(slack: SlackServer, channel: str) -> dict[str, Any]:
    """Nothing is sure enough for an alert, and a channel is asked of what is doubtful."""
    return {
        "slack_bot_token": SecretStr(slack.token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_api_url": slack.url,
        "alert_floor": 0.995,
        "review_chat": f"slack:{channel}",
        "review_floor": 0.2,
    }


async def test_a_doubtful_finding_goes_to_the_review_chat_once_and_nobody_else_is_told(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer
) -> None:
    feeds.publish("wire")
    feeds.publish("herald")
    async with SlackServer() as slack:
        review = slack.channel("review")
        settings = reviewed_in(slack, review.id)
        sources = (source(feeds, "wire"), source(feeds, "herald"))
        async with running_bot(tmp_path, feeds, *sources, watchlist=WATCHLIST, **settings) as bot:
            feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
            (asked,) = await slack.wait_messages(review, 1, seconds=30)
            assert asked.shown.startswith("To review: ")
            assert "OFAC" in asked.shown or "Foreign Assets Control" in asked.shown
            assert asked.labels == ["Details", "Open article", "New sanctions", "Not new", "Not my entity"]

            feeds.publish("herald", ("late", "The same round", DESIGNATION))
            await eventually(lambda: "Herald" in asked.shown, 30)
            await slack.press(asked, "Not new")
            _, answer = await slack.wait_messages(review, 2)
            assert answer.seen_by == slack.ana.id
            assert "Noted: right" in answer.shown
            assert "Only proposed" in answer.labels, "it was only said what it is not"
            await eventually(lambda: "ana: right, " in asked.shown)
            await slack.press(asked, "Not new")
            await slack.press(asked, "Not my entity", user=slack.user("Ben"))
            *_, again, which = await slack.wait_messages(review, 4)
            assert "Noted already" in again.shown
            await slack.press(which, "Oleg Ivanovich Orlenko", user=slack.user("Cem"))
            refused = (await slack.wait_messages(review, 5))[-1]
            assert "Noted, but not muted" in refused.shown, "only a workspace's administrator mutes for a channel"
            boss = slack.user("Dana", is_admin=True)
            await slack.press(which, "Oleg Ivanovich Orlenko", user=boss)
            muted = (await slack.wait_messages(review, 6))[-1]
            assert (muted.seen_by, "Noted: not Oleg" in muted.shown) == (boss.id, True)
            await eventually(lambda: "Orlenko" not in asked.shown.split("“")[0])  # the quote stays
            assert len([message for message in slack.messages(review) if not message.seen_by]) == 1

            with bot.store.reading() as records:
                assert records.latest_events(5) == (), "it is no alert"
                (question,) = records.reviews_since(datetime(2020, 1, 1, tzinfo=UTC))
                assert records.chat(ChatKey("slack", review.id)) == Chat(
                    ChatKey("slack", review.id), ChatKind.CHANNEL, "review"
                )

            bot.pipeline.alert_floor = 0.5
            feeds.publish("herald", ("sure", "Volga Metals and Orlenko are listed", DESIGNATION))
            await eventually(lambda: "An alert has told of it since" in asked.shown, 30)
            with bot.store.reading() as records:
                (alert,) = records.latest_events(5)
            assert f"event {alert.key}" in asked.shown
            assert alert.key != question.key


async def test_what_the_review_chat_confirms_is_told_to_the_readers_once(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer
) -> None:
    feeds.publish("wire")
    feeds.publish("herald")
    ana = telegram.private("Ana")
    async with SlackServer() as slack:
        review = slack.channel("review")
        settings = {**reviewed_in(slack, review.id), **settings_for(telegram)}
        sources = (source(feeds, "wire"), source(feeds, "herald"))
        async with running_bot(tmp_path, feeds, *sources, watchlist=WATCHLIST, **settings) as bot:
            await telegram.user_says(ana, "/subscribe everything")
            await telegram.wait_messages(ana, 1)
            feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
            (asked,) = await slack.wait_messages(review, 1, seconds=30)
            feeds.publish("herald", ("late", "The same round", DESIGNATION))
            await eventually(lambda: "Herald" in asked.shown, 30)

            with bot.store.reading() as records:
                (question,) = records.reviews_since(datetime(2020, 1, 1, tzinfo=UTC))
            await telegram.user_says(ana, f"/feedback {question.key} new")
            said = (await telegram.wait_messages(ana, 2))[-1]
            assert "told as an alert when somebody confirms it in the review chat" in said.text, "no reader's own word"

            await asyncio.gather(*(slack.press(asked, "New sanctions", user=slack.user(who)) for who in ("Ben", "Cem")))
            answers = (await slack.wait_messages(review, 3))[1:]
            told = sorted("Told as an alert now: event " in answer.shown for answer in answers)
            assert told == [False, True], "once, whoever is second"
            alert = (await telegram.wait_messages(ana, 3, seconds=30))[-1]
            assert "new US sanctions" in alert.text
            assert "Confirmed by " in alert.text
            assert "Sources (2)" in alert.text or {"Wire", "Herald"} <= set(re.findall(r"\w+", alert.text))
            await eventually(lambda: "An alert has told of it since" in asked.shown)

            feeds.publish("herald", ("late", "The same round", DESIGNATION), ("again", "Once more", DESIGNATION))
            await eventually(lambda: _is_judged(bot, "again"), 30)
            with bot.store.reading() as records:
                (event,) = records.latest_events(5)
                assert len(records.reviews_since(datetime(2020, 1, 1, tzinfo=UTC))) == 1, "it is not asked again"
                stages = [stage for record in judged_articles(records) for stage in record.stages]
            assert {target.verdict for target in event.targets} == {Verdict.NEW_SANCTIONS}
            assert any(stage.startswith("confirmed by ") for stage in stages)
            assert len(telegram.messages(ana)) == 3


def _is_judged(bot: Any, slug: str) -> bool:
    with bot.store.reading() as records:
        return any(slug in record.article.url for record in judged_articles(records))


async def test_the_console_takes_feedback_by_its_buttons(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        running_bot(tmp_path, feeds, source(feeds, "wire"), watchlist=WATCHLIST) as bot,
        aiohttp.ClientSession(cookie_jar=jar) as client,
    ):

        async def page() -> str:
            async with client.get(bot.console_url) as response:
                return await response.text()

        await eventually(lambda: _has_post(bot), 30)
        text = await page()
        (token,) = set(re.findall(r'name="token" value="(\w+)"', text))
        (command,) = re.findall(r'value="(feedback \w+ wrong)"', text)

        async def press(data: str) -> str:
            form = {"text": data, "token": token}
            async with client.post(f"{bot.console_url}command", data=form, headers={"x-fragment": "1"}) as response:
                return await response.text()

        assert "Noted: not relevant" in await press(command)
        await eventually(lambda: _has_post(bot, "web console: not relevant, only mentioned."))
        assert "What is it instead?" in await page()
        assert "Noted already" in await press(command)
        assert "There is no event" in await press("feedback 00000000 right")
        assert "&lt;script&gt;" in await press("feedback <script>alert(1)</script> right")
        assert "Taken back" in await press(command.replace("wrong", "undo"))
        await eventually(lambda: not _has_post(bot, "web console: not relevant"))


def _has_post(bot: Any, words: str = "") -> bool:
    with bot.store.reading() as records:
        return any(words in post.message.footer for post in records.latest_posts(5))


async def test_whynot_says_that_the_review_chat_would_be_asked(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.bodies["/story.html"] = page("New round against Russia", DESIGNATION)
    settings = {"alert_floor": 0.995, "review_chat": "web:review", "review_floor": 0.2}
    async with running_bot(tmp_path, feeds, watchlist=WATCHLIST, **settings) as bot:
        asked = Request(Chat(ChatKey("web", "console")), User("web", "ana"), f"whynot {feeds.base}/story.html")
        told = render_plain((await bot.answer(asked)).message)
        assert re.search(r"The review chat would be asked: to review, (?:9\d|100)%", told)
        with bot.store.reading() as records:
            assert records.reviews_since(datetime(2020, 1, 1, tzinfo=UTC)) == (), "nothing is stored"
