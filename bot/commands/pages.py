"""event KEY pages: the pages of an event's sources as they were fetched, in one file with their digests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from bot.commands.asking import Ask, cmd, reply
from bot.commands.history import Line, attachment, line_of_all, line_of_chat
from bot.counted import number
from bot.errors import CommandError
from bot.kept_pages import ZIP, Packed, SourceFile, pack
from bot.model import Attachment, Event, Reply
from bot.ports import Records
from bot.zones import told_moment

_SHOWN = 20
_DIGITS = 16  # of a digest, shown; the file has all


def event_pages(ask: Ask, records: Records, event: Event) -> Reply:
    if not records.count_pages(source.article for source in event.sources):
        raise CommandError(
            f"No page of event {event.key} is kept: its sources were judged on what the feed carried, were read before "
            f"pages were kept, or keep_pages has passed. Its story: {cmd(f'event {event.key}')}"
        )
    told: list[str] = []

    def files() -> Iterator[SourceFile]:
        for one in load_files(records, event):
            told.extend(_told(one, ask.zone))
            yield one

    file, packed = make_file(records, line_of_chat(records, event, ask.request.chat.key), files(), ask.now)
    left_out = packed.left_out
    return replace(
        reply(
            f"{number(packed.pages, 'page')} in {file.name}",
            "As they were fetched, with the text that was judged. To check that nothing was changed: "
            "sha256sum -c SHA256SUMS.",
            f"{number(left_out, 'page')} left out, as the file would be too large." if left_out else "",
            f"and {len(told) - _SHOWN} more: pages.csv lists all" if len(told) > _SHOWN else "",
            bullets=told[:_SHOWN],
            event=event.key,
        ),
        attachment=file,
    )


def load_files(records: Records, event: Event) -> Iterator[SourceFile]:
    for source in event.sources:
        yield SourceFile(source, records.pages_of(source.article), records.article(source.article))


def make_file(records: Records, line: Line, files: Iterable[SourceFile], now: datetime) -> tuple[Attachment, Packed]:
    captions = {  # what was judged before two names became one has the key of then
        key: target.caption for target in line.event.ever_targets for key in records.keys_of(target.entity)
    }
    packed = pack(attachment([line], "csv", now).content, files, captions, now)
    return Attachment(f"event-{line.event.key}-pages.zip", packed.content, ZIP), packed


def file_for_all(records: Records, key: str, now: datetime) -> tuple[Attachment, Packed] | None:
    """For whoever runs the bot: of all chats and watchlists; None: there is no such event."""
    event = records.event(key)
    if event is None:
        return None
    return make_file(records, line_of_all(records, event, records.chats_told(key)), load_files(records, event), now)


def _told(file: SourceFile, zone: str) -> Iterator[str]:
    for page in file.pages:
        size, digest = max(1, round(len(page.body) / 1000)), page.sha256[:_DIGITS]
        yield f"{file.source.outlet}, {told_moment(page.fetched_at, zone)}: {size} KB, sha256 {digest}…"
    if not file.pages:
        yield f"{file.source.outlet}: no page is kept of it"
