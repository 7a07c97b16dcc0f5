"""A feed server on loopback that replays the bundled articles: each feed grows as its articles are published.

The replay keeps the real order of publication and squeezes the week into `span`. It serves what a real outlet serves:
feeds of teasers with validators (ETag, 304), and whole pages with everything that stands around an article.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

DATA = files("bot.demo") / "data"
_ITEM = re.compile(r"<(item|entry)\b.*?</\1>", re.S)
_DATE = re.compile(r"<(pubDate|published|updated|dc:date)>(.*?)</\1>", re.S)


@dataclass(frozen=True, slots=True)
class Feed:
    """A bundled feed; `dates` are its items' dates of publication, in the items' order."""

    outlet: str
    encoding: str
    text: str
    dates: tuple[datetime, ...]

    def until(self, moment: datetime, base: str) -> bytes:
        """The feed as it was at `moment`: without the items published later."""
        dates = iter(self.dates)
        shown = _ITEM.sub(lambda item: item[0] if next(dates) <= moment else "", self.text)
        return shown.replace("{base}", base).encode(self.encoding, "xmlcharrefreplace")


def load_feeds() -> dict[str, Feed]:
    """The bundled feeds by outlet."""
    return {feed.outlet: feed for path in (DATA / "feeds").iterdir() if (feed := _load_feed(path))}


def _load_feed(path: Traversable) -> Feed | None:
    if not path.name.endswith(".xml"):
        return None
    body = path.read_bytes()
    declared = re.search(rb'encoding="([\w-]+)"', body[:200])
    encoding = declared[1].decode() if declared else "utf-8"
    text = body.decode(encoding)
    dates = tuple(_date(item[0]) for item in _ITEM.finditer(text))
    return Feed(path.name.removesuffix(".xml"), encoding, text, dates)


def _date(item: str) -> datetime:
    found = _DATE.search(item)
    if not found:
        return datetime.min.replace(tzinfo=UTC)
    text = found[2].strip()
    moment = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Replay:
    """Which articles are out by now. `now` is the clock; the replay starts when it is made."""

    def __init__(self, feeds: dict[str, Feed], span: timedelta, now: Callable[[], datetime]) -> None:
        self.feeds, self._now, self._started_at, self._span = feeds, now, now(), span
        dates = [date for feed in feeds.values() for date in feed.dates if date.year > 1]
        self._first, self._last = min(dates), max(dates)

    @property
    def count(self) -> int:
        return sum(len(feed.dates) for feed in self.feeds.values())

    def moment(self) -> datetime:
        """The moment of the bundled week that the replay has reached."""
        share = 1.0 if not self._span else (self._now() - self._started_at) / self._span
        return self._first + (self._last - self._first) * min(share, 1.0)

    def app(self) -> Starlette:
        """The server: /feeds/OUTLET.xml and /OUTLET/SLUG.html."""
        return Starlette(
            routes=[Route("/feeds/{outlet}.xml", self._serve_feed), Route("/{path:path}", self._serve_page)]
        )

    async def _serve_feed(self, request: Request) -> Response:
        feed = self.feeds.get(request.path_params["outlet"])
        if feed is None:
            return Response("no such feed", 404)
        body = feed.until(self.moment(), str(request.base_url).rstrip("/"))
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        return Response(body, media_type="application/rss+xml", headers={"ETag": etag})

    async def _serve_page(self, request: Request) -> Response:
        path = PurePosixPath(request.path_params["path"])
        if len(path.parts) != 2 or ".." in path.parts:
            return Response("no such page", 404)
        page = DATA / "pages" / path.parts[0] / path.parts[1]
        if not page.is_file():
            return Response("no such page", 404)
        text = page.read_text(encoding="utf-8").replace("{base}", str(request.base_url).rstrip("/"))
        return Response(text, media_type="text/html; charset=utf-8")
