"""HTML of strangers to a tree, whose size and time are in proportion to the text's.

The rules of HTML let a short text ask for much more: each formatting element that is never closed (<b id=1>, <b id=2>)
is opened anew in every paragraph that follows, so that 60 kB of them became a tree of 3 GB. Of equal ones the rules
count three, so here all are made equal: html.spec.whatwg.org/#push-onto-the-list-of-active-formatting-elements
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

MOST_TAGS = 30_000  # 1,500 rows, which is what is read of an article, with twenty tags in each, as the EU's Journal has
MOST_ATTRIBUTES = 500  # of one element
_TAG = re.compile(r"<[a-z]", re.IGNORECASE)
_SCRIPT, _SCRIPT_END = re.compile("<script", re.IGNORECASE), re.compile("</script", re.IGNORECASE)
# Looked for from every "<p", wherever it stands, so no quotation mark before it hides one; each part keeps what it has.
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]{0,1000}+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]{0,5000}+)?+)?+"""
# Those of the rules' list, but for <a> and <nobr>, of which no two stand open.
_FORMATTING = re.compile(
    rf"<(b|big|code|em|font|i|s|small|strike|strong|tt|u)(?=[\s/])(?:{_ATTRIBUTE})*+[\s/]*+>", re.IGNORECASE | re.ASCII
)
_ELEMENT = re.compile(
    rf"<[a-z][^\s/>]{{0,200}}+(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES - 1}}}+(?P<crowd>{_ATTRIBUTE})?+",
    re.IGNORECASE | re.ASCII,
)
# How often each character may be looked at, and as many of a short text as take no time: tags stand beside each other,
# but in "<a=b<a=b" one stands in another, 30,000 deep.
_MOST_LOOKS, _FREE_LOOKS = 20, 1_000_000


def parse_html(markup: str, most_tags: int = MOST_TAGS) -> LexborHTMLParser:
    """The tree of what `bounded` leaves. Bold, italic and the like have no attributes in it."""
    return LexborHTMLParser(_FORMATTING.sub(r"<\1>", bounded(markup, most_tags)))


def bounded(markup: str, most_tags: int = MOST_TAGS) -> str:
    """As far as so many tags go, and to the first with a crowd of attributes, or with tags inside tags. Parsing
    attributes and what is nested, and extraction, take time that grows faster than their number. What looks like a
    crowd in a script, as "i<ads.length" and words behind it, costs the script its end alone: blanks stand there."""
    kept, done, script, looks = "", 0, -1, _FREE_LOOKS + _MOST_LOOKS * len(markup)
    for number, tag in enumerate(_TAG.finditer(markup)):
        if number == most_tags:
            return kept + markup[done : tag.start()]
        if tag.start() < done:
            continue
        if _SCRIPT.match(markup, tag.start()):
            script = tag.start()
        element = _ELEMENT.match(markup, tag.start())
        looks -= len(element.group()) if element else 0
        if looks < 0 or (element and element["crowd"]):
            end = _SCRIPT_END.search(markup, script) if script >= 0 else None
            if end is None or end.start() < tag.start():
                return kept + markup[done : tag.start()]
            kept += markup[done : tag.start()] + " " * (end.start() - tag.start())
            done = end.start()
    return kept + markup[done:]
