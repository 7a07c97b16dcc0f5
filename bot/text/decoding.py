"""Bytes of a feed or a page to text, whatever they claim to be. Never fails: what cannot be read becomes U+FFFD.

What servers and prologs declare is often untrue (text/xml means us-ascii by RFC 3023, and never is), so valid UTF-8 is
believed first, a declaration second, a detector last.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable

Detect = Callable[[bytes], Iterable[str]]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
# Servers' defaults: they tell nothing about the bytes.
_MEANINGLESS = frozenset({"ascii", "iso8859-1"})
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
# What is declared by the name of a smaller set (encoding.spec.whatwg.org/#names-and-labels).
_SUPERSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
_FEW = 0.005  # so large a share of broken ones among the non-ASCII bytes is what a cut teaser has
_NEARLY = 0.1  # so large a share of bad sequences among the non-ASCII ones is still UTF-8 with a few broken characters


def decode_text(body: bytes, content_type: str = "", detect: Detect | None = None) -> str:
    """BOM, else UTF-8 if the bytes are, else what prolog, <meta> or `content_type` declare, else `detect`'s best
    guess, else Windows-1252. What was encoded twice before it was sent is read twice."""
    return _read_twice(_decode(body, content_type, detect))


def _decode(body: bytes, content_type: str, detect: Detect | None) -> str:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace")
    if body[:4] in (b"<\x00?\x00", b"<\x00r\x00", b"<\x00h\x00"):
        return body.decode("utf-16-le", "replace")
    if body[:4] in (b"\x00<\x00?", b"\x00<\x00r", b"\x00<\x00h"):
        return body.decode("utf-16-be", "replace")
    try:
        return _without_iso2022(body, content_type)
    except UnicodeDecodeError:
        pass
    declared = _declared(body, content_type)
    if ("utf-8" in declared or not declared) and _is_nearly_utf8(body):
        return body.decode("utf-8", "replace")
    candidates = [_SUPERSETS.get(name, name) for name in declared if name not in _MEANINGLESS and name != "utf-8"]
    for encoding in candidates:
        if (text := _nearly(body, encoding)) is not None:
            return text
    for encoding in (*candidates, *(detect(body[:200_000]) if detect else ()), "cp1252"):
        try:
            return body.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return body.decode(candidates[0] if candidates else "utf-8", "replace")


# UTF-8 that was taken for Windows-1252, or Latin-1, and encoded again: "Å½elimir", "â€™".
_BYTE_OF = {
    letter: byte
    for byte in range(0x80, 0xC0)
    for letter in (chr(byte), bytes([byte]).decode("cp1252", "ignore"))
    if letter
}
_NEXT = f"[{''.join(map(re.escape, _BYTE_OF))}]"
_TWICE = re.compile(f"[\u00c2-\u00df]{_NEXT}|[\u00e0-\u00ef]{_NEXT}{{2}}|[\u00f0-\u00f4]{_NEXT}{{3}}")
_PIECES = re.compile(r"(<[^<>]*>|\n)")  # from the last "<", or a page of a million would take minutes
_LEAST_TWICE = 3  # of a page: "CAFÉ »" looks like one
_FEW_LETTERS = 3  # as many read twice for each letter that is one by itself: then these were lost on the way


def _read_twice(text: str) -> str:
    """The text with those of its pieces (between tags) read again whose letters beyond ASCII are all of that kind."""
    if sum(1 for _ in zip(range(_LEAST_TWICE), _TWICE.finditer(text), strict=False)) < _LEAST_TWICE:
        return text
    count = 0
    pieces = []
    for piece in _PIECES.split(text):
        read, found = _TWICE.subn(_once_more, piece)
        changed = found if read != piece else 0
        letters = sum(letter.isalpha() and not letter.isascii() for letter in _TWICE.sub("", piece))
        is_twice = changed > 0 and letters * _FEW_LETTERS <= changed
        count += changed if is_twice else 0
        pieces.append(read if is_twice else piece)
    return "".join(pieces) if count >= _LEAST_TWICE else text


def _once_more(match: re.Match[str]) -> str:
    letters = match.group()
    try:
        read = bytes(_BYTE_OF.get(letter, ord(letter)) for letter in letters).decode("utf-8")
    except UnicodeDecodeError:
        return letters
    is_phonetic = "\u0250" <= read < "\u02b0"  # no outlet writes these: an accent before a closing mark
    return letters if is_phonetic or unicodedata.category(read) in ("Cc", "Cn", "Co", "Cs") else read


def _nearly(body: bytes, encoding: str) -> str | None:
    """The text if a few characters at most are broken: teasers are cut in the middle of one."""
    try:
        text = body.decode(encoding, "replace")
    except (UnicodeError, LookupError):
        return None
    high = sum(byte >= 0x80 for byte in body)
    return text if text.count("\ufffd") <= max(1, high * _FEW) else None


def _without_iso2022(body: bytes, content_type: str) -> str:
    """ISO-2022-JP and HZ are pure ASCII bytes: only there a declaration beats valid UTF-8."""
    if b"\x1b$" in body[:100_000]:
        for encoding in _declared(body, content_type):
            if encoding.startswith("iso2022"):
                return body.decode(encoding, "replace")
    return body.decode("utf-8")


def _declared(body: bytes, content_type: str) -> list[str]:
    head = body[:4096]
    names = [
        match.group(1).decode("ascii") for pattern in (_XML_ENCODING, _META_CHARSET) if (match := pattern.search(head))
    ]
    names += _HTTP_CHARSET.findall(content_type)
    return [known for name in names if (known := _python_name(name))]


def _python_name(name: str) -> str | None:
    """The codec's own name; None for unknown ones and for codecs that are no character sets ("zip", "idna")."""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return info.name if getattr(info, "_is_text_encoding", True) and info.name not in _NO_CHARSETS else None


def _is_nearly_utf8(body: bytes) -> bool:
    sample = body[:200_000]
    high = sum(byte >= 0xC0 for byte in sample)  # each begins a character, if this is UTF-8
    bad = sample.decode("utf-8", "replace").count("\ufffd")
    return bad <= high * _NEARLY
