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
    context = _Context(sentences, entities, vocabulary, events, event)
    context.settle_acts()
    evidence: dict[str, EntityEvidence] = {}
    for sentence in sentences:
        for index in sentence.names:
            for key in sentence.tokens[index].entities:
                held = evidence.setdefault(key, EntityEvidence(key))
                held.sentences.append(sentence.ordinal)
                _of_mention(held, sentence, index, context)
    context.link_back(evidence)
    for held in evidence.values():
        _of_article(held, context)
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


def _schema(entity: Entity) -> str:
    if entity.schema in (Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET):
        return "Asset"
    if entity.schema is Schema.PERSON:
        return "Person"
    if entity.schema is Schema.PUBLIC_BODY:
        return "PublicBody"
    return "Company" if entity.schema is Schema.COMPANY else "Organization"


# ---------------------------------------------------------------- discourse


@dataclass(slots=True)
class _Context:
    """What the sentences before tell of the one that is read: which act is open, which list has begun."""

    sentences: Sequence[Sentence]
    entities: Mapping[str, Entity]
    vocabulary: Vocabulary
    events: Mapping[str, float]
    event: str
    topic: float = 0.0
    sense: str = ""
    violation: bool = False
    opened: dict[int, tuple[str, int]] = field(default_factory=dict)  # sentence -> (kind, sentence that opened it)
    listed: dict[int, tuple[str, int]] = field(default_factory=dict)  # item -> (kind, sentence that leads the list)

    def settle_acts(self) -> None:
        """Give undated and weak acts the kind that the article around them has, and note open acts and lists."""
        self._weigh_topic()
        has_new = any(act.kind == "new" and act.strong for s in self.sentences for act in s.acts)
        last: tuple[str, int] | None = None  # the kind of the last act, and where
        opened: tuple[str, int] | None = None
        intro: tuple[str, int] | None = None
        for sentence in self.sentences:
            if opened is not None and sentence.ordinal - opened[1] <= 3:
                self.opened[sentence.ordinal] = opened
            if sentence.is_item and sentence.kind is BlockKind.PARAGRAPH:
                if intro is not None:
                    self.listed[sentence.ordinal] = intro
            for act in sentence.acts:
                if act.kind == "undated":
                    if act.strong:
                        act.kind = "new" if has_new or self.event in ("new", "none") else "undated"
                    else:
                        near = last is not None and sentence.ordinal - last[1] <= 2
                        act.kind = last[0] if near and last else self.event if self.event != "none" else "undated"
            strong = [act for act in sentence.acts if act.strong and act.kind in _CARRIED]
            if strong:
                last = (strong[0].kind, sentence.ordinal)
            for act in sentence.acts:
                if act.kind in _CARRIED and not act.targets and (act.strong or opened is None):
                    opened = (act.kind, sentence.ordinal)
            if not sentence.is_item or sentence.text.rstrip().endswith(":"):
                kind = strong[0].kind if strong else last[0] if last and sentence.ordinal - last[1] <= 2 else ""
                intro = (kind or self.event, sentence.ordinal)

    def _weigh_topic(self) -> None:
        sure = maybe = 0
        guards: dict[str, set[str]] = {}
        for sentence in self.sentences:
            kinds = sentence.kinds
            sure += "topic_sure" in kinds
            maybe += "topic_maybe" in kinds
            self.violation = self.violation or "violation" in kinds
            for hit in sentence.hits:
                if hit.pattern.kind.startswith("sense_"):
                    guards.setdefault(hit.pattern.kind[6:], set()).add(sentence.tokens[hit.start].low)
        self.topic = sure + 0.4 * maybe
        if guards:
            sense = max(guards, key=lambda name: len(guards[name]))
            if len(guards[sense]) >= 2 and len(guards[sense]) > 1.5 * sure:
                self.sense = sense

    def link_back(self, evidence: dict[str, EntityEvidence]) -> None:
        """An act on "he", "the bank" or "all three" is one on names that stand before it."""
        for sentence in self.sentences:
            for act in sentence.acts:
                if act.targets or act.open_slot in ("", "some"):
                    continue
                for place, key in _candidates(sentence, act, self.sentences, self.entities):
                    strength = "" if act.strong else ".weak"
                    words = f"{act.slot_text} … {_words(sentence, act.hit.start, act.hit.end)}"
                    rule = f"{act.hit.pattern.kind}: {act.hit.pattern.text}"
                    evidence[key].add(f"{act.kind}.{place}{strength}", sentence.ordinal, words, rule)


_CARRIED = frozenset({"new", "relief", "renewal", "enforcement", "possible"})
_ORDER = ("new", "relief", "renewal", "enforcement", "possible", "earlier", "standing", "exclusion", "undated")
_PLACES = ("target", "item", "named", "back", "back_group")


def _of_article(held: EntityEvidence, context: _Context) -> None:
    """What the article as a whole adds: its event, its sense, and for a name without an act where it stands."""
    sentences, event = context.sentences, context.event
    first = sentences[held.sentences[0]]
    told = {name.split(".")[0] for name in held.found if name.split(".")[1:2] and name.split(".")[1] in _PLACES}
    held.add(f"article.{event}", first.ordinal)
    if context.sense:
        held.add("sense.other", first.ordinal, context.sense)
    held.add("topic.none" if context.topic < 0.5 else "topic.faint" if context.topic < 1.5 else "topic.clear", first.ordinal)
    if context.violation:
        held.add("article.violation", first.ordinal)
        if "enforcement" in told:
            held.add("enforcement.violation", first.ordinal)
    if not told:
        kind = _schema(context.entities[held.entity])
        held.add(f"silent.{event}", first.ordinal)
        held.add(f"silent.{kind}", first.ordinal)
        if any(sentences[i].kind is BlockKind.TITLE for i in held.sentences):
            held.add(f"silent.{event}.title", first.ordinal)
        elif first.ordinal <= 3:
            held.add("silent.lead", first.ordinal)
        for name in tuple(held.found):
            if name.startswith(("subject.", "role.")):
                held.add(f"silent.{event if event == 'new' else 'other'}.{name}", first.ordinal)
    else:
        strong = {name.split(".")[0] for name in held.found if name.split(".")[1:2] == ["target"] and not name.endswith(".weak")}
        top = next((kind for kind in _ORDER if kind in (strong or told)), "other")
        held.add(f"top.{top}", first.ordinal)
        held.add(f"top.{top}.{event if event in ('new', top) else 'other'}", first.ordinal)


# ---------------------------------------------------------------- one mention


def _of_mention(held: EntityEvidence, sentence: Sentence, index: int, context: _Context) -> None:
    number = sentence.ordinal
    kinds = sentence.kinds
    if "credit" in kinds:
        held.add("role.credit", number, sentence.text)
        return
    told = _of_acts(held, sentence, index)
    related = is_related(sentence, index)
    before = sentence.tokens[index - 1].low if index else ""
    if not told and not related:
        told = _of_list(held, sentence, index, context)
    _of_roles(held, sentence, index, context.vocabulary, related)
    if told:
        return
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    subject = (clause.verb is None or index < clause.verb) and clause.kind not in EMBEDDED and not related
    place = "subject" if subject and not _owned(sentence, index) else "other"
    accused = any(
        hit.pattern.kind == "accusation" and sentence.structure.clause_of[hit.start] == sentence.structure.clause_of[index]
        for hit in sentence.hits
    )
    if place == "subject":
        held.add("subject.accused" if accused else "subject.plain", number)
    elif accused:
        held.add("object.accused", number)
    if before in ("of", "by", "with", "for", "to", "from", "in", "at", "against", "on", "like", "unlike"):
        held.add("role.after_preposition", number, before)
    if "naming" in kinds and place == "subject":
        held.add("subject.naming", number)


def _owned(sentence: Sentence, index: int) -> bool:
    return index + 1 < len(sentence.tokens) and sentence.tokens[index + 1].low == "'s"


def _of_list(held: EntityEvidence, sentence: Sentence, index: int, context: _Context) -> bool:
    """A name at the head of a list's item, or one that tells who "three accountants" are."""
    number = sentence.ordinal
    if number in context.listed and _heads_item(sentence, index):
        kind, opener = context.listed[number]
        held.add(f"{kind}.item", opener, sentence.text[:80])
        return True
    if number in context.opened and _identifies(sentence, index):
        kind, opener = context.opened[number]
        held.add(f"{kind}.named", opener, sentence.text[:80])
        return True
    return False


def _heads_item(sentence: Sentence, index: int) -> bool:
    """Whether a name stands at the head of an item, or is one of the names that the item consists of."""
    words = [t for i, t in enumerate(sentence.tokens[:index]) if t.kind is Kind.WORD and i not in sentence.names]
    return sum(1 for t in words if not t.capital and t.low not in ("and", "the")) <= 1


_IDENTIFYING = frozenset({"are", "is", "were", "was", "include", "includes", "included", "named"})


def _identifies(sentence: Sentence, index: int) -> bool:
    """"They are A, B and C", "A is the judge", "The other two are A and B", "The names: A; B"."""
    if any(act.kind in ("exclusion", "standing", "earlier") for act in sentence.acts):
        return False
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    if clause.kind in EMBEDDED:
        return False
    low = [token.low for token in sentence.tokens]
    verb = clause.verb
    if verb is None:
        return ":" in low[:index] or (bool(sentence.names) and len(sentence.names) >= 2)
    if low[verb] not in _IDENTIFYING:
        return False
    after = low[verb + 1 : verb + 3]
    opening = low[clause.first] if clause.first < len(low) else ""
    if index > verb:
        return opening in ("they", "these", "those", "the", "among", "all", "both", "one", "two", "three", "others") and index - verb <= 40
    return bool(after) and (after[0] in ("the", "a", "an", "another", "also", "among", "one") or after[-1] in ("other", "others"))


def _of_acts(held: EntityEvidence, sentence: Sentence, index: int) -> bool:
    """Evidence of the acts whose target the name is; True if one of them settles what the sentence says of it."""
    clause = sentence.structure.clause_of[index]
    mine = [act for act in sentence.acts if index in act.targets]
    if _set_apart(sentence, index):
        held.add("exclusion.target", sentence.ordinal, sentence.tokens[index - 1].text, "not X")
        return True
    for act in _ruling(mine):
        strength = "" if act.strong else ".weak"
        held.add(f"{act.kind}.target{strength}", sentence.ordinal, *_because(sentence, act))
    for act in sentence.acts:
        if act not in mine and act.kind in _CARRIED | {"standing", "earlier", "exclusion"}:
            place = "agent" if index in act.agents else "clause" if act.clause == clause else "sentence"
            held.add(f"{act.kind}.{place}" if act.strong else f"weak.{place}", sentence.ordinal, *_because(sentence, act))
    return bool(mine)


def _because(sentence: Sentence, act: Act) -> tuple[str, str]:
    return _words(sentence, act.hit.start, act.hit.end), f"{act.hit.pattern.kind}: {act.hit.pattern.text}"


def _set_apart(sentence: Sentence, index: int) -> bool:
    """"but not Acme", "not Acme"."""
    return index > 0 and sentence.tokens[index - 1].low == "not"


_RULES_OVER = {
    "exclusion": {"new", "undated", "enforcement", "possible"},
    "relief": {"standing", "earlier", "undated", "new", "possible"},
    "renewal": {"standing", "earlier", "undated", "new", "relief"},
    "standing": {"undated", "new"},
    "earlier": {"undated"},
    "possible": {"new", "undated"},
}


def _ruling(acts: Sequence[Act]) -> list[Act]:
    """Of the acts on one name in one sentence, those that are not a part of what another of them says."""
    kept = []
    for act in acts:
        beaten = any(
            other is not act
            and act.kind in _RULES_OVER.get(other.kind, ())
            and other.clause == act.clause
            and not (act.kind == "new" and act.strong and act.when is When.RECENT and other.kind in ("relief", "standing"))
            and not (act.kind == "new" and other.kind == "standing" and other.when is not When.OLD)
            and (other.strong or not act.strong)
            for other in acts
        )
        if not beaten:
            kept.append(act)
    strong = [act for act in kept if act.strong]
    return strong or kept


def _of_roles(held: EntityEvidence, sentence: Sentence, index: int, vocabulary: Vocabulary, related: bool) -> None:
    number, tokens, grammar = sentence.ordinal, sentence.tokens, vocabulary.grammar
    if related:
        held.add("role.related", number)
    if _owned(sentence, index):
        held.add("role.possessor", number)
    if _speaks(sentence, index, grammar["speech"]) or (
        "speech" in sentence.kinds and sentence.structure.clause_of[index] == min(sentence.structure.clause_of)
    ):
        held.add("role.speaker", number)
    titles = [tokens[i].low for i in range(max(0, index - 4), index)]
    after = tokens[index + 1].low if index + 1 < len(tokens) else ""
    if after in (",", "—", "–", "("):
        for ahead in range(index + 2, min(index + 8, len(tokens))):
            if tokens[ahead].low in (",", ";", ".", "who", "which"):
                break
            titles.append(tokens[ahead].low)
    if any(title in grammar["officials"] for title in titles):
        held.add("role.official", number)
    if any(title in grammar["experts"] for title in titles):
        held.add("role.expert", number)


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
