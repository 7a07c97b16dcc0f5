"""What a reader wants to be told: for each word and figure of an article, the odds that it is one of the facts wanted.

A word is of one kind (a target's name, another name, a sum, a count, a day …) and is met in places (the title, the
lead, beside a target, in a sentence of the act …). What each place adds to each kind was learnt from articles whose
readers marked the facts they needed: tests/learn_points.py writes worth.toml, and only that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bot.model import BlockKind
from bot.summaries.reading import CJK_RUN, COMMON, Reading, Sentence, Token, cjk_pairs, tokens_of
from bot.summaries.wording import tells_effect, tells_how_many, tells_who_acts
from bot.text.patterns import read_table

# Where a word was met; the place in this list is its bit.
PLACES = (
    "title", "summary", "point", "lead", "second", "early", "act", "target", "decisive", "why", "hedged", "own",
    "again", "often", "counted", "near", "item", "opens",
)  # fmt: skip
_BIT = {place: 1 << number for number, place in enumerate(PLACES)}
_SHARE = 0.4  # how fast a word of a long name loses worth
_LEAST = 0.015  # odds below it are nothing

_DAY = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""".split()
)
_NUMERAL = frozenset(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty hundred hundreds dozen dozens both""".split()
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)$|(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)$")
_MATTER = re.compile(
    r"""corrupt|brib|launder|traffick|drug|fentanyl|weapon|missile|drone|nuclear|terror|genocid|tortur|abuse|repress
    |election|cyber|hack|ransom|evad|evas|smuggl|\boil|crude|gold|coal|diamond|tanker|vessel|\bship|asset|visa|travel
    |waive|licen|wind|indict|reward|execut|massacre|forced|exploit|arms|grain|crypto|stablecoin|swift|secondary|magnitsky
    |chemical|sniper|protest|cartel|fraud|scam|kidnap|hostage|occupied|annex|deport""",
    re.VERBOSE,
)
_COUNTED = re.compile(
    r"\s*(?:[a-z]+\s){0,2}?(?:individuals?|people|persons?|entit|compan|firms?|banks?|vessels?|ships?|tankers?|aircraft"
    r"|officials?|organi[sz]|business|groups?|men\b|women\b|nationals|networks?|names|targets|wallets?|addresses|million"
    r"|billion|trillion|tonnes|tons|barrels|per\s?cent|%|counts|years|listings|designations|packages?\b|rounds?\b|entries|lenders|refiner|hulls|judges"
    r"|prosecutors|officers|commanders|institutions|ministers|settlers|executives|traders|лиц|физ|юр|комп|организ|млн"
    r"|млрд|суд|personas|empresas|entidades|Personen|Unternehmen|Schiffe|millones|Millionen|personnes|entités)",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """Added logarithms of odds: of each kind, and of each place for each kind, in the order of PLACES."""

    start: Mapping[str, float]
    places: Mapping[str, tuple[float, ...]]

    def odds(self, kind: str, mask: int) -> float:
        row = self.places.get(kind)
        if row is None:
            return 0.0
        total = self.start[kind] + sum(value for number, value in enumerate(row) if mask >> number & 1)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def load_weights() -> Weights:
    table = read_table("summaries/worth.toml")
    rows = {kind: tuple(float(row.get(place, 0.0)) for place in PLACES) for kind, row in table.items()}
    return Weights({kind: float(row["start"]) for kind, row in table.items()}, rows)


def words_met(reading: Reading) -> dict[str, tuple[str, int]]:
    """Each word of the article as it is compared, with its kind and a mask of the places where it was met."""
    title = reading.article.title
    met = {key: (kind, mask) for key, kind, mask in _met_in(title, tuple(tokens_of(title)), _BIT["title"], reading)}
    for sentence in reading.sentences:
        for key, kind, mask in _met_in(sentence.text, sentence.tokens, _mask(sentence, reading), reading):
            if key not in met:
                met[key] = (kind, mask)
                continue
            known, before = met[key]
            repeated = _BIT["often"] if before & _BIT["again"] else _BIT["again"] if before & ~_BIT["title"] else 0
            met[key] = (known if _RANK[known] <= _RANK[kind] else kind, before | mask | repeated)
    return met


def worth_of(reading: Reading) -> dict[str, float]:
    """The odds, for each word of the article that may be a fact, that it is one a reader wants."""
    weights = load_weights()
    lengths = _name_lengths(reading)
    known: dict[tuple[str, int], float] = {}
    found = {}
    for word, place in words_met(reading).items():
        odds = known.get(place)
        if odds is None:
            odds = known[place] = weights.odds(*place)
        if odds >= _LEAST:
            found[word] = odds / lengths.get(word, 1) ** _SHARE
    return found


def _name_lengths(reading: Reading) -> dict[str, int]:
    """For each word of a name, of how many words the longest of its names is: a name is one fact, not three."""
    lengths: dict[str, int] = {}
    for sentence in reading.sentences:
        run: list[str] = []
        end = -1
        for word, key, start in sentence.tokens:
            if not word[0].isupper() or key in COMMON or start != end + 1:
                run = []
            if word[0].isupper() and key not in COMMON:
                run.append(key)
                if len(run) > 1:
                    for part in run:
                        lengths[part] = max(lengths.get(part, 1), len(run))
            end = start + len(word)
    return lengths


def facts_in(
    text: str, tokens: Iterable[Token], worth: Mapping[str, float], surfaces: tuple[str, ...]
) -> dict[str, float]:
    """The facts that a text tells, each with its worth."""
    facts = {key: worth[key] for _, key, _ in tokens if key in worth}
    if CJK_RUN.search(text):
        facts.update(dict.fromkeys(cjk_pairs(text), 0.03))
        facts.update({surface: 0.7 for surface in surfaces if surface in text})
    return facts


# What a reader asks first. Each is told once, by the sentence that has it; its worth is in facts.
SLOTS = {"who acts": 0.3, "how many": 0.4, "why": 0.2, "what it means": 0.15}


def slots_of(sentence: Sentence, text: str, reading: Reading) -> Iterator[str]:
    """Which of a reader's first questions a sentence answers: who acts, against how many, why, with what effect."""
    acts = sentence.acts
    if acts and tells_who_acts(text):
        yield "who acts"
    if tells_how_many(text) and (acts or reading.is_near(sentence) or sentence.ordinal < 4):
        yield "how many"
    if sentence.gives_reason and (acts or reading.names_target[sentence.ordinal]):
        yield "why"
    if tells_effect(text):
        yield "what it means"


# The kinds, the most telling first: a word met as two is the first of them.
KINDS = (
    "target", "told", "bystander", "sum", "ordinal", "year", "figure", "number", "numeral", "day", "name", "matter",
    "small",
)  # fmt: skip
_RANK = {kind: number for number, kind in enumerate(KINDS)}


def _met_in(text: str, tokens: tuple[Token, ...], mask: int, reading: Reading) -> Iterator[tuple[str, str, int]]:
    for place, (word, key, start) in enumerate(tokens):
        kind = _kind(word, key, text, start, reading)
        if kind:
            more = _BIT["counted"] if kind in _FIGURES and _COUNTED.match(text, start + len(word)) else 0
            yield key, kind, mask | more | (0 if place else _BIT["opens"])


_FIGURES = frozenset({"figure", "number", "numeral", "sum"})


def _kind(word: str, key: str, text: str, start: int, reading: Reading) -> str:
    if word[0].isdigit():
        if (start and text[start - 1] in "$€£¥₹") or (not word[-1].isdigit() and key.endswith(("m", "bn", "k", "tn"))):
            return "sum"
        if _ORDINAL.match(key):
            return "ordinal"
        return "year" if len(word) == 4 and word.startswith(("19", "20")) else "figure" if len(word) < 3 else "number"
    if len(word) < 3 or key in COMMON:
        return ""
    if key in reading.targets:
        return "target"
    if key in reading.others_told:
        return "told"
    if key in reading.bystanders:
        return "bystander"
    if key in _NUMERAL:
        return "numeral"
    if key in _DAY and word[0].isupper():
        return "day"
    if _ORDINAL.match(key):
        return "ordinal"
    if word[0].isupper():
        return "name"
    if _MATTER.match(key):
        return "matter"
    return "small" if len(word) > 4 else ""


def _mask(sentence: Sentence, reading: Reading) -> int:
    text = sentence.text
    tests = {
        "summary": sentence.kind is BlockKind.SUMMARY,
        "point": sentence.kind is BlockKind.KEY_POINT,
        "lead": sentence.ordinal == 0,
        "second": 1 <= sentence.ordinal <= 2,
        "early": 3 <= sentence.ordinal <= 6,
        "act": sentence.acts,
        "target": reading.names_target[sentence.ordinal],
        "decisive": reading.decided[sentence.ordinal] >= 1,
        "near": reading.is_near(sentence),
        "why": sentence.gives_reason,
        "hedged": sentence.is_hedged,
        "own": sentence.is_own,
        "item": sentence.raw is not text and sentence.raw[:1] in "•–—*·●▪◦-",
    }
    return sum(_BIT[place] for place, holds in tests.items() if holds)
