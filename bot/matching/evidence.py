"""The evidence about each tracked name in an article: readings of its sentences, and of the article around them.

Evidence has names that a person can read ("target of a new designation"); `weights` says what each is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.matching.clauses import EMBEDDED, ClauseKind
from bot.matching.cues import Vocabulary, load_vocabulary
from bot.matching.readings import Act, Sentence, antecedents, find_acts, is_related, read_sentence
from bot.matching.sentences import split_sentences
from bot.matching.times import When
from bot.matching.words import Kind
from bot.model import Article, BlockKind, Entity, Mention, Schema

_MAIN_EVENTS = ("new", "relief", "renewal", "enforcement", "possible")
_REACH = 4  # sentences back in which "the bank" or "they" finds its name


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a piece of evidence was found: sentence number, the words, and the vocabulary entry."""

    sentence: int
    text: str
    rule: str


@dataclass(slots=True)
class EntityEvidence:
    entity: str
    found: dict[str, Trace] = field(default_factory=dict)
    sentences: list[int] = field(default_factory=list)

    def add(self, name: str, sentence: int, text: str = "", rule: str = "") -> None:
        self.found.setdefault(name, Trace(sentence, text, rule))


@dataclass(slots=True)
class Dossier:
    """An article as the judgement sees it."""

    sentences: list[Sentence]
    entities: dict[str, EntityEvidence]
    events: dict[str, float]  # how strongly the article tells of each kind of event
    event: str  # the strongest, or "none"
    vocabulary: Vocabulary


def collect(article: Article, mentions: Sequence[Mention], entities: Mapping[str, Entity], vocabulary: Vocabulary) -> Dossier:
    sentences = read_article(article, mentions, vocabulary)
    for sentence in sentences:
        sentence.acts = find_acts(sentence, vocabulary)
    events = _events(sentences)
    event = max(events, key=lambda kind: events[kind]) if events else "none"
    evidence: dict[str, EntityEvidence] = {}
    for sentence in sentences:
        for index in sentence.names:
            for key in sentence.tokens[index].entities:
                held = evidence.setdefault(key, EntityEvidence(key))
                held.sentences.append(sentence.ordinal)
                _of_mention(held, sentence, index, sentences, vocabulary)
    _link_back(sentences, evidence, entities)
    _link_forward(sentences, evidence)
    for held in evidence.values():
        _of_article(held, sentences, events, event, entities[held.entity])
    return Dossier(sentences, evidence, events, event, vocabulary)


def read_article(article: Article, mentions: Sequence[Mention], vocabulary: Vocabulary) -> list[Sentence]:
    """Every sentence of an article with its tokens, cues and clauses."""
    published = article.published_at.date()
    known: dict[int, list[tuple[int, int, tuple[str, ...]]]] = {}
    for block, start, end, keys in _spans(mentions):
        known.setdefault(block, []).append((start, end, keys))
    sentences: list[Sentence] = []
    for number, block in enumerate(article.blocks):
        spans = split_sentences(block.text)
        for place, span in enumerate(spans):
            inside = [item for item in known.get(number, ()) if item[0] >= span[0] and item[1] <= span[1]]
            tokens, hits, times, structure = read_sentence(block.text, span, inside, vocabulary, published)
            if not tokens:
                continue
            sentences.append(
                Sentence(
                    block=number, kind=block.kind, ordinal=len(sentences), start=span[0], end=span[1],
                    text=block.text[span[0] : span[1]], tokens=tokens, hits=hits, times=times, structure=structure,
                    names=[i for i, token in enumerate(tokens) if token.kind is Kind.MENTION],
                    is_item=_is_item(block.text[span[0] : span[1]]),
                    first_of_block=place == 0,
                )
            )
    return sentences


_BULLETS = "•–—-*>·●▪◦"


def _is_item(text: str) -> bool:
    """A line of a list: it begins with a bullet or a number, or is short and has no full stop."""
    if text[0] in _BULLETS or (text[:2].rstrip(".)").isdigit() and text[1:3].strip() in (".", ")", "")):
        return True
    return len(text) < 90 and text[-1] not in ".!?”\""


def _spans(mentions: Sequence[Mention]) -> list[tuple[int, int, int, tuple[str, ...]]]:
    """Mentions in order of place, those of one place together; of overlapping ones the longest."""
    at: dict[tuple[int, int, int], list[str]] = {}
    for mention in mentions:
        keys = at.setdefault((mention.block, mention.start, mention.end), [])
        if mention.entity not in keys:
            keys.append(mention.entity)
    kept: list[tuple[int, int, int, tuple[str, ...]]] = []
    for (block, start, end), keys in sorted(at.items(), key=lambda item: (item[0][0], item[0][1], -item[0][2])):
        if kept and kept[-1][0] == block and start < kept[-1][2]:
            if kept[-1][1:3] != (start, end) and end <= kept[-1][2]:
                kept[-1] = (*kept[-1][:3], tuple(dict.fromkeys((*kept[-1][3], *keys))))
            continue
        kept.append((block, start, end, tuple(keys)))
    return kept


# ---------------------------------------------------------------- the article as a whole


def _events(sentences: Sequence[Sentence]) -> dict[str, float]:
    """How strongly title and lead, then the rest, tell of each kind of event."""
    scores: dict[str, float] = {}
    for sentence in sentences:
        weight = 3.0 if sentence.kind is BlockKind.TITLE else 2.0 if sentence.ordinal <= 4 else 1.0 if sentence.ordinal < 9 else 0.5
        seen: set[str] = set()
        for act in sentence.acts:
            kind = {"undated": "new"}.get(act.kind, act.kind)
            if kind not in _MAIN_EVENTS or kind in seen:
                continue
            seen.add(kind)
            strength = 1.0 if act.strong else 0.35
            if act.kind == "undated":
                strength *= 0.6
            if kind == "enforcement":
                strength *= 0.8
            scores[kind] = scores.get(kind, 0.0) + weight * strength
    return scores


def _of_article(
    held: EntityEvidence, sentences: Sequence[Sentence], events: Mapping[str, float], event: str, entity: Entity
) -> None:
    first = sentences[held.sentences[0]]
    held.add(f"article.{event}", first.ordinal)
    held.add(f"schema.{_schema(entity)}", first.ordinal)
    direct = any(name.split(".")[1] in ("target", "back") for name in held.found if name.count(".") >= 1 and name.split(".")[0] in _DIRECT)
    if not direct:
        held.add(f"article.{event}.no_act", first.ordinal)
        if "role.none" not in held.found and not any(name.startswith("role.") for name in held.found):
            held.add(f"article.{event}.no_act.no_role", first.ordinal)
            held.add(f"article.{event}.no_act.no_role.{_schema(entity)}", first.ordinal)
        if any(name.startswith("accused.") for name in held.found):
            held.add(f"article.{event}.no_act.accused", first.ordinal)
    if any(sentences[i].kind is BlockKind.TITLE for i in held.sentences):
        held.add("place.title", first.ordinal)
        held.add(f"place.title.{event}", first.ordinal)
    if first.ordinal <= 3:
        held.add("place.lead", first.ordinal)
    if len(set(held.sentences)) >= 3:
        held.add("place.often", first.ordinal)
    total = sum(events.values())
    if total < 1.5:
        held.add("article.faint", first.ordinal)
    if total == 0:
        held.add("article.silent", first.ordinal)


_DIRECT = frozenset(
    "new undated earlier possible relief renewal enforcement standing exclusion hoped_relief hoped_renewal hoped_enforcement earlier_relief".split()
)


def _schema(entity: Entity) -> str:
    if entity.schema in (Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET):
        return "Asset"
    if entity.schema is Schema.PERSON:
        return "Person"
    if entity.schema is Schema.PUBLIC_BODY:
        return "PublicBody"
    return "Company" if entity.schema is Schema.COMPANY else "Organization"


# ---------------------------------------------------------------- one mention


def _of_mention(
    held: EntityEvidence, sentence: Sentence, index: int, sentences: Sequence[Sentence], vocabulary: Vocabulary
) -> None:
    number = sentence.ordinal
    _of_acts(held, sentence, index)
    _of_roles(held, sentence, index, vocabulary)
    clause = sentence.structure.clause_of[index]
    for hit in sentence.hits:
        kind = hit.pattern.kind
        near = sentence.structure.clause_of[hit.start] == clause
        words = _words(sentence, hit.start, hit.end)
        rule = f"{kind}: {hit.pattern.text}"
        if kind == "accusation":
            held.add("accused.clause" if near else "accused.sentence", number, words, rule)
        elif kind == "naming":
            held.add("naming.clause" if near else "naming.sentence", number, words, rule)
        elif kind == "speech":
            held.add("role.comment" if near else "speech.sentence", number, words, rule)
        elif kind == "credit":
            held.add("role.credit", number, words, rule)
        elif kind == "proposal" and near:
            held.add("proposal.clause", number, words, rule)
    whens = {time.when for time in sentence.times} | {
        When.RECENT if hit.pattern.kind == "time_recent" else When.OLD
        for hit in sentence.hits if hit.pattern.kind in ("time_recent", "time_old")
    }
    if When.RECENT in whens:
        held.add("time.recent", number)
    if When.OLD in whens:
        held.add("time.old", number)
    if sentence.is_item:
        held.add("place.item", number)
    if index in sentence.structure.quoted:
        held.add("place.quoted", number)
    before = sentences[number - 1] if number else None
    if before is not None and any(act.kind in ("new", "undated") and not act.targets for act in before.acts):
        held.add("after.new", number)
    if index <= 1:
        held.add("place.opens_sentence", number)
    if len(sentence.names) > 2:
        held.add("place.among_names", number)


def _of_acts(held: EntityEvidence, sentence: Sentence, index: int) -> None:
    clause = sentence.structure.clause_of[index]
    for act in sentence.acts:
        words = _words(sentence, act.hit.start, act.hit.end)
        rule = f"{act.hit.pattern.kind}: {act.hit.pattern.text}"
        strength = "" if act.strong else ".weak"
        if index in act.targets:
            place = "target"
        elif index in act.agents:
            place = "agent"
        elif act.clause == clause:
            place = "clause"
        else:
            place = "sentence"
        held.add(f"{act.kind}.{place}{strength}", sentence.ordinal, words, rule)


def _of_roles(held: EntityEvidence, sentence: Sentence, index: int, vocabulary: Vocabulary) -> None:
    number, tokens, grammar = sentence.ordinal, sentence.tokens, vocabulary.grammar
    if is_related(sentence, index):
        held.add("role.related", number)
    after = tokens[index + 1].low if index + 1 < len(tokens) else ""
    before = tokens[index - 1].low if index else ""
    if after == "'s":
        held.add("role.possessor", number)
    speech = grammar.get("speech", frozenset())
    if _speaks(sentence, index, speech):
        held.add("role.speaker", number)
    for back in range(max(0, index - 4), index):
        if tokens[back].low in grammar.get("officials", ()):
            held.add("role.official", number, tokens[back].text)
        if tokens[back].low in grammar.get("experts", ()):
            held.add("role.expert", number, tokens[back].text)
    if after in (",", "—", "–", "(") or before == ",":
        for ahead in range(index + 2, min(index + 7, len(tokens))):
            if tokens[ahead].low in (",", ";", "."):
                break
            if tokens[ahead].low in grammar.get("officials", ()):
                held.add("role.official", number, tokens[ahead].text)
            if tokens[ahead].low in grammar.get("experts", ()):
                held.add("role.expert", number, tokens[ahead].text)
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    if clause.kind in EMBEDDED:
        held.add(f"role.in_{clause.kind.value}", number)
    elif clause.kind is ClauseKind.SUBORDINATE:
        held.add("role.in_subordinate", number)
    if clause.verb is not None and index > clause.verb and clause.kind is not ClauseKind.PARENTHESIS:
        held.add("role.after_verb", number)
    if before in grammar.get("prepositions", ()):
        held.add(f"role.after_preposition", number, before)
        if before in ("of", "by", "with", "for", "to", "from", "in", "at", "against", "on"):
            held.add(f"role.after_{before}", number, before)
    if before in ("like", "unlike"):
        held.add("role.compared", number)
    if tokens[index].authority or after in grammar.get("spokes", ()):
        held.add("role.speaker", number)


def _speaks(sentence: Sentence, index: int, speech: frozenset[str]) -> bool:
    """"said X", "X, an analyst, said", "according to X", "X told reporters"."""
    tokens = sentence.tokens
    for back in range(max(0, index - 5), index):
        if tokens[back].low in speech and all(tokens[i].low not in (",", "that") for i in range(back + 1, index)):
            if back == 0 or tokens[back - 1].low in (",", '"', "”", "“", "'", "’") or back < 2:
                return True
        if tokens[back].low == "to" and back and tokens[back - 1].low == "according" and index - back <= 4:
            return True
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    if clause.verb is not None and index < clause.verb and tokens[clause.verb].low in speech:
        return not is_related(sentence, index)
    return False


def _words(sentence: Sentence, start: int, end: int) -> str:
    offset = sentence.start
    return sentence.text[sentence.tokens[start].start - offset : sentence.tokens[end - 1].end - offset]


# ---------------------------------------------------------------- across sentences


def _link_back(sentences: Sequence[Sentence], evidence: dict[str, EntityEvidence], entities: Mapping[str, Entity]) -> None:
    """An act on "he", "the bank" or "all three" is one on names that stand before it."""
    for sentence in sentences:
        for act in sentence.acts:
            if act.targets or act.open_slot in ("", "some"):
                continue
            for place, key in _candidates(sentence, act, sentences, entities):
                strength = "" if act.strong else ".weak"
                words = f"{act.slot_text} … {_words(sentence, act.hit.start, act.hit.end)}"
                evidence[key].add(f"{act.kind}.{place}{strength}", sentence.ordinal, words, f"{act.hit.pattern.kind}: {act.hit.pattern.text}")


def _fits(slot: str, entity: Entity) -> bool:
    if slot in ("person", "man"):
        return entity.schema is Schema.PERSON
    if slot == "vessel":
        return entity.schema in (Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET)
    if slot in ("company", "thing"):
        return entity.schema is not Schema.PERSON
    return True


def _candidates(
    sentence: Sentence, act: Act, sentences: Sequence[Sentence], entities: Mapping[str, Entity]
) -> list[tuple[str, str]]:
    """Names that "he" or "they" may stand for: the nearest before, all of a sentence for a plural."""
    inside = [i for i in sentence.names if i < act.hit.start]
    found = [(i, sentence) for i in inside]
    back = sentence.ordinal
    while not _suitable(found, act, entities) and back > 0 and sentence.ordinal - back < _REACH:
        back -= 1
        found = [(i, sentences[back]) for i in sentences[back].names]
    suitable = _suitable(found, act, entities)
    if act.open_slot == "group":
        return [("back_group", key) for key in suitable]
    return [("back", key) for key in suitable[:1]] + [("back_other", key) for key in suitable[1:]]


def _suitable(found: Sequence[tuple[int, Sentence]], act: Act, entities: Mapping[str, Entity]) -> list[str]:
    ranked: list[str] = []
    for index, sentence in found:
        if is_related(sentence, index):
            continue
        ranked += [key for key in sentence.tokens[index].entities if _fits(act.open_slot, entities[key])]
    return list(dict.fromkeys(ranked))


def _link_forward(sentences: Sequence[Sentence], evidence: dict[str, EntityEvidence]) -> None:
    """A new designation of "three accountants" reaches the names that come after it."""
    open_since: Sentence | None = None
    for sentence in sentences:
        if open_since is not None and sentence.names:
            distance = sentence.ordinal - open_since.ordinal
            for index in sentence.names:
                for key in sentence.tokens[index].entities:
                    held = evidence[key]
                    held.add("opened.near" if distance <= 2 else "opened.far", open_since.ordinal)
                    if sentence.is_item:
                        held.add("opened.item", open_since.ordinal)
        for act in sentence.acts:
            if act.kind in ("new", "undated") and not act.targets and act.open_slot in ("some", "group", "company", "man", ""):
                open_since = sentence
