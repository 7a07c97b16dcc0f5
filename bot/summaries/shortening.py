"""A long sentence made short without a change of meaning: by leaving out an insertion, or by ending it at a clause."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.bullets import MAX_LENGTH

_LEAST_LENGTH = 70

_CLAUSE_END = re.compile(
    r"\s*(?:;|[–—]|\s-\s|[，；]"
    r"|,\s(?=(?:which|who|whose|whom|where|when|while|and|but|as|after|because|with|in|including|among|although|according"
    r"|saying|along|together|plus|котор\w+|что|чтобы|а|и|но|який|яка|яке|які|що|та|que|quien|y|cuyo|der|die|das|und|aber"
    r"|wobei|qui|dont|où|et|mais)\b))"
    r"|\s(?=(?:as (?:he|she|it|they|the)|after|because|while|when|where|which|whose|although|according|accusing"
    r"|including|in (?:response|answer) to)\s)"
)
# Where a sentence may be cut when nothing better is left: before an apposition, an item, a relative clause, a list.
_WEAK_END = re.compile(r",\s|:\s|\s(?=that\s(?:[a-z]{2,}ed|has|have|is|are|was|were|had)\s)")
_BEFORE_MAIN = re.compile(
    r"^(?:when|while|as|after|before|because|since|although|though|if|on|in|for|with|by|at|from|under|until)\b[^,]*,\s*",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(r"\b(?:who|whom|whose|which|that|where|when)\b")
_GOES_ON = (
    r"(?=\s(?:is|are|was|were|has|have|had|will|would|can|may|did|does|said|says|told|along|together|plus|with|on|for|to|at"
    r"|in|from|by|into|over|after)\b)"
)
# What may go: "(…)", "– … –", and, before a verb or preposition, ", who …," or ", a friend of …,".
_INSERTION = re.compile(
    r"\s\([^()]{3,120}\)|\s[–—]\s[^–—]{3,120}\s[–—](?=\s)"
    rf"|,\s(?:which|who|whose|where|whom)\s[^,;:]{{3,120}},{_GOES_ON}"
    rf"|(?<=[^\W\d_]),\s(?:an?|the)\s(?:[a-z][\w'’-]*\s){{1,4}}[^,;:]{{3,110}},{_GOES_ON}"
)
_STAYS = re.compile(r"\d|n[’']t\b|\b(?:not|never|no|without|spared)\b", re.IGNORECASE)
# What turns the meaning of all that stands before it.
_TURNS = re.compile(
    r"\b(?:unless|except|if|pending|denie[sd]|salvo|excepto|außer|sofern|sauf|если|кроме|якщо|крім)\b"
    r"|\bsubject to\b(?! (?:\w+ )?(?:sanctions|penalties)\b)|除非|외에",
    re.IGNORECASE,
)
_DANGLING = frozenset(
    """such without with and or hours days weeks months minutes of the a an even only just not well soon shortly long
    more less than known to in by for at on from und oder mit von y o de con et ou à i и или с та або з""".split()
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|may|can|could|might|did|does|said|says|told|put|hit|took|made|led|froze"
    r"|cut|gave|got|went|came|became|let|sent|kept|left|ran|sold|bought|paid|owns|runs|remains|faces|wants|means|includes"
    r"|denies|calls|holds|[a-z]{2,}ed)\b"
)
_ATTRIBUTED = re.compile(
    r",\s((?:[^,]{3,50}\s)?(?:said|says|reported|reports|officials say)(?:\s[^,.]{2,30})?\."
    r"|(?:according to|so)\s[^,.]{3,60}\.)$"
)
# What a sum is, or is for, comes behind it: "worth $500 million …" tells half.
_SUM = re.compile(
    r"(?:[$€£¥]\s?\d[\d.,]*|\b\d[\d.,]*)\s?(?:m|bn|million|billion|trillion|thousand)?\Z(?<!\b[12]\d{3})", re.I
)
_RELATIVE = re.compile(r",\s(?:who|whom|whose|which)\s[^,]*$")


def shorten(text: str, most: int = MAX_LENGTH) -> str:
    """At most so many characters of a text: all of it; or all but insertions; or up to the end of a clause, with "…" or
    the attribution that closed it. "" if none of these will do, or if what goes would turn the meaning."""
    if len(text) <= most:
        return text
    for without in _without_insertions(text):
        if len(without) <= most:
            return without
        text = without
    attributed = _ATTRIBUTED.search(text)
    ending = f", {attributed.group(1)}" if attributed else " …"
    for ends, is_fit in ((_CLAUSE_END, _is_whole), (_WEAK_END, _tells_its_verb)):
        for end in reversed(list(ends.finditer(text, 0, max(0, most - len(ending))))):
            piece = text[: end.start()].rstrip(" ,;:–—-")
            if len(piece) < _LEAST_LENGTH:
                break
            if is_fit(piece) and not _TURNS.search(text, end.start()):
                return piece + ending
    return ""


def _without_insertions(text: str) -> Iterator[str]:
    """The text with one insertion less each time, the last first. Insertions with figures or a negation stay."""
    for insertion in reversed(list(_INSERTION.finditer(text))):
        if _STAYS.search(insertion.group()) or _TURNS.search(insertion.group()):
            continue
        before, after = text[: insertion.start()], text[insertion.end() :]
        comma = "," if after.lstrip().startswith(("along ", "together ", "plus ")) else ""
        text = f"{before}{comma}{after}"
        yield text


def _is_whole(piece: str) -> bool:
    """Whether the beginning of a sentence can stand alone: nothing open or dangling at its end, and no subject that has
    lost its verb (told for text in plain Latin letters only)."""
    if not _is_closed(piece):
        return False
    clause = piece.rsplit(" that ", 1)[-1]
    relative = _RELATIVE.search(clause)
    return not clause.isascii() or bool(_FINITE.search(clause[: relative.start()] if relative else clause))


def _tells_its_verb(piece: str) -> bool:
    """Whether the main clause of a beginning has its verb before anything hangs on it."""
    main = _SUBORDINATE.split(_BEFORE_MAIN.sub("", piece), maxsplit=1)[0]
    return _is_closed(piece) and bool(_FINITE.search(main))


def _is_closed(piece: str) -> bool:
    return is_balanced(piece) and piece.rsplit(None, 1)[-1].casefold() not in _DANGLING and not _SUM.search(piece)


def is_balanced(text: str) -> bool:
    """Whether every quotation and bracket that opens also closes: nobody's words may run on into ours."""
    pairs = all(text.count(a) == text.count(b) for a, b in ("«»", "()", "（）"))
    opens, closes = text.count("“"), text.count("”")
    is_quoted = opens == closes or (not opens and closes % 2 == 0)  # ”so” some write it, at both ends
    return pairs and is_quoted and text.count('"') % 2 == 0
