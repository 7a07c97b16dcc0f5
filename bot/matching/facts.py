"""What an article tells of the act itself: under which programme, on which day, against how many, and whom it names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

from bot.matching.actors import (
    BELOW_100,
    COUNTED,
    actors_in,
    around,
    counts_for,
    is_done,
    is_of_head,
    own_acts,
    side_of,
)
from bot.matching.clauses import ClauseKind
from bot.matching.cues import load_shared
from bot.matching.readings import Act, Sentence
from bot.matching.terms import load_terms
from bot.matching.times import When, moved
from bot.model import Article, BlockKind
from bot.programmes import load_programmes
from bot.text.folding import fold_key

_NUMBER = (
    rf"(?:dozens|hundreds|scores)\s+of|half\s+a\s+dozen|(?:an?|{BELOW_100})\s+dozen"
    rf"|(?:a|{BELOW_100})\s+hundred(?:\s+(?:and\s+)?{BELOW_100})?"
    rf"|(?!(?:19|20)\d\d\b)\d+(?:,\d{{3}})*|{BELOW_100}"
)

# Between a number and what it counts: not what makes it a larger number, a share or a span of time.
_NO_GAP = r"dozens?|hundreds?|thousands?|millions?|billions?|trillions?|per|percent|days?|weeks?|months?|years?|hours?"

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")

_COUNT = re.compile(
    rf"(?<![\w.,$€£-])({_NUMBER})\s+(?:(?!(?:{_NO_GAP})\b)[^\W\d_][\w-]*\s+){{0,3}}?({COUNTED})\b", re.IGNORECASE
)


def known_programmes() -> tuple[str, ...]:
    """As events have them; official lists add their own codes."""
    return tuple(load_programmes())


def find_day(sentences: Sequence[Sentence], event: str, article: Article, acting: Sequence[str] = ()) -> date | None:
    """The day of the act, where a sentence that tells of it tells the day; of one that tells who acted only if that is
    one of those who are `acting` here: "The EU had taken the same step on Monday"."""
    for sentence in sentences:
        if acting and (actors := actors_in(sentence, acting)) and set(acting).isdisjoint(actors):
            continue
        for act in own_acts(sentence, event):
            if _is_only_wanted(sentence, act):
                continue
            if act.when is When.RECENT and act.on is not None:
                if _is_of_a_round_before(sentence, act, article):
                    continue
                return act.on
            if act.when is not When.RECENT and not (act.when is None and is_done(sentence, act)):
                continue
            words = {token.low for token in sentence.tokens}
            if words & around().today:
                return article.published_at.date()
            if words & around().yesterday:
                return moved(article.published_at.date(), timedelta(days=-1))
            if day := _only_day(sentence, act) or _day_in_front(sentence):
                return day
    return None


def _is_of_a_round_before(sentence: Sentence, act: Act, article: Article) -> bool:
    """Whether it is a sentence below the lead that tells of nobody tracked and of a day a week ago or more: "It is the
    second round: on Dec. 28, three exchange houses were hit"."""
    is_old = act.on is not None and article.published_at.date() - act.on > _A_WEEK
    return is_old and not act.targets and not is_of_head(sentence)


_A_WEEK = timedelta(days=7)


def _is_only_wanted(sentence: Sentence, act: Act) -> bool:
    """Whether an act is what somebody is to do: "Belgium is pushing to list officers"; not "agreed to list them"."""
    tokens, at = sentence.tokens, act.hit.start
    is_infinitive = at > 1 and tokens[at - 1].low == "to"
    return is_infinitive and _AGREED.isdisjoint(token.low for token in tokens[max(0, at - 6) : at - 1])


_AGREED = frozenset("agree agreed agrees decide decided decides vote voted votes move moved moves act acted".split())


def find_earlier_act(sentence: Sentence, entity: str) -> tuple[str, ...] | None:
    """Who is said to have acted on it at a time that is told and is no news, "which the US sanctioned in October 2025";
    None where the sentence tells no such act, or one that is news."""
    if not any(time.when is When.OLD for time in sentence.times):
        return None
    whens = {act.when for act in sentence.acts}
    hit = {index for act in sentence.acts if act.when is When.OLD for index in act.targets}
    if When.RECENT in whens or not any(entity in sentence.tokens[index].entities for index in hit):
        return None
    return tuple(dict.fromkeys(token.authority for token in sentence.tokens if token.authority))


def _only_day(sentence: Sentence, act: Act) -> date | None:
    """The one time that a sentence tells, in a main clause as the act is: "listed two men and a firm on Tuesday"."""
    if len(sentence.times) != 1 or sentence.times[0].when is not When.RECENT:
        return None
    clause_of, clauses = sentence.structure.clause_of, sentence.structure.clauses
    both = (clauses[act.clause], clauses[clause_of[sentence.times[0].start]])
    return sentence.times[0].on if all(clause.kind is ClauseKind.MAIN for clause in both) else None


def _day_in_front(sentence: Sentence) -> date | None:
    """The day that an entry of a chronicle begins with: "28 Sep: OFAC designated …"."""
    first = next(iter(sentence.times), None)
    if first is None or first.start > 1 or first.when is not When.RECENT or first.end >= len(sentence.tokens):
        return None
    return first.on if sentence.tokens[first.end].low in (":", "–", "—", "|") else None


def find_counts(sentences: Sequence[Sentence], event: str) -> tuple[str, ...]:
    """How many of what ("10 entities", "six individuals"), in the article's words, from the sentences of the act."""
    found: dict[str, None] = {}
    for sentence in sentences:
        if any(counts_for(act, event) for act in sentence.acts):
            for match in _COUNT.finditer(sentence.text):
                if match.group(1).lower() != "one" and not _is_total(sentence.text, match):
                    found.setdefault(" ".join(f"{match.group(1)} {match.group(2)}".split()), None)
    return tuple(found)[:4]


_SO_FAR = re.compile(
    r"\b(?:(?:has|have)\s+(?:now|already|so far)|to date|so far|bislang|bisher|hasta la fecha|à ce jour"
    r"|(?:brings?|brought|bringing|takes|taking|raises|raising)\s+(?:the|its|to)\b"
    r"|на сегодня|на сегодняшний день|довед\w+|на сьогодні)",
    re.IGNORECASE,
)

_SINCE = re.compile(r"\b(?:since|seit|desde|depuis|с|з)\s+(?:\w+\s+){0,2}(?:19|20)\d\d\b", re.IGNORECASE)

_PART_ENDS = re.compile(r"[,;–—]\s")


def _is_total(text: str, match: re.Match[str]) -> bool:
    """Whether a figure is of all acts so far: "the UK has now sanctioned over 600 vessels"."""
    start = max((end.end() for end in _PART_ENDS.finditer(text, 0, match.start())), default=0)
    found = _PART_ENDS.search(text, match.end())
    end = found.start() if found else len(text)
    return bool(_SO_FAR.search(text, start, end) or _SINCE.search(text, match.end(), end))


@dataclass(frozen=True, slots=True)
class _Programmes:
    names: tuple[str, ...]
    of_word: Mapping[str, tuple[str, ...]]
    phrases: tuple[tuple[str, str], ...]  # what is looked for as it stands, CJK words too, and the programme

    def add(self, text: str, weight: int, scores: Counter[str]) -> None:
        """How often a text tells of each."""
        for word, count in Counter(_WORD.findall(text)).items():
            for name in self.of_word.get(word, ()):
                scores[name] += weight * count
        for phrase, name in self.phrases:
            if count := text.count(phrase):
                scores[name] += weight * count


@cache
def _programmes() -> _Programmes:
    of_word: dict[str, tuple[str, ...]] = {}
    phrases: list[tuple[str, str]] = []
    for name, known in load_programmes().items():
        for word in known.words:
            if " " in word or is_cjk(word):
                phrases.append((word, name))
            elif name not in of_word.get(word, ()):
                of_word[word] = (*of_word.get(word, ()), name)
    return _Programmes(tuple(load_programmes()), of_word, tuple(phrases))


def is_cjk(word: str) -> bool:
    return any(ord(character) > 0x2E80 for character in word)


def find_programme(article: Article) -> str | None:
    """The programme that the article speaks of most."""
    return most_told(count_programmes(article))


def count_programmes(article: Article) -> Mapping[str, int]:
    """How often the article speaks of each programme; title and lead count more."""
    return _count((article.title, article.summary, *article.paragraphs[:2]), article.paragraphs[2:])


def find_own_programme(article: Article, blocks: AbstractSet[int], acting: Sequence[str] = ()) -> str | None:
    """The programme that the paragraphs which name a target (`blocks`) speak of most; None where they speak of none."""
    own = (block for at, block in enumerate(article.blocks) if at in blocks)
    texts = [block.text for block in own if block.kind is BlockKind.PARAGRAPH]
    return most_told(_count((), texts), acting, least=1)


def _count(head: Iterable[str], rest: Iterable[str]) -> Mapping[str, int]:
    """How often these texts tell of each programme, three times as loud in their `head`."""
    known = _programmes()
    scores: Counter[str] = Counter(dict.fromkeys(known.names, 0))
    known.add(_told_of(head), 3, scores)
    known.add(_told_of(rest), 1, scores)
    return scores


def most_told(counts: Mapping[str, int], acting: Sequence[str] = (), *, least: int = 2) -> str | None:
    """The programme that is told most, of two told as often the first. None of the country of one of those who are
    `acting`: what China does to others is no matter of China's."""
    told = [name for name, count in counts.items() if count >= least and side_of(name) not in acting]
    told.sort(key=lambda name: -counts[name])
    if len(told) > 1 and told[0] in load_shared()["seats"] and told[1] not in _OF_ANY_PLACE:
        return told[1]
    return told[0] if told else None


# With another country's programme in one article, of those whose seat is there few are listed for what is done there.
_OF_ANY_PLACE = frozenset({"human rights", "China", "corruption", "counter-terrorism"})


@cache
def _seat() -> re.Pattern[str]:
    """What tells that somebody's office is in a place, or what a body is called, and of no programme."""
    tables = (*load_shared()["seats"].values(), *load_shared()["bodies"].values())
    return re.compile("|".join(pattern for entries in tables for pattern in entries))


_SOUTH = re.compile(r"\bsouth sudan")


def _told_of(texts: Iterable[str]) -> str:
    """In lower case, without what names a place and tells of no programme. "South Sudan" is one word, and no Sudan."""
    return _SOUTH.sub("south-sudan", _seat().sub(" ", " ".join(texts).lower()))


_NAME = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")

_FIGURE = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+|(?<![\w.,])\d{3,9}(?![\w])")

_MOST_NAMES = 120

_INFLECTED = re.compile(r"[\u0400-\u04ff]")

_STEM = 5  # letters: "Прокопенко", but "Иванова" and "Ивановым" are one


def find_names(article: Article) -> tuple[str, ...]:
    """What of an article few others have: capitalised words that name somebody or something, and larger figures,
    folded, in the order of the text. Common words, given names, places and months tell no act from another."""
    terms = load_terms()
    found: dict[str, None] = {}
    for block in article.blocks:
        words = _NAME.findall(block.text)
        if not words or sum(word[0].isupper() for word in words) > 0.6 * len(words) > 6:
            continue  # A Headline In Capitals
        lone = _lone_nouns(block.text) if article.language.startswith("de") else frozenset()
        for word in words:
            if word[0].isupper() and word not in lone:
                key = _name_key(word)
                if terms.is_distinctive(key) and key not in terms.known_acronyms and key not in terms.institutions:
                    found[key[: max(_STEM, len(key) - 2)] if _INFLECTED.search(key) else key] = None
        for figure in _FIGURE.findall(block.text):
            digits = figure.replace(",", "")
            if not 1900 <= int(digits) <= 2100:
                found[f"#{digits}"] = None
    return tuple(found)[:_MOST_NAMES]


@lru_cache(maxsize=50_000)
def _name_key(word: str) -> str:
    return fold_key(re.sub(r"['’]s$", "", word))


_DE_NOUN = re.compile(
    r"\b(?:[a-zäöüß]+\s+|(?:Der|Die|Das|Den|Dem|Des|Ein|Eine|Ihre?|Seine?)\s+)(?P<noun>[A-ZÄÖÜ][a-zäöüß]+)\b(?!\s+[A-ZÄÖÜ])"
)


def _lone_nouns(text: str) -> frozenset[str]:
    """Of a German text, in which every noun has a capital, those that stand behind a small word and before none with a
    capital, as names seldom do alone: "die Bundesregierung", but "von Wolga Maritim"."""
    return frozenset(found["noun"] for found in _DE_NOUN.finditer(text))
