"""One event from its first report to its withdrawal, as its chat reads it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from bot.app import Bot
from bot.cli import cli
from bot.events import with_keys
from bot.model import Chat, EntityEdit, Reply, Request, User
from bot.platforms.web import CONSOLE
from bot.rendering import render_plain
from tests.scenario.conftest import DESIGNATION, SECOND_REPORT, FeedServer, eventually, posts, running_bot, source

ADMIN = User("web", "console", "Ana")


async def say(bot: Bot, text: str) -> Reply:
    return await bot.answer(Request(Chat(CONSOLE), ADMIN, text))


async def test_a_withdrawn_event_is_struck_through_and_a_reply_says_why(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        (alert,) = await eventually(lambda: posts(bot))
        await say(bot, f"start {bot.claim_code}")
        told = await say(bot, f"event {alert.event} withdraw: it was last year's list")
        assert "1 chat" in told.message.paragraphs[0]
        await eventually(lambda: len(posts(bot)) == 2 and posts(bot)[1].message.withdrawn)
        reply, struck = posts(bot)
        assert struck.id == alert.id
        assert reply.reply_to == alert.id
        assert reply.message.title == "Withdrawn by Ana: it was last year's list"

        feeds.publish("wire", ("again", "Blacklisted: a maker of ship plate", SECOND_REPORT))
        fresh = await eventually(lambda: next((post for post in posts(bot) if post.event != alert.event), None))
        assert not fresh.message.withdrawn

        assert (await say(bot, f"event {alert.event} restore")).ok
        await eventually(lambda: not next(post for post in posts(bot) if post.id == alert.id).message.withdrawn)
        story = render_plain((await say(bot, f"event {alert.event}")).message)
        assert "Wire told of it first: Volga Shipping and Metals JSC, Oleg Ivanovich Orlenko" in story
        assert "withdrawn by Ana: it was last year's list" in story
        assert "restored by Ana" in story


async def test_what_is_no_event_is_answered_with_what_is(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire")
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        assert "There is no event “nothing”" in (await say(bot, "event nothing")).message.paragraphs[0]
        assert "Which event?" in (await say(bot, "event")).message.title
        assert "comes nothing" in (await say(bot, "event 3f2a9c41 burn")).message.paragraphs[0]
        assert "Only an admin" in (await say(bot, "event 3f2a9c41 restore")).message.paragraphs[0]


async def test_an_events_pages_come_as_they_were_fetched(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    served = feeds.bodies["/wire/act.html"]
    assert isinstance(served, bytes)
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        (alert,) = await eventually(lambda: posts(bot))
        story = (await say(bot, f"event {alert.event}")).message
        assert f"event {alert.event} pages" in [action.data for action in story.actions]
        sent = await say(bot, f"event {alert.event} pages")
        assert sent.attachment
        assert sent.attachment.name == f"event-{alert.event}-pages.zip"
        assert sent.message.title == f"1 page in event-{alert.event}-pages.zip"
        digest = hashlib.sha256(served).hexdigest()
        assert f"sha256 {digest[:16]}…" in sent.message.bullets[0]
        with zipfile.ZipFile(io.BytesIO(sent.attachment.content)) as archive:
            assert archive.read("pages/01-wire.html.txt") == served
            assert digest in archive.read("pages.csv").decode()
            assert "Volga Shipping and Metals JSC" in archive.read("event.csv").decode()
            verdicts = archive.read("texts/01-wire.txt").count(b"new_sanctions, confidence")
        assert verdicts == 2
        with bot.store.writing() as records:  # two names become one, and a report that comes then joins the event
            event = records.event(str(alert.event))
            assert event
            gone, left = (target.entity for target in event.targets)
            records.edit_watchlist([EntityEdit(gone, merged_into=left)], "test", event.updated_at, "merged")
            records.save_event(with_keys(event, {gone: left}))
        sent = await say(bot, f"event {alert.event} pages")
        assert sent.attachment
        with zipfile.ZipFile(io.BytesIO(sent.attachment.content)) as archive:
            assert archive.read("texts/01-wire.txt").count(b"new_sanctions, confidence") == verdicts
    file = tmp_path / "told.zip"
    config = tmp_path / "config"
    config.mkdir()
    ran = CliRunner(env={"SANCTIONS_BOT_DATA_DIR": str(tmp_path)}).invoke(
        cli, ["pages", str(alert.event), "-o", str(file), "--config", str(config)]
    )
    assert (ran.exit_code, ran.output) == (0, f"1 page written to {file}\n")
    with zipfile.ZipFile(file) as archive:
        assert archive.read("pages/01-wire.html.txt") == served


async def test_where_no_pages_are_kept_it_says_so(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), keep_pages=timedelta(0)) as bot:
        (alert,) = await eventually(lambda: posts(bot))
        story = (await say(bot, f"event {alert.event}")).message
        assert f"event {alert.event} pages" not in [action.data for action in story.actions]
        told = (await say(bot, f"event {alert.event} pages")).message
        assert f"No page of event {alert.event} is kept" in told.paragraphs[0]


FIRST = (
    "The US Treasury on Tuesday imposed sanctions on Volga Metals, a maker of ship plate, a notice on Russia says.",
)
OTHER = (
    "The US Treasury on Tuesday imposed sanctions on Oleg Orlenko, a businessman from Kazan, a notice on Russia says.",
)
BOTH = (
    "The US Treasury on Tuesday imposed sanctions on Oleg Orlenko and on Volga Metals, in which he has most shares.",
    "Both are accused of supplying Russia's shadow fleet.",
)


async def test_two_events_that_prove_to_be_one_act_are_one_message_from_then_on(
    tmp_path: Path, feeds: FeedServer
) -> None:
    feeds.publish("wire", ("one", "Sanctions on a maker of ship plate", FIRST))
    feeds.publish("herald")
    feeds.publish("post")
    async with running_bot(tmp_path, feeds, *(source(feeds, key) for key in ("wire", "herald", "post"))) as bot:
        (first,) = await eventually(lambda: posts(bot))
        feeds.publish("herald", ("two", "A businessman under sanctions", OTHER))
        await eventually(lambda: len(posts(bot)) == 2)
        feeds.publish("post", ("both", "Sanctions on two", BOTH))
        alerts = await eventually(lambda: {post.id: post for post in posts(bot)} if _told(bot) else {})
        assert [link.text for link in alerts[first.id].message.sources] == ["Wire", "Herald", "Post"]
        (gone,) = (post for key, post in alerts.items() if key != first.id)
        assert gone.message.paragraphs == (f"This is the same act as event {first.event}: what follows is told there.",)
        assert not [post for post in posts(bot) if post.reply_to]  # whom both are about is known here


def _told(bot: Bot) -> bool:
    return all(post.edited_at for post in posts(bot))


async def test_one_target_is_withdrawn_alone_and_comes_back(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        (alert,) = await eventually(lambda: posts(bot))
        await say(bot, f"start {bot.claim_code}")
        noted = render_plain((await say(bot, f"feedback {alert.event} wrong Volga")).message)
        assert f"event {alert.event} withdraw Volga Shipping and Metals JSC: WHY" in noted
        told = await say(bot, f"event {alert.event} withdraw Volga: it was spared")
        assert "1 chat" in told.message.paragraphs[0]
        await eventually(lambda: len(posts(bot)) == 2 and posts(bot)[1].edited_at)
        reply, struck = posts(bot)
        assert reply.reply_to == alert.id
        assert reply.message.title == "Volga Shipping and Metals JSC withdrawn by Ana: it was spared"
        assert struck.message.title.startswith("Oleg Ivanovich Orlenko — new")
        assert not struck.message.withdrawn
        assert "Withdrawn: Volga Shipping and Metals JSC by Ana: it was spared" in render_plain(struck.message)
        again = await say(bot, f"event {alert.event} withdraw Volga: it was spared")
        assert "withdrawn from it already" in again.message.paragraphs[0], "said twice, it does not take the rest along"
        which = (await say(bot, f"event {alert.event} restore")).message
        assert which.title == "Withdrawn from it: Volga Shipping and Metals JSC"
        assert f"event {alert.event} restore NAME" in which.paragraphs[0]
        assert [action.data for action in which.actions] == [told.message.actions[0].data]
        assert (await say(bot, told.message.actions[0].data)).message.title == "Restored: Volga Shipping and Metals JSC"
        await eventually(lambda: "Volga" in next(one for one in posts(bot) if one.id == alert.id).message.title)
        story = render_plain((await say(bot, f"event {alert.event}")).message)
        assert "Volga Shipping and Metals JSC restored by Ana" in story


CORRECTION = (
    "A previous report that the Treasury had sanctioned Volga Metals was wrong.",
    "The Treasury said that Volga Metals was not listed.",
)


async def test_an_outlets_own_correction_is_told_in_the_thread_and_withdraws_nothing(
    tmp_path: Path, feeds: FeedServer
) -> None:
    feeds.publish("wire", ("one", "Sanctions on a maker of ship plate", FIRST))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        (alert,) = await eventually(lambda: posts(bot))
        feeds.publish("wire", ("fix", "Correction: Treasury did not sanction Volga Metals", CORRECTION))
        await eventually(lambda: len(posts(bot)) == 2 and posts(bot)[1].edited_at)
        reply, doubted = posts(bot)
        assert reply.reply_to == alert.id
        assert reply.message.title == "Wire corrects its report on Volga Shipping and Metals JSC"
        assert reply.message.quotes
        assert "No other source tells of it" in reply.message.paragraphs[0]
        assert doubted.message.paragraphs[0].startswith("To be checked: Wire corrected its report")
        assert not doubted.message.withdrawn
        await say(bot, f"start {bot.claim_code}")
        assert "To be checked" in render_plain((await say(bot, "latest")).message)
        why = render_plain((await say(bot, f"why {alert.event}")).message)
        assert why.count("To be checked") == 1
        assert (await say(bot, f"event {alert.event} restore")).message.title.startswith("Checked: ")
