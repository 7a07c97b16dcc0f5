"""Who else an act names: people and organisations beside a tracked target, whom nobody tracks yet.

Precise rather than complete: a capitalised name in the place of a target, in a sentence that decided a finding of new
sanctions, that tells of a new act itself, or in the list below one. Who acts, speaks, owns, is owed to or stands in a
relative clause is no candidate, nor are places, outlets and authorities. English only: where nouns have capitals, or
nothing has, capitals tell no name. A person decides; nothing is tracked by this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.matching.cues import load_shared, load_vocabulary
from bot.matching.passages import read_passages
from bot.matching.readings import Act, Sentence
from bot.matching.terms import Terms, load_terms
from bot.matching.words import Kind, Token
from bot.model import Adjacent, AdjacentPlace, Article, Judgement, Schema, Verdict
from bot.text.folding import fold_key, tokens_of

__all__ = ["find_adjacent", "merge_adjacent", "names_beside"]

MOST_WORDS = 8
_LANGUAGE = "en"
# Before a name, with nothing but its description between: it is no target.
_AWAY = frozenset(
    """in from at near of by with for to under between across inside outside after before through via than like despite
    within around behind during into toward towards without told said says called""".split()
)
_TOWARDS = frozenset(
    """on against including include includes included targeting target targets named naming and or as""".split()
)
_SPEAKS = frozenset(
    """said says told tells wrote writes added adds announced announces argued warned noted stated declared tweeted
    posted replied insisted claimed confirmed reported denied welcomed condemned praised criticised criticized explained
    signed hailed vowed urged imposed imposes sanctioned designated blacklisted lists acted""".split()
)
_RELATIVE = frozenset("which who whose whom where that when while because although though as since".split())
# A name that begins or ends with one of these is of a text, a body of state or a day, not of somebody.
_NO_NAMES = frozenset(
    """list lists order orders act acts law laws regulation regulations resolution section convention treaty sanctions
    nationals designated person persons program programme annex article decree charter war day agreement pact protocol
    embargo summit conference report code gazette federal government administration cabinet congress senate parliament
    duma court president minister secretary internet twitter facebook telegram whatsapp dollar dollars""".split()
)
_PARTICLES = load_terms().particles - {"of", "y", "e", "i"}
_VESSEL = frozenset("vessel vessels tanker tankers ship ships freighter carrier yacht mv m/v mt".split())
_ALIAS = re.compile(
    r"\s*[(,]\s*(?:also known as|a\.?k\.?a\.?|formerly|also called|known as|or)?\s*[“\"]?"
    r"([^()“”\",;]{2,60}?)[”\"]?\s*(?=[),])",
    re.IGNORECASE,
)
_ALIAS_WORDS = re.compile(r"also known as|a\.?k\.?a\.?|formerly|also called|known as", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Name:
    first: int  # tokens
    last: int
    text: str
    folded: tuple[str, ...]


def find_adjacent(article: Article, judgement: Judgement, known: Iterable[str]) -> tuple[Adjacent, ...]:
    """The candidates of one article, in its order. `known`: folded names that are tracked, or stand for an outlet."""
    vocabulary = load_vocabulary(article.language)
    if vocabulary is None or vocabulary.language != _LANGUAGE or not judgement.of(Verdict.NEW_SANCTIONS):
        return ()
    mentions = [mention for finding in judgement.findings for mention in finding.mentions]
    sentences = read_passages(article, mentions, vocabulary)
    evidence = frozenset(finding.evidence for finding in judgement.of(Verdict.NEW_SANCTIONS) if finding.evidence)
    names = [name for sentence in _telling(sentences, evidence) for name in _candidates(sentence, article)]
    taken = frozenset(known)
    return merge_adjacent([name for name in names if not _is_known(name.name, taken)])


def names_beside(article: Article, judgement: Judgement) -> tuple[str, ...]:
    """Every name of whom an article names beside the targets."""
    return tuple(name for one in find_adjacent(article, judgement, ()) for name in (one.name, *one.aliases))


def merge_adjacent(found: Sequence[Adjacent]) -> tuple[Adjacent, ...]:
    """Those of several articles as one each: a name that is a part of a longer one is an alias of that."""
    whole: dict[str, Adjacent] = {}
    longest_first = sorted(found, key=lambda one: -len(tokens_of(one.name)))
    for one in longest_first:
        key = next((key for key in whole if _is_part(one.name, key)), fold_key(one.name))
        other = whole.get(key)
        whole[key] = _joined(other, one) if other else one
    order = {fold_key(one.name): number for number, one in reversed(list(enumerate(found)))}
    return tuple(sorted(whole.values(), key=lambda one: (-len(one.places), order.get(fold_key(one.name), len(found)))))


def _joined(other: Adjacent, one: Adjacent) -> Adjacent:
    aliases = [other.name, *other.aliases, one.name, *one.aliases]
    kept = {fold_key(alias): alias for alias in reversed(aliases)}
    kept.pop(fold_key(other.name), None)
    ordered = [alias for alias in dict.fromkeys(aliases) if kept.get(fold_key(alias)) == alias]
    places = {place.url: place for place in (*one.places, *other.places)}
    return replace(other, aliases=tuple(ordered), places=tuple(places.values()))


def _is_part(name: str, key: str) -> bool:
    folded = fold_key(name)
    return folded == key or (f" {folded} " in f" {key} " and load_terms().is_distinctive(folded.split()[0]))


def _is_known(name: str, known: frozenset[str]) -> bool:
    """Whether it is tracked: the same name, or one that is a part of the other by at least a telling word."""
    folded = fold_key(name)
    if folded in known:
        return True
    terms, words = load_terms(), set(folded.split())
    telling = {word for word in words if terms.is_distinctive(word)}
    for other in known:
        others = set(other.split())
        if (words <= others and telling) or (others <= words and any(terms.is_distinctive(word) for word in others)):
            return True
    return False


# ---------------------------------------------------------------- where


def _telling(sentences: Sequence[Sentence], evidence: frozenset[str]) -> Iterator[Sentence]:
    """Sentences that decided, that tell of a new act themselves, and the items of a list below one."""
    in_list = False
    for sentence in sentences:
        is_act = any(_is_new(act) for act in sentence.acts)
        if sentence.text in evidence or (is_act and not sentence.is_item):
            in_list = True
            yield sentence
        elif in_list and sentence.is_item:
            yield sentence
        else:
            in_list = False


def _is_new(act: Act) -> bool:
    """A new act, or one without a time: the article tells of a new one."""
    return not act.negated and (act.kind == "new" or (act.kind == "undated" and act.strong))


def _candidates(sentence: Sentence, article: Article) -> Iterator[Adjacent]:
    acts = [act for act in sentence.acts if act.kind in ("new", "undated") and not act.negated]
    told: set[str] = set()  # as another name of one before
    rejected_until = -1  # the last token of a name that is no target, and of those joined to it
    for name in _names(sentence):
        inherits = rejected_until >= 0 and _is_joined(sentence.tokens, rejected_until, name.first)
        if inherits or not _is_target(sentence, name, acts):
            rejected_until = name.last
            continue
        rejected_until = -1
        kept = _kept(name, sentence.tokens)
        if kept is None or fold_key(kept) in told:
            continue
        after = sentence.text[sentence.tokens[name.last].end - sentence.start :]
        place = AdjacentPlace(article.url, article.outlet, sentence.text)
        aliases = _aliases(after, kept)
        told |= set(map(fold_key, aliases))
        schema = Schema.VESSEL if _is_ship(sentence, name, after, article) else _schema(name, sentence.tokens)
        yield Adjacent(kept, aliases, schema, (place,))


def _names(sentence: Sentence) -> Iterator[_Name]:
    tokens, terms, at = sentence.tokens, load_terms(), 0
    while at < len(tokens):
        if not _is_capital(tokens[at]):
            at += 1
            continue
        last = at
        while (following := _next_of_name(tokens, last, terms)) is not None:
            last = following
        text = sentence.text[tokens[at].start - sentence.start : tokens[last].end - sentence.start]
        yield _Name(at, last, " ".join(text.split()), tuple(tokens_of(text)))
        at = last + 1


def _is_capital(token: Token) -> bool:
    return token.kind is Kind.WORD and token.capital


def _next_of_name(tokens: Sequence[Token], last: int, terms: Terms) -> int | None:
    """The token by which a name goes on: a capital, also behind a particle or "&"; a legal form behind a comma."""
    if last + 1 >= len(tokens):
        return None
    if _is_capital(tokens[last + 1]):
        return last + 1
    for step in (2, 3):
        if last + step >= len(tokens):
            return None
        between, word = tokens[last + 1 : last + step], tokens[last + step]
        if _is_capital(word) and _holds_together(tokens[last], between, word, terms):
            return last + step
    return None


def _holds_together(before: Token, between: Sequence[Token], word: Token, terms: Terms) -> bool:
    low = [token.low for token in between]
    if low == ["of"]:
        return before.low in terms.kinds | terms.institutions
    if all(token.text in (".", ",") for token in between):
        return word.low.strip(".") in terms.legal_forms
    return all(one in _PARTICLES or one == "&" for one in low)


def _is_joined(tokens: Sequence[Token], before: int, first: int) -> bool:
    """Whether nothing but a comma or "and" stands between two names."""
    between = [token.low for token in tokens[before + 1 : first]]
    return len(between) <= 3 and all(low in (",", "and", "or", "&", "the") for low in between)


# ---------------------------------------------------------------- who


def _is_target(sentence: Sentence, name: _Name, acts: Sequence[Act]) -> bool:
    tokens = sentence.tokens
    before = tokens[name.first - 1] if name.first else None
    after = tokens[name.last + 1] if name.last + 1 < len(tokens) else None
    if any(token is not None and token.kind in (Kind.MENTION, Kind.AUTHORITY) for token in (before, after)):
        return False  # a part of a longer name: "Rosneft Trading", "U.S. Steel"
    if after is not None and (after.low in _SPEAKS or after.low == "'s"):
        return False
    if sentence.is_item and not acts:
        return _leads_item(tokens, name)
    return _governed(sentence, name, acts)


def _leads_item(tokens: Sequence[Token], name: _Name) -> bool:
    """In a list, the name that an item begins with."""
    return all(token.kind is not Kind.WORD and token.kind is not Kind.MENTION for token in tokens[: name.first])


def _governed(sentence: Sentence, name: _Name, acts: Sequence[Act]) -> bool:
    """By what stands to the left, back to the act or to another target: a name behind "by", "of", "in", or in a
    relative clause is none. To the left of every act, only a name joined to a tracked target."""
    tokens, hits = sentence.tokens, [act.hit for act in acts]
    if not any(hit.end <= name.first for hit in hits):
        return _beside_target(sentence, name)
    start = max(hit.end for hit in hits if hit.end <= name.first)
    for at in range(name.first - 1, start - 1, -1):
        token = tokens[at]
        if token.low in _AWAY:
            return False
        if token.low in _TOWARDS or token.kind is Kind.MENTION or token.low in (",", ":", ";"):
            break
    return not any(token.low in _RELATIVE for token in tokens[start : name.first])


def _beside_target(sentence: Sentence, name: _Name) -> bool:
    """ "Orion LLC and [Rosneft] were added": joined to a target by commas and "and"."""
    targets = {at for act in sentence.acts if act.kind in ("new", "undated") for at in act.targets}
    return any(
        _is_joined(sentence.tokens, name.last, at) if at > name.last else _is_joined(sentence.tokens, at, name.first)
        for at in targets
    )


def _kept(name: _Name, tokens: Sequence[Token]) -> str | None:
    """The name without titles in front; None if it is no name of somebody."""
    terms, texts = load_terms(), name.text.split()
    while len(texts) > 1 and (fold_key(texts[0]) in terms.titles | terms.very_common):
        texts.pop(0)
    kept = " ".join(texts).strip(" .,")
    folded = tokens_of(kept)
    if not folded or len(folded) > MOST_WORDS or set(folded) & (terms.laws | _reporting()):
        return None
    if {folded[0], folded[-1]} & _NO_NAMES:
        return None
    if _near(name, tokens) & _VESSEL and len(folded) > 1:
        return kept
    if all(word in terms.places | terms.calendar | terms.very_common | terms.titles for word in folded):
        return None
    if len(folded) == 1:
        is_first = all(token.kind is not Kind.WORD for token in tokens[: name.first])
        return kept if terms.is_distinctive(folded[0]) and not is_first else None
    if all(word in terms.common | terms.places for word in folded) and not set(folded) & (
        terms.kinds | terms.legal_forms | terms.trailing
    ):
        return None
    return kept


def _near(name: _Name, tokens: Sequence[Token]) -> set[str]:
    return {token.low for token in tokens[max(0, name.first - 2) : name.first]}


@cache
def _reporting() -> frozenset[str]:
    shared = load_shared()["bystanders"]
    words = f"{shared['agencies']} {shared['authorities']} {shared['words']}".split()
    return frozenset(words) - {"council", "committee", "institute", "university", "times", "post"}


def _aliases(after: str, name: str) -> tuple[str, ...]:
    """What stands in brackets behind the name, and is a short form or said to be another name."""
    match = _ALIAS.match(after)
    if match is None:
        return ()
    alias = match[1].strip()
    is_short = after.lstrip().startswith("(") and alias.isupper() and alias.isalpha() and 2 <= len(alias) <= 8
    said = _ALIAS_WORDS.search(match[0]) is not None
    return (alias,) if (is_short or (said and alias[:1].isupper())) and fold_key(alias) != fold_key(name) else ()


_IMO = re.compile(r"\W{0,3}IMO\b", re.IGNORECASE)
_HEADING_WORDS = 8


def _is_ship(sentence: Sentence, name: _Name, after: str, article: Article) -> bool:
    """Whether an item of a list is a ship's name: its number stands behind it, or the list's heading says "Vessels"."""
    if _IMO.match(after):
        return True
    if not (sentence.is_item and _leads_item(sentence.tokens, name)):
        return False
    above = (block.text for block in article.blocks[: sentence.block][::-1])
    heading = next((text for text in above if text[:1].isalnum() and text.rstrip().endswith(":")), "")
    words = re.findall(r"[\w/]+", heading.casefold())
    return len(words) <= _HEADING_WORDS and not _VESSEL.isdisjoint(words) and _OTHER_KINDS.isdisjoint(words)


_OTHER_KINDS = frozenset("entities entity individuals individual persons people companies company owners".split())


def _schema(name: _Name, tokens: Sequence[Token]) -> Schema:
    terms, words = load_terms(), set(name.folded)
    if words & terms.legal_forms or len(words & (terms.kinds | terms.trailing)) > 0:
        return Schema.COMPANY
    if _near(name, tokens) & _VESSEL:
        return Schema.VESSEL
    return Schema.PERSON if name.folded[0] in terms.given and len(name.folded) > 1 else Schema.LEGAL_ENTITY
