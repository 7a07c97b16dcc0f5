"""What is known of each word of an article before it is read as a whole: its signs.

A sign is a short name that a person can read: `act:new` (a word of an act that the rules read as a designation),
`tgt:new` (a name in the place of its target), `t:old` (a date long past), `g:speech`, `cl:relative`, `schema:Vessel` …
They come from the vocabulary files and from grammar, never from a name itself: a name is known by its kind alone, so
that nothing is learnt of who is who. docs/judgement.md lists them. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from bot.matching.cues import Vocabulary, load_shared, load_vocabulary
from bot.matching.readings import Sentence, is_related, owns_next
from bot.matching.words import Kind
from bot.model import Entity, Mention, Strength
from bot.text.folding import fold_key

_CLASSES = tuple(
    "relatives subordinators conditionals coordinators negations be have modals person_pronouns thing_pronouns "
    "group_pronouns person_nouns company_nouns vessel_nouns group_nouns speech officials experts spokes".split()
)
_YEAR = re.compile(r"(?:19|20)\d\d")
APART = "apart"  # of a name that is said not to be a target
BLOCKED = "blocked"  # of a name that is said to be blocked already
_PLACES = ((0, "0"), (1, "1"), (2, "2"), (4, "3-4"), (8, "5-8"), (15, "9-15"))  # how far down a sentence stands


@dataclass(slots=True)
class Signs:
    """An article as the reader gets it. Lists have an item for each token; `sentence_of` counts from the title (0)."""

    words: list[str] = field(default_factory=list)  # folded; "" for a tracked name
    signs: list[list[str]] = field(default_factory=list)
    sentence_of: list[int] = field(default_factory=list)
    names: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)  # token -> keys of the entities there
    written: list[str] = field(default_factory=list)  # with the space before it, if any; of a name, that alone
    speaks: bool = True  # has what is read a word of this field, or a plain act?


def find_signs(
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    entities: Mapping[str, Entity],
    vocabulary: Vocabulary,
) -> Signs:
    """The signs of every token of the sentences, whose acts have been found."""
    found = Signs(speaks=any(_speaks(sentence, vocabulary) for sentence in sentences))
    weak = {(m.block, m.start) for m in mentions if m.strength is Strength.WEAK}
    last = max((sentence.ordinal for sentence in sentences), default=0)
    for sentence in sentences:
        before = len(found.words)
        signs = _of_tokens(sentence, vocabulary, last)
        for index in sentence.names:
            token = sentence.tokens[index]
            if token.entities[0] in entities:
                signs[index] += _of_entity(entities[token.entities[0]])
            signs[index] += _of_name(sentence, index, (sentence.block, token.start) in weak)
            found.names.append((before + index, token.entities))
        _add_hits(sentence, signs)
        _add_acts(sentence, signs)
        found.words += ["" if token.kind is Kind.MENTION else token.low for token in sentence.tokens]
        found.written += _written(sentence)
        found.signs += signs
        found.sentence_of += [sentence.ordinal] * len(signs)
    return found


def _speaks(sentence: Sentence, vocabulary: Vocabulary) -> bool:
    return any(act.strong for act in sentence.acts) or vocabulary.is_of_the_field(sentence.text)


def _written(sentence: Sentence) -> list[str]:
    ends = [-1, *(token.end for token in sentence.tokens)]
    return [
        (" " if end < token.start else "") + ("" if token.kind is Kind.MENTION else token.text)
        for end, token in zip(ends, sentence.tokens, strict=False)
    ]


def _of_tokens(sentence: Sentence, vocabulary: Vocabulary, last: int) -> list[list[str]]:
    """Kind of token, place in the article, word class, clause."""
    place = next((name for most, name in _PLACES if sentence.ordinal <= most), "16+")
    here = [f"blk:{sentence.kind.value}", f"ord:{place}"]
    here += ["item"] if sentence.is_item else []
    here += ["end"] if sentence.ordinal >= last - 1 else []
    clauses = [[*here, f"cl:{clause.kind.value}"] for clause in sentence.structure.clauses]
    starts = {clause.first: f"cl0:{clause.kind.value}" for clause in sentence.structure.clauses}
    classes = _classes(vocabulary.language)
    signs: list[list[str]] = []
    for index, token in enumerate(sentence.tokens):
        own = [f"k:{token.kind.value}", *clauses[sentence.structure.clause_of[index]]]
        if token.kind is Kind.AUTHORITY:
            own.append(f"auth:{token.authority}")
        elif token.kind is Kind.NUMBER and _YEAR.fullmatch(token.low):
            own.append("year")
        if token.kind is not Kind.MENTION:
            own += classes.get(token.low, ())
        if token.capital:
            own.append("cap")
        if index in starts:
            own.append(starts[index])
        if index in sentence.structure.finite:
            own.append("finite")
        if index in sentence.structure.quoted:
            own.append("quoted")
        signs.append(own)
    if sentence.first_of_block and signs:
        signs[0].append("para0")
    return signs


@cache
def _classes(language: str) -> Mapping[str, tuple[str, ...]]:
    """Folded word -> its word classes, as signs."""
    vocabulary = load_vocabulary(language)
    table: dict[str, tuple[str, ...]] = {}
    for name in _CLASSES if vocabulary else ():
        for word in vocabulary.grammar[name] if vocabulary else ():
            table[word] = (*table.get(word, ()), f"g:{name}")
    return table


@lru_cache(maxsize=4096)
def _of_entity(entity: Entity) -> tuple[str, ...]:
    """What kind of thing a tracked name is: its schema, and what the words of its names tell in general."""
    words = {word for name in (entity.caption, *entity.aliases) for word in fold_key(name).split()}
    shared = load_shared()
    signs = [f"schema:{entity.schema.value}"]
    for name in ("agencies", "words", "authorities"):
        if words & set(shared["bystanders"][name].split()):
            signs.append(f"name:{name}")
    signs += [f"kind:{name}" for name, kinds in shared["name_kinds"].items() if words & set(kinds.split())]
    signs += [f"cc:{country}" for country in entity.countries[:2] if country in ("us", "gb", "eu")]
    return tuple(signs)


def _of_name(sentence: Sentence, index: int, is_weak: bool) -> list[str]:
    return [
        name
        for name, holds in (
            ("related", is_related(sentence, index)),
            ("owns", owns_next(sentence, index)),
            ("weak", is_weak),
            (APART, index in sentence.apart),
            (BLOCKED, index in sentence.blocked),
            (sentence.sections.get(index, ""), index in sentence.sections),
        )
        if holds
    ]


def _add_hits(sentence: Sentence, signs: list[list[str]]) -> None:
    for hit in sentence.hits:
        for index in range(hit.start, hit.end):
            signs[index].append(f"hit:{hit.pattern.kind}.{hit.pattern.frame}")
        signs[hit.start].append(f"hit0:{hit.pattern.kind}")
    for time in sentence.times:
        for index in range(time.start, time.end):
            signs[index].append(f"t:{time.when.value}")


def _add_acts(sentence: Sentence, signs: list[list[str]]) -> None:
    for act in sentence.acts:
        kind = act.kind if act.strong else f"{act.kind}-"
        for index in range(act.hit.start, act.hit.end):
            signs[index].append(f"act:{kind}")
        if act.negated:
            signs[act.hit.start].append("act.neg")
        if act.modal:
            signs[act.hit.start].append("act.modal")
        for index in act.targets:
            signs[index].append(f"tgt:{kind}")
        for index in act.agents:
            signs[index].append(f"agt:{kind}")
        if act.open_slot and act.slot_at >= 0:
            signs[act.slot_at].append(f"slot:{kind}.{act.open_slot}")
