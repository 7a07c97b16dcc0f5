"""Untrusted text made fit to show: invisible characters out, cut between words, mentions and addresses made harmless.

Knows no platform's markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.model import Fact, Message, Severity

GLYPHS = {Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🟡"}
ELLIPSIS = "…"
ARTICLE = "article"  # what a link behind a bullet says
MAX_URL = 2_000  # Slack's own limit is 3000 for a button; nobody's article needs more

# Control characters (terminal escapes among them), lone surrogates, non-characters, and what turns the direction of
# writing: it can make a name read as another (Unicode TR36). Joiners stay: Persian and emoji need them.
_HARMFUL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2061-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
# More marks on one letter than any writing has paint over the lines above and below.
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_FLOOD = re.compile(f"({_MARK}{{4}}){_MARK}+")
_WORD_JOINER = "\u2060"
_STRAY_JOINER = re.compile(f"(?<![/@<]){_WORD_JOINER}")  # behind a sign of `defang`'s it stays
_BREAK = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_TWO_STOPS = re.compile(r"(?<=\w)\.\.(?=\s|$)")
_SPACES = re.compile(r"[^\S\n]+")
# An address of mail stays as it is; "@everyone" calls all in some services (Discord), also behind a letter.
_MENTION = re.compile(r"(?<!\w)@(?=\w)|@(?=(?:everyone|here)\b(?!\.\w))")
_MARKED_UP = re.compile(r"<(?=[!@#])")  # "<!channel>", "<@&1>": mentions in Slack and Discord
_COMMAND = re.compile(r"(?<![\w/<>])/(?=\w)")


def tidy(text: str) -> str:
    """One line without invisible characters; "" if nothing of it can be seen."""
    return " ".join(tidy_lines(text).split())


def tidy_lines(text: str) -> str:
    """As tidy, but line breaks stay, at most two in a row."""
    text = _STRAY_JOINER.sub("", _HARMFUL.sub("", _BREAK.sub("\n", text)))
    text = _FLOOD.sub(r"\1", text)
    text = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text if _is_visible(text) else ""


def one_stop(text: str) -> str:
    """With one full stop where a name that ends with one ends a sentence: "subscribed to Hengli Co., Ltd." """
    return _TWO_STOPS.sub(".", text)


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def shorten(text: str, limit: int) -> str:
    """`text` of at most `limit` characters, cut between words and ended by "…". A text without blanks (Chinese, a
    long address) is cut between characters."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    room = limit - len(ELLIPSIS)
    head = text[:room]
    if not text[room : room + 1].isspace():
        blank = max(head.rfind(" "), head.rfind("\n"))
        head = head[:blank] if blank > room // 3 else _between_characters(text, room)
    return head.rstrip(" \n,;:–—-(") + ELLIPSIS


def shorten_list(text: str, limit: int) -> str:
    """As `shorten`; of what is parted by "; " as many as fit are kept whole, and the rest is counted."""
    parts = text.split("; ")
    room, kept = limit - len("and 1,000,000 more"), 0
    while kept < len(parts) and len(parts[kept]) + 2 <= room:
        room -= len(parts[kept]) + 2
        kept += 1
    if len(text) <= limit or not kept:
        return shorten(text, limit)
    return "; ".join([*parts[:kept], f"and {len(parts) - kept:,} more"])


def _between_characters(text: str, end: int) -> str:
    """text[:end], less what would leave a character's accent, joiner or modifier on the other side of the cut."""
    joined = "\u200c\u200d\ufe0e\ufe0f"
    while 0 < end < len(text) and (
        unicodedata.combining(text[end]) or text[end] in joined or text[end - 1] in joined or _is_modifier(text[end])
    ):
        end -= 1
    return text[:end]


def _is_modifier(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U0001f1e6" <= character <= "\U0001f1ff"


def defang(text: str, *, commands: bool = True) -> str:
    """Mentions, and with `commands` also /commands, made plain words by an invisible joiner: an article must notify
    nobody, and a tap on it must do nothing. E-mail addresses stay as they are."""
    text = _MARKED_UP.sub("<" + _WORD_JOINER, _MENTION.sub("@" + _WORD_JOINER, text))
    return _COMMAND.sub("/" + _WORD_JOINER, text) if commands else text


def safe_url(url: str) -> str:
    """`url` if it is an http(s) address with a host and fit for an attribute, else ""."""
    url = url.strip()
    if not url or len(url) > MAX_URL or re.search(r"[\s\x00-\x20\x7f-\x9f\"<>\\^`{|}]", url):
        return ""
    if _HARMFUL.search(url) or _WORD_JOINER in url:
        return ""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    # Credentials in an address make it look like another host's.
    return url if parts.scheme.lower() in ("http", "https") and has_host and "@" not in parts.netloc else ""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_marked: bool


def highlighted(text: str, highlights: Sequence[str]) -> tuple[Piece, ...]:
    """`text` in pieces, those that are one of `highlights` (as whole words, the longest first) marked. The pieces
    joined are `text`."""
    wanted = sorted({highlight for highlight in highlights if highlight.strip()}, key=len, reverse=True)
    if not wanted:
        return (Piece(text, is_marked=False),) if text else ()
    pattern = re.compile("|".join(_whole_words(highlight) for highlight in wanted))
    pieces, end = [], 0
    for match in pattern.finditer(text):
        if match.start() > end:
            pieces.append(Piece(text[end : match.start()], is_marked=False))
        pieces.append(Piece(match[0], is_marked=True))
        end = match.end()
    if end < len(text):
        pieces.append(Piece(text[end:], is_marked=False))
    return tuple(pieces)


def _whole_words(text: str) -> str:
    # Scripts without blanks have no word edges to ask for.
    before = r"(?<!\w)" if text[0].isascii() and text[0].isalnum() else ""
    after = r"(?!\w)" if text[-1].isascii() and text[-1].isalnum() else ""
    return before + re.escape(text) + after


def clock(message: Message) -> int | None:
    """Unix seconds where a client may show `message.at` in the reader's own zone: not in a chat that has one, of which
    all its times are. None before 1970 and after 2037."""
    seconds = int(message.at.timestamp()) if message.at and not message.zone else 0
    return seconds if 0 < seconds < 2**31 else None


def headline(title: str, *, is_withdrawn: bool) -> str:
    return f"Withdrawn — {title}" if is_withdrawn else title


def fact_line(fact: Fact) -> str:
    """Where nothing can be struck through: its label says what it is."""
    value = " ".join(part for part in (fact.struck, fact.value) if part)
    return f"{fact.label}: {value}" if fact.label else value


def with_texts(message: Message, change: Callable[[str], str]) -> Message:
    """The message with its own words changed: all but quotes and links."""
    return replace(
        message,
        title=change(message.title),
        subtitle=change(message.subtitle),
        paragraphs=tuple(map(change, message.paragraphs)),
        facts=tuple(Fact(change(fact.label), change(fact.value), change(fact.struck)) for fact in message.facts),
        bullets=tuple(map(change, message.bullets)),
        footer=change(message.footer),
    )
