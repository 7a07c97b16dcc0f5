"""What a feed's teaser adds to the text behind it. Most feeds carry its first lines, whole or cut: read twice, they
would weigh twice."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What is left where a feed cut the text: "…", "[…]", "... [+1234 chars]", "… Continue reading".
_CUT = re.compile(
    r"\s*[\[(]?(?:…|\.{3,})[\])]?\s*(?:\[\+\d+ chars\]|(?:continue reading|read (?:more|on|the full)|more"
    r"|weiterlesen|mehr|lire la suite|seguir leyendo|leer más|читать (?:далее|дальше)|читати далі)\b.{0,60})?$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’»)\]]*\s+|(?<=[。！？])")
_DATELINE = re.compile(r"^[^.!?]{2,60}?(?:--|\s[–—-]\s|—)\s*")  # "LONDON (Wire) — "
# What WordPress puts under each text of a feed: the title once more.
_SIGNED = re.compile(
    r"(?:The post .{1,300} (?:appeared|first appeared) (?:first )?on |Der Beitrag .{1,300} erschien zuerst auf "
    r"|L[’']article .{1,300} est apparu en premier sur |La entrada .{1,300} (?:se publicó primero|aparece primero) en "
    r"|Сообщение .{1,300} появил[иа]сь сначала на ).{1,120}$",
    re.DOTALL,
)


def unsigned(text: str) -> str:
    """Without "The post Acme is listed appeared first on Harbour News." at its end."""
    return _SIGNED.sub("", text, count=1).rstrip()


def fresh_teaser(teaser: str, texts: Iterable[str]) -> str:
    """The sentences of `teaser` that `texts`, in their order, have not: "" where they begin so."""
    told = letters_of(" ".join(texts))
    if not told:
        return teaser
    if _is_told(teaser, told):
        return ""
    return " ".join(part.strip() for part in _SENTENCE.split(teaser) if not _is_told(part, told))


def _is_told(text: str, told: str) -> bool:
    """Whether `told` has the text, but for a place in front or a cut word at its end."""
    cut = _CUT.search(text)
    whole = text[: cut.start()] if cut else text
    forms = (whole, whole.rpartition(" ")[0]) if cut else (whole,)
    return any(letters_of(form) in told or letters_of(_DATELINE.sub("", form, count=1)) in told for form in forms)


def letters_of(text: str) -> str:
    """Without what differs between two writings of one text: capitals, blanks, marks."""
    return "".join(filter(str.isalnum, text.casefold()))
