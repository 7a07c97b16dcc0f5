"""The console's pages. What they tell comes from the store or from the same commands as in a chat."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
from rigour.territories import get_territory
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot import __version__
from bot.errors import SanctionsBotError
from bot.identifiers import identifier_word
from bot.model import KINDS, AddedFeed, Entity, Event, Reply, Source, SourceHealth, SourceState
from bot.platforms.web.archive import (
    CONSOLE,
    ONLY,
    SHOWN_VERDICTS,
    ArticleQuery,
    ArticleShelf,
    in_order,
    load_articles,
    load_captions,
)
from bot.platforms.web.feed import MEDIA_TYPE, render_feed
from bot.platforms.web.forms import read_form
from bot.platforms.web.marking import mark_article
from bot.platforms.web.metrics import MEDIA_TYPE as METRICS_TYPE
from bot.platforms.web.metrics import metrics
from bot.platforms.web.security import Guard, form_token, is_form_token, session_user
from bot.platforms.web.shelf import Shelved, is_file_path
from bot.ports import ArticleRecord, Post, Records
from bot.rendering import highlighted, safe_url, tidy
from bot.text.folding import fold_key
from bot.visibility import own_stages, see_articles, see_events
from bot.zones import load_zone, told_moment

if TYPE_CHECKING:
    from bot.platforms.web.platform import WebPlatform

HERE = Path(__file__).parent
POSTS, MOST_POSTS = 60, 500
LONG, SHOWN = 600, 300  # characters of a list of names: from where it is folded, and how many are shown then
ENTITIES = 500


@dataclass(frozen=True, slots=True)
class Thread:
    """A post with the posts that answer it."""

    post: Post
    follow_ups: list[Post] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A source as it is read; `added`, and `by` whom, if it was added by a command."""

    source: Source
    state: SourceState
    added: AddedFeed | None = None
    by: str = ""


class Pages:
    """The console's ASGI application (`app`), over a WebPlatform."""

    def __init__(self, platform: WebPlatform, names: frozenset[str]) -> None:
        self.platform = platform
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self.templates.filters |= {
            "weblink": lambda url: url if is_file_path(url) else safe_url(url),
            "tidy": tidy,
            "told": told_moment,
            "folded": _folded,
            "iso": datetime.isoformat,
            "word": lambda value: str(value).replace("_", " "),
            "number_word": identifier_word,
            "path": lambda value: quote(value, safe=""),
        }
        self.templates.globals |= {"highlighted": highlighted, "version": __version__, "kinds": KINDS}
        self.app = Starlette(
            routes=[
                Route("/", self.index),
                Route("/command", self.command, methods=["POST"]),
                Route("/command", self.command_page, methods=["GET"]),
                Route("/files/{key}", self.file),
                Route("/events.sse", self.live),
                Route("/events/{key}/pages", self.event_pages),
                Route("/events/{key:path}", self.event),
                Route("/articles", self.articles),
                Route("/articles/{key:path}", self.article),
                Route("/watchlist", self.watchlist),
                Route("/feeds", self.feeds),
                Route("/feed.atom", self.feed),
                Route("/healthz", self.healthz),
                Route("/metrics", self.metrics),
                Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
            ],
            middleware=[Middleware(Guard, names=names)],
            exception_handlers={HTTPException: self.refused, SanctionsBotError: self.failed},  # type: ignore[dict-item]
        )

    # ------------------------------------------------------------ alerts

    async def index(self, request: Request) -> Response:
        return await self._index(request)

    async def _index(
        self, request: Request, reply: Reply | None = None, text: str = "", shelved: Shelved | None = None
    ) -> Response:
        count = min(_number(request.query_params.get("show")) or POSTS, MOST_POSTS)
        # The number is of all posts: an older one that changed later would come as news else.
        posts, seq = await self._read(lambda records: (records.latest_posts(count + 1), records.newest_seq()))
        return await self._page(
            request,
            "index.html",
            threads=threads(posts[:count]),
            seq=seq,
            first=posts[:count][-1].id if len(posts) > count else 0,
            is_cut=len(posts) > count,
            more=min(count * 3, MOST_POSTS) if count < MOST_POSTS else 0,
            most=MOST_POSTS,
            reply=reply,
            asked=text,
            shelved=shelved,
            most_file=self.platform.upload_max_bytes,
        )

    async def live(self, request: Request) -> Response:
        """Posts changed since the number `after`, and the status line, for as long as the page is open."""
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after")) or 0
        return EventSourceResponse(self._stream(request, after), ping=15, headers={"Cache-Control": "no-store"})

    async def _stream(self, request: Request, after: int) -> AsyncIterator[ServerSentEvent]:
        user = session_user(request.scope["session_id"])
        token = form_token(request.scope["session_id"])
        if after > await self._read(lambda records: records.newest_seq()):
            # The page is of another database: the demo began anew, or a back-up was put in place.
            yield ServerSentEvent(event="anew", data="", retry=3000)
            return
        yield ServerSentEvent(event="status", data=await self.platform.status_line(user), retry=3000)
        async for posts in self.platform.changes(after):
            zone = await self._zone() if posts else ""
            for post in posts:
                html = self._render("_post.html", thread=Thread(post), token=token, zone=zone)
                data = {"id": post.id, "parent": post.reply_to, "title": tidy(post.message.title), "html": html}
                yield ServerSentEvent(event="post", id=str(post.seq), data=json.dumps(data))
            yield ServerSentEvent(event="status", data=await self.platform.status_line(user))

    async def feed(self, request: Request) -> Response:
        """The newest alerts for a feed reader; whoever reaches the console by an allowed name may read it."""
        posts = await self._read(lambda records: records.latest_posts(POSTS))
        body = render_feed(posts, str(request.base_url), datetime.now(UTC))
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"Cache-Control": "max-age=60", "ETag": etag}
        known = request.headers.get("if-none-match", "").replace("W/", "").split(",")
        if posts and etag in map(str.strip, known):  # without posts, the time in it is that of the question
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=MEDIA_TYPE, headers=headers)

    # ------------------------------------------------------------ commands

    async def command(self, request: Request) -> Response:
        """One command from the box or a button: a fragment for the page's script, else the page with the answer."""
        form = await read_form(request, self.platform.upload_max_bytes)
        if not is_form_token(request.scope["session_id"], form.fields.get("token", "")):
            raise HTTPException(403, "This form is out of date. Load the page again, and send it once more.")
        text = form.fields.get("text", "").strip()
        reply = await self.platform.ask(session_user(request.scope["session_id"]), text, form.file, form.filled)
        if reply is None:
            raise HTTPException(503, "The bot is starting or stopping. Try again in a moment.")
        asked = f"{text} {form.file.name}".strip() if form.file else text
        shelved = self.platform.shelf.put(reply.attachment, datetime.now(UTC)) if reply.attachment else None
        if request.headers.get("x-fragment"):
            token = form_token(request.scope["session_id"])
            html = self._render("_reply.html", reply=reply, asked=asked, token=token, shelved=shelved)
            return HTMLResponse(html)
        return await self._index(request, reply, asked, shelved=shelved)

    async def file(self, request: Request) -> Response:
        """A file of an answer, for as long as it is kept."""
        shelved = self.platform.shelf.get(request.url.path, datetime.now(UTC))
        if shelved is None:
            raise HTTPException(404, "This file is kept no longer. Send the command again.")
        shown = shelved.is_picture and "download" not in request.query_params
        headers = {
            "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(shelved.name)}",
            "Cache-Control": "private, no-store",
        }
        media_type = "image/png" if shelved.is_picture else "application/octet-stream"
        return Response(shelved.attachment.content, media_type=media_type, headers=headers)

    async def command_page(self, _request: Request) -> Response:
        """Somebody reloaded an answer's address."""
        return RedirectResponse("/", 303)

    # ------------------------------------------------------------ how things were decided

    async def event(self, request: Request) -> Response:
        key = request.path_params["key"]
        event: Event | None = await self._read(lambda records: _load_event(records, key))
        if event is None:
            raise HTTPException(404, f"There is no event {key[:60]}.")
        reply = await self.platform.ask(session_user(request.scope["session_id"]), f"why {key} all")
        if reply is None:
            raise HTTPException(503, "The bot is starting or stopping. Try again in a moment.")
        sources = [source.article for source in event.sources]
        kept = await self._read(lambda records: records.count_pages(sources))
        return await self._page(request, "event.html", event=event, message=reply.message, kept=kept)

    async def event_pages(self, request: Request) -> Response:
        """The file of `event KEY pages`."""
        key = request.path_params["key"]
        reply = await self.platform.ask(session_user(request.scope["session_id"]), f"event {key} pages")
        if reply is None:
            raise HTTPException(503, "The bot is starting or stopping. Try again in a moment.")
        if reply.attachment is None:
            raise HTTPException(404, reply.message.paragraphs[0])
        shelved = self.platform.shelf.put(reply.attachment, datetime.now(UTC))
        return RedirectResponse(f"{shelved.path}?download", 303)

    async def articles(self, request: Request) -> Response:
        asked = ArticleQuery.read(request.query_params)
        shelf: ArticleShelf = await self._read(lambda records: load_articles(records, asked))
        rows = [(record, in_order(record), shelf.captions) for record in shelf.articles]
        return await self._page(
            request, "articles.html", rows=rows, shelf=shelf, asked=asked, choices=ONLY, verdicts=SHOWN_VERDICTS
        )

    async def article(self, request: Request) -> Response:
        key = request.path_params["key"]
        record: ArticleRecord | None = await self._read(lambda records: _load_article(records, key))
        if record is None:
            raise HTTPException(404, "This article is not stored: articles are kept for some weeks.")
        captions = await self._read(lambda records: load_captions(records, [record]))
        blocks = mark_article(record.article, in_order(record), captions)
        return await self._page(
            request, "article.html", record=record, findings=in_order(record), captions=captions, blocks=blocks
        )

    # ------------------------------------------------------------ watchlist, feeds, health

    async def watchlist(self, request: Request) -> Response:
        """What the console's chat sees, as in `watch list`."""
        wanted = request.query_params.get("q", "").strip()
        shown, found, tracked = await self._read(lambda records: _load_entities(records, wanted))
        return await self._page(request, "watchlist.html", entities=shown, found=found, tracked=tracked, wanted=wanted)

    async def feeds(self, request: Request) -> Response:
        rows, off = await self._read(self._load_feeds)
        return await self._page(request, "feeds.html", rows=rows, off=off)

    def _load_feeds(self, records: Records) -> tuple[list[FeedRow], list[Source]]:
        """Those that are read, or were added and are paused; and those that the file has switched off."""
        states, people = records.source_states(), {str(one.user): one.user.name for one in records.grants()}
        added = {feed.source.key: feed for feed in records.added_feeds()}
        sources = tuple(self.platform.sources(records))
        rows = []
        for source in sources:
            feed, state = added.get(source.key), states.get(source.key, SourceState(source.key))
            if feed and not source.enabled:
                state = replace(state, paused_reason=f"by {people.get(feed.changed_by) or feed.changed_by}")
            if feed or source.enabled:
                by = people.get(feed.added_by) or feed.added_by if feed else ""
                rows.append(FeedRow(source, state, feed, by))
        rows.sort(key=lambda row: _TROUBLE_FIRST.index(row.state.health))
        return rows, [source for source in sources if not source.enabled and not source.is_added]

    async def healthz(self, _request: Request) -> Response:
        """200 while the store answers, takes what is written and commands are taken, else 503. A source's trouble is
        told, not a reason."""
        states: Mapping[str, SourceState] = {}
        try:
            problem = await run_in_threadpool(self.platform.store.write_problem)
            states = await self._read(self._load_states)
        except SanctionsBotError as error:
            problem = str(error)
        if problem:
            return JSONResponse({"status": "trouble", "problem": problem}, 503)
        ready = self.platform.health() != "starting"
        counts = {str(health): sum(state.health is health for state in states.values()) for health in SourceHealth}
        body = {"status": "ok" if ready else "starting", "version": __version__, "sources": counts}
        return JSONResponse(body, 200 if ready else 503)

    async def metrics(self, _request: Request) -> Response:
        """For Prometheus; 503 if the store does not answer."""
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            text = await self._read(lambda records: metrics(self._load_states(records), records.totals(today)))
        except SanctionsBotError as error:
            return PlainTextResponse(str(error), 503)
        return Response(text, media_type=METRICS_TYPE)

    def _load_states(self, records: Records) -> Mapping[str, SourceState]:
        """Of what is read now: what was removed, or is switched off or paused by somebody, is nobody's alarm."""
        states = records.source_states()
        keys = [source.key for source in self.platform.sources(records) if source.enabled]
        return {key: states.get(key, SourceState(key)) for key in keys}

    # ------------------------------------------------------------ shared

    async def _read(self, question: Any) -> Any:
        def read() -> Any:
            with self.platform.store.reading() as records:
                return question(records)

        return await run_in_threadpool(read)

    async def _page(self, request: Request, name: str, status: int = 200, **values: Any) -> Response:
        session = request.scope["session_id"]
        line = await self.platform.status_line(session_user(session))
        values |= {"path": request.url.path, "status_line": line, "token": form_token(session)}
        html = self._render(name, zone=await self._zone(), **values)
        return HTMLResponse(html, status)

    async def _zone(self) -> str:
        """In which the console is told times; "" if none is set, or while the store does not answer."""
        try:
            zone: str = await self._read(lambda records: load_zone(records, CONSOLE))
        except SanctionsBotError:
            return ""
        return zone

    def _render(self, name: str, **values: Any) -> str:
        return self.templates.get_template(name).render(**values)

    async def refused(self, request: Request, error: HTTPException) -> Response:
        if request.headers.get("x-fragment"):
            return HTMLResponse(self._render("_refused.html", problem=error.detail), error.status_code)
        title = "Not found" if error.status_code == 404 else "Not done"
        problem = error.detail
        if problem == HTTPStatus.NOT_FOUND.phrase:  # of no page of ours: no more than the title says
            problem = f"There is no page {request.url.path[:60]} here."
        return await self._page(request, "refused.html", status=error.status_code, problem=problem, title=title)

    async def failed(self, request: Request, error: SanctionsBotError) -> Response:
        if request.headers.get("x-fragment"):
            return HTMLResponse(self._render("_refused.html", problem=str(error)), 503)
        html = self._render("failed.html", problem=str(error))
        return HTMLResponse(html, 503)


def _load_entities(records: Records, wanted: str) -> tuple[Sequence[Entity], int, int]:
    """(the first that fit, how many do, how many are tracked). The store finds no number, and no country by its name:
    what somebody looks for is found among all, in about two seconds of 40,000."""
    seen = records.watchlists_of(CONSOLE)
    if not wanted:
        tracked, shown = records.entities_page(seen, "", 0, ENTITIES)
        return shown, tracked, tracked
    entities = records.entities(seen)
    fitting = sorted((one for one in entities if _mentions(one, wanted)), key=lambda one: fold_key(one.caption))
    return fitting[:ENTITIES], len(fitting), len(entities)


def _load_event(records: Records, key: str) -> Event | None:
    event = records.event(key)
    return next(iter(see_events(records, CONSOLE, [event])), None) if event else None


def _load_article(records: Records, key: str) -> ArticleRecord | None:
    record = records.article(key)
    if record is None:
        return None
    (seen,) = see_articles(records, CONSOLE, [record])
    return replace(seen, stages=own_stages(seen.stages, CONSOLE))


_TROUBLE_FIRST = (SourceHealth.FAILING, SourceHealth.PAUSED, SourceHealth.WAITING, SourceHealth.OK)


def threads(posts: Sequence[Post]) -> list[Thread]:
    """Newest first; what answers a post stands under it, oldest first, or alone if that post is not here."""
    found = {post.id: Thread(post) for post in posts}
    roots = []
    for post in posts:
        parent = found.get(post.reply_to) if post.reply_to is not None else None
        if parent:
            parent.follow_ups.insert(0, post)
        else:
            roots.append(found[post.id])
    return roots


def _folded(value: str) -> tuple[list[str], list[str]]:
    """(what of "A; B; C" is shown, what is folded away). Names that few are left of are all shown."""
    names = value.split("; ")
    shown, size = 1, len(names[0])
    while shown < len(names) and size + len(names[shown]) <= SHOWN:
        size += len(names[shown])
        shown += 1
    return (names[:shown], names[shown:]) if len(value) > LONG and len(names) - shown > 2 else (names, [])


def _mentions(entity: Entity, wanted: str) -> bool:
    """By a part of a name, a topic, a country's name or code, or of a number as 9329760 or "IMO 9329760"."""
    plain, folded = wanted.casefold(), fold_key(wanted)
    words = (entity.key, entity.caption, *entity.aliases, *entity.weak_aliases, *entity.topics)
    texts = (*(word.casefold() for word in words), *(fold_key(word) for word in words if not word.isascii()))
    numbers = {identifier.value.casefold() for identifier in entity.identifiers}
    return (
        any(plain in text or (folded and folded in text) for text in texts)
        or any(plain == code or plain in _country(code) for code in entity.countries)
        or any(plain.replace(" ", "") in number for number in numbers)
        or not numbers.isdisjoint(plain.split())
    )


@lru_cache(maxsize=500)
def _country(code: str) -> str:
    territory = get_territory(code)
    return territory.name.casefold() if territory else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
