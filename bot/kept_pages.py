"""Pages as evidence: an article's page as it was fetched, and an event's pages packed into one file with their digests.

Whoever gets the file checks it without the bot: `sha256sum -c SHA256SUMS`. Pages are from strangers, so none opens in a
browser by a click: their names end in ".txt".
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.model import EventSource, Finding, HttpAnswer, KeptPage
from bot.ports import ArticleRecord
from bot.spreadsheets import write_csv
from bot.text.folding import fold_key
from bot.zones import in_utc

ZIP = "application/zip"
MOST_BYTES = 40_000_000  # packed; Telegram takes files of 50 MB from bots
_HEADERS = ("content-type", "date", "last-modified", "etag", "content-language")
_LONGEST_HEADER, _LONGEST_NAME = 300, 40
_SUFFIXES = {"text/html": "html", "application/xhtml+xml": "html", "application/pdf": "pdf", "text/plain": ""}
_COLUMNS = (
    "file", "sha256", "bytes", "outlet", "title", "published_at", "url", "fetched_at", "fetched_from", "http_status",
    *(name.replace("-", "_") for name in _HEADERS),
)  # fmt: skip
_README = """What the sources of one event said when they were read.

event.csv   the event: targets, evidence, sources
pages.csv   a row for each page: where and when it was fetched, its SHA-256, what its server said of it
pages/      the pages as the servers sent them, decompressed, otherwise untouched. They are from outside and may hold
            scripts: their names end in .txt so that no browser opens them by a click. An article that was read again
            after an edit has a page for each version.
texts/      of each source the text that was judged, and the verdict on each target with its sentence

To check that nothing was changed since this file was made:   sha256sum -c SHA256SUMS
The digests in pages.csv are those of the moment when the pages were fetched.
Times are in UTC. Made {made_at}.
"""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source of an event, the versions of its page that are kept, oldest first, and its article if that is."""

    source: EventSource
    pages: tuple[KeptPage, ...] = ()
    record: ArticleRecord | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """`pages`: how many are in it; `left_out`: those for which there was no room."""

    content: bytes
    pages: int = 0
    left_out: int = 0


def keep_page(article: str, answer: HttpAnswer, fetched_at: datetime) -> KeptPage:
    """What is kept of an answer; `article`: the key of the article behind it."""
    headers = {name: answer.headers[name][:_LONGEST_HEADER] for name in _HEADERS if name in answer.headers}
    digest = hashlib.sha256(answer.body).hexdigest()
    return KeptPage(article, digest, fetched_at, answer.url, answer.status, headers, answer.body)


def pack(event: bytes, files: Iterable[SourceFile], captions: Mapping[str, str], made_at: datetime) -> Packed:
    """A ZIP archive of an event; `event` is its table as CSV, `captions` those of whom verdicts are told, by their
    keys. One source after the other is asked for: hundreds of pages need not be held at once."""
    buffer, sums, rows, left_out = io.BytesIO(), list[str](), [_COLUMNS], 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, content: bytes, at: datetime) -> None:
            moment = max(at.astimezone(UTC), _FIRST)
            archive.writestr(zipfile.ZipInfo(name, moment.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}")

        for number, file in enumerate(files, 1):
            stem = f"{number:02d}-{_slug(file.source.outlet)}"
            if file.record:
                put(f"texts/{stem}.txt", _text(file.record, captions).encode("utf-8", "replace"), made_at)
            for version, page in enumerate(file.pages, 1):
                name = f"pages/{stem}{f'-{version}' if len(file.pages) > 1 else ''}{_suffix(page)}"
                if buffer.tell() + len(page.body) > MOST_BYTES:  # as if it did not pack: then it fits surely
                    left_out += 1
                    name = "left out, as the file would be too large"
                else:
                    put(name, page.body, page.fetched_at)
                rows.append(_row(name, file.source, page))
        put("pages.csv", write_csv(rows), made_at)
        put("event.csv", event, made_at)
        put("README.txt", _README.format(made_at=in_utc(made_at)).encode(), made_at)
        archive.writestr(zipfile.ZipInfo("SHA256SUMS", made_at.timetuple()[:6]), "\n".join(sums) + "\n")
    return Packed(buffer.getvalue(), len(rows) - 1 - left_out, left_out)


_FIRST = datetime(1980, 1, 1, tzinfo=UTC)  # a ZIP archive knows no earlier day


def _slug(outlet: str) -> str:
    """'Northlight News' -> 'northlight-news'; what has no Latin letters is a 'page'."""
    return re.sub(r"[^a-z0-9]+", "-", fold_key(outlet)).strip("-")[:_LONGEST_NAME].strip("-") or "page"


def _suffix(page: KeptPage) -> str:
    media_type = page.headers.get("content-type", "").partition(";")[0].strip().casefold()
    kind = _SUFFIXES.get(media_type, "html")
    return f".{kind}.txt" if kind else ".txt"


def _row(name: str, source: EventSource, page: KeptPage) -> tuple[str, ...]:
    return (
        name,
        page.sha256,
        str(len(page.body)),
        source.outlet,
        source.title,
        in_utc(source.published_at),
        source.url,
        in_utc(page.fetched_at),
        page.url,
        str(page.status),
        *(page.headers.get(name, "") for name in _HEADERS),
    )


def _text(record: ArticleRecord, captions: Mapping[str, str]) -> str:
    article = record.article
    findings = record.judgement.findings if record.judgement else ()
    return "\n".join(
        [
            article.title,
            f"{article.outlet}, published {in_utc(article.published_at)}",
            article.url,
            f"judged {in_utc(record.judged_at)}; {article.full_text_note or 'no page was fetched'}",
            "",
            *(_verdict(one, captions[one.entity]) for one in findings if one.entity in captions),
            "",
            *(f"{text}\n" for text in article.texts[1:] if text),
        ]
    )


def _verdict(finding: Finding, caption: str) -> str:
    return f"{caption}: {finding.verdict}, confidence {finding.confidence:.2f}: “{finding.evidence}”"
