"""Which sentences of an article become its key points: those that decided the findings, then those that add most facts.

    sentences -> usable ones -> candidates (one to three neighbours, shortened; the list of names) -> choice -> order

What a candidate is worth is the number of facts wanted that it tells and no chosen one has told (facts.py), times its
quality (near the act, near the top, no hearsay), and more if it decided a finding. What a bullet says is checked: every
number and every word with a capital must occur in the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from bot.bullets import LIST_MORE, MAX_BULLETS, MAX_LENGTH
from bot.model import Article, BlockKind, Entity, Judgement, Verdict
from bot.summaries.facts import SLOTS, facts_in, slots_of, worth_of
from bot.summaries.listing import list_of_names
from bot.summaries.reading import CJK_RUN, TOLD, Reading, Sentence, tokens_of, words_of
from bot.summaries.shortening import is_balanced, shorten
from bot.summaries.wording import (
    is_question,
    is_statement,
    means_somebody_before,
    only_fancies,
    supposes,
    takes_back,
    tells_how_many,
    tells_of_earlier,
    tells_of_prices,
    tells_of_silence,
)
from bot.text.acts import tells_of_acting
from bot.text.datelines import is_list_item
from bot.text.folding import fold_key
from bot.text.furniture import has_address, is_furniture
from bot.text.phrasing import leans_back

_MAX_SENTENCE = 960
_LEAD = 4  # sentences that count as the article's opening
_DECISIVE = 0.45  # the bonus, in facts, of a sentence that decided a finding of the article's event
_POINT = 0.9  # and of one of the outlet's own key points
_LEAST_GAIN = 0.15  # in facts
_PRICE = 0.02  # of a hundred characters, in facts
_LEANING = 0.45  # what is left of a bullet that begins with "They" or "The bank"
_LOST = 0.3  # the same of one that names nobody whom the event is about: "It was seized on Monday"
_EARLIER = 0.7  # what is left of a sentence on another time that names no target: "Its rival was blocked in 2018"
_LISTING = 0.4  # the bonus of the list of names, where it is one
_MAX_RUN = 3  # sentences of a bullet
_REACH, _ACROSS = 3, 2  # how many sentences and paragraphs on the next of them may stand
_ADDS = 0.07  # what each of them adds at least, in facts
_ADDS_ELSE = 0.15  # the same of one that tells of no act, target, reason or effect
_SAME = 0.65  # part of the words of the shorter of two bullets that the other has too


def with_key_points(article: Article, judgement: Judgement, entities: Mapping[str, Entity]) -> Judgement:
    """With 0 to 4 bullets of at most 240 characters, and up to 4 to spare, which repeat neither those nor a sentence
    that decided; every name and number in one occurs in the article.

    None for an article that reports no sanctions event. Never raises, whatever the text.
    """
    findings = tuple(finding for finding in judgement.findings if finding.entity in entities)
    event = Verdict.NEW_SANCTIONS if any(f.verdict is Verdict.NEW_SANCTIONS for f in findings) else judgement.event
    if event not in TOLD:
        return replace(judgement, key_points=(), spare_points=())
    candidates = _candidates(Reading(article, findings, event, judgement.counts))
    chosen = _choose(candidates)
    deciding = [fold_key(finding.evidence) for finding in findings]
    spare = [
        candidate
        for candidate in candidates
        if candidate.is_on_topic
        and candidate.sentences
        and not any(_repeats(candidate, other) for other in chosen)
        and not _stands_in(candidate.text, deciding)
    ]
    return replace(
        judgement,
        key_points=_texts(_in_order(chosen)),
        spare_points=_texts(_choose(spare, told={fact for each in chosen for fact in each.facts})),
    )


def _stands_in(text: str, folded: Sequence[str]) -> bool:
    key = fold_key(text)
    return any(key in one for one in folded)


def _texts(candidates: Iterable[_Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(candidate.text for candidate in candidates))


# ---------------------------------------------------------------- candidates


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    bonus: float
    facts: Mapping[str, float]
    words: frozenset[str]
    place: float = -1.0  # the ordinal of its first sentence; before all of them for the list of names
    sentences: frozenset[int] = field(default_factory=frozenset)
    is_on_topic: bool = True

    @property
    def is_lead(self) -> bool:
        return 0 <= self.place < _LEAD

    @property
    def is_decisive(self) -> bool:
        return bool(self.sentences) and self.bonus >= _DECISIVE


def _candidates(reading: Reading) -> list[_Candidate]:
    worth = worth_of(reading)
    usable = [sentence for sentence in reading.sentences if _is_usable(sentence, reading)]
    told = [each for sentence in usable if (each := _told(sentence, worth, reading))]
    runs = [*_runs(told), *_leaning_runs(usable, told, worth, reading)]
    found = [candidate for run in runs if is_balanced((candidate := _candidate(run)).text)]
    if names := list_of_names(reading, [each.text for each in told]):
        tokens = tuple(tokens_of(names))
        facts = facts_in(names, tokens, worth, reading.target_surfaces)
        if _is_grounded(names.partition(LIST_MORE)[0], reading.source):
            found.append(
                _Candidate(
                    names,
                    bonus=_LISTING if names.count(",") + names.count("、") > 1 else 0.0,
                    facts=facts,
                    words=words_of(names, tokens),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """A usable sentence, shortened, with what its facts are worth when it is the one that tells them."""

    text: str
    facts: Mapping[str, float]
    bonus: float
    words: frozenset[str]
    leans: bool
    only_rides: bool
    names_target: bool
    block: int
    ordinal: int
    is_on_topic: bool
    is_alone: bool  # one of the outlet's own key points, or the teaser: nothing is added to it


def _told(sentence: Sentence, worth: Mapping[str, float], reading: Reading, most: int = MAX_LENGTH) -> _Told | None:
    text = shorten(_without_colon(sentence.text), most)
    if not text or not _is_grounded(text, reading.source):
        return None
    tokens = sentence.tokens if text == sentence.text else tuple(tokens_of(text))
    quality = _relevance(sentence, reading) * _manner(sentence, reading.event)
    if takes_back(reading.after(sentence)):
        quality *= 0.6
    facts = {fact: odds * quality for fact, odds in facts_in(text, tokens, worth, reading.target_surfaces).items()}
    facts.update({slot: SLOTS[slot] * quality for slot in slots_of(sentence, text, reading)})
    return _Told(
        text,
        facts,
        bonus=_bonus(sentence, reading),
        words=words_of(text, tokens),
        leans=leans_back(text) or means_somebody_before(text),
        only_rides=not _stands_alone(sentence) and not sentence.text.endswith((":", "：")),
        names_target=reading.names_target[sentence.ordinal],
        block=sentence.block,
        ordinal=sentence.ordinal,
        is_on_topic=sentence.acts
        or sentence.gives_reason
        or reading.names_target[sentence.ordinal]
        or not SLOTS.keys().isdisjoint(facts),
        is_alone=sentence.kind is not BlockKind.PARAGRAPH,
    )


def _candidate(run: Sequence[_Told]) -> _Candidate:
    facts: dict[str, float] = {}
    for each in run:
        for fact, worth in each.facts.items():
            if worth > facts.get(fact, 0.0):
                facts[fact] = worth
    share = 1.0 if not run[0].leans else _LEANING if run[0].names_target else _LOST
    return _Candidate(
        text=_join(run),
        bonus=sum(each.bonus for each in run) * share,
        facts={fact: worth * share for fact, worth in facts.items()},
        words=frozenset().union(*(each.words for each in run)),
        place=float(run[0].ordinal),
        sentences=frozenset(each.ordinal for each in run),
        is_on_topic=any(each.is_on_topic for each in run),
    )


def _bonus(sentence: Sentence, reading: Reading) -> float:
    return _POINT if sentence.kind is BlockKind.KEY_POINT else _DECISIVE * reading.decided[sentence.ordinal]


def _is_usable(sentence: Sentence, reading: Reading) -> bool:
    text = sentence.text
    if tells_of_prices(text) and not reading.names_target[sentence.ordinal]:
        return False
    if len(text) > _MAX_SENTENCE or is_question(text):
        return False
    if text.endswith((":", "：")):
        return _announces_number(sentence)
    if is_furniture(text) or has_address(text) or tells_of_silence(text):
        return False
    if not _stands_alone(sentence) and not _only_rides(sentence, reading):
        return False
    return not (only_fancies(text) if reading.event is Verdict.POSSIBLE else supposes(text))


def _stands_alone(sentence: Sentence) -> bool:
    return sentence.kind is BlockKind.KEY_POINT or is_statement(sentence.text) or _is_telling_item(sentence)


def _only_rides(sentence: Sentence, reading: Reading) -> bool:
    """Whether a sentence is too short to be told alone, but tells something behind the one before it: "The name is
    Suex."."""
    is_sentence = len(sentence.tokens) > 2 and sentence.text.endswith(".") and not is_list_item(sentence.raw)
    return is_sentence and (reading.names_target[sentence.ordinal] or tells_how_many(sentence.text))


def _without_colon(text: str) -> str:
    """What announces a list that is not told with it ends in dots: "The 18 named today come from four groups …"."""
    return f"{text[:-1].rstrip()} …" if text.endswith((":", "：")) else text


def _announces_number(sentence: Sentence) -> bool:
    return sentence.acts and tells_how_many(sentence.text)


def _is_telling_item(sentence: Sentence) -> bool:
    """An item of a list that is more than a name: "- U.S. persons have until November 23 to wind down"."""
    words = sentence.text.split()
    return is_list_item(sentence.raw) and len(words) >= 6 and any(word.islower() and len(word) > 3 for word in words)


def _relevance(sentence: Sentence, reading: Reading) -> float:
    """How near a sentence is to the act: it tells of acting, names a target, or stands beside one that does."""
    names_target = reading.names_target[sentence.ordinal]
    relevance = 1.3 if sentence.acts else 1.0 if names_target else 0.75 if sentence.gives_reason else 0.6
    if not names_target and tells_of_earlier(sentence.text, reading.article.published_at.year):
        relevance *= _EARLIER
    distance = min((abs(sentence.block - block) for block in reading.target_blocks), default=0)
    return relevance * (1.0 if distance <= 2 else 0.85 if distance <= 4 else 0.6 if distance <= 8 else 0.4)


def _manner(sentence: Sentence, event: Verdict) -> float:
    """How well a sentence tells, whatever it tells: where it stands, whose words it is, how sure."""
    quality = 1.2 if sentence.ordinal < _LEAD + 1 else 1.0 if sentence.ordinal < 12 else 0.85
    if sentence.gives_reason:
        quality *= 1.1
    if sentence.kind is BlockKind.KEY_POINT:
        return quality * 1.5
    if sentence.is_own:
        quality *= 0.5
    if event is not Verdict.POSSIBLE and sentence.is_hedged:
        quality *= 0.6
    return quality


def _runs(told: Sequence[_Told]) -> Iterator[list[_Told]]:
    """Each sentence alone, and with one or two of those that follow close by where all fit into a bullet."""
    for number, first in enumerate(told):
        if first.only_rides:
            continue
        yield from _longer([first], told[number + 1 : number + 1 + 2 * _REACH], MAX_LENGTH - len(first.text))


def _leaning_runs(
    usable: Sequence[Sentence], told: Sequence[_Told], worth: Mapping[str, float], reading: Reading
) -> Iterator[list[_Told]]:
    """A sentence that leans on the one before it, behind that one made shorter, where both do not fit as they are: so a
    reader sees who "he" is."""
    sentences = {sentence.ordinal: sentence for sentence in usable}
    whole = {each.ordinal: each for each in told}
    for other in told:
        before = whole.get(other.ordinal - 1)
        room = MAX_LENGTH - len(other.text) - 1
        if (other.leans or other.only_rides) and before and _stands_before(before, other):
            short = _told(sentences[before.ordinal], worth, reading, room) if len(before.text) > room else None
            named = reading.targets & sentences[before.ordinal].words
            if short and named and named <= short.words and not (short.is_alone or short.leans or short.only_rides):
                yield [short, other]  # where no name that "he" may stand for was cut off


def _stands_before(first: _Told, other: _Told) -> bool:
    """Whether "he" of the other may be whom the first tells of: in one paragraph, or where the first is on the act and
    ends one."""
    return other.ordinal == first.ordinal + 1 and (
        other.block == first.block or (other.block == first.block + 1 and first.is_on_topic)
    )


def _longer(run: list[_Told], following: Sequence[_Told], room: int) -> Iterator[list[_Told]]:
    yield run
    if len(run) == _MAX_RUN or run[0].is_alone:
        return
    for number, other in enumerate(following[:_REACH]):
        left = room - len(other.text) - 1
        if left >= 0 and _may_follow(run, other):
            yield from _longer([*run, other], following[number + 1 :], left)


def _may_follow(run: Sequence[_Told], other: _Told) -> bool:
    """Whether a sentence reads on and adds enough: a neighbour in the paragraph, or one that leans on nothing before
    it. What begins a bullet must tell something too, unless the next leans on it."""
    last = run[-1]
    if other.block > last.block + _ACROSS or _adds(other, run) < (_ADDS if other.is_on_topic else _ADDS_ELSE):
        return False
    if other.leans or other.only_rides:
        return _stands_before(last, other)
    if other.block != last.block and not (other.is_on_topic or last.is_on_topic):
        return False  # two matters
    return len(run) > 1 or sum(last.facts.values()) >= _ADDS


def _adds(other: _Told, run: Sequence[_Told]) -> float:
    return sum(worth for fact, worth in other.facts.items() if not any(fact in each.facts for each in run))


_ENDED = re.compile(r"[.!?…。！？:：]['\"”’»」)\]]*$")  # what an item of a list seldom is


def _join(run: Sequence[_Told]) -> str:
    blank = "" if run[0].text[-1] in "。！”」" and CJK_RUN.search(run[0].text) else " "
    parts = [each.text if _ENDED.search(each.text) else each.text.rstrip(" ,;") + ";" for each in run[:-1]]
    return blank.join([*parts, run[-1].text])


# ---------------------------------------------------------------- checking and choosing

_CHECKED = re.compile(r"\d[\d.,]*\d|\d|\b[^\W\d_][\w'’-]+")


def _is_grounded(text: str, source: str) -> bool:
    """Whether every number and every word with a capital occurs in the article."""
    words = (word for word in _CHECKED.findall(text) if word[0].isdigit() or word[0].isupper())
    return all(word.casefold().strip("'’") in source for word in words)


def _choose(candidates: Sequence[_Candidate], told: AbstractSet[str] = frozenset()) -> list[_Candidate]:
    """Up to four candidates: first, where nothing is `told` yet, the one that best tells what decided the article, then
    whichever adds most."""
    chosen: list[_Candidate] = []
    opens = not told
    told = set(told)
    left = list(candidates)
    while left and len(chosen) < MAX_BULLETS:
        pool = _fit_to_open(left) if opens else left
        best = max(pool, key=lambda candidate: (_gain(candidate, told, opens=opens), -candidate.place))
        if not opens and _gain(best, told) < _LEAST_GAIN:
            break
        opens = False
        chosen.append(best)
        told |= best.facts.keys()
        left = [candidate for candidate in left if not _repeats(candidate, best)]
    return chosen


def _fit_to_open(candidates: Sequence[_Candidate]) -> Sequence[_Candidate]:
    decisive = [candidate for candidate in candidates if candidate.is_decisive]
    return decisive or [candidate for candidate in candidates if candidate.sentences] or candidates


def _gain(candidate: _Candidate, told: set[str], *, opens: bool = False) -> float:
    fresh = sum(worth for fact, worth in candidate.facts.items() if fact not in told)
    price = _PRICE * len(candidate.text) / 100
    return (fresh + candidate.bonus) * (1.3 if opens and candidate.is_lead else 1.0) - price


def _repeats(candidate: _Candidate, other: _Candidate) -> bool:
    if not candidate.sentences.isdisjoint(other.sentences):
        return True
    shorter = min(len(candidate.words), len(other.words))
    return len(candidate.words & other.words) >= _SAME * max(1, shorter)


def _in_order(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """The telling sentence nearest to the top, then the list of names, then the rest as the article has them."""
    telling = [c for c in chosen if c is chosen[0] or (c.is_lead and tells_of_acting(c.text))]
    head = min(telling, key=lambda candidate: candidate.place, default=None)
    return sorted(chosen, key=lambda candidate: (candidate is not head, candidate.place))
