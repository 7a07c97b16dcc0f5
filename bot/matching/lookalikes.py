"""Somebody else of the same name, known again: by a longer name, or by what an article says beside the name.

Decides for telling: whoever is named more fully than the look-alike was, or beside whom nothing speaks for the
look-alike, is taken for the entity itself. Nothing here is about sanctions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.matching.forms import own_words
from bot.matching.pages import SEPARATOR, Page, says_sanctions
from bot.matching.terms import load_terms
from bot.model import Article, Entity, Event, Held, Likeness, LookAlike, Mention, Strength, Verdict
from bot.ports import ArticleRecord, Records
from bot.text.folding import BREAK, fold, fold_key
from bot.zones import told_day

__all__ = ["can_recur", "find_held", "find_likeness", "held_reason", "is_fuller", "load_held", "told_as", "told_who"]

REACH = 10  # words on either side of a name that stand beside it
# How many uncommon words two articles must have in common. Measured on our labelled articles: of two names of one
# country 7 in 1,000 pairs have so many, most of them in reports of one act.
SHARED_BESIDE, SHARED_AROUND = 2, 3
MOST_WORDS, MOST_AROUND, MOST_NAMES = 12, 24, 3
# Stand beside anybody in such articles, though they are no common words. Sanctions words are left out by their stems.
_SAYS_LITTLE = frozenset(
    "adds alleged announces ban bans businessman businessmen entities entity eu european firms individuals kingdom "
    "lists ministry oligarch oligarchs sdn states statement subsidiaries subsidiary union united washington".split()
)


def find_likeness(
    article: Article, mentions: Sequence[Mention], entity: Entity, known_as: Iterable[str] = ()
) -> Likeness:
    """What this article has of whoever bears the entity's name in it. `known_as`: longer names that a person told."""
    surfaces = {fold_key(mention.surface): mention.surface for mention in reversed(mentions)}
    called = tuple(key for key in reversed(surfaces) if key)
    page = _page(article)
    told = tuple(name for name in known_as if _adds(fold_key(name).split(), called))
    longer = () if told else _longer_names(page, called, entity)
    words = _most(_words_beside(page, called, entity), MOST_WORDS)
    around = _most(_words_around(page, called, entity), MOST_AROUND)
    return Likeness(
        called=tuple(surfaces[key] for key in called),
        longer=told or longer,
        words=words,
        around=tuple(word for word in around if word not in words),
        article=article.key,
    )


def _most(words: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(word for word, _ in Counter(words).most_common(most))


def can_recur(likeness: Likeness) -> bool:
    """Does it have enough by which another article may be known?"""
    has_words = len(likeness.words) >= SHARED_BESIDE
    return bool(likeness.longer) or has_words or len({*likeness.words, *likeness.around}) >= SHARED_AROUND


def find_held(
    look_alikes: Iterable[LookAlike],
    event: Event,
    records: Sequence[ArticleRecord],
    entities: Mapping[str, Entity],
    zone: str = "",
) -> tuple[Held, ...]:
    """Which targets of an event are look-alikes, and where: those that every one of its articles that makes them a
    target (`records`, as far as they are kept) means somebody else by."""
    held = []
    for look_alike in (one for one in look_alikes if not one.is_over(event.opened_at)):
        entity = entities.get(look_alike.entity)
        reasons = [
            held_reason(look_alike, record.article, mentions, entity, zone)
            for record in records
            for mentions in _as_target(look_alike.entity, event, record)
            if entity
        ]
        if reasons and all(reasons):
            held.append(Held(look_alike.entity, look_alike.chat, reasons[0] or ""))
    return tuple(held)


def load_held(
    records: Records,
    event: Event,
    entities: Mapping[str, Entity],
    fresh: ArticleRecord | None = None,
    zone: str = "",
) -> tuple[Held, ...]:
    """`find_held` of what is stored. `fresh` is an article of the event that is not."""
    look_alikes = records.look_alikes([target.entity for target in event.targets])
    if not look_alikes:
        return ()
    kept = [fresh, *(records.article(source.article) for source in event.sources)]
    articles = {record.article.key: record for record in reversed(kept) if record}
    return find_held(look_alikes, event, list(articles.values()), entities, zone)


def _as_target(key: str, event: Event, record: ArticleRecord) -> Iterator[Sequence[Mention]]:
    """The entity's mentions in an article that makes it a target of the event."""
    for finding in record.judgement.findings if record.judgement else ():
        if finding.entity == key and (event.review or finding.verdict is Verdict.NEW_SANCTIONS):
            yield finding.mentions


def held_reason(
    look_alike: LookAlike, article: Article, mentions: Sequence[Mention], entity: Entity, zone: str = ""
) -> str | None:
    """Why this article's mentions of the entity are the look-alike; None if they are the entity, or nobody knows."""
    likeness = look_alike.likeness
    if any(is_fuller(mention, likeness) for mention in mentions):
        return None
    if likeness.article != article.key and not _is_like(likeness, article, entity):
        return None
    return f"held: {told_as(look_alike, zone)}"


def told_as(look_alike: LookAlike, zone: str = "") -> str:
    """'Ana said on 3 May 2026 that this is another “Fortuna” (Fortuna Mining)'"""
    return f"{look_alike.by.called} said on {told_day(look_alike.at, zone)} that this is {told_who(look_alike)}"


def told_who(look_alike: LookAlike) -> str:
    """'another “Fortuna” (Fortuna Mining)'"""
    likeness = look_alike.likeness
    called = likeness.called[0] if likeness.called else look_alike.entity
    return f"another “{called}”" + (f" ({likeness.longer[0]})" if likeness.longer else "")


def is_fuller(mention: Mention, likeness: Likeness) -> bool:
    """Is it a full name or identifier that says more than the look-alike was called?"""
    if mention.strength is Strength.IDENTIFIER:
        return True
    is_short = mention.strength is Strength.WEAK or mention.how.startswith(("short form", "surname", "given name"))
    return not is_short and _adds(fold_key(mention.surface).split(), _folded(likeness.called))


def _folded(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for name in names if (key := fold_key(name))))


def _adds(tokens: Sequence[str], called: Sequence[str]) -> bool:
    return bool(set(tokens) - {token for name in called for token in name.split()})


def _is_like(likeness: Likeness, article: Article, entity: Entity) -> bool:
    page = _page(article)
    if any(page.has(name) for name in _folded(likeness.longer)):
        return True
    called = _folded(likeness.called)
    if len(set(likeness.words).intersection(_words_beside(page, called, entity))) >= SHARED_BESIDE:
        return True
    known = {*likeness.words, *likeness.around}
    return len(known.intersection(_words_around(page, called, entity))) >= SHARED_AROUND


def _page(article: Article) -> Page:
    text = SEPARATOR.join(block.text.replace(BREAK, " ") for block in article.blocks)
    return Page(text, fold(text), capitals_speak=not article.language.startswith("de"))


# ---------------------------------------------------------------- longer names


def _longer_names(page: Page, called: Sequence[str], entity: Entity) -> tuple[str, ...]:
    """'Fortuna Mining', 'Sergei Petrov': the capitalised words that go on before or after, the most frequent first."""
    if not page.capitals_speak:
        return ()
    found: Counter[str] = Counter()
    written: dict[str, str] = {}
    for first, last in _occurrences(page, called):
        begin, end = _extended(page, first, last)
        beyond = {page.words.lows[at] for at in (*range(begin, first), *range(last + 1, end + 1))}
        if beyond - own_words(entity) - load_terms().legal_forms:
            surface = page.surface(begin, end)
            found[fold_key(surface)] += 1
            written.setdefault(fold_key(surface), surface)
    return tuple(written[key] for key, _ in found.most_common(MOST_NAMES))


def _extended(page: Page, first: int, last: int) -> tuple[int, int]:
    if page.is_title_case(first):
        return first, last
    begin, end = first, last
    while begin and page.runs_on(begin - 1) and _goes_before(page, begin - 1):
        begin -= 1
    while end + 1 < len(page.words) and page.runs_on(end) and _goes_after(page, end + 1):
        end += 1
    return begin, end


def _goes_before(page: Page, at: int) -> bool:
    word, terms = page.words[at], load_terms()
    if not word.capital or word.low in terms.titles | terms.places | terms.calendar or says_sanctions(word.low):
        return False
    return not page.starts_sentence(at) or word.low not in terms.common


def _goes_after(page: Page, at: int) -> bool:
    """A capital, or "of" before one: "Volga Metals of Kazakhstan"."""
    word = page.words[at]
    if word.low == "of" and at + 1 < len(page.words) and page.runs_on(at):
        word = page.words[at + 1]
    return word.capital and word.low not in load_terms().calendar


def _occurrences(page: Page, called: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The words of each name, the longest name first, no word twice."""
    taken: set[int] = set()
    for name in sorted(called, key=len, reverse=True):
        for first, last in page.occurrences(name):
            if not taken.intersection(range(first, last + 1)):
                taken.update(range(first, last + 1))
                yield first, last


# ---------------------------------------------------------------- what stands beside the name


def _words_beside(page: Page, called: Sequence[str], entity: Entity) -> Iterator[str]:
    own = _own(called, entity)
    for first, last in _occurrences(page, called):
        for at in (*_leftwards(page, first), *_rightwards(page, last)):
            if _tells(page, at, own):
                yield page.words[at].low


def _words_around(page: Page, called: Sequence[str], entity: Entity) -> Iterator[str]:
    """Of the paragraphs that have the name. Places are left out: in every second paragraph, they prove little."""
    own = _own(called, entity) | load_terms().places
    blocks = {page.block_of(first) for first, _ in _occurrences(page, called)}
    for at in range(len(page.words)):
        if page.block_of(at) in blocks and _tells(page, at, own):
            yield page.words[at].low


def _own(called: Sequence[str], entity: Entity) -> frozenset[str]:
    return own_words(entity) | _home_words(entity) | {token for name in called for token in name.split()}


def _home_words(entity: Entity) -> frozenset[str]:
    """The names of the entity's own countries and their people: beside its name they speak for the entity."""
    terms = load_terms()
    named = [names.get(code, ()) for code in entity.countries for names in (terms.countries, terms.peoples)]
    return frozenset(token for names in named for name in names for token in name.split())


def _leftwards(page: Page, first: int) -> Iterator[int]:
    for at in range(first - 1, max(-1, first - 1 - REACH), -1):
        if page.starts_sentence(at + 1):
            return
        yield at


def _rightwards(page: Page, last: int) -> Iterator[int]:
    for at in range(last + 1, min(len(page.words), last + 1 + REACH)):
        if page.starts_sentence(at):
            return
        yield at


def _tells(page: Page, at: int, own: frozenset[str]) -> bool:
    """Does the word tell one bearer of a name from another? In scripts with one token for a character none does; where
    we know no common words (Cyrillic …) only names do."""
    word, terms = page.words[at], load_terms()
    if len(word.low) < 3 or word.low.isdigit() or word.low in own or word.low in _SAYS_LITTLE:
        return False
    if not word.low.isascii() and (not word.capital or page.starts_sentence(at)):
        return False
    return not (
        word.low in terms.common
        or word.low in terms.calendar
        or word.low in terms.legal_forms
        or says_sanctions(word.low)
    )
