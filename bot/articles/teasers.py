"""What a feed's teaser adds to the text behind it. Most feeds carry its first lines, whole or cut: read twice, they
would weigh twice."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.text.phrasing import DATELINE, split_sentences

# What is left where a feed cut the text: "…", "[…]", "... [+1234 chars]", "… Continue reading".
_CUT = re.compile(
    r"[\[(]?(?:…|\.{3,})[\])]?\s*(?:\[\+\d+ chars\]|(?:continue reading|read (?:more|on|the full)|more"
    r"|weiterlesen|mehr|lire la suite|seguir leyendo|leer más|читать (?:далее|дальше)|читати далі)\b.{0,60})?$",
    re.IGNORECASE,
)
# What WordPress puts under each text of a feed: the title once more, which begins as a name does, unlike "the post of
# minister", and what it has is the end.
_SIGNED = re.compile(
    r"(?:The post {title} (?:appeared first|first appeared) on |Der Beitrag {title} erschien zuerst auf "
    r"|L[’']article {title} est apparu en premier sur |La entrada {title} (?:se publicó primero|aparece primero) en "
    r"|Сообщение {title} появил[иа]сь сначала на )[^\n]{{1,120}}$".format(
        title=r"(?=[^a-zà-ÿа-я])(?:(?!The post |Der Beitrag |L[’']article |La entrada |Сообщение ).){1,300}"
    ),
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
    parts = list(split_sentences(teaser))
    fresh = [part for part in parts if not _is_told(part, told)]
    return teaser if len(fresh) == len(parts) else " ".join(fresh)


def _is_told(text: str, told: str) -> bool:
    """Whether `told` has the text, but for a place in front or a cut word at its end."""
    cut = _CUT.search(text)
    whole = text[: cut.start()].rstrip() if cut else text
    forms = (whole, whole.rpartition(" ")[0]) if cut else (whole,)
    return any(letters_of(form) in told or letters_of(DATELINE.sub("", form, count=1)) in told for form in forms)


def letters_of(text: str) -> str:
    """Without what differs between two writings of one text: capitals, blanks, marks."""
    return "".join(filter(str.isalnum, text.casefold()))
