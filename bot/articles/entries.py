"""An entry of a feed, and its page if that is fetched, to an article."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime

from bot.articles.languages import find_language
from bot.articles.lines import MAX_PAGE, total_length
from bot.articles.pages import is_browser_check, read_page
from bot.articles.teasers import fresh_teaser, unsigned
from bot.articles.texts import article_key, paragraphs_of_text, told_cut
from bot.errors import ArticleError
from bot.links import is_of_aggregator, site_of
from bot.model import Article, Entry, FullText, HttpAnswer, Source
from bot.text.decoding import decode_text
from bot.zones import told_date


def wants_page(
    entry: Entry, source: Source, sanctions_word: str | None, names_entity: bool, matter: str | None
) -> tuple[bool, str]:
    """(whether to fetch the entry's page, why). `sanctions_word` is the word in headline or teaser that speaks of
    sanctions, if any; `names_entity` says that they name a tracked entity, `matter` what they tell of that sanctions
    are imposed for, or who imposes them."""
    if source.full_text is FullText.NEVER:
        return False, f"{source.title} is read by its teasers only (full_text = never)"
    if not entry.link:
        return False, "the entry has no link"
    if is_of_aggregator(entry.link):  # an opaque token that leads to a script
        return False, "the aggregator's link leads to no article page"
    if source.full_text is FullText.ALWAYS:
        return True, f"every page of {source.title} is read (full_text = always)"
    if sanctions_word:
        return True, f"the teaser speaks of sanctions: “{sanctions_word}”"
    if names_entity:
        return True, "the teaser names a tracked entity"
    if matter:
        return True, f"the teaser tells of what sanctions are about: {matter}"
    return False, "the teaser tells of nothing that sanctions are about, and names no tracked entity"


def parse_article(entry: Entry, source: Source, page: HttpAnswer | None, note: str) -> Article:
    """The article behind an entry. Without a page, or with one that shows no article (a paywall, a browser check), it
    is what the feed carries, and `full_text_note` tells so. Raises nothing but ArticleError."""
    teaser, problem = _from_feed(entry, source, note), ""
    try:
        if page is not None:
            return parse_page(entry, source, page, note)
    except ArticleError as error:
        problem = f"{error}: judged on what the feed carries"
    return replace(teaser, full_text_note=_notes(note, problem, _undated(entry, entry.published_at)))


def parse_page(entry: Entry, source: Source, page: HttpAnswer, note: str) -> Article:
    """The article of an entry's page. Raises nothing but ArticleError, which says why there is none."""
    try:
        return _from_page(_from_feed(entry, source, note), entry, source, page)
    except ArticleError:
        raise
    except Exception as error:  # four parsers that are not ours read bytes from anywhere
        raise ArticleError(f"the page could not be read ({type(error).__name__})") from error


def teaser_of(entry: Entry, source: Source) -> Article:
    """Its title and teaser, without the text that its feed may carry."""
    return _from_feed(replace(entry, content=""), source, "")


def _from_feed(entry: Entry, source: Source, note: str) -> Article:
    paragraphs = paragraphs_of_text(unsigned(entry.content)) if entry.content else ()
    outlet = entry.outlet or source.title
    return Article(
        key=article_key(outlet, entry.link, entry.title),
        url=entry.link or source.url,
        outlet=outlet,
        title=entry.title,
        summary=fresh_teaser(unsigned(entry.summary), (entry.title, *paragraphs)),
        paragraphs=paragraphs,
        published_at=entry.effective_at,
        language=find_language(source.language or entry.language, "", [entry.title, entry.summary, *paragraphs]),
        source=source.key,
        tier=source.tier,
        full_text_note=note,
        authority=source.authority or "",
    )


def _from_page(teaser: Article, entry: Entry, source: Source, page: HttpAnswer) -> Article:
    markup = _markup(page)
    read = read_page(markup)
    if is_browser_check(markup, read.paragraphs):
        raise ArticleError("the page is a browser check (the site blocks bots)")
    if not read.paragraphs and not read.key_points:
        raise ArticleError("no article text was found on the page")
    note = teaser.full_text_note
    if read.is_paywalled:
        note = _notes(note, "behind a paywall: only its beginning could be read")
    note = _notes(note, told_cut(markup, read.paragraphs))
    if total_length(read.paragraphs) < total_length(teaser.paragraphs):
        read = replace(read, paragraphs=teaser.paragraphs)
        note = _notes(note, "the feed carries more of the text than the page")
    published = entry.published_at or read.published_at
    title = entry.title or read.title
    paragraphs = tuple(filter(None, (_without_title(text, title, read.title) for text in read.paragraphs)))
    return replace(
        teaser,
        title=title,
        summary=fresh_teaser(teaser.summary, (title, *read.key_points, *paragraphs)),
        outlet=read.outlet if read.outlet and teaser.outlet == site_of(entry.link) else teaser.outlet,
        paragraphs=paragraphs,
        key_points=read.key_points,
        published_at=min(published, entry.first_seen_at) if published else entry.first_seen_at,
        language=find_language(source.language or entry.language, read.language, [title, *read.paragraphs]),
        full_text_note=_notes(note, _undated(entry, published)),
    )


_AFTER_TITLE = re.compile(r"\s*[.:!?…|–—。：]\s+|$")


def _without_title(text: str, *titles: str) -> str:
    """A paragraph without the title that it is, or begins with, as where title and standfirst stand once more."""
    for title in filter(None, titles):
        if text.startswith(title) and (mark := _AFTER_TITLE.match(text, len(title))):
            return text[mark.end() :]
    return text


def _markup(page: HttpAnswer) -> str:
    if page.status >= 400:
        raise ArticleError(f"the page answered HTTP {page.status}")
    kind = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    if page.body.startswith(b"%PDF") or kind == "application/pdf":
        raise ArticleError("the page is a PDF")
    if kind.startswith(("image/", "audio/", "video/", "font/")):
        raise ArticleError(f"the page is no text but {kind}")
    from trafilatura.utils import detect_encoding  # takes half a second: not where no page is read

    markup = decode_text(page.body[: 4 * MAX_PAGE], page.headers.get("content-type", ""), detect_encoding)[:MAX_PAGE]
    if not markup.strip():
        raise ArticleError("the page is empty")
    if kind == "text/plain":
        return "".join(f"<p>{html.escape(part)}</p>" for part in markup.split("\n\n"))
    return markup


def _notes(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _undated(entry: Entry, published: datetime | None) -> str:
    """What is old news may be taken for new, so whoever asks why is told."""
    seen = entry.first_seen_at
    return "" if published else f"its date is not told: taken as of {told_date(seen)}, when it was found"
