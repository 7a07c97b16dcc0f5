"""Which sentences of an article become its key points: those that decided the findings, then those that add most facts.

    sentences -> usable ones -> candidates (one to three neighbours, shortened; the list of names) -> choice -> order

A fact is a name, an amount, a figure or a count. Each has a worth; a candidate is worth the facts that no chosen one
has told, times its quality (near the act, near the top, no hearsay), and more if it decided a finding. What a bullet
says is checked: every number and every word with a capital must occur in the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.folding import fold_key
from bot.model import Article, BlockKind, Entity, Finding, Judgement, Mention, Verdict
from bot.summaries.sentences import is_list_item, one_line, plain, split_sentences
from bot.summaries.shortening import MAX_LENGTH, shorten
from bot.summaries.wording import (
    LIST_LABELS,
    is_credit,
    is_furniture,
    is_hedged,
    is_question,
    is_somebodys_own,
    is_statement,
    leans_back,
    only_fancies,
    supposes,
    takes_back,
    tells_of_acting,
    tells_why,
)

MAX_BULLETS = 4
# What is longer is not read to its end: a page of a megabyte must not take seconds.
_MAX_BLOCKS, _MAX_BLOCK_LENGTH, _MAX_SENTENCES, _MAX_SENTENCE = 200, 6000, 400, 960
_MAX_ITEMS = 30  # of a list, each way
_LEAD = 4  # sentences that count as the article's opening
_DECISIVE = 3.0  # the bonus of a sentence that decided a finding of the article's event
_LEAST_GAIN = 1.0
_LEAST_RELEVANCE = 0.35  # of a sentence that rides along with the one before it
_SAME = 0.65  # part of the words of the shorter of two bullets that the other has too
_TOLD = (
    Verdict.NEW_SANCTIONS,
    Verdict.RELIEF,
    Verdict.RENEWAL,
    Verdict.ENFORCEMENT,
    Verdict.POSSIBLE,
    Verdict.BACKGROUND,
)


def key_points(article: Article, judgement: Judgement, entities: Mapping[str, Entity]) -> tuple[str, ...]:
    """0 to 4 bullets of at most 240 characters; every name and number in one occurs in the article.

    None for an article that reports no sanctions event. Never raises, whatever the text.
    """
    findings = tuple(finding for finding in judgement.findings if finding.entity in entities)
    event = Verdict.NEW_SANCTIONS if any(f.verdict is Verdict.NEW_SANCTIONS for f in findings) else judgement.event
    if event not in _TOLD:
        return ()
    reading = _Reading(article, findings, event, judgement.counts)
    return tuple(candidate.text for candidate in _in_order(_choose(_candidates(reading))))


# ---------------------------------------------------------------- an article, read for its facts

_WORD = re.compile(r"[^\W_][\w'’.&/-]*[^\W_]|[^\W_]")
_CAPITAL = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"(?:[$€£¥₹]|US\$|HK\$)?\d[\d.,]*")
_MONEY = re.compile(
    r"(?:[$€£¥₹]|US\$|USD|EUR|RUB)\s?\d[\d.,]*(?:\s?(?:m|bn|k|tn|million|billion|trillion))?\b"
    r"|\d[\d.,]*\s?(?:%|per ?cent|million|billion|mil?lones|milhões|Millionen|Milliarden|милл|млн|млрд|亿|万|억|만)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|first|second|third|fourth|fifth|sixth|biggest"
    r"|largest|both)\b",
    re.IGNORECASE,
)
_CJK_RUN = re.compile(r"[\u3400-\u9fff]{2,}|[\uac00-\ud7af]{2,}")
_COMMON = frozenset(
    """the a an in on at of and or but for with from by to as it its he she they this that these those there here when
    while after before since if so no not all both his her their our we you i who what why how some many most other
    another according among under monday tuesday wednesday thursday friday saturday sunday january february march april
    may june july august september october november december mr mrs ms""".split()
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    raw: str
    block: int
    kind: BlockKind
    ordinal: int  # among the sentences of the article


@dataclass(frozen=True)
class _Reading:
    """An article with what was found in it; each view of it is worked out once."""

    article: Article
    findings: tuple[Finding, ...]
    event: Verdict
    counts: tuple[str, ...]

    @cached_property
    def source(self) -> str:
        """All that a bullet may draw on, for the check."""
        return " ".join(" ".join(block.text for block in self.article.blocks).split()).casefold()

    @cached_property
    def sentences(self) -> tuple[_Sentence, ...]:
        found: list[_Sentence] = []
        blocks = self.article.blocks[:_MAX_BLOCKS]
        for number, block in enumerate(blocks):
            following = blocks[number + 1].text if number + 1 < len(blocks) else ""
            is_caption = block.kind is BlockKind.PARAGRAPH and is_credit(following)
            if block.kind is BlockKind.TITLE or is_caption:
                continue
            for raw in split_sentences(block.text[:_MAX_BLOCK_LENGTH]):
                if len(found) < _MAX_SENTENCES and (text := plain(raw)):
                    found.append(_Sentence(text, raw, number, block.kind, len(found)))
        return tuple(found)

    @cached_property
    def targets(self) -> frozenset[str]:
        """The words, folded, of the names that the event is about."""
        return frozenset(word for finding in self._of_event for word in _words_of_names(finding))

    @cached_property
    def target_blocks(self) -> frozenset[int]:
        """Where the names that the event is about stand, and the sentences that decided it; the title aside."""
        named = {mention.block for finding in self._of_event for mention in finding.mentions}
        decided = {sentence.block for sentence in self.sentences if self.bonuses[sentence.ordinal]}
        return frozenset(named | decided) - {0}

    @property
    def _of_event(self) -> Iterator[Finding]:
        return (finding for finding in self.findings if finding.verdict is self.event)

    @cached_property
    def bonuses(self) -> tuple[float, ...]:
        """For each sentence, how much it decided; the outlet's own key points count as decisive."""
        decided: dict[str, float] = {}
        for finding in self.findings:
            if finding.verdict in _TOLD and (key := fold_key(plain(finding.evidence[:_MAX_BLOCK_LENGTH]))):
                worth = _DECISIVE if finding.verdict is self.event else 0.8
                decided[key] = min(2 * _DECISIVE, decided.get(key, 0.0) + worth)
        return tuple(_bonus(sentence, decided) for sentence in self.sentences)

    @cached_property
    def worth_of_names(self) -> Mapping[str, float]:
        """The words of tracked names, folded, and what telling them is worth: most for the event's own."""
        worth: dict[str, float] = {}
        for finding in self.findings:
            value = 3.0 if finding.verdict is self.event else 1.6 if finding.verdict in _TOLD else 0.4
            for mention in finding.mentions:
                each = value / max(1, len(mention.surface.split()) - 1) ** 0.5
                for word in _significant(mention.surface):
                    worth[word] = max(worth.get(word, 0.0), each)
        return worth

    @cached_property
    def surfaces(self) -> frozenset[str]:
        return frozenset(mention.surface for finding in self.findings for mention in finding.mentions)

    @cached_property
    def title_words(self) -> frozenset[str]:
        words = (word.casefold() for word in _WORD.findall(self.article.title) if len(word) > 3)
        return frozenset(words) | frozenset(_cjk_pairs(self.article.title))

    @cached_property
    def small_words(self) -> frozenset[str]:
        """Words that the article also writes with a small letter: no names, even where they open a sentence."""
        return frozenset(word for s in self.sentences for word in _WORD.findall(s.text) if word[0].islower())

    def after(self, sentence: _Sentence) -> str:
        """The sentence that follows in the same paragraph, or ""."""
        following = self.sentences[sentence.ordinal + 1 : sentence.ordinal + 2]
        return following[0].text if following and following[0].block == sentence.block else ""


def _bonus(sentence: _Sentence, decided: Mapping[str, float]) -> float:
    if sentence.kind is BlockKind.KEY_POINT:
        return _DECISIVE
    own = fold_key(sentence.text)
    return max((worth for key, worth in decided.items() if key in own or own in key), default=0.0) if own else 0.0


def _significant(text: str) -> Iterator[str]:
    return (word.casefold() for word in _WORD.findall(text) if len(word) > 2 and word.casefold() not in _COMMON)


def _words_of_names(finding: Finding) -> Iterator[str]:
    return (word for mention in finding.mentions for word in _significant(mention.surface))


def _cjk_pairs(text: str) -> Iterator[str]:
    for run in _CJK_RUN.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))


def _facts(text: str, reading: _Reading) -> dict[str, float]:
    """The facts of a text (names, amounts, figures, counts), each with its worth."""
    facts: dict[str, float] = {}
    for place, word in enumerate(_WORD.findall(text)):
        folded = word.casefold()
        if folded in reading.worth_of_names:
            facts[folded] = reading.worth_of_names[folded]
        elif (
            word[0].isupper()
            and len(word) > 1
            and folded not in _COMMON
            and (place or folded not in reading.small_words)
        ):
            facts[folded] = 0.7
    facts.update({amount.casefold(): 1.6 for amount in _MONEY.findall(text)})
    for figure in _NUMBER.findall(text):
        facts.setdefault(figure.rstrip(".,"), 0.6 if len(figure) < 3 or figure.startswith(("19", "20")) else 1.2)
    for count in _COUNT.findall(text):
        facts.setdefault(count.casefold(), 1.0)
    facts.update({count.casefold(): 1.6 for count in reading.counts if count in text})
    if pairs := list(_cjk_pairs(text)):
        facts.update(dict.fromkeys(pairs, 0.12))
        facts.update({surface: 3.0 for surface in reading.surfaces if surface in text})
    return {fact: worth * 1.5 if fact in reading.title_words else worth for fact, worth in facts.items()}


# ---------------------------------------------------------------- candidates


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    quality: float
    bonus: float
    facts: Mapping[str, float]
    words: frozenset[str]
    place: float = -1.0  # the ordinal of its first sentence; before all of them for the list of names
    sentences: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_lead(self) -> bool:
        return 0 <= self.place < _LEAD

    @property
    def is_decisive(self) -> bool:
        return bool(self.sentences) and self.bonus >= _DECISIVE


def _candidates(reading: _Reading) -> list[_Candidate]:
    usable = [sentence for sentence in reading.sentences if _is_usable(sentence, reading.event)]
    relevance = {sentence.ordinal: _relevance(sentence, reading) for sentence in usable}
    quality = {sentence.ordinal: relevance[sentence.ordinal] * _manner(sentence, reading.event) for sentence in usable}
    found: list[_Candidate] = []
    for run in _runs(usable, relevance):
        text = shorten(_join(run))
        if text and _is_grounded(text, reading.source):
            ordinals = frozenset(sentence.ordinal for sentence in run)
            mean = sum(quality[ordinal] for ordinal in ordinals) / len(run)
            found.append(
                _Candidate(
                    text=text,
                    quality=mean
                    * (0.6 if leans_back(text) else 1.0)
                    * (0.6 if takes_back(reading.after(run[-1])) else 1.0),
                    bonus=sum(reading.bonuses[ordinal] for ordinal in ordinals),
                    facts=_facts(text, reading),
                    words=_words_of(text),
                    place=float(run[0].ordinal),
                    sentences=ordinals,
                )
            )
    return [*found, *_list_of_names(reading, [sentence.text for sentence in usable])]


def _is_usable(sentence: _Sentence, event: Verdict) -> bool:
    text = sentence.text
    if len(text) > _MAX_SENTENCE or is_furniture(text) or is_question(text) or text.endswith((":", "：")):
        return False
    if sentence.kind is not BlockKind.KEY_POINT and not is_statement(text) and not _is_telling_item(sentence):
        return False
    return not (only_fancies(text) if event is Verdict.POSSIBLE else supposes(text))


def _is_telling_item(sentence: _Sentence) -> bool:
    """An item of a list that is more than a name: "- U.S. persons have until November 23 to wind down"."""
    words = sentence.text.split()
    return is_list_item(sentence.raw) and len(words) >= 6 and any(word.islower() and len(word) > 3 for word in words)


def _relevance(sentence: _Sentence, reading: _Reading) -> float:
    """How near a sentence is to the act: it tells of acting, names a target, or stands beside one that does."""
    text = sentence.text
    names_target = any(word in reading.targets for word in _significant(text)) or any(
        surface in text for surface in reading.surfaces if _CJK_RUN.search(surface)
    )
    relevance = 1.3 if tells_of_acting(text) else 1.0 if names_target else 0.75 if tells_why(text) else 0.6
    distance = min((abs(sentence.block - block) for block in reading.target_blocks), default=0)
    return relevance * (1.0 if distance <= 2 else 0.85 if distance <= 4 else 0.6 if distance <= 8 else 0.4)


def _manner(sentence: _Sentence, event: Verdict) -> float:
    """How well a sentence tells, whatever it tells: where it stands, whose words it is, how sure."""
    quality = 1.2 if sentence.ordinal < _LEAD + 1 else 1.0 if sentence.ordinal < 12 else 0.85
    if tells_why(sentence.text):
        quality *= 1.1
    if sentence.kind is BlockKind.KEY_POINT:
        return quality * 1.5
    if is_somebodys_own(sentence.text):
        quality *= 0.5
    if event is not Verdict.POSSIBLE and is_hedged(sentence.text):
        quality *= 0.6
    return quality


def _runs(usable: Sequence[_Sentence], relevance: Mapping[int, float]) -> Iterator[list[_Sentence]]:
    """Each sentence alone, and with one or two that follow it in its paragraph where all fit into a bullet."""
    for number, first in enumerate(usable):
        run = [first]
        yield run
        for following in usable[number + 1 : number + 3]:
            is_next = following.block == first.block and following.ordinal == run[-1].ordinal + 1
            if not is_next or first.kind is BlockKind.KEY_POINT or relevance[following.ordinal] < _LEAST_RELEVANCE:
                break
            run = [*run, following]
            if len(_join(run)) > MAX_LENGTH:
                break
            yield run


def _join(run: Sequence[_Sentence]) -> str:
    blank = "" if run[0].text[-1] in "。！”」" and _CJK_RUN.search(run[0].text) else " "
    return blank.join(sentence.text for sentence in run)


# ---------------------------------------------------------------- the list of names


def _list_of_names(reading: _Reading, told: Sequence[str]) -> Iterator[_Candidate]:
    """Those newly sanctioned, as the article names them, if they are three or more and no one sentence has them all."""
    names = list(_new_names(reading)) if reading.event is Verdict.NEW_SANCTIONS else []
    if len(names) < 3 or any(len(text) <= MAX_LENGTH and all(name in text for name in names) for text in told):
        return
    language = reading.article.language.partition("-")[0].lower()
    label = LIST_LABELS.get(language, "")
    text = label if _is_grounded(label, reading.source) else ""
    comma = "、" if language == "zh" else ", "
    for number, name in enumerate(names):
        longer = f"{text}{comma if number else ''}{name}"
        if len(longer) > MAX_LENGTH:
            break
        text = longer
    if _is_grounded(text, reading.source):
        yield _Candidate(text, quality=1.15, bonus=1.0, facts=_facts(text, reading), words=_words_of(text))


def _new_names(reading: _Reading) -> Iterator[str]:
    """The longest surface of each name newly sanctioned, in the article's order, and what is beside it in a list."""
    blocks = reading.article.blocks
    declines = reading.article.language.startswith(("ru", "uk"))
    spoken_for = {m.block for f in reading.findings if f.verdict is not Verdict.NEW_SANCTIONS for m in f.mentions}
    found: list[tuple[int, int, str]] = []
    for finding in reading.findings:
        mentions = [mention for mention in finding.mentions if 0 <= mention.block < len(blocks)]
        if finding.verdict is Verdict.NEW_SANCTIONS and mentions:
            best = max(mentions, key=lambda mention: (declines and _is_own_form(mention), len(mention.surface)))
            found.append((best.block, best.start, one_line(best.surface)))
            for mention in mentions:
                found += [
                    (place, 0, name) for place, name in _items_beside(mention.block, reading) if place not in spoken_for
                ]
    known: list[str] = []
    for _, _, name in sorted(found):
        key = fold_key(name)
        if key and len(name) < MAX_LENGTH // 2 and not any(key in other or other in key for other in known):
            known.append(key)
            yield name


def _is_own_form(mention: Mention) -> bool:
    """Whether the article writes a name as the watchlist has it, not in another case ("Роснефти")."""
    return fold_key(mention.surface) == fold_key(mention.form)


def _items_beside(block: int, reading: _Reading) -> Iterator[tuple[int, str]]:
    """The neighbours of an item of a list, as far as the list goes, each with its name."""
    blocks = reading.article.blocks
    if _item_name(blocks[block].text) is None:
        return
    for step in (-1, 1):
        place = block + step
        while (
            0 <= place < len(blocks) and abs(place - block) <= _MAX_ITEMS and blocks[place].kind is BlockKind.PARAGRAPH
        ):
            name = _item_name(blocks[place].text)
            if name is None:
                break
            yield place, name
            place += step


_NAME_END = re.compile(r"\s*[,:;(（–—]|\s-\s")


def _item_name(text: str) -> str | None:
    """The name that a line of a list begins with ("- Evin Prison, where …"), or None if the line is no such item."""
    text = plain(text[:300])
    if not 3 < len(text) < 140 or text[-1] in ".!?:" or is_furniture(text):
        return None
    name = _NAME_END.split(text, maxsplit=1)[0].removeprefix("the ").strip()
    words = name.split()
    is_name = 0 < len(words) <= 8 and sum(word[0].isupper() for word in words) * 2 > len(words)
    return name if is_name and 3 < len(name) < 80 else None


# ---------------------------------------------------------------- checking and choosing

_CHECKED = re.compile(r"\d[\d.,]*\d|\d|\b[^\W\d_][\w'’-]+")


def _is_grounded(text: str, source: str) -> bool:
    """Whether every number and every word with a capital occurs in the article."""
    words = (word for word in _CHECKED.findall(text) if word[0].isdigit() or word[0].isupper())
    return all(word.casefold().strip("'’") in source for word in words)


def _choose(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Up to four candidates: first the one that best tells what decided the article, then whichever adds most."""
    chosen: list[_Candidate] = []
    told: set[str] = set()
    left = list(candidates)
    while left and len(chosen) < MAX_BULLETS:
        pool = left if chosen else _fit_to_open(left)
        best = max(pool, key=lambda candidate: (_gain(candidate, told, opens=not chosen), -candidate.place))
        if chosen and _gain(best, told) < _LEAST_GAIN:
            break
        chosen.append(best)
        told |= best.facts.keys()
        left = [candidate for candidate in left if not _repeats(candidate, best)]
    return chosen


def _fit_to_open(candidates: Sequence[_Candidate]) -> Sequence[_Candidate]:
    decisive = [candidate for candidate in candidates if candidate.is_decisive]
    return decisive or [candidate for candidate in candidates if candidate.sentences] or candidates


def _gain(candidate: _Candidate, told: set[str], *, opens: bool = False) -> float:
    fresh = sum(worth for fact, worth in candidate.facts.items() if fact not in told)
    return (candidate.quality * fresh + candidate.bonus) * (1.3 if opens and candidate.is_lead else 1.0)


def _repeats(candidate: _Candidate, other: _Candidate) -> bool:
    shorter = min(len(candidate.words), len(other.words))
    shared = len(candidate.words & other.words)
    return bool(candidate.sentences & other.sentences) or shared >= _SAME * max(1, shorter)


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_significant(text)) | frozenset(_cjk_pairs(text))


def _in_order(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """The telling sentence nearest to the top, then the list of names, then the rest as the article has them."""
    telling = [c for c in chosen if c is chosen[0] or (c.is_lead and tells_of_acting(c.text))]
    head = min(telling, key=lambda candidate: candidate.place, default=None)
    return sorted(chosen, key=lambda candidate: (candidate is not head, candidate.place))
